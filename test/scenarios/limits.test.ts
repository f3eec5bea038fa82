/** Limits on what an application may ask for, by the directory and as published; throttling on demand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import type { World } from '../support/world.ts'
import { APPS, callBody, startWorld, user } from '../support/world.ts'
import { CALLS, assertRefused } from './steps.ts'

const START = Date.UTC(2026, 0, 30, 12)
const NOBODY = `${CALLS}/00000000-0000-4000-8000-000000000000`

const tooMany = (explanation: string): Parameters<typeof assertRefused>[1] => ({
  status: 429,
  code: 'TooManyRequests',
  message: 'Too many requests.',
  explanation,
  inner: { code: '429', message: 'Too many requests.', status: '429' },
})

async function createCall(
  world: World,
): Promise<{ readonly status: number; readonly body: AnyJson; readonly headers: Headers }> {
  const reply = await world.client('alpha').post(CALLS, callBody(world, 'alpha', [user('ada')]))
  await world.take()
  return reply
}

test('nothing is limited unless somebody says so', async (t) => {
  const world = await startWorld(t)
  const client = world.client('alpha')
  for (let i = 0; i < 50; i++) assert.equal((await client.get(NOBODY)).status, 404)
})

test('an application has as many requests a second as the directory says, in batches too', async (t) => {
  const world = await startWorld(t, { clockStart: START }, { alpha: { limits: { requestsPerSecond: 3 } } })
  const client = world.client('alpha')
  const refusal = tooMany(
    'The application has had its 3 requests of this second (limit requestsPerSecond); wait for as long as Retry-After says.',
  )
  for (let i = 0; i < 3; i++) assert.equal((await client.get(NOBODY)).status, 404)
  const refused = await client.get(`${NOBODY}/participants`)
  assertRefused(refused, refusal)
  assert.equal(refused.headers.get('retry-after'), '1')
  assert.equal((await world.client('beta').get(NOBODY)).status, 404)
  await world.advance('1s')
  const requests = Array.from({ length: 5 }, (_, id) => ({ id: String(id), method: 'GET', url: NOBODY }))
  const { body } = await client.post('/$batch', { requests })
  assert.deepEqual(
    body.responses.map(({ status }: AnyJson) => status),
    [404, 404, 404, 429, 429],
  )
  const last = body.responses.at(-1)
  assert.equal(last.headers['Retry-After'], '1')
  assert.equal(last.body.error.code, 'TooManyRequests')
  assert.equal(last.body.error.innerError.status, '429')
})

test('calls of a month: those that were refused do not count, and the next month begins anew', async (t) => {
  const world = await startWorld(t, { clockStart: START }, { alpha: { limits: { callsPerMonth: 2 } } })
  assert.equal((await world.client('alpha').post(CALLS, {})).status, 400)
  assert.equal((await createCall(world)).status, 201)
  assert.equal((await createCall(world)).status, 201)
  const refused = await createCall(world)
  const message = 'The limit of calls per month has been reached.'
  assert.deepEqual([refused.status, refused.body.error.code, refused.body.error.message], [429, '8529', message])
  assert.equal(refused.headers.get('retry-after'), String(1.5 * 86_400))
  await world.advance('36h')
  await world.take()
  assert.equal((await createCall(world)).status, 201)
})

test('live calls: a call that ends makes room', async (t) => {
  const world = await startWorld(t, {}, { alpha: { limits: { concurrentCalls: 1 } } })
  const { body } = await createCall(world)
  const refused = await createCall(world)
  assert.deepEqual([refused.status, refused.body.error.code], [429, '8530'])
  assert.match(refused.headers.get('rollcall-explanation') ?? '', /its limit of live calls, 1/)
  await world.client('alpha').delete(`${CALLS}/${body.id}`)
  await world.take()
  assert.equal((await createCall(world)).status, 201)
})

test('the published limits hold for everybody if that is asked for, except where the directory differs', async (t) => {
  const world = await startWorld(t, { publishedLimits: true }, { alpha: { limits: { concurrentCalls: 2 } } })
  const statuses: number[] = []
  for (let i = 0; i < 3; i++) statuses.push((await createCall(world)).status)
  assert.deepEqual(statuses, [201, 201, 429])
  const client = world.client('beta')
  const create = async (): Promise<number> => (await client.post(CALLS, callBody(world, 'beta', [user('ben')]))).status
  for (let i = 0; i < 100; i++) assert.equal(await create(), 201)
  assert.equal(await create(), 429)
  await world.take('beta')
})

test('control throttles the next requests of an application or operation', async (t) => {
  const world = await startWorld(t, { throttleLimit: 2 })
  const client = world.client('alpha')
  const throttle = { appId: APPS.alpha, operation: 'call: get', count: 2, retryAfter: 7.5 }
  const set = await world.control('POST', '/throttles', throttle)
  assert.equal(set.status, 201)
  const { id } = set.body
  assert.deepEqual(set.body, { id, appId: APPS.alpha, operation: 'call: get', remaining: 2, retryAfter: 7.5 })
  assert.equal((await client.get(`${NOBODY}/operations`)).status, 404)
  assert.equal((await world.client('beta').get(NOBODY)).status, 404)
  const refused = await client.get(NOBODY)
  assertRefused(
    refused,
    tooMany(`Control asked for this request to be throttled (throttle ${id}); try again after 7.5 seconds.`),
  )
  assert.equal(refused.headers.get('retry-after'), '7.5')
  assert.deepEqual((await world.control('GET', '/throttles')).body.value, [{ ...set.body, remaining: 1 }])
  const { body } = await client.post('/$batch', { requests: [{ id: '1', method: 'GET', url: NOBODY }] })
  assert.equal(body.responses[0].status, 429)
  assert.equal((await client.get(NOBODY)).status, 404)
  assert.deepEqual((await world.control('GET', '/throttles')).body.value, [])
})

test('throttles are bounded, removable, and gone after a reset', async (t) => {
  const world = await startWorld(t, { throttleLimit: 2 })
  const { body } = await world.control('POST', '/throttles', {})
  assert.equal((await world.control('POST', '/throttles', { appId: APPS.mute })).status, 201)
  assert.equal((await world.control('POST', '/throttles', {})).status, 400)
  for (const wrong of [{ appId: 'x' }, { count: 0 }, { retryAfter: -1 }, { other: 1 }]) {
    assert.equal((await world.control('POST', '/throttles', wrong)).status, 400)
  }
  assert.equal((await world.control('DELETE', `/throttles/${body.id}`)).status, 204)
  assert.equal((await world.control('DELETE', `/throttles/${body.id}`)).status, 404)
  assert.equal((await world.client('alpha').get(NOBODY)).status, 404)
  await world.control('POST', '/reset')
  assert.deepEqual((await world.control('GET', '/throttles')).body.value, [])
})
