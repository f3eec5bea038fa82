/** Transcription as far as it shows: who turns it on and off, and who is told of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OFFER, openPage } from '../support/page.ts'
import { SilentEngine } from '../support/silent-engine.ts'
import type { World } from '../support/world.ts'
import { APPS, USERS, startWorld, user } from '../support/world.ts'
import { assertRunning } from './media-steps.ts'
import { CALLS, assertEmpty, assertRefused, create, groupCall, invalidArgument, peerToPeer } from './steps.ts'
import type { Json, Known } from './wire.ts'
import * as wire from './wire.ts'

const transcription = (state: string, lastModifiedDateTime: string | null): Json => ({
  '@odata.type': '#microsoft.graph.callTranscriptionInfo',
  state,
  lastModifiedDateTime,
})

/** The notification of a change. */
function changed(call: Known, state: string, at: string): Json {
  const { resourceData, ...rest } = wire.established(call)
  return { ...rest, resourceData: { ...(resourceData as Json), transcription: transcription(state, at) } }
}

const now = async (world: World): Promise<string> => (await world.control('GET', '/clock')).body.now
const shown = async (world: World, call: Known): Promise<unknown> =>
  (await world.client('alpha', call.version).get(`${CALLS}/${call.id}`)).body.transcription
const act = (world: World, call: Known, action: string, body: unknown = { language: 'en-us' }) =>
  world.client('alpha', call.version).post(`${CALLS}/${call.id}/${action}`, body)

test('an application turns it on and off; each time it runs, ends, and is told', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world, ['ada', 'ben'], { version: 'beta' })
  assert.deepEqual(await shown(world, call), transcription('notStarted', null))
  for (const [action, state] of [
    ['startTranscription', 'active'],
    ['stopTranscription', 'inactive'],
    ['microsoft.graph.StartTranscription', 'active'],
  ] as const) {
    await world.advance('5s')
    const kind = action.replace('microsoft.graph.S', 's')
    const id = assertRunning(await act(world, call, action), call, kind, {}, 202)
    assert.deepEqual(await world.take(), [
      wire.ended(call, { '@odata.type': `#microsoft.graph.${kind}Operation`, status: 'completed', id }),
      changed(call, state, await now(world)),
    ])
    assert.deepEqual(await shown(world, call), transcription(state, await now(world)))
  }
  // What is so already is no news.
  await act(world, call, 'startTranscription', { clientContext: 'again' })
  assert.deepEqual(await world.lines(), ['deleted operation completed'])
  const { body } = await world.control('GET', `/calls/${call.id}`)
  assert.deepEqual(body.transcription, {
    state: 'active',
    since: await now(world),
    by: { kind: 'application', id: APPS.alpha, displayName: 'Alpha', tenantId: body.tenantId },
  })
})

test('whoever runs the server, and people, turn it on and off; who comes later sees it', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const begun = await now(world)
  assertEmpty(await world.control('POST', `/calls/${call.id}/transcription`), 204)
  assertEmpty(await world.control('POST', `/calls/${call.id}/transcription`), 204)
  assert.deepEqual(await world.take(), [changed(call, 'active', begun)])
  await world.advance('5s')
  const ada = `/calls/${call.id}/participants/${rows[0]?.id ?? ''}`
  assertEmpty(await world.control('POST', `${ada}/stopTranscription`), 204)
  assert.deepEqual(await world.take(), [changed(call, 'inactive', await now(world))])
  const { body } = await world.control('GET', `/calls/${call.id}/timeline`)
  const texts: string[] = body.value.map(({ text }: { text: string }) => text)
  assert.deepEqual(
    texts.filter((text) => text.startsWith('Transcription')),
    ['Transcription started: Rollcall', 'Transcription stopped: ada'],
  )
  assertEmpty(await world.control('POST', `${ada}/startTranscription`), 204)
  await world.take()
  await world.script('cleo', { answer: { steps: [{ wait: '2s' }, { transcribe: 'off' }] } })
  await world.client('alpha').post(`${CALLS}/${call.id}/participants/invite`, { participants: [user('cleo')] })
  await world.take()
  assert.equal(((await shown(world, call)) as Json)['state'], 'active')
  await world.advance('1s')
  await world.take()
  await world.advance('2s')
  assert.deepEqual(await world.take(), [changed(call, 'inactive', await now(world))])
})

test('a peer-to-peer call shows it from when it was first turned on, and keeps it as a group call', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  assert.equal(await shown(world, call), null)
  await world.control('POST', `/calls/${call.id}/transcription`)
  const at = await now(world)
  assert.deepEqual(await world.take(), [changed(call, 'active', at)])
  await world.client('alpha').post(`${CALLS}/${call.id}/participants/invite`, { participants: [user('ben')] })
  await world.take()
  assert.deepEqual(await shown(world, call), transcription('active', at))
})

test('it is refused where it is not published, in a call of two, in another language, to strangers', async (t) => {
  const world = await startWorld(t)
  const pair = await peerToPeer(world, 'ada', { version: 'beta' })
  assertRefused(await act(world, pair, 'startTranscription'), {
    status: 400,
    code: '8548',
    message: 'Call is not a group call.',
    explanation:
      'This is a peer-to-peer call, and the action needs a group call or meeting: there is a roster to act on.',
  })
  const { call } = await groupCall(world, ['ben', 'cleo'], { version: 'beta' })
  const german = await act(world, call, 'startTranscription', { language: 'de-de' })
  assertRefused(german, invalidArgument('language must be en-us, if it is given.'))
  const stranger = await world.client('beta', 'beta').post(`${CALLS}/${call.id}/stopTranscription`, {})
  assert.equal(stranger.status, 404)
  assert.equal((await world.control('POST', `/calls/${USERS.ada}/transcription`)).status, 404)
  assert.deepEqual(await world.take(), [])
})

test('versions before 2020 do not tell of it', async (t) => {
  const world = await startWorld(t, {}, { alpha: { wireVersion: '2019-09' } })
  const call = await create(world, [user('ada')])
  await world.take()
  assertEmpty(await world.control('POST', `/calls/${call.id}/transcription`), 204)
  assert.deepEqual(await world.take(), [])
})

test('people at pages see that the call is transcribed', async (t) => {
  const world = await startWorld(t, {}, {}, {}, undefined, new SilentEngine())
  const page = await openPage(t, world, 'ada')
  const call = await create(world, [user('ada')])
  const { callId } = await page.phase('ringing')
  await page.do({ type: 'answer', callId, offer: OFFER })
  assert.equal((await page.phase('connected')).transcribing, false)
  await world.control('POST', `/calls/${call.id}/transcription`)
  await page.until('the badge', () => page.calls.some(({ transcribing }) => transcribing))
  await world.control('DELETE', `/calls/${call.id}/transcription`)
  await page.until('no badge', () => page.calls.every(({ transcribing }) => !transcribing))
  await world.take()
})
