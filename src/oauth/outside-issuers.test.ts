import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createBearerCheck, type BearerCheck } from './bearer.ts'
import { readIssuers } from './issuers-file.ts'
import { startIssuer, type OutsideIssuer } from './outside-issuer.suite.ts'
import { createOutsideIssuers } from './outside-issuers.ts'
import { BASE_URL, bot, BOT, CONTOSO, FABRIKAM, setUp, START, tenant, type Setup } from './setup.suite.ts'
import { Directory } from '../directory/directory.ts'
import { stringify } from 'yaml'

const AUDIENCE = 'api://rollcall'
const OTHER = '99999999-0000-4000-8000-000000000001'

interface Scene {
  readonly issuer: OutsideIssuer
  readonly setup: Setup
  readonly check: BearerCheck
}

/** A server that trusts one issuer, described as in the file. */
async function scene(t: TestContext, more: Record<string, unknown> = {}, alg?: string): Promise<Scene> {
  const issuer = await startIssuer(t, START, alg)
  const setup = await setUp()
  const directory = new Directory([tenant(CONTOSO, 'contoso', [bot]), tenant(FABRIKAM, 'fabrikam', [])])
  const read = readIssuers(stringify({ issuers: [{ issuer: issuer.url, audiences: [AUDIENCE], ...more }] }), 'x.yaml')
  assert.ok(read.ok, JSON.stringify(read))
  const outside = createOutsideIssuers(read.issuers, {
    clock: setup.clock,
    tenantId: (name) => directory.tenant(name)?.id,
  })
  const check = createBearerCheck({
    keys: setup.keys,
    clock: setup.clock,
    directory: () => directory,
    issuer: (id) => `${BASE_URL}/${id}/`,
    audiences: () => ['https://graph.microsoft.com'],
    outside,
  })
  return { issuer, setup, check }
}

const entra = { aud: AUDIENCE, tid: CONTOSO, azp: BOT, roles: ['Calls.Initiate.All'] }

/** The explanation of a refusal. */
async function refusal(check: BearerCheck, token: string): Promise<string> {
  const checked = await check(`Bearer ${token}`)
  assert.ok(!checked.ok, 'the token was accepted')
  return `${checked.status} ${checked.message} ${checked.explanation}`
}

for (const alg of ['RS256', 'PS256', 'ES256']) {
  test(`a token with ${alg} by the keys that the issuer publishes`, async (t) => {
    const { issuer, check } = await scene(t, {}, alg)
    assert.deepEqual(await check(`Bearer ${await issuer.sign(entra)}`), {
      ok: true,
      caller: { appId: BOT, tenantId: CONTOSO, roles: new Set(entra.roles) },
    })
  })
}

test("nothing is fetched before a token comes, each thing once, and the server's own tokens fetch nothing", async (t) => {
  const { issuer, setup, check } = await scene(t)
  const own = await setup.issueToken(bot, 'https://graph.microsoft.com', '1')
  assert.ok((await check(`Bearer ${own.accessToken}`)).ok)
  assert.deepEqual(issuer.fetched, [])
  const tokens = await Promise.all([1, 2, 3].map((uti) => issuer.sign({ ...entra, uti })))
  for (const checked of await Promise.all(tokens.map((token) => check(`Bearer ${token}`)))) assert.ok(checked.ok)
  assert.deepEqual(issuer.fetched, ['/realms/bots/.well-known/openid-configuration', '/realms/bots/keys'])
})

test('with jwksUri nothing needs to be discovered', async (t) => {
  const other = await startIssuer(t, START)
  const { check } = await scene(t, { issuer: 'https://issuer.example', jwksUri: `${other.url}/keys` })
  assert.ok((await check(`Bearer ${await other.sign({ ...entra, iss: 'https://issuer.example' })}`)).ok)
  assert.deepEqual(other.fetched, ['/realms/bots/keys'])
})

test('claims are read where the file says, and the tenant is given there', async (t) => {
  const claims = { appId: 'client.id', roles: 'resource_access.roll-call.roles' }
  const { issuer, check } = await scene(t, { tenant: 'contoso', claims })
  const token = {
    aud: ['account', `${AUDIENCE}/`],
    client: { id: BOT },
    resource_access: { 'roll-call': { roles: ['Calls.Initiate.All'] } },
  }
  const checked = await check(`Bearer ${await issuer.sign(token)}`)
  assert.ok(checked.ok)
  assert.deepEqual([...checked.caller.roles], ['Calls.Initiate.All'])
  assert.equal(checked.caller.tenantId, CONTOSO)
})

test('tenants are mapped one by one, and an issuer may have one name for each', async (t) => {
  const { issuer, check } = await scene(t, { tenants: [{ from: OTHER, to: 'contoso.example' }] })
  const checked = await check(`Bearer ${await issuer.sign({ ...entra, tid: OTHER })}`)
  assert.ok(checked.ok)
  assert.equal(checked.caller.tenantId, CONTOSO)
  assert.match(await refusal(check, await issuer.sign({ ...entra, tid: FABRIKAM })), /is not in tenant/)
})

