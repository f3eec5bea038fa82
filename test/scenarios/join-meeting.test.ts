/** Joining a meeting: `POST /communications/calls` with `chatInfo` and `meetingInfo`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { World } from '../support/world.ts'
import { TENANT, USERS, callBody, startWorld, user } from '../support/world.ts'
import { CALLS, assertEmpty, assertRefused, invalidArgument } from './steps.ts'
import type { Json, Known, Version } from './wire.ts'
import * as wire from './wire.ts'

const THREAD = '19:meeting_c3RhbmQtdXAgb2YgdGhlIG5pZ2h0IHNoaWZ0@thread.v2'
const GUEST = 'visitor-17'

/** The coordinates of the meeting, as its invitation has them. */
const coordinates = {
  chatInfo: { '@odata.type': '#microsoft.graph.chatInfo', threadId: THREAD, messageId: '0' },
  meetingInfo: {
    '@odata.type': '#microsoft.graph.organizerMeetingInfo',
    organizer: {
      '@odata.type': '#microsoft.graph.identitySet',
      user: { '@odata.type': '#microsoft.graph.identity', id: USERS.fay, tenantId: TENANT },
    },
    allowConversationWithoutHost: true,
  },
  tenantId: TENANT,
}

function joinBody(world: World, app: 'alpha' | 'beta', more: Json = {}): Json {
  const { targets: _, ...body } = callBody(world, app, [])
  return { ...body, ...coordinates, ...more }
}

async function join(
  world: World,
  app: 'alpha' | 'beta' = 'alpha',
  more: Json = {},
  version: Version = 'v1.0',
): Promise<Known> {
  const reply = await world.client(app, version).post(CALLS, joinBody(world, app, more))
  assert.equal(reply.status, 201, JSON.stringify(reply.body))
  return wire.known(reply, version)
}

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version}: by organizer and chat, alone, then with a person`, async (t) => {
    const world = await startWorld(t)
    const client = world.client('alpha', version)
    const reply = await client.post(CALLS, joinBody(world, 'alpha'))
    const call = wire.known(reply, version)
    assert.equal(reply.status, 201)
    assert.equal(reply.headers.get('location'), `${world.url}/${version}${CALLS}/${call.id}`)
    assert.deepEqual(
      reply.body,
      wire.resource(call, {
        '@odata.context': `${world.url}/${version}/$metadata#app/calls/$entity`,
        callbackUri: world.bots.alpha.url,
        targets: [],
        chatInfo: wire.chat(THREAD),
        meetingInfo: wire.organizerMeeting(
          wire.person('fay'),
          version === 'beta' ? { allowConversationWithoutHost: true } : {},
        ),
      }),
    )
    const own = wire.self(call, 1)
    assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call), wire.roster(call, [own])])

    // A bot may wait alone in a meeting that nobody has entered yet.
    await world.advance('10m')
    assert.deepEqual(await world.take(), [])

    const joined = await world.control('POST', `/calls/${call.id}/participants`, { user: 'fay@contoso.example' })
    assert.equal(joined.status, 201)
    const fay = { id: joined.body.participantId, identity: wire.person('fay'), sourceId: 2 }
    assert.deepEqual(await world.take(), [wire.roster(call, [own, fay])])

    // With the last person the meeting is over.
    assertEmpty(await world.control('POST', `/calls/${call.id}/participants/${fay.id}/leave`), 204)
    assert.deepEqual(await world.take(), [wire.lastParticipant(call)])
  })
}

test('two bots join the same meeting: one conversation, each with a call of its own', async (t) => {
  const world = await startWorld(t)
  const first = await join(world, 'alpha')
  const alpha = wire.self(first, 1, wire.bot('alpha'))
  assert.deepEqual(await world.take('alpha'), [
    wire.establishing(first),
    wire.established(first),
    wire.roster(first, [alpha]),
  ])
  const second = await join(world, 'beta', {}, 'beta')
  const beta = wire.self(second, 2, wire.bot('beta'))
  assert.notEqual(second.id, first.id)
  assert.equal(second.callChainId, first.callChainId)
  assert.deepEqual(await world.take('beta'), [
    wire.establishing(second),
    wire.established(second),
    wire.roster(second, [alpha, beta]),
  ])
  assert.deepEqual(await world.take('alpha'), [wire.roster(first, [alpha, beta])])

  // Only its own leg ends when one of them hangs up.
  assertEmpty(await world.client('beta', 'beta').delete(`${CALLS}/${second.id}`), 204)
  assert.deepEqual(await world.take('beta'), wire.ownEnd(second))
  assert.deepEqual(await world.take('alpha'), [wire.roster(first, [alpha])])
})

