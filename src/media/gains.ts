/** How loud everybody is to one listener over time: who hears whom as it changed, and others lowered while somebody talks. */
import type { Ducking, Hearing } from '../calls/hearing.ts'
import { heardBy } from '../calls/hearing.ts'
import type { Span } from './sound.ts'

/** Who heard whom from a moment on, in milliseconds since the epoch. */
export interface HearingSince {
  readonly since: number
  readonly hearing: Hearing
}

/** Something that a speaker makes heard for a while. */
export interface Said extends Span {
  readonly speaker: string
}

/** A part of something said, as it came to the listener. */
export interface Stretch<Item> extends Span {
  readonly item: Item
  /** Linear, at the beginning and at the end; in a straight line between. */
  readonly gain: number
  readonly gainAtEnd: number
}

/** A silence shorter than this, in milliseconds, belongs to the talk around it. */
const PAUSE = 300

/**
 * What came to a listener, in stretches of even or evenly changing gain.
 * @param hearings in order; before the first nobody heard anything
 * @param talk when those talked who lower others
 */
export function heardParts<Item extends Said>(
  listener: string,
  items: readonly Item[],
  hearings: readonly HearingSince[],
  talk: (speakers: readonly string[]) => readonly Span[],
): Stretch<Item>[] {
  const parts: Stretch<Item>[] = []
  for (const [index, { since, hearing }] of hearings.entries()) {
    const end = hearings[index + 1]?.since ?? Infinity
    const open = heardBy(hearing, listener)
    const ducking = Object.hasOwn(hearing.ducking, listener) ? hearing.ducking[listener] : undefined
    for (const item of items) {
      const span = { from: Math.max(item.from, since), until: Math.min(item.until, end) }
      if (span.until <= span.from) continue
      const loud = gainIn(open, item.speaker)
      if (!ducking) {
        if (loud > 0) parts.push({ item, ...span, gain: loud, gainAtEnd: loud })
        continue
      }
      const low = gainIn(ducking.lowered, item.speaker)
      for (const { from, until, depth, depthAtEnd } of depths(span, joined(talk(ducking.by)), ducking)) {
        const [gain, gainAtEnd] = [depth, depthAtEnd].map((deep) => loud + (low - loud) * deep) as [number, number]
        if (gain + gainAtEnd > 0) parts.push({ item, from, until, gain, gainAtEnd })
      }
    }
  }
  return parts
}

function gainIn(gains: Readonly<Record<string, number>>, speaker: string): number {
  return Object.hasOwn(gains, speaker) ? (gains[speaker] ?? 0) : 0
}

/** Spans in order, without the short pauses between them. */
function joined(spans: readonly Span[]): Span[] {
  const all: Span[] = []
  for (const span of spans.toSorted((one, other) => one.from - other.from)) {
    const last = all.at(-1)
    if (last && span.from - last.until < PAUSE) {
      all[all.length - 1] = { from: last.from, until: Math.max(last.until, span.until) }
    } else all.push(span)
  }
  return all
}

interface Depth extends Span {
  /** How far others are lowered: 0 not at all, 1 altogether. */
  readonly depth: number
  readonly depthAtEnd: number
}

/** How far others are lowered over a span: down with the beginning of talk, and up again after it, as fast as was asked. */
function depths(span: Span, talk: readonly Span[], { rampActive, rampInactive }: Ducking): Depth[] {
  const all: Depth[] = []
  let at = -Infinity
  let depth = 0
  const goTo = (moment: number, depthAtEnd: number): void => {
    if (moment > at) all.push({ from: at, until: moment, depth, depthAtEnd })
    at = Math.max(moment, at)
    depth = depthAtEnd
  }
  const ramp = (moment: number, goal: 0 | 1, duration: number): void => {
    const needed = duration * Math.abs(goal - depth)
    const reached = needed === 0 ? 1 : Math.min((moment - at) / needed, 1)
    goTo(Math.min(at + needed, moment), depth + (goal - depth) * reached)
    goTo(moment, depth)
  }
  for (const { from, until } of talk) {
    ramp(from, 0, rampInactive)
    ramp(until, 1, rampActive)
  }
  ramp(Infinity, 0, rampInactive)
  return all.flatMap((one) => cut(one, span))
}

function cut({ from, until, depth, depthAtEnd }: Depth, span: Span): Depth[] {
  const [begins, ends] = [Math.max(from, span.from), Math.min(until, span.until)]
  if (ends <= begins) return []
  if (depth === depthAtEnd) return [{ from: begins, until: ends, depth, depthAtEnd }]
  const slope = (depthAtEnd - depth) / (until - from)
  return [
    { from: begins, until: ends, depth: depth + slope * (begins - from), depthAtEnd: depth + slope * (ends - from) },
  ]
}
