/** The token with which a page introduces itself. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { Directory } from '../../directory/directory.ts'
import { virtualClock } from '../../runtime.ts'
import { KeyRing } from '../keys.ts'
import { startIssuer } from '../outside-issuer.suite.ts'
import { BASE_URL, CONTOSO, HOUR, START } from '../setup.suite.ts'
import type { PersonCheck, PersonCheckParts } from './person-token.ts'
import { createPersonCheck } from './person-token.ts'

const ADA = '22222222-0000-4000-8000-000000000001'
const user = { tenantId: CONTOSO, id: ADA, displayName: 'Ada', userPrincipalName: 'ada@contoso.example' }

async function setUp(t: TestContext, more: Partial<PersonCheckParts>): Promise<{ check: PersonCheck; keys: KeyRing }> {
  const clock = virtualClock(START)
  t.after(() => clock.stop())
  const store = { loadKeys: () => Promise.resolve([]), saveKeys: () => Promise.resolve() }
  const keys = await KeyRing.open({ store, clock, rotateEvery: 720 * HOUR, overlap: HOUR, tokenLifetime: HOUR })
  const tenant = { id: CONTOSO, name: 'contoso', domains: [], users: [user], phoneNumbers: [], applications: [] }
  const directory = new Directory([tenant])
  return {
    keys,
    check: createPersonCheck({ keys, clock, directory: () => directory, baseUrl: () => BASE_URL, own: true, ...more }),
  }
}

test('a token that is none, of a bot or made up does not count', async (t) => {
  const { check, keys } = await setUp(t, {})
  const times = { iat: START / 1000, exp: START / 1000 + 60 }
  const bots = await keys.sign({ iss: `${BASE_URL}/signin`, aud: 'urn:rollcall:phone', sub: ADA, ...times })
  for (const token of ['', 'x', 'a.b.c', bots]) {
    const checked = await check(token)
    assert.ok(!checked.ok)
    assert.match(checked.explanation, /^The token does not count: /)
  }
})

test('where nobody can sign in, no token counts', async (t) => {
  const { check } = await setUp(t, { own: false })
  const checked = await check('x')
  assert.ok(!checked.ok && checked.explanation.includes('phoneIssuer'))
})

test("an outside issuer's ID token names somebody of the directory", async (t) => {
  const issuer = await startIssuer(t, START)
  const outside = { issuer: issuer.url, clientId: 'web', claim: 'preferred_username' }
  const { check } = await setUp(t, { outside })
  const good = { aud: 'web', preferred_username: 'ADA@contoso.example' }
  assert.deepEqual(await check(await issuer.sign(good)), { ok: true, user })
  const explanation = async (claims: Record<string, unknown>): Promise<string> => {
    const checked = await check(await issuer.sign({ ...good, ...claims }))
    return checked.ok ? 'good' : checked.explanation
  }
  assert.match(await explanation({ aud: 'another' }), /"aud"/)
  assert.match(await explanation({ iss: 'https://evil.example' }), /"iss"/)
  assert.match(await explanation({ exp: START / 1000 - 3600 }), /sign in again/)
  assert.match(await explanation({ exp: undefined }), /"exp"/)
  assert.match(await explanation({ preferred_username: 'eve@evil.example' }), /is no user of the directory/)
  assert.match(await explanation({ preferred_username: undefined }), /is missing/)
})

test('an outside issuer that is down is said to be', async (t) => {
  const issuer = await startIssuer(t, START)
  issuer.up = false
  const { check } = await setUp(t, { outside: { issuer: issuer.url, clientId: 'web', claim: 'oid' } })
  const checked = await check(await issuer.sign({ aud: 'web', oid: ADA }))
  assert.ok(!checked.ok && checked.explanation.includes('cannot be had'))
})
