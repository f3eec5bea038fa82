import type { Call } from './call.ts'
import { isLive } from './call.ts'
import type { Address, Identity } from './identity.ts'
import type { Invitation } from './invitation.ts'
import { waitsInside } from './invitation.ts'
import type { OrganizerMeetingInfo } from './meeting.ts'
import type { Operation } from './operation.ts'
import { isFinished, isHoldMusic, isMedia } from './operation.ts'
import type { Participant } from './participant.ts'
import type { Requirement } from './reach.ts'
import type { EndReason } from './reasons.ts'
import type { Recording } from './recorder.ts'

/** Graph's `chatInfo`. */
export interface ChatInfo {
  readonly threadId: string
  readonly messageId: string
  readonly replyChainMessageId?: string
}

/** Who hears whom beside the mix that everybody hears: Graph's `audioRoutingGroup`. */
export interface AudioRoutingGroup {
  readonly id: string
  /** The call that it belongs to. */
  readonly callId: string
  readonly routingMode: 'oneToOne' | 'multicast'
  /** Participant ids. */
  readonly sources: readonly string[]
  /** Participant ids. */
  readonly receivers: readonly string[]
}

/** Content that somebody presents: Graph's `contentSharingSession`. */
export interface ContentSharing {
  /** 64 hex digits. */
  readonly id: string
  readonly presenterParticipantId: string
  readonly startedAt: number
}

/** The recording of a whole conversation. */
export interface CallRecording {
  readonly id: string
  readonly since: number
  readonly state: 'recording' | 'stopped' | 'failed'
}

/** The transcription of a conversation in which it was turned on at least once. */
export interface Transcription {
  readonly state: 'active' | 'inactive'
  readonly since: number
  /** Who turned it on, or off. */
  readonly by: Identity
}

/** A participant that another conversation was allowed to take over, until that one says how it went. */
export interface Departure {
  readonly participantId: string
  /** The call of this conversation that the taking invite named. */
  readonly callId: string
  /** Where the participant goes, and under which id. */
  readonly to: { readonly conversationId: string; readonly participantId: string }
  /** The leg of somebody who was put out of this conversation meanwhile: to be dropped if the move comes to nothing. */
  readonly orphan?: { readonly address: Address; readonly reason: EndReason }
}

/**
 * Somebody who left for another conversation, or hung up (`gone`) before they could; remembered so that a repeated
 * question gets the same answer, even if they have come back since.
 */
export type DepartureOutcome = Departure & { readonly at: number; readonly gone?: true }

/** Somebody who was pulled out of another conversation and came; remembered so that the other one can ask again. */
export interface Arrival {
  readonly participantId: string
  /** The call that pulled them. */
  readonly callId: string
  readonly at: number
  /** They were transferred here; else invited. */
  readonly transferred?: true
}

/**
 * One live conference, peer-to-peer or group: the unit of consistency. Everything that can change together is in here,
 * and `decide` is the only place that changes it.
 *
 *     peerToPeer ──invite──► group          (escalation; never back)
 *     meeting                               (a place: ends when everybody left, begins anew with the next join)
 */
export interface Conversation {
  readonly id: string
  readonly tenantId: string
  readonly mode: 'peerToPeer' | 'group' | 'meeting'
  /** Graph's `callChainId`: one id for the whole conference. */
  readonly callChainId: string
  readonly subject?: string
  readonly chatInfo?: ChatInfo
  readonly meetingInfo?: OrganizerMeetingInfo
  readonly createdAt: number
  /** When the longest allowed duration is over. */
  readonly endBy: number
  /** When the last party left; absent while live. */
  readonly endedAt?: number
  /** Live calls and the tombstones of ended ones. */
  readonly calls: readonly Call[]
  readonly participants: readonly Participant[]
  readonly invitations: readonly Invitation[]
  readonly operations: readonly Operation[]
  readonly departures: readonly Departure[]
  readonly departed: readonly DepartureOutcome[]
  readonly arrivals: readonly Arrival[]
  readonly audioRoutingGroups: readonly AudioRoutingGroup[]
  /** What is being presented, one thing at a time. */
  readonly contentSharing?: ContentSharing
  /** Who is recorded by which application, as recording policies say. */
  readonly recordings: readonly Recording[]
  /** The recording of all of it, if there is or was one. */
  readonly callRecording?: CallRecording
  readonly transcription?: Transcription
  /** Number of the newest roster update: Graph's `deltaParticipants.sequenceNumber`. */
  readonly rosterSequence: number
  readonly nextSourceId: number
}

