/** Query options of OData as the directory's API takes them: `$select`, `$top` with a next link, one `$filter`. */
import type { Json } from '../wire/identity.ts'
import { badRequest } from './errors.ts'

/** The page that is given if none is asked for, and the largest one. */
const STANDARD_PAGE = 100
const LARGEST_PAGE = 999

const KNOWN = ['$select', '$top', '$filter', '$skiptoken']

/** What the query of a request asks for. */
export interface Query {
  /** Names in lower case. */
  readonly select: ReadonlySet<string> | undefined
  readonly top: number
  /** The value that the one property which can be filtered by must have. */
  readonly filter: string | undefined
  /** The id after which the page begins. */
  readonly after: string | undefined
  /** The query without its place, for the next link. */
  readonly rest: URLSearchParams
}

/** @param filterable the one property that `$filter` may name; on single objects there is none */
export function readQuery(given: unknown, filterable: string | undefined): Query {
  const rest = new URLSearchParams()
  for (const [name, value] of Object.entries(given as Record<string, string | string[]>)) {
    if (name.startsWith('$') && !KNOWN.includes(name)) {
      throw badRequest(
        `The query option ${name.slice(0, 64)} is not supported here; ${KNOWN.slice(0, 3).join(', ')} are.`,
      )
    }
    if (name !== '$skiptoken') rest.set(name, typeof value === 'string' ? value : value.join(','))
  }
  const top = rest.get('$top') ?? String(STANDARD_PAGE)
  if (!/^[1-9]\d{0,2}$/.test(top)) throw badRequest(`$top: write a whole number from 1 to ${LARGEST_PAGE}.`)
  const after = (given as Record<string, string | undefined>)['$skiptoken']
  return {
    select: readSelect(rest.get('$select')),
    top: Number(top),
    filter: readFilter(rest.get('$filter'), filterable),
    after,
    rest,
  }
}

function readSelect(text: string | null): ReadonlySet<string> | undefined {
  const names = (text ?? '').split(',').map((name) => name.trim().toLowerCase())
  const select = new Set(names.filter((name) => name !== ''))
  return select.size === 0 || select.has('*') ? undefined : select
}

function readFilter(text: string | null, filterable: string | undefined): string | undefined {
  if (text === null) return undefined
  const [, property = '', value] = /^\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*$/i.exec(text) ?? []
  if (value !== undefined && property.toLowerCase() === filterable?.toLowerCase()) return value.replaceAll("''", "'")
  throw badRequest(
    filterable === undefined
      ? '$filter is for lists.'
      : `This $filter is not supported; the one that is: $filter=${filterable} eq '...'.`,
  )
}

/** One page of a list, in the order of the ids, and the query of the next one if there is more. */
export function pageOf<Item>(
  items: readonly Item[],
  idOf: (item: Item) => string,
  { top, after, rest }: Query,
): { readonly page: readonly Item[]; readonly next: string | undefined } {
  const ordered = items.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
  const from = after === undefined ? ordered : ordered.filter((item) => idOf(item) > after)
  const page = from.slice(0, top)
  const last = page.at(-1)
  if (from.length <= top || last === undefined) return { page, next: undefined }
  return { page, next: `${rest.toString()}&${new URLSearchParams({ $skiptoken: idOf(last) }).toString()}` }
}

/** An object with the members that `$select` asks for. */
export function pick(item: Json, select: ReadonlySet<string> | undefined): Json {
  if (!select) return item
  return Object.fromEntries(Object.entries(item).filter(([name]) => select.has(name.toLowerCase())))
}
