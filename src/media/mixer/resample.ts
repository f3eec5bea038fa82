/**
 * Between the rates of rooms and those of prompts, records, applications and telephones, where one is a multiple of the
 * other: a windowed sinc, polyphase.
 */

/** Samples of the lower rate that one sample of the output looks at, by the factor: telephones need a steeper filter. */
const TAPS: Readonly<Record<Factor, number>> = { 2: 24, 3: 16, 6: 24 }

/** How many times as high one rate is as the other. */
export type Factor = 2 | 3 | 6

const filters = new Map<Factor, Float64Array>()

/** The low-pass filter of both ways: cut off at nine tenths of what the lower rate can carry; its coefficients add up to 1. */
function lowPass(factor: Factor): Float64Array {
  const known = filters.get(factor)
  if (known) return known
  const length = TAPS[factor] * factor
  const cutoff = 0.45 / factor
  const filter = Float64Array.from({ length }, (_, index) => {
    const x = index - (length - 1) / 2
    const sinc = x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x)
    const phase = (2 * Math.PI * index) / (length - 1)
    return sinc * (0.42 - 0.5 * Math.cos(phase) + 0.08 * Math.cos(2 * phase))
  })
  const sum = filter.reduce((total, one) => total + one, 0)
  const made = filter.map((one) => one / sum)
  filters.set(factor, made)
  return made
}

/** Makes a higher rate out of a lower one. It remembers the end of the last piece, so that pieces join. */
export class Upsampler {
  /** The filter of each phase, backwards, so that it lies along the samples. */
  readonly #phases: readonly Float64Array[]
  readonly #line: Line

  /** @param factor how many times as high the rate becomes */
  constructor(factor: Factor) {
    const [filter, taps] = [lowPass(factor), TAPS[factor]]
    this.#phases = Array.from({ length: factor }, (_, phase) =>
      Float64Array.from({ length: taps }, (_tap, at) => filter[phase + (taps - 1 - at) * factor]! * factor),
    )
    this.#line = new Line(taps - 1)
  }

  /** @returns as many times as many samples */
  push(samples: Int16Array): Int16Array {
    const line = this.#line.push(samples)
    const factor = this.#phases.length
    const made = new Int16Array(samples.length * factor)
    for (let phase = 0; phase < factor; phase++) filterInto(made, phase, factor, line, 1, this.#phases[phase]!)
    return made
  }
}

/** Makes a lower rate out of a higher one. It remembers the end of the last piece, so that pieces join. */
export class Downsampler {
  readonly #factor: Factor
  readonly #filter: Float64Array
  readonly #line: Line

  /** @param factor how many times as low the rate becomes */
  constructor(factor: Factor) {
    this.#factor = factor
    this.#filter = lowPass(factor)
    this.#line = new Line(this.#filter.length - 1)
  }

  /** @param samples a multiple of the factor @returns that part of as many samples */
  push(samples: Int16Array): Int16Array {
    const made = new Int16Array(Math.floor(samples.length / this.#factor))
    filterInto(made, 0, 1, this.#line.push(samples), this.#factor, this.#filter)
    return made
  }
}

/** The end of the last piece, and the piece. */
class Line {
  readonly #past: number
  #samples: Float64Array

  /** @param past samples that are remembered */
  constructor(past: number) {
    this.#past = past
    this.#samples = new Float64Array(past)
  }

  push(samples: Int16Array): Float64Array {
    const [before, past] = [this.#samples, this.#past]
    const length = past + samples.length
    const line = before.length === length ? before : new Float64Array(length)
    line.set(before.subarray(before.length - past))
    line.set(samples, past)
    return (this.#samples = line)
  }
}

/**
 * Writes every so many of the samples (`step`, from `first` on): each is a filter over a line, which begins so much later
 * (`stride`) for the next. Four at once, so that a coefficient is read once for them, and no sum waits for another.
 */
function filterInto(
  made: Int16Array,
  first: number,
  step: number,
  line: Float64Array,
  stride: number,
  filter: Float64Array,
): void {
  const { length } = filter
  let from = 0
  let at = first
  for (; at + 3 * step < made.length; at += 4 * step, from += 4 * stride) {
    let [a, b, c, d] = [0, 0, 0, 0]
    for (let tap = 0; tap < length; tap++) {
      const coefficient = filter[tap]!
      const place = from + tap
      a += line[place]! * coefficient
      b += line[place + stride]! * coefficient
      c += line[place + 2 * stride]! * coefficient
      d += line[place + 3 * stride]! * coefficient
    }
    made[at] = bounded(a)
    made[at + step] = bounded(b)
    made[at + 2 * step] = bounded(c)
    made[at + 3 * step] = bounded(d)
  }
  for (; at < made.length; at += step, from += stride) {
    let sum = 0
    for (let tap = 0; tap < length; tap++) sum += line[from + tap]! * filter[tap]!
    made[at] = bounded(sum)
  }
}

function bounded(value: number): number {
  if (value > 32_767) return 32_767
  return value < -32_768 ? -32_768 : Math.round(value)
}
