/** One mix of a room from tick to tick: its samples, its Opus and its G.711, each encoded once for all who hear it. */
import type { OpusEncoderHandle } from 'libopus-wasm'
import { frameSize } from '../mixer/frames.ts'
import type { Rate } from '../mixer/frames.ts'
import type { Law } from '../mixer/g711.ts'
import { LAW_RATE, encodeLaw, silentLaw } from '../mixer/g711.ts'
import type { Mix } from '../mixer/mixes.ts'
import { mixInto } from '../mixer/mixes.ts'
import type { Heard } from './leg.ts'
import { downsampler } from './leg.ts'
import type { Meters } from './meters.ts'
import type { Opus } from './opus.ts'

/** What streams are made with. */
export interface StreamParts {
  readonly rate: Rate
  readonly opus: Opus
  readonly meters: Meters
}

/** Frames of silence that are still sent, so that the last sound can fade in the listener's decoder. */
const TAIL = 10
/** While there is silence, a packet is sent every so many ticks. */
const SIGN_OF_LIFE = 20
/** Frames that a new encoder hears before it speaks: those of the stream that its listener heard until then. */
const LEAD = 3

type Frames = readonly (readonly [speaker: string, frame: Int16Array])[]

/** A mix that goes on. */
export class Stream {
  readonly #parts: StreamParts
  /** The tick in which it was last heard. */
  lastTick = 0
  #encoder: OpusEncoderHandle | undefined
  /** The last frames, newest last. */
  #past: { readonly tick: number; readonly samples: Int16Array }[] = []
  /** Whether the encoder must first hear what its listeners heard elsewhere. */
  #fresh = true
  #quiet = TAIL
  /** Makes the narrow band of telephones, once anybody needs it; and what it made last. */
  #narrow: ((samples: Int16Array) => Int16Array) | undefined
  #narrowed: { readonly tick: number; readonly samples: Int16Array } | undefined
  readonly #laws = new Map<Law, { readonly tick: number; readonly payload: Uint8Array }>()
  #heard: Heard | undefined
  #heardTick = -1

  constructor(parts: StreamParts) {
    this.#parts = parts
  }

  /** What is heard of it in this tick. @param before the stream that this listener heard until now */
  heardIn(tick: number, mix: Mix, frames: Frames, voices: Heard['voices'], before: Stream | undefined): Heard {
    if (this.#heard && this.#heardTick === tick) return this.#heard
    const { rate, meters } = this.#parts
    if (tick - this.lastTick > 1) {
      this.#past = before && before !== this ? before.#past : []
      this.#fresh = true
    }
    this.lastTick = tick
    const begun = meters.now()
    const samples = new Int16Array(frameSize(rate))
    const mixed = mixInto(samples, mix, frames)
    meters.mix(begun)
    this.#quiet = mixed ? 0 : this.#quiet + 1
    let packet: Uint8Array | undefined
    let encoded = false
    this.#heardTick = tick
    this.#heard = {
      samples: mixed ? samples : undefined,
      voices,
      opus: () => {
        if (!encoded) packet = this.#encode(tick, samples)
        encoded = true
        return packet
      },
      g711: (law) => this.#g711(tick, law, samples),
    }
    this.#past = [...this.#past.slice(-LEAD), { tick, samples }]
    return this.#heard
  }

  #encode(tick: number, samples: Int16Array): Uint8Array | undefined {
    if (this.#quiet > TAIL && (this.#quiet - TAIL) % SIGN_OF_LIFE !== 0) return undefined
    const { opus, meters } = this.#parts
    this.#encoder ??= opus.encoder()
    if (!this.#encoder) return undefined
    if (this.#fresh) for (const past of this.#past) if (past.tick < tick) this.#encoder.encode(past.samples)
    this.#fresh = false
    const begun = meters.now()
    const packet = this.#encoder.encode(samples)
    meters.encode(begun)
    return packet
  }

  #g711(tick: number, law: Law, samples: Int16Array): Uint8Array {
    if (this.#quiet > TAIL) return silentLaw[law]
    const known = this.#laws.get(law)
    if (known?.tick === tick) return known.payload
    this.#narrow ??= downsampler(this.#parts.rate, LAW_RATE)
    if (this.#narrowed?.tick !== tick) this.#narrowed = { tick, samples: this.#narrow(samples) }
    const payload = encodeLaw(law, this.#narrowed.samples)
    this.#laws.set(law, { tick, payload })
    return payload
  }

  /** Nobody hears it any more. */
  close(): void {
    this.#encoder?.free()
    this.#encoder = undefined
  }
}
