import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from 'jose'
import { bot, BOT, CONTOSO, setUp, START, type Setup } from './setup.suite.ts'

let setup: Setup
before(async () => {
  setup = await setUp()
})

const V2 = { grant_type: 'client_credentials', client_id: BOT, client_secret: 'new-secret' }
const GRAPH = 'https://graph.microsoft.com'
const valid = { ...V2, scope: `${GRAPH}/.default` }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

function post(form: Record<string, string> | string, url = '/contoso/oauth2/v2.0/token', headers = {}) {
  const payload = typeof form === 'string' ? form : new URLSearchParams(form).toString()
  return setup.app.inject({ method: 'POST', url, payload, headers: { ...FORM, ...headers } })
}

function basic(id: string, secret: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` }
}

test('v2: a token that verifies from the published keys, with the claims of a Graph token', async () => {
  const response = await post(valid)
  assert.equal(response.statusCode, 200)
  assert.equal(response.headers['cache-control'], 'no-store')
  const { access_token: token, ...rest } = response.json<{ access_token: string }>()
  assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 3600, ext_expires_in: 3600 })
  const jwks = (await setup.app.inject('/contoso/discovery/v2.0/keys')).json<JSONWebKeySet>()
  const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), { clockTolerance: '100y' })
  const { oid, sub, uti, ...claims } = payload
  assert.deepEqual(claims, {
    aud: GRAPH,
    iss: `http://localhost:9000/${CONTOSO}/`,
    iat: START / 1000,
    nbf: START / 1000,
    exp: START / 1000 + 3600,
    app_displayname: 'Incident Bot',
    appid: BOT,
    appidacr: '1',
    idtyp: 'app',
    roles: bot.roles,
    tid: CONTOSO,
    ver: '1.0',
  })
  assert.match(String(oid), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  assert.equal(sub, oid)
  assert.equal(typeof uti, 'string')
})

test('v1: every number is text, and the resource comes back', async () => {
  const response = await post({ ...V2, resource: `${GRAPH}/` }, '/contoso/oauth2/token')
  assert.equal(response.statusCode, 200)
  const { access_token: token, ...rest } = response.json<{ access_token: string }>()
  assert.equal(decodeJwt(token).aud, GRAPH)
  assert.deepEqual(rest, {
    token_type: 'Bearer',
    expires_in: '3600',
    ext_expires_in: '3600',
    not_before: String(START / 1000),
    expires_on: String(START / 1000 + 3600),
    resource: GRAPH,
  })
})

for (const name of [CONTOSO, CONTOSO.toUpperCase(), 'contoso', 'Contoso.example', 'common', 'organizations']) {
  test(`the tenant may be named ${name}`, async () => {
    const response = await post(valid, `/${name}/oauth2/v2.0/token`)
    assert.equal(decodeJwt(response.json<{ access_token: string }>().access_token)['tid'], CONTOSO)
  })
}

for (const [scope, audience] of [
  [`${GRAPH}//.default`, GRAPH],
  ['https://GRAPH.microsoft.com/.default', GRAPH],
  ['00000003-0000-0000-c000-000000000000/.default', '00000003-0000-0000-c000-000000000000'],
  ['http://localhost:9000/.default', 'http://localhost:9000'],
  ['http://127.0.0.1:9000/.default', 'http://127.0.0.1:9000'],
  ['https://api.botframework.com/.default', 'https://api.botframework.com'],
] as const) {
  test(`the scope ${scope} gives a token for ${audience}`, async () => {
    const response = await post({ ...valid, scope })
    assert.equal(decodeJwt(response.json<{ access_token: string }>().access_token).aud, audience)
  })
}

const { client_secret: _, client_id: __, ...nameless } = valid
for (const [name, headers] of [
  ['as it is', basic(BOT, 'old:secret+%41')],
  ['form-encoded', basic(BOT, 'old%3Asecret%2B%2541')],
  ['with the other secret', basic(BOT.toUpperCase(), 'new-secret')],
] as const) {
  test(`HTTP Basic, ${name}`, async () => {
    assert.equal((await post(nameless, undefined, headers)).statusCode, 200)
  })
}

