import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { DeliveryReport, JoiningAnswered } from '../calls/commands.ts'
import type { Conversation } from '../calls/conversation.ts'
import type { CallView, Notification, NotificationRef } from '../calls/notification.ts'
import { Activity, sequenceAfter, virtualClock } from '../runtime.ts'
import { openMemory } from '../store/sqlite.ts'
import type { Delivery, Store } from '../store/store.ts'
import { backOff } from './back-off.ts'
import { Outbox } from './outbox.ts'
import type { OutboxLimits } from './outbox.ts'
import type { Message, Outcome, Poster } from './post.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const START = Date.UTC(2026, 0, 1)

/** How a bot answers a POST: a status, `silent` for a fault, or later. */
type Answer = number | 'silent' | Promise<number>

/** An outbox with a bot that answers as it is told, and everything that happened in short lines. */
class Bench {
  readonly store: Store
  readonly clock = virtualClock(START)
  readonly outbox: Outbox
  readonly posts: Message[] = []
  /** `seconds name[ name]` for each POST. */
  readonly lines: string[] = []
  readonly reports: (DeliveryReport | JoiningAnswered)[] = []
  readonly faults: unknown[] = []
  answer: (name: string, message: Message) => Answer = () => 202
  readonly #activity = new Activity()
  #version = 0

