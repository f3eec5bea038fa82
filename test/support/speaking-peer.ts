/** Somebody for tests of sound, however they are connected: a tone as voice, keys, and what is heard of others. */
import type { Tone } from '../../src/calls/media.ts'
import { sendingOf } from '../../src/media/embedded/keys.ts'
import type { KeyFormat } from '../../src/media/embedded/outgoing.ts'
import type { RtpPacket } from '../../src/media/embedded/rtp.ts'
import { writeRtp } from '../../src/media/embedded/rtp.ts'
import { levelOf } from '../../src/media/mixer/frames.ts'

const PEAK = 8000

/** How strong a frequency is in samples: the power of that sine by Goertzel's algorithm, as a share of all power. */
export function strengthOf(frequency: number, samples: Int16Array, rate = 48_000): number {
  const step = 2 * Math.cos((2 * Math.PI * frequency) / rate)
  let [before, last, power] = [0, 0, 0]
  for (const sample of samples) {
    const now = sample + step * last - before
    before = last
    last = now
    power += sample * sample
  }
  const own = last * last + before * before - step * last * before
  return power === 0 ? 0 : (2 * own) / (samples.length * power)
}

/** Samples of a sine. @param from number of the first one */
export function sine(frequency: number, length: number, rate = 48_000, from = 0): Int16Array {
  return Int16Array.from({ length }, (_, index) =>
    Math.round(PEAK * Math.sin((2 * Math.PI * frequency * (from + index)) / rate)),
  )
}

/** What happens to a packet on its way: it is sent so many times (0: lost), after so many frames. */
export type Network = (number: number) => { readonly times: number; readonly delay: number }

/** How somebody speaks. */
export interface Speech {
  /** Samples a second. */
  readonly rate: number
  /** The payload type of what is said. */
  readonly payloadType: number
  readonly keys: KeyFormat
  /** The header extension that says how loud it is, if there is one. */
  readonly levelId?: number | undefined
  readonly encode: (samples: Int16Array) => Uint8Array
}

/** The header of a packet that came. */
export interface GotHeader {
  readonly sequence: number
  readonly timestamp: number
  readonly ssrc: number
  readonly type: number
  readonly at: number
}

/** A peer that speaks and hears. */
export abstract class SpeakingPeer {
  /** What it says; undefined for nothing. */
  frequency: number | undefined
  network: Network = () => ({ times: 1, delay: 0 })
  /** Everything it heard, decoded packet by packet. */
  readonly heard: Int16Array[] = []
  readonly packets: GotHeader[] = []
  readonly ssrc = 1 + Math.floor(Math.random() * 0xffff_fff0)
  readonly #speech: Speech
  #timer: NodeJS.Timeout | undefined
  #sequence = 65_500
  #timestamp = Math.floor(Math.random() * 2 ** 32)
  #key: ReturnType<typeof sendingOf> | undefined
  #sent = 0
  #due: { readonly packet: Buffer; readonly at: number }[] = []

  constructor(speech: Speech) {
    this.#speech = speech
  }

  /** Samples a second of what it hears. */
  get rate(): number {
    return this.#speech.rate
  }

  /** Sends a datagram as it is. */
  abstract sendRaw(data: Buffer): void

  /** Begins to speak, a frame every 20 ms. */
  speak(): void {
    const start = performance.now()
    let tick = 0
    const run = (): void => {
      for (; start + tick * 20 <= performance.now(); tick++) this.#frame(tick)
      this.#timer = setTimeout(run, Math.max(0, start + tick * 20 - performance.now()))
    }
    run()
  }

  /** Says nothing any more, and is still there. */
  hush(): void {
    clearTimeout(this.#timer)
  }

  #frame(tick: number): void {
    const { rate, keys, payloadType, encode } = this.#speech
    const size = rate / 50
    this.#timestamp = (this.#timestamp + size) >>> 0
    const now = this.#due.filter(({ at }) => at <= tick)
    this.#due = this.#due.filter(({ at }) => at > tick)
    for (const { packet } of now) this.sendRaw(packet)
    const pressed = this.#key?.next() ?? []
    for (const { payload, marker } of pressed) this.#post(tick, keys.payloadType, payload, marker, this.#key!.timestamp)
    if (pressed.length > 0 || this.frequency === undefined) return
    const samples = sine(this.frequency, size, rate, tick * size)
    this.#post(tick, payloadType, encode(samples), false, this.#timestamp, levelOf(samples))
  }

  #post(tick: number, payloadType: number, payload: Uint8Array, marker: boolean, timestamp: number, value = 0): void {
    const { levelId } = this.#speech
    this.#sequence = (this.#sequence + 1) & 0xffff
    const content = { payloadType, marker, sequence: this.#sequence, timestamp, ssrc: this.ssrc, payload }
    const packet = writeRtp(levelId === undefined ? content : { ...content, level: { id: levelId, value } })
    const { times, delay } = this.network(this.#sent++)
    for (let count = 0; count < times; count++) {
      if (delay === 0) this.sendRaw(packet)
      else this.#due.push({ packet, at: tick + delay })
    }
  }

  press(tone: Tone, frames = 5): void {
    this.#key = sendingOf(tone, frames, this.#speech.keys, this.#timestamp)
  }

  /** A packet has come. */
  protected note({ sequence, timestamp, ssrc, payloadType: type }: RtpPacket): void {
    this.packets.push({ sequence, timestamp, ssrc, type, at: performance.now() })
  }

  /** Everything heard since a packet, in one piece. */
  samples(from = 0): Int16Array {
    const parts = this.heard.slice(from)
    const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      all.set(part, at)
      at += part.length
    }
    return all
  }
}
