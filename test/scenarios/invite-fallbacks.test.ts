/** `rollcall.fallbacks`: who is rung in place of an invitee that does not come. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PHONE, USERS, application, phone, startWorld, user } from '../support/world.ts'
import { DECLINED, EPOCH, because, extended, outcomeOf, plain, settled } from './extension-steps.ts'
import { CALLS, assertEmpty, assertRefused, groupCall, invite } from './steps.ts'
import * as wire from './wire.ts'

const TIMED_OUT = because('callee-no-answer', 487, 10004, 'the user did not answer in time')
const PHONE_TIMED_OUT = because('pstn-no-answer', 480, 560480, 'the phone was not picked up in time')

test('an application, then a phone, then another person, who comes under the id of the invitee', async (t) => {
  const world = await startWorld(t, { ...EPOCH, profile: 'open' })
  const { call, rows } = await groupCall(world)
  await world.script(PHONE, { ignore: {} })
  const chain = {
    ...application('beta'),
    'rollcall.ringTimeout': 5,
    'rollcall.fallbacks': [{ ...phone(PHONE), 'rollcall.ringTimeout': 'PT10S' }, user('cleo')],
  }
  const { id, ids } = wire.invited(plain(await extended(world, call, [chain])))
  const [incoming, ...early] = await world.take('beta')
  assert.equal(incoming?.resourceData.state, 'incoming')
  assert.deepEqual(early, [])
  await world.advance('5s')
  assert.deepEqual(await world.lines('beta'), ['deleted call terminated'])
  await world.advance('9s')
  assert.deepEqual(await world.take(), [])
  const half = await world.client('alpha').get(`${CALLS}/${call.id}/operations/${id}`)
  const unanswered = because('answer-timeout', 408, 8587, 'the application did not answer the incoming call in time')
  const attempts = [{ identity: wire.bot('beta'), ...settled(5), ...unanswered }]
  const own = { ringTimeout: 'PT5S' }
  assert.deepEqual(half.body['rollcall.outcomes'], [
    outcomeOf(ids[0], wire.bot('beta'), 'pending', { ...own, attempts }),
  ])
  await world.advance('1s')
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo') }
  const [end, ...rosters] = await world.take()
  assert.equal(end?.resourceData.status, 'completed')
  assert.deepEqual(end.resourceData['rollcall.outcomes'], [
    outcomeOf(ids[0], wire.bot('beta'), 'joined', {
      ...settled(15),
      joinedAs: cleo.identity,
      ...own,
      attempts: [...attempts, { identity: wire.number(PHONE), ...settled(15), ...PHONE_TIMED_OUT }],
    }),
  ])
  const last = rosters.at(-1)?.resourceData
  assert.deepEqual(
    last.map(({ id: one }: { id: string }) => one),
    [...rows.map((row) => row.id), cleo.id],
  )
  assert.deepEqual(last.at(-1).info.identity, cleo.identity)
  const why = await world.control('GET', `/explain/${cleo.id}`)
  assert.match(why.body.sentence, /^cleo is in the call in the place of Beta since /)
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}/participants/${cleo.id}`), 204)
  assert.deepEqual(await world.lines(), ['updated roster of 3'])
})

test('nobody of the chain comes: one failure, with the reason of each, and without the preference as published', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  await world.script('cleo', { decline: { after: '1s' } })
  await world.script('dov', { busy: { after: '1s' } })
  const chain = { ...user('cleo'), 'rollcall.fallbacks': [user('dov')] }
  const { id, ids } = wire.invited(await invite(world, call, [chain]))
  await world.advance('2s')
  const failures = `8:orgid:${USERS.cleo}: the user declined; 8:orgid:${USERS.dov}: the user is busy`
  const outcome = { code: 603, subcode: 8538, failures }
  assert.deepEqual(await world.take(), [wire.operationFailed(call, id, [wire.person('cleo')], outcome)])
  const { body } = await world.control('GET', `/explain/${ids[0]}`)
  assert.match(JSON.stringify(body), /dov did not join/)
})

test('who is in the call by the time it is their turn is passed over', async (t) => {
  const world = await startWorld(t, EPOCH)
  const { call } = await groupCall(world)
  await world.script('cleo', { decline: { after: '4s' } })
  const chain = { ...user('cleo'), 'rollcall.fallbacks': [user('dov'), user('eva')] }
  const { ids } = wire.invited(plain(await extended(world, call, [chain])))
  assert.equal((await invite(world, call, [user('dov')])).status, 200)
  await world.take()
  await world.advance('4s')
  const [end] = await world.take()
  const there = because('already-in-call', 409, 8519, 'they are in the call already, or being rung for it')
  assert.deepEqual(end?.resourceData['rollcall.outcomes'], [
    outcomeOf(ids[0], wire.person('cleo'), 'joined', {
      ...settled(4),
      joinedAs: wire.person('eva'),
      attempts: [
        { identity: wire.person('cleo'), ...settled(4), ...DECLINED },
        { identity: wire.person('dov'), ...settled(4), ...there },
      ],
    }),
  ])
})

test('taking the invitee back ends the whole chain', async (t) => {
  const world = await startWorld(t, EPOCH)
  const { call } = await groupCall(world)
  await world.script('cleo', { ignore: {} })
  const chain = { ...user('cleo'), 'rollcall.ringTimeout': 3, 'rollcall.fallbacks': [user('dov'), user('eva')] }
  await world.script('dov', { ignore: {} })
  const { id, ids } = wire.invited(plain(await extended(world, call, [chain])))
  await world.advance('4s')
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}/participants/${ids[0]}`), 204)
  const [end, ...more] = await world.take()
  assert.deepEqual(more, [])
  assert.equal(end?.resourceData.id, id)
  const [outcome] = end.resourceData['rollcall.outcomes']
  assert.equal(outcome.reason, 'caller-cancelled')
  assert.deepEqual(
    outcome.attempts.map(({ reason }: wire.Json) => reason),
    [TIMED_OUT['reason'], 'caller-cancelled'],
  )
})

test('all or nobody, one with a fallback: the others wait for whoever comes in the end', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  await world.script('cleo', { busy: { after: '2s' } })
  await world.script('eva', { answer: { after: '3s' } })
  const chain = { ...user('cleo'), 'rollcall.fallbacks': [user('eva')] }
  const { id, ids } = wire.invited(await invite(world, call, [chain, user('dov')], { 'rollcall.mode': 'all' }))
  await world.advance('4s')
  assert.deepEqual(await world.take(), [])
  await world.advance('1s')
  const eva = { id: ids[0] ?? '', identity: wire.person('eva'), sourceId: 5 }
  const dov = { id: ids[1] ?? '', identity: wire.person('dov'), sourceId: 4 }
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [wire.person('cleo'), dov.identity]),
    wire.roster(call, [...rows, dov, eva]),
  ])
})

test('nobody stands in a request twice, be it as a fallback', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const chain = { ...user('cleo'), 'rollcall.fallbacks': [user('dov')] }
  const reply = await invite(world, call, [chain, user('dov')])
  assert.equal(reply.status, 409)
  const inCall = await invite(world, call, [{ ...user('cleo'), 'rollcall.fallbacks': [user('ada')] }])
  assert.equal(inCall.status, 409)
  const bot = await invite(world, call, [{ ...user('cleo'), 'rollcall.fallbacks': [application('beta')] }])
  assertRefused(bot, {
    status: bot.status,
    code: bot.body.error.code,
    message: bot.body.error.message,
    explanation: bot.headers.get('rollcall-explanation') ?? '',
  })
  assert.ok(bot.status === 400 || bot.status === 403)
})
