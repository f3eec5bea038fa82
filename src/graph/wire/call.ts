/** Graph's `call`, written. */
import type { Call, CallOptions, CallState, MediaConfig } from '../../calls/call.ts'
import { hasMedia, isIn } from '../../calls/call.ts'
import type { ChatInfo } from '../../calls/conversation.ts'
import type { Identity } from '../../calls/identity.ts'
import type { MeetingInfo } from '../../calls/meeting.ts'
import type { CallPhase, CallView, NotificationSubject } from '../../calls/notification.ts'
import { resultInfo } from '../../calls/reasons.ts'
import type { EndReason } from '../../calls/reasons.ts'
import type { ShownTranscription } from '../../calls/transcription.ts'
import { isoTime } from '../../runtime.ts'
import { applicationMetadata } from './application-metadata.ts'
import type { Json } from './identity.ts'
import { writeIdentitySet } from './identity.ts'
import type { Shape } from './shape.ts'

const CALL = '#microsoft.graph.call'

/** A call as `POST` and `GET` answer with it: what is absent is an explicit null. */
export function writeCall(view: CallView, shape: Shape): Json {
  const { call, callChainId, subject, chatInfo, meetingInfo, transcription } = view
  return {
    '@odata.type': CALL,
    state: shownState(call),
    direction: call.direction,
    subject: subject ?? null,
    callbackUri: call.callbackUri,
    callChainId,
    callRoutes: writeRoutes(call),
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
    resultInfo: resultOf(call),
    transcription: transcription ? writeTranscription(transcription) : null,
    toneInfo: null,
    myParticipantId: call.participantId,
    tenantId: call.tenantId,
    ...(shape.betaMembers && betaMembers(call)),
    ...applicationMetadata(call, callChainId),
    id: call.id,
  }
}

/** The state as the version in which the call was made names it: ringing is one only where it is told. */
export function shownState({ state }: Call): CallState['name'] | 'ringing' {
  return state.name === 'establishing' && state.ringing ? 'ringing' : state.name
}

/** Why the call ended, or why its last transfer failed. */
function resultOf({ state }: Call): Json | null {
  if (state.name === 'terminated') return writeResult(state.reason)
  return state.name === 'established' && state.transferFailure ? writeResult(state.transferFailure.reason) : null
}

/** Writes `callRoutes`: from whom to whom the call was rerouted. */
function writeRoutes({ routes = [] }: Call): Json[] {
  return routes.map(({ original, final }) => ({
    '@odata.type': '#microsoft.graph.callRoute',
    routingType: 'forwarded',
    original: writeIdentitySet(original),
    final: writeIdentitySet(final),
  }))
}

/** Writes `answeredBy`. */
function writeAnsweredBy(identity: Identity): Json {
  return { '@odata.type': '#microsoft.graph.participantInfo', identity: writeIdentitySet(identity) }
}

/** `ringingTimeoutInSeconds`, if the application gave one. */
export function ringTimeoutSeconds({ ringTimeout }: Call): number | undefined {
  return ringTimeout === undefined ? undefined : Math.round(ringTimeout / 1000)
}

function betaMembers(call: Call): Json {
  return {
    activeModalities: isIn(call) ? call.requestedModalities : [],
    answeredBy: call.answeredBy ? writeAnsweredBy(call.answeredBy) : null,
    meetingCapability: null,
    ringingTimeoutInSeconds: ringTimeoutSeconds(call) ?? null,
    routingPolicies: [],
    terminationReason: terminationReason(call),
  }
}

