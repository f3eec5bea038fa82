/** Addresses and names: every published spelling reaches the same resource. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply, World } from '../support/world.ts'
import { APPS, USERS, callBody, startWorld, user } from '../support/world.ts'
import { CALLS, assertEmpty, groupCall, peerToPeer } from './steps.ts'
import type { Known } from './wire.ts'
import * as wire from './wire.ts'

/** A request to an address as it stands. */
const send = async (world: World, method: string, address: string, body?: unknown): Promise<Reply> =>
  world.request(method, address, body, { authorization: `Bearer ${await world.token('alpha')}` })

test('/v1.0/app/calls is /v1.0/communications/calls by an older name', async (t) => {
  const world = await startWorld(t)
  const created = await send(world, 'POST', `/v1.0/app/calls`, callBody(world, 'alpha', [user('ada'), user('ben')]))
  const call = wire.known(created)
  assert.equal(created.status, 201)
  assert.equal(created.headers.get('location'), `${world.url}/v1.0/app/calls/${call.id}`)
  assert.equal(created.body['@odata.context'], `${world.url}/v1.0/$metadata#app/calls/$entity`)
  const lines = await world.lines()
  assert.deepEqual(lines.slice(0, 2), ['updated call establishing', 'updated call established'])

  const [old, current] = await Promise.all([
    send(world, 'GET', `/v1.0/app/calls/${call.id}`),
    send(world, 'GET', `/v1.0${CALLS}/${call.id}`),
  ])
  assert.deepEqual([old.status, old.body], [current.status, current.body])

  const participants = [user('cleo')]
  const invited = await send(world, 'POST', `/v1.0/app/calls/${call.id}/participants/invite`, { participants })
  assert.equal(invited.status, 200)
  const { id } = invited.body
  assert.equal(invited.headers.get('location'), `${world.url}/v1.0/app/calls/${call.id}/operations/${id}`)
  assert.deepEqual(await world.lines(), ['deleted operation completed', 'updated roster of 4'])
  assert.equal((await send(world, 'GET', `/v1.0/app/calls/${call.id}/operations/${id}`)).status, 200)
  assertEmpty(await send(world, 'POST', `/v1.0/app/calls/${call.id}/keepAlive`), 200)
  assertEmpty(await send(world, 'DELETE', `/v1.0/app/calls/${call.id}`), 204)
  assert.deepEqual(await world.take(), wire.ownEnd(call))
})

test('a call may be spoken to in either version; its notifications keep the one it was made in', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world, 'ada', { version: 'beta' })
  const old = await send(world, 'GET', `/v1.0${CALLS}/${call.id}`)
  assert.equal('terminationReason' in old.body, false)
  assertEmpty(await send(world, 'DELETE', `/v1.0${CALLS}/${call.id}`), 204)
  assert.deepEqual(await world.take(), wire.ownEnd(call))
})

const hex = (id: string): string => id.replaceAll('-', '').toUpperCase()

const spellings: readonly (readonly [string, (call: Known) => string])[] = [
  ['as it is published', ({ id }) => `/v1.0/communications/calls/${id}/keepAlive`],
  ['with the action qualified', ({ id }) => `/v1.0/communications/calls/${id}/microsoft.graph.keepAlive`],
  ['with the action qualified, in capitals', ({ id }) => `/v1.0/communications/calls/${id}/Microsoft.Graph.KeepAlive`],
  ['in small letters', ({ id }) => `/v1.0/communications/calls/${id}/keepalive`],
  ['in capitals', ({ id }) => `/V1.0/COMMUNICATIONS/CALLS/${id.toUpperCase()}/KEEPALIVE`],
  ['with doubled slashes', ({ id }) => `//v1.0//communications//calls//${id}//keepAlive`],
  ['with a slash at the end', ({ id }) => `/v1.0/communications/calls/${id}/keepAlive/`],
  ['with an id of 32 hex digits', ({ id }) => `/v1.0/communications/calls/${hex(id)}/keepAlive`],
  ['in the older way', ({ id }) => `/beta/App/Calls/${hex(id)}/microsoft.graph.keepAlive`],
]
test('one action, every spelling of its address', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  for (const [name, address] of spellings) {
    await t.test(name, async () => assertEmpty(await send(world, 'POST', address(call), {}), 200))
  }
})

test('qualified actions: answer, reject and invite', async (t) => {
  const world = await startWorld(t)
  const ring = async (): Promise<Known> => {
    await world.control('POST', '/calls', { from: USERS.ada, to: APPS.alpha })
    const [incoming] = await world.take()
    return wire.known({ body: incoming?.resourceData })
  }
  const mediaConfig = wire.serviceHosted
  const first = await ring()
  assertEmpty(await send(world, 'POST', `/v1.0${CALLS}/${first.id}/microsoft.graph.answer`, { mediaConfig }), 202)
  assert.deepEqual(await world.take(), [wire.establishing(first), wire.established(first)])
  const second = await ring()
  assertEmpty(await send(world, 'POST', `/v1.0${CALLS}/${second.id}/microsoft.graph.reject`, { reason: 'Busy' }), 202)
  assert.deepEqual(await world.lines(), ['deleted call (gone)'])

  const { call } = await groupCall(world, ['ben', 'cleo'])
  const invited = await send(world, 'POST', `/v1.0${CALLS}/${call.id}/participants/microsoft.graph.invite`, {
    participants: [user('dov')],
  })
  assert.equal(invited.status, 200)
  assert.deepEqual(await world.lines(), ['deleted operation completed', 'updated roster of 4'])
})

test('ids of participants and operations, too, are found in every spelling', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const invited = await send(world, 'POST', `/v1.0${CALLS}/${call.id}/participants/invite`, {
    Participants: [user('cleo')],
    ClientContext: 'any case',
  })
  assert.deepEqual([invited.status, invited.body.clientContext], [200, 'any case'])
  await world.take()
  const operation = await send(world, 'GET', `/v1.0${CALLS}/${hex(call.id)}/Operations/${hex(invited.body.id)}`)
  assert.deepEqual([operation.status, operation.body.id], [200, invited.body.id])
  const participant = await send(world, 'GET', `/v1.0${CALLS}/${call.id}/PARTICIPANTS/${hex(rows[0]?.id ?? '')}`)
  assert.deepEqual([participant.status, participant.body.id], [200, rows[0]?.id])
})

test('an application that pins a version speaks it at every address, and is called in it', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world, 'ada', { app: 'pinned', version: 'beta' })
  const shown = await world.client('pinned', 'v1.0').get(`${CALLS}/${call.id}`)
  assert.equal(shown.body['@odata.context'], `${world.url}/beta/$metadata#app/calls/$entity`)
  assert.deepEqual(shown.body.activeModalities, ['audio'])

  await world.control('POST', '/calls', { from: USERS.ben, to: APPS.pinned })
  const [incoming] = await world.take('pinned')
  const called = wire.known({ body: incoming?.resourceData }, 'beta')
  const answered = await world
    .client('pinned', 'v1.0')
    .post(`${CALLS}/${called.id}/answer`, { mediaConfig: wire.serviceHosted })
  assertEmpty(answered, 202)
  assert.deepEqual(await world.take('pinned'), [wire.establishing(called), wire.established(called)])
})
