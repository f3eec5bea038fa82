/** One picture as it comes from a leg: a camera or a screen. Whoever watches it is handed its packets. */
import type { RtpPacket } from '../embedded/rtp.ts'
import { Reception } from './reception.ts'
import { writeBitrate, writeKeyFrameRequest, writeLost, writeReport } from './rtcp.ts'
import type { Instant, Timing } from './timing.ts'
import type { Vp8Descriptor } from './vp8.ts'
import { readVp8 } from './vp8.ts'

/** A packet of a picture. */
export interface PicturePacket {
  /** Goes on beyond 16 bits. */
  readonly number: number
  readonly timestamp: number
  readonly marker: boolean
  readonly payload: Uint8Array
  /** Undefined if it is none of a picture, such as padding. */
  readonly vp8: Vp8Descriptor | undefined
}

/** Somebody who watches a picture. */
export interface Viewer {
  /** A key frame has to come before anything can be seen. */
  readonly waits: boolean
  /** Bits a second that get through to them; undefined if nobody knows. */
  readonly bitrate: number | undefined
  take(packet: PicturePacket, now: number): void
  /** The sender began anew: only a key frame goes on from here. */
  interrupt(): void
}

/** Bounds of one picture, in bits a second. */
export interface BitrateBounds {
  readonly least: number
  readonly most: number
}

/** Ticks of a picture's clock in a millisecond. */
const CLOCK = 90
/**
 * How much earlier a picture may come than what was said with it is heard, and how much later, in milliseconds. What is beyond
 * is not believed, or not worth it: nobody's reports make others hear the mix much later than it comes.
 */
const [EARLIER, LATER] = [1000, 300]
/** Packets that are kept for those who did not get them. */
const KEPT = 512
/** A key frame is asked for once in this time at most, and again when it has not come for so long; milliseconds. */
const KEY_FRAME = { between: 500, patience: 1000 } as const
/**
 * How often a sender is told how its packets arrive, in milliseconds; of how many times as much, or as little, as before it
 * is told at once.
 */
const REPORT = 1000
const [LESS, MORE] = [0.95, 2]
/** Whom nobody has watched for so long sends the least, so that it goes on as soon as somebody does; milliseconds. */
const UNWATCHED = 5000
/** How long is looked at how much a picture takes, in milliseconds. */
const WINDOW = 1000
/** A picture of which nothing came for so long is not being sent; milliseconds. */
const SILENCE = 1000

/** A picture. */
export class Source {
  readonly #bounds: BitrateBounds
  readonly #send: (data: Buffer) => void
  /** Whose reports these are. */
  readonly #own: number
  readonly #timing: Timing
  /** What the sender's last report says of its clock. */
  #instant: Instant | undefined
  /** What came last, and when. */
  #latest: Instant | undefined
  readonly #kept: (PicturePacket | undefined)[] = []
  readonly viewers = new Set<Viewer>()
  #reception = new Reception()
  #ssrc: number | undefined
  #asked = -Infinity
  #wanted = false
  #reported = -Infinity
  #bitrate: number
  #arrived = -Infinity
  #watched = -Infinity
  #window = { since: -Infinity, bits: 0 }
  /** Bits a second that have come lately. */
  rate = 0

  /**
   * @param own the SSRC under which the server reports @param timing of whoever sends it
   * @param send sends RTCP to whoever sends the picture
   */
  constructor(bounds: BitrateBounds, own: number, timing: Timing, send: (data: Buffer) => void) {
    this.#bounds = bounds
    this.#own = own
    this.#timing = timing
    this.#send = send
    this.#bitrate = bounds.most
  }

  /** Whether packets come. */
  isSending(now: number): boolean {
    return now - this.#arrived < SILENCE
  }

  /** A packet has come. */
  take(rtp: RtpPacket, now: number): void {
    if (rtp.ssrc !== this.#ssrc) this.#begin(rtp.ssrc, now)
    this.#arrived = now
    this.#latest = { at: now, timestamp: rtp.timestamp }
    this.#window.bits += rtp.payload.length * 8
    const arrived = this.#reception.take(rtp, now)
    if (!arrived) return
    const { number } = arrived
    // The datagram's memory belongs to the library's callback.
    const payload = Uint8Array.from(rtp.payload)
    const packet = { number, timestamp: rtp.timestamp, marker: rtp.marker, payload, vp8: readVp8(payload) }
    this.#kept[number % KEPT] = packet
    if (arrived.anew) this.#interrupt()
    for (const viewer of this.viewers) viewer.take(packet, now)
  }

  #begin(ssrc: number, now: number): void {
    if (this.#ssrc !== undefined) {
      this.#reception = new Reception()
      this.#kept.length = 0
      this.#interrupt()
    }
    this.#ssrc = ssrc
    this.#instant = undefined
    this.#watched = now
  }

