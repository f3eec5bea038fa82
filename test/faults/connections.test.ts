/** Garbage below HTTP: what is no request, what never ends, and what never begins. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { defaultConfig } from '../../src/config.ts'
import { startServer } from '../../src/server.ts'
import { callBody, startWorld, user } from '../support/world.ts'
import { assertSound } from './exchange.ts'

const HOST = 'Host: localhost\r\n'
const JSON_TYPE = 'Content-Type: application/json\r\n'

/** What must be refused, to the byte; and with which statuses it may be. */
const GARBAGE: readonly (readonly [name: string, bytes: string | Buffer, statuses: readonly number[]])[] = [
  ['a word', 'GARBAGE\r\n\r\n', [400]],
  ['no target', `GET\r\n${HOST}\r\n`, [400]],
  ['a target without a slash', `GET v1.0/communications/calls HTTP/1.1\r\n${HOST}\r\n`, [400]],
  ['a target in UTF-8', Buffer.from(`GET /v1.0/communications/calls/é😀 HTTP/1.1\r\n${HOST}\r\n`), [400, 401]],
  ['a target with a NUL', `GET /v1.0/\0 HTTP/1.1\r\n${HOST}\r\n`, [400]],
  ['a target with a space', `GET /v1.0/a b HTTP/1.1\r\n${HOST}\r\n`, [400]],
  ['a target of 100 KiB', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n${HOST}\r\n`, [431]],
  ['another protocol', `GET / SIP/2.0\r\n${HOST}\r\n`, [400]],
  ['another version', `GET / HTTP/7.3\r\n${HOST}\r\n`, [400]],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
  ['TLS', Buffer.from('16030100c8010000c40303', 'hex'), [400]],
  ['a method in small letters', `get / HTTP/1.1\r\n${HOST}\r\n`, [400]],
  ['an unknown method', `FETCH / HTTP/1.1\r\n${HOST}\r\n`, [400]],
  ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', [400]],
  ['a space before the colon', `GET / HTTP/1.1\r\nHost : localhost\r\n\r\n`, [400]],
  ['a header without a name', `GET / HTTP/1.1\r\n${HOST}: x\r\n\r\n`, [400]],
  ['a header with a NUL', `GET / HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n`, [400]],
  ['a folded header', `GET / HTTP/1.1\r\n${HOST}X: a\r\n b\r\n\r\n`, [400, 404]],
  ['a header of 100 KiB', `GET / HTTP/1.1\r\n${HOST}X: ${'a'.repeat(100_000)}\r\n\r\n`, [431]],
  ['5000 headers', `GET / HTTP/1.1\r\n${HOST}${'X: a\r\n'.repeat(5000)}\r\n`, [431]],
  ['two lengths', `POST /control/reset HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}`, [400]],
  ['a negative length', `POST /control/reset HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n`, [400]],
  ['a length with a sign', `POST /control/reset HTTP/1.1\r\n${HOST}Content-Length: +1\r\n\r\n{`, [400]],
  [
    'a length beyond all bounds',
    `POST /control/reset HTTP/1.1\r\n${HOST}Content-Length: ${'9'.repeat(40)}\r\n\r\n`,
    [400],
  ],
  [
    'a length that is too large',
    `POST /control/reset HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 999999999\r\n\r\n`,
    [413],
  ],
  [
    'a length and chunks',
    `POST /control/reset HTTP/1.1\r\n${HOST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    [400],
  ],
  ['an unknown encoding', `POST /control/reset HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip\r\n\r\n`, [400, 415, 501]],
  [
    'a chunk of no size',
    `POST /control/clock/advance HTTP/1.1\r\n${HOST}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
    [400],
  ],
  [
    'a chunk with 100 KiB of extensions',
    `POST /control/clock/advance HTTP/1.1\r\n${HOST}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(100_000)}\r\n{\r\n`,
    [400, 413],
  ],
  ['a second request that is none', `GET /healthz HTTP/1.1\r\n${HOST}\r\nGARBAGE\r\n\r\n`, [200]],
]

/** Sends bytes and gathers what comes until the connection ends, or an answer is complete. */
function exchange(url: string, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) })
    let text = ''
    socket.setTimeout(5000, () => socket.destroy(new Error('no answer within five seconds')))
    socket.on('connect', () => socket.write(bytes))
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8')
      const [head = '', body = ''] = text.split('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Infinity)
      if (body.length >= length) socket.destroy()
    })
    socket.on('error', (error) => (text === '' ? reject(error) : undefined))
    socket.on('close', () => resolve(text))
  })
}

test('what is no HTTP is refused in the same form as everything else', async (t) => {
  const world = await startWorld(t)
  for (const [name, bytes, statuses] of GARBAGE) {
    const answer = await exchange(world.url, bytes)
    const [head = '', rest = ''] = answer.split('\r\n\r\n')
    // Whatever follows the first answer is an answer to what follows the first request.
    const text = rest.slice(0, Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0))
    const [line = '', ...rows] = head.split('\r\n')
    const status = Number(line.split(' ')[1])
    assert.ok(statuses.includes(status), `${name}: ${answer.slice(0, 300)}`)
    const headers = Object.fromEntries(
      rows.map((row) => [row.split(': ')[0]?.toLowerCase(), row.replace(/^.*?: /, '')]),
    )
    const shot = { method: 'GET', path: name, headers: {}, body: Buffer.alloc(0) }
    // Node.js itself refuses some, and in no words at all.
    if (headers['content-type'] !== undefined) assertSound(shot, { status, headers, text }, 'graph')
  }
  assert.equal((await world.request('GET', '/healthz')).status, 200)
})

/** What a client sent when it stopped. */
const HALVES = [
  '',
  'GE',
  `GET /healthz HTTP/1.1\r\n${HOST}`,
  `POST /control/clock/advance HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 20\r\n\r\n{"by`,
  `POST /control/clock/advance HTTP/1.1\r\n${HOST}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n5\r\n{"b`,
]

/** Opens connections that stop half way. */
async function stall(url: string, count: number): Promise<readonly Socket[]> {
  const open = (text: string): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) })
      socket.on('error', reject)
      socket.on('connect', () => socket.write(text, () => resolve(socket)))
    })
  return Promise.all(Array.from({ length: count }, (_, index) => open(HALVES[index % HALVES.length] ?? '')))
}

