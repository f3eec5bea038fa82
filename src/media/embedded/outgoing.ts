/** What goes to one leg, as one stream: every 20 ms a frame of sound, or the key that is pressed towards it, or nothing. */
import type { Tone } from '../../calls/media.ts'
import type { SenderInfo } from '../forward/rtcp.ts'
import { FRAME } from '../mixer/frames.ts'
import type { KeySender } from './keys.ts'
import { sendingOf } from './keys.ts'
import { writeRtp } from './rtp.ts'

/** A key's format: RFC 4733. */
export interface KeyFormat {
  readonly payloadType: number
  /** In Hz. */
  readonly clock: number
}

/** The stream to one leg. */
export class Outgoing {
  readonly #random: () => number
  readonly #post: (packet: Buffer) => void
  #ssrc: number
  #sequence: number
  #timestamp: number
  /** The next packet is the first after a pause. */
  #silent = true
  #key: KeySender | undefined
  #sent = { packets: 0, bytes: 0 }

  /** @param random numbers of 32 bits @param post sends a packet */
  constructor(random: () => number, post: (packet: Buffer) => void) {
    this.#random = random
    this.#post = post
    this.#ssrc = random()
    this.#sequence = random() & 0xffff
    this.#timestamp = random()
  }

  get ssrc(): number {
    return this.#ssrc
  }

  /** What a report tells of it. @param at when this tick is, in milliseconds since the epoch */
  info(at: number): SenderInfo {
    return { ssrc: this.#ssrc, at, timestamp: this.#timestamp, ...this.#sent }
  }

  /** Becomes another source: numbers on another clock have to be another's (RFC 7160). */
  renew(): void {
    this.#ssrc = this.#random()
    this.#sent = { packets: 0, bytes: 0 }
  }

  /** Goes on by a frame, whether anything is sent in it or not. @param clock of the format, in Hz */
  tick(clock: number): void {
    this.#timestamp = (this.#timestamp + (clock * FRAME) / 1000) >>> 0
  }

  /** Sends the sound of this tick; undefined if there is none. */
  send(payloadType: number, payload: Uint8Array | undefined): void {
    if (!payload) return this.pause()
    this.#write(payloadType, payload, this.#silent, this.#timestamp)
    this.#silent = false
  }

  /** There is no sound, or it is of another kind from now on. */
  pause(): void {
    this.#silent = true
  }

  #write(payloadType: number, payload: Uint8Array, marker: boolean, timestamp: number): void {
    this.#sequence = (this.#sequence + 1) & 0xffff
    const packet = writeRtp({
      payloadType,
      marker,
      sequence: this.#sequence,
      timestamp,
      ssrc: this.#ssrc,
      payload,
    })
    this.#sent.packets++
    this.#sent.bytes += payload.length
    this.#post(packet)
  }

  /** Presses a key. @param duration in milliseconds */
  press(tone: Tone, duration: number, format: KeyFormat): void {
    this.#key = sendingOf(tone, Math.max(1, Math.round(duration / FRAME)), format, this.#timestamp)
  }

  /** Keys cannot be told any more. */
  release(): void {
    this.#key = undefined
  }

  /** Sends what is to be told of a key in this tick. @returns whether one is pressed, so that there is no sound */
  sendKey(): boolean {
    const key = this.#key
    if (!key) return false
    const packets = key.next()
    for (const { payload, marker } of packets) this.#write(key.payloadType, payload, marker, key.timestamp)
    if (packets.length === 0) this.#key = undefined
    return packets.length > 0
  }
}
