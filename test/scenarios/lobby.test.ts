/** The lobby of a meeting: who waits, who is let in or turned away; locked meetings; the end for everybody. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import type { World } from '../support/world.ts'
import { OTHER_TENANT, PHONE, STRANGER, TENANT, user } from '../support/world.ts'
import { MEETINGS_OF_FAY, byOrganizer, join, makeMeeting, meetingWorld } from './meeting-steps.ts'
import { CALLS, assertEmpty, assertRefused, invite } from './steps.ts'
import type { Json, Known, Row } from './wire.ts'
import * as wire from './wire.ts'

const VISITOR = {
  '@odata.type': '#microsoft.graph.identitySet',
  guest: { '@odata.type': '#microsoft.graph.identity', id: 'visitor-17', displayName: 'The visitor', tenantId: TENANT },
}
const asGuest = { source: { identity: { guest: { id: 'visitor-17', displayName: 'The visitor' } } } }

/** A person comes into a meeting by control. */
async function enter(world: World, { id: meeting }: AnyJson, who: Json): Promise<AnyJson> {
  const { status, body } = await world.control('POST', '/meetings/join', { meeting, ...who })
  assert.equal(status, 201, JSON.stringify(body))
  return body
}

/** A guest of alpha's waits in the lobby of a meeting in which fay is; the notifications are taken. */
async function waitingGuest(
  world: World,
  version: 'v1.0' | 'beta' = 'v1.0',
  more: Json = {},
): Promise<{ readonly meeting: AnyJson; readonly call: Known; readonly fay: Row; readonly own: Row }> {
  const meeting = await makeMeeting(world)
  const entered = await enter(world, meeting, { user: 'fay@contoso.example' })
  assert.deepEqual([entered.lobby, entered.role], [false, 'organizer'])
  const reply = await join(world, { ...byOrganizer(meeting), ...asGuest, ...more }, 'alpha', version)
  assert.equal(reply.status, 201, reply.headers.get('rollcall-explanation') ?? '')
  const call = wire.known(reply, version)
  const own = { id: call.myParticipantId, identity: VISITOR, isInLobby: true }
  assert.deepEqual((await world.take()).slice(0, 2), [wire.establishing(call), wire.established(call)])
  const fay = { id: entered.participantId, identity: wire.person('fay'), sourceId: 1 }
  return { meeting, call, fay, own }
}

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version}: a guest waits, sees itself alone, is let in and sees everybody`, async (t) => {
    const world = await meetingWorld(t)
    const meeting = await makeMeeting(world)
    const { participantId } = await enter(world, meeting, { user: 'fay@contoso.example' })
    const reply = await join(world, { ...byOrganizer(meeting), ...asGuest }, 'alpha', version)
    const call = wire.known(reply, version)
    const own: Row = { id: call.myParticipantId, identity: VISITOR, isInLobby: true }
    assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call), wire.roster(call, [own])])
    const client = world.client('alpha', version)
    assert.deepEqual((await client.get(`${CALLS}/${call.id}/participants`)).body.value, [
      wire.participant(own, version),
    ])
    assert.equal((await client.get(`${CALLS}/${call.id}/participants/${participantId}`)).status, 404)
    for (const refused of [
      await invite(world, call, [user('ada')]),
      await client.delete(`${CALLS}/${call.id}/participants/${participantId}`),
      await client.post(`${CALLS}/${call.id}/mute`),
      await client.post(`${CALLS}/${call.id}/participants/muteAll`),
    ]) {
      assertRefused(refused, {
        status: 400,
        code: '8501',
        message: 'Call is not established.',
        explanation: 'The application waits in the lobby; the roster tells when it is let in.',
      })
    }
    // Whoever comes meanwhile is none of its business.
    const ada = await enter(world, meeting, { user: 'ada@contoso.example' })
    assert.deepEqual(await world.take(), [])

    assertEmpty(await world.control('POST', `/calls/${call.id}/participants/${own.id}/admit`), 204)
    const rows = [
      { id: participantId, identity: wire.person('fay'), sourceId: 1 },
      { id: own.id, identity: VISITOR, sourceId: 2 },
      { id: ada.participantId, identity: wire.person('ada'), sourceId: 3 },
    ]
    assert.deepEqual(await world.take(), [wire.roster(call, rows)])
    assert.equal((await client.get(`${CALLS}/${call.id}/participants`)).body.value.length, 3)
  })
}

test('with delta rosters the whole roster comes once the guest is let in', async (t) => {
  const world = await meetingWorld(t)
  const { call, own, fay } = await waitingGuest(world, 'v1.0', { callOptions: { isDeltaRosterEnabled: true } })
  assertEmpty(await world.control('POST', `/calls/${call.id}/lobby/admit`), 204)
  const [update, ...others] = await world.take()
  assert.deepEqual(others, [])
  const { sequenceNumber } = update?.resourceData ?? {}
  assert.deepEqual(update, wire.delta(call, sequenceNumber, [fay, { id: own.id, identity: VISITOR, sourceId: 2 }]))
})

test('nobody lets the guest in: 200/5855', async (t) => {
  const world = await meetingWorld(t)
  const { call } = await waitingGuest(world)
  await world.advance('30m')
  assert.deepEqual(await world.take(), [
    wire.terminated(call, wire.result(200, 5855, 'Nobody admitted them from the lobby in time')),
  ])
})

test('the guest is turned away: 200/5300', async (t) => {
  const world = await meetingWorld(t)
  const { call, own } = await waitingGuest(world)
  assertEmpty(await world.control('POST', `/calls/${call.id}/participants/${own.id}/turnAway`), 204)
  assert.deepEqual(await world.take(), [
    wire.terminated(call, wire.result(200, 5300, 'Somebody inside turned them away from the lobby')),
  ])
})

test('a guest of whom the policy lets everybody in does not wait', async (t) => {
  const world = await meetingWorld(t)
  const meeting = await makeMeeting(world, { lobbyBypassSettings: { scope: 'everyone' } })
  const call = wire.known(await join(world, { ...byOrganizer(meeting), ...asGuest }))
  assert.deepEqual(await world.take(), [
    wire.establishing(call),
    wire.established(call),
    wire.roster(call, [{ id: call.myParticipantId, identity: VISITOR, sourceId: 1 }]),
  ])
})

test('people wait by the policy of the meeting, and by what it becomes', async (t) => {
  const world = await meetingWorld(t)
  const meeting = await makeMeeting(world)
  const call = wire.known(await join(world, byOrganizer(meeting)))
  assert.equal((await world.take()).length, 3)
  const self = wire.self(call, 1)
  const stranger = await enter(world, meeting, { user: 'stranger@fabrikam.example' })
  assert.deepEqual([stranger.lobby, stranger.role], [true, 'presenter'])
  const foreign = {
    '@odata.type': '#microsoft.graph.identitySet',
    user: { '@odata.type': '#microsoft.graph.identity', id: STRANGER, displayName: 'Stranger', tenantId: OTHER_TENANT },
  }
  const row: Row = { id: stranger.participantId, identity: foreign }
  assert.deepEqual(await world.take(), [wire.roster(call, [self, { ...row, isInLobby: true }])])
  const phoned = await enter(world, meeting, { user: PHONE })
  assert.equal(phoned.lobby, true)
  await world.take()
  assertEmpty(await world.control('POST', `/calls/${call.id}/lobby/admit`), 204)
  const phone = { id: phoned.participantId, identity: wire.number(PHONE, { displayName: 'A phone' }), sourceId: 3 }
  assert.deepEqual(await world.take(), [wire.roster(call, [self, { ...row, sourceId: 2 }, phone])])

  await world.client('alpha').patch(`${MEETINGS_OF_FAY}/${meeting.id}`, { lobbyBypassSettings: { scope: 'everyone' } })
  assert.equal((await enter(world, meeting, { guest: 'Zoe' })).lobby, false)
  await world.take()
  assert.equal((await enter(world, meeting, { user: 'ben@contoso.example', lobby: true })).lobby, true)
  await world.take()
})

test('people enter before any bot, by join URL or by meeting id and passcode; the bot finds them', async (t) => {
  const world = await meetingWorld(t)
  const meeting = await makeMeeting(world, { subject: 'Early', joinMeetingIdSettings: { isPasscodeRequired: true } })
  const { joinMeetingId, passcode } = meeting.joinMeetingIdSettings
  const ada = await enter(world, { id: meeting.joinWebUrl }, { user: 'ada@contoso.example' })
  const ben = await enter(world, { id: joinMeetingId }, { user: 'ben@contoso.example', passcode })
  assert.equal(ben.conversationId, ada.conversationId)
  const wrong = await world.control('POST', '/meetings/join', { meeting: joinMeetingId, user: 'cleo@contoso.example' })
  assert.deepEqual([wrong.status, wrong.body.error.code], [400, '8561'])

  const reply = await join(world, byOrganizer(meeting))
  const call = wire.known(reply)
  assert.equal(reply.body.subject, 'Early')
  const rows = [
    { id: ada.participantId, identity: wire.person('ada'), sourceId: 1 },
    { id: ben.participantId, identity: wire.person('ben'), sourceId: 2 },
    wire.self(call, 3),
  ]
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call), wire.roster(call, rows)])
})

test('an ad-hoc join URL is a place, too', async (t) => {
  const world = await meetingWorld(t)
  const { joinWebUrl } = await makeMeeting(world)
  const elsewhere = joinWebUrl.replace(/meeting_\w+/, 'meeting_elsewhere')
  const { lobby, role } = await enter(world, { id: elsewhere }, { user: 'ada@contoso.example' })
  assert.deepEqual([lobby, role], [false, undefined])
  assert.equal((await world.control('POST', '/meetings/join', { meeting: 'x', guest: 'Zoe' })).status, 404)
  assert.equal((await world.control('POST', '/meetings/join', { meeting: elsewhere })).status, 400)
})

test('a locked meeting takes nobody, and is unlocked', async (t) => {
  const world = await meetingWorld(t)
  const meeting = await makeMeeting(world)
  const lock = (locked: boolean): Promise<AnyJson> => world.control('PATCH', `/meetings/${meeting.id}`, { locked })
  assert.equal((await lock(true)).body.locked, true)
  for (const way of [
    byOrganizer(meeting),
    { meetingInfo: { joinMeetingId: meeting.joinMeetingIdSettings.joinMeetingId } },
  ]) {
    assertRefused(await join(world, way), {
      status: 403,
      code: '8560',
      message: 'The meeting is locked.',
      explanation: 'The meeting is locked: who is in stays in, and nobody else may join until it is unlocked.',
    })
  }
  const person = await world.control('POST', '/meetings/join', { meeting: meeting.id, user: 'ada@contoso.example' })
  assert.deepEqual([person.status, person.body.error.code], [403, '8560'])
  await lock(false)
  await enter(world, meeting, { user: 'ada@contoso.example' })
})

test('the organizer leaves and the meeting goes on; it ends for everybody; joining begins it anew', async (t) => {
  const world = await meetingWorld(t)
  const meeting = await makeMeeting(world)
  const fay = await enter(world, meeting, { user: 'fay@contoso.example' })
  await enter(world, meeting, { user: 'ada@contoso.example' })
  const calls = [wire.known(await join(world, byOrganizer(meeting)))]
  await world.take()
  calls.push(wire.known(await join(world, byOrganizer(meeting), 'beta')))
  for (const app of ['alpha', 'beta'] as const) await world.take(app)

  assertEmpty(await world.control('POST', `/calls/${fay.conversationId}/participants/${fay.participantId}/leave`), 204)
  for (const app of ['alpha', 'beta'] as const) {
    assert.equal((await world.take(app)).at(0)?.resourceData.length, 3)
  }
  assertEmpty(await world.control('POST', `/meetings/${meeting.id}/end`), 204)
  const why = wire.result(200, 5001, 'The organizer ended it for everybody')
  const [first, second] = calls
  assert.ok(first && second)
  assert.deepEqual((await world.take('alpha')).at(-1), wire.terminated(first, why))
  assert.deepEqual((await world.take('beta')).at(-1), wire.terminated(second, why))
  assert.equal((await world.control('POST', `/meetings/${meeting.id}/end`)).status, 404)

  const again = await join(world, byOrganizer(meeting))
  assert.equal(again.status, 201)
  assert.deepEqual(again.body.chatInfo, meeting.chatInfo)
  assert.notEqual(again.body.callChainId, first.callChainId)
  await world.take()
})

test('control shows the meetings', async (t) => {
  const world = await meetingWorld(t)
  const meeting = await makeMeeting(world, { subject: 'Seen' })
  const { body } = await world.control('GET', '/meetings')
  assert.equal(body.value.length, 1)
  const shown = (await world.control('GET', `/meetings/${meeting.joinMeetingIdSettings.joinMeetingId}`)).body
  assert.deepEqual(body.value, [shown])
  assert.deepEqual(
    [shown.id, shown.organizer, shown.subject, shown.joinWebUrl, shown.locked],
    [meeting.id, 'fay@contoso.example', 'Seen', meeting.joinWebUrl, false],
  )
  assert.equal((await world.control('GET', '/meetings/none')).status, 404)
  assert.equal((await world.control('POST', `/meetings/${meeting.id}/end`)).status, 404)
})
