import type { CallOptions, CallSource, MediaConfig, MixerLevel, Modality } from './call.ts'
import type { AudioRoutingGroup, ChatInfo } from './conversation.ts'
import type { Address, Identity } from './identity.ts'
import type { CallManners } from './manners.ts'
import type { MediaEnded, PlayTask, RecordTask, SendTonesTask, Tone, MediaInfo } from './media.ts'
import type { MeetingInfo, OrganizerMeetingInfo } from './meeting.ts'
import type { CallRecordingEnded, RecordConversation } from './call-recording-commands.ts'
import type { RecordingDuty, ApplicationLeg, Invitee } from './reach.ts'
import type { ControlTranscription, Transcribe } from './transcription-commands.ts'
import type { MoveCommand } from './move-commands.ts'
import type { InviteMode } from './operation.ts'
import type { Participant } from './participant.ts'
import type { EndReason } from './reasons.ts'
import type { JoiningAnswer, RecordingStatus } from './recorder.ts'

/** What an application gives when it creates or joins a call. */
interface NewCall {
  readonly conversationId: string
  readonly callId: string
  readonly appId: string
  readonly tenantId: string
  readonly callChainId: string
  readonly participantId: string
  readonly callbackUri: string
  readonly scenarioId: string
  readonly manners: CallManners
  readonly source: CallSource
  readonly requestedModalities: readonly Modality[]
  readonly mediaConfig: MediaConfig
  readonly callOptions?: CallOptions
  readonly subject?: string
}

/** `POST /communications/calls` with targets. One target makes a peer-to-peer call, more a group call. */
export interface CreateCall extends NewCall {
  readonly type: 'CreateCall'
  readonly targets: readonly Invitee[]
  readonly chatInfo: ChatInfo
  /** How long the targets ring, in milliseconds, if not as usual. */
  readonly ringTimeout?: number
}

/** `POST /communications/calls` with `meetingInfo`. */
export interface JoinMeeting extends NewCall {
  readonly type: 'JoinMeeting'
  readonly chatInfo: ChatInfo
  /** Of a meeting; without it the conversation must be live already. */
  readonly meetingInfo?: OrganizerMeetingInfo
  /** By which token or meeting id the application came; if absent, by the organizer. */
  readonly joinedBy?: MeetingInfo
  /** Whether the application must wait in the lobby. */
  readonly lobby?: boolean
}

/** `answer`. */
export interface Answer {
  readonly type: 'Answer'
  readonly callId: string
  readonly appId: string
  readonly callbackUri?: string
  readonly mediaConfig: MediaConfig
  readonly acceptedModalities?: readonly Modality[]
  readonly callOptions?: CallOptions
  readonly participantCapacity?: number
  /** How the application wants to hear of the call from now on, if otherwise than so far. */
  readonly manners?: CallManners
}

/** `reject`. */
export interface Reject {
  readonly type: 'Reject'
  readonly callId: string
  readonly appId: string
  readonly reason: 'none' | 'busy' | 'forbidden'
  readonly callbackUri?: string
}

/** `redirect`: somebody else is to take the call, whoever of them answers first. */
export interface Redirect {
  readonly type: 'Redirect'
  readonly callId: string
  readonly appId: string
  readonly targets: readonly Invitee[]
  /** How long the targets ring, in milliseconds. */
  readonly timeout: number
  readonly maskCallee: boolean
  readonly maskCaller: boolean
  readonly callbackUri?: string
}

/** `transfer`: the other side of the call is connected with somebody else, and the application leaves. */
export interface Transfer {
  readonly type: 'Transfer'
  readonly callId: string
  readonly appId: string
  readonly target: Invitee
  /** Who is transferred, where the request says so. */
  readonly transferee?: { readonly identity?: Identity; readonly participantId?: string }
  /** Where somebody who is transferred out of a group call meets the target; absent if the version knows no such thing. */
  readonly out?: {
    readonly conversationId: string
    readonly participantId: string
    /** Who must record them there, by a recording policy. */
    readonly duties?: readonly RecordingDuty[]
  }
}

