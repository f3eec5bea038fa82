import type { Identity } from './identity.ts'
import type { EndReason } from './reasons.ts'

/** What became of one invitee of an operation. */
export type InviteeOutcome =
  | { readonly name: 'pending' }
  | { readonly name: 'joined'; readonly at: number }
  | { readonly name: 'failed'; readonly at: number; readonly reason: EndReason }

/** One invitee of an invite operation; `participantId` is its invitation's id and later its participant's. */
export interface OperationInvitee {
  readonly participantId: string
  readonly identity: Identity
  readonly replacesCallId?: string
  readonly hidden: boolean
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
>

/** `muteAll`, and its counterpart of 2018. */
export interface MuteAllOperation extends OperationOf<'muteParticipants' | 'unmuteParticipants'> {
  /** Participant ids. */
  readonly participants: readonly string[]
}

/** A long-running request of an application: Graph's `commsOperation` and its kinds. */
export type Operation = InviteOperation | PlainOperation | MuteAllOperation

/** Whether the operation has ended. */
export function isFinished(operation: Operation): boolean {
  return operation.state.name !== 'running'
}

/** Whether the operation is an invite. */
export function isInvite(operation: Operation): operation is InviteOperation {
  return operation.type === 'inviteParticipants'
}
