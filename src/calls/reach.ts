/** How somebody is reached, and what comes with them: looked up and minted at the door. */
import type { Identity, Address, Locale } from './identity.ts'
import type { CallManners } from './manners.ts'
import type { EndReason } from './reasons.ts'

/** What an incoming call at an application needs to exist: minted and looked up at the door. */
export interface ApplicationLeg {
  readonly callId: string
  readonly appId: string
  readonly tenantId: string
  /** The application's registered notification address. */
  readonly callbackUri: string
  readonly manners: CallManners
  /** The identity under which it is called: application, or application instance. */
  readonly identity: Identity
  /** An application that may not know its callers sees this opaque id in their place. */
  readonly disguise?: string
  /** By which it can join again; of a call into a group call or meeting (contract: incoming to a group call). */
  readonly joinToken?: string
}

/** Whether somebody may be in without their recorder: `before` it has come, and `during` the rest of the call. */
export interface Requirement {
  readonly before: boolean
  readonly during: boolean
}

/** What a recording policy asks of one application for one person: looked up and minted at the door. */
export interface RecordingDuty {
  /** The policy's name. */
  readonly policy: string
  readonly inMeeting: Requirement
  /** In peer-to-peer and group calls. */
  readonly inCall: Requirement
  /** Who is to be recorded. */
  readonly holder: Identity
  /** The application's own incoming call in the conversation, should it need one. */
  readonly leg: ApplicationLeg
  /** The id that the application has among the participants then. */
  readonly participantId: string
}

/** How an invitee can be reached, as the directory says. */
export type Reach =
  | {
      readonly type: 'endpoint'
      readonly address: Address
      /** Who must record them, by a recording policy. */
      readonly duties?: readonly RecordingDuty[]
    }
  | { readonly type: 'application'; readonly leg: ApplicationLeg }
  | { readonly type: 'nowhere'; readonly reason: EndReason }

/** Somebody to be reached. */
export interface Reachable {
  readonly identity: Identity
  readonly reach: Reach
  /** How long it is rung, in milliseconds, if otherwise than the rules say. */
  readonly ringTimeout?: number
}

/** Who is rung in place of an invitee that does not come. */
export interface Fallback extends Reachable {
  /** Names its leg in records; the participant keeps the id of the invitee. */
  readonly legId: string
}

/** The call that an invitation pulls its invitee out of. */
export interface ReplacedCall {
  readonly callId: string
  readonly conversationId: string
}

/** One party to be brought in: its ids are minted and its reach looked up at the door. */
export interface Invitee extends Reachable {
  readonly participantId: string
  readonly hidden: boolean
  readonly outsideDefaultMix?: true
  readonly locale?: Locale
  /** Rung one after the other, under the same participant id, when those before did not come. */
  readonly fallbacks?: readonly Fallback[]
  /** The id in `replacesCallId`, in its one spelling if it is one, and the call behind it if it is the application's own. */
  readonly replaces?: {
    readonly callId: string
    readonly call?: ReplacedCall
    /** Which participant of that call, for somebody whose identity does not tell it. */
    readonly participantId?: string
  }
}
