/**
 * A server that is killed in the middle of its work: whatever it had promised holds after the restart. `CRASH_ROUNDS`
 * says how often it is killed, `CRASH_SEED` repeats the moments (as far as two processes can be repeated).
 */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { AnyJson } from '../support/any-json.ts'
import type { Bot } from '../support/bot.ts'
import { Subscriber } from '../support/subscriber.ts'
import { phone, user } from '../support/world.ts'
import { Child, until } from './child.ts'
import { ask, work } from './load.ts'
import type { Promised } from './load.ts'
import { CALLS, prepare, tokenOf } from './site.ts'

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 5)
const SEED = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

/** What people do: most answer soon, one is busy, one never answers. */
const SCRIPTS: Readonly<Record<string, unknown>> = {
  ada: { answer: { after: '50ms' } },
  ben: { answer: { after: '20ms', leaveAfter: '200ms' } },
  cleo: { busy: { after: '30ms' } },
  dov: { ignore: {} },
  eva: { answer: { after: '100ms', lobby: { admitAfter: '100ms' } } },
}

test('killed again and again: nothing that was promised is lost', async (t) => {
  t.diagnostic(`CRASH_SEED=${SEED}`)
  const { bot, flags } = await prepare(t, SCRIPTS)
  const chance = chances(SEED)
  bot.answer = (_post, index) => (index % 13 === 5 ? 500 : index % 29 === 7 ? 'reset' : 202)
  let child = await Child.start([...flags, '--port=0'])
  t.after(() => child.kill('SIGKILL'))
  const { url } = child
  const token = await tokenOf(url)
  const subscriber = await Subscriber.start(t)
  const promised: Promised = {
    meetings: new Set(),
    subscriptions: new Set(),
    calls: new Set(),
    ended: new Set(),
    operations: new Map(),
    scripts: new Map(),
    removed: new Map(),
  }
  let goOn = true
  const place = {
    url: () => url,
    token,
    callbackUri: bot.url,
    webhook: subscriber.url,
    promised,
    chance,
    goOn: () => goOn,
  }
  const workers = Promise.all([1, 2, 3, 4].map((name) => work(place, name)))
  for (let round = 0; round < ROUNDS; round++) {
    await pause(200 + 800 * chance())
    assert.deepEqual(await child.kill('SIGKILL'), { code: null, signal: 'SIGKILL' })
    child = await Child.start([...flags, `--port=${new URL(url).port}`])
  }
  goOn = false
  await workers
  const get = async (path: string): Promise<AnyJson> => (await ask(place, 'GET', path)).body
  await until('everything is delivered and nobody is rung', 15_000, async () => {
    const pending = await get('/control/notifications?state=pending&limit=1')
    const conversations = await get('/control/calls?limit=1000')
    const ringing = conversations.value.some(({ invitations }: AnyJson) => invitations.length > 0)
    return pending.value.length === 0 && !ringing
  })
  const counts = Object.fromEntries(
    (['calls', 'operations', 'scripts', 'meetings', 'subscriptions'] as const).map((name) => [
      name,
      promised[name].size,
    ]),
  )
  t.diagnostic(JSON.stringify({ rounds: ROUNDS, ...counts, posts: bot.received.length }))
  assert.ok(
    Object.values(counts).every((count) => count > 1),
    'too little happened',
  )

  const outcomes = outcomesOf(bot)
  for (const callId of promised.calls) {
    const conversation = await get(`/control/calls/${callId}`)
    const call = conversation.calls.find(({ id }: AnyJson) => id === callId)
    assert.ok(call, `the call ${callId} is lost`)
    if (promised.ended.has(callId)) assert.equal(call.state, 'terminated')
    if (call.live) assert.equal((await get(`${CALLS}/${callId}`)).state, call.state)
    assertOperations(conversation, promised, outcomes)
    assertDelivered((await get(`/control/notifications?callId=${callId}&limit=1000`)).value, bot, callId)
  }
  await assertKept(get, promised)
  const { value: scripts } = await get('/control/scripts')
  for (const [number, script] of promised.scripts) assert.deepEqual(scripts[number], script)
})

