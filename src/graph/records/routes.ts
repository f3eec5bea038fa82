/** `communications/callRecords`: what is left of calls that have ended, and the logs of those with phones. */
import { z } from 'zod'
import type { CallRecord } from '../../records/record.ts'
import type { Page, Place, Records } from '../../records/records.ts'
import { readGuid } from '../../runtime.ts'
import { notFound } from '../errors.ts'
import { nextLink, pick, placeIn } from '../paging.ts'
import type { Query } from '../paging.ts'
import type { ResourceAnswer, ResourceRequest, ResourceRoute } from '../resource.ts'
import type { Json } from '../wire/identity.ts'
import { writeParty, writePhoneCall, writeRecord, writeSession } from './encode.ts'
import type { Expansion, RecordFilter } from './query.ts'
import { readExpand, readFilter, readOptions, readRange, readSegments } from './query.ts'

/** What the handlers work with. */
export interface RecordRouteParts {
  readonly records: Records
}

const RECORDS = '/communications/callRecords'
const READ = ['CallRecords.Read.All']
const READ_PHONES = ['CallRecords.Read.All', 'CallRecord-PstnCalls.Read.All']
/** The published page sizes: of records and sessions, and of the telephone logs. */
const PAGES = { standard: 60, largest: 60 }
const LOG_PAGES = { standard: 1000, largest: 1000 }
/** Records that one request looks through for a participant. */
const MOST_SEARCHED = 5000

const place = z.object({ at: z.number().int(), key: z.string().max(512) })
const index = z.number().int().min(0)

