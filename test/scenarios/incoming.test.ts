/** Incoming calls: a person or phone calls the application, which answers or rejects in time, or not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply, World } from '../support/world.ts'
import { APPS, INSTANCE, PHONE, SERVICE_NUMBER, TENANT, USERS, startWorld } from '../support/world.ts'
import { CALLS, GUID, assertEmpty, assertRefused, callNotFound, invalidArgument, ring } from './steps.ts'
import type { Json, Known } from './wire.ts'
import * as wire from './wire.ts'

const mediaConfig = { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' }
const answerBody = { acceptedModalities: ['audio'], mediaConfig }

const answer = (world: World, call: Known, more: Json = {}): Promise<Reply> =>
  world.client('alpha').post(`${CALLS}/${call.id}/answer`, { ...answerBody, ...more })

const rejected = (call: Known): Json => ({
  '@odata.type': '#microsoft.graph.commsNotification',
  changeType: 'deleted',
  resource: `/app/calls/${call.id}`,
  resourceUrl: `/communications/calls/${call.id}`,
  resourceData: { '@odata.type': '#microsoft.graph.call', id: call.id },
})

test('a user calls the app id: the rich notification, in full', async (t) => {
  const world = await startWorld(t)
  const rung = await world.control('POST', '/calls', { from: 'ada@contoso.example', to: APPS.alpha })
  const { callId: id, participantId } = rung.body
  assert.equal(rung.status, 201)
  const taken = await world.take()
  const { callChainId, myParticipantId } = taken[0]?.resourceData ?? {}
  for (const minted of [id, participantId, callChainId, myParticipantId]) assert.match(minted, GUID)
  assert.deepEqual(taken, [
    {
      '@odata.type': '#microsoft.graph.commsNotification',
      changeType: 'created',
      resource: `/app/calls/${id}`,
      resourceUrl: `/communications/calls/${id}`,
      resourceData: {
        '@odata.type': '#microsoft.graph.call',
        state: 'incoming',
        direction: 'incoming',
        callbackUri: world.bots.alpha.url,
        callChainId,
        callRoutes: [],
        source: {
          '@odata.type': '#microsoft.graph.participantInfo',
          identity: {
            '@odata.type': '#microsoft.graph.identitySet',
            user: {
              '@odata.type': '#microsoft.graph.identity',
              id: USERS.ada,
              displayName: 'ada',
              tenantId: TENANT,
            },
          },
          countryCode: null,
          endpointType: 'default',
          region: null,
          languageId: null,
        },
        targets: [
          {
            '@odata.type': '#microsoft.graph.invitationParticipantInfo',
            identity: {
              '@odata.type': '#microsoft.graph.identitySet',
              application: {
                '@odata.type': '#microsoft.graph.identity',
                id: APPS.alpha,
                displayName: 'Alpha',
                tenantId: TENANT,
              },
            },
            endpointType: 'default',
          },
        ],
        requestedModalities: ['audio'],
        incomingContext: {
          '@odata.type': '#microsoft.graph.incomingContext',
          observedParticipantId: participantId,
          onBehalfOf: null,
          sourceParticipantId: participantId,
          transferor: null,
        },
        myParticipantId,
        tenantId: TENANT,
        id,
      },
    },
  ])
  const call = wire.known({ body: taken[0]?.resourceData })
  assertEmpty(await answer(world, call), 202)
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])

  // As a resource the call names its caller and callee in the same way.
  const shown = await world.client('alpha').get(`${CALLS}/${id}`)
  assert.deepEqual(
    shown.body,
    wire.resource(call, {
      '@odata.context': `${world.url}/v1.0/$metadata#communications/calls/$entity`,
      state: 'established',
      callbackUri: world.bots.alpha.url,
      source: wire.source(wire.person('ada')),
      targets: [wire.target(wire.bot('alpha'))],
      mediaState: wire.activeAudio,
      incomingContext: taken[0]?.resourceData.incomingContext,
    }),
  )
})

test('a user calls the number: the target is the application instance', async (t) => {
  const world = await startWorld(t)
  const { call, data } = await ring(world, USERS.ben, SERVICE_NUMBER)
  assert.deepEqual(data['source'], wire.source(wire.person('ben'), { endpointType: 'default' }))
  assert.deepEqual(data['targets'], [
    {
      '@odata.type': '#microsoft.graph.invitationParticipantInfo',
      identity: wire.instance(),
      endpointType: 'default',
    },
  ])
  assertEmpty(await answer(world, call), 202)
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
})

test('a phone calls the application instance, and hangs up', async (t) => {
  const world = await startWorld(t)
  const { call, data } = await ring(world, PHONE, INSTANCE)
  assert.deepEqual(
    data['source'],
    wire.source(wire.number(PHONE, { displayName: 'A phone' }), { endpointType: 'default' }),
  )
  assertEmpty(await answer(world, call), 202)
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
  const { body } = await world.control('GET', `/calls/${call.id}`)
  const caller = body.participants.find(({ type }: { type: string }) => type === 'person')
  assertEmpty(await world.control('POST', `/calls/${call.id}/participants/${caller.id}/leave`), 204)
  assert.deepEqual(await world.take(), [wire.terminated(call, wire.result(200, 540000, 'The calling phone hung up'))])
})

test('answer can move the notifications elsewhere', async (t) => {
  const world = await startWorld(t)
  const { call } = await ring(world, USERS.ada, APPS.alpha)
  const callbackUri = `${world.bots.alpha.url}/${call.id}?leg=1`
  assertEmpty(await answer(world, call, { callbackUri, acceptedModalities: ['audio', 'video'] }), 202)
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
  const paths = world.bots.alpha.received.map(({ url }) => url)
  const { pathname, search } = new URL(callbackUri)
  assert.deepEqual(paths, ['/api/calls', pathname + search, pathname + search])
  const { body } = await world.client('alpha').get(`${CALLS}/${call.id}`)
  assert.deepEqual([body.callbackUri, body.requestedModalities], [callbackUri, ['audio', 'video']])
})

test('answer understands the old name of its modalities, and refuses what it cannot use', async (t) => {
  const world = await startWorld(t)
  const { call } = await ring(world, USERS.ada, APPS.alpha)
  const client = world.client('alpha')
  const post = (body: unknown): Promise<Reply> => client.post(`${CALLS}/${call.id}/answer`, body)
  assertRefused(
    await post({ ...answerBody, callbackUri: 'http://bot.example' }),
    invalidArgument('callbackUri must be https; plain http is for this machine in development, or for --profile open.'),
  )
  assertRefused(
    await post({ ...answerBody, participantCapacity: -1 }),
    invalidArgument('participantCapacity must be a whole number from 0 to 2147483647.'),
  )
  assertEmpty(await post({ mediaConfig, acceptModalities: ['AUDIO'], callback: world.bots.alpha.url }), 202)
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
})

test('a call is answered once, and never rejected after that', async (t) => {
  const world = await startWorld(t)
  const { call } = await ring(world, USERS.ada, APPS.alpha)
  assertEmpty(await answer(world, call), 202)
  await world.take()
  const wrongState = { status: 400, code: '8585', message: 'The call is not in a state that allows this action.' }
  assertRefused(await answer(world, call), {
    ...wrongState,
    explanation: 'The call is established; only an incoming call can be answered, and only once.',
  })
  assertRefused(await world.client('alpha').post(`${CALLS}/${call.id}/reject`, { reason: 'busy' }), {
    ...wrongState,
    explanation: 'The call is established; only an incoming call can be rejected, and only once.',
  })
})

test('an incoming call cannot be kept alive before it is answered', async (t) => {
  const world = await startWorld(t)
  const { call } = await ring(world, USERS.ada, APPS.alpha)
  assertRefused(await world.client('alpha').post(`${CALLS}/${call.id}/keepAlive`), {
    status: 400,
    code: '8585',
    message: 'The call is not in a state that allows this action.',
    explanation: 'The call is incoming; it can be kept alive once it is answered.',
  })
  assertEmpty(await world.client('alpha').post(`${CALLS}/${call.id}/reject`, {}), 202)
  assert.deepEqual(await world.take(), [rejected(call)])
})

for (const [reason, why] of [
  ['busy', 'the application rejected the call as busy (486/8539)'],
  ['Forbidden', 'the application rejected the call as forbidden (403/8538)'],
  ['none', 'the application rejected the call (603/8538)'],
  [undefined, 'the application rejected the call (603/8538)'],
] as const) {
  test(`reject (${reason}): one notification, without state`, async (t) => {
    const world = await startWorld(t, { clockStart: 0 })
    const { call } = await ring(world, USERS.ada, APPS.alpha)
    const reply = await world.client('alpha').post(`${CALLS}/${call.id}/reject`, reason && { reason })
    assertEmpty(reply, 202)
    assert.deepEqual(await world.take(), [rejected(call)])
    assertRefused(
      await world.client('alpha').get(`${CALLS}/${call.id}`),
      callNotFound(`The call ended at 1970-01-01T00:00:00.000Z: ${why}.`),
    )
  })
}

test('reject can name where the end is to be announced', async (t) => {
  const world = await startWorld(t)
  const { call } = await ring(world, USERS.ada, APPS.alpha)
  const callbackUri = `${world.bots.alpha.url}/rejected`
  assertEmpty(await world.client('alpha').post(`${CALLS}/${call.id}/reject`, { reason: 'none', callbackUri }), 202)
  assert.deepEqual(await world.take(), [rejected(call)])
  assert.equal(world.bots.alpha.received.at(-1)?.url, '/api/calls/rejected')
})

test('not answered within 15 seconds: the call ends with 408/8587', async (t) => {
  const world = await startWorld(t)
  const { call } = await ring(world, USERS.ada, APPS.alpha)
  await world.advance('14999ms')
  assert.deepEqual(await world.take(), [])
  await world.advance('1ms')
  assert.deepEqual(await world.take(), [
    wire.terminated(call, wire.result(408, 8587, 'The application did not answer the incoming call in time')),
  ])
  assert.equal((await answer(world, call)).status, 404)
})

test('the webhook is down: the call ends with 503/8610 after 15 seconds', async (t) => {
  const world = await startWorld(t)
  const bot = world.bots.alpha
  let down = true
  bot.answer = () => (down ? 503 : 202)
  const rung = await world.control('POST', '/calls', { from: USERS.ada, to: APPS.alpha })
  await world.advance('15s')
  assert.deepEqual(
    (await world.lines()).filter((line) => line !== 'created call incoming'),
    [],
  )
  const { body } = await world.control('GET', `/calls/${rung.body.callId}`)
  assert.deepEqual(body.calls[0].resultInfo, {
    code: 503,
    subcode: 8610,
    message: `The incoming call could not be delivered to the application: the bot answered 503, at ${bot.url}. DiagCode: 503#8610.@`,
  })
  assert.ok(body.endedAt)

  // The application hears of both once it is up again, in order.
  down = false
  await world.advance('1m')
  const [late, end, ...others] = await world.take()
  const call = wire.known({ body: late?.resourceData })
  assert.deepEqual(others, [])
  assert.deepEqual(
    end,
    wire.terminated(
      call,
      wire.result(
        503,
        8610,
        `The incoming call could not be delivered to the application: the bot answered 503, at ${bot.url}`,
      ),
    ),
  )
})

test('the caller gives up before it is answered', async (t) => {
  const world = await startWorld(t)
  const rung = await world.control('POST', '/calls', { from: USERS.ada, to: APPS.alpha })
  const [incoming] = await world.take()
  const call = wire.known({ body: incoming?.resourceData })
  const path = `/calls/${call.id}/participants/${rung.body.participantId}/leave`
  assertEmpty(await world.control('POST', path), 204)
  assert.deepEqual(await world.take(), [
    wire.terminated(call, wire.result(487, 8542, 'The caller gave up before it was answered')),
  ])
})

test('an incoming call can be deleted, too: the caller hears that nobody takes it', async (t) => {
  const world = await startWorld(t)
  const { call } = await ring(world, USERS.ada, APPS.alpha)
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}`), 204)
  assert.deepEqual(await world.take(), wire.ownEnd(call))
  assert.ok((await world.control('GET', `/calls/${call.id}`)).body.endedAt)
})

test('a bot that is called twice has two calls, each with a deadline of its own', async (t) => {
  const world = await startWorld(t)
  const first = await ring(world, USERS.ada, APPS.alpha)
  await world.advance('10s')
  const second = await ring(world, USERS.ben, APPS.alpha)
  const late = wire.result(408, 8587, 'The application did not answer the incoming call in time')
  await world.advance('5s')
  assert.deepEqual(await world.take(), [wire.terminated(first.call, late)])
  assertEmpty(await answer(world, second.call), 202)
  assert.deepEqual(await world.take(), [wire.establishing(second.call), wire.established(second.call)])
  await world.advance('10s')
})

test('an application without any calling permission sees its callers encrypted', async (t) => {
  const world = await startWorld(t)
  const { call, data } = await ring(world, USERS.ada, APPS.mute, 'mute')
  const { source } = data as { source: { identity: { encrypted: { id: string } } } }
  const { id } = source.identity.encrypted
  assert.match(id, /^29:[\w-]{36}$/)
  assert.deepEqual(
    source,
    wire.source(
      {
        '@odata.type': '#microsoft.graph.identitySet',
        encrypted: { '@odata.type': '#microsoft.graph.identity', id },
      },
      { endpointType: 'default' },
    ),
  )
  // Answering a peer-to-peer call needs no permission.
  const reply = await world.client('mute').post(`${CALLS}/${call.id}/answer`, answerBody)
  assertEmpty(reply, 202)
  assert.deepEqual(await world.take('mute'), [wire.establishing(call), wire.established(call)])
})

test('whom a person cannot call, or cannot call as', async (t) => {
  const world = await startWorld(t)
  const rows: [string, string, string][] = [
    [
      USERS.ada,
      USERS.ben,
      'to: name an application of the directory, by its app id, an application instance, or its number.',
    ],
    [
      'nobody@contoso.example',
      APPS.alpha,
      'nobody@contoso.example is neither a user of the directory nor a number such as +12065550150.',
    ],
    ['stranger@fabrikam.example', APPS.alpha, 'stranger@fabrikam.example belongs to another tenant than the call.'],
  ]
  for (const [from, to, explanation] of rows) {
    assertRefused(await world.control('POST', '/calls', { from, to }), {
      status: 400,
      code: 'invalidRequest',
      message: 'The request is invalid.',
      explanation,
    })
  }
})
