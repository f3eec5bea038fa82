/** What the API says is what one hears: mute, hold, lobby, routes, levels and moves, on real samples and the virtual clock. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { readWav } from '../../src/media/wav.ts'
import { expectHeard, expectNotHeard } from '../support/heard.ts'
import type { UserName, World } from '../support/world.ts'
import { USERS, startWorld, user } from '../support/world.ts'
import { act, mediaPrompt, promptOf } from './media-steps.ts'
import { CALLS, groupCall, invite, peerToPeer } from './steps.ts'
import type { Known, Row } from './wire.ts'

/** How loud the voice without words is, in decibels. */
const VOICE = -23

interface Party {
  readonly world: World
  readonly call: Known
  readonly ids: Readonly<Record<string, string>>
}

/** A group call of alpha's with some people, who say nothing by themselves. */
async function party(t: TestContext, names: readonly UserName[] = ['ada', 'ben']): Promise<Party> {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world, names, { version: 'beta' })
  const ids = Object.fromEntries([
    ...names.map((name) => [name, idOf(rows, USERS[name])]),
    ['alpha', call.myParticipantId],
  ])
  return { world, call, ids }
}

function idOf(rows: readonly Row[], userId: string): string {
  return rows.find(({ identity }) => JSON.stringify(identity).includes(userId))?.id ?? ''
}

/** Somebody says something for so many seconds, and it is over. */
async function speaks({ world, call, ids }: Party, name: string, seconds: number): Promise<void> {
  const said = await world.control('POST', `/calls/${call.id}/participants/${ids[name]}/say`, { say: `${seconds}s` })
  assert.equal(said.status, 204)
  await world.advance(`${seconds}s`)
}

/** An action that is done at once or soon; its notifications are taken. */
async function does({ world, call }: Party, action: string, body: object = {}): Promise<void> {
  const { status, headers } = await act(world, call, action, body as Record<string, unknown>)
  assert.ok(status < 300, headers.get('rollcall-explanation') ?? '')
  await world.take()
}

async function assertHeard({ world, call }: Party, speaker: string, listeners: readonly string[]): Promise<void> {
  for (const listener of listeners) await expectHeard(world, call.id, speaker, listener, { level: VOICE })
  const others = ['ada', 'ben', 'cleo', 'alpha'].filter((name) => !listeners.includes(name))
  for (const listener of others) await expectNotHeard(world, call.id, speaker, listener)
}

test('everybody hears everybody, from when to when, and how loud', async (t) => {
  const scene = await party(t)
  const { world, call } = scene
  await speaks(scene, 'ada', 3)
  await world.advance('1s')
  await speaks(scene, 'ben', 2)
  await expectHeard(world, call.id, 'ada', 'ben', { seconds: 3, level: VOICE })
  await assertHeard(scene, 'ada', ['ben', 'alpha'])
  await assertHeard(scene, 'ben', ['ada', 'alpha'])
  const { body } = await world.control('GET', `/calls/${call.id}/audibility?listener=${call.id}`)
  assert.equal(body.value.length, 2)
  const [first] = body.value
  assert.deepEqual(first.speaker.identity, { kind: 'user', id: USERS.ada, displayName: 'ada' })
  assert.equal(first.listener.id, call.id)
  assert.equal(Date.parse(first.until) - Date.parse(first.from), 3000)
  const timeline = await world.control('GET', `/calls/${call.id}/timeline`)
  const lines = timeline.body.value.filter((item: { kind: string }) => item.kind === 'heard')
  assert.deepEqual(
    lines.map(({ text }: { text: string }) => text),
    ['ada was heard by Alpha, ben for 3.0 s at -23 dB', 'ben was heard by ada, Alpha for 2.0 s at -23 dB'],
  )
})

test('mute silences, for as long as it lasts', async (t) => {
  const scene = await party(t)
  const { world, call, ids } = scene
  await does(scene, `participants/${ids['ada']}/mute`)
  await speaks(scene, 'ada', 3)
  await assertHeard(scene, 'ada', [])
  const said = await world.control('POST', `/calls/${call.id}/participants/${ids['ada']}/say`, { say: '10s' })
  assert.equal(said.status, 204)
  await world.advance('4s')
  await world.control('POST', `/calls/${call.id}/participants/${ids['ada']}/unmute`)
  await world.advance('10s')
  await world.take()
  await expectHeard(world, call.id, 'ada', 'ben', { seconds: 6 })
})

