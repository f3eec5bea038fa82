/** The composition root: the only file that knows every implementation. */
import { pino } from 'pino'
import type { Logger } from 'pino'
import type { FastifyInstance } from 'fastify'
import type { Rules } from './calls/draft.ts'
import type { Config } from './config.ts'
import { baseUrlOf, version } from './config.ts'
import { registerControl } from './control/control.ts'
import { formatProblem } from './directory/cursor.ts'
import { LiveDirectory, demoDirectoryFile } from './directory/live.ts'
import { botEndpoint } from './endpoints/bot/bot.ts'
import { ScriptBook } from './endpoints/scripted/script-book.ts'
import { scriptedEndpoint } from './endpoints/scripted/scripted.ts'
import { mannersOf } from './graph/dialects/dialect.ts'
import { dialectOf, wireVersions } from './graph/dialects/dialects.ts'
import { fromCallError } from './graph/errors.ts'
import { registerGraph, rewriteGraphUrl } from './graph/routes/graph.ts'
import { createApp } from './http/app.ts'
import { Journal } from './http/journal.ts'
import { createMetrics } from './metrics.ts'
import { Outbox } from './notifications/outbox.ts'
import { createPoster } from './notifications/post.ts'
import { createSigner } from './notifications/signing.ts'
import { createBearerCheck } from './oauth/bearer.ts'
import { KeyRing } from './oauth/keys.ts'
import { registerMetadata } from './oauth/metadata.ts'
import { registerTokenEndpoint } from './oauth/token-endpoint.ts'
import { accessTokenIssuer, createTokenIssuer, defaultResources } from './oauth/tokens.ts'
import type { Clock, VirtualClock } from './runtime.ts'
import { Activity, randomIds, realClock, sequenceAfter, virtualClock } from './runtime.ts'
import { openSqlite } from './store/sqlite.ts'
import type { Store } from './store/store.ts'
import { Switchboard } from './switchboard/switchboard.ts'

/** A running server. */
export interface RunningServer {
  /** Where it is reached, without a slash at the end. */
  readonly url: string
  /** Takes no more requests, lets what is under way finish (option drainTimeout), and stops. */
  close(): Promise<void>
}

/** Thrown when the server cannot start; the message says what to change. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** How long a notification's token is valid, in milliseconds; see `notifications/signing.ts`. */
const NOTIFICATION_TOKEN = 3_600_000
/** What is past its retention is forgotten this often, in milliseconds. */
const SWEEP = 3_600_000

/**
 * Starts a server; resolves when it takes requests and everything unfinished was resumed.
 * @throws StartError, StoreError
 */
export async function startServer(
  config: Config,
  options: { readonly processMetrics?: boolean } = {},
): Promise<RunningServer> {
  const log = pino({ level: config.logLevel, base: null }, pino.destination({ fd: 2, sync: true }))
  const wall = realClock()
  const clock = config.clock === 'virtual' ? virtualClock(config.clockStart ?? wall.now()) : wall
  const directory = await openDirectory(config, log)
  const store = openSqlite(config.data)
  try {
    return await compose({
      config,
      log,
      wall,
      clock,
      directory,
      store,
      processMetrics: options.processMetrics ?? false,
    })
  } catch (error) {
    await directory.close()
    await store.close()
    wall.stop()
    throw error
  }
}

interface Foundation {
  readonly config: Config
  readonly log: Logger
  /** Tokens are checked by programs with clocks of their own, so they live on the wall clock even if calls do not. */
  readonly wall: Clock
  readonly clock: Clock | VirtualClock
  readonly directory: LiveDirectory
  readonly store: Store
  readonly processMetrics: boolean
}

async function openDirectory(config: Config, log: Logger): Promise<LiveDirectory> {
  const file = config.directory ?? demoDirectoryFile
  const opened = await LiveDirectory.open({
    file,
    wireVersions,
    onChange: () => log.info({ file }, 'the directory was reloaded'),
    onProblems: (problems) =>
      log.error(
        { file, problems: problems.map(formatProblem) },
        'the changed directory has mistakes; the old one stays',
      ),
  })
  if (opened.ok) return opened.live
  throw new StartError(`The directory cannot be used:\n${opened.problems.map(formatProblem).join('\n')}`)
}

