/** Invites at the same time: into one call, for one person, and in meetings. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import type { World } from '../support/world.ts'
import { USERS, callBody, startWorld, user } from '../support/world.ts'
import { CALLS, assertEmpty, groupCall, invite, peerToPeer } from './steps.ts'
import type { Known, Row } from './wire.ts'
import * as wire from './wire.ts'

const meeting = {
  chatInfo: { threadId: '19:meeting_x@thread.v2', messageId: '0' },
  meetingInfo: { organizer: { user: { id: USERS.fay } } },
}

/** A meeting in which alpha is alone. */
async function joinAlone(world: World): Promise<{ call: Known; own: Row }> {
  const { targets: _, ...body } = callBody(world, 'alpha', [], meeting)
  const call = wire.known(await world.client('alpha').post(CALLS, body))
  const own = wire.self(call, 1)
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call), wire.roster(call, [own])])
  return { call, own }
}

test('two operations of one call run beside each other', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  await world.script('cleo', { answer: { after: '4s' } })
  await world.script('dov', { answer: { after: '2s' } })
  const first = wire.invited(await invite(world, call, [user('cleo')], { clientContext: 'first' }))
  const second = wire.invited(await invite(world, call, [user('dov')], { clientContext: 'second' }))
  assert.notEqual(first.id, second.id)
  await world.advance('4s')
  const dov = { id: second.ids[0] ?? '', identity: wire.person('dov'), sourceId: 4 }
  const cleo = { id: first.ids[0] ?? '', identity: wire.person('cleo'), sourceId: 5 }
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, second.id, [dov.identity], { clientContext: 'second' }),
    wire.roster(call, [...rows, dov]),
    wire.operationEnd(call, first.id, [cleo.identity], { clientContext: 'first' }),
    wire.roster(call, [...rows, dov, cleo]),
  ])
})

test('the same person invited twice at once: one request wins, the other conflicts', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const replies = await Promise.all([invite(world, call, [user('cleo')]), invite(world, call, [user('cleo')])])
  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200, 409]))
  const winner = replies.find(({ status }) => status === 200)
  assert.ok(winner)
  const { id, ids } = wire.invited(winner)
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 4 }
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [cleo.identity]),
    wire.roster(call, [...rows, cleo]),
  ])
})

test('the same person may be rung for two calls', async (t) => {
  const world = await startWorld(t)
  const one = await groupCall(world, ['ada', 'ben'])
  const other = await groupCall(world, ['dov', 'eva'])
  const replies = await Promise.all([
    invite(world, one.call, [user('cleo')]),
    invite(world, other.call, [user('cleo')]),
  ])
  assert.deepEqual(
    replies.map(({ status }) => status),
    [200, 200],
  )
  const taken = await world.take()
  for (const { call } of [one, other]) {
    const lines = taken.filter(({ resource }) => resource.includes(call.id)).map(({ changeType }) => changeType)
    assert.deepEqual(lines, ['deleted', 'updated'])
  }
  assert.equal(taken.length, 4)
})

test('two calls pull the same person out of a third at once: one gets them, the other hears why not', async (t) => {
  const world = await startWorld(t)
  const groups = [await groupCall(world, ['ada', 'ben']), await groupCall(world, ['dov', 'eva'])]
  const old = await peerToPeer(world, 'cleo')
  const invitee = { ...user('cleo'), replacesCallId: old.id }
  const replies = await Promise.all(groups.map(({ call }) => invite(world, call, [invitee])))
  assert.deepEqual(
    replies.map(({ status }) => status),
    [200, 200],
  )
  const taken = await world.take()
  const ends = replies.map(({ body }) => taken.filter(({ resource }) => resource.endsWith(`/operations/${body.id}`)))
  assert.deepEqual(
    ends.map((each) => each.length),
    [1, 1],
  )
  const outcomes = ends.map(([end]) => end?.resourceData.status)
  assert.deepEqual(new Set(outcomes), new Set(['completed', 'failed']))
  const failed = ends[outcomes.indexOf('failed')]?.[0]?.resourceData.resultInfo
  assert.ok(
    [
      [409, 8519],
      [404, 10202],
    ].some(([code, subcode]) => failed.code === code && failed.subcode === subcode),
    JSON.stringify(failed),
  )
  assert.equal(taken.filter(({ resource }) => resource.endsWith(old.id)).length, 1)
  assert.equal(taken.length, 4)
})

test('the replaced call is hung up at the same moment: every operation still ends once', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  for (let round = 0; round < 5; round++) {
    const old = await peerToPeer(world, 'cleo')
    const [reply, hungUp] = await Promise.all([
      invite(world, call, [{ ...user('cleo'), replacesCallId: old.id }]),
      world.client('alpha').delete(`${CALLS}/${old.id}`),
    ])
    assert.equal(reply.status, 200)
    assert.ok([204, 404].includes(hungUp.status))
    const taken = await world.take()
    const end = taken.filter(({ resource }) => resource.endsWith(reply.body.id))
    const ofOld = taken.filter(({ resource }) => resource.endsWith(old.id))
    assert.deepEqual([end.length, ofOld.at(-1)?.resourceData.state], [1, 'terminated'])
    const { body } = await world.client('alpha').get(`${CALLS}/${call.id}/participants`)
    const cleo = body.value.find(({ info }: AnyJson) => info.identity.user?.id === USERS.cleo)
    assert.equal(cleo !== undefined, end[0]?.resourceData.status === 'completed')
    if (!cleo) continue
    assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}/participants/${cleo.id}`), 204)
    await world.take()
  }
})

test('a bot that is alone in a meeting invites people; one who declines does not end it', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { decline: {} })
  await world.script('ben', { answer: { after: '0s', leaveAfter: '1m' } })
  const { call, own } = await joinAlone(world)
  const first = wire.invited(await invite(world, call, [user('ada')]))
  const failures = `8:orgid:${USERS.ada}: the user declined`
  assert.deepEqual(await world.take(), [
    wire.operationFailed(call, first.id, [wire.person('ada')], { code: 603, subcode: 8538, failures }),
  ])
  const second = wire.invited(await invite(world, call, [user('ben')]))
  const ben = { id: second.ids[0] ?? '', identity: wire.person('ben'), sourceId: 2 }
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, second.id, [ben.identity]),
    wire.roster(call, [own, ben]),
  ])
  await world.advance('1m')
  assert.deepEqual(await world.take(), [wire.lastParticipant(call)])
})

test('somebody moves from a peer-to-peer call into a meeting', async (t) => {
  const world = await startWorld(t)
  const { call, own } = await joinAlone(world)
  const old = await peerToPeer(world, 'cleo')
  const { id, ids } = wire.invited(await invite(world, call, [{ ...user('cleo'), replacesCallId: old.id }]))
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 2 }
  const result = wire.result(200, 7000, 'An invitation moved its participant into another call')
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [cleo.identity]),
    wire.roster(call, [own, cleo]),
    wire.terminated(old, result, 'AppInitiated'),
  ])
})

test('while they are being rung, control can decline for them', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  await world.script('cleo', { ignore: {} })
  const { id, ids } = wire.invited(await invite(world, call, [user('cleo')]))
  assertEmpty(await world.control('POST', `/calls/${call.id}/participants/${ids[0]}/leave`), 204)
  const failures = `8:orgid:${USERS.cleo}: the user declined`
  assert.deepEqual(await world.take(), [
    wire.operationFailed(call, id, [wire.person('cleo')], { code: 603, subcode: 8538, failures }),
  ])
})
