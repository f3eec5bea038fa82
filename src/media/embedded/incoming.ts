/** The voice of one leg: packets, put in order, and decoded where somebody is to hear them. */
import type { Rate } from '../mixer/frames.ts'
import { FRAME, frameSize, levelOf } from '../mixer/frames.ts'
import { JitterBuffer } from '../mixer/jitter.ts'
import type { Next, Packet } from '../mixer/jitter.ts'
import type { Codec, VoiceDecoder } from './codec.ts'
import type { Meters } from './meters.ts'

/** The shortest packet, in milliseconds, and how many make up a frame. */
const SHORTEST = 2.5
const MOST_PACKETS = FRAME / SHORTEST
/** By how many decibels a sender may exaggerate, and how often, before it is not believed any more. */
const EXAGGERATION = 15
/** Every so many samples are looked at for it: that is near enough. */
const GLANCE = 8
const PATIENCE = 50

const NOTHING = new Int16Array(0)

/** What a voice is heard with. */
export interface IncomingParts {
  readonly codec: Codec
  readonly meters: Meters
  readonly rate: Rate
}

/** What comes from one leg. */
export class Incoming {
  readonly #parts: IncomingParts
  readonly #jitter = new JitterBuffer()
  #decoder: VoiceDecoder | undefined
  /** Decoded samples that are not yet said. */
  #left: Int16Array = NOTHING
  /** What is due in this tick, and the last packets that were not decoded. */
  #next: Next = { type: 'nothing' }
  #skipped: Uint8Array[] = []
  /** How much sound the last packet had, and beyond a frame, in milliseconds. */
  #length = FRAME
  #ahead = 0
  #level: number | undefined
  /** Of the packet that begins to be said in this tick. */
  #begins: number | undefined
  #exaggerated = 0

  constructor(parts: IncomingParts) {
    this.#parts = parts
  }

  put(packet: Packet): void {
    this.#jitter.put(packet)
  }

  /** The sender begins anew. */
  reset(): void {
    this.#jitter.reset()
  }

  /** Goes on by 20 ms. @returns how loud it is, as the sender says; undefined if there is nothing */
  turn(): number | 'unknown' | undefined {
    this.#skip()
    this.#begins = undefined
    if (this.#ahead >= FRAME) this.#ahead -= FRAME
    else this.#take()
    if (this.#next.type === 'nothing' && this.#left.length === 0) return undefined
    const isBelieved = this.#level !== undefined && this.#exaggerated < PATIENCE
    return isBelieved ? this.#level : 'unknown'
  }

  /** The RTP timestamp of the packet that begins in this tick; undefined if none does, or nobody told. */
  get begins(): number | undefined {
    return this.#begins
  }

  #take(): void {
    this.#next = this.#jitter.take()
    if (this.#next.type !== 'packet') return
    this.#level = this.#next.level
    this.#begins = this.#next.timestamp
    this.#length = this.#parts.codec.durationOf(this.#next.payload)
    this.#ahead = Math.max(0, this.#length - FRAME)
  }

  /** Remembers what was due and nobody asked for, as far as a decoder will need it. */
  #skip(): void {
    const next = this.#next
    if (next.type === 'nothing') return
    this.#next = { type: 'nothing' }
    if (this.#left.length > 0) this.#left = NOTHING
    if (next.type !== 'packet') return
    const { codec } = this.#parts
    this.#leaveOut(next.payload)
    if (this.#length >= FRAME) return
    for (let time = this.#length; time < FRAME; time += SHORTEST) {
      const more = this.#jitter.take()
      if (more.type !== 'packet') return
      time += codec.durationOf(more.payload) - SHORTEST
      this.#leaveOut(more.payload)
    }
  }

  #leaveOut(payload: Uint8Array): void {
    const { lead } = this.#parts.codec
    if (lead > 0) this.#skipped = [...this.#skipped.slice(1 - lead), payload]
  }

  /** What is said in this tick. */
  say(): Int16Array | undefined {
    const size = frameSize(this.#parts.rate)
    this.#catchUp(size)
    // A packet has 20 ms as a rule, and else a part of that, or several times as much.
    for (let count = 0; this.#left.length < size && count < MOST_PACKETS; count++) {
      let more = this.#decode(count === 0 ? this.#next : this.#jitter.take(), size)
      if (!more) break
      if (this.#jitter.behind) more = this.#hurry(more, size)
      this.#left = joined(this.#left, more)
    }
    this.#next = { type: 'nothing' }
    if (this.#left.length === 0) return undefined
    const left = this.#left
    const frame = left.length === size ? left : filled(left.subarray(0, size), size)
    this.#left = left.length <= size ? NOTHING : left.slice(size)
    this.#judge(frame)
    return frame
  }

  #catchUp(size: number): void {
    for (const payload of this.#skipped)
      this.#decode({ type: 'packet', payload, level: undefined, timestamp: undefined }, size)
    this.#skipped = []
  }

  /** Whoever says that they are loud, and is not, is listened to instead. */
  #judge(frame: Int16Array): void {
    if (this.#level === undefined || this.#exaggerated >= PATIENCE) return
    if (this.#level - levelOf(frame, GLANCE) > EXAGGERATION) this.#exaggerated++
    else this.#exaggerated = Math.max(0, this.#exaggerated - 1)
  }

  /** Plays two packets in the time of one, each fading into the other. */
  #hurry(first: Int16Array, size: number): Int16Array {
    const second = this.#decode(this.#jitter.take(), size)
    this.#jitter.caughtUp()
    if (second?.length !== first.length) return second ?? first
    return first.map((sample, index) => {
      const share = index / first.length
      return Math.round(sample * (1 - share) + second[index]! * share)
    })
  }

  #decode(next: Next, size: number): Int16Array | undefined {
    if (next.type === 'nothing') return undefined
    this.#decoder ??= this.#parts.codec.decoder()
    const decoder = this.#decoder
    if (!decoder) return undefined
    const { meters, codec } = this.#parts
    const begun = meters.now()
    try {
      if (next.type === 'packet') return decoder.decode(next.payload)
      return decoder.conceal(size, next.type === 'lost' ? next.after : undefined)
    } catch {
      // Whoever sends garbage is not heard.
      return undefined
    } finally {
      if (codec.isCostly) meters.decode(begun)
    }
  }

  close(): void {
    this.#decoder?.free()
    this.#decoder = undefined
  }
}

function joined(first: Int16Array, second: Int16Array): Int16Array {
  if (first.length === 0) return second
  const both = new Int16Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}

function filled(samples: Int16Array, size: number): Int16Array {
  if (samples.length === size) return samples
  const full = new Int16Array(size)
  full.set(samples)
  return full
}
