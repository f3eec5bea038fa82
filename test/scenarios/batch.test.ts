/** `$batch`: several requests in one, each answered as it would be alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import type { AppName, Reply, World } from '../support/world.ts'
import { APPS, SERVICE_NUMBER, TENANT, USERS, callBody, establish, startWorld, user } from '../support/world.ts'
import { CALLS, GUID, assertRefused, groupCall } from './steps.ts'

const JSON_TYPE = { 'Content-Type': 'application/json' }
const NOBODY = '00000000-0000-4000-8000-000000000000'

/** What one batch was answered, by id. */
async function batch(
  world: World,
  requests: readonly AnyJson[],
  app: AppName = 'alpha',
): Promise<Map<string, AnyJson>> {
  const reply = await world.client(app).post('/$batch', { requests })
  assert.equal(reply.status, 200, reply.headers.get('rollcall-explanation') ?? '')
  assert.deepEqual(Object.keys(reply.body), ['responses'])
  return new Map(reply.body.responses.map((one: AnyJson) => [one.id, one]))
}

/** A body without what is different in every request. */
function lasting(body: AnyJson): AnyJson {
  if (body?.error === undefined) return body
  const { innerError, ...error } = body.error
  assert.match(innerError['request-id'], GUID)
  return { error }
}

function assertSame(inBatch: AnyJson, alone: Reply): void {
  assert.equal(inBatch.status, alone.status)
  assert.deepEqual(lasting(inBatch.body ?? ''), lasting(alone.body))
  for (const name of ['Content-Type', 'Location', 'Retry-After', 'rollcall-explanation', 'OData-Version']) {
    assert.equal(inBatch.headers[name] ?? null, alone.headers.get(name), name)
  }
}

test('each request is answered as it would be alone', async (t) => {
  const world = await startWorld(t)
  const id = await establish(world, 'alpha', [user('ada'), user('ben')])
  const client = world.client('alpha')
  const paths = [
    `${CALLS}/${id}`,
    `${CALLS}/${id}/participants?$select=id`,
    `/app/calls/${id.replaceAll('-', '').toUpperCase()}`,
    `${CALLS}/${id}/operations`,
    `${CALLS}/${NOBODY}`,
    `${CALLS}/${id}?$expand=x`,
    '/nowhere',
    '/users',
    "/users('ada@contoso.example')",
  ]
  const answers = await batch(
    world,
    paths.map((url, index) => ({ id: String(index), method: 'GET', url: index % 2 === 0 ? url : url.slice(1) })),
  )
  for (const [index, path] of paths.entries()) assertSame(answers.get(String(index)), await client.get(path))
})

test('calls are made, answered for and ended in a batch, with their locations and notifications', async (t) => {
  const world = await startWorld(t)
  const answers = await batch(world, [
    {
      id: 'create',
      method: 'POST',
      url: CALLS,
      headers: JSON_TYPE,
      body: callBody(world, 'alpha', [user('ada'), user('ben')]),
    },
    { id: 'wrong', method: 'POST', url: CALLS, headers: JSON_TYPE, body: {} },
  ])
  const created = answers.get('create')
  assert.equal(created.status, 201)
  assert.equal(created.headers.Location, `${world.url}/v1.0/communications/calls/${created.body.id}`)
  assert.equal(answers.get('wrong').status, 400)
  assert.equal(answers.get('wrong').body.error.code, '8523')
  assert.deepEqual((await world.lines()).slice(0, 2), ['updated call establishing', 'updated call established'])
  const call = `${CALLS}/${created.body.id}`
  const life = await batch(world, [
    { id: '1', method: 'POST', url: `${call}/microsoft.graph.keepAlive` },
    {
      id: '2',
      method: 'POST',
      url: `${call}/participants/invite`,
      headers: JSON_TYPE,
      body: { participants: [user('cleo')] },
      dependsOn: ['1'],
    },
    { id: '3', method: 'DELETE', url: call, dependsOn: ['2'] },
    { id: '4', method: 'GET', url: call, dependsOn: ['3'] },
    { id: '5', method: 'GET', url: call, dependsOn: ['4'] },
  ])
  assert.equal(life.get('1').status, 200)
  assert.equal('body' in life.get('1'), false)
  assert.equal(life.get('2').body.status, 'Running')
  assert.match(life.get('2').headers.Location, new RegExp(`${call}/operations/`))
  assert.equal(life.get('3').status, 204)
  assert.equal(life.get('4').status, 404)
  assert.equal(life.get('5').status, 424)
  assert.equal(life.get('5').body.error.code, 'FailedDependency')
  assert.ok((await world.lines()).at(-1)?.startsWith('deleted call'))
})

