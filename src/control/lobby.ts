/** How somebody comes into a meeting that is known: past the lobby or into it, and in which part. */
import type { PersonJoins } from '../calls/commands.ts'
import type { ChatInfo } from '../calls/conversation.ts'
import type { Identity } from '../calls/identity.ts'
import { HttpError } from '../http/http-error.ts'
import type { Meeting, Visitor } from '../meetings/meeting.ts'
import { roleOf, waits } from '../meetings/meeting.ts'
import type { ControlParts } from './parts.ts'

/**
 * What the meeting with this chat says of a visitor; `asked` wins over its lobby policy. Where no meeting is known nobody
 * waits unless asked to.
 * @throws HttpError for a locked meeting, 403/8560
 */
export function entryOf(
  { meetings, directory }: ControlParts,
  chat: ChatInfo | undefined,
  identity: Identity,
  asked: boolean | undefined,
): Pick<PersonJoins, 'lobby' | 'role'> {
  const meeting = chat && meetings.ofThread(chat.threadId)
  if (!meeting) return { lobby: asked ?? false }
  checkOpen(meeting)
  const visitor = visitorOf(identity, directory.current().user(identity.id)?.userPrincipalName)
  return { lobby: asked ?? waits(meeting, visitor), role: roleOf(meeting, visitor) }
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
