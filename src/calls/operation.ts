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
 * How far an operation is. An operation that answers 2xx as `running` ends exactly once.
 *
 *     running ──every invitee joined──────────► completed
 *        └──all settled, one or more failed──► failed
 */
export type OperationState =
  | { readonly name: 'running' }
  | { readonly name: 'completed'; readonly at: number }
  | { readonly name: 'failed'; readonly at: number; readonly reasons: readonly EndReason[] }

/** A long-running request of an application: Graph's `commsOperation`. So far all are invites. */
export interface Operation {
  readonly id: string
  readonly callId: string
  readonly type: 'inviteParticipants'
  readonly clientContext?: string
  readonly createdAt: number
  readonly invitees: readonly OperationInvitee[]
  readonly state: OperationState
}

/** Whether the operation has ended. */
export function isFinished(operation: Operation): boolean {
  return operation.state.name !== 'running'
}
