/** Participants and operations of a call: list, read, remove; the roster in full and in changes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json, Known, Version } from './wire.ts'
import * as wire from './wire.ts'
import { callBody, startWorld, user } from '../support/world.ts'
import type { Refusal } from './steps.ts'
import {
  CALLS,
  assertEmpty,
  assertRefused,
  callNotFound,
  create,
  groupCall,
  invalidArgument,
  invite,
  peerToPeer,
} from './steps.ts'

const contextOf = (url: string, version: Version, { id }: Known, rest: string): Json => ({
  '@odata.context': `${url}/${version}/$metadata#communications/calls('${id}')/${rest}`,
})

const participantNotFound = (id: string): Refusal => ({
  status: 404,
  code: '8558',
  message: 'Participant not found in the call.',
  explanation: `No participant with the id ${id} is in the call or being rung.`,
})

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version}: list and get show the same, with explicit nulls`, async (t) => {
    const world = await startWorld(t)
    const { call, rows } = await groupCall(world, ['ada', 'ben', 'cleo'], { version })
    const client = world.client('alpha', version)
    const listed = await client.get(`${CALLS}/${call.id}/participants`)
    assert.deepEqual(
      [listed.status, listed.body],
      [
        200,
        {
          ...contextOf(world.url, version, call, 'participants'),
          value: rows.map((shown) => wire.participant(shown, version)),
        },
      ],
    )
    for (const shown of rows) {
      const { status, body } = await client.get(`${CALLS}/${call.id}/participants/${shown.id}`)
      const context = contextOf(world.url, version, call, 'participants/$entity')
      assert.deepEqual([status, body], [200, { ...context, ...wire.participant(shown, version) }])
    }
  })
}

test('$select applies to each element of a list', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const { body } = await world.client('alpha').get(`${CALLS}/${call.id}/participants?$select=id,isMuted`)
  assert.deepEqual(body, {
    ...contextOf(world.url, 'v1.0', call, 'participants'),
    value: rows.map(({ id }) => ({ '@odata.type': '#microsoft.graph.participant', isMuted: false, id })),
  })
})

test('a peer-to-peer call has no participants to show', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  const client = world.client('alpha')
  const listed = await client.get(`${CALLS}/${call.id}/participants`)
  assert.deepEqual(listed.body, { ...contextOf(world.url, 'v1.0', call, 'participants'), value: [] })
  const one = await client.get(`${CALLS}/${call.id}/participants/${call.myParticipantId}`)
  assertRefused(one, participantNotFound(call.myParticipantId))
})

test('a participant is removed: the roster tells, and they hear nothing before it', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world, ['ada', 'ben', 'cleo'])
  const [ada, own, ben, cleo] = rows
  assert.ok(ada && own && ben && cleo)
  const client = world.client('alpha')
  const remove = (id: string): ReturnType<typeof client.delete> =>
    client.delete(`${CALLS}/${call.id}/participants/${id}`)
  assertEmpty(await remove(ben.id), 204)
  assert.deepEqual(await world.take(), [wire.roster(call, [ada, own, cleo])])
  assertRefused(await remove(ben.id), participantNotFound(ben.id))
  assertRefused(await remove('nobody'), participantNotFound('nobody'))
  assertRefused(
    await remove(own.id),
    invalidArgument('This is the application itself; to leave the call, DELETE the call.'),
  )
  assertEmpty(await remove(ada.id.toUpperCase().replaceAll('-', '')), 204)
  assert.deepEqual(await world.take(), [wire.roster(call, [own, cleo])])
  // With the last person removed nobody is left.
  assertEmpty(await remove(cleo.id), 204)
  assert.deepEqual(await world.take(), [wire.lastParticipant(call)])
})

test('an operation is readable while it runs, and for operationRetention after its end', async (t) => {
  const world = await startWorld(t, { clockStart: 0 })
  const { call } = await groupCall(world)
  await world.script('cleo', { decline: { after: '10s' } })
  await world.script('dov', { answer: { after: '5s', leaveAfter: '20s' } })
  const first = await invite(world, call, [user('cleo')], { clientContext: 'one' })
  const second = await invite(world, call, [user('dov')])
  const client = world.client('alpha')
  const operations = `${CALLS}/${call.id}/operations`
  const read = (id: string): ReturnType<typeof client.get> => client.get(`${operations}/${id}`)
  const entity = contextOf(world.url, 'v1.0', call, 'operations/$entity')

  const running = await client.get(operations)
  assert.deepEqual(
    [running.status, running.body],
    [200, { ...contextOf(world.url, 'v1.0', call, 'operations'), value: [first.body, second.body] }],
  )
  assert.deepEqual((await read(first.body.id)).body, { ...entity, ...first.body })
  assert.equal(first.headers.get('location'), `${world.url}/v1.0${operations}/${first.body.id}`)

  await world.advance('10s')
  assert.deepEqual(await world.lines(), [
    'deleted operation completed',
    'updated roster of 4',
    'deleted operation failed',
  ])
  const failed = {
    ...first.body,
    status: 'Failed',
    resultInfo: wire.result(
      603,
      8538,
      'Participants that did not join: 8:orgid:22222222-0000-4000-8000-000000000003: the user declined',
    ),
  }
  assert.deepEqual((await read(first.body.id)).body, { ...entity, ...failed })
  assert.deepEqual((await read(second.body.id)).body, { ...entity, ...second.body, status: 'Completed' })

  await client.post(`${CALLS}/${call.id}/keepAlive`)
  await world.advance('40m')
  await client.post(`${CALLS}/${call.id}/keepAlive`)
  await world.advance('20m')
  assert.deepEqual(await world.lines(), ['updated roster of 3'])
  assert.equal((await read(first.body.id)).status, 200)
  const operationGone: Refusal = {
    status: 404,
    code: 'itemNotFound',
    message: 'The operation could not be found.',
    explanation:
      'The call has no operation with this id, or it ended longer ago than operations are kept (option operationRetention).',
  }
  assertRefused(await read(second.body.id), operationGone)
  await world.advance('1s')
  assertRefused(await read(first.body.id), operationGone)
  assertRefused(await read('nonsense'), operationGone)
  assert.deepEqual((await client.get(operations)).body.value, [])
})

test('operations are of one call: another of the same bot does not show them', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const other = await peerToPeer(world, 'dov')
  const { body } = await invite(world, call, [user('cleo')])
  await world.take()
  const reply = await world.client('alpha').get(`${CALLS}/${other.id}/operations/${body.id}`)
  assert.deepEqual([reply.status, reply.body.error.code], [404, 'itemNotFound'])
  assertRefused(await world.client('beta').get(`${CALLS}/${call.id}/operations/${body.id}`), callNotFound())
})

test('isDeltaRosterEnabled: the whole roster once, then changes, numbered', async (t) => {
  const world = await startWorld(t)
  const callOptions = { '@odata.type': '#microsoft.graph.outgoingCallOptions', isDeltaRosterEnabled: true }
  const reply = await world
    .client('alpha')
    .post(CALLS, callBody(world, 'alpha', [user('ada'), user('ben')], { callOptions }))
  const call = wire.known(reply)
  assert.deepEqual(reply.body.callOptions, callOptions)
  const taken = await world.take()
  const [ada, ben] = [taken[2], taken[3]].map((one, index) => {
    const { id } = one?.resourceData.participants[0] ?? {}
    return { id, identity: wire.person(index === 0 ? 'ada' : 'ben'), sourceId: index === 0 ? 1 : 3 }
  })
  assert.ok(ada && ben)
  assert.deepEqual(taken, [
    wire.establishing(call),
    wire.established(call),
    {
      '@odata.type': '#microsoft.graph.commsNotification',
      changeType: 'updated',
      resource: `/app/calls/${call.id}/participants`,
      resourceUrl: `/communications/calls/${call.id}/participants`,
      resourceData: {
        '@odata.type': '#microsoft.graph.deltaParticipants',
        participants: [wire.row(ada), wire.row(wire.self(call, 2))],
        sequenceNumber: 1,
      },
    },
    wire.delta(call, 2, [ben]),
  ])

  const { id, ids } = wire.invited(await invite(world, call, [user('cleo')]))
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 4 }
  assert.deepEqual(await world.take(), [wire.operationEnd(call, id, [cleo.identity]), wire.delta(call, 3, [cleo])])

  assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}/participants/${ada.id}`), 204)
  assert.deepEqual(await world.take(), [
    wire.delta(call, 4, [], [{ ...ada, reason: 'another participant removed them' }]),
  ])
  assertEmpty(await world.control('POST', `/calls/${call.id}/participants/${ben.id}/leave`), 204)
  assert.deepEqual(await world.take(), [wire.delta(call, 5, [], [{ ...ben, reason: 'they left' }])])
})

test('delta roster in the lobby: an update of the same row', async (t) => {
  const world = await startWorld(t)
  const callOptions = { isDeltaRosterEnabled: true }
  const call = await create(world, [user('ada'), user('ben')], { more: { callOptions } })
  await world.take()
  await world.script('cleo', { answer: { after: '0s', lobby: true } })
  const { id, ids } = wire.invited(await invite(world, call, [user('cleo')]))
  const waiting = { id: ids[0] ?? '', identity: wire.person('cleo') }
  assert.deepEqual(await world.take(), [wire.delta(call, 3, [{ ...waiting, isInLobby: true }])])
  assertEmpty(await world.control('POST', `/calls/${call.id}/participants/${waiting.id}/admit`), 204)
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [waiting.identity]),
    wire.delta(call, 4, [{ ...waiting, sourceId: 4 }]),
  ])
})

test('only an application that the tenant lets do so puts somebody out; taking an invitation back is free', async (t) => {
  const world = await startWorld(t, {}, { alpha: { removesParticipants: false } })
  const { call, rows } = await groupCall(world)
  const path = `${CALLS}/${call.id}/participants`
  assertRefused(await world.client('alpha').delete(`${path}/${rows[2]?.id ?? ''}`), {
    status: 403,
    code: '7504',
    message: 'Insufficient enterprise tenant permissions, cannot access this API.',
    explanation:
      'The tenant has not let this application remove participants; set removesParticipants for it in the directory.',
  })
  await world.script('cleo', { ignore: {} })
  const { ids } = wire.invited(await invite(world, call, [user('cleo')]))
  assertEmpty(await world.client('alpha').delete(`${path}/${ids[0] ?? ''}`), 204)
  assert.deepEqual(await world.lines(), ['deleted operation failed'])
})
