/** Opus, by libopus as WebAssembly. Its coders are made ahead of need, because making one takes a turn of the event loop. */
import { Application, Signal, createDecoder, createEncoder } from 'libopus-wasm'
import type { OpusDecoderHandle, OpusEncoderHandle } from 'libopus-wasm'
import type { Rate } from '../mixer/frames.ts'
import { frameSize } from '../mixer/frames.ts'

/** How sound is coded. */
export interface OpusSettings {
  readonly rate: Rate
  /** `lowDelay` is cheaper and quicker; `speech` sounds better when little may be sent, and mends losses. */
  readonly coding: 'lowDelay' | 'speech'
  /** 0 to 10: how much effort encoding may take. */
  readonly complexity: number
  /** Bits a second. */
  readonly bitrate: number
}

/** Coders that wait to be used. */
const SPARE = 4

/** Makes coders. */
export class Opus {
  readonly #settings: OpusSettings
  readonly #encoders: OpusEncoderHandle[] = []
  readonly #decoders: OpusDecoderHandle[] = []
  #filling: Promise<void> | undefined

  private constructor(settings: OpusSettings) {
    this.#settings = settings
  }

  static async open(settings: OpusSettings): Promise<Opus> {
    const opus = new Opus(settings)
    await opus.#fill()
    return opus
  }

  /** A new encoder; undefined if there is none this very moment. */
  encoder(): OpusEncoderHandle | undefined {
    const encoder = this.#encoders.pop()
    this.#refill()
    return encoder
  }

  /** A new decoder; undefined if there is none this very moment. */
  decoder(): OpusDecoderHandle | undefined {
    const decoder = this.#decoders.pop()
    this.#refill()
    return decoder
  }

  /** Makes more; whoever asks next tries again if that fails. */
  #refill(): void {
    this.#fill().catch(() => undefined)
  }

  #fill(): Promise<void> {
    this.#filling ??= this.#make().finally(() => {
      this.#filling = undefined
    })
    return this.#filling
  }

  async #make(): Promise<void> {
    const { rate, coding, complexity, bitrate } = this.#settings
    const lowDelay = coding === 'lowDelay'
    while (this.#encoders.length < SPARE) {
      const encoder = await createEncoder({
        sampleRate: rate,
        channels: 1,
        application: lowDelay ? Application.RestrictedLowDelay : Application.Voip,
        signal: Signal.Voice,
        bitrate,
        complexity,
        frameSize: frameSize(rate),
        fec: !lowDelay,
        packetLossPercent: lowDelay ? 0 : 5,
      })
      this.#encoders.push(encoder)
    }
    while (this.#decoders.length < SPARE) {
      this.#decoders.push(await createDecoder({ sampleRate: rate, channels: 1, maxFrameSize: frameSize(rate) * 6 }))
    }
  }
}

/** Whether an Opus packet says that nothing follows for a while: discontinuous transmission. */
export function isPause(payload: Uint8Array): boolean {
  return payload.length <= 2
}

/** Milliseconds of one frame, by the mode of the codec (RFC 6716, section 3.1). */
const DURATIONS = {
  silk: [10, 20, 40, 60],
  hybrid: [10, 20],
  celt: [2.5, 5, 10, 20],
} as const
const LONGEST = 120

/** How long the sound in an Opus packet is, in milliseconds. */
export function durationOf(payload: Uint8Array): number {
  const [first = 0, second = 0] = payload
  const frames = [1, 2, 2, second & 63][first & 3] ?? 1
  const configuration = first >> 3
  const { silk, hybrid, celt } = DURATIONS
  const duration =
    configuration < 12
      ? silk[configuration % 4]
      : configuration < 16
        ? hybrid[configuration % 2]
        : celt[configuration % 4]
  return Math.min(LONGEST, frames * (duration ?? 20))
}
