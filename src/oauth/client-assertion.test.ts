import assert from 'node:assert/strict'
import { before, beforeEach, test } from 'node:test'
import { decodeJwt } from 'jose'
import { Directory, type Application } from '../directory/directory.ts'
import { createAssertionCheck, ASSERTION_TYPE } from './client-assertion.ts'
import { makeClientCertificate, signAssertion, type ClientCertificate } from './client-certificate.suite.ts'
import { EntraRefusal } from './entra-error.ts'
import { BASE_URL, bot, BOT, CONTOSO, FABRIKAM, HOUR, setUp, START, tenant, type Setup } from './setup.suite.ts'

const NOW = START / 1000
const ENDPOINT = `${BASE_URL}/${CONTOSO}/oauth2/v2.0/token`

let own: ClientCertificate
let other: ClientCertificate
let setup: Setup
before(async () => {
  own = await makeClientCertificate(START)
  other = await makeClientCertificate(START)
})
beforeEach(async () => {
  setup = await start(true)
})

async function start(assertionReuse: boolean): Promise<Setup> {
  const started = await setUp({ assertionReuse })
  started.replaceDirectory(directoryWith({ certificates: [other.certificate, own.certificate] }))
  return started
}

function directoryWith(more: Partial<Application>): Directory {
  return new Directory([tenant(CONTOSO, 'contoso', [{ ...bot, ...more }]), tenant(FABRIKAM, 'fabrikam', [])])
}

let count = 0
function claims(more: Record<string, unknown> = {}): Record<string, unknown> {
  return { iss: BOT, sub: BOT, aud: ENDPOINT, jti: `jti-${count++}`, iat: NOW, nbf: NOW, exp: NOW + 600, ...more }
}

function x5t(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64url')
}

function named(alg = 'PS256'): { alg: string; 'x5t#S256': string } {
  return { alg, 'x5t#S256': x5t(own.thumbprint256) }
}

