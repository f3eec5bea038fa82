/**
 * What verifiers fetch: OpenID configurations (OpenID Connect Discovery 1.0, section 3) and key sets. There are two
 * kinds: per tenant, as Entra has them, and one for bots that verify the notifications which the server signs.
 */
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Directory } from '../directory/directory.ts'
import { addressUsed } from './addresses.ts'
import { ASSERTION_ALGORITHMS } from './client-assertion.ts'
import { answerRefusals, unknownTenant, type ErrorSources } from './entra-error.ts'
import { SIGNING_ALGORITHM, type JsonWebKeySet, type KeyRing } from './keys.ts'
import { accessTokenIssuer, withoutTrailingSlashes } from './tokens.ts'

/** What the metadata endpoints need. */
export interface MetadataDeps extends ErrorSources {
  readonly directory: () => Directory
  readonly keys: KeyRing
  /** The address at which clients reach the server. */
  readonly baseUrl: () => string
  /** The `iss` of the tokens that notifications carry. */
  readonly notificationIssuer: () => string
}

/** Stands for the tenant's id in what Entra publishes for `common` and `organizations`. */
const ANY_TENANT_ID = '{tenantid}'

/** Short, because a server under test may get other keys when its storage is thrown away. */
const CACHE_CONTROL = 'public, max-age=300'

/** Adds every metadata and key endpoint to `app`. */
export function registerMetadata(app: FastifyInstance, deps: MetadataDeps): void {
  void app.register(async (scope) => {
    answerRefusals(scope, deps)
    addTenantRoutes(scope, deps)
    addNotificationRoutes(scope, deps)
  })
}

function addTenantRoutes(scope: FastifyInstance, deps: MetadataDeps): void {
  const routes: Record<string, (tenant: string, base: string) => object | Promise<object>> = {
    '/:tenant/v2.0/.well-known/openid-configuration': (tenant, base) => tenantConfiguration(tenant, 'v2', base, deps),
    '/:tenant/.well-known/openid-configuration': (tenant, base) => tenantConfiguration(tenant, 'v1', base, deps),
    '/:tenant/discovery/v2.0/keys': (tenant) => tenantKeys(tenant, deps),
    '/:tenant/discovery/keys': (tenant) => tenantKeys(tenant, deps),
  }
  for (const [url, answer] of Object.entries(routes)) {
    scope.get<{ Params: { tenant: string } }>(url, async (request, reply) =>
      send(reply, await answer(request.params.tenant, addressUsed(request.host, deps.baseUrl()))),
    )
  }
}

/** Bots are configured with one of several spellings of this address; each is served. */
function addNotificationRoutes(scope: FastifyInstance, deps: MetadataDeps): void {
  const addresses = [
    '/.well-known/openid-configuration',
    '/v1/.well-known/openid-configuration',
    '/v1/.well-known/openidconfiguration',
    '/v1/.well-known/OpenIdConfiguration',
  ]
  for (const url of addresses) {
    // A router that disregards case has the last one already.
    if (scope.hasRoute({ method: 'GET', url })) continue
    scope.get(url, (_, reply) => send(reply, notificationConfiguration(deps)))
  }
  scope.get('/v1/.well-known/keys', async (_, reply) => send(reply, await deps.keys.jwks()))
}

/** @param base the address that the client used: libraries refuse an issuer on another host than the authority's. */
function tenantConfiguration(name: string, form: 'v1' | 'v2', base: string, deps: MetadataDeps): object {
  const id = tenantId(name, deps)
  const tenant = id === ANY_TENANT_ID ? name.toLowerCase() : id
  const version = form === 'v2' ? '/v2.0' : ''
  return {
    token_endpoint: `${base}/${tenant}/oauth2${version}/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    jwks_uri: `${base}/${tenant}/discovery${version}/keys`,
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: [SIGNING_ALGORITHM],
    response_types_supported: ['none'],
    grant_types_supported: ['client_credentials'],
    issuer: form === 'v2' ? `${base}/${id}/v2.0` : accessTokenIssuer(deps.baseUrl(), id),
    // Client libraries refuse a configuration without it, although the client credentials grant never goes there.
    authorization_endpoint: `${base}/${tenant}/oauth2${version}/authorize`,
  }
}

function tenantKeys(name: string, deps: MetadataDeps): Promise<JsonWebKeySet> {
  // The keys are the same for all, but a misspelt tenant deserves its error here too.
  tenantId(name, deps)
  return deps.keys.jwks()
}

function notificationConfiguration(deps: MetadataDeps): object {
  const base = withoutTrailingSlashes(deps.baseUrl())
  return {
    issuer: deps.notificationIssuer(),
    // Required by the specification; there is nothing to sign in to.
    authorization_endpoint: `${base}/common/oauth2/v2.0/authorize`,
    jwks_uri: `${base}/v1/.well-known/keys`,
    response_types_supported: ['none'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: [SIGNING_ALGORITHM],
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
  }
}

function tenantId(name: string, deps: MetadataDeps): string {
  if (name.toLowerCase() === 'common' || name.toLowerCase() === 'organizations') return ANY_TENANT_ID
  const tenant = deps.directory().tenant(name)
  if (!tenant) throw unknownTenant(name, 'invalid_tenant')
  return tenant.id
}

function send(reply: FastifyReply, body: object): FastifyReply {
  return reply.header('cache-control', CACHE_CONTROL).send(body)
}
