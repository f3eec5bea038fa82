import type { Identity } from './identity.ts'
import type { CallManners } from './manners.ts'
import type { MediaInfo } from './media.ts'
import type { MoveBegins } from './meet.ts'
import type { MeetingInfo } from './meeting.ts'
import type { EndReason } from './reasons.ts'
import type { RecorderContext, RecordingStatus } from './recorder.ts'

/**
 * Where a call is in its life.
 *
 *     (created) ─────────────► establishing ──answered, joined──► established ──┐
 *     (rung) ──► incoming ──answer──► establishing                              │
 *                   │  │                   │                                    │
 *                   │  └──redirect──► redirecting ──taken, or by nobody─┐       │
 *                   └──reject, time-out────┴──busy, declined, ... ──► terminated ◄── hang-up, far end left, ...
 *
 *     established ──transfer──► transferring ──target answers──► transferAccepted ──target is in──► terminated
 *          ▲                        └───────────────────────────────────┴──target fails──┐
 *          └─────────────────────────────────────────────────────────────────────────────┘
 *
 * `terminating` exists on the wire alone: an application's own hang-up is announced with it before the end.
 */
export type CallState =
  | {
      readonly name: 'incoming'
      readonly since: number
      readonly answerBy: number
      /** Why the incoming notification could not be delivered so far. */
      readonly undelivered?: string
    }
  | {
      readonly name: 'establishing'
      readonly since: number
      readonly keepAliveBy: number
      /** A target is known to ring, and the application hears of such things (`CallManners.ringing`). */
      readonly ringing?: true
    }
  | {
      readonly name: 'redirecting'
      readonly since: number
      /** The target sees the application in the caller's place. */
      readonly maskCaller: boolean
      /** The caller sees the application in the target's place. */
      readonly maskCallee: boolean
      /** Until when the caller's media may take to come up, once a target has answered. */
      readonly takenUntil?: number
    }
  | {
      readonly name: 'established'
      readonly since: number
      readonly keepAliveBy: number
      /** Why the last transfer came to nothing. */
      readonly transferFailure?: TransferFailure
    }
  | {
      readonly name: 'transferring' | 'transferAccepted'
      readonly since: number
      readonly keepAliveBy: number
      /** The call that a consultative transfer takes the target out of. */
      readonly replacesCallId?: string
      /** What was said to the conversation in which somebody out of this group meets the target. */
      readonly out?: MoveBegins
    }
  | { readonly name: 'terminated'; readonly at: number; readonly reason: EndReason }

/** Why a transfer came to nothing, and which call it would have replaced. */
export interface TransferFailure {
  readonly reason: EndReason
  readonly replacesCallId?: string
}

/** The modalities of Graph's `modality` enumeration. */
export type Modality = 'audio' | 'video' | 'videoBasedScreenSharing' | 'data' | 'unknown'

/** How an application's own sound is carried. */
export interface MediaSocket {
  /** What the WebSocket brings: one mix of all others, or their voices apart. */
  readonly hears: 'mix' | 'voices'
  /** SHA-256 of the call's secret, in hex: whoever connects media has it. */
  readonly secretHash: string
}

/** Where the application's media is handled. `none`: it joined without media. */
export type MediaConfig =
  | {
      readonly type: 'serviceHosted'
      readonly preFetchMedia?: readonly MediaInfo[]
      readonly outsideDefaultMix?: true
    }
  | {
      readonly type: 'appHosted'
      readonly blob?: string
      /** The blob is Rollcall's own: the application's sound comes by a WebSocket, or by WebRTC. */
      readonly socket?: MediaSocket
      /** The application neither hears the mix that everybody hears nor is in it: Graph's `removeFromDefaultAudioGroup`. */
      readonly outsideDefaultMix?: true
    }
  | { readonly type: 'none' }

/** Graph's `incomingCallOptions` and `outgoingCallOptions`. */
export interface CallOptions {
  readonly isDeltaRosterEnabled?: boolean
  readonly isContentSharingNotificationEnabled?: boolean
  readonly isInteractiveRosterEnabled?: boolean
  readonly hideBotAfterEscalation?: boolean
}

/** Graph's `participantInfo` as far as a call's source needs it. */
export interface CallSource {
  readonly identity: Identity
  readonly region?: string
  readonly languageId?: string
  readonly countryCode?: string
  readonly endpointType?: 'default' | 'voicemail'
  /** The caller's roster id, for a call that comes in. */
  readonly sourceParticipantId?: string
}

/** One target of a call: Graph's `invitationParticipantInfo`. */
export interface CallTarget {
  readonly identity: Identity
}

