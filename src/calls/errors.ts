import type { CallState, MediaConfig } from './call.ts'
import type { Identity } from './identity.ts'
import type { EndReason } from './reasons.ts'

/**
 * Everything that `decide` can refuse a command for. The core returns these, it does not throw them; `graph/errors.ts`
 * gives each its status, code, message and explanation.
 */
export type CallError =
  | { readonly name: 'callNotFound' }
  | { readonly name: 'callEnded'; readonly at: number; readonly reason: EndReason }
  | { readonly name: 'callNotEstablished'; readonly state: CallState['name'] }
  | {
      readonly name: 'callNotIncoming'
      readonly state: CallState['name']
      readonly action: 'answer' | 'reject' | 'redirect'
    }
  | { readonly name: 'meetingOver' }
  | { readonly name: 'callNotKeepable'; readonly state: CallState['name'] }
  | { readonly name: 'notGroupCall'; readonly rule: 'neverEscalates' | 'oneEscalates' | 'groupOnly' }
  | { readonly name: 'noInvitees' }
  | { readonly name: 'tooManyInvitees'; readonly count: number; readonly limit: number }
  | { readonly name: 'alreadyInCall'; readonly identity: Identity; readonly where: 'call' | 'ringing' | 'request' }
  | { readonly name: 'conversationFull'; readonly limit: number }
  | { readonly name: 'replacesItself' }
  | { readonly name: 'botInviteNotAllowed'; readonly identity: Identity }
  | { readonly name: 'redirectsInCircle'; readonly identity: Identity }
  | { readonly name: 'transferConflict' }
  | { readonly name: 'notPeerToPeer' }
  | { readonly name: 'recorderInvites' }
  | { readonly name: 'badTransferee'; readonly rule: 'missing' | 'application' | 'waits' }
  | { readonly name: 'participantNotFound'; readonly participantId: string }
  | { readonly name: 'ownParticipant' }
  | { readonly name: 'waitsInLobby' }
  | { readonly name: 'notInLobby'; readonly participantId: string }
  | ActionError
  | MediaError

/** What is refused of the actions in a call beside inviting. */
export type ActionError =
  | { readonly name: 'ownMediaNeeded' }
  | { readonly name: 'routingGroupNotFound'; readonly groupId: string }
  | { readonly name: 'routingGroupExists'; readonly groupId: string }
  | { readonly name: 'tooManyRoutingGroups'; readonly limit: number }
  | { readonly name: 'badRouting'; readonly rule: 'oneSource' | 'oneReceiver' | 'noReceiver' }
  | { readonly name: 'galleryExists' }
  | { readonly name: 'notSharing'; readonly participantId: string }
  | { readonly name: 'mayNotShow'; readonly participantId: string; readonly what: 'camera' | 'screen' }

/** What only operations of media are refused for. */
export type MediaError =
  | { readonly name: 'wrongMediaMode'; readonly mode: MediaConfig['type'] }
  | { readonly name: 'tooManyMediaOperations'; readonly limit: number }
  | { readonly name: 'holdInUse'; readonly participantId: string }
  | { readonly name: 'notOnHold'; readonly participantId: string }
