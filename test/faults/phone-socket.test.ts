/** The socket of pages: garbage, floods, huge messages, slow readers, strangers. Nobody else notices. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { WebSocket } from 'ws'
import type { Config } from '../../src/config.ts'
import { OFFER, Page, openGuest, openPage } from '../support/page.ts'
import { SilentEngine } from '../support/silent-engine.ts'
import { signIn } from '../support/sign-in.ts'
import { MEETING_ROLES, makeMeeting } from '../scenarios/meeting-steps.ts'
import { USERS, startWorld } from '../support/world.ts'
import type { World } from '../support/world.ts'

function setUp(t: TestContext, config: Partial<Config> = {}): Promise<World> {
  return startWorld(t, config, {}, {}, undefined, new SilentEngine())
}

/** A page that has connected and said nothing yet. */
async function connected(t: TestContext, world: World, origin?: string): Promise<Page> {
  const page = new Page(world.url, 'a-strange-page', origin)
  t.after(() => page.socket.terminate())
  await page.until('open', () => page.socket.readyState === WebSocket.OPEN)
  return page
}

const closed = (page: Page): Promise<number> => page.until('closed', () => page.closed)

test('what is no hello ends the connection, in a word', async (t) => {
  const world = await setUp(t)
  for (const message of ['', 'nonsense', '[]', 'null', '{}', '{"type":"answer"}', '{"type":"hello","device":"x"}']) {
    const page = await connected(t, world)
    page.say(message)
    assert.equal(await closed(page), 1007, message)
    assert.equal(page.farewell?.code, 'badMessage')
  }
})

test('whoever cannot say who they are is not let in', async (t) => {
  const world = await setUp(t)
  const bots = await world.token('alpha')
  for (const hello of [{ token: 'x' }, { token: bots }, {}]) {
    const page = await connected(t, world)
    await page.hello(hello)
    assert.deepEqual([page.farewell?.code, page.welcome], ['signIn', undefined])
  }
})

test("pages of other sites are refused, and the server's own by any of its names are not", async (t) => {
  const world = await setUp(t)
  const { port } = new URL(world.url)
  for (const origin of ['https://evil.example', 'null', `http://evil.example:${port}`]) {
    const page = new Page(world.url, 'a-strange-page', origin)
    await page.until('closed', () => page.closed !== undefined)
    assert.equal(page.closed, 1006)
  }
  for (const host of ['localhost', '127.0.0.1']) await connected(t, world, `http://${host}:${port}`)
})

test('a page is cut off for a flood, a huge message, bytes and text that is none', async (t) => {
  const world = await setUp(t, { phoneMessageRate: 20, phoneMessageSize: 16_384 })
  const flood = await openPage(t, world, 'ada')
  for (let count = 0; count < 200; count++) flood.say({ type: 'beat' })
  assert.equal(await closed(flood), 1008)
  assert.equal(flood.farewell?.code, 'flood')
  const huge = await openPage(t, world, 'ada')
  huge.say({ type: 'find', request: 1, text: 'x'.repeat(20_000) })
  assert.equal(await closed(huge), 1009)
  const bytes = await openPage(t, world, 'ada')
  bytes.socket.send(Buffer.from([0xff, 0xfe, 0x00]))
  assert.equal(await closed(bytes), 1007)
})

test('a request that cannot be read is refused by its number, and the page goes on', async (t) => {
  const world = await setUp(t)
  const page = await openPage(t, world, 'ada')
  page.say({ type: 'tone', request: 7, callId: 'x', tone: 'loud' })
  const refused = await page.until('refused', () => page.received.find(({ type }) => type === 'refused'))
  assert.ok(refused.type === 'refused')
  assert.deepEqual([refused.request, refused.code], [7, 'badRequest'])
  assert.equal(await page.refused({ type: 'hangUp', callId: 'nothing' }), 'callNotFound')
})

test('any messages in any order do no harm', { timeout: 120_000 }, async (t) => {
  const world = await setUp(t, { phoneMessageRate: 10_000 })
  const quiet = await openPage(t, world, 'ben')
  const { accessToken: token } = await signIn(world.url, USERS.ada)
  const words = ['answer', 'decline', 'hangUp', 'offer', 'rejoin', 'mute', 'hold', 'tone', 'call', 'join', 'admit']
  const others = ['turnAway', 'share', 'camera', 'watch', 'find', 'beat']
  const type = fc.constantFrom(...words, ...others, 'hello', 'goodbye', '__proto__')
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(OFFER), fc.object())
  const keys = [
    'request',
    'callId',
    'offer',
    'muted',
    'held',
    'tone',
    'target',
    'meeting',
    'text',
    'participantId',
    'on',
    'cameras',
    'screen',
  ]
  const message = fc.tuple(type, fc.dictionary(fc.constantFrom(...keys, 'constructor'), value)).map(([name, more]) => ({
    request: 1,
    callId: 'c',
    offer: OFFER,
    ...more,
    type: name,
  }))
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 20 }), async (messages) => {
      const page = new Page(world.url, 'a-strange-page')
      await page.hello({ token })
      assert.ok(page.welcome)
      for (const one of messages) if (page.socket.readyState === WebSocket.OPEN) page.say(one)
      await page.leave()
      for (const one of page.received)
        assert.ok(one.type !== 'refused' || one.code !== 'generalException', JSON.stringify(one))
    }),
    { numRuns: 40 },
  )
  assert.equal(await quiet.refused({ type: 'hangUp', callId: 'x' }), 'callNotFound')
})

