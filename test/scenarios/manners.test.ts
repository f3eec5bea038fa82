/** Manners of older bots: the handshake of 204, connections that are closed after each answer, no permission and no names. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { APPS, USERS, callBody, establish, startWorld, user } from '../support/world.ts'

const CALLS = '/communications/calls'

test('with legacyHandshake, 204 to an incoming call brings its announcement once more, the same bytes', async (t) => {
  const world = await startWorld(t, {}, { alpha: { legacyHandshake: true } })
  const bot = world.bots.alpha
  bot.answer = (_, index) => (index === 0 ? 204 : 202)
  await world.control('POST', '/calls', { from: USERS.ada, to: APPS.alpha })
  assert.deepEqual(await world.lines(), ['created call incoming', 'created call incoming'])
  assert.equal(bot.received[1]?.bytes, bot.received[0]?.bytes)
  const callId = bot.received[0]?.body.value[0]?.resourceData.id
  // What comes later is settled by any 2xx.
  bot.answer = () => 204
  await world.client('alpha').post(`${CALLS}/${callId}/reject`)
  assert.deepEqual(await world.lines(), ['deleted call (gone)'])
})

test('without it 204 is as good as any 2xx', async (t) => {
  const world = await startWorld(t)
  world.bots.alpha.answer = () => 204
  await world.control('POST', '/calls', { from: USERS.ada, to: APPS.alpha })
  assert.deepEqual(await world.lines(), ['created call incoming'])
  const { callId } = (await world.control('GET', '/notifications')).body.value[0]
  await world.client('alpha').post(`${CALLS}/${callId}/reject`)
  assert.deepEqual(await world.lines(), ['deleted call (gone)'])
})

test('a bot that closes the connection after each answer gets everything, in order', async (t) => {
  const world = await startWorld(t)
  world.bots.alpha.answer = () => ({ status: 202, connection: 'close' })
  await establish(world, 'alpha', [user('ada'), user('ben')])
  const { value } = (await world.control('GET', '/notifications')).body
  assert.ok(value.length >= 3)
  for (const { state, attempts } of value) assert.deepEqual([state, attempts.length], ['delivered', 1])
})

test('an application without any calling permission does not see which application calls it, either', async (t) => {
  const world = await startWorld(t)
  const target = { identity: { application: { id: APPS.mute } } }
  const created = await world.client('alpha').post(CALLS, callBody(world, 'alpha', [target]))
  assert.equal(created.status, 201)
  await world.settle()
  const [incoming] = await world.bots.mute.take()
  assert.ok(incoming)
  const { identity } = incoming.resourceData.source
  assert.deepEqual(Object.keys(identity), ['@odata.type', 'encrypted'])
  assert.match(identity.encrypted.id, /^29:/)
  await world.client('alpha').delete(`${CALLS}/${created.body.id}`)
  assert.deepEqual((await world.lines('mute')).length, 1)
  await world.lines('alpha')
})
