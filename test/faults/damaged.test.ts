/** Data that cannot be used: the server says why and what to do, ends with 1, and leaves every byte as it was. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, openSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { closeSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { before, test } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { openSqlite } from '../../src/store/sqlite.ts'
import { Subscriber } from '../support/subscriber.ts'
import { Child, NotStarted } from './child.ts'
import { assertNothingLost } from './kept.ts'
import { ask, nothingPromised, work } from './load.ts'
import type { Promised, Workplace } from './load.ts'
import { PATIENCE, SEED, chances } from './rounds.ts'
import { prepare, tokenOf } from './site.ts'
import type { Site } from './site.ts'

const sound = mkdtempSync(join(tmpdir(), 'rollcall-sound-'))

before(async () => {
  const store = await openSqlite(sound)
  for (let count = 0; count < 300; count++) await store.saveScript(`+1206555${count}`, { busy: { after: '1ms' } })
  await store.close()
})
test.after(() => rmSync(sound, { recursive: true, force: true }))

/** What is in a folder: a digest of each file. */
function contents(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile())
  return new Map(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  )
}

async function refused(t: TestContext, data: string): Promise<string> {
  const { flags } = await prepare(t, {}, { data })
  const error = await Child.start([...flags, '--port=0']).then(
    (child) => child.kill('SIGKILL').then(() => assert.fail(`it started: ${child.output}`)),
    (fault: unknown) => fault,
  )
  assert.ok(error instanceof NotStarted, String(error))
  assert.deepEqual(error.end, { code: 1, signal: null })
  assert.doesNotMatch(error.message, /\n\s+at |node:internal|\.ts:\d/, 'a stack is no explanation')
  assert.equal(error.message.trim().split('\n').length, 1, error.message)
  return error.message
}

const FILE = 'rollcall.sqlite'

const harms: readonly [name: string, harm: (folder: string) => void, message: RegExp][] = [
  ['its beginning is overwritten', (folder) => overwrite(join(folder, FILE), 0, 200), /is damaged; restore it from a/],
  ['its schema is overwritten', (folder) => overwrite(join(folder, FILE), 100, 3900), /is damaged; restore it from a/],
  ['most of it is overwritten', (folder) => overwrite(join(folder, FILE), 4096, Infinity), /is damaged; restore it/],
  ['it is cut short', (folder) => truncateSync(join(folder, FILE), 6000), /is damaged; restore it from a/],
  [
    'it is another file',
    (folder) => writeFileSync(join(folder, FILE), 'Dear diary, '.repeat(1000)),
    /not a database: .*is damaged/,
  ],
  ['it is of a newer version', (folder) => setVersion(join(folder, FILE), 99), /was written by a newer Rollcall/],
]

/** Other bytes from a place on, for a length or to the end. */
function overwrite(file: string, from: number, length: number): void {
  const handle = openSync(file, 'r+')
  const size = Math.min(length, statSync(file).size - from)
  writeSync(handle, Buffer.alloc(size, 'rubbish '), 0, size, from)
  closeSync(handle)
}

function setVersion(file: string, version: number): void {
  const database = new DatabaseSync(file)
  database.exec(`PRAGMA journal_mode = DELETE; PRAGMA user_version = ${version}`)
  database.close()
}

for (const [name, harm, message] of harms) {
  test(`the database file cannot be used, ${name}: refused, untouched`, PATIENCE, async (t) => {
    const data = mkdtempSync(join(tmpdir(), 'rollcall-damaged-'))
    t.after(() => rmSync(data, { recursive: true, force: true }))
    cpSync(sound, data, { recursive: true })
    harm(data)
    const earlier = contents(data)
    assert.match(await refused(t, data), message)
    assert.deepEqual(contents(data), earlier)
  })
}

const PAGE = 4096

/** What happens to the file under a server that runs; its first page has been read, and is not read again. */
const running: readonly (readonly [name: string, harm: (file: string) => void])[] = [
  ['all of it', (file) => overwrite(file, PAGE, Infinity)],
  ['every second page', (file) => pagesOf(file).forEach((from, at) => at % 2 === 0 && overwrite(file, from, PAGE))],
  ['the beginning of each page', (file) => pagesOf(file).forEach((from) => overwrite(file, from, 16))],
  ['it is cut short', (file) => truncateSync(file, 2 * PAGE)],
]

/** Where each page begins, from the second one on. */
function pagesOf(file: string): readonly number[] {
  return Array.from({ length: Math.floor(statSync(file).size / PAGE) - 1 }, (_, index) => (index + 1) * PAGE)
}

/** A server that has worked, come to rest and stopped. */
interface Stage {
  readonly site: Site
  readonly data: string
  readonly place: Workplace
  readonly promised: Promised
}

