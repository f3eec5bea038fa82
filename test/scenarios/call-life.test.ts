/** The life of a call after it was created: read, keepAlive, hang-up, and what is left of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply } from '../support/world.ts'
import { INSTANCE, PHONE, USERS, phone, startWorld, user } from '../support/world.ts'
import { CALLS, assertEmpty, assertRefused, callNotFound, create, groupCall, peerToPeer } from './steps.ts'
import * as wire from './wire.ts'

/** 2030-01-01T00:00:00Z */
const NEW_YEAR = Date.UTC(2030, 0, 1)

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version} get: what is absent is an explicit null`, async (t) => {
    const world = await startWorld(t)
    const call = await peerToPeer(world, 'ada', { version })
    const reply = await world.client('alpha', version).get(`${CALLS}/${call.id}`)
    const context = version === 'beta' ? 'app/calls/$entity' : 'communications/calls/$entity'
    assert.equal(reply.status, 200)
    assert.deepEqual(
      reply.body,
      wire.resource(call, {
        '@odata.context': `${world.url}/${version}/$metadata#${context}`,
        state: 'established',
        callbackUri: world.bots.alpha.url,
        targets: [wire.target(wire.person('ada'), version)],
        mediaState: wire.activeAudio,
        ...(version === 'beta' && { activeModalities: ['audio'] }),
      }),
    )
    assert.equal(reply.headers.get('x-microsoft-skype-chain-id'), call.callChainId)
  })
}

test('get while it rings: no media yet', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { busy: { after: '5s' } })
  const call = await create(world, [user('ada')])
  assert.deepEqual(await world.take(), [wire.establishing(call)])
  const { body } = await world.client('alpha').get(`${CALLS}/${call.id}`)
  assert.deepEqual([body.state, body.mediaState], ['establishing', null])
  await world.advance('5s')
  assert.deepEqual(await world.take(), [wire.terminated(call, wire.result(486, 8539, 'The user is busy'))])
})

test('get with $select: these members, and what OData adds', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  const client = world.client('alpha')
  const annotations = {
    '@odata.context': `${world.url}/v1.0/$metadata#communications/calls/$entity`,
    '@odata.type': '#microsoft.graph.call',
  }
  const selected = await client.get(`${CALLS}/${call.id}?$select=id,State, SUBJECT ,nonsense`)
  assert.deepEqual(
    [selected.status, selected.body],
    [200, { ...annotations, state: 'established', subject: null, id: call.id }],
  )
  const all = await client.get(`${CALLS}/${call.id}?$select=*`)
  assert.equal(all.body.callChainId, call.callChainId)
  const refused = await client.get(`${CALLS}/${call.id}?$expand=participants`)
  assertRefused(refused, {
    status: 400,
    code: '8523',
    message: 'Invalid argument.',
    explanation: 'The query option $expand is not supported here; $select is, and on lists $top and $count.',
  })
})

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version} delete of a peer-to-peer call: terminating, then terminated`, async (t) => {
    const world = await startWorld(t)
    const call = await peerToPeer(world, 'ada', { version })
    assertEmpty(await world.client('alpha', version).delete(`${CALLS}/${call.id}`), 204)
    const { id, callChainId } = call
    assert.deepEqual(await world.take(), [
      {
        '@odata.type': '#microsoft.graph.commsNotification',
        changeType: 'updated',
        resource: `/app/calls/${id}`,
        resourceUrl: `/communications/calls/${id}`,
        resourceData: { '@odata.type': '#microsoft.graph.call', state: 'terminating', id },
      },
      {
        '@odata.type': '#microsoft.graph.commsNotification',
        changeType: 'deleted',
        resource: `/app/calls/${id}`,
        resourceUrl: `/communications/calls/${id}`,
        resourceData: {
          '@odata.type': '#microsoft.graph.call',
          state: 'terminated',
          resultInfo: {
            '@odata.type': '#microsoft.graph.resultInfo',
            code: 200,
            subcode: 7000,
            message: 'The application ended the call. DiagCode: 200#7000.@',
          },
          ...(version === 'beta' && { terminationReason: 'AppInitiated' }),
          callChainId,
          tenantId: '11111111-0000-4000-8000-000000000001',
          id,
        },
      },
    ])
  })
}

test('delete of a group call ends the own leg only: the people go on without the bot', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}`), 204)
  assert.deepEqual(await world.take(), wire.ownEnd(call))
  const { body } = await world.control('GET', `/calls/${call.id}`)
  assert.equal(body.endedAt, undefined)
  assert.deepEqual(
    body.participants.map(({ identity, state }: Record<string, { id: string }>) => [identity?.id, state]),
    [
      [USERS.ada, 'connected'],
      [USERS.ben, 'connected'],
    ],
  )
})

