/** G.711, what telephones speak: 8 kHz, and 8 bits a sample on a scale of steps that grow with the sound. */
import { decibels } from './frames.ts'

/** The two scales, by their names in session descriptions: µ-law, and A-law. */
export type Law = 'PCMU' | 'PCMA'

/** Samples a second. */
export const LAW_RATE = 8000

/** Codes as samples, and samples as codes; a table each. */
interface Tables {
  /** By code: the sample. */
  readonly samples: Int16Array
  /** By code: the power, 1 for full scale. */
  readonly powers: Float64Array
  /** By sample, its two lowest bits left out: the code. */
  readonly codes: Uint8Array
  readonly silence: number
}

/** Recommendation ITU-T G.711, table 2: chords of 16 steps, each with steps twice as large. */
function muLaw(code: number): number {
  const bits = ~code & 0xff
  const size = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132
  return bits & 128 ? -size : size
}

/** Recommendation ITU-T G.711, table 1: every other bit is turned over on the line. */
function aLaw(code: number): number {
  const bits = code ^ 0x55
  const chord = (bits >> 4) & 7
  const step = ((bits & 15) << 4) + 8
  const size = chord === 0 ? step : (step + 256) << (chord - 1)
  return bits & 128 ? size : -size
}

/** How many neighbouring samples have one code between them: fewer than the smallest step has. */
const COARSE = 2

function tablesOf(sampleOf: (code: number) => number): Tables {
  const samples = Int16Array.from({ length: 256 }, (_, code) => sampleOf(code))
  const powers = Float64Array.from(samples, (sample) => (sample / 32_768) ** 2)
  // Of two codes for the same sample the higher one is the usual.
  const ranked = [...samples.keys()].sort((a, b) => samples[a]! - samples[b]! || a - b)
  const codes = new Uint8Array(65_536 >> COARSE)
  let rank = 0
  for (let index = 0; index < codes.length; index++) {
    const sample = (index << COARSE) - 32_768 + (1 << (COARSE - 1))
    const distance = (at: number): number => Math.abs(samples[ranked[at]!]! - sample)
    while (rank + 1 < ranked.length && distance(rank + 1) <= distance(rank)) rank++
    codes[index] = ranked[rank]!
  }
  return { samples, powers, codes, silence: codes[32_768 >> COARSE]! }
}

const tables: Readonly<Record<Law, Tables>> = { PCMU: tablesOf(muLaw), PCMA: tablesOf(aLaw) }

/** Samples of 8 kHz as codes. */
export function encodeLaw(law: Law, samples: Int16Array): Uint8Array {
  const { codes } = tables[law]
  const made = new Uint8Array(samples.length)
  for (let index = 0; index < made.length; index++) made[index] = codes[(samples[index]! + 32_768) >> COARSE]!
  return made
}

/** Codes as samples of 8 kHz. */
export function decodeLaw(law: Law, payload: Uint8Array): Int16Array {
  const { samples } = tables[law]
  const made = new Int16Array(payload.length)
  for (let index = 0; index < made.length; index++) made[index] = samples[payload[index]!]!
  return made
}

/** Every so many codes are looked at for how loud they are: that is near enough. */
const GLANCE = 4

/** About how loud codes are, in decibels below full scale (negative), without decoding them. */
export function levelOfLaw(law: Law, payload: Uint8Array): number {
  const { powers } = tables[law]
  let [sum, count] = [0, 0]
  for (let index = 0; index < payload.length; index += GLANCE) {
    sum += powers[payload[index]!]!
    count++
  }
  return decibels(sum / Math.max(1, count))
}

/** A frame of 20 ms in which nobody says anything. */
export const silentLaw: Readonly<Record<Law, Uint8Array>> = {
  PCMU: new Uint8Array(LAW_RATE / 50).fill(tables.PCMU.silence),
  PCMA: new Uint8Array(LAW_RATE / 50).fill(tables.PCMA.silence),
}
