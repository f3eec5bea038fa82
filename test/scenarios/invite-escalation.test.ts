/** An invite into a peer-to-peer call makes it a group call: the same call, from then on with a chat and a roster. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { World } from '../support/world.ts'
import { PHONE, SERVICE_NUMBER, USERS, phone, startWorld, user } from '../support/world.ts'
import type { Refusal } from './steps.ts'
import { CALLS, assertEmpty, assertRefused, invite, peerToPeer } from './steps.ts'
import type { Json, Known, Row } from './wire.ts'
import * as wire from './wire.ts'

/** The call as its resource shows it now. */
async function shown(world: World, call: Known): Promise<Json> {
  const { body } = await world.client('alpha', call.version).get(`${CALLS}/${call.id}`)
  return body
}

/** The rows of a call's participants list that are not in `rows`: whose ids nobody has told us yet. */
async function firstRow(world: World, call: Known, identity: Json, sourceId: number): Promise<Row> {
  const { body } = await world.client('alpha', call.version).get(`${CALLS}/${call.id}/participants`)
  return { id: body.value[sourceId - 1].id, identity, sourceId }
}

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version}: the operation, then the roster of all three; chatInfo appears`, async (t) => {
    const world = await startWorld(t)
    const call = await peerToPeer(world, 'ada', { version })
    const client = world.client('alpha', version)
    const before = await client.get(`${CALLS}/${call.id}/participants`)
    assert.deepEqual(before.body.value, [])
    assert.equal((await shown(world, call))['chatInfo'], null)

    const reply = await invite(world, call, [user('ben')], { clientContext: 'escalate' })
    const { id, ids } = wire.invited(reply)
    assert.equal(reply.status, 200)
    assert.deepEqual(
      reply.body,
      wire.operation(id, [wire.invitee(wire.person('ben'), ids[0] ?? '')], { clientContext: 'escalate' }),
    )
    const taken = await world.take()
    const ada = await firstRow(world, call, wire.person('ada'), 1)
    const ben = { id: ids[0] ?? '', identity: wire.person('ben'), sourceId: 3 }
    assert.deepEqual(taken, [
      wire.operationEnd(call, id, [ben.identity], { clientContext: 'escalate' }),
      wire.roster(call, [ada, wire.self(call, 2), ben]),
    ])

    const after = await shown(world, call)
    const { threadId } = after['chatInfo'] as { threadId: string }
    assert.match(threadId, /^19:[0-9a-f]{32}@thread\.v2$/)
    assert.deepEqual(after['chatInfo'], wire.chat(threadId))
    assert.deepEqual([after['id'], after['state'], after['callChainId']], [call.id, 'established', call.callChainId])

    // Now it is a group call: a hang-up ends the own leg only.
    assertEmpty(await client.delete(`${CALLS}/${call.id}`), 204)
    assert.deepEqual(await world.take(), wire.ownEnd(call))
    assert.equal((await world.control('GET', `/calls/${call.id}`)).body.endedAt, undefined)
  })

  test(`${version}: several at once are refused, and the call stays as it is`, async (t) => {
    const world = await startWorld(t)
    const call = await peerToPeer(world, 'ada', { version })
    const refusal: Refusal = {
      status: 400,
      code: '8548',
      message: 'Call is not a group call.',
      explanation:
        'Only one participant at a time can be invited into a peer-to-peer call; that makes it a group call.',
    }
    assertRefused(await invite(world, call, [user('ben'), user('cleo')]), refusal)
    assert.equal((await shown(world, call))['chatInfo'], null)
  })
}

test('once escalated, several can be invited at once', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  await invite(world, call, [user('ben')])
  assert.deepEqual(await world.lines(), ['deleted operation completed', 'updated roster of 3'])
  assert.equal((await invite(world, call, [user('cleo'), user('dov')])).status, 200)
  assert.deepEqual(await world.lines(), ['updated roster of 4', 'deleted operation completed', 'updated roster of 5'])
})

test('an incoming call is escalated, too', async (t) => {
  const world = await startWorld(t)
  const rung = await world.control('POST', '/calls', { from: USERS.ada, to: SERVICE_NUMBER })
  const [incoming] = await world.take()
  const call = wire.known({ body: incoming?.resourceData })
  const mediaConfig = { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' }
  assertEmpty(
    await world.client('alpha').post(`${CALLS}/${call.id}/answer`, { acceptedModalities: ['audio'], mediaConfig }),
    202,
  )
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])

  const { id, ids } = wire.invited(await invite(world, call, [phone(PHONE)]))
  const ada = { id: rung.body.participantId, identity: wire.person('ada'), sourceId: 1 }
  const customer = { id: ids[0] ?? '', identity: wire.number(PHONE), sourceId: 3 }
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [customer.identity]),
    wire.roster(call, [ada, wire.self(call, 2, wire.instance()), customer]),
  ])
})

test('the invitee declines: it stays a group call, and the two go on talking', async (t) => {
  const world = await startWorld(t)
  await world.script('ben', { decline: { after: '3s' } })
  const call = await peerToPeer(world)
  const { id } = wire.invited(await invite(world, call, [user('ben')]))
  await world.advance('3s')
  assert.deepEqual(await world.take(), [
    wire.operationFailed(call, id, [wire.person('ben')], {
      code: 603,
      subcode: 8538,
      failures: `8:orgid:${USERS.ben}: the user declined`,
    }),
  ])
  const after = await shown(world, call)
  assert.equal(after['state'], 'established')
  assert.ok(after['chatInfo'])
  await world.advance('10m')
  assert.deepEqual(await world.take(), [])
})

test('somebody leaves while the invitee is rung: the call waits for the outcome', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { answer: { after: '0s', leaveAfter: '5s' } })
  await world.script('ben', { decline: { after: '20s' } })
  const call = await peerToPeer(world)
  const { id } = wire.invited(await invite(world, call, [user('ben')]))
  await world.advance('5s')
  assert.deepEqual(await world.take(), [wire.roster(call, [wire.self(call, 2)])])
  await world.advance('15s')
  const failures = `8:orgid:${USERS.ben}: the user declined`
  assert.deepEqual(await world.take(), [
    wire.operationFailed(call, id, [wire.person('ben')], { code: 603, subcode: 8538, failures }),
    wire.lastParticipant(call),
  ])
})
