/** Transferring somebody out of a group call or meeting: they meet the target in a conversation of their own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import type { Reply, World } from '../support/world.ts'
import { PHONE, USERS, application, phone, startWorld, user } from '../support/world.ts'
import { byOrganizer, join, makeMeeting, meetingWorld } from './meeting-steps.ts'
import { CALLS, assertEmpty, assertRefused, groupCall, invalidArgument, peerToPeer } from './steps.ts'
import type { Json, Known, Row } from './wire.ts'
import * as wire from './wire.ts'

const transfer = (world: World, call: Known, transferTarget: unknown, transferee?: Json): Promise<Reply> =>
  world.client('alpha', call.version).post(`${CALLS}/${call.id}/transfer`, { transferTarget, transferee })

const failed = (subcode: 7000 | 7700, why: string): Json =>
  wire.result(500, subcode, `The transfer failed, because its target did not join: ${why}`)

/** Somebody on the roster, as `transferee` names them. */
function transferee(rows: readonly Row[], name: 'ada' | 'ben' | 'cleo'): Json {
  const { id: participantId, identity } = rows.find((row) => isOf(row, name)) ?? {}
  return { participantId, identity }
}

const isOf = ({ identity }: Row, name: keyof typeof USERS): boolean => JSON.stringify(identity).includes(USERS[name])

/** The id of somebody on the roster. */
const idOf = ({ identity }: Row): string => {
  const { user: one, application: other } = identity as Record<string, { id: string }>
  return (one ?? other)?.id ?? ''
}

/** The live conversations that no application is in, and who is in each. */
async function apart(world: World): Promise<readonly (readonly string[])[]> {
  const { body } = await world.control('GET', '/calls')
  const without = body.value.filter(({ calls }: AnyJson) => calls.length === 0)
  return without.map(({ participants }: AnyJson) => participants.map(({ identity }: AnyJson) => identity.id))
}

