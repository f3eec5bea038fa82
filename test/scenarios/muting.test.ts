/** Who is muted: the application itself, others, all of them; and people by themselves. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callBody, startWorld, user } from '../support/world.ts'
import type { Reply } from '../support/world.ts'
import type { Refusal } from './steps.ts'
import { CALLS, assertRefused, groupCall, invalidArgument, peerToPeer } from './steps.ts'
import type { Json, Known, Row } from './wire.ts'
import * as wire from './wire.ts'

/** A row as the roster shows it once an application muted it. */
const muted = (row: Row): Json => {
  const shown = wire.row(row)
  const [stream] = shown['mediaStreams'] as Json[]
  return { ...shown, isMuted: true, mediaStreams: [{ ...stream, serverMuted: true }] }
}

function assertDone(reply: Reply, type: string, world: { readonly url: string }, call: Known, more: Json = {}): void {
  const { id } = reply.body
  assert.deepEqual(
    [reply.status, reply.body],
    [
      200,
      {
        '@odata.context': `${world.url}/${call.version}/$metadata#${type}`,
        '@odata.type': `#microsoft.graph.${type}`,
        id,
        status: 'completed',
        clientContext: 'why',
        resultInfo: null,
        ...more,
      },
    ],
  )
  assert.equal(reply.headers.get('location'), `${world.url}/${call.version}${CALLS}/${call.id}/operations/${id}`)
}

const groupOnly: Refusal = {
  status: 400,
  code: '8548',
  message: 'Call is not a group call.',
  explanation:
    'This is a peer-to-peer call, and the action needs a group call or meeting: there is a roster to act on.',
}
const context = { clientContext: 'why' }

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version}: an application mutes and unmutes itself, and the roster tells`, async (t) => {
    const world = await startWorld(t)
    const { call, rows } = await groupCall(world, ['ada', 'ben'], { version })
    const [ada, own, ben] = rows
    assert.ok(ada && own && ben)
    const client = world.client('alpha', version)
    const path = `${CALLS}/${call.id}`
    assertDone(await client.post(`${path}/mute`, context), 'muteParticipantOperation', world, call)
    assert.deepEqual(await world.take(), [wire.rosterOf(call, [wire.row(ada), muted(own), wire.row(ben)])])
    assertDone(await client.post(`${path}/mute`, context), 'muteParticipantOperation', world, call)
    assert.deepEqual(await world.take(), [], 'nothing changed')
    assertDone(await client.post(`${path}/unmute`, context), 'unmuteParticipantOperation', world, call)
    assert.deepEqual(await world.take(), [wire.roster(call, rows)])
  })
}

test('an application mutes another, who unmutes themselves', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const [ada, own, ben] = rows
  assert.ok(ada && own && ben)
  const participants = `${CALLS}/${call.id}/participants`
  const client = world.client('alpha')
  assertDone(await client.post(`${participants}/${ben.id}/mute`, context), 'muteParticipantOperation', world, call)
  assert.deepEqual(await world.take(), [wire.rosterOf(call, [wire.row(ada), wire.row(own), muted(ben)])])
  assert.equal((await client.get(`${participants}/${ben.id}`)).body.isMuted, true)
  assertRefused(await client.post(`${participants}/${ben.id}/unmute`), {
    status: 400,
    code: '8566',
    message: 'Unmuting another participant is not allowed.',
    explanation: 'An application may mute others and unmute itself only; whoever was muted can unmute themselves.',
  })
  const unmuted = await world.control('POST', `/calls/${call.id}/participants/${ben.id}/unmute`)
  assert.equal(unmuted.status, 204)
  assert.deepEqual(await world.take(), [wire.roster(call, rows)])
  // Muted by themselves they are muted, and not by the server.
  await world.control('POST', `/calls/${call.id}/participants/${ben.id}/mute`)
  assert.deepEqual(await world.take(), [
    wire.rosterOf(call, [wire.row(ada), wire.row(own), { ...wire.row(ben), isMuted: true }]),
  ])
})

test('muteAll mutes those named, else everybody but the application', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world, ['ada', 'ben', 'cleo'], { version: 'beta' })
  const [ada, own, ben, cleo] = rows
  assert.ok(ada && own && ben && cleo)
  const client = world.client('alpha', 'beta')
  const path = `${CALLS}/${call.id}/participants/muteAll`
  const named = await client.post(path, { participants: [ben.id], ...context })
  assertDone(named, 'muteParticipantsOperation', world, call, { participants: [ben.id] })
  assert.deepEqual(await world.take(), [
    wire.rosterOf(call, [wire.row(ada), wire.row(own), muted(ben), wire.row(cleo)]),
  ])
  const everybody = await client.post(path, context)
  const participants = [ada.id, ben.id, cleo.id]
  assertDone(everybody, 'muteParticipantsOperation', world, call, { participants })
  assert.deepEqual(await world.take(), [wire.rosterOf(call, [muted(ada), wire.row(own), muted(ben), muted(cleo)])])
})

test('muting is refused where there is nobody to mute', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const client = world.client('alpha')
  assertRefused(await client.post(`${CALLS}/${call.id}/participants/nobody/mute`), {
    status: 404,
    code: '8558',
    message: 'Participant not found in the call.',
    explanation: 'No participant with the id nobody is in the call or being rung.',
  })
  assertRefused(
    await client.post(`${CALLS}/${call.id}/mute`, { clientContext: 'x'.repeat(257) }),
    invalidArgument('clientContext has 257 characters; at most 256 are allowed.'),
  )
  const pair = await peerToPeer(world, 'cleo')
  for (const action of ['mute', 'unmute', 'participants/muteAll']) {
    assertRefused(await client.post(`${CALLS}/${pair.id}/${action}`), groupOnly)
  }
})

test('2018: others can be unmuted, and the operation is a plain one', async (t) => {
  const world = await startWorld(t, {}, { alpha: { wireVersion: '2018-12' } })
  const created = await world.client('alpha').post(CALLS, callBody(world, 'alpha', [user('ada'), user('ben')]))
  const path = new URL(created.headers.get('location') ?? '').pathname.replace('/v1.0', '')
  assert.deepEqual((await world.lines()).at(-1), 'updated roster of 3')
  const client = world.client('alpha')
  const { body } = await client.get(`${path}/participants`)
  const [first] = body.value
  const done = await client.post(`${path}/participants/${first.id}/mute`)
  assert.deepEqual(Object.keys(done.body), ['id', 'status', 'createdDateTime', 'lastActionDateTime', 'clientContext'])
  assert.deepEqual(await world.lines(), ['updated roster of 3'])
  assert.equal((await client.post(`${path}/participants/${first.id}/unmute`)).status, 200)
  assert.equal((await client.post(`${path}/participants/unmuteAll`)).status, 200)
  assert.deepEqual(await world.lines(), ['updated roster of 3'])
})
