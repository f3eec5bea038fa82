/** Callees that do not answer: each failure has its published code, for users and for phones, in calls and in invites. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partyReasons } from '../../src/calls/reasons.ts'
import { INSTANCE, PHONE, USERS, phone, startWorld, user } from '../support/world.ts'
import { create, groupCall, invite } from './steps.ts'
import * as wire from './wire.ts'

type Row = readonly [script: object, code: number, subcode: number, text: string]

const fail = (reason: string): object => ({ fail: { reason } })

/** What scripts lead to at a user's end. */
const users: readonly Row[] = [
  [{ busy: {} }, 486, 8539, 'the user is busy'],
  [{ decline: {} }, 603, 8538, 'the user declined'],
  [{ offline: {} }, 480, 10037, 'no device of theirs is signed in'],
  [{ unreachable: {} }, 480, 10076, 'their device cannot be reached'],
  [{ ignore: {} }, 487, 10004, 'the user did not answer in time'],
]

/** What scripts lead to at a phone. */
const phones: readonly Row[] = [
  [{ busy: {} }, 486, 560486, 'the number is busy'],
  [{ decline: {} }, 603, 560603, 'the carrier or the called party rejected the call'],
  [{ offline: {} }, 480, 10037, 'no device of theirs is signed in'],
  [{ unreachable: {} }, 480, 10076, 'their device cannot be reached'],
  [{ ignore: {} }, 480, 560480, 'the phone was not picked up in time'],
]

/** Every reason that a script can name. */
const reasons: readonly Row[] = [
  [fail('callee-busy'), 486, 8539, 'the user is busy'],
  [fail('callee-busy-everywhere'), 600, 8540, 'the user is busy on every device'],
  [fail('pstn-busy'), 486, 560486, 'the number is busy'],
  [fail('callee-no-answer'), 487, 10004, 'the user did not answer in time'],
  [fail('pstn-no-answer'), 480, 560480, 'the phone was not picked up in time'],
  [fail('pstn-timeout'), 408, 560408, 'the telephone network did not answer in time'],
  [fail('callee-declined'), 603, 8538, 'the user declined'],
  [fail('callee-declined-everywhere'), 487, 10024, 'the user declined on every device'],
  [fail('pstn-declined'), 603, 560603, 'the carrier or the called party rejected the call'],
  [fail('callee-offline'), 480, 10037, 'no device of theirs is signed in'],
  [fail('callee-unreachable'), 480, 10076, 'their device cannot be reached'],
  [fail('callee-not-routable'), 480, 10134, 'there is no route to the callee'],
  [fail('private-calling-disabled'), 480, 10199, 'a policy bars the user from private calls'],
  [fail('number-blocked'), 403, 560403, 'the number is blocked'],
  [fail('caller-id-refused'), 403, 510403, 'the trunk refused the caller id'],
  [fail('invalid-number'), 484, 560484, 'the number is incomplete'],
  [fail('number-not-found'), 404, 560404, 'the number is not assigned'],
  [fail('trunk-not-configured'), 403, 511532, 'no trunk is configured for the number'],
  [fail('trunk-down'), 503, 560503, 'the trunk is down'],
  [fail('trunk-error'), 500, 560500, 'the trunk failed'],
  [fail('caller-cancelled'), 487, 8542, 'the caller gave up before it was answered'],
  [fail('callee-setup-timeout'), 408, 10057, 'it was answered, but the connection never came up'],
  [fail('no-acknowledgement'), 408, 1106, 'the acceptance was not acknowledged'],
  [fail('media-failed'), 410, 301004, 'media could not be connected'],
  [fail('no-sound-capacity'), 429, 8516, 'no more sound can be mixed'],
  [fail('media-lost'), 410, 301005, 'the media connection was lost'],
]

/** Reasons that name other ends than a callee's, told where those are looked at; a script may name them too. */
const others = [
  'pstn-not-provisioned',
  'bot-media-unreachable',
  'lobby-timeout',
  'turned-away',
  'already-in-call',
  'another-joined',
  'invite-withdrawn',
  'replace-not-found',
  'replace-wrong-participant',
  'replace-not-established',
  'already-moving',
  'keepalive-timeout',
  'answer-timeout',
  'callback-unreachable',
  'rejected-by-bot',
  'busy-bot',
  'forbidden-by-bot',
  'ended-by-bot',
  'ended-by-peer',
  'ended-by-pstn-callee',
  'ended-by-pstn-caller',
  'last-participant',
  'nobody-joined',
  'kicked',
  'call-ended',
  'ended-for-all',
  'moved',
  'accepted-elsewhere',
  'redirected',
  'transferred',
  'transfer-failed',
  'consultative-transfer-failed',
  'left',
  'service-cancelled',
]

