/** How an application came into a call: Graph's `meetingInfo`, which knows three ways. */
import type { Identity } from './identity.ts'

/** What every way has. */
interface AnyMeetingInfo {
  readonly allowConversationWithoutHost?: boolean
}

/** Graph's `organizerMeetingInfo`: by the organizer, beside the chat. */
export interface OrganizerMeetingInfo extends AnyMeetingInfo {
  readonly organizer: Identity
}

/** Graph's `tokenMeetingInfo`: by the token that came with an incoming call. */
export interface TokenMeetingInfo extends AnyMeetingInfo {
  readonly token: string
}

/** Graph's `joinMeetingIdMeetingInfo`: by what people type in. */
export interface JoinMeetingIdMeetingInfo extends AnyMeetingInfo {
  readonly joinMeetingId: string
  readonly passcode?: string
}

/** Graph's `meetingInfo`. */
export type MeetingInfo = OrganizerMeetingInfo | TokenMeetingInfo | JoinMeetingIdMeetingInfo
