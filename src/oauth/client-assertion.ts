/**
 * Client assertions: an application proves who it is by a JWT that it signs with the key of its certificate (RFC 7523,
 * section 2.2; `private_key_jwt`), as Entra takes them.
 */
import { X509Certificate } from 'node:crypto'
import { compactVerify, decodeProtectedHeader, type ProtectedHeaderParameters } from 'jose'
import type { TokenErrorCode } from '../codes/token-errors.ts'
import type { Application, Tenant } from '../directory/directory.ts'
import type { Clock } from '../runtime.ts'
import { EntraRefusal } from './entra-error.ts'
import { withoutTrailingSlashes } from './tokens.ts'

/** The only value of `client_assertion_type`. */
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** The algorithms that an assertion may be signed with: what Microsoft's libraries use with the two thumbprints. */
export const ASSERTION_ALGORITHMS: readonly string[] = ['RS256', 'PS256']

/** How far a client's clock may be off, in seconds. */
const SKEW = 300

/** What the check of assertions needs. */
export interface AssertionCheckOptions {
  readonly clock: Clock
  /** Whether an assertion may be presented again while it is valid. */
  readonly reuse: boolean
  /** The server's own addresses, which an assertion must be meant for. */
  readonly addresses: () => readonly string[]
  /** The tenant that stands in an address; undefined if there is none. */
  readonly tenant: (name: string) => Tenant | 'any' | undefined
  /** How many presented assertions are remembered; default 10 000. */
  readonly memory?: number
}

/** Checks an assertion of `application`. Rejects with an EntraRefusal that says what to change. */
export type AssertionCheck = (application: Application, assertion: string) => Promise<void>

type Claims = Readonly<Record<string, unknown>>

/** Makes a check of assertions. */
export function createAssertionCheck(options: AssertionCheckOptions): AssertionCheck {
  const presented = new Presented(options.memory ?? 10_000)
  return async (application, assertion) => {
    const header = readHeader(assertion)
    const certificate = findCertificate(application, header)
    checkPeriod(certificate, options.clock.now())
    const claims = await verify(assertion, certificate, header)
    checkParties(claims, application, options)
    const expires = checkTimes(claims, options.clock.now() / 1000)
    if (!options.reuse) presented.enter(application.appId, claims, expires + SKEW, options.clock.now() / 1000)
  }
}

function readHeader(assertion: string): ProtectedHeaderParameters {
  const header = attempt(() => decodeProtectedHeader(assertion))
  if (!header) throw refusal(50027, 'Invalid JWT token: the client_assertion is not a JWT in compact form.')
  if (ASSERTION_ALGORITHMS.includes(header.alg ?? '')) return header
  throw refusal(50027, `Invalid JWT token: sign the client_assertion with one of ${ASSERTION_ALGORITHMS.join(', ')}.`)
}

/** The certificate that the header names by a thumbprint of its DER form: `x5t#S256`, `x5t`, or either as `kid`. */
function findCertificate({ certificates = [], displayName }: Application, header: Claims): X509Certificate {
  const named = [header['x5t#S256'], header['x5t'], header['kid']].filter((each) => typeof each === 'string')
  if (named.length === 0) {
    throw refusal(50027, 'Invalid JWT token: name the certificate in the header, by x5t#S256, x5t or kid.')
  }
  if (certificates.length === 0) {
    throw refusal(700027, `'${displayName}' has no certificates; add the one you sign with in the directory file.`)
  }
  const parsed = certificates.map((pem) => new X509Certificate(pem))
  const found = parsed.find((each) => thumbprints(each).some((thumbprint) => named.includes(thumbprint)))
  if (found) return found
  const known = parsed.map((each) => plainHex(each.fingerprint256)).join(', ')
  const help = `the directory file has those with the SHA-256 thumbprints ${known}`
  throw refusal(700027, `The certificate of the client_assertion is none of '${displayName}'; ${help}.`)
}

/** Every way in which clients write the thumbprints of a certificate. */
function thumbprints({ fingerprint, fingerprint256 }: X509Certificate): readonly string[] {
  return [fingerprint, fingerprint256].map(plainHex).flatMap((hex) => {
    return [Buffer.from(hex, 'hex').toString('base64url'), hex, hex.toLowerCase()]
  })
}

function plainHex(fingerprint: string): string {
  return fingerprint.replaceAll(':', '')
}

