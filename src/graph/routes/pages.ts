/** Query options of OData on reads of the calling API: `$select`, and on lists `$top`, `$skiptoken` and `$count`. */
import { invalidArgument } from '../errors.ts'
import type { Json } from '../wire/identity.ts'

const LARGEST_PAGE = 999
const KNOWN = ['$select', '$top', '$skiptoken', '$count']
/** Options of lists. */
const OF_LISTS = ['$top', '$skiptoken', '$count']

/** What the query of a read asks for. */
export interface ReadOptions {
  /** Names in lower case; undefined for all. */
  readonly select: ReadonlySet<string> | undefined
  /** Items of one page; undefined for all. */
  readonly top: number | undefined
  readonly after: Place | undefined
  readonly count: boolean
  /** Those options among them that only lists have. */
  readonly ofLists: readonly string[]
  /** The query without its place, for the next link. */
  readonly rest: URLSearchParams
}

/** Where a page begins: after the item with this id; if that is gone, at this place. */
interface Place {
  readonly index: number
  readonly id: string
}

/** Reads the query of a read. @throws HttpError for what is not supported, or is no value of its option */
export function readOptions(given: unknown): ReadOptions {
  const rest = new URLSearchParams()
  const values = new Map<string, string>()
  for (const [written, value] of Object.entries(given as Record<string, string | string[]>)) {
    const name = written.toLowerCase()
    const text = typeof value === 'string' ? value : value.join(',')
    if (name.startsWith('$') && !KNOWN.includes(name)) {
      throw invalidArgument(
        `The query option ${written.slice(0, 64)} is not supported here; $select is, and on lists $top and $count.`,
      )
    }
    values.set(name, text)
    if (name !== '$skiptoken') rest.set(written, text)
  }
  return {
    select: readSelect(values.get('$select')),
    top: readTop(values.get('$top')),
    after: readPlace(values.get('$skiptoken')),
    count: readCount(values.get('$count')),
    ofLists: OF_LISTS.filter((name) => values.has(name)),
    rest,
  }
}

function readSelect(text: string | undefined): ReadonlySet<string> | undefined {
  const names = (text ?? '').split(',').map((name) => name.trim().toLowerCase())
  const select = new Set(names.filter((name) => name !== ''))
  return select.size === 0 || select.has('*') ? undefined : select
}

function readTop(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,2}$/.test(text)) throw invalidArgument(`$top must be a whole number from 1 to ${LARGEST_PAGE}.`)
  return Number(text)
}

function readCount(text: string | undefined): boolean {
  if (text !== undefined && text !== 'true' && text !== 'false') throw invalidArgument('$count must be true or false.')
  return text === 'true'
}

const PLACE = /^(\d{1,9})\.(.{0,128})$/

function writePlace({ index, id }: Place): string {
  return Buffer.from(`${index}.${id}`).toString('base64url')
}

function readPlace(token: string | undefined): Place | undefined {
  if (token === undefined) return undefined
  const [, index, id] = PLACE.exec(Buffer.from(token, 'base64url').toString()) ?? []
  if (index === undefined || id === undefined) {
    throw invalidArgument('$skiptoken is not one that this server gave; follow @odata.nextLink as it is.')
  }
  return { index: Number(index), id }
}

/**
 * The body of an answer as the query asks for it. A list that changes between two of its pages goes on after the last
 * item that was given.
 * @param url absolute address of the request, without a query
 */
export function shape(body: Json, options: ReadOptions, url: string): Json {
  const { value, ...others } = body
  if (!Array.isArray(value)) {
    const [stray] = options.ofLists
    if (stray !== undefined) throw invalidArgument(`The query option ${stray} is for lists.`)
    return pick(body, options.select)
  }
  const items = value as readonly Json[]
  const from = placeIn(items, options.after)
  const page = items.slice(from, options.top === undefined ? undefined : from + options.top)
  const end = from + page.length
  return {
    ...others,
    ...(options.count && { '@odata.count': items.length }),
    ...(end < items.length && { '@odata.nextLink': nextLink(url, options, end, items[end - 1]) }),
    value: page.map((item) => pick(item, options.select)),
  }
}

function placeIn(items: readonly Json[], after: Place | undefined): number {
  if (!after) return 0
  const known = items.findIndex(({ id }) => id === after.id)
  return known < 0 ? after.index : known + 1
}

function nextLink(url: string, { rest }: ReadOptions, index: number, last: Json | undefined): string {
  const query = new URLSearchParams(rest)
  query.set('$skiptoken', writePlace({ index, id: String(last?.['id'] ?? '') }))
  // OData's options begin with a plain dollar sign, and Graph writes them so.
  return `${url}?${query.toString().replaceAll('%24', '$')}`
}

function pick(item: Json, select: ReadonlySet<string> | undefined): Json {
  if (!select) return item
  return Object.fromEntries(
    Object.entries(item).filter(([name]) => name.startsWith('@odata.') || select.has(name.toLowerCase())),
  )
}
