/** Puts the directory's API on the wire: addresses, who may use it, lists and their pages. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { identifyingHeaders, refuseOtherMethods } from '../../http/app.ts'
import type { BearerCheck } from '../../oauth/bearer.ts'
import { authenticate } from '../authenticate.ts'
import { pageById, pick, readQuery } from '../paging.ts'
import type { Query, QueryRules } from '../paging.ts'
import { applicationRoutes } from './applications.ts'
import { badRequest, denied, fromRefusal } from './errors.ts'
import type { DirectoryAnswer, DirectoryParts, DirectoryRoute } from './route.ts'
import { servicePrincipalRoutes } from './service-principals.ts'
import { userRoutes } from './users.ts'

const VERSIONS = ['v1.0', 'beta']
/** Every route of the directory's API. */
export const directoryRoutes: readonly DirectoryRoute[] = [
  ...userRoutes,
  ...applicationRoutes,
  ...servicePrincipalRoutes,
]

/** Who may use it: holders of the admin key, and applications with a role for it. */
export interface DirectoryAccess {
  readonly checkBearer: BearerCheck
  readonly holdsAdminKey: (request: FastifyRequest) => boolean
}

/** `users('id')` and `applications(appId='id')` are ways to write `users/id`; quotes and brackets may be escaped. */
const KEY_IN_BRACKETS =
  /\/(users|applications|servicePrincipals)(?:\(|%28)(?:(appId)(?:=|%3d))?(?:'|%27)([^'/?]*?)(?:'|%27)(?:\)|%29)/gi

/** Brings an address into the form of the route table. */
export function rewriteDirectoryUrl(url: string): string {
  const end = url.indexOf('?')
  const path = end < 0 ? url : url.slice(0, end)
  const rewritten = path.replaceAll(
    KEY_IN_BRACKETS,
    (_match, collection: string, name: string | undefined, key: string) =>
      `/${collection}/${name === undefined ? '' : 'appId='}${key}`,
  )
  return rewritten + (end < 0 ? '' : url.slice(end))
}

/** What reads take. */
const READS: QueryRules = {
  known: ['$select', '$top', '$filter', '$skiptoken'],
  help: '$select, $top, $filter are',
  standard: 100,
  largest: 999,
  refuse: (explanation) => badRequest(explanation),
}

/** The value that the one property which can be filtered by must have. */
function readFilter({ options }: Query, filterable: string | undefined): string | undefined {
  const text = options.get('$filter')
  if (text === undefined) return undefined
  const [, property = '', value] = /^\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*$/i.exec(text) ?? []
  if (value !== undefined && property.toLowerCase() === filterable?.toLowerCase()) return value.replaceAll("''", "'")
  throw badRequest(
    filterable === undefined
      ? '$filter is for lists.'
      : `This $filter is not supported; the one that is: $filter=${filterable} eq '...'.`,
  )
}

/** Registers the directory's API. */
export function registerDirectory(app: FastifyInstance, parts: DirectoryParts, access: DirectoryAccess): void {
  app.decorateRequest('tenantId', '')
  const paths = Map.groupBy(directoryRoutes, ({ path }) => path)
  for (const version of VERSIONS) {
    for (const route of directoryRoutes) {
      app.route({
        method: route.method,
        url: `/${version}${route.path}`,
        onRequest: async (request) => {
          request.note.operation = route.operation
          request.tenantId = await authorize(request, route, parts, access)
        },
        handler: (request, reply) => serve(request, reply, route, { parts, version }),
      })
    }
    for (const [path, own] of paths) {
      refuseOtherMethods(
        app,
        `/${version}${path}`,
        own.map(({ method }) => method),
      )
    }
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The tenant in which a request to the directory acts, once that was found to be allowed. */
    tenantId: string
  }
}

/** What a client sets as a person's password is nobody's business here, and not the journal's either. */
function holdsPassword(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'passwordProfile' in body
}

interface Surroundings {
  readonly parts: DirectoryParts
  readonly version: string
}

async function serve(
  request: FastifyRequest,
  reply: FastifyReply,
  route: DirectoryRoute,
  { parts, version }: Surroundings,
): Promise<FastifyReply> {
  const { tenantId } = request
  Object.assign(request.note, { tenantId, confidential: holdsPassword(request.body) })
  const query = readQuery(request.query, READS)
  const filter = readFilter(query, route.filterable)
  const params = request.params as Record<string, string>
  try {
    const answer = await route.handle(
      { tenantId, id: params['id'] ?? '', params, query, filter, body: request.body },
      parts,
    )
    return send(request, reply, answer, query, `${parts.baseUrl()}/${version}`)
  } catch (error) {
    throw fromRefusal(error)
  }
}

/** @returns the tenant in which the caller may act */
async function authorize(
  request: FastifyRequest,
  { role }: DirectoryRoute,
  { directory }: DirectoryParts,
  { checkBearer, holdsAdminKey }: DirectoryAccess,
): Promise<string> {
  const current = directory.current()
  if (holdsAdminKey(request)) {
    const named = request.headers['rollcall-tenant']
    const tenant = typeof named === 'string' ? current.tenant(named) : current.tenants()[0]
    if (!tenant)
      throw badRequest('The header rollcall-tenant must name a tenant of the directory, by id, name or domain.')
    return tenant.id
  }
  const { appId, tenantId } = await authenticate(request, checkBearer)
  const roles = current.application(appId)?.roles ?? []
  if (roles.includes(role) || roles.includes('Directory.ReadWrite.All')) return tenantId
  throw denied(
    `This needs the admin key, or the application permission ${role} or Directory.ReadWrite.All; give it to ${appId} in the directory (roles).`,
  )
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: DirectoryAnswer,
  query: Query,
  root: string,
): FastifyReply {
  void reply.code(answer.status).headers({ ...identifyingHeaders(request), 'odata-version': '4.0' })
  if (answer.status === 204) return reply.send()
  const context = { '@odata.context': `${root}/$metadata#${answer.context}` }
  void reply.type('application/json; odata.metadata=minimal; charset=utf-8')
  if ('item' in answer) return reply.send(JSON.stringify({ ...context, ...pick(answer.item, query.select) }))
  const path = (request.url.split('?')[0] ?? '').replace(/^\/+[^/]+/, '')
  const { page, link } = pageById(answer.items, ({ id }) => id, query, root + path)
  return reply.send(JSON.stringify({ ...context, ...link, value: page.map((one) => pick(one.show(), query.select)) }))
}
