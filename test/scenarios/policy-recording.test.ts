/** Policy-based recording: recorders come because a policy says so, are asked about further people, and may be required. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import type { BotAnswer, Notification } from '../support/bot.ts'
import { line } from '../support/bot.ts'
import type { AppName, Reply, UserName, World } from '../support/world.ts'
import { APPS, TENANT, USERS, startWorld, user } from '../support/world.ts'
import { CALLS, assertEmpty, assertRefused, create } from './steps.ts'
import type { Json, Known } from './wire.ts'
import * as wire from './wire.ts'

const mediaConfig = { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' }
const OPTIONAL = {
  requiredBeforeMeetingJoin: false,
  requiredDuringMeeting: false,
  requiredBeforeCallEstablishment: false,
  requiredDuringCall: false,
}
const ACCEPT = { '@odata.type': '#microsoft.graph.acceptJoinResponse' }

interface Setup {
  readonly users?: readonly UserName[]
  /** What the policy requires of each recorder: all of it unless said otherwise. */
  readonly required?: Json
  readonly recorders?: readonly AppName[]
  readonly settlePatience?: number
}

/** A world in which the application beta records some users. */
function policyWorld(t: TestContext, setup: Setup = {}): Promise<World> {
  const { users = ['ada', 'ben', 'cleo'], required = {}, recorders = ['beta'], ...overrides } = setup
  const applications = recorders.map((name) => ({ appId: APPS[name], ...required }))
  const policy = { name: 'Broking', users: users.map((name) => `${name}@contoso.example`), applications }
  return startWorld(t, overrides, {}, { recordingPolicies: [policy] })
}

/** Takes the announcement of the one call that the recorder was given. */
async function called(world: World, app: AppName = 'beta'): Promise<{ call: Known; data: AnyJson }> {
  const [notification, ...others] = await world.take(app)
  assert.deepEqual(others.map(line), [])
  assert.ok(notification)
  assert.equal(line(notification), 'created call incoming')
  return { call: wire.known({ body: notification.resourceData }), data: notification.resourceData }
}

const answer = (world: World, call: Known, more: Json = {}, app: AppName = 'beta'): Promise<Reply> =>
  world.client(app).post(`${CALLS}/${call.id}/answer`, { acceptedModalities: ['audio'], mediaConfig, ...more })

/** A recorder that answers the questions about further people, and keeps what it was asked. */
function answering(world: World, reply: BotAnswer): readonly Notification[] {
  const asked: Notification[] = []
  world.bots.beta.answer = ({ body }) => {
    const question = body.value.find(({ resourceData }) => 'call' in resourceData && !('participantId' in resourceData))
    if (!question) return 202
    asked.push(question)
    return reply
  }
  return asked
}

/** Alpha has joined a meeting that nobody else is in yet. */
async function meeting(world: World): Promise<Known> {
  const chatInfo = { threadId: '19:meeting@thread.v2', messageId: '0' }
  const organizer = { user: { id: USERS.fay, tenantId: TENANT } }
  const meetingInfo = { '@odata.type': '#microsoft.graph.organizerMeetingInfo', organizer }
  const call = await create(world, [], { more: { chatInfo, meetingInfo, tenantId: TENANT } })
  await world.take()
  return call
}

const enter = async (world: World, call: Known, name: UserName): Promise<string> => {
  const entered = await world.control('POST', `/calls/${call.id}/participants`, { user: `${name}@contoso.example` })
  assert.equal(entered.status, 201, JSON.stringify(entered.body))
  return entered.body.participantId
}

/** A meeting in which beta records ada, with room for two. */
async function recordedMeeting(world: World, more: Json = {}): Promise<{ own: Known; recorder: Known; ada: string }> {
  const own = await meeting(world)
  const ada = await enter(world, own, 'ada')
  const { call: recorder } = await called(world)
  assertEmpty(await answer(world, recorder, { participantCapacity: 2, ...more }), 202)
  assert.deepEqual(await world.lines('beta'), [
    'updated call establishing',
    'updated call established',
    'updated roster of 2',
  ])
  assert.deepEqual(await world.lines(), ['updated roster of 2'])
  return { own, recorder, ada }
}

