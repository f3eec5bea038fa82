/** Codes as text for a terminal. */
import type { Code, CodePlace } from './codes.ts'
import { sources } from './codes.ts'

/** Where a code of each kind is met. */
export const places: Readonly<Record<CodePlace, string>> = {
  result: 'resultInfo of a call that ended or an operation that failed',
  error: 'error.code of a refused request',
  token: 'refusal of the token endpoint',
  delivery: 'attempt to deliver a notification',
  unsent: 'not sent by Rollcall',
}

/** A code in a few lines, each with what it says in front. */
export function describeCode(code: Code): string {
  const { label, name, place, text, when, todo, source } = code
  const title = label.endsWith(name) ? label : `${label}  ${name}`
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['where', places[place]],
    ['means', text],
    ['when', when],
    ['to do', todo],
    ['source', sources[source]],
  ]
  const shown = lines.flatMap(([head, line]) => (line === undefined ? [] : [`  ${head.padEnd(6)}  ${line}`]))
  return [title, ...shown].join('\n')
}
