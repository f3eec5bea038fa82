/** Redirecting an incoming call: to one, to several at once, to an application; and what happens when nobody takes it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppName, Reply, World } from '../support/world.ts'
import { APPS, PHONE, SERVICE_NUMBER, USERS, application, phone, startWorld, user } from '../support/world.ts'
import { CALLS, assertEmpty, assertRefused, callNotFound, invalidArgument, peerToPeer, ring } from './steps.ts'
import type { Json, Known } from './wire.ts'
import * as wire from './wire.ts'

const redirect = (world: World, call: Known, targets: readonly unknown[], more: Json = {}): Promise<Reply> =>
  world.client('alpha').post(`${CALLS}/${call.id}/redirect`, { targets, ...more })

const shownTarget = (identity: Json): Json => ({
  '@odata.type': '#microsoft.graph.invitationParticipantInfo',
  identity,
  endpointType: 'default',
})

const info = (identity: Json): Json => ({ '@odata.type': '#microsoft.graph.participantInfo', identity })

/** The end that alpha hears of when somebody took the call of Ada. */
const taken = (call: Known, by: Json, answeredBy = by): Json =>
  wire.redirected(call, {
    callRoutes: wire.route(wire.bot('alpha'), by),
    source: wire.source(wire.person('ada'), { endpointType: 'default' }),
    targets: [shownTarget(wire.bot('alpha'))],
    answeredBy: info(answeredBy),
  })

/** Who is in a conversation, as control sees it. */
async function people(world: World, conversationId: string): Promise<readonly string[]> {
  const { body } = await world.control('GET', `/calls/${conversationId}`)
  return body.participants.map(
    ({ identity, state }: { identity: { id: string }; state: string }) => `${identity.id} ${state}`,
  )
}

test('to one: the application is out, caller and target go on until one of them leaves', async (t) => {
  const world = await startWorld(t)
  const { call, conversationId, callerId } = await ring(world, USERS.ada, APPS.alpha)
  await world.script('ben', { answer: { after: '5s' } })
  assertEmpty(await redirect(world, call, [user('ben')]), 202)
  assert.deepEqual(await world.take(), [])
  const shown = await world.client('alpha').get(`${CALLS}/${call.id}`)
  assert.deepEqual([shown.status, shown.body.state, shown.body.mediaState], [200, 'redirecting', null])

  await world.advance('5s')
  assert.deepEqual(await world.take(), [taken(call, wire.person('ben'))])
  assert.deepEqual(await people(world, conversationId), [`${USERS.ada} connected`, `${USERS.ben} connected`])
  const metrics = await world.request('GET', '/metrics')
  assert.match(metrics.body, /rollcall_live_conversations 1\n/)
  assert.match(metrics.body, /rollcall_live_calls 0\n/)
  const gone = await world.client('alpha').get(`${CALLS}/${call.id}`)
  assert.equal(gone.status, 404)
  assert.match(gone.headers.get('rollcall-explanation') ?? '', /redirected the call, and somebody else took it/)

  const left = await world.control('POST', `/calls/${conversationId}/participants/${callerId}/leave`)
  assert.equal(left.status, 204)
  assert.deepEqual(await people(world, conversationId), [])
})

test('two people whom an application connected are parted by the longest duration of a call', async (t) => {
  const world = await startWorld(t, { maxCallDuration: 3_600_000 })
  const { call, conversationId } = await ring(world, USERS.ada, APPS.alpha)
  assertEmpty(await redirect(world, call, [user('ben')]), 202)
  assert.deepEqual(await world.take(), [taken(call, wire.person('ben'))])
  await world.advance('59m')
  assert.equal((await people(world, conversationId)).length, 2)
  await world.advance('1m')
  assert.deepEqual(await people(world, conversationId), [])
})

