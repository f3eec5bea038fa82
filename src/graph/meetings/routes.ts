/** `onlineMeetings`: make, find, change and delete them, for the users whom the application may act for. */
import type { User } from '../../directory/directory.ts'
import { mayActFor } from '../../directory/meeting-access.ts'
import { HttpError } from '../../http/http-error.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { TooManyMeetings } from '../../meetings/meetings.ts'
import { checkTimes, newMeeting, readMeeting } from './body.ts'
import type { MeetingChanges } from './body.ts'
import type { MeetingAnswer, MeetingParts, MeetingRequest, MeetingRoute } from './route.ts'

const WRITE = ['OnlineMeetings.ReadWrite.All']
const READ = ['OnlineMeetings.Read.All', ...WRITE]
const OF_USER = '/users/:id/onlineMeetings'

/** What `$filter` may name on the meetings of a user. */
const USER_FILTERS = ['joinweburl', 'joinmeetingidsettings/joinmeetingid', 'videoteleconferenceid']

export const meetingRoutes: readonly MeetingRoute[] = [
  { operation: 'onlineMeeting: create', method: 'POST', path: OF_USER, roles: WRITE, handle: create },
  {
    operation: 'onlineMeeting: createOrGet',
    method: 'POST',
    path: `${OF_USER}/createOrGet`,
    roles: WRITE,
    handle: createOrGet,
  },
  { operation: 'onlineMeeting: list', method: 'GET', path: OF_USER, roles: READ, handle: listOfUser },
  {
    operation: 'onlineMeeting: get',
    method: 'GET',
    path: `${OF_USER}/:meetingId`,
    roles: READ,
    handle: (request, parts) => one(200, requireMeeting(request, parts), contextOf(request)),
  },
  { operation: 'onlineMeeting: update', method: 'PATCH', path: `${OF_USER}/:meetingId`, roles: WRITE, handle: update },
  {
    operation: 'onlineMeeting: delete',
    method: 'DELETE',
    path: `${OF_USER}/:meetingId`,
    roles: WRITE,
    async handle(request, parts) {
      await parts.meetings.update({ ...requireMeeting(request, parts), deletedAt: parts.clock.now() })
      return { status: 204 }
    },
  },
  ...['/communications', '/app'].flatMap((root): MeetingRoute[] => {
    const where = { path: `${root}/onlineMeetings`, roles: READ, ...(root === '/app' && { only: 'beta' as const }) }
    return [
      { operation: 'onlineMeeting: find', method: 'GET', ...where, handle: find },
      {
        operation: 'onlineMeeting: get by id',
        method: 'GET',
        ...where,
        path: `${where.path}/:meetingId`,
        handle: (request, parts) =>
          one(200, requireMeetingOfTenant(request, parts), 'communications/onlineMeetings/$entity'),
      },
    ]
  }),
]

function one(status: 200 | 201, meeting: Meeting, context: string): MeetingAnswer {
  return { status, meeting, context }
}

function contextOf({ params }: MeetingRequest): string {
  return `users('${encodeURIComponent(params['id'] ?? '')}')/onlineMeetings/$entity`
}

async function create(request: MeetingRequest, parts: MeetingParts): Promise<MeetingAnswer> {
  const organizer = requireUser(request, parts)
  const { externalId: _, ...given } = readMeeting(request.body)
  return one(201, await make(parts, organizer, given), contextOf(request))
}

async function createOrGet(request: MeetingRequest, parts: MeetingParts): Promise<MeetingAnswer> {
  const organizer = requireUser(request, parts)
  const given = readMeeting(request.body)
  if (given.externalId === undefined || given.externalId === '') {
    throw badRequest('externalId is required: by it the meeting is found again.')
  }
  const known = parts.meetings.ofExternalId(organizer.id, given.externalId)
  if (known) return one(200, known, contextOf(request))
  return one(201, await make(parts, organizer, given), contextOf(request))
}

async function make(
  { meetings, clock }: MeetingParts,
  { id, tenantId }: User,
  given: MeetingChanges,
): Promise<Meeting> {
  try {
    return await meetings.create(newMeeting(given, { now: clock.now(), tenantId, organizerId: id }))
  } catch (error) {
    if (!(error instanceof TooManyMeetings)) throw error
    throw new HttpError(
      507,
      'quotaLimitReached',
      'Too many online meetings.',
      `There are ${error.limit} online meetings, as many as there may be (option maxMeetings); delete some.`,
    )
  }
}

function listOfUser(request: MeetingRequest, parts: MeetingParts): MeetingAnswer {
  const organizer = requireUser(request, parts)
  const context = `users('${encodeURIComponent(request.params['id'] ?? '')}')/onlineMeetings`
  if (!request.filter) return { status: 200, meetings: parts.meetings.list(organizer.id), context }
  const found = lookUp(request, parts, USER_FILTERS)
  return { status: 200, meetings: found?.organizerId === organizer.id ? [found] : [], context }
}

