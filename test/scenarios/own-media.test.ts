/** Applications that handle their media themselves: a WebSocket for each call, by which they hear and speak. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { AUDIBLE, meanSquare } from '../../src/media/sound.ts'
import { expectHeard } from '../support/heard.ts'
import type { Reply, World } from '../support/world.ts'
import { APPS, USERS, startWorld, user } from '../support/world.ts'
import { CALLS, assertEmpty, assertRefused, create, groupCall, invalidArgument, ring } from './steps.ts'
import type { Json, Known } from './wire.ts'
import * as wire from './wire.ts'

const SECRET = 'a-secret-for-this-call-alone'

const appHosted = (blob: unknown): Json => ({
  '@odata.type': '#microsoft.graph.appHostedMediaConfig',
  blob: typeof blob === 'string' ? blob : JSON.stringify(blob),
})
const own = (more: Json = {}): Json => appHosted({ rollcall: 'websocket', secret: SECRET, ...more })

/** One message of the socket: when, whose voice if they come apart, and the samples. */
interface Heard {
  readonly speaker: string | undefined
  readonly samples: Int16Array
}

/** The application's end of a socket. */
class Sound {
  readonly socket: WebSocket
  readonly heard: Heard[] = []

  constructor(t: TestContext, world: World, callId: string, secret: string | undefined, apart = false) {
    const url = `${world.url.replace('http', 'ws')}/media/calls/${callId}`
    this.socket = new WebSocket(url, { headers: secret === undefined ? {} : { authorization: `Bearer ${secret}` } })
    this.socket.on('message', (data: Buffer) => {
      const head = apart ? 44 : 8
      const speaker = apart ? data.toString('latin1', 8, 44) : undefined
      const samples = Int16Array.from({ length: (data.length - head) / 2 }, (_, index) =>
        data.readInt16LE(head + 2 * index),
      )
      assert.ok(Math.abs(Number(data.readBigUInt64LE(0)) - Date.now()) < 60_000)
      this.heard.push({ speaker, samples })
    })
    t.after(() => this.socket.terminate())
  }

  async open(): Promise<this> {
    await once(this.socket, 'open')
    return this
  }

  /** The status with which the upgrade was refused. */
  async refused(): Promise<number> {
    this.socket.on('error', () => undefined)
    const [, response] = await once(this.socket, 'unexpected-response')
    response.resume()
    return response.statusCode
  }

  say(samples: Int16Array): void {
    this.socket.send(Buffer.from(samples.buffer))
  }
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.fail(`it never happened: ${what}`)
}

/** Somebody calls alpha, which answers with a blob. */
async function answered(world: World, mediaConfig: Json): Promise<{ call: Known; callerId: string; reply: Reply }> {
  const { call, callerId } = await ring(world, USERS.ada, APPS.alpha)
  const body = { callbackUri: world.bots.alpha.url, mediaConfig, acceptedModalities: ['audio'] }
  const reply = await world.client('alpha').post(`${CALLS}/${call.id}/answer`, body)
  return { call, callerId, reply }
}

/** A call whose application has connected its media. */
const connected = (call: Known): Known => ({ ...call, mediaAway: false })

async function mediaOf(world: World, { id }: Known): Promise<string> {
  const { body } = await world.client('alpha').get(`${CALLS}/${id}`)
  return body.mediaState.audio
}

const TONE = Int16Array.from({ length: 16_000 }, (_, index) =>
  Math.round(6000 * Math.sin((2 * Math.PI * 440 * index) / 16_000)),
)

