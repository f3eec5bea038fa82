/** Graph's `callRecording`: a file of a whole call, of an online meeting or of a call that is none (`adhocCall`). */
import type { Meetings } from '../../meetings/meetings.ts'
import { isoTime } from '../../runtime.ts'
import type { RecordingNews } from '../../subscriptions/subscription.ts'
import type { Json } from '../wire/identity.ts'

/** What is kept of such a file. Moments are milliseconds since the epoch. */
export interface StoredCall {
  readonly recordingId: string
  readonly tenantId: string
  readonly callChainId: string
  readonly threadId?: string
  readonly userId?: string
  readonly from: number
  readonly until: number
}

/** A recording, and where it is found. */
export interface Recording extends RecordingNews {
  readonly call: StoredCall
}

/** A stored file as applications see it: a meeting's is its organizer's, another counts as that of the first user who was in it. */
export function recordingOf(id: string, call: StoredCall, meetings: Pick<Meetings, 'ofThread'>): Recording {
  const { tenantId, callChainId, threadId } = call
  const known = threadId === undefined ? undefined : meetings.ofThread(threadId)
  const meeting = known?.tenantId === tenantId ? known : undefined
  const userId = meeting?.organizerId ?? call.userId
  const owner = userId === undefined ? 'communications' : `users/${userId}`
  const parent = meeting ? `onlineMeetings('${meeting.id}')` : `adhocCalls('${callChainId}')`
  return {
    id,
    tenantId,
    callChainId,
    ...(userId !== undefined && { userId }),
    ...(meeting && { meetingId: meeting.id }),
    resource: `${owner}/${parent}/recordings('${id}')`,
    call,
  }
}

/** Writes `callRecording`. @param root the server's address with the version */
export function writeRecording(recording: Recording, root: string): Json {
  const { id, meetingId, callChainId, userId, tenantId, resource, call } = recording
  return {
    id,
    meetingId: meetingId ?? null,
    callId: callChainId,
    createdDateTime: isoTime(call.from),
    endDateTime: isoTime(call.until),
    contentCorrelationId: call.recordingId,
    recordingContentUrl: `${root}/${resource.replaceAll(/\('([^']*)'\)/g, '/$1')}/content`,
    meetingOrganizer: {
      application: null,
      device: null,
      user: userId === undefined ? null : writeUser(userId, tenantId),
    },
  }
}

function writeUser(id: string, tenantId: string): Json {
  return {
    '@odata.type': '#microsoft.graph.teamworkUserIdentity',
    id,
    displayName: null,
    userIdentityType: 'aadUser',
    tenantId,
  }
}
