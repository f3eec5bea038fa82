/** Applications that handle their media themselves, by WebRTC: they speak by WHIP (RFC 9725), and hear by WHEP. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { levelOf } from '../../src/media/mixer/frames.ts'
import { expectHeard, expectNotHeard } from '../support/heard.ts'
import { SilentEngine } from '../support/silent-engine.ts'
import { SoundPeer } from '../support/sound-peer.ts'
import type { World } from '../support/world.ts'
import { APPS, USERS, startWorld, user } from '../support/world.ts'
import { CALLS, assertEmpty, create, ring } from './steps.ts'
import type { Known } from './wire.ts'
import * as wire from './wire.ts'

const SECRET = 'a-secret-for-this-call-alone'
const OTHER = 'not-the-secret-of-this-call'
const mediaConfig = {
  '@odata.type': '#microsoft.graph.appHostedMediaConfig',
  blob: JSON.stringify({ rollcall: 'webrtc', secret: SECRET }),
}

type Way = 'whip' | 'whep'

/** A request to where media is connected. */
function ask(
  world: World,
  method: string,
  path: string,
  options: RequestInit & { secret?: string } = {},
): Promise<Response> {
  const { secret = SECRET, headers, ...rest } = options
  const authorization: Record<string, string> = secret === '' ? {} : { authorization: `Bearer ${secret}` }
  return fetch(world.url + path, { method, ...rest, headers: { ...authorization, ...(headers as object) } })
}

function post(world: World, call: Known, way: Way, offer: string, more: object = {}): Promise<Response> {
  const headers = { 'content-type': 'application/sdp' }
  return ask(world, 'POST', `/media/calls/${call.id}/${way}`, { headers, body: offer, ...more })
}

async function peerOf(t: TestContext, way: Way): Promise<SoundPeer> {
  const peer = await SoundPeer.make(way === 'whip' ? 440 : undefined, true, way === 'whip' ? 'SendOnly' : 'RecvOnly')
  t.after(() => peer.close())
  return peer
}

/** Connects a peer. @returns the path of its session */
async function connect(
  t: TestContext,
  world: World,
  call: Known,
  way: Way,
): Promise<{ peer: SoundPeer; path: string }> {
  const peer = await peerOf(t, way)
  const reply = await post(world, call, way, await peer.offer())
  assert.equal(reply.status, 201, reply.headers.get('rollcall-explanation') ?? '')
  await peer.accept(await reply.text())
  return { peer, path: reply.headers.get('location') ?? '' }
}

/** Somebody calls alpha, which answers with the blob. */
async function answered(world: World): Promise<{ call: Known; callerId: string }> {
  const { call, callerId } = await ring(world, USERS.ada, APPS.alpha)
  const body = { callbackUri: world.bots.alpha.url, mediaConfig, acceptedModalities: ['audio'] }
  assertEmpty(await world.client('alpha').post(`${CALLS}/${call.id}/answer`, body), 202)
  assert.deepEqual(await world.take(), [wire.establishing(call)])
  return { call, callerId }
}

/** Waits for a notification, for WebRTC takes real time. */
async function told(world: World): Promise<unknown> {
  return until('a notification', async () => (await world.take())[0])
}

