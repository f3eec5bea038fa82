/** Keys as requests name them. */
import type { Tone } from '../../calls/media.ts'
import { tones } from '../../calls/media.ts'
import { BadRequest, readChoice } from './reader.ts'

/** What stands on the keys whose names are words. */
const SYMBOLS: { readonly [Key in Tone]?: string } = { star: '*', pound: '#' }

/** A key as it stands on the telephone: `1`, `*`, `#`, `a`. */
export function toneKey(tone: Tone): string {
  return SYMBOLS[tone] ?? tone.replace('tone', '')
}

/** Reads a key, by its name in the enumeration (`tone1`, `pound`) or as it stands on the telephone. @throws BadRequest */
export function readTone(value: unknown, path: string): Tone {
  const written = typeof value === 'number' ? String(value) : value
  const key = tones.find((tone) => typeof written === 'string' && toneKey(tone) === written.toLowerCase())
  if (key !== undefined) return key
  if (typeof written !== 'string') throw new BadRequest(`${path} must be a key such as "1", "*" or "tone1".`)
  return readChoice(written, path, tones)
}
