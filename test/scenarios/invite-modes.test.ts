/** `rollcall.mode`: all of several invitees or nobody, and whoever comes first. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { USERS, application, startWorld, user } from '../support/world.ts'
import { DECLINED, EPOCH, because, extended, outcomeOf, plain, settled } from './extension-steps.ts'
import { CALLS, assertEmpty, groupCall, invite } from './steps.ts'
import * as wire from './wire.ts'

const WITHDRAWN = because(
  'invite-withdrawn',
  487,
  8542,
  'they were invited with others for all or nobody, and another one did not come',
)
const ALL = { 'rollcall.mode': 'all' }
const FIRST = { 'rollcall.mode': 'first' }

test('all or nobody: whoever is there first is on no roster until the others are, then all come in together', async (t) => {
  const world = await startWorld(t, EPOCH)
  const { call, rows } = await groupCall(world)
  await world.script('dov', { answer: { after: '5s' } })
  const reply = await extended(world, call, [user('cleo'), user('dov')], ALL)
  assert.equal(reply.body['rollcall.mode'], 'all')
  const { id, ids } = wire.invited(plain(reply))
  await world.advance('4s')
  assert.deepEqual(await world.take(), [])
  const held = await world.control('GET', `/explain/${ids[0]}`)
  assert.match(
    held.body.sentence,
    /^cleo has not joined yet: it is there since .*, and waits for the others of an invite/,
  )
  await world.advance('1s')
  const [end, ...rosters] = await world.take()
  assert.equal(end?.resourceData.status, 'completed')
  assert.deepEqual(end.resourceData['rollcall.outcomes'], [
    outcomeOf(ids[0], wire.person('cleo'), 'joined', settled(5)),
    outcomeOf(ids[1], wire.person('dov'), 'joined', settled(5)),
  ])
  assert.equal(end.resourceData.id, id)
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 4 }
  const dov = { id: ids[1] ?? '', identity: wire.person('dov'), sourceId: 5 }
  assert.deepEqual(rosters, [wire.roster(call, [...rows, cleo, dov])])
})

test('all or nobody: one declines, the other is not let in, and the operation fails with the first failure', async (t) => {
  const world = await startWorld(t, EPOCH)
  const { call } = await groupCall(world)
  await world.script('dov', { decline: { after: '5s' } })
  await world.script('eva', { ignore: {} })
  const invitees = [user('cleo'), user('dov'), user('eva')]
  const { id, ids } = wire.invited(plain(await extended(world, call, invitees, ALL)))
  await world.advance('5s')
  const [end, ...more] = await world.take()
  assert.deepEqual(more, [])
  const names = ['cleo', 'dov', 'eva'] as const
  const failures =
    `8:orgid:${USERS.dov}: the user declined; ` +
    [USERS.cleo, USERS.eva].map((one) => `8:orgid:${one}: ${String(WITHDRAWN['explanation'])}`).join('; ')
  const outcome = { code: 603, subcode: 8538, failures }
  const expected = wire.operationFailed(
    call,
    id,
    names.map((name) => wire.person(name)),
    outcome,
  )
  const outcomes = names.map((name, index) =>
    outcomeOf(ids[index], wire.person(name), 'failed', { ...settled(5), ...(name === 'dov' ? DECLINED : WITHDRAWN) }),
  )
  assert.deepEqual(end, {
    ...expected,
    resourceData: { ...(expected['resourceData'] as wire.Json), ...ALL, 'rollcall.outcomes': outcomes },
  })
  const { body } = await world.control('GET', `/calls/${call.id}`)
  assert.deepEqual(body.invitations, [])
})

test('all or nobody: somebody who is there hangs up while they wait, and nobody comes', async (t) => {
  const world = await startWorld(t, EPOCH)
  const { call } = await groupCall(world)
  await world.script('cleo', { answer: { after: '0s', leaveAfter: '3s' } })
  await world.script('dov', { ignore: {} })
  const { ids } = wire.invited(plain(await extended(world, call, [user('cleo'), user('dov')], ALL)))
  await world.advance('3s')
  const [end, ...more] = await world.take()
  assert.deepEqual(more, [])
  const outcomes = end?.resourceData['rollcall.outcomes'].map(({ outcome, reason }: wire.Json) => [outcome, reason])
  assert.deepEqual(outcomes, [
    ['failed', 'left'],
    ['failed', 'invite-withdrawn'],
  ])
  assert.equal(ids.length, 2)
})

test('all or nobody: whoever is admitted from the lobby still waits there for the others', async (t) => {
  const world = await startWorld(t, EPOCH)
  const { call, rows } = await groupCall(world)
  await world.script('cleo', { answer: { after: '0s', lobby: { admitAfter: '2s' } } })
  await world.script('dov', { answer: { after: '6s' } })
  const { ids } = wire.invited(plain(await extended(world, call, [user('cleo'), user('dov')], ALL)))
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo') }
  assert.deepEqual(await world.take(), [wire.roster(call, [...rows, { ...cleo, isInLobby: true }])])
  await world.advance('5s')
  assert.deepEqual(await world.take(), [])
  await world.advance('1s')
  const dov = { id: ids[1] ?? '', identity: wire.person('dov'), sourceId: 5 }
  const [end, ...rosters] = await world.take()
  assert.equal(end?.resourceData.status, 'completed')
  assert.deepEqual(rosters, [wire.roster(call, [...rows, { ...cleo, sourceId: 4 }, dov])])
})

test('all or nobody: an application that redirects waits in the shape of whoever took its call', async (t) => {
  const world = await startWorld(t, { ...EPOCH, profile: 'open' })
  const { call } = await groupCall(world)
  await world.script('dov', { answer: { after: '8s' } })
  plain(await extended(world, call, [application('beta'), user('dov')], ALL))
  const [incoming] = await world.take('beta')
  const own = incoming?.resourceData.id
  const redirected = await world.client('beta').post(`${CALLS}/${own}/redirect`, {
    targets: [user('eva')],
    callbackUri: world.bots.beta.url,
  })
  assertEmpty(redirected, 202)
  await world.advance('7s')
  assert.deepEqual(await world.take(), [])
  assert.deepEqual(await world.take('beta'), [])
  await world.advance('1s')
  const [end, ...others] = await world.take()
  assert.equal(end?.resourceData.status, 'completed')
  assert.equal(others.at(-1)?.resourceData.length, 5)
  assert.deepEqual(await world.lines('beta'), ['deleted call terminated'])
})

test('all or nobody, for one invitee, is an invite like any other', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const { id, ids } = wire.invited(await invite(world, call, [user('cleo')], ALL))
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 4 }
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [cleo.identity]),
    wire.roster(call, [...rows, cleo]),
  ])
})

test('who comes first: the others stop ringing, and the operation is completed', async (t) => {
  const world = await startWorld(t, EPOCH)
  const { call, rows } = await groupCall(world)
  await world.script('cleo', { decline: { after: '1s' } })
  await world.script('dov', { answer: { after: '3s' } })
  await world.script('eva', { answer: { after: '4s' } })
  const names = ['cleo', 'dov', 'eva'] as const
  const { id, ids } = wire.invited(plain(await extended(world, call, names.map(user), FIRST)))
  await world.advance('10s')
  const dov = { id: ids[1] ?? '', identity: wire.person('dov'), sourceId: 4 }
  const end = wire.operationEnd(
    call,
    id,
    names.map((name) => wire.person(name)),
  )
  const late = because('another-joined', 487, 10003, 'another invitee came first')
  const outcomes = [
    outcomeOf(ids[0], wire.person('cleo'), 'failed', { ...settled(1), ...DECLINED }),
    outcomeOf(ids[1], wire.person('dov'), 'joined', settled(3)),
    outcomeOf(ids[2], wire.person('eva'), 'failed', { ...settled(3), ...late }),
  ]
  assert.deepEqual(await world.take(), [
    { ...end, resourceData: { ...(end['resourceData'] as wire.Json), ...FIRST, 'rollcall.outcomes': outcomes } },
    wire.roster(call, [...rows, dov]),
  ])
  const { body } = await world.control('GET', `/explain/${ids[2]}`)
  assert.match(JSON.stringify(body), /another invitee came first/)
})

test('who comes first: if nobody comes, the operation fails with every reason', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  await world.script('cleo', { decline: { after: '2s' } })
  await world.script('dov', { busy: { after: '1s' } })
  const { id } = wire.invited(await invite(world, call, [user('cleo'), user('dov')], FIRST))
  await world.advance('2s')
  const failures = `8:orgid:${USERS.cleo}: the user declined; 8:orgid:${USERS.dov}: the user is busy`
  const outcome = { code: 603, subcode: 8538, failures }
  assert.deepEqual(await world.take(), [
    wire.operationFailed(call, id, [wire.person('cleo'), wire.person('dov')], outcome),
  ])
})

test('the call ends while some wait for others: the operation ends once, before the call', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  await world.script('dov', { ignore: {} })
  await invite(world, call, [user('cleo'), user('dov')], ALL)
  await world.settle()
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}`), 204)
  assert.deepEqual(await world.lines(), [
    'updated call terminating',
    'deleted operation failed',
    'deleted call terminated',
  ])
})
