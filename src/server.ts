/** The composition root: the only file that knows every implementation. */
import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import type { Logger } from 'pino'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Rules } from './calls/draft.ts'
import type { Config } from './config.ts'
import { baseUrlOf, version } from './config.ts'
import { holdsAdminKey, registerControl } from './control/control.ts'
import { formatProblem } from './directory/cursor.ts'
import type { Directory } from './directory/directory.ts'
import { limitsOf } from './directory/limits.ts'
import { LiveDirectory, demoDirectoryFile } from './directory/live.ts'
import { ownNumber } from './directory/own-number.ts'
import { botEndpoint } from './endpoints/bot/bot.ts'
import { ScriptBook } from './endpoints/scripted/script-book.ts'
import { ScriptedEndpoint } from './endpoints/scripted/scripted.ts'
import { coverage } from './graph/coverage.ts'
import { mannersOf } from './graph/dialects/dialect.ts'
import { dialectOf, wireVersions } from './graph/dialects/dialects.ts'
import { fromCallError } from './graph/errors.ts'
import { registerBatch } from './graph/batch/batch.ts'
import { registerMeetings, rewriteMeetingsUrl } from './graph/meetings/meetings.ts'
import { registerDirectory, rewriteDirectoryUrl } from './graph/directory/directory.ts'
import { recordRoutes, rewriteRecordsUrl } from './graph/records/routes.ts'
import { registerResources } from './graph/resource.ts'
import { registerLimits } from './graph/limits.ts'
import { subscriptionRoutes } from './graph/subscriptions/routes.ts'
import { registerGraph, rewriteGraphUrl } from './graph/routes/graph.ts'
import { createApp } from './http/app.ts'
import { Journal } from './http/journal.ts'
import { Throttles } from './http/throttles.ts'
import { openTls } from './http/tls.ts'
import type { LocalAuthority, Tls } from './http/tls.ts'
import { createJoinTokens } from './meetings/join-token.ts'
import type { JoinTokens } from './meetings/join-token.ts'
import { Meetings } from './meetings/meetings.ts'
import type { Metrics } from './metrics.ts'
import { createMetrics } from './metrics.ts'
import { Outbox } from './notifications/outbox.ts'
import type { Poster } from './notifications/post.ts'
import { createPoster } from './notifications/post.ts'
import { createSigner } from './notifications/signing.ts'
import { ownAddresses } from './oauth/addresses.ts'
import { createBearerCheck } from './oauth/bearer.ts'
import { registerInstanceDiscovery } from './oauth/instance-discovery.ts'
import { readIssuers, type TrustedIssuer } from './oauth/issuers-file.ts'
import { KeyRing } from './oauth/keys.ts'
import { registerMetadata } from './oauth/metadata.ts'
import { createOutsideIssuers } from './oauth/outside-issuers.ts'
import { registerTokenEndpoint } from './oauth/token-endpoint.ts'
import { accessTokenIssuer, createTokenIssuer, defaultResources } from './oauth/tokens.ts'
import { Records } from './records/records.ts'
import type { Clock, Ids, Sequence, VirtualClock } from './runtime.ts'
import { Activity, randomIds, realClock, sequenceAfter, stopwatch, virtualClock } from './runtime.ts'
import { openSqlite } from './store/sqlite.ts'
import type { Attempt, Delivery, Store } from './store/store.ts'
import { createSubscriptions } from './subscriptions/create.ts'
import { shakeHands } from './subscriptions/handshake.ts'
import type { Subscriptions } from './subscriptions/subscriptions.ts'
import { Switchboard } from './switchboard/switchboard.ts'

