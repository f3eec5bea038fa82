/** Spans by OpenTelemetry's own packages, sent to a collector by OTLP over HTTP. Loaded only if tracing is on. */
import type { Attributes, Context, Span } from '@opentelemetry/api'
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  defaultTextMapGetter,
  defaultTextMapSetter,
  trace,
} from '@opentelemetry/api'
import { ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { SpanExporter } from '@opentelemetry/sdk-trace'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { version } from '../config.ts'
import { headerText } from '../http/app.ts'
import type { Message, Outcome, Poster } from '../notifications/post.ts'
import type { Commit } from '../store/store.ts'
import type { ConversationStore, Tracing } from './traced.ts'

/** Spans that wait for the collector; more are dropped. */
const MOST_WAITING = 8192
/** How long one sending may take, in milliseconds. */
const PATIENCE = 5000
/** Notifications that are owed, of which the commit is remembered. */
const MOST_OWED = 10_000

export class Spans implements Tracing {
  readonly #provider: TracerProvider
  readonly #tracer: ReturnType<TracerProvider['getTracer']>
  readonly #propagator = new W3CTraceContextPropagator()
  /** By request id, while the request is under way. */
  readonly #requests = new Map<string, Context>()
  /** By the id of the notification, until it is taken or there are too many. */
  readonly #owed = new Map<string, Context>()

  /**
   * @param endpoint the collector's address, below which OTLP's paths are
   * @param share of new traces that are kept, in percent; what a client's trace says goes first
   */
  constructor(endpoint: string, share: number, log: Logger) {
    const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: PATIENCE })
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'rollcall', 'service.version': version }),
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share / 100) }),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: telling(exporter, log),
          maxQueueSize: MOST_WAITING,
          scheduledDelayMillis: 1000,
          exportTimeoutMillis: PATIENCE,
        }),
      ],
    })
    this.#tracer = this.#provider.getTracer('rollcall', version)
  }

  observe(app: FastifyInstance): void {
    app.addHook('onRequest', (request, _reply, done) => {
      this.#begin(request)
      done()
    })
    app.addHook('onResponse', (request, reply, done) => {
      this.#end(request, reply)
      done()
    })
    app.addHook('onRequestAbort', (request, done) => {
      this.#end(request)
      done()
    })
  }

  store(store: ConversationStore): ConversationStore {
    return { ...store, commit: (commit) => this.#commit(store, commit) }
  }

  poster(poster: Poster): Poster {
    return { post: (message) => this.#post(poster, message), close: () => poster.close() }
  }

  async close(): Promise<void> {
    // What the collector does not take in time is lost, and no reason not to stop.
    await this.#provider.shutdown().catch(() => undefined)
  }

  #begin(request: FastifyRequest): void {
    const { method, headers, note } = request
    const outer = note.batch === undefined ? undefined : this.#requests.get(note.batch)
    const parent = outer ?? this.#propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)
    const span = this.#tracer.startSpan(method, { kind: SpanKind.SERVER, attributes: aboutRequest(request) }, parent)
    this.#requests.set(request.id, trace.setSpan(parent, span))
  }

  #end(request: FastifyRequest, reply?: FastifyReply): void {
    const context = this.#requests.get(request.id)
    const span = context && trace.getSpan(context)
    if (!span) return
    this.#requests.delete(request.id)
    const { operation, appId, tenantId, callId, code } = request.note
    const status = reply?.statusCode
    // The pattern of a path, and not the path: names of spans are few.
    span.updateName(operation ?? `${request.method} ${request.routeOptions.url ?? 'unknown path'}`)
    span.setAttributes({
      ...defined({
        'http.response.status_code': status,
        'rollcall.app_id': appId,
        'rollcall.tenant_id': tenantId,
        'rollcall.call_id': callId,
        'rollcall.error_code': code,
        'rollcall.call_chain_id': reply?.getHeader('x-microsoft-skype-chain-id')?.toString(),
      }),
    })
    if (status === undefined) fail(span, 'the client went away')
    else if (status >= 500) fail(span, code ?? String(status))
    span.end()
  }

  async #commit(store: ConversationStore, commit: Commit): Promise<void> {
    const { timeline, deliveries } = commit
    const parent = this.#requests.get(timeline.requestId ?? '') ?? ROOT_CONTEXT
    const span = this.#tracer.startSpan(`commit ${timeline.command}`, { attributes: aboutCommit(commit) }, parent)
    const context = trace.setSpan(parent, span)
    for (const { id } of deliveries) this.#remember(id, context)
    try {
      await store.commit(commit)
    } catch (fault) {
      fail(span, fault instanceof Error ? fault.name : 'failed')
      throw fault
    } finally {
      span.end()
    }
  }

  #remember(id: string, context: Context): void {
    this.#owed.set(id, context)
    const [oldest] = this.#owed.keys()
    if (this.#owed.size > MOST_OWED && oldest !== undefined) this.#owed.delete(oldest)
  }

  async #post(poster: Poster, message: Message): Promise<Outcome> {
    const id = message.headers[MESSAGE_ID] ?? ''
    const parent = this.#owed.get(id) ?? ROOT_CONTEXT
    const attributes = aboutMessage(message)
    const span = this.#tracer.startSpan('POST notification', { kind: SpanKind.CLIENT, attributes }, parent)
    const headers = { ...message.headers }
    this.#propagator.inject(trace.setSpan(parent, span), headers, defaultTextMapSetter)
    try {
      const outcome = await poster.post({ ...message, headers })
      if (outcome.status !== undefined) span.setAttribute('http.response.status_code', outcome.status)
      if (outcome.error === undefined) this.#owed.delete(id)
      else fail(span, outcome.error)
      return outcome
    } finally {
      span.end()
    }
  }
}