  #interrupt(): void {
    for (const viewer of this.viewers) viewer.interrupt()
    this.#wanted = true
  }

  /** A packet that came lately; undefined if it is not kept, or never came. */
  packet(number: number): PicturePacket | undefined {
    const packet = this.#kept[((number % KEPT) + KEPT) % KEPT]
    return packet?.number === number ? packet : undefined
  }

  /** Somebody cannot go on without a key frame. */
  wantKeyFrame(now: number): void {
    this.#wanted = true
    this.#ask(now)
  }

  /** The sender has reported. */
  reported(ssrc: number, moment: number, instant: Instant | undefined, now: number): void {
    if (ssrc !== this.#ssrc) return
    this.#reception.reported(moment, now)
    this.#instant = instant
  }

  /** When, on the mixer's clock, is heard what was said when a picture was taken; undefined if nobody knows. */
  heardAt(timestamp: number): number | undefined {
    if (!this.#latest) return undefined
    const earlier = this.#toldOf(this.#latest.timestamp, this.#latest.at)
    return earlier < EARLIER && earlier > -LATER ? this.#toldOf(timestamp, 0) : undefined
  }

  /** As the sender says, how long after a moment is heard what was said with a picture; not a number if nobody knows. */
  #toldOf(timestamp: number, moment: number): number {
    const { at, timestamp: then } = this.#instant ?? { at: NaN, timestamp: 0 }
    return at + ((timestamp - then) | 0) / CLOCK + (this.#timing.delay ?? NaN) - moment
  }

  /** The time of a picture that was taken when that was said which is heard at a moment; the inverse of `heardAt`. */
  takenAt(at: number): number | undefined {
    if (!this.#instant) return undefined
    const heard = this.heardAt(this.#instant.timestamp)
    return heard === undefined ? undefined : (this.#instant.timestamp + Math.round((at - heard) * CLOCK)) >>> 0
  }

  /** Goes on, some 50 times a second: what is missing is asked for, and what is due is told. */
  tick(now: number): void {
    this.#measure(now)
    if (this.#ssrc === undefined || !this.isSending(now)) return
    if (this.#reception.isBroken) {
      this.#reception.isBroken = false
      if (this.viewers.size > 0) this.#wanted = true
    }
    const lost = this.viewers.size > 0 ? this.#reception.due(now) : []
    if (lost.length > 0) this.#send(writeLost(this.#own, this.#ssrc, lost))
    if (now - this.#asked >= KEY_FRAME.patience && [...this.viewers].some(({ waits }) => waits)) this.#wanted = true
    this.#ask(now)
    this.#report(this.#ssrc, now)
  }

  #measure(now: number): void {
    const { since, bits } = this.#window
    if (now - since < WINDOW) return
    this.rate = (bits * 1000) / (now - since)
    this.#window = { since: now, bits: 0 }
  }

  #ask(now: number): void {
    if (!this.#wanted || this.#ssrc === undefined || now - this.#asked < KEY_FRAME.between) return
    this.#wanted = false
    this.#asked = now
    this.#send(writeKeyFrameRequest(this.#own, this.#ssrc))
  }

  #report(ssrc: number, now: number): void {
    const bitrate = this.#bitrateNow(now)
    const isDue = now - this.#reported >= REPORT
    if (!isDue && bitrate >= this.#bitrate * LESS && bitrate <= this.#bitrate * MORE) return
    this.#bitrate = bitrate
    const told = [writeBitrate(this.#own, bitrate, [ssrc])]
    if (isDue) {
      const block = this.#reception.report(ssrc, now)
      this.#reported = now
      told.unshift(writeReport(this.#own, block ? [block] : []))
    }
    this.#send(Buffer.concat(told))
  }

  #bitrateNow(now: number): number {
    if (this.viewers.size > 0) this.#watched = now
    else if (now - this.#watched > UNWATCHED) return this.#bounds.least
    return bitrateFor(this.viewers, this.#bounds)
  }
}

/** What a sender may send: what gets through to all who watch, within bounds. */
export function bitrateFor(viewers: Iterable<Pick<Viewer, 'bitrate'>>, { least, most }: BitrateBounds): number {
  let bitrate = most
  for (const viewer of viewers) bitrate = Math.min(bitrate, viewer.bitrate ?? most)
  return Math.max(least, Math.floor(bitrate))
}
