/**
 * When something was taken by a microphone or a camera, and when it is heard. A browser reports which moment of its clock a time
 * of each of its streams is (RFC 3550, section 6.4.1); the mixer says when it lets a packet of its voice be heard. So a picture
 * belongs to the moment, on the mixer's clock, in which is heard what was said when it was taken.
 */

/** A moment, in milliseconds on somebody's clock, and the time of a stream that it is. */
export interface Instant {
  readonly at: number
  readonly timestamp: number
}

/** Ticks of the clock of Opus in a millisecond. */
const VOICE_CLOCK = 48

/** The two clocks of one leg: its own, and the mixer's. */
export class Timing {
  #voice: number | undefined
  #instant: Instant | undefined
  #delay: number | undefined

  /** Whose voice it is from now on. @param ssrc of its stream */
  speaks(ssrc: number): void {
    if (ssrc === this.#voice) return
    this.#voice = ssrc
    this.#instant = undefined
  }

  /** A stream of the leg has reported; it need not be its voice. */
  reported(ssrc: number, instant: Instant): void {
    if (ssrc === this.#voice) this.#instant = instant
  }

  /** A packet of its voice is heard at a moment of the mixer's clock. */
  said(timestamp: number, at: number): void {
    if (!this.#instant) return
    const captured = this.#instant.at + ((timestamp - this.#instant.timestamp) | 0) / VOICE_CLOCK
    this.#delay = at - captured
  }

  /** From the leg's own clock to the mixer's, in milliseconds; undefined as long as nothing of it was heard. */
  get delay(): number | undefined {
    return this.#delay
  }
}