  constructor(t: TestContext, options: { readonly limits?: Partial<OutboxLimits>; readonly batch?: boolean } = {}) {
    this.store = openMemory()
    const poster: Poster = { post: (message) => this.#post(message), close: () => Promise.resolve() }
    this.outbox = new Outbox({
      store: this.store,
      clock: this.clock,
      sequence: sequenceAfter(0),
      activity: this.#activity,
      sign: (appId, tenantId) => Promise.resolve(`Bearer ${appId} ${tenantId}`),
      shakesHands: () => false,
      poster,
      limits: { retryLimit: MINUTE, giveUp: 30 * MINUTE, queue: 1000, recordingAnswer: 5000, ...options.limits },
      callbackProblem: (uri) => (uri.startsWith('https:') ? undefined : 'must be https'),
      batch: options.batch ?? false,
      baseUrl: () => 'https://rollcall.example',
      report: (_conversationId, report) => this.reports.push(report),
      onAttempt: () => undefined,
      onFault: (fault) => this.faults.push(fault),
    })
    t.after(async () => {
      this.outbox.close()
      this.clock.stop()
      await this.store.close()
    })
  }

  /** Commits notifications by name (call and number, such as `a1`); nothing hands them over yet. */
  async commit(...named: readonly (string | Named)[]): Promise<readonly Delivery[]> {
    const deliveries = named.map((one, index) => deliveryOf(one, this.#version * 100 + index))
    await this.store.commit({
      conversation: {
        id: 'c',
        tenantId: 't',
        createdAt: 0,
        departures: [] as Conversation['departures'],
      } as Conversation,
      version: this.#version,
      newCalls: [],
      deliveries,
      timeline: { order: ++this.#version, at: START, conversationId: 'c', command: 'Wake', events: [] },
    })
    return deliveries
  }

  async send(...named: readonly (string | Named)[]): Promise<void> {
    this.outbox.handOver(await this.commit(...named))
    await this.advance(0)
  }

  advance(milliseconds: number): Promise<void> {
    return this.clock.advance(milliseconds, () => this.#activity.idle(100))
  }

  async states(): Promise<string> {
    const all = await this.store.deliveries({ limit: 1000, most: 1e9 })
    return all.deliveries
      .toReversed()
      .map(({ id, state, attempts }) => `${id} ${state} ${attempts}`)
      .join(', ')
  }

  async #post(message: Message): Promise<Outcome> {
    const name = message.headers['x-microsoft-skype-message-id'] ?? ''
    this.posts.push(message)
    const count = (JSON.parse(message.body) as { value: unknown[] }).value.length
    this.lines.push(`${(this.clock.now() - START) / SECOND} ${name}${count > 1 ? ` and ${count - 1}` : ''}`)
    const answer = await this.answer(name, message)
    const { url } = message
    if (answer === 'silent') return { url, error: 'no answer', latency: 1 }
    const error = answer < 300 ? {} : { error: `the bot answered ${answer}` }
    return { url, status: answer, latency: 1, ...error }
  }
}

interface Named {
  readonly name: string
  readonly after?: string
  readonly phase?: 'incoming'
  readonly callbackUri?: string
}

function deliveryOf(given: string | Named, order: number): Delivery {
  const {
    name,
    after,
    phase = 'terminating',
    callbackUri = 'http://bot/',
  } = typeof given === 'string' ? { name: given } : given
  const { callId, number } = refOf(name)
  const call = {
    id: callId,
    source: { identity: { kind: 'user', id: 'ada' } },
    targets: [],
  } as unknown as CallView['call']
  const notification: Notification = {
    callId,
    number,
    appId: 'app',
    tenantId: 't',
    changeType: 'updated',
    callbackUri,
    wireVersion: 'v1.0',
    callChainId: 'chain',
    scenarioId: 'scenario',
    subject: { type: 'call', view: { call, callChainId: 'chain' }, phase },
    ...(after !== undefined && { after: refOf(after) }),
  }
  return { id: name, order, conversationId: 'c', notification, createdAt: START, state: 'pending', attempts: 0 }
}

function refOf(name: string): NotificationRef {
  return { callId: name[0] ?? '', number: Number(name.slice(1)) }
}

/** A promise, and what settles it. */
function later(): { readonly promise: Promise<number>; readonly answer: (status: number) => void } {
  const { promise, resolve } = Promise.withResolvers<number>()
  return { promise, answer: resolve }
}

test('the notifications of a call leave one after the other, those of two calls at once', async (t) => {
  const bench = new Bench(t)
  const slow = later()
  bench.answer = (name) => (name === 'a1' ? slow.promise : 202)
  await bench.send('a1', 'a2', 'b1', 'a3')
  assert.deepEqual(bench.lines, ['0 a1', '0 b1'])
  slow.answer(204)
  await bench.send('a4')
  assert.deepEqual(bench.lines, ['0 a1', '0 b1', '0 a2', '0 a3', '0 a4'])
  assert.equal(await bench.states(), 'a1 delivered 1, a2 delivered 1, b1 delivered 1, a3 delivered 1, a4 delivered 1')
  assert.equal(bench.outbox.waiting, 0)
})

test('every POST has the documented headers', async (t) => {
  const bench = new Bench(t)
  await bench.send('a1')
  assert.deepEqual(bench.posts[0]?.headers, {
    accept: 'application/json',
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Microsoft-Skype/3.0,(Calling/1.0)',
    authorization: 'Bearer app t',
    'client-request-id': 'a1',
    'scenario-id': 'scenario',
    'x-microsoft-skype-chain-id': 'chain',
    'x-microsoft-skype-message-id': 'a1',
  })
})

test('back-off: 1, 2, 4, 8 ... up to the limit', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 100].map((attempts) => backOff(attempts, MINUTE) / SECOND)
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60])
})

test('a refused notification is tried again with the same bytes, and holds up its own call only', async (t) => {
  const bench = new Bench(t)
  bench.answer = (name) => (name === 'a1' && bench.posts.length < 6 ? (bench.posts.length % 2 ? 500 : 'silent') : 202)
  await bench.send('a1', 'a2', 'b1')
  await bench.advance(MINUTE)
  assert.deepEqual(bench.lines, ['0 a1', '0 b1', '1 a1', '3 a1', '7 a1', '15 a1', '15 a2'])
  const tries = bench.posts.filter(({ headers }) => headers['x-microsoft-skype-message-id'] === 'a1')
  assert.equal(new Set(tries.map(({ body }) => body)).size, 1)
  const attempts = await bench.store.attempts(['a1'])
  assert.deepEqual(
    attempts.map(({ number, status, error }) => `${number} ${status ?? ''} ${error ?? ''}`.trim()),
    ['1 500 the bot answered 500', '2 500 the bot answered 500', '3  no answer', '4 500 the bot answered 500', '5 202'],
  )
})

