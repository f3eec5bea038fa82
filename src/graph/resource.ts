/** Puts resources beside calls on the wire, in v1.0 and beta: token, permission, headers. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { identifyingHeaders, refuseOtherMethods } from '../http/app.ts'
import type { BearerCheck, Caller } from '../oauth/bearer.ts'
import { authenticate } from './authenticate.ts'
import { forbidden } from './errors.ts'
import type { QueryOptions } from './paging.ts'
import type { Json } from './wire/identity.ts'

const VERSIONS = ['v1.0', 'beta'] as const

/** One request, authenticated, permitted and addressed. */
export interface ResourceRequest {
  readonly caller: Caller
  /** The server's address with the version, such as `http://127.0.0.1:8080/v1.0`. */
  readonly root: string
  readonly params: Readonly<Record<string, string>>
  readonly query: QueryOptions
  /** The header `Prefer`. */
  readonly prefer: string | undefined
  readonly body: unknown
}

/** What a handler answers; `context` is what stands behind `$metadata#`. */
export type ResourceAnswer =
  | { readonly status: 202 | 204 }
  | { readonly status: 200 | 201; readonly body: Json; readonly context: string }
  /** A file. */
  | { readonly status: 200; readonly content: NodeJS.ReadableStream; readonly type: string }

/** A row of a route table. */
export interface ResourceRoute<Parts> {
  readonly operation: string
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Path below the version. */
  readonly path: string
  /** Application permissions, one of which the token must have. */
  readonly roles: readonly string[]
  readonly handle: (request: ResourceRequest, parts: Parts) => ResourceAnswer | Promise<ResourceAnswer>
}

/** How the routes are reached. */
export interface ResourceAccess {
  readonly checkBearer: BearerCheck
  readonly baseUrl: () => string
}

/** Registers a route table. */
export function registerResources<Parts>(
  app: FastifyInstance,
  routes: readonly ResourceRoute<Parts>[],
  parts: Parts,
  access: ResourceAccess,
): void {
  const paths = Map.groupBy(routes, ({ path }) => path)
  for (const version of VERSIONS) {
    for (const route of routes) {
      app.route({
        method: route.method,
        url: `/${version}${route.path}`,
        onRequest: (request) => authorize(request, route, access),
        handler: (request, reply) => serve(request, reply, route, parts, `${access.baseUrl()}/${version}`),
      })
    }
    for (const [path, own] of paths) {
      const methods = own.map(({ method }) => method)
      refuseOtherMethods(app, `/${version}${path}`, methods)
    }
  }
}

async function authorize<Parts>(
  request: FastifyRequest,
  { roles, operation }: ResourceRoute<Parts>,
  { checkBearer }: ResourceAccess,
): Promise<void> {
  request.note.operation = operation
  const caller = await authenticate(request, checkBearer)
  if (!roles.some((role) => caller.roles.has(role))) throw forbidden(roles, `The operation "${operation}"`)
}

async function serve<Parts>(
  request: FastifyRequest,
  reply: FastifyReply,
  { handle }: ResourceRoute<Parts>,
  parts: Parts,
  root: string,
): Promise<FastifyReply> {
  const { caller, headers } = request
  if (!caller) throw new Error('a resource was reached without authentication')
  const answer = await handle(
    {
      caller,
      root,
      params: request.params as Record<string, string>,
      query: request.query as QueryOptions,
      prefer: headers['prefer'] === undefined ? undefined : String(headers['prefer']),
      body: request.body,
    },
    parts,
  )
  void reply.code(answer.status).headers({ ...identifyingHeaders(request), 'odata-version': '4.0' })
  if ('content' in answer) return reply.type(answer.type).send(answer.content)
  if (!('body' in answer)) return reply.send()
  void reply.type('application/json; odata.metadata=minimal; charset=utf-8')
  const context = { '@odata.context': `${root}/$metadata#${answer.context}` }
  return reply.send(JSON.stringify({ ...context, ...answer.body }))
}