test('an incoming call is answered from a batch: 202 without a body', async (t) => {
  const world = await startWorld(t)
  const rung = await world.control('POST', '/calls', { from: 'ada@contoso.example', to: SERVICE_NUMBER })
  assert.deepEqual(await world.lines(), ['created call incoming'])
  const call = `${CALLS}/${rung.body.callId}`
  const body = {
    callbackUri: world.bots.alpha.url,
    acceptedModalities: ['audio'],
    mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
  }
  const answers = await batch(world, [{ id: 'a', method: 'post', url: `${call}/answer`, headers: JSON_TYPE, body }])
  assert.equal(answers.get('a').status, 202)
  assert.equal('body' in answers.get('a'), false)
  assert.deepEqual(await world.lines(), ['updated call establishing', 'updated call established'])
})

test('what depends on several waits for all, and fails with the first of them', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const path = `${CALLS}/${call.id}`
  const answers = await batch(world, [
    { id: 'A', method: 'GET', url: path },
    { id: 'b', method: 'GET', url: `${CALLS}/${NOBODY}` },
    { id: 'both', method: 'GET', url: path, dependsOn: ['a', 'b'] },
    { id: 'one', method: 'GET', url: path, dependsOn: ['a'] },
    { id: 'chain', method: 'GET', url: path, dependsOn: ['both'] },
  ])
  assert.deepEqual(
    [...answers].map(([id, { status }]) => [id, status]),
    [
      ['A', 200],
      ['b', 404],
      ['both', 424],
      ['one', 200],
      ['chain', 424],
    ],
  )
})

test('inner requests have ids and journal entries of their own, which name the batch', async (t) => {
  const world = await startWorld(t)
  const reply = await world.client('alpha').post(
    '/$batch',
    {
      requests: [
        {
          id: '1',
          method: 'GET',
          url: `${CALLS}/${NOBODY}`,
          headers: { 'client-request-id': 'mine', Authorization: 'Bearer other' },
        },
        { id: '2', method: 'GET', url: `${CALLS}/${NOBODY}/operations` },
      ],
    },
    { 'client-request-id': 'outer' },
  )
  const [first] = reply.body.responses
  assert.equal(first.headers['client-request-id'], 'mine')
  assert.notEqual(first.headers['request-id'], reply.headers.get('request-id'))
  assert.equal(reply.headers.get('client-request-id'), 'outer')
  const { body } = await world.control('GET', `/journal?appId=${APPS.alpha}`)
  assert.deepEqual(body.value.map((entry: AnyJson) => [entry.operation, entry.status, entry.batch]).toSorted(), [
    ['$batch', 200, undefined],
    ['call: get', 404, reply.headers.get('request-id')],
    ['operation: list', 404, reply.headers.get('request-id')],
  ])
})

