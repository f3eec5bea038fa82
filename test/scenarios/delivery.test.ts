/** How notifications arrive: headers, signature, order, batches. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import type { Received } from '../support/bot.ts'
import { line } from '../support/bot.ts'
import type { World } from '../support/world.ts'
import { APPS, OTHER_TENANT, TENANT, USERS, callBody, startWorld, user } from '../support/world.ts'
import { CALLS, GUID, assertEmpty, groupCall, invite, peerToPeer } from './steps.ts'
import * as wire from './wire.ts'

const posts = (world: World): readonly Received[] => world.bots.alpha.received

test('the headers of a notification, in full', async (t) => {
  const world = await startWorld(t)
  const created = await world
    .client('alpha')
    .post(CALLS, callBody(world, 'alpha', [user('ada')]), { 'scenario-id': 'Night shift 7' })
  const call = wire.known(created)
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
  const ids = posts(world).map((post) => {
    const { host, connection, authorization, 'content-length': length, ...headers } = post.headers
    const id = headers['x-microsoft-skype-message-id']
    assert.deepEqual(headers, {
      accept: 'application/json',
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Microsoft-Skype/3.0,(Calling/1.0)',
      'client-request-id': id,
      'scenario-id': 'Night shift 7',
      'x-microsoft-skype-chain-id': call.callChainId,
      'x-microsoft-skype-message-id': id,
    })
    assert.equal(host, new URL(world.bots.alpha.url).host)
    assert.equal(connection, 'keep-alive')
    assert.match(authorization ?? '', /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/)
    assert.equal(length, String(Buffer.byteLength(post.bytes)))
    return String(id)
  })
  for (const id of ids) assert.match(id, GUID)
  assert.equal(new Set(ids).size, 2)
})

test('without a Scenario-Id of its own the call gets one, the same for all its notifications', async (t) => {
  const world = await startWorld(t)
  await peerToPeer(world)
  const [first, second] = posts(world).map(({ headers }) => headers['scenario-id'])
  assert.match(String(first), GUID)
  assert.equal(second, first)
})

test('Scenario-Id of an incoming call is its chain id', async (t) => {
  const world = await startWorld(t)
  await world.control('POST', '/calls', { from: USERS.ada, to: APPS.alpha })
  const [incoming] = await world.take()
  const call = wire.known({ body: incoming?.resourceData })
  assertEmpty(await world.client('alpha').post(`${CALLS}/${call.id}/reject`, {}, { 'scenario-id': 'other' }), 202)
  await world.take()
  assert.deepEqual(
    posts(world).map(({ headers }) => [headers['scenario-id'], headers['x-microsoft-skype-chain-id']]),
    [
      [call.callChainId, call.callChainId],
      [call.callChainId, call.callChainId],
    ],
  )
})

/** Verifies a notification's token as a bot does: by the published configuration alone. */
async function verifyToken(world: World, post: Received | undefined, configuration: string, audience: string) {
  const { status, body } = await world.request('GET', configuration)
  assert.equal(status, 200)
  const keys = createRemoteJWKSet(new URL(body.jwks_uri))
  const token = (post?.headers.authorization ?? '').slice('Bearer '.length)
  return jwtVerify(token, keys, { issuer: body.issuer, audience, algorithms: ['RS256'] })
}

test('the token is signed by published keys, for this application and tenant', async (t) => {
  const world = await startWorld(t)
  await peerToPeer(world)
  const configurations = [
    '/v1/.well-known/OpenIdConfiguration',
    '/v1/.well-known/openidconfiguration',
    '/.well-known/openid-configuration',
  ]
  for (const configuration of configurations) {
    const { payload, protectedHeader } = await verifyToken(world, posts(world)[0], configuration, APPS.alpha)
    const { iat = 0, jti, ...claims } = payload
    assert.deepEqual(claims, { iss: world.url, aud: APPS.alpha, tid: TENANT, nbf: iat, exp: iat + 3600 })
    assert.match(String(jti), GUID)
    assert.equal(protectedHeader.alg, 'RS256')
  }
})

test("another tenant's application gets a token of its own", async (t) => {
  const world = await startWorld(t)
  const stranger = user('22222222-0000-4000-8000-000000000099')
  const created = await world.client('foreign').post(CALLS, callBody(world, 'foreign', [stranger]))
  assert.equal(created.status, 201)
  assert.deepEqual(await world.lines('foreign'), ['updated call establishing', 'updated call established'])
  const [post] = world.bots.foreign.received
  const { payload } = await verifyToken(world, post, '/.well-known/openid-configuration', APPS.foreign)
  assert.deepEqual([payload['aud'], payload['tid']], [APPS.foreign, OTHER_TENANT])
})

test('the issuer can be the one that published bots expect', async (t) => {
  const world = await startWorld(t, { notificationIssuer: 'https://api.botframework.com' })
  await peerToPeer(world)
  const { payload } = await verifyToken(world, posts(world)[0], '/v1/.well-known/OpenIdConfiguration', APPS.alpha)
  assert.equal(payload.iss, 'https://api.botframework.com')
})

test('one POST at a time per call, in order, however slow the bot is', async (t) => {
  const world = await startWorld(t)
  // Every POST of this call fails once before it is taken.
  world.bots.alpha.answer = (_, index) => (index % 2 === 0 ? 500 : 202)
  const { call } = await groupCallLater(world)
  await world.advance('10s')
  const seen = posts(world).map((post) => post.body.value.map(line).join())
  const once = ['updated call establishing', 'updated call established', 'updated roster of 2', 'updated roster of 3']
  assert.deepEqual(
    seen,
    once.flatMap((each) => [each, each]),
  )
  await world.bots.alpha.take()
  assert.ok(posts(world).every(({ body }) => body.value[0]?.resourceUrl.includes(call)))
})

async function groupCallLater(world: World): Promise<{ call: string }> {
  const created = await world.client('alpha').post(CALLS, callBody(world, 'alpha', [user('ada'), user('ben')]))
  return { call: created.body.id }
}

test('deliveryBatch: what waits together arrives together, in order', async (t) => {
  const world = await startWorld(t, { deliveryBatch: true })
  const { call, rows } = await groupCall(world)
  let down = true
  world.bots.alpha.answer = () => (down ? 503 : 202)
  const before = posts(world).length
  const { id, ids } = wire.invited(await invite(world, call, [user('cleo')]))
  await world.settle()
  await world.client('alpha').delete(`${CALLS}/${call.id}`)
  down = false
  await world.advance('1s')
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 4 }
  const [terminating, end] = wire.ownEnd(call)
  const bodies = posts(world)
    .slice(before)
    .map(({ body }) => body)
  await world.bots.alpha.take()
  // What was decided together shares a POST; its retry carries the same, and what had to wait for it follows as one.
  const envelope = { '@odata.type': '#microsoft.graph.commsNotifications' }
  const first = {
    ...envelope,
    value: [wire.operationEnd(call, id, [cleo.identity]), wire.roster(call, [...rows, cleo])],
  }
  const rest = { ...envelope, value: [terminating, end] }
  assert.deepEqual(bodies, [first, first, rest])
})
