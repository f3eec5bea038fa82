/**
 * Between the rates of rooms and those of prompts, records, applications and telephones, where one is a multiple of the
 * other: a windowed sinc, polyphase.
 */

/** Samples of the lower rate that one sample of the output looks at, by the factor: telephones need a steeper filter. */
const TAPS: Readonly<Record<Factor, number>> = { 2: 24, 3: 16, 6: 24 }

/** How many times as high one rate is as the other. */
export type Factor = 2 | 3 | 6

const filters = new Map<Factor, Float32Array>()

/** The low-pass filter of both ways: cut off at nine tenths of what the lower rate can carry; its coefficients add up to 1. */
function lowPass(factor: Factor): Float32Array {
  const known = filters.get(factor)
  if (known) return known
  const length = TAPS[factor] * factor
  const cutoff = 0.45 / factor
  const filter = Float32Array.from({ length }, (_, index) => {
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
  readonly #factor: Factor
  readonly #filter: Float32Array
  #past: Float32Array

  /** @param factor how many times as high the rate becomes */
  constructor(factor: Factor) {
    this.#factor = factor
    this.#filter = lowPass(factor)
    this.#past = new Float32Array(TAPS[factor] - 1)
  }

  /** @returns as many times as many samples */
  push(samples: Int16Array): Int16Array {
    const [factor, filter, taps] = [this.#factor, this.#filter, TAPS[this.#factor]]
    const line = joined(this.#past, samples)
    const made = new Int16Array(samples.length * factor)
    for (let index = 0; index < samples.length; index++) {
      for (let phase = 0; phase < factor; phase++) {
        let sum = 0
        for (let tap = 0; tap < taps; tap++) sum += line[index + taps - 1 - tap]! * filter[phase + tap * factor]!
        made[index * factor + phase] = bounded(sum * factor)
      }
    }
    this.#past = line.slice(line.length - (taps - 1))
    return made
  }
}

/** Makes a lower rate out of a higher one. It remembers the end of the last piece, so that pieces join. */
export class Downsampler {
  readonly #factor: Factor
  readonly #filter: Float32Array
  #past: Float32Array

  /** @param factor how many times as low the rate becomes */
  constructor(factor: Factor) {
    this.#factor = factor
    this.#filter = lowPass(factor)
    this.#past = new Float32Array(TAPS[factor] * factor - 1)
  }

  /** @param samples a multiple of the factor @returns that part of as many samples */
  push(samples: Int16Array): Int16Array {
    const [factor, filter] = [this.#factor, this.#filter]
    const line = joined(this.#past, samples)
    const made = new Int16Array(Math.floor(samples.length / factor))
    const { length } = filter
    for (let index = 0; index < made.length; index++) {
      let sum = 0
      for (let tap = 0; tap < length; tap++) sum += line[index * factor + tap]! * filter[tap]!
      made[index] = bounded(sum)
    }
    this.#past = line.slice(line.length - (length - 1))
    return made
  }
}

function joined(past: Float32Array, samples: Int16Array): Float32Array {
  const line = new Float32Array(past.length + samples.length)
  line.set(past)
  line.set(samples, past.length)
  return line
}

function bounded(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)))
}
