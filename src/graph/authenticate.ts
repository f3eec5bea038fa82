/** Who asks: the token of a request, checked the same way on every surface of Graph. */
import type { FastifyRequest } from 'fastify'
import { HttpError } from '../http/http-error.ts'
import type { BearerCheck, Caller } from '../oauth/bearer.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The application that calls, once its token was checked. */
    caller: Caller | undefined
  }
}

/** Checks the token of a request, and notes whose it is. @throws HttpError for a token that is not good */
export async function authenticate(request: FastifyRequest, checkBearer: BearerCheck): Promise<Caller> {
  const checked = await checkBearer(request.headers.authorization)
  if (!checked.ok) throw new HttpError(checked.status, checked.code, checked.message, checked.explanation)
  const { caller } = checked
  request.caller = caller
  Object.assign(request.note, { appId: caller.appId, tenantId: caller.tenantId })
  return caller
}
