/** Who may use the control API: programs on this machine in development, and holders of the admin key. */
import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { test } from 'node:test'
import type { Reply, World } from '../support/world.ts'
import { startWorld } from '../support/world.ts'
import { assertRefused, peerToPeer } from './steps.ts'
import type { Refusal } from './steps.ts'

const ADMIN_KEY = 'correct horse battery staple'.replaceAll(' ', '-')

const refused = (explanation: string): Refusal => ({
  status: 401,
  code: 'unauthenticated',
  message: 'The caller is not authenticated.',
  explanation,
})
const WITHOUT_KEY =
  'Control is open to programs on this machine in development mode; for others, start the server with an admin key (option adminKey).'
const WITH_KEY = 'Control takes the admin key as a bearer token: Authorization: Bearer <adminKey>.'

const get = (world: World, headers: Record<string, string>, path = '/control/calls'): Promise<Reply> =>
  world.request('GET', path, undefined, headers)
const key = (value: string): Record<string, string> => ({ authorization: `Bearer ${value}` })

test('development: open to programs on this machine', async (t) => {
  const world = await startWorld(t)
  assert.equal((await get(world, {})).status, 200)
})

test("development: closed to pages of other sites, open to the server's own", async (t) => {
  const world = await startWorld(t)
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'http://127.0.0.1:1' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    // Another port of this machine: a page that a developer has open for something else.
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' },
  ]) {
    assertRefused(await get(world, headers), refused(WITHOUT_KEY))
  }
  assert.equal((await get(world, { origin: world.url, 'sec-fetch-site': 'same-origin' })).status, 200)
  // A page elsewhere must not change anything either.
  const reset = await world.request('POST', '/control/reset', undefined, { origin: 'https://evil.example' })
  assertRefused(reset, refused(WITHOUT_KEY))
})

/** A request with any `Host`, which `fetch` would not send. */
function getAs(world: World, headers: Record<string, string>): Promise<[status: number, explanation: string]> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(`${world.url}/control/calls`, { headers, agent: false }, (incoming) => {
      incoming.resume()
      resolve([incoming.statusCode ?? 0, String(incoming.headers['rollcall-explanation'])])
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

test("development: a page whose host's name was made to lead here is refused", async (t) => {
  const world = await startWorld(t)
  for (const host of ['evil.example', 'evil.example:8080', 'localhost.evil.example', '127.0.0.1.evil.example', 'x@y']) {
    const origin = `http://${host}`
    const [status, explanation] = await getAs(world, { host, origin, 'sec-fetch-site': 'same-origin' })
    assert.ok(status === 401 || status === 400, host)
    assert.match(explanation, /by its own names, such as localhost|on this machine/)
    assert.equal((await getAs(world, { host }))[0], 401, host)
  }
  for (const host of ['localhost', 'LOCALHOST:8080', 'a.localhost', '127.0.0.1:1', '[::1]:8080']) {
    assert.equal((await getAs(world, { host }))[0], 200, host)
  }
})

test('development: what a proxy on this machine passes on is not from this machine', async (t) => {
  const world = await startWorld(t)
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']) {
    assertRefused(await get(world, { [name]: '198.51.100.7' }), refused(WITHOUT_KEY))
  }
})

test('a page cannot send what control reads, though the browser would ask nobody', async (t) => {
  const world = await startWorld(t, { adminKey: ADMIN_KEY })
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const headers = { ...key(ADMIN_KEY), 'content-type': type }
    assert.equal((await world.request('POST', '/control/clock/advance', '{"by":"1h"}', headers)).status, 415, type)
  }
  const asked = await world.request('OPTIONS', '/control/reset', undefined, {
    origin: 'https://evil.example',
    'access-control-request-method': 'POST',
  })
  assert.ok(asked.status >= 400)
  for (const reply of [asked, await get(world, key(ADMIN_KEY)), await get(world, {}, '/healthz')]) {
    const names = [...reply.headers.keys()].filter((name) => name.startsWith('access-control-'))
    assert.deepEqual(names, [])
    assert.equal(reply.headers.get('x-content-type-options'), 'nosniff')
  }
  const shown = await get(world, key(ADMIN_KEY))
  assert.match(shown.headers.get('content-security-policy') ?? '', /^default-src 'none'; frame-ancestors 'none'$/)
  assert.equal(shown.headers.get('cache-control'), 'no-store')
  assert.equal(shown.headers.get('referrer-policy'), 'no-referrer')
})

test('production: the admin key, and nothing else', async (t) => {
  const world = await startWorld(t, { mode: 'production', adminKey: ADMIN_KEY })
  const paths = ['/control/calls', '/control/journal', '/control/clock', '/control/directory', '/control/notifications']
  for (const path of paths) {
    assertRefused(await get(world, {}, path), refused(WITH_KEY))
    assertRefused(await get(world, key('wrong'), path), refused(WITH_KEY))
    assertRefused(await get(world, { authorization: `Basic ${ADMIN_KEY}` }, path), refused(WITH_KEY))
    assert.equal((await get(world, key(ADMIN_KEY), path)).status, 200)
  }
  assertRefused(await world.request('POST', '/control/reset'), refused(WITH_KEY))
  assert.equal((await world.request('POST', '/control/reset', undefined, key(ADMIN_KEY))).status, 204)
})

test('an access token of an application is no admin key', async (t) => {
  const world = await startWorld(t, { mode: 'production', adminKey: ADMIN_KEY })
  assertRefused(await get(world, key(await world.token('alpha'))), refused(WITH_KEY))
})

test('the admin key is no access token', async (t) => {
  const world = await startWorld(t, { adminKey: ADMIN_KEY })
  const call = await peerToPeer(world)
  const reply = await get(world, key(ADMIN_KEY), `/v1.0/communications/calls/${call.id}`)
  assert.deepEqual([reply.status, reply.body.error.code], [401, 'InvalidAuthenticationToken'])
})

test('health, metrics and keys are open to everybody', async (t) => {
  const world = await startWorld(t, { mode: 'production', adminKey: ADMIN_KEY })
  for (const path of [
    '/healthz',
    '/readyz',
    '/metrics',
    '/v1/.well-known/OpenIdConfiguration',
    '/v1/.well-known/keys',
  ]) {
    assert.equal((await get(world, { origin: 'https://elsewhere.example' }, path)).status, 200)
  }
})
