/**
 * JSON batching: `POST /{version}/$batch`. Each request of a batch goes through the same door as one that comes alone, so
 * there is nothing here that knows what a request does; it has its own request id and its own entry in the journal.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errorBody, identifyingHeaders, refuseOtherMethods } from '../../http/app.ts'
import { currentBatch, inBatch } from '../../http/batch-context.ts'
import { HttpError } from '../../http/http-error.ts'
import type { BearerCheck } from '../../oauth/bearer.ts'
import type { Clock, Ids } from '../../runtime.ts'
import type { Json } from '../wire/identity.ts'
import { authenticate } from '../authenticate.ts'
import type { InnerRequest } from './requests.ts'
import { readBatch } from './requests.ts'
import { holdsSecret } from '../wire/own-media.ts'

const ROOTS = ['v1.0', 'beta'] as const

/** What batching needs. */
export interface BatchParts {
  readonly checkBearer: BearerCheck
  /** Holders of the admin key may use it too: parts of the directory's API are theirs. */
  readonly holdsAdminKey: (request: FastifyRequest) => boolean
  readonly clock: Clock
  readonly ids: Ids
  /** Requests of one batch that are carried out at once. */
  readonly concurrency: number
}

/** Batching as a row of the coverage page. */
export const batchOperation = { operation: '$batch', method: 'POST', path: '/$batch' } as const

/** One answer of a batch. */
interface InnerAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Registers batching. */
export function registerBatch(app: FastifyInstance, parts: BatchParts): void {
  for (const root of ROOTS) {
    const url = `/${root}${batchOperation.path}`
    app.route({
      method: batchOperation.method,
      url,
      onRequest: (request) => authorize(request, parts),
      handler: (request, reply) => serve(app, request, reply, parts, root),
    })
    refuseOtherMethods(app, url, ['POST'])
  }
}

async function authorize(request: FastifyRequest, { checkBearer, holdsAdminKey }: BatchParts): Promise<void> {
  request.note.operation = batchOperation.operation
  if (currentBatch() !== undefined) {
    throw new HttpError(400, 'BadRequest', 'Batch requests cannot be nested.', 'A batch cannot hold another batch.')
  }
  if (holdsAdminKey(request)) return
  await authenticate(request, checkBearer)
}

async function serve(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: BatchParts,
  root: string,
): Promise<FastifyReply> {
  const requests = readBatch(request.body, root)
  if (requests.some(({ body }) => holdsSecret(body))) request.note.confidential = true
  const answers = await inOrder<InnerAnswer>(requests, parts.concurrency, {
    failed: ({ status }) => status >= 400,
    skip: (inner) => failedDependency(inner, parts),
    run: (inner) => carryOut(app, request, inner, parts),
  })
  const responses = requests.map(({ id }, place) => ({ id, ...answers[place] }))
  return reply
    .headers({ ...identifyingHeaders(request), 'odata-version': '4.0' })
    .type('application/json; charset=utf-8')
    .send({ responses })
}

/** How one step of a batch is done. */
interface Steps<Answer> {
  readonly failed: (answer: Answer) => boolean
  readonly skip: (request: InnerRequest) => Answer
  readonly run: (request: InnerRequest) => Promise<Answer>
}

/** Carries requests out, each after those that it depends on, and at most `width` at once. */
async function inOrder<Answer>(
  requests: readonly InnerRequest[],
  width: number,
  { failed, skip, run }: Steps<Answer>,
): Promise<readonly Answer[]> {
  let free = width
  const waiting: (() => void)[] = []
  const started: Promise<Answer>[] = []
  const one = async (request: InnerRequest): Promise<Answer> => {
    // Dependencies are earlier, so their promises are there, and nobody waits for them while holding a place.
    const before = await Promise.all(request.dependsOn.flatMap((place) => started[place] ?? []))
    if (before.some(failed)) return skip(request)
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await run(request)
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
  for (const request of requests) started.push(one(request))
  return Promise.all(started)
}

async function carryOut(
  app: FastifyInstance,
  outer: FastifyRequest,
  { method, url, headers, body }: InnerRequest,
  parts: BatchParts,
): Promise<InnerAnswer> {
  const { authorization, host, 'user-agent': agent } = outer.headers
  try {
    // Awaited inside: it is the first `then` that sends the request, and its context that counts.
    const answer = await inBatch(outer.id, async () => {
      const sent = await app.inject({
        method,
        url,
        remoteAddress: outer.ip,
        headers: {
          ...(agent !== undefined && { 'user-agent': agent }),
          ...headers,
          ...(host !== undefined && { host }),
          ...(authorization !== undefined && { authorization }),
        },
        ...(body !== undefined && { payload: body }),
      })
      return sent
    })
    return { status: answer.statusCode, headers: shownHeaders(answer.headers), ...shownBody(answer) }
  } catch (fault) {
    outer.log.error({ err: fault, batch: outer.id, url }, 'a request of a batch could not be carried out')
    const closed = 'The server is shutting down; try again.'
    return refusalOf(new HttpError(503, 'serviceNotAvailable', 'The service is not available.', closed, 1), parts)
  }
}

/** What belongs to a connection, and not to an answer. */
const OF_CONNECTION = ['connection', 'keep-alive', 'content-length', 'transfer-encoding', 'date']
/** Names that Graph writes in capitals; whoever reads JSON may depend on them. */
const SPELLED: Readonly<Record<string, string>> = {
  'content-type': 'Content-Type',
  location: 'Location',
  'odata-version': 'OData-Version',
  'retry-after': 'Retry-After',
}

function shownHeaders(headers: NodeJS.Dict<number | string | string[]>): Record<string, string> {
  const shown = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || OF_CONNECTION.includes(name) ? [] : [[SPELLED[name] ?? name, String(value)] as const],
  )
  return Object.fromEntries(shown)
}

/** JSON as JSON, anything else as base64, nothing as nothing. */
function shownBody(answer: {
  readonly headers: NodeJS.Dict<number | string | string[]>
  readonly rawPayload: Buffer
}): Pick<InnerAnswer, 'body'> {
  if (answer.rawPayload.length === 0) return {}
  const json = /^application\/json\b/i.test(String(answer.headers['content-type']))
  return { body: json ? (JSON.parse(answer.rawPayload.toString()) as unknown) : answer.rawPayload.toString('base64') }
}

function failedDependency({ id }: InnerRequest, parts: BatchParts): InnerAnswer {
  const explanation = `The request ${id.slice(0, 64)} was not carried out, because one that it depends on failed.`
  return refusalOf(
    new HttpError(424, 'FailedDependency', 'A request that this one depends on failed.', explanation),
    parts,
  )
}

/** A refusal of a request that never reached the door, in the form of those that did. */
function refusalOf(error: HttpError, { clock, ids }: BatchParts): InnerAnswer {
  const id = ids.guid()
  const body: Json = errorBody(error, { requestId: id, clientRequestId: id, at: clock.now() })
  return {
    status: error.status,
    headers: {
      'request-id': id,
      'client-request-id': id,
      'rollcall-explanation': error.explanation,
      ...(error.retryAfter !== undefined && { 'Retry-After': String(error.retryAfter) }),
      'Content-Type': 'application/json; charset=utf-8',
    },
    body,
  }
}