test('a page that does not read is cut off, and holds nobody up', { timeout: 120_000 }, async (t) => {
  const sound = new SilentEngine()
  const config = { phoneSendBuffer: 16_384 }
  const world = await startWorld(t, config, { alpha: { roles: MEETING_ROLES } }, {}, undefined, sound)
  const { joinWebUrl: meeting } = await makeMeeting(world, { lobbyBypassSettings: { scope: 'everyone' } })
  const slow = await openPage(t, world, 'ada')
  await slow.do({ type: 'join', meeting, offer: OFFER })
  await slow.phase('connected')
  slow.socket.pause()
  // Every one of them is told of all before.
  for (let count = 0; count < 300; count++) {
    const guest = `${count}${'x'.repeat(250)}`
    const { status } = await world.control('POST', '/meetings/join', { meeting, guest })
    assert.equal(status, 201)
  }
  const quick = await openPage(t, world, 'ben')
  await quick.do({ type: 'find', text: '' })
  slow.socket.resume()
  assert.equal(await closed(slow), 1006)
})

test('so many pages of one person, so many in all, so many requests at once', async (t) => {
  const world = await setUp(t, { phonePages: 2, phoneConnections: 4 })
  const first = await openPage(t, world, 'ada')
  const second = await openPage(t, world, 'ada')
  const third = await openPage(t, world, 'ada')
  assert.equal(await closed(first), 4429)
  assert.deepEqual([second.closed, third.closed], [undefined, undefined])
  const same = await openPage(t, world, 'ada', second.device)
  assert.equal(await closed(second), 4409)
  await openGuest(t, world, { displayName: 'Gus' })
  await openGuest(t, world, { displayName: 'Gus' })
  const page = new Page(world.url, 'one-too-many')
  await page.until('closed', () => page.closed !== undefined)
  assert.equal(same.closed, undefined)
})

test('a silent page counts as gone; one that beats does not', async (t) => {
  const world = await setUp(t, { phoneHeartbeat: 200 })
  const silent = await openPage(t, world, 'ada')
  const alive = await openPage(t, world, 'ben')
  const timer = setInterval(() => alive.say({ type: 'beat' }), 100)
  t.after(() => clearInterval(timer))
  assert.equal(await closed(silent), 4408)
  assert.ok(alive.received.some(({ type }) => type === 'beat'))
  assert.equal(alive.closed, undefined)
})

test('whoever is taken out of the directory is out', async (t) => {
  const world = await setUp(t, { adminKey: 'an-admin-key' })
  const page = await openPage(t, world, 'ada')
  const authorization = 'Bearer an-admin-key'
  const gone = await world.request('DELETE', `/v1.0/users/${USERS.ada}`, undefined, { authorization })
  assert.equal(gone.status, 204)
  page.say({ type: 'find', request: 1, text: '' })
  assert.equal(await closed(page), 4401)
})

test('other upgrades are none of its business: the request is answered as ever', async (t) => {
  const world = await setUp(t)
  const { port } = new URL(world.url)
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const asked = request(
      {
        port,
        path: '/healthz',
        headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': '' },
      },
      (response) => {
        response.resume()
        resolve(response.statusCode)
      },
    )
    asked.on('error', reject)
    asked.end()
  })
  assert.equal(status, 200)
  assert.equal((await world.request('GET', '/phone/socket')).status, 404)
})

test('a connection that breaks in the middle of a frame, or never becomes one, leaves nothing behind', async (t) => {
  const world = await setUp(t)
  const page = await openPage(t, world, 'ada')
  const { port } = new URL(world.url)
  const key = 'dGhlIHNhbXBsZSBub25jZQ=='
  const head = `GET /phone/socket HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: Upgrade\r\n`
  for (const rest of [`sec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n\x81\xfe\xff`, '\r\n', 'sec-we']) {
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(Buffer.from(head + rest, 'latin1'))
    await new Promise((resolve) => setTimeout(resolve, 100))
    socket.destroy()
  }
  await world.client('alpha').post('/communications/calls', {})
  assert.equal(await page.refused({ type: 'decline', callId: 'nothing' }), 'callNotFound')
})
