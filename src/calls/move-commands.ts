/** What two conversations say to each other when somebody goes from one to the other. */
import type { Departure } from './conversation.ts'
import type { Identity } from './identity.ts'
import type { MoveBegins } from './meet.ts'
import type { NotificationRef } from './notification.ts'
import type { ReplacedCall } from './reach.ts'
import type { EndReason } from './reasons.ts'

/** What conversations say to each other when somebody goes from one to another: by `replacesCallId`, or out of a group. */
export type MoveCommand =
  | MoveBegins
  /** The target of a transfer out of a group has answered. */
  | { readonly type: 'MoveAnswered'; readonly callId: string; readonly to: Departure['to'] }
  /** The two do not meet. */
  | { readonly type: 'MoveFailed'; readonly callId: string; readonly to: Departure['to']; readonly reason: EndReason }
  | {
      readonly type: 'MoveAsked'
      readonly callId: string
      readonly appId: string
      readonly identity: Identity
      /** The participant that is meant, if the invite named one. */
      readonly participantId?: string
      readonly to: Departure['to']
    }
  | {
      readonly type: 'MoveGranted'
      readonly participantId: string
      readonly fromParticipantId: string
      readonly from: ReplacedCall
      /** Where they are; see `Address.device`. */
      readonly device?: string
    }
  | { readonly type: 'MoveRefused'; readonly participantId: string; readonly reason: EndReason }
  | {
      readonly type: 'MoveDone'
      readonly to: Departure['to']
      readonly after?: NotificationRef
      /** The participant was transferred; else invited. */
      readonly transferred?: true
    }
  | { readonly type: 'MoveCancelled'; readonly to: Departure['to'] }
  | { readonly type: 'MoveQueried'; readonly participantId: string; readonly fromConversationId: string }
