/**
 * The script of a scripted person: what somebody who is played by the server does when an invitation reaches them. The
 * same text serves the directory file, the control API and the tests, so it is read in one place.
 */
import { z } from 'zod'
import { partyReasons, type ReasonName } from '../../calls/reasons.ts'
import { duration } from './duration.ts'
import type { Step } from './steps.ts'
import { performance } from './steps.ts'

/** Waiting in the lobby. Without `admitAfterMs` they wait until somebody admits them. */
export interface Lobby {
  /** Milliseconds from entering the lobby until they are let in. */
  readonly admitAfterMs?: number
}

/** They take the call, or their voicemail does. */
export interface AnswerScript {
  readonly outcome: 'answer' | 'voicemail'
  /** Milliseconds of ringing before it is taken. */
  readonly afterMs: number
  /** Milliseconds from being connected until they hang up; without it they stay. */
  readonly leaveAfterMs?: number
  readonly lobby?: Lobby
  /** What they do from being connected on, one step after the other. */
  readonly steps?: readonly Step[]
}

/** They do not take the call, and the caller is told at once or after a while. */
export interface RefuseScript {
  readonly outcome: 'decline' | 'busy' | 'offline' | 'unreachable'
  /** Milliseconds of ringing before the caller is told. */
  readonly afterMs: number
}

/** It rings until the ring timeout. */
export interface IgnoreScript {
  readonly outcome: 'ignore'
}

/** The invitation fails for a reason out of the table of reasons. */
export interface FailScript {
  readonly outcome: 'fail'
  readonly reason: ReasonName
  /** Milliseconds of ringing before it fails. */
  readonly afterMs: number
}

/** What a scripted person does when they are rung. */
export type Script = AnswerScript | RefuseScript | IgnoreScript | FailScript

/** One thing that is wrong with a script. */
export interface ScriptError {
  /** The keys that lead to the value in question; empty for the script as a whole. */
  readonly path: readonly string[]
  /** What is wrong and what to write instead, in one sentence that reads on its own. */
  readonly message: string
}

/** A script that was read, or everything that is wrong with it. */
export type ParsedScript = { ok: true; script: Script } | { ok: false; errors: readonly ScriptError[] }

/** What people do who have no script: they answer after a second and stay. */
export const defaultScript: Script = { outcome: 'answer', afterMs: 1000 }

/** An object that takes these keys and no others, and says which when it meets another. */
function closed<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const keys = Object.keys(shape)
  const help = keys.length === 0 ? 'no keys are allowed here' : `the keys allowed here are ${keys.join(', ')}`
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `is not a known key; ${help}` : `must be an object; ${help}`,
  })
}

/** An outcome that may be written with nothing after the colon, which YAML reads as null. */
function outcome<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (value === null ? {} : value), schema).optional()
}

const reason = z.string({ error: 'must be the name of a reason' }).transform((name, context): ReasonName => {
  if (isReason(name)) return name
  context.addIssue('is not a known reason, such as callee-busy or number-blocked; docs/reference/codes.md has them all')
  return z.NEVER
})

const stay = {
  leaveAfter: duration.optional(),
  lobby: z
    .union([z.boolean(), closed({ admitAfter: duration.optional() })], {
      error: 'must be true, false or {"admitAfter": "5s"}',
    })
    .optional(),
  ...performance,
}
const STAY_KEYS = Object.keys(stay) as (keyof typeof stay)[]
const answer = outcome(closed({ after: duration.optional(), ...stay }))
const refuse = outcome(closed({ after: duration.optional() }))

const outcomes = {
  answer,
  voicemail: answer,
  decline: refuse,
  busy: refuse,
  offline: refuse,
  unreachable: refuse,
  ignore: outcome(closed({})),
  fail: outcome(closed({ reason, after: duration.optional() })),
}

/** The written form of a script, by key. Exactly one outcome is allowed, which `parseScript` checks. */
export const scriptSchema = closed({ ...outcomes, ...stay })

type Written = z.output<typeof scriptSchema>
type OutcomeName = keyof typeof outcomes

const OUTCOMES = Object.keys(outcomes) as OutcomeName[]
const ONE_OUTCOME = `must have exactly one of ${OUTCOMES.join(', ')}`