/** `keepAlive`. */
export interface KeepAlive {
  readonly type: 'KeepAlive'
  readonly callId: string
  readonly appId: string
}

/** `DELETE` of the call: the application hangs up its own leg. */
export interface HangUp {
  readonly type: 'HangUp'
  readonly callId: string
  readonly appId: string
}

/** `participants/invite`. */
export interface Invite {
  readonly type: 'Invite'
  readonly callId: string
  readonly appId: string
  readonly operationId: string
  readonly clientContext?: string
  readonly invitees: readonly Invitee[]
  /** What an invite into a peer-to-peer call does, by wire version. */
  readonly escalation: 'never' | 'one' | 'any'
  /** The chat of the group call that an escalation makes. */
  readonly chatInfo: ChatInfo
  /** All or nobody, or whoever comes first; if absent, each for themselves. An invitee that replaces a call comes alone. */
  readonly mode?: InviteMode
  /** Whether the application asked for the outcome of each invitee (`Prefer: rollcall.outcomes`). */
  readonly outcomes?: true
}

/** `DELETE` of a participant or of an invitee who is still being rung. */
export interface RemoveParticipant {
  readonly type: 'RemoveParticipant'
  readonly callId: string
  readonly appId: string
  readonly participantId: string
}

/** `mute`, `unmute`, and their kin for others. */
export interface Mute {
  readonly type: 'Mute'
  readonly callId: string
  readonly appId: string
  readonly operationId: string
  readonly clientContext?: string
  readonly muted: boolean
  /** The application itself, one other participant, or several: those named, else all others. */
  readonly whom:
    | { readonly type: 'self' }
    | { readonly type: 'one'; readonly participantId: string }
    | { readonly type: 'several'; readonly participantIds?: readonly string[] }
}

/** `changeScreenSharingRole`. */
export interface ChangeScreenSharingRole {
  readonly type: 'ChangeScreenSharingRole'
  readonly callId: string
  readonly appId: string
  readonly role: 'viewer' | 'sharer'
}

/** `addLargeGalleryView`. */
export interface AddLargeGalleryView {
  readonly type: 'AddLargeGalleryView'
  readonly callId: string
  readonly appId: string
  readonly operationId: string
  readonly clientContext?: string
}

/** `configureMixer`. */
export interface ConfigureMixer {
  readonly type: 'ConfigureMixer'
  readonly callId: string
  readonly appId: string
  readonly operationId: string
  readonly clientContext?: string
  readonly levels: readonly MixerLevel[]
}

/** `logTeleconferenceDeviceQuality`: a device of the application's reports how its media was. */
export interface ReportQuality {
  readonly type: 'ReportQuality'
  readonly appId: string
  readonly callChainId: string
  /** The application's own participant. */
  readonly participantId: string
  /** Graph's `teleconferenceDeviceQuality`, as it came. */
  readonly report: Readonly<Record<string, unknown>>
}

/** The service has made what an operation asked it for. */
export interface ServiceReady {
  readonly type: 'ServiceReady'
  readonly operationId: string
  /** Id of the participant that it is, if it is one. */
  readonly participantId: string
}

/** `audioRoutingGroups`: create, change, delete. */
export type RouteAudio = {
  readonly type: 'RouteAudio'
  readonly callId: string
  readonly appId: string
  readonly groupId: string
} & (
  | { readonly action: 'create'; readonly group: Omit<AudioRoutingGroup, 'id' | 'callId'> }
  | { readonly action: 'update'; readonly group: Partial<Omit<AudioRoutingGroup, 'id' | 'callId'>> }
  | { readonly action: 'delete' }
)

