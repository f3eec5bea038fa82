/** What the product is made of, apart from HTTP: every implementation, put together. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Conversation } from './calls/conversation.ts'
import type { Rules } from './calls/draft.ts'
import type { Config } from './config.ts'
import { formatProblem } from './directory/cursor.ts'
import { limitsOf } from './directory/limits.ts'
import type { LiveDirectory } from './directory/live.ts'
import { ownNumber } from './directory/own-number.ts'
import { OwnMedia } from './endpoints/bot/own-media.ts'
import { ScriptBook } from './endpoints/scripted/script-book.ts'
import { BrowserEndpoint } from './endpoints/browser/browser.ts'
import { People } from './endpoints/people.ts'
import { ScriptedEndpoint } from './endpoints/scripted/scripted.ts'
import { Journal } from './http/journal.ts'
import { Throttles } from './http/throttles.ts'
import { openTls } from './http/tls.ts'
import type { Tls } from './http/tls.ts'
import type { SoundEngine } from './media/engine.ts'
import type { Media } from './media/media.ts'
import { openMedia } from './media/media.ts'
import { recordingOf } from './graph/recordings/recording.ts'
import { createJoinTokens } from './meetings/join-token.ts'
import type { JoinTokens } from './meetings/join-token.ts'
import { Meetings } from './meetings/meetings.ts'
import type { Metrics } from './metrics.ts'
import { createMetrics } from './metrics.ts'
import { Outbox } from './notifications/outbox.ts'
import type { Poster } from './notifications/post.ts'
import { createPoster } from './notifications/post.ts'
import { createSigner } from './notifications/signing.ts'
import { readIssuers, type TrustedIssuer } from './oauth/issuers-file.ts'
import { KeyRing } from './oauth/keys.ts'
import type { Destinations } from './outbound/destinations.ts'
import { createDestinations } from './outbound/destinations.ts'
import { Records } from './records/records.ts'
import { rulesOf } from './rules.ts'
import type { Clock, Ids, Sequence, VirtualClock } from './runtime.ts'
import { Activity, randomIds, sequenceAfter } from './runtime.ts'
import { Backups } from './store/backup.ts'
import type { Store } from './store/store.ts'
import { createSubscriptions } from './subscriptions/create.ts'
import type { Subscriptions } from './subscriptions/subscriptions.ts'
import { Switchboard } from './switchboard/switchboard.ts'
import { logAttempt, logCommits } from './tracing/log.ts'
import type { Tracing } from './tracing/traced.ts'
import { conversationStore } from './tracing/traced.ts'
import { openTracing } from './tracing/tracing.ts'

/** Thrown when the server cannot start; the message says what to change. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

export interface Foundation {
  readonly config: Config
  readonly log: Logger
  /** Tokens are checked by programs with clocks of their own, so they live on the wall clock even if calls do not. */
  readonly wall: Clock
  readonly clock: Clock | VirtualClock
  /** Real time that never jumps, whatever calls live on: sound, and people at their pages. */
  readonly steady: Clock
  readonly directory: LiveDirectory
  readonly store: Store
  readonly processMetrics: boolean
  /** What carries sound, in place of the engine that comes with the server. */
  readonly sound?: SoundEngine | undefined
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
export interface Tools extends Foundation {
  readonly ids: Ids
  readonly activity: Activity
  readonly backups: Backups
  readonly sequence: Sequence
  readonly journal: Journal
  readonly throttles: Throttles
  readonly rules: Rules
  readonly scripts: ScriptBook
  readonly media: Media
  readonly destinations: Destinations
  readonly keys: KeyRing
  readonly meetings: Meetings
  readonly joinTokens: JoinTokens
  /** Whose access tokens are accepted beside the server's own. */
  readonly issuers: readonly TrustedIssuer[]
  /** Undefined if the server speaks plain http. */
  readonly tls: Tls | undefined
  readonly tracing: Tracing
  readonly poster: Poster
  /** For the webhooks of subscriptions. */
  readonly webhooks: Poster
  /** Known once the server listens. */
  readonly baseUrl: () => string
  readonly notificationIssuer: () => string
}

/** The parts that make the product work, apart from HTTP. */
export interface Core extends Tools {
  readonly people: People
  /** Those of them who are at browser pages. */
  readonly browser: BrowserEndpoint
  /** Applications that handle their media themselves. */
  readonly ownMedia: OwnMedia
  readonly outbox: Outbox
  readonly switchboard: Switchboard
  readonly records: Records
  readonly subscriptions: Subscriptions
  readonly metrics: Metrics
}

/** How long a notification's token is valid, in milliseconds; see `notifications/signing.ts`. */
const NOTIFICATION_TOKEN = 3_600_000

export async function createTools(foundation: Foundation, baseUrl: () => string): Promise<Tools> {
  const { config, log, wall, clock, steady, directory, store } = foundation
  const scripts = new ScriptBook(store, (address) => directory.scriptOf(address), config.scriptLimit)
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
    tokenLifetime: Math.max(
      config.tokenLifetime,
      NOTIFICATION_TOKEN,
      config.joinTokenLifetime,
      config.phoneTokenLifetime,
    ),
  })
  const activity = new Activity()
  const tracing = await openTracing(config, log)
  const data = config.data === 'memory' ? undefined : config.data
  const backups = new Backups({
    store,
    clock: wall,
    data,
    folder: config.backups ?? (data && join(data, 'backups')),
    kept: config.backupsKept,
  })
  const destinations = createDestinations({
    config,
    hostsOf: (appId) => directory.current().application(appId)?.allowedHosts,
  })
  const media = await openMedia({
    config,
    clock,
    wall: steady,
    activity,
    destinations,
    documents: store.documents,
    sound: foundation.sound,
    directoryFile: directory.file,
    mint: () => ids.guid(),
    onFault: (fault) => log.error({ err: fault }, 'media failed'),
  })
  return {
    ...foundation,
    ids,
    activity,
    backups,
    destinations,
    media,
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
    tracing,
    poster: tracing.poster(posterOf({ ...foundation, destinations }, 'deliveryTimeout')),
    webhooks: tracing.poster(posterOf({ ...foundation, destinations }, 'changeNotificationTimeout')),
    baseUrl,
    notificationIssuer: () => config.notificationIssuer ?? baseUrl(),
  }
}

