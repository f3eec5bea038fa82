/** People sign in: by choosing themselves in development, at an outside issuer in production. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeJwt } from 'jose'
import { Browser, begin, follow, redeem, signIn } from '../support/sign-in.ts'
import { TENANT, USERS, startWorld } from '../support/world.ts'

test('somebody chooses who they are, and the page has a token for the phone', async (t) => {
  const world = await startWorld(t)
  const { accessToken, idToken } = await signIn(world.url, USERS.ada)
  const access = decodeJwt(accessToken)
  assert.equal(access.sub, USERS.ada)
  assert.equal(access.aud, 'urn:rollcall:phone')
  assert.equal(access.iss, `${world.url}/signin`)
  assert.equal((access.exp ?? 0) - (access.iat ?? 0), 12 * 3600)
  const identity = decodeJwt(idToken)
  assert.equal(identity.aud, 'phone')
  assert.equal(identity['name'], 'ada')
  assert.equal(identity['preferred_username'], 'ada@contoso.example')
  assert.equal(identity['tid'], TENANT)
})

test('the keys that sign are published where the configuration says', async (t) => {
  const world = await startWorld(t)
  const { status, body } = await world.request('GET', '/signin/.well-known/openid-configuration')
  assert.equal(status, 200)
  assert.deepEqual(body.response_types_supported, ['code'])
  assert.deepEqual(body.code_challenge_methods_supported, ['S256'])
  const { keys } = (await (await fetch(body.jwks_uri)).json()) as { keys: { kid: string; d?: string }[] }
  assert.ok(keys.length > 0 && keys.every(({ d }) => d === undefined))
  const graph = await world.request('GET', `/${TENANT}/discovery/v2.0/keys`)
  assert.deepEqual(
    keys.map(({ kid }) => kid),
    graph.body.keys.map(({ kid }: { kid: string }) => kid),
  )
})

test('two tabs of one browser are two people', async (t) => {
  const world = await startWorld(t)
  const browser = new Browser()
  const first = await signIn(world.url, USERS.ada, browser)
  const second = await signIn(world.url, USERS.ben, browser)
  const again = await signIn(world.url, USERS.ada, browser)
  assert.deepEqual(
    [first, second, again].map(({ accessToken }) => decodeJwt(accessToken).sub),
    [USERS.ada, USERS.ben, USERS.ada],
  )
})

test('the page to choose from is for people: names, nothing of other hosts, and no frames', async (t) => {
  const world = await startWorld(t)
  const browser = new Browser()
  const { response } = await follow(browser, await browser.open((await begin(world.url)).url))
  const page = await response.text()
  assert.match(page, /<html lang="en">/)
  assert.match(page, /ada@contoso\.example/)
  assert.match(page, /stranger@fabrikam\.example/)
  assert.doesNotMatch(page, /<script|https?:\/\//)
  const policy = response.headers.get('content-security-policy') ?? ''
  assert.match(policy, /default-src 'none'/)
  assert.match(policy, /frame-ancestors 'none'/)
})

test('one looks for somebody by name', async (t) => {
  const world = await startWorld(t, { adminKey: 'an-admin-key' })
  for (let index = 0; index < 70; index++) {
    const person = { displayName: `Person <${index}>`, userPrincipalName: `person${index}@contoso.example` }
    const authorization = 'Bearer an-admin-key'
    assert.equal((await world.request('POST', '/v1.0/users', person, { authorization })).status, 201)
  }
  const browser = new Browser()
  const { url, response } = await follow(browser, await browser.open((await begin(world.url)).url))
  const all = await response.text()
  assert.match(all, /role="search"/)
  assert.match(all, /\d+ more: look for their name/)
  assert.match(all, /Person &lt;1&gt;/)
  const few = await (await browser.open(`${url}?look=person69`)).text()
  assert.match(few, /Person &lt;69&gt;/)
  assert.doesNotMatch(few, /Person &lt;1&gt;/)
  assert.match(await (await browser.open(`${url}?look=nobody`)).text(), /Nobody in the directory/)
})

test('what is not asked for rightly is refused: no PKCE, another client, another page, a code used twice', async (t) => {
  const world = await startWorld(t)
  const browser = new Browser()
  const problem = async (change: Record<string, string | undefined>): Promise<string> => {
    const { url, response } = await follow(browser, await browser.open((await begin(world.url, change)).url))
    return new URL(url).searchParams.get('error') ?? `${response.status} ${await response.text()}`
  }
  assert.equal(await problem({ code_challenge: undefined, code_challenge_method: undefined }), 'invalid_request')
  assert.equal(await problem({ prompt: 'none' }), 'login_required')
  assert.match(await problem({ client_id: 'somebody' }), /^400 .*Signing in did not work/s)
  assert.match(await problem({ redirect_uri: 'https://evil.example/phone/' }), /^400 /)

  const beginning = await begin(world.url)
  const { url: page } = await follow(browser, await browser.open(beginning.url))
  const { url: back } = await follow(browser, await browser.open(page, { person: USERS.ada }))
  const code = new URL(back).searchParams.get('code') ?? ''
  assert.equal((await redeem({ ...beginning, verifier: `${beginning.verifier}x` }, code)).status, 400)
  assert.equal((await redeem(beginning, code)).status, 200)
  assert.equal((await redeem(beginning, code)).status, 400)
})

test('a choice belongs to the browser in which it was begun, and to somebody who exists', async (t) => {
  const world = await startWorld(t)
  const browser = new Browser()
  const { url } = await follow(browser, await browser.open((await begin(world.url)).url))
  const other = await new Browser().open(url, { person: USERS.ada })
  assert.equal(other.status, 400)
  assert.match(await other.text(), /begun in another browser/)
  assert.equal((await browser.open(url, { person: 'nobody' })).status, 400)
  assert.equal((await browser.open(url, { person: USERS.ada })).status, 303)
})

test("a phone's token does not open Graph, and a bot's token is none of a person's", async (t) => {
  const world = await startWorld(t)
  const { accessToken, idToken } = await signIn(world.url, USERS.ada)
  for (const token of [accessToken, idToken]) {
    const { status } = await world.request('GET', '/v1.0/communications/calls/x', undefined, {
      authorization: `Bearer ${token}`,
    })
    assert.equal(status, 401)
  }
})

test('whoever asks too often from one address waits', async (t) => {
  const world = await startWorld(t, { signInLimit: 3 })
  const ask = (): Promise<Response> => fetch(`${world.url}/signin/.well-known/openid-configuration`)
  for (let count = 0; count < 3; count++) assert.equal((await ask()).status, 200)
  const refused = await ask()
  assert.equal(refused.status, 429)
  assert.ok(Number(refused.headers.get('retry-after')) > 0)
})

test('in production there is no sign-in without passwords, unless it is asked for', async (t) => {
  const production = { mode: 'production', adminKey: 'an-admin-key' } as const
  const world = await startWorld(t, production)
  assert.equal((await world.request('GET', '/signin/jwks')).status, 404)
  const { body } = await world.request('GET', '/phone/config')
  assert.equal(body.signIn, undefined)
  assert.equal(body.redirectUri, `${world.url}/phone/`)

  const asked = await startWorld(t, { ...production, oneClickSignIn: true })
  assert.equal((await asked.request('GET', '/phone/config')).body.signIn.oneClick, true)

  const outside = await startWorld(t, { ...production, phoneIssuer: 'https://login.example/realms/c' })
  assert.deepEqual((await outside.request('GET', '/phone/config')).body.signIn, {
    issuer: 'https://login.example/realms/c',
    clientId: 'phone',
    scope: 'openid profile',
    token: 'id',
    oneClick: false,
  })
})
