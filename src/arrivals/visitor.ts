/** How somebody comes into a meeting of their own accord: which one, past the lobby or into it, and in which part. */
import type { PersonJoins } from '../calls/commands.ts'
import type { ChatInfo } from '../calls/conversation.ts'
import type { Identity } from '../calls/identity.ts'
import { HttpError } from '../http/http-error.ts'
import type { Meeting, Visitor } from '../meetings/meeting.ts'
import { readJoinUrl, roleOf, waits } from '../meetings/meeting.ts'
import type { Place } from '../meetings/place.ts'
import { placeAt, placeOf } from '../meetings/place.ts'
import type { ArrivalParts } from './caller.ts'

/**
 * What the meeting with this chat says of a visitor; `asked` wins over its lobby policy. Where no meeting is known nobody
 * waits unless asked to.
 * @throws HttpError for a locked meeting, 403/8560
 */
export function entryOf(
  { meetings, directory }: Pick<ArrivalParts, 'meetings' | 'directory'>,
  chat: ChatInfo | undefined,
  identity: Identity,
  asked: boolean | undefined,
): Pick<PersonJoins, 'lobby' | 'role' | 'cameraOff'> {
  const meeting = chat && meetings.ofThread(chat.threadId)
  if (!meeting) return { lobby: asked ?? false }
  checkOpen(meeting)
  const visitor = visitorOf(identity, directory.current().user(identity.id)?.userPrincipalName)
  const role = roleOf(meeting, visitor)
  const cameraOff = role === 'attendee' && meeting.settings['allowAttendeeToEnableCamera'] === false
  return { lobby: asked ?? waits(meeting, visitor), role, ...(cameraOff && { cameraOff }) }
}

function checkOpen({ locked, deletedAt }: Meeting): void {
  if (locked) {
    throw new HttpError(403, '8560', 'The meeting is locked.', 'The meeting is locked: PATCH it with locked: false.')
  }
  if (deletedAt !== undefined) {
    throw new HttpError(400, '8527', 'The join URL is invalid.', 'The meeting was deleted: nobody joins it any more.')
  }
}

function visitorOf({ kind, id, tenantId }: Identity, userPrincipalName: string | undefined): Visitor {
  if (kind === 'phone') return { kind }
  if (kind !== 'user') return { kind: 'guest' }
  return { kind, id, tenantId: tenantId ?? '', ...(userPrincipalName !== undefined && { userPrincipalName }) }
}

/** The meeting that a text names: its id, its join URL, or its meeting id with the passcode. Any join URL is a place. */
export function whereTo(
  parts: Pick<ArrivalParts, 'meetings' | 'directory'>,
  { meeting: text, passcode }: { readonly meeting: string; readonly passcode?: string | undefined },
): { readonly place: Place; readonly tenantId: string; readonly subject?: string | undefined } {
  const { meetings, directory } = parts
  const typedIn = meetings.ofJoinMeetingId(text)
  if (typedIn?.passcode !== undefined && typedIn.passcode !== passcode) {
    throw new HttpError(400, '8561', 'The meeting id is invalid.', 'passcode: the meeting has another one.')
  }
  const meeting = typedIn ?? meetings.find(text) ?? meetings.ofJoinUrl(text)
  if (meeting) {
    const { tenantId, subject } = meeting
    return { place: placeOf(directory.current(), meeting), tenantId, subject }
  }
  const coordinates = readJoinUrl(text)
  const tenant = coordinates && directory.current().tenant(coordinates.tenantId)
  if (!coordinates || !tenant) {
    const explanation = 'meeting: name one by its id, its join URL or its meeting id.'
    throw new HttpError(404, 'itemNotFound', 'The resource could not be found.', explanation)
  }
  return { place: placeAt(directory.current(), { ...coordinates, tenantId: tenant.id }), tenantId: tenant.id }
}