function posterOf(
  { config, clock, destinations }: Pick<Tools, 'config' | 'clock' | 'destinations'>,
  option: 'deliveryTimeout' | 'changeNotificationTimeout',
): Poster {
  return createPoster({
    clock,
    connections: config.deliveryConnections,
    timeout: config[option],
    option,
    destinations,
    mostRead: config.deliveryAnswerLimit,
  })
}

/** Everybody who can be reached, at a page or by script. */
function createPeople(
  tools: Tools,
  conversation: (id: string) => Conversation | undefined,
): Pick<Core, 'people' | 'browser'> {
  const { config, media, scripts } = tools
  const browser = new BrowserEndpoint({
    ...tools,
    wall: tools.steady,
    sound: media.sound,
    reconnectTimeout: config.phoneReconnectTimeout,
    connectTimeout: config.mediaConnectTimeout,
    conversation,
  })
  const scripted = new ScriptedEndpoint(media.stage, (address) => scripts.scriptOf(address))
  return { browser, people: new People(scripted, browser) }
}

/** The switchboard and the outbox need each other: commits go out by one, failed announcements come back by the other. */
export function createCore(tools: Tools): Core {
  const { config, log, clock, media } = tools
  const { people, browser } = createPeople(tools, (id) => switchboard.peek(id))
  const ownMedia = new OwnMedia({
    clock,
    ids: tools.ids,
    sound: media.sound,
    timeout: config.ownMediaTimeout,
    report: (conversationId, command) => switchboard.report(conversationId, command),
  })
  const metrics = createMetrics({
    liveConversations: () => switchboard.census.conversations,
    liveCalls: () => switchboard.census.calls,
    waitingNotifications: () => outbox.waiting,
    sound: () => media.sound.health(),
    process: tools.processMetrics,
  })
  const outbox: Outbox = new Outbox({
    ...tools,
    sign: createSigner({ ...tools, clock: tools.wall, issuer: tools.notificationIssuer }),
    limits: {
      retryLimit: config.deliveryRetryLimit,
      giveUp: config.deliveryGiveUp,
      queue: config.deliveryQueueLimit,
      recordingAnswer: config.recordingAnswerTimeout,
    },
    batch: config.deliveryBatch,
    callbackProblem: inviteUriProblem(tools.destinations),
    shakesHands: (appId) => tools.directory.current().application(appId)?.legacyHandshake === true,
    report: (conversationId, report) => switchboard.report(conversationId, report),
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
  const records = recordsOf(tools, subscriptions.announce)
  const switchboard: Switchboard = new Switchboard({
    ...tools,
    store: tools.tracing.store(logCommits(conversationStore(tools.store), log)),
    recordEnd: (conversation, timeline) => records.recordEnd(conversation, timeline),
    onRecorded: subscriptions.deliver,
    limits: {
      mailbox: config.mailboxLimit,
      conversations: config.maxLiveCalls,
      callsPerApplication: (appId) => callLimit(tools, appId),
    },
    people,
    bots: ownMedia,
    media: media.service,
    follow: (conversation) =>
      [media.rooms, media.heard, media.whole, ownMedia, browser].forEach((one) => one.follow(conversation)),
    deliver: (deliveries) => outbox.handOver(deliveries),
    onFault: (fault, conversationId, command) => log.error({ err: fault, conversationId, command }, 'command failed'),
  })
  media.whole.tell({
    report: (conversationId, command) => switchboard.report(conversationId, command),
    announce: ({ id, call }) => subscriptions.announceRecording(recordingOf(id, call, tools.meetings)),
    deliver: subscriptions.deliver,
  })
  return { ...tools, people, browser, ownMedia, outbox, switchboard, records, subscriptions, metrics }
}

function recordsOf(tools: Tools, announce: ConstructorParameters<typeof Records>[0]['announce']): Records {
  const { config, clock } = tools
  return new Records({
    documents: tools.store.documents,
    clock,
    numberOf: (applications) => ownNumber(tools.directory.current(), applications),
    retention: config.callRecordRetention,
    mostSessions: config.callRecordSessions,
    announce,
  })
}

function inviteUriProblem({ problem }: Destinations): (uri: string, appId: string) => string | undefined {
  return (uri, appId) => {
    const found = problem(uri, appId)
    return found && `inviteUri ${found}`
  }
}

/** How many live calls an application may have: the smaller one of the server's bound and its own limit. */
function callLimit({ config, directory }: Tools, appId: string): number | undefined {
  const { maxCallsPerApplication: bound, publishedLimits } = config
  const own = limitsOf(directory.current().application(appId)?.limits, publishedLimits).concurrentCalls
  const limits = [own, bound === 0 ? undefined : bound].filter((one) => one !== undefined)
  return limits.length === 0 ? undefined : Math.min(...limits)
}
