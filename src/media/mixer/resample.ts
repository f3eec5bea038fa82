/** Between 16 kHz, the rate of prompts, records and applications, and 48 kHz, a rate of rooms: a windowed sinc, polyphase. */

const FACTOR = 3
/** Samples of 16 kHz that one sample of the output looks at. */
const TAPS = 16

/** The low-pass filter of both ways: cut off at 7.2 kHz, its coefficients add up to 1. */
const FILTER = lowPass()

function lowPass(): Float32Array {
  const length = TAPS * FACTOR
  const cutoff = 7200 / 48_000
  const filter = Float32Array.from({ length }, (_, index) => {
    const x = index - (length - 1) / 2
    const sinc = x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x)
    const phase = (2 * Math.PI * index) / (length - 1)
    return sinc * (0.42 - 0.5 * Math.cos(phase) + 0.08 * Math.cos(2 * phase))
  })
  const sum = filter.reduce((total, one) => total + one, 0)
  return filter.map((one) => one / sum)
}

/** Makes 48 kHz out of 16 kHz. It remembers the end of the last piece, so that pieces join. */
export class Upsampler {
  #past = new Float32Array(TAPS - 1)

  /** @returns three times as many samples */
  push(samples: Int16Array): Int16Array {
    const line = joined(this.#past, samples)
    const made = new Int16Array(samples.length * FACTOR)
    for (let index = 0; index < samples.length; index++) {
      for (let phase = 0; phase < FACTOR; phase++) {
        let sum = 0
        for (let tap = 0; tap < TAPS; tap++) sum += line[index + TAPS - 1 - tap]! * FILTER[phase + tap * FACTOR]!
        made[index * FACTOR + phase] = bounded(sum * FACTOR)
      }
    }
    this.#past = line.slice(line.length - (TAPS - 1))
    return made
  }
}

/** Makes 16 kHz out of 48 kHz. It remembers the end of the last piece, so that pieces join. */
export class Downsampler {
  #past = new Float32Array(TAPS * FACTOR - 1)

  /** @param samples a multiple of three @returns a third as many samples */
  push(samples: Int16Array): Int16Array {
    const line = joined(this.#past, samples)
    const made = new Int16Array(Math.floor(samples.length / FACTOR))
    const length = TAPS * FACTOR
    for (let index = 0; index < made.length; index++) {
      let sum = 0
      for (let tap = 0; tap < length; tap++) sum += line[index * FACTOR + tap]! * FILTER[tap]!
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
