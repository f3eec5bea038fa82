/**
 * Access tokens, with the claims of the tokens that Entra issues for Graph (its "v1" format). Bots hand them on as they
 * are, and some look inside for the tenant or the roles.
 */
import { createHash } from 'node:crypto'
import type { Application } from '../directory/directory.ts'
import { readGuid } from '../runtime.ts'
import type { Clock, Ids } from '../runtime.ts'
import type { KeyRing } from './keys.ts'

/** The resources for which tokens are issued and accepted, beside the server's own address. */
export const defaultResources: readonly string[] = [
  'https://graph.microsoft.com',
  '00000003-0000-0000-c000-000000000000',
  'https://api.botframework.com',
]

/** How the application proved who it is: `1` is by a client secret, `2` by a certificate. */
export type Proof = '1' | '2'

/** The claims of an access token; times in seconds since the Unix epoch (RFC 7519, section 4.1). */
export interface AccessTokenClaims {
  readonly aud: string
  readonly iss: string
  readonly iat: number
  readonly nbf: number
  readonly exp: number
  readonly appid: string
  readonly appidacr: Proof
  readonly app_displayname: string
  readonly idtyp: 'app'
  readonly oid: string
  readonly roles: readonly string[]
  readonly sub: string
  readonly tid: string
  readonly uti: string
  readonly ver: '1.0'
}

/** What issuing tokens needs. */
export interface TokenIssuerOptions {
  readonly keys: KeyRing
  readonly clock: Clock
  readonly ids: Ids
  /** The `iss` of a tenant's tokens; see `accessTokenIssuer`. */
  readonly issuer: (tenantId: string) => string
  /** How long a token is valid, in milliseconds. */
  readonly lifetime: number
}

/** A token and its times, in seconds since the Unix epoch. */
export interface IssuedToken {
  readonly accessToken: string
  readonly notBefore: number
  readonly expiresOn: number
  /** Whole seconds from now to `expiresOn`. */
  readonly expiresIn: number
}

/** Issues a token by which `application` may call on `audience` in its own tenant. */
export type TokenIssuer = (application: Application, audience: string, proof: Proof) => Promise<IssuedToken>

/** Makes a token issuer. */
export function createTokenIssuer({ keys, clock, ids, issuer, lifetime }: TokenIssuerOptions): TokenIssuer {
  return async (application, audience, proof) => {
    const now = clock.now() / 1000
    const iat = Math.floor(now)
    const exp = iat + Math.floor(lifetime / 1000)
    const principal = servicePrincipalId(application)
    const claims: AccessTokenClaims = {
      aud: audience,
      iss: issuer(application.tenantId),
      iat,
      nbf: iat,
      exp,
      app_displayname: application.displayName,
      appid: application.appId,
      appidacr: proof,
      idtyp: 'app',
      oid: principal,
      roles: application.roles,
      sub: principal,
      tid: application.tenantId,
      uti: ids.secret(16),
      ver: '1.0',
    }
    const accessToken = await keys.sign({ ...claims })
    return { accessToken, notBefore: iat, expiresOn: exp, expiresIn: Math.floor(exp - now) }
  }
}

/** The `iss` of access tokens: the server's address and the tenant, ending in a slash as Entra's does. */
export function accessTokenIssuer(baseUrl: string, tenantId: string): string {
  return `${withoutTrailingSlashes(baseUrl)}/${tenantId}/`
}

/** The spelling under which resources are compared: without regard to case and slashes at the end. */
export function resourceKey(resource: string): string {
  return withoutTrailingSlashes(resource).toLowerCase()
}

/** `url` with no slash at its end. */
export function withoutTrailingSlashes(url: string): string {
  let end = url.length
  while (url[end - 1] === '/') end--
  return url.slice(0, end)
}

/** The object id of an application in its tenant: Entra draws it at random, here it follows from the two ids. */
function servicePrincipalId({ tenantId, appId }: Application): string {
  const digest = createHash('sha256').update(`${tenantId}/${appId}`).digest('hex')
  return readGuid(digest.slice(0, 32)) ?? appId
}
