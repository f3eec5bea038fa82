/** Transfers that come to nothing, what is refused meanwhile, and what a hang-up in the middle does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply, World } from '../support/world.ts'
import { PHONE, STRANGER, USERS, phone, startWorld, user } from '../support/world.ts'
import { CALLS, assertEmpty, assertRefused, callNotFound, create, invite } from './steps.ts'
import { invalidArgument, peerToPeer } from './steps.ts'
import type { Json, Known } from './wire.ts'
import * as wire from './wire.ts'

const transfer = (world: World, call: Known, transferTarget: unknown, more: Json = {}): Promise<Reply> =>
  world.client('alpha', call.version).post(`${CALLS}/${call.id}/transfer`, { transferTarget, ...more })

const failed = (subcode: 7000 | 7700, why: string): Json =>
  wire.result(500, subcode, `The transfer failed, because its target did not join: ${why}`)

const conflict = {
  status: 409,
  code: '8607',
  message: 'The transfer conflicts with another transfer.',
  explanation:
    'A transfer of this call is under way; wait for the notification that it is established again, or terminated.',
}

for (const [script, why] of [
  [{ busy: {} }, 'the user is busy'],
  [{ decline: { after: '3s' } }, 'the user declined'],
  [{ ignore: {} }, 'the user did not answer in time'],
  [{ offline: {} }, 'no device of theirs is signed in'],
] as const) {
  test(`blind, ${JSON.stringify(script)}: established again, with 500/7000`, async (t) => {
    const world = await startWorld(t)
    const call = await peerToPeer(world)
    await world.script('ben', script)
    assertEmpty(await transfer(world, call, user('ben')), 202)
    await world.advance('60s')
    assert.deepEqual(await world.take(), [wire.transferring(call), wire.transferFailed(call, failed(7000, why))])
    const { body } = await world.client('alpha').get(`${CALLS}/${call.id}`)
    assert.deepEqual([body.state, body.resultInfo], ['established', failed(7000, why)])

    // And again, to somebody who answers.
    assertEmpty(await transfer(world, call, user('cleo')), 202)
    assert.deepEqual(await world.take(), [wire.transferring(call), wire.transferAccepted(call), wire.transferred(call)])
  })
}

test('a target that nobody knows, and a phone without an application instance', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  const unknown = '00000000-0000-4000-8000-000000000000'
  assertEmpty(await transfer(world, call, user(unknown)), 202)
  const told = await world.take()
  assert.equal(told[1]?.resourceData.resultInfo.subcode, 7000)
  assert.match(told[1]?.resourceData.resultInfo.message, /the directory has no user/)
  const theirs = await peerToPeer(world, 'ben', { app: 'beta' })
  assertEmpty(await world.client('beta').post(`${CALLS}/${theirs.id}/transfer`, { transferTarget: phone(PHONE) }), 202)
  const [, end] = await world.take('beta')
  assert.deepEqual([end?.resourceData.state, end?.resourceData.resultInfo.subcode], ['established', 7000])
  assert.match(end?.resourceData.resultInfo.message, /no application instance/)
})

test('consultative: an unknown call, one that ended, and one that the target is not on: 500/7700', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world, 'ada')
  const other = await peerToPeer(world, 'ben')
  const unknown = '00000000-0000-4000-8000-000000000000'
  const theirs = await peerToPeer(world, 'cleo', { app: 'beta' })
  for (const [name, replacesCallId, why] of [
    ['ben', unknown, 'the call to be replaced was not found'],
    ['cleo', theirs.id, 'the call to be replaced was not found'],
    ['dov', other.id, 'the invitee is not on the call to be replaced'],
  ] as const) {
    assertEmpty(await transfer(world, call, { ...user(name), replacesCallId }), 202)
    assert.deepEqual(await world.take(), [
      wire.transferring(call),
      wire.transferFailed(call, failed(7700, why), replacesCallId),
    ])
  }
  const own = await transfer(world, call, { ...user('ben'), replacesCallId: call.id })
  assertRefused(
    own,
    invalidArgument('replacesCallId names this very call; name the other call that the invitee is in.'),
  )
})

test('meanwhile another transfer, an invite and a mute are refused; keepAlive is not', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  await world.script('ben', { ignore: {} })
  assertEmpty(await transfer(world, call, user('ben')), 202)
  assertRefused(await transfer(world, call, user('cleo')), conflict)
  assertRefused(await invite(world, call, [user('cleo')]), {
    status: 400,
    code: '8501',
    message: 'Call is not established.',
    explanation: 'The call is transferring; wait for the notification that it is established.',
  })
  assert.equal((await world.client('alpha').post(`${CALLS}/${call.id}/keepAlive`)).status, 200)
  await world.advance('60s')
  const why = failed(7000, 'the user did not answer in time')
  assert.deepEqual(await world.take(), [wire.transferring(call), wire.transferFailed(call, why)])
})

test('the application hangs up, or the other side does: the target stops ringing', async (t) => {
  const world = await startWorld(t)
  await world.script('ben', { ignore: {} })
  const call = await peerToPeer(world)
  assertEmpty(await transfer(world, call, user('ben')), 202)
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}`), 204)
  assert.deepEqual(await world.take(), [wire.transferring(call), ...wire.ownEnd(call)])

  await world.script('cleo', { answer: { after: '0s', leaveAfter: '10s' } })
  const other = await peerToPeer(world, 'cleo')
  assertEmpty(await transfer(world, other, user('ben')), 202)
  await world.advance('10s')
  const why = wire.result(200, 4521, 'The other side of the peer-to-peer call ended it')
  assert.deepEqual(await world.take(), [wire.transferring(other), wire.terminated(other, why)])
})

test('what is refused, and nothing has changed', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  assertRefused(
    await transfer(world, call, undefined),
    invalidArgument('transferTarget is required: to whom the call is transferred.'),
  )
  assertRefused(await transfer(world, call, user('ada')), {
    status: 409,
    code: '8519',
    message: 'The request conflicts with the current state of the call.',
    explanation: `8:orgid:${USERS.ada} is in the call already.`,
  })
  const stranger = await transfer(world, call, user(STRANGER))
  assert.deepEqual([stranger.status, stranger.body.error.code], [403, '7505'])
  const transferee = { identity: user('cleo')['identity'] }
  const nobody = await transfer(world, call, user('ben'), { transferee })
  assert.deepEqual([nobody.status, nobody.body.error.code], [404, '8558'])
  const theirs = await world.client('beta').post(`${CALLS}/${call.id}/transfer`, { transferTarget: user('ben') })
  assertRefused(theirs, callNotFound())

  await world.script('ben', { ignore: {} })
  const early = await create(world, [user('ben')])
  assertRefused(await transfer(world, early, user('cleo')), {
    status: 400,
    code: '8501',
    message: 'Call is not established.',
    explanation: 'The call is establishing; wait for the notification that it is established.',
  })
  assert.deepEqual(await world.take(), [wire.establishing(early)])
  await world.client('alpha').delete(`${CALLS}/${early.id}`)
  assert.deepEqual(await world.take(), wire.ownEnd(early))
})

test('2019-09: how a failure is told', async (t) => {
  const world = await startWorld(t, {}, { beta: { wireVersion: '2019-09' } })
  await world.script('ben', { busy: {} })
  const created = { targets: [user('ada')], requestedModalities: ['audio'], mediaConfig: wire.serviceHosted }
  const { body } = await world.client('beta').post(CALLS, { ...created, callbackUri: world.bots.beta.url })
  await world.take('beta')
  assertEmpty(await world.client('beta').post(`${CALLS}/${body.id}/transfer`, { transferTarget: user('ben') }), 202)
  const [transferring, back, ...others] = await world.take('beta')
  assert.deepEqual(others, [])
  assert.equal(transferring?.resourceData.state, 'transferring')
  assert.equal(back?.resourceData.state, 'established')
  const { code, subcode: subCode, ...rest } = failed(7000, 'the user is busy')
  assert.deepEqual(back.resourceData.resultInfo, { ...rest, code, subCode })
})