/** Who is in the conversation of a call, as control sees it. */
async function people(world: World, call: Known): Promise<readonly string[]> {
  const { body } = await world.control('GET', `/calls/${call.id}`)
  return body.participants.map(({ identity }: AnyJson) => identity.id)
}

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version}, blind: they leave the group for the target, and so does the application`, async (t) => {
    const world = await startWorld(t)
    const { call, rows } = await groupCall(world, ['ada', 'ben', 'cleo'], { version })
    await world.script('dov', { answer: { after: '5s' } })
    assertEmpty(await transfer(world, call, user('dov'), transferee(rows, 'ben')), 202)
    assert.deepEqual(await world.take(), [wire.transferring(call)])
    const why = await world.control('GET', `/explain/${call.id}`)
    assert.match(why.body.sentence, /transferring since .*: ben is to meet .* in the conversation /)
    await world.advance('4s')
    assert.deepEqual(await world.take(), [])
    assert.deepEqual(await people(world, call), rows.map(idOf))
    await world.advance('1s')
    assert.deepEqual(await world.take(), [wire.transferAccepted(call), wire.transferred(call)])
    assert.deepEqual(await people(world, call), [USERS.ada, USERS.cleo])
    assert.deepEqual(await apart(world), [[USERS.dov, USERS.ben]])
    const shown = await world.client('alpha', version).get(`${CALLS}/${call.id}`)
    assert.equal(shown.status, 404)
  })
}

test('another application of the group sees them go, and then the one that transferred', async (t) => {
  const world = await startWorld(t, { profile: 'open' })
  const { call, rows } = await groupCall(world, ['ada', 'ben', 'cleo'])
  const { body } = await world.client('alpha').post(`${CALLS}/${call.id}/participants/invite`, {
    participants: [application('beta')],
  })
  assert.equal(body.status, 'Running')
  const [incoming] = await world.take('beta')
  const theirs = wire.known({ body: incoming?.resourceData })
  const answer = { acceptedModalities: ['audio'], mediaConfig: wire.serviceHosted }
  assertEmpty(await world.client('beta').post(`${CALLS}/${theirs.id}/answer`, answer), 202)
  const seen = (await world.take('beta')).at(-1)?.resourceData
  await world.take()
  assertEmpty(await transfer(world, call, user('dov'), transferee(rows, 'ada')), 202)
  assert.deepEqual(await world.take(), [wire.transferring(call), wire.transferAccepted(call), wire.transferred(call)])
  const [roster, ...others] = await world.take('beta')
  assert.deepEqual(others, [])
  const left = seen.filter(({ info }: AnyJson) => {
    return ![USERS.ada, rows.map(idOf)[1]].includes(info.identity.user?.id ?? info.identity.application?.id)
  })
  assert.deepEqual(
    roster?.resourceData.map(({ id }: AnyJson) => id),
    left.map(({ id }: AnyJson) => id),
  )
})

test('consultative: the target is taken out of the call with it', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world, ['ada', 'ben', 'cleo'])
  const consulted = await peerToPeer(world, 'dov')
  const target = { ...user('dov'), replacesCallId: consulted.id }
  assertEmpty(await transfer(world, call, target, transferee(rows, 'ada')), 202)
  const told = await world.take()
  const own = told.filter(({ resourceUrl }) => resourceUrl.includes(call.id))
  assert.deepEqual(own, [wire.transferring(call), wire.transferAccepted(call), wire.transferred(call)])
  assert.deepEqual(
    told.filter((one) => !own.includes(one)),
    [wire.transferred(consulted)],
  )
  assert.deepEqual(await people(world, call), [USERS.ben, USERS.cleo])
  assert.deepEqual(await apart(world), [[USERS.dov, USERS.ada]])
})

test('to an application: its incoming call names who comes, and who transferred them', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  assertEmpty(await transfer(world, call, application('beta'), transferee(rows, 'ada')), 202)
  assert.deepEqual(await world.take(), [wire.transferring(call)])
  const [incoming] = await world.take('beta')
  const theirs = wire.known({ body: incoming?.resourceData })
  assert.deepEqual(incoming?.resourceData.source.identity, wire.person('ada'))
  assert.deepEqual(incoming.resourceData.incomingContext.transferor, wire.bot('alpha'))
  const answer = { acceptedModalities: ['audio'], mediaConfig: wire.serviceHosted }
  assertEmpty(await world.client('beta').post(`${CALLS}/${theirs.id}/answer`, answer), 202)
  assert.deepEqual(await world.take('beta'), [wire.establishing(theirs), wire.established(theirs)])
  assert.deepEqual(await world.take(), [wire.transferAccepted(call), wire.transferred(call)])
  // Ben was left alone, and so the group is over.
  assert.deepEqual(await people(world, call), [])
  assertEmpty(await world.client('beta').delete(`${CALLS}/${theirs.id}`), 204)
  assert.deepEqual(await world.take('beta'), wire.ownEnd(theirs))
})

test('out of a meeting, to a phone', async (t) => {
  const world = await meetingWorld(t)
  const meeting = await makeMeeting(world)
  const { body } = await world.control('POST', '/meetings/join', { meeting: meeting.id, user: 'fay@contoso.example' })
  const call = wire.known(await join(world, byOrganizer(meeting)))
  await world.take()
  const invited = { participants: [user('ada')] }
  await world.client('alpha').post(`${CALLS}/${call.id}/participants/invite`, invited)
  await world.take()
  const fay = { participantId: body.participantId }
  assertEmpty(await transfer(world, call, phone(PHONE), fay), 202)
  assert.deepEqual(await world.take(), [wire.transferring(call), wire.transferAccepted(call), wire.transferred(call)])
  assert.deepEqual(await people(world, call), [USERS.ada])
  assert.deepEqual(await apart(world), [[PHONE, USERS.fay]])
})

for (const [script, why] of [
  [{ busy: {} }, 'the user is busy'],
  [{ decline: { after: '3s' } }, 'the user declined'],
  [{ ignore: {} }, 'the user did not answer in time'],
  [{ offline: {} }, 'no device of theirs is signed in'],
] as const) {
  test(`blind, ${JSON.stringify(script)}: established again, with 500/7000, and everybody is where they were`, async (t) => {
    const world = await startWorld(t)
    const { call, rows } = await groupCall(world)
    await world.script('dov', script)
    assertEmpty(await transfer(world, call, user('dov'), transferee(rows, 'ben')), 202)
    await world.advance('60s')
    assert.deepEqual(await world.take(), [wire.transferring(call), wire.transferFailed(call, failed(7000, why))])
    assert.deepEqual(await people(world, call), rows.map(idOf))
    assert.deepEqual(await apart(world), [])

    // And again, to somebody who answers.
    assertEmpty(await transfer(world, call, user('cleo'), transferee(rows, 'ben')), 202)
    assert.deepEqual(await world.take(), [wire.transferring(call), wire.transferAccepted(call), wire.transferred(call)])
  })
}

test('consultative: an unknown call, and one that the target is not on: 500/7700', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const other = await peerToPeer(world, 'cleo')
  const unknown = '00000000-0000-4000-8000-000000000000'
  for (const [replacesCallId, why] of [
    [unknown, 'the call to be replaced was not found'],
    [other.id, 'the invitee is not on the call to be replaced'],
  ] as const) {
    assertEmpty(await transfer(world, call, { ...user('dov'), replacesCallId }, transferee(rows, 'ada')), 202)
    const end = wire.transferFailed(call, failed(7700, why), replacesCallId)
    assert.deepEqual(await world.take(), [wire.transferring(call), end])
  }
  const own = await transfer(world, call, { ...user('dov'), replacesCallId: call.id }, transferee(rows, 'ada'))
  assertRefused(
    own,
    invalidArgument('replacesCallId names this very call; name the other call that the invitee is in.'),
  )
})

test('they leave meanwhile: the target stops ringing, and the call is established again', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world, ['ada', 'ben', 'cleo'])
  await world.script('dov', { ignore: {} })
  assertEmpty(await transfer(world, call, user('dov'), transferee(rows, 'ben')), 202)
  assert.deepEqual(await world.take(), [wire.transferring(call)])
  const gone = rows.find((row) => isOf(row, 'ben'))
  await world.control('POST', `/calls/${call.id}/participants/${gone?.id}/leave`)
  const why = wire.result(500, 7000, 'The transfer failed, because whoever was to be transferred left the call')
  const others = rows.filter((row) => row !== gone)
  assert.deepEqual(await world.take(), [wire.transferFailed(call, why), wire.roster(call, others)])
  assert.deepEqual(await apart(world), [])
  await world.advance('60s')
  assert.deepEqual(await world.take(), [])
})

test('the application hangs up meanwhile: the target stops ringing, and the group goes on', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  await world.script('dov', { ignore: {} })
  assertEmpty(await transfer(world, call, user('dov'), transferee(rows, 'ben')), 202)
  assertEmpty(await world.client('alpha').delete(`${CALLS}/${call.id}`), 204)
  assert.deepEqual(await world.take(), [wire.transferring(call), ...wire.ownEnd(call)])
  assert.deepEqual(await people(world, call), [USERS.ada, USERS.ben])
  assert.deepEqual(await apart(world), [])
})

test('what is refused, and nothing has changed', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const ada = transferee(rows, 'ada')
  const needed = 'transferee.participantId is required in a group call: who on its roster is transferred.'
  assertRefused(await transfer(world, call, user('dov')), invalidArgument(needed))
  const { participantId: _, ...nameless } = ada
  assertRefused(await transfer(world, call, user('dov'), nameless), invalidArgument(needed))
  const own = await transfer(world, call, user('dov'), { participantId: call.myParticipantId })
  assertRefused(
    own,
    invalidArgument('transferee is an application; only people and phones can be transferred out of a group call.'),
  )
  const { identity } = transferee(rows, 'ben')
  for (const wrong of [{ participantId: 'nobody' }, { ...ada, identity }]) {
    const nobody = await transfer(world, call, user('dov'), wrong)
    assert.deepEqual([nobody.status, nobody.body.error.code], [404, '8558'])
  }
  const inside = await transfer(world, call, user('ben'), ada)
  assert.deepEqual([inside.status, inside.body.error.code], [409, '8519'])
  await world.script('dov', { ignore: {} })
  assertEmpty(await transfer(world, call, user('dov'), ada), 202)
  const again = await transfer(world, call, user('cleo'), transferee(rows, 'ben'))
  assert.deepEqual([again.status, again.body.error.code], [409, '8607'])
  await world.advance('60s')
  const why = failed(7000, 'the user did not answer in time')
  assert.deepEqual(await world.take(), [wire.transferring(call), wire.transferFailed(call, why)])
})

for (const wireVersion of ['2018-12', '2019-09', '2020-12', '2021-03'] as const) {
  test(`${wireVersion}: nobody is transferred out of a group call`, async (t) => {
    const world = await startWorld(t, {}, { beta: { wireVersion } })
    const targets = [user('ada'), user('ben')]
    const created = { targets, requestedModalities: ['audio'], mediaConfig: wire.serviceHosted }
    const reply = await world.client('beta').post(CALLS, { ...created, callbackUri: world.bots.beta.url })
    const { pathname } = new URL(reply.headers.get('location') ?? '')
    await world.take('beta')
    const body = { transferTarget: user('dov'), transferee: { participantId: 'somebody' } }
    const refused = await world.client('beta').post(`${pathname.replace('/v1.0', '')}/transfer`, body)
    assert.equal(refused.status, 400)
    assert.match(refused.headers.get('rollcall-explanation') ?? '', /^This is a group call; in this wire version /)
    assert.deepEqual(await world.take('beta'), [])
  })
}