/** Graph's `callRoute`: from whom to whom a call was rerouted. */
export interface CallRoute {
  readonly original: Identity
  readonly final: Identity
}

/** How loud others are for one participant: Graph's `participantMixerLevel`. */
export interface MixerLevel {
  readonly participantId: string
  /** Whether nobody but the sources is heard. */
  readonly exclusive: boolean
  readonly ducking?: {
    readonly rampActive: number
    readonly rampInactive: number
    readonly lowerLevel: number
    readonly upperLevel: number
  }
  readonly sources: readonly {
    readonly participantId: string
    readonly level: number
    readonly duckOthers: boolean
  }[]
}

/** Somebody whom an application has put on hold. */
export interface Hold {
  readonly participantId: string
  /** The operation that did it. */
  readonly operationId: string
  /** What they hear; music of the media engine's own without it. */
  readonly prompt?: MediaInfo
}

/** One application's leg in a conversation, and its Graph resource. */
export interface Call {
  readonly id: string
  readonly appId: string
  readonly tenantId: string
  readonly direction: 'incoming' | 'outgoing'
  readonly state: CallState
  readonly callbackUri: string
  /** The application's `Scenario-Id`; for an incoming call the chain id. */
  readonly scenarioId: string
  readonly manners: CallManners
  readonly source: CallSource
  readonly targets: readonly CallTarget[]
  readonly requestedModalities: readonly Modality[]
  readonly mediaConfig: MediaConfig
  readonly callOptions?: CallOptions
  /** How many people it can record in this call, if it came to record; one unless it said so. */
  readonly participantCapacity?: number
  /** How the application came in, or may come in again; if absent, as the conversation says. */
  readonly meetingInfo?: MeetingInfo
  /** How loud this call's application wants whom to be for whom: Graph's `participantMixerLevel`. */
  readonly mixerLevels?: readonly MixerLevel[]
  /** Whether the application waits in the lobby once its media is up (contract: join as guest). */
  readonly entersLobby?: boolean
  /** Whom it came to record, if a recording policy called it. */
  readonly recorder?: RecorderContext
  /** Whether the application's own media is connected, if it comes by Rollcall's own ways. */
  readonly mediaUp?: boolean
  /** Whether that media brings the application what is said; it may only carry what the application says. */
  readonly mediaHears?: boolean
  /** What its application has said of its recording, if anything. */
  readonly recordingStatus?: RecordingStatus
  /** The application's own roster id: Graph's `myParticipantId`. */
  readonly participantId: string
  readonly createdAt: number
  /** How many notifications this call has caused: the number of the newest one. */
  readonly notified: number
  /** Whether the application has had the whole roster, so that a delta can follow. */
  readonly rosterSent: boolean
  /** The number of the newest tone, for an application that subscribed to tones: Graph's `toneInfo.sequenceId`. */
  readonly toneSequence?: number
  /** Whom the application has on hold: one at a time (contract: start hold music). */
  readonly hold?: Hold
  /** How the call came to where it is: Graph's `callRoutes`. */
  readonly routes?: readonly CallRoute[]
  /** Who answered in the place of whom was called, as far as the application may know. */
  readonly answeredBy?: Identity
  /** Who transferred somebody to this application: `incomingContext.transferor`. */
  readonly transferor?: Identity
  /** How long targets ring, in milliseconds, if the application said so. */
  readonly ringTimeout?: number
}

/** Whether the call's application is in the conversation: it has joined and not left. */
export function isIn({ state }: Call): boolean {
  return state.name === 'established' || state.name === 'transferring' || state.name === 'transferAccepted'
}

/** Whether the call has not ended. */
export function isLive(call: Call): boolean {
  return call.state.name !== 'terminated'
}

/** Who appears as the caller of a recorder's call: the caller of the call that is recorded. */
export function sourceFor({ observed, otherSide }: RecorderContext): CallSource {
  const { identity, participantId } = observed.method === 'Callee' && otherSide ? otherSide : observed
  return { identity, sourceParticipantId: participantId }
}

/** Whether the application handles its media itself, and connects it by Rollcall's own ways. */
export function hasOwnMedia({ mediaConfig }: Call): boolean {
  return mediaConfig.type === 'appHosted' && mediaConfig.socket !== undefined
}

/** Whether the application has media: its own, where it is Rollcall's, may be away. */
export function hasMedia(call: Call): boolean {
  return !hasOwnMedia(call) || call.mediaUp === true
}

/** Whether the application hears anything with its media. */
export function canHear(call: Call): boolean {
  return hasMedia(call) && call.mediaHears !== false
}
