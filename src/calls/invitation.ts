import type { Address, Identity, Locale } from './identity.ts'
import type { MeetPurpose } from './meet.ts'
import type { Fallback, ReplacedCall } from './reach.ts'
import type { EndReason } from './reasons.ts'

/**
 * One party being rung, for an operation or for the call that was created with it as a target. Never a roster row until
 * it is answered and its media is connected.
 *
 *     ringing ──answered──► connecting ──media connected──► (participant)
 *        │                      ├────────────────────────► (participant in the lobby) and `lobby` until admitted
 *        │                      └────────────────────────► (participant held) and `held` until its recorder came
 *        └──declined, busy, rang out, cancelled──► (settled)
 *     moving ──granted──► granted ──media connected──► (participant)        an invite with `replacesCallId`
 *        └──refused──► (settled)
 *     waiting ──the invited application answers──► (participant)            its own incoming call has the deadline
 *
 * In an invite for all or nobody, whoever is there before the others is held, stays in the lobby although admitted, or has a
 * call that stays establishing (`together.ts`). Where an invitee has fallbacks, the next one is rung in its place before the
 * invitation is settled (`fallback.ts`).
 */
export type InvitationState =
  | { readonly name: 'ringing'; readonly since: number; readonly until: number }
  | { readonly name: 'connecting'; readonly since: number; readonly until: number }
  | { readonly name: 'lobby' | 'held'; readonly since: number }
  | {
      readonly name: 'moving'
      readonly since: number
      readonly until: number
      readonly from: ReplacedCall
      /** The participant of the replaced call that the invite named, if it named one. */
      readonly participantId?: string
    }
  | {
      readonly name: 'granted'
      readonly since: number
      readonly until: number
      readonly from: ReplacedCall
      /** The participant that is being moved, as the replaced conversation knows it. */
      readonly participantId: string
    }
  | {
      readonly name: 'waiting'
      readonly since: number
      readonly callId: string
      /** When whoever redirected or transferred to the application gives up. */
      readonly until?: number
      /** Its media is up, and it waits for the others of an invite for all or nobody. */
      readonly connected?: true
    }

/** What the invitation is for: an invite's operation, the creation, redirection or transfer of a call, a person's call, or a meeting of two. */
export type InvitationPurpose =
  | { readonly type: 'operation'; readonly operationId: string }
  | { readonly type: 'create' | 'redirect' | 'transfer'; readonly callId: string }
  /** A person calls: their participant waits, `calling`. */
  | { readonly type: 'talk'; readonly callerId: string }
  | MeetPurpose

/** Whether the invitee is a participant already, who waits in the lobby or for a recorder. */
export function waitsInside({ state }: Invitation): boolean {
  return state.name === 'lobby' || state.name === 'held'
}

/** An invitation that is under way. Its id becomes the participant's. */
export interface Invitation {
  readonly id: string
  readonly identity: Identity
  readonly purpose: InvitationPurpose
  /** Where to ring; absent for an application, which is told through its own incoming call. */
  readonly address?: Address
  /** Why the invitee cannot be reached at all, if so: reported like an endpoint's answer. */
  readonly unreachable?: EndReason
  readonly hidden: boolean
  /** To be kept out of the mix that everybody hears. */
  readonly outsideDefaultMix?: true
  readonly locale?: Locale
  /** How long it is rung, in milliseconds, if the invite said so. */
  readonly ringTimeout?: number
  /** Which link of its chain is being reached, from 0; absent where there is no chain. */
  readonly link?: number
  /** Who is rung next. */
  readonly fallbacks?: readonly Fallback[]
  readonly state: InvitationState
}

/** The call of an invited application that is on its way. */
export function ownCallId({ state }: Invitation): string | undefined {
  return state.name === 'waiting' ? state.callId : undefined
}
