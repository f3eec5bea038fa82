/** The page's line to the server, on a line and a clock that the test has in its hand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Connection, Refusal } from './connection.ts'
import { type FakeLine, fakeLines, HELLO, WELCOME } from './still.suite.ts'
import { stillRuntime } from '../shared/still.suite.ts'

interface Bench {
  readonly connection: Connection
  readonly runtime: ReturnType<typeof stillRuntime>
  readonly lines: FakeLine[]
  readonly links: string[]
  readonly heard: string[]
  /** The newest line, opened and welcomed. */
  readonly welcomed: () => Promise<FakeLine>
}

function bench(hello: () => Promise<{ type: 'hello'; device: string }> = async () => HELLO): Bench {
  const runtime = stillRuntime()
  const { lines, open } = fakeLines()
  const links: string[] = []
  const heard: string[] = []
  const connection = new Connection({
    runtime,
    hello,
    open,
    on: {
      link: ({ state }) => void links.push(state),
      welcome: () => void heard.push('welcome'),
      state: () => void heard.push('state'),
      levels: () => void heard.push('levels'),
    },
  })
  const welcomed = async (): Promise<FakeLine> => {
    const line = lines.at(-1)
    assert.ok(line)
    line.events.opened()
    await Promise.resolve()
    line.say(WELCOME)
    return line
  }
  return { connection, runtime, lines, links, heard, welcomed }
}

test('it greets, is welcomed, and passes on what comes', async () => {
  const { connection, heard, links, welcomed } = bench()
  connection.start()
  const line = await welcomed()
  line.say({ type: 'state', now: 1, calls: [] })
  line.say({ type: 'levels', callId: 'c', speakers: {} })
  assert.deepEqual(line.sent, [HELLO])
  assert.deepEqual(heard, ['welcome', 'state', 'levels'])
  assert.deepEqual(links, ['connecting'])
})

test('answers find their questions', async () => {
  const { connection, welcomed } = bench()
  connection.start()
  const line = await welcomed()
  const first = connection.ask({ type: 'hangUp', callId: 'a' })
  const second = connection.ask({ type: 'hangUp', callId: 'b' })
  line.say({ type: 'refused', request: 2, code: 'callNotFound', explanation: 'There is no such call.' })
  line.say({ type: 'done', request: 1 })
  assert.deepEqual(await first, { type: 'done', request: 1 })
  await assert.rejects(second, (error) => error instanceof Refusal && error.code === 'callNotFound')
})

test('it beats, and gives up a line on which nothing is heard', async () => {
  const { connection, runtime, links, lines, welcomed } = bench()
  connection.start()
  const line = await welcomed()
  runtime.wind(2000)
  assert.deepEqual(
    line.sent.slice(1),
    Array.from({ length: 4 }, () => ({ type: 'beat' })),
  )
  line.say({ type: 'beat' })
  runtime.wind(2900)
  assert.equal(line.closed, false)
  runtime.wind(200)
  assert.equal(line.closed, true)
  assert.equal(links.at(-1), 'lost')
  runtime.wind(1000)
  assert.equal(lines.length, 2)
})

test('who waits for an answer hears that the line was lost, and nothing is asked without one', async () => {
  const { connection, runtime, lines, welcomed } = bench()
  connection.start()
  const line = await welcomed()
  const asked = connection.ask({ type: 'hangUp', callId: 'a' })
  line.events.closed()
  await assert.rejects(asked, { code: 'offline' })
  await assert.rejects(connection.ask({ type: 'hangUp', callId: 'a' }), { code: 'offline' })
  runtime.wind(1000)
  assert.equal(lines.length, 2)
  await welcomed()
  void connection.ask({ type: 'hangUp', callId: 'a' })
  assert.deepEqual(lines[1]?.sent.at(-1), { type: 'hangUp', callId: 'a', request: 2 })
})

test('it waits longer each time, within bounds, and not at all if it is told to', () => {
  const { connection, runtime, lines } = bench()
  connection.start()
  const waits: number[] = []
  for (let tries = 0; tries < 8; tries++) {
    const before = runtime.now()
    lines.at(-1)?.events.closed()
    const { length } = lines
    while (lines.length === length) runtime.wind(50)
    waits.push(runtime.now() - before)
  }
  assert.deepEqual(waits, [300, 600, 1200, 2400, 4800, 8000, 8000, 8000])
  lines.at(-1)?.events.closed()
  connection.retry()
  assert.equal(lines.length, 10)
})

test('a line that does not open is given up', () => {
  const { connection, runtime, lines } = bench()
  connection.start()
  runtime.wind(10_000)
  assert.equal(lines[0]?.closed, true)
})

test('what a former line says is not heard', async () => {
  const { connection, runtime, heard, welcomed } = bench()
  connection.start()
  const line = await welcomed()
  line.events.closed()
  runtime.wind(400)
  line.say({ type: 'state', now: 1, calls: [] })
  line.events.closed()
  assert.deepEqual(heard, ['welcome'])
})

test('it does not come back by itself where that makes no sense, and does where it does', async () => {
  for (const [code, state] of [
    ['replaced', 'refused'],
    ['signIn', 'refused'],
    ['restart', 'lost'],
  ] as const) {
    const { connection, runtime, links, lines, welcomed } = bench()
    connection.start()
    const line = await welcomed()
    line.say({ type: 'farewell', code, explanation: 'Because.' })
    line.events.closed()
    runtime.wind(60_000)
    assert.ok(links.includes(state), code)
    assert.equal(lines.length === 1, state === 'refused', code)
  }
})

test('who has to sign in is told so', async () => {
  const { connection, links, lines } = bench(() => Promise.reject(new Error('no token')))
  connection.start()
  lines[0]?.events.opened()
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(links, ['connecting', 'refused'])
})

test('after a goodbye nothing comes back', async () => {
  const { connection, runtime, lines, welcomed } = bench()
  connection.start()
  const line = await welcomed()
  connection.goodbye()
  assert.deepEqual(line.sent.at(-1), { type: 'goodbye' })
  runtime.wind(60_000)
  assert.equal(lines.length, 1)
})
