/** A live voice while it speaks: a sound that grows. */
import type { Loud, Sound } from './sound.ts'
import { addSamples, loudParts } from './sound.ts'
import { PER_MILLISECOND } from './wav.ts'

/** The longest one, in milliseconds; whoever speaks on begins another. */
const LONGEST = 10_000

/** One spurt of talk. Its samples come in frames, each with its moment. */
export class Spurt implements Sound {
  readonly duration = Infinity
  readonly loops = false
  readonly #begun: number
  #samples = new Int16Array(PER_MILLISECOND * 1000)
  #length = 0
  readonly #loud: Loud[] = []

  /** @param begun the moment of its first frame, on the clock of those that follow; milliseconds */
  constructor(begun: number) {
    this.#begun = begun
  }

  get samples(): Int16Array {
    return this.#samples.subarray(0, this.#length)
  }

  /** Whether it is as long as one may be. */
  get isFull(): boolean {
    return this.#length >= LONGEST * PER_MILLISECOND
  }

  /** Adds a frame; what is missing before it is silence, and what lies before what came already is dropped. */
  write(at: number, frame: Int16Array): void {
    const start = Math.max(Math.round((at - this.#begun) * PER_MILLISECOND), this.#length)
    const end = start + frame.length
    if (end > 2 * LONGEST * PER_MILLISECOND) return
    if (end > this.#samples.length) {
      const larger = new Int16Array(Math.max(end, 2 * this.#samples.length))
      larger.set(this.#samples)
      this.#samples = larger
    }
    this.#samples.set(frame, start)
    this.#length = end
    for (const part of loudParts(frame, start / PER_MILLISECOND)) {
      const last = this.#loud.at(-1)
      if (last && part.from - last.until < 1) this.#loud[this.#loud.length - 1] = { ...last, until: part.until }
      else this.#loud.push(part)
    }
  }

  loud(from = 0, until: number = this.duration): readonly Loud[] {
    return this.#loud
      .map((part) => ({ ...part, from: Math.max(part.from, from), until: Math.min(part.until, until) }))
      .filter((part) => part.until > part.from)
  }

  mix(target: Int32Array, at: number, from: number, gain = 1, gainAtEnd = gain): void {
    const samples = this.#samples
    const count = Math.min(target.length - at, this.#length - from)
    addSamples(target, (index) => samples[from + index] ?? 0, { at, count, gain, gainAtEnd })
  }
}
