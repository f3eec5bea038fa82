/** The reference page of every code, made from the tables in `src/calls/` and `src/codes/`. */
import type { Code } from '../src/codes/codes.ts'
import { codes, sources } from '../src/codes/codes.ts'

const INTRODUCTION = `<!-- Made by \`npm run generate\` from src/codes/ and src/calls/reasons.ts; change those instead. -->

# Codes

Every code that a bot can meet: what it means, when Rollcall sends it, and what to do. On the command line,
\`npm run explain 8537\` prints one, without a server. It takes a number, a pair such as \`408/8537\`, and a name such as
\`callee-busy\`, \`AADSTS7000215\` or \`ECONNREFUSED\`.

The last column says how sure it is that the real service means the same:

${Object.entries(sources)
  .map(([source, words]) => `- _${source}_: ${words}`)
  .join('\n')}`

const RESULT = `## Why something ended: \`resultInfo\`

A call that ended and an operation that failed tell why in \`resultInfo\`: a code, a subcode, and a message that ends
\`DiagCode: {code}#{subcode}.@\`. The control API and scripts call each reason by its name:
\`{"fail": {"reason": "number-blocked"}}\` makes a scripted person fail with just that one. Where two reasons have the same
code and subcode, the message tells them apart.`

const ERROR = `## Why a request was refused: \`error.code\`

Refusals of the calling API have a number, others a word. The header \`rollcall-explanation\` says in a sentence what is
wrong in this case.`

const TOKEN = `## Why there is no token: \`AADSTS\`

The token endpoint's \`error_description\` begins with \`AADSTS\` and the number, and says what to change.`

const DELIVERY = `## Why a webhook was not reached

What an attempt at a notification says in brackets when there was no answer at all. A webhook that answers is judged by its
status: 2xx is delivered, 410 gives up at once, everything else is tried again.`

const UNSENT = `## Published, and not sent by Rollcall

Codes that bots meet at the real service. Rollcall knows them, and sends none of them.`

/** The page as Markdown. */
export function codesPage(): string {
  const of = (place: Code['place']): Code[] => codes.filter((one) => one.place === place)
  const sent = ['What it means', 'When Rollcall sends it', 'What to do', 'Source']
  const parts = [
    INTRODUCTION,
    RESULT,
    table(['Code', 'Subcode', 'Name', ...sent], of('result'), (one) => [list(one.codes), one.subcode, one.name]),
    ERROR,
    table(['Status', 'Code', ...sent], of('error'), (one) => [list(one.codes), one.name]),
    TOKEN,
    table(['Status', 'Code', ...sent], of('token'), (one) => [list(one.codes), one.label]),
    DELIVERY,
    table(['Code', ...sent], of('delivery'), (one) => [one.name]),
    UNSENT,
    table(['Code', 'Subcode', 'What it means', 'Source'], of('unsent'), (one) => [list(one.codes), one.subcode]),
  ]
  return `${parts.join('\n\n')}\n`
}

function table(heads: readonly string[], rows: readonly Code[], first: (row: Code) => readonly string[]): string {
  const lines = rows.map((row) => {
    const { text, when, todo, source } = row
    const rest = [text, when, todo, source].filter((cell) => cell !== undefined)
    return `| ${[...first(row).map(quoted), ...rest].join(' | ')} |`
  })
  return [`| ${heads.join(' | ')} |`, `| ${heads.map(() => '---').join(' | ')} |`, ...lines].join('\n')
}

function list(numbers: readonly number[]): string {
  return numbers.join(', ')
}

function quoted(cell: string): string {
  return /^[\d, ]*$/.test(cell) ? cell : `\`${cell}\``
}
