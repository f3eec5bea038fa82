/** What goes on right now: every live conversation in short, how many there are of each sort, and how sound is doing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LiveFilter, LiveView } from '../../src/control/live-view.ts'
import { OFFER, openPage } from '../support/page.ts'
import { SilentEngine } from '../support/silent-engine.ts'
import { APPS, TENANT, USERS, startWorld, user } from '../support/world.ts'
import type { World } from '../support/world.ts'
import { assertRefused, create, groupCall, invite } from './steps.ts'
import * as wire from './wire.ts'

async function live(world: World, query = ''): Promise<LiveView> {
  const { status, body } = await world.control('GET', `/live${query}`)
  assert.equal(status, 200)
  return body as LiveView
}

const nobody = { ringing: 0, calling: 0, lobby: 0, held: 0, connected: 0, onHold: 0 }
const none: Record<LiveFilter, number> = {
  incoming: 0,
  establishing: 0,
  redirecting: 0,
  established: 0,
  transferring: 0,
  ringing: 0,
  lobby: 0,
  onHold: 0,
}

test('nothing goes on: the clock, sound, and no calls', async (t) => {
  const sound = new SilentEngine()
  const world = await startWorld(t, { clockStart: 0 }, {}, {}, undefined, sound)
  assert.deepEqual(await live(world), {
    clock: { kind: 'virtual', now: '1970-01-01T00:00:00.000Z' },
    sound: sound.health(),
    live: 0,
    counts: none,
    matching: 0,
    value: [],
  })
  assert.deepEqual((await world.control('GET', '/media')).body, sound.health())
})

test('a group call in short: who is in, who rings, who waits; and it is gone with its end', async (t) => {
  const world = await startWorld(t, { clockStart: 0 })
  const { call } = await groupCall(world)
  await world.script('cleo', { answer: { after: '9s' } })
  await world.script('dov', { answer: { after: '0s', lobby: true } })
  wire.invited(await invite(world, call, [user('cleo')], { clientContext: 'c' }))
  wire.invited(await invite(world, call, [user('dov')], { clientContext: 'd' }))
  await world.advance('1s')
  const view = await live(world)
  const [shown] = view.value
  assert.deepEqual(shown, {
    id: shown?.id,
    tenant: { id: TENANT, name: 'contoso' },
    mode: 'group',
    createdAt: '1970-01-01T00:00:00.000Z',
    state: 'established',
    calls: [{ id: call.id, appId: APPS.alpha, displayName: 'Alpha', direction: 'outgoing', state: 'established' }],
    moreCalls: 0,
    people: { ...nobody, ringing: 1, lobby: 1, connected: 2 },
    names: ['ada', 'ben', 'dov', 'cleo'],
    modalities: ['audio'],
    recording: false,
  })
  assert.deepEqual([view.live, view.matching], [1, 1])
  assert.deepEqual(view.counts, { ...none, established: 1, ringing: 1, lobby: 1 })
  await world.client('alpha').delete(`/communications/calls/${call.id}`)
  await world.advance('0s')
  const [left] = (await live(world)).value
  assert.deepEqual([left?.state, left?.calls, left?.people.connected], ['established', [], 2], 'people stay without it')
  await world.control('POST', `/calls/${call.id}/end`)
  assert.deepEqual((await live(world)).counts, none)
  await world.take()
})

test('asked for by text, by state and by number, the newest first', async (t) => {
  const world = await startWorld(t)
  await world.script('ben', { ignore: {} })
  const first = await create(world, [user('ada')])
  await world.advance('1s')
  const second = await create(world, [user('ben')], { app: 'beta' })
  const found = async (query: string): Promise<readonly (string | undefined)[]> =>
    (await live(world, query)).value.map(({ calls }) => calls[0]?.id)
  assert.deepEqual(await found(''), [second.id, first.id])
  assert.deepEqual(await found('?limit=1'), [second.id])
  assert.deepEqual(await found('?state=established'), [first.id])
  assert.deepEqual(await found('?state=ringing'), [second.id])
  for (const text of ['ADA', USERS.ada, 'alph', first.id.slice(0, 20).toUpperCase()]) {
    assert.deepEqual(await found(`?text=${text}`), [first.id], text)
  }
  assert.deepEqual(await found('?text=contoso'), [second.id, first.id])
  assert.deepEqual(await found('?text=ada&state=ringing'), [])
  const { live: all, matching, counts } = await live(world, '?text=ada&limit=1')
  assert.deepEqual([all, matching, counts.established, counts.establishing], [2, 1, 1, 1])
  for (const query of ['?limit=501', '?state=asleep']) {
    const reply = await world.control('GET', `/live${query}`)
    const explanation = reply.headers.get('rollcall-explanation') ?? ''
    assert.match(explanation, /^(limit|state): /)
    assertRefused(reply, { status: 400, code: 'invalidRequest', message: 'The request is invalid.', explanation })
  }
  await world.take()
  await world.take('beta')
})

test('people who call a bot, who talk to each other, who hold, show and are turned away', async (t) => {
  const sound = new SilentEngine()
  const world = await startWorld(t, {}, {}, {}, undefined, sound)
  const { body } = await world.control('POST', '/calls', { from: 'ada@contoso.example', to: APPS.alpha })
  const [ringing] = (await live(world)).value
  assert.equal(ringing?.calls[0]?.id, body.callId)
  assert.deepEqual([ringing?.state, ringing?.people, ringing?.names], ['incoming', { ...nobody, calling: 1 }, ['ada']])
  await world.control('POST', '/reset')
  await world.take()

  const cleo = await openPage(t, world, 'cleo')
  const eva = await openPage(t, world, 'eva')
  await cleo.do({ type: 'call', target: USERS.eva, offer: OFFER })
  const { callId } = await eva.phase('ringing')
  const [calling] = (await live(world)).value
  assert.deepEqual([calling?.calls, calling?.state], [[], 'establishing'])
  assert.deepEqual(calling?.people, { ...nobody, ringing: 1, calling: 1 })
  await eva.do({ type: 'answer', callId, offer: OFFER })
  await eva.phase('connected')
  await eva.do({ type: 'hold', callId, held: true })
  await eva.do({ type: 'camera', callId, on: true })
  const [talking] = (await live(world, '?state=onHold')).value
  assert.deepEqual([talking?.state, talking?.people], ['established', { ...nobody, connected: 2, onHold: 1 }])
  assert.deepEqual(talking?.modalities, ['audio', 'video'])

  sound.capacityLeft = 0
  await openPage(t, world, 'fay')
  await create(world, [user('fay')])
  assert.equal((await live(world)).sound.refused, 1)
  assert.equal((await world.take()).at(-1)?.resourceData.resultInfo?.subcode, 8516)
})

test('a page that asks again and again is not in the journal; a refusal is', async (t) => {
  const world = await startWorld(t)
  await live(world)
  await world.control('GET', '/live?limit=0')
  const { body } = await world.control('GET', '/journal')
  assert.deepEqual(
    body.value.map(({ url }: { url: string }) => url),
    ['/control/live?limit=0'],
  )
})