async function compose(foundation: Foundation): Promise<RunningServer> {
  const { config, log, wall, clock, directory, store } = foundation
  const ids = randomIds()
  const activity = new Activity()
  const sequence = sequenceAfter(await store.lastOrder())
  const journal = new Journal(config.journalSize)
  const rules = rulesOf(config)
  let url = ''
  const baseUrl = (): string => url

  const scripts = new ScriptBook(store, ({ kind, id }) => scriptInDirectory(directory, kind, id), config.scriptLimit)
  await scripts.load()
  const keys = await KeyRing.open({
    store,
    clock: wall,
    rotateEvery: config.keyRotation,
    overlap: config.keyOverlap,
    tokenLifetime: Math.max(config.tokenLifetime, NOTIFICATION_TOKEN),
  })
  const notificationIssuer = (): string => config.notificationIssuer ?? url
  const poster = createPoster({ clock, connections: config.deliveryConnections, timeout: config.deliveryTimeout })

  const app = createApp({
    logger: log,
    clock,
    ids,
    sequence,
    journal,
    bodyLimit: config.bodyLimit,
    requestTimeout: config.requestTimeout,
    rewriteUrl: rewriteGraphUrl,
  })
  const metrics = createMetrics(app, {
    liveConversations: () => switchboard.census.conversations,
    liveCalls: () => switchboard.census.calls,
    waitingNotifications: () => outbox.waiting,
    process: foundation.processMetrics,
  })
  const outbox: Outbox = new Outbox({
    store,
    clock,
    sequence,
    activity,
    sign: createSigner({ keys, clock: wall, ids, issuer: notificationIssuer }),
    poster,
    limits: { retryLimit: config.deliveryRetryLimit, giveUp: config.deliveryGiveUp, queue: config.deliveryQueueLimit },
    batch: config.deliveryBatch,
    report: (conversationId, report) => {
      switchboard.submit(conversationId, report).catch((fault: unknown) => log.error({ err: fault }, 'report failed'))
    },
    onAttempt: (attempt, { notification }) => {
      metrics.attempt(attempt)
      const { callId, number } = notification
      const level = attempt.error === undefined ? 'debug' : 'warn'
      log[level]({ callId, number, url: attempt.url, status: attempt.status, error: attempt.error }, 'notification')
    },
    onFault: (fault, callId) => log.error({ err: fault, callId }, 'delivery could not be recorded'),
  })
  const switchboard: Switchboard = new Switchboard({
    store,
    clock,
    ids,
    sequence,
    activity,
    rules,
    limits: {
      mailbox: config.mailboxLimit,
      conversations: config.maxLiveCalls,
      callsPerApplication: config.maxCallsPerApplication,
    },
    people: scriptedEndpoint(clock, (address) => scripts.scriptOf(address)),
    bots: botEndpoint,
    deliver: (deliveries) => outbox.handOver(deliveries),
    onFault: (fault, conversationId, command) => log.error({ err: fault, conversationId, command }, 'command failed'),
  })

  registerOAuth(app, { ...foundation, keys, baseUrl, notificationIssuer })
  const issuer = issuerOf(config, baseUrl)
  registerGraph(
    app,
    {
      switchboard,
      findCall: (callId) => store.findCall(callId),
      directory: () => directory.current(),
      clock,
      ids,
      rules,
      config,
      baseUrl,
    },
    createBearerCheck({
      keys,
      clock: wall,
      directory: () => directory.current(),
      issuer,
      audiences: () => [...defaultResources, url],
      cacheSize: config.tokenCacheSize,
    }),
  )
  registerControl(app, {
    config,
    clock,
    ids,
    activity,
    store,
    switchboard,
    outbox,
    directory,
    scripts,
    journal,
    refused: fromCallError,
    mannersOf: (wireVersion) => mannersOf(dialectOf(wireVersion)),
  })
  const readiness = registerHealth(app, metrics.registry)

  const sweep = (): void => {
    const now = wall.now()
    const before = {
      conversations: clock.now() - config.callRetention,
      deliveries: clock.now() - config.deliveryRetention,
      timeline: clock.now() - config.timelineRetention,
    }
    store.purge(before).catch((fault: unknown) => log.error({ err: fault }, 'old data could not be forgotten'))
    wall.schedule(now + SWEEP, sweep)
  }

  url = await listen(app, config)
  await outbox.start()
  await switchboard.start()
  sweep()
  readiness.ready = true
  return {
    url,
    async close() {
      readiness.ready = false
      await app.close()
      await activity.idle(config.drainTimeout)
      switchboard.close()
      outbox.close()
      await poster.close()
      await activity.idle(config.drainTimeout)
      await directory.close()
      clock.stop()
      wall.stop()
      await store.close()
    },
  }
}

