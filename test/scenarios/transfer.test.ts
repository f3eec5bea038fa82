/** Transferring the other side of a peer-to-peer call: blind, and after having talked to the target. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply, World } from '../support/world.ts'
import { APPS, USERS, application, startWorld, user } from '../support/world.ts'
import { CALLS, assertEmpty, groupCall, peerToPeer, ring } from './steps.ts'
import type { Json, Known } from './wire.ts'
import * as wire from './wire.ts'

const transfer = (world: World, call: Known, transferTarget: unknown, more: Json = {}): Promise<Reply> =>
  world.client('alpha', call.version).post(`${CALLS}/${call.id}/transfer`, { transferTarget, ...more })

/** Who is in the conversation of a call, as control sees it. */
async function people(world: World, call: Known): Promise<readonly string[]> {
  const { body } = await world.control('GET', `/calls/${call.id}`)
  return body.participants.map(({ identity }: { identity: Json }) => identity['id'])
}

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version}, blind: the target takes the application's place`, async (t) => {
    const world = await startWorld(t)
    const call = await peerToPeer(world, 'ada', { version })
    await world.script('ben', { answer: { after: '5s' } })
    assertEmpty(await transfer(world, call, user('ben'), { clientContext: 'tone1' }), 202)
    assert.deepEqual(await world.take(), [wire.transferring(call)])
    const shown = await world.client('alpha', version).get(`${CALLS}/${call.id}`)
    assert.equal(shown.body.state, 'transferring')
    await world.advance('4s')
    assert.deepEqual(await world.take(), [])
    await world.advance('1s')
    assert.deepEqual(await world.take(), [wire.transferAccepted(call), wire.transferred(call)])
    assert.deepEqual(await people(world, call), [USERS.ada, USERS.ben])
    await world.advance('1h')
    assert.deepEqual(await people(world, call), [USERS.ada, USERS.ben])
  })
}

test('an incoming call, answered, is transferred as well, and one of the two hangs up', async (t) => {
  const world = await startWorld(t)
  const { call, callerId } = await ring(world, USERS.ada, APPS.alpha)
  const body = { acceptedModalities: ['audio'], mediaConfig: wire.serviceHosted }
  assertEmpty(await world.client('alpha').post(`${CALLS}/${call.id}/answer`, body), 202)
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
  const transferee = { identity: user('ada')['identity'], participantId: callerId }
  assertEmpty(await transfer(world, call, user('ben'), { transferee }), 202)
  assert.deepEqual(await world.take(), [wire.transferring(call), wire.transferAccepted(call), wire.transferred(call)])
  await world.control('POST', `/calls/${call.id}/participants/${callerId}/leave`)
  assert.deepEqual(await people(world, call), [])
})

test('to an application: its incoming call names who comes, and who transferred them', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  assertEmpty(await transfer(world, call, application('beta')), 202)
  assert.deepEqual(await world.take(), [wire.transferring(call)])
  const [incoming] = await world.take('beta')
  const theirs = wire.known({ body: incoming?.resourceData })
  assert.deepEqual(incoming?.resourceData.source.identity, wire.person('ada'))
  assert.deepEqual(incoming.resourceData.incomingContext.transferor, wire.bot('alpha'))
  const body = { acceptedModalities: ['audio'], mediaConfig: wire.serviceHosted }
  assertEmpty(await world.client('beta').post(`${CALLS}/${theirs.id}/answer`, body), 202)
  assert.deepEqual(await world.take('beta'), [wire.establishing(theirs), wire.established(theirs)])
  assert.deepEqual(await world.take(), [wire.transferAccepted(call), wire.transferred(call)])
  assertEmpty(await world.client('beta').delete(`${CALLS}/${theirs.id}`), 204)
  assert.deepEqual(await world.take('beta'), wire.ownEnd(theirs))
})

test('consultative: the target is taken out of the call with them, which ends after this one', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world, 'ada')
  const consulted = await peerToPeer(world, 'ben')
  assertEmpty(await transfer(world, call, { ...user('ben'), replacesCallId: consulted.id }), 202)
  assert.deepEqual(await world.take(), [
    wire.transferring(call),
    wire.transferAccepted(call),
    wire.transferred(call),
    wire.transferred(consulted),
  ])
  assert.deepEqual(await people(world, call), [USERS.ada, USERS.ben])
  assert.deepEqual(await people(world, consulted), [])
})

test('consultative, the other way round: the consulted call is transferred, and replaces the first', async (t) => {
  const world = await startWorld(t)
  const first = await peerToPeer(world, 'ada')
  const consulted = await peerToPeer(world, 'ben')
  assertEmpty(await transfer(world, consulted, { ...user('ada'), replacesCallId: first.id }), 202)
  assert.deepEqual(await world.take(), [
    wire.transferring(consulted),
    wire.transferAccepted(consulted),
    wire.transferred(consulted),
    wire.transferred(first),
  ])
  assert.deepEqual(await people(world, consulted), [USERS.ben, USERS.ada])
})

test('consultative with somebody in a group call: the group goes on without them', async (t) => {
  const world = await startWorld(t)
  const { call: group, rows } = await groupCall(world, ['ben', 'cleo', 'dov'])
  const call = await peerToPeer(world, 'ada')
  assertEmpty(await transfer(world, call, { ...user('cleo'), replacesCallId: group.id }), 202)
  const others = rows.filter(({ identity }) => JSON.stringify(identity) !== JSON.stringify(wire.person('cleo')))
  assert.deepEqual(await world.take(), [
    wire.transferring(call),
    wire.transferAccepted(call),
    wire.transferred(call),
    wire.roster(group, others),
  ])
})

/** In 2018 the target stood in `target`, and the replaced call beside it. */
const old = { target: user('ben') }
const OLD_END = ['updated call terminated', 'deleted call (gone)']
const SHOWN = {
  '2018-12': { body: old, end: OLD_END },
  '2019-09': { body: { transferTarget: user('ben') }, end: OLD_END },
  '2020-12': { body: { transferTarget: user('ben') }, end: ['deleted call terminated'] },
  '2021-03': { body: { transferTarget: user('ben') }, end: ['deleted call terminated'] },
} as const

for (const [wireVersion, { body, end }] of Object.entries(SHOWN)) {
  test(`${wireVersion}: how it is told`, async (t) => {
    const world = await startWorld(t, {}, { beta: { wireVersion } })
    const created = { targets: [user('ada')], requestedModalities: ['audio'], mediaConfig: wire.serviceHosted }
    const reply = await world.client('beta').post(CALLS, { ...created, callbackUri: world.bots.beta.url })
    const { pathname } = new URL(reply.headers.get('location') ?? '')
    assert.deepEqual(await world.lines('beta'), ['updated call establishing', 'updated call established'])
    assertEmpty(await world.client('beta').post(`${pathname.replace('/v1.0', '')}/transfer`, body), 202)
    const told = await world.take('beta')
    assert.deepEqual(
      told.map(({ changeType, resourceData }) => `${changeType} call ${resourceData.state ?? '(gone)'}`),
      ['updated call transferring', 'updated call transferAccepted', ...end],
    )
    const { terminationReason, resultInfo } = told[2]?.resourceData ?? {}
    assert.equal(terminationReason, wireVersion === '2021-03' ? undefined : 'AppTransferred')
    const isOld = end === OLD_END
    assert.deepEqual(resultInfo, isOld ? undefined : wire.result(200, 7015, 'The transfer was completed'))
  })
}