test('after giveUp it is dead, and the next one leaves', async (t) => {
  const bench = new Bench(t, { limits: { giveUp: 10 * SECOND } })
  bench.answer = (name) => (name === 'a1' ? 503 : 202)
  await bench.send('a1', 'a2')
  await bench.advance(MINUTE)
  assert.deepEqual(bench.lines, ['0 a1', '1 a1', '3 a1', '7 a1', '15 a1', '15 a2'])
  assert.equal(await bench.states(), 'a1 dead 5, a2 delivered 1')
})

test('410 ends it at once', async (t) => {
  const bench = new Bench(t)
  bench.answer = (name) => (name === 'a1' ? 410 : 202)
  await bench.send('a1', 'a2')
  assert.equal(await bench.states(), 'a1 dead 1, a2 delivered 1')
})

test('batch: what waits together leaves together, but never to two addresses or past a dependency', async (t) => {
  const bench = new Bench(t, { batch: true })
  await bench.send('a1', 'a2', 'a3', { name: 'a4', callbackUri: 'http://other/' }, { name: 'a5', after: 'b1' }, 'a6')
  assert.deepEqual(bench.lines, ['0 a1 and 2', '0 a4', '0 a5 and 1'])
})

test('batch: a failed one is repeated as it was, whatever came meanwhile', async (t) => {
  const bench = new Bench(t, { batch: true })
  bench.answer = () => (bench.posts.length === 1 ? 500 : 202)
  await bench.send('a1', 'a2')
  await bench.send('a3', 'a4')
  await bench.advance(SECOND)
  assert.deepEqual(bench.lines, ['0 a1 and 1', '1 a1 and 1', '1 a3 and 1'])
  assert.equal(bench.posts[0]?.body, bench.posts[1]?.body)
})

test('more than the memory may hold waits in the store, and keeps its order', async (t) => {
  const bench = new Bench(t, { limits: { queue: 2 } })
  const slow = later()
  bench.answer = (name) => (name === 'a1' ? slow.promise : 202)
  await bench.send('a1', 'a2', 'a3', 'a4')
  await bench.send('a5')
  assert.equal(bench.outbox.waiting, 2)
  slow.answer(200)
  await bench.advance(0)
  await bench.send('a6')
  assert.deepEqual(bench.lines, ['0 a1', '0 a2', '0 a3', '0 a4', '0 a5', '0 a6'])
})

test('what is handed over while the store is asked for more is not forgotten', async (t) => {
  const bench = new Bench(t, { limits: { queue: 2 } })
  const slow = later()
  bench.answer = (name) => (name === 'a1' ? slow.promise : 202)
  await bench.send('a1', 'a2', 'a3')
  const pending = bench.store.pending.bind(bench.store)
  bench.store.pending = async (options) => {
    bench.store.pending = pending
    const found = await pending(options)
    bench.outbox.handOver(await bench.commit('a4'))
    return found
  }
  slow.answer(200)
  await bench.advance(0)
  assert.deepEqual(bench.lines, ['0 a1', '0 a2', '0 a3', '0 a4'])
})

test('a new outbox goes on where the old one stopped', async (t) => {
  const bench = new Bench(t, { limits: { queue: 2 } })
  await bench.commit('a1', 'a2', 'a3', 'b1')
  await bench.outbox.start()
  await bench.advance(0)
  assert.deepEqual(bench.lines.toSorted(), ['0 a1', '0 a2', '0 a3', '0 b1'])
  assert.ok(bench.lines.indexOf('0 a1') < bench.lines.indexOf('0 a2'))
})

test("after: it waits until the other call's notification was tried", async (t) => {
  const bench = new Bench(t)
  const slow = later()
  bench.answer = (name) => (name === 'b1' ? slow.promise : 202)
  await bench.send({ name: 'a1', after: 'b2' }, 'b1', 'b2')
  assert.deepEqual(bench.lines, ['0 b1'])
  slow.answer(200)
  await bench.advance(0)
  assert.deepEqual(bench.lines, ['0 b1', '0 b2', '0 a1'])
})

test('after: a stuck queue holds nobody up', async (t) => {
  const bench = new Bench(t)
  bench.answer = (name) => (name === 'b1' ? 500 : 202)
  await bench.send({ name: 'a1', after: 'b2' }, 'b1', 'b2')
  assert.deepEqual(bench.lines, ['0 b1', '0 a1'])
})