test('HTTP Basic beside the same client_id', async () => {
  assert.equal((await post({ ...nameless, client_id: BOT }, undefined, basic(BOT, 'new-secret'))).statusCode, 200)
})

interface Refused {
  name: string
  form: Record<string, string> | string
  url?: string
  headers?: Record<string, string>
  status?: number
  error: string
  code: number
  message: RegExp
}

/** A valid form without one parameter. */
function without(name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(valid).filter(([key]) => key !== name))
}

const missing = { error: 'invalid_request', code: 900144 }
const refused: Refused[] = [
  {
    name: 'no grant_type',
    form: without('grant_type'),
    ...missing,
    message: /parameter 'grant_type', such as client_cr/,
  },
  { name: 'no client_id', form: without('client_id'), ...missing, message: /parameter 'client_id'/ },
  { name: 'no scope', form: without('scope'), ...missing, message: /'scope', such as https:.*\/\.default\.$/ },
  { name: 'an empty scope', form: { ...valid, scope: '' }, ...missing, message: /parameter 'scope'/ },
  { name: 'no resource', form: V2, url: '/contoso/oauth2/token', ...missing, message: /parameter 'resource'/ },
  { name: 'no body', form: '', ...missing, message: /parameter 'grant_type'/ },
  {
    name: 'JSON',
    form: JSON.stringify(valid),
    headers: { 'content-type': 'application/json' },
    ...missing,
    message: /reads a form; send the parameters as Content-Type: application\/x-www-form-urlencoded/,
  },
  {
    name: 'a body of no type',
    form: 'x',
    headers: { 'content-type': '' },
    ...missing,
    message: /of no known type; send the parameters as Content-Type/,
  },
  {
    name: 'a parameter twice',
    form: `${new URLSearchParams(valid).toString()}&scope=x`,
    error: 'invalid_request',
    code: 9000411,
    message: /'scope' is duplicated/,
  },
  {
    name: 'a body beyond all bounds',
    form: { ...valid, scope: 'x'.repeat(20_000) },
    status: 413,
    error: 'invalid_request',
    code: 9000411,
    message: /could not be read/,
  },
  {
    name: 'an unknown tenant',
    form: valid,
    url: '/nowhere/oauth2/v2.0/token',
    error: 'invalid_request',
    code: 90002,
    message: /Tenant 'nowhere' not found; write the id/,
  },
  {
    name: 'another grant type',
    form: { ...valid, grant_type: 'password' },
    error: 'unsupported_grant_type',
    code: 70003,
    message: /'password' is not supported; send grant_type=client_credentials/,
  },
  {
    name: 'an unknown application',
    form: { ...valid, client_id: CONTOSO },
    error: 'unauthorized_client',
    code: 700016,
    message: /was not found in the tenant 'contoso'; add it/,
  },
  {
    name: "another tenant's application",
    form: valid,
    url: '/fabrikam/oauth2/v2.0/token',
    error: 'unauthorized_client',
    code: 700016,
    message: /was not found in the tenant 'fabrikam'/,
  },
  {
    name: 'a wrong secret',
    form: { ...valid, client_secret: 'guess' },
    status: 401,
    error: 'invalid_client',
    code: 7000215,
    message: /Invalid client secret provided/,
  },
  {
    name: 'no secret',
    form: without('client_secret'),
    status: 401,
    error: 'invalid_client',
    code: 7000216,
    message: /parameter 'client_secret'/,
  },
  {
    name: 'a wrong secret by HTTP Basic',
    form: nameless,
    headers: basic(BOT, 'guess'),
    status: 401,
    error: 'invalid_client',
    code: 7000215,
    message: /Invalid client secret/,
  },
  { name: 'two secrets', form: valid, headers: basic(BOT, 'new-secret'), ...missing, message: /use one of the two/ },
  {
    name: 'HTTP Basic that is none',
    form: nameless,
    headers: { authorization: 'Basic bm9uZQ==' },
    ...missing,
    message: /send base64 of client_id:client_secret/,
  },
  {
    name: 'a scope without /.default',
    form: { ...valid, scope: `${GRAPH}/Calls.Initiate.All` },
    error: 'invalid_scope',
    code: 1002012,
    message: /takes a resource with \/\.default after it/,
  },
  {
    name: 'two scopes',
    form: { ...valid, scope: `${GRAPH}/.default openid` },
    error: 'invalid_scope',
    code: 70011,
    message: /ask for one resource/,
  },
  {
    name: 'an unknown resource',
    form: { ...valid, scope: 'https://example.com/.default' },
    error: 'invalid_resource',
    code: 500011,
    message: /'https:\/\/example.com' is not known here; ask for one of https:\/\/graph/,
  },
]

