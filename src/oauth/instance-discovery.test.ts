import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { CONTOSO, setUp, type Setup } from './setup.suite.ts'

let setup: Setup
before(async () => {
  setup = await setUp()
})

function ask(endpoint: string | undefined, host = 'localhost:9000') {
  const query = { 'api-version': '1.1', ...(endpoint !== undefined && { authorization_endpoint: endpoint }) }
  return setup.app.inject({ url: '/common/discovery/instance', query, headers: { host } })
}

test('an authority of this server is known, under the name that the client uses', async () => {
  for (const host of ['localhost:9000', '127.0.0.1:9000']) {
    const response = await ask(`http://${host}/contoso/oauth2/v2.0/authorize`, host)
    assert.equal(response.statusCode, 200)
    assert.deepEqual(response.json(), {
      tenant_discovery_endpoint: `http://${host}/contoso/v2.0/.well-known/openid-configuration`,
      'api-version': '1.1',
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host, host.split(':')[0]] }],
    })
  }
})

test('what it leads to is there', async () => {
  const found = (await ask('http://localhost:9000/common/oauth2/authorize')).json<Record<string, string>>()
  const url = found['tenant_discovery_endpoint']?.replace('http://localhost:9000', '') ?? ''
  assert.equal(url, '/common/.well-known/openid-configuration')
  assert.equal((await setup.app.inject(url)).statusCode, 200)
})

test('another authority is refused as Entra does it', async () => {
  const response = await ask('https://login.example/common/oauth2/v2.0/authorize')
  assert.equal(response.statusCode, 400)
  const body = response.json<Record<string, unknown>>()
  assert.equal(body['error'], 'invalid_instance')
  assert.deepEqual(body['error_codes'], [50049])
  assert.match(String(body['error_description']), /'login\.example'; this server goes by localhost:9000/)
})

test("an authority under whose name the server was asked is the server's", async () => {
  const host = 'login.microsoftonline.com'
  assert.equal((await ask(`https://${host}/common/oauth2/v2.0/authorize`, host)).statusCode, 200)
})

for (const [endpoint, code] of [
  [undefined, 900144],
  ['nowhere', 900144],
  ['http://localhost:9000/', 90002],
] as const) {
  test(`the authority ${endpoint} is refused`, async () => {
    const response = await ask(endpoint)
    assert.equal(response.statusCode, 400)
    assert.deepEqual(response.json<Record<string, unknown>>()['error_codes'], [code])
  })
}

test('a configuration has the issuer and the endpoints on the host that was asked', async () => {
  const url = '/contoso/v2.0/.well-known/openid-configuration'
  const response = await setup.app.inject({ url, headers: { host: '127.0.0.1:9000' } })
  const { issuer, token_endpoint: endpoint, jwks_uri: keys } = response.json<Record<string, string>>()
  assert.equal(issuer, `http://127.0.0.1:9000/${CONTOSO}/v2.0`)
  assert.equal(endpoint, `http://127.0.0.1:9000/${CONTOSO}/oauth2/v2.0/token`)
  assert.equal(keys, `http://127.0.0.1:9000/${CONTOSO}/discovery/v2.0/keys`)
})