async function until<Found>(what: string, find: () => Promise<Found | undefined> | Found | undefined): Promise<Found> {
  for (let tries = 0; tries < 400; tries++) {
    const found = await find()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return assert.fail(`it never happened: ${what}`)
}

const connected = (call: Known): Known => ({ ...call, mediaAway: false })
const away = (call: Known): Known => ({ ...call, mediaAway: true })

test('a call is established when its media is connected; the application speaks by WHIP and hears by WHEP', async (t) => {
  const world = await startWorld(t)
  const { call, callerId } = await answered(world)
  const mouth = await connect(t, world, call, 'whip')
  assert.deepEqual(await told(world), wire.established(connected(call)))
  await until('the application is heard', async () => {
    const { body } = await world.control('GET', `/calls/${call.id}/audibility?speaker=${call.id}`)
    return body.value.length > 0 ? true : undefined
  })
  await expectHeard(world, call.id, call.id, 'ada')

  // Who only speaks does not hear.
  await world.control('POST', `/calls/${call.id}/participants/${callerId}/say`, { say: '1m' })
  await new Promise((resolve) => setTimeout(resolve, 300))
  await expectNotHeard(world, call.id, 'ada', call.id)
  const ear = await connect(t, world, call, 'whep')
  await until('the caller is heard', () => ear.peer.heard.some((samples) => levelOf(samples) > -40) || undefined)
  await until('it is told', async () => {
    const { body } = await world.control('GET', `/calls/${call.id}/audibility?listener=${call.id}`)
    return body.value.length > 0 ? true : undefined
  })
  assert.equal(mouth.peer.packets.length, 0, 'nothing comes to where it speaks')

  // As long as one of them is there, the media is there.
  assert.equal((await ask(world, 'DELETE', mouth.path)).status, 200)
  assert.equal((await ask(world, 'DELETE', mouth.path)).status, 404)
  assert.equal((await ask(world, 'DELETE', ear.path, { secret: OTHER })).status, 403)
  await world.settle()
  assert.deepEqual(await world.take(), [])
  assert.equal((await ask(world, 'DELETE', ear.path)).status, 200)
  assert.deepEqual(await told(world), wire.established(away(call)))
  await world.advance('5s')
  await connect(t, world, call, 'whip')
  assert.deepEqual(await told(world), wire.established(connected(call)))

  const { body: journal } = await world.control('GET', `/journal?callId=${call.id}`)
  assert.ok(JSON.stringify(journal).includes('/whip'), 'the journal has the requests')
  assert.ok(!JSON.stringify(journal).includes(SECRET) && !JSON.stringify(journal).includes('ice-pwd'))
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}`), 204)
  assert.deepEqual(await world.lines(), ['updated call terminating', 'deleted call terminated'])
  assert.equal((await post(world, call, 'whip', 'v=0')).status, 403)
})

test('a call ends if its media is lost and does not come back, or never comes', async (t) => {
  const sound = new SilentEngine()
  const world = await startWorld(t, {}, {}, {}, undefined, sound)
  const { call } = await answered(world)
  const offer = await (await peerOf(t, 'whip')).offer()
  const reply = await post(world, call, 'whip', offer)
  assert.equal(reply.status, 201)
  assert.deepEqual(await told(world), wire.established(connected(call)))
  const [leg] = sound.legs.values()
  assert.deepEqual(leg?.place?.speaker, call.id)
  sound.tell(leg?.id, { name: 'interrupted' })
  assert.deepEqual(await told(world), wire.established(away(call)))
  await world.advance('9s')
  sound.tell(leg?.id, { name: 'connected' })
  assert.deepEqual(await told(world), wire.established(connected(call)))
  await world.advance('1m')
  sound.tell(leg?.id, { name: 'closed', why: 'timedOut' })
  assert.deepEqual(await told(world), wire.established(away(call)))
  assert.equal((await ask(world, 'DELETE', reply.headers.get('location') ?? '')).status, 404)
  await world.advance('10s')
  assert.deepEqual(await world.take(), [
    wire.terminated(call, wire.result(410, 301005, 'The media connection was lost')),
  ])

  sound.connects = false
  const { call: other } = await answered(world)
  assert.equal((await post(world, other, 'whip', offer)).status, 201)
  await world.advance('10s')
  assert.deepEqual(await world.take(), [
    wire.terminated(other, wire.result(500, 1005, "The application's media could not be reached")),
  ])
  assert.equal(sound.legs.size, 0)
})

test('a second connection takes the place of the first; there is room for so many', async (t) => {
  const world = await startWorld(t, { maxMediaLegs: 1 })
  const call = await create(world, [user('ben')], { more: { mediaConfig } })
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
  const first = await connect(t, world, call, 'whip')
  assert.deepEqual(await told(world), wire.established(connected(call)))
  const full = await post(world, call, 'whep', await (await peerOf(t, 'whep')).offer())
  assert.deepEqual([full.status, full.headers.get('retry-after')], [503, '5'])
  assert.match(full.headers.get('rollcall-explanation') ?? '', /no more can be mixed without harm/)

  const again = await peerOf(t, 'whip')
  const reply = await post(world, call, 'whip', await again.offer())
  assert.equal(reply.status, 201)
  assert.deepEqual(await told(world), wire.established(away(call)))
  await again.accept(await reply.text())
  assert.deepEqual(await told(world), wire.established(connected(call)))
  assert.equal((await ask(world, 'DELETE', first.path)).status, 404)
  // A mistake costs nothing.
  assert.equal((await post(world, call, 'whip', 'v=0')).status, 422)
  assert.equal((await ask(world, 'GET', reply.headers.get('location') ?? '')).status, 204)
  assert.deepEqual(await world.take(), [])
  await world.client('alpha').delete(`${CALLS}/${call.id}`)
  await world.take()
})

test('one offer of a kind is answered at a time', async (t) => {
  const world = await startWorld(t)
  const { call } = await answered(world)
  const offers = await Promise.all([peerOf(t, 'whep'), peerOf(t, 'whep')].map(async (peer) => (await peer).offer()))
  const replies = await Promise.all(offers.map((offer) => post(world, call, 'whep', offer)))
  assert.deepEqual(
    replies.map(({ status }) => status).toSorted((one, other) => one - other),
    [201, 409],
  )
  await world.advance('10s')
  await world.take()
})

test('candidates may be trickled; ICE is not restarted', async (t) => {
  const world = await startWorld(t)
  const { call } = await answered(world)
  const peer = await peerOf(t, 'whip')
  const offer = await peer.offer()
  const candidates = offer.split('\r\n').filter((line) => line.startsWith('a=candidate'))
  const reply = await post(world, call, 'whip', offer.replaceAll(/a=(candidate|end-of-candidates).*\r\n/g, ''))
  const headers = Object.fromEntries(reply.headers)
  const etag = headers['etag'] ?? ''
  const path = headers['location'] ?? ''
  assert.deepEqual(
    [reply.status, headers['content-type'], headers['accept-patch'], headers['cache-control']],
    [201, 'application/sdp', 'application/trickle-ice-sdpfrag', 'no-store'],
  )
  assert.match(path, new RegExp(`^/media/calls/${call.id}/whip/[0-9a-f-]{36}$`))
  assert.match(etag, /^"[^"]+"$/)
  const user = /a=ice-ufrag:(\S+)/.exec(offer)?.[1]
  const body = [
    `a=ice-ufrag:${user}`,
    'a=ice-pwd:secret',
    'm=audio 9 UDP/TLS/RTP/SAVPF 0',
    'a=mid:0',
    ...candidates,
    '',
  ].join('\r\n')
  const patch = async (sent: { body?: string; type?: string; tag?: string }): Promise<number> => {
    const { type = 'application/trickle-ice-sdpfrag', tag = etag } = sent
    const sentHeaders = { 'content-type': type, ...(tag !== '' && { 'if-match': tag }) }
    return (await ask(world, 'PATCH', path, { body: sent.body ?? body, headers: sentHeaders })).status
  }
  assert.equal(await patch({}), 204)
  assert.equal(await patch({ tag: '' }), 428)
  assert.equal(await patch({ tag: '"another"' }), 412)
  assert.equal(await patch({ body: body.replace(`ufrag:${user}`, 'ufrag:other'), tag: '*' }), 422)
  assert.equal(await patch({ type: 'application/sdp' }), 415)
  assert.equal(await patch({ type: 'application/json', body: '{}' }), 415)
  assert.equal(await patch({ body: 'hello' }), 400)
  await peer.accept(await reply.text())
  assert.deepEqual(await told(world), wire.established(connected(call)))
  await world.client('alpha').delete(`${CALLS}/${call.id}`)
  await world.take()
})

test('what is refused, and how', async (t) => {
  const world = await startWorld(t)
  const { call } = await answered(world)
  const [speaks, hears] = [await (await peerOf(t, 'whip')).offer(), await (await peerOf(t, 'whep')).offer()]
  const missing = await post(world, call, 'whip', speaks, { secret: '' })
  assert.deepEqual([missing.status, missing.headers.get('www-authenticate')], [401, 'Bearer'])
  assert.equal((await post(world, call, 'whip', speaks, { secret: OTHER })).status, 403)
  assert.equal((await post(world, { ...call, id: '5e9b1c9e-0000-4000-8000-000000000000' }, 'whip', speaks)).status, 403)
  assert.equal((await post(world, { ...call, id: 'x' }, 'whep', hears)).status, 403)
  const wrong: readonly (readonly [way: Way, status: number, body: string | undefined, type?: string])[] = [
    ['whip', 415, speaks, 'text/plain'],
    ['whip', 415, '{}', 'application/json'],
    ['whip', 415, 'v=0', 'application/trickle-ice-sdpfrag'],
    ['whip', 415, undefined],
    ['whip', 400, 'hello'],
    ['whip', 400, 'v=0\r\n<html>'],
    ['whip', 422, 'v=0'],
    ['whip', 422, hears],
    ['whep', 422, speaks],
    ['whip', 422, speaks.replaceAll('opus', 'speex')],
    ['whip', 422, speaks.replaceAll('a=mid:0', 'a=mid:?')],
    ['whip', 400, speaks.replaceAll('a=ice-ufrag', 'a=ice-user')],
    ['whip', 422, speaks.replaceAll('a=ice-pwd', 'a=ice-password')],
    ['whip', 422, `${speaks}m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n`],
    ['whip', 413, speaks + 'a=x:y\r\n'.repeat(20_000)],
  ]
  for (const [way, status, body, type = 'application/sdp'] of wrong) {
    const headers: Record<string, string> = body === undefined ? {} : { 'content-type': type }
    const reply = await post(world, call, way, '', { body, headers })
    const explanation = reply.headers.get('rollcall-explanation') ?? ''
    assert.equal(reply.status, status, `${explanation} ${String(body).slice(0, 40)}`)
    assert.match(explanation, status === 413 ? /more than 65536 bytes/ : /\w/)
    assert.doesNotMatch(explanation, /libdatachannel/)
    assert.equal(reply.headers.get('access-control-allow-origin'), '*')
  }
  await world.advance('10s')
  assert.deepEqual(await world.take(), [
    wire.terminated(call, wire.result(500, 1005, "The application's media could not be reached")),
  ])
})

test('spoilt offers are refused or answered, and the call goes on', async (t) => {
  const world = await startWorld(t)
  const { call } = await answered(world)
  const whole = await (await peerOf(t, 'whip')).offer()
  const lines = whole.split('\r\n').filter((line) => line !== '')
  const line = fc.oneof(fc.constantFrom(...lines, 'm=video 9 UDP/TLS/RTP/SAVPF 97', 'a=group:BUNDLE 0 1'), fc.string())
  const at = fc.nat(lines.length - 1)
  const spoilt = fc.array(fc.record({ at, drop: fc.nat(2), line: fc.option(line) }), { minLength: 1, maxLength: 4 })
  for (const changes of fc.sample(spoilt, 80)) {
    const body = [...lines]
    for (const change of changes) body.splice(change.at, change.drop, ...(change.line === null ? [] : [change.line]))
    const { status } = await post(world, call, 'whip', `${body.join('\r\n')}\r\n`)
    assert.ok([201, 400, 422].includes(status), `${status} for ${body.join('\n')}`)
  }
  await connect(t, world, call, 'whip')
  await until(
    'the call is established',
    async () => (await world.lines()).includes('updated call established') || undefined,
  )
  await world.client('alpha').delete(`${CALLS}/${call.id}`)
  await world.settle()
  await world.take()
})

test('what pages of other sites are told, and methods that are none', async (t) => {
  const world = await startWorld(t)
  const path = '/media/calls/5e9b1c9e-0000-4000-8000-000000000000/whip'
  const headers = { origin: 'https://bot.example', 'access-control-request-method': 'POST' }
  const preflight = await ask(world, 'OPTIONS', path, { headers, secret: '' })
  const told = (name: string): string | null => preflight.headers.get(name)
  assert.deepEqual(
    [preflight.status, told('accept-post'), told('allow'), told('access-control-allow-methods')],
    [200, 'application/sdp', 'POST, GET, OPTIONS', 'POST, GET, OPTIONS'],
  )
  assert.equal(told('access-control-allow-headers'), 'Authorization, Content-Type, If-Match')
  assert.equal(told('access-control-allow-origin'), '*')
  assert.match(told('access-control-expose-headers') ?? '', /Location, ETag/)
  assert.equal((await ask(world, 'GET', path)).status, 204)
  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    const refused = await ask(world, method, path)
    assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'POST, GET, OPTIONS'])
  }
  const session = `${path}/5e9b1c9e-0000-4000-8000-000000000001`
  const options = await ask(world, 'OPTIONS', session)
  assert.deepEqual(
    [options.status, options.headers.get('accept-patch'), options.headers.get('allow')],
    [200, 'application/trickle-ice-sdpfrag', 'PATCH, DELETE, GET, OPTIONS'],
  )
  assert.equal((await ask(world, 'POST', session)).status, 405)
  assert.equal((await ask(world, 'PATCH', session)).status, 404)
})
