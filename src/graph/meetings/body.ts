/** Graph's `onlineMeeting`, read and written. */
import type { Directory } from '../../directory/directory.ts'
import type { Attendee, Meeting } from '../../meetings/meeting.ts'
import { attendeeRoles, chatOf, joinUrl, lobbyScopes, presenterScopes } from '../../meetings/meeting.ts'
import { isoTime, readGuid } from '../../runtime.ts'
import type { Json } from '../wire/identity.ts'
import { BadRequest, Reader, readChoice } from '../wire/reader.ts'

/** A meeting whose end is not given lasts an hour, in milliseconds. */
const STANDARD_LENGTH = 3_600_000
const MOST_ATTENDEES = 1000

/** Settings that are kept and shown, and nothing here depends on: by name, the values that there are, the usual one first. */
const SETTINGS: Readonly<Record<string, readonly (string | boolean | null)[]>> = {
  allowAttendeeToEnableCamera: [true, false],
  allowAttendeeToEnableMic: [true, false],
  allowBreakoutRooms: [true, false],
  allowCopyingAndSharingMeetingContent: [true, false],
  allowedLobbyAdmitters: ['organizerAndCoOrganizersAndPresenters', 'organizerAndCoOrganizers'],
  allowLiveShare: ['enabled', 'disabled'],
  allowMeetingChat: ['enabled', 'disabled', 'limited'],
  allowParticipantsToChangeName: [false, true],
  allowPowerPointSharing: [true, false],
  allowRecording: [true, false],
  allowTeamworkReactions: [true, false],
  allowTranscription: [true, false],
  allowWhiteboard: [true, false],
  isEndToEndEncryptionEnabled: [false, true],
  isEntryExitAnnounced: [true, false],
  recordAutomatically: [false, true],
  shareMeetingChatHistoryDefault: ['none', 'all'],
}

/** What a body may set of a meeting. `passcodeRequired` asks for a passcode, or for none. */
export type MeetingChanges = Partial<
  Pick<Meeting, 'subject' | 'startsAt' | 'endsAt' | 'attendees' | 'lobby' | 'allowedPresenters' | 'settings'>
> & { readonly externalId?: string; readonly passcodeRequired?: boolean }

/** Reads the body that makes a meeting or changes one; what it leaves out is absent. @throws BadRequest */
export function readMeeting(body: unknown, before?: Meeting): MeetingChanges {
  const reader = new Reader(body ?? {}, '')
  const settings = readSettings(reader)
  return defined({
    subject: reader.text('subject', 1024),
    externalId: reader.text('externalId', 1024),
    startsAt: readMoment(reader, 'startDateTime'),
    endsAt: readMoment(reader, 'endDateTime'),
    attendees: readAttendees(reader.object('participants')),
    lobby: readLobby(reader.object('lobbyBypassSettings'), before?.lobby ?? STANDARD_LOBBY),
    allowedPresenters: reader.choice('allowedPresenters', presenterScopes),
    passcodeRequired: reader.object('joinMeetingIdSettings')?.flag('isPasscodeRequired'),
    ...(Object.keys(settings).length > 0 && { settings: { ...before?.settings, ...settings } }),
  })
}

/** Who waits in the lobby of a meeting that does not say: whoever is not of the organization. */
const STANDARD_LOBBY: Meeting['lobby'] = { scope: 'organization', isDialInBypassEnabled: false }

/** What a new meeting has that its body leaves out. @throws BadRequest */
export function newMeeting(
  changes: MeetingChanges,
  { now, tenantId, organizerId }: { readonly now: number } & Pick<Meeting, 'tenantId' | 'organizerId'>,
): Omit<Meeting, 'id' | 'threadId' | 'joinMeetingId' | 'videoTeleconferenceId'> & { passcodeRequired: boolean } {
  const startsAt = changes.startsAt ?? now
  return checkTimes({
    tenantId,
    organizerId,
    createdAt: now,
    attendees: [],
    lobby: STANDARD_LOBBY,
    allowedPresenters: 'everyone',
    settings: {},
    locked: false,
    passcodeRequired: false,
    ...changes,
    startsAt,
    endsAt: changes.endsAt ?? startsAt + STANDARD_LENGTH,
  })
}

/** Refuses a meeting that ends before it begins. @throws BadRequest */
export function checkTimes<Times extends Pick<Meeting, 'startsAt' | 'endsAt'>>(meeting: Times): Times {
  if (meeting.endsAt >= meeting.startsAt) return meeting
  throw new BadRequest('endDateTime is before startDateTime.')
}

