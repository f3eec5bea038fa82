/** Puts the route table on the wire: addresses, authentication, headers, query options. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { headerText, identifyingHeaders, refuseOtherMethods } from '../../http/app.ts'
import type { BearerCheck, Caller } from '../../oauth/bearer.ts'
import { readGuid } from '../../runtime.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { dialectOf } from '../dialects/dialects.ts'
import { authenticate } from '../authenticate.ts'
import { actionRoutes } from './actions.ts'
import { fromDecoder, invalidArgument, refusal } from '../errors.ts'
import { callRoutes } from './calls.ts'
import { mediaRoutes } from './media.ts'
import { operationRoutes } from './operations.ts'
import { participantRoutes } from './participants.ts'
import { onceOnly, readIdempotency } from './idempotency.ts'
import { NO_PREFERENCES, readPreferences } from './prefer.ts'
import type { Answer, GraphParts, GraphRequest, Route } from './route.ts'
import { checkPermission } from './route.ts'
import { reroutingRoutes } from './rerouting.ts'
import { sharingRoutes } from './sharing.ts'
import { readQuery, shape } from '../paging.ts'
import type { Query, QueryRules } from '../paging.ts'
import { unbuiltRoutes } from './unbuilt.ts'
import { holdsSecret } from '../wire/own-media.ts'

/** Every route of the calling API, below each collection of calls. */
export const routes: readonly Route[] = [
  ...callRoutes,
  ...reroutingRoutes,
  ...participantRoutes,
  ...actionRoutes,
  ...sharingRoutes,
  ...mediaRoutes,
  ...operationRoutes,
  ...unbuiltRoutes,
]

/** The collections of calls and the version each defaults to. */
export const collections: readonly { readonly path: string; readonly version: string }[] = [
  { path: '/v1.0/communications/calls', version: 'v1.0' },
  { path: '/v1.0/app/calls', version: 'v1.0' },
  { path: '/beta/communications/calls', version: 'beta' },
  { path: '/beta/app/calls', version: '2019-09' },
  { path: '/beta/applications/:appId/calls', version: '2018-12' },
]

/** What reads take; lists are whole unless pages are asked for. */
const READS: QueryRules = {
  known: ['$select', '$top', '$skiptoken', '$count'],
  help: '$select is, and on lists $top and $count',
  largest: 999,
  refuse: invalidArgument,
}

const CONTENT_TYPE =
  'application/json; odata.metadata=minimal; odata.streaming=true; IEEE754Compatible=false; charset=utf-8'

/**
 * Brings an address into the form of the route table: action names without their namespace. Letter case and doubled slashes
 * are the router's business.
 */
export function rewriteGraphUrl(url: string): string {
  const end = url.indexOf('?')
  const path = end < 0 ? url : url.slice(0, end)
  return path.replaceAll(/\/microsoft\.graph\./gi, '/') + (end < 0 ? '' : url.slice(end))
}

/** Registers the calling API. */
export function registerGraph(app: FastifyInstance, parts: GraphParts, checkBearer: BearerCheck): void {
  app.decorateRequest('caller')
  for (const collection of collections) {
    for (const route of routes) {
      app.route({
        method: route.method,
        url: collection.path + route.path,
        onRequest: async (request) => {
          request.note.operation = route.operation
          await authenticate(request, checkBearer)
        },
        handler: (request, reply) => serve(request, reply, parts, route, collection),
      })
    }
    for (const [path, methods] of methodsByPath()) refuseOtherMethods(app, collection.path + path, methods)
  }
}

function methodsByPath(): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, string[]>()
  for (const { path, method } of routes) methods.set(path, [...(methods.get(path) ?? []), method])
  return methods
}

async function serve(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: GraphParts,
  route: Route,
  collection: (typeof collections)[number],
): Promise<FastifyReply> {
  const { caller } = request
  if (holdsSecret(request.body)) request.note.confidential = true
  if (!caller) throw new Error('a route of the calling API was reached without authentication')
  const dialect = dialectFor(caller, parts, collection.version)
  const params = request.params as Record<string, string>
  const callId = readGuid(params['callId'] ?? '')
  if (callId !== undefined) request.note.callId = callId
  const options = route.method === 'GET' ? readQuery(request.query, READS) : undefined
  checkApplication(caller, params['appId'])
  const preferences = route.preferences ? readPreferences(request) : NO_PREFERENCES
  try {
    const asked: GraphRequest = {
      caller,
      dialect,
      collection: collection.path.replace(':appId', params['appId'] ?? ''),
      params,
      body: request.body,
      requestId: request.id,
      // What nothing comes of can be asked as often as one likes: its key stays free for the real request.
      idempotency: preferences.has('rollcall.dry-run') ? undefined : readIdempotency(request, route),
      scenarioId: headerText(request, 'scenario-id'),
      preferences,
    }
    checkPermission(asked, route)
    const answer = await onceOnly(asked, parts, () => route.handle(asked, parts))
    if (answer.createdCall !== undefined) request.note.callId = answer.createdCall
    return send(request, reply, parts, answer, options)
  } catch (error) {
    throw fromDecoder(error)
  }
}

/** Addresses that name the application must name the token's (contract: create). */
function checkApplication({ appId }: Caller, addressed: string | undefined): void {
  if (addressed === undefined || readGuid(addressed) === appId) return
  throw refusal(403, '7507', `The address names application ${addressed.slice(0, 64)}, but the token is for ${appId}.`)
}

/** The version that the application pinned, else the one of the path. */
function dialectFor(caller: Caller, parts: GraphParts, version: string): Dialect {
  return dialectOf(parts.directory().application(caller.appId)?.wireVersion ?? version)
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: GraphParts,
  answer: Answer,
  options: Query | undefined,
): FastifyReply {
  const { originalUrl } = request
  const url = parts.baseUrl() + originalUrl.replace(/\?.*$/, '')
  const body = answer.body && options ? shape(answer.body, options, url) : answer.body
  void reply.code(answer.status).headers({
    ...identifyingHeaders(request),
    'odata-version': '4.0',
    'x-microsoft-skype-message-id': request.id,
    ...(answer.chainId !== undefined && { 'x-microsoft-skype-chain-id': answer.chainId }),
    ...(answer.preference !== undefined && { 'preference-applied': answer.preference }),
    ...(answer.location !== undefined && { location: parts.baseUrl() + answer.location }),
  })
  if (body === undefined) return reply.send()
  return reply.header('content-type', CONTENT_TYPE).send(JSON.stringify(body))
}
