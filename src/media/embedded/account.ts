/** Who was mixed to whom, from the mixes themselves: spans that end when somebody falls silent, or after a second. */
import type { HeardSpan } from '../engine.ts'
import { FRAME } from '../mixer/frames.ts'

/** Ticks that one span has at most. */
const LONGEST = 1000 / FRAME
/** Ticks without sound that do not yet end a span. */
const GAP = 5

interface Open {
  readonly from: number
  until: number
  level: number
}

/** Keeps account for one room. Ticks are numbers of 20 ms. */
export class Account {
  /** By listener and gain, by speaker. */
  readonly #open = new Map<string, Map<string, Open>>()

  /** A voice was mixed to a listener in this tick. @param level as it reached them, in decibels */
  note(tick: number, speaker: string, listener: string, level: number): void {
    let spans = this.#open.get(speaker)
    if (!spans) this.#open.set(speaker, (spans = new Map()))
    const span = spans.get(listener)
    if (span) {
      span.until = tick + 1
      span.level = Math.max(span.level, level)
    } else spans.set(listener, { from: tick, until: tick + 1, level })
  }

  /** Spans that are over. @param all everything, because the room is over or its arrangement changes */
  take(tick: number, all = false): Omit<HeardSpan, 'conversationId'>[] {
    const over = new Map<string, { span: Open; speaker: string; listeners: string[] }>()
    for (const [speaker, spans] of this.#open) {
      for (const [listener, span] of spans) {
        if (!all && tick - span.until < GAP && span.until - span.from < LONGEST) continue
        spans.delete(listener)
        const key = `${speaker} ${span.from} ${span.until} ${Math.round(span.level)}`
        const same = over.get(key)
        if (same) same.listeners.push(listener)
        else over.set(key, { span, speaker, listeners: [listener] })
      }
      if (spans.size === 0) this.#open.delete(speaker)
    }
    return [...over.values()].map(({ span, speaker, listeners }) => ({ speaker, listeners, ...span }))
  }
}