/** The participants that the roster shows: none in a peer-to-peer call, else everybody who is in or in the lobby. */
export function roster(conversation: Conversation): readonly Participant[] {
  return hasRoster(conversation) ? present(conversation) : []
}

/**
 * What an application sees of the roster: while it waits in the lobby, itself alone (contract: join as guest); a recorder
 * sees who is in a peer-to-peer call, too.
 */
export function rosterFor(conversation: Conversation, call: Call): readonly Participant[] {
  const self = conversation.participants.find(({ id }) => id === call.participantId)
  if (self?.state.name === 'lobby') return [self]
  return hasRoster(conversation) || call.recorder ? present(conversation) : []
}

/** Everybody who is in or in the lobby, and not hidden. */
export function present({ participants }: Conversation): readonly Participant[] {
  return participants.filter(({ state, hidden }) => state.name !== 'calling' && state.name !== 'held' && !hidden)
}

/** Whether a participant is an application that came to record others. */
export function isRecorder({ calls }: Pick<Conversation, 'calls'>, { party }: Participant): boolean {
  return party.type === 'application' && calls.some(({ id, recorder }) => id === party.callId && recorder !== undefined)
}

/** The participants who are there for their own sake: all but recorders. */
export function parties(conversation: Conversation): readonly Participant[] {
  return conversation.participants.filter((one) => !isRecorder(conversation, one))
}

/** How many are in or on the way, without recorders. Whoever waits inside for an invitation is one, not two. */
export function headcount(conversation: Conversation): number {
  return parties(conversation).length + conversation.invitations.filter((one) => !waitsInside(one)).length
}

/** The live calls of a conversation. */
export function liveCalls(conversation: Conversation): readonly Call[] {
  return conversation.calls.filter(isLive)
}

/** The live calls of applications that do not come to record others. */
export function ownCalls(conversation: Conversation): readonly Call[] {
  return liveCalls(conversation).filter(({ recorder }) => recorder === undefined)
}

/** Whether it is a call of two people in which no application is: they called each other, or were connected and left alone. */
export function isBetweenPeople(conversation: Conversation): boolean {
  const { mode, endedAt } = conversation
  return mode === 'peerToPeer' && endedAt === undefined && ownCalls(conversation).length === 0
}

/** What the policy requires in the kind of conversation that this is. */
export function requirementOf({ mode }: Conversation, { duty }: Recording): Requirement {
  return mode === 'meeting' ? duty.inMeeting : duty.inCall
}

/** Whether somebody may not be in the conversation yet, because a recorder that they need first is not there. */
export function awaitsRecorder(conversation: Conversation, participantId: string): boolean {
  return conversation.recordings.some(
    (one) =>
      one.participantId === participantId && one.state.name !== 'attached' && requirementOf(conversation, one).before,
  )
}

/** Whether the roster exists: it does not in a peer-to-peer call. */
export function hasRoster(conversation: Conversation): boolean {
  return conversation.mode !== 'peerToPeer'
}

/**
 * The next moment (milliseconds since the epoch) at which something falls due, derived from the state: nothing is kept
 * beside it that could disagree. Undefined when nothing is waiting.
 */
export function nextDeadline(conversation: Conversation): number | undefined {
  if (conversation.endedAt !== undefined) return undefined
  let next = conversation.endBy
  for (const call of conversation.calls) {
    const { state } = call
    if (state.name === 'incoming') next = Math.min(next, state.answerBy)
    else if (state.name === 'redirecting') next = Math.min(next, state.takenUntil ?? Infinity)
    else if (state.name !== 'terminated') next = Math.min(next, state.keepAliveBy)
  }
  for (const { state } of conversation.invitations) {
    if ('until' in state) next = Math.min(next, state.until ?? Infinity)
  }
  for (const operation of conversation.operations) next = Math.min(next, mediaDeadline(operation))
  for (const { state } of conversation.recordings) {
    if ('until' in state) next = Math.min(next, state.until)
  }
  for (const { state } of conversation.participants) {
    if (state.name === 'lobby') next = Math.min(next, state.until)
  }
  return next
}

/** When an operation ends although the media engine says nothing; Infinity if that is never. */
function mediaDeadline(operation: Operation): number {
  if (isFinished(operation)) return Infinity
  if (isHoldMusic(operation)) return operation.until
  if (!isMedia(operation) || operation.progress.name === 'queued') return Infinity
  return operation.progress.until ?? Infinity
}