test('after: one that was tried and refused counts as tried', async (t) => {
  const bench = new Bench(t)
  bench.answer = (name) => (name === 'b1' ? 500 : 202)
  await bench.send('b1', { name: 'a1', after: 'b1' })
  assert.deepEqual(bench.lines, ['0 b1', '0 a1'])
})

test('after: it holds after a restart, too', async (t) => {
  const bench = new Bench(t)
  await bench.commit({ name: 'a1', after: 'b2' }, 'b1', 'b2')
  await bench.outbox.start()
  await bench.advance(0)
  assert.deepEqual(bench.lines, ['0 b1', '0 b2', '0 a1'])
})

test('a store that fails: told, tried again later, nothing lost', async (t) => {
  const bench = new Bench(t)
  const saveAttempt = bench.store.saveAttempt.bind(bench.store)
  bench.store.saveAttempt = () => Promise.reject(new Error('the disk is full'))
  await bench.send('a1', 'a2', 'b1')
  assert.deepEqual(bench.lines, ['0 a1', '0 b1'])
  assert.equal(bench.faults.length, 2)
  bench.store.saveAttempt = saveAttempt
  await bench.advance(MINUTE)
  assert.deepEqual(bench.lines, ['0 a1', '0 b1', '60 a1', '60 a2', '60 b1'])
  assert.match(await bench.states(), /^a1 delivered \d, a2 delivered 1, b1 delivered \d$/)
})

test('an incoming call: its conversation hears how the announcement fares', async (t) => {
  const bench = new Bench(t, { limits: { giveUp: 2 * SECOND } })
  bench.answer = (name) => (name === 'a1' && bench.posts.length < 3 ? 'silent' : name === 'b1' ? 500 : 202)
  await bench.send({ name: 'a1', phase: 'incoming' }, { name: 'c1', phase: 'incoming' }, 'b1')
  await bench.advance(MINUTE)
  const detail = 'no answer, at http://bot/'
  assert.deepEqual(bench.reports, [
    { type: 'IncomingUndelivered', callId: 'a', detail, final: false },
    { type: 'IncomingDelivered', callId: 'a' },
  ])
  bench.answer = () => 410
  await bench.send({ name: 'd1', phase: 'incoming' })
  const gone = { type: 'IncomingUndelivered', callId: 'd', detail: 'the bot answered 410, at http://bot/', final: true }
  assert.deepEqual(bench.reports.slice(2), [gone])
})

test('replay: the same bytes once more, here or elsewhere, without effect on the delivery', async (t) => {
  const bench = new Bench(t)
  await bench.send('a1')
  const delivery = await bench.store.delivery('a1')
  assert.ok(delivery)
  bench.answer = () => 500
  const attempt = await bench.outbox.replay(delivery, 'http://elsewhere/')
  assert.deepEqual(
    { url: attempt.url, number: attempt.number, replay: attempt.replay },
    {
      url: 'http://elsewhere/',
      number: 2,
      replay: true,
    },
  )
  assert.equal(bench.posts[1]?.body, bench.posts[0]?.body)
  assert.equal(await bench.states(), 'a1 delivered 1')
  assert.equal((await bench.store.attempts(['a1'])).length, 2)
})

test('closed: nothing is tried any more, and a waiting one is let go', async (t) => {
  const bench = new Bench(t)
  bench.answer = () => 500
  await bench.send('a1', { name: 'b1', after: 'a2' })
  bench.outbox.close()
  await bench.advance(MINUTE)
  assert.equal(bench.lines.filter((line) => line.endsWith('a1')).length, 1)
})

test('forgotten: what was under way has no consequences, and the next call starts anew', async (t) => {
  const bench = new Bench(t)
  const slow = later()
  bench.answer = (name) => (name === 'a1' ? slow.promise : 202)
  await bench.send('a1', 'a2')
  bench.outbox.forget()
  slow.answer(200)
  await bench.send('b1')
  assert.deepEqual(bench.lines, ['0 a1', '0 b1'])
  assert.equal(await bench.states(), 'a1 pending 0, a2 pending 0, b1 delivered 1')
})
