/**
 * Who may call: checks the access token in an `Authorization` header (RFC 6750, section 2.1). Each refusal has Graph's
 * wording, which clients know, and an explanation of its own, which says what to change.
 */
import { hash } from 'node:crypto'
import { compactVerify, decodeJwt, decodeProtectedHeader } from 'jose'
import type { WordErrorCode } from '../codes/word-errors.ts'
import type { Directory } from '../directory/directory.ts'
import { canonicalRole } from '../directory/roles.ts'
import type { Clock } from '../runtime.ts'
import { SIGNING_ALGORITHM, type KeyRing } from './keys.ts'
import type { OutsideIssuers } from './outside-issuers.ts'
import { resourceKey } from './tokens.ts'

/** What the bearer check needs. */
export interface BearerCheckOptions {
  readonly keys: KeyRing
  readonly clock: Clock
  /** The directory in use; asked for at each request, so that a removed application is shut out at once. */
  readonly directory: () => Directory
  /** The `iss` that a tenant's tokens must have; see `accessTokenIssuer`. */
  readonly issuer: (tenantId: string) => string
  /** The `aud` values that are accepted, compared without regard to case and slashes at the end. */
  readonly audiences: () => readonly string[]
  /** Whose tokens are accepted beside the server's own. */
  readonly outside?: OutsideIssuers
  /** How many verified tokens are remembered; default 1000. */
  readonly cacheSize?: number
}

/** The application that calls. */
export interface Caller {
  readonly appId: string
  readonly tenantId: string
  /** The permissions in the token, in the spelling of `canonicalRole`. */
  readonly roles: ReadonlySet<string>
}

/** Why a caller is turned away. */
export interface BearerRefusal {
  readonly ok: false
  readonly status: 401 | 403
  /** `error.code` of Graph's error body. */
  readonly code: Extract<WordErrorCode, 'InvalidAuthenticationToken' | 'Forbidden'>
  /** `error.message` of Graph's error body. */
  readonly message: string
  /** What is wrong and what to change, in one plain sentence. */
  readonly explanation: string
}

/** Checks the value of an `Authorization` header. Never rejects for a caller's mistake. */
export type BearerCheck = (authorization: string | undefined) => Promise<{ ok: true; caller: Caller } | BearerRefusal>

/** A longer header is refused unread; an honest one has about two kilobytes. */
const LONGEST_HEADER = 16 * 1024

/** How far the clocks of two nodes may be apart, in seconds. */
const SKEW = 60

const GET_ANOTHER = 'get a new one from this server: POST /{tenant}/oauth2/v2.0/token'

/** A token that passed every check which time and the directory cannot undo. */
interface Verified {
  readonly caller: Caller
  /** Seconds since the Unix epoch. */
  readonly expires: number
}

type Claims = Readonly<Record<string, unknown>>

/** Makes a bearer check. Verified tokens are remembered by their hash, so that a busy bot costs one verification. */
export function createBearerCheck(options: BearerCheckOptions): BearerCheck {
  const cache = new VerifiedTokens(options.cacheSize ?? 1000)
  return async (authorization) => {
    const token = readHeader(authorization)
    if (typeof token !== 'string') return token
    const known = cache.get(token)
    const verified = known ?? (await verify(token, options))
    if ('ok' in verified) return verified
    const refusal = checkStanding(verified, options)
    if (refusal) cache.delete(token)
    else if (!known) cache.set(token, verified)
    return refusal ?? { ok: true, caller: verified.caller }
  }
}

function readHeader(authorization: string | undefined): string | BearerRefusal {
  const header = authorization?.trim() ?? ''
  if (header === '' || /^bearer$/i.test(header)) {
    return unauthorized('Access token is empty.', `The request has no access token; ${GET_ANOTHER}.`)
  }
  if (header.length > LONGEST_HEADER) {
    return malformed(`The Authorization header is longer than ${LONGEST_HEADER} characters; send one access token.`)
  }
  const token = /^bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)$/i.exec(header)?.[1]
  if (token !== undefined) return token
  return malformed(
    'The Authorization header is not "Bearer" followed by a JWT; send the access_token as it was issued.',
  )
}

/** Signature, times, audience, issuer, and that it stands for an application. */
async function verify(token: string, options: BearerCheckOptions): Promise<Verified | BearerRefusal> {
  const outside = await options.outside?.read(token)
  if (outside?.ok === false) return unauthorized(outside.message, outside.explanation)
  const claims = outside?.claims ?? (await verifySignature(token, options.keys))
  if (isRefusal(claims)) return claims
  const { exp, nbf } = claims
  if (typeof exp !== 'number') return malformed(`The token says not when it expires (exp); ${GET_ANOTHER}.`)
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= options.clock.now() / 1000 + SKEW)) {
    const explanation = `The token is not valid yet (nbf); set the clocks right, or ${GET_ANOTHER}.`
    return unauthorized('Lifetime validation failed, the token is not yet valid.', explanation)
  }
  // Before the claims are looked at any further, so that an old token is told what matters most.
  if (isExpired(exp, options)) return expired()
  const refusal = outside ? undefined : (checkAudience(claims, options) ?? checkIssuer(claims, options))
  if (refusal) return refusal
  if (claims['scp'] !== undefined) return delegated()
  const { appid, tid, roles } = claims
  if (typeof appid !== 'string' || typeof tid !== 'string') {
    return malformed(`The token does not name its application (appid); ${GET_ANOTHER}.`)
  }
  return { caller: { appId: appid, tenantId: tid, roles: readRoles(roles) }, expires: exp }
}

