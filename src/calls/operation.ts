import type { Identity } from './identity.ts'
import type { MediaTask } from './media.ts'
import type { EndReason } from './reasons.ts'

/** What became of one invitee of an operation. */
export type InviteeOutcome =
  | { readonly name: 'pending' }
  /** `as`: the fallback that came in the invitee's place. */
  | { readonly name: 'joined'; readonly at: number; readonly as?: Identity }
  | { readonly name: 'failed'; readonly at: number; readonly reason: EndReason }

/** Somebody of an invitee's chain who did not come. */
export interface FailedAttempt {
  readonly identity: Identity
  readonly at: number
  readonly reason: EndReason
}

/** What an invite with several invitees is for: `all` of them or nobody, or the `first` who comes. */
export type InviteMode = 'all' | 'first'

/** One invitee of an invite operation; `participantId` is its invitation's id and later its participant's. */
export interface OperationInvitee {
  readonly participantId: string
  readonly identity: Identity
  readonly replacesCallId?: string
  readonly hidden: boolean
  /** How long it is rung, in milliseconds, if the invite said so. */
  readonly ringTimeout?: number
  /** Of an invitee with fallbacks: who did not come, in order. */
  readonly attempts?: readonly FailedAttempt[]
  readonly outcome: InviteeOutcome
}

/**
 * How far an operation is. An operation that answers 2xx as `running` ends exactly once; many end in the answer itself.
 *
 *     running ──everything asked for was done──► completed
 *        └──something of it was not────────────► failed
 */
export type OperationState =
  | { readonly name: 'running' }
  /** `reason`: what there is to say of the end, such as 200/8515 for a recording that reached its longest duration. */
  | { readonly name: 'completed'; readonly at: number; readonly reason?: EndReason }
  | { readonly name: 'failed'; readonly at: number; readonly reasons: readonly EndReason[] }

interface OperationOf<Type extends string> {
  readonly id: string
  readonly callId: string
  readonly type: Type
  readonly clientContext?: string
  readonly createdAt: number
  readonly state: OperationState
}

/** `participants/invite`: completed when every invitee joined (contract: invite, rule 1). */
export interface InviteOperation extends OperationOf<'inviteParticipants'> {
  readonly invitees: readonly OperationInvitee[]
  /** If absent, each invitee comes or not for themselves. */
  readonly mode?: InviteMode
  /** Whether the application asked for the outcome of each invitee (`Prefer: rollcall.outcomes`). */
  readonly outcomes?: true
}

/** The operations that have nothing to tell but their state. */
export type PlainOperation = OperationOf<
  | 'muteParticipant'
  | 'unmuteParticipant'
  | 'subscribeToTone'
  | 'updateRecordingStatus'
  | 'cancelMediaProcessing'
  | 'addLargeGalleryView'
  | 'configureMixer'
  | 'startTranscription'
  | 'stopTranscription'
>

/** `muteAll`, and its counterpart of 2018. */
export interface MuteAllOperation extends OperationOf<'muteParticipants' | 'unmuteParticipants'> {
  /** Participant ids. */
  readonly participants: readonly string[]
}

/**
 * How far a media operation is, while it has not ended. Per call one runs at a time, in the order of the requests.
 *
 *     queued ──those before it have ended──► running
 */
export type MediaProgress =
  | { readonly name: 'queued' }
  /** `until`: when it ends although the media engine says nothing; absent for a prompt that is looped for ever. */
  | { readonly name: 'running'; readonly since: number; readonly until?: number }

/** `playPrompt`, `recordResponse` and `sendDtmfTones`: what a media engine does for the call. */
export interface MediaOperation extends OperationOf<'playPrompt' | 'record' | 'sendDtmfTones'> {
  readonly task: MediaTask
  readonly progress: MediaProgress
}

/** `startHoldMusic` and `stopHoldMusic`: outside the queue, ended when the media engine says so, or at `until`. */
export interface HoldMusicOperation extends OperationOf<'startHoldMusic' | 'stopHoldMusic'> {
  readonly participantId: string
  readonly until: number
}

/** A long-running request of an application: Graph's `commsOperation` and its kinds. */
export type Operation = InviteOperation | MuteAllOperation | MediaOperation | HoldMusicOperation | PlainOperation

/** Whether the operation has ended. */
export function isFinished(operation: Operation): boolean {
  return operation.state.name !== 'running'
}

/** Whether the operation is an invite. */
export function isInvite(operation: Operation): operation is InviteOperation {
  return operation.type === 'inviteParticipants'
}

/** Whether the operation is one of those that queue for the call's media. */
export function isMedia(operation: Operation): operation is MediaOperation {
  return operation.type === 'playPrompt' || operation.type === 'record' || operation.type === 'sendDtmfTones'
}

/** Whether the operation puts somebody on hold or takes them off it. */
export function isHoldMusic(operation: Operation): operation is HoldMusicOperation {
  return operation.type === 'startHoldMusic' || operation.type === 'stopHoldMusic'
}
