import assert from 'node:assert/strict'
import { before, beforeEach, test } from 'node:test'
import { CompactSign, decodeJwt, generateKeyPair, type CryptoKey } from 'jose'
import { Directory } from '../directory/directory.ts'
import { bot, BOT, CONTOSO, FABRIKAM, HOUR, setUp, START, tenant, type Setup } from './setup.suite.ts'

const GRAPH = 'https://graph.microsoft.com'

let setup: Setup
let strangersKey: CryptoKey
before(async () => {
  strangersKey = (await generateKeyPair('RS256')).privateKey
})
beforeEach(async () => {
  setup = await setUp()
})

async function issued(): Promise<string> {
  return (await setup.issueToken(bot, GRAPH, '1')).accessToken
}

/** A token like an issued one but for some claims; a claim of undefined is left out. */
async function altered(claims: Record<string, unknown>): Promise<string> {
  return setup.keys.sign({ ...decodeJwt(await issued()), ...claims })
}

function signWith(
  key: CryptoKey | Uint8Array,
  header: { alg: string; kid?: string },
  claims: unknown,
): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims))).setProtectedHeader(header).sign(key)
}

async function kid(): Promise<string> {
  return (await setup.keys.jwks()).keys[0]?.kid ?? ''
}

test('an issued token names its application, tenant and roles', async () => {
  assert.deepEqual(await setup.check(`Bearer ${await issued()}`), {
    ok: true,
    caller: { appId: BOT, tenantId: CONTOSO, roles: new Set(bot.roles) },
  })
})

test('the scheme may be in any case, with spaces around', async () => {
  assert.ok((await setup.check(` bearer   ${await issued()} `)).ok)
})

for (const audience of ['00000003-0000-0000-c000-000000000000', 'http://localhost:9000/', `${GRAPH}/`]) {
  test(`a token for ${audience} is accepted`, async () => {
    assert.ok((await setup.check(`Bearer ${await altered({ aud: audience })}`)).ok)
  })
}

test('every published spelling of a role counts', async () => {
  const roles = ['Calls.InitiateGroupCalls.All', 'Calls.JoinGroupCallasGuest.All', 'User.Read.All', 7]
  const checked = await setup.check(`Bearer ${await altered({ roles })}`)
  assert.ok(checked.ok)
  assert.deepEqual(
    [...checked.caller.roles],
    ['Calls.InitiateGroupCall.All', 'Calls.JoinGroupCallAsGuest.All', 'User.Read.All'],
  )
})

