/**
 * Sound in place of what was lost, for codecs that have none of their own: the last period of the voice again and again,
 * fading away, and fading over into what comes next (after the idea of Recommendation ITU-T G.711, appendix I). At 8 kHz.
 */

/** Samples that are remembered: 40 ms. */
const PAST = 320
/** The shortest and the longest period of a voice that is looked for: 250 and 50 Hz. */
const [SHORTEST, LONGEST] = [32, 160]
/** Samples for which it is as loud as before, and after which nothing is left of it: 10 and 60 ms. */
const [FULL, GONE] = [80, 480]
/** Samples in which it gives way to what comes: 4 ms. */
const FADE = 32

/** Makes up what is missing of one voice. */
export class Concealer {
  /** The newest is last. */
  readonly #past = new Int16Array(PAST)
  #period = LONGEST
  /** Samples that were made up since the last that came. */
  #made = 0

  /** Samples that came. What was made up before them fades over into them. */
  hear(samples: Int16Array): Int16Array {
    if (this.#made > 0) {
      const length = Math.min(FADE, samples.length)
      const before = this.#next(length)
      for (let index = 0; index < length; index++) {
        const share = (index + 1) / (length + 1)
        samples[index] = Math.round(samples[index]! * share + before[index]! * (1 - share))
      }
      this.#made = 0
    }
    this.#remember(samples)
    return samples
  }

  /** As many samples as are missing. */
  make(count: number): Int16Array {
    if (this.#made === 0) this.#period = periodOf(this.#past)
    const samples = this.#next(count)
    this.#made += count
    return samples
  }

  #next(count: number): Int16Array {
    const made = new Int16Array(count)
    const from = PAST - this.#period
    for (let index = 0; index < count; index++) {
      const at = this.#made + index
      const gain = Math.min(1, Math.max(0, (GONE - at) / (GONE - FULL)))
      made[index] = Math.round(this.#past[from + (at % this.#period)]! * gain)
    }
    return made
  }

  #remember(samples: Int16Array): void {
    if (samples.length >= PAST) this.#past.set(samples.subarray(samples.length - PAST))
    else {
      this.#past.copyWithin(0, samples.length)
      this.#past.set(samples, PAST - samples.length)
    }
  }
}

/** The period after which the end of the samples is most like itself. */
function periodOf(samples: Int16Array): number {
  const length = PAST - LONGEST
  let [best, found] = [0, LONGEST]
  for (let period = SHORTEST; period <= LONGEST; period++) {
    let [product, power] = [0, 1]
    for (let index = PAST - length; index < PAST; index++) {
      const before = samples[index - period]!
      product += samples[index]! * before
      power += before * before
    }
    const likeness = product > 0 ? (product * product) / power : 0
    // A multiple of the period is as like; the shortest is the period.
    if (likeness > best * 1.05) [best, found] = [likeness, period]
  }
  return found
}
