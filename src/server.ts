/** The composition root: starts everything, in order, and stops it. What it puts together is in core.ts and surfaces.ts. */
import { pino } from 'pino'
import type { DestinationStream, Logger } from 'pino'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { baseUrlOf } from './config.ts'
import { registerControl } from './control/control.ts'
import { formatProblem } from './directory/cursor.ts'
import { LiveDirectory, demoDirectoryFile } from './directory/live.ts'
import { coverage } from './graph/coverage.ts'
import { mannersOf } from './graph/dialects/dialect.ts'
import { dialectOf, wireVersions } from './graph/dialects/dialects.ts'
import { fromCallError } from './graph/errors.ts'
import { rewriteMeetingsUrl } from './graph/meetings/meetings.ts'
import { rewriteDirectoryUrl } from './graph/directory/directory.ts'
import { rewriteRecordsUrl } from './graph/records/routes.ts'
import { rewriteGraphUrl } from './graph/routes/graph.ts'
import { createApp } from './http/app.ts'
import { Sockets } from './http/sockets.ts'
import { registerPage } from './http/pages.ts'
import type { LocalAuthority } from './http/tls.ts'
import type { SoundEngine } from './media/engine.ts'
import { soundProblem } from './media/media.ts'
import { registerRecordings } from './media/recordings-route.ts'
import { keepClock, resumeClock } from './kept-clock.ts'
import type { Clock } from './runtime.ts'
import { isoTime, steadyClock, stopwatch, virtualClock, wallClock } from './runtime.ts'
import { openSqlite } from './store/sqlite.ts'
import type { Store } from './store/store.ts'
import type { Core, Foundation } from './core.ts'
import { StartError, createCore, createTools } from './core.ts'
import { registerCalling, registerHealth, registerOAuth, registerOwnMedia, registerPhone } from './surfaces.ts'

/** A running server. */
export interface RunningServer {
  /** Where it is reached, without a slash at the end. */
  readonly url: string
  /** Who vouches for an https server, if nobody else does: clients must trust it. */
  readonly authority?: LocalAuthority
  /** Resolves if the data cannot be used any longer, with the reason: nothing can be promised, so the process has to end. */
  readonly failed: Promise<Error>
  /** Takes no more requests, lets what is under way finish (option drainTimeout), and stops. */
  close(): Promise<void>
}

/** What a server is started with beside its configuration. */
export interface ServerOptions {
  /** Whether metrics tell of the process, too. */
  readonly processMetrics?: boolean
  /** What carries sound, in place of the engine that comes with the server. */
  readonly sound?: SoundEngine
  /** Where the log goes; the standard error without it. */
  readonly log?: DestinationStream
}

/** Characters of the log that wait for a disk that is full; what comes then is left out. */
const LOG_WAITING = 1_048_576

/** What is past its retention is forgotten this often, in milliseconds. */
const SWEEP = 3_600_000

/**
 * Starts a server; resolves when it takes requests and everything unfinished was resumed.
 * @throws StartError, StoreError, TlsError
 */
export async function startServer(config: Config, options: ServerOptions = {}): Promise<RunningServer> {
  const log = pino({ level: config.logLevel, base: null }, options.log ?? standardError())
  const wall = wallClock()
  const directory = await openDirectory(config, log)
  let store: Store | undefined
  let clock: Clock | undefined
  let steady: Clock | undefined
  try {
    store = await openSqlite(config.data)
    clock = await openClock({ config, store, log, wall })
    steady = clock.kind === 'real' ? clock : steadyClock()
    return await compose({
      config,
      log,
      wall,
      clock,
      steady,
      directory,
      store,
      processMetrics: options.processMetrics ?? false,
      sound: options.sound,
    })
  } catch (error) {
    await directory.close()
    await store?.close()
    clock?.stop()
    steady?.stop()
    wall.stop()
    throw error
  }
}

/** Where the log goes. That it cannot be written, because its disk is full, must not end the server. */
function standardError(): DestinationStream {
  return pino.destination({ fd: 2, sync: true, maxLength: LOG_WAITING }).on('error', () => undefined)
}

/** The product's clock: virtual, or as it goes on from the last time. */
async function openClock({
  config,
  store,
  log,
  wall,
}: Pick<Foundation, 'config' | 'store' | 'log' | 'wall'>): Promise<Clock> {
  if (config.clock === 'virtual') return virtualClock(config.clockStart ?? wall.now())
  const { clock, ahead } = await resumeClock(store)
  if (ahead !== 0) {
    log.warn(
      { now: isoTime(clock.now()), ahead },
      "the machine's clock was set while calls were under way: theirs goes on, and follows at a tenth of the time",
    )
  }
  keepClock(store, clock, (fault) => log.error({ err: fault }, 'the time could not be kept'))
  return clock
}

