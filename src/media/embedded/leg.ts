/** A leg as rooms see it, and the one that carries raw sound. */
import type { Tone } from '../../calls/media.ts'
import type { PcmFrame, Place } from '../engine.ts'
import type { Rate } from '../mixer/frames.ts'
import { frameSize } from '../mixer/frames.ts'
import type { Law } from '../mixer/g711.ts'
import type { Factor } from '../mixer/resample.ts'
import { Downsampler, Upsampler } from '../mixer/resample.ts'

/** What a listener is given in one tick. */
export interface Heard {
  /** The mix as samples at the rate of rooms; undefined if it is silence. */
  readonly samples: Int16Array | undefined
  /** The mix as Opus; undefined if there is nothing to send in this tick. Encoded when first asked for. */
  opus(): Uint8Array | undefined
  /** The mix as G.711, silence as well. Encoded when first asked for. */
  g711(law: Law): Uint8Array
  /** What is in the mix, voice by voice, at 16 kHz. */
  voices(): readonly { readonly speaker: string; readonly samples: Int16Array }[]
}

/** One leg of any kind. */
export interface Leg {
  readonly id: string
  place: Place | undefined
  /** Whether somebody is there to hear. */
  readonly connected: boolean
  /**
   * Finds out what it says in this tick, once a tick and before `say`. `unknown`: `say` must be asked how loud that is.
   * @returns how loud it is, in decibels; undefined if it says nothing
   */
  turn(): number | 'unknown' | undefined
  /** What it says in this tick, at the rate of rooms. It need not be asked. */
  say(): Int16Array | undefined
  /** What it hears in this tick; undefined if it is in no room, or hears nothing there. */
  hear(heard: Heard | undefined): void
  /** Presses a key towards it, where it can be told of keys. @param duration in milliseconds */
  press?(tone: Tone, duration: number): void
  /** Looks, once a second, whether anything still comes from it. */
  check?(): void
  close(): void
}

const PCM_RATE = 16_000
const PCM_FRAME = frameSize(PCM_RATE)

/** Samples at the rate of applications, or another, made samples at the rate of rooms. */
export function upsampler(rate: Rate, from: 8000 | 16_000 = PCM_RATE): (samples: Int16Array) => Int16Array {
  if (rate === from) return (samples) => samples
  const made = new Upsampler((rate / from) as Factor)
  return (samples) => made.push(samples)
}

/** Samples at the rate of rooms made samples at the rate of applications, or another. */
export function downsampler(rate: Rate, to: 8000 | 16_000 = PCM_RATE): (samples: Int16Array) => Int16Array {
  if (rate === to) return (samples) => samples
  const made = new Downsampler((rate / to) as Factor)
  return (samples) => made.push(samples)
}

/** Samples that wait to be said, first in, first out. */
export class SampleQueue {
  readonly #most: number
  #pieces: Int16Array[] = []
  #length = 0

  /** @param most samples that may wait */
  constructor(most: number) {
    this.#most = most
  }

  /** @returns false if there was no room: nothing was added */
  add(samples: Int16Array): boolean {
    if (this.#length + samples.length > this.#most) return false
    this.#pieces.push(samples)
    this.#length += samples.length
    return true
  }

  /** The next samples, the last ones filled up with silence; undefined if none wait. */
  take(count: number): Int16Array | undefined {
    if (this.#length === 0) return undefined
    const taken = new Int16Array(count)
    let filled = 0
    while (filled < count) {
      const piece = this.#pieces[0]
      if (!piece) break
      const part = piece.subarray(0, count - filled)
      taken.set(part, filled)
      filled += part.length
      if (part.length === piece.length) this.#pieces.shift()
      else this.#pieces[0] = piece.subarray(part.length)
    }
    this.#length -= filled
    return taken
  }
}

/** Samples that a leg of raw sound may have waiting: half a minute. */
export const PCM_QUEUE = 30 * PCM_RATE

/** A leg of raw sound. */
export class PcmMember implements Leg {
  readonly id: string
  readonly connected = true
  place: Place | undefined
  readonly #hears: 'mix' | 'voices'
  readonly #tell: (frames: readonly Omit<PcmFrame, 'at'>[]) => void
  readonly #queue = new SampleQueue(PCM_QUEUE)
  #next: Int16Array | undefined
  readonly #up: (samples: Int16Array) => Int16Array
  readonly #down: (samples: Int16Array) => Int16Array

  constructor(
    id: string,
    hears: 'mix' | 'voices',
    rate: Rate,
    tell: (frames: readonly Omit<PcmFrame, 'at'>[]) => void,
  ) {
    this.id = id
    this.#hears = hears
    this.#tell = tell
    this.#up = upsampler(rate)
    this.#down = downsampler(rate)
  }

  /** Queues samples to be said. */
  add(samples: Int16Array): void {
    this.#queue.add(samples)
  }

  turn(): 'unknown' | undefined {
    this.#next = this.#queue.take(PCM_FRAME)
    return this.#next && 'unknown'
  }

  say(): Int16Array | undefined {
    return this.#next && this.#up(this.#next)
  }

  hear(heard: Heard | undefined): void {
    if (!heard?.samples) return
    if (this.#hears === 'mix') this.#tell([{ samples: this.#down(heard.samples) }])
    else {
      const voices = heard.voices()
      if (voices.length > 0) this.#tell(voices)
    }
  }

  close(): void {
    this.place = undefined
  }
}
