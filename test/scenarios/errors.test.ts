/** Errors: one form for all, with Graph's members, and a plain sentence in a header of its own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nameOf, refusedOperations } from '../../src/graph/routes/unbuilt.ts'
import type { Reply } from '../support/world.ts'
import { callBody, startWorld, user } from '../support/world.ts'
import type { Refusal } from './steps.ts'
import { CALLS, GUID, assertRefused, create, peerToPeer } from './steps.ts'
import * as wire from './wire.ts'

/** 2030-01-01T00:00:00Z */
const NEW_YEAR = Date.UTC(2030, 0, 1)

test('the body and the headers of an error, in full', async (t) => {
  const world = await startWorld(t, { clockStart: NEW_YEAR })
  const reply = await world
    .client('alpha')
    .get(`${CALLS}/00000000-0000-4000-8000-000000000000`, { 'client-request-id': 'mine', 'scenario-id': 'scene 7' })
  const requestId = reply.headers.get('request-id') ?? ''
  assert.match(requestId, GUID)
  assert.equal(reply.status, 404)
  assert.deepEqual(reply.body, {
    error: {
      code: '8522',
      message: 'Call not found.',
      innerError: { date: '2030-01-01T00:00:00', 'request-id': requestId, 'client-request-id': 'mine' },
    },
  })
  const {
    date: _,
    connection: __,
    'keep-alive': ___,
    'content-length': ____,
    ...headers
  } = Object.fromEntries(reply.headers)
  assert.deepEqual(headers, {
    'content-type': 'application/json; charset=utf-8',
    'request-id': requestId,
    'client-request-id': 'mine',
    'scenario-id': 'scene 7',
    'rollcall-explanation': 'No call with this id belongs to the application in the token.',
    'x-content-type-options': 'nosniff',
  })
})

test('client-request-id and scenario-id are echoed if they can be, also on success', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  const get = (headers: Record<string, string>): Promise<Reply> =>
    world.client('alpha').get(`${CALLS}/${call.id}`, headers)
  const both = await get({ 'Client-Request-Id': 'abc', 'Scenario-Id': 'def' })
  assert.deepEqual([both.headers.get('client-request-id'), both.headers.get('scenario-id')], ['abc', 'def'])
  const none = await get({})
  assert.equal(none.headers.get('client-request-id'), none.headers.get('request-id'))
  assert.equal(none.headers.get('scenario-id'), null)
  // What is too long to be an id is not carried about.
  const long = await get({ 'client-request-id': 'x'.repeat(200) })
  assert.equal(long.headers.get('client-request-id'), long.headers.get('request-id'))
})

test('a token is required', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  const unauthorized = (message: string, explanation: string): Refusal => ({
    status: 401,
    code: 'InvalidAuthenticationToken',
    message,
    explanation,
  })
  const another = 'get a new one from this server: POST /{tenant}/oauth2/v2.0/token.'
  const empty = unauthorized('Access token is empty.', `The request has no access token; ${another}`)
  const path = `/v1.0${CALLS}/${call.id}`
  assertRefused(await world.request('GET', path), empty)
  assertRefused(await world.request('DELETE', path), empty)
  assertRefused(await world.request('POST', `/v1.0${CALLS}`, callBody(world, 'alpha', [user('ada')])), empty)
  assertRefused(await world.request('GET', path, undefined, { authorization: 'Bearer' }), empty)
  assertRefused(
    await world.request('GET', path, undefined, { authorization: 'Basic YWRhOnNlY3JldA==' }),
    unauthorized(
      'CompactToken parsing failed with error code: 80049217',
      'The Authorization header is not "Bearer" followed by a JWT; send the access_token as it was issued.',
    ),
  )
  const changed = `${(await world.token('alpha')).slice(0, -4)}AAAA`
  assertRefused(
    await world.request('GET', path, undefined, { authorization: `Bearer ${changed}` }),
    unauthorized(
      'Access token validation failure. Invalid signature.',
      `The token's signature does not match its content: it was changed on the way; ${another}`,
    ),
  )
})

test('an unknown path: 404, with what was asked for', async (t) => {
  const world = await startWorld(t)
  const unknown = (method: string, path: string): Refusal => ({
    status: 404,
    code: 'itemNotFound',
    message: 'The resource could not be found.',
    explanation: `No operation is published at ${method} ${path}; check the path and the version in it.`,
  })
  const rows = [
    ['GET', '/v1.0/communications/call'],
    ['POST', '/v2.0/communications/calls'],
    ['GET', '/communications/calls/1'],
    ['POST', `/v1.0${CALLS}/1/dance`],
    ['GET', '/v1.0/me'],
    ['GET', '/'],
  ] as const
  for (const [method, path] of rows) assertRefused(await world.request(method, path), unknown(method, path))
})

