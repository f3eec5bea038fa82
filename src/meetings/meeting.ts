/** What an online meeting is, apart from where it is kept and how Graph writes it. */
import type { ChatInfo } from '../calls/conversation.ts'

/** Who comes in without waiting in the lobby: Graph's `lobbyBypassScope`. */
export const lobbyScopes = [
  'organizer',
  'organization',
  'organizationExcludingGuests',
  'organizationAndFederated',
  'invited',
  'everyone',
] as const

/** Who may present: Graph's `onlineMeetingPresenters`. */
export const presenterScopes = ['everyone', 'organization', 'roleIsPresenter', 'organizer'] as const

/** The roles that an attendee can be given: Graph's `onlineMeetingRole`. */
export const attendeeRoles = ['attendee', 'presenter', 'coorganizer', 'producer'] as const

/** Who comes in without waiting. */
export interface LobbySettings {
  readonly scope: (typeof lobbyScopes)[number]
  /** Whether phones come in without waiting, whatever the scope. */
  readonly isDialInBypassEnabled: boolean
}

/** Somebody who is expected: a user of the organizer's tenant or of another one, known by name or id. */
export interface Attendee {
  readonly id?: string
  readonly displayName?: string
  readonly tenantId?: string
  readonly upn?: string
  readonly role: (typeof attendeeRoles)[number]
}

/** A meeting: a place to join, with its settings. Moments are milliseconds since the epoch. */
export interface Meeting {
  readonly id: string
  readonly tenantId: string
  readonly organizerId: string
  readonly threadId: string
  readonly createdAt: number
  readonly startsAt: number
  readonly endsAt: number
  readonly subject?: string
  /** By which `createOrGet` finds it, among the meetings of its organizer. */
  readonly externalId?: string
  readonly attendees: readonly Attendee[]
  readonly lobby: LobbySettings
  readonly allowedPresenters: (typeof presenterScopes)[number]
  /** The digits that people type in to join, with the passcode if there is one. */
  readonly joinMeetingId: string
  readonly passcode?: string
  readonly videoTeleconferenceId: string
  /** Whether nobody may join any more. */
  readonly locked: boolean
  /** Settings that Graph's `onlineMeeting` has and nothing here depends on, by their names there. */
  readonly settings: Readonly<Record<string, unknown>>
  /** When it was deleted: its coordinates stay known, so that joining it can be refused. */
  readonly deletedAt?: number
}

/** The chat of a meeting: where its calls take place. */
export function chatOf({ threadId }: Pick<Meeting, 'threadId'>): ChatInfo {
  return { threadId, messageId: '0' }
}

/** The host stands in what clients parse join URLs by, so it is the published one wherever this server runs. */
const JOIN = 'https://teams.microsoft.com/l/meetup-join/'

/** The address that people follow to join, in the published form (contract: meeting coordinates). */
export function joinUrl(meeting: Pick<Meeting, 'threadId' | 'tenantId' | 'organizerId'>): string {
  const { threadId, tenantId, organizerId } = meeting
  const context = JSON.stringify({ Tid: tenantId, Oid: organizerId })
  return `${JOIN}${encodeURIComponent(threadId)}/0?context=${encodeURIComponent(context)}`
}

/** What a join URL says. */
export interface JoinCoordinates {
  readonly chatInfo: ChatInfo
  readonly tenantId: string
  readonly organizerId: string
}

const JOIN_URL = /\/l\/meetup-join\/([^/]+)\/([^/?]+)\/?\?(?:[^#]*&)?context=(\{.*?\})/i

/** Reads a join URL, however often it was escaped. @returns undefined if it is none */
export function readJoinUrl(text: string): JoinCoordinates | undefined {
  const [, threadId, messageId, context] = JOIN_URL.exec(unescaped(unescaped(text))) ?? []
  if (threadId === undefined || messageId === undefined || context === undefined) return undefined
  const read = readContext(context)
  if (!read) return undefined
  const { MessageId: replyChainMessageId } = read
  return {
    chatInfo: { threadId, messageId, ...(typeof replyChainMessageId === 'string' && { replyChainMessageId }) },
    tenantId: String(read['Tid']),
    organizerId: String(read['Oid']),
  }
}

function readContext(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Somebody at the door of a meeting. */
export type Visitor =
  | { readonly kind: 'user'; readonly id: string; readonly tenantId: string; readonly userPrincipalName?: string }
  | { readonly kind: 'phone' }
  | { readonly kind: 'guest' }
  /** An application under its own name: it may join every meeting of the tenant, so no lobby holds it up. */
  | { readonly kind: 'application' }

/** Whether a visitor waits in the lobby. */
export function waits(meeting: Meeting, visitor: Visitor): boolean {
  if (visitor.kind === 'application') return false
  const { scope, isDialInBypassEnabled } = meeting.lobby
  if (visitor.kind === 'phone') return !isDialInBypassEnabled
  if (scope === 'everyone') return false
  if (visitor.kind === 'guest') return true
  if (visitor.id === meeting.organizerId) return false
  switch (scope) {
    case 'organizer':
      return true
    case 'invited':
      return !attendeeOf(meeting, visitor)
    case 'organization':
    case 'organizationExcludingGuests':
      return visitor.tenantId !== meeting.tenantId
    case 'organizationAndFederated':
      return false
  }
}

/** The part that somebody has in a meeting. */
export type MeetingRole = 'organizer' | 'presenter' | 'attendee'

/** The part of a visitor, as the list of attendees and `allowedPresenters` have it. */
export function roleOf(meeting: Meeting, visitor: Visitor): MeetingRole {
  if (visitor.kind === 'user' && visitor.id === meeting.organizerId) return 'organizer'
  const listed = visitor.kind === 'user' ? attendeeOf(meeting, visitor)?.role : undefined
  if (listed !== undefined && listed !== 'attendee') return 'presenter'
  switch (meeting.allowedPresenters) {
    case 'everyone':
      return 'presenter'
    case 'organization':
      return visitor.kind === 'user' && visitor.tenantId === meeting.tenantId ? 'presenter' : 'attendee'
    case 'roleIsPresenter':
    case 'organizer':
      return 'attendee'
  }
}

function attendeeOf({ attendees }: Meeting, user: Extract<Visitor, { kind: 'user' }>): Attendee | undefined {
  const name = user.userPrincipalName?.toLowerCase()
  return attendees.find(({ id, upn }) => id === user.id || (upn !== undefined && upn.toLowerCase() === name))
}