/** Header of notifications that has their id. */
const MESSAGE_ID = 'x-microsoft-skype-message-id'

/** Not the query: it may hold what nobody else should read. */
function aboutRequest(request: FastifyRequest): Attributes {
  return defined({
    'http.request.method': request.method,
    'url.path': request.url.split('?')[0]?.slice(0, 512),
    'rollcall.request_id': request.id,
    'rollcall.client_request_id': headerText(request, 'client-request-id'),
    'rollcall.scenario_id': headerText(request, 'scenario-id'),
  })
}

function aboutCommit({ conversation, timeline, deliveries }: Commit): Attributes {
  return defined({
    'rollcall.request_id': timeline.requestId,
    'rollcall.conversation_id': conversation.id,
    'rollcall.call_chain_id': conversation.callChainId,
    'rollcall.tenant_id': conversation.tenantId,
    'rollcall.command': timeline.command,
    'rollcall.events': timeline.events.map(({ type }) => type),
    'rollcall.notification_ids': deliveries.map(({ id }) => id),
  })
}

function aboutMessage({ url, appId, headers }: Message): Attributes {
  const address = URL.parse(url)
  return defined({
    'http.request.method': 'POST',
    'server.address': address?.hostname,
    'url.path': address?.pathname,
    'rollcall.app_id': appId,
    'rollcall.notification_id': headers[MESSAGE_ID],
    'rollcall.call_chain_id': headers['x-microsoft-skype-chain-id'],
    'rollcall.scenario_id': headers['scenario-id'],
  })
}

function defined(attributes: Readonly<Record<string, string | number | string[] | undefined>>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined))
}

function fail(span: Span, message: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message })
}

/** Tells the log once when the collector cannot be reached, and once when it can again. */
function telling(exporter: OTLPTraceExporter, log: Logger): SpanExporter {
  let failing = false
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.code !== ExportResultCode.SUCCESS
        if (failed && !failing) log.warn({ error: result.error?.message }, 'traces are not taken (option otlpEndpoint)')
        else if (!failed && failing) log.info('traces are taken again')
        failing = failed
        done(result)
      })
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  }
}