function find(request: MeetingRequest, parts: MeetingParts): MeetingAnswer {
  const found = lookUp(request, parts, ['videoteleconferenceid', 'joinweburl'])
  const isVisible = found?.tenantId === request.caller.tenantId && mayActForOrganizer(request, parts, found)
  return { status: 200, meetings: isVisible ? [found] : [], context: 'communications/onlineMeetings' }
}

/** The one meeting that a filter names. */
function lookUp({ filter }: MeetingRequest, { meetings }: MeetingParts, known: readonly string[]): Meeting | undefined {
  switch (known.find((property) => property === filter?.property)) {
    case 'joinweburl':
      return meetings.ofJoinUrl(filter?.value ?? '')
    case 'videoteleconferenceid':
      return meetings.ofVideoTeleconferenceId(filter?.value ?? '')
    case 'joinmeetingidsettings/joinmeetingid':
      return meetings.ofJoinMeetingId(filter?.value ?? '')
    default:
      throw badRequest(`$filter: name one property, as in ${known.map((name) => `${name} eq '...'`).join(' or ')}.`)
  }
}

async function update(request: MeetingRequest, parts: MeetingParts): Promise<MeetingAnswer> {
  const before = requireMeeting(request, parts)
  const { externalId: _, passcodeRequired, ...changes } = readMeeting(request.body, before)
  const { passcode: old, ...rest } = before
  const keepsPasscode = passcodeRequired ?? old !== undefined
  const passcode = keepsPasscode ? (old ?? parts.meetings.drawPasscode()) : undefined
  const after = checkTimes({ ...rest, ...changes, ...(passcode !== undefined && { passcode }) })
  return one(200, await parts.meetings.update(after), contextOf(request))
}

/** Who asks, and what the address names. */
type Addressed = Pick<MeetingRequest, 'caller' | 'params'>

/** The user that the address names, if the application may act for them. */
function requireUser(request: Addressed, parts: MeetingParts): User {
  const text = request.params['id'] ?? ''
  const user = parts.directory().user(text)
  if (user?.tenantId !== request.caller.tenantId) {
    throw new HttpError(
      404,
      'itemNotFound',
      'The user could not be found.',
      `The tenant has no user ${text.slice(0, 128)}; write an object id or a user principal name.`,
    )
  }
  if (!actsFor(request, parts, user)) throw noAccess(request, user)
  return user
}

function actsFor({ caller }: Addressed, { directory, config }: MeetingParts, user: User): boolean {
  const application = directory().application(caller.appId)
  // The application of an outside issuer's token need not be in the directory: then it has no policy.
  return mayActFor(application ?? { tenantId: caller.tenantId }, user, config.mode)
}

function noAccess({ caller }: Addressed, user: User): HttpError {
  return new HttpError(
    403,
    'Forbidden',
    'No application access policy found for this app.',
    `The application ${caller.appId} may not act for ${user.userPrincipalName}: write meetingUsers: all, or a list of users, into its entry in the directory.`,
  )
}

function mayActForOrganizer(request: Addressed, parts: MeetingParts, { organizerId }: Meeting): boolean {
  const organizer = parts.directory().user(organizerId)
  return organizer !== undefined && actsFor(request, parts, organizer)
}

/** The meeting that the address names, of a user for whom the application may act. @throws HttpError */
export function requireMeeting(request: Addressed, parts: MeetingParts): Meeting {
  const user = requireUser(request, parts)
  const meeting = parts.meetings.find(request.params['meetingId'] ?? '')
  if (meeting?.organizerId === user.id) return meeting
  throw meetingNotFound(request)
}

/** The meeting that the address names without its organizer. @throws HttpError */
export function requireMeetingOfTenant(request: Addressed, parts: MeetingParts): Meeting {
  const meeting = parts.meetings.find(request.params['meetingId'] ?? '')
  if (meeting?.tenantId === request.caller.tenantId && mayActForOrganizer(request, parts, meeting)) return meeting
  throw meetingNotFound(request)
}

function meetingNotFound({ params }: Addressed): HttpError {
  return new HttpError(
    404,
    'itemNotFound',
    'The online meeting could not be found.',
    `No online meeting has the id ${(params['meetingId'] ?? '').slice(0, 256)} here; it may have been deleted, or belong to another organizer.`,
  )
}

/** A request that cannot be carried out as it stands. */
export function badRequest(explanation: string): HttpError {
  return new HttpError(400, 'invalidRequest', 'The request is invalid.', explanation)
}
