/** Data that cannot be used: the server says why and what to do, ends with 1, and leaves every byte as it was. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { closeSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { before, test } from 'node:test'
import type { TestContext } from 'node:test'
import { openSqlite } from '../../src/store/sqlite.ts'
import { Child, NotStarted } from './child.ts'
import { PATIENCE } from './rounds.ts'
import { prepare, tokenOf } from './site.ts'

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
