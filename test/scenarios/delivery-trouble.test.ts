/** Notifications that are not taken at once: retries, dead letters, redirects, bots that hang; and nobody else waits. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { line } from '../support/bot.ts'
import type { AnyJson } from '../support/any-json.ts'
import type { World } from '../support/world.ts'
import { APPS, USERS, startWorld, user } from '../support/world.ts'
import { CALLS, assertEmpty, create, groupCall, invite, peerToPeer } from './steps.ts'
import * as wire from './wire.ts'

/** What control knows of a call's notifications, in the order in which they leave. */
async function deliveries(world: World, callId: string): Promise<AnyJson[]> {
  const { body } = await world.control('GET', `/notifications?callId=${callId}`)
  return body.value.toReversed()
}

/** Seconds since the epoch, at which the worlds of this file begin. */
const seconds = ({ at }: { at: string }): number => Date.parse(at) / 1000

test('tried again after 1, 2, 4, 8 ... seconds, at most 60: with the same bytes and the same message id', async (t) => {
  const world = await startWorld(t, { clockStart: 0 })
  const bot = world.bots.alpha
  bot.answer = () => 500
  const call = await create(world, [user('ada')])
  await world.advance('5m')
  const [first, second] = await deliveries(world, call.id)
  assert.deepEqual([first.state, first.attempts.map(seconds)], ['pending', [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]])
  assert.deepEqual([second.state, second.attempts], ['pending', []])
  const { deliveryId, order, latency, ...attempt } = first.attempts[2]
  assert.deepEqual(attempt, {
    at: '1970-01-01T00:00:03.000Z',
    number: 3,
    url: bot.url,
    status: 500,
    error: 'the bot answered 500',
    answer: '',
    replay: false,
  })
  assert.deepEqual([deliveryId, typeof order, typeof latency], [first.id, 'number', 'number'])

  const tried = bot.received.map(({ bytes, headers }) => [bytes, headers['x-microsoft-skype-message-id']])
  assert.equal(tried.length, 10)
  assert.deepEqual(
    tried,
    tried.map(() => [bot.received[0]?.bytes, first.id]),
  )
  bot.answer = () => 202
  await world.advance('1m')
  assert.deepEqual(await bot.take(), [
    ...Array.from({ length: 11 }, () => wire.establishing(call)),
    wire.established(call),
  ])
  assert.deepEqual(
    (await deliveries(world, call.id)).map(({ state }) => state),
    ['delivered', 'delivered'],
  )
})

test('given up after 30 minutes: a dead letter, and the next notification has its turn', async (t) => {
  const world = await startWorld(t, { clockStart: 0 })
  const bot = world.bots.alpha
  bot.answer = ({ body }) => (body.value[0]?.resourceData.state === 'establishing' ? 400 : 202)
  const call = await create(world, [user('ada')])
  await world.advance('1799s')
  const [waiting] = await deliveries(world, call.id)
  assert.equal(waiting.state, 'pending')
  await world.advance('4s')
  const [dead, next] = await deliveries(world, call.id)
  assert.deepEqual(
    [dead.state, dead.settledAt, seconds(dead.attempts.at(-1)), next.state],
    ['dead', '1970-01-01T00:30:03.000Z', 1803, 'delivered'],
  )
  assert.deepEqual((await bot.take()).at(-1), wire.established(call))
  const listed = await world.control('GET', '/notifications?state=dead')
  assert.deepEqual(
    listed.body.value.map(({ id }: { id: string }) => id),
    [dead.id],
  )
})

test('410 ends the retries at once', async (t) => {
  const world = await startWorld(t)
  const bot = world.bots.alpha
  bot.answer = ({ body }) => (body.value[0]?.resourceData.state === 'establishing' ? 410 : 202)
  const call = await create(world, [user('ada')])
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
  assert.deepEqual(
    (await deliveries(world, call.id)).map(({ state, attempts }) => [state, attempts.length]),
    [
      ['dead', 1],
      ['delivered', 1],
    ],
  )
  await world.advance('30m')
})

