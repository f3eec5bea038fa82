/** Samples that are played in a room as somebody's voice. */
import type { Place } from '../engine.ts'
import { frameSize } from '../mixer/frames.ts'
import type { Rate } from '../mixer/frames.ts'
import { upsampler } from './leg.ts'

const PCM_RATE = 16_000
const PCM_FRAME = frameSize(PCM_RATE)

/** What is played, and to whom. */
export interface PlayOrder {
  readonly playId: number
  readonly place: Place
  readonly from: number
  readonly loop: boolean
  readonly only: string | undefined
}

/** One sound that is being played. */
export class Player {
  readonly order: PlayOrder
  readonly #samples: Int16Array
  readonly #up: (samples: Int16Array) => Int16Array
  #at: number

  constructor(order: PlayOrder, samples: Int16Array, rate: Rate) {
    this.order = order
    this.#samples = samples
    this.#up = upsampler(rate)
    const from = Math.round((order.from * PCM_RATE) / 1000)
    this.#at = order.loop && samples.length > 0 ? from % samples.length : from
  }

  /** The next frame; undefined when it is over. */
  next(): Int16Array | undefined {
    const samples = this.#samples
    if (samples.length === 0 || (this.#at >= samples.length && !this.order.loop)) return undefined
    const frame = new Int16Array(PCM_FRAME)
    for (let filled = 0; filled < PCM_FRAME;) {
      if (this.#at >= samples.length) {
        if (!this.order.loop) break
        this.#at = 0
      }
      const part = samples.subarray(this.#at, this.#at + PCM_FRAME - filled)
      frame.set(part, filled)
      filled += part.length
      this.#at += part.length
    }
    return this.#up(frame)
  }
}
