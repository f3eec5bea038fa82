/**
 * The wire of 2018 and 2019: ids of 32 capital hex digits, `resource` alone as the locator, `@odata.id` and `@odata.etag` on
 * what notifications carry, dates on operations, no tenants on identities, and a call's end in two steps. What differs between the two is `LegacyShape`.
 */
import type { Call } from '../../calls/call.ts'
import { isIn } from '../../calls/call.ts'
import type { ChatInfo, ContentSharing } from '../../calls/conversation.ts'
import type { MeetingInfo } from '../../calls/meeting.ts'
import type { Identity, Locale } from '../../calls/identity.ts'
import type { CallPhase, CallView, Notification } from '../../calls/notification.ts'
import type { Operation } from '../../calls/operation.ts'
import { isInvite, isMedia } from '../../calls/operation.ts'
import type { Participant } from '../../calls/participant.ts'
import { resultInfo } from '../../calls/reasons.ts'
import type { EndReason } from '../../calls/reasons.ts'
import { isoTime } from '../../runtime.ts'
import { mediaStateOf, ringTimeoutSeconds, terminationReason, writeMediaConfig, writeToneInfo } from './call.ts'
import { writeOutcomes } from './extensions.ts'
import type { Json } from './identity.ts'
import { withoutTenant, writeIdentity } from './identity.ts'
import { legacyMedia } from './media-operation.ts'
import { operationType, outcomeMessage, outcomeOf } from './operation.ts'
import { streamsOf } from './streams.ts'

/** What differs between the pages of 2018 and 2019. */
export interface LegacyShape {
  /** Types of the envelope and its items; undefined where the page has none. */
  readonly envelope: { readonly whole: string; readonly item: string } | undefined
  /** The type of an invite's operation in notifications, unless it replaced a call. */
  readonly operationType: 'commsOperation' | 'inviteParticipantsOperation'
  /** Whether calls have `mediaState`. */
  readonly mediaState: boolean
  /** Whether operations of media repeat the parameters of their requests, under the names of then. */
  readonly repeatsParameters: boolean
  /** What the ringing time-out of a call is called. */
  readonly ringTimeoutName: 'ringingTimeoutInSeconds' | 'ringningTimeoutInSeconds'
}

/** An id as these versions write it. */
export function legacyId(guid: string): string {
  return guid.replaceAll('-', '').toUpperCase()
}

/** A moment as these versions write it: without fractions of a second. */
function legacyTime(at: number): string {
  return isoTime(at).replace(/\.\d+/, '')
}

function callPath(callId: string): string {
  return `/app/calls/${legacyId(callId)}`
}

/** The members that name a resource and its version. The number of the notification serves as the version. */
function resourceMembers(path: string, version: number): Json {
  return { '@odata.id': path, '@odata.etag': `W/"${version}"` }
}

/** A call as `POST` and `GET` answer with it. */
export function writeLegacyCall(view: CallView, shape: LegacyShape): Json {
  const { call, subject, chatInfo, meetingInfo } = view
  const mediaState = shape.mediaState ? mediaStateOf(call) : undefined
  const mediaConfig = writeMediaConfig(call.mediaConfig)
  const ringTimeout = ringTimeoutSeconds(call)
  return {
    '@odata.type': '#microsoft.graph.call',
    ...resourceMembers(callPath(call.id), call.notified),
    state: call.state.name,
    direction: call.direction,
    ...(subject !== undefined && { subject }),
    callbackUri: call.callbackUri,
    callRoutes: writeRoutes(call),
    source: writeInfo(call.source.identity, call.source),
    targets: call.targets.map(({ identity }) => writeInfo(identity, {})),
    requestedModalities: call.requestedModalities,
    activeModalities: isIn(call) ? call.requestedModalities : [],
    ...(ringTimeout !== undefined && { [shape.ringTimeoutName]: ringTimeout }),
    ...(call.answeredBy && { answeredBy: writeInfo(call.answeredBy, {}) }),
    ...(mediaConfig && { mediaConfig }),
    ...(mediaState && { mediaState }),
    ...(chatInfo && { chatInfo: writeChat(chatInfo) }),
    ...(meetingInfo && { meetingInfo: writeMeeting(meetingInfo) }),
    tenantId: call.tenantId,
    myParticipantId: legacyId(call.participantId),
    id: legacyId(call.id),
  }
}

function writeRoutes({ routes = [] }: Call): Json[] {
  return routes.map(({ original, final }) => ({
    routingType: 'forwarded',
    original: { [original.kind]: writeIdentity(withoutTenant(original), false) },
    final: { [final.kind]: writeIdentity(withoutTenant(final), false) },
  }))
}

function writeChat({ threadId, messageId, replyChainMessageId }: ChatInfo): Json {
  return {
    '@odata.type': '#microsoft.graph.chatInfo',
    threadId,
    messageId,
    ...(replyChainMessageId !== undefined && { replyChainMessageId }),
  }
}

