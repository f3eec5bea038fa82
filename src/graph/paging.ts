/** Query options of OData, and the pages of lists: what a request asks for, and the link to what comes next. */
import { z } from 'zod'
import type { HttpError } from '../http/http-error.ts'
import type { Json } from './wire/identity.ts'

/** The query of a request: an option that is there several times has several values. */
export type QueryOptions = Readonly<Record<string, string | readonly string[] | undefined>>

/** What an address takes. Names of options are in lower case. */
export interface QueryRules {
  readonly known: readonly string[]
  /** What can be used instead of an unknown option: the end of a sentence. */
  readonly help: string
  /** Items of a page at most; and if nothing is asked for, unless that means all. */
  readonly largest: number
  readonly standard?: number
  /** Whether asking for more than the largest page gets the largest page, rather than a refusal. */
  readonly clamps?: boolean
  readonly refuse: (explanation: string) => HttpError
}

/** What the query of a request asks for. */
export interface Query {
  /** Names of members in lower case; undefined for all. */
  readonly select: ReadonlySet<string> | undefined
  /** Items of one page; undefined for all. */
  readonly top: number | undefined
  readonly count: boolean
  /** Every option and parameter, by its name in lower case. */
  readonly options: ReadonlyMap<string, string>
  /** The query without its place, for the next link. */
  readonly rest: URLSearchParams
  readonly refuse: QueryRules['refuse']
}

/**
 * Reads a query. @throws HttpError for an option that is not known, or a value that is none of its option
 * @param prefer the header `Prefer`, whose `odata.maxpagesize` makes pages smaller
 */
export function readQuery(given: unknown, rules: QueryRules, prefer?: string): Query {
  const rest = new URLSearchParams()
  const options = new Map<string, string>()
  for (const [written, value] of Object.entries(given as QueryOptions)) {
    const name = written.toLowerCase()
    if (name.startsWith('$') && !rules.known.includes(name)) {
      throw rules.refuse(`The query option ${written.slice(0, 64)} is not supported here; ${rules.help}.`)
    }
    const text = String(value)
    options.set(name, text)
    if (name !== '$skiptoken') rest.set(written, text)
  }
  const count = options.get('$count') ?? 'false'
  if (count !== 'true' && count !== 'false') throw rules.refuse('$count must be true or false.')
  return {
    select: readSelect(options.get('$select')),
    top: pageSize(options.get('$top'), prefer, rules),
    count: count === 'true',
    options,
    rest,
    refuse: rules.refuse,
  }
}

function readSelect(text: string | undefined): ReadonlySet<string> | undefined {
  const names = (text ?? '').split(',').map((name) => name.trim().toLowerCase())
  const select = new Set(names.filter((name) => name !== ''))
  return select.size === 0 || select.has('*') ? undefined : select
}

/** The smaller one of what `$top` and the preference ask for. */
function pageSize(
  top: string | undefined,
  prefer: string | undefined,
  { standard, largest, clamps = false, refuse }: QueryRules,
): number | undefined {
  if (top !== undefined && !(/^[1-9]\d{0,8}$/.test(top) && (clamps || Number(top) <= largest))) {
    throw refuse(`$top must be a whole number from 1 to ${largest}.`)
  }
  const [, preferred] = /(?:^|[,;\s])odata\.maxpagesize\s*=\s*([1-9]\d{0,8})(?:$|[,;\s])/i.exec(prefer ?? '') ?? []
  const asked = [top, preferred].filter((one) => one !== undefined).map(Number)
  if (asked.length === 0) return standard
  return Math.min(largest, ...asked)
}

/** The place that `$skiptoken` names, read back by its schema; undefined for the first page. */
export function placeIn<Schema extends z.ZodType>(query: Query, schema: Schema): z.infer<Schema> | undefined {
  const token = query.options.get('$skiptoken')
  if (token === undefined) return undefined
  try {
    return schema.parse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')))
  } catch {
    throw query.refuse('$skiptoken is not one that this server gave; follow @odata.nextLink as it is.')
  }
}

/** An absolute `@odata.nextLink`: the same query, from a place on. @param url of the collection, without a query */
export function nextLink(url: string, rest: URLSearchParams, place: unknown): string {
  const query = new URLSearchParams(rest)
  query.set('$skiptoken', Buffer.from(JSON.stringify(place)).toString('base64url'))
  // OData's options begin with a plain dollar sign, and Graph writes them so.
  return `${url}?${query.toString().replaceAll('%24', '$')}`
}

/** An object with the members that `$select` asks for, and OData's own. @param expanded members that stay in any case */
export function pick(item: Json, select: Query['select'], expanded: readonly string[] = []): Json {
  if (!select) return item
  const isKept = (name: string): boolean =>
    name.startsWith('@odata.') || select.has(name.toLowerCase()) || expanded.some((one) => name.startsWith(one))
  return Object.fromEntries(Object.entries(item).filter(([name]) => isKept(name)))
}

/** Where a page begins: after the item with this id; if that is gone, at this place. */
const ordered = z.object({ index: z.number().int().min(0), id: z.string().max(128) })

/**
 * The body of an answer as the query asks for it. A list that changes between two of its pages goes on after the last item
 * that was given.
 *
 * @param url absolute address of the request, without a query
 */
export function shape(body: Json, query: Query, url: string): Json {
  const { value, ...others } = body
  if (!Array.isArray(value)) {
    const stray = ['$top', '$skiptoken', '$count'].find((name) => query.options.has(name))
    if (stray !== undefined) throw query.refuse(`The query option ${stray} is for lists.`)
    return pick(body, query.select)
  }
  const items = value as readonly Json[]
  const after = placeIn(query, ordered)
  const known = after ? items.findIndex(({ id }) => id === after.id) : -1
  const from = known < 0 ? (after?.index ?? 0) : known + 1
  const page = items.slice(from, query.top === undefined ? undefined : from + query.top)
  const end = from + page.length
  const place = { index: end, id: String(items[end - 1]?.['id'] ?? '') }
  return {
    ...others,
    ...(query.count && { '@odata.count': items.length }),
    ...(end < items.length && { '@odata.nextLink': nextLink(url, query.rest, place) }),
    value: page.map((item) => pick(item, query.select)),
  }
}

/** One page of a list in the order of the ids, and the link to the next one if there is more. @param url as above */
export function pageById<Item>(
  items: readonly Item[],
  idOf: (item: Item) => string,
  query: Query,
  url: string,
): { readonly page: readonly Item[]; readonly link: { readonly '@odata.nextLink'?: string } } {
  const after = placeIn(query, z.string().max(512))
  const sorted = items.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
  const from = after === undefined ? sorted : sorted.filter((item) => idOf(item) > after)
  const page = from.slice(0, query.top)
  const last = page.at(-1)
  const isLast = from.length <= page.length || last === undefined
  return { page, link: isLast ? {} : { '@odata.nextLink': nextLink(url, query.rest, idOf(last)) } }
}
