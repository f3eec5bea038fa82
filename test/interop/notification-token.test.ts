/** The Bot Framework's own check of tokens, as bots run it on what they are posted, against the server's keys. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JwtTokenExtractor } from 'botframework-connector/lib/auth/jwtTokenExtractor.js'
import { decodeProtectedHeader } from 'jose'
import { APPS, startWorld, TENANT, type World } from '../support/world.ts'
import { startHttpsWorld } from './https.ts'

const BOT_FRAMEWORK = 'https://api.botframework.com'
const PATHS = ['/v1/.well-known/OpenIdConfiguration', '/.well-known/openid-configuration']
/** What the check calls the service that posts; it matters for keys with endorsements alone. */
const CHANNEL = 'msteams'
const HOUR = 3_600_000
const DAY = 24 * HOUR

/** The check of a bot that was told where the keys are, as the samples configure it. */
function extractor(
  metadataUrl: string,
  issuer: string,
  { audience, refreshHours = 24 }: { readonly audience?: string; readonly refreshHours?: number } = {},
): JwtTokenExtractor {
  const expected = { issuer, audience: audience ?? APPS.alpha, clockTolerance: 300 }
  return new JwtTokenExtractor(expected, metadataUrl, ['RS256'], undefined, refreshHours)
}

/** Somebody calls the bot; gives the `Authorization` of the notification that tells it. */
async function authorization(world: World): Promise<string> {
  const called = await world.control('POST', '/calls', { from: 'ada@contoso.example', to: APPS.alpha })
  assert.equal(called.status, 201)
  assert.equal((await world.take()).length, 1)
  return world.bots.alpha.received.at(-1)?.headers.authorization ?? ''
}

function kidOf(header: string): string | undefined {
  return decodeProtectedHeader(header.replace('Bearer ', '')).kid
}

for (const path of PATHS) {
  for (const issuer of [undefined, BOT_FRAMEWORK]) {
    test(`by ${path}, issued by ${issuer ?? 'the server'}`, async (t) => {
      const world = await startWorld(t, { notificationIssuer: issuer })
      const check = extractor(world.url + path, issuer ?? world.url)
      const identity = await check.getIdentityFromAuthHeader(await authorization(world), CHANNEL)
      assert.ok(identity?.isAuthenticated)
      assert.equal(identity.getClaimValue('aud'), APPS.alpha)
      assert.equal(identity.getClaimValue('tid'), TENANT)
    })
  }
}

test('over https', async (t) => {
  const world = await startHttpsWorld(t, { notificationIssuer: BOT_FRAMEWORK })
  const check = extractor(world.url + PATHS[0], BOT_FRAMEWORK)
  assert.ok((await check.getIdentityFromAuthHeader(await authorization(world), CHANNEL))?.isAuthenticated)
})

test('a bot takes neither what is for another, nor another issuer, nor a changed token', async (t) => {
  t.mock.method(console, 'error', () => undefined)
  const world = await startWorld(t, { notificationIssuer: BOT_FRAMEWORK })
  const header = await authorization(world)
  const url = world.url + PATHS[0]
  assert.equal(await extractor(url, world.url).getIdentityFromAuthHeader(header, CHANNEL), null)
  const another = extractor(url, BOT_FRAMEWORK, { audience: APPS.beta })
  await assert.rejects(another.getIdentityFromAuthHeader(header, CHANNEL), /jwt audience invalid/)
  const own = extractor(url, BOT_FRAMEWORK)
  await assert.rejects(own.getIdentityFromAuthHeader(`${header.slice(0, -8)}AAAAAAAA`, CHANNEL), /invalid signature/)
})

test('keys change without a bot noticing, if it fetches them every day or every other', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
  const world = await startWorld(t, { notificationIssuer: BOT_FRAMEWORK })
  const daily = extractor(world.url + PATHS[0], BOT_FRAMEWORK)
  const lazy = extractor(world.url + PATHS[1], BOT_FRAMEWORK, { refreshHours: 48 })
  const check = async (): Promise<string | undefined> => {
    const header = await authorization(world)
    for (const each of [daily, lazy]) {
      assert.ok((await each.getIdentityFromAuthHeader(header, CHANNEL))?.isAuthenticated)
    }
    return kidOf(header)
  }
  const first = await check()
  // Past the rotation: the next key is published, and the first one still signs.
  t.mock.timers.tick(30 * DAY + HOUR)
  assert.equal(await check(), first)
  const published = await world.request('GET', '/v1/.well-known/keys')
  const kids: string[] = published.body.keys.map(({ kid }: { kid: string }) => kid)
  assert.equal(kids.length, 2)
  t.mock.timers.tick(DAY)
  assert.equal(await check(), first)
  // The overlap is over to the minute: whoever fetched the keys since the rotation has the one that signs now.
  t.mock.timers.tick(DAY)
  assert.equal(await check(), kids[0] === first ? kids[1] : kids[0])
})
