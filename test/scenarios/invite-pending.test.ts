/** What can happen to an invitee between the invite and its outcome: cancelled, in the lobby, voicemail, gone again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { World } from '../support/world.ts'
import { PHONE, USERS, phone, startWorld, user } from '../support/world.ts'
import type { Group } from './steps.ts'
import { CALLS, assertEmpty, assertRefused, groupCall, invalidArgument, invite, peerToPeer } from './steps.ts'
import type { Json, Known, Row } from './wire.ts'
import * as wire from './wire.ts'

const cancelled = (who: string): Parameters<typeof wire.operationFailed>[3] => ({
  code: 487,
  subcode: 8542,
  failures: `${who}: the caller gave up before it was answered`,
})
const CLEO = `8:orgid:${USERS.cleo}`

const path = ({ id }: Known, participantId: string): string => `${CALLS}/${id}/participants/${participantId}`

/** A group call into which Cleo was invited, with a script for her. */
async function inviteCleo(world: World, script: Json): Promise<Group & { id: string; cleo: Row }> {
  const group = await groupCall(world)
  await world.script('cleo', script)
  const { id, ids } = wire.invited(await invite(world, group.call, [user('cleo')]))
  return { ...group, id, cleo: { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 4 } }
}

test('cancelled by DELETE with the id that the invite gave', async (t) => {
  const world = await startWorld(t)
  const { call, id, cleo } = await inviteCleo(world, { answer: { after: '30s' } })
  await world.advance('10s')
  assertEmpty(await world.client('alpha').delete(path(call, cleo.id)), 204)
  assert.deepEqual(await world.take(), [wire.operationFailed(call, id, [cleo.identity], cancelled(CLEO))])
  // She is not rung any more, and there is nothing left to cancel.
  await world.advance('10m')
  assert.deepEqual(await world.take(), [])
  assertRefused(await world.client('alpha').delete(path(call, cleo.id)), {
    status: 404,
    code: '8558',
    message: 'Participant not found in the call.',
    explanation: `No participant with the id ${cleo.id} is in the call or being rung.`,
  })
})

test('one of several cancelled: the operation waits for the others', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  await world.script('cleo', { ignore: {} })
  await world.script('dov', { answer: { after: '20s' } })
  const { id, ids } = wire.invited(await invite(world, call, [user('cleo'), user('dov')]))
  const dov = { id: ids[1] ?? '', identity: wire.person('dov'), sourceId: 4 }
  assertEmpty(await world.client('alpha').delete(path(call, ids[0] ?? '')), 204)
  assert.deepEqual(await world.take(), [])
  await world.advance('20s')
  assert.deepEqual(await world.take(), [
    wire.operationFailed(call, id, [wire.person('cleo'), dov.identity], cancelled(CLEO)),
    wire.roster(call, [...rows, dov]),
  ])
})

test('hung up with an invitee still ringing: the operation ends before the call', async (t) => {
  const world = await startWorld(t)
  const { call, id, cleo } = await inviteCleo(world, { answer: { after: '30s' } })
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}`), 204)
  const [terminating, end] = wire.ownEnd(call)
  assert.deepEqual(await world.take(), [
    terminating,
    wire.operationFailed(call, id, [cleo.identity], cancelled(CLEO)),
    end,
  ])
  await world.advance('10m')
})

test('everybody else leaves while the invitee rings: they talk to the bot alone, or the call ends', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { answer: { after: '0s', leaveAfter: '5s' } })
  await world.script('ben', { answer: { after: '0s', leaveAfter: '5s' } })
  const { call, rows, id, cleo } = await inviteCleo(world, { answer: { after: '10s', leaveAfter: '10s' } })
  const own = rows[1]
  assert.ok(own)
  await world.advance('5s')
  assert.deepEqual(await world.take(), [wire.roster(call, rows.slice(1)), wire.roster(call, [own])])
  await world.advance('5s')
  assert.deepEqual(await world.take(), [wire.operationEnd(call, id, [cleo.identity]), wire.roster(call, [own, cleo])])
  await world.advance('10s')
  assert.deepEqual(await world.take(), [wire.lastParticipant(call)])
})

test('lobby: on the roster without a stream; the operation ends when they are admitted', async (t) => {
  const world = await startWorld(t)
  const { call, rows, id, cleo } = await inviteCleo(world, { answer: { after: '0s', lobby: true } })
  const waiting: Row = { id: cleo.id, identity: cleo.identity, isInLobby: true }
  assert.deepEqual(await world.take(), [wire.roster(call, [...rows, waiting])])
  const shown = await world.client('alpha').get(path(call, cleo.id))
  assert.deepEqual(shown.body, {
    '@odata.context': `${world.url}/v1.0/$metadata#communications/calls('${call.id}')/participants/$entity`,
    ...wire.participant(waiting),
  })

  assertEmpty(await world.control('POST', `/calls/${call.id}/participants/${cleo.id}/admit`), 204)
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [cleo.identity]),
    wire.roster(call, [...rows, cleo]),
  ])
  assertRefused(
    await world.control('POST', `/calls/${call.id}/participants/${cleo.id}/admit`),
    invalidArgument(`The participant ${cleo.id} is not in the lobby.`),
  )
})

