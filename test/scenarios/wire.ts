/**
 * The bodies of the contract as tests expect them, whole. Written by hand from the published shapes and on purpose not
 * with the server's own encoders; what the server mints (ids) is taken from its first answer and must then stay the same.
 */
import type { AnyJson } from '../support/any-json.ts'
import type { AppName, Reply, UserName } from '../support/world.ts'
import { APPS, INSTANCE, OTHER_TENANT, TENANT, USERS } from '../support/world.ts'

export type Json = Record<string, unknown>
export type Version = 'v1.0' | 'beta'

const type = (name: string): Json => ({ '@odata.type': `#microsoft.graph.${name}` })

// Who

const identitySet = (member: string, identity: Json): Json => ({
  ...type('identitySet'),
  [member]: { ...type('identity'), ...identity },
})

/** A user of the test directory, with what the directory knows. */
export const person = (name: UserName, more: Json = {}): Json =>
  identitySet('user', { id: USERS[name], displayName: name, ...more, tenantId: TENANT })

/** A phone. */
export const number = (id: string, more: Json = {}): Json => identitySet('phone', { id, ...more })

/** An application of the test directory. */
export const bot = (name: AppName): Json =>
  identitySet('application', {
    id: APPS[name],
    displayName: name[0]?.toUpperCase() + name.slice(1),
    tenantId: name === 'foreign' ? OTHER_TENANT : TENANT,
  })

/** Alpha's application instance, with or without the name that the directory has for it. */
export const instance = (more: Json = { displayName: 'Alpha line' }): Json =>
  identitySet('applicationInstance', { id: INSTANCE, ...more, tenantId: TENANT })

// The call

/** What the server minted for a call, and what was asked for: all that its notifications can tell. */
export interface Known {
  readonly id: string
  readonly callChainId: string
  readonly myParticipantId: string
  readonly version: Version
  readonly direction: 'outgoing' | 'incoming'
  /** Whether the application has media in the call. */
  readonly media: boolean
  /** Whether that media is away: its own, and not connected. */
  readonly mediaAway: boolean
  readonly requestedModalities: readonly string[]
  readonly chatInfo?: Json
  readonly meetingInfo?: Json
}

/** What is known of a call from a body that shows it. */
export function known({ body }: Pick<Reply, 'body'>, version: Version = 'v1.0'): Known {
  const { id, callChainId, myParticipantId, chatInfo, meetingInfo, mediaConfig, requestedModalities, direction } = body
  return {
    id,
    callChainId,
    myParticipantId,
    version,
    direction,
    media: mediaConfig !== null,
    mediaAway: mediaConfig?.blob?.includes('"rollcall"') === true,
    requestedModalities,
    ...(chatInfo && { chatInfo }),
    ...(meetingInfo && { meetingInfo }),
  }
}

/** `source` of a call as its resource shows it. */
export const source = (identity: Json, more: Json = {}): Json => ({
  ...type('participantInfo'),
  identity,
  countryCode: null,
  endpointType: null,
  region: null,
  languageId: null,
  ...more,
})

/** One of a call's `targets` as its resource shows it. */
export const target = (identity: Json, version: Version = 'v1.0'): Json => ({
  ...type('invitationParticipantInfo'),
  identity,
  endpointType: null,
  replacesCallId: null,
  ...(version === 'beta' && { region: null, languageId: null }),
})

export const serviceHosted: Json = type('serviceHostedMediaConfig')
export const activeAudio: Json = { ...type('callMediaState'), audio: 'active' }
export const inactiveAudio: Json = { ...type('callMediaState'), audio: 'inactive' }
export const chat = (threadId: string, more: Json = {}): Json => ({
  ...type('chatInfo'),
  threadId,
  messageId: '0',
  replyChainMessageId: null,
  ...more,
})
export const organizerMeeting = (organizer: Json, more: Json = {}): Json => ({
  ...type('organizerMeetingInfo'),
  organizer,
  ...more,
})

/** Whoever is rung for a group call can come in again by this. */
export const tokenMeeting = (token: string): Json => ({ ...type('tokenMeetingInfo'), token })

/** A call as `POST` and `GET` show it: absent values are explicit nulls. */
export function resource(call: Known, more: Json): Json {
  return {
    ...type('call'),
    state: 'establishing',
    direction: call.direction,
    subject: null,
    callChainId: call.callChainId,
    callRoutes: [],
    source: source(bot('alpha')),
    requestedModalities: ['audio'],
    mediaConfig: serviceHosted,
    mediaState: null,
    chatInfo: null,
    meetingInfo: null,
    callOptions: null,
    incomingContext: null,
    resultInfo: null,
    transcription: null,
    toneInfo: null,
    myParticipantId: call.myParticipantId,
    tenantId: TENANT,
    ...(call.version === 'beta' && {
      activeModalities: [],
      answeredBy: null,
      meetingCapability: null,
      ringingTimeoutInSeconds: null,
      routingPolicies: [],
      terminationReason: null,
    }),
    id: call.id,
    ...more,
  }
}

// Notifications

