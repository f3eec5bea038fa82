import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { StoreError } from './store.ts'
import { openMemory, openSqlite } from './sqlite.ts'
import { storeSuite } from './store.suite.ts'

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-store-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

storeSuite('in memory', () => ({ open: () => openMemory(), persistent: false }))
storeSuite('in a folder', (t) => {
  const folder = join(temporary(t), 'made', 'on', 'demand')
  return { open: () => openSqlite(folder), persistent: true }
})

/** What cannot be opened: the message says where, and what to do. */
async function assertRefused(folder: string, help: RegExp): Promise<void> {
  await assert.rejects(
    () => openSqlite(folder),
    (error) => {
      assert.ok(error instanceof StoreError, String(error))
      assert.ok(error.message.includes(folder), error.message)
      assert.match(error.message, help)
      return true
    },
  )
}

test('a folder that is in use is refused, and is free again when its server stops', async (t) => {
  const folder = temporary(t)
  const first = await openSqlite(folder)
  await assertRefused(folder, /another Rollcall is using it; stop that one or choose another --data folder/)
  await first.saveScript('ada', { busy: {} })
  await assertRefused(folder, /another Rollcall is using it/)
  await first.close()
  const second = await openSqlite(folder)
  assert.equal((await second.scripts()).size, 1)
  await second.close()
})

test('a file that is no database is refused in words', async (t) => {
  const folder = temporary(t)
  writeFileSync(join(folder, 'rollcall.sqlite'), 'this is no database, '.repeat(500))
  await assertRefused(folder, /not a database: the file rollcall.sqlite is damaged; restore it/)
})

test('a database that is cut short is refused in words', async (t) => {
  const folder = temporary(t)
  const store = await openSqlite(folder)
  await store.saveScript('ada', { busy: {} })
  await store.close()
  const file = join(folder, 'rollcall.sqlite')
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = DELETE')
  database.close()
  const { size } = statSync(file)
  assert.ok(size > 8192)
  truncateSync(file, 6000)
  await assertRefused(folder, /damaged/)
})

test('data of a newer version is refused, unchanged', async (t) => {
  const folder = temporary(t)
  await (await openSqlite(folder)).close()
  const database = new DatabaseSync(join(folder, 'rollcall.sqlite'))
  database.exec('PRAGMA user_version = 99')
  database.close()
  await assertRefused(folder, /written by a newer Rollcall/)
  await assertRefused(folder, /written by a newer Rollcall/)
})

test('data of an older version is brought forward, and stays beside as it was', async (t) => {
  const folder = temporary(t)
  const migrations = new URL('migrations/', import.meta.url)
  const files = readdirSync(migrations).toSorted()
  const old = new DatabaseSync(join(folder, 'rollcall.sqlite'))
  for (const name of files.slice(0, 2)) old.exec(readFileSync(new URL(name, migrations), 'utf8'))
  old.exec(`PRAGMA user_version = 2; INSERT INTO scripts VALUES ('ada', '{"busy":{}}')`)
  old.close()
  const store = await openSqlite(folder)
  assert.deepEqual([...(await store.scripts())], [['ada', { busy: {} }]])
  await store.saveScript('ben', {})
  await store.close()
  const copy = join(folder, `rollcall.sqlite.before-${files.length}`)
  assert.equal(statSync(copy).mode & 0o077, 0)
  const before = new DatabaseSync(copy, { readOnly: true })
  assert.deepEqual(Object.values(before.prepare('PRAGMA user_version').get() ?? {}), [2])
  assert.deepEqual(Object.values(before.prepare('SELECT count(*) FROM scripts').get() ?? {}), [1])
  before.close()
  // Opened again, nothing is to be done.
  const [{ mtimeMs }] = [statSync(copy)]
  await (await openSqlite(folder)).close()
  assert.equal(statSync(copy).mtimeMs, mtimeMs)
})

test('a migration finds conversations whole', async (t) => {
  const folder = temporary(t)
  const migrations = new URL('migrations/', import.meta.url)
  const old = new DatabaseSync(join(folder, 'rollcall.sqlite'))
  const since = 8
  for (const name of readdirSync(migrations).toSorted().slice(0, since)) {
    old.exec(readFileSync(new URL(name, migrations), 'utf8'))
  }
  old.exec(`PRAGMA user_version = ${since};
    INSERT INTO conversations (id, version, tenant_id, created_at, departing, state) VALUES
      ('c', 4, 't', 1, 0, '{"id":"c","calls":[1],"rosterSequence":1}'), ('d', 1, 't', 1, 0, '{"id":"d"}');
    INSERT INTO timeline (ord, conversation_id, at, command, events, version, change) VALUES
      (6, 'c', 1, 'Wake', '[]', 4, NULL),
      (7, 'c', 1, 'Wake', '[]', 5, '{"members":{"calls":{"from":1,"drop":0,"put":[2]}}}'),
      (9, 'c', 1, 'Wake', '[]', 6, '{"members":{"rosterSequence":{"to":2}}}')`)
  old.close()
  const store = await openSqlite(folder)
  const conversation = { id: 'c', calls: [1, 2], rosterSequence: 2 }
  assert.deepEqual(await store.load('c'), { conversation, version: 6 })
  assert.deepEqual(await store.load('d'), { conversation: { id: 'd' }, version: 1 })
  await store.close()
  const after = new DatabaseSync(join(folder, 'rollcall.sqlite'), { readOnly: true })
  const state = after.prepare("SELECT state FROM conversations WHERE id = 'c'").get()?.['state']
  assert.deepEqual(JSON.parse(String(state)), conversation)
  after.close()
})

test('a place that is no folder is refused', async (t) => {
  const file = join(temporary(t), 'file')
  writeFileSync(file, '')
  await assertRefused(file, /check that it is a folder you may write to/)
})

test('the data can be read by its owner only', async (t) => {
  const folder = join(temporary(t), 'data')
  const store = await openSqlite(folder)
  await store.saveScript('ada', {})
  assert.equal(statSync(folder).mode & 0o077, 0)
  for (const name of readdirSync(folder)) assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name)
  await store.close()
})