async function openDirectory(config: Config, log: Logger): Promise<LiveDirectory> {
  const file = config.directory ?? demoDirectoryFile
  const opened = await LiveDirectory.open({
    file,
    wireVersions,
    checkSound: (path) => soundProblem(path, file, config),
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
  const { config } = foundation
  let url = ''
  const core = createCore(await createTools(foundation, () => url))
  const { journal, ids, sequence, clock, log, tls } = core
  const sockets = new Sockets()
  const app = createApp({
    logger: log,
    clock,
    ids,
    sequence,
    journal,
    bodyLimit: config.bodyLimit,
    requestTimeout: config.requestTimeout,
    maxConnections: config.maxConnections,
    tls,
    takesSocket: (request) => sockets.takes(request),
    rewriteUrl: (path) => rewriteMeetingsUrl(rewriteDirectoryUrl(rewriteGraphUrl(rewriteRecordsUrl(path)))),
  })
  sockets.attach(app.server)
  core.tracing.observe(app)
  core.metrics.observe(app)
  registerOAuth(app, core)
  registerCalling(app, core)
  registerRecordings(app, core.media.recordings)
  registerOwnMedia(app, core, sockets)
  const words = {
    refused: fromCallError,
    mannersOf: (wireVersion: string | undefined) => mannersOf(dialectOf(wireVersion)),
  }
  registerPhone(app, core, sockets, words)
  registerControl(app, { ...core, ...words, authority: tls?.authority?.certificate, coverage: coverage() })
  registerPage(app, { name: 'phone', title: 'Rollcall phone', connects: phoneOrigins(config), devices: true })
  registerPage(app, { name: 'console', title: 'Rollcall console', connects: [], devices: false })
  const readiness = registerHealth(app, core.metrics.registry)
  url = await listen(app, config)
  await core.outbox.start()
  await core.subscriptions.start()
  await core.switchboard.start()
  sweep(core)
  readiness.ready = true
  let closed: Promise<void> | undefined
  const close = async (): Promise<void> => {
    readiness.ready = false
    const elapsed = stopwatch()
    await closeHttp(app, core)
    await closeCore(core, Math.max(config.drainTimeout - elapsed(), 0))
  }
  return {
    url,
    ...(tls?.authority && { authority: tls.authority }),
    failed: core.store.lost,
    close: () => (closed ??= close()),
  }
}

/** Lets requests under way be answered; whoever has not sent theirs in full by then is cut off. */
async function closeHttp(app: FastifyInstance, { config, wall }: Core): Promise<void> {
  const cancel = wall.schedule(wall.now() + config.drainTimeout, () => app.server.closeAllConnections())
  await app.close()
  cancel()
}

/** Lets what is under way finish, then stops in the order in which parts need each other. */
async function closeCore(
  {
    config,
    activity,
    backups,
    switchboard,
    outbox,
    subscriptions,
    poster,
    webhooks,
    tracing,
    media,
    directory,
    clock,
    steady,
    wall,
    store,
  }: Core,
  patience: number,
): Promise<void> {
  await activity.idle(patience)
  await media.whole.close()
  await media.heard.close()
  switchboard.close()
  outbox.close()
  subscriptions.close()
  await Promise.all([poster.close(), webhooks.close(), media.close()])
  await activity.idle(config.drainTimeout)
  await tracing.close()
  await directory.close()
  await backups.idle()
  clock.stop()
  steady.stop()
  wall.stop()
  await store.close()
}

/** Where the phone's page may sign people in, beside here. */
function phoneOrigins({ phoneIssuer }: Config): readonly string[] {
  return phoneIssuer === undefined ? [] : [new URL(phoneIssuer).origin]
}

/** Forgets what is past its retention, now and every `SWEEP` of the product's time. */
function sweep({ config, activity, clock, store, records, meetings, media, log }: Core): void {
  const run = (): void => {
    const now = clock.now()
    const before = {
      conversations: now - config.callRetention,
      deliveries: now - config.deliveryRetention,
      timeline: now - config.timelineRetention,
      answers: now - config.idempotencyRetention,
    }
    const purged = [
      store.purge(before),
      store.documents.purge('changeNotification', before.deliveries - config.changeNotificationGiveUp),
      records.purge(),
      meetings.purge(now - config.meetingRetention),
      media.recordings.purge(),
      media.callRecordings.purge(),
      media.heard.purge(before.timeline),
    ]
    activity.track(Promise.all(purged)).catch((fault: unknown) => {
      log.error({ err: fault }, 'old data could not be forgotten')
    })
    clock.schedule(now + SWEEP, run)
  }
  run()
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
