/** Puts the meetings' API on the wire: addresses, permissions, lists and their pages. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { identifyingHeaders, refuseOtherMethods } from '../../http/app.ts'
import { HttpError } from '../../http/http-error.ts'
import type { BearerCheck, Caller } from '../../oauth/bearer.ts'
import { authenticate } from '../authenticate.ts'
import { pageById, pick, readQuery } from '../paging.ts'
import type { Query, QueryRules } from '../paging.ts'
import { BadRequest } from '../wire/reader.ts'
import { writeMeeting } from './body.ts'
import type { Filter, MeetingAnswer, MeetingParts, MeetingRoute } from './route.ts'
import { badRequest, meetingRoutes } from './routes.ts'

/** What reads take. */
const READS: QueryRules = {
  known: ['$select', '$top', '$filter', '$skiptoken'],
  help: '$select, $top, $filter are',
  standard: 100,
  largest: 999,
  refuse: badRequest,
}

const VERSIONS = ['v1.0', 'beta'] as const
type Version = (typeof VERSIONS)[number]

/** `onlineMeetings('id')` is a way to write `onlineMeetings/id`; quotes and brackets may be escaped. */
const KEY_IN_BRACKETS = /\/(onlineMeetings|adhocCalls|recordings)(?:\(|%28)(?:'|%27)([^'/?]*?)(?:'|%27)(?:\)|%29)/gi

/** Brings an address into the form of the route table. */
export function rewriteMeetingsUrl(url: string): string {
  const end = url.indexOf('?')
  const path = end < 0 ? url : url.slice(0, end)
  return path.replaceAll(KEY_IN_BRACKETS, '/$1/$2') + (end < 0 ? '' : url.slice(end))
}

/** Registers the meetings' API. */
export function registerMeetings(app: FastifyInstance, parts: MeetingParts, checkBearer: BearerCheck): void {
  const check = async (request: FastifyRequest): Promise<void> => {
    await authenticate(request, checkBearer)
  }
  for (const version of VERSIONS) {
    const own = meetingRoutes.filter(({ only }) => only === undefined || only === version)
    for (const route of own) {
      app.route({
        method: route.method,
        url: `/${version}${route.path}`,
        onRequest: (request) => {
          request.note.operation = route.operation
          return check(request)
        },
        handler: (request, reply) => serve(request, reply, route, { parts, version }),
      })
    }
    for (const [path, rows] of Map.groupBy(own, (route) => route.path)) {
      refuseOtherMethods(
        app,
        `/${version}${path}`,
        rows.map(({ method }) => method),
      )
    }
    for (const url of [`/${version}/me/onlineMeetings`, `/${version}/me/onlineMeetings/*`]) {
      app.all(url, { onRequest: check, handler: refuseMe })
    }
  }
}

/** An application is nobody: there is no `me` for it. */
function refuseMe(): never {
  throw new HttpError(
    400,
    'BadRequest',
    '/me request is only valid with delegated authentication flow.',
    'The token is an application\'s own, so "me" is nobody: write /users/{id}/onlineMeetings, with the organizer\'s object id or user principal name.',
  )
}

interface Surroundings {
  readonly parts: MeetingParts
  readonly version: Version
}

async function serve(
  request: FastifyRequest,
  reply: FastifyReply,
  route: MeetingRoute,
  { parts, version }: Surroundings,
): Promise<FastifyReply> {
  const { caller } = request
  if (!caller) throw new Error('a route of the meetings was reached without authentication')
  requireRole(caller, route)
  const query = readQuery(request.query, READS)
  try {
    const params = request.params as Record<string, string>
    const answer = await route.handle({ caller, params, filter: readFilter(query), body: request.body }, parts)
    return send(request, reply, answer, query, { parts, version })
  } catch (error) {
    throw error instanceof BadRequest ? badRequest(error.message) : error
  }
}

/** Refuses a caller that has none of the route's permissions. */
function requireRole({ appId, roles: held }: Caller, { operation, roles }: MeetingRoute): void {
  if (roles.some((role) => held.has(role))) return
  const needed = roles.join(' or ')
  throw new HttpError(
    403,
    'Forbidden',
    'Missing role permissions on the request.',
    `${operation} needs the application permission ${needed}; grant it to ${appId} in the directory (roles) and get a new token.`,
  )
}

function readFilter({ options }: Query): Filter | undefined {
  const text = options.get('$filter')
  if (text === undefined) return undefined
  const [, property, value] = /^\s*([\w/]+)\s+eq\s+'((?:[^']|'')*)'\s*$/i.exec(text) ?? []
  if (property === undefined || value === undefined) {
    throw badRequest("$filter: write one comparison, such as JoinWebUrl eq 'https://teams.microsoft.com/...'.")
  }
  return { property: property.toLowerCase(), value: value.replaceAll("''", "'") }
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: MeetingAnswer,
  query: Query,
  { parts, version }: Surroundings,
): FastifyReply {
  void reply.code(answer.status).headers({ ...identifyingHeaders(request), 'odata-version': '4.0' })
  if (answer.status === 204) return reply.send()
  void reply.type('application/json; odata.metadata=minimal; charset=utf-8')
  const root = `${parts.baseUrl()}/${version}`
  const context = { '@odata.context': `${root}/$metadata#${answer.context}` }
  const written = (meeting: Parameters<typeof writeMeeting>[0]): ReturnType<typeof pick> =>
    pick(writeMeeting(meeting, parts.directory(), version), query.select)
  if ('meeting' in answer) return reply.send(JSON.stringify({ ...context, ...written(answer.meeting) }))
  const path = (request.url.split('?')[0] ?? '').replace(/^\/+[^/]+/, '')
  const { page, link } = pageById(answer.meetings, ({ id }) => id, query, root + path)
  return reply.send(JSON.stringify({ ...context, ...link, value: page.map(written) }))
}