test("an issuer with {tenantid} in its name is that of the token's tenant", async (t) => {
  const template = 'https://login.example/{tenantid}/v2.0'
  const keys = await startIssuer(t, START)
  const { check } = await scene(t, { issuer: template, jwksUri: `${keys.url}/keys` })
  const iss = template.replace('{tenantid}', CONTOSO)
  assert.ok((await check(`Bearer ${await keys.sign({ ...entra, iss })}`)).ok)
  assert.match(await refusal(check, await keys.sign({ ...entra, iss, tid: FABRIKAM })), /not signed by a key of this/)
})

test('a new key is fetched when a token names it, and not again at once', async (t) => {
  const { issuer, check } = await scene(t)
  assert.ok((await check(`Bearer ${await issuer.sign(entra)}`)).ok)
  await issuer.rotate()
  const before = issuer.fetched.length
  const explanation = await refusal(check, await issuer.sign({ ...entra, uti: 1 }))
  assert.match(explanation, /none of the keys that the issuer publishes/)
  assert.equal(issuer.fetched.length, before)
})

test('an issuer that does not answer is told of, and asked again only later', async (t) => {
  const { issuer, setup, check } = await scene(t)
  issuer.up = false
  for (let time = 0; time < 2; time++) {
    assert.match(await refusal(check, await issuer.sign({ ...entra, time })), /keys cannot be had: .* answered 503/)
  }
  assert.equal(issuer.fetched.length, 1)
  issuer.up = true
  await setup.wind(30_000)
  assert.ok((await check(`Bearer ${await issuer.sign(entra)}`)).ok)
})

for (const [name, configuration, message] of [
  ['of another issuer', { issuer: 'https://evil.example' }, /is the configuration of "https:\/\/evil\.example"/],
  ['without keys', { jwks_uri: undefined }, /has no jwks_uri/],
] as const) {
  test(`a configuration ${name} is not believed`, async (t) => {
    const { issuer, check } = await scene(t)
    issuer.configuration = configuration
    assert.match(await refusal(check, await issuer.sign(entra)), message)
  })
}

for (const [name, claims, message] of [
  ['another audience', { aud: 'api://other' }, /401 .*Invalid audience.* for "api:\/\/other"; its audiences are api:/],
  ['no audience', { aud: undefined }, /Invalid audience/],
  ['no expiry', { exp: undefined }, /says not when it expires/],
  ['an expiry in the past', { exp: START / 1000 }, /token is expired/],
  ['a time to come', { nbf: START / 1000 + 61 }, /not yet valid/],
  ['a signed-in user', { scp: 'Calls.Initiate' }, /403 .*no delegated permissions/],
  ['no application', { azp: undefined }, /does not name its application/],
  ['no tenant', { tid: undefined }, /does not name its application/],
  ['an unknown application', { azp: OTHER }, /is not in tenant .* of the directory file/],
  ['an unknown tenant', { tid: OTHER }, /Invalid tenant/],
] as const) {
  test(`a token with ${name} is refused`, async (t) => {
    const { issuer, check } = await scene(t)
    assert.match(await refusal(check, await issuer.sign({ ...entra, ...claims })), message)
  })
}

test('a changed token, and one of an issuer that is not trusted, are refused', async (t) => {
  const { issuer, check } = await scene(t)
  const [header, , signature] = (await issuer.sign(entra)).split('.')
  const changed = Buffer.from(JSON.stringify({ ...entra, iss: issuer.url, roles: ['all'] })).toString('base64url')
  assert.match(await refusal(check, `${header}.${changed}.${signature}`), /does not match its signature/)
  const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
  assert.match(await refusal(check, `${none}.${changed}.`), /signed with none of RS256/)
  const stranger = await startIssuer(t, START)
  assert.match(await refusal(check, await stranger.sign(entra)), /was not signed by a key of this server/)
  assert.deepEqual(stranger.fetched, [])
})

for (const [name, text, message] of [
  ['no list', 'issuers:', /must list at least one issuer/],
  ['no audience', 'issuers: [{ issuer: https://a.example, audiences: [] }]', /any token of the issuer would be taken/],
  ['no address', 'issuers: [{ issuer: a, audiences: [b] }]', /"a" is not an http or https address/],
  ['an unknown key', 'issuers: [{ issuer: https://a.example, audience: b }]', /did you mean audiences\?/],
  [
    'two kinds of tenants',
    'issuers: [{ issuer: https://a.example, audiences: [b], tenant: c, tenants: [{ from: d, to: e }] }]',
    /tenant: is beside tenants/,
  ],
] as const) {
  test(`a file with ${name} is told of`, () => {
    const read = readIssuers(text, 'issuers.yaml')
    assert.ok(!read.ok)
    assert.match(read.problems.map(({ path, message: what }) => `${path}: ${what}`).join('\n'), message)
  })
}
