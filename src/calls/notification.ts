import type { Call } from './call.ts'
import type { ChatInfo, ContentSharing } from './conversation.ts'
import type { Tone } from './media.ts'
import type { MeetingInfo } from './meeting.ts'
import type { Operation } from './operation.ts'
import type { Participant } from './participant.ts'
import type { ShownTranscription } from './transcription.ts'

/** A call with what its resource shows of the conversation around it. */
export interface CallView {
  readonly call: Call
  readonly callChainId: string
  readonly subject?: string
  readonly chatInfo?: ChatInfo
  readonly meetingInfo?: MeetingInfo
  readonly transcription?: ShownTranscription
}

/** Somebody who is no longer on the roster, and why, for a delta. */
export interface RemovedParticipant {
  readonly participant: Participant
  /** Graph's `removedState.reason`. */
  readonly reason: string
}

/** What a notification tells of: a snapshot from the moment of the change. */
export type NotificationSubject =
  | { readonly type: 'call'; readonly view: CallView; readonly phase: CallPhase }
  | { readonly type: 'tone'; readonly view: CallView; readonly tone: Tone; readonly sequenceId: number }
  | { readonly type: 'operation'; readonly operation: Operation }
  /** Asks a recorder whether it records one more person; its answer comes back with the delivery. */
  | { readonly type: 'participantJoining'; readonly participantId: string; readonly view: CallView }
  /** Tells a recorder that somebody whom it recorded is gone. */
  | { readonly type: 'participantLeft'; readonly participantId: string; readonly view: CallView }
  | { readonly type: 'roster'; readonly participants: readonly Participant[]; readonly sequenceNumber: number }
  | { readonly type: 'contentSharing'; readonly session: ContentSharing }
  | {
      readonly type: 'delta'
      readonly participants: readonly Participant[]
      readonly removed: readonly RemovedParticipant[]
      readonly sequenceNumber: number
    }

/** The step of a call's life that a notification announces. */
export type CallPhase =
  | 'incoming'
  | 'establishing'
  | 'ringing'
  | 'established'
  | 'transferring'
  | 'transferAccepted'
  | 'transferFailed'
  | 'terminating'
  | 'terminated'
  | 'gone'

/** One notification that an application is owed. Per call they are numbered from 1 without gaps, and leave in that order. */
export interface Notification {
  readonly callId: string
  readonly appId: string
  readonly tenantId: string
  readonly number: number
  readonly changeType: 'created' | 'updated' | 'deleted'
  readonly callbackUri: string
  readonly wireVersion: string
  readonly callChainId: string
  readonly scenarioId: string
  readonly subject: NotificationSubject
  /** Another call's notification that must have been tried before this one may leave (contract: invite, rule 2). */
  readonly after?: NotificationRef
}

/** Names a notification: the call and its number there. */
export interface NotificationRef {
  readonly callId: string
  readonly number: number
}
