import assert from 'node:assert/strict'
import { test } from 'node:test'
import { line } from '../support/bot.ts'
import type { World } from '../support/world.ts'
import { startWorld } from '../support/world.ts'
import { act, assertRunning, mediaEnded, mediaPrompt, promptOf } from './media-steps.ts'
import { assertRefused, invalidArgument, peerToPeer } from './steps.ts'
import type { Json, Known } from './wire.ts'
import { result } from './wire.ts'

const NOTHING = { recordingLocation: null, recordingAccessToken: null }

/** The end of a recording: its members apart from where the recording is, and how many bytes lie there. */
async function recorded(world: World): Promise<{ data: Json; bytes: number }> {
  const [first, ...others] = await world.take()
  assert.deepEqual(others, [])
  assert.ok(first)
  const { recordingLocation, recordingAccessToken, ...data } = first.resourceData as Json
  assert.match(String(recordingLocation), new RegExp(`^${world.url}/recordings/[0-9a-f-]{36}$`))
  const reply = await fetch(String(recordingLocation), {
    headers: { authorization: `Bearer ${String(recordingAccessToken)}` },
  })
  assert.equal(reply.status, 200)
  return { data, bytes: (await reply.arrayBuffer()).byteLength }
}

async function record(world: World, call: Known, body: Json = {}): Promise<string> {
  return assertRunning(await act(world, call, 'recordResponse', body), call, 'record', NOTHING)
}

const ending = (id: string, resultInfo: Json): Json => ({
  '@odata.type': '#microsoft.graph.recordOperation',
  status: 'completed',
  resultInfo,
  id,
})

test('what somebody says is recorded until they are silent, and can be fetched', async (t) => {
  const world = await startWorld(t)
  const uri = await promptOf(t, 1)
  await world.script('ada', { answer: { after: '0s', steps: [{ wait: '3s' }, { say: '2s' }] } })
  const call = await peerToPeer(world)
  const id = await record(world, call, {
    prompts: [mediaPrompt(uri)],
    maxSilenceTimeoutInSeconds: 2,
    maxRecordDurationInSeconds: 60,
  })
  await world.advance('20s')
  const { data, bytes } = await recorded(world)
  assert.deepEqual(data, ending(id, result(200, 8509, 'A silence ended the recording')))
  assert.ok(bytes > 2 * 32_000, `${bytes} bytes`)
  await world.nothingElse()
})

test('nobody speaks: it fails, and there is no recording', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  const id = await record(world, call, { playBeep: false, maxRecordDurationInSeconds: 60 })
  await world.advance('5s')
  assert.deepEqual(await world.take(), [
    mediaEnded(call, 'record', id, 'failed', result(400, 8510, 'Nobody said anything')),
  ])
})

test('at its longest duration', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { answer: { after: '0s', say: '1m' } })
  const call = await peerToPeer(world)
  const id = await record(world, call)
  await world.advance('10s')
  const { data } = await recorded(world)
  assert.deepEqual(data, ending(id, result(200, 8515, 'The recording reached its longest duration')))
})

test('by a stop tone', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { answer: { after: '0s', steps: [{ say: '3s' }, { press: '1#' }, { say: '1m' }] } })
  const call = await peerToPeer(world)
  const id = await record(world, call, { stopTones: ['#'], maxRecordDurationInSeconds: 60 })
  await world.advance('10s')
  const { data } = await recorded(world)
  assert.deepEqual(data, ending(id, result(200, 8514, 'A stop tone ended the recording')))
})

test('the caller hangs up: what was said is kept, and told before the end of the call', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { answer: { after: '0s', say: '1m' }, leaveAfter: '4s' })
  const call = await peerToPeer(world)
  await record(world, call, { maxRecordDurationInSeconds: 60 })
  await world.advance('4s')
  const taken = await world.take()
  assert.deepEqual(taken.map(line), ['deleted operation completed', 'deleted call terminated'])
  const [first] = taken
  assert.ok(first)
  const { recordingLocation, recordingAccessToken, resultInfo } = first.resourceData as Json
  assert.deepEqual(resultInfo, result(200, 0, 'The call ended, and with it the recording'))
  const authorization = `Bearer ${String(recordingAccessToken)}`
  const reply = await fetch(String(recordingLocation), { headers: { authorization } })
  assert.equal(reply.status, 200)
  assert.ok((await reply.arrayBuffer()).byteLength > 32_000)
})

test('one that may barge in pushes a prompt aside; one that may not waits', async (t) => {
  const world = await startWorld(t)
  const uri = await promptOf(t, 10)
  await world.script('ada', { answer: { after: '0s', say: '1m' } })
  const call = await peerToPeer(world)
  await act(world, call, 'playPrompt', { prompts: [mediaPrompt(uri)], loop: true })
  await record(world, call)
  await record(world, call, { bargeInAllowed: true })
  assert.deepEqual(await world.lines(), ['deleted operation failed', 'deleted operation failed'])
  await world.advance('10s')
  assert.deepEqual(await world.lines(), ['deleted operation completed'])
})

test('what is wrong with a request for a recording', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  const prompt = mediaPrompt('https://bot.example/a.wav')
  const rows: [Json, string][] = [
    [{ prompts: [prompt, prompt] }, 'prompts has 2 elements; at most 1 are allowed.'],
    [{ maxRecordDurationInSeconds: 121 }, 'maxRecordDurationInSeconds must be a whole number from 1 to 120.'],
    [{ initialSilenceTimeoutInSeconds: 0 }, 'initialSilenceTimeoutInSeconds must be a whole number from 1 to 120.'],
    [{ playBeep: 'yes' }, 'playBeep must be true or false, not a string.'],
  ]
  for (const [body, explanation] of rows) {
    assertRefused(await act(world, call, 'recordResponse', body), invalidArgument(explanation))
  }
  const { status, headers } = await act(world, call, 'recordResponse', { stopTones: ['#', 'x'] })
  assert.equal(status, 400)
  assert.match(headers.get('rollcall-explanation') ?? '', /^stopTones\[1\] must be one of tone0, /)
  await world.nothingElse()
})
