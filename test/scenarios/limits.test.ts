/** Limits on what an application may ask for, by the directory and as published; throttling on demand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import type { AppName, World } from '../support/world.ts'
import { ALL_ROLES, APPS, USERS, callBody, startWorld, user } from '../support/world.ts'
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

const EVERYTHING = {
  roles: [...ALL_ROLES, 'CallRecords.Read.All', 'OnlineMeetings.ReadWrite.All', 'User.ReadWrite.All'],
  meetingUsers: 'all',
}
const RECORDS = '/communications/callRecords'
const meetingsOf = (id: string): string => `/users/${id}/onlineMeetings`

test('call records have a limit of their own, for all their addresses together', async (t) => {
  const limits = { callRecordRequestsPer20Seconds: 4 }
  const world = await startWorld(t, { clockStart: START }, { alpha: { ...EVERYTHING, limits } })
  const client = world.client('alpha')
  const log = `${RECORDS}/getPstnCalls(fromDateTime=2026-01-01,toDateTime=2026-01-02)`
  const some = [RECORDS, `${RECORDS}/${APPS.alpha}`, `${RECORDS}('${APPS.alpha}')/sessions`, log]
  const statuses: number[] = []
  for (const path of some) statuses.push((await client.get(path)).status)
  assert.deepEqual(statuses, [200, 404, 404, 200])
  const refused = await world.client('alpha', 'beta').get(RECORDS)
  assertRefused(
    refused,
    tooMany(
      'The application has had its 4 requests for call records of this 20 seconds (limit callRecordRequestsPer20Seconds); wait for as long as Retry-After says.',
    ),
  )
  assert.equal(refused.headers.get('retry-after'), '20')
  assert.equal((await client.get('/subscriptions')).status, 200)
  await world.advance('20s')
  assert.equal((await client.get(RECORDS)).status, 200)
})

test('call records: the published number is 1,500 in 20 seconds', async (t) => {
  const world = await startWorld(t, { clockStart: START, publishedLimits: true }, { alpha: EVERYTHING })
  const client = world.client('alpha')
  const requests = Array.from({ length: 20 }, (_, id) => ({ id: String(id), method: 'GET', url: RECORDS }))
  for (let i = 0; i < 75; i++) {
    const { body } = await client.post('/$batch', { requests })
    assert.ok(body.responses.every(({ status }: AnyJson) => status === 200))
  }
  assert.equal((await client.get(RECORDS)).status, 429)
})

test('call records: the applications of a tenant share a limit, other tenants have theirs', async (t) => {
  const entry = { ...EVERYTHING, limits: { tenantCallRecordRequestsPer20Seconds: 3 } }
  const world = await startWorld(t, { clockStart: START }, { alpha: entry, beta: entry, foreign: entry })
  const statusOf = async (app: AppName): Promise<number> => (await world.client(app).get(RECORDS)).status
  const statuses: number[] = []
  for (const app of ['alpha', 'beta', 'alpha', 'beta', 'foreign'] as const) statuses.push(await statusOf(app))
  assert.deepEqual(statuses, [200, 200, 200, 429, 200])
  assertRefused(
    await world.client('alpha').get(RECORDS),
    tooMany(
      'The tenant has had its 3 requests for call records of this 20 seconds (limit tenantCallRecordRequestsPer20Seconds); wait for as long as Retry-After says.',
    ),
  )
})

test('meetings of a user in a month: each user has their own, and what was refused or there already does not count', async (t) => {
  const limits = { meetingsPerUserPerMonth: 2 }
  const world = await startWorld(t, { clockStart: START }, { alpha: { ...EVERYTHING, limits } })
  const client = world.client('alpha')
  const create = async (id: string, body: object = {}, action = ''): Promise<number> =>
    (await client.post(meetingsOf(id) + action, body)).status
  assert.equal(await create(USERS.ada, { startDateTime: 'no' }), 400)
  assert.equal(await create(USERS.ada), 201)
  assert.equal(await create(USERS.ada, { externalId: 'a' }, '/createOrGet'), 201)
  const refused = await client.post(meetingsOf(USERS.ada), {})
  assertRefused(
    refused,
    tooMany(
      'The application has had its 2 meetings of this user of this month (limit meetingsPerUserPerMonth); wait for as long as Retry-After says.',
    ),
  )
  assert.equal(refused.headers.get('retry-after'), String(1.5 * 86_400))
  assert.equal((await client.get(meetingsOf(USERS.ada))).body.value.length, 2)
  assert.equal(await create(USERS.ben), 201)
  await world.advance('36h')
  assert.equal(await create(USERS.ada), 201)
})

test('requests of a second are counted, and throttled by control, at every address of Graph', async (t) => {
  const paths = [NOBODY, RECORDS, '/subscriptions', meetingsOf(USERS.ada), '/communications/onlineMeetings/x', '/users']
  const limits = { requestsPerSecond: 1 }
  const world = await startWorld(t, { clockStart: START }, { alpha: { ...EVERYTHING, limits }, beta: EVERYTHING })
  const client = world.client('alpha')
  for (const path of paths) {
    assert.notEqual((await client.get(path)).status, 429, path)
    assert.equal((await client.get(path)).status, 429, path)
    await world.advance('1s')
  }
  const named = { 'callRecord: list': RECORDS, 'subscription: list': '/subscriptions', 'user: list': '/users' }
  for (const [operation, path] of Object.entries({ ...named, 'onlineMeeting: list': meetingsOf(USERS.ada) })) {
    assert.equal((await world.control('POST', '/throttles', { appId: APPS.beta, operation, count: 1 })).status, 201)
    assert.equal((await world.client('beta').get(path)).status, 429, operation)
    assert.equal((await world.client('beta').get(path)).status, 200, operation)
  }
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