export function notification(changeType: string, path: string, resourceData: unknown): Json {
  return {
    ...type('commsNotification'),
    changeType,
    resource: `/app/calls/${path}`,
    resourceUrl: `/communications/calls/${path}`,
    resourceData,
  }
}

const coordinates = ({ chatInfo, meetingInfo }: Known): Json => ({
  ...(chatInfo && { chatInfo }),
  ...(meetingInfo && { meetingInfo }),
})

/** The call has begun. */
export const establishing = (call: Known): Json =>
  notification('updated', call.id, { ...type('call'), state: 'establishing', ...coordinates(call), id: call.id })

/** A target rings, which beta tells. */
export const ringing = (call: Known): Json =>
  notification('updated', call.id, { ...type('call'), state: 'ringing', ...coordinates(call), id: call.id })

/** Somebody answered, or the application is in. */
export const established = (call: Known): Json =>
  notification('updated', call.id, {
    ...type('call'),
    state: 'established',
    direction: call.direction,
    callChainId: call.callChainId,
    ...coordinates(call),
    ...(call.media && { mediaState: call.mediaAway ? inactiveAudio : activeAudio }),
    ...(call.version === 'beta' && { activeModalities: call.requestedModalities }),
    myParticipantId: call.myParticipantId,
    tenantId: TENANT,
    id: call.id,
  })

const progress = (call: Known, more: Json): Json => {
  const { resourceData, ...rest } = established(call)
  return { ...rest, resourceData: { ...(resourceData as Json), ...more } }
}

/** A transfer is under way. */
export const transferring = (call: Known): Json => progress(call, { state: 'transferring' })

/** The target of a transfer has answered. */
export const transferAccepted = (call: Known): Json =>
  progress(call, { state: 'transferAccepted', ...(call.media && { mediaState: inactiveAudio }) })

/** A transfer came to nothing. */
export const transferFailed = (call: Known, resultInfo: Json, replacesContext?: string): Json =>
  progress(call, { resultInfo, ...(replacesContext !== undefined && { replacesContext }) })

/** The transfer is complete: the application has left. */
export const transferred = (call: Known): Json =>
  terminated(call, result(200, 7015, 'The transfer was completed'), 'AppTransferred')

/** A call that the application redirected has ended, because somebody else took it. */
export const redirected = (call: Known, more: Json): Json => {
  const why = result(200, 0, 'The application redirected the call, and somebody else took it')
  const { resourceData, ...rest } = terminated(call, why, 'AppInitiated')
  return { ...rest, resourceData: { ...(resourceData as Json), direction: 'incoming', ...more } }
}

/** `callRoutes`: from whom to whom a call was rerouted. */
export const route = (original: Json, final: Json): Json[] => [
  { ...type('callRoute'), routingType: 'forwarded', original, final },
]

/** The application's own hang-up is under way. */
export const terminating = (call: Known): Json =>
  notification('updated', call.id, { ...type('call'), state: 'terminating', id: call.id })

/** `resultInfo`: its message ends with the codes, as the service's own do. */
export const result = (code: number, subcode: number, text: string, diagCode = `${code}#${subcode}`): Json => ({
  ...type('resultInfo'),
  code,
  subcode,
  message: `${text}. DiagCode: ${diagCode}.@`,
})

/** The call is over, and why. */
export const terminated = (call: Known, resultInfo: Json, terminationReason = 'CallTerminated'): Json =>
  notification('deleted', call.id, {
    ...type('call'),
    state: 'terminated',
    resultInfo,
    ...(call.version === 'beta' && { terminationReason }),
    callChainId: call.callChainId,
    tenantId: TENANT,
    id: call.id,
  })

/** The two notifications of an application's own hang-up. */
export const ownEnd = (call: Known): Json[] => [
  terminating(call),
  terminated(call, result(200, 7000, 'The application ended the call'), 'AppInitiated'),
]

/** The end of a group call because nobody else is left. */
export const lastParticipant = (call: Known): Json =>
  terminated(call, result(200, 5010, 'Nobody else was left in the call'))

// Rosters

/** A participant as rosters carry it. */
export interface Row {
  readonly id: string
  readonly identity: Json
  /** Number of the audio stream; none for somebody without audio or in the lobby. */
  readonly sourceId?: number
  /** Numbers of the streams of what they show. */
  readonly camera?: number
  readonly screen?: number
  readonly isInLobby?: boolean
  readonly endpointType?: 'default' | 'voicemail'
}

/** One row of a roster. */
export const row = ({ id, identity, isInLobby = false, endpointType = 'default', ...shown }: Row): Json => ({
  ...type('participant'),
  info: { ...type('participantInfo'), identity, endpointType },
  mediaStreams: streams(shown),
  isMuted: false,
  isInLobby,
  id,
})

