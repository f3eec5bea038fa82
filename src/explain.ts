/** `rollcall explain ...`: what a code means, without a server; or why something of a running server is as it is. */
import { describeCode } from './codes/describe-code.ts'
import { findCodes, nearestCodes } from './codes/codes.ts'
import { baseUrlOf, readConfig } from './config.ts'
import { readGuid } from './runtime.ts'

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

All of them: docs/reference/codes.md

rollcall explain <id>: why a request, call, participant, operation or notification of a running server is as it is.
The server is found, and the admin key, by the options that it was started with; or name it with --url <address>.`

/** How many codes are offered in place of an unknown one. */
const OFFERED = 3

/**
 * @param words what follows `explain` on the command line
 * @throws ConfigError for options that are none
 */
export async function explain(words: readonly string[]): Promise<Printed> {
  if (words.length === 0 || words.includes('--help') || words.includes('-h')) {
    return { text: USAGE, exitCode: words.length === 0 ? 1 : 0 }
  }
  const flag = words.findIndex((word) => word.startsWith('--'))
  const asked = words.slice(0, flag < 0 ? undefined : flag).join(' ')
  const id = readGuid(asked)
  return id === undefined ? explainCode(asked) : explainId(id, flag < 0 ? [] : words.slice(flag))
}

function explainCode(asked: string): Printed {
  const found = findCodes(asked)
  if (found.length > 0) return { text: found.map(describeCode).join('\n\n'), exitCode: 0 }
  const near = nearestCodes(asked, OFFERED).map(
    ({ label, name, text }) => `  ${[...new Set([label, name])].join('  ')}: ${text}`,
  )
  return { text: `No code is written ${asked}. The nearest are:\n${near.join('\n')}`, exitCode: 1 }
}

/** Asks the server. */
async function explainId(id: string, flags: readonly string[]): Promise<Printed> {
  const place = flags.indexOf('--url')
  const others = place < 0 ? flags : flags.toSpliced(place, 2)
  const request = readConfig(others)
  if (request.kind === 'print') return { text: request.text, exitCode: 0 }
  const { config } = request
  const url = (place < 0 ? undefined : flags[place + 1]) ?? baseUrlOf(config, config.port)
  const headers = config.adminKey === undefined ? {} : { authorization: `Bearer ${config.adminKey}` }
  let answer: Response
  try {
    answer = await fetch(`${url.replace(/\/+$/, '')}/control/explain/${id}`, { headers })
  } catch (fault) {
    const cause = fault instanceof Error && fault.cause instanceof Error ? `: ${fault.cause.message}` : ''
    const help = `Name the server with --url; codes can be explained without one.`
    return { text: `${id} is an id, and no server answers at ${url}${cause}. ${help}`, exitCode: 1 }
  }
  if (answer.ok) return { text: describe((await answer.json()) as Answer), exitCode: 0 }
  const why = answer.headers.get('rollcall-explanation') ?? `The server at ${url} answered ${answer.status}.`
  return { text: why, exitCode: 1 }
}

/** What the server's explanation has for a terminal. */
interface Answer {
  readonly kind: string
  readonly sentence: string
  readonly causes: readonly Readonly<Record<string, string | number>>[]
  readonly notifications?: readonly { readonly why: string }[]
}

const DETAILS = { rule: 'rule', means: 'means', doNext: 'to do', see: 'see' } as const

function describe({ kind, sentence, causes, notifications = [] }: Answer): string {
  const links = causes.flatMap(({ what, when, ...more }) => [
    `  ${when === undefined ? '' : `${when}  `}${what}`,
    ...Object.entries(DETAILS).flatMap(([key, head]) =>
      more[key] === undefined ? [] : [`      ${head}: ${more[key]}`],
    ),
  ])
  const owed = notifications.length === 0 ? [] : ['', 'Notifications:', ...notifications.map(({ why }) => `  ${why}`)]
  return [`${kind}: ${sentence}`, '', ...links, ...owed].join('\n')
}
