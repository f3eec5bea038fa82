/** Every code in one list: for the reference page, for `rollcall explain`, and for explanations. */
import type { CodeSource } from '../calls/reason-row.ts'
import { endReasons } from '../calls/reasons.ts'
import { callingErrors } from './calling-errors.ts'
import type { ErrorRow } from './code-row.ts'
import { deliveryFaults } from './delivery-faults.ts'
import { knownCodes } from './known-codes.ts'
import { tokenErrors } from './token-errors.ts'
import { wordErrors } from './word-errors.ts'

/** Where a code is met: in `resultInfo`, in an answer of the API or of the token endpoint, in an attempt; or not here. */
export type CodePlace = 'result' | 'error' | 'token' | 'delivery' | 'unsent'

/** One code, whichever table it stands in. */
export interface Code {
  readonly place: CodePlace
  /** How it is written in one word: `486/8539`, `400/8523`, `AADSTS7000215`, `ECONNREFUSED`. */
  readonly label: string
  /** `resultInfo.code`, or HTTP statuses. */
  readonly codes: readonly number[]
  /** `resultInfo.subcode`, `error.code`, or what follows `AADSTS`. */
  readonly subcode: string
  /** A reason's name, as scripts and the timeline say it; else the code again. */
  readonly name: string
  readonly text: string
  /** Absent for a code that Rollcall does not send. */
  readonly when?: string
  readonly todo?: string
  readonly source: CodeSource
}

/** How sure each source is, in words. */
export const sources: Readonly<Record<CodeSource, string>> = {
  documented: 'documented by Microsoft',
  observed: 'seen from the real service, not documented',
  sister: 'documented for Azure Communication Services, the sister product; plausible here',
  own: "Rollcall's own choice",
}

/** Every code: those of `resultInfo` first, those that Rollcall does not send last. */
export const codes: readonly Code[] = [
  ...Object.entries(endReasons).map(([name, { code, subcode, text, when, todo, source }]): Code => {
    const label = `${code}/${subcode}`
    return { place: 'result', label, codes: [code], subcode: String(subcode), name, text, when, todo, source }
  }),
  ...errorCodes(callingErrors),
  ...errorCodes(wordErrors),
  ...Object.entries(tokenErrors).map(([number, { statuses, text, when, todo, source }]): Code => {
    const label = `AADSTS${number}`
    return { place: 'token', label, codes: statuses, subcode: number, name: label, text, when, todo, source }
  }),
  ...Object.entries(deliveryFaults).map(([name, { text, when, todo, source }]): Code => {
    return { place: 'delivery', label: name, codes: [], subcode: name, name, text, when, todo, source }
  }),
  ...knownCodes.map(({ code, subcode, text, source }): Code => {
    const word = String(subcode)
    const codes = code === undefined ? [] : [code]
    return { place: 'unsent', label: [...codes, word].join('/'), codes, subcode: word, name: word, text, source }
  }),
]

function errorCodes(rows: Readonly<Record<string, ErrorRow>>): Code[] {
  return Object.entries(rows).map(([name, { statuses, text, when, todo, source }]) => {
    const label = `${statuses.join(',')}/${name}`
    return { place: 'error', label, codes: statuses, subcode: name, name, text, when, todo, source }
  })
}

/** The code of an answer's or attempt's `error.code`, if it has a row. */
export function errorCode(name: string): Code | undefined {
  return codes.find((one) => one.place === 'error' && one.name === name)
}

/** The codes that somebody means who writes `8537`, `408/8537`, `408#8537`, `callee-busy`, `AADSTS50027` or `ECONNRESET`. */
export function findCodes(text: string): readonly Code[] {
  const asked = text.trim().toLowerCase()
  const [, code, subcode] = /^(\d+)[/#](\w+)\.?@?$/.exec(asked.replace(/^diagcode:\s*/, '')) ?? []
  if (code !== undefined && subcode !== undefined) {
    return codes.filter((one) => one.subcode.toLowerCase() === subcode && one.codes.includes(Number(code)))
  }
  const exact = codes.filter((one) => [one.name, one.subcode, one.label].some((word) => word.toLowerCase() === asked))
  return exact.length > 0 ? exact : codes.filter((one) => one.codes.some((number) => String(number) === asked))
}

/** The codes that are most like a text that is none, the nearest first. */
export function nearestCodes(text: string, limit: number): readonly Code[] {
  const asked = text.trim().toLowerCase().slice(0, 64)
  return codes
    .map((code) => ({ code, distance: Math.min(...spellings(code).map((word) => distance(asked, word))) }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ code }) => code)
}

function spellings({ name, subcode, label }: Code): readonly string[] {
  return [name, subcode, label].map((word) => word.toLowerCase())
}

/** How many letters must be changed, added or left out to make one word of the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let line = 1; line <= from.length; line++) {
    const next = [line]
    for (let place = 1; place <= to.length; place++) {
      const change = (row[place - 1] ?? 0) + (from[line - 1] === to[place - 1] ? 0 : 1)
      next.push(Math.min(change, (row[place] ?? 0) + 1, (next[place - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
