/** `onlineMeetings`: create, createOrGet, get, find, list, update, delete, and who may. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOnlineMeetingFromDiscriminatorValue } from '@microsoft/msgraph-sdk/models/index.js'
import { judge } from '../interop/judge.ts'
import type { AnyJson } from '../support/any-json.ts'
import { ALL_ROLES, APPS, STRANGER, TENANT, USERS, startWorld } from '../support/world.ts'
import { MEETINGS_OF_FAY, makeMeeting, meetingWorld } from './meeting-steps.ts'
import { assertEmpty, assertRefused } from './steps.ts'

const person = (id: string, displayName: string | null, role: string, upn: string | null): AnyJson => ({
  '@odata.type': '#microsoft.graph.meetingParticipantInfo',
  upn,
  role,
  identity: {
    '@odata.type': '#microsoft.graph.identitySet',
    user: { '@odata.type': '#microsoft.graph.identity', id, displayName, tenantId: TENANT, identityProvider: 'AAD' },
  },
})

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version}: a meeting as it is created, to the last member`, async (t) => {
    const world = await meetingWorld(t, { clockStart: Date.parse('2026-03-01T10:00:00Z') })
    const client = world.client('alpha', version)
    const { status, body } = await client.post('/users/fay@contoso.example/onlineMeetings', {
      subject: 'Stand-up',
      startDateTime: '2026-03-02T09:00:00.0000000+01:00',
      participants: { attendees: [{ upn: 'ada@contoso.example', role: 'presenter' }] },
    })
    assert.equal(status, 201)
    const url = `https://teams.microsoft.com/l/meetup-join/${encodeURIComponent(body.chatInfo.threadId)}/0?context=${encodeURIComponent(`{"Tid":"${TENANT}","Oid":"${USERS.fay}"}`)}`
    assert.deepEqual(body, {
      '@odata.context': `${world.url}/${version}/$metadata#users('fay%40contoso.example')/onlineMeetings/$entity`,
      '@odata.type': '#microsoft.graph.onlineMeeting',
      id: body.id,
      creationDateTime: '2026-03-01T10:00:00.000Z',
      startDateTime: '2026-03-02T08:00:00.000Z',
      endDateTime: '2026-03-02T09:00:00.000Z',
      subject: 'Stand-up',
      externalId: null,
      joinWebUrl: url,
      ...(version === 'beta' && { joinUrl: url }),
      joinInformation: {
        '@odata.type': '#microsoft.graph.itemBody',
        contentType: 'html',
        content: `data:text/html,${encodeURIComponent(`<a href="${url}">Join the meeting</a>`)}`,
      },
      joinMeetingIdSettings: {
        '@odata.type': '#microsoft.graph.joinMeetingIdSettings',
        isPasscodeRequired: false,
        joinMeetingId: body.joinMeetingIdSettings.joinMeetingId,
        passcode: null,
      },
      videoTeleconferenceId: body.videoTeleconferenceId,
      audioConferencing: null,
      broadcastSettings: null,
      isBroadcast: false,
      meetingTemplateId: null,
      chatInfo: {
        '@odata.type': '#microsoft.graph.chatInfo',
        threadId: body.chatInfo.threadId,
        messageId: '0',
        replyChainMessageId: null,
      },
      lobbyBypassSettings: {
        '@odata.type': '#microsoft.graph.lobbyBypassSettings',
        scope: 'organization',
        isDialInBypassEnabled: false,
      },
      allowedPresenters: 'everyone',
      allowAttendeeToEnableCamera: true,
      allowAttendeeToEnableMic: true,
      allowBreakoutRooms: true,
      allowCopyingAndSharingMeetingContent: true,
      allowedLobbyAdmitters: 'organizerAndCoOrganizersAndPresenters',
      allowLiveShare: 'enabled',
      allowMeetingChat: 'enabled',
      allowParticipantsToChangeName: false,
      allowPowerPointSharing: true,
      allowRecording: true,
      allowTeamworkReactions: true,
      allowTranscription: true,
      allowWhiteboard: true,
      isEndToEndEncryptionEnabled: false,
      isEntryExitAnnounced: true,
      recordAutomatically: false,
      shareMeetingChatHistoryDefault: 'none',
      participants: {
        '@odata.type': '#microsoft.graph.meetingParticipants',
        organizer: person(USERS.fay, 'fay', 'presenter', 'fay@contoso.example'),
        attendees: [person(USERS.ada, 'ada', 'presenter', 'ada@contoso.example')],
      },
    })
    assert.match(body.chatInfo.threadId, /^19:meeting_[\w-]{48}@thread\.v2$/)
    assert.match(body.joinMeetingIdSettings.joinMeetingId, /^\d{12}$/)
    assert.match(body.videoTeleconferenceId, /^\d{10}$/)

    // What Microsoft's models make of it: they declare every member, but the older name of the join URL
    // and what identities have beside their names.
    const { findings } = judge(JSON.stringify(body), createOnlineMeetingFromDiscriminatorValue)
    const dynamic = ['Identity.tenantId', 'Identity.identityProvider']
    const unknown = version === 'beta' ? ['OnlineMeeting.joinUrl'] : []
    assert.deepEqual(
      findings.map(({ member }) => member).filter((member) => !dynamic.includes(member)),
      unknown,
      findings.map(({ text }) => text).join('\n'),
    )
  })
}

test('the join URL is parsed as published samples do', async (t) => {
  const world = await meetingWorld(t)
  const { joinWebUrl, chatInfo } = await makeMeeting(world)
  const decoded = decodeURIComponent(joinWebUrl)
  const { groups } =
    /https:\/\/teams\.microsoft\.com.*\/(?<thread>[^/]+)\/(?<message>[^/]+)\?context=(?<context>{.*})/.exec(
      decoded,
    ) ?? { groups: undefined }
  assert.deepEqual(
    { ...groups, context: JSON.parse(groups?.['context'] ?? '{}') },
    { thread: chatInfo.threadId, message: '0', context: { Tid: TENANT, Oid: USERS.fay } },
  )
})

test('it is got by id, by brackets, and found by join URL, meeting id and teleconference id', async (t) => {
  const world = await meetingWorld(t)
  const client = world.client('alpha')
  const { '@odata.context': context, ...meeting } = await makeMeeting(world, { subject: 'Here' })
  await makeMeeting(world)
  const got = await client.get(`${MEETINGS_OF_FAY}/${meeting.id}`)
  assert.deepEqual(got.body, { '@odata.context': context, ...meeting })
  assert.equal((await client.get(`/users('${USERS.fay}')/onlineMeetings('${meeting.id}')`)).body.id, meeting.id)
  assert.equal((await client.get(`/communications/onlineMeetings/${meeting.id}`)).body.id, meeting.id)

  const { joinWebUrl, joinMeetingIdSettings, videoTeleconferenceId } = meeting
  const filters = [
    `JoinWebUrl eq '${joinWebUrl}'`,
    `joinweburl eq '${decodeURIComponent(joinWebUrl)}'`,
    `joinMeetingIdSettings/joinMeetingId eq '${joinMeetingIdSettings.joinMeetingId}'`,
  ]
  for (const filter of filters) {
    const { status, body } = await client.get(`${MEETINGS_OF_FAY}?$filter=${encodeURIComponent(filter)}`)
    assert.equal(status, 200)
    assert.deepEqual(body, {
      '@odata.context': `${world.url}/v1.0/$metadata#users('${USERS.fay}')/onlineMeetings`,
      value: [meeting],
    })
  }
  const byVtc = encodeURIComponent(`VideoTeleconferenceId eq '${videoTeleconferenceId}'`)
  for (const path of ['/v1.0/communications', '/beta/communications', '/beta/app']) {
    const authorization = `Bearer ${await world.token('alpha')}`
    const { body } = await world.request('GET', `${path}/onlineMeetings/?$filter=${byVtc}`, undefined, {
      authorization,
    })
    assert.deepEqual(
      body.value.map(({ id }: AnyJson) => id),
      [meeting.id],
    )
  }
  // Of another organizer, or nobody's: an empty collection.
  const other = await client.get(`/users/${USERS.ada}/onlineMeetings?$filter=${encodeURIComponent(filters[0] ?? '')}`)
  assert.deepEqual(other.body.value, [])
  const unknown = await client.get(`/communications/onlineMeetings?$filter=VideoTeleconferenceId eq '1'`)
  assert.deepEqual(unknown.body.value, [])
})

test('createOrGet makes a meeting once for each externalId and organizer', async (t) => {
  const world = await meetingWorld(t)
  const client = world.client('alpha')
  const given = { externalId: 'case-17', subject: 'Case 17' }
  const [first, same] = await Promise.all([
    client.post(`${MEETINGS_OF_FAY}/microsoft.graph.createOrGet`, given),
    client.post(`${MEETINGS_OF_FAY}/createOrGet`, given),
  ])
  assert.deepEqual(new Set([first.status, same.status]), new Set([200, 201]))
  assert.equal(first.body.externalId, 'case-17')
  assert.equal(same.body.id, first.body.id)
  const ofAda = await client.post(`/users/${USERS.ada}/onlineMeetings/createOrGet`, given)
  assert.equal(ofAda.status, 201)
  assert.notEqual(ofAda.body.id, first.body.id)
  assertRefused(await client.post(`${MEETINGS_OF_FAY}/createOrGet`, { subject: 'x' }), {
    status: 400,
    code: 'invalidRequest',
    message: 'The request is invalid.',
    explanation: 'externalId is required: by it the meeting is found again.',
  })
})

test('a meeting changes by PATCH, one member at a time', async (t) => {
  const world = await meetingWorld(t)
  const client = world.client('alpha')
  const { '@odata.context': context, ...meeting } = await makeMeeting(world, {
    subject: 'Old',
    recordAutomatically: true,
  })
  const path = `${MEETINGS_OF_FAY}/${meeting.id}`
  const patched = await client.patch(path, {
    Subject: 'New',
    lobbyBypassSettings: { scope: 'Everyone' },
    allowedPresenters: 'organizer',
    isEntryExitAnnounced: false,
    joinMeetingIdSettings: { isPasscodeRequired: true },
  })
  assert.equal(patched.status, 200)
  const { passcode } = patched.body.joinMeetingIdSettings
  assert.match(passcode, /^\w{8}$/)
  const expected = {
    '@odata.context': context,
    ...meeting,
    subject: 'New',
    lobbyBypassSettings: { ...meeting.lobbyBypassSettings, scope: 'everyone' },
    allowedPresenters: 'organizer',
    isEntryExitAnnounced: false,
    joinMeetingIdSettings: { ...meeting.joinMeetingIdSettings, isPasscodeRequired: true, passcode },
  }
  assert.deepEqual(patched.body, expected)
  assert.deepEqual((await client.get(path)).body, expected)
  assertRefused(await client.patch(path, { endDateTime: '2000-01-01T00:00:00Z' }), {
    status: 400,
    code: 'invalidRequest',
    message: 'The request is invalid.',
    explanation: 'endDateTime is before startDateTime.',
  })
})

test('lists page; a reset takes the meetings away', async (t) => {
  const world = await meetingWorld(t)
  const client = world.client('alpha')
  const made = [await makeMeeting(world), await makeMeeting(world), await makeMeeting(world)].map(({ id }) => id)
  const first = await client.get(`${MEETINGS_OF_FAY}?$top=2&$select=id`)
  const next = String(first.body['@odata.nextLink']).replace(`${world.url}/v1.0`, '')
  const second = await client.get(next)
  assert.equal(second.body['@odata.nextLink'], undefined)
  assert.deepEqual(
    [...first.body.value, ...second.body.value],
    made.toSorted((a, b) => (a < b ? -1 : 1)).map((id) => ({ '@odata.type': '#microsoft.graph.onlineMeeting', id })),
  )
  await world.control('POST', '/reset')
  assert.deepEqual((await client.get(MEETINGS_OF_FAY)).body.value, [])
})

test('a deleted meeting is gone', async (t) => {
  const world = await meetingWorld(t)
  const client = world.client('alpha')
  const { id } = await makeMeeting(world)
  assertEmpty(await client.delete(`${MEETINGS_OF_FAY}/${id}`), 204)
  for (const reply of [await client.get(`${MEETINGS_OF_FAY}/${id}`), await client.delete(`${MEETINGS_OF_FAY}/${id}`)]) {
    assertRefused(reply, {
      status: 404,
      code: 'itemNotFound',
      message: 'The online meeting could not be found.',
      explanation: `No online meeting has the id ${id} here; it may have been deleted, or belong to another organizer.`,
    })
  }
})

test('there are as many as maxMeetings says', async (t) => {
  const world = await meetingWorld(t, { maxMeetings: 1 })
  const { id } = await makeMeeting(world)
  const full = await world.client('alpha').post(MEETINGS_OF_FAY, {})
  assert.deepEqual([full.status, full.body.error.code], [507, 'quotaLimitReached'])
  await world.client('alpha').delete(`${MEETINGS_OF_FAY}/${id}`)
  await makeMeeting(world)
})

test('/me is nobody for an application', async (t) => {
  const world = await meetingWorld(t)
  for (const path of ['/me/onlineMeetings', '/me/onlineMeetings/createOrGet']) {
    assertRefused(await world.client('alpha').post(path, {}), {
      status: 400,
      code: 'BadRequest',
      message: '/me request is only valid with delegated authentication flow.',
      explanation:
        'The token is an application\'s own, so "me" is nobody: write /users/{id}/onlineMeetings, with the organizer\'s object id or user principal name.',
    })
  }
})

test('permissions: reading, writing, nothing', async (t) => {
  const world = await meetingWorld(t, {}, { roles: [...ALL_ROLES, 'OnlineMeetings.Read.All'] })
  assert.equal((await world.client('alpha').get(MEETINGS_OF_FAY)).status, 200)
  const missing = (app: string, operation: string, roles: string): Parameters<typeof assertRefused>[1] => ({
    status: 403,
    code: 'Forbidden',
    message: 'Missing role permissions on the request.',
    explanation: `onlineMeeting: ${operation} needs the application permission ${roles}; grant it to ${app} in the directory (roles) and get a new token.`,
  })
  assertRefused(
    await world.client('alpha').post(MEETINGS_OF_FAY, {}),
    missing(APPS.alpha, 'create', 'OnlineMeetings.ReadWrite.All'),
  )
  assertRefused(
    await world.client('mute').get(MEETINGS_OF_FAY),
    missing(APPS.mute, 'list', 'OnlineMeetings.Read.All or OnlineMeetings.ReadWrite.All'),
  )
})

const noPolicy = (upn: string): Parameters<typeof assertRefused>[1] => ({
  status: 403,
  code: 'Forbidden',
  message: 'No application access policy found for this app.',
  explanation: `The application ${APPS.alpha} may not act for ${upn}: write meetingUsers: all, or a list of users, into its entry in the directory.`,
})

test('the policy of the directory says for whom an application acts', async (t) => {
  const world = await meetingWorld(t, {}, { meetingUsers: ['FAY@contoso.example', USERS.ada] })
  const client = world.client('alpha')
  await makeMeeting(world)
  assert.equal((await client.post(`/users/${USERS.ada}/onlineMeetings`, {})).status, 201)
  assertRefused(await client.post(`/users/${USERS.ben}/onlineMeetings`, {}), noPolicy('ben@contoso.example'))
})

test('in production an application needs a policy', async (t) => {
  const world = await meetingWorld(t, { mode: 'production', adminKey: 'key', clock: 'real' })
  assertRefused(await world.client('alpha').post(MEETINGS_OF_FAY, {}), noPolicy('fay@contoso.example'))
})

test('users of other tenants are not found', async (t) => {
  const world = await meetingWorld(t)
  for (const id of [STRANGER, 'nobody@contoso.example']) {
    assertRefused(await world.client('alpha').get(`/users/${id}/onlineMeetings`), {
      status: 404,
      code: 'itemNotFound',
      message: 'The user could not be found.',
      explanation: `The tenant has no user ${id}; write an object id or a user principal name.`,
    })
  }
})

test('a mistake in the body is named', async (t) => {
  const world = await meetingWorld(t)
  const bodies = [
    [{ lobbyBypassSettings: { scope: 'nobody' } }, /^lobbyBypassSettings\.scope must be one of organizer, /],
    [{ participants: { attendees: [{}] } }, /^participants\.attendees\[0\] must name somebody, by upn or by/],
    [{ startDateTime: 'tomorrow' }, /^startDateTime must be a moment in ISO 8601/],
    [{ isEntryExitAnnounced: 'yes' }, /^isEntryExitAnnounced must be true or false/],
  ] as const
  for (const [body, explanation] of bodies) {
    const reply = await world.client('alpha').post(MEETINGS_OF_FAY, body)
    assert.deepEqual([reply.status, reply.body.error.code], [400, 'invalidRequest'])
    assert.match(reply.headers.get('rollcall-explanation') ?? '', explanation)
  }
})

test('without a token: 401', async (t) => {
  const world = await startWorld(t)
  const { status, body } = await world.request('GET', `/v1.0${MEETINGS_OF_FAY}`)
  assert.deepEqual([status, body.error.code], [401, 'InvalidAuthenticationToken'])
})
