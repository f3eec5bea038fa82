/** `recordings` of online meetings and of calls that are none (`adhocCalls`): what they are, and their sound. */
import { z } from 'zod'
import { currentBatch } from '../../http/batch-context.ts'
import { placeOf } from '../../meetings/place.ts'
import { readGuid } from '../../runtime.ts'
import { permissions } from '../../subscriptions/subscription.ts'
import { badRequest, notFound } from '../errors.ts'
import type { MeetingParts } from '../meetings/route.ts'
import { requireMeeting, requireMeetingOfTenant } from '../meetings/routes.ts'
import { nextLink, pick, placeIn, readQuery } from '../paging.ts'
import type { Query } from '../paging.ts'
import type { ResourceAnswer, ResourceRequest, ResourceRoute } from '../resource.ts'
import type { Recording, StoredCall } from './recording.ts'
import { recordingOf, writeRecording } from './recording.ts'

/** A file of a whole call. */
interface StoredFile {
  readonly id: string
  readonly call?: StoredCall
}

/** What the handlers work with. */
export interface RecordingRouteParts extends MeetingParts {
  /** Where the files are. */
  readonly files: {
    /** Those of a conversation, the oldest first. */
    of(conversationId: string): Promise<readonly StoredFile[]>
    find(id: string): Promise<StoredFile | undefined>
    read(id: string): Promise<NodeJS.ReadableStream | undefined>
  }
}

type Find = (request: ResourceRequest, parts: RecordingRouteParts) => Recording | Promise<Recording>

const MEETINGS = [permissions.meetingRecordings]
const CALLS = [permissions.callRecordings]
const PAGES = { standard: 100, largest: 999 }
const index = z.number().int().min(0)

/** Where the recordings of meetings and of other calls stand, and whose they are there. */
export const recordingRoutes: readonly ResourceRoute<RecordingRouteParts>[] = [
  ...['/users/:id/onlineMeetings/:meetingId', '/communications/onlineMeetings/:meetingId'].flatMap((parent) => {
    const path = `${parent}/recordings`
    return [
      { operation: 'recording: list', method: 'GET' as const, path, roles: MEETINGS, handle: list },
      ...ofOne(path, MEETINGS, findOfMeeting),
    ]
  }),
  ...['/users/:id/adhocCalls/:callId', '/communications/adhocCalls/:callId'].flatMap((parent) =>
    ofOne(`${parent}/recordings`, CALLS, findOfCall),
  ),
]

/** A recording, and its sound. */
function ofOne(path: string, roles: readonly string[], find: Find): ResourceRoute<RecordingRouteParts>[] {
  return [
    {
      operation: 'recording: get',
      method: 'GET',
      path: `${path}/:recordingId`,
      roles,
      async handle(request, parts) {
        const { select } = readOptions(request, ['$select'])
        const recording = await find(request, parts)
        const body = pick(writeRecording(recording, request.root), select)
        return { status: 200, body, context: `${contextOf(recording)}/$entity` }
      },
    },
    {
      operation: 'recording: content',
      method: 'GET',
      path: `${path}/:recordingId/content`,
      roles,
      async handle(request, parts) {
        if (currentBatch() !== undefined) throw badRequest('The sound of a recording is not sent in a batch.')
        const { id } = await find(request, parts)
        const content = await parts.files.read(id)
        if (!content) throw gone(request)
        return { status: 200, content, type: 'audio/wav' }
      },
    },
  ]
}

async function list(request: ResourceRequest, parts: RecordingRouteParts): Promise<ResourceAnswer> {
  const query = readOptions(request, ['$select', '$top', '$skiptoken'])
  const recordings = await ofMeeting(request, parts)
  const from = placeIn(query, index) ?? 0
  const end = from + (query.top ?? PAGES.standard)
  const page = recordings.slice(from, end).map((one) => pick(writeRecording(one, request.root), query.select))
  const meeting = meetingOf(request, parts)
  const parent = `users('${meeting.organizerId}')/onlineMeetings('${meeting.id}')/recordings`
  const url = `${request.root}/${parent.replaceAll(/\('([^']*)'\)/g, '/$1')}`
  const link = recordings.length > end ? { '@odata.nextLink': nextLink(url, query.rest, end) } : {}
  return { status: 200, body: { '@odata.count': page.length, ...link, value: page }, context: parent }
}

function meetingOf(request: ResourceRequest, parts: RecordingRouteParts): ReturnType<typeof requireMeeting> {
  return 'id' in request.params ? requireMeeting(request, parts) : requireMeetingOfTenant(request, parts)
}

/** The recordings of the meeting that a request addresses, the oldest first. */
async function ofMeeting(request: ResourceRequest, parts: RecordingRouteParts): Promise<readonly Recording[]> {
  const meeting = meetingOf(request, parts)
  const files = await parts.files.of(placeOf(parts.directory(), meeting).conversationId)
  return files.flatMap(({ id, call }) => (call ? [recordingOf(id, call, parts.meetings)] : []))
}

async function findOfMeeting(request: ResourceRequest, parts: RecordingRouteParts): Promise<Recording> {
  const wanted = idOf(request)
  const meeting = meetingOf(request, parts)
  const found = await findFile(wanted, request, parts)
  if (found?.meetingId === meeting.id) return found
  throw gone(request)
}

async function findOfCall(request: ResourceRequest, parts: RecordingRouteParts): Promise<Recording> {
  const { id: user, callId = '' } = request.params
  const found = await findFile(idOf(request), request, parts)
  const isOfUser =
    user === undefined || (found?.userId !== undefined && parts.directory().user(user)?.id === found.userId)
  if (found && found.meetingId === undefined && found.callChainId === (readGuid(callId) ?? callId) && isOfUser) {
    return found
  }
  throw gone(request)
}

async function findFile(
  id: string,
  { caller }: ResourceRequest,
  { files, meetings }: RecordingRouteParts,
): Promise<Recording | undefined> {
  const file = await files.find(id)
  return file?.call?.tenantId === caller.tenantId ? recordingOf(file.id, file.call, meetings) : undefined
}

function idOf({ params }: ResourceRequest): string {
  return readGuid(params['recordingId'] ?? '') ?? ''
}

function contextOf({ resource }: Recording): string {
  return resource.slice(0, resource.lastIndexOf('(')).replace(/^users\/([^/]+)/, "users('$1')")
}

function readOptions({ query, prefer }: ResourceRequest, known: readonly string[]): Query {
  const help = `${known.join(', ')} can be used`
  return readQuery(query, { known, help, ...PAGES, clamps: true, refuse: badRequest }, prefer)
}

function gone({ params }: ResourceRequest): ReturnType<typeof notFound> {
  return notFound(
    `There is no recording ${(params['recordingId'] ?? '').slice(0, 64)} here, or not any more (options callRecordingRetention, callRecordingSpace, recordingLimit).`,
  )
}
