/** An invite with `replacesCallId`: somebody comes over from another call of the same application, without ringing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply, World } from '../support/world.ts'
import { APPS, PHONE, USERS, callBody, phone, startWorld, user } from '../support/world.ts'
import type { Group } from './steps.ts'
import { CALLS, assertEmpty, create, groupCall, invite, peerToPeer } from './steps.ts'
import type { Json, Known } from './wire.ts'
import * as wire from './wire.ts'

/** The end of the call that was replaced. */
const replaced = (call: Known): Json =>
  wire.terminated(call, wire.result(200, 7000, 'An invitation moved its participant into another call'), 'AppInitiated')

const replacing = (who: Json, replacesCallId: string): Json => ({ ...who, replacesCallId })

/** A group call with Ada and Ben, and a peer-to-peer call with Cleo. */
async function twoCalls(world: World, version: 'v1.0' | 'beta' = 'v1.0'): Promise<Group & { old: Known }> {
  const group = await groupCall(world, ['ada', 'ben'], { version })
  const old = await peerToPeer(world, 'cleo', { version })
  // Whoever is rung from now on does not answer: nobody may be rung.
  await world.script('cleo', { busy: {} })
  return { ...group, old }
}

/** Asserts that an invite moved Cleo from `old` into the group. */
async function assertMoved(world: World, { call, rows, old }: Group & { old: Known }, reply: Reply): Promise<void> {
  const { id, ids } = wire.invited(reply)
  assert.equal(reply.status, 200)
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 4 }
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [cleo.identity]),
    wire.roster(call, [...rows, cleo]),
    replaced(old),
  ])
}

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version}: the operation, the roster, then the end of the old call`, async (t) => {
    const world = await startWorld(t)
    const { call, rows, old } = await twoCalls(world, version)
    const reply = await invite(world, call, [replacing(user('cleo'), old.id)], { clientContext: 'pull' })
    const { id, ids } = wire.invited(reply)
    const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 4 }
    assert.equal(reply.status, 200)
    assert.deepEqual(
      reply.body,
      wire.operation(id, [wire.invitee(cleo.identity, cleo.id, { replacesCallId: old.id })], { clientContext: 'pull' }),
    )
    assert.deepEqual(await world.take(), [
      wire.operationEnd(call, id, [cleo.identity], { clientContext: 'pull' }),
      wire.roster(call, [...rows, cleo]),
      {
        '@odata.type': '#microsoft.graph.commsNotification',
        changeType: 'deleted',
        resource: `/app/calls/${old.id}`,
        resourceUrl: `/communications/calls/${old.id}`,
        resourceData: {
          '@odata.type': '#microsoft.graph.call',
          state: 'terminated',
          resultInfo: {
            '@odata.type': '#microsoft.graph.resultInfo',
            code: 200,
            subcode: 7000,
            message: 'An invitation moved its participant into another call. DiagCode: 200#7000.@',
          },
          ...(version === 'beta' && { terminationReason: 'AppInitiated' }),
          callChainId: old.callChainId,
          tenantId: '11111111-0000-4000-8000-000000000001',
          id: old.id,
        },
      },
    ])
    const gone = await world.client('alpha').get(`${CALLS}/${old.id}`)
    assert.match(
      gone.headers.get('rollcall-explanation') ?? '',
      /: an invitation moved its participant into another call \(200\/7000\)\.$/,
    )
  })
}

const spellings: readonly (readonly [string, (id: string) => string])[] = [
  ['a bare id', (id) => id],
  ['a path', (id) => `/communications/calls/${id}`],
  ['an old path', (id) => `/app/calls/${id}`],
  ['32 hex digits in upper case', (id) => id.replaceAll('-', '').toUpperCase()],
  ['an old path of 32 hex digits', (id) => `/app/calls/${id.replaceAll('-', '').toUpperCase()}`],
]
for (const [name, spell] of spellings) {
  test(`replacesCallId as ${name}: the answer has the bare id`, async (t) => {
    const world = await startWorld(t)
    const scene = await twoCalls(world)
    const reply = await invite(world, scene.call, [replacing(user('cleo'), spell(scene.old.id))])
    assert.equal(reply.body.participants[0].replacesCallId, scene.old.id)
    await assertMoved(world, scene, reply)
  })
}

test('with several participants only the first is read, the rest are not even rung', async (t) => {
  const world = await startWorld(t)
  const scene = await twoCalls(world)
  const nobody = user('22222222-0000-4000-8000-0000000000ff')
  const reply = await invite(world, scene.call, [
    replacing(user('cleo'), scene.old.id),
    replacing(user('dov'), scene.old.id),
    nobody,
    phone(PHONE),
  ])
  assert.equal(reply.body.participants.length, 1)
  await assertMoved(world, scene, reply)
})

test('a phone comes over from its call', async (t) => {
  const world = await startWorld(t, { profile: 'open' })
  const { call, rows } = await groupCall(world)
  const old = await create(world, [phone(PHONE)])
  assert.deepEqual(await world.take(), [wire.establishing(old), wire.established(old)])
  const { id, ids } = wire.invited(await invite(world, call, [replacing(phone(PHONE), old.id)]))
  const customer = { id: ids[0] ?? '', identity: wire.number(PHONE), sourceId: 4 }
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [customer.identity]),
    wire.roster(call, [...rows, customer]),
    replaced(old),
  ])
})

test('a caller comes over from the incoming call that was answered', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  await world.control('POST', '/calls', { from: USERS.cleo, to: APPS.alpha })
  const [incoming] = await world.take()
  const old = wire.known({ body: incoming?.resourceData })
  const mediaConfig = { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' }
  assertEmpty(await world.client('alpha').post(`${CALLS}/${old.id}/answer`, { mediaConfig }), 202)
  assert.deepEqual(await world.take(), [wire.establishing(old), wire.established(old)])
  await assertMoved(world, { call, rows, old }, await invite(world, call, [replacing(user('cleo'), old.id)]))
})

test('when they would have hung up they still do, in the new call', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  await world.script('cleo', { answer: { after: '0s', leaveAfter: '10m' } })
  const old = await peerToPeer(world, 'cleo')
  await world.advance('4m')
  await assertMoved(world, { call, rows, old }, await invite(world, call, [replacing(user('cleo'), old.id)]))
  await world.advance('6m')
  assert.deepEqual(await world.take(), [wire.roster(call, rows)])
})

test('from a group call into another: the roster they left is told, and that call goes on', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world, ['ada', 'ben'])
  const other = await groupCall(world, ['cleo', 'dov'])
  const { id, ids } = wire.invited(await invite(world, call, [replacing(user('cleo'), other.call.id)]))
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 4 }
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [cleo.identity]),
    wire.roster(call, [...rows, cleo]),
    wire.roster(other.call, other.rows.slice(1)),
  ])
})

test('into a peer-to-peer call: it is escalated', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world, 'ada')
  const old = await peerToPeer(world, 'cleo')
  const { id, ids } = wire.invited(await invite(world, call, [replacing(user('cleo'), old.id)]))
  const taken = await world.take()
  const ada = { id: taken[1]?.resourceData[0].id, identity: wire.person('ada'), sourceId: 1 }
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 3 }
  assert.deepEqual(taken, [
    wire.operationEnd(call, id, [cleo.identity]),
    wire.roster(call, [ada, wire.self(call, 2), cleo]),
    replaced(old),
  ])
})

// What can be wrong with the call to be replaced is told by the operation, and the call itself goes on.

const notFound = (who = `8:orgid:${USERS.cleo}`): Parameters<typeof wire.operationFailed>[3] => ({
  code: 404,
  subcode: 10202,
  failures: `${who}: the call to be replaced was not found`,
})

async function assertFails(
  world: World,
  call: Known,
  replacesCallId: string,
  outcome: Parameters<typeof wire.operationFailed>[3],
): Promise<void> {
  const reply = await invite(world, call, [replacing(user('cleo'), replacesCallId)])
  assert.deepEqual([reply.status, reply.body.status], [200, 'Running'])
  assert.deepEqual(await world.take(), [wire.operationFailed(call, reply.body.id, [wire.person('cleo')], outcome)])
}

test('an unknown call, and a text that is no id: 404/10202', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  await assertFails(world, call, '00000000-0000-4000-8000-000000000000', notFound())
  await assertFails(world, call, '/app/calls/nonsense', notFound())
})

test('a call that has ended: 404/10202', async (t) => {
  const world = await startWorld(t)
  const { call, old } = await twoCalls(world)
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${old.id}`), 204)
  assert.deepEqual(await world.take(), wire.ownEnd(old))
  await assertFails(world, call, old.id, notFound())
})

