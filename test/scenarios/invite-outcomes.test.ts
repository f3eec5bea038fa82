/** `Prefer: rollcall.outcomes`: what became of each invitee, in the answer, in reads and in the end of the operation. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { USERS, callBody, startWorld, user } from '../support/world.ts'
import { DECLINED, EPOCH, because, extended, outcomeOf, plain, settled } from './extension-steps.ts'
import { CALLS, GUID, assertRefused, groupCall, invalidArgument } from './steps.ts'
import * as wire from './wire.ts'

test('each invitee has an outcome: pending in the answer, then joined or failed with a reason and times', async (t) => {
  const world = await startWorld(t, EPOCH)
  const { call, rows } = await groupCall(world)
  await world.script('cleo', { answer: { after: '2s' } })
  await world.script('dov', { decline: { after: '4s' } })
  const reply = await extended(world, call, [user('cleo'), user('dov')])
  assert.equal(reply.status, 200)
  assert.equal(reply.headers.get('preference-applied'), 'rollcall.outcomes')
  const { id, ids } = wire.invited(plain(reply))
  const pending = [outcomeOf(ids[0], wire.person('cleo'), 'pending'), outcomeOf(ids[1], wire.person('dov'), 'pending')]
  assert.deepEqual(reply.body['rollcall.outcomes'], pending)
  assert.equal(reply.body['rollcall.mode'], 'each')
  await world.advance('2s')
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 4 }
  assert.deepEqual(await world.take(), [wire.roster(call, [...rows, cleo])])
  const path = `${CALLS}/${call.id}/operations/${id}`
  const half = await world.client('alpha').get(path)
  const joined = outcomeOf(ids[0], cleo.identity, 'joined', settled(2))
  assert.deepEqual(half.body['rollcall.outcomes'], [joined, pending[1]])
  await world.advance('2s')
  const outcomes = [joined, outcomeOf(ids[1], wire.person('dov'), 'failed', { ...settled(4), ...DECLINED })]
  const failures = `8:orgid:${USERS.dov}: the user declined`
  const end = wire.operationFailed(call, id, [cleo.identity, wire.person('dov')], {
    code: 603,
    subcode: 8538,
    failures,
  })
  const [told] = await world.take()
  assert.deepEqual(told, {
    ...end,
    resourceData: { ...(end['resourceData'] as wire.Json), 'rollcall.mode': 'each', 'rollcall.outcomes': outcomes },
  })
  assert.deepEqual((await world.client('alpha').get(path)).body['rollcall.outcomes'], outcomes)
})

test('without the preference nothing is added, and preferences that are not known are ignored', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const reply = await extended(world, call, [user('cleo')], {}, 'respond-async, rollcall.everything, rollcall.outcome')
  assert.equal(reply.headers.get('preference-applied'), null)
  const { id, ids } = wire.invited(reply)
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 4 }
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [cleo.identity]),
    wire.roster(call, [...rows, cleo]),
  ])
})

for (const wireVersion of ['2018-12', '2019-09', '2020-12', '2021-03']) {
  test(`${wireVersion}: the outcomes are the same, with ids as that version writes them`, async (t) => {
    const world = await startWorld(t, EPOCH, { alpha: { wireVersion } })
    const created = await world.client('alpha').post(CALLS, callBody(world, 'alpha', [user('ada'), user('ben')]))
    const path = new URL(created.headers.get('location') ?? '').pathname.replace('/v1.0', '')
    await world.take()
    const id = path.slice(CALLS.length + 1)
    const reply = await extended(world, { id, version: 'v1.0' }, [user('cleo')], {}, 'RollCall.Outcomes')
    assert.equal(reply.headers.get('preference-applied'), 'rollcall.outcomes')
    const [pending] = reply.body['rollcall.outcomes']
    assert.match(pending.participantId, wireVersion < '2020' ? /^[0-9A-F]{32}$/ : GUID)
    assert.equal(pending.outcome, 'pending')
    const [end] = await world.take()
    assert.deepEqual(end?.resourceData['rollcall.outcomes'], [{ ...pending, outcome: 'joined', ...settled(0) }])
    assert.deepEqual(Object.keys(end.resourceData).slice(-2), ['rollcall.mode', 'rollcall.outcomes'])
  })
}

test('a ring time-out of its own: shorter than the option, told with the outcome', async (t) => {
  const world = await startWorld(t, EPOCH)
  const { call } = await groupCall(world)
  await world.script('cleo', { ignore: {} })
  const reply = await extended(world, call, [{ ...user('cleo'), 'rollcall.ringTimeout': 'PT10S' }])
  const { id, ids } = wire.invited(plain(reply))
  await world.advance('9s')
  assert.deepEqual(await world.take(), [])
  await world.advance('1s')
  const [end] = await world.take()
  const why = because('callee-no-answer', 487, 10004, 'the user did not answer in time')
  assert.deepEqual(end?.resourceData['rollcall.outcomes'], [
    outcomeOf(ids[0], wire.person('cleo'), 'failed', { ...settled(10), ...why, ringTimeout: 'PT10S' }),
  ])
  const { body } = await world.control('GET', `/explain/${ids[0]}`)
  const rules = body.causes.map(({ what }: { what: string }) => what)
  assert.ok(rules.includes('A deadline had come: rollcall.ringTimeout of the invite, 10 s.'), rules.join('\n'))
  assert.equal((await world.client('alpha').get(`${CALLS}/${call.id}/operations/${id}`)).status, 200)
})

test('a longer ring time-out than the option, in seconds, without asking for outcomes', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  await world.script('cleo', { answer: { after: '90s' } })
  const reply = await extended(world, call, [{ ...user('cleo'), 'rollcall.ringTimeout': 120 }], {}, '')
  const { id, ids } = wire.invited(reply)
  await world.advance('90s')
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 4 }
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [cleo.identity]),
    wire.roster(call, [...rows, cleo]),
  ])
})

test('members of ours that are not known, or hold what they cannot, are refused with a sentence', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const page = '(docs/reference/extensions.md).'
  const range =
    'must be a number of seconds, or an ISO 8601 duration such as PT30S, from PT1S to PT600S (option maxRingTimeout).'
  const cases: readonly (readonly [object, object, string])[] = [
    [{}, { 'rollcall.speed': 1 }, `rollcall.speed is not known: here there are rollcall.mode ${page}`],
    [{}, { 'rollcall.mode': 'some' }, 'rollcall.mode must be one of each, all, first.'],
    [
      { 'rollcall.colour': 'red' },
      {},
      `participants[0].rollcall.colour is not known: here there are rollcall.ringTimeout, rollcall.fallbacks ${page}`,
    ],
    [{ 'rollcall.ringTimeout': 0.5 }, {}, `participants[0].rollcall.ringTimeout ${range}`],
    [{ 'rollcall.ringTimeout': '20s' }, {}, `participants[0].rollcall.ringTimeout ${range}`],
    [{ 'rollcall.ringTimeout': 'PT1H' }, {}, `participants[0].rollcall.ringTimeout ${range}`],
    [
      { 'rollcall.fallbacks': [{ ...user('dov'), 'rollcall.fallbacks': [] }] },
      {},
      `participants[0].rollcall.fallbacks[0].rollcall.fallbacks is not known: here there are rollcall.ringTimeout ${page}`,
    ],
    [
      { 'rollcall.fallbacks': Array.from({ length: 6 }, () => user('dov')) },
      {},
      'participants[0].rollcall.fallbacks has 6 elements; at most 5 are allowed (option maxFallbacks).',
    ],
    [
      { 'rollcall.fallbacks': [user('dov')], replacesCallId: call.id },
      {},
      'participants[0].rollcall.fallbacks: somebody who is pulled out of another call has no fallbacks.',
    ],
  ]
  for (const [member, more, explanation] of cases) {
    const reply = await extended(world, call, [{ ...user('cleo'), ...member }], more)
    assertRefused(reply, invalidArgument(explanation))
  }
  const targets = [{ ...user('cleo'), 'rollcall.ringTimeout': 5 }]
  const created = await world.client('alpha').post(CALLS, { callbackUri: world.bots.alpha.url, targets })
  assertRefused(
    created,
    invalidArgument(`targets[0].rollcall.ringtimeout is not known: members of this prefix belong into invites ${page}`),
  )
})
