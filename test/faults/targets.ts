/** Every address that the server has, with what a valid request to it looks like. */
import { routes } from '../../src/graph/routes/graph.ts'
import { unbuiltRoutes } from '../../src/graph/routes/unbuilt.ts'
import type { World } from '../support/world.ts'
import { APPS, PHONE, SECRET, SERVICE_NUMBER, TENANT, USERS, callBody, phone, user } from '../support/world.ts'
import type { Form } from './exchange.ts'

/** One address. */
export interface Target {
  readonly method: string
  /** With `:names` for what `Live` knows. */
  readonly path: string
  /** A valid body: JSON, or a form. */
  readonly body?: unknown
  readonly form?: Readonly<Record<string, string>>
  /** How it refuses. */
  readonly refuses: Form
  readonly authenticated?: boolean
  /** Whether it refuses whatever comes: a few requests are enough. */
  readonly unbuilt?: boolean
}

/** Things that exist while requests come in, by the names that paths give them. */
export type Live = Readonly<Record<string, readonly string[]>>

const COLLECTIONS = [
  '/v1.0/communications/calls',
  '/v1.0/app/calls',
  '/beta/communications/calls',
  '/beta/app/calls',
] as const

const mediaConfig = {
  '@odata.type': '#microsoft.graph.serviceHostedMediaConfig',
  preFetchMedia: [{ uri: 'https://bot.example/a.wav', resourceId: 'a' }],
}
const meeting = {
  chatInfo: { threadId: '19:meeting@thread.v2', messageId: '0', replyChainMessageId: '1' },
  meetingInfo: {
    '@odata.type': '#microsoft.graph.organizerMeetingInfo',
    organizer: { user: { id: USERS.ada, tenantId: TENANT } },
    allowConversationWithoutHost: true,
  },
}

const prompt = {
  '@odata.type': '#microsoft.graph.mediaPrompt',
  mediaInfo: { uri: 'https://bot.example/a.wav', resourceId: 'a' },
  loop: 2,
}
const recording = {
  prompts: [prompt],
  bargeInAllowed: true,
  initialSilenceTimeoutInSeconds: 5,
  maxSilenceTimeoutInSeconds: 2,
  maxRecordDurationInSeconds: 60,
  playBeep: true,
  stopTones: ['#', 'tone1'],
  clientContext: 'context',
}

/** Every route of the calling API below every collection, with each kind of body that it takes. */
export function graphTargets(world: World, live: Live): Target[] {
  const bodies: Readonly<Record<string, readonly unknown[]>> = {
    'call: create': [
      callBody(world, 'alpha', [user('ada')], { mediaConfig, callOptions: { isDeltaRosterEnabled: true } }),
      callBody(world, 'alpha', [], { ...meeting, mediaConfig: { blob: '{}' }, tenantId: TENANT }),
    ],
    'call: answer': [{ callbackUri: world.bots.alpha.url, acceptedModalities: ['audio'], mediaConfig }],
    'call: reject': [{ reason: 'busy', callbackUri: null }],
    'participant: muteAll': [{ participants: [live['participantId']?.[0]], clientContext: 'context' }, {}],
    'participant: configureMixer': [
      {
        participantMixerLevels: [
          {
            participant: live['participantId']?.[0],
            exclusiveMode: true,
            ducking: { rampActive: 50, rampInactive: 50, lowerLevel: 10, upperLevel: 50 },
            sourceLevels: [{ participant: live['participantId']?.[0], level: 50, duckOthers: true }],
          },
        ],
      },
    ],
    'call: playPrompt': [{ prompts: [prompt, prompt], loop: true, clientContext: 'context' }],
    'call: record': [recording],
    'call: recordResponse': [recording],
    'call: cancelMediaProcessing': [{ all: true, clientContext: 'context' }],
    'call: sendDtmfTones': [{ tones: ['tone1', 'pound'], delayBetweenTonesMs: 100, clientContext: 'context' }],
    'participant: startHoldMusic': [{ customPrompt: prompt, clientContext: 'context' }, {}],
    'call: changeScreenSharingRole': [{ role: 'sharer' }],
    'audioRoutingGroup: create': [
      { id: 'oneToOne', routingMode: 'oneToOne', sources: live['participantId'], receivers: live['participantId'] },
    ],
    'audioRoutingGroup: update': [{ receivers: live['participantId'] }],
    'participant: invite': [
      { participants: [user('cleo'), phone(PHONE)], clientContext: 'context' },
      { participants: [{ ...user('cleo'), replacesCallId: live['callId']?.at(-1), hidden: true }] },
    ],
  }
  return routes.flatMap(({ operation, method, path }, index) => {
    const collection = COLLECTIONS[index % COLLECTIONS.length] ?? COLLECTIONS[0]
    const common = { method, path: collection + path, refuses: 'graph', authenticated: true } as const
    const known = bodies[operation]
    if (known) return known.map((body) => ({ ...common, body }))
    return [{ ...common, body: { clientContext: 'context' }, unbuilt: unbuiltRoutes.some((one) => one.path === path) }]
  })
}

const token = {
  grant_type: 'client_credentials',
  client_id: APPS.alpha,
  client_secret: SECRET,
  scope: 'https://graph.microsoft.com/.default',
}

const batch = {
  requests: [
    { id: '1', method: 'GET', url: '/communications/calls/x', headers: { 'client-request-id': 'a' } },
    {
      id: '2',
      method: 'POST',
      url: '/communications/calls',
      headers: { 'content-type': 'application/json' },
      body: {},
      dependsOn: ['1'],
    },
  ],
}

