/** What a scripted person does while they are in a call: waits, says something, presses keys, has it transcribed. */
import { z } from 'zod'
import type { Tone } from '../../calls/media.ts'
import { duration } from './duration.ts'

/** One thing after the other. Times are milliseconds. */
export type Step =
  | { readonly type: 'wait'; readonly ms: number }
  /** Something like speech, without words, for so long. */
  | { readonly type: 'babble'; readonly ms: number }
  /** A WAV file, by its path from the directory file's folder. */
  | { readonly type: 'say'; readonly file: string }
  | { readonly type: 'press'; readonly tones: readonly Tone[] }
  /** Turns the call's transcription on or off. */
  | { readonly type: 'transcribe'; readonly on: boolean }

/** What a person says, as it is written: a WAV file, or how long they speak. */
export type Saying = Extract<Step, { type: 'babble' | 'say' }>

/** Keys are pressed this far apart, in milliseconds. */
export const KEY_PACE = 200
/** Steps of one script. */
const MOST_STEPS = 100

const KEYS: Readonly<Record<string, Tone>> = { '*': 'star', '#': 'pound', a: 'a', b: 'b', c: 'c', d: 'd' }

/** The tones of keys as they are written, such as `12#`; undefined if one of them is no key. */
export function tonesOf(keys: string): readonly Tone[] | undefined {
  if (!/^[0-9*#a-d]{1,64}$/i.test(keys)) return undefined
  return keys
    .toLowerCase()
    .split('')
    .map((key) => KEYS[key] ?? (`tone${key}` as Tone))
}

const PRESS_HELP = 'must be keys such as "1", "12#" or "*", in quotes, 64 at most'
const SAY_HELP =
  'must be the path of a WAV file from the folder of the directory file, such as "hello.wav", or a duration such as "3s"'

const press = z.string({ error: PRESS_HELP }).transform((keys, context): Step => {
  const tones = tonesOf(keys)
  if (tones) return { type: 'press', tones }
  context.addIssue(PRESS_HELP)
  return z.NEVER
})

/** What somebody says: `hello.wav` or `3s`. */
export const sayingSchema = z.string({ error: SAY_HELP }).transform((written, context): Saying => {
  if (/\.wav$/i.test(written) && written.length <= 255) return { type: 'say', file: written }
  const read = duration.safeParse(written)
  if (read.success) return { type: 'babble', ms: read.data }
  context.addIssue(SAY_HELP)
  return z.NEVER
})

const wait = duration.transform((ms): Step => ({ type: 'wait', ms }))

const STEP_HELP =
  'must be one of { wait: 2s }, { say: hello.wav }, { say: 3s }, { press: "1" }, { transcribe: on } and { transcribe: off }'

const transcribe = z
  .enum(['on', 'off'], { error: 'must be on or off' })
  .transform((written): Step => ({ type: 'transcribe', on: written === 'on' }))

const step = z
  .looseObject(
    { wait: wait.optional(), say: sayingSchema.optional(), press: press.optional(), transcribe: transcribe.optional() },
    { error: STEP_HELP },
  )
  .transform((written, context): Step => {
    const { wait: waited, say, press: pressed, transcribe: turned } = written
    const only = waited ?? say ?? pressed ?? turned
    if (only && Object.keys(written).length === 1) return only
    context.addIssue(STEP_HELP)
    return z.NEVER
  })

/** The keys of a script that say what its person does: at most one of them. */
export const performance = {
  say: sayingSchema.optional(),
  press: press.optional(),
  steps: z
    .array(step, { error: 'must be a list of steps' })
    .max(MOST_STEPS, `must have ${MOST_STEPS} steps at most`)
    .optional(),
}

/** A step in its written form. */
export function writeStep(one: Step): Record<string, string> {
  switch (one.type) {
    case 'wait':
      return { wait: `${one.ms}ms` }
    case 'babble':
      return { say: `${one.ms}ms` }
    case 'say':
      return { say: one.file }
    case 'press':
      return { press: one.tones.map(keyOf).join('') }
    case 'transcribe':
      return { transcribe: one.on ? 'on' : 'off' }
  }
}

function keyOf(tone: Tone): string {
  return Object.keys(KEYS).find((key) => KEYS[key] === tone) ?? tone.slice('tone'.length)
}
