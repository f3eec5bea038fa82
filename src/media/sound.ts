/** Sounds: samples at 16 kHz with a known length, real ones out of files and made ones. */
import { PER_MILLISECOND, SAMPLE_RATE } from './wav.ts'

/** A stretch of time, in milliseconds. */
export interface Span {
  readonly from: number
  readonly until: number
}

/** Where something is to be heard, and how loud. */
export interface Loud extends Span {
  /** The mean square of the samples. */
  readonly power: number
}

/** A sound. */
export interface Sound {
  /** In milliseconds; Infinity for one that goes on until it is stopped. */
  readonly duration: number
  readonly samples: Int16Array
  /** Whether the samples come again and again. */
  readonly loops: boolean
  /** Where in a part of it somebody would hear something, in order; elsewhere is silence. Milliseconds from its beginning. */
  loud(from?: number, until?: number): readonly Loud[]
  /**
   * Adds its samples from number `from` on to `target`, from index `at` on, as far as both go.
   * @param gain how loud: linear, from the first sample to the last of `target` in a straight line if there are two
   */
  mix(target: Int32Array, at: number, from: number, gain?: number, gainAtEnd?: number): void
}

/** Samples are judged in stretches of this many milliseconds. */
const FRAME = 20
/** A stretch with a mean square above this is heard: about 46 dB below full scale. */
export const AUDIBLE = 165 ** 2
/** Of a sound that loops more often than this in the part that is asked for, the mean is told. */
const MOST_ROUNDS = 64

/** The sound that samples make. */
export function soundOf(samples: Int16Array): Sound {
  return new Samples(samples, Math.ceil(samples.length / PER_MILLISECOND), false)
}

/** The same sound over and over. */
export function endless({ samples }: Sound): Sound {
  return new Samples(samples, Infinity, true)
}

/** Adds samples up; those of `source` are scaled by a gain that goes in a straight line. */
export function addSamples(
  target: Int32Array,
  source: (index: number) => number,
  { at, count, gain = 1, gainAtEnd = gain }: { at: number; count: number; gain?: number; gainAtEnd?: number },
): void {
  if (gain === 1 && gainAtEnd === 1) {
    for (let index = 0; index < count; index++) target[at + index]! += source(index)
    return
  }
  const slope = count > 1 ? (gainAtEnd - gain) / (count - 1) : 0
  for (let index = 0; index < count; index++) target[at + index]! += Math.round(source(index) * (gain + slope * index))
}

class Samples implements Sound {
  readonly samples: Int16Array
  readonly duration: number
  readonly loops: boolean
  #parts: readonly Loud[] | undefined

  constructor(samples: Int16Array, duration: number, loops: boolean) {
    this.samples = samples
    this.duration = duration
    this.loops = loops
  }

  loud(from = 0, until = this.duration): readonly Loud[] {
    this.#parts ??= loudParts(this.samples)
    const [first, ...others] = this.#parts
    if (!first) return []
    if (!this.loops) return within([first, ...others], from, until)
    const round = this.samples.length / PER_MILLISECOND
    const isAlways = others.length === 0 && first.from === 0 && first.until >= round
    if (isAlways || (until - from) / round > MOST_ROUNDS) {
      const heard = this.#parts.reduce((sum, part) => sum + part.power * (part.until - part.from), 0)
      return within([{ from, until, power: heard / round }], from, Math.min(until, this.duration))
    }
    const rounds: Loud[] = []
    for (let start = Math.floor(from / round) * round; start < until; start += round) {
      for (const part of this.#parts) {
        rounds.push({ from: part.from + start, until: part.until + start, power: part.power })
      }
    }
    return within(rounds, from, Math.min(until, this.duration))
  }

  mix(target: Int32Array, at: number, from: number, gain = 1, gainAtEnd = gain): void {
    const { samples, loops, duration } = this
    const length = loops ? duration * PER_MILLISECOND : samples.length
    const count = Math.min(target.length - at, length - from)
    const round = samples.length
    const source = loops
      ? (index: number): number => samples[(from + index) % round] ?? 0
      : (index: number): number => samples[from + index] ?? 0
    addSamples(target, source, { at, count, gain, gainAtEnd })
  }
}

function within(parts: readonly Loud[], from: number, until: number): readonly Loud[] {
  return parts
    .map((part) => ({ ...part, from: Math.max(part.from, from), until: Math.min(part.until, until) }))
    .filter((part) => part.until > part.from)
}

/** Where samples are to be heard, in milliseconds from `start` on. */
export function loudParts(samples: Int16Array, start = 0): Loud[] {
  const size = FRAME * PER_MILLISECOND
  const parts: Loud[] = []
  for (let index = 0; index < samples.length; index += size) {
    const power = meanSquare(samples.subarray(index, index + size))
    if (power > AUDIBLE) appendLoud(parts, { from: start + index / PER_MILLISECOND, power })
  }
  return parts
}

/** Adds one frame, which joins the part before it if that one ends where it begins. */
function appendLoud(parts: Loud[], { from, power }: { readonly from: number; readonly power: number }): void {
  const until = from + FRAME
  const last = parts.at(-1)
  if (last?.until !== from) {
    parts.push({ from, until, power })
    return
  }
  const before = last.until - last.from
  parts[parts.length - 1] = { from: last.from, until, power: (last.power * before + power * FRAME) / (before + FRAME) }
}

/** The mean square of samples. */
export function meanSquare(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return samples.length === 0 ? 0 : sum / samples.length
}

/** Decibels below full scale, of a mean square. */
export function decibels(power: number): number {
  return 10 * Math.log10(power / 32_768 ** 2)
}

function second(level: (time: number) => number): Int16Array {
  return Int16Array.from({ length: SAMPLE_RATE }, (_, index) => Math.round(level(index / SAMPLE_RATE)))
}

/** A voice of 120 Hz whose strength rises and falls four times a second, as syllables do. */
const syllables = (): Int16Array =>
  second((time) => {
    const strength = 2500 + 1500 * Math.sin(2 * Math.PI * 4 * time)
    const harmonics = [1, 2, 3, 5, 8].map((number) => Math.sin(2 * Math.PI * 120 * number * time) / number)
    return strength * harmonics.reduce((sum, one) => sum + one, 0)
  })

/** One second of it, made when somebody first speaks. */
let voice: Int16Array | undefined

/** Something like speech, without words. @param duration in milliseconds */
export function speechLike(duration: number): Sound {
  voice ??= syllables()
  return new Samples(voice, duration, true)
}

/** How long the beep before a recording is, in milliseconds. */
export const BEEP = 500

/** The beep before a recording. */
export const beep: Sound = new Samples(
  second((time) => 8000 * Math.sin(2 * Math.PI * 1000 * time)),
  BEEP,
  true,
)