test('to several at once: the first to answer has it, the others stop ringing', async (t) => {
  const world = await startWorld(t)
  const { call, conversationId } = await ring(world, USERS.ada, APPS.alpha)
  await world.script('ben', { answer: { after: '8s' } })
  await world.script('cleo', { answer: { after: '4s' } })
  await world.script('dov', { decline: { after: '1s' } })
  assertEmpty(await redirect(world, call, [user('ben'), user('cleo'), user('dov')], { timeout: 30 }), 202)
  await world.advance('3s')
  assert.deepEqual(await world.take(), [])
  await world.advance('1s')
  assert.deepEqual(await world.take(), [taken(call, wire.person('cleo'))])
  await world.advance('10s')
  assert.deepEqual(await people(world, conversationId), [`${USERS.ada} connected`, `${USERS.cleo} connected`])
})

for (const [name, targets, more, seconds] of [
  ['one target', [user('ben')], {}, 55],
  ['several targets', [user('ben'), user('cleo')], {}, 60],
  ['as asked', [user('ben'), user('cleo')], { timeout: 15 }, 15],
] as const) {
  test(`nobody answers, ${name}: after ${seconds} s it is over for both sides`, async (t) => {
    const world = await startWorld(t)
    for (const who of ['ben', 'cleo']) await world.script(who, { ignore: {} })
    const { call, conversationId } = await ring(world, USERS.ada, APPS.alpha)
    assertEmpty(await redirect(world, call, targets, more), 202)
    await world.advance(`${seconds - 1}s`)
    assert.deepEqual(await world.take(), [])
    await world.advance('1s')
    const why = wire.result(487, 10004, 'The user did not answer in time')
    assert.deepEqual(await world.take(), [wire.terminated(call, why)])
    assert.deepEqual(await people(world, conversationId), [])
  })
}

test('the caller gives up while it rings: 487/8542', async (t) => {
  const world = await startWorld(t)
  await world.script('ben', { ignore: {} })
  const { call, conversationId, callerId } = await ring(world, USERS.ada, APPS.alpha)
  assertEmpty(await redirect(world, call, [user('ben')]), 202)
  await world.control('POST', `/calls/${conversationId}/participants/${callerId}/leave`)
  const why = wire.result(487, 8542, 'The caller gave up before it was answered')
  assert.deepEqual(await world.take(), [wire.terminated(call, why)])
})

test('masks: the target sees the application, and so does the route that is told', async (t) => {
  const world = await startWorld(t)
  const { call } = await ring(world, USERS.ada, APPS.alpha)
  assertEmpty(await redirect(world, call, [application('beta')], { maskCaller: true, timeout: 20 }), 202)
  const [incoming] = await world.take('beta')
  assert.deepEqual(incoming?.resourceData.source.identity, wire.bot('alpha'))
  await world.advance('15s')
  const text = 'The application did not answer the incoming call in time'
  const theirs = wire.known({ body: incoming?.resourceData })
  assert.deepEqual(await world.take('beta'), [wire.terminated(theirs, wire.result(408, 8587, text))])
  assert.deepEqual(await world.take(), [wire.terminated(call, wire.result(408, 8587, text))])
})

test('to an application: its incoming call names the caller and the way; it answers, and talks to them', async (t) => {
  const world = await startWorld(t)
  const { call, callerId } = await ring(world, USERS.ada, APPS.alpha)
  assertEmpty(await redirect(world, call, [application('beta')]), 202)
  const [incoming] = await world.take('beta')
  const theirs = wire.known({ body: incoming?.resourceData })
  assert.deepEqual(incoming?.resourceData.source, wire.source(wire.person('ada'), { endpointType: 'default' }))
  assert.deepEqual(incoming.resourceData.callRoutes, wire.route(wire.bot('alpha'), wire.bot('beta')))
  assert.equal(incoming.resourceData.incomingContext.sourceParticipantId, callerId)
  const answer = { acceptedModalities: ['audio'], mediaConfig: wire.serviceHosted }
  assertEmpty(await world.client('beta').post(`${CALLS}/${theirs.id}/answer`, answer), 202)
  assert.deepEqual(await world.take('beta'), [wire.establishing(theirs), wire.established(theirs)])
  assert.deepEqual(await world.take(), [taken(call, wire.bot('beta'))])

  // What is left is a peer-to-peer call: it ends for both.
  assertEmpty(await world.client('beta').delete(`${CALLS}/${theirs.id}`), 204)
  assert.deepEqual(await world.take('beta'), wire.ownEnd(theirs))
})