test('what is wrong with a batch refuses the whole of it', async (t) => {
  const world = await startWorld(t)
  const get = { id: '1', method: 'GET', url: `${CALLS}/${NOBODY}` }
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{}, /list of requests/],
    [{ requests: [] }, /is empty/],
    [{ requests: [1] }, /requests\[0\] must be an object/],
    [
      { requests: Array.from({ length: 21 }, (_, id) => ({ ...get, id: String(id) })) },
      /at most 20 requests, and this one has 21/,
    ],
    [{ requests: [get, { ...get, id: '1' }] }, /have the id 1/],
    [{ requests: [{ ...get, id: 1 }] }, /id must be a text/],
    [{ requests: [{ ...get, method: 'TRACE' }] }, /method must be one of/],
    [{ requests: [{ ...get, url: '' }] }, /url must be the address/],
    [{ requests: [{ ...get, url: '/../control/reset' }] }, /leaves \/v1\.0/],
    [{ requests: [{ ...get, url: '/%2e%2E/control/reset' }] }, /leaves \/v1\.0/],
    [{ requests: [{ ...get, url: '\\..\\..\\control' }] }, /leaves \/v1\.0/],
    [{ requests: [{ ...get, headers: { 'a b': 'c' } }] }, /a b is not a header/],
    [{ requests: [{ ...get, headers: { a: 'c\r\nd: e' } }] }, /a is not a header/],
    [{ requests: [{ ...get, method: 'POST', body: {} }] }, /no Content-Type/],
    [
      {
        requests: [
          { ...get, dependsOn: ['2'] },
          { ...get, id: '2' },
        ],
      },
      /2 is not the id of an earlier/,
    ],
    [{ requests: [{ ...get, dependsOn: ['1'] }] }, /1 is not the id of an earlier/],
    [{ requests: [{ ...get, dependsOn: '1' }] }, /must be a list/],
  ]
  for (const [body, explanation] of wrong) {
    const reply = await world.client('alpha').post('/$batch', body)
    assert.equal(reply.status, 400, String(explanation))
    assert.match(reply.headers.get('rollcall-explanation') ?? '', explanation)
  }
  const { body } = await world.control('GET', `/journal?appId=${APPS.alpha}`)
  assert.deepEqual([...new Set(body.value.map(({ operation }: AnyJson) => operation))], ['$batch'])
})

test('a batch needs a token, takes POST alone, and holds no other batch', async (t) => {
  const world = await startWorld(t)
  const body = {
    requests: [{ id: '1', method: 'POST', url: '/$BATCH/', headers: JSON_TYPE, body: { requests: [] } }],
  }
  const bare = await world.request('POST', '/v1.0/$batch', body)
  assertRefused(bare, {
    status: 401,
    code: 'InvalidAuthenticationToken',
    message: bare.body.error.message,
    explanation: bare.headers.get('rollcall-explanation') ?? '',
  })
  const other = await world.client('alpha').get('/$batch')
  assert.deepEqual([other.status, other.headers.get('allow')], [405, 'POST'])
  const answers = await batch(world, body.requests)
  assert.equal(answers.get('1').status, 400)
  assert.equal(answers.get('1').body.error.message, 'Batch requests cannot be nested.')
})

test('the body limit holds for the batch, and text that is no JSON is refused as it would be alone', async (t) => {
  const world = await startWorld(t, { bodyLimit: 2048 })
  const post = (body: unknown, type: string): AnyJson => ({
    id: type,
    method: 'POST',
    url: CALLS,
    headers: { 'content-type': type },
    body,
  })
  const answers = await batch(world, [post('aGVsbG8=', 'text/plain'), post('text', 'application/json')])
  assert.deepEqual(
    [...answers].map(([, { status }]) => status),
    [415, 400],
  )
  const large = await world
    .client('alpha')
    .post('/$batch', { requests: [post({ subject: 'x'.repeat(3000) }, 'application/json')] })
  assert.equal(large.status, 413)
})

test('the directory takes batches too, also with the admin key', async (t) => {
  const world = await startWorld(t, { adminKey: 'key' })
  const person = {
    displayName: 'Gil',
    userPrincipalName: 'gil@contoso.example',
    accountEnabled: true,
    mailNickname: 'gil',
  }
  const reply = await world.request(
    'POST',
    '/beta/$batch',
    {
      requests: [
        {
          id: '1',
          method: 'POST',
          url: '/users',
          headers: JSON_TYPE,
          body: { ...person, passwordProfile: { password: 'x' } },
        },
        {
          id: '2',
          method: 'GET',
          url: `/users/${USERS.ada}?$select=displayName`,
          headers: { 'rollcall-tenant': TENANT },
        },
      ],
    },
    { authorization: 'Bearer key' },
  )
  assert.deepEqual(
    reply.body.responses.map(({ status }: AnyJson) => status),
    [201, 200],
  )
  assert.equal(reply.body.responses[1].body.displayName, 'ada')
})
