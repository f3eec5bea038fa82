/** Pages of a collection: how many items one holds, and the link to the next. */
import type { z } from 'zod'
import { badRequest } from './errors.ts'

/** How large pages are where nothing is asked for, and at most. */
export interface PageSizes {
  readonly standard: number
  readonly largest: number
}

/** The query of a request: an option that is there several times has several values. */
export type QueryOptions = Readonly<Record<string, string | readonly string[] | undefined>>

/** The page size that `$top` or the header `Prefer: odata.maxpagesize=n` asks for; the smaller one if both do. */
export function pageSize(query: QueryOptions, prefer: string | undefined, { standard, largest }: PageSizes): number {
  const top = query['$top']
  if (top !== undefined && !(typeof top === 'string' && /^[1-9]\d{0,8}$/.test(top))) {
    throw badRequest(`$top: write a whole number from 1 to ${largest}.`)
  }
  const [, preferred] = /(?:^|[,;\s])odata\.maxpagesize\s*=\s*([1-9]\d{0,8})(?:$|[,;\s])/i.exec(prefer ?? '') ?? []
  const asked = [top, preferred].filter((one) => one !== undefined).map(Number)
  return Math.min(largest, ...(asked.length > 0 ? asked : [standard]))
}

/** A place in a collection as it stands in `$skiptoken`: opaque to clients, and read back by its schema. */
export function writeSkipToken(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/** The place that `$skiptoken` names; undefined for the first page. */
export function readSkipToken<Schema extends z.ZodType>(
  query: QueryOptions,
  schema: Schema,
): z.infer<Schema> | undefined {
  const token = query['$skiptoken']
  if (token === undefined) return undefined
  try {
    return schema.parse(JSON.parse(Buffer.from(String(token), 'base64url').toString('utf8')))
  } catch {
    throw badRequest('$skiptoken is not one that this server gave; follow @odata.nextLink as it is.')
  }
}

/** An absolute `@odata.nextLink`: the same request, from a place on. @param url of the collection, without a query */
export function nextLink(url: string, query: QueryOptions, place: unknown): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && name !== '$skiptoken') parameters.set(name, String(value))
  }
  parameters.set('$skiptoken', writeSkipToken(place))
  return `${url}?${parameters.toString()}`
}