function rulesOf(config: Config): Rules {
  const { ringTimeout, setupTimeout, answerTimeout, keepAliveTimeout, lobbyTimeout, maxCallDuration } = config
  const { operationRetention, callRetention, maxParticipants } = config
  return {
    ringTimeout,
    setupTimeout,
    answerTimeout,
    keepAliveTimeout,
    lobbyTimeout,
    maxCallDuration,
    operationRetention,
    callRetention,
    maxParticipants,
    applicationsMayBeInvited: config.profile === 'open',
  }
}

function scriptInDirectory(
  directory: LiveDirectory,
  kind: 'user' | 'phone',
  id: string,
): ReturnType<ScriptBook['scriptOf']> {
  const current = directory.current()
  const entry = kind === 'user' ? current.user(id) : current.phoneNumber(id)
  return entry?.script ?? current.defaultScript
}

/** The issuer of access tokens; a configured one may hold `{tenant}`. */
function issuerOf(config: Config, baseUrl: () => string): (tenantId: string) => string {
  return (tenantId) => config.issuer?.replaceAll('{tenant}', tenantId) ?? accessTokenIssuer(baseUrl(), tenantId)
}

function registerOAuth(
  app: FastifyInstance,
  parts: Foundation & {
    readonly keys: KeyRing
    readonly baseUrl: () => string
    readonly notificationIssuer: () => string
  },
): void {
  const { config, wall: clock, keys, baseUrl, notificationIssuer } = parts
  const ids = randomIds()
  const directory = (): ReturnType<LiveDirectory['current']> => parts.directory.current()
  const issueToken = createTokenIssuer({
    keys,
    clock,
    ids,
    issuer: issuerOf(config, baseUrl),
    lifetime: config.tokenLifetime,
  })
  registerTokenEndpoint(app, { clock, ids, directory, issueToken, resources: () => [...defaultResources, baseUrl()] })
  registerMetadata(app, { clock, ids, directory, keys, baseUrl, notificationIssuer })
}

/** Whether the process lives, whether it takes requests, and its metrics. */
function registerHealth(
  app: FastifyInstance,
  registry: { metrics(): Promise<string>; contentType: string },
): { ready: boolean } {
  const readiness = { ready: false }
  app.get('/healthz', () => ({ status: 'ok', version }))
  app.get('/readyz', (_request, reply) => {
    void reply.code(readiness.ready ? 200 : 503)
    return { status: readiness.ready ? 'ready' : 'starting' }
  })
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
  return readiness
}

async function listen(app: FastifyInstance, config: Config): Promise<string> {
  try {
    await app.listen({ host: config.host, port: config.port })
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    const help = /EADDRINUSE/.test(detail)
      ? 'something else uses that port; stop it, or choose another with --port (0 takes any free one)'
      : 'choose another --host or --port'
    throw new StartError(`Cannot listen on ${config.host}:${config.port}: ${detail}: ${help}.`, { cause: error })
  }
  const address = app.server.address()
  return baseUrlOf(config, typeof address === 'object' && address !== null ? address.port : config.port)
}
