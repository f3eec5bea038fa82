/** Clients that mean harm, over HTTP: slow ones, bombs, pollution, lines forged in the log. Loopback only, and bounded. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { defaultConfig } from '../../src/config.ts'
import { startServer } from '../../src/server.ts'
import type { World } from '../support/world.ts'
import { APPS, TENANT, callBody, startWorld, user } from '../support/world.ts'

interface Ended {
  readonly text: string
  /** Real milliseconds. */
  readonly after: number
}

/** A connection on which something is sent, and then one more letter every now and then, until the server has enough. */
function dribble(url: string, first: string, letter = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const started = performance.now()
    let text = ''
    const socket: Socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) })
    socket.on('connect', () => socket.write(first))
    const timer = setInterval(() => letter !== '' && socket.writable && socket.write(letter), 100)
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearInterval(timer)
      resolve({ text, after: performance.now() - started })
    })
  })
}

const HEAD = 'POST /control/reset HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
const SLOW: readonly (readonly [name: string, first: string, letter: string])[] = [
  ['that never ends its headers', `${HEAD}X: `, 'a'],
  ['that sends one header after the other', HEAD, 'X: a\r\n'],
  ['that never ends its body', `${HEAD}Content-Length: 1000\r\n\r\n{`, ' '],
  ['that sends one chunk after the other', `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`, '1\r\n \r\n'],
  ['that stops in its body', `${HEAD}Content-Length: 1000\r\n\r\n{`, ''],
]

test('slow clients are cut off in time, and hold nobody up', async (t) => {
  const world = await startWorld(t, { requestTimeout: 1000 })
  const ends = Promise.all(
    SLOW.map(async ([name, first, letter]) => [name, await dribble(world.url, first, letter)] as const),
  )
  assert.equal((await world.request('GET', '/healthz')).status, 200)
  for (const [name, { text, after }] of await ends) {
    assert.match(text, /^HTTP\/1.1 408 Request Timeout/, name)
    assert.ok(after < 6000, `a client ${name} was there for ${after} ms`)
  }
})

test('connections beyond the limit are closed, and those before go on', async (t) => {
  const world = await startWorld(t, { maxConnections: 5 })
  const request = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
  const idle = Array.from({ length: 5 }, () => connect({ host: '127.0.0.1', port: Number(new URL(world.url).port) }))
  await Promise.all(idle.map((socket) => new Promise((resolve) => socket.on('connect', resolve))))
  assert.equal((await dribble(world.url, request)).text, '')
  for (const socket of idle) socket.destroy()
  // The server has to notice first that they are gone.
  let answer = ''
  for (let round = 0; round < 100 && answer === ''; round++) answer = (await dribble(world.url, request)).text
  assert.match(answer, /^HTTP\/1.1 200/)
})