/** Meetings and subscriptions that were promised are there, and so is the record of every call that has ended. */
async function assertKept(get: (path: string) => Promise<AnyJson>, promised: Promised): Promise<void> {
  for (const id of promised.meetings) {
    assert.equal((await get(`/v1.0/communications/onlineMeetings/${id}`)).id, id, `the meeting ${id} is lost`)
  }
  for (const id of promised.subscriptions) {
    assert.equal((await get(`/v1.0/subscriptions/${id}`)).id, id, `the subscription ${id} is lost`)
  }
  for (const { callChainId, endedAt } of (await get('/control/calls?limit=1000')).value) {
    if (typeof endedAt !== 'string') continue
    const record = await get(`/v1.0/communications/callRecords/${callChainId}`)
    assert.equal(record.id, callChainId, `the record of ${callChainId} is lost`)
  }
}

/** Every operation that was promised is there, has ended, and was announced once or more with this one outcome. */
function assertOperations(conversation: AnyJson, promised: Promised, outcomes: ReadonlyMap<string, Set<string>>): void {
  const callIds = conversation.calls.map(({ id }: AnyJson) => id)
  for (const [operationId, callId] of promised.operations) {
    if (!callIds.includes(callId)) continue
    const operation = conversation.operations.find(({ id }: AnyJson) => id === operationId)
    assert.ok(operation, `the operation ${operationId} is lost`)
    assert.ok(['completed', 'failed'].includes(operation.status), `${operationId} is ${operation.status}`)
    assert.deepEqual([...(outcomes.get(operationId) ?? [])], [operation.status])
  }
  for (const [participant, callId] of promised.removed) {
    if (!callIds.includes(callId)) continue
    assert.ok(!conversation.participants.some(({ id }: AnyJson) => id === participant), 'a removed participant is back')
  }
}

/** What each operation's notifications said of its end. */
function outcomesOf(bot: Bot): ReadonlyMap<string, Set<string>> {
  const outcomes = new Map<string, Set<string>>()
  for (const { resourceData, resourceUrl } of bot.received.flatMap(({ body }) => body.value)) {
    if (!resourceUrl.includes('/operations/')) continue
    const known = outcomes.get(resourceData.id) ?? new Set()
    outcomes.set(resourceData.id, known.add(resourceData.status))
  }
  return outcomes
}

/** A call's notifications have numbers without gaps, are all delivered, and first arrived in that order. */
function assertDelivered(newestFirst: readonly AnyJson[], bot: Bot, callId: string): void {
  const deliveries = newestFirst.toSorted((a, b) => a.number - b.number)
  const numbers = deliveries.map(({ number }) => number)
  assert.deepEqual(
    numbers,
    [...numbers.keys()].map((index) => index + 1),
  )
  for (const { state, number } of deliveries) assert.equal(state, 'delivered', `${callId} ${number}`)
  const byId = new Map(deliveries.map(({ id, number }) => [id, number]))
  const arrived = new Set<number>()
  for (const { headers } of bot.received) {
    const number = byId.get(headers['x-microsoft-skype-message-id'])
    if (number !== undefined) arrived.add(number)
  }
  assert.deepEqual([...arrived], numbers, `the notifications of ${callId} arrived in another order`)
  const deltas = deliveries
    .map(({ body }) => body.value[0].resourceData.sequenceNumber)
    .filter((number) => number !== undefined)
  assert.deepEqual(
    deltas,
    [...deltas.keys()].map((index) => deltas[0] + index),
  )
}

