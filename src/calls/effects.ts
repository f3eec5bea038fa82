import type { MediaSocket } from './call.ts'
import type { Command } from './commands.ts'
import type { Address, Identity } from './identity.ts'
import type { MediaEffect } from './media.ts'
import type { ParticipantState } from './participant.ts'
import type { EndReason } from './reasons.ts'

/**
 * Everything that the world must do after a decision is committed. An effect may be performed again after a restart, so
 * each names all that it needs; what comes of it returns as a command.
 */
export type Effect =
  /** Ring somebody. `since` is when ringing began: a restarted process goes on from there. */
  | {
      readonly type: 'Ring'
      readonly participantId: string
      readonly address: Address
      readonly caller: Identity
      readonly since: number
      /** Which link of a chain of fallbacks is rung; its reports say the same. */
      readonly link?: number
    }
  /** Stop ringing, or drop the leg if it is up. */
  | { readonly type: 'DropLeg'; readonly participantId: string; readonly address: Address; readonly reason: EndReason }
  /** The application has answered somebody who called it: bring the caller's media up. */
  | { readonly type: 'ConnectLeg'; readonly participantId: string; readonly address: Address }
  /** Move a leg that is up in another conversation into this one, without ringing; if it is not there, nothing is to be done. */
  | {
      readonly type: 'MoveLeg'
      readonly participantId: string
      readonly address: Address
      readonly from: { readonly conversationId: string; readonly participantId: string }
    }
  /** Bring the media of an application's call up; with `socket` it comes by one that the application opens. */
  | { readonly type: 'ConnectCall'; readonly callId: string; readonly socket?: MediaSocket }
  /**
   * Look after a leg that is there already: it came of its own accord, was there before a restart, or is in another state
   * than before. Nobody hears whoever is `held`.
   */
  | {
      readonly type: 'WatchLeg'
      readonly participantId: string
      readonly address: Address
      readonly state: ParticipantState['name']
      /** When it came into that state. */
      readonly since: number
    }
  | MediaEffect
  /** Say something to a conversation, this one or another. */
  | { readonly type: 'Tell'; readonly conversationId: string; readonly command: Command }