test('a recording has what the application could hear', async (t) => {
  const scene = await party(t)
  const { world, call, ids } = scene
  await does(scene, 'recordResponse', {
    playBeep: false,
    maxRecordDurationInSeconds: 10,
    initialSilenceTimeoutInSeconds: 9,
  })
  await does(scene, `participants/${ids['ada']}/mute`)
  await speaks(scene, 'ada', 3)
  await world.control('POST', `/calls/${call.id}/participants/${ids['ada']}/unmute`)
  await world.take()
  await speaks(scene, 'ada', 10)
  const end = (await world.take()).at(-1)?.resourceData
  const { recordingLocation, recordingAccessToken } = end ?? {}
  const reply = await fetch(recordingLocation, { headers: { authorization: `Bearer ${recordingAccessToken}` } })
  const wav = readWav(Buffer.from(await reply.arrayBuffer()))
  assert.ok(wav.ok)
  const begins = wav.samples.findIndex((sample) => sample !== 0) / 16_000
  assert.deepEqual([Math.round(begins * 10) / 10, wav.samples.length / 16_000], [3, 10])
})

test('whoever is on hold hears the music, and nobody hears them', async (t) => {
  const scene = await party(t)
  const { world, call, ids } = scene
  await does(scene, `participants/${ids['ada']}/startHoldMusic`, { customPrompt: mediaPrompt(await promptOf(t, 2)) })
  await speaks(scene, 'ada', 2)
  await speaks(scene, 'ben', 3)
  await assertHeard(scene, 'ada', [])
  await assertHeard(scene, 'ben', ['alpha'])
  await expectHeard(world, call.id, `hold-music:${ids['ada']}`, 'ada', { seconds: 5, level: VOICE })
  await expectNotHeard(world, call.id, `hold-music:${ids['ada']}`, 'ben')
  await does(scene, `participants/${ids['ada']}/stopHoldMusic`)
  await speaks(scene, 'ada', 2)
  await assertHeard(scene, 'ada', ['ben', 'alpha'])
})

test('somebody outside of the default mix hears and is heard by routing groups alone', async (t) => {
  const scene = await party(t)
  const { world, call, ids } = scene
  const cleo = { ...user('cleo'), removeFromDefaultAudioRoutingGroup: true }
  const { body } = await invite(world, call, [cleo])
  await world.take()
  const everybody: Party = { ...scene, ids: { ...ids, cleo: body.participants[0].id } }
  await speaks(everybody, 'ada', 1)
  await speaks(everybody, 'cleo', 1)
  await assertHeard(everybody, 'ada', ['ben', 'alpha'])
  await assertHeard(everybody, 'cleo', [])
  const groups = `${CALLS}/${call.id}/audioRoutingGroups`
  const route = (id: string, sources: readonly string[], receivers: readonly string[]): object => ({
    id,
    routingMode: receivers.length > 1 ? 'multicast' : 'oneToOne',
    sources: sources.map((name) => everybody.ids[name]),
    receivers: receivers.map((name) => everybody.ids[name]),
  })
  const client = world.client('alpha', 'beta')
  assert.equal((await client.post(groups, route('in', ['ada'], ['cleo']))).status, 200)
  assert.equal((await client.post(groups, route('out', ['cleo'], ['alpha', 'ada']))).status, 200)
  await speaks(everybody, 'ada', 1)
  await speaks(everybody, 'cleo', 1)
  await speaks(everybody, 'ben', 1)
  await expectHeard(world, call.id, 'ada', 'cleo', { seconds: 1 })
  await assertHeard(everybody, 'cleo', ['ada', 'alpha'])
  await assertHeard(everybody, 'ben', ['ada', 'alpha'])
})

test('the levels of the mixer: half is 6 dB less', async (t) => {
  const scene = await party(t)
  const { world, call, ids } = scene
  const levels = (level: number): object => ({
    participantMixerLevels: [{ participant: ids['ada'], sourceLevels: [{ participant: ids['ben'], level }] }],
  })
  await does(scene, 'participants/configureMixer', levels(50))
  await speaks(scene, 'ben', 2)
  await expectHeard(world, call.id, 'ben', 'ada', { seconds: 2, level: VOICE - 6 })
  await expectHeard(world, call.id, 'ben', 'alpha', { seconds: 2, level: VOICE })
  await does(scene, 'participants/configureMixer', levels(0))
  await speaks(scene, 'ben', 2)
  await expectHeard(world, call.id, 'ben', 'ada', { seconds: 2 })
})