const sentence = (text: string): string => `${text[0]?.toUpperCase()}${text.slice(1)}`

test('every reason is looked at in this file', () => {
  const named = reasons.map(([script]) => (script as { fail: { reason: string } }).fail.reason)
  assert.deepEqual([...named, ...others].toSorted(), Object.keys(partyReasons).toSorted())
})

test('a call to a user: it ends with the code', async (t) => {
  const world = await startWorld(t)
  for (const [script, code, subcode, text] of [...users, ...reasons]) {
    await t.test(JSON.stringify(script), async () => {
      await world.script('ada', script)
      const call = await create(world, [user('ada')])
      await world.advance('60s')
      const end = wire.terminated(call, wire.result(code, subcode, sentence(text)))
      assert.deepEqual(await world.take(), [wire.establishing(call), end])
    })
  }
})

test('a call to a phone: it ends with the code', async (t) => {
  const world = await startWorld(t)
  const source = { identity: { applicationInstance: { id: INSTANCE } } }
  for (const [script, code, subcode, text] of phones) {
    await t.test(JSON.stringify(script), async () => {
      await world.script(PHONE, script)
      const call = await create(world, [phone(PHONE)], { version: 'beta', more: { source } })
      await world.advance('60s')
      const end = wire.terminated(call, wire.result(code, subcode, sentence(text)))
      const ringing = 'ignore' in script ? [wire.ringing(call)] : []
      assert.deepEqual(await world.take(), [wire.establishing(call), ...ringing, end])
    })
  }
})

test('an invite: its operation fails with the code, and the call goes on', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const rows = [
    ...users.map((row) => [user('cleo'), 'cleo', wire.person('cleo'), `8:orgid:${USERS.cleo}`, ...row] as const),
    ...phones.map((row) => [phone(PHONE), PHONE, wire.number(PHONE), `4:${PHONE}`, ...row] as const),
  ]
  for (const [who, key, identity, name, script, code, subcode, text] of rows) {
    await t.test(`${key} ${JSON.stringify(script)}`, async () => {
      await world.script(key, script)
      const reply = await invite(world, call, [who])
      assert.equal(reply.status, 200)
      await world.advance('60s')
      const outcome = { code, subcode, failures: `${name}: ${text}` }
      assert.deepEqual(await world.take(), [wire.operationFailed(call, reply.body.id, [identity], outcome)])
    })
  }
})

test('a user rings for 60 seconds, and not a millisecond less', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { ignore: {} })
  const call = await create(world, [user('ada')])
  await world.advance('59999ms')
  assert.deepEqual(await world.take(), [wire.establishing(call)])
  await world.advance('1ms')
  const result = wire.result(487, 10004, 'The user did not answer in time')
  assert.deepEqual(await world.take(), [wire.terminated(call, result)])
})

test('they say no after a while: the call ends then', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { decline: { after: '7s' } })
  const call = await create(world, [user('ada')])
  await world.advance('6s')
  assert.deepEqual(await world.take(), [wire.establishing(call)])
  await world.advance('1s')
  assert.deepEqual(await world.take(), [wire.terminated(call, wire.result(603, 8538, 'The user declined'))])
})

test('whom the directory does not know cannot be routed to', async (t) => {
  const world = await startWorld(t)
  const unknown = '22222222-0000-4000-8000-0000000000ff'
  const call = await create(world, [user(unknown)])
  const text = `The directory has no user ${unknown} in tenant 11111111-0000-4000-8000-000000000001`
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.terminated(call, wire.result(480, 10134, text))])
})

test('an application without a number cannot call phones', async (t) => {
  const world = await startWorld(t)
  const call = await create(world, [phone(PHONE)], { app: 'beta' })
  const text =
    'The application has no application instance with a phone number; give it one in the directory (applicationInstances)'
  assert.deepEqual(await world.take('beta'), [
    wire.establishing(call),
    wire.terminated(call, wire.result(412, 9999, text, '412#10073')),
  ])
})
