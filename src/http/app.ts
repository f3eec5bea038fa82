/** The HTTP plumbing that every surface shares: limits, request ids, the journal, and errors in one form. */
import type { IncomingMessage, ServerOptions } from 'node:http'
import { LogController, fastify } from 'fastify'
import type { FastifyBaseLogger, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock, Ids, Sequence } from '../runtime.ts'
import { isoTime, stopwatch } from '../runtime.ts'
import { StoreFull } from '../store/store.ts'
import { currentBatch } from './batch-context.ts'
import { refuseUnreadable } from './client-error.ts'
import { HttpError } from './http-error.ts'
import type { Journal } from './journal.ts'

/** What a route tells the journal of its request. */
export interface RequestNote {
  appId?: string
  tenantId?: string
  callId?: string
  operation?: string
  /** The request id of the batch that it came in. */
  batch?: string
  code?: string
  explanation?: string
  /** Not for the journal: the request holds a secret. */
  confidential?: boolean
  /** A page asks for it again and again: not for the journal and the log, unless it is refused. */
  routine?: boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What is known of this request, for the journal. */
    note: RequestNote
    elapsed: () => number
    /** The body as it came, once it was read as JSON. */
    bodyText: string | undefined
    /** Place of the request's arrival in the one order of everything. */
    order: number
  }
}

/** What the plumbing needs. */
export interface AppParts {
  readonly logger: FastifyBaseLogger
  readonly clock: Clock
  readonly ids: Ids
  readonly sequence: Sequence
  readonly journal: Journal
  /** Bytes. */
  readonly bodyLimit: number
  /** Milliseconds for a request to arrive. */
  readonly requestTimeout: number
  /** Connections that are open at once. */
  readonly maxConnections: number
  /** Whether a request becomes a WebSocket. */
  readonly takesSocket?: (request: IncomingMessage) => boolean
  /** For https; plain http without it. */
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined
  /** Brings a URL into the form in which routes are registered. */
  readonly rewriteUrl: (url: string) => string
}

/** What the journal will say of a request. */
export function noteOf(request: FastifyRequest): RequestNote {
  request.note ??= {}
  return request.note
}

/** Bodies longer than this are not remembered by the journal, in characters. */
const LONGEST_REMEMBERED = 16_384
/** What it remembers instead, as JSON. */
const TOO_LONG = '"too long to be remembered"'

/** Makes the application that surfaces register their routes with. */
export function createApp(parts: AppParts): FastifyInstance {
  const { clock, ids, journal, tls } = parts
  const limits = { ...timeLimits(parts.requestTimeout), shouldUpgradeCallback: parts.takesSocket ?? (() => false) }
  const app = fastify({
    ...(tls ? { https: { cert: tls.certificate, key: tls.key, ...limits } } : { http: limits }),
    loggerInstance: parts.logger,
    // What the log says of a request has its id anyway.
    childLoggerFactory: (logger) => logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: parts.bodyLimit,
    requestTimeout: parts.requestTimeout,
    keepAliveTimeout: 72_000,
    genReqId: () => ids.guid(),
    rewriteUrl: (request) => parts.rewriteUrl(request.url ?? '/'),
    clientErrorHandler: (fault, socket) => refuseUnreadable(fault, socket, parts),
    frameworkErrors: (error, request, reply) => {
      sendError(parts, toHttpError(error), request, reply)
    },
    routerOptions: {
      caseSensitive: false,
      ignoreDuplicateSlashes: true,
      ignoreTrailingSlash: true,
      maxParamLength: 512,
    },
  })
  app.server.maxConnections = parts.maxConnections
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    parseJson(String(text), (error, body) => {
      if (body !== undefined) request.bodyText = String(text)
      done(error, body)
    })
  })
  app.decorateRequest('note')
  app.decorateRequest('elapsed')
  app.decorateRequest('bodyText')
  app.decorateRequest('order')
  app.addHook('onRequest', (request, reply, done) => {
    // Answers repeat what was asked; no browser shall take one for a page or a script.
    void reply.header('x-content-type-options', 'nosniff')
    const batch = currentBatch()
    request.note = batch === undefined ? {} : { batch }
    request.elapsed = stopwatch()
    request.order = parts.sequence.next()
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    record(journal, clock.now(), request, reply)
    done()
  })
  app.setErrorHandler((error: FastifyError, request, reply) => sendError(parts, toHttpError(error), request, reply))
  app.setNotFoundHandler((request, reply) => sendError(parts, unknownPath(request), request, reply))
  return app
}