/** The streams of somebody. @param labelled as in answers to `GET` */
function streams(
  { sourceId, camera, screen }: Pick<Row, 'sourceId' | 'camera' | 'screen'>,
  labelled = false,
): readonly Json[] {
  const kinds = [
    [sourceId, 'audio', 'main-audio', 'sendReceive'],
    [camera, 'video', 'main-video', 'sendReceive'],
    [screen, 'videoBasedScreenSharing', 'applicationsharing-video', 'sendOnly'],
  ] as const
  return kinds.flatMap(([number, mediaType, label, direction]) =>
    number === undefined
      ? []
      : {
          ...type('mediaStream'),
          mediaType,
          ...(labelled && { label }),
          sourceId: String(number),
          direction,
          serverMuted: false,
        },
  )
}

/** A participant as `GET` shows it. */
export const participant = (shown: Row, version: Version = 'v1.0'): Json => ({
  ...row(shown),
  info: {
    ...type('participantInfo'),
    identity: shown.identity,
    endpointType: shown.endpointType ?? 'default',
    countryCode: null,
    region: null,
    languageId: null,
    participantId: shown.id,
  },
  mediaStreams: streams(shown, true),
  metadata: null,
  recordingInfo: null,
  ...(version === 'beta' && { preferredDisplayName: null }),
})

/** The whole roster, as it is sent by default. */
export const roster = (call: Known, rows: readonly Row[]): Json => rosterOf(call, rows.map(row))

/** The roster, with rows that are not as everybody's. */
export const rosterOf = (call: Known, rows: readonly Json[]): Json =>
  notification('updated', `${call.id}/participants`, rows)

/** Content that is shared in a call begins, changes hands or ends. */
export const contentSharing = (call: Known, changeType: string, sessions: readonly Json[]): Json =>
  notification(changeType, `${call.id}/contentsharingsessions`, sessions)

/** A change of the roster, for applications that asked for changes. */
export const delta = (
  call: Known,
  sequenceNumber: number,
  rows: readonly Row[],
  removed: readonly (Row & { readonly reason: string })[] = [],
): Json =>
  notification('updated', `${call.id}/participants`, {
    ...type('deltaParticipants'),
    participants: [
      ...rows.map(row),
      ...removed.map(({ reason, ...gone }) => ({
        ...row(gone),
        mediaStreams: [],
        removedState: { ...type('removedState'), reason },
      })),
    ],
    sequenceNumber,
  })

/** The application's own row. */
export const self = (call: Known, sourceId: number, identity: Json = bot('alpha')): Row => ({
  id: call.myParticipantId,
  identity,
  ...(call.media && { sourceId }),
})

// Operations

/** What an invite's answer tells: the operation, and an id for each invitee. */
export interface Invited {
  readonly id: string
  readonly ids: readonly string[]
}

/** What is known of an invite from its answer. */
export const invited = ({ body }: Pick<Reply, 'body'>): Invited => ({
  id: body.id,
  ids: body.participants.map(({ id }: AnyJson) => id),
})

/** One invitee in the answer to an invite: every member of its identity set is there, null where empty. */
export function invitee(identity: Json, id: string, more: Json = {}): Json {
  const { '@odata.type': _, ...members } = identity
  const short = 'user' in members || 'application' in members
  return {
    endpointType: null,
    id,
    replacesCallId: null,
    ...more,
    identity: {
      user: null,
      ...(!short && { guest: null, encrypted: null, onPremises: null, applicationInstance: null }),
      application: null,
      device: null,
      phone: null,
      ...members,
    },
  }
}

/** An operation as the answer to an invite and `GET` show it. */
export const operation = (id: string, participants: readonly Json[], more: Json = {}): Json => ({
  ...type('inviteParticipantsOperation'),
  id,
  status: 'Running',
  clientContext: null,
  resultInfo: null,
  participants,
  ...more,
})

/** The one end of an operation, of any kind. */
export const ended = (call: Known, { '@odata.type': kind, status, ...rest }: Json): Json =>
  notification('deleted', `${call.id}/operations/${String(rest['id'])}`, { '@odata.type': kind, status, ...rest })

/** The one end of an invite. */
export const operationEnd = (call: Known, id: string, identities: readonly Json[], more: Json = {}): Json =>
  notification('deleted', `${call.id}/operations/${id}`, {
    ...type('inviteParticipantsOperation'),
    participants: identities.map((identity) => ({ ...type('invitationParticipantInfo'), identity })),
    status: 'completed',
    ...more,
    id,
  })

/** The end of an operation that failed: whom it did not bring, each with the reason, and the first one's codes. */
export const operationFailed = (
  call: Known,
  id: string,
  identities: readonly Json[],
  outcome: { readonly code: number; readonly subcode: number; readonly failures: string; readonly diagCode?: string },
  more: Json = {},
): Json =>
  operationEnd(call, id, identities, {
    status: 'failed',
    resultInfo: result(
      outcome.code,
      outcome.subcode,
      `Participants that did not join: ${outcome.failures}`,
      outcome.diagCode,
    ),
    ...more,
  })

// Refusals

/** The body of a refusal. */
export const refused = (code: string, message: string, { headers, body }: Reply, more: Json = {}): Json => ({
  error: {
    code,
    message,
    innerError: {
      ...more,
      date: body.error?.innerError?.date,
      'request-id': headers.get('request-id'),
      'client-request-id': headers.get('client-request-id'),
    },
  },
})
