/** How conversations begin: an application calls, joins a meeting, or is called. */
import type { Call } from './call.ts'
import type { CreateCall, JoinMeeting, MeetingPlace, PersonCalls, PersonCallsPerson } from './commands.ts'
import type { Conversation } from './conversation.ts'
import { headcount } from './conversation.ts'
import type { Draft, Rules } from './draft.ts'
import { refuse } from './draft.ts'
import { addIncomingCall, checkApplications, checkDuplicates, startInvitation } from './invite.ts'
import { prefetchMedia } from './media-processing.ts'
import { connectCall } from './own-media.ts'

/** Parties that may be called at once when a group call is created (contract: create). */
export const MOST_TARGETS = 5

/** A conversation with nobody in it yet. */
export function newConversation(
  given: Pick<Conversation, 'id' | 'tenantId' | 'mode' | 'callChainId'> & Partial<Conversation>,
  now: number,
  rules: Rules,
): Conversation {
  return {
    createdAt: now,
    endBy: now + rules.maxCallDuration,
    calls: [],
    participants: [],
    invitations: [],
    operations: [],
    departures: [],
    departed: [],
    arrivals: [],
    audioRoutingGroups: [],
    recordings: [],
    rosterSequence: 0,
    nextSourceId: 1,
    ...given,
  }
}

/** The conversation that `CreateCall` begins. */
export function conversationOf(
  command: CreateCall | PersonCalls | PersonCallsPerson,
  now: number,
  rules: Rules,
): Conversation {
  const { conversationId: id, tenantId, callChainId } = command
  const group = command.type === 'CreateCall' && command.targets.length > 1
  return newConversation(
    {
      id,
      tenantId,
      callChainId,
      mode: group ? 'group' : 'peerToPeer',
      ...(group && { chatInfo: command.chatInfo }),
      ...(command.type === 'CreateCall' && command.subject !== undefined && { subject: command.subject }),
    },
    now,
    rules,
  )
}

/** A meeting is a place: the first join begins it, and one after everybody left begins it anew. */
export function meetingOf(
  command: Omit<MeetingPlace, 'meetingInfo'> & Pick<JoinMeeting, 'meetingInfo'>,
  before: Conversation | undefined,
  now: number,
  rules: Rules,
): Conversation | undefined {
  // Without a meeting to begin there is only what is live; `joinMeeting` refuses what is over.
  if (before && (before.endedAt === undefined || !command.meetingInfo)) return before
  const { conversationId: id, tenantId, callChainId, chatInfo, meetingInfo, subject } = command
  if (!meetingInfo) return undefined
  return newConversation(
    {
      id,
      tenantId,
      callChainId,
      mode: 'meeting',
      chatInfo,
      meetingInfo,
      ...(subject !== undefined && { subject }),
      ...(before && remains(before)),
    },
    now,
    rules,
  )
}

/**
 * What outlives a meeting's session: tombstones, by which ids of ended calls still explain themselves; numbering; who
 * went to another conversation or came from one.
 */
function remains(before: Conversation): Partial<Conversation> {
  const { calls, operations, rosterSequence, departures, departed, arrivals } = before
  return { calls, operations, rosterSequence, departures, departed, arrivals }
}

/** `POST /communications/calls` with targets: rings them all; the first to answer establishes the call. */
export function createCall(draft: Draft, command: CreateCall): void {
  if (command.targets.length === 0) refuse({ name: 'noInvitees' })
  if (command.targets.length > MOST_TARGETS) {
    refuse({ name: 'tooManyInvitees', count: command.targets.length, limit: MOST_TARGETS })
  }
  checkDuplicates(draft, command.targets)
  if (draft.conversation.mode === 'group') checkApplications(draft, command.targets)
  addOutgoingCall(draft, command)
  draft.notifyCall(command.callId, 'updated', 'establishing')
  for (const target of command.targets) {
    const { callId, source, ringTimeout: ringFor } = command
    startInvitation(draft, target, { type: 'create', callId }, source.identity, { ...(ringFor && { ringFor }) })
  }
}

/** `POST /communications/calls` with `meetingInfo`: established once the application's own media is up. */
export function joinMeeting(draft: Draft, command: JoinMeeting): void {
  const { maxParticipants } = draft.rules
  if (draft.conversation.endedAt !== undefined) refuse({ name: 'meetingOver' })
  if (draft.conversation.mode === 'peerToPeer') refuse({ name: 'notGroupCall', rule: 'neverEscalates' })
  if (headcount(draft.conversation) >= maxParticipants) refuse({ name: 'conversationFull', limit: maxParticipants })
  addOutgoingCall(draft, command)
  draft.notifyCall(command.callId, 'updated', 'establishing')
  draft.effect(connectCall({ id: command.callId, mediaConfig: command.mediaConfig }))
}

function addOutgoingCall(draft: Draft, command: CreateCall | JoinMeeting): void {
  const call: Call = {
    id: command.callId,
    appId: command.appId,
    tenantId: command.tenantId,
    direction: 'outgoing',
    state: { name: 'establishing', since: draft.now, keepAliveBy: draft.now + draft.rules.keepAliveTimeout },
    callbackUri: command.callbackUri,
    scenarioId: command.scenarioId,
    manners: command.manners,
    source: command.source,
    targets: command.type === 'CreateCall' ? command.targets.map(({ identity }) => ({ identity })) : [],
    requestedModalities: command.requestedModalities,
    mediaConfig: command.mediaConfig,
    ...(command.callOptions && { callOptions: command.callOptions }),
    ...(command.type === 'JoinMeeting' && command.joinedBy && { meetingInfo: command.joinedBy }),
    ...(command.type === 'JoinMeeting' && command.lobby === true && { entersLobby: true }),
    participantId: command.participantId,
    createdAt: draft.now,
    notified: 0,
    rosterSent: false,
    ...(command.type === 'CreateCall' && command.ringTimeout && { ringTimeout: command.ringTimeout }),
  }
  draft.addCall(call)
  prefetchMedia(draft, call)
}

/** A person or phone calls an application: its call is incoming until it answers, rejects, or time is up. */
export function personCalls(draft: Draft, command: PersonCalls): void {
  addCaller(draft, command.caller)
  addIncomingCall(draft, command.target, command.caller.source, command.applicationParticipantId)
}

/** Puts whoever calls into the conversation: they wait. */
export function addCaller(draft: Draft, caller: PersonCalls['caller']): void {
  draft.addDuties(caller.participantId, 'Caller', caller.duties)
  draft.addParticipant({
    id: caller.participantId,
    identity: caller.source.identity,
    party: { type: 'person', address: caller.address },
    state: { name: 'calling', since: draft.now },
    hidden: false,
    endpointType: 'default',
    audio: true,
  })
}
