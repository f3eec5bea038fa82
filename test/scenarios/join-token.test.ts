/** Joining by token and by meeting id, and what a known meeting has to say when it is joined. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import type { Reply, World } from '../support/world.ts'
import { OTHER_TENANT, TENANT, USERS, application, callBody, startWorld } from '../support/world.ts'
import { MEETINGS_OF_FAY, byOrganizer, join, makeMeeting, meetingWorld } from './meeting-steps.ts'
import { CALLS, assertEmpty, assertRefused, groupCall, invite } from './steps.ts'
import * as wire from './wire.ts'

const byToken = (token: string): wire.Json => ({ meetingInfo: wire.tokenMeeting(token) })

/** A group call of alpha's into which beta was invited; beta's incoming call waits for its answer. */
async function invited(world: World): Promise<{ readonly call: wire.Known; readonly incoming: AnyJson }> {
  const { call } = await groupCall(world)
  assert.equal((await invite(world, call, [application('beta')])).status, 200)
  const [incoming] = await world.take('beta')
  return { call, incoming: incoming?.resourceData }
}

async function explanation(reply: Reply | Promise<Reply>): Promise<readonly [number, string, string]> {
  const { status, body, headers } = await reply
  return [status, body.error?.code, headers.get('rollcall-explanation') ?? '']
}

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version}: by the token of an earlier incoming call, into the group call as long as it lives`, async (t) => {
    const world = await startWorld(t, { profile: 'open' })
    const { call, incoming } = await invited(world)
    const { token } = incoming.meetingInfo
    assertEmpty(await world.client('beta').post(`${CALLS}/${incoming.id}/reject`, {}), 202)
    await world.take('beta')
    const before = (await world.take()).at(-1)?.resourceData
    assert.ok(before)

    const reply = await join(world, byToken(token), 'beta', version)
    assert.equal(reply.status, 201, reply.headers.get('rollcall-explanation') ?? '')
    const own = wire.known(reply, version)
    assert.deepEqual(own.chatInfo, call.chatInfo)
    assert.deepEqual(own.meetingInfo, wire.tokenMeeting(token))
    assert.equal(own.callChainId, call.callChainId)
    const [establishing, established, roster, ...others] = await world.take('beta')
    assert.deepEqual([establishing, established], [wire.establishing(own), wire.established(own)])
    assert.equal(roster?.resourceData.length, 4)
    assert.deepEqual(others, [])
    assert.equal((await world.take()).length, 1)

    // The call ends; the token leads nowhere any more.
    assertEmpty(await world.client('beta').delete(`${CALLS}/${own.id}`), 204)
    for (const { id, info } of (await world.client('alpha').get(`${CALLS}/${call.id}/participants`)).body.value) {
      if (info.identity.user) await world.control('POST', `/calls/${call.id}/participants/${id}/leave`)
    }
    await world.take()
    await world.take('beta')
    assert.deepEqual(await explanation(join(world, byToken(token), 'beta', version)), [
      400,
      '8526',
      'The call that the token is for is over; tokens lead into calls that are live.',
    ])
  })
}

test('a token expires, and no other token will do', async (t) => {
  const world = await startWorld(t, { profile: 'open', joinTokenLifetime: 60_000 })
  const { incoming } = await invited(world)
  const { token } = incoming.meetingInfo
  await world.advance('2m')
  for (const app of ['alpha', 'beta'] as const) await world.take(app)
  const wrong = [
    [token, 'it has expired'],
    [`${token.slice(0, -8)}AAAAAAAA`, 'its signature is wrong'],
    [await world.token('beta'), 'it is another kind of token'],
    ['abc', 'it is no token of this server'],
  ]
  for (const [text = '', problem] of wrong) {
    assertRefused(await join(world, byToken(text), 'beta'), {
      status: 400,
      code: '8526',
      message: 'The join token is invalid.',
      explanation: `meetingInfo.token cannot be used: ${problem}.`,
    })
  }
})

test('a token is for its tenant', async (t) => {
  const world = await startWorld(t, { profile: 'open' })
  const { incoming } = await invited(world)
  assert.deepEqual(await explanation(join(world, byToken(incoming.meetingInfo.token), 'foreign')), [
    403,
    '7505',
    `the tenant of the token is ${TENANT}, but the token is for tenant ${OTHER_TENANT}; both must be the same.`,
  ])
  assertEmpty(await world.client('beta').post(`${CALLS}/${incoming.id}/reject`, {}), 202)
  for (const app of ['alpha', 'beta'] as const) await world.take(app)
})

test('a token leads into a meeting that is over: that begins it anew', async (t) => {
  const world = await meetingWorld(t, { profile: 'open' })
  const meeting = await makeMeeting(world)
  const first = wire.known(await join(world, byOrganizer(meeting)))
  await world.take()
  assert.equal((await invite(world, first, [application('beta')])).status, 200)
  const [incoming] = await world.take('beta')
  const { token } = incoming?.resourceData.meetingInfo ?? {}
  assertEmpty(await world.client('beta').post(`${CALLS}/${incoming?.resourceData.id}/reject`, {}), 202)
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${first.id}`), 204)
  for (const app of ['alpha', 'beta'] as const) await world.take(app)

  const again = await join(world, byToken(token))
  assert.equal(again.status, 201)
  assert.deepEqual(again.body.chatInfo, meeting.chatInfo)
  await world.take()
})

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version}: by meeting id and passcode`, async (t) => {
    const world = await meetingWorld(t)
    const meeting = await makeMeeting(world, { joinMeetingIdSettings: { isPasscodeRequired: true } })
    const { joinMeetingId, passcode } = meeting.joinMeetingIdSettings
    const meetingInfo = { '@odata.type': '#microsoft.graph.joinMeetingIdMeetingInfo', joinMeetingId, passcode }
    const reply = await join(world, { meetingInfo }, 'alpha', version)
    assert.equal(reply.status, 201, reply.headers.get('rollcall-explanation') ?? '')
    assert.deepEqual([reply.body.chatInfo, reply.body.meetingInfo], [meeting.chatInfo, meetingInfo])
    const own = wire.known(reply, version)
    assert.deepEqual(await world.take(), [
      wire.establishing(own),
      wire.established(own),
      wire.roster(own, [wire.self(own, 1)]),
    ])
    // The same place as by the organizer.
    const other = wire.known(await join(world, byOrganizer(meeting), 'beta'))
    assert.equal(other.callChainId, own.callChainId)
    assert.equal((await world.take('beta')).length, 3)
    assert.equal((await world.take()).length, 1)

    for (const wrong of [{ passcode: 'wrong' }, { passcode: null }, { joinMeetingId: '200000000000' }]) {
      const id = wrong.joinMeetingId ?? joinMeetingId
      assertRefused(await join(world, { meetingInfo: { ...meetingInfo, ...wrong } }, 'alpha', version), {
        status: 400,
        code: '8561',
        message: 'The meeting id is invalid.',
        explanation: `No meeting has the id ${id} with this passcode; both stand in joinMeetingIdSettings of the meeting.`,
      })
    }
  })
}

test('a meeting without a passcode is joined without one, whatever is written', async (t) => {
  const world = await meetingWorld(t)
  const { joinMeetingIdSettings } = await makeMeeting(world)
  const spaced = joinMeetingIdSettings.joinMeetingId.replaceAll(/(\d{3})/g, '$1 ')
  const { status, body } = await join(world, { meetingInfo: { joinMeetingId: spaced, passcode: null } })
  assert.deepEqual([status, body.meetingInfo.joinMeetingId, body.meetingInfo.passcode], [201, spaced, null])
  await world.take()
})

test('a deleted meeting cannot be joined; who is in stays in', async (t) => {
  const world = await meetingWorld(t)
  const meeting = await makeMeeting(world)
  const inside = wire.known(await join(world, byOrganizer(meeting)))
  await world.take()
  assertEmpty(await world.client('alpha').delete(`${MEETINGS_OF_FAY}/${meeting.id}`), 204)
  assert.deepEqual(await world.take(), [])
  assert.equal((await world.client('alpha').get(`${CALLS}/${inside.id}`)).body.state, 'established')
  assertRefused(await join(world, byOrganizer(meeting), 'beta'), {
    status: 400,
    code: '8527',
    message: 'The join URL is invalid.',
    explanation: 'The meeting with this chat was deleted, so nobody can join it any more.',
  })
})

test('the organizer must be the one of the meeting, if the meeting is known', async (t) => {
  const world = await meetingWorld(t)
  const meeting = await makeMeeting(world)
  const meetingInfo = { organizer: { user: { id: USERS.ada } } }
  assert.deepEqual(await explanation(join(world, { ...byOrganizer(meeting), meetingInfo })), [
    400,
    '8527',
    `The organizer of the meeting with this chat is ${USERS.fay}, not ${USERS.ada}.`,
  ])
})

test('a meeting of another tenant: 403/7505', async (t) => {
  const world = await meetingWorld(t)
  const { chatInfo, joinMeetingIdSettings } = await makeMeeting(world)
  const ways = [
    { chatInfo, meetingInfo: { organizer: { user: { id: USERS.fay } } } },
    { meetingInfo: { joinMeetingId: joinMeetingIdSettings.joinMeetingId } },
  ]
  for (const way of ways) {
    const reply = await join(world, way, 'foreign')
    assert.deepEqual([reply.status, reply.body.error.code], [403, '7505'])
  }
})

test('a kind of meetingInfo that nobody published, or without what it needs', async (t) => {
  const world = await startWorld(t)
  const wrong = [
    [{ '@odata.type': '#microsoft.graph.secretMeetingInfo' }, /must be organizerMeetingInfo, tokenMeetingInfo or/],
    [{ '@odata.type': '#microsoft.graph.tokenMeetingInfo' }, /^meetingInfo\.token is required/],
    [{ '@odata.type': '#microsoft.graph.joinMeetingIdMeetingInfo' }, /^meetingInfo\.joinMeetingId is required/],
  ] as const
  for (const [meetingInfo, expected] of wrong) {
    const { targets: _, ...body } = callBody(world, 'alpha', [])
    const [status, code, text] = await explanation(world.client('alpha').post(CALLS, { ...body, meetingInfo }))
    assert.deepEqual([status, code], [400, '8523'])
    assert.match(text, expected)
  }
})
