/** What the product answers over HTTP, apart from control: tokens, Graph, health. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from './config.ts'
import { version } from './config.ts'
import { holdsAdminKey } from './control/control.ts'
import type { Directory } from './directory/directory.ts'
import { MEDIA_PATH, mediaDoor } from './endpoints/bot/media-door.ts'
import { registerOneWayDoors } from './endpoints/bot/one-way-door.ts'
import { registerBatch } from './graph/batch/batch.ts'
import { registerDataModel } from './graph/metadata/route.ts'
import { registerMeetings } from './graph/meetings/meetings.ts'
import { registerDirectory } from './graph/directory/directory.ts'
import { recordRoutes } from './graph/records/routes.ts'
import { recordingRoutes } from './graph/recordings/routes.ts'
import { registerResources } from './graph/resource.ts'
import { registerLimits } from './graph/limits.ts'
import { subscriptionRoutes } from './graph/subscriptions/routes.ts'
import { registerGraph } from './graph/routes/graph.ts'
import type { Sockets } from './http/sockets.ts'
import { ownAddresses } from './oauth/addresses.ts'
import { createBearerCheck } from './oauth/bearer.ts'
import { registerInstanceDiscovery } from './oauth/instance-discovery.ts'
import { registerMetadata } from './oauth/metadata.ts'
import { createOutsideIssuers } from './oauth/outside-issuers.ts'
import { registerTokenEndpoint } from './oauth/token-endpoint.ts'
import { createPersonCheck } from './oauth/people/person-token.ts'
import { registerSignIn } from './oauth/people/sign-in.ts'
import { accessTokenIssuer, createTokenIssuer, defaultResources } from './oauth/tokens.ts'
import { Acts } from './phone/acts.ts'
import type { ActParts } from './phone/acts.ts'
import { isOneClick, registerPhoneConfig } from './phone/config.ts'
import { Hub } from './phone/hub.ts'
import { openPhoneSocket } from './phone/socket.ts'
import type { Store } from './store/store.ts'
import { shakeHands } from './subscriptions/handshake.ts'
import type { Core } from './core.ts'

/** The issuer of access tokens; a configured one may hold `{tenant}`. */
function issuerOf(config: Config, baseUrl: () => string): (tenantId: string) => string {
  return (tenantId) => config.issuer?.replaceAll('{tenant}', tenantId) ?? accessTokenIssuer(baseUrl(), tenantId)
}

export function registerOAuth(app: FastifyInstance, core: Core): void {
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
    requestLimit: config.tokenRequestLimit,
  })
  registerInstanceDiscovery(app, { clock, ids, baseUrl })
  registerMetadata(app, { clock, ids, directory, keys, baseUrl, notificationIssuer })
  registerPhoneConfig(app, config, baseUrl)
  if (!isOneClick(config)) return
  registerSignIn(app, {
    clock,
    directory,
    keys,
    baseUrl,
    cookieSecret: () => keptSecret(core, 'signIn'),
    tokenLifetime: config.phoneTokenLifetime,
    memory: config.signInMemory,
    requestLimit: config.signInLimit,
  })
}

/** A secret that is drawn once and kept. */
async function keptSecret({ store, ids, wall }: Core, key: string): Promise<string> {
  const kept = await store.documents.get('secret', key)
  if (kept) return String(kept.value)
  const value = ids.secret(32)
  await store.documents.put({ kind: 'secret', key, owner: '', at: wall.now(), value })
  return value
}

export function registerCalling(app: FastifyInstance, core: Core): void {
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
  const findSubject = (id: string): ReturnType<Store['findSubject']> => store.findSubject(id)
  const keptAnswer = (appId: string, key: string): ReturnType<Store['keptAnswer']> => store.keptAnswer(appId, key)
  const common = { directory, meetings, clock, ids, config, destinations: core.destinations, baseUrl }
  registerGraph(app, { ...common, switchboard, findSubject, keptAnswer, joinTokens, rules }, checkBearer)
  registerMeetings(app, common, checkBearer)
  registerLimits(app, { directory, clock, throttles: core.throttles, published: config.publishedLimits })
  const access = { checkBearer, holdsAdminKey: (request: FastifyRequest) => holdsAdminKey(request, config) }
  const mostCredentials = config.maxCredentials
  registerDirectory(app, { directory: core.directory, clock: wall, ids, mostCredentials, baseUrl }, access)
  registerDataModel(app)
  registerBatch(app, { ...access, clock, ids, concurrency: config.batchConcurrency })
  registerResources(app, recordRoutes, { records: core.records }, { checkBearer, baseUrl })
  const recordingParts = { ...common, files: core.media.callRecordings }
  registerResources(app, recordingRoutes, recordingParts, { checkBearer, baseUrl })
  const shakes = {
    ...core,
    directory,
    shakeHands: (url: string, appId: string) => shakeHands(url, appId, core.webhooks, ids),
  }
  registerResources(app, subscriptionRoutes, shakes, { checkBearer, baseUrl })
}

/** Applications' own media: their sockets, and WHIP and WHEP. */
export function registerOwnMedia(app: FastifyInstance, { ownMedia, steady }: Core, sockets: Sockets): void {
  sockets.open(MEDIA_PATH, mediaDoor(ownMedia, steady))
  registerOneWayDoors(app, ownMedia)
  app.addHook('preClose', (done) => {
    ownMedia.hangUp()
    done()
  })
}

/** What browser pages speak with: people act and are reached through it. */
export function registerPhone(
  app: FastifyInstance,
  core: Core,
  sockets: Sockets,
  { refused, mannersOf }: Pick<ActParts, 'refused' | 'mannersOf'>,
): void {
  const { config, wall, steady, clock, switchboard, browser, baseUrl, keys, ids } = core
  const directory = (): Directory => core.directory.current()
  const hub = new Hub({
    clock,
    wall: steady,
    browser,
    conversation: (id) => switchboard.peek(id),
    heartbeat: config.phoneHeartbeat,
    reconnectTimeout: config.phoneReconnectTimeout,
    pages: config.phonePages,
    video: config.mediaVideo,
  })
  const { phoneIssuer: issuer, phoneClientId: clientId, phoneUserClaim: claim } = config
  const check = createPersonCheck({
    keys,
    clock: wall,
    directory,
    baseUrl,
    own: isOneClick(config),
    ...(issuer !== undefined && { outside: { issuer, clientId, claim } }),
  })
  const close = openPhoneSocket(sockets, {
    ...core,
    wall: steady,
    hub,
    acts: new Acts({ ...core, refused, mannersOf, calls: config.phoneCalls, video: config.mediaVideo }),
    introductions: { keys, clock: wall, ids, check, guests: config.phoneGuests, lifetime: config.phoneTokenLifetime },
    directory,
  })
  app.addHook('preClose', (done) => {
    close()
    done()
  })
}

/** Whether the process lives, whether it takes requests, and its metrics. */
export function registerHealth(
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