function writeMeeting(info: MeetingInfo): Json {
  const { allowConversationWithoutHost } = info
  return {
    ...writeCoordinates(info),
    ...(allowConversationWithoutHost !== undefined && { allowConversationWithoutHost }),
  }
}

/** The organizer is the one identity that shows its tenant: by it the application finds the meeting. */
function writeCoordinates(info: MeetingInfo): Json {
  if ('organizer' in info) {
    const { organizer } = info
    return {
      '@odata.type': '#microsoft.graph.organizerMeetingInfo',
      organizer: { [organizer.kind]: writeIdentity(organizer, false) },
    }
  }
  if ('token' in info) return { '@odata.type': '#microsoft.graph.tokenMeetingInfo', token: info.token }
  const { joinMeetingId, passcode } = info
  return { '@odata.type': '#microsoft.graph.joinMeetingIdMeetingInfo', joinMeetingId, passcode: passcode ?? null }
}

/** An operation as the request that began it, and `GET`, answer with it: `clientContext` is there even if none was given. */
export function writeLegacyOperation(operation: Operation, shape: LegacyShape, baseUrl: string): Json {
  const { id, state, createdAt, clientContext } = operation
  return {
    id: legacyId(id),
    status: state.name,
    createdDateTime: legacyTime(createdAt),
    lastActionDateTime: legacyTime('at' in state ? state.at : createdAt),
    clientContext: clientContext ?? null,
    ...legacyOutcome(operation),
    ...mediaMembers(operation, shape, baseUrl),
    ...writeOutcomes(operation, legacyId),
  }
}

/** The operation in the answer to `answer`, as the page of 2018 has it; how it goes on is told by the call itself. */
export function writeLegacyAnswer(id: string, now: number): Json {
  const at = legacyTime(now)
  return { id: legacyId(id), status: 'running', createdDateTime: at, lastActionDateTime: at, clientContext: null }
}

/** A participant as `GET` answers with it. */
export function writeLegacyParticipant(participant: Participant): Json {
  return {
    '@odata.type': '#microsoft.graph.participant',
    info: writeInfo(participant.identity, participant.locale ?? {}),
    mediaStreams: streamsOf(participant),
    isMuted: participant.isMuted,
    isInLobby: participant.state.name === 'lobby',
    ...writeRecording(participant),
    id: legacyId(participant.id),
  }
}

/** `recordingInfo`, as it was before `updateRecordingStatus`: it knew who records, and not that it failed. */
function writeRecording({ recording }: Participant): { readonly recordingInfo?: Json } {
  if (!recording) return {}
  const status = recording.status === 'recording' ? 'startedRecording' : 'notRecording'
  return {
    recordingInfo: {
      '@odata.type': '#microsoft.graph.recordingInfo',
      status,
      initiatedBy: writeInfo(recording.by, {}),
    },
  }
}

/** The whole body of a notification's POST. */
export function writeLegacyNotifications(
  notifications: readonly Notification[],
  shape: LegacyShape,
  baseUrl: string,
): Json {
  const { envelope } = shape
  return {
    ...(envelope && { '@odata.type': envelope.whole }),
    value: notifications.map((notification) => ({
      ...(envelope && { '@odata.type': envelope.item }),
      changeType: notification.changeType,
      resource: resourcePath(notification),
      resourceData: writeResourceData(notification, shape, baseUrl),
    })),
  }
}

function resourcePath({ callId, subject }: Notification): string {
  switch (subject.type) {
    case 'call':
    case 'tone':
    case 'participantJoining':
    case 'participantLeft':
      return callPath(callId)
    case 'operation':
      return `${callPath(callId)}/operations/${legacyId(subject.operation.id)}`
    case 'contentSharing':
      return `${callPath(callId)}/contentsharingsessions`
    case 'roster':
    case 'delta':
      return `${callPath(callId)}/participants`
  }
}

function writeResourceData(notification: Notification, shape: LegacyShape, baseUrl: string): Json | Json[] {
  const { subject, number } = notification
  const members = resourceMembers(resourcePath(notification), number)
  switch (subject.type) {
    case 'call':
      return {
        '@odata.type': '#microsoft.graph.call',
        ...members,
        ...callMembers(subject.view, subject.phase, shape),
      }
    case 'tone':
      return {
        '@odata.type': '#microsoft.graph.call',
        ...members,
        state: 'established',
        toneInfo: writeToneInfo(subject),
      }
    case 'operation':
      return {
        ...typeMember(subject.operation, shape),
        ...members,
        ...operationMembers(subject.operation),
        ...mediaMembers(subject.operation, shape, baseUrl),
        ...writeOutcomes(subject.operation, legacyId),
      }
    case 'contentSharing':
      return [writeLegacyContentSharing(subject.session)]
    // Nobody is asked or told in these versions: see `CallManners.asksRecorders`. Nor do they have deltas: see `optionsIn`.
    case 'participantJoining':
    case 'participantLeft':
      return members
    case 'roster':
    case 'delta':
      return subject.participants.map((participant) => ({
        '@odata.type': '#microsoft.graph.participant',
        ...resourceMembers(`${resourcePath(notification)}/${legacyId(participant.id)}`, number),
        info: writeInfo(participant.identity, participant.locale ?? {}),
        mediaStreams: streamsOf(participant),
        ...(participant.isMuted && { isMuted: true }),
        ...(participant.state.name === 'lobby' && { isInLobby: true }),
        ...writeRecording(participant),
      }))
  }
}

