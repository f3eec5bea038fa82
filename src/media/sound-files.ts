/** The WAV files that scripted people say: they lie in the folder of the directory file, or below it. */
import { readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import type { Sound } from './sound.ts'
import { soundOf } from './sound.ts'
import { readWav } from './wav.ts'

/** A file's sound, or what is wrong with it, as a clause. */
export type ReadSound = { readonly ok: true; readonly sound: Sound } | { readonly ok: false; readonly problem: string }

/**
 * Reads a file.
 * @param folder that it must be in
 * @param path from the folder
 * @param limit bytes that it may have
 */
export function readSoundFile(folder: string, path: string, limit: number): ReadSound {
  const file = join(folder, path)
  const inside = relative(folder, file)
  if (isAbsolute(path) || inside.startsWith('..')) return wrong(path, 'it must be in the folder of the directory file')
  try {
    if (statSync(file).size > limit) return wrong(path, `it is larger than ${limit} bytes (option promptSizeLimit)`)
    const wav = readWav(readFileSync(file))
    return wav.ok ? { ok: true, sound: soundOf(wav.samples) } : wrong(path, wav.problem)
  } catch (error) {
    return wrong(path, error instanceof Error ? error.message : String(error))
  }
}

function wrong(path: string, why: string): ReadSound {
  return { ok: false, problem: `the sound ${path} cannot be used: ${why}` }
}
