/** Requests that may be repeated: the first answer again, and nothing happens twice. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply } from '../support/world.ts'
import { callBody, establish, startWorld, user } from '../support/world.ts'

const CALLS = '/communications/calls'
const same = (first: Reply, second: Reply): void => {
  assert.deepEqual([second.status, second.body], [first.status, first.body])
  assert.equal(second.headers.get('location'), first.headers.get('location'))
}

for (const header of ['Idempotency-Key', 'Repeatability-Request-ID']) {
  test(`${header}: a repeated invite is answered as the first was, and rings nobody again`, async (t) => {
    const world = await startWorld(t)
    const callId = await establish(world, 'alpha', [user('ada'), user('ben')])
    const headers = { [header]: 'invite-1' }
    const invite = (): Promise<Reply> =>
      world.client('alpha').post(`${CALLS}/${callId}/participants/invite`, { participants: [user('cleo')] }, headers)
    const first = await invite()
    assert.equal(first.status, 200)
    assert.equal(first.body.status, 'Running')
    assert.deepEqual(await world.lines(), ['deleted operation completed', 'updated roster of 4'])
    same(first, await invite())
    await world.nothingElse()
  })
}

test('two at the same time: one call is created', async (t) => {
  const world = await startWorld(t)
  const body = callBody(world, 'alpha', [user('ada'), user('ben')])
  const headers = { 'Idempotency-Key': 'create-1' }
  await world.token('alpha')
  const [one, two] = await Promise.all([
    world.client('alpha').post(CALLS, body, headers),
    world.client('alpha').post(CALLS, body, headers),
  ])
  assert.equal(one.status, 201)
  same(one, two)
  assert.deepEqual((await world.lines()).slice(0, 2), ['updated call establishing', 'updated call established'])
  const { body: list } = await world.control('GET', '/calls')
  assert.equal(list.value.length, 1)
})

test('the same key with another body, or at another address, is refused: 422', async (t) => {
  const world = await startWorld(t)
  const callId = await establish(world, 'alpha', [user('ada'), user('ben')])
  const headers = { 'Idempotency-Key': 'invite-1' }
  const path = `${CALLS}/${callId}/participants/invite`
  await world.client('alpha').post(path, { participants: [user('cleo')] }, headers)
  assert.deepEqual(await world.lines(), ['deleted operation completed', 'updated roster of 4'])
  for (const [where, body] of [
    [path, { participants: [user('dov')] }],
    [`${CALLS}/${callId}/keepAlive`, { participants: [user('cleo')] }],
  ] as const) {
    const refused = await world.client('alpha').post(where, body, headers)
    assert.equal(refused.status, 422)
    assert.match(refused.headers.get('rollcall-explanation') ?? '', /use a new key/)
  }
})

test('a refused request is not remembered: it may succeed later under the same key', async (t) => {
  const world = await startWorld(t)
  const callId = await establish(world, 'alpha', [user('ada'), user('ben')])
  const headers = { 'Idempotency-Key': 'invite-1' }
  const path = `${CALLS}/${callId}/participants/invite`
  await world.script('cleo', { answer: { after: '5s' } })
  await world.client('alpha').post(path, { participants: [user('cleo')] })
  assert.equal((await world.client('alpha').post(path, { participants: [user('cleo')] }, headers)).status, 409)
  await world.advance('5s')
  assert.deepEqual(await world.lines(), ['deleted operation completed', 'updated roster of 4'])
  const again = await world.client('alpha').post(path, { participants: [user('cleo')] }, headers)
  assert.equal(again.status, 409)
})

test("another application's keys are its own", async (t) => {
  const world = await startWorld(t)
  const headers = { 'Idempotency-Key': 'create-1' }
  const one = await world.client('alpha').post(CALLS, callBody(world, 'alpha', [user('ada')]), headers)
  const two = await world.client('beta').post(CALLS, callBody(world, 'beta', [user('ada')]), headers)
  assert.deepEqual([one.status, two.status], [201, 201])
  assert.notEqual(one.body.id, two.body.id)
  await world.lines('alpha')
  await world.lines('beta')
})

test('a key must be one printable word', async (t) => {
  const world = await startWorld(t)
  const headers = { 'Idempotency-Key': 'x'.repeat(256) }
  const refused = await world.client('alpha').post(CALLS, callBody(world, 'alpha', [user('ada')]), headers)
  assert.deepEqual([refused.status, refused.body.error.code], [400, '8523'])
})