/** A running server. */
export interface RunningServer {
  /** Where it is reached, without a slash at the end. */
  readonly url: string
  /** Who vouches for an https server, if nobody else does: clients must trust it. */
  readonly authority?: LocalAuthority
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
 * @throws StartError, StoreError, TlsError
 */
export async function startServer(
  config: Config,
  options: { readonly processMetrics?: boolean } = {},
): Promise<RunningServer> {
  const log = pino({ level: config.logLevel, base: null }, pino.destination({ fd: 2, sync: true }))
  const wall = realClock()
  const clock = config.clock === 'virtual' ? virtualClock(config.clockStart ?? wall.now()) : wall
  const directory = await openDirectory(config, log)
  let store: Store | undefined
  try {
    store = openSqlite(config.data)
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
    await store?.close()
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

/** @throws StartError */
function openIssuers({ issuers: file }: Config): readonly TrustedIssuer[] {
  if (file === undefined) return []
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new StartError(`The file of issuers cannot be read: ${String(error)}.`, { cause: error })
  }
  const read = readIssuers(text, file)
  if (read.ok) return read.issuers
  throw new StartError(`The outside issuers cannot be used:\n${read.problems.map(formatProblem).join('\n')}`)
}

/** What the product is made with. */
interface Tools extends Foundation {
  readonly ids: Ids
  readonly activity: Activity
  readonly sequence: Sequence
  readonly journal: Journal
  readonly throttles: Throttles
  readonly rules: Rules
  readonly scripts: ScriptBook
  readonly keys: KeyRing
  readonly meetings: Meetings
  readonly joinTokens: JoinTokens
  /** Whose access tokens are accepted beside the server's own. */
  readonly issuers: readonly TrustedIssuer[]
  /** Undefined if the server speaks plain http. */
  readonly tls: Tls | undefined
  readonly poster: Poster
  /** For the webhooks of subscriptions. */
  readonly webhooks: Poster
  /** Known once the server listens. */
  readonly baseUrl: () => string
  readonly notificationIssuer: () => string
}

/** The parts that make the product work, apart from HTTP. */
interface Core extends Tools {
  readonly outbox: Outbox
  readonly switchboard: Switchboard
  readonly records: Records
  readonly subscriptions: Subscriptions
  readonly metrics: Metrics
}

async function compose(foundation: Foundation): Promise<RunningServer> {
  const { config } = foundation
  let url = ''
  const core = createCore(await createTools(foundation, () => url))
  const { journal, ids, sequence, clock, log, tls } = core
  const app = createApp({
    logger: log,
    clock,
    ids,
    sequence,
    journal,
    bodyLimit: config.bodyLimit,
    requestTimeout: config.requestTimeout,
    tls,
    rewriteUrl: (path) => rewriteMeetingsUrl(rewriteDirectoryUrl(rewriteGraphUrl(rewriteRecordsUrl(path)))),
  })
  core.metrics.observe(app)
  registerOAuth(app, core)
  registerCalling(app, core)
  registerControl(app, {
    ...core,
    authority: tls?.authority?.certificate,
    coverage: coverage(),
    refused: fromCallError,
    mannersOf: (wireVersion) => mannersOf(dialectOf(wireVersion)),
  })
  const readiness = registerHealth(app, core.metrics.registry)
  url = await listen(app, config)
  await core.outbox.start()
  await core.subscriptions.start()
  await core.switchboard.start()
  sweep(core)
  readiness.ready = true
  return {
    url,
    ...(tls?.authority && { authority: tls.authority }),
    async close() {
      readiness.ready = false
      const elapsed = stopwatch()
      await closeHttp(app, core)
      await closeCore(core, Math.max(config.drainTimeout - elapsed(), 0))
    },
  }
}

async function createTools(foundation: Foundation, baseUrl: () => string): Promise<Tools> {
  const { config, wall, clock, directory, store } = foundation
  const scripts = new ScriptBook(store, ({ kind, id }) => scriptInDirectory(directory, kind, id), config.scriptLimit)
  await scripts.load()
  await directory.load(store, config.directoryLimit)
  const ids = randomIds()
  const meetings = new Meetings(store.documents, ids, config.maxMeetings)
  await meetings.load()
  const keys = await KeyRing.open({
    store,
    clock: wall,
    rotateEvery: config.keyRotation,
    overlap: config.keyOverlap,
    tokenLifetime: Math.max(config.tokenLifetime, NOTIFICATION_TOKEN, config.joinTokenLifetime),
  })
  return {
    ...foundation,
    ids,
    activity: new Activity(),
    sequence: sequenceAfter(await store.lastOrder()),
    journal: new Journal(config.journalSize),
    throttles: new Throttles(config.throttleLimit),
    rules: rulesOf(config),
    scripts,
    keys,
    meetings,
    joinTokens: createJoinTokens({ keys, clock, ids, lifetime: config.joinTokenLifetime }),
    issuers: openIssuers(config),
    tls: await openTls({ config, clock: wall, ids }),
    poster: posterOf(config, clock, 'deliveryTimeout'),
    webhooks: posterOf(config, clock, 'changeNotificationTimeout'),
    baseUrl,
    notificationIssuer: () => config.notificationIssuer ?? baseUrl(),
  }
}

function posterOf(config: Config, clock: Clock, option: 'deliveryTimeout' | 'changeNotificationTimeout'): Poster {
  return createPoster({ clock, connections: config.deliveryConnections, timeout: config[option], option })
}

/** The switchboard and the outbox need each other: commits go out by one, failed announcements come back by the other. */
function createCore(tools: Tools): Core {
  const { config, log, clock, scripts } = tools
  const metrics = createMetrics({
    liveConversations: () => switchboard.census.conversations,
    liveCalls: () => switchboard.census.calls,
    waitingNotifications: () => outbox.waiting,
    process: tools.processMetrics,
  })
  const outbox: Outbox = new Outbox({
    ...tools,
    sign: createSigner({ ...tools, clock: tools.wall, issuer: tools.notificationIssuer }),
    limits: { retryLimit: config.deliveryRetryLimit, giveUp: config.deliveryGiveUp, queue: config.deliveryQueueLimit },
    batch: config.deliveryBatch,
    shakesHands: (appId) => tools.directory.current().application(appId)?.legacyHandshake === true,
    report: (conversationId, report) => {
      switchboard.submit(conversationId, report).catch((fault: unknown) => log.error({ err: fault }, 'report failed'))
    },
    onAttempt: (attempt, delivery) => {
      metrics.attempt(attempt)
      logAttempt(log, attempt, delivery)
    },
    onFault: (fault, callId) => log.error({ err: fault, callId }, 'delivery could not be recorded'),
  })
  const subscriptions = createSubscriptions({
    ...tools,
    rolesOf: (appId) => tools.directory.current().application(appId)?.roles,
    onFault: (fault) => log.error({ err: fault }, 'a change notification could not be recorded'),
  })
  const records = new Records({
    documents: tools.store.documents,
    clock,
    numberOf: (applications) => ownNumber(tools.directory.current(), applications),
    retention: config.callRecordRetention,
    mostSessions: config.callRecordSessions,
    announce: subscriptions.announce,
  })
  const switchboard: Switchboard = new Switchboard({
    ...tools,
    recordEnd: (conversation, timeline) => records.recordEnd(conversation, timeline),
    onRecorded: subscriptions.deliver,
    limits: {
      mailbox: config.mailboxLimit,
      conversations: config.maxLiveCalls,
      callsPerApplication: (appId) => callLimit(tools, appId),
    },
    people: new ScriptedEndpoint(clock, (address) => scripts.scriptOf(address)),
    bots: botEndpoint,
    media: undefined,
    deliver: (deliveries) => outbox.handOver(deliveries),
    onFault: (fault, conversationId, command) => log.error({ err: fault, conversationId, command }, 'command failed'),
  })
  return { ...tools, outbox, switchboard, records, subscriptions, metrics }
}

/** How many live calls an application may have: the smaller one of the server's bound and its own limit. */
function callLimit({ config, directory }: Tools, appId: string): number | undefined {
  const { maxCallsPerApplication: bound, publishedLimits } = config
  const own = limitsOf(directory.current().application(appId)?.limits, publishedLimits).concurrentCalls
  const limits = [own, bound === 0 ? undefined : bound].filter((one) => one !== undefined)
  return limits.length === 0 ? undefined : Math.min(...limits)
}

/** Lets requests under way be answered; whoever has not sent theirs in full by then is cut off. */
async function closeHttp(app: FastifyInstance, { config, wall }: Core): Promise<void> {
  const cancel = wall.schedule(wall.now() + config.drainTimeout, () => app.server.closeAllConnections())
  await app.close()
  cancel()
}

/** Lets what is under way finish, then stops in the order in which parts need each other. */
async function closeCore(
  { config, activity, switchboard, outbox, subscriptions, poster, webhooks, directory, clock, wall, store }: Core,
  patience: number,
): Promise<void> {
  await activity.idle(patience)
  switchboard.close()
  outbox.close()
  subscriptions.close()
  await Promise.all([poster.close(), webhooks.close()])
  await activity.idle(config.drainTimeout)
  await directory.close()
  clock.stop()
  wall.stop()
  await store.close()
}

function logAttempt(log: Logger, { error, status, url }: Attempt, { notification }: Delivery): void {
  const { callId, number } = notification
  if (error === undefined) log.debug({ callId, number, url, status }, 'notification taken')
  else log.warn({ callId, number, url, status, error }, 'notification not taken')
}

/** Forgets what is past its retention, now and every `SWEEP`. */
function sweep({ config, clock, wall, store, records, meetings, log }: Core): void {
  const run = (): void => {
    const now = clock.now()
    const before = {
      conversations: now - config.callRetention,
      deliveries: now - config.deliveryRetention,
      timeline: now - config.timelineRetention,
      answers: now - config.idempotencyRetention,
    }
    const purged = Promise.all([
      store.purge(before),
      store.documents.purge('changeNotification', before.deliveries - config.changeNotificationGiveUp),
      records.purge(),
      meetings.purge(now - config.meetingRetention),
    ])
    purged.catch((fault: unknown) => log.error({ err: fault }, 'old data could not be forgotten'))
    wall.schedule(wall.now() + SWEEP, run)
  }
  run()
}

function rulesOf(config: Config): Rules {
  const { ringTimeout, setupTimeout, answerTimeout, keepAliveTimeout, lobbyTimeout, maxCallDuration } = config
  const { operationRetention, callRetention, maxParticipants, maxAudioRoutingGroups } = config
  const { mediaQueueLimit, mediaTimeout } = config
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
    maxAudioRoutingGroups,
    mediaQueueLimit,
    mediaTimeout,
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

function registerOAuth(app: FastifyInstance, core: Core): void {
  const { config, wall: clock, ids, keys, baseUrl, notificationIssuer } = core
  const directory = (): Directory => core.directory.current()
  const issuer = issuerOf(config, baseUrl)
  const issueToken = createTokenIssuer({ keys, clock, ids, issuer, lifetime: config.tokenLifetime })
  const addresses = (): readonly string[] => ownAddresses(baseUrl())
  registerTokenEndpoint(app, {
    clock,
    ids,
    directory,
    issueToken,
    resources: () => [...defaultResources, ...addresses()],
    addresses,
    assertionReuse: config.assertionReuse,
  })
  registerInstanceDiscovery(app, { clock, ids, baseUrl })
  registerMetadata(app, { clock, ids, directory, keys, baseUrl, notificationIssuer })
}

function registerCalling(app: FastifyInstance, core: Core): void {
  const { config, switchboard, store, meetings, joinTokens, wall, clock, ids, rules, keys, baseUrl } = core
  const directory = (): Directory => core.directory.current()
  const tenantId = (name: string): string | undefined => directory().tenant(name)?.id
  const checkBearer = createBearerCheck({
    keys,
    ...(core.issuers.length > 0 && { outside: createOutsideIssuers(core.issuers, { clock: wall, tenantId }) }),
    clock: wall,
    directory,
    issuer: issuerOf(config, baseUrl),
    audiences: () => [...defaultResources, ...ownAddresses(baseUrl())],
    cacheSize: config.tokenCacheSize,
  })
  const findCall = (callId: string): ReturnType<Store['findCall']> => store.findCall(callId)
  const findSubject = (id: string): ReturnType<Store['findSubject']> => store.findSubject(id)
  const keptAnswer = (appId: string, key: string): ReturnType<Store['keptAnswer']> => store.keptAnswer(appId, key)
  const common = { directory, meetings, clock, ids, config, baseUrl }
  registerGraph(app, { ...common, switchboard, findCall, findSubject, keptAnswer, joinTokens, rules }, checkBearer)
  registerMeetings(app, common, checkBearer)
  registerLimits(app, { directory, clock, throttles: core.throttles, published: config.publishedLimits })
  const access = { checkBearer, holdsAdminKey: (request: FastifyRequest) => holdsAdminKey(request, config) }
  registerDirectory(app, { directory: core.directory, clock: wall, ids, baseUrl }, access)
  registerBatch(app, { ...access, clock, ids, concurrency: config.batchConcurrency })
  registerResources(app, recordRoutes, { records: core.records }, { checkBearer, baseUrl })
  const shakes = { ...core, shakeHands: (url: string) => shakeHands(url, core.webhooks, ids) }
  registerResources(app, subscriptionRoutes, shakes, { checkBearer, baseUrl })
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