test('an application rejects what another redirected to it: the first one and its caller hear why', async (t) => {
  const world = await startWorld(t)
  const { call, conversationId } = await ring(world, USERS.ada, APPS.alpha)
  assertEmpty(await redirect(world, call, [application('beta')]), 202)
  const [incoming] = await world.take('beta')
  const { id } = incoming?.resourceData ?? {}
  assertEmpty(await world.client('beta').post(`${CALLS}/${id}/reject`, { reason: 'busy' }), 202)
  assert.deepEqual(await world.lines('beta'), ['deleted call (gone)'])
  const why = wire.result(486, 8539, 'The application rejected the call as busy')
  assert.deepEqual(await world.take(), [wire.terminated(call, why)])
  assert.deepEqual(await people(world, conversationId), [])
})

test('redirected twice: nobody gets it back who passed it on', async (t) => {
  const world = await startWorld(t)
  const { call } = await ring(world, USERS.ada, APPS.alpha)
  assertEmpty(await redirect(world, call, [application('beta')]), 202)
  const [incoming] = await world.take('beta')
  const theirs = wire.known({ body: incoming?.resourceData })
  const path = `${CALLS}/${theirs.id}/redirect`
  assertRefused(await world.client('beta').post(path, { targets: [application('alpha')] }), {
    status: 409,
    code: '8519',
    message: 'The request conflicts with the current state of the call.',
    explanation: `28:${APPS.alpha} has passed this call on itself, so it cannot be redirected there again.`,
  })
  assertEmpty(await world.client('beta').post(path, { targets: [user('ben')] }), 202)
  assert.deepEqual(await world.lines('beta'), ['deleted call terminated'])
  assert.deepEqual(await world.take(), [taken(call, wire.person('ben'))])
})

test("one application redirects another one's call: the caller's call is established with who took it", async (t) => {
  const world = await startWorld(t)
  const body = { targets: [application('beta')], requestedModalities: ['audio'], mediaConfig: wire.serviceHosted }
  const created = await world.client('alpha', 'beta').post(CALLS, { ...body, callbackUri: world.bots.alpha.url })
  const call = wire.known(created, 'beta')
  const [incoming] = await world.take('beta')
  const { id } = incoming?.resourceData ?? {}
  const targets = [user('ben')]
  assertEmpty(await world.client('beta').post(`${CALLS}/${id}/redirect`, { targets, maskCallee: true }), 202)
  assert.deepEqual(await world.lines('beta'), ['deleted call terminated'])
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
  const { body: shown } = await world.client('alpha', 'beta').get(`${CALLS}/${call.id}`)
  assert.deepEqual(shown.answeredBy, info(wire.bot('beta')))
  assert.deepEqual(shown.callRoutes, wire.route(wire.bot('beta'), wire.bot('beta')))
  assertEmpty(await world.client('alpha', 'beta').delete(`${CALLS}/${call.id}`), 204)
  assert.deepEqual(await world.take(), wire.ownEnd(call))
})

test('to a phone: by a call to the number; whoever took it is shown without the number', async (t) => {
  const world = await startWorld(t)
  const { call } = await ring(world, USERS.ada, SERVICE_NUMBER)
  assertEmpty(await redirect(world, call, [phone(PHONE)]), 202)
  const [end, ...others] = await world.take()
  assert.deepEqual(others, [])
  const { encrypted } = end?.resourceData.answeredBy.identity ?? {}
  assert.match(encrypted.id, /^29:[0-9a-f-]{36}$/)
  assert.deepEqual(end?.resourceData.callRoutes, wire.route(wire.instance(), wire.number(PHONE)))
})

test('to a phone from a call to the app id: nobody is rung, and the call ends with 412/9999', async (t) => {
  const world = await startWorld(t)
  const { call } = await ring(world, USERS.ada, APPS.alpha)
  assertEmpty(await redirect(world, call, [phone(PHONE)]), 202)
  const [end, ...others] = await world.take()
  assert.deepEqual(others, [])
  assert.deepEqual([end?.resourceData.resultInfo.code, end?.resourceData.resultInfo.subcode], [412, 9999])
})

