/** The query options of call records: `$expand`, `$select`, `$filter` and the range of the telephone logs. */
import { badRequest } from '../errors.ts'
import { readMoment } from '../moment.ts'
import { readQuery } from '../paging.ts'
import type { Query } from '../paging.ts'
import type { ResourceRequest } from '../resource.ts'

/** Reads a query; options that the operation does not know are refused, rather than answered as if they were not there. */
export function readOptions(
  { query, prefer }: ResourceRequest,
  known: readonly string[],
  pages: { readonly standard: number; readonly largest: number },
): Query {
  const help = known.length === 0 ? 'none is' : `${known.join(', ')} can be used`
  return readQuery(query, { known, help, ...pages, clamps: true, refuse: badRequest }, prefer)
}

/** What `$expand` asks for. */
export interface Expansion {
  readonly sessions: boolean
  readonly segments: boolean
  readonly participants: boolean
}

/** Reads `$expand` of a record: `sessions`, `sessions($expand=segments)`, `participants_v2`. */
export function readExpand(query: Query): Expansion {
  const text = textOf(query, '$expand')
  const items = (text ?? '').match(/[^,(]+(?:\([^)]*\))?/g) ?? []
  const expansion = { sessions: false, segments: false, participants: false }
  for (const item of items.map((one) => one.trim().toLowerCase().replaceAll(/\s/g, ''))) {
    if (item === 'participants_v2') expansion.participants = true
    else if (item === 'sessions' || item === 'sessions($expand=segments)') {
      expansion.sessions = true
      expansion.segments ||= item !== 'sessions'
    } else {
      throw badRequest('$expand takes sessions, sessions($expand=segments) and participants_v2, separated by commas.')
    }
  }
  return expansion
}

/** Whether `$expand` of a list of sessions asks for segments, the only thing that it can ask for. */
export function readSegments(query: Query): boolean {
  const text = textOf(query, '$expand')?.trim().toLowerCase()
  if (text !== undefined && text !== 'segments') throw badRequest('$expand takes segments here.')
  return text !== undefined
}

/** Which records a list holds: starts from `from` to before `before`, and one participant's id if that is asked for. */
export interface RecordFilter {
  readonly from: number
  readonly before: number
  readonly participant: string | undefined
}

const START = /^startDateTime\s+(ge|gt|le|lt)\s+(\S+)$/i
const PARTICIPANT = /^participants_v2\/any\(\s*(\w+)\s*:\s*\1\/id\s+eq\s+'([^']{1,256})'\s*\)$/i

/** Reads `$filter` of the list of records. */
export function readFilter(query: Query): RecordFilter {
  let [from, before]: [number, number] = [0, Number.MAX_SAFE_INTEGER]
  let participant: string | undefined
  const text = textOf(query, '$filter')?.trim()
  for (const clause of text === undefined ? [] : text.split(/\s+and\s+/i)) {
    const [, operator = '', moment = ''] = START.exec(clause.trim()) ?? []
    const [, , id] = PARTICIPANT.exec(clause.trim()) ?? []
    const at = readMoment(moment)
    if (id !== undefined) participant = id.toLowerCase()
    else if (at === undefined) {
      throw badRequest(
        "$filter takes startDateTime with ge, gt, le or lt and a time such as 2026-01-31T09:00:00Z, and participants_v2/any(p:p/id eq '...'), joined by and.",
      )
    } else if (operator.toLowerCase().startsWith('g')) {
      from = Math.max(from, operator.toLowerCase() === 'ge' ? at : at + 1)
    } else before = Math.min(before, operator.toLowerCase() === 'lt' ? at : at + 1)
  }
  return { from, before, participant }
}

/** The longest range of the telephone logs, in milliseconds. */
const LONGEST_RANGE = 90 * 86_400_000

/** The range of a telephone log, both ends inclusive; a date stands for its first moment. */
export function readRange(query: Query): { readonly from: number; readonly before: number } {
  const from = readBound(query, 'fromDateTime')
  const to = readBound(query, 'toDateTime')
  if (to < from) throw badRequest('toDateTime is before fromDateTime.')
  if (to - from > LONGEST_RANGE) {
    throw badRequest('fromDateTime and toDateTime are more than 90 days apart; ask for shorter ranges one by one.')
  }
  return { from, before: to + 1 }
}

function readBound(query: Query, name: string): number {
  const at = readMoment(textOf(query, name)?.replaceAll(/^'|'$/g, '') ?? '')
  if (at === undefined) throw badRequest(`${name} must be a date or time such as 2026-01-31 or 2026-01-31T09:00:00Z.`)
  return at
}

function textOf({ options }: Query, name: string): string | undefined {
  return options.get(name.toLowerCase())
}