/** What people do of their own accord while they are in. */
export type PersonActs =
  | { readonly type: 'PersonMutes'; readonly participantId: string; readonly muted: boolean }
  /** Puts the call on hold, or takes it up again: whoever is away neither hears nor is heard. */
  | { readonly type: 'PersonHolds'; readonly participantId: string; readonly away: boolean }
  | { readonly type: 'PersonShowsCamera'; readonly participantId: string; readonly shown: boolean }
  | { readonly type: 'PersonShares'; readonly participantId: string; readonly sessionId: string }
  | { readonly type: 'PersonStopsSharing'; readonly participantId: string }

/** What every action on a call gives that becomes an operation. */
interface Action {
  readonly callId: string
  readonly appId: string
  readonly operationId: string
  readonly clientContext?: string
}

/** `playPrompt`. */
export interface PlayPrompt extends Action {
  readonly type: 'PlayPrompt'
  readonly task: PlayTask
}

/** `recordResponse`. */
export interface RecordResponse extends Action {
  readonly type: 'RecordResponse'
  readonly task: RecordTask
}

/** `sendDtmfTones`. */
export interface SendDtmfTones extends Action {
  readonly type: 'SendDtmfTones'
  readonly task: SendTonesTask
}

/** `cancelMediaProcessing`. */
export interface CancelMediaProcessing extends Action {
  readonly type: 'CancelMediaProcessing'
}

/** `subscribeToTone`. */
export interface SubscribeToTone extends Action {
  readonly type: 'SubscribeToTone'
}

/** `updateRecordingStatus`. */
export interface UpdateRecordingStatus extends Action {
  readonly type: 'UpdateRecordingStatus'
  readonly status: RecordingStatus
}

/** `participants/{id}/startHoldMusic`. */
export interface HoldParticipant extends Action {
  readonly type: 'HoldParticipant'
  readonly participantId: string
  readonly prompt?: MediaInfo
}

/** `participants/{id}/stopHoldMusic`. */
export interface UnholdParticipant extends Action {
  readonly type: 'UnholdParticipant'
  readonly participantId: string
}

/** Everything that concerns the media of a call. */
export type MediaCommand =
  | PlayPrompt
  | RecordResponse
  | SendDtmfTones
  | CancelMediaProcessing
  | SubscribeToTone
  | HoldParticipant
  | UnholdParticipant
  | MediaEnded

/** A person or phone calls an application. */
export interface PersonCalls {
  readonly type: 'PersonCalls'
  readonly conversationId: string
  readonly tenantId: string
  readonly callChainId: string
  readonly caller: {
    readonly participantId: string
    readonly source: CallSource
    readonly address: Address
    /** Who must record them, by a recording policy. */
    readonly duties?: readonly RecordingDuty[]
  }
  readonly target: ApplicationLeg
  /** Roster id that the application gets when it answers. */
  readonly applicationParticipantId: string
}

/** A person or phone calls another one: a call of two without any application. */
export interface PersonCallsPerson {
  readonly type: 'PersonCallsPerson'
  readonly conversationId: string
  readonly tenantId: string
  readonly callChainId: string
  readonly caller: PersonCalls['caller']
  readonly target: Invitee
}

/** A person joins a group call or meeting of their own accord. */
export interface PersonJoins {
  readonly type: 'PersonJoins'
  readonly participantId: string
  readonly identity: Identity
  readonly address: Address
  readonly lobby: boolean
  readonly role?: Participant['role']
  /** They may not show their camera. */
  readonly cameraOff?: true
  /** Who must record them, by a recording policy. */
  readonly duties?: readonly RecordingDuty[]
  /** The meeting that they open if nobody is in it; without it the conversation must be live. */
  readonly meeting?: MeetingPlace
}

/** A meeting as a conversation: what its first visitor brings. */
export type MeetingPlace = Pick<JoinMeeting, 'conversationId' | 'tenantId' | 'callChainId' | 'chatInfo'> & {
  readonly meetingInfo: OrganizerMeetingInfo
  readonly subject?: string
}

