/** Graph's `call`, written. */
import type { Call, CallOptions, MediaConfig } from '../../calls/call.ts'
import type { ChatInfo } from '../../calls/conversation.ts'
import type { MeetingInfo } from '../../calls/meeting.ts'
import type { CallPhase, CallView, NotificationSubject } from '../../calls/notification.ts'
import { resultInfo } from '../../calls/reasons.ts'
import type { EndReason } from '../../calls/reasons.ts'
import type { Json } from './identity.ts'
import { writeIdentitySet } from './identity.ts'
import type { Shape } from './shape.ts'

const CALL = '#microsoft.graph.call'

/** A call as `POST` and `GET` answer with it: what is absent is an explicit null. */
export function writeCall({ call, callChainId, subject, chatInfo, meetingInfo }: CallView, shape: Shape): Json {
  return {
    '@odata.type': CALL,
    state: call.state.name,
    direction: call.direction,
    subject: subject ?? null,
    callbackUri: call.callbackUri,
    callChainId,
    callRoutes: [],
    source: writeSource(call, null),
    targets: call.targets.map(({ identity }) => ({
      '@odata.type': '#microsoft.graph.invitationParticipantInfo',
      identity: writeIdentitySet(identity),
      endpointType: null,
      replacesCallId: null,
      ...(shape.betaMembers && { region: null, languageId: null }),
    })),
    requestedModalities: call.requestedModalities,
    mediaConfig: writeMediaConfig(call.mediaConfig),
    mediaState: mediaStateOf(call) ?? null,
    chatInfo: chatInfo ? writeChatInfo(chatInfo) : null,
    meetingInfo: meetingInfo ? writeMeetingInfo(meetingInfo, shape) : null,
    callOptions: call.callOptions ? writeCallOptions(call.callOptions, call.direction) : null,
    incomingContext: call.direction === 'incoming' ? incomingContext(call) : null,
    resultInfo: call.state.name === 'terminated' ? writeResult(call.state.reason) : null,
    transcription: null,
    toneInfo: null,
    myParticipantId: call.participantId,
    tenantId: call.tenantId,
    ...(shape.betaMembers && betaMembers(call)),
    id: call.id,
  }
}

function betaMembers(call: Call): Json {
  return {
    activeModalities: call.state.name === 'established' ? call.requestedModalities : [],
    answeredBy: null,
    meetingCapability: null,
    ringingTimeoutInSeconds: null,
    routingPolicies: [],
    terminationReason: terminationReason(call),
  }
}

/** `terminationReason`, as far as these words go: the application's own doing, or not. */
export function terminationReason(call: Call): string | null {
  if (call.state.name !== 'terminated') return null
  const { name } = call.state.reason
  return name === 'ended-by-bot' || name === 'moved' ? 'AppInitiated' : 'CallTerminated'
}

/** A call as a notification carries it: what that step of its life is about. */
export function writeCallChange(view: CallView, phase: CallPhase, shape: Shape): Json {
  const { call, callChainId, chatInfo, meetingInfo } = view
  const coordinates = {
    ...(chatInfo && { chatInfo: writeChatInfo(chatInfo) }),
    ...(meetingInfo && { meetingInfo: writeMeetingInfo(meetingInfo, shape) }),
  }
  switch (phase) {
    case 'incoming':
      return writeIncoming(view, coordinates)
    case 'establishing':
      return { '@odata.type': CALL, state: 'establishing', ...coordinates, id: call.id }
    case 'established': {
      const mediaState = mediaStateOf(call)
      return {
        '@odata.type': CALL,
        state: 'established',
        direction: call.direction,
        callChainId,
        ...coordinates,
        ...(mediaState && { mediaState }),
        ...(shape.betaMembers && { activeModalities: call.requestedModalities }),
        myParticipantId: call.participantId,
        tenantId: call.tenantId,
        id: call.id,
      }
    }
    case 'terminating':
      return { '@odata.type': CALL, state: 'terminating', id: call.id }
    case 'terminated':
      return {
        '@odata.type': CALL,
        state: 'terminated',
        ...(call.state.name === 'terminated' && { resultInfo: writeResult(call.state.reason) }),
        ...(shape.betaMembers && { terminationReason: terminationReason(call) }),
        callChainId,
        tenantId: call.tenantId,
        id: call.id,
      }
    case 'gone':
      return { '@odata.type': CALL, id: call.id }
  }
}

type Tone = Extract<NotificationSubject, { type: 'tone' }>

/** A call as the notification of a key carries it (contract: behaviour, tones). */
export function writeTone({ view, ...tone }: Tone): Json {
  const { call, callChainId } = view
  return {
    '@odata.type': CALL,
    state: 'established',
    toneInfo: writeToneInfo(tone),
    callChainId,
    tenantId: call.tenantId,
    id: call.id,
  }
}