test('delete while it rings: the callee is not rung any more', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { answer: { after: '10s' } })
  const call = await create(world, [user('ada')])
  assert.deepEqual(await world.take(), [wire.establishing(call)])
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}`), 204)
  assert.deepEqual(await world.take(), wire.ownEnd(call))
  await world.advance('1h')
})

test('the other side of a peer-to-peer call hangs up: a user, and a phone', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { answer: { after: '0s', leaveAfter: '30s' } })
  await world.script(PHONE, { answer: { after: '0s', leaveAfter: '40s' } })
  const call = await peerToPeer(world)
  const phoned = await create(world, [phone(PHONE)], {
    more: { source: { identity: { applicationInstance: { id: INSTANCE } } } },
  })
  assert.deepEqual(await world.take(), [wire.establishing(phoned), wire.established(phoned)])
  await world.advance('30s')
  assert.deepEqual(await world.take(), [
    wire.terminated(call, wire.result(200, 4521, 'The other side of the peer-to-peer call ended it')),
  ])
  await world.advance('10s')
  assert.deepEqual(await world.take(), [wire.terminated(phoned, wire.result(200, 560000, 'The called phone hung up'))])
})

test('keepAlive puts the deadline off; 45 minutes without one end the call', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  const keepAlive = (): Promise<Reply> => world.client('alpha').post(`${CALLS}/${call.id}/keepAlive`)
  await world.advance('44m')
  assertEmpty(await keepAlive(), 200)
  await world.advance('44m')
  assertEmpty(await keepAlive(), 200)
  await world.advance('44m')
  assert.deepEqual(await world.take(), [])
  await world.advance('59999ms')
  assert.deepEqual(await world.take(), [])
  await world.advance('1ms')
  const end = wire.terminated(call, wire.result(408, 8537, 'No keepAlive arrived in time'))
  assert.deepEqual(await world.take(), [end])
  assert.equal((await keepAlive()).status, 404)
})

test('a group call that is not kept alive loses its bot, and goes on', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  await world.advance('45m')
  const end = wire.terminated(call, wire.result(408, 8537, 'No keepAlive arrived in time'))
  assert.deepEqual(await world.take(), [end])
  assert.equal((await world.control('GET', `/calls/${call.id}`)).body.endedAt, undefined)
})

test('an ended call is gone: 404/8522, with when and why it ended', async (t) => {
  const world = await startWorld(t, { clockStart: NEW_YEAR })
  await world.script('ada', { answer: { after: '0s', leaveAfter: '90s' } })
  const call = await peerToPeer(world)
  await world.advance('90s')
  await world.take()
  await world.advance('10s')
  const client = world.client('alpha')
  const path = `${CALLS}/${call.id}`
  const gone = callNotFound(
    'The call ended at 2030-01-01T00:01:30.000Z: the other side of the peer-to-peer call ended it (200/4521).',
  )
  const body = {
    participants: [user('ben')],
    mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
  }
  const requests: [string, () => Promise<Reply>][] = [
    ['get', () => client.get(path)],
    ['delete', () => client.delete(path)],
    ['keepAlive', () => client.post(`${path}/keepAlive`)],
    ['answer', () => client.post(`${path}/answer`, body)],
    ['reject', () => client.post(`${path}/reject`, {})],
    ['participants', () => client.get(`${path}/participants`)],
    ['operations', () => client.get(`${path}/operations`)],
    ['invite', () => client.post(`${path}/participants/invite`, body)],
    ['participant', () => client.delete(`${path}/participants/${call.myParticipantId}`)],
  ]
  for (const [name, send] of requests) {
    await t.test(name, async () => {
      const reply = await send()
      assertRefused(reply, gone)
      assert.equal(reply.body.error.innerError.date, '2030-01-01T00:01:40')
    })
  }
})

test('an unknown call, and an id that is none', async (t) => {
  const world = await startWorld(t)
  for (const id of ['00000000-0000-4000-8000-000000000000', 'nonsense', "'; drop table calls"]) {
    assertRefused(await world.client('alpha').get(`${CALLS}/${encodeURIComponent(id)}`), callNotFound())
  }
})

test('the longest duration of a call is bounded', async (t) => {
  const world = await startWorld(t, { maxCallDuration: 60_000 })
  const call = await peerToPeer(world)
  await world.advance('59s')
  assert.deepEqual(await world.take(), [])
  await world.advance('1s')
  assert.deepEqual(await world.take(), [
    wire.terminated(call, wire.result(200, 5003, 'The call reached its longest allowed duration')),
  ])
})