/** Somebody lets a participant in from the lobby. */
export interface Admit {
  readonly type: 'Admit'
  readonly participantId: string
}

/** Somebody lets everybody in who waits in the lobby. */
export interface AdmitAll {
  readonly type: 'AdmitAll'
}

/** Somebody turns away a participant who waits in the lobby. */
export interface TurnAway {
  readonly type: 'TurnAway'
  readonly participantId: string
}

/** The organizer ends a meeting or group call for everybody. */
export interface EndForAll {
  readonly type: 'EndForAll'
}

/** Whose leg a report is about: both as in the ring. Without `link` it is whoever is reached for now. */
export interface ReportedLeg {
  readonly participantId: string
  readonly link?: number
}

/** A leg that is or rings at a place; see `Address.device`. */
export interface PlacedLeg extends ReportedLeg {
  readonly device?: string
}

/** What endpoints report: a leg's signalling and media. */
export type LegReport =
  | (PlacedLeg & { readonly type: 'LegRinging' })
  | (PlacedLeg & { readonly type: 'LegAnswered' })
  | (PlacedLeg & {
      readonly type: 'LegConnected'
      readonly endpointType: 'default' | 'voicemail'
      readonly lobby: boolean
    })
  | (ReportedLeg & { readonly type: 'LegFailed'; readonly reason: EndReason })
  | (ReportedLeg & { readonly type: 'LegLeft' })
  /** A key was pressed. */
  | { readonly type: 'TonePressed'; readonly participantId: string; readonly tone: Tone }
  | Transcribe

/** The application's own media is connected, after it answered or joined. */
export interface CallConnected {
  readonly type: 'CallConnected'
  readonly callId: string
}

/** What is reported of an application's own media. */
export type OwnMediaReport = CallMediaChanged | CallMediaFailed

/** The application's own media is connected, or is away: it may come back. */
export interface CallMediaChanged {
  readonly type: 'CallMediaChanged'
  readonly callId: string
  readonly isUp: boolean
  /** Whether the application hears by it. */
  readonly hears: boolean
}

/** The application's own media did not come in time, or was lost and did not come back. */
export interface CallMediaFailed {
  readonly type: 'CallMediaFailed'
  readonly callId: string
  readonly reason: 'bot-media-unreachable' | 'media-lost'
}

/** What delivery reports of an incoming call's first notification. */
export type DeliveryReport =
  | { readonly type: 'IncomingUndelivered'; readonly callId: string; readonly detail: string; readonly final: boolean }
  | { readonly type: 'IncomingDelivered'; readonly callId: string }

/** What a recorder answered to the question whether it records one more person. */
export interface JoiningAnswered {
  readonly type: 'JoiningAnswered'
  readonly callId: string
  readonly participantId: string
  readonly answer: JoiningAnswer
}

/** A deadline has come. */
export interface Wake {
  readonly type: 'Wake'
}

/** The process has restarted: whatever was under way must go on. */
export interface Resumed {
  readonly type: 'Resumed'
}

/** Everything that can be asked of a conversation. */
export type Command =
  | CreateCall
  | JoinMeeting
  | Answer
  | Reject
  | Redirect
  | Transfer
  | KeepAlive
  | HangUp
  | Invite
  | RemoveParticipant
  | Mute
  | ChangeScreenSharingRole
  | AddLargeGalleryView
  | ConfigureMixer
  | ServiceReady
  | ReportQuality
  | RouteAudio
  | PersonActs
  | PersonCalls
  | PersonCallsPerson
  | PersonJoins
  | Admit
  | AdmitAll
  | TurnAway
  | EndForAll
  | LegReport
  | CallConnected
  | OwnMediaReport
  | RecordConversation
  | CallRecordingEnded
  | ControlTranscription
  | MediaCommand
  | MoveCommand
  | DeliveryReport
  | JoiningAnswered
  | UpdateRecordingStatus
  | Wake
  | Resumed