test('the lobby hears nothing, and nobody hears it', async (t) => {
  const scene = await party(t)
  const { world, call, ids } = scene
  await world.script('cleo', { answer: { lobby: true, say: '1m' } })
  const { body } = await invite(world, call, [user('cleo')])
  await world.take()
  const everybody: Party = { ...scene, ids: { ...ids, cleo: body.participants[0].id } }
  await speaks(everybody, 'ada', 2)
  await assertHeard(everybody, 'ada', ['ben', 'alpha'])
  await assertHeard(everybody, 'cleo', [])
  await world.control('POST', `/calls/${call.id}/lobby/admit`)
  await world.take()
  await speaks(everybody, 'ada', 2)
  await expectHeard(world, call.id, 'ada', 'cleo', { seconds: 2 })
})

test('who is moved by replacesCallId goes on speaking, and is heard where they are', async (t) => {
  const world = await startWorld(t)
  await world.script('cleo', { answer: { after: '0s', say: '10s' } })
  const { call } = await groupCall(world, ['ada', 'ben'])
  const old = await peerToPeer(world, 'cleo')
  await world.advance('4s')
  await invite(world, call, [{ ...user('cleo'), replacesCallId: old.id }])
  await world.take()
  await world.advance('20s')
  await expectHeard(world, old.id, 'cleo', 'alpha', { seconds: 4 })
  await expectHeard(world, call.id, 'cleo', 'ada', { seconds: 6 })
})

test('a prompt is heard by everybody, and nobody hears an application that muted itself', async (t) => {
  const scene = await party(t)
  const { world, call } = scene
  const prompts = { prompts: [mediaPrompt(await promptOf(t, 3))] }
  await does(scene, 'playPrompt', prompts)
  await world.advance('5s')
  await world.take()
  await assertHeard(scene, 'alpha', ['ada', 'ben'])
  await does(scene, 'mute')
  await does(scene, 'playPrompt', prompts)
  await world.advance('5s')
  await world.take()
  await expectHeard(world, call.id, 'alpha', 'ada', { seconds: 3 })
})

test('two minutes of three people who talk at once take milliseconds', async (t) => {
  const scene = await party(t, ['ada', 'ben', 'cleo'])
  const { world, call, ids } = scene
  await does(scene, 'recordResponse', { playBeep: false, maxRecordDurationInSeconds: 120 })
  for (const name of ['ada', 'ben', 'cleo']) {
    await world.control('POST', `/calls/${call.id}/participants/${ids[name]}/say`, { say: '2m' })
  }
  const began = performance.now()
  await world.advance('3m')
  const took = performance.now() - began
  assert.equal((await world.lines()).at(-1), 'deleted operation completed')
  await expectHeard(world, call.id, 'ada', 'alpha', { seconds: 120 })
  assert.ok(took < 5000, `${took} ms`)
})

test('who heard whom is known after a restart, of calls that are over and of those that go on', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'rollcall-audibility-'))
  t.after(() => rmSync(data, { recursive: true, force: true }))
  const calls: Known[] = []
  await t.test('before', async (inner) => {
    const world = await startWorld(inner, { data })
    for (const say of ['2s', '1s']) {
      const { call, rows } = await groupCall(world)
      const ada = idOf(rows, USERS.ada)
      assert.equal((await world.control('POST', `/calls/${call.id}/participants/${ada}/say`, { say })).status, 204)
      await world.advance('3s')
      calls.push(call)
    }
    const [over] = calls
    await world.client('alpha').delete(`${CALLS}/${over?.id}`)
    await world.take()
  })
  const world = await startWorld(t, { data })
  const [over, live] = calls
  await expectHeard(world, over?.id ?? '', 'ada', 'ben', { seconds: 2, level: VOICE })
  await expectHeard(world, live?.id ?? '', 'ada', 'alpha', { seconds: 1, level: VOICE })
  await world.client('alpha').delete(`${CALLS}/${live?.id}`)
  await world.take()
})
