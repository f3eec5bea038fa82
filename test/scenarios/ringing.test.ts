/** Ringing: beta tells of it, and a call may say how long its targets ring. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callBody, startWorld, user } from '../support/world.ts'
import { CALLS, assertRefused, create, invalidArgument } from './steps.ts'
import * as wire from './wire.ts'

const noAnswer = wire.result(487, 10004, 'The user did not answer in time')

test('beta: once the target rings the call is ringing, and then established', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { answer: { after: '2s' } })
  const call = await create(world, [user('ada')], { version: 'beta' })
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.ringing(call)])
  const { body } = await world.client('alpha', 'beta').get(`${CALLS}/${call.id}`)
  assert.equal(body.state, 'ringing')
  await world.advance('2s')
  assert.deepEqual(await world.take(), [wire.established(call)])
})

test('v1.0 has no such state, and busy people do not ring', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { answer: { after: '2s' } })
  const call = await create(world, [user('ada')])
  const { body } = await world.client('alpha').get(`${CALLS}/${call.id}`)
  assert.equal(body.state, 'establishing')
  await world.advance('2s')
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
  await world.script('ben', { busy: { after: '2s' } })
  const busy = await create(world, [user('ben')], { version: 'beta' })
  await world.advance('2s')
  const end = wire.terminated(busy, wire.result(486, 8539, 'The user is busy'))
  assert.deepEqual(await world.take(), [wire.establishing(busy), end])
})

for (const name of ['ringingTimeoutInSeconds', 'ringningTimeoutInSeconds']) {
  test(`beta: ${name} says how long it rings, and is shown`, async (t) => {
    const world = await startWorld(t)
    await world.script('ada', { ignore: {} })
    const call = await create(world, [user('ada')], { version: 'beta', more: { [name]: 115 } })
    const { body } = await world.client('alpha', 'beta').get(`${CALLS}/${call.id}`)
    assert.equal(body.ringingTimeoutInSeconds, 115)
    await world.advance('114s')
    assert.deepEqual(await world.take(), [wire.establishing(call), wire.ringing(call)])
    await world.advance('1s')
    assert.deepEqual(await world.take(), [wire.terminated(call, noAnswer)])
  })
}

for (const [wireVersion, shown, seconds] of [
  ['2018-12', 'ringningTimeoutInSeconds', 20],
  ['2019-09', 'ringingTimeoutInSeconds', 20],
  ['2020-12', 'ringingTimeoutInSeconds', 20],
  ['2021-03', undefined, 60],
  ['v1.0', undefined, 60],
] as const) {
  test(`${wireVersion}: rings for ${seconds} s, shown as ${shown}`, async (t) => {
    const world = await startWorld(t, {}, { beta: { wireVersion } })
    await world.script('ada', { ignore: {} })
    const client = world.client('beta')
    const reply = await client.post(CALLS, callBody(world, 'beta', [user('ada')], { ringingTimeoutInSeconds: 20 }))
    const { pathname } = new URL(reply.headers.get('location') ?? '')
    const { body } = await client.get(pathname.replace('/v1.0', ''))
    assert.equal(body.ringingTimeoutInSeconds ?? body.ringningTimeoutInSeconds, shown && seconds)
    assert.equal(shown === undefined || shown in body, true)
    await world.advance(`${seconds - 1}s`)
    assert.deepEqual(await world.lines('beta'), ['updated call establishing'])
    await world.advance('1s')
    assert.equal((await world.lines('beta')).length, wireVersion.startsWith('201') ? 2 : 1)
  })
}

test('out of bounds: 400/8523', async (t) => {
  const world = await startWorld(t)
  for (const ringingTimeoutInSeconds of [0, 116, 1.5, '60']) {
    const body = callBody(world, 'alpha', [user('ada')], { ringingTimeoutInSeconds })
    assertRefused(
      await world.client('alpha', 'beta').post(CALLS, body),
      invalidArgument('ringingTimeoutInSeconds must be a whole number from 1 to 115.'),
    )
  }
})
