/** A group call: `POST /communications/calls` with two to five targets. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UserName } from '../support/world.ts'
import { PHONE, USERS, application, callBody, phone, startWorld, user } from '../support/world.ts'
import { CALLS, assertRefused, create, groupCall, invalidArgument } from './steps.ts'
import * as wire from './wire.ts'

const everybody = Object.keys(USERS) as UserName[]

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version}: established by the first who answers, with a chat and a roster`, async (t) => {
    const world = await startWorld(t)
    const client = world.client('alpha', version)
    await world.script('ada', { answer: { after: '3s' } })
    await world.script('ben', { answer: { after: '2s' } })
    const reply = await client.post(CALLS, callBody(world, 'alpha', [user('ada'), user('ben')]))
    const call = wire.known(reply, version)
    const { threadId } = reply.body.chatInfo
    assert.match(threadId, /^19:[0-9a-f]{32}@thread\.v2$/)
    assert.equal(reply.status, 201)
    assert.deepEqual(
      reply.body,
      wire.resource(call, {
        '@odata.context': `${world.url}/${version}/$metadata#app/calls/$entity`,
        callbackUri: world.bots.alpha.url,
        targets: [wire.target(wire.person('ada'), version), wire.target(wire.person('ben'), version)],
        chatInfo: wire.chat(threadId),
      }),
    )
    const rings = version === 'beta' ? [wire.ringing(call)] : []
    assert.deepEqual(await world.take(), [wire.establishing(call), ...rings])

    await world.advance('2s')
    const first = await world.take()
    const ben = { id: first[1]?.resourceData[0].id, identity: wire.person('ben'), sourceId: 1 }
    const own = wire.self(call, 2)
    assert.deepEqual(first, [wire.established(call), wire.roster(call, [ben, own])])

    await world.advance('1s')
    const second = await world.take()
    const ada = { id: second[0]?.resourceData[2].id, identity: wire.person('ada'), sourceId: 3 }
    assert.deepEqual(second, [wire.roster(call, [ben, own, ada])])

    const listed = await client.get(`${CALLS}/${call.id}/participants`)
    assert.deepEqual(listed.body, {
      '@odata.context': `${world.url}/${version}/$metadata#communications/calls('${call.id}')/participants`,
      value: [ben, own, ada].map((shown) => wire.participant(shown, version)),
    })
  })
}

for (const count of [2, 3, 4, 5]) {
  test(`${count} targets are called`, async (t) => {
    const world = await startWorld(t)
    const { rows } = await groupCall(world, everybody.slice(0, count))
    assert.equal(rows.length, count + 1)
  })
}

test('6 targets are refused, and nobody is rung', async (t) => {
  const world = await startWorld(t)
  assertRefused(
    await world.client('alpha').post(CALLS, callBody(world, 'alpha', everybody.map(user))),
    invalidArgument('6 participants were named; at most 5 are allowed in one request.'),
  )
})

test('somebody named twice is refused', async (t) => {
  const world = await startWorld(t)
  assertRefused(await world.client('alpha').post(CALLS, callBody(world, 'alpha', [user('ada'), user('ada')])), {
    status: 409,
    code: '8519',
    message: 'The request conflicts with the current state of the call.',
    explanation: `8:orgid:${USERS.ada} is named twice in the request.`,
  })
})

test('an application cannot be one of several targets in profile teams', async (t) => {
  const world = await startWorld(t)
  const reply = await world.client('alpha').post(CALLS, callBody(world, 'alpha', [user('ada'), application('beta')]))
  assert.deepEqual([reply.status, reply.body.error.code], [403, '7504'])
})

test('users and phones can be mixed', async (t) => {
  const world = await startWorld(t, { profile: 'open' })
  const call = await create(world, [user('ada'), phone(PHONE)])
  const taken = await world.take()
  const [ada, , customer] = taken[3]?.resourceData ?? []
  const rows = [
    { id: ada.id, identity: wire.person('ada'), sourceId: 1 },
    wire.self(call, 2),
    { id: customer.id, identity: wire.number(PHONE), sourceId: 3 },
  ]
  assert.deepEqual(taken, [
    wire.establishing(call),
    wire.established(call),
    wire.roster(call, rows.slice(0, 2)),
    wire.roster(call, rows),
  ])
})

test('some do not answer: the call goes on with those who did', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { busy: {} })
  await world.script('cleo', { decline: { after: '5s' } })
  const call = await create(world, [user('ada'), user('ben'), user('cleo')])
  const taken = await world.take()
  const ben = { id: taken[2]?.resourceData[0].id, identity: wire.person('ben'), sourceId: 1 }
  assert.deepEqual(taken, [
    wire.establishing(call),
    wire.established(call),
    wire.roster(call, [ben, wire.self(call, 2)]),
  ])
  // Who declines later was never on the roster: nothing is told.
  await world.advance('10s')
  assert.deepEqual(await world.take(), [])
})

test('nobody answers: the call ends with the code of the last one', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { ignore: {} })
  await world.script('ben', { busy: {} })
  await world.script('cleo', { decline: { after: '10s' } })
  const call = await create(world, [user('ada'), user('ben'), user('cleo')])
  assert.deepEqual(await world.take(), [wire.establishing(call)])
  await world.advance('59999ms')
  assert.deepEqual(await world.take(), [])
  await world.advance('1ms')
  assert.deepEqual(await world.take(), [
    wire.terminated(call, wire.result(487, 10004, 'The user did not answer in time')),
  ])
})

test('hung up while it rings: nobody is rung any more', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { answer: { after: '5s' } })
  await world.script('ben', { answer: { after: '5s' } })
  const call = await create(world, [user('ada'), user('ben')])
  assert.deepEqual(await world.take(), [wire.establishing(call)])
  assert.equal((await world.client('alpha').delete(`${CALLS}/${call.id}`)).status, 204)
  assert.deepEqual(await world.take(), wire.ownEnd(call))
  await world.advance('1h')
})

test('everybody leaves: the call ends with its last participant', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { answer: { after: '0s', leaveAfter: '5m' } })
  await world.script('ben', { answer: { after: '0s', leaveAfter: '10m' } })
  const { call, rows } = await groupCall(world)
  await world.advance('5m')
  assert.deepEqual(await world.take(), [wire.roster(call, rows.slice(1))])
  await world.advance('5m')
  assert.deepEqual(await world.take(), [wire.lastParticipant(call)])
})
