/** OpenTelemetry: what a collector gets of requests, commits and notifications. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { Config } from '../../src/config.ts'
import { defaultConfig } from '../../src/config.ts'
import { startServer } from '../../src/server.ts'
import type { Collector, Span } from '../support/collector.ts'
import { startCollector } from '../support/collector.ts'
import type { Notification } from '../support/bot.ts'
import { SECRET, callBody, startWorld, user } from '../support/world.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const traceparent = `00-${TRACE}-${PARENT}-01`

/** What a bot got beside the notifications: the headers of each POST. */
interface Story {
  readonly collector: Collector
  readonly chain: string
  readonly callId: string
  readonly requestId: string
  readonly headers: readonly Readonly<Record<string, unknown>>[]
  readonly notifications: readonly Notification[]
}

/** A call is made within a client's trace; the server has stopped, so everything was sent. */
async function tell(t: TestContext, config: Partial<Config> = {}): Promise<Story> {
  const collector = await startCollector(t)
  let story: Omit<Story, 'collector'> | undefined
  await t.test('a call', async (inner) => {
    const world = await startWorld(inner, { otlpEndpoint: collector.url, ...config })
    const body = callBody(world, 'alpha', [user('ada')])
    const created = await world.client('alpha').post('/communications/calls?secret=in-the-query', body, { traceparent })
    const notifications = await world.take()
    story = {
      chain: created.body.callChainId,
      callId: created.body.id,
      requestId: created.headers.get('request-id') ?? '',
      headers: world.bots.alpha.received.map(({ headers }) => headers),
      notifications,
    }
  })
  assert.ok(story)
  return { collector, ...story }
}

const named = (spans: readonly Span[], name: string): readonly Span[] => spans.filter((span) => span.name === name)

test('a request, its commit and its notifications are one trace, which begins at the client and reaches the bot', async (t) => {
  const { collector, chain, callId, requestId, headers, notifications } = await tell(t)
  assert.equal(collector.service(), 'rollcall')
  const [request] = named(collector.spans, 'call: create')
  assert.ok(request)
  assert.deepEqual([request.traceId, request.parentSpanId], [TRACE, PARENT])
  assert.equal(request.attributes['rollcall.request_id'], requestId)
  assert.equal(request.attributes['rollcall.call_id'], callId)
  assert.equal(request.attributes['http.response.status_code'], 201)
  assert.equal(request.attributes['url.path'], '/v1.0/communications/calls')
  const [commit] = named(collector.spans, 'commit CreateCall')
  assert.ok(commit)
  assert.deepEqual([commit.traceId, commit.parentSpanId], [TRACE, request.spanId])
  assert.equal(commit.attributes['rollcall.call_chain_id'], chain)
  assert.equal(commit.attributes['rollcall.request_id'], requestId)
  const posts = named(collector.spans, 'POST notification')
  assert.equal(posts.length, notifications.length)
  const [first] = posts
  assert.deepEqual([first?.traceId, first?.parentSpanId], [TRACE, commit.spanId])
  const commits = new Set(collector.spans.filter(({ name }) => name.startsWith('commit ')).map(({ spanId }) => spanId))
  for (const [index, post] of posts.entries()) {
    assert.ok(commits.has(post.parentSpanId ?? ''), 'a notification hangs below the commit that owed it')
    assert.equal(headers[index]?.['traceparent'], `00-${post.traceId}-${post.spanId}-01`)
    assert.equal(post.attributes['rollcall.notification_id'], headers[index]?.['x-microsoft-skype-message-id'])
    assert.equal(post.attributes['rollcall.call_chain_id'], chain)
  }
})

test('everything of a call has its chain id; nothing has secrets', async (t) => {
  const { collector, chain } = await tell(t)
  for (const { name, attributes } of collector.spans) {
    if (/^(commit |POST notification|call: )/.test(name))
      assert.equal(attributes['rollcall.call_chain_id'], chain, name)
  }
  const all = collector.bodies.join()
  for (const secret of [SECRET, 'in-the-query', 'Bearer', 'eyJ']) assert.equal(all.includes(secret), false, secret)
})

test('an unfit traceparent begins a trace; no share of them is none, but for those of clients', async (t) => {
  const { collector } = await tell(t, { traceShare: 0 })
  assert.deepEqual(new Set(collector.spans.map(({ traceId }) => traceId)), new Set([TRACE]))
})

test('a webhook that fails shows in its span', async (t) => {
  const collector = await startCollector(t)
  await t.test('a call', async (inner) => {
    const world = await startWorld(inner, { otlpEndpoint: collector.url })
    world.bots.alpha.answer = (_post, index) => (index === 0 ? 500 : 202)
    await world.client('alpha').post('/communications/calls', callBody(world, 'alpha', [user('ada')]))
    await world.advance('10s')
    await world.take()
  })
  const posts = named(collector.spans, 'POST notification')
  assert.deepEqual(
    posts.slice(0, 2).map(({ failed, attributes }) => [failed, attributes['http.response.status_code']]),
    [
      [true, 500],
      [false, 202],
    ],
  )
  assert.equal(posts[0]?.parentSpanId, posts[1]?.parentSpanId)
})

test('a collector that refuses is told of once, and keeps nobody waiting', async (t) => {
  const collector = await startCollector(t, 400)
  const lines: string[] = []
  const config = defaultConfig({ port: 0, data: 'memory', logLevel: 'warn', otlpEndpoint: collector.url })
  const server = await startServer(config, { log: { write: (line) => void lines.push(line) } })
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
  await server.close()
  assert.equal(lines.filter((line) => line.includes('traces are not taken (option otlpEndpoint)')).length, 1)
})

test('off by default: bots get no traceparent', async (t) => {
  const world = await startWorld(t)
  const body = callBody(world, 'alpha', [user('ada')])
  await world.client('alpha').post('/communications/calls', body, { traceparent })
  await world.take()
  for (const { headers } of world.bots.alpha.received) assert.equal(headers['traceparent'], undefined)
})