const MENTIONED = /callRecords/i
const KEY_IN_BRACKETS = /\/callRecords(?:\(|%28)(?:'|%27)([^'/?]*?)(?:'|%27)(?:\)|%29)/gi
const LOG =
  /\/callRecords\/(?:microsoft\.graph\.)?(?:callRecords\.)?(getPstnCalls|getDirectRoutingCalls)(?:\(|%28)fromDateTime(?:=|%3d)([^,?]*?)(?:,|%2c)\s*toDateTime(?:=|%3d)([^,?]*?)(?:\)|%29)$/i

/** Brings an address into the form of the route table: keys in brackets, and functions with their parameters. */
export function rewriteRecordsUrl(url: string): string {
  if (!MENTIONED.test(url)) return url
  const end = url.indexOf('?')
  const path = (end < 0 ? url : url.slice(0, end)).replaceAll(KEY_IN_BRACKETS, '/callRecords/$1')
  const query = end < 0 ? '' : url.slice(end + 1)
  const [match, name = '', from = '', to = ''] = LOG.exec(path) ?? []
  if (match === undefined) return path + (end < 0 ? '' : `?${query}`)
  // A plus sign belongs to a time zone here, and would be a space in a query.
  const range = `fromDateTime=${from.replaceAll('+', '%2B')}&toDateTime=${to.replaceAll('+', '%2B')}`
  return `${path.slice(0, -match.length)}/callRecords/${name}?${range}${query === '' ? '' : `&${query}`}`
}

export const recordRoutes: readonly ResourceRoute<RecordRouteParts>[] = [
  {
    operation: 'callRecord: list',
    method: 'GET',
    path: RECORDS,
    roles: READ,
    async handle(request, { records }) {
      const query = readOptions(request, ['$select', '$filter', '$top', '$skiptoken'], PAGES)
      const page = await matching(request.caller.tenantId, query, records, readFilter(query))
      const items = page.items.map((record) => pick(writeRecord(record), query.select))
      return pageAnswer(request.root + RECORDS, query, 'communications/callRecords', items, page.next)
    },
  },
  {
    operation: 'callRecord: getPstnCalls',
    method: 'GET',
    path: `${RECORDS}/getPstnCalls`,
    roles: READ_PHONES,
    async handle(request, { records }) {
      const query = readOptions(request, ['$top', '$skiptoken'], LOG_PAGES)
      const { tenantId } = request.caller
      const from = { ...readRange(query), after: placeIn(query, place), limit: query.top ?? LOG_PAGES.standard }
      const page = await records.phoneCalls({ tenantId, ...from })
      return logAnswer(request.root, query, 'getPstnCalls', 'pstnCallLogRow', page.items.map(writePhoneCall), page.next)
    },
  },
  {
    operation: 'callRecord: getDirectRoutingCalls',
    method: 'GET',
    path: `${RECORDS}/getDirectRoutingCalls`,
    roles: READ_PHONES,
    handle(request) {
      const query = readOptions(request, ['$top', '$skiptoken'], LOG_PAGES)
      readRange(query)
      // Direct routing is a trunk of the tenant's own. There are none: every phone is reached by a calling plan.
      return logAnswer(request.root, query, 'getDirectRoutingCalls', 'directRoutingLogRow', [], undefined)
    },
  },
  {
    operation: 'callRecord: get',
    method: 'GET',
    path: `${RECORDS}/:id`,
    roles: READ,
    async handle(request, parts) {
      const query = readOptions(request, ['$select', '$expand'], PAGES)
      const expansion = readExpand(query)
      const record = await find(request, parts)
      const item = { ...writeRecord(record), ...expanded(request, record, expansion) }
      const body = pick(item, query.select, ['sessions', 'participants_v2'])
      return { status: 200, body, context: 'communications/callRecords/$entity' }
    },
  },
  {
    operation: 'callRecord: list sessions',
    method: 'GET',
    path: `${RECORDS}/:id/sessions`,
    roles: READ,
    async handle(request, parts) {
      const query = readOptions(request, ['$select', '$expand', '$top', '$skiptoken'], PAGES)
      const segments = readSegments(query)
      const { id, sessions } = await find(request, parts)
      const { page, next } = part(sessions, query)
      const items = page.map((one) => pick(writeSession(one, segments), query.select, ['segments']))
      const context = `communications/callRecords('${id}')/sessions${segments ? '(segments())' : ''}`
      return pageAnswer(`${request.root}${RECORDS}/${id}/sessions`, query, context, items, next)
    },
  },
  {
    operation: 'callRecord: list participants_v2',
    method: 'GET',
    path: `${RECORDS}/:id/participants_v2`,
    roles: READ,
    async handle(request, parts) {
      const query = readOptions(request, ['$select', '$top', '$skiptoken'], PAGES)
      const { id, participants } = await find(request, parts)
      const { page, next } = part(participants, query)
      const items = page.map((one) => pick(writeParty(one), query.select))
      const context = `communications/callRecords('${id}')/participants_v2`
      return pageAnswer(`${request.root}${RECORDS}/${id}/participants_v2`, query, context, items, next)
    },
  },
]

/** The record that a request addresses, in the token's tenant. */
async function find({ caller, params }: ResourceRequest, { records }: RecordRouteParts): Promise<CallRecord> {
  const given = params['id'] ?? ''
  const id = readGuid(given)
  const record = id === undefined ? undefined : await records.get(caller.tenantId, id)
  if (record) return record
  throw notFound(
    `The tenant of the token has no record of a call with the callChainId ${given.slice(0, 64)}: it has not ended, ended too long ago (option callRecordRetention), or never was.`,
  )
}

/** One page of what a record has; it does not change any more, so that a number is place enough. */
function part<Item>(items: readonly Item[], query: Query): { page: readonly Item[]; next: number | undefined } {
  const from = placeIn(query, index) ?? 0
  const end = from + (query.top ?? PAGES.standard)
  return { page: items.slice(from, end), next: items.length > end ? end : undefined }
}

/** One page of a tenant's records. For a participant, records are looked through until the page is full or enough was read. */
async function matching(
  tenantId: string,
  query: Query,
  records: Records,
  { from, before, participant }: RecordFilter,
): Promise<Page<CallRecord>> {
  const limit = query.top ?? PAGES.standard
  let after: Place | undefined = placeIn(query, place)
  if (participant === undefined) return records.list({ tenantId, from, before, after, limit })
  const items: CallRecord[] = []
  for (let searched = 0; searched < MOST_SEARCHED; searched += limit) {
    const page: Page<CallRecord> = await records.list({ tenantId, from, before, after, limit: limit - items.length })
    items.push(
      ...page.items.filter(({ participants }) => participants.some(({ id }) => id.toLowerCase() === participant)),
    )
    after = page.next
    if (!after) return { items }
    if (items.length === limit) break
  }
  return after ? { items, next: after } : { items }
}

/** The members that `$expand` asks for; a long list of sessions goes on at its own address. */
function expanded(request: ResourceRequest, record: CallRecord, { sessions, segments, participants }: Expansion): Json {
  const url = `${request.root}${RECORDS}/${record.id}/sessions`
  const query = new URLSearchParams(segments ? { $expand: 'segments' } : {})
  const context = `${request.root}/$metadata#communications/callRecords('${record.id}')`
  return {
    ...(sessions && {
      'sessions@odata.context': `${context}/sessions${segments ? '(segments())' : ''}`,
      sessions: record.sessions.slice(0, PAGES.standard).map((one) => writeSession(one, segments)),
      ...(record.sessions.length > PAGES.standard && {
        'sessions@odata.nextLink': nextLink(url, query, PAGES.standard),
      }),
    }),
    ...(participants && {
      'participants_v2@odata.context': `${context}/participants_v2`,
      participants_v2: record.participants.map(writeParty),
    }),
  }
}

function pageAnswer(
  url: string,
  { rest }: Query,
  context: string,
  value: readonly Json[],
  next: unknown,
): ResourceAnswer {
  const link = next === undefined ? {} : { '@odata.nextLink': nextLink(url, rest, next) }
  return { status: 200, body: { ...link, value }, context }
}

/** A page of a telephone log: it counts its own rows, and goes on under the function's own address. */
function logAnswer(
  root: string,
  query: Query,
  name: string,
  row: string,
  value: readonly Json[],
  next: Place | undefined,
): ResourceAnswer {
  const rest = new URLSearchParams([...query.rest].filter(([key]) => key.startsWith('$')))
  const bound = (key: string): string => query.options.get(key) ?? ''
  const path = `${RECORDS}/${name}(fromDateTime=${bound('fromdatetime')},toDateTime=${bound('todatetime')})`
  const link = next === undefined ? {} : { '@odata.nextLink': nextLink(root + path, rest, next) }
  const context = `Collection(microsoft.graph.callRecords.${row})`
  return { status: 200, body: { '@odata.count': value.length, ...link, value }, context }
}