function readSettings(reader: Reader): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(SETTINGS).flatMap(([name, values]) => {
      const [usual] = values
      const words = values.filter((value) => typeof value === 'string')
      const value = typeof usual === 'boolean' ? reader.flag(name) : reader.choice(name, words)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function readMoment(reader: Reader, name: string): number | undefined {
  const text = reader.text(name, 64)
  if (text === undefined) return undefined
  const at = Date.parse(text)
  if (Number.isNaN(at) || !/^\d{4}-\d\d-\d\dT/.test(text)) {
    throw new BadRequest(`${name} must be a moment in ISO 8601, such as 2026-01-31T09:00:00Z.`)
  }
  return at
}

function readLobby(reader: Reader | undefined, before: Meeting['lobby']): Meeting['lobby'] | undefined {
  if (!reader) return undefined
  return {
    scope: reader.choice('scope', lobbyScopes) ?? before.scope,
    isDialInBypassEnabled: reader.flag('isDialInBypassEnabled') ?? before.isDialInBypassEnabled,
  }
}

function readAttendees(participants: Reader | undefined): readonly Attendee[] | undefined {
  return participants?.elements('attendees', MOST_ATTENDEES)?.map(({ value, path }) => {
    const reader = new Reader(value, path)
    const user = reader.object('identity')?.object('user')
    const upn = reader.text('upn', 320)
    const text = user?.text('id', 320)
    const id = text === undefined ? undefined : readGuid(text)
    if (text !== undefined && id === undefined) throw new BadRequest(`${path}.identity.user.id must be a GUID.`)
    if (upn === undefined && id === undefined) {
      throw new BadRequest(`${path} must name somebody, by upn or by identity.user.id.`)
    }
    const role = reader.value('role')
    return {
      ...defined({ id, upn, displayName: user?.text('displayName', 256), tenantId: user?.text('tenantId', 64) }),
      role: role === undefined ? 'attendee' : readChoice(role, `${path}.role`, attendeeRoles),
    }
  })
}

/** Writes a meeting: v1.0 as its metadata has it; beta shows the join URL by its older name, too. */
export function writeMeeting(meeting: Meeting, directory: Directory, version: 'v1.0' | 'beta'): Json {
  const url = joinUrl(meeting)
  const { lobby, passcode, settings } = meeting
  return {
    '@odata.type': '#microsoft.graph.onlineMeeting',
    id: meeting.id,
    creationDateTime: isoTime(meeting.createdAt),
    startDateTime: isoTime(meeting.startsAt),
    endDateTime: isoTime(meeting.endsAt),
    subject: meeting.subject ?? null,
    externalId: meeting.externalId ?? null,
    joinWebUrl: url,
    ...(version === 'beta' && { joinUrl: url }),
    joinInformation: {
      '@odata.type': '#microsoft.graph.itemBody',
      contentType: 'html',
      content: `data:text/html,${encodeURIComponent(`<a href="${url}">Join the meeting</a>`)}`,
    },
    joinMeetingIdSettings: {
      '@odata.type': '#microsoft.graph.joinMeetingIdSettings',
      isPasscodeRequired: passcode !== undefined,
      joinMeetingId: meeting.joinMeetingId,
      passcode: passcode ?? null,
    },
    videoTeleconferenceId: meeting.videoTeleconferenceId,
    audioConferencing: null,
    broadcastSettings: null,
    isBroadcast: false,
    meetingTemplateId: null,
    chatInfo: {
      '@odata.type': '#microsoft.graph.chatInfo',
      ...chatOf(meeting),
      replyChainMessageId: null,
    },
    lobbyBypassSettings: { '@odata.type': '#microsoft.graph.lobbyBypassSettings', ...lobby },
    allowedPresenters: meeting.allowedPresenters,
    ...Object.fromEntries(Object.entries(SETTINGS).map(([name, [usual]]) => [name, settings[name] ?? usual])),
    participants: writeParticipants(meeting, directory),
  }
}

function writeParticipants({ organizerId, tenantId, attendees }: Meeting, directory: Directory): Json {
  const organizer = directory.user(organizerId)
  const { displayName, userPrincipalName: upn } = organizer ?? {}
  return {
    '@odata.type': '#microsoft.graph.meetingParticipants',
    organizer: writePerson({ id: organizerId, tenantId, ...defined({ displayName, upn }) }, 'presenter'),
    attendees: attendees.map((attendee) => {
      const known = directory.user(attendee.id ?? attendee.upn ?? '')
      const { id, displayName: name, tenantId: of, userPrincipalName } = known ?? {}
      return writePerson(
        { ...defined({ id, displayName: name, tenantId: of, upn: userPrincipalName }), ...attendee },
        attendee.role,
      )
    }),
  }
}

function writePerson({ id, displayName, tenantId, upn }: Omit<Attendee, 'role'>, role: Attendee['role']): Json {
  return {
    '@odata.type': '#microsoft.graph.meetingParticipantInfo',
    upn: upn ?? null,
    role,
    identity: {
      '@odata.type': '#microsoft.graph.identitySet',
      user: {
        '@odata.type': '#microsoft.graph.identity',
        id: id ?? null,
        displayName: displayName ?? null,
        ...(tenantId !== undefined && { tenantId }),
        identityProvider: 'AAD',
      },
    },
  }
}

type Defined<Members> = { [Name in keyof Members]?: Exclude<Members[Name], undefined> }

function defined<Members extends object>(members: Members): Defined<Members> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<Members>
}
