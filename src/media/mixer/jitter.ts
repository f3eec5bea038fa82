/**
 * Packets come early, late, twice, in any order, or not at all; sound leaves every 20 ms. In between waits a buffer: as
 * shallow as the network allows, deeper after packets came too late, and shallower again once they no longer do.
 *
 *     waiting ──deep enough, or the first packet waited long enough──► flowing
 *     flowing ──nothing came for a while, or the speaker paused──► waiting
 */

/** What a packet has that a buffer looks at. */
export interface Packet {
  /** RTP's, 16 bits. */
  readonly sequence: number
  /** The sound; undefined if it has none (a key was pressed), so that its absence is no loss. */
  readonly payload: Uint8Array | undefined
  /** RTP's, 32 bits: when it was said. */
  readonly timestamp?: number
  /** It says that the speaker pauses (Opus DTX). */
  readonly pause?: boolean
  /** How loud it is, as its sender says; decibels below full scale, negative. */
  readonly level?: number | undefined
}

/**
 * What is to be heard next. `lost`: a packet that will not come; the one after it, if it is there, may help.
 * `late`: nothing is there, but it may still come: make something up. `nothing`: nobody speaks.
 */
export type Next =
  | {
      readonly type: 'packet'
      readonly payload: Uint8Array
      readonly level: number | undefined
      readonly timestamp: number | undefined
    }
  | { readonly type: 'lost'; readonly after: Uint8Array | undefined }
  | { readonly type: 'late' }
  | { readonly type: 'nothing' }

/** Packets that may wait; the oldest go. */
const MOST = 50
/** How deep it is meant to be: at first and at least, and at most; packets. */
const SHALLOW = 2
const DEEPEST = 10
/** Made-up frames in a row, after which it takes it that the speaker paused. */
const PATIENCE = 5
/** For how many frames it must have been deeper than needed before it gets shallower. */
const CALM = 100
/** By how many frames packets should come before they are needed. */
const SPARE = 1
/** How far numbers may jump before it takes it that the sender began anew. */
const JUMP = 500

/** The buffer of one sender. */
export class JitterBuffer {
  /** What waits, in order, and their numbers without wrapping around: as a rule two or three. */
  readonly #packets: Packet[] = []
  readonly #numbers: number[] = []
  #state: 'waiting' | 'flowing' = 'waiting'
  /** The number that is due, without wrapping around. */
  #due: number | undefined
  #highest: number | undefined
  #target = SHALLOW
  /** Frames for which the first packet has waited. */
  #waited = 0
  /** Frames that were made up since the last packet. */
  #madeUp = 0
  /** By how many frames the latest packet came before it was needed, and for how many frames that was watched. */
  #margin = Infinity
  #watched = 0
  /** How many frames earlier than needed all of them came. */
  #excess = 0
  /** Frames to be made up so that it gets deeper. */
  #stretches = 0
  /** What was given up lately. */
  readonly #givenUp = new Set<number>()
  /** How many packets were too late, lost, and thrown away to catch up. */
  readonly counts = { received: 0, late: 0, lost: 0, madeUp: 0, skipped: 0 }

  /** Packets that wait. */
  get depth(): number {
    return this.#packets.length
  }

  /** How deep it is meant to be, in packets. */
  get target(): number {
    return this.#target
  }