const unreadable = 'CompactToken parsing failed with error code: 80049217'
const refused: [string, () => Promise<string | undefined> | string | undefined, string, RegExp][] = [
  ['no header', () => undefined, 'Access token is empty.', /no access token; get a new one/],
  ['an empty header', () => '  ', 'Access token is empty.', /no access token/],
  ['a scheme alone', () => 'Bearer', 'Access token is empty.', /no access token/],
  ['another scheme', () => 'Basic abc', unreadable, /is not "Bearer" followed by a JWT/],
  ['no JWT', () => 'Bearer abc', unreadable, /is not "Bearer" followed by a JWT/],
  ['a header that is no JSON', () => 'Bearer a.b.c', unreadable, /first part is not a JOSE header/],
  ['a header beyond all bounds', () => `Bearer ${'a'.repeat(16_384)}.b.c`, unreadable, /longer than 16384/],
  [
    'no signature algorithm',
    () => `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`,
    'Access token validation failure. Invalid signature algorithm.',
    /signed with none, and only RS256/,
  ],
  [
    'an algorithm with a line break',
    () => `Bearer ${Buffer.from('{"alg":"a\\nb"}').toString('base64url')}.e30.`,
    'Access token validation failure. Invalid signature algorithm.',
    /signed with something else,/,
  ],
  [
    'a symmetric signature',
    async () => `Bearer ${await signWith(new Uint8Array(32), { alg: 'HS256', kid: await kid() }, {})}`,
    'Access token validation failure. Invalid signature algorithm.',
    /signed with HS256/,
  ],
  [
    'an unknown key',
    async () => `Bearer ${await signWith(strangersKey, { alg: 'RS256', kid: 'stranger' }, {})}`,
    'Access token validation failure. Signing key is invalid.',
    /not signed by a key of this server/,
  ],
  [
    'a token of the real Entra',
    async () => {
      const claims = { iss: `https://sts.windows.net/${CONTOSO}/` }
      return `Bearer ${await signWith(strangersKey, { alg: 'RS256', kid: 'stranger' }, claims)}`
    },
    'Access token validation failure. Signing key is invalid.',
    /comes from the real Entra; get a new one from this server/,
  ],
  [
    "a stranger's signature under our key's name",
    async () => `Bearer ${await signWith(strangersKey, { alg: 'RS256', kid: await kid() }, decodeJwt(await issued()))}`,
    'Access token validation failure. Invalid signature.',
    /signature does not match/,
  ],
  [
    'changed claims',
    async () => {
      const [header, , signature] = (await issued()).split('.')
      return `Bearer ${header}.${Buffer.from('{"roles":["all"]}').toString('base64url')}.${signature}`
    },
    'Access token validation failure. Invalid signature.',
    /signature does not match/,
  ],
  [
    'a token that expired',
    async () => `Bearer ${await altered({ exp: START / 1000 })}`,
    'Lifetime validation failed, the token is expired.',
    /has expired; get a new one/,
  ],
  ['no expiry', async () => `Bearer ${await altered({ exp: undefined })}`, unreadable, /not when it expires/],
  [
    'a token of the future',
    async () => `Bearer ${await altered({ nbf: START / 1000 + 61 })}`,
    'Lifetime validation failed, the token is not yet valid.',
    /not valid yet/,
  ],
  [
    'another audience',
    async () => `Bearer ${await altered({ aud: 'https://example.com' })}`,
    'Access token validation failure. Invalid audience.',
    /is for "https:\/\/example.com"; ask for one with scope https:\/\/graph.microsoft.com\/\.default/,
  ],
  [
    'a notification, which is for a bot',
    async () => `Bearer ${await altered({ aud: BOT, iss: 'https://api.botframework.com' })}`,
    'Access token validation failure. Invalid audience.',
    /is for/,
  ],
  [
    'another issuer',
    async () => `Bearer ${await altered({ iss: 'https://example.com/' })}`,
    'Access token validation failure. Invalid issuer.',
    /issued by "https:\/\/example.com\/"/,
  ],
  [
    "another tenant's issuer",
    async () => `Bearer ${await altered({ tid: FABRIKAM })}`,
    'Access token validation failure. Invalid issuer.',
    /not for its tenant/,
  ],
  ['no application', async () => `Bearer ${await altered({ appid: undefined })}`, unreadable, /does not name its appl/],
  [
    'an unknown tenant',
    async () => {
      const tid = BOT
      return `Bearer ${await altered({ tid, iss: `http://localhost:9000/${tid}/` })}`
    },
    'Access token validation failure. Invalid tenant.',
    /is not in the directory file/,
  ],
  [
    'an unknown application',
    async () => `Bearer ${await altered({ appid: FABRIKAM })}`,
    'Access token validation failure. Invalid application.',
    /is not in tenant .* of the directory file/,
  ],
]

for (const [name, header, message, explanation] of refused) {
  test(`refuses ${name}`, async () => {
    const checked = await setup.check(await header())
    assert.ok(!checked.ok)
    assert.deepEqual(
      { status: checked.status, code: checked.code, message: checked.message },
      { status: 401, code: 'InvalidAuthenticationToken', message },
    )
    assert.match(checked.explanation, explanation)
  })
}

test('refuses a delegated token with 403', async () => {
  const checked = await setup.check(`Bearer ${await altered({ scp: 'Calls.Initiate' })}`)
  assert.ok(!checked.ok)
  assert.equal(checked.status, 403)
  assert.equal(checked.code, 'Forbidden')
  assert.match(checked.explanation, /calling supports no delegated permissions/)
})

test('a remembered token expires on time', async () => {
  const header = `Bearer ${await issued()}`
  assert.ok((await setup.check(header)).ok)
  await setup.wind(HOUR - 1)
  assert.ok((await setup.check(header)).ok)
  await setup.wind(1)
  for (let time = 0; time < 2; time++) {
    const checked = await setup.check(header)
    assert.ok(!checked.ok)
    assert.match(checked.message, /the token is expired/)
  }
})

test('a remembered token stops working when its application leaves the directory', async () => {
  const header = `Bearer ${await issued()}`
  assert.ok((await setup.check(header)).ok)
  setup.replaceDirectory(new Directory([tenant(CONTOSO, 'contoso', [])]))
  assert.ok(!(await setup.check(header)).ok)
  setup.replaceDirectory(new Directory([tenant(CONTOSO, 'contoso', [bot])]))
  assert.ok((await setup.check(header)).ok)
})

test('a token works while keys rotate', async () => {
  await setup.wind(720 * HOUR)
  const before = await issued()
  await setup.wind(HOUR - 1000)
  assert.ok((await setup.check(`Bearer ${before}`)).ok)
  await setup.wind(24 * HOUR)
  assert.ok((await setup.check(`Bearer ${await issued()}`)).ok)
})

test('more tokens than are remembered are each checked anew', async () => {
  setup = await setUp({ cacheSize: 2 })
  const headers = await Promise.all([1, 2, 3, 4].map(async () => `Bearer ${await issued()}`))
  for (const header of [...headers, ...headers]) assert.ok((await setup.check(header)).ok)
})