test('a wrong method: 405, with the methods that the path takes', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  const rows = [
    ['PATCH', CALLS, 'POST, GET'],
    ['PATCH', `${CALLS}/${call.id}`, 'GET, DELETE'],
    ['PUT', `${CALLS}/${call.id}`, 'GET, DELETE'],
    ['GET', `${CALLS}/${call.id}/keepAlive`, 'POST'],
    ['DELETE', `${CALLS}/${call.id}/participants`, 'GET'],
    ['POST', `${CALLS}/${call.id}/participants`, 'GET'],
    ['PUT', `${CALLS}/${call.id}/participants/invite`, 'POST'],
    ['PATCH', `${CALLS}/${call.id}/participants/${call.myParticipantId}`, 'GET, DELETE'],
    ['POST', `${CALLS}/${call.id}/operations`, 'GET'],
  ] as const
  for (const [method, path, allow] of rows) {
    await t.test(`${method} ${path.replaceAll(/[0-9a-f-]{36}/g, '{id}')}`, async () => {
      const reply = await world.request(method, `/v1.0${path}`)
      assert.equal(reply.headers.get('allow'), allow)
      assertRefused(reply, {
        status: 405,
        code: 'notAllowed',
        message: 'The method is not allowed for this resource.',
        explanation: `${method} is not done on this path; it takes ${allow.replace(', ', ' and ')}.`,
      })
    })
  }
})

test('a body that is too large: 413', async (t) => {
  const world = await startWorld(t, { bodyLimit: 2048 })
  const body = callBody(world, 'alpha', [user('ada')], { subject: 'x'.repeat(3000) })
  assertRefused(await world.client('alpha').post(CALLS, body), {
    status: 413,
    code: 'invalidRequest',
    message: 'The request is too large.',
    explanation: 'The body is larger than this server takes (option bodyLimit).',
  })
})

test('a body that is not JSON by its type: 415', async (t) => {
  const world = await startWorld(t)
  const body = JSON.stringify(callBody(world, 'alpha', [user('ada')]))
  for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded']) {
    assertRefused(await world.client('alpha').post(CALLS, body, { 'content-type': type }), {
      status: 415,
      code: 'invalidRequest',
      message: 'The content type is not supported.',
      explanation: 'Send the body as application/json, and say so in Content-Type.',
    })
  }
  // Parameters of the type are no matter.
  await world.script('ada', { busy: {} })
  const accepted = await world
    .client('alpha')
    .post(CALLS, body, { 'content-type': 'application/json;odata.metadata=minimal; charset=utf-8' })
  assert.equal(accepted.status, 201)
  assert.deepEqual(await world.lines(), ['updated call establishing', 'deleted call terminated'])
})

test('a body that is not JSON: 400, with where it stops being so', async (t) => {
  const world = await startWorld(t)
  const reply = await world.client('alpha').post(CALLS, '{"targets": [}')
  const explanation = reply.headers.get('rollcall-explanation') ?? ''
  assert.match(explanation, /^The body is not valid JSON: Unexpected token .*\.$/)
  assertRefused(reply, { status: 400, code: 'invalidRequest', message: 'The body is not valid JSON.', explanation })
})

test('what is published and not done here is refused by name: 501', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  assert.ok(refusedOperations.length > 0)
  for (const { method, path, why } of refusedOperations) {
    const address = path.replace(':callId', call.id).replace(':participantId', call.myParticipantId)
    const reply = await world.request(method, `/v1.0${CALLS}${address}`, method === 'GET' ? undefined : {}, {
      authorization: `Bearer ${await world.token('alpha')}`,
    })
    assertRefused(reply, {
      status: 501,
      code: 'notImplemented',
      message: 'The operation is not implemented.',
      explanation: `${nameOf(path)} is refused: ${why}; docs/reference/coverage.md says what is there.`,
    })
  }
})

test('a limit of calls: 429 with Retry-After', async (t) => {
  const world = await startWorld(t, { maxCallsPerApplication: 1 })
  const call = await peerToPeer(world)
  const reply = await world.client('alpha').post(CALLS, callBody(world, 'alpha', [user('ben')]))
  assert.equal(reply.headers.get('retry-after'), '10')
  const message = 'The limit of active calls has been reached.'
  assertRefused(reply, {
    status: 429,
    code: '8530',
    message,
    explanation:
      'The application has reached its limit of live calls, 1 (option maxCallsPerApplication, or its limit concurrentCalls).',
    inner: { code: '429', message, status: '429' },
  })
  await world.client('alpha').delete(`${CALLS}/${call.id}`)
  assert.deepEqual(await world.take(), wire.ownEnd(call))
  const again = await create(world, [user('ben')])
  assert.deepEqual(await world.take(), [wire.establishing(again), wire.established(again)])
})