function post(form: Record<string, string>, url = '/contoso/oauth2/v2.0/token') {
  const payload = new URLSearchParams({ grant_type: 'client_credentials', client_id: BOT, ...form }).toString()
  return setup.app.inject({
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
}

async function ask(assertion: string | Promise<string>) {
  return post({
    scope: 'https://graph.microsoft.com/.default',
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: await assertion,
  })
}

const headers: [string, () => { alg: string } & Record<string, string>][] = [
  ['x5t and RS256, as older libraries', () => ({ alg: 'RS256', x5t: x5t(own.thumbprint) })],
  ['x5t#S256 and PS256, as newer ones', () => named()],
  ['both', () => ({ ...named(), x5t: x5t(own.thumbprint) })],
  ['kid in hexadecimal', () => ({ alg: 'RS256', kid: own.thumbprint })],
  ['kid in base64url', () => ({ alg: 'PS256', kid: x5t(own.thumbprint) })],
]
for (const [name, header] of headers) {
  test(`the certificate may be named by ${name}`, async () => {
    const response = await ask(signAssertion(own.privateKey, header(), claims()))
    assert.equal(response.statusCode, 200, response.body)
    const token = response.json<{ access_token: string }>().access_token
    assert.equal(decodeJwt(token)['appidacr'], '2')
    assert.ok((await setup.check(`Bearer ${token}`)).ok)
  })
}

for (const audience of [
  ENDPOINT,
  `${BASE_URL}/contoso/oauth2/v2.0/token`,
  `${BASE_URL}/Contoso.example/oauth2/token`,
  `${BASE_URL}/common/oauth2/v2.0/token`,
  `http://127.0.0.1:9000/${CONTOSO}/oauth2/v2.0/token`,
  `${BASE_URL}/${CONTOSO}/v2.0`,
  `${BASE_URL}/${CONTOSO}/`,
  [ENDPOINT],
]) {
  test(`an assertion may be meant for ${String(audience)}`, async () => {
    const response = await ask(signAssertion(own.privateKey, named(), claims({ aud: audience })))
    assert.equal(response.statusCode, 200, response.body)
  })
}

test('the older form of the endpoint takes assertions too', async () => {
  const assertion = await signAssertion(own.privateKey, named(), claims())
  const form = { resource: 'https://graph.microsoft.com', client_assertion_type: ASSERTION_TYPE }
  assert.equal((await post({ ...form, client_assertion: assertion }, '/contoso/oauth2/token')).statusCode, 200)
})

test('a little difference between the clocks does not matter', async () => {
  for (const more of [{ exp: NOW - 299 }, { nbf: NOW + 300 }, { nbf: undefined, jti: undefined, iat: undefined }]) {
    assert.equal((await ask(signAssertion(own.privateKey, named(), claims(more)))).statusCode, 200)
  }
})

const refused: [string, () => string | Promise<string>, number, RegExp][] = [
  ['no JWT', () => 'nothing', 50027, /not a JWT in compact form/],
  [
    'another algorithm',
    () => signAssertion(own.privateKey, { ...named('RS512') }, claims()),
    50027,
    /one of RS256, PS256/,
  ],
  ['no name of a certificate', () => signAssertion(own.privateKey, { alg: 'PS256' }, claims()), 50027, /x5t#S256/],
  [
    'an unknown certificate',
    () => signAssertion(own.privateKey, { alg: 'PS256', kid: 'unknown' }, claims()),
    700027,
    /has those with the SHA-256 thumbprints [0-9A-F]{64}, [0-9A-F]{64}\./,
  ],
  [
    "another key under the certificate's name",
    () => signAssertion(other.privateKey, named(), claims()),
    700027,
    /invalid signature; sign it with the private key/,
  ],
  ['no object', () => signAssertion(own.privateKey, named(), []), 50027, /not a JSON object/],
  ['another issuer', () => signed({ iss: FABRIKAM }), 700021, /The claim 'iss'/],
  ['another subject', () => signed({ sub: undefined }), 700021, /The claim 'sub'/],
  ['no audience', () => signed({ aud: undefined }), 700023, /write http:\/\/localhost:9000\/.*\/oauth2\/v2\.0\/token/],
  ['the audience of the real Entra', () => signed({ aud: realEntra }), 700023, /not this token endpoint/],
  ['the audience of another tenant', () => signed({ aud: ENDPOINT.replace(CONTOSO, 'fabrikam') }), 700023, /audience/],
  ['an audience beside the endpoint', () => signed({ aud: `${BASE_URL}/contoso/nothing` }), 700023, /audience/],
  ['no expiry', () => signed({ exp: undefined }), 700024, /not when it expires/],
  ['an expired one', () => signed({ exp: NOW - 300 }), 700024, /has expired/],
  ['one of the future', () => signed({ nbf: NOW + 301 }), 700024, /not valid yet/],
]
const realEntra = `https://login.microsoftonline.com/${CONTOSO}/oauth2/v2.0/token`
function signed(more: Record<string, unknown>): Promise<string> {
  return signAssertion(own.privateKey, named(), claims(more))
}
for (const [name, assertion, code, message] of refused) {
  test(`refuses ${name}`, async () => {
    const response = await ask(assertion())
    assert.equal(response.statusCode, 401)
    const body = response.json<Record<string, unknown>>()
    assert.equal(body['error'], 'invalid_client')
    assert.deepEqual(body['error_codes'], [code])
    assert.match(String(body['error_description']), message)
  })
}

test('an application without certificates is told so', async () => {
  setup.replaceDirectory(directoryWith({}))
  assert.match((await ask(signed({}))).body, /'Incident Bot' has no certificates/)
})

test('a certificate works within its period', async () => {
  await setup.wind(30 * 24 * HOUR)
  const late = NOW + 30 * 24 * 3600
  assert.match((await ask(signed({ nbf: late, exp: late + 600 }))).body, /AADSTS700027: .* and not now; renew it/)
})

for (const [name, form, message] of [
  ['no type', { client_assertion: 'a.b.c' }, /must contain the parameter 'client_assertion_type'/],
  ['another type', { client_assertion: 'a.b.c', client_assertion_type: 'saml' }, /type 'saml' is not supported/],
  ['a secret beside it', { client_assertion: 'a.b.c', client_secret: 'new-secret' }, /both a secret and a client_asse/],
] as const) {
  test(`an assertion with ${name} is refused`, async () => {
    const response = await post({ scope: 'https://graph.microsoft.com/.default', ...form })
    assert.equal(response.statusCode, 400)
    assert.match(response.body, message)
  })
}

test('an assertion may be presented again, as libraries do, unless the server was told otherwise', async () => {
  const assertion = await signed({})
  for (let time = 0; time < 2; time++) assert.equal((await ask(assertion)).statusCode, 200)
  setup = await start(false)
  assert.equal((await ask(assertion)).statusCode, 200)
  assert.match((await ask(assertion)).body, /AADSTS7000229: .* presented before/)
  assert.equal((await ask(signed({}))).statusCode, 200)
  assert.match((await ask(signed({ jti: undefined }))).body, /identifier of its own \(jti\)/)
})

test('of presented assertions only so many are remembered, the oldest forgotten first', async () => {
  const application: Application = { ...bot, certificates: [own.certificate] }
  const check = createAssertionCheck({
    clock: setup.clock,
    reuse: false,
    addresses: () => [BASE_URL],
    tenant: () => 'any',
    memory: 2,
  })
  const [first, second, third] = await Promise.all([signed({}), signed({}), signed({})])
  for (const each of [first, second]) await check(application, each)
  await assert.rejects(check(application, first), EntraRefusal)
  await check(application, third)
  await check(application, first)
  await assert.rejects(check(application, third), EntraRefusal)
})