async function worked(t: TestContext): Promise<Stage> {
  const site = await prepare(t, { cleo: { busy: { after: '30ms' } } })
  const child = await Child.start([...site.flags, '--port=0'])
  t.after(() => child.kill('SIGKILL'))
  const { url: webhook } = await Subscriber.start(t)
  const promised = nothingPromised()
  const given = { callbackUri: site.bot.url, webhook, token: await tokenOf(child.url), chance: chances(SEED) }
  const place = { ...given, url: () => child.url, promised, goOn: () => promised.calls.size < 12 }
  await Promise.all([1, 2, 3].map((name) => work(place, name)))
  await assertNothingLost(place, site.bot, promised)
  assert.deepEqual(await child.kill('SIGTERM'), { code: 0, signal: null })
  const data = site.flags.find((flag) => flag.startsWith('--data='))?.slice('--data='.length) ?? ''
  return { site, data, place, promised }
}

test(
  'the database file is damaged while the server runs: it says so and ends, and a backup goes on',
  PATIENCE,
  async (t) => {
    t.diagnostic(`FAULT_SEED=${SEED}`)
    const stage = await worked(t)
    const { data, promised, site } = stage
    const backup = mkdtempSync(join(tmpdir(), 'rollcall-damaged-'))
    t.after(() => rmSync(backup, { recursive: true, force: true }))
    cpSync(data, backup, { recursive: true })
    for (const [name, harm] of running) {
      await damageWhileRunning(t, stage, harm)
      const left = contents(data)
      assert.match(await refused(t, data), /rollcall\.sqlite is damaged; restore it from a backup, or remove it/)
      assert.deepEqual(contents(data), left, name)
      // As docs/operations.md has it.
      rmSync(data, { recursive: true })
      cpSync(backup, data, { recursive: true })
    }
    const restored = await Child.start([...site.flags, '--port=0'])
    t.after(() => restored.kill('SIGKILL'))
    const again = { token: await tokenOf(restored.url), url: () => restored.url }
    t.diagnostic(JSON.stringify(await assertNothingLost(again, site.bot, promised)))
  },
)

/** Damages the file under a server at work, and sees it end: until then nothing that it answers is other than before. */
async function damageWhileRunning(t: TestContext, stage: Stage, harm: (file: string) => void): Promise<void> {
  const { site, data, place, promised } = stage
  const child = await Child.start([...site.flags, '--port=0'])
  t.after(() => child.kill('SIGKILL'))
  let goOn = true
  const token = await tokenOf(child.url)
  const later = { ...place, token, url: () => child.url, promised: nothingPromised(), goOn: () => goOn }
  const known = new Map<string, string>()
  for (const id of [...promised.calls].slice(0, 5)) {
    known.set(id, JSON.stringify((await ask(later, 'GET', `/control/calls/${id}`)).body))
  }
  harm(join(data, FILE))
  const harmed = contents(data).get(FILE)
  const workers = Promise.all([1, 2].map((one) => work(later, one)))
  void child.ended.then(() => (goOn = false))
  for (let at = 0; goOn; at = (at + 1) % known.size) await assertTrue(later, [...known][at])
  await workers
  assert.deepEqual(await child.ended, { code: 1, signal: null })
  assert.match(child.output, /cannot be used any longer: .*rollcall\.sqlite is damaged; restore it from a backup/)
  assert.equal(contents(data).get(FILE), harmed, 'the damaged file was written to')
}

/** What is answered with success is what was there before, and nothing else. */
async function assertTrue(place: Workplace, [id = '', before] = [] as readonly string[]): Promise<void> {
  const asked = await ask(place, 'GET', `/control/calls/${id}`).catch(() => undefined)
  if (asked?.ok === true) assert.equal(JSON.stringify(asked.body), before)
  else await pause(20)
}

test('the file of a damaged database is put aside by hand: the server begins anew', PATIENCE, async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'rollcall-damaged-'))
  t.after(() => rmSync(data, { recursive: true, force: true }))
  cpSync(sound, data, { recursive: true })
  const mark = join(data, `${FILE}.damaged`)
  writeFileSync(mark, 'database disk image is malformed\n')
  const { flags } = await prepare(t, {}, { data })
  for (const name of [FILE, 'another']) {
    renameSync(join(data, FILE), join(data, name))
    const child = await Child.start([...flags, '--port=0'])
    assert.equal(existsSync(mark), false)
    assert.deepEqual(await child.kill('SIGTERM'), { code: 0, signal: null })
    writeFileSync(mark, 'database disk image is malformed\n')
  }
})

test('the folder is in use by another server: refused, and the other one works on', PATIENCE, async (t) => {
  const { flags } = await prepare(t, {})
  const first = await Child.start([...flags, '--port=0'])
  t.after(() => first.kill('SIGKILL'))
  const data = flags.find((flag) => flag.startsWith('--data='))?.slice('--data='.length) ?? ''
  const earlier = contents(data)
  assert.match(await refused(t, data), /another Rollcall is using it; stop that one or choose another --data folder/)
  assert.deepEqual(contents(data), earlier)
  assert.equal(typeof (await tokenOf(first.url)), 'string')
})