/** Writes `toneInfo`. */
export function writeToneInfo({ sequenceId, tone }: Pick<Tone, 'sequenceId' | 'tone'>): Json {
  return { '@odata.type': '#microsoft.graph.toneInfo', sequenceId, tone }
}

function writeIncoming({ call, callChainId, subject }: CallView, coordinates: Json): Json {
  return {
    '@odata.type': CALL,
    state: 'incoming',
    direction: 'incoming',
    ...(subject !== undefined && { subject }),
    callbackUri: call.callbackUri,
    callChainId,
    callRoutes: [],
    source: writeSource(call, 'default'),
    targets: call.targets.map(({ identity }) => ({
      '@odata.type': '#microsoft.graph.invitationParticipantInfo',
      identity: writeIdentitySet(identity),
      endpointType: 'default',
    })),
    requestedModalities: call.requestedModalities,
    ...coordinates,
    incomingContext: incomingContext(call),
    myParticipantId: call.participantId,
    tenantId: call.tenantId,
    id: call.id,
  }
}

function writeSource({ source }: Call, endpointType: 'default' | null): Json {
  return {
    '@odata.type': '#microsoft.graph.participantInfo',
    identity: writeIdentitySet(source.identity),
    countryCode: source.countryCode ?? null,
    endpointType: source.endpointType ?? endpointType,
    region: source.region ?? null,
    languageId: source.languageId ?? null,
  }
}

/** Whose call it is: for a call to the application itself, observed and source are one. */
function incomingContext(call: Call): Json | null {
  const { sourceParticipantId } = call.source
  if (sourceParticipantId === undefined) return null
  return {
    '@odata.type': '#microsoft.graph.incomingContext',
    observedParticipantId: sourceParticipantId,
    onBehalfOf: null,
    sourceParticipantId,
    transferor: null,
  }
}

/** Writes `chatInfo`. */
function writeChatInfo({ threadId, messageId, replyChainMessageId }: ChatInfo): Json {
  return {
    '@odata.type': '#microsoft.graph.chatInfo',
    threadId,
    messageId,
    replyChainMessageId: replyChainMessageId ?? null,
  }
}

/** Writes `meetingInfo`, of whichever kind. */
function writeMeetingInfo(info: MeetingInfo, shape: Shape): Json {
  const { allowConversationWithoutHost } = info
  return {
    ...coordinatesOf(info),
    ...(shape.betaMembers && allowConversationWithoutHost !== undefined && { allowConversationWithoutHost }),
  }
}

function coordinatesOf(info: MeetingInfo): Json {
  if ('organizer' in info) {
    return { '@odata.type': '#microsoft.graph.organizerMeetingInfo', organizer: writeIdentitySet(info.organizer) }
  }
  if ('token' in info) return { '@odata.type': '#microsoft.graph.tokenMeetingInfo', token: info.token }
  const { joinMeetingId, passcode } = info
  return {
    '@odata.type': '#microsoft.graph.joinMeetingIdMeetingInfo',
    joinMeetingId,
    passcode: passcode ?? null,
  }
}

/** Writes `mediaConfig`; null for an application without media. */
export function writeMediaConfig(config: MediaConfig): Json | null {
  switch (config.type) {
    case 'serviceHosted':
      return {
        '@odata.type': '#microsoft.graph.serviceHostedMediaConfig',
        ...(config.preFetchMedia && {
          preFetchMedia: config.preFetchMedia.map(({ uri, resourceId }) => ({
            '@odata.type': '#microsoft.graph.mediaInfo',
            uri,
            resourceId: resourceId ?? null,
          })),
        }),
      }
    case 'appHosted':
      return { '@odata.type': '#microsoft.graph.appHostedMediaConfig', blob: config.blob ?? null }
    case 'none':
      return null
  }
}

function writeCallOptions(options: CallOptions, direction: Call['direction']): Json {
  return { '@odata.type': `#microsoft.graph.${direction}CallOptions`, ...options }
}

/** `mediaState`; an application that joined without media has none. */
export function mediaStateOf(call: Call): Json | undefined {
  if (call.mediaConfig.type === 'none' || call.state.name === 'incoming' || call.state.name === 'establishing') {
    return undefined
  }
  return {
    '@odata.type': '#microsoft.graph.callMediaState',
    audio: call.state.name === 'established' ? 'active' : 'inactive',
  }
}

/** Writes why something ended. */
export function writeResult(reason: EndReason): Json {
  return { '@odata.type': '#microsoft.graph.resultInfo', ...resultInfo(reason) }
}
