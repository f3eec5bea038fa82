/** A conversation of two, in which somebody who is transferred out of a group call meets the target. */
import type { Identity, Address } from './identity.ts'
import type { RecordingDuty, ReplacedCall, Invitee } from './reach.ts'

/** Somebody who is to be transferred out of a group call. */
export interface Transferee {
  /** Who they will be in the new conversation. */
  readonly participantId: string
  /** Who they are in the group. */
  readonly fromParticipantId: string
  readonly identity: Identity
  readonly address: Address
  /** Who must record them, by a recording policy. */
  readonly duties?: readonly RecordingDuty[]
}

/** In a conversation of their own, somebody who is transferred out of a group call meets the target. */
export interface MeetPurpose {
  readonly type: 'meet'
  /** The group's call that transfers, and its application. */
  readonly from: ReplacedCall
  readonly appId: string
  /** Who comes once the target is in; absent from their own invitation. */
  readonly transferee?: Transferee
}

/** A conversation begins in which somebody who is transferred out of a group call meets the target (see `transfer-out.ts`). */
export interface MoveBegins {
  readonly type: 'MoveBegins'
  readonly conversationId: string
  readonly tenantId: string
  readonly callChainId: string
  /** The call that transfers, and its application. */
  readonly from: ReplacedCall
  readonly appId: string
  readonly target: Invitee
  readonly transferee: Transferee
  readonly transferor: Identity
}