  /** A packet has come. */
  put(packet: Packet): void {
    this.counts.received++
    const number = this.#extend(packet.sequence)
    if (this.#due !== undefined && number < this.#due) return this.#tooLate(number)
    if (this.#due !== undefined) this.#margin = Math.min(this.#margin, number - this.#due)
    this.#insert(number, packet)
    if (this.#packets.length > MOST) this.#dropFirst()
  }

  #insert(number: number, packet: Packet): void {
    const [numbers, packets] = [this.#numbers, this.#packets]
    let at = numbers.length
    while (at > 0 && numbers[at - 1]! > number) at--
    if (numbers[at - 1] === number) return
    if (at === numbers.length) {
      numbers.push(number)
      packets.push(packet)
    } else {
      numbers.splice(at, 0, number)
      packets.splice(at, 0, packet)
    }
  }

  /** The number without wrapping around, near the highest so far; everything begins anew if it is nowhere near. */
  #extend(sequence: number): number {
    if (this.#highest === undefined) return (this.#highest = sequence + 0x1_0000)
    const ahead = ((sequence - this.#highest + 0x8000) & 0xffff) - 0x8000
    if (Math.abs(ahead) > JUMP) {
      this.reset()
      return (this.#highest = sequence + 0x1_0000)
    }
    const number = this.#highest + ahead
    this.#highest = Math.max(this.#highest, number)
    return number
  }

  /** It comes twice, or was given up already: then it pays to wait longer. */
  #tooLate(number: number): void {
    this.counts.late++
    if (!this.#givenUp.delete(number) || this.#target === DEEPEST) return
    this.#target++
    this.#stretches++
    this.#watched = 0
    this.#margin = Infinity
  }

  #giveUp(): void {
    this.counts.lost++
    this.#givenUp.add(this.#due!)
    if (this.#givenUp.size > MOST) this.#givenUp.delete(Math.min(...this.#givenUp))
    this.#due = this.#due! + 1
  }

  #dropFirst(): void {
    const number = this.#numbers.shift()!
    this.#packets.shift()
    if (this.#due !== undefined && number >= this.#due) this.#due = number + 1
  }

  /** What is to be heard in the next 20 ms. */
  take(): Next {
    if (this.#state === 'waiting' && !this.#begins()) return { type: 'nothing' }
    if (this.#stretches > 0) {
      this.#stretches--
      return { type: 'late' }
    }
    for (;;) {
      const due = this.#due!
      const [packet] = this.#packets
      if (!packet || this.#numbers[0] !== due) return this.#missing()
      this.#packets.shift()
      this.#numbers.shift()
      this.#due = due + 1
      if (packet.pause) return this.#pause()
      if (packet.payload === undefined) continue
      this.#madeUp = 0
      this.#watch()
      return { type: 'packet', payload: packet.payload, level: packet.level, timestamp: packet.timestamp }
    }
  }

  #begins(): boolean {
    const [first] = this.#numbers
    if (first === undefined) return false
    this.#waited++
    if (this.#packets.length < this.#target && this.#waited <= this.#target) return false
    this.#state = 'flowing'
    this.#stretches = 0
    this.#due = first
    this.#waited = 0
    this.#madeUp = 0
    this.#margin = Infinity
    this.#watched = 0
    return true
  }

  #missing(): Next {
    const [next] = this.#numbers
    if (next === undefined) {
      this.#madeUp++
      this.counts.madeUp++
      if (this.#madeUp <= PATIENCE) return { type: 'late' }
      return this.#pause()
    }
    const missing = next - this.#due!
    // What was made up while nothing was there stands for what is missing now: else each loss would add to the delay.
    const covered = Math.min(this.#madeUp, missing)
    this.#madeUp = 0
    for (let count = 0; count < covered; count++) this.#giveUp()
    if (covered > 0) return this.take()
    this.#giveUp()
    const after = this.#numbers[0] === this.#due ? this.#packets[0] : undefined
    return { type: 'lost', after: after?.pause ? undefined : after?.payload }
  }

  #pause(): Next {
    this.#state = 'waiting'
    this.#waited = 0
    this.#madeUp = 0
    return { type: 'nothing' }
  }

  #watch(): void {
    if (++this.#watched < CALM) return
    if (this.#margin >= SPARE && this.#target > SHALLOW) this.#target--
    this.#excess = this.#margin === Infinity ? 0 : Math.max(0, this.#margin - SPARE)
    this.#watched = 0
    this.#margin = Infinity
  }

  /**
   * Whether it has been deeper than it needs to be for a while: then whoever plays takes two packets for one, best where
   * it is quiet, and calls `caughtUp`.
   */
  get behind(): boolean {
    return this.#excess > 0 && this.#packets.length > 1
  }

  /** A packet was taken in addition, and is not heard. */
  caughtUp(): void {
    this.counts.skipped++
    this.#excess = Math.max(0, this.#excess - 1)
  }

  /** Forgets what waits: the sender begins anew. */
  reset(): void {
    this.#packets.length = 0
    this.#numbers.length = 0
    this.#givenUp.clear()
    this.#state = 'waiting'
    this.#due = undefined
    this.#highest = undefined
    this.#waited = 0
    this.#madeUp = 0
    this.#excess = 0
  }
}