async function verifySignature(token: string, keys: KeyRing): Promise<Claims | BearerRefusal> {
  const header = attempt(() => decodeProtectedHeader(token))
  if (!header) return malformed(`The token's first part is not a JOSE header; ${GET_ANOTHER}.`)
  if (header.alg !== SIGNING_ALGORITHM) {
    const explanation = `The token is signed with ${printable(header.alg)}, and only RS256 is accepted; ${GET_ANOTHER}.`
    return unauthorized('Access token validation failure. Invalid signature algorithm.', explanation)
  }
  const key = header.kid === undefined ? undefined : await keys.key(header.kid)
  if (!key) {
    const origin = isFromEntra(token) ? 'comes from the real Entra' : 'was not signed by a key of this server'
    const explanation = `The token ${origin}; ${GET_ANOTHER}.`
    return unauthorized('Access token validation failure. Signing key is invalid.', explanation)
  }
  try {
    const { payload } = await compactVerify(token, key, { algorithms: [SIGNING_ALGORITHM] })
    const claims: unknown = attempt(() => JSON.parse(new TextDecoder().decode(payload)))
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return claims as Claims
    return malformed(`The token's second part is not a JSON object; ${GET_ANOTHER}.`)
  } catch {
    const explanation = `The token's signature does not match its content: it was changed on the way; ${GET_ANOTHER}.`
    return unauthorized('Access token validation failure. Invalid signature.', explanation)
  }
}

/** Whether an unverified token says that it was issued by Microsoft: the likeliest slip in a bot's configuration. */
function isFromEntra(token: string): boolean {
  const issuer = attempt(() => decodeJwt(token).iss)
  return typeof issuer === 'string' && /^https:\/\/(?:sts\.windows\.net|login\.microsoftonline\.com)\//.test(issuer)
}

/** Text out of an unverified token, if it may stand in a header. */
function printable(text: string | undefined): string {
  if (text === undefined) return 'nothing'
  return /^[\w-]{1,32}$/.test(text) ? text : 'something else'
}

function checkAudience({ aud }: Claims, options: BearerCheckOptions): BearerRefusal | undefined {
  const accepted = options.audiences()
  if (typeof aud === 'string' && accepted.some((each) => resourceKey(each) === resourceKey(aud))) return undefined
  const explanation = `The token is for ${JSON.stringify(aud)}; ask for one with scope ${accepted[0] ?? ''}/.default.`
  return unauthorized('Access token validation failure. Invalid audience.', explanation)
}

function checkIssuer({ iss, tid }: Claims, options: BearerCheckOptions): BearerRefusal | undefined {
  if (typeof tid === 'string' && iss === options.issuer(tid)) return undefined
  const explanation = `The token was issued by ${JSON.stringify(iss)}, not for its tenant by this server; ${GET_ANOTHER}.`
  return unauthorized('Access token validation failure. Invalid issuer.', explanation)
}

/** What may change while a token is remembered: the time, and who is in the directory. */
function checkStanding({ caller, expires }: Verified, options: BearerCheckOptions): BearerRefusal | undefined {
  if (isExpired(expires, options)) return expired()
  const directory = options.directory()
  if (!directory.tenant(caller.tenantId)) {
    const explanation = `The token's tenant ${caller.tenantId} is not in the directory file; add it, or ${GET_ANOTHER}.`
    return unauthorized('Access token validation failure. Invalid tenant.', explanation)
  }
  if (directory.application(caller.appId)?.tenantId === caller.tenantId) return undefined
  const where = `is not in tenant ${caller.tenantId} of the directory file`
  const explanation = `The token's application ${caller.appId} ${where}; add it there, or ${GET_ANOTHER}.`
  return unauthorized('Access token validation failure. Invalid application.', explanation)
}

function isExpired(expires: number, { clock }: BearerCheckOptions): boolean {
  return clock.now() / 1000 >= expires
}

function readRoles(roles: unknown): ReadonlySet<string> {
  const names = Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : []
  return new Set(names.map((name) => canonicalRole(name) ?? name))
}

function expired(): BearerRefusal {
  return unauthorized('Lifetime validation failed, the token is expired.', `The token has expired; ${GET_ANOTHER}.`)
}

function delegated(): BearerRefusal {
  const explanation =
    'The token stands for a signed-in user (it has scp), and calling supports no delegated permissions; ' +
    'get an application token with grant_type=client_credentials.'
  const message = 'Delegated permissions are not supported; an application token is required.'
  return { ok: false, status: 403, code: 'Forbidden', message, explanation }
}

/** Graph's words for a token that it cannot read. */
function malformed(explanation: string): BearerRefusal {
  return unauthorized('CompactToken parsing failed with error code: 80049217', explanation)
}

function unauthorized(message: string, explanation: string): BearerRefusal {
  return { ok: false, status: 401, code: 'InvalidAuthenticationToken', message, explanation }
}

function isRefusal(value: Claims | BearerRefusal): value is BearerRefusal {
  return 'ok' in value && value.ok === false
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** The tokens that were verified last, by hash: the cache holds nothing that could be replayed. */
class VerifiedTokens {
  readonly #size: number
  /** In order of use, the longest unused first. */
  readonly #entries = new Map<string, Verified>()

  constructor(size: number) {
    this.#size = size
  }

  get(token: string): Verified | undefined {
    const key = keyOf(token)
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry
  }

  set(token: string, entry: Verified): void {
    this.#entries.set(keyOf(token), entry)
    const oldest = this.#entries.size > this.#size ? this.#entries.keys().next().value : undefined
    if (oldest !== undefined) this.#entries.delete(oldest)
  }

  delete(token: string): void {
    this.#entries.delete(keyOf(token))
  }
}

function keyOf(token: string): string {
  return hash('sha256', token, 'base64')
}
