/** Several applications in one conversation, and calls that are none of an application's business. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply, World } from '../support/world.ts'
import { APPS, SERVICE_NUMBER, application, phone, startWorld, user } from '../support/world.ts'
import type { Group } from './steps.ts'
import { CALLS, assertEmpty, assertRefused, callNotFound, groupCall, invite, peerToPeer } from './steps.ts'
import type { Known, Row } from './wire.ts'
import * as wire from './wire.ts'

/** Alpha's group call with Ada and Ben, into which beta was invited and came. */
async function bothIn(world: World): Promise<Group & { theirs: Known; beta: Row }> {
  const group = await groupCall(world)
  assert.equal((await invite(world, group.call, [application('beta')])).status, 200)
  const [incoming] = await world.take('beta')
  const theirs = wire.known({ body: incoming?.resourceData })
  const beta = wire.self(theirs, 4, wire.bot('beta'))
  const answered = await world
    .client('beta')
    .post(`${CALLS}/${theirs.id}/answer`, { acceptedModalities: ['audio'], mediaConfig: wire.serviceHosted })
  assertEmpty(answered, 202)
  const rows = [...group.rows, beta]
  assert.deepEqual(await world.take('beta'), [
    wire.establishing(theirs),
    wire.established(theirs),
    wire.roster(theirs, rows),
  ])
  assert.deepEqual(await world.lines(), ['deleted operation completed', 'updated roster of 4'])
  return { call: group.call, rows, theirs, beta }
}

test('both hear of everything that changes, each at its own call', async (t) => {
  const world = await startWorld(t, { profile: 'open' })
  const { call, rows, theirs } = await bothIn(world)
  assert.equal(theirs.callChainId, call.callChainId)

  // Beta invites: its operation is its own, the roster is everybody's.
  const reply = await world
    .client('beta')
    .post(`${CALLS}/${theirs.id}/participants/invite`, { participants: [user('cleo')], clientContext: 'by beta' })
  const { id, ids } = wire.invited(reply)
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 5 }
  assert.deepEqual(await world.take('beta'), [
    wire.operationEnd(theirs, id, [cleo.identity], { clientContext: 'by beta' }),
    wire.roster(theirs, [...rows, cleo]),
  ])
  assert.deepEqual(await world.take('alpha'), [wire.roster(call, [...rows, cleo])])
  const seen = await world.client('alpha').get(`${CALLS}/${call.id}/operations/${id}`)
  assert.deepEqual([seen.status, seen.body.error.code], [404, 'itemNotFound'])

  // Alpha goes: beta and the people go on.
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}`), 204)
  assert.deepEqual(await world.take('alpha'), wire.ownEnd(call))
  const others = [...rows, cleo].filter(({ id }) => id !== call.myParticipantId)
  assert.deepEqual(await world.take('beta'), [wire.roster(theirs, others)])
})

test('an invited bot needs a permission to join in; without it its call rings out', async (t) => {
  const world = await startWorld(t, { profile: 'open' })
  const { call } = await groupCall(world)
  const { id } = wire.invited(await invite(world, call, [application('mute')]))
  const [incoming] = await world.take('mute')
  const theirs = wire.known({ body: incoming?.resourceData })
  const reply = await world.client('mute').post(`${CALLS}/${theirs.id}/answer`, { mediaConfig: wire.serviceHosted })
  assertRefused(reply, {
    status: 403,
    code: '7504',
    message: 'Insufficient enterprise tenant permissions, cannot access this API.',
    explanation:
      'Answering a group call needs the application permission Calls.JoinGroupCall.All or Calls.JoinGroupCallAsGuest.All; grant it in the directory (roles) and get a new token.',
  })
  await world.advance('15s')
  const text = 'he application did not answer the incoming call in time'
  assert.deepEqual(await world.take('mute'), [wire.terminated(theirs, wire.result(408, 8587, `T${text}`))])
  const failures = `28:${APPS.mute}: t${text}`
  assert.deepEqual(await world.take(), [
    wire.operationFailed(call, id, [wire.bot('mute')], { code: 408, subcode: 8587, failures }),
  ])
})

test('an invited bot can ask for changes of the roster instead of all of it', async (t) => {
  const world = await startWorld(t, { profile: 'open' })
  const { call, rows } = await groupCall(world)
  await invite(world, call, [application('beta')])
  const [incoming] = await world.take('beta')
  const theirs = wire.known({ body: incoming?.resourceData })
  const callOptions = { '@odata.type': '#microsoft.graph.incomingCallOptions', isDeltaRosterEnabled: true }
  const body = { acceptedModalities: ['audio'], mediaConfig: wire.serviceHosted, callOptions }
  assertEmpty(await world.client('beta').post(`${CALLS}/${theirs.id}/answer`, body), 202)
  const beta = wire.self(theirs, 4, wire.bot('beta'))
  assert.deepEqual(await world.take('beta'), [
    wire.establishing(theirs),
    wire.established(theirs),
    wire.delta(theirs, 3, [...rows, beta]),
  ])
  assert.deepEqual(await world.lines('alpha'), ['deleted operation completed', 'updated roster of 4'])
  assert.deepEqual((await world.client('beta').get(`${CALLS}/${theirs.id}`)).body.callOptions, callOptions)

  const { id, ids } = wire.invited(await invite(world, call, [user('cleo')]))
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 5 }
  assert.deepEqual(await world.take('alpha'), [
    wire.operationEnd(call, id, [cleo.identity]),
    wire.roster(call, [...rows, beta, cleo]),
  ])
  assert.deepEqual(await world.take('beta'), [wire.delta(theirs, 4, [cleo])])
})

test('one bot removes the other: its call ends', async (t) => {
  const world = await startWorld(t, { profile: 'open' })
  const { call, rows, theirs, beta } = await bothIn(world)
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}/participants/${beta.id}`), 204)
  assert.deepEqual(await world.take('beta'), [
    wire.terminated(theirs, wire.result(200, 5300, 'Another participant removed them')),
  ])
  assert.deepEqual(await world.take('alpha'), [wire.roster(call, rows.slice(0, 3))])
})