for (const status of [200, 201, 202, 204]) {
  test(`${status} takes a notification`, async (t) => {
    const world = await startWorld(t)
    world.bots.alpha.answer = () => status
    await peerToPeer(world)
  })
}

test('a connection that is reset counts as a failed try', async (t) => {
  const world = await startWorld(t)
  world.bots.alpha.answer = (_, index) => (index === 0 ? 'reset' : 202)
  const call = await create(world, [user('ada')])
  await world.advance('1s')
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.establishing(call), wire.established(call)])
  const [first] = await deliveries(world, call.id)
  assert.match(first.attempts[0].error, /^the bot closed the connection without an answer/)
  assert.equal(first.attempts.length, 2)
})

test('nothing listens: told in words', async (t) => {
  const world = await startWorld(t, { clockStart: 0 })
  // The discard port: nothing listens there.
  const call = await create(world, [user('ada')], { more: { callbackUri: 'http://127.0.0.1:9/' } })
  await world.advance('1s')
  const [first] = await deliveries(world, call.id)
  assert.deepEqual(
    first.attempts.map(({ error }: AnyJson) => error),
    Array.from({ length: 2 }, () => 'nothing listens at that address (ECONNREFUSED)'),
  )
})

test('a bot that hangs is given 15 seconds', async (t) => {
  const world = await startWorld(t, { clockStart: 0, settlePatience: 100 })
  world.bots.alpha.answer = (_, index) => (index === 0 ? 'hang' : 202)
  const call = await create(world, [user('ada')])
  await world.advance('14999ms')
  assert.deepEqual((await deliveries(world, call.id))[0].attempts, [])
  await world.advance('1ms')
  const [{ attempts }] = await deliveries(world, call.id)
  assert.deepEqual(
    attempts.map(({ at, error }: AnyJson) => [at, error]),
    [['1970-01-01T00:00:15.000Z', 'no answer within 15 seconds (option deliveryTimeout)']],
  )
  await world.advance('1s')
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.establishing(call), wire.established(call)])
})

/** Lets things happen until `holds`: with a bot that hangs, the clock cannot tell when everything has happened. */
async function settleUntil(world: World, holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !holds(); tries++) await world.settle()
}

test("one call's trouble is not another's, nor another bot's", async (t) => {
  const world = await startWorld(t, { settlePatience: 20 })
  const { alpha, beta } = world.bots
  alpha.answer = ({ url }) => (url.endsWith('/stuck') ? 'hang' : 202)
  const stuck = await create(world, [user('ada')], { more: { callbackUri: `${alpha.url}/stuck` } })
  await settleUntil(world, () => alpha.received.length === 1)
  const call = await create(world, [user('ben')])
  await settleUntil(world, () => alpha.received.length === 3)
  assert.deepEqual(await alpha.take(), [wire.establishing(stuck), wire.establishing(call), wire.established(call)])
  const theirs = await create(world, [user('cleo')], { app: 'beta' })
  await settleUntil(world, () => beta.received.length === 2)
  assert.deepEqual(await beta.take(), [wire.establishing(theirs), wire.established(theirs)])
  // The stuck call itself can be used all the while.
  const shown = await world.client('alpha').get(`${CALLS}/${stuck.id}`)
  assert.equal(shown.body.state, 'established')
  alpha.answer = () => 202
  await world.advance('16s')
  await settleUntil(world, () => alpha.received.length === 5)
  assert.deepEqual(await alpha.take(), [wire.establishing(stuck), wire.established(stuck)])
})