/** `terminationReason`, as far as these words go: the application's own doing, or not. */
export function terminationReason(call: Call): string | null {
  if (call.state.name !== 'terminated') return null
  const { name } = call.state.reason
  if (name === 'transferred') return 'AppTransferred'
  return name === 'ended-by-bot' || name === 'moved' || name === 'redirected' ? 'AppInitiated' : 'CallTerminated'
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
    case 'ringing':
      return { '@odata.type': CALL, state: phase, ...coordinates, id: call.id }
    case 'established':
    case 'transferring':
    case 'transferAccepted':
    case 'transferFailed':
      return writeProgress(view, phase, coordinates, shape)
    case 'terminating':
      return { '@odata.type': CALL, state: 'terminating', id: call.id }
    case 'terminated':
      return {
        '@odata.type': CALL,
        state: 'terminated',
        ...(call.state.name === 'terminated' && { resultInfo: writeResult(call.state.reason) }),
        ...(shape.betaMembers && { terminationReason: terminationReason(call) }),
        ...redirectMembers(call),
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

/** A call that goes on: established, or on its way to somebody else. */
function writeProgress(
  { call, callChainId, transcription }: CallView,
  phase: 'established' | 'transferring' | 'transferAccepted' | 'transferFailed',
  coordinates: Json,
  shape: Shape,
): Json {
  const mediaState = mediaStateOf(call)
  return {
    '@odata.type': CALL,
    state: phase === 'transferFailed' ? 'established' : phase,
    direction: call.direction,
    callChainId,
    ...coordinates,
    ...(mediaState && { mediaState }),
    ...(shape.betaMembers && { activeModalities: call.requestedModalities }),
    ...(transcription?.since !== undefined && { transcription: writeTranscription(transcription) }),
    ...(phase === 'transferFailed' && failureMembers(call)),
    myParticipantId: call.participantId,
    tenantId: call.tenantId,
    id: call.id,
  }
}

/** Why a transfer failed; `replacesContext` names the call that it would have replaced (contract: behaviour, section 1). */
function failureMembers({ state }: Call): Json {
  const failure = state.name === 'established' ? state.transferFailure : undefined
  if (!failure) return {}
  const { reason, replacesCallId } = failure
  return {
    resultInfo: writeResult(reason),
    ...(replacesCallId !== undefined && { replacesContext: replacesCallId }),
  }
}

/** A redirected call's end names whom it was about, and who took it. */
function redirectMembers(call: Call): Json {
  if (call.state.name !== 'terminated' || call.state.reason.name !== 'redirected') return {}
  return {
    direction: call.direction,
    callRoutes: writeRoutes(call),
    source: writeSource(call, 'default'),
    targets: writeTargets(call),
    ...(call.answeredBy && { answeredBy: writeAnsweredBy(call.answeredBy) }),
  }
}

function writeTargets(call: Call): Json[] {
  return call.targets.map(({ identity }) => ({
    '@odata.type': '#microsoft.graph.invitationParticipantInfo',
    identity: writeIdentitySet(identity),
    endpointType: 'default',
  }))
}

function writeIncoming({ call, callChainId, subject }: CallView, coordinates: Json): Json {
  return {
    '@odata.type': CALL,
    state: 'incoming',
    direction: 'incoming',
    ...(subject !== undefined && { subject }),
    callbackUri: call.callbackUri,
    callChainId,
    callRoutes: writeRoutes(call),
    source: writeSource(call, 'default'),
    targets: writeTargets(call),
    requestedModalities: call.requestedModalities,
    ...coordinates,
    incomingContext: incomingContext(call),
    myParticipantId: call.participantId,
    tenantId: call.tenantId,
    ...applicationMetadata(call, callChainId),
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

/** Whose call it is: for a call to the application itself, observed and source are one; a recorder observes somebody. */
function incomingContext(call: Call): Json | null {
  const { sourceParticipantId } = call.source
  if (sourceParticipantId === undefined) return null
  return {
    '@odata.type': '#microsoft.graph.incomingContext',
    observedParticipantId: call.recorder?.observed.participantId ?? sourceParticipantId,
    onBehalfOf: null,
    sourceParticipantId,
    transferor: call.transferor ? writeIdentitySet(call.transferor) : null,
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

/** Writes `transcription`. */
function writeTranscription({ state, since }: ShownTranscription): Json {
  return {
    '@odata.type': '#microsoft.graph.callTranscriptionInfo',
    state,
    lastModifiedDateTime: since === undefined ? null : isoTime(since),
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
  const { name } = call.state
  if (call.mediaConfig.type === 'none' || name === 'incoming' || name === 'establishing') return undefined
  return {
    '@odata.type': '#microsoft.graph.callMediaState',
    audio: (name === 'established' || name === 'transferring') && hasMedia(call) ? 'active' : 'inactive',
  }
}

/** Writes why something ended. */
export function writeResult(reason: EndReason): Json {
  return { '@odata.type': '#microsoft.graph.resultInfo', ...resultInfo(reason) }
}
