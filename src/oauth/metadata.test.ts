import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import { BASE_URL, CONTOSO, HOUR, setUp, type Setup } from './setup.suite.ts'

let setup: Setup
before(async () => {
  setup = await setUp()
})

async function get(url: string): Promise<Record<string, unknown>> {
  const response = await setup.app.inject(url)
  assert.equal(response.statusCode, 200, response.body)
  assert.equal(response.headers['cache-control'], 'public, max-age=300')
  return response.json<Record<string, unknown>>()
}

for (const name of ['contoso', 'contoso.example', CONTOSO]) {
  test(`the configuration of ${name} names the tenant by its id`, async () => {
    const v2 = await get(`/${name}/v2.0/.well-known/openid-configuration`)
    assert.equal(v2['issuer'], `${BASE_URL}/${CONTOSO}/v2.0`)
    assert.equal(v2['token_endpoint'], `${BASE_URL}/${CONTOSO}/oauth2/v2.0/token`)
    assert.equal(v2['jwks_uri'], `${BASE_URL}/${CONTOSO}/discovery/v2.0/keys`)
    const v1 = await get(`/${name}/.well-known/openid-configuration`)
    assert.equal(v1['issuer'], `${BASE_URL}/${CONTOSO}/`)
    assert.equal(v1['token_endpoint'], `${BASE_URL}/${CONTOSO}/oauth2/token`)
    assert.equal(v1['jwks_uri'], `${BASE_URL}/${CONTOSO}/discovery/keys`)
  })
}

test('the configuration of common leaves the tenant open', async () => {
  const v2 = await get('/common/v2.0/.well-known/openid-configuration')
  assert.equal(v2['issuer'], `${BASE_URL}/{tenantid}/v2.0`)
  assert.equal(v2['token_endpoint'], `${BASE_URL}/common/oauth2/v2.0/token`)
})

test('every configuration has what the specification requires, and leads to the keys', async () => {
  for (const url of [
    '/contoso/v2.0/.well-known/openid-configuration',
    '/contoso/.well-known/openid-configuration',
    '/.well-known/openid-configuration',
  ]) {
    const configuration = await get(url)
    for (const key of [
      'issuer',
      'authorization_endpoint',
      'jwks_uri',
      'response_types_supported',
      'subject_types_supported',
      'id_token_signing_alg_values_supported',
    ]) {
      assert.ok(key in configuration, `${url} has no ${key}`)
    }
    const { keys } = await get(String(configuration['jwks_uri']).replace(BASE_URL, ''))
    assert.deepEqual(keys, (await setup.keys.jwks()).keys)
  }
})

for (const url of [
  '/contoso/discovery/v2.0/keys',
  '/contoso/discovery/keys',
  '/common/discovery/keys',
  '/v1/.well-known/keys',
]) {
  test(`${url} publishes the keys`, async () => assert.deepEqual(await get(url), await setup.keys.jwks()))
}

test('a notification verifies as its receiver does it', async () => {
  const configuration = await get('/v1/.well-known/OpenIdConfiguration')
  assert.equal(configuration['issuer'], 'https://api.botframework.com')
  const jwks = (await get(String(configuration['jwks_uri']).replace(BASE_URL, ''))) as unknown as JSONWebKeySet
  const token = await setup.keys.sign({ iss: 'https://api.botframework.com', aud: 'bot' })
  await jwtVerify(token, createLocalJWKSet(jwks), { issuer: 'https://api.botframework.com', audience: 'bot' })
})

for (const url of [
  '/v1/.well-known/OpenIdConfiguration',
  '/v1/.well-known/openidconfiguration',
  '/v1/.well-known/openid-configuration',
  '/.well-known/openid-configuration',
]) {
  test(`${url} is the configuration for notifications`, async () => {
    assert.equal((await get(url))['jwks_uri'], `${BASE_URL}/v1/.well-known/keys`)
  })
}

test('a server that disregards case serves the same', async () => {
  const { app } = await setUp({ caseSensitive: false })
  for (const url of ['/v1/.well-known/OpenIdConfiguration', '/v1/.well-known/openidconfiguration']) {
    assert.equal((await app.inject(url)).statusCode, 200)
  }
})

for (const url of ['/nowhere/v2.0/.well-known/openid-configuration', '/nowhere/discovery/v2.0/keys']) {
  test(`${url} says that there is no such tenant`, async () => {
    const response = await setup.app.inject(url)
    assert.equal(response.statusCode, 400)
    assert.match(response.body, /"invalid_tenant".*AADSTS90002: Tenant 'nowhere' not found/)
  })
}

test('a coming key is published before it signs', async () => {
  const { app, keys, wind } = await setUp()
  const published = async (): Promise<number> =>
    (await app.inject('/v1/.well-known/keys')).json<JSONWebKeySet>().keys.length
  assert.equal(await published(), 1)
  await wind(720 * HOUR)
  assert.equal(await published(), 2)
  assert.equal((await keys.jwks()).keys.length, 2)
})