for (const deliveryBatch of [false, true]) {
  test(`more waits than is held in memory${deliveryBatch ? ', in batches' : ''}: nothing is lost, nothing is out of order`, async (t) => {
    const world = await startWorld(t, { deliveryQueueLimit: 2, deliveryBatch })
    const bot = world.bots.alpha
    bot.answer = (_, index) => (index < 3 ? 503 : 202)
    const call = await create(world, ['ada', 'ben', 'cleo', 'dov', 'eva'].map(user))
    await world.settle()
    assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}`), 204)
    await world.advance('10s')
    const lines = (await world.take()).slice(3).map(line)
    assert.deepEqual(lines, [
      'updated call establishing',
      'updated call established',
      ...[2, 3, 4, 5, 6].map((count) => `updated roster of ${count}`),
      'updated call terminating',
      'deleted call terminated',
    ])
  })
}

test("a replaced call's end waits for the invite's news to be tried, and no longer", async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const old = await peerToPeer(world, 'cleo')
  const bot = world.bots.alpha
  bot.answer = ({ body }) => (body.value[0]?.resourceUrl.includes(call.id) ? 500 : 202)
  await invite(world, call, [{ ...user('cleo'), replacesCallId: old.id }])
  assert.deepEqual(await world.lines(), ['deleted operation completed', 'deleted call terminated'])
  bot.answer = () => 202
  await world.advance('1s')
  assert.deepEqual(await world.lines(), ['deleted operation completed', 'updated roster of 4'])
})

for (const status of [302, 307]) {
  test(`${status} of an incoming call is followed once, to another deployment of the bot`, async (t) => {
    const world = await startWorld(t)
    const bot = world.bots.alpha
    const location = `${bot.url}/blue?slot=2`
    bot.answer = ({ url }) => (url === '/api/calls' ? { status, location } : 202)
    await world.control('POST', '/calls', { from: USERS.ada, to: APPS.alpha })
    const taken = await world.take()
    const call = wire.known({ body: taken[0]?.resourceData })
    assert.deepEqual(
      bot.received.map(({ url }) => url),
      ['/api/calls', '/api/calls/blue?slot=2'],
    )
    assert.equal(bot.received[1]?.bytes, bot.received[0]?.bytes)
    const [{ state, attempts }] = await deliveries(world, call.id)
    assert.deepEqual([state, attempts.length, attempts[0].url, attempts[0].status], ['delivered', 1, location, 202])

    // The deployment that answers names its own address for what follows.
    const body = { callbackUri: location, mediaConfig: wire.serviceHosted }
    assertEmpty(await world.client('alpha').post(`${CALLS}/${call.id}/answer`, body), 202)
    assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
    assert.deepEqual(
      bot.received.slice(2).map(({ url }) => url),
      ['/api/calls/blue?slot=2', '/api/calls/blue?slot=2'],
    )
  })
}

test('a redirect of a redirect is not followed, and counts as a failed try', async (t) => {
  const world = await startWorld(t)
  const bot = world.bots.alpha
  let tries = 0
  bot.answer = () => (tries++ < 2 ? { status: 307, location: `${bot.url}/again` } : 202)
  const rung = await world.control('POST', '/calls', { from: USERS.ada, to: APPS.alpha })
  await world.settle()
  assert.equal(bot.received.length, 2)
  const [{ attempts }] = await deliveries(world, rung.body.callId)
  assert.deepEqual([attempts.length, attempts[0].error], [1, 'the bot answered 307'])
  await world.advance('1s')
  assert.equal(bot.received.length, 3)
  await bot.take()
  assertEmpty(await world.client('alpha').post(`${CALLS}/${rung.body.callId}/reject`), 202)
  assert.deepEqual(await world.lines(), ['deleted call (gone)'])
})

test('other notifications are not redirected', async (t) => {
  const world = await startWorld(t)
  const bot = world.bots.alpha
  bot.answer = (_, index) => (index === 0 ? { status: 302, location: `${bot.url}/elsewhere` } : 202)
  const call = await create(world, [user('ada')])
  await world.advance('1s')
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.establishing(call), wire.established(call)])
  assert.ok(bot.received.every(({ url }) => url === '/api/calls'))
})

test('a bot that refuses the token is told apart from one that is broken', async (t) => {
  const world = await startWorld(t)
  world.bots.alpha.answer = (_, index) => (index === 0 ? 401 : 202)
  const call = await create(world, [user('ada')])
  await world.advance('1s')
  await world.take()
  const [first] = await deliveries(world, call.id)
  assert.equal(
    first.attempts[0].error,
    "the bot refused the notification's token (401); check which issuer and audience it expects",
  )
})