test('lobby: a script can let its person in after a while', async (t) => {
  const world = await startWorld(t)
  const { call, rows, id, cleo } = await inviteCleo(world, { answer: { after: '0s', lobby: { admitAfter: '40s' } } })
  assert.deepEqual(await world.take(), [
    wire.roster(call, [...rows, { id: cleo.id, identity: cleo.identity, isInLobby: true }]),
  ])
  await world.advance('40s')
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [cleo.identity]),
    wire.roster(call, [...rows, cleo]),
  ])
})

test('lobby: nobody admits them within 30 minutes', async (t) => {
  const world = await startWorld(t)
  const { call, rows, id, cleo } = await inviteCleo(world, { answer: { after: '0s', lobby: true } })
  await world.take()
  await world.advance('1799999ms')
  assert.deepEqual(await world.take(), [])
  await world.advance('1ms')
  const failures = `${CLEO}: nobody admitted them from the lobby in time`
  assert.deepEqual(await world.take(), [
    wire.operationFailed(call, id, [cleo.identity], { code: 200, subcode: 5855, failures }),
    wire.roster(call, rows),
  ])
})

test('lobby: removed from it by DELETE', async (t) => {
  const world = await startWorld(t)
  const { call, rows, id, cleo } = await inviteCleo(world, { answer: { after: '0s', lobby: true } })
  await world.take()
  assertEmpty(await world.client('alpha').delete(path(call, cleo.id)), 204)
  const failures = `${CLEO}: another participant removed them`
  assert.deepEqual(await world.take(), [
    wire.operationFailed(call, id, [cleo.identity], { code: 200, subcode: 5300, failures }),
    wire.roster(call, rows),
  ])
})

test('voicemail picks up: the roster tells by endpointType', async (t) => {
  const world = await startWorld(t)
  const { call, rows, id, cleo } = await inviteCleo(world, { voicemail: { after: '10s', leaveAfter: '2m' } })
  await world.advance('10s')
  const machine: Row = { ...cleo, endpointType: 'voicemail' }
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [cleo.identity]),
    wire.roster(call, [...rows, machine]),
  ])
  await world.advance('2m')
  assert.deepEqual(await world.take(), [wire.roster(call, rows)])
})

test('voicemail picks up a peer-to-peer call: established, as by a person', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { voicemail: { after: '0s' } })
  await peerToPeer(world)
})

test('they leave after a while, and can be invited again', async (t) => {
  const world = await startWorld(t)
  const { call, rows, id, cleo } = await inviteCleo(world, { answer: { after: '0s', leaveAfter: '90s' } })
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [cleo.identity]),
    wire.roster(call, [...rows, cleo]),
  ])
  await world.advance('90s')
  assert.deepEqual(await world.take(), [wire.roster(call, rows)])
  const again = wire.invited(await invite(world, call, [user('cleo')]))
  assert.notEqual(again.id, id)
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, again.id, [cleo.identity]),
    wire.roster(call, [...rows, { ...cleo, id: again.ids[0] ?? '', sourceId: 5 }]),
  ])
})

test('a longer ring: the timeout is the server’s, for everybody', async (t) => {
  const world = await startWorld(t, { ringTimeout: 5000 })
  const { call } = await groupCall(world)
  await world.script(PHONE, { ignore: {} })
  const { id } = wire.invited(await invite(world, call, [phone(PHONE)]))
  await world.advance('5s')
  const failures = `4:${PHONE}: the phone was not picked up in time`
  assert.deepEqual(await world.take(), [
    wire.operationFailed(call, id, [wire.number(PHONE)], { code: 480, subcode: 560480, failures }),
  ])
})
