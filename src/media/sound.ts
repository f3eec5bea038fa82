/** Sounds: samples at 16 kHz with a known length, real ones out of files and made ones. */
import { PER_MILLISECOND, SAMPLE_RATE } from './wav.ts'

/** A stretch of time, in milliseconds. */
export interface Span {
  readonly from: number
  readonly until: number
}

/** A sound of a known length. */
export interface Sound {
  /** In milliseconds. */
  readonly duration: number
  /** Where in it somebody would hear something, in order; elsewhere is silence. In milliseconds from its beginning. */
  readonly loud: readonly Span[]
  /** Adds its samples from number `from` on to `target`, from index `at` on, as far as both go. */
  mix(target: Int32Array, at: number, from: number): void
}

/** Samples are judged in stretches of this many milliseconds. */
const FRAME = 20
/** A stretch with a mean square above this is heard: about 46 dB below full scale. */
const AUDIBLE = 165 ** 2

/** The sound that samples make. */
export function soundOf(samples: Int16Array): Sound {
  return {
    duration: Math.ceil(samples.length / PER_MILLISECOND),
    loud: loudParts(samples),
    mix: (target, at, from) => {
      const count = Math.min(target.length - at, samples.length - from)
      for (let index = 0; index < count; index++) target[at + index]! += samples[from + index]!
    },
  }
}

function loudParts(samples: Int16Array): Span[] {
  const size = FRAME * PER_MILLISECOND
  const parts: Span[] = []
  for (let start = 0; start < samples.length; start += size) {
    if (meanSquare(samples.subarray(start, start + size)) <= AUDIBLE) continue
    const from = start / PER_MILLISECOND
    const until = from + FRAME
    const last = parts.at(-1)
    if (last?.until === from) parts[parts.length - 1] = { from: last.from, until }
    else parts.push({ from, until })
  }
  return parts
}

function meanSquare(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return sum / samples.length
}

/** A sound that repeats one second. */
function repeating(second: Int16Array, duration: number): Sound {
  return {
    duration,
    loud: [{ from: 0, until: duration }],
    mix: (target, at, from) => {
      const count = Math.min(target.length - at, duration * PER_MILLISECOND - from)
      for (let index = 0; index < count; index++) target[at + index]! += second[(from + index) % SAMPLE_RATE]!
    },
  }
}

function second(level: (time: number) => number): Int16Array {
  return Int16Array.from({ length: SAMPLE_RATE }, (_, index) => Math.round(level(index / SAMPLE_RATE)))
}

/** A voice of 120 Hz whose strength rises and falls four times a second, as syllables do. */
const VOICE = second((time) => {
  const strength = 2500 + 1500 * Math.sin(2 * Math.PI * 4 * time)
  const harmonics = [1, 2, 3, 5, 8].map((number) => Math.sin(2 * Math.PI * 120 * number * time) / number)
  return strength * harmonics.reduce((sum, one) => sum + one, 0)
})

/** Something like speech, without words. @param duration in milliseconds */
export function speechLike(duration: number): Sound {
  return repeating(VOICE, duration)
}

/** How long the beep before a recording is, in milliseconds. */
export const BEEP = 500

/** The beep before a recording. */
export const beep: Sound = repeating(
  second((time) => 8000 * Math.sin(2 * Math.PI * 1000 * time)),
  BEEP,
)