/** Bodies that are small to send and dear to handle. */
const BOMBS: readonly (readonly [name: string, body: string])[] = [
  ['lists in lists', '['.repeat(500_000) + ']'.repeat(500_000)],
  ['objects in objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ['lists in lists beside what is expected', `{"targets":[],"x":${'['.repeat(2000)}${']'.repeat(2000)}}`],
  ['a million targets', `{"callbackUri":"https://bot.example","targets":[${'{},'.repeat(330_000)}{}]}`],
  ['as many names', `{${Array.from({ length: 60_000 }, (_, index) => `"n${index}":1`).join()}}`],
  ['one name as often', `{${'"a":1,'.repeat(160_000)}"a":1}`],
  ['a long number', `{"callbackUri":${'9'.repeat(1_000_000)}}`],
  ['escapes', `{"callbackUri":"${'\\u0041'.repeat(170_000)}"}`],
  ['a long text', `{"callbackUri":"https://${'a'.repeat(1_000_000)}"}`],
]

test('bodies that are bombs are refused in moments', async (t) => {
  const world = await startWorld(t)
  const token = await world.token('alpha')
  const aims = ['/v1.0/communications/calls', '/beta/subscriptions', '/v1.0/$batch', '/control/calls']
  for (const [name, body] of BOMBS) {
    for (const path of aims) {
      const started = performance.now()
      const { status } = await world.request('POST', path, body, { authorization: `Bearer ${token}` })
      assert.ok(status === 400 || status === 403 || status === 413, `${name}: ${path}: ${status}`)
      const took = performance.now() - started
      assert.ok(took < 3000, `${name}: ${path} took ${took} ms`)
    }
  }
  const { headers } = await world.request('POST', '/control/calls', BOMBS[2]?.[1])
  assert.match(headers.get('rollcall-explanation') ?? '', /nested more than 100 levels deep/)
})

const POLLUTION =
  '"__proto__":{"polluted":1,"mode":"x"},"constructor":{"prototype":{"polluted":1}},"prototype":{"polluted":1}'

async function assertClean(world: World): Promise<void> {
  assert.equal((Object.prototype as Record<string, unknown>)['polluted'], undefined)
  assert.equal(({} as Record<string, unknown>)['mode'], undefined)
  assert.equal((await world.request('GET', '/healthz')).status, 200)
}

test('prototypes are not polluted by bodies, queries or paths, and inherited names lead nowhere', async (t) => {
  const world = await startWorld(t)
  const client = world.client('alpha')
  const body = JSON.stringify(callBody(world, 'alpha', [user('ada')])).replace('{', `{${POLLUTION},`)
  const created = await client.post('/communications/calls', body)
  assert.equal(created.status, 201)
  await world.settle()
  const path = `/communications/calls/${created.body.id}`
  await client.post(`${path}/updateRecordingStatus`, `{${POLLUTION},"clientContext":"a","status":"recording"}`)
  await world.control('PUT', '/scripts/ada@contoso.example', `{"answer":{${POLLUTION},"after":"1s"}}`)
  await world.control('POST', '/calls', `{${POLLUTION},"from":"ada","to":"x"}`)
  await world.request('GET', '/control/journal?__proto__[polluted]=1&constructor.prototype.polluted=1&__proto__=x')
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
    const paths = [`/communications/calls/${name}`, `${path}/operations/${name}`, `${path}/participants/${name}`]
    for (const one of paths) assert.equal((await client.get(one)).status, 404, one)
    for (const one of [`/calls/${name}`, `/notifications/${name}`, `/meetings/${name}`, `/explain/${name}`]) {
      assert.equal((await world.control('GET', one)).status, 404, one)
    }
    const form = `grant_type=client_credentials&client_id=${name}&client_secret=x&scope=https://graph.microsoft.com/.default`
    const token = await world.request('POST', `/${TENANT}/oauth2/v2.0/token`, form, {
      'content-type': 'application/x-www-form-urlencoded',
    })
    assert.equal(token.status, 400)
    const reply = await world.request('POST', `/${name}/oauth2/v2.0/token`, form, {
      'content-type': 'application/x-www-form-urlencoded',
    })
    assert.equal(reply.status, 400)
  }
  await assertClean(world)
  await client.delete(path)
  await world.take()
})

test('nothing that is sent can forge a line of the log', async () => {
  const lines: string[] = []
  const log = { write: (line: string) => void lines.push(line) }
  const config = defaultConfig({ port: 0, data: 'memory', logLevel: 'debug' })
  const server = await startServer(config, { log })
  const forged = '{"level":30,"msg":"forged"}'
  const nasty = [`/%0a${encodeURIComponent(forged)}`, `/v1.0/\u001b[31mred`, `/a?b=%0d%0a${encodeURIComponent(forged)}`]
  for (const path of nasty) await fetch(server.url + path, { headers: { 'client-request-id': 'a\tb', via: '\u00e9' } })
  await fetch(`${server.url}/control/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: `a\n${forged}\n`, to: APPS.alpha }),
  })
  await server.close()
  assert.ok(lines.length >= nasty.length)
  for (const line of lines) {
    assert.ok(line.endsWith('}\n') && !/[^\P{Cc}\n]|\n./u.test(line), line)
    assert.notEqual((JSON.parse(line) as { msg: string }).msg, 'forged')
  }
})
