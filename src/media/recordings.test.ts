import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { Activity, virtualClock } from '../runtime.ts'
import { openMemory } from '../store/sqlite.ts'
import type { RecordingFiles } from './recording-files.ts'
import { filesInFolder, filesInMemory } from './recording-files.ts'
import type { RecordingLimits } from './recordings.ts'
import { Recordings } from './recordings.ts'

const HOUR = 3_600_000
const LIMITS: RecordingLimits = { number: 3, bytes: 1000, retention: 24 * HOUR, tokenLifetime: 2 * HOUR }

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Where recordings can be. */
const places: readonly (readonly [string, (t: TestContext) => RecordingFiles])[] = [
  ['memory', () => filesInMemory()],
  ['a folder', (t) => filesInFolder(join(temporaryFolder(t), 'recordings'))],
]

class Bench {
  readonly clock = virtualClock(Date.UTC(2026, 0, 1))
  readonly store = openMemory()
  readonly files: RecordingFiles

  constructor(t: TestContext, files: RecordingFiles) {
    this.files = files
    t.after(() => this.store.close())
  }

  open(
    limits: Partial<RecordingLimits> = {},
    onFault = (fault: unknown): unknown => assert.fail(String(fault)),
  ): Promise<Recordings> {
    return Recordings.open({
      kind: 'recording',
      clock: this.clock,
      activity: new Activity(),
      documents: this.store.documents,
      files: this.files,
      limits: { ...LIMITS, ...limits },
      onFault,
    })
  }

  advance(ms: number): Promise<void> {
    return this.clock.advance(ms, () => Promise.resolve())
  }
}

async function fetched(recordings: Recordings, id: string, token = `token of ${id}`): Promise<string> {
  const result = await recordings.fetch(id, token)
  return result.outcome === 'found' ? (await buffer(result.sound)).toString() : result.outcome
}

async function add(recordings: Recordings, id: string, text = `sound of ${id}`): Promise<void> {
  await recordings.add('call', { id, accessToken: `token of ${id}` }, Buffer.from(text))
}

for (const [place, files] of places) {
  test(`${place}: a recording opens with its own token, for a while`, async (t) => {
    const bench = new Bench(t, files(t))
    const recordings = await bench.open()
    await add(recordings, 'a')
    await add(recordings, 'b')
    assert.equal(await fetched(recordings, 'a'), 'sound of a')
    assert.equal(await fetched(recordings, 'a', 'token of b'), 'wrongToken')
    assert.equal(await fetched(recordings, 'c'), 'gone')
    await bench.advance(2 * HOUR)
    assert.equal(await fetched(recordings, 'a'), 'expired')
    assert.equal(await fetched(recordings, 'a', 'wrong'), 'wrongToken')
  })

  test(`${place}: the oldest go when there are too many, or too many bytes`, async (t) => {
    const bench = new Bench(t, files(t))
    const recordings = await bench.open()
    for (const id of ['a', 'b', 'c', 'd']) {
      await add(recordings, id)
      await bench.advance(1000)
    }
    assert.deepEqual([await fetched(recordings, 'a'), await fetched(recordings, 'b')], ['gone', 'sound of b'])
    await add(recordings, 'e', 'x'.repeat(995))
    assert.deepEqual([...(await bench.files.list())], ['e'])
  })

  test(`${place}: what is past its retention goes, and a reset takes all`, async (t) => {
    const bench = new Bench(t, files(t))
    const recordings = await bench.open()
    await add(recordings, 'a')
    await bench.advance(20 * HOUR)
    await add(recordings, 'b')
    await bench.advance(5 * HOUR)
    await recordings.purge()
    assert.deepEqual([...(await bench.files.list())], ['b'])
    await recordings.clear()
    assert.deepEqual([await bench.files.list(), await bench.store.documents.count('recording')], [[], 0])
  })

  test(`${place}: whoever asks while it is being kept waits for it`, async (t) => {
    const bench = new Bench(t, files(t))
    const recordings = await bench.open()
    const adding = add(recordings, 'a')
    assert.equal(await fetched(recordings, 'a'), 'sound of a')
    await adding
  })
}

test('what cannot be recorded leaves nothing, and takes nothing with it that was kept', async (t) => {
  const bench = new Bench(t, filesInFolder(temporaryFolder(t)))
  const { documents } = bench.store
  const faults: unknown[] = []
  const full = (): Promise<never> => Promise.reject(new Error('the disk is full'))
  const recordings = await bench.open({ number: 2 }, (fault) => faults.push(fault))
  await add(recordings, 'a')
  const put = t.mock.method(documents, 'put', full)
  await assert.rejects(add(recordings, 'b'), /the disk is full/)
  const write = t.mock.method(bench.files, 'write', full)
  await assert.rejects(add(recordings, 'a', 'again'), /the disk is full/)
  assert.deepEqual([...(await bench.files.list())], ['a'])
  assert.equal(await fetched(recordings, 'a'), 'sound of a')
  for (const mock of [put, write]) mock.mock.restore()
  await add(recordings, 'c')
  const remove = t.mock.method(documents, 'remove', full)
  await add(recordings, 'd')
  assert.match(String(faults), /the disk is full/)
  assert.equal(await fetched(recordings, 'd'), 'sound of d')
  remove.mock.restore()
  await bench.advance(1000)
  await add(recordings, 'e')
  assert.equal((await bench.files.list()).length, 2)
})

test('recordings are there after a restart, counted, and what nothing refers to is not', async (t) => {
  const folder = temporaryFolder(t)
  const bench = new Bench(t, filesInFolder(folder))
  for (const id of ['a', 'b', 'c']) {
    await add(await bench.open(), id)
    await bench.advance(1000)
  }
  writeFileSync(join(folder, 'orphan.wav'), 'x')
  writeFileSync(join(folder, 'unfinished.part'), 'x')
  const recordings = await bench.open()
  assert.deepEqual(readdirSync(folder).sort(), ['a.wav', 'b.wav', 'c.wav'])
  await add(recordings, 'd')
  assert.deepEqual(readdirSync(folder).sort(), ['b.wav', 'c.wav', 'd.wav'])
})

test('what cannot be written is not kept', async (t) => {
  const broken = { ...filesInMemory(), write: () => Promise.reject(new Error('the disk is full')) }
  const recordings = await new Bench(t, broken).open()
  await assert.rejects(add(recordings, 'a'), /the disk is full/)
  assert.equal(await fetched(recordings, 'a'), 'gone')
})
