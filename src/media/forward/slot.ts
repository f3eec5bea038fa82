/**
 * One place in which somebody sees a picture. It is one stream, whoever is shown in it: its numbers and times go on when
 * another comes, who begins with a key frame.
 *
 *     empty ──show──► waiting ──key frame──► showing ──another is shown, or they begin anew──► waiting
 */
import type { SenderInfo } from './rtcp.ts'
import { nearest } from './sequence.ts'
import type { PicturePacket, Source, Viewer } from './source.ts'
import type { Instant } from './timing.ts'
import type { Vp8Shift } from './vp8.ts'
import { shiftVp8 } from './vp8.ts'

/** A slot's stream, as its viewer gets it. */
export interface SlotParts {
  readonly ssrc: number
  /** Random, where numbers and times begin. */
  readonly sequence: number
  readonly timestamp: number
  /** Sends a packet; what it is made in is used again for the next. */
  readonly send: (packet: Buffer) => void
  /** Bits a second that get through to this slot; undefined if nobody knows. */
  readonly bitrate: () => number | undefined
}

const HEADER = 12
/** The largest packet that is sent on. */
const MTU = 1500
const CLOCK = 90
/** Ticks between pictures, at least, when another is shown. */
const LEAST = 3000
/** By how much its clock may say that it went on meanwhile: an hour. */
const MOST_APART = 3_600_000 * CLOCK
/** How often one packet is sent again, and how long after the last time at the earliest; milliseconds. */
const AGAIN = 20
/** Packets that are sent again in a second, at most. */
const MOST_AGAIN = 500

/** What is true while somebody is shown. */
interface Shown {
  /** The first packet: nothing before it is sent. */
  readonly from: number
  /** What is added to the sender's numbers and times. */
  readonly numbers: number
  readonly times: number
  readonly vp8: Vp8Shift
}

/** A slot. */
export class Slot implements Viewer {
  readonly ssrc: number
  readonly #parts: SlotParts
  readonly #packet = Buffer.alloc(MTU)
  /** The payload type of VP8, as its viewer has it; undefined if there is no such stream. */
  payloadType: number | undefined
  #source: Source | undefined
  #shown: Shown | undefined
  /** The latest that was sent. */
  #last: { number: number; timestamp: number; at: number; picture: number; base: number }
  #again = { second: 0, count: 0 }
  #sent = { packets: 0, bytes: 0 }
  /** The last that was told of its clock: whoever comes next goes on by it. */
  #told: Instant | undefined
  readonly #times = new Map<number, number>()

  constructor(parts: SlotParts) {
    this.#parts = parts
    this.ssrc = parts.ssrc
    this.#last = { number: parts.sequence, timestamp: parts.timestamp, at: 0, picture: -1, base: -1 }
  }

  get source(): Source | undefined {
    return this.#source
  }

  get waits(): boolean {
    return this.#source !== undefined && !this.#shown && this.payloadType !== undefined
  }

  get bitrate(): number | undefined {
    return this.#parts.bitrate()
  }

  /** Shows a picture, or nothing. */
  show(source: Source | undefined, now: number): void {
    if (source === this.#source) return
    this.#source?.viewers.delete(this)
    this.#source = source
    this.interrupt()
    source?.viewers.add(this)
    source?.wantKeyFrame(now)
  }

  interrupt(): void {
    this.#shown = undefined
    this.#times.clear()
  }

  take(packet: PicturePacket, now: number): void {
    if (this.payloadType === undefined || packet.payload.length > MTU - HEADER) return
    if (!this.#shown) {
      if (!packet.vp8?.beginsKeyFrame) return
      this.#shown = this.#begin(packet, now)
    }
    if (packet.number < this.#shown.from) return
    this.#note(packet, this.#shown, now)
    this.#send(packet, this.#shown, this.payloadType)
  }

  #begin({ number, timestamp, vp8 }: PicturePacket, now: number): Shown {
    const { number: before, timestamp: then, at, picture, base } = this.#last
    const passed = at === 0 ? 0 : Math.max(LEAST, this.#due(timestamp, then) ?? Math.round((now - at) * CLOCK))
    return {
      from: number,
      numbers: before + 1 - number,
      times: then + passed - timestamp,
      vp8: { picture: picture + 1 - (vp8?.picture?.value ?? 0), base: base + 1 - (vp8?.base?.value ?? 0) },
    }
  }

  /** How much later a picture is than the last one by the clock that was told; undefined if none was, or that cannot be. */
  #due(timestamp: number, last: number): number | undefined {
    const at = this.#source?.heardAt(timestamp)
    if (at === undefined || !this.#told) return undefined
    const due = (this.#told.timestamp + Math.round((at - this.#told.at) * CLOCK) - last) | 0
    return Math.abs(due) < MOST_APART ? due : undefined
  }

  /** What a report tells of it; undefined if nobody is shown, or it is not known when what is shown was taken. */
  info(at: number): SenderInfo | undefined {
    const taken = this.#shown && this.#source?.takenAt(at)
    if (taken === undefined || !this.#shown) return undefined
    this.#told = { at, timestamp: (taken + this.#shown.times) >>> 0 }
    return { ssrc: this.ssrc, ...this.#told, ...this.#sent }
  }

  /** Remembers the latest of what is sent, for whoever comes next. */
  #note({ number, timestamp, vp8 }: PicturePacket, { numbers, times, vp8: shift }: Shown, now: number): void {
    const last = this.#last
    if (number + numbers <= last.number) return
    last.number = number + numbers
    last.timestamp = (timestamp + times) >>> 0
    last.at = now
    if (vp8?.picture) last.picture = vp8.picture.value + shift.picture
    if (vp8?.base) last.base = vp8.base.value + shift.base
  }

  #send({ number, timestamp, marker, payload, vp8 }: PicturePacket, shown: Shown, payloadType: number): void {
    const packet = this.#packet.subarray(0, HEADER + payload.length)
    packet[0] = 0x80
    packet[1] = payloadType | (marker ? 128 : 0)
    packet.writeUInt16BE((number + shown.numbers) & 0xffff, 2)
    packet.writeUInt32BE((timestamp + shown.times) >>> 0, 4)
    packet.writeUInt32BE(this.ssrc, 8)
    packet.set(payload, HEADER)
    if (vp8) shiftVp8(packet.subarray(HEADER), vp8, shown.vp8)
    this.#sent.packets++
    this.#sent.bytes += payload.length
    this.#parts.send(packet)
  }

  /** The viewer did not get these packets. */
  resend(sequences: readonly number[], now: number): void {
    for (const sequence of sequences) if (this.#mayResend(now)) this.#resend(sequence, now)
  }

  #mayResend(now: number): boolean {
    const second = Math.floor(now / 1000)
    if (second !== this.#again.second) {
      this.#again = { second, count: 0 }
      for (const [number, at] of this.#times) if (now - at > AGAIN) this.#times.delete(number)
    }
    return this.#again.count < MOST_AGAIN
  }

  #resend(sequence: number, now: number): void {
    const { payloadType } = this
    if (!this.#shown || payloadType === undefined) return
    const number = nearest(sequence, this.#last.number) - this.#shown.numbers
    if (number < this.#shown.from || now - (this.#times.get(number) ?? -Infinity) < AGAIN) return
    const packet = this.#source?.packet(number)
    if (!packet || packet.payload.length > MTU - HEADER) return
    this.#again.count++
    this.#times.set(number, now)
    this.#send(packet, this.#shown, payloadType)
  }

  /** The viewer cannot go on without a key frame. */
  wantKeyFrame(now: number): void {
    this.#source?.wantKeyFrame(now)
  }
}
