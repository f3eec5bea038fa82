/** The control API shows what happened: calls, timeline, journal, notifications; and health and metrics beside it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import { APPS, SECRET, TENANT, USERS, startWorld, user } from '../support/world.ts'
import { CALLS, GUID, assertRefused, create, groupCall, invite, peerToPeer } from './steps.ts'
import * as wire from './wire.ts'

test('a call as control sees it: with everybody, and everything that is under way', async (t) => {
  const world = await startWorld(t, { clockStart: 0 })
  const { call, rows } = await groupCall(world)
  await world.script('cleo', { answer: { after: '9s' } })
  const { id, ids } = wire.invited(await invite(world, call, [user('cleo')], { clientContext: 'c' }))
  await world.advance('1s')
  const { body } = await world.control('GET', `/calls/${call.id}`)
  const now = '1970-01-01T00:00:00.000Z'
  const who = (name: 'ada' | 'ben' | 'cleo'): object => ({
    kind: 'user',
    id: USERS[name],
    displayName: name,
    tenantId: TENANT,
  })
  const person = (index: number, name: 'ada' | 'ben'): object => ({
    id: rows[index]?.id,
    identity: who(name),
    type: 'person',
    state: 'connected',
    since: now,
    hidden: false,
  })
  assert.match(body.id, GUID)
  assert.deepEqual(body, {
    id: body.id,
    tenantId: TENANT,
    mode: 'group',
    callChainId: call.callChainId,
    createdAt: now,
    calls: [
      {
        id: call.id,
        appId: APPS.alpha,
        direction: 'outgoing',
        state: 'established',
        live: true,
        callbackUri: world.bots.alpha.url,
        wireVersion: 'v1.0',
        participantId: call.myParticipantId,
        createdAt: now,
        keepAliveBy: '1970-01-01T00:45:00.000Z',
      },
    ],
    participants: [
      person(0, 'ada'),
      {
        id: call.myParticipantId,
        identity: { kind: 'application', id: APPS.alpha, displayName: 'Alpha', tenantId: TENANT },
        type: 'application',
        state: 'connected',
        since: now,
        hidden: false,
      },
      person(2, 'ben'),
    ],
    invitations: [{ id: ids[0], identity: who('cleo'), state: 'ringing' }],
    operations: [
      {
        id,
        callId: call.id,
        type: 'inviteParticipants',
        clientContext: 'c',
        status: 'running',
        invitees: [{ participantId: ids[0], identity: who('cleo'), outcome: 'pending' }],
      },
    ],
  })
  assert.deepEqual((await world.control('GET', `/calls/${body.id}`)).body, body)
  const peer = await peerToPeer(world, 'dov')
  const live = await world.control('GET', '/calls')
  assert.deepEqual(live.body.value.map((one: AnyJson) => one.calls[0].id).toSorted(), [call.id, peer.id].toSorted())
  await world.client('alpha').delete(`${CALLS}/${peer.id}`)
  assert.deepEqual(await world.take(), wire.ownEnd(peer))
  // Ended ones are there on demand; the newest comes first.
  const endings = async (query: string): Promise<unknown[]> =>
    (await world.control('GET', `/calls${query}`)).body.value.map((one: AnyJson) => [one.calls[0].id, one.endedAt])
  assert.deepEqual(await endings(''), [[call.id, undefined]])
  assert.deepEqual(await endings('?ended=true'), [
    [peer.id, '1970-01-01T00:00:01.000Z'],
    [call.id, undefined],
  ])
})

test('timeline: requests, events, notifications and attempts in one order', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  await world.client('alpha').delete(`${CALLS}/${call.id}`)
  assert.deepEqual(await world.take(), wire.ownEnd(call))
  await world.client('alpha').get(`${CALLS}/${call.id}`)
  const { body } = await world.control('GET', `/calls/${call.id}/timeline`)
  const items: AnyJson[] = body.value
  const texts = (kind: string): string[] =>
    items
      .filter((item) => item.kind === kind)
      .map(({ text }) => text.replaceAll(call.id, '{id}').replace(/ after [\d.]+ ms$/, ''))
  assert.deepEqual(texts('event'), [
    'Call created',
    'Invitee rung: ada',
    'Participant joined: ada',
    'Call state changed: establishing to established',
    'Participant joined: Alpha',
    'Call state changed: established to terminated (ended-by-bot: the application ended the call)',
    'Participant left: Alpha (ended-by-bot: the application ended the call)',
    'Participant left: ada (ended-by-bot: the application ended the call)',
    'Conversation ended',
  ])
  const to = world.bots.alpha.url
  assert.deepEqual(texts('notification'), [
    `notification 1 (updated call establishing) is owed to ${to}`,
    `notification 2 (updated call established) is owed to ${to}`,
    `notification 3 (updated call terminating) is owed to ${to}`,
    `notification 4 (deleted call terminated) is owed to ${to}`,
  ])
  assert.deepEqual(
    texts('attempt'),
    [1, 2, 3, 4].map((number) => `notification ${number}, attempt 1: the bot answered 202`),
  )
  const gone =
    /^GET \/v1\.0\/communications\/calls\/\{id\} answered 404: The call ended at \S+: the application ended the call \(200\/7000\)\.$/
  const [first, second, third, ...others] = texts('request')
  assert.deepEqual(
    [first, second, others],
    ['POST /v1.0/communications/calls answered 201', 'DELETE /v1.0/communications/calls/{id} answered 204', []],
  )
  assert.match(third ?? '', gone)

  // One order: what follows from something stands after it, and an event knows the request that it came from.
  const orders = items.map(({ order }) => order)
  assert.deepEqual(
    orders,
    orders.toSorted((a, b) => a - b),
  )
  const place = (kind: string, text: string): number =>
    items.findIndex((item) => item.kind === kind && item.text.startsWith(text))
  const steps = [
    place('request', 'POST'),
    place('event', 'Call created'),
    place('notification', 'notification 1'),
    place('attempt', 'notification 1'),
    place('attempt', 'notification 2'),
    place('request', 'DELETE'),
    place('event', 'Conversation ended'),
    place('notification', 'notification 4'),
    place('attempt', 'notification 4'),
    place('request', 'GET'),
  ]
  assert.deepEqual(
    steps,
    steps.toSorted((a, b) => a - b),
  )
  assert.equal(items[place('event', 'Call created')].requestId, items[place('request', 'POST')].requestId)
})

test('journal: requests with their explanations, by call, application or request', async (t) => {
  const world = await startWorld(t, { clockStart: 0 })
  const call = await peerToPeer(world)
  const refused = await world.client('beta').get(`${CALLS}/${call.id}`, { 'client-request-id': 'why-not' })
  const byRequest = await world.control('GET', '/journal?requestId=why-not')
  const [entry] = byRequest.body.value
  assert.ok(Number.isInteger(entry.order) && entry.duration >= 0)
  assert.deepEqual(byRequest.body, {
    value: [
      {
        at: '1970-01-01T00:00:00.000Z',
        order: entry.order,
        requestId: refused.headers.get('request-id'),
        clientRequestId: 'why-not',
        method: 'GET',
        url: `/v1.0${CALLS}/${call.id}`,
        appId: APPS.beta,
        tenantId: TENANT,
        callId: call.id,
        operation: 'call: get',
        status: 404,
        code: '8522',
        explanation: 'No call with this id belongs to the application in the token.',
        duration: entry.duration,
      },
    ],
  })
  const byCall = await world.control('GET', `/journal?callId=${call.id.toUpperCase()}`)
  assert.deepEqual(
    byCall.body.value.map(({ operation, status }: AnyJson) => [operation, status]),
    [
      ['call: create', 201],
      ['call: get', 404],
    ],
  )
  const byApp = await world.control('GET', `/journal?appId=${APPS.alpha}`)
  assert.deepEqual(
    byApp.body.value.map(({ operation, requestBody }: AnyJson) => [operation, requestBody.targets[0].identity.user.id]),
    [['call: create', USERS.ada]],
  )
  const newest = await world.control('GET', '/journal?limit=1')
  assert.equal(newest.body.value.length, 1)
  assert.equal((await world.control('GET', '/journal?limit=0')).status, 400)
  // Secrets are not remembered, and neither are tokens.
  const everything = JSON.stringify((await world.control('GET', '/journal?limit=10000')).body)
  assert.equal(everything.includes(SECRET), false)
  assert.equal(everything.includes(await world.token('alpha')), false)
})

test('notifications: listed newest first, by call, application and state; read one by one', async (t) => {
  const world = await startWorld(t, { clockStart: 0 })
  const call = await peerToPeer(world)
  await peerToPeer(world, 'ben', { app: 'beta' })
  const listed = await world.control('GET', `/notifications?callId=${call.id}`)
  const [second, first] = listed.body.value
  assert.equal(listed.body.value.length, 2)
  const [attempt] = first.attempts
  assert.deepEqual(first, {
    id: first.id,
    callId: call.id,
    appId: APPS.alpha,
    tenantId: TENANT,
    number: 1,
    changeType: 'updated',
    callbackUri: world.bots.alpha.url,
    wireVersion: 'v1.0',
    createdAt: '1970-01-01T00:00:00.000Z',
    state: 'delivered',
    settledAt: '1970-01-01T00:00:00.000Z',
    body: { '@odata.type': '#microsoft.graph.commsNotifications', value: [wire.establishing(call)] },
    attempts: [
      {
        at: '1970-01-01T00:00:00.000Z',
        deliveryId: first.id,
        number: 1,
        order: attempt.order,
        url: world.bots.alpha.url,
        status: 202,
        latency: attempt.latency,
        answer: '',
        replay: false,
      },
    ],
  })
  assert.equal(second.number, 2)
  assert.deepEqual((await world.control('GET', `/notifications/${first.id.toUpperCase()}`)).body, first)
  const byApp = await world.control('GET', `/notifications?appId=${APPS.alpha}&state=delivered`)
  assert.deepEqual(byApp.body, listed.body)
  assert.deepEqual((await world.control('GET', '/notifications?state=dead')).body, { value: [] })
  assert.equal((await world.control('GET', '/notifications?state=lost')).status, 400)
  assertRefused(await world.control('GET', '/notifications/nonsense'), {
    status: 404,
    code: 'itemNotFound',
    message: 'The resource could not be found.',
    explanation: 'There is no notification with the id nonsense; it may have been kept long enough.',
  })
})

test('replay: the same bytes and message id again, here or elsewhere, without effect on its state', async (t) => {
  const world = await startWorld(t, { clockStart: 0 })
  const bot = world.bots.alpha
  const call = await peerToPeer(world)
  const listed = await world.control('GET', `/notifications?callId=${call.id}`)
  const { id } = listed.body.value[1]
  const replayed = await world.control('POST', `/notifications/${id}/replay`)
  const { order, latency, ...attempt } = replayed.body
  assert.deepEqual([typeof order, typeof latency], ['number', 'number'])
  assert.deepEqual(
    [replayed.status, attempt],
    [
      200,
      {
        at: '1970-01-01T00:00:00.000Z',
        deliveryId: id,
        number: 2,
        url: bot.url,
        status: 202,
        answer: '',
        replay: true,
      },
    ],
  )
  const to = `${bot.url}/debug?here`
  bot.answer = () => 500
  const elsewhere = await world.control('POST', `/notifications/${id}/replay`, { to })
  assert.deepEqual([elsewhere.body.url, elsewhere.body.status, elsewhere.body.error], [to, 500, 'the bot answered 500'])
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.establishing(call)])
  const [first, , again, debug] = bot.received
  assert.deepEqual([again?.bytes, debug?.bytes], [first?.bytes, first?.bytes])
  assert.deepEqual(
    [again, debug].map((post) => post?.headers['x-microsoft-skype-message-id']),
    [id, id],
  )
  assert.equal(debug?.url, '/api/calls/debug?here')
  const { body } = await world.control('GET', `/notifications/${id}`)
  assert.deepEqual([body.state, body.attempts.map(({ replay }: AnyJson) => replay)], ['delivered', [false, true, true]])
  assert.equal((await world.control('POST', `/notifications/${id}/replay`, { to: 'ftp://bot' })).status, 400)
})

test('healthz, readyz and metrics', async (t) => {
  const world = await startWorld(t)
  const health = await world.request('GET', '/healthz')
  assert.deepEqual([health.status, health.body.status], [200, 'ok'])
  assert.match(health.body.version, /^\d+\.\d+\.\d+/)
  const ready = await world.request('GET', '/readyz')
  assert.deepEqual([ready.status, ready.body], [200, { status: 'ready' }])

  const read = async (): Promise<ReadonlyMap<string, number>> => {
    const { status, headers, body } = await world.request('GET', '/metrics')
    assert.equal(status, 200)
    assert.match(headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    return parseMetrics(body)
  }
  assert.equal((await read()).get('rollcall_live_calls'), 0)
  const { call } = await groupCall(world)
  await peerToPeer(world, 'cleo', { app: 'beta' })
  world.bots.alpha.answer = (_, index) => (index === 4 ? 500 : 202)
  await invite(world, call, [user('dov')])
  await world.advance('1s')
  assert.deepEqual(await world.lines(), [
    'deleted operation completed',
    'deleted operation completed',
    'updated roster of 4',
  ])
  const metrics = await read()
  const shown = [
    'rollcall_live_calls',
    'rollcall_live_conversations',
    'rollcall_waiting_notifications',
    'rollcall_requests_total{operation="call: create",status="201"}',
    'rollcall_requests_total{operation="participant: invite",status="200"}',
    'rollcall_delivery_attempts_total{outcome="delivered"}',
    'rollcall_delivery_attempts_total{outcome="failed"}',
    'rollcall_delivery_attempt_duration_seconds_count',
  ]
  assert.deepEqual(Object.fromEntries(shown.map((name) => [name, metrics.get(name)])), {
    rollcall_live_calls: 2,
    rollcall_live_conversations: 2,
    rollcall_waiting_notifications: 0,
    'rollcall_requests_total{operation="call: create",status="201"}': 2,
    'rollcall_requests_total{operation="participant: invite",status="200"}': 1,
    'rollcall_delivery_attempts_total{outcome="delivered"}': 8,
    'rollcall_delivery_attempts_total{outcome="failed"}': 1,
    rollcall_delivery_attempt_duration_seconds_count: 9,
  })
})

/** Reads the Prometheus text format; every line must be a comment, empty, or a sample. */
function parseMetrics(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || /^# (HELP|TYPE) [a-z_]+ ./.test(line)) continue
    const [, name, value] = /^([a-z_]+(?:\{(?:[a-z_]+="[^"]*",?)*\})?) (\S+)$/.exec(line) ?? []
    assert.ok(name !== undefined && value !== undefined, `not in the Prometheus text format: ${line}`)
    assert.equal(Number.isNaN(Number(value)), false, line)
    samples.set(name, Number(value))
  }
  return samples
}

test('what waits is counted, and so is what is looked at while it does', async (t) => {
  const world = await startWorld(t)
  world.bots.alpha.answer = () => 503
  const call = await create(world, [user('ada')])
  await world.settle()
  const { body } = await world.request('GET', '/metrics')
  assert.equal(parseMetrics(body).get('rollcall_waiting_notifications'), 2)
  world.bots.alpha.answer = () => 202
  await world.advance('1s')
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.establishing(call), wire.established(call)])
})