function checkPeriod({ validFromDate, validToDate }: X509Certificate, now: number): void {
  if (validFromDate.getTime() <= now && now < validToDate.getTime()) return
  const period = `${validFromDate.toISOString()} to ${validToDate.toISOString()}`
  throw refusal(700027, `The certificate of the client_assertion is valid from ${period}, and not now; renew it.`)
}

async function verify(assertion: string, { publicKey }: X509Certificate, { alg = '' }: Claims): Promise<Claims> {
  try {
    const { payload } = await compactVerify(assertion, publicKey, { algorithms: [String(alg)] })
    const claims: unknown = JSON.parse(new TextDecoder().decode(payload))
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return claims as Claims
  } catch {
    const help = 'sign it with the private key of the certificate that its header names'
    throw refusal(700027, `The client_assertion contains an invalid signature; ${help}.`)
  }
  throw refusal(50027, 'Invalid JWT token: the second part of the client_assertion is not a JSON object.')
}

/** Who speaks, and to whom: the application itself, to the token endpoint. */
function checkParties({ iss, sub, aud }: Claims, application: Application, options: AssertionCheckOptions): void {
  const { appId } = application
  for (const [name, value] of Object.entries({ iss, sub })) {
    if (typeof value === 'string' && value.toLowerCase() === appId.toLowerCase()) continue
    throw refusal(700021, `The claim '${name}' of the client_assertion is not the client_id ${appId}.`)
  }
  const audiences = Array.isArray(aud) ? aud : [aud]
  if (audiences.some((each) => isMeant(each, application, options))) return
  const example = `${options.addresses()[0]}/${application.tenantId}/oauth2/v2.0/token`
  throw refusal(700023, `The audience (aud) of the client_assertion is not this token endpoint: write ${example}.`)
}

/** Libraries write the address of the token endpoint, in either form, or the tenant's issuer. */
function isMeant(audience: unknown, { tenantId }: Application, { addresses, tenant }: AssertionCheckOptions): boolean {
  if (typeof audience !== 'string') return false
  const base = addresses().find((each) => audience.toLowerCase().startsWith(`${each.toLowerCase()}/`))
  if (base === undefined) return false
  const path = withoutTrailingSlashes(audience.slice(base.length))
  const [, name] = /^\/([^/]+)(?:\/oauth2(?:\/v2\.0)?\/token|\/v2\.0)?$/i.exec(path) ?? []
  const meant = name === undefined ? undefined : tenant(name)
  return meant === 'any' || meant?.id === tenantId
}

/** When the assertion expires, in seconds since the Unix epoch. */
function checkTimes({ exp, nbf }: Claims, now: number): number {
  const outside = (what: string): EntraRefusal =>
    refusal(700024, `The client_assertion is not within its valid time range: ${what}.`)
  if (typeof exp !== 'number') throw outside('it says not when it expires (exp)')
  if (exp + SKEW <= now) throw outside('it has expired (exp); make a new one')
  if (nbf === undefined || (typeof nbf === 'number' && nbf - SKEW <= now)) return exp
  throw outside('it is not valid yet (nbf); set the clocks right')
}

/** The assertions that were presented and are still valid; when there are too many, the oldest are forgotten. */
class Presented {
  readonly #size: number
  /** When each expires, in seconds since the Unix epoch, in order of arrival. */
  readonly #expiry = new Map<string, number>()

  constructor(size: number) {
    this.#size = size
  }

  enter(appId: string, { jti }: Claims, expires: number, now: number): void {
    if (typeof jti !== 'string' || jti === '') {
      throw refusal(50027, 'Invalid JWT token: the client_assertion must have an identifier of its own (jti).')
    }
    const key = JSON.stringify([appId, jti])
    if ((this.#expiry.get(key) ?? 0) > now) {
      const help = 'sign a new one for each request, or start the server without --no-assertion-reuse'
      throw refusal(7000229, `The client_assertion was presented before (jti); ${help}.`)
    }
    for (const [other, until] of this.#expiry) if (until <= now) this.#expiry.delete(other)
    this.#expiry.set(key, expires)
    const oldest = this.#expiry.size > this.#size ? this.#expiry.keys().next().value : undefined
    if (oldest !== undefined) this.#expiry.delete(oldest)
  }
}

function refusal(code: TokenErrorCode, message: string): EntraRefusal {
  return new EntraRefusal(401, 'invalid_client', code, message)
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