test('a call that is answered is established with its socket; the application hears and is heard', async (t) => {
  const world = await startWorld(t)
  const { call, callerId, reply } = await answered(world, own())
  assertEmpty(reply, 202)
  assert.deepEqual(await world.take(), [wire.establishing(call)])
  const sound = await new Sound(t, world, call.id, SECRET).open()
  await until('the call is established', async () => {
    const { body } = await world.client('alpha').get(`${CALLS}/${call.id}`)
    assert.deepEqual(JSON.parse(body.mediaConfig.blob), { rollcall: 'websocket', hears: 'mix' })
    return body.state === 'established'
  })
  assert.deepEqual(await world.lines(), ['updated call established'])

  await world.control('POST', `/calls/${call.id}/participants/${callerId}/say`, { say: '1m' })
  await until('the caller is heard', () => sound.heard.some(({ samples }) => meanSquare(samples) > AUDIBLE))
  assert.equal(sound.heard[0]?.samples.length, 320)
  await until('the application is heard', async () => {
    sound.say(TONE)
    const { body } = await world.control('GET', `/calls/${call.id}/audibility?speaker=${call.id}`)
    return body.value.length > 0
  })
  await expectHeard(world, call.id, call.id, 'ada')
  const { body: journal } = await world.control('GET', `/journal?callId=${call.id}`)
  assert.ok(!JSON.stringify(journal).includes(SECRET), 'the secret is not in the journal')

  const closed = once(sound.socket, 'close')
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}`), 204)
  assert.deepEqual((await closed)[0], 1000)
  assert.deepEqual(await world.lines(), ['updated call terminating', 'deleted call terminated'])
})

test('in a group call voices come apart, by the ids of participants', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world, ['ada', 'ben'], { more: { mediaConfig: own({ hears: 'voices' }) } })
  const [ada, , ben] = rows
  assert.ok(ada && ben)
  const sound = await new Sound(t, world, call.id, SECRET, true).open()
  for (const { id } of [ada, ben])
    await world.control('POST', `/calls/${call.id}/participants/${id}/say`, { say: '1m' })
  await until('both are heard', () => {
    const speakers = new Set(sound.heard.map(({ speaker }) => speaker))
    return speakers.has(ada.id) && speakers.has(ben.id)
  })
  // A second socket takes the place of the first.
  const closed = once(sound.socket, 'close')
  const second = await new Sound(t, world, call.id, SECRET, true).open()
  assert.deepEqual((await closed)[0], 4409)
  await until('the second one hears', () => second.heard.length > 0)
  assert.deepEqual(await world.take(), [wire.established(connected(call))])
})

test('a socket that does not come ends the call; so does one that is lost for too long', async (t) => {
  const world = await startWorld(t)
  const { call } = await answered(world, own())
  await world.take()
  await world.advance('9s')
  assert.deepEqual(await world.take(), [])
  await world.advance('1s')
  assert.deepEqual(await world.take(), [
    wire.terminated(call, wire.result(500, 1005, "The application's media could not be reached")),
  ])

  const again = await create(world, [user('ben')], { more: { mediaConfig: own() } })
  assert.deepEqual(await world.take(), [wire.establishing(again), wire.established(again)])
  const first = await new Sound(t, world, again.id, SECRET).open()
  await world.advance('1m')
  assert.deepEqual(await world.take(), [wire.established(connected(again))])
  first.socket.close()
  await once(first.socket, 'close')
  await world.settle()
  assert.deepEqual(await world.take(), [wire.established(again)])
  assert.equal(await mediaOf(world, again), 'inactive')
  await world.advance('5s')
  const second = await new Sound(t, world, again.id, SECRET).open()
  await world.advance('1m')
  assert.deepEqual(await world.take(), [wire.established(connected(again))])
  assert.equal(await mediaOf(world, again), 'active')
  second.socket.terminate()
  await until('the server knows', async () => {
    await world.advance('1s')
    const { status } = await world.client('alpha').get(`${CALLS}/${again.id}`)
    return status === 404
  })
  assert.deepEqual(await world.take(), [
    wire.established(again),
    wire.terminated(again, wire.result(410, 301005, 'The media connection was lost')),
  ])
})

test('an engine that takes no more legs closes the socket, and the call ends if that stays so', async (t) => {
  const world = await startWorld(t, { maxMediaLegs: 1 })
  const first = await create(world, [user('ben')], { more: { mediaConfig: own() } })
  await world.take()
  await new Sound(t, world, first.id, SECRET).open()
  await world.settle()
  assert.deepEqual(await world.take(), [wire.established(connected(first))])
  const { call } = await answered(world, own())
  await world.take()
  const sound = await new Sound(t, world, call.id, SECRET).open()
  assert.equal((await once(sound.socket, 'close'))[0], 1013)
  await until('the server knows', async () => {
    await world.advance('1s')
    const { status } = await world.client('alpha').get(`${CALLS}/${call.id}`)
    return status === 404
  })
  assert.deepEqual(await world.take(), [
    wire.terminated(call, wire.result(500, 1005, "The application's media could not be reached")),
  ])
})

test('the secret is not in the journal when it came in a batch', async (t) => {
  const world = await startWorld(t)
  const { call } = await ring(world, USERS.ada, APPS.alpha)
  const body = { callbackUri: world.bots.alpha.url, mediaConfig: own(), acceptedModalities: ['audio'] }
  const request = { id: '1', method: 'POST', url: `${CALLS}/${call.id}/answer`, body }
  const headers = { 'content-type': 'application/json' }
  const batch = await world.client('alpha').post('/$batch', { requests: [{ ...request, headers }] })
  assert.equal(batch.body.responses[0].status, 202, JSON.stringify(batch.body))
  const { body: journal } = await world.control('GET', '/journal?limit=1000')
  assert.ok(!JSON.stringify(journal).includes(SECRET))
  await world.client('alpha').delete(`${CALLS}/${call.id}`)
  await world.take()
})

test('who may open a socket; blobs that are none of ours are as before', async (t) => {
  const world = await startWorld(t)
  const { call } = await answered(world, own())
  await world.take()
  assert.equal(await new Sound(t, world, call.id, undefined).refused(), 401)
  assert.equal(await new Sound(t, world, call.id, 'not-the-secret-of-it').refused(), 403)
  assert.equal(await new Sound(t, world, '5e9b1c9e-0000-4000-8000-000000000000', SECRET).refused(), 403)
  await world.advance('10s')
  await world.take()
  assert.equal(await new Sound(t, world, call.id, SECRET).refused(), 403)

  const opaque = '{"mpUri":"net.tcp://bot.example:8445","audioRenderContexts":["14778cc4"]}'
  const { call: other } = await answered(world, appHosted(opaque))
  assert.deepEqual(await world.lines(), ['updated call establishing', 'updated call established'])
  const { body } = await world.client('alpha').get(`${CALLS}/${other.id}`)
  assert.equal(body.mediaConfig.blob, opaque)
})

const wrong: readonly (readonly [blob: Json, explanation: string])[] = [
  [{ rollcall: 'sip', secret: SECRET }, 'mediaConfig.blob: rollcall must be "websocket" or "webrtc".'],
  [
    { rollcall: 'websocket', secret: 'short' },
    'mediaConfig.blob: secret must be 16 to 256 characters of ASCII without spaces, made for this call.',
  ],
  [{ rollcall: 'websocket', secret: SECRET, hears: 'all' }, 'mediaConfig.blob: hears must be "mix" or "voices".'],
]

for (const [blob, explanation] of wrong) {
  test(`a blob of our own with a mistake: ${explanation}`, async (t) => {
    const world = await startWorld(t)
    const { call, reply } = await answered(world, appHosted(blob))
    assertRefused(reply, invalidArgument(explanation))
    await world.client('alpha').post(`${CALLS}/${call.id}/reject`, {})
    await world.take()
  })
}

test('after a restart a call waits for its media, and says that it is away', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'rollcall-own-media-'))
  t.after(() => rmSync(data, { recursive: true, force: true }))
  let call: Known | undefined
  let lost: Known | undefined
  await t.test('before', async (inner) => {
    const world = await startWorld(inner, { data })
    lost = await create(world, [user('ada')], { more: { mediaConfig: own() } })
    await new Sound(inner, world, lost.id, SECRET).open()
    await world.settle()
    await world.take()
    call = await create(world, [user('ben')], { more: { mediaConfig: own() } })
    await new Sound(inner, world, call.id, SECRET).open()
    await world.settle()
    assert.deepEqual(await world.lines(), [
      'updated call establishing',
      'updated call established',
      'updated call established',
    ])
  })
  assert.ok(call && lost)
  // Its notifications go to where the bot was, so that what became of it is asked for.
  const world = await startWorld(t, { data })
  await world.settle()
  assert.equal(await mediaOf(world, call), 'inactive')
  await new Sound(t, world, call.id, SECRET).open()
  await world.settle()
  assert.equal(await mediaOf(world, call), 'active')
  const { body } = await world.control('GET', `/notifications?callId=${call.id}`)
  assert.equal(body.value.length, 5)
  await world.advance('10s')
  const { body: gone } = await world.control('GET', `/calls/${lost.id}`)
  assert.equal(gone.calls[0].reason, 'media-lost')
  await world.client('alpha').delete(`${CALLS}/${call.id}`)
})
