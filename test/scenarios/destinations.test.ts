/** Where bots may send the server: hosts of the directory, public addresses in production, redirections. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply } from '../support/world.ts'
import { APPS, USERS, callBody, startWorld, user } from '../support/world.ts'
import { CALLS, peerToPeer } from './steps.ts'

const PRODUCTION = { mode: 'production', profile: 'open', adminKey: 'key' } as const
const BOTS = { ...PRODUCTION, outboundNetworks: ['127.0.0.1/32'] } as const
const INSIDE = [
  'https://10.0.0.1/',
  'http://2130706434/',
  'http://[::ffff:127.0.0.2]:3978/',
  'https://[64:ff9b::a00:1]/',
]

function prompt(uri: string): unknown {
  return { prompts: [{ '@odata.type': '#microsoft.graph.mediaPrompt', mediaInfo: { uri, resourceId: 'one' } }] }
}

function explained({ status, headers }: Reply): string {
  assert.equal(status, 400)
  return headers.get('rollcall-explanation') ?? ''
}

test('in production a callback must be at a public address, or in a network of the operator', async (t) => {
  const world = await startWorld(t, BOTS)
  const client = world.client('alpha')
  for (const callbackUri of INSIDE) {
    const body = callBody(world, 'alpha', [user('ada')], { callbackUri })
    assert.match(explained(await client.post(CALLS, body)), /^callbackUri must be at a public address in production/)
  }
  const call = await peerToPeer(world)
  assert.match(
    explained(await client.post(`${CALLS}/${call.id}/playPrompt`, prompt('https://192.168.0.1/a.wav'))),
    /^The uri of a prompt must be at a public address in production/,
  )
})

test('in production an address that turns out not to be public is a failed attempt, and nothing is sent', async (t) => {
  const world = await startWorld(t, PRODUCTION, { beta: { notificationUrl: 'http://localhost:9/' } })
  await world.control('POST', '/calls', { from: USERS.ada, to: APPS.beta })
  await world.settle()
  const { body } = await world.control('GET', '/notifications')
  assert.match(body.value[0].attempts[0].error, /^its host is not at a public address.*\(ERR_ADDRESS_NOT_PUBLIC\)$/)
})

test('an application is held to its hosts, wherever it names one', async (t) => {
  const world = await startWorld(t, {}, { alpha: { allowedHosts: ['127.0.0.1', '*.alpha.example'] } })
  const call = await peerToPeer(world)
  const client = world.client('alpha')
  const at = /must be at a host that the directory allows the application \(allowedHosts\), which evil\.example is not/
  const callbackUri = 'https://evil.example/'
  assert.match(explained(await client.post(CALLS, callBody(world, 'alpha', [user('ada')], { callbackUri }))), at)
  const played = prompt('https://evil.example/a.wav')
  assert.match(explained(await client.post(`${CALLS}/${call.id}/playPrompt`, played)), at)
  for (const uri of ['https://evil.example/a.wav', 'https://alpha.example/a.wav']) {
    const mediaConfig = { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig', preFetchMedia: [{ uri }] }
    const reply = await client.post(CALLS, callBody(world, 'alpha', [user('ada')], { mediaConfig }))
    assert.match(explained(reply), /^The uri of a prompt must be at a host that the directory allows/)
  }
  const free = await world.client('beta').post(CALLS, callBody(world, 'alpha', [user('ada')], { callbackUri }))
  assert.equal(free.status, 201)
})

test('the announcement of a call is not redirected to where the application may not send the server', async (t) => {
  const world = await startWorld(t, {}, { alpha: { allowedHosts: ['127.0.0.1'] } })
  const places = ['https://evil.example/', 'http://evil.example/', 'https://a:b@127.0.0.1/', 'file:///etc/passwd']
  for (const location of places) {
    world.bots.alpha.answer = () => ({ status: 302, location })
    await world.control('POST', '/calls', { from: USERS.ada, to: APPS.alpha })
    await world.settle()
  }
  const { body } = await world.control('GET', `/notifications?appId=${APPS.alpha}`)
  const errors = body.value.map(({ attempts }: { attempts: { error: string }[] }) => attempts[0]?.error)
  for (const error of errors) assert.match(error, /^the bot redirected the notification, but where to must /)
  assert.equal(errors.length, places.length)
  await world.bots.alpha.take()
})