/** Slow clients are looked for this often, in milliseconds, or as often as the time limit is long. */
const CHECK = 5000

/** How long a request may take to arrive, its headers no longer than the whole. */
function timeLimits(requestTimeout: number): ServerOptions {
  const headersTimeout = Math.min(requestTimeout, 60_000)
  return { requestTimeout, headersTimeout, connectionsCheckingInterval: Math.min(requestTimeout, CHECK) }
}

/** What answers carry that are for programs alone, so that nothing can be made of them in a browser. */
export const closedHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
} as const

/** Registers a refusal of every method that a path does not take (RFC 9110, section 15.5.6). */
export function refuseOtherMethods(app: FastifyInstance, url: string, allowed: readonly string[]): void {
  const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => !allowed.includes(method))
  app.route({
    method: others,
    url,
    exposeHeadRoute: false,
    onRequest: (request, reply, done) => {
      void reply.header('allow', allowed.join(', '))
      const explanation = `${request.method} is not done on this path; it takes ${allowed.join(' and ')}.`
      done(new HttpError(405, 'notAllowed', 'The method is not allowed for this resource.', explanation))
    },
    handler: () => undefined,
  })
}

function parseJson(text: string, done: (error: Error | null, body?: unknown) => void): void {
  if (text.trim() === '') return done(null, undefined)
  const excess = excessOf(text)
  if (excess === 'deep') {
    const explanation = `The body is nested more than ${DEEPEST} levels deep; no published body has more than twelve.`
    return done(new HttpError(400, 'invalidRequest', 'The body is nested too deep.', explanation))
  }
  if (excess === 'wide') {
    const explanation = `The body has more than ${WIDEST} members and list items; no request needs so many.`
    return done(new HttpError(400, 'invalidRequest', 'The body has too many members.', explanation))
  }
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    const where = error instanceof Error ? error.message : 'unreadable'
    return done(
      new HttpError(400, 'invalidRequest', 'The body is not valid JSON.', `The body is not valid JSON: ${where}.`),
    )
  }
  done(null, body)
}

/** Levels of nesting that are read. */
const DEEPEST = 100
/**
 * Members of objects and items of lists that are read, in all: a batch of twenty lists of a thousand ids has 20,000. Of more,
 * reading a body takes a good part of a second, in which nobody else is answered.
 */
const WIDEST = 30_000
/** What is shorter, in characters, is neither deep nor wide enough to be of harm. */
const SHORT = 2048

/** Whether JSON is nested deeper than `DEEPEST`, or has more than `WIDEST` members. */
function excessOf(text: string): 'deep' | 'wide' | undefined {
  if (text.length < SHORT) return undefined
  let depth = 0
  let width = 0
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const letter = text[index]
    if (quoted) {
      if (letter === '\\') index++
      else if (letter === '"') quoted = false
    } else if (letter === '"') quoted = true
    else if (letter === '[' || letter === '{') depth++
    else if (letter === ']' || letter === '}') depth--
    else if (letter === ',') width++
    if (depth > DEEPEST) return 'deep'
    if (width > WIDEST) return 'wide'
  }
  return undefined
}

