/** Joining: from `meetingInfo` of whichever kind to the conversation that it leads into. */
import type { JoinMeeting } from '../../calls/commands.ts'
import type { ChatInfo, Conversation } from '../../calls/conversation.ts'
import type { JoinMeetingIdMeetingInfo, OrganizerMeetingInfo, TokenMeetingInfo } from '../../calls/meeting.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { chatOf, waits } from '../../meetings/meeting.ts'
import { meetingConversation, placeOf } from '../../meetings/place.ts'
import { invalidArgument, refusal } from '../errors.ts'
import type { CreateCallRequest } from '../wire/requests.ts'
import { checkTenant, newCall } from './new-call.ts'
import type { GraphParts, GraphRequest } from './route.ts'

type Way = Pick<JoinMeeting, 'conversationId' | 'chatInfo' | 'meetingInfo' | 'joinedBy'>

/** Where it leads, and the meeting that is known to be there. */
interface Found {
  readonly way: Way
  readonly meeting?: Meeting | undefined
}

/** The command of `POST /communications/calls` with `meetingInfo`. */
export async function joinCommand(
  request: GraphRequest,
  parts: GraphParts,
  read: CreateCallRequest,
): Promise<JoinMeeting> {
  const { way, meeting } = await find(request, parts, read)
  // An ad-hoc place has nobody who could let anybody in: there everybody comes in.
  const kind = read.source?.identity.kind === 'guest' ? 'guest' : 'application'
  const lobby = meeting !== undefined && waits(meeting, { kind })
  return { type: 'JoinMeeting', ...newCall(request, parts, read), ...way, ...(lobby && { lobby }) }
}

function find(request: GraphRequest, parts: GraphParts, read: CreateCallRequest): Found | Promise<Found> {
  const { chatInfo, meetingInfo } = read
  if (!meetingInfo) throw invalidArgument('meetingInfo is required to join a meeting.')
  if ('token' in meetingInfo) return byToken(request, parts, meetingInfo)
  if ('joinMeetingId' in meetingInfo) return byMeetingId(request, parts, meetingInfo)
  if (!chatInfo) throw invalidArgument('chatInfo is required to join a meeting by its organizer.')
  return byOrganizer(request, parts, meetingInfo, chatInfo)
}

/** A meeting that is known here has the say; any other chat is a place that its first visitor opens. */
function byOrganizer(
  request: GraphRequest,
  parts: GraphParts,
  meetingInfo: OrganizerMeetingInfo,
  chatInfo: ChatInfo,
): Found {
  const meeting = parts.meetings.ofThread(chatInfo.threadId)
  if (meeting) checkMeeting(request, meeting, meetingInfo)
  const organizer = parts.directory().user(meetingInfo.organizer.id)
  if (organizer) checkTenant(request, organizer.tenantId, "the tenant of the meeting's organizer")
  const { tenantId } = request.caller
  const chat = meeting ? { ...chatInfo, ...chatOf(meeting) } : chatInfo
  const named = {
    ...(organizer && { displayName: organizer.displayName }),
    ...meetingInfo.organizer,
    tenantId,
  }
  const conversationId = meetingConversation(tenantId, chat)
  return { way: { conversationId, chatInfo: chat, meetingInfo: { ...meetingInfo, organizer: named } }, meeting }
}

function checkMeeting(request: GraphRequest, meeting: Meeting, { organizer }: OrganizerMeetingInfo): void {
  checkTenant(request, meeting.tenantId, 'the tenant of the meeting')
  if (meeting.deletedAt !== undefined) {
    throw refusal(400, '8527', 'The meeting with this chat was deleted, so nobody can join it any more.')
  }
  if (organizer.id !== meeting.organizerId) {
    throw refusal(
      400,
      '8527',
      `The organizer of the meeting with this chat is ${meeting.organizerId}, not ${organizer.id}.`,
    )
  }
  checkUnlocked(meeting)
}

/** Refuses whoever would join a locked meeting: 403/8560. */
function checkUnlocked({ locked }: Meeting): void {
  if (!locked) return
  throw refusal(
    403,
    '8560',
    'The meeting is locked: who is in stays in, and nobody else may join until it is unlocked.',
  )
}

/** The digits lead to a meeting of the tenant; wrong ones and a wrong passcode are answered alike. */
function byMeetingId(request: GraphRequest, parts: GraphParts, meetingInfo: JoinMeetingIdMeetingInfo): Found {
  const { joinMeetingId, passcode } = meetingInfo
  const meeting = parts.meetings.ofJoinMeetingId(joinMeetingId)
  if (!meeting || (meeting.passcode !== undefined && meeting.passcode !== passcode)) {
    throw refusal(
      400,
      '8561',
      `No meeting has the id ${joinMeetingId.slice(0, 64)} with this passcode; both stand in joinMeetingIdSettings of the meeting.`,
    )
  }
  checkTenant(request, meeting.tenantId, 'the tenant of the meeting')
  checkUnlocked(meeting)
  return { way: { ...placeOf(parts.directory(), meeting), joinedBy: meetingInfo }, meeting }
}

/** A token leads into the call of which it came: a group call while that is live, a meeting at any time. */
async function byToken(request: GraphRequest, parts: GraphParts, meetingInfo: TokenMeetingInfo): Promise<Found> {
  const read = await parts.joinTokens.read(meetingInfo.token)
  if (!read.ok) throw refusal(400, '8526', `meetingInfo.token cannot be used: ${read.problem}.`)
  const { conversationId, tenantId } = read.target
  checkTenant(request, tenantId, 'the tenant of the token')
  const conversation = await parts.switchboard.read(conversationId)
  if (!conversation?.chatInfo) {
    throw refusal(400, '8526', 'The call that the token is for is over and forgotten; join by the organizer instead.')
  }
  const meeting = tokenMeeting(parts, conversation)
  const { chatInfo, meetingInfo: place } = conversation
  return { way: { conversationId, chatInfo, ...(place && { meetingInfo: place }), joinedBy: meetingInfo }, meeting }
}

function tokenMeeting(parts: GraphParts, { chatInfo }: Conversation): Meeting | undefined {
  const meeting = chatInfo && parts.meetings.ofThread(chatInfo.threadId)
  if (!meeting) return undefined
  if (meeting.deletedAt !== undefined) {
    throw refusal(400, '8526', 'The meeting that the token is for was deleted, so nobody can join it any more.')
  }
  checkUnlocked(meeting)
  return meeting
}
