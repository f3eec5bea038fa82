/** What policy-based recording knows of people and of the applications that record them; `recording.ts` acts on it. */
import type { CallSource } from './call.ts'
import type { ApplicationLeg } from './commands.ts'
import type { Conversation } from './conversation.ts'
import type { Identity } from './identity.ts'
import type { Participant } from './participant.ts'

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

/** Who appears as the caller of a recorder's call: the caller of the call that is recorded. */
export function sourceFor({ observed, otherSide }: RecorderContext): CallSource {
  const { identity, participantId } = observed.method === 'Callee' && otherSide ? otherSide : observed
  return { identity, sourceParticipantId: participantId }
}

/** What the policy requires in the kind of conversation that this is. */
export function requirementOf({ mode }: Conversation, { duty }: Recording): Requirement {
  return mode === 'meeting' ? duty.inMeeting : duty.inCall
}

/** Whether somebody may not be in the conversation yet, because a recorder that they need first is not there. */
export function awaitsRecorder(conversation: Conversation, participantId: string): boolean {
  return conversation.recordings.some(
    (one) =>
      one.participantId === participantId && one.state.name !== 'attached' && requirementOf(conversation, one).before,
  )
}

/** Whether a participant is an application that came to record others. */
export function isRecorder({ calls }: Pick<Conversation, 'calls'>, { party }: Participant): boolean {
  return party.type === 'application' && calls.some(({ id, recorder }) => id === party.callId && recorder !== undefined)
}
