/**
 * Instance discovery: how Microsoft's client libraries ask an authority, before the first token, whether it is one, and
 * by which names it goes.
 */
import type { FastifyInstance } from 'fastify'
import { addressUsed, ownAddresses } from './addresses.ts'
import { answerRefusals, EntraRefusal, unknownTenant, type ErrorSources } from './entra-error.ts'

/** What instance discovery needs. */
export interface InstanceDiscoveryDeps extends ErrorSources {
  /** The address at which clients reach the server. */
  readonly baseUrl: () => string
}

interface Query {
  readonly authorization_endpoint?: string | readonly string[]
}

/** Adds the endpoint to `app`. */
export function registerInstanceDiscovery(app: FastifyInstance, deps: InstanceDiscoveryDeps): void {
  void app.register(async (scope) => {
    answerRefusals(scope, deps)
    scope.get<{ Querystring: Query }>('/common/discovery/instance', (request) => {
      const { authorization_endpoint: asked } = request.query
      const endpoint = typeof asked === 'string' ? URL.parse(asked) : null
      if (!endpoint) throw incomplete()
      const base = addressUsed(request.host, deps.baseUrl())
      const known = [...ownAddresses(base).map((each) => new URL(each).host), request.host.toLowerCase()]
      if (!known.includes(endpoint.host)) throw foreign(endpoint.host, base)
      return describe(endpoint, base)
    })
  })
}

/** The names are told with and without the port, because clients compare either. */
function describe({ pathname }: URL, base: string): object {
  const [tenant = ''] = pathname.split('/').filter((part) => part !== '')
  if (tenant === '') throw unknownTenant('', 'invalid_tenant')
  const version = /\/v2\.0(\/|$)/i.test(pathname) ? '/v2.0' : ''
  const { host, hostname } = new URL(base)
  return {
    tenant_discovery_endpoint: `${base}/${tenant}${version}/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [...new Set([host, hostname])] }],
  }
}

function incomplete(): EntraRefusal {
  const help = 'such as https://localhost:8080/contoso/oauth2/v2.0/authorize'
  const message = `The request must have the parameter 'authorization_endpoint' with an address, ${help}.`
  return new EntraRefusal(400, 'invalid_request', 900144, message)
}

function foreign(host: string, base: string): EntraRefusal {
  const message = `Unknown or invalid instance '${host}'; this server goes by ${new URL(base).host}.`
  return new EntraRefusal(400, 'invalid_instance', 50049, message)
}