test('what is refused, and nothing has changed', async (t) => {
  const world = await startWorld(t)
  const { call } = await ring(world, USERS.ada, APPS.alpha)
  const many = Array.from({ length: 26 }, (_, index) => phone(`+49301234${String(index).padStart(2, '0')}`))
  for (const [targets, more, refusal] of [
    [[], {}, invalidArgument('targets is required: who is to take the call.')],
    [many, {}, invalidArgument('26 participants were named; at most 25 are allowed in one request.')],
    [[user('ben')], { timeout: 14 }, invalidArgument('timeout must be a whole number from 15 to 90.')],
    [[user('ben')], { timeout: 91 }, invalidArgument('timeout must be a whole number from 15 to 90.')],
    [[user('ada')], {}, conflict(`8:orgid:${USERS.ada} is in the call already.`)],
    [[user('ben'), user('ben')], {}, conflict(`8:orgid:${USERS.ben} is named twice in the request.`)],
    [
      [application('alpha')],
      {},
      conflict(`28:${APPS.alpha} has passed this call on itself, so it cannot be redirected there again.`),
    ],
  ] as const) {
    assertRefused(await redirect(world, call, targets, more), refusal)
  }
  assertRefused(await world.client('beta').post(`${CALLS}/${call.id}/redirect`, { targets: [] }), callNotFound())
  await world.advance('15s')
  const text = 'The application did not answer the incoming call in time'
  assert.deepEqual(await world.take(), [wire.terminated(call, wire.result(408, 8587, text))])
  assert.equal((await redirect(world, call, [user('ben')])).status, 404)
})

test('only an incoming call is redirected, and only once', async (t) => {
  const world = await startWorld(t)
  const wrong = (state: string) => ({
    status: 400,
    code: '8585',
    message: 'The call is not in a state that allows this action.',
    explanation: `The call is ${state}; only an incoming call can be redirected, and only once.`,
  })
  const outgoing = await peerToPeer(world)
  assertRefused(await redirect(world, outgoing, [user('ben')]), wrong('established'))
  await world.script('ben', { ignore: {} })
  const { call } = await ring(world, USERS.cleo, APPS.alpha)
  assertEmpty(await redirect(world, call, [user('ben')]), 202)
  assertRefused(await redirect(world, call, [user('dov')]), wrong('redirecting'))
  const answered = await world.client('alpha').post(`${CALLS}/${call.id}/answer`, { mediaConfig: wire.serviceHosted })
  assert.deepEqual([answered.status, answered.body.error.code], [400, '8585'])
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}`), 204)
  assert.deepEqual(await world.take(), wire.ownEnd(call))
})

const ENDS = {
  '2019-09': ['updated call terminated', 'deleted call (gone)'],
  '2018-12': ['updated call terminated', 'deleted call (gone)'],
  '2020-12': ['deleted call terminated'],
  beta: ['deleted call terminated'],
} as const

for (const [wireVersion, lines] of Object.entries(ENDS)) {
  test(`${wireVersion}: how it is told`, async (t) => {
    const app: AppName = 'beta'
    const world = await startWorld(t, {}, { [app]: { wireVersion } })
    const rung = await world.control('POST', '/calls', { from: USERS.ada, to: APPS[app] })
    assert.deepEqual(await world.lines(app), ['created call incoming'])
    const targets = [user('ben')]
    assertEmpty(
      await world.client(app).post(`${CALLS}/${rung.body.callId}/redirect`, { targets, maskCaller: true }),
      202,
    )
    const told = await world.take(app)
    assert.deepEqual(
      told.map(({ changeType, resourceData }) => `${changeType} call ${resourceData.state ?? '(gone)'}`),
      lines,
    )
    const [end] = told
    assert.equal(end?.resourceData.answeredBy.identity.user.id, USERS.ben)
    assert.equal(end?.resourceData.terminationReason, 'AppInitiated')
  })
}

function conflict(explanation: string) {
  return {
    status: 409,
    code: '8519',
    message: 'The request conflicts with the current state of the call.',
    explanation,
  }
}
