/** Invites that are refused at the door: nothing is started, nobody is rung, nothing is notified. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OTHER_TENANT, PHONE, STRANGER, TENANT, USERS, phone, startWorld, user } from '../support/world.ts'
import type { Refusal } from './steps.ts'
import { CALLS, assertRefused, create, groupCall, invalidArgument, invite, peerToPeer } from './steps.ts'
import * as wire from './wire.ts'

const conflict = (explanation: string): Refusal => ({
  status: 409,
  code: '8519',
  message: 'The request conflicts with the current state of the call.',
  explanation,
})

test('a malformed request names the property', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const path = `${CALLS}/${call.id}/participants/invite`
  const cleo = user('cleo')
  const members = 'user, guest, phone, encrypted, applicationInstance, application'
  const rows: [string, unknown, string][] = [
    ['nobody', { participants: [] }, 'participants is empty; name at least one.'],
    ['no participants', { clientContext: 'c' }, 'participants is required: who is to be invited.'],
    ['participants that are no array', { participants: cleo }, 'participants must be an array, not an object.'],
    [
      'six',
      { participants: Object.keys(USERS).map(user) },
      '6 participants were named; at most 5 are allowed in one request.',
    ],
    [
      'a participant without identity',
      { participants: [cleo, {}] },
      `participants[1].identity must name somebody, by one of its members ${members}.`,
    ],
    [
      'a number that is not E.164',
      { participants: [phone('0206 555 0150')] },
      'participants[0].identity.phone.id must be a phone number in E.164 form, such as +12065550100.',
    ],
    [
      'a user id that is no GUID',
      { participants: [user('cleo@contoso.example')] },
      'participants[0].identity.user.id must be a GUID.',
    ],
    [
      'hidden that is no boolean',
      { participants: [{ ...cleo, hidden: 'yes' }] },
      'participants[0].hidden must be true or false, not a string.',
    ],
    [
      'a clientContext that is no text',
      { participants: [cleo], clientContext: 7 },
      'clientContext must be a string, not a number.',
    ],
    [
      'metadata of a serializer',
      { participants: [{ $id: '1', ...cleo }] },
      'participants[0].$id is metadata of a JSON serializer, which Graph refuses: turn reference preservation off.',
    ],
    [
      'a replaced call for the second one only',
      { participants: [cleo, { ...user('dov'), replacesCallId: call.id }] },
      'participants[1].replacesCallId: an invite that replaces a call takes one participant; put it first.',
    ],
    [
      'the very call as the replaced one',
      { participants: [{ ...cleo, replacesCallId: call.id }] },
      'replacesCallId names this very call; name the other call that the invitee is in.',
    ],
    ['no object', 'participants', 'The body must be a JSON object, not a string.'],
  ]
  for (const [name, body, explanation] of rows) {
    await t.test(name, async () => {
      const sent = typeof body === 'string' ? JSON.stringify(body) : body
      assertRefused(await world.client('alpha').post(path, sent), invalidArgument(explanation))
    })
  }
})

test('clientContext has at most 256 characters', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  assertRefused(
    await invite(world, call, [user('cleo')], { clientContext: 'x'.repeat(257) }),
    invalidArgument('clientContext has 257 characters; at most 256 are allowed.'),
  )
  const clientContext = 'x'.repeat(256)
  const reply = await invite(world, call, [user('cleo')], { clientContext })
  const { id, ids } = wire.invited(reply)
  assert.deepEqual([reply.status, reply.body.clientContext], [200, clientContext])
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 4 }
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [cleo.identity], { clientContext }),
    wire.roster(call, [...rows, cleo]),
  ])
})

test('identities that cannot be called at all', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  assertRefused(await invite(world, call, [{ identity: { device: { id: 'd' } } }]), {
    status: 501,
    code: 'notImplemented',
    message: 'The operation is not implemented.',
    explanation: 'participants[0].identity.device: identities of this kind cannot be called.',
  })
})

test('somebody of another tenant', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  assertRefused(await invite(world, call, [user('cleo'), user(STRANGER)]), {
    status: 403,
    code: '7505',
    message: 'Request authorization tenant mismatch.',
    explanation: `The user ${STRANGER} belongs to tenant ${OTHER_TENANT}, but the token is for tenant ${TENANT}.`,
  })
})

test('without the permission', async (t) => {
  const world = await startWorld(t)
  const call = await create(world, [user('ada')], { app: 'dialler' })
  assert.deepEqual(await world.take('dialler'), [wire.establishing(call), wire.established(call)])
  const reply = await world
    .client('dialler')
    .post(`${CALLS}/${call.id}/participants/invite`, { participants: [user('ben')] })
  assertRefused(reply, {
    status: 403,
    code: '7504',
    message: 'Insufficient enterprise tenant permissions, cannot access this API.',
    explanation:
      'The operation "participant: invite" needs the application permission Calls.InitiateGroupCall.All; grant it in the directory (roles) and get a new token.',
  })
})

test('before the call is established', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { answer: { after: '10s' } })
  await world.script('ben', { answer: { after: '10s' } })
  const group = await create(world, [user('ada'), user('ben')])
  await world.take()
  const notEstablished = (explanation: string): Refusal => ({
    status: 400,
    code: '8501',
    message: 'Call is not established.',
    explanation,
  })
  assertRefused(
    await invite(world, group, [user('cleo')]),
    notEstablished('The call is establishing; wait for the notification that it is established.'),
  )
  // It does no harm: the call goes on as if nothing had been asked.
  await world.advance('10s')
  assert.deepEqual(await world.lines(), ['updated call established', 'updated roster of 2', 'updated roster of 3'])
})

test('before an incoming call is answered', async (t) => {
  const world = await startWorld(t)
  await world.control('POST', '/calls', { from: USERS.ada, to: '+12065550100' })
  const [incoming] = await world.take()
  const call = wire.known({ body: incoming?.resourceData })
  const reply = await invite(world, call, [user('ben')])
  assert.equal(
    reply.headers.get('rollcall-explanation'),
    'The call is incoming; wait for the notification that it is established.',
  )
  assert.deepEqual([reply.status, reply.body.error.code], [400, '8501'])
  await world.client('alpha').post(`${CALLS}/${call.id}/reject`)
  assert.deepEqual(await world.lines(), ['deleted call (gone)'])
})

test('somebody who is in the call already, also under another spelling of the id', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const refusal = conflict(`8:orgid:${USERS.ada} is in the call already.`)
  assertRefused(await invite(world, call, [user('ada')]), refusal)
  assertRefused(await invite(world, call, [user('cleo'), user(USERS.ada.toUpperCase().replaceAll('-', ''))]), refusal)
})

test('somebody who is being rung already: the first leg is untouched', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  await world.script('cleo', { answer: { after: '10s' } })
  const { id, ids } = wire.invited(await invite(world, call, [user('cleo')]))
  assertRefused(
    await invite(world, call, [user('cleo')]),
    conflict(
      `8:orgid:${USERS.cleo} is being rung for this call already; wait for that operation to end, or cancel it.`,
    ),
  )
  await world.advance('10s')
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 4 }
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [cleo.identity]),
    wire.roster(call, [...rows, cleo]),
  ])
})

test('somebody who is named twice', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  assertRefused(
    await invite(world, call, [phone(PHONE), user('cleo'), phone(PHONE)]),
    conflict(`4:${PHONE} is named twice in the request.`),
  )
})

test('more people than a call may have', async (t) => {
  const world = await startWorld(t, { maxParticipants: 4 })
  const { call } = await groupCall(world)
  assertRefused(
    await invite(world, call, [user('cleo'), user('dov')]),
    invalidArgument('The call would have more than 4 participants (option maxParticipants).'),
  )
})

test("somebody else's call, and one that is unknown, are refused in the same words", async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  const body = { participants: [user('ben')] }
  const replies = [
    await world.client('beta').post(`${CALLS}/${call.id}/participants/invite`, body),
    await world.client('foreign').post(`${CALLS}/${call.id}/participants/invite`, body),
    await world.client('alpha').post(`${CALLS}/00000000-0000-4000-8000-000000000000/participants/invite`, body),
  ]
  for (const reply of replies) {
    assertRefused(reply, {
      status: 404,
      code: '8522',
      message: 'Call not found.',
      explanation: 'No call with this id belongs to the application in the token.',
    })
  }
})
