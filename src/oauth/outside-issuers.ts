/**
 * Access tokens of outside issuers, such as a real Entra tenant or a Keycloak: verified by the keys that the issuer
 * publishes (OpenID Connect Discovery 1.0), and translated into the claims that the server's own tokens have. Nothing is
 * fetched before the first such token arrives.
 */
import { compactVerify, createRemoteJWKSet, decodeJwt, errors } from 'jose'
import type { Clock } from '../runtime.ts'
import type { ClaimNames, TrustedIssuer } from './issuers-file.ts'
import { resourceKey, withoutTrailingSlashes } from './tokens.ts'

type Claims = Readonly<Record<string, unknown>>
/** The keys that an issuer publishes. */
export type Keys = ReturnType<typeof createRemoteJWKSet>

/** What is wrong with a token, in Graph's words and in plain ones. */
interface OutsideProblem {
  readonly ok: false
  readonly message: string
  readonly explanation: string
}

/** A token's claims, named as in the server's own tokens, or why it does not count. */
export type OutsideToken = { readonly ok: true; readonly claims: Claims } | OutsideProblem

/** Reads the tokens of outside issuers. */
export interface OutsideIssuers {
  /**
   * Reads a token; undefined if no trusted issuer claims to have issued it. What is left to check is what can be checked
   * of every token: times, delegation, the directory.
   */
  read(token: string): Promise<OutsideToken | undefined>
}

/** Asymmetric ones only: a published key must not be good for signing. */
export const OUTSIDE_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]
/** How long an issuer may take to answer, in milliseconds. */
const FETCH_TIMEOUT = 5000
/** How long published keys are used before they are fetched again, in milliseconds. */
const KEEP_KEYS = 600_000
/** An unknown key leads to another fetch, and a failed fetch is tried again, only after this long, in milliseconds. */
const COOLDOWN = 30_000
/** A longer OpenID configuration is refused, in characters. */
const LONGEST_CONFIGURATION = 262_144

/**
 * Makes a reader of outside tokens.
 * @param tenantId the id of the directory's tenant of this id, name or domain
 */
export function createOutsideIssuers(
  trusted: readonly TrustedIssuer[],
  options: { readonly clock: Clock; readonly tenantId: (name: string) => string | undefined },
): OutsideIssuers {
  const issuers = trusted.map((each) => ({ ...each, keys: keysOf(each, options.clock) }))
  return {
    async read(token) {
      const claimed: Claims | undefined = attempt(() => decodeJwt(token))
      const issuer = claimed && issuers.find((each) => isIssuer(each, claimed))
      if (!issuer) return undefined
      const verified = await verify(token, issuer.issuer, issuer.keys)
      if (!verified.ok) return verified
      const { claims } = verified
      return checkAudience(claims, issuer) ?? { ok: true, claims: translate(claims, issuer, options.tenantId) }
    },
  }
}

/** The names of Entra's issuers hold the token's own tenant. */
function isIssuer({ issuer, claims }: TrustedIssuer, token: Claims): boolean {
  const tenant = memberOf(token, claims.tenant)
  return token['iss'] === (typeof tenant === 'string' ? issuer.replaceAll('{tenantid}', tenant) : issuer)
}

/** Gives an issuer's keys; they are fetched, kept and fetched again as tokens demand. */
export function keysOf(
  { issuer, jwksUri }: Pick<TrustedIssuer, 'issuer' | 'jwksUri'>,
  clock: Clock,
): () => Promise<Keys> {
  let opening: Promise<Keys> | undefined
  let again = 0
  return () => {
    if (opening && clock.now() < again) return opening
    again = Infinity
    opening = openKeys(issuer, jwksUri)
    opening.catch(() => {
      again = clock.now() + COOLDOWN
    })
    return opening
  }
}

