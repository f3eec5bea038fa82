/** Errors in the form of Entra's endpoints: RFC 6749, section 5.2, with Entra's own members beside. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TokenErrorCode } from '../codes/token-errors.ts'
import { readGuid } from '../runtime.ts'
import { noteOf } from '../http/app.ts'
import { isoTime, type Clock, type Ids } from '../runtime.ts'

/** The codes of RFC 6749, section 5.2, and those that Entra adds. */
export type OAuthErrorCode =
  | 'invalid_client'
  | 'invalid_instance'
  | 'invalid_request'
  | 'invalid_resource'
  | 'invalid_scope'
  | 'invalid_tenant'
  | 'temporarily_unavailable'
  | 'unauthorized_client'
  | 'unsupported_grant_type'

/** A request that is refused, with everything that the answer says of it. */
export class EntraRefusal extends Error {
  override readonly name = 'EntraRefusal'
  readonly status: number
  readonly error: OAuthErrorCode
  /** The number after `AADSTS`: a row of `src/codes/token-errors.ts`. */
  readonly code: TokenErrorCode
  /** Seconds for `Retry-After`. */
  readonly retryAfter: number | undefined

  /** @param message what is wrong and what to change, in one plain sentence. */
  constructor(status: number, error: OAuthErrorCode, code: TokenErrorCode, message: string, retryAfter?: number) {
    super(message)
    this.status = status
    this.error = error
    this.code = code
    this.retryAfter = retryAfter
  }
}

/** Where an error's time and ids come from. */
export interface ErrorSources {
  readonly clock: Clock
  readonly ids: Ids
}

/** The body of the answer to a refused request. */
export interface EntraErrorBody {
  readonly error: OAuthErrorCode
  readonly error_description: string
  readonly error_codes: readonly number[]
  /** `2019-05-03 15:40:17Z`. */
  readonly timestamp: string
  readonly trace_id: string
  /** The request's `client-request-id`, if it had one. */
  readonly correlation_id: string
}

/** Lets every refusal under `scope`, and every request that fastify itself refuses, be answered in Entra's form. */
export function answerRefusals(scope: FastifyInstance, sources: ErrorSources): void {
  scope.setErrorHandler((error, request, reply) => {
    const refusal = error instanceof EntraRefusal ? error : refusalOf(error)
    // What is not the caller's mistake is the server's to report.
    if (!refusal) throw error
    return sendRefusal(refusal, request, reply, sources)
  })
}

/** The refusal that an unknown `{tenant}` gives. */
export function unknownTenant(tenant: string, error: 'invalid_request' | 'invalid_tenant'): EntraRefusal {
  const help = 'write the id, name or domain of a tenant in the directory file, or common'
  return new EntraRefusal(400, error, 90002, `Tenant '${tenant}' not found; ${help}.`)
}

function sendRefusal(
  refusal: EntraRefusal,
  request: FastifyRequest,
  reply: FastifyReply,
  { clock, ids }: ErrorSources,
): FastifyReply {
  const asked = request.headers['client-request-id']
  const description = `AADSTS${refusal.code}: ${refusal.message}`
  Object.assign(noteOf(request), { code: refusal.error, explanation: description })
  const body: EntraErrorBody = {
    error: refusal.error,
    error_description: description,
    error_codes: [refusal.code],
    timestamp: isoTime(clock.now()).replace('T', ' ').replace(/\.\d+/, ''),
    trace_id: ids.guid(),
    correlation_id: (typeof asked === 'string' ? readGuid(asked) : undefined) ?? ids.guid(),
  }
  if (refusal.retryAfter !== undefined) void reply.header('retry-after', String(refusal.retryAfter))
  // RFC 6749, section 5.2: a client that tried HTTP Basic is told which scheme is expected.
  if (refusal.status === 401) void reply.header('www-authenticate', 'Basic realm="token", charset="UTF-8"')
  return reply.code(refusal.status).header('cache-control', 'no-store').header('pragma', 'no-cache').send(body)
}

/** Fastify's own refusals (a body too large, a length that does not match) carry a 4xx status. */
function refusalOf(error: unknown): EntraRefusal | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined
  const { statusCode, message } = error
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return undefined
  if (statusCode === 415) {
    const help = 'send the parameters as Content-Type: application/x-www-form-urlencoded'
    return new EntraRefusal(400, 'invalid_request', 900144, `The body is of no known type; ${help}.`)
  }
  return new EntraRefusal(statusCode, 'invalid_request', 9000411, `The request could not be read: ${message}.`)
}