test('one bot joins twice: two calls', async (t) => {
  const world = await startWorld(t)
  const first = await join(world)
  await world.take()
  const second = await join(world)
  assert.notEqual(second.id, first.id)
  const rows = [wire.self(first, 1), wire.self(second, 2)]
  const taken = await world.take()
  const about = ({ id }: Known): unknown[] => taken.filter(({ resource }) => resource.includes(id))
  assert.deepEqual(about(second), [wire.establishing(second), wire.established(second), wire.roster(second, rows)])
  assert.deepEqual(about(first), [wire.roster(first, rows)])
  assert.equal(taken.length, 4)
})

test('the meeting begins anew when it is joined after everybody left', async (t) => {
  const world = await startWorld(t)
  const first = await join(world)
  await world.take()
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${first.id}`), 204)
  assert.deepEqual(await world.take(), wire.ownEnd(first))

  await world.advance('1h')
  const second = await join(world)
  assert.notEqual(second.id, first.id)
  assert.notEqual(second.callChainId, first.callChainId)
  assert.deepEqual(await world.take(), [
    wire.establishing(second),
    wire.established(second),
    wire.roster(second, [wire.self(second, 1)]),
  ])
  // The first call still explains itself.
  const gone = await world.client('alpha').get(`${CALLS}/${first.id}`)
  assert.match(gone.headers.get('rollcall-explanation') ?? '', /: the application ended the call \(200\/7000\)\.$/)
})

test('another chat or message is another meeting', async (t) => {
  const world = await startWorld(t)
  const calls = [
    await join(world),
    await join(world, 'alpha', { chatInfo: { threadId: THREAD, messageId: '1566273984' } }),
    await join(world, 'alpha', { chatInfo: { threadId: '19:other@thread.v2', messageId: '0' } }),
  ]
  const taken = await world.take()
  for (const call of calls) {
    assert.deepEqual(
      taken.filter(({ resource }) => resource.includes(call.id)),
      [wire.establishing(call), wire.established(call), wire.roster(call, [wire.self(call, 1)])],
    )
  }
  assert.equal(taken.length, 9)
})

test('as a guest', async (t) => {
  const world = await startWorld(t)
  const identity = { guest: { id: GUEST, displayName: 'The visitor' } }
  const reply = await world.client('alpha').post(CALLS, joinBody(world, 'alpha', { source: { identity } }))
  const call = wire.known(reply)
  const guest = {
    '@odata.type': '#microsoft.graph.identitySet',
    guest: { '@odata.type': '#microsoft.graph.identity', id: GUEST, displayName: 'The visitor', tenantId: TENANT },
  }
  assert.equal(reply.status, 201)
  assert.deepEqual(reply.body.source, wire.source(guest))
  assert.deepEqual(await world.take(), [
    wire.establishing(call),
    wire.established(call),
    wire.roster(call, [wire.self(call, 1, guest)]),
  ])
})

test('without media: on the roster without a stream', async (t) => {
  const world = await startWorld(t)
  const { mediaConfig: _, ...body } = joinBody(world, 'alpha', { requestedModalities: [] })
  const reply = await world.client('alpha').post(CALLS, body)
  const call = wire.known(reply)
  assert.deepEqual([reply.status, call.media], [201, false])
  assert.deepEqual(await world.take(), [
    wire.establishing(call),
    wire.established(call),
    wire.roster(call, [{ id: call.myParticipantId, identity: wire.bot('alpha') }]),
  ])
})

test('targets beside meetingInfo are refused', async (t) => {
  const world = await startWorld(t)
  assertRefused(
    await world.client('alpha').post(CALLS, joinBody(world, 'alpha', { targets: [user('ada')] })),
    invalidArgument('targets and meetingInfo exclude each other: call people, or join a meeting.'),
  )
})

test('meetingInfo without chatInfo is refused', async (t) => {
  const world = await startWorld(t)
  assertRefused(
    await world.client('alpha').post(CALLS, joinBody(world, 'alpha', { chatInfo: null })),
    invalidArgument('chatInfo is required to join a meeting by its organizer.'),
  )
})
