/** Who may use the control API: programs on this machine in development, and holders of the admin key. */
import assert from 'node:assert/strict'
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
  ]) {
    assertRefused(await get(world, headers), refused(WITHOUT_KEY))
  }
  assert.equal((await get(world, { origin: world.url, 'sec-fetch-site': 'same-origin' })).status, 200)
  // A page elsewhere must not change anything either.
  const reset = await world.request('POST', '/control/reset', undefined, { origin: 'https://evil.example' })
  assertRefused(reset, refused(WITHOUT_KEY))
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