test("another application's call, or another tenant's: 404/10202, as if it were unknown", async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const theirs = await peerToPeer(world, 'cleo', { app: 'beta' })
  await assertFails(world, call, theirs.id, notFound())
  assert.deepEqual(await world.take('beta'), [])
  assert.equal((await world.client('beta').get(`${CALLS}/${theirs.id}`)).body.state, 'established')
})

test('somebody who is not on that call: 400/8523', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const old = await peerToPeer(world, 'dov')
  await assertFails(world, call, old.id, {
    code: 400,
    subcode: 8523,
    failures: `8:orgid:${USERS.cleo}: the invitee is not on the call to be replaced`,
  })
})

test('a call that is not established yet: 400/8501', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  await world.script('cleo', { answer: { after: '30s' } })
  const old = await create(world, [user('cleo')])
  assert.deepEqual(await world.take(), [wire.establishing(old)])
  await assertFails(world, call, old.id, {
    code: 400,
    subcode: 8501,
    failures: `8:orgid:${USERS.cleo}: the call to be replaced is not established`,
  })
  await world.advance('30s')
  assert.deepEqual(await world.take(), [wire.established(old)])
})

test('targets of a new call cannot replace another', async (t) => {
  const world = await startWorld(t)
  const old = await peerToPeer(world, 'cleo')
  const reply = await world
    .client('alpha')
    .post(CALLS, callBody(world, 'alpha', [replacing(user('cleo'), old.id), user('ada')]))
  assert.deepEqual([reply.status, reply.body.error.code], [501, 'notImplemented'])
})

test('participantId says which participant of the other meeting is meant', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world, ['ada', 'ben'])
  const other = await groupCall(world, ['cleo', 'dov', 'eva'])
  const [cleo, own, dov, eva] = other.rows
  assert.ok(cleo && own && dov && eva)
  const wrong = await invite(world, call, [{ ...replacing(user('cleo'), other.call.id), participantId: dov.id }])
  const failure = 'the invitee is not on the call to be replaced'
  assert.deepEqual(await world.take(), [
    wire.operationFailed(call, wire.invited(wrong).id, [cleo.identity], {
      code: 400,
      subcode: 8523,
      failures: `8:orgid:${USERS.cleo}: ${failure}`,
    }),
  ])
  const right = await invite(world, call, [{ ...replacing(user('cleo'), other.call.id), participantId: cleo.id }])
  const { id, ids } = wire.invited(right)
  const moved = { id: ids[0] ?? '', identity: cleo.identity, sourceId: 4 }
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [cleo.identity]),
    wire.roster(call, [...rows, moved]),
    wire.roster(other.call, [own, dov, eva]),
  ])
})
