/** The music that people on hold hear if the application has none of its own: four bars, plucked, made when first needed. */
import type { Sound } from './sound.ts'
import { soundOf } from './sound.ts'
import { SAMPLE_RATE } from './wav.ts'

/** Beats in a minute. */
const TEMPO = 96
/** Chords, each for four beats, as semitones above the A of 220 Hz: A, F sharp minor, D, E, and then again. */
const CHORDS = [
  [0, 4, 7, 12],
  [-3, 0, 4, 9],
  [-7, -3, 0, 5],
  [-5, -1, 2, 7],
] as const
/** Which note of its chord comes on each half of a beat. */
const PATTERN = [0, 1, 2, 3, 2, 1, 2, 1] as const
/** The melody above, a note to each beat: semitones above the same A. */
const MELODY = [16, 14, 12, 7, 9, 12, 16, 12, 14, 12, 9, 5, 7, 11, 14, 11] as const
const PLUCK = 2400
const LEAD = 3000
const BASS = 2100

let made: Sound | undefined

/** One round of it; it can be repeated without a seam. */
export function holdMusic(): Sound {
  made ??= soundOf(compose())
  return made
}

function compose(): Int16Array {
  const beat = Math.round((60 / TEMPO) * SAMPLE_RATE)
  const half = Math.round(beat / 2)
  const length = beat * MELODY.length
  const sum = new Float64Array(length)
  for (let step = 0; step < MELODY.length * 2; step++) {
    const chord = CHORDS[Math.floor(step / PATTERN.length) % CHORDS.length] ?? CHORDS[0]
    const note = chord[PATTERN[step % PATTERN.length] ?? 0] ?? 0
    pluck(sum, { at: step * half, note, loudness: PLUCK, seconds: 0.9 })
    if (step % PATTERN.length === 0) pluck(sum, { at: step * half, note: chord[0] - 12, loudness: BASS, seconds: 2.2 })
  }
  for (const [index, note] of MELODY.entries()) pluck(sum, { at: index * beat, note, loudness: LEAD, seconds: 1.4 })
  return Int16Array.from(sum, (sample) => Math.round(Math.max(-32_768, Math.min(32_767, sample))))
}

interface Note {
  readonly at: number
  readonly note: number
  readonly loudness: number
  readonly seconds: number
}

/**
 * A string that is plucked and dies away; what reaches beyond the end comes in again at the beginning. Calls wait for it, so
 * it is made with additions and products alone: a turning pointer is the tone, and a factor its dying away.
 */
function pluck(sum: Float64Array, { at, note, loudness, seconds }: Note): void {
  const step = (2 * Math.PI * 220 * 2 ** (note / 12)) / SAMPLE_RATE
  const count = Math.round(seconds * SAMPLE_RATE)
  const [turnCos, turnSin] = [Math.cos(step), Math.sin(step)]
  const decay = Math.exp(-4 / (seconds * SAMPLE_RATE))
  const dulling = Math.exp(-6 / SAMPLE_RATE)
  let [cos, sin, strength, brightness] = [1, 0, loudness, 0.8]
  let target = at
  for (let index = 0; index < count; index++) {
    const edge = Math.min(index / 80, (count - index) / 400, 1)
    // Twice and three times the angle: the overtones.
    sum[target]! += edge * strength * sin * (1 + brightness * cos + 0.15 * (4 * cos * cos - 1))
    ;[cos, sin] = [cos * turnCos - sin * turnSin, sin * turnCos + cos * turnSin]
    strength *= decay
    brightness *= dulling
    target = target + 1 === sum.length ? 0 : target + 1
  }
}
