/** Where a meeting takes place. */
import { createHash } from 'node:crypto'
import type { ChatInfo } from '../calls/conversation.ts'
import type { OrganizerMeetingInfo } from '../calls/meeting.ts'
import type { Directory } from '../directory/directory.ts'
import { readGuid } from '../runtime.ts'
import type { JoinCoordinates, Meeting } from './meeting.ts'
import { chatOf } from './meeting.ts'

/** A meeting is one conversation however often and by whomever it is joined: its id follows from where it is. */
export function meetingConversation(tenantId: string, { threadId, messageId }: ChatInfo): string {
  const hash = createHash('sha256').update(JSON.stringify([tenantId, threadId.toLowerCase(), messageId]))
  return readGuid(hash.digest('hex').slice(0, 32)) ?? ''
}

/** The conversation in which a meeting takes place, and its coordinates. */
export interface Place {
  readonly conversationId: string
  readonly chatInfo: ChatInfo
  readonly meetingInfo: OrganizerMeetingInfo
}

/** Where a known meeting takes place. */
export function placeOf(directory: Directory, meeting: Meeting): Place {
  const { tenantId, organizerId } = meeting
  return placeAt(directory, { chatInfo: chatOf(meeting), tenantId, organizerId })
}

/** Where the coordinates of a join URL lead. */
export function placeAt(directory: Directory, { chatInfo, tenantId, organizerId: id }: JoinCoordinates): Place {
  const organizer = directory.user(id)
  return {
    conversationId: meetingConversation(tenantId, chatInfo),
    chatInfo,
    meetingInfo: {
      organizer: { kind: 'user', id, ...(organizer && { displayName: organizer.displayName }), tenantId },
    },
  }
}