/** Anything that can go wrong in handling a request, in the one form that is sent. */
function toHttpError(error: FastifyError | HttpError | StoreFull): HttpError {
  if (error instanceof HttpError) return error
  if (error instanceof StoreFull) return HttpError.full(error)
  const { statusCode = 500 } = error
  switch (statusCode) {
    case 413:
      return new HttpError(
        413,
        'invalidRequest',
        'The request is too large.',
        'The body is larger than this server takes (option bodyLimit).',
      )
    case 415:
      return new HttpError(
        415,
        'invalidRequest',
        'The content type is not supported.',
        'Send the body as application/json, and say so in Content-Type.',
      )
    default:
      break
  }
  if (statusCode >= 400 && statusCode < 500) {
    return new HttpError(
      statusCode,
      'invalidRequest',
      'The request is malformed.',
      `The request could not be read: ${error.message}.`,
    )
  }
  return HttpError.fault(error)
}

function unknownPath(request: FastifyRequest): HttpError {
  const explanation = `No operation is published at ${request.method} ${request.url.slice(0, 200)}; check the path and the version in it.`
  return new HttpError(404, 'itemNotFound', 'The resource could not be found.', explanation)
}

function sendError(parts: AppParts, error: HttpError, request: FastifyRequest, reply: FastifyReply): void {
  const { status, code, explanation, retryAfter } = error
  if (status >= 500) request.log.error({ err: error.cause ?? error, requestId: request.id }, 'request failed')
  Object.assign(noteOf(request), { code, explanation })
  if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter))
  for (const [name, value] of Object.entries(identifyingHeaders(request))) void reply.header(name, value)
  const clientRequestId = headerText(request, 'client-request-id') ?? request.id
  void reply
    .code(status)
    .header('rollcall-explanation', headerSafe(explanation))
    .type('application/json; charset=utf-8')
    .send(errorBody(error, { requestId: request.id, clientRequestId, at: parts.clock.now() }))
}

/** Graph's error body; `at` is milliseconds since the Unix epoch. */
export function errorBody(
  { status, code, message }: HttpError,
  {
    requestId,
    clientRequestId,
    at,
  }: { readonly requestId: string; readonly clientRequestId: string; readonly at: number },
): { readonly error: Readonly<Record<string, unknown>> } {
  const throttled = status === 429 && { code: '429', message, status: '429' }
  const date = isoTime(at).slice(0, 19)
  return {
    error: {
      code,
      message,
      innerError: { ...throttled, date, 'request-id': requestId, 'client-request-id': clientRequestId },
    },
  }
}

/** The headers by which a request can be followed: its own id, and the ids that the client gave it. */
export function identifyingHeaders(request: FastifyRequest): Record<string, string> {
  const clientRequestId = headerText(request, 'client-request-id')
  const scenarioId = headerText(request, 'scenario-id')
  return {
    'request-id': request.id,
    'client-request-id': clientRequestId ?? request.id,
    ...(scenarioId !== undefined && { 'scenario-id': scenarioId }),
  }
}

/** A request header that may be echoed: printable and not too long. */
export function headerText(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' && /^[\x21-\x7e][\x20-\x7e]{0,127}$/.test(value) ? value : undefined
}

/** A text that may stand in a header: printable ASCII, at most a kilobyte. */
function headerSafe(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 1024)
}

function record(journal: Journal, at: number, request: FastifyRequest, reply: FastifyReply): void {
  const { confidential, routine, ...note } = request.note
  if (routine === true && reply.statusCode < 400) return
  const clientRequestId = headerText(request, 'client-request-id')
  const body = confidential === true ? undefined : request.bodyText
  journal.record({
    order: request.order,
    at,
    requestId: request.id,
    ...(clientRequestId !== undefined && { clientRequestId }),
    method: request.method,
    url: request.originalUrl.slice(0, 2048),
    ...note,
    ...(body !== undefined && { requestBody: body.length > LONGEST_REMEMBERED ? TOO_LONG : body }),
    status: reply.statusCode,
    duration: request.elapsed(),
  })
  const { operation, appId, callId, batch } = note
  const callChainId = reply.getHeader('x-microsoft-skype-chain-id')
  request.log.debug(
    {
      requestId: request.id,
      clientRequestId,
      batch,
      operation,
      appId,
      callId,
      callChainId,
      method: request.method,
      url: request.originalUrl,
      status: reply.statusCode,
    },
    'request',
  )
}