test('a user whom a bot calls is recorded: the recorder is called first, and nobody sees it', async (t) => {
  const world = await policyWorld(t)
  const call = await create(world, [user('ada')])
  assert.deepEqual(await world.take(), [wire.establishing(call)])
  const { call: recorder, data } = await called(world)
  const { observedParticipantId } = data.incomingContext
  assert.equal(recorder.callChainId, call.callChainId)
  assert.equal(data.meetingInfo['@odata.type'], '#microsoft.graph.tokenMeetingInfo')
  assert.deepEqual(data.source, wire.source(wire.bot('alpha'), { endpointType: 'default' }))
  assert.deepEqual(data.incomingContext, {
    '@odata.type': '#microsoft.graph.incomingContext',
    observedParticipantId,
    onBehalfOf: null,
    sourceParticipantId: call.myParticipantId,
    transferor: null,
  })
  assert.deepEqual(data.applicationMetadata, {
    botData: {
      callId: call.callChainId,
      user: {
        participationMethod: 'Callee',
        policyHolderId: `8:orgid:${USERS.ada}`,
        policyHolderTenantId: TENANT,
      },
      otherSideUser: {
        id: `28:${APPS.alpha}`,
        participantId: call.myParticipantId,
        tenantId: TENANT,
        participationMethod: 'Caller',
      },
      inviteReasons: ['ComplianceRecording'],
      policyIdentifier: 'TeamsComplianceRecordingPolicy=Tenant:Broking',
      pairedRecorders: [],
      otherRecorders: [],
      isMultiParty: false,
    },
  })
  assertEmpty(await answer(world, recorder), 202)
  assert.deepEqual(await world.take(), [wire.established(call)])
  const taken = await world.take('beta')
  assert.deepEqual(taken.map(line), ['updated call establishing', 'updated call established', 'updated roster of 2'])
  assert.deepEqual(
    taken[2]?.resourceData.map(({ id }: AnyJson) => id),
    [observedParticipantId, call.myParticipantId],
  )

  // The recorder sees who is in the peer-to-peer call; the bot sees no roster, as ever.
  const [seen, unseen] = await Promise.all([
    world.client('beta').get(`${CALLS}/${recorder.id}/participants`),
    world.client('alpha').get(`${CALLS}/${call.id}/participants`),
  ])
  assert.equal(seen.body.value.length, 2)
  assert.deepEqual(unseen.body.value, [])

  // It goes when nobody is left whom it records.
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}`), 204)
  assert.deepEqual(await world.take(), wire.ownEnd(call))
  const text = 'Everybody whom the application recorded has left'
  assert.deepEqual((await world.take('beta')).at(-1), wire.terminated(recorder, wire.result(200, 5002, text)))
})

for (const [name, react, code, text] of [
  [
    'rejects',
    (world: World, { id }: Known) => world.client('beta').post(`${CALLS}/${id}/reject`, { reason: 'busy' }),
    [603, 8538],
    'The application that has to record them refused',
  ],
  [
    'does not answer within five seconds',
    (world: World) => world.advance('5s'),
    [408, 8587],
    'The application that has to record them did not answer in time',
  ],
] as const) {
  test(`a required recorder that ${name} keeps the call from being established`, async (t) => {
    const world = await policyWorld(t)
    const call = await create(world, [user('ada')])
    const { call: recorder } = await called(world)
    await react(world, recorder)
    assert.deepEqual(await world.take(), [
      wire.establishing(call),
      wire.terminated(call, wire.result(code[0], code[1], text)),
    ])
    assert.match((await world.lines('beta'))[0] ?? '', /^deleted call/)
  })
}

test('a recorder that is not required may refuse: the call is established at once and goes on', async (t) => {
  const world = await policyWorld(t, { required: OPTIONAL })
  const call = await create(world, [user('ada')])
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
  const { call: recorder } = await called(world)
  assertEmpty(await world.client('beta').post(`${CALLS}/${recorder.id}/reject`, {}), 202)
  assert.deepEqual(await world.lines('beta'), ['deleted call (gone)'])
  assert.deepEqual(await world.take(), [])
})

for (const required of [true, false]) {
  test(`a recorder that hangs up ${required ? 'takes the person with it' : 'lets the person stay'}`, async (t) => {
    const world = await policyWorld(t, { required: { requiredDuringCall: required } })
    const call = await create(world, [user('ada')])
    const { call: recorder } = await called(world)
    assertEmpty(await answer(world, recorder), 202)
    await world.take()
    await world.take('beta')
    assertEmpty(await world.client('beta').delete(`${CALLS}/${recorder.id}`), 204)
    assert.deepEqual(await world.take('beta'), wire.ownEnd(recorder))
    const text = 'The application that has to record them left the call'
    assert.deepEqual(await world.take(), required ? [wire.terminated(call, wire.result(500, 1005, text))] : [])
  })
}

test('an unreachable recorder: the announcement is refused for good, and the call ends', async (t) => {
  const world = await policyWorld(t)
  world.bots.beta.answer = () => 410
  const call = await create(world, [user('ada')])
  assert.deepEqual((await world.lines()).at(-1), 'deleted call terminated')
  assert.equal((await world.control('GET', `/calls/${call.id}`)).body.calls[0].reason, 'recorder-unreachable')
  await world.take('beta')
})

test('a user who calls a bot is held until the recorder is there', async (t) => {
  const world = await policyWorld(t)
  const rung = await world.control('POST', '/calls', { from: 'ada@contoso.example', to: APPS.alpha })
  const [incoming] = await world.take()
  const call = wire.known({ body: incoming?.resourceData })
  assertEmpty(await answer(world, call, {}, 'alpha'), 202)
  assert.deepEqual(await world.take(), [wire.establishing(call)])
  const { call: recorder, data } = await called(world)
  const { participantId } = rung.body
  assert.equal(data.incomingContext.observedParticipantId, participantId)
  assert.equal(data.incomingContext.sourceParticipantId, participantId)
  assert.equal(data.applicationMetadata.botData.user.participationMethod, 'Caller')
  assert.equal(data.applicationMetadata.botData.otherSideUser.participationMethod, 'Callee')
  assertEmpty(await answer(world, recorder), 202)
  assert.deepEqual(await world.take(), [wire.established(call)])
  await world.take('beta')
})

test('one more person: the recorder with room is asked, accepts, and hears who leaves', async (t) => {
  const world = await policyWorld(t)
  const { own, recorder, ada } = await recordedMeeting(world)
  const asked = answering(world, { status: 200, json: ACCEPT })
  const ben = await enter(world, own, 'ben')
  const taken = await world.take('beta')
  assert.deepEqual(taken.map(line), ['updated participantJoining', 'updated roster of 3'])
  assert.deepEqual(await world.lines(), ['updated roster of 3'])
  const [question] = asked
  assert.ok(question)
  const { '@odata.type': type, call } = question.resourceData
  assert.equal(type, '#microsoft.graph.participantJoiningNotification')
  assert.equal(question.resourceUrl, `/communications/calls/${recorder.id}`)
  assert.equal(call.id, recorder.id)
  assert.equal(call.state, 'established')
  assert.deepEqual(call.source, wire.source(wire.person('ben'), { endpointType: 'default' }))
  assert.equal(call.incomingContext.observedParticipantId, ben)
  assert.equal(call.applicationMetadata.botData.user.policyHolderId, `8:orgid:${USERS.ben}`)

  assert.deepEqual(call.meetingInfo, recorder.meetingInfo)
  assert.deepEqual(call.chatInfo, own.chatInfo)

  // No room for a third one: a call of their own.
  await enter(world, own, 'cleo')
  const { call: second } = await called(world)
  assertEmpty(await answer(world, second), 202)
  assert.deepEqual((await world.lines('beta')).toSorted(), [
    'updated call established',
    'updated call establishing',
    'updated roster of 4',
    'updated roster of 4',
  ])
  await world.take()

  // One leaves, and the other: told of each, then the recorder goes.
  const leave = (id: string): Promise<Reply> => world.control('POST', `/calls/${own.id}/participants/${id}/leave`)
  assertEmpty(await leave(ben), 204)
  const [left, ...rosters] = (await world.take('beta')).toSorted((a, b) => line(a).localeCompare(line(b)))
  assert.deepEqual(left?.resourceData, {
    '@odata.type': '#microsoft.graph.participantLeftNotification',
    participantId: ben,
    call: {
      '@odata.type': '#microsoft.graph.call',
      state: 'established',
      callChainId: own.callChainId,
      tenantId: TENANT,
      id: recorder.id,
    },
  })
  assert.deepEqual(rosters.map(line), ['updated roster of 3', 'updated roster of 3'])
  assertEmpty(await leave(ada), 204)
  assert.deepEqual((await world.lines('beta')).toSorted(), [
    'deleted call terminated',
    'updated participantLeft',
    'updated roster of 2',
  ])
  await world.take()
})

/** What the second person's fate is, by what the recorder answers to the question about them. */
const ANSWERS: readonly (readonly [name: string, reply: BotAnswer, reason: string, detail: RegExp])[] = [
  [
    'reject',
    { status: 200, json: { '@odata.type': '#microsoft.graph.rejectJoinResponse', reason: 'busy' } },
    'recorder-rejected',
    /busy/,
  ],
  ['no body', 202, 'recorder-bad-answer', /answered 202 without a body/],
  ['no JSON', { status: 200, json: '<html>' }, 'recorder-bad-answer', /not JSON/],
  ['no type', { status: 200, json: {} }, 'recorder-bad-answer', /no @odata.type/],
  [
    'another type',
    { status: 200, json: { '@odata.type': '#microsoft.graph.call' } },
    'recorder-bad-answer',
    /no @odata.type/,
  ],
  ['an error', 500, 'recorder-bad-answer', /the bot answered 500/],
  ['a broken connection', 'reset', 'recorder-bad-answer', /closed the connection/],
  [
    'a bad address',
    { status: 200, json: { '@odata.type': '#microsoft.graph.inviteNewBotResponse', inviteUri: 'ftp://x' } },
    'recorder-bad-answer',
    /inviteUri must be an absolute https/,
  ],
  ['too much', { status: 200, json: { ...ACCEPT, padding: 'x'.repeat(10_000) } }, 'recorder-bad-answer', /not JSON/],
]

for (const [name, reply, reason, detail] of ANSWERS) {
  test(`the recorder answers the question with ${name}: the person does not come in`, async (t) => {
    const world = await policyWorld(t)
    const { own } = await recordedMeeting(world)
    answering(world, reply)
    await enter(world, own, 'ben')
    assert.deepEqual(await world.lines('beta'), ['updated participantJoining'])
    assert.deepEqual(await world.lines(), [])
    const failure = await failureOf(world, own)
    assert.equal(failure.name, reason)
    assert.match(failure.detail, detail)
    const { body } = await world.control('GET', `/calls/${own.id}`)
    assert.equal(body.participants.length, 3)
    assert.equal(body.recordings.length, 1)
  })
}

/** Why a recorder did not come, as the timeline tells. */
async function failureOf(world: World, call: Known): Promise<AnyJson> {
  const { body } = await world.control('GET', `/calls/${call.id}/timeline`)
  const [failed] = body.value.filter(({ event }: AnyJson) => event?.type === 'RecorderFailed')
  return failed.event.reason
}

test('an optional recorder that gives no usable answer does not keep anybody out', async (t) => {
  const world = await policyWorld(t, { required: { ...OPTIONAL } })
  const own = await meeting(world)
  await enter(world, own, 'ada')
  const [incoming] = await world.take('beta')
  const recorder = wire.known({ body: incoming?.resourceData })
  assertEmpty(await answer(world, recorder, { participantCapacity: 5 }), 202)
  await world.take('beta')
  await world.take()
  answering(world, 500)
  await enter(world, own, 'ben')
  assert.deepEqual(await world.lines('beta'), ['updated participantJoining', 'updated roster of 3'])
  assert.deepEqual(await world.lines(), ['updated roster of 3'])
})

test('no answer within five seconds: the person is put out; their place is free again', async (t) => {
  const world = await policyWorld(t, { settlePatience: 200 })
  const { own } = await recordedMeeting(world)
  world.bots.beta.answer = () => 'hang'
  await enter(world, own, 'ben')
  await world.control('POST', '/clock/advance', { by: '4999ms' })
  assert.equal((await world.control('GET', `/calls/${own.id}`)).body.participants.length, 4)
  await world.advance('1ms')
  assert.deepEqual((await failureOf(world, own)).name, 'recorder-bad-answer')
  assert.equal((await world.control('GET', `/calls/${own.id}`)).body.participants.length, 3)
  answering(world, { status: 200, json: ACCEPT })
  await enter(world, own, 'cleo')
  assert.deepEqual(await world.lines('beta'), [
    'updated participantJoining',
    'updated participantJoining',
    'updated roster of 3',
  ])
  await world.take()
})

test('inviteNewBot: a new call is announced at the address that the recorder names', async (t) => {
  const world = await policyWorld(t)
  const { own, recorder } = await recordedMeeting(world)
  const inviteUri = `${world.bots.beta.url}/second?instance=2`
  answering(world, { status: 200, json: { '@odata.type': '#microsoft.graph.inviteNewBotResponse', inviteUri } })
  await enter(world, own, 'ben')
  const [question, incoming, ...others] = await world.take('beta')
  assert.deepEqual(
    [question, incoming, ...others].map((one) => one && line(one)),
    ['updated participantJoining', 'created call incoming'],
  )
  assert.equal(world.bots.beta.received.at(-1)?.url, '/api/calls/second?instance=2')
  const second = wire.known({ body: incoming?.resourceData })
  assert.notEqual(second.id, recorder.id)
  assertEmpty(await answer(world, second), 202)
  await world.take('beta')
  assert.deepEqual(await world.lines(), ['updated roster of 3'])
})

test('who says nothing of room gets a call for each person, and hears nothing of people who leave', async (t) => {
  const world = await policyWorld(t)
  const own = await meeting(world)
  await enter(world, own, 'ada')
  const { call: first } = await called(world)
  assertEmpty(await answer(world, first), 202)
  await world.take('beta')
  const ben = await enter(world, own, 'ben')
  const { call: second, data } = await called(world)
  assert.equal(data.applicationMetadata.botData.isMultiParty, true)
  assert.equal(data.applicationMetadata.botData.user.participationMethod, 'DialIn')
  assertEmpty(await answer(world, second), 202)
  await world.take('beta')
  assertEmpty(await world.control('POST', `/calls/${own.id}/participants/${ben}/leave`), 204)
  assert.deepEqual((await world.lines('beta')).toSorted(), ['deleted call terminated', 'updated roster of 2'])
  await world.take()
})

test('a bot that invites a user who is recorded: the operation ends when the recorder is there', async (t) => {
  const world = await policyWorld(t, { users: ['cleo'] })
  const call = await create(world, [user('ada'), user('ben')])
  await world.take()
  const invited = await world
    .client('alpha')
    .post(`${CALLS}/${call.id}/participants/invite`, { participants: [user('cleo')] })
  assert.equal(invited.status, 200)
  assert.deepEqual(await world.lines(), [])
  const { call: recorder, data } = await called(world)
  assert.equal(data.applicationMetadata.botData.user.participationMethod, 'DialOut')
  assertEmpty(await answer(world, recorder), 202)
  assert.deepEqual(await world.lines(), ['deleted operation completed', 'updated roster of 4'])
  await world.take('beta')

  // A recorder is there to record, not to bring others in.
  assertRefused(
    await world.client('beta').post(`${CALLS}/${recorder.id}/participants/invite`, { participants: [user('dov')] }),
    {
      status: 403,
      code: '7504',
      message: 'Insufficient enterprise tenant permissions, cannot access this API.',
      explanation:
        'A recording policy made this call, to record others; the application invites, and passes on, calls of its own.',
    },
  )
})

test('two recorders of one policy: each has a call, and both must be there', async (t) => {
  const world = await policyWorld(t, { recorders: ['beta', 'pinned'] })
  const call = await create(world, [user('ada')])
  const { call: first, data } = await called(world)
  const { call: second } = await called(world, 'pinned')
  const [other] = data.applicationMetadata.botData.otherRecorders
  assert.deepEqual(other, { id: `28:${APPS.pinned}`, participantId: second.myParticipantId })
  assertEmpty(await answer(world, first), 202)
  assert.deepEqual(await world.take(), [wire.establishing(call)])
  assertEmpty(await answer(world, second, {}, 'pinned'), 202)
  assert.deepEqual(await world.take(), [wire.established(call)])
  await world.take('beta')
  await world.take('pinned')
})