for (const { name, form, url, headers, status = 400, error, code, message } of refused) {
  test(`refuses ${name}`, async () => {
    const response = await post(form, url, headers)
    const body = response.json<Record<string, unknown>>()
    assert.equal(response.statusCode, status, response.body)
    assert.equal(body['error'], error)
    assert.deepEqual(body['error_codes'], [code])
    assert.match(String(body['error_description']), new RegExp(`^AADSTS${code}: `))
    assert.match(String(body['error_description']), message)
    assert.equal(body['timestamp'], '2026-01-02 03:04:05Z')
    assert.equal(response.headers['cache-control'], 'no-store')
    assert.equal(response.headers['www-authenticate'] !== undefined, status === 401)
    assert.deepEqual(Object.keys(body), [
      'error',
      'error_description',
      'error_codes',
      'timestamp',
      'trace_id',
      'correlation_id',
    ])
  })
}

test("a refusal carries the request's own id", async () => {
  const id = 'B2C3D4E5-0000-4000-8000-00000000000F'
  const response = await post({}, undefined, { 'client-request-id': id })
  assert.equal(response.json<Record<string, unknown>>()['correlation_id'], id.toLowerCase())
})

test('whoever asks too often waits, right or wrong, and nobody else does', async () => {
  const limited = await setUp({ requestLimit: 3 })
  const ask = (form: Record<string, string>, remoteAddress = '192.0.2.1') =>
    limited.app.inject({
      method: 'POST',
      url: '/contoso/oauth2/v2.0/token',
      payload: new URLSearchParams(form).toString(),
      headers: FORM,
      remoteAddress,
    })
  const statuses: number[] = []
  const guess = { ...valid, client_secret: 'guess' }
  for (const form of [guess, guess, valid, guess, valid]) statuses.push((await ask(form)).statusCode)
  assert.deepEqual(statuses, [401, 401, 200, 429, 429])
  await limited.wind(20_000)
  const late = await ask(valid)
  assert.equal(late.headers['retry-after'], '40')
  assert.match(
    late.json<Record<string, string>>()['error_description'] ?? '',
    /^AADSTS90055: Too many .*tokenRequestLimit/,
  )
  assert.equal((await ask(valid, '192.0.2.2')).statusCode, 200)
  // Names that nobody knows share one count, so that making names up gains nothing.
  const unknown: number[] = []
  for (const id of ['a', 'b', 'c', 'd']) unknown.push((await ask({ ...valid, client_id: id })).statusCode)
  assert.deepEqual(unknown, [400, 400, 400, 429])
  await limited.wind(40_000)
  assert.equal((await ask(valid)).statusCode, 200)
})

test('a secret is never shown', async () => {
  const response = await post({ ...valid, client_secret: 'my-guess' })
  assert.doesNotMatch(response.body, /my-guess|new-secret/)
})

for (const method of ['GET', 'PUT', 'DELETE', 'PATCH'] as const) {
  test(`${method} is answered with 405`, async () => {
    const response = await setup.app.inject({ method, url: '/contoso/oauth2/v2.0/token' })
    assert.equal(response.statusCode, 405)
    assert.equal(response.headers['allow'], 'POST')
    assert.match(response.body, new RegExp(`AADSTS900561: .*only accepts POST; this was a ${method} request`))
  })
}
