/** `Prefer: rollcall.dry-run`: whether an invite would work, without ringing anybody and without a trace. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply, World } from '../support/world.ts'
import { PHONE, STRANGER, TENANT, application, callBody, phone, startWorld, user } from '../support/world.ts'
import { because, extended } from './extension-steps.ts'
import { CALLS, groupCall, invite, peerToPeer } from './steps.ts'
import type { Json, Known } from './wire.ts'
import * as wire from './wire.ts'

const DRY_RUN = 'rollcall.dry-run'
const UNKNOWN = '22222222-0000-4000-8000-0000000000aa'
const NO_ROUTE = because('callee-not-routable', 480, 10134, `the directory has no user ${UNKNOWN} in tenant ${TENANT}`)

const dryRun = (world: World, call: Known, participants: readonly unknown[], more: Json = {}): Promise<Reply> =>
  extended(world, call, participants, more, DRY_RUN)

/** What the server knows of a call and its people. */
const stateOf = async (world: World, call: Known): Promise<unknown> =>
  (await world.control('GET', `/calls/${call.id}`)).body

test('who would be rung and who could not be reached; nothing happens', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  await world.script('cleo', { decline: {} })
  const before = await stateOf(world, call)
  const reply = await dryRun(world, call, [user('cleo'), user(UNKNOWN)])
  assert.equal(reply.status, 200)
  assert.equal(reply.headers.get('preference-applied'), DRY_RUN)
  assert.equal(reply.headers.get('location'), null)
  const { '@odata.context': _, ...body } = reply.body
  const nobody = { ...wire.person('cleo'), user: { '@odata.type': '#microsoft.graph.identity', id: UNKNOWN } }
  assert.deepEqual(body, {
    '@odata.type': '#rollcall.inviteDryRun',
    wouldWork: false,
    participants: [
      { identity: wire.person('cleo'), would: 'ring' },
      { identity: nobody, would: 'fail', ...NO_ROUTE },
    ],
  })
  assert.deepEqual(await stateOf(world, call), before)
  await world.advance('90s')
  assert.deepEqual(await world.take(), [])
})

test('whoever has a fallback that can be rung would do, and of several for the first to come one is enough', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const chained = { ...user(UNKNOWN), 'rollcall.fallbacks': [user('dov')] }
  const one = await dryRun(world, call, [chained])
  assert.equal(one.body.wouldWork, true)
  assert.deepEqual(one.body.participants[0].fallbacks, [{ identity: wire.person('dov'), would: 'ring' }])
  const two = [user(UNKNOWN), user('cleo')]
  assert.equal((await dryRun(world, call, two, { 'rollcall.mode': 'first' })).body.wouldWork, true)
  assert.equal((await dryRun(world, call, two, { 'rollcall.mode': 'all' })).body.wouldWork, false)
})

test('a phone, for an application with a number to call from, and for one without', async (t) => {
  const world = await startWorld(t)
  for (const app of ['alpha', 'beta'] as const) {
    const { call } = await groupCall(world, ['ada', 'ben'], { app })
    const path = `${CALLS}/${call.id}/participants/invite`
    const { body } = await world.client(app).post(path, { participants: [phone(PHONE)] }, { prefer: DRY_RUN })
    assert.equal(body.wouldWork, app === 'alpha')
    assert.equal(body.participants[0].reason, app === 'alpha' ? undefined : 'pstn-not-provisioned')
  }
})

test('a move is asked about in the call that it would be made from', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const other = await peerToPeer(world, 'cleo')
  const moved = { ...user('cleo'), replacesCallId: other.id }
  const wrong = { ...user('dov'), replacesCallId: other.id }
  assert.deepEqual((await dryRun(world, call, [moved])).body.participants, [
    { identity: wire.person('cleo'), would: 'move' },
  ])
  const { body } = await dryRun(world, call, [wrong])
  assert.equal(body.wouldWork, false)
  assert.equal(body.participants[0].reason, 'replace-wrong-participant')
  assert.deepEqual(await world.take(), [])
})

test('what an invite is refused for, its dry run is refused for, word for word', async (t) => {
  const world = await startWorld(t, { maxParticipants: 4 })
  const { call } = await groupCall(world)
  const bodies: readonly Json[] = [
    { participants: [user('ada')] },
    { participants: [] },
    { participants: [user('cleo'), user('dov')] },
    { participants: [user('cleo'), user('cleo')] },
    { participants: [application('beta')] },
    { participants: [user(STRANGER)] },
    { participants: [{ ...user('cleo'), 'rollcall.ringTimeout': 0 }] },
  ]
  const path = `${CALLS}/${call.id}/participants/invite`
  for (const body of bodies) {
    const real = await world.client('alpha').post(path, body)
    const dry = await world.client('alpha').post(path, body, { prefer: DRY_RUN })
    const shown = ({ status, headers, body: { error } }: Reply): unknown => [
      status,
      headers.get('rollcall-explanation'),
      error.code,
      error.message,
    ]
    assert.ok(real.status >= 400, JSON.stringify(body))
    assert.deepEqual(shown(dry), shown(real))
  }
  const foreign = await world.client('beta').post(path, { participants: [user('cleo')] }, { prefer: DRY_RUN })
  assert.equal(foreign.status, 404)
})

test('an application that may not invite is told so', async (t) => {
  const world = await startWorld(t)
  const created = await world.client('dialler').post(CALLS, callBody(world, 'dialler', [user('ada')]))
  const call = wire.known(created)
  await world.take('dialler')
  const path = `${CALLS}/${call.id}/participants/invite`
  const reply = await world.client('dialler').post(path, { participants: [user('cleo')] }, { prefer: DRY_RUN })
  assert.equal(reply.status, 403)
})

test('a dry run does not escalate a peer-to-peer call, and uses no idempotency key up', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world, 'ada')
  const path = `${CALLS}/${call.id}/participants/invite`
  const headers = { prefer: `${DRY_RUN}, rollcall.outcomes`, 'idempotency-key': 'one' }
  const body = { participants: [user('cleo')] }
  const dry = await world.client('alpha').post(path, body, headers)
  assert.equal(dry.headers.get('preference-applied'), DRY_RUN)
  assert.equal(dry.body.wouldWork, true)
  assert.equal((await world.client('alpha').get(`${CALLS}/${call.id}/participants`)).body.value.length, 0)
  const real = await world.client('alpha').post(path, body, { 'idempotency-key': 'one' })
  assert.equal(real.body['@odata.type'], '#microsoft.graph.inviteParticipantsOperation')
  assert.deepEqual(await world.lines(), ['deleted operation completed', 'updated roster of 3'])
})

test('dry runs in a call that is over, and preferences at other operations', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const list = await world.client('alpha').get(`${CALLS}/${call.id}/participants`, { prefer: DRY_RUN })
  assert.equal(list.headers.get('preference-applied'), null)
  const ended = await world.client('alpha').delete(`${CALLS}/${call.id}`, { prefer: DRY_RUN })
  assert.equal(ended.status, 204)
  assert.deepEqual(await world.take(), wire.ownEnd(call))
  assert.equal((await dryRun(world, call, [user('cleo')])).status, 404)
  assert.equal((await invite(world, call, [user('cleo')])).status, 404)
})
