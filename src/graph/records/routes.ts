/** `communications/callRecords`: what is left of calls that have ended, and the logs of those with phones. */
import { z } from 'zod'
import type { CallRecord } from '../../records/record.ts'
import type { Page, Place, Records } from '../../records/records.ts'
import { readGuid } from '../../runtime.ts'
import { notFound } from '../errors.ts'
import { nextLink, pageSize, readSkipToken } from '../paging.ts'
import type { ResourceAnswer, ResourceRequest, ResourceRoute } from '../resource.ts'
import type { Json } from '../wire/identity.ts'
import { writeParty, writePhoneCall, writeRecord, writeSession } from './encode.ts'
import type { Expansion, RecordFilter } from './query.ts'
import { readExpand, readFilter, readRange, readSegments, refuseOthers, select } from './query.ts'

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

const KEY_IN_BRACKETS = /\/callRecords(?:\(|%28)(?:'|%27)([^'/?]*?)(?:'|%27)(?:\)|%29)/gi
const LOG =
  /\/callRecords\/(?:microsoft\.graph\.)?(?:callRecords\.)?(getPstnCalls|getDirectRoutingCalls)(?:\(|%28)fromDateTime(?:=|%3d)([^,?]*?)(?:,|%2c)\s*toDateTime(?:=|%3d)([^,?]*?)(?:\)|%29)$/i

/** Brings an address into the form of the route table: keys in brackets, and functions with their parameters. */
export function rewriteRecordsUrl(url: string): string {
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
      refuseOthers(request.query, ['$select', '$filter', '$top', '$skiptoken'])
      const filter = readFilter(request.query)
      const limit = pageSize(request.query, request.prefer, PAGES)
      const page = await matching(request, records, filter, limit)
      const items = page.items.map((record) => select(writeRecord(record), request.query))
      return pageAnswer(request, RECORDS, 'communications/callRecords', items, page.next)
    },
  },
  {
    operation: 'callRecord: getPstnCalls',
    method: 'GET',
    path: `${RECORDS}/getPstnCalls`,
    roles: READ_PHONES,
    async handle(request, { records }) {
      const range = readRange(request.query)
      refuseOthers(request.query, ['$top', '$skiptoken'])
      const limit = pageSize(request.query, request.prefer, LOG_PAGES)
      const after = readSkipToken(request.query, place)
      const { tenantId } = request.caller
      const page = await records.phoneCalls({ tenantId, ...range, after, limit })
      return logAnswer(request, 'getPstnCalls', 'pstnCallLogRow', page.items.map(writePhoneCall), page.next)
    },
  },
  {
    operation: 'callRecord: getDirectRoutingCalls',
    method: 'GET',
    path: `${RECORDS}/getDirectRoutingCalls`,
    roles: READ_PHONES,
    handle(request) {
      readRange(request.query)
      refuseOthers(request.query, ['$top', '$skiptoken'])
      // Direct routing is a trunk of the tenant's own. There are none: every phone is reached by a calling plan.
      return logAnswer(request, 'getDirectRoutingCalls', 'directRoutingLogRow', [], undefined)
    },
  },
  {
    operation: 'callRecord: get',
    method: 'GET',
    path: `${RECORDS}/:id`,
    roles: READ,
    async handle(request, parts) {
      refuseOthers(request.query, ['$select', '$expand'])
      const expansion = readExpand(request.query)
      const record = await find(request, parts)
      const item = { ...writeRecord(record), ...expanded(request, record, expansion) }
      const body = select(item, request.query, ['sessions', 'participants_v2'])
      return { status: 200, body, context: 'communications/callRecords/$entity' }
    },
  },
  {
    operation: 'callRecord: list sessions',
    method: 'GET',
    path: `${RECORDS}/:id/sessions`,
    roles: READ,
    async handle(request, parts) {
      refuseOthers(request.query, ['$select', '$expand', '$top', '$skiptoken'])
      const segments = readSegments(request.query)
      const limit = pageSize(request.query, request.prefer, PAGES)
      const from = readSkipToken(request.query, index) ?? 0
      const { id, sessions } = await find(request, parts)
      const page = sessions.slice(from, from + limit).map((one) => writeSession(one, segments))
      const next = sessions.length > from + limit ? from + limit : undefined
      const items = page.map((item) => select(item, request.query, ['segments']))
      const context = `communications/callRecords('${id}')/sessions${segments ? '(segments())' : ''}`
      return pageAnswer(request, `${RECORDS}/${id}/sessions`, context, items, next)
    },
  },
  {
    operation: 'callRecord: list participants_v2',
    method: 'GET',
    path: `${RECORDS}/:id/participants_v2`,
    roles: READ,
    async handle(request, parts) {
      refuseOthers(request.query, ['$select', '$top', '$skiptoken'])
      const limit = pageSize(request.query, request.prefer, PAGES)
      const from = readSkipToken(request.query, index) ?? 0
      const { id, participants } = await find(request, parts)
      const items = participants.slice(from, from + limit).map((one) => select(writeParty(one), request.query))
      const next = participants.length > from + limit ? from + limit : undefined
      const context = `communications/callRecords('${id}')/participants_v2`
      return pageAnswer(request, `${RECORDS}/${id}/participants_v2`, context, items, next)
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

/** One page of a tenant's records. For a participant, records are looked through until the page is full or enough was read. */
async function matching(
  request: ResourceRequest,
  records: Records,
  { from, before, participant }: RecordFilter,
  limit: number,
): Promise<Page<CallRecord>> {
  const { tenantId } = request.caller
  let after: Place | undefined = readSkipToken(request.query, place)
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
  const query = segments ? { $expand: 'segments' } : {}
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
  { root, query }: ResourceRequest,
  path: string,
  context: string,
  value: readonly Json[],
  next: unknown,
): ResourceAnswer {
  const link = next === undefined ? {} : { '@odata.nextLink': nextLink(root + path, query, next) }
  return { status: 200, body: { ...link, value }, context }
}

/** A page of a telephone log: it counts its own rows, and goes on under the function's own address. */
function logAnswer(
  { root, query }: ResourceRequest,
  name: string,
  row: string,
  value: readonly Json[],
  next: Place | undefined,
): ResourceAnswer {
  const { fromDateTime, toDateTime, ...rest } = query
  const path = `${RECORDS}/${name}(fromDateTime=${String(fromDateTime)},toDateTime=${String(toDateTime)})`
  const link = next === undefined ? {} : { '@odata.nextLink': nextLink(root + path, rest, next) }
  const context = `Collection(microsoft.graph.callRecords.${row})`
  return { status: 200, body: { '@odata.count': value.length, ...link, value }, context }
}
