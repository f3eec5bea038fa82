/** What policy-based recording knows of people and of the applications that record them; `recording.ts` acts on it. */
import type { Identity } from './identity.ts'
import type { RecordingDuty } from './reach.ts'

/**
 * How far one application is with recording one person.
 *
 *     due ──the person's leg is up, a recorder has room──► asking ──accept──► attached
 *      │                                                     ├─ inviteNewBot ──► ringing
 *      │                                                     └─ reject, bad or no answer ──► (failed)
 *      └──the person's leg is up, no recorder has room──► ringing ──its call is established──► attached
 *                                                            └─ rejected, not answered ──► (failed)
 *     attached ──the recorder's call ends──► (failed)          any ──the person is gone──► (over)
 */
export type RecordingState =
  | { readonly name: 'due' }
  | { readonly name: 'ringing'; readonly callId: string; readonly until: number }
  | { readonly name: 'asking'; readonly callId: string; readonly until: number }
  | { readonly name: 'attached'; readonly callId: string; readonly since: number }

/** How somebody comes into the conversation: `DialOut` is invited into a group, `DialIn` enters of their own accord. */
export type ParticipationMethod = 'Caller' | 'Callee' | 'DialOut' | 'DialIn'

/** One application that records, or is to record, one person. */
export interface Recording {
  /** The person: an invitation's id, and later its participant's. */
  readonly participantId: string
  readonly duty: RecordingDuty
  readonly method: ParticipationMethod
  readonly state: RecordingState
}

/** What an application says of its recording: Graph's `recordingStatus`. */
export type RecordingStatus = 'notRecording' | 'recording' | 'failed'

/** Graph's `recordingInfo`: what is said of the recording of a participant, and by which application. */
export interface ShownRecording {
  readonly status: RecordingStatus
  readonly by: Identity
}

/** Whom a recorder's call, or a question to it, is about: the members of `incomingContext` and of `botData`. */
export interface RecorderContext {
  readonly policy: string
  /** The person who is to be recorded. */
  readonly observed: {
    readonly participantId: string
    readonly identity: Identity
    readonly method: ParticipationMethod
  }
  /** The other side of a peer-to-peer call. */
  readonly otherSide?: {
    readonly participantId: string
    readonly identity: Identity
    readonly method: ParticipationMethod
  }
  /** The other applications that the policy names. */
  readonly others: readonly { readonly identity: Identity; readonly participantId: string }[]
  readonly isMultiParty: boolean
}

/** The answer of a recorder to the question whether it records one more person, or why it is none. */
export type JoiningAnswer =
  | { readonly type: 'accept' }
  | { readonly type: 'reject'; readonly reason: 'none' | 'busy' | 'forbidden' }
  /** The application is to get a new incoming call, at this address. */
  | { readonly type: 'inviteNewBot'; readonly inviteUri: string }
  | { readonly type: 'invalid'; readonly detail: string }
