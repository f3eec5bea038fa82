/** Backups by control and by the command line. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { openSqlite } from '../../src/store/sqlite.ts'
import { startWorld } from '../support/world.ts'
import { act } from './media-steps.ts'
import { peerToPeer } from './steps.ts'

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-backups-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('a backup is a folder of data: the database, and the recordings', async (t) => {
  const folder = temporary(t)
  const world = await startWorld(t, { data: join(folder, 'data') })
  await world.script('ada', { answer: { after: '0s', say: '3s' } })
  const call = await peerToPeer(world)
  const recorded = await act(world, call, 'recordResponse', { maxRecordDurationInSeconds: 60 })
  assert.equal(recorded.status, 200, JSON.stringify(recorded.body))
  await world.advance('20s')
  assert.equal((await world.lines()).at(-1), 'deleted operation completed')
  const { status, body } = await world.control('POST', '/backup', { name: 'first' })
  assert.equal(status, 201, JSON.stringify(body))
  assert.deepEqual(Object.keys(body).toSorted(), ['bytes', 'folder', 'name'])
  assert.equal(body.folder, join(folder, 'data', 'backups', 'first'))
  assert.deepEqual(readdirSync(body.folder).toSorted(), ['recordings', 'rollcall.sqlite'])
  const [wav] = readdirSync(join(body.folder, 'recordings'))
  assert.ok(wav)
  assert.deepEqual(
    readFileSync(join(body.folder, 'recordings', wav)),
    readFileSync(join(folder, 'data', 'recordings', wav)),
  )
  const store = await openSqlite(body.folder)
  assert.equal((await store.scripts()).size, 1)
  await store.close()
})

test('a name is taken once, and leads nowhere else', async (t) => {
  const world = await startWorld(t, { data: join(temporary(t), 'data') })
  assert.equal((await world.control('POST', '/backup', { name: 'first' })).status, 201)
  const again = await world.control('POST', '/backup', { name: 'first' })
  assert.equal(again.status, 409)
  assert.match(String(again.headers.get('rollcall-explanation')), /^There is a backup of this name/)
  for (const name of ['../out', '/tmp/x', '.hidden', 'a.part', 'a/b', '']) {
    assert.equal((await world.control('POST', '/backup', { name })).status, 400, name)
  }
})

test('several at once: one is made, the others are told to wait', async (t) => {
  const world = await startWorld(t, { data: join(temporary(t), 'data') })
  const replies = await Promise.all([1, 2, 3].map(() => world.control('POST', '/backup')))
  assert.deepEqual(
    replies.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 409, 409],
  )
})

test('data in memory: refused without a folder for it, made with one', async (t) => {
  const world = await startWorld(t)
  const refused = await world.control('POST', '/backup')
  assert.equal(refused.status, 409)
  assert.match(String(refused.headers.get('rollcall-explanation')), /set the option backups/)
  const backups = temporary(t)
  const other = await startWorld(t, { backups })
  await other.script('ben', { busy: {} })
  const { status, body } = await other.control('POST', '/backup')
  assert.equal(status, 201)
  const store = await openSqlite(body.folder)
  assert.equal((await store.scripts()).size, 1)
  await store.close()
})

test('rollcall backup <name> tells where it is, or why there is none', async (t) => {
  const folder = temporary(t)
  const world = await startWorld(t, { data: join(folder, 'data') })
  const command = async (...words: string[]): Promise<{ code: number; text: string }> =>
    new Promise((resolve) => {
      execFile(process.execPath, ['src/main.ts', 'backup', ...words], { env: {} }, (error, stdout) => {
        resolve({ code: error ? Number(error.code) : 0, text: stdout.trim() })
      })
    })
  const made = await command('before-upgrade', '--url', world.url)
  assert.equal(made.code, 0, made.text)
  assert.match(made.text, /^\S+before-upgrade \(\d+ bytes\)$/)
  assert.deepEqual(await command('before-upgrade', '--url', world.url), {
    code: 1,
    text: 'There is a backup of this name; choose another, or leave the name out.',
  })
  const unreached = await command('--url', 'http://127.0.0.1:9')
  assert.equal(unreached.code, 1)
  assert.match(unreached.text, /^No server answers at/)
})