async function openKeys(issuer: string, jwksUri: string | undefined): Promise<Keys> {
  const address = jwksUri ?? (await discover(issuer))
  const limits = { timeoutDuration: FETCH_TIMEOUT, cooldownDuration: COOLDOWN, cacheMaxAge: KEEP_KEYS }
  const keys = createRemoteJWKSet(new URL(address), limits)
  // Now rather than with the first token, so that a failure is waited out like that of the discovery.
  await keys.reload()
  return keys
}

async function discover(issuer: string): Promise<string> {
  // Entra publishes the keys of all tenants under this name.
  const base = withoutTrailingSlashes(issuer.replaceAll('{tenantid}', 'common'))
  const url = `${base}/.well-known/openid-configuration`
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT) })
  const text = await response.text()
  if (!response.ok || text.length > LONGEST_CONFIGURATION) throw new Error(`${url} answered ${response.status}`)
  const configuration: unknown = JSON.parse(text)
  const { issuer: name, jwks_uri: address } = (configuration ?? {}) as Claims
  if (name !== issuer) throw new Error(`${url} is the configuration of ${JSON.stringify(name)}`)
  if (typeof address !== 'string' || !URL.canParse(address)) throw new Error(`${url} has no jwks_uri`)
  return address
}

async function verify(token: string, issuer: string, keys: () => Promise<Keys>): Promise<OutsideToken> {
  try {
    const { payload } = await compactVerify(token, await keys(), { algorithms: OUTSIDE_ALGORITHMS })
    return { ok: true, claims: JSON.parse(new TextDecoder().decode(payload)) as Claims }
  } catch (error) {
    return problemOf(error, issuer)
  }
}

function problemOf(error: unknown, issuer: string): OutsideProblem {
  const about = (message: string, explanation: string): OutsideProblem => ({
    ok: false,
    message: `Access token validation failure. ${message}`,
    explanation: `The token of the outside issuer ${issuer} ${explanation}.`,
  })
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return about(
      'Invalid signature.',
      'does not match its signature: it was changed on the way, or is meant for Graph alone',
    )
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return about('Invalid signature algorithm.', `is signed with none of ${OUTSIDE_ALGORITHMS.join(', ')}`)
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return about('Signing key is invalid.', 'was signed by none of the keys that the issuer publishes')
  }
  const detail = error instanceof Error ? error.message : String(error)
  return about('Signing key is invalid.', `could not be checked, because the issuer's keys cannot be had: ${detail}`)
}

function checkAudience({ aud }: Claims, { issuer, audiences }: TrustedIssuer): OutsideProblem | undefined {
  const given = (Array.isArray(aud) ? aud : [aud]).filter((each) => typeof each === 'string').map(resourceKey)
  if (audiences.some((each) => given.includes(resourceKey(each)))) return undefined
  return {
    ok: false,
    message: 'Access token validation failure. Invalid audience.',
    explanation: `The token of the outside issuer ${issuer} is for ${JSON.stringify(aud)}; its audiences are ${audiences.join(', ')}.`,
  }
}

function translate(
  claims: Claims,
  { claims: names, tenant, tenants }: TrustedIssuer,
  tenantId: (name: string) => string | undefined,
): Claims {
  const named = memberOf(claims, names.tenant)
  const theirs = typeof named === 'string' ? named : undefined
  const ours = tenant ?? (theirs === undefined ? undefined : (tenants.get(theirs) ?? theirs))
  return {
    exp: claims['exp'],
    nbf: claims['nbf'],
    scp: claims['scp'],
    appid: applicationOf(claims, names),
    tid: ours === undefined ? undefined : (tenantId(ours) ?? ours),
    roles: memberOf(claims, names.roles),
  }
}

function applicationOf(claims: Claims, { appId }: ClaimNames): unknown {
  return appId.map((name) => memberOf(claims, name)).find((value) => value !== undefined)
}

/** A claim by its name, or by a path of names with dots between. */
export function memberOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  let value: unknown = claims
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Claims)[part]
  }
  return value
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