/**
 * Reads a script, for example `{"answer": {"after": "2s"}, "leaveAfter": "5m"}`.
 * @param value what JSON or YAML gave.
 * @returns the script with every duration in milliseconds, or every error found.
 */
export function parseScript(value: unknown): ParsedScript {
  const read = scriptSchema.safeParse(value)
  if (!read.success) return { ok: false, errors: read.error.issues.flatMap(explain) }
  const errors: ScriptError[] = []
  const script = interpret(read.data, errors)
  return script && errors.length === 0 ? { ok: true, script } : { ok: false, errors }
}

/** The WAV files that somebody with this script says. */
export function soundsOf(script: Script): readonly string[] {
  const steps = 'steps' in script ? (script.steps ?? []) : []
  return steps.flatMap((step) => (step.type === 'say' ? [step.file] : []))
}

function isReason(name: string): name is ReasonName {
  return Object.hasOwn(partyReasons, name)
}

/** Turns one finding of zod into sentences; unknown keys become one error each, placed at the key. */
function explain(issue: z.core.$ZodIssue): ScriptError[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: `"${key}" ${issue.message}` }))
  }
  if (issue.code === 'invalid_union') {
    const inside = issue.errors.flat().filter((each) => each.path.length > 0 || each.code === 'unrecognized_keys')
    if (inside.length > 0) return inside.flatMap((each) => explain({ ...each, path: [...issue.path, ...each.path] }))
  }
  return [{ path, message: `${path.length === 0 ? 'a script' : `"${path.join('.')}"`} ${issue.message}` }]
}

function interpret(written: Written, errors: ScriptError[]): Script | undefined {
  const named = OUTCOMES.filter((name) => written[name] !== undefined)
  const name = named[0]
  if (!name || named.length > 1) {
    const found = named.length > 1 ? `, not ${named.join(' and ')} together` : ''
    errors.push({ path: [], message: `a script ${ONE_OUTCOME}${found}` })
    return undefined
  }
  const detail: { after?: number | undefined; reason?: ReasonName } = written[name] ?? {}
  if (name === 'answer' || name === 'voicemail') return interpretStay(name, written, errors)
  for (const key of STAY_KEYS) {
    if (written[key] === undefined) continue
    errors.push({ path: [key], message: `"${key}" goes with answer or voicemail only; take it away from ${name}` })
  }
  const afterMs = detail.after ?? 0
  if (name === 'ignore') return { outcome: name }
  if (name !== 'fail') return { outcome: name, afterMs }
  return detail.reason && { outcome: name, reason: detail.reason, afterMs }
}

/** What goes with being in the call may stand inside the outcome or beside it, but not in both places. */
function interpretStay(name: 'answer' | 'voicemail', written: Written, errors: ScriptError[]): Script {
  const inside = written[name] ?? {}
  for (const key of STAY_KEYS) {
    if (inside[key] === undefined || written[key] === undefined) continue
    errors.push({ path: [key], message: `"${key}" is given both inside ${name} and beside it; keep one of them` })
  }
  const leaveAfterMs = inside.leaveAfter ?? written.leaveAfter
  const lobby = inside.lobby ?? written.lobby
  return {
    outcome: name,
    afterMs: inside.after ?? 1000,
    ...(leaveAfterMs !== undefined && { leaveAfterMs }),
    ...(lobby && { lobby: interpretLobby(lobby) }),
    ...interpretSteps({ ...written, ...inside }, errors),
  }
}

/** `say` and `press` stand for a list of one step. */
function interpretSteps({ say, press, steps }: Partial<Written>, errors: ScriptError[]): { steps?: readonly Step[] } {
  const given = [say && [say], press && [press], steps].filter((one) => one !== undefined)
  if (given.length > 1) {
    errors.push({
      path: [],
      message: 'a script has one of say, press and steps; steps gives an order: [{ say: hello.wav }, { press: "1" }]',
    })
  }
  return given[0] && given[0].length > 0 ? { steps: given[0] } : {}
}

function interpretLobby(lobby: true | { admitAfter?: number | undefined }): Lobby {
  return lobby === true || lobby.admitAfter === undefined ? {} : { admitAfterMs: lobby.admitAfter }
}