/** Everything beside Graph, and its batches. */
export const otherTargets: readonly Target[] = [
  ...control('GET', '/calls', '/calls/:id', '/calls/:id/timeline', '/notifications', '/notifications/:notificationId'),
  ...control('GET', '/explain/:id', '/explain/:participantId', '/explain/:notificationId', '/explain/8537'),
  ...control('GET', '/journal', '/scripts', '/clock', '/directory', '/media'),
  ...control('GET', '/calls/:id/media', '/calls/:id/audibility', '/calls/:id/recordings', '/recordings/:id'),
  ...control('POST', '/calls/:id/recording', '/calls/:id/transcription'),
  ...control('DELETE', '/calls/:id/recording', '/calls/:id/transcription'),
  controlled('POST', '/calls/:id/participants/:participantId/press', { keys: '12#' }),
  controlled('POST', '/calls/:id/participants/:participantId/say', { say: '3s' }),
  { method: 'GET', path: '/recordings/:callId', refuses: 'graph' },
  { method: 'POST', path: '/media/calls/:callId/whip', refuses: 'graph', authenticated: true },
  { method: 'POST', path: '/media/calls/:callId/whep', refuses: 'graph', authenticated: true },
  { method: 'PATCH', path: '/media/calls/:callId/whip/:callId', refuses: 'graph', authenticated: true },
  { method: 'DELETE', path: '/media/calls/:callId/whep/:callId', refuses: 'graph', authenticated: true },
  ...control('DELETE', '/scripts/:who'),
  ...control('POST', '/directory/reload', '/calls/:id/participants/:participantId/leave'),
  ...control('POST', '/calls/:id/participants/:participantId/mute', '/calls/:id/participants/:participantId/unmute'),
  ...control('POST', '/calls/:id/participants/:participantId/showCamera'),
  ...control('POST', '/calls/:id/participants/:participantId/hideCamera'),
  ...control('POST', '/calls/:id/participants/:participantId/present'),
  ...control('POST', '/calls/:id/participants/:participantId/startTranscription'),
  ...control('POST', '/calls/:id/participants/:participantId/stopTranscription'),
  ...control('POST', '/calls/:id/participants/:participantId/stopPresenting'),
  ...control(
    'POST',
    '/calls/:id/participants/:participantId/admit',
    '/calls/:id/participants/:participantId/turnAway',
    '/calls/:id/lobby/admit',
    '/calls/:id/end',
    '/meetings/:meeting/end',
    '/notifications/:notificationId/replay',
  ),
  controlled('POST', '/calls', { from: 'ada@contoso.example', to: APPS.alpha }),
  controlled('POST', '/meetings/join', {
    meeting: '200000000000',
    user: 'dov@contoso.example',
    passcode: 'x',
    lobby: true,
  }),
  controlled('PATCH', '/meetings/:meeting', { locked: true }),
  ...control('GET', '/meetings', '/meetings/:meeting'),
  controlled('POST', '/calls/:id/participants', { user: 'dov@contoso.example', lobby: false }),
  controlled('POST', '/backup', { name: 'fuzz' }),
  controlled('PUT', '/scripts/:who', { answer: { after: '0s', leaveAfter: '5m', lobby: { admitAfter: '5s' } } }),
  ...control('GET', '/throttles', '/coverage', '/live'),
  ...control('DELETE', '/throttles/:id'),
  controlled('POST', '/throttles', { appId: APPS.beta, operation: 'call: get', count: 1, retryAfter: 2 }),
  controlled('POST', '/clock/advance', { by: '1s' }),
  controlled('POST', '/reset', {}),
  ...control('GET', '/instances', '/instances/:instance', '/numbers', '/ca.pem'),
  ...control('POST', '/instances/:instance/sync'),
  ...control('DELETE', '/instances/:instance/phoneNumber', '/instances/:instance', '/numbers/:number'),
  controlled('POST', '/instances', { appId: APPS.alpha, displayName: 'Line', userPrincipalName: 'l@contoso.example' }),
  controlled('PUT', '/instances/:instance/licenses', { licenses: [] }),
  controlled('PUT', '/instances/:instance/phoneNumber', { number: SERVICE_NUMBER }),
  controlled('POST', '/numbers', { number: '+12065550199', tenant: 'contoso.example', kind: 'service' }),
  ...control('GET', '/subscriptions', '/changeNotifications'),
  { method: 'POST', path: '/:tenant/oauth2/v2.0/token', form: token, refuses: 'entra' },
  { method: 'POST', path: '/:tenant/oauth2/token', form: token, refuses: 'entra' },
  ...metadata('/:tenant/v2.0/.well-known/openid-configuration', '/:tenant/.well-known/openid-configuration'),
  ...metadata('/:tenant/discovery/v2.0/keys', '/:tenant/discovery/keys', '/.well-known/openid-configuration'),
  ...metadata('/v1/.well-known/openidconfiguration', '/v1/.well-known/keys'),
  { method: 'POST', path: '/v1.0/$batch', body: batch, refuses: 'graph', authenticated: true },
  { method: 'GET', path: '/healthz', refuses: 'graph' },
  { method: 'GET', path: '/readyz', refuses: 'graph' },
  { method: 'GET', path: '/metrics', refuses: 'graph' },
]

function controlled(method: string, path: string, body: unknown): Target {
  return { method, path: `/control${path}`, body, refuses: 'graph' }
}

function control(method: string, ...paths: readonly string[]): Target[] {
  return paths.map((path) => controlled(method, path, {}))
}

function metadata(...paths: readonly string[]): Target[] {
  return paths.map((path) => ({ method: 'GET', path, refuses: 'entra' }))
}
