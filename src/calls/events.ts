import type { Call, CallState } from './call.ts'
import type { Conversation } from './conversation.ts'
import type { Identity } from './identity.ts'
import type { Tone } from './media.ts'
import type { EndReason } from './reasons.ts'
import type { RecordingStatus } from './recorder.ts'

/** Everything that can happen in a conversation, in the past tense. The timeline is made of these. */
export type Event =
  | {
      readonly type: 'CallCreated'
      readonly callId: string
      readonly appId: string
      readonly direction: Call['direction']
      readonly mode: Conversation['mode']
    }
  | {
      readonly type: 'CallStateChanged'
      readonly callId: string
      readonly from: CallState['name']
      readonly to: CallState['name']
      readonly reason?: EndReason
    }
  | { readonly type: 'KeptAlive'; readonly callId: string; readonly until: number }
  | { readonly type: 'CallMediaConnected' | 'CallMediaLost'; readonly callId: string }
  | { readonly type: 'Escalated'; readonly callId: string }
  | { readonly type: 'OperationStarted'; readonly callId: string; readonly operationId: string }
  | {
      readonly type: 'OperationEnded'
      readonly callId: string
      readonly operationId: string
      readonly status: 'completed' | 'failed'
      readonly reasons: readonly EndReason[]
    }
  | { readonly type: 'MediaStarted'; readonly callId: string; readonly operationId: string }
  | { readonly type: 'TonePressed'; readonly participantId: string; readonly tone: Tone }
  | { readonly type: 'HoldBegan'; readonly callId: string; readonly participantId: string }
  | { readonly type: 'HoldEnded'; readonly callId: string; readonly participantId: string }
  | {
      readonly type: 'InviteeRung'
      readonly participantId: string
      readonly identity: Identity
      /** Which link of a chain of fallbacks it is, from 1; absent for the invitee itself. */
      readonly link?: number
      readonly legId?: string
    }
  | { readonly type: 'InviteeRings'; readonly participantId: string; readonly identity: Identity }
  | { readonly type: 'InviteeAnswered'; readonly participantId: string; readonly identity: Identity }
  /** Is there, and waits for the others of an invite for all or nobody. */
  | { readonly type: 'InviteeHeld'; readonly participantId: string; readonly identity: Identity }
  | {
      readonly type: 'InviteeFailed'
      readonly participantId: string
      readonly identity: Identity
      readonly reason: EndReason
      /** How long it was rung at most, in milliseconds, if the invite said so. */
      readonly ringTimeout?: number
    }
  /** A fallback was passed over. */
  | {
      readonly type: 'FallbackSkipped'
      readonly participantId: string
      readonly identity: Identity
      readonly reason: EndReason
    }
  | {
      readonly type: 'ParticipantJoined'
      readonly participantId: string
      readonly identity: Identity
      readonly lobby: boolean
    }
  | { readonly type: 'ParticipantAdmitted'; readonly participantId: string; readonly identity: Identity }
  | {
      readonly type: 'ParticipantLeft'
      readonly participantId: string
      readonly identity: Identity
      readonly reason: EndReason
    }
  | { readonly type: 'ParticipantAway'; readonly participantId: string; readonly away: boolean }
  | {
      readonly type: 'ParticipantMuted'
      readonly participantId: string
      readonly muted: boolean
      readonly by: 'self' | 'application'
    }
  | { readonly type: 'CameraChanged'; readonly participantId: string; readonly shown: boolean }
  | { readonly type: 'ScreenSharingChanged'; readonly participantId: string; readonly sharing: boolean }
  | {
      readonly type: 'ContentSharingChanged'
      readonly sessionId: string
      readonly participantId: string
      readonly change: 'created' | 'updated' | 'deleted'
    }
  | {
      readonly type: 'AudioRoutingChanged'
      readonly callId: string
      readonly groupId: string
      readonly change: 'created' | 'updated' | 'deleted'
    }
  | { readonly type: 'MixerConfigured'; readonly callId: string }
  | {
      readonly type: 'QualityReported'
      readonly callId: string
      /** Graph's `teleconferenceDeviceQuality`, as it came. */
      readonly report: Readonly<Record<string, unknown>>
    }
  | {
      readonly type: 'RecorderCalled' | 'RecorderAsked' | 'RecorderAttached'
      readonly callId: string
      readonly participantId: string
      /** Who is, or is to be, recorded. */
      readonly identity: Identity
      readonly policy: string
    }
  | {
      readonly type: 'RecorderFailed'
      readonly participantId: string
      readonly identity: Identity
      readonly appId: string
      readonly policy: string
      readonly reason: EndReason
    }
  | { readonly type: 'RecordingStatusUpdated'; readonly callId: string; readonly status: RecordingStatus }
  | { readonly type: 'CallRecordingBegan' | 'CallRecordingStopped'; readonly recordingId: string }
  | {
      readonly type: 'CallRecordingStored'
      readonly recordingId: string
      /** Under which it can be fetched. */
      readonly fileId: string
      readonly bytes: number
      /** Milliseconds. */
      readonly duration: number
    }
  | { readonly type: 'CallRecordingFailed'; readonly recordingId: string; readonly detail: string }
  /** `identity`: who turned it on, or off. */
  | { readonly type: 'TranscriptionStarted' | 'TranscriptionStopped'; readonly identity: Identity }
  | { readonly type: 'RosterChanged'; readonly sequenceNumber: number }
  | {
      readonly type: 'MoveAsked'
      readonly participantId: string
      readonly identity: Identity
      readonly fromCallId: string
    }
  | { readonly type: 'MoveAllowed'; readonly participantId: string; readonly toConversationId: string }
  | { readonly type: 'MoveRefused'; readonly callId: string; readonly reason: EndReason }
  | { readonly type: 'MoveFinished'; readonly participantId: string; readonly toConversationId: string }
  | { readonly type: 'IncomingUndelivered'; readonly callId: string; readonly detail: string }
  | { readonly type: 'Resumed' }
  | { readonly type: 'ConversationEnded' }