test('SIGKILL in the middle of a chain of fallbacks, and while somebody is held: both invites end as they would have', async (t) => {
  const { bot, flags } = await prepare(t, SCRIPTS)
  let child = await Child.start([...flags, '--port=0'])
  t.after(() => child.kill('SIGKILL'))
  const { url } = child
  const place = { url: () => url, token: await tokenOf(url) }
  const media = { requestedModalities: ['audio'], mediaConfig: {} }
  const invites = [
    // Nobody answers, then somebody is busy, then a phone is picked up.
    [{ ...user('dov'), 'rollcall.ringTimeout': 2, 'rollcall.fallbacks': [user('cleo'), phone('+12065550177')] }],
    // The first one is there at once, the other one never comes.
    [user('ada'), { ...user('dov'), 'rollcall.ringTimeout': 2 }],
  ]
  const running: { readonly path: string; readonly mode: string }[] = []
  for (const [index, participants] of invites.entries()) {
    const created = await ask(place, 'POST', CALLS, {
      callbackUri: bot.url,
      targets: [user('fay'), user('eva')],
      ...media,
    })
    const call = `${CALLS}/${created.body.id}`
    await until('the call is up', 5000, async () => (await ask(place, 'GET', call)).body.state === 'established')
    const mode = index === 0 ? 'each' : 'all'
    const reply = await ask(place, 'POST', `${call}/participants/invite`, { participants, 'rollcall.mode': mode })
    assert.equal(reply.status, 200, JSON.stringify(reply.body))
    running.push({ path: `${call}/operations/${reply.body.id}`, mode })
  }
  await pause(300)
  await child.kill('SIGKILL')
  child = await Child.start([...flags, `--port=${new URL(url).port}`])
  for (const { path, mode } of running) {
    await until(`the invite ends (${mode})`, 15_000, async () => {
      return (await ask(place, 'GET', path)).body.status.toLowerCase() !== 'running'
    })
    assert.equal((await ask(place, 'GET', path)).body.status, mode === 'each' ? 'Completed' : 'Failed')
  }
})

test('SIGTERM: what is under way is answered, and the process ends by itself', async (t) => {
  const { bot, flags } = await prepare(t, SCRIPTS)
  let child = await Child.start([...flags, '--drain-timeout=3s', '--port=0'])
  t.after(() => child.kill('SIGKILL'))
  const { url } = child
  const token = await tokenOf(url)
  // This notification is under way for as long as anybody waits for it.
  bot.answer = () => 'hang'
  const place = { url: () => url, token }
  const body = { callbackUri: bot.url, targets: [user('ada')], requestedModalities: ['audio'], mediaConfig: {} }
  const first = await ask(place, 'POST', CALLS, body)
  await until('the bot is asked', 5000, () => Promise.resolve(bot.received.length > 0))
  const late = await beginRequest(`${url}${CALLS}`, token, JSON.stringify(body))
  // This request never comes in full.
  const stalled = connect({ host: '127.0.0.1', port: Number(new URL(url).port) })
  stalled.on('error', () => undefined)
  await new Promise<void>((resolve) => stalled.write('GET / HTTP/1.1\r\nHost: a', () => resolve()))
  const started = performance.now()
  const ended = child.kill('SIGTERM')
  await until('new connections are refused', 5000, () =>
    fetch(`${url}/healthz`).then(
      () => false,
      () => true,
    ),
  )
  const answered = await late.finish()
  assert.equal(answered.status, 201)
  assert.deepEqual(await ended, { code: 0, signal: null })
  const took = performance.now() - started
  assert.ok(took < 5500, `it took ${took} ms to end, and drainTimeout is 3 s`)

  bot.answer = () => 202
  child = await Child.start([...flags, `--port=${new URL(url).port}`])
  for (const { id } of [first.body, answered.body]) {
    await until('the call goes on', 5000, async () => {
      return (await ask(place, 'GET', `${CALLS}/${id}`)).body.state === 'established'
    })
  }
  assert.equal((await child.kill('SIGTERM')).code, 0)
})

/** A request that the server has begun to read, for it said so: its body comes with `finish`. */
async function beginRequest(
  url: string,
  token: string,
  text: string,
): Promise<{ finish: () => Promise<{ status: number; body: AnyJson }> }> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': text.length,
    expect: '100-continue',
  }
  const outgoing = request(url, { method: 'POST', agent: false, headers })
  const answer = new Promise<{ status: number; body: AnyJson }>((resolve, reject) => {
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      let body = ''
      incoming.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: JSON.parse(body) }))
    })
  })
  await new Promise<void>((resolve) => {
    outgoing.on('continue', resolve)
    outgoing.flushHeaders()
  })
  return {
    finish() {
      outgoing.end(text)
      return answer
    },
  }
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function chances(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
