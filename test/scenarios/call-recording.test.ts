/** Recordings of whole conversations, for whoever runs the server: everybody sees it, and the file has what all could hear. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { meanSquare } from '../../src/media/sound.ts'
import { readWav } from '../../src/media/wav.ts'
import type { World } from '../support/world.ts'
import { startWorld } from '../support/world.ts'
import { CALLS, assertEmpty, groupCall, peerToPeer } from './steps.ts'
import type { Json, Known, Row } from './wire.ts'
import * as wire from './wire.ts'

/** A row while all is recorded. */
const recorded = (row: Row, recordingStatus = 'recording'): Json => ({
  ...wire.row(row),
  recordingInfo: {
    '@odata.type': '#microsoft.graph.recordingInfo',
    recordingStatus,
    initiator: {
      '@odata.type': '#microsoft.graph.identitySet',
      application: {
        '@odata.type': '#microsoft.graph.identity',
        id: 'ca11ca11-0000-4000-8000-000000000001',
        displayName: 'Rollcall',
      },
    },
  },
})

async function say(world: World, call: Known, id: string, words: string): Promise<void> {
  assert.equal((await world.control('POST', `/calls/${call.id}/participants/${id}/say`, { say: words })).status, 204)
}

/** The samples of a stored recording. */
async function samplesOf(world: World, fileId: string): Promise<Int16Array> {
  const response = await fetch(`${world.url}/control/recordings/${fileId}`)
  assert.equal(response.headers.get('content-type'), 'audio/wav')
  const wav = readWav(Buffer.from(await response.arrayBuffer()))
  assert.ok(wav.ok)
  return wav.samples
}

/** In which seconds somebody is to be heard. */
function heardIn(samples: Int16Array): number[] {
  return Array.from({ length: Math.ceil(samples.length / 16_000) }, (_, second) => second).filter(
    (second) => meanSquare(samples.subarray(second * 16_000, (second + 1) * 16_000)) > 10_000,
  )
}

async function texts(world: World, call: Known): Promise<readonly string[]> {
  const { body } = await world.control('GET', `/calls/${call.id}/timeline`)
  return body.value
    .filter(({ kind, text }: { kind: string; text: string }) => kind === 'event' && text.startsWith('Call recording'))
    .map(({ text }: { text: string }) => text)
}

test('everybody shows that it is recorded; the file has what all could hear, and is told when it is stored', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const [ada, own, ben] = rows
  assert.ok(ada && own && ben)
  assertEmpty(await world.control('POST', `/calls/${call.id}/recording`), 204)
  assertEmpty(await world.control('POST', `/calls/${call.id}/recording`), 204)
  assert.deepEqual(await world.take(), [
    wire.rosterOf(
      call,
      rows.map((row) => recorded(row)),
    ),
  ])
  await world.advance('2s')
  await say(world, call, ada.id, '3s')
  await world.advance('30m')
  await world.client('alpha').post(`${CALLS}/${call.id}/participants/${ben.id}/mute`, {})
  await say(world, call, ben.id, '2s')
  await world.advance('5s')
  await say(world, call, ada.id, '15s')
  await world.advance('20s')
  await world.take()
  assertEmpty(await world.control('DELETE', `/calls/${call.id}/recording`), 204)
  await world.take()

  const { body } = await world.control('GET', `/calls/${call.id}/recordings`)
  assert.equal(body.recording.state, 'stopped')
  const [{ id, bytes }] = body.value
  const samples = await samplesOf(world, id)
  assert.deepEqual([samples.length / 16_000, bytes], [1827, 44 + 1827 * 32_000])
  assert.deepEqual(heardIn(samples), [2, 3, 4, ...Array.from({ length: 15 }, (_, index) => 1807 + index)])
  assert.deepEqual(await texts(world, call), [
    'Call recording began',
    'Call recording stopped',
    'Call recording stored',
  ])
  assert.equal((await world.control('GET', '/recordings/5e9b1c9e-0000-4000-8000-000000000000')).status, 404)
  await world.control('POST', '/reset')
  assert.equal((await world.control('GET', `/recordings/${id}`)).status, 404)
})

test('with the option all are recorded, until the end of the call or the longest duration', async (t) => {
  const world = await startWorld(t, { callRecording: 'all', callRecordingDuration: 60_000 })
  await world.script('ada', { answer: { after: '0s', say: '5s' } })
  const call = await peerToPeer(world)
  await world.advance('10s')
  await world.client('alpha').delete(`${CALLS}/${call.id}`)
  await world.take()
  const { body } = await world.control('GET', `/calls/${call.id}/recordings`)
  assert.deepEqual(heardIn(await samplesOf(world, body.value[0].id)), [0, 1, 2, 3, 4])
  assert.equal(body.recording.state, 'stopped')
  assert.deepEqual(await texts(world, call), ['Call recording began', 'Call recording stored'])

  const long = await peerToPeer(world, 'ben')
  await world.advance('2m')
  const after = await world.control('GET', `/calls/${long.id}/recordings`)
  assert.deepEqual([after.body.recording.state, after.body.value[0].bytes], ['stopped', 44 + 60 * 32_000])
  await world.take()
})

test('a recording that cannot be written is said to have failed, and leaves nothing behind', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'rollcall-recording-'))
  t.after(() => rmSync(data, { recursive: true, force: true }))
  const world = await startWorld(t, { data, callRecording: 'all' })
  await world.script('ada', { answer: { after: '0s', say: '1m' } })
  const call = await peerToPeer(world)
  await world.advance('12s')
  const folder = join(data, 'call-recordings')
  const [name = ''] = readdirSync(folder)
  assert.match(name, /\.part$/)
  // From now on the disk is full.
  const file = await open(join(folder, name))
  const write = t.mock.method(Object.getPrototypeOf(file) as FileHandle, 'write', () =>
    Promise.reject(new Error('ENOSPC: no space left on device')),
  )
  await file.close()
  await world.advance('15s')
  assert.deepEqual(await texts(world, call), ['Call recording began', 'Call recording failed'])
  const { body } = await world.control('GET', `/calls/${call.id}/recordings`)
  assert.deepEqual([body.recording.state, body.value], ['failed', []])
  assert.deepEqual(readdirSync(folder), [])
  const opened = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      return []
    }
  })
  assert.deepEqual(
    opened.filter((path) => path.startsWith(folder)),
    [],
  )
  write.mock.restore()
  await world.client('alpha').delete(`${CALLS}/${call.id}`)
  await world.take()
})
