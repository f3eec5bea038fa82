/** How a stream of packets arrives: in which order, what is missing, and what its sender is told of it. */
import type { ReportBlock } from './rtcp.ts'
import { goOn } from './sequence.ts'

/** A packet's first 12 bytes, as far as they count. */
export interface Arrival {
  readonly sequence: number
  readonly timestamp: number
}

/** What came: which packet, and whether the stream began anew with it. Packets that came before are none. */
export interface Arrived {
  readonly number: number
  readonly anew: boolean
}

/** Packets that may be missing at once: with more, a key frame is the shorter way. */
const MOST_MISSING = 128
/** How often a packet is asked for, and how long after it was missed, and after each time, in milliseconds. */
const TRIES = 6
const FIRST = 10
const AGAIN = 60
/** Ticks of a picture's clock in a millisecond. */
const CLOCK = 90

interface Missing {
  due: number
  tries: number
}

/** The arrival of one stream. Moments are milliseconds. */
export class Reception {
  readonly #missing = new Map<number, Missing>()
  #highest: number | undefined
  #first = 0
  #received = 0
  #jitter = 0
  #transit: number | undefined
  #told = { expected: 0, received: 0 }
  #report: { readonly moment: number; readonly at: number } | undefined
  /** Too much is missing: only a key frame helps. */
  isBroken = false

  /** A packet has come. @returns undefined if it came before, or too late */
  take({ sequence, timestamp }: Arrival, now: number): Arrived | undefined {
    if (this.#highest === undefined) return this.#begin(sequence, false)
    const { number, anew } = goOn(sequence, this.#highest)
    if (anew) return this.#begin(number, true)
    if (number <= this.#highest) {
      if (!this.#missing.delete(number)) return undefined
      this.#received++
      return { number, anew }
    }
    this.#miss(this.#highest + 1, number, now)
    this.#highest = number
    this.#received++
    this.#vary(timestamp, now)
    return { number, anew }
  }

  /** @param number of the first packet */
  #begin(number: number, anew: boolean): Arrived {
    this.#missing.clear()
    this.#highest = number
    this.#first = number
    this.#received = 1
    this.#transit = undefined
    this.#told = { expected: 0, received: 0 }
    return { number, anew }
  }

  #miss(from: number, until: number, now: number): void {
    if (this.#missing.size + until - from > MOST_MISSING) {
      this.isBroken = true
      this.#missing.clear()
      return
    }
    for (let number = from; number < until; number++) this.#missing.set(number, { due: now + FIRST, tries: 0 })
  }

  #vary(timestamp: number, now: number): void {
    const transit = (now * CLOCK - timestamp) | 0
    if (this.#transit !== undefined) this.#jitter += (Math.abs((transit - this.#transit) | 0) - this.#jitter) / 16
    this.#transit = transit
  }

  /** The packets that are to be asked for now. */
  due(now: number): readonly number[] {
    const due: number[] = []
    for (const [number, missing] of this.#missing) {
      if (missing.due > now) continue
      if (missing.tries++ === TRIES) {
        this.#missing.delete(number)
        continue
      }
      missing.due = now + AGAIN
      due.push(number & 0xffff)
    }
    return due
  }

  /** The sender has reported. */
  reported(moment: number, now: number): void {
    this.#report = { moment, at: now }
  }

  /** What the sender is told; undefined before anything came. */
  report(ssrc: number, now: number): ReportBlock | undefined {
    if (this.#highest === undefined) return undefined
    const expected = this.#highest - this.#first + 1
    const received = this.#received
    const due = expected - this.#told.expected
    const lost = Math.max(0, due - (received - this.#told.received))
    this.#told = { expected, received }
    return {
      ssrc,
      fraction: due > 0 ? Math.min(255, Math.floor((lost * 256) / due)) : 0,
      lost: expected - received,
      highest: this.#highest,
      jitter: Math.round(this.#jitter),
      moment: this.#report?.moment ?? 0,
      delay: this.#report ? Math.round(((now - this.#report.at) * 65_536) / 1000) : 0,
    }
  }
}