/** A content sharing session: newer than these versions, for an application that asked for it all the same. */
export function writeLegacyContentSharing({ id }: ContentSharing): Json {
  return { '@odata.type': '#microsoft.graph.contentSharingSession', id }
}

function callMembers(view: CallView, phase: CallPhase, shape: LegacyShape): Json {
  const { call, chatInfo, meetingInfo } = view
  switch (phase) {
    case 'incoming':
      return {
        state: 'incoming',
        direction: 'incoming',
        source: writeInfo(call.source.identity, call.source),
        targets: call.targets.map(({ identity }) => writeInfo(identity, {})),
        requestedModalities: call.requestedModalities,
        ...(chatInfo && { chatInfo: writeChat(chatInfo) }),
        ...(meetingInfo && { meetingInfo: writeMeeting(meetingInfo) }),
        ...(call.routes && { callRoutes: writeRoutes(call) }),
      }
    case 'establishing':
      return { state: 'establishing', ...(call.direction === 'outgoing' && { direction: 'outgoing' }) }
    case 'ringing':
    case 'transferring':
    case 'transferAccepted':
      return { state: phase }
    case 'transferFailed':
      return { state: 'established', ...failureMembers(call) }
    case 'established': {
      const mediaState = shape.mediaState ? mediaStateOf(call) : undefined
      return {
        state: 'established',
        activeModalities: call.requestedModalities,
        ...(call.direction === 'incoming' && { requestedModalities: [] }),
        ...(mediaState && { mediaState }),
      }
    }
    case 'terminating':
      return { state: 'terminating' }
    case 'terminated':
      if (call.state.name !== 'terminated') return {}
      return {
        ...endMembers(call.state.reason, terminationReason(call)),
        ...(call.answeredBy && { answeredBy: writeInfo(call.answeredBy, {}) }),
      }
    case 'gone':
      return {}
  }
}

function failureMembers({ state }: Call): Json {
  const failure = state.name === 'established' ? state.transferFailure : undefined
  if (!failure) return {}
  const { reason, replacesCallId } = failure
  return {
    resultInfo: writeLegacyResult(reason),
    ...(replacesCallId !== undefined && { replacesContext: legacyId(replacesCallId) }),
  }
}

/** Of an end that the application caused itself nothing more is said; of any other, the codes too. */
function endMembers(reason: EndReason, terminationReason: string | null): Json {
  const own = terminationReason !== 'CallTerminated'
  return { state: 'terminated', terminationReason, ...(!own && { resultInfo: writeLegacyResult(reason) }) }
}

function typeMember(operation: Operation, { operationType: plain }: LegacyShape): Json {
  if (!isInvite(operation)) return { '@odata.type': operationType(operation) }
  const replaced = operation.invitees.some(({ replacesCallId }) => replacesCallId !== undefined)
  return { '@odata.type': `#microsoft.graph.${replaced ? 'inviteParticipantsOperation' : plain}` }
}

function operationMembers(operation: Operation): Json {
  const { clientContext, state } = operation
  return {
    ...(clientContext !== undefined && { clientContext }),
    status: state.name,
    ...legacyOutcome(operation),
  }
}

function mediaMembers(operation: Operation, { repeatsParameters }: LegacyShape, baseUrl: string): Json {
  return isMedia(operation) ? legacyMedia(operation, repeatsParameters, baseUrl) : {}
}

function legacyOutcome(operation: Operation): { resultInfo?: Json } {
  const reason = outcomeOf(operation)
  return reason ? { resultInfo: { ...writeLegacyResult(reason), message: outcomeMessage(operation, reason) } } : {}
}

/** `resultInfo` with the sub code in the spelling of these versions. */
function writeLegacyResult(reason: EndReason): Json {
  const { code, subcode: subCode, message } = resultInfo(reason)
  return { '@odata.type': '#microsoft.graph.resultInfo', code, subCode, message }
}

function writeInfo(identity: Identity, { region, languageId }: Locale): Json {
  return {
    '@odata.type': '#microsoft.graph.participantInfo',
    identity: { [identity.kind]: writeIdentity(withoutTenant(identity), false) },
    ...(region !== undefined && { region }),
    ...(languageId !== undefined && { languageId }),
  }
}
