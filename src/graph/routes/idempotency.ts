/**
 * Requests that may be repeated (contract: invite, rule 8): the same key and request within `idempotencyRetention` get the
 * first answer again; the same key with another request is a mistake.
 */
import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { HttpError } from '../../http/http-error.ts'
import { invalidArgument } from '../errors.ts'
import type { Answer, GraphParts, GraphRequest, Route } from './route.ts'

/** Headers that carry a key; the second is of the OASIS Repeatable Requests protocol. */
const HEADERS = ['idempotency-key', 'repeatability-request-id']
const KEY = /^[\x21-\x7e]{1,255}$/

/** Reads the idempotency key of a request that changes something. */
export function readIdempotency(request: FastifyRequest, { method }: Route): GraphRequest['idempotency'] {
  if (method === 'GET') return undefined
  const name = HEADERS.find((header) => request.headers[header] !== undefined)
  const key = name === undefined ? undefined : request.headers[name]
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw invalidArgument(`${name ?? ''} must be one word of at most 255 printable characters, such as a GUID.`)
  }
  const asked = JSON.stringify([method, request.url.toLowerCase(), request.body ?? null])
  return { key, fingerprint: createHash('sha256').update(asked).digest('base64') }
}

/** Answers a repeated request as the first one was; carries out a new one. Of two at the same time one waits for the other. */
export async function onceOnly(
  request: GraphRequest,
  parts: GraphParts,
  carryOut: () => Promise<Answer>,
): Promise<Answer> {
  const known = await earlierAnswer(request, parts)
  if (known) return known
  try {
    return await carryOut()
  } catch (error) {
    // The other one of two at the same time may have been committed in between: then this is a repetition.
    const meanwhile = await earlierAnswer(request, parts)
    if (meanwhile) return meanwhile
    throw error
  }
}

async function earlierAnswer({ caller, idempotency }: GraphRequest, parts: GraphParts): Promise<Answer | undefined> {
  if (!idempotency) return undefined
  const kept = await parts.keptAnswer(caller.appId, idempotency.key)
  if (!kept) return undefined
  if (kept.fingerprint === idempotency.fingerprint) return kept.answer as Answer
  throw new HttpError(
    422,
    'invalidRequest',
    'The idempotency key was used for another request.',
    'A request with this idempotency key, but another path or body, was answered before; use a new key for a new request.',
  )
}
