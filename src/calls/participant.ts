import type { Address, Identity, Locale } from './identity.ts'
import type { ShownRecording } from './recorder.ts'

/**
 * One connected party of a conversation.
 *
 *     calling ──the bot answers──► connected ──leaves, is removed, moves──► (gone)
 *        held ──the recorder came──► connected
 *                  lobby ──admitted──► connected
 *                    └──never admitted──► (gone)
 *
 * `calling` is a person who rang a bot and waits for its answer: not on the roster yet. `held` is a person whose leg is
 * up and who may not come in before a recorder is there: not on the roster either. Whoever is to come out of the lobby
 * and needs a recorder stays there, `admitted`.
 */
export type ParticipantState =
  | { readonly name: 'calling'; readonly since: number }
  | { readonly name: 'held'; readonly since: number }
  | { readonly name: 'lobby'; readonly since: number; readonly until: number; readonly admitted?: true }
  | { readonly name: 'connected'; readonly since: number }

/** Who carries the participant: somebody at an endpoint, or an application through its call. */
export type Party =
  | { readonly type: 'person'; readonly address: Address }
  | { readonly type: 'application'; readonly callId: string }
  /** Something of the service's own that a call asked for, such as a large gallery; it is nobody's company. */
  | { readonly type: 'service'; readonly callId: string }

/** A participant: a user, phone, guest or application in the conversation. Graph's `participant` is a view of it. */
export interface Participant {
  readonly id: string
  readonly identity: Identity
  readonly party: Party
  readonly state: ParticipantState
  /** Muted by themselves or by an application. */
  readonly isMuted: boolean
  /** Muted by an application: Graph's `mediaStream.serverMuted`. */
  readonly serverMuted: boolean
  /** They have put the call on hold. */
  readonly away?: true
  /** The participant shows its camera; that stream has this number. */
  readonly camera?: { readonly sourceId: number }
  /** The participant shares its screen; that stream has this number. */
  readonly screen?: { readonly sourceId: number }
  /** What the applications that record it have said: Graph's `recordingInfo`. */
  readonly recording?: ShownRecording
  /** What an application attached to it: Graph's opaque `metadata`. */
  readonly metadata?: string
  /** Hidden participants are in the conversation but on nobody's roster. */
  readonly hidden: boolean
  /** Neither hears the mix that everybody hears nor is in it: Graph's `removeFromDefaultAudioRoutingGroup`. */
  readonly outsideDefaultMix?: true
  readonly locale?: Locale
  /** Which link of an invitee's chain of fallbacks it is, if it came by one. */
  readonly link?: number
  /** Number of the audio stream, unique within the conversation; decimal digits on the wire. */
  readonly sourceId: number
  readonly endpointType: 'default' | 'voicemail'
  /** Their part in a meeting that is known, if they came of their own accord. */
  readonly role?: 'organizer' | 'presenter' | 'attendee'
  /** The meeting keeps their camera off. */
  readonly cameraOff?: true
  /** Whether the participant sends and hears audio (an application can join without media). */
  readonly audio: boolean
}

/** Whether the participant is in the call itself: not waiting for an answer and not in the lobby. */
export function isConnected(participant: Participant): boolean {
  return participant.state.name === 'connected'
}

/** Whether the participant's leg is up, and nothing but a recorder or others of the same invite keeps it out, if anything. */
export function isInside({ state }: Participant): boolean {
  return state.name === 'held' || state.name === 'connected' || (state.name === 'lobby' && state.admitted === true)
}

/** Whether the participant is company for the others: somebody, not something of the service's own. */
export function isSomebody(participant: Participant): boolean {
  return participant.party.type !== 'service'
}

/** Whether the participant is a person or a phone, not an application. */
export function isPerson(participant: Participant): boolean {
  return participant.party.type === 'person'
}
