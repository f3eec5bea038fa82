/** `rollcall explain ...`: what a code means, from the tables in the source, without a server. */
import { describeCode } from './codes/describe-code.ts'
import { findCodes, nearestCodes } from './codes/codes.ts'

/** What a command prints, and how the process ends. */
export interface Printed {
  readonly text: string
  readonly exitCode: 0 | 1
}

const USAGE = `rollcall explain <code>: what a code means, when Rollcall sends it, and what to do.

  rollcall explain 8537                        a code or subcode of resultInfo, or of error.code
  rollcall explain 410/301005                  code and subcode; 410#301005, as in messages, will do as well
  rollcall explain callee-busy                 a reason, as scripts and the timeline name it
  rollcall explain InvalidAuthenticationToken  a word of error.code
  rollcall explain AADSTS7000215               a refusal of the token endpoint
  rollcall explain ECONNREFUSED                why a webhook was not reached

All of them: docs/reference/codes.md`

/** How many codes are offered in place of an unknown one. */
const OFFERED = 3

/** @param words what follows `explain` on the command line */
export function explain(words: readonly string[]): Printed {
  if (words.length === 0 || words.includes('--help') || words.includes('-h')) {
    return { text: USAGE, exitCode: words.length === 0 ? 1 : 0 }
  }
  const asked = words.join(' ')
  const found = findCodes(asked)
  if (found.length > 0) return { text: found.map(describeCode).join('\n\n'), exitCode: 0 }
  const near = nearestCodes(asked, OFFERED).map(
    ({ label, name, text }) => `  ${[...new Set([label, name])].join('  ')}: ${text}`,
  )
  return { text: `No code is written ${asked}. The nearest are:\n${near.join('\n')}`, exitCode: 1 }
}
