/** The query options of call records: `$expand`, `$select`, `$filter` and the range of the telephone logs. */
import { badRequest } from '../errors.ts'
import { readMoment } from '../moment.ts'
import type { QueryOptions } from '../paging.ts'
import type { Json } from '../wire/identity.ts'

/** Refuses options that the operation does not know, rather than answering as if they were not there. */
export function refuseOthers(query: QueryOptions, known: readonly string[]): void {
  const other = Object.keys(query).find((name) => name.startsWith('$') && !known.includes(name.toLowerCase()))
  if (other === undefined) return
  const help = known.length === 0 ? 'none is' : `${known.join(', ')} can be used`
  throw badRequest(`The query option ${other.slice(0, 64)} is not supported here; ${help}.`)
}

/** What `$expand` asks for. */
export interface Expansion {
  readonly sessions: boolean
  readonly segments: boolean
  readonly participants: boolean
}

/** Reads `$expand` of a record: `sessions`, `sessions($expand=segments)`, `participants_v2`. */
export function readExpand(query: QueryOptions): Expansion {
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
export function readSegments(query: QueryOptions): boolean {
  const text = textOf(query, '$expand')?.trim().toLowerCase()
  if (text !== undefined && text !== 'segments') throw badRequest('$expand takes segments here.')
  return text !== undefined
}

/** An object with the members that `$select` asks for; what was expanded stays. */
export function select(item: Json, query: QueryOptions, expanded: readonly string[] = []): Json {
  const names = new Set((textOf(query, '$select') ?? '').split(',').map((name) => name.trim().toLowerCase()))
  names.delete('')
  if (names.size === 0 || names.has('*')) return item
  const isKept = (name: string): boolean =>
    name.startsWith('@') || names.has(name.toLowerCase()) || expanded.some((one) => name.startsWith(one))
  return Object.fromEntries(Object.entries(item).filter(([name]) => isKept(name)))
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
export function readFilter(query: QueryOptions): RecordFilter {
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
export function readRange(query: QueryOptions): { readonly from: number; readonly before: number } {
  const from = readBound(query, 'fromDateTime')
  const to = readBound(query, 'toDateTime')
  if (to < from) throw badRequest('toDateTime is before fromDateTime.')
  if (to - from > LONGEST_RANGE) {
    throw badRequest('fromDateTime and toDateTime are more than 90 days apart; ask for shorter ranges one by one.')
  }
  return { from, before: to + 1 }
}

function readBound(query: QueryOptions, name: string): number {
  const at = readMoment(textOf(query, name)?.replaceAll(/^'|'$/g, '') ?? '')
  if (at === undefined) throw badRequest(`${name} must be a date or time such as 2026-01-31 or 2026-01-31T09:00:00Z.`)
  return at
}

function textOf(query: QueryOptions, name: string): string | undefined {
  const value = query[name]
  return value === undefined ? undefined : String(value)
}