test('all people leave: the two bots are still two parties, and the last one’s call ends with the other’s', async (t) => {
  const world = await startWorld(t, { profile: 'open' })
  const { call, rows, theirs, beta } = await bothIn(world)
  for (const person of [rows[0], rows[2]]) {
    assertEmpty(await world.control('POST', `/calls/${call.id}/participants/${person?.id}/leave`), 204)
  }
  const own = wire.self(call, 2)
  const ben = rows[2]
  assert.ok(ben)
  assert.deepEqual(await world.take('alpha'), [wire.roster(call, [own, ben, beta]), wire.roster(call, [own, beta])])
  assert.deepEqual(await world.take('beta'), [wire.roster(theirs, [own, ben, beta]), wire.roster(theirs, [own, beta])])
  assertEmpty(await world.client('beta').delete(`${CALLS}/${theirs.id}`), 204)
  assert.deepEqual(await world.take('beta'), wire.ownEnd(theirs))
  assert.deepEqual(await world.take('alpha'), [wire.lastParticipant(call)])
})

test('an application is reached by its number in profile teams, as any phone is', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const { id, ids } = wire.invited(await invite(world, call, [phone(SERVICE_NUMBER)]))
  const [incoming] = await world.take()
  const called = wire.known({ body: incoming?.resourceData })
  assert.equal(called.myParticipantId, ids[0])
  const answered = await world
    .client('alpha')
    .post(`${CALLS}/${called.id}/answer`, { acceptedModalities: ['audio'], mediaConfig: wire.serviceHosted })
  assertEmpty(answered, 202)
  const line = wire.self(called, 4, wire.number(SERVICE_NUMBER))
  const taken = await world.take()
  const about = ({ id }: Known): unknown[] => taken.filter(({ resource }) => resource.includes(id))
  assert.deepEqual(about(call), [wire.operationEnd(call, id, [line.identity]), wire.roster(call, [...rows, line])])
  assert.deepEqual(about(called), [
    wire.establishing(called),
    wire.established(called),
    wire.roster(called, [...rows, line]),
  ])
  assert.equal(taken.length, 5)
})

test("another application's call, or another tenant's, is not to be told from an unknown one", async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  const unknown = '00000000-0000-4000-8000-000000000000'
  const body = { participants: [user('ben')], mediaConfig: wire.serviceHosted }
  const requests: [string, (app: 'beta' | 'foreign', id: string) => Promise<Reply>][] = [
    ['get', (app, id) => world.client(app).get(`${CALLS}/${id}`)],
    ['delete', (app, id) => world.client(app).delete(`${CALLS}/${id}`)],
    ['keepAlive', (app, id) => world.client(app).post(`${CALLS}/${id}/keepAlive`)],
    ['answer', (app, id) => world.client(app).post(`${CALLS}/${id}/answer`, body)],
    ['reject', (app, id) => world.client(app).post(`${CALLS}/${id}/reject`)],
    ['participants', (app, id) => world.client(app).get(`${CALLS}/${id}/participants`)],
    ['participant', (app, id) => world.client(app).get(`${CALLS}/${id}/participants/${call.myParticipantId}`)],
    ['remove', (app, id) => world.client(app).delete(`${CALLS}/${id}/participants/${call.myParticipantId}`)],
    ['operations', (app, id) => world.client(app).get(`${CALLS}/${id}/operations`)],
    ['invite', (app, id) => world.client(app).post(`${CALLS}/${id}/participants/invite`, body)],
  ]
  for (const [name, send] of requests) {
    await t.test(name, async () => {
      for (const app of ['beta', 'foreign'] as const) {
        assertRefused(await send(app, call.id), callNotFound())
        assertRefused(await send(app, unknown), callNotFound())
      }
    })
  }
  assert.equal((await world.client('alpha').get(`${CALLS}/${call.id}`)).body.state, 'established')
})

test('an ended call of another application keeps its reason to itself', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  await world.client('alpha').delete(`${CALLS}/${call.id}`)
  assert.deepEqual(await world.take(), wire.ownEnd(call))
  assertRefused(await world.client('beta').get(`${CALLS}/${call.id}`), callNotFound())
})

test('two bots called by the same person are in two conversations', async (t) => {
  const world = await startWorld(t)
  const rung = await Promise.all(
    (['alpha', 'beta'] as const).map((app) =>
      world.control('POST', '/calls', { from: 'ada@contoso.example', to: APPS[app] }),
    ),
  )
  const [alpha] = await world.take('alpha')
  const [beta] = await world.take('beta')
  assert.deepEqual(
    [alpha?.resourceData.id, beta?.resourceData.id],
    rung.map(({ body }) => body.callId),
  )
  assert.notEqual(alpha?.resourceData.callChainId, beta?.resourceData.callChainId)
  for (const [app, notification] of [
    ['alpha', alpha],
    ['beta', beta],
  ] as const) {
    assertEmpty(await world.client(app).post(`${CALLS}/${notification?.resourceData.id}/reject`), 202)
    assert.deepEqual(await world.lines(app), ['deleted call (gone)'])
  }
})