test('half-open requests hold nobody up', async (t) => {
  const world = await startWorld(t)
  const sockets = await stall(world.url, 300)
  const client = world.client('alpha')
  const created = await client.post('/communications/calls', callBody(world, 'alpha', [user('ada')]))
  assert.equal(created.status, 201)
  assert.equal((await world.lines()).length, 2)
  for (const socket of sockets) socket.destroy()
})

test('half-open requests do not keep the server from closing', async () => {
  const drainTimeout = 100
  const server = await startServer(defaultConfig({ port: 0, data: 'memory', logLevel: 'silent', drainTimeout }))
  const sockets = await stall(server.url, 20)
  const ended = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on('close', resolve))))
  await server.close()
  await ended
})

/** A request for a WebSocket. */
const upgrade = (path: string): string =>
  `GET ${path} HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

test('whoever is refused a WebSocket, and does not close, is not waited for', { timeout: 20_000 }, async () => {
  const drainTimeout = 100
  const server = await startServer(defaultConfig({ port: 0, data: 'memory', logLevel: 'silent', drainTimeout }))
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(server.url).port), allowHalfOpen: true })
  socket.on('error', () => undefined)
  socket.write(upgrade('/media/calls/none'))
  const [answer] = (await once(socket, 'data')) as [Buffer]
  assert.match(answer.toString(), /^HTTP\/1\.1 401 /)
  await server.close()
  socket.destroy()
})

test('a path of thousands of slashes takes no time', async (t) => {
  const world = await startWorld(t)
  const path = `${'/'.repeat(15_000)}x`
  await exchange(world.url, upgrade('/x'))
  const before = process.cpuUsage()
  for (let count = 0; count < 10; count++) assert.match(await exchange(world.url, upgrade(path)), /^HTTP\/1\.1 404 /)
  const { user: spent } = process.cpuUsage(before)
  assert.ok(spent < 900_000, `${spent / 1000} ms of the processor`)
})
