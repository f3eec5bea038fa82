/** The reference page of the reasons for which legs and calls end, made from the table in `src/calls/reasons.ts`. */
import { endReasons } from '../src/calls/reasons.ts'

const INTRODUCTION = `<!-- Made by \`npm run generate\` from src/calls/reasons.ts; change that instead. -->

# Why something ended

A failed operation and a call that ended tell why in \`resultInfo\`: a code and a subcode, as the real service uses them, and
a message that ends \`DiagCode: {code}#{subcode}.@\`. The control API and scripts call each reason by its name:
\`{"fail": {"reason": "number-blocked"}}\` makes a scripted person fail with just that one.

Where two reasons have the same code and subcode, the message tells them apart.`

/** The page as Markdown. */
export function reasonsPage(): string {
  const head = '| Reason | Code | Subcode | What happened |\n| --- | --- | --- | --- |'
  const rows = Object.entries(endReasons).map(
    ([name, { code, subcode, text }]) => `| \`${name}\` | ${code} | ${subcode} | ${text} |`,
  )
  return `${INTRODUCTION}\n\n${[head, ...rows].join('\n')}\n`
}
