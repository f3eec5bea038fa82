import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue } from 'node:sqlite'
import { test } from 'node:test'
import { Bot, line } from '../support/bot.ts'
import { APPS, startWorld, user } from '../support/world.ts'

type Tables = Readonly<Record<string, readonly Readonly<Record<string, SQLInputValue>>[]>>

const MIGRATIONS = new URL('../../src/store/migrations/', import.meta.url)
/** The rows that a server of then left when it was killed: a group call of three, and four notifications that are owed. */
const LEFT = readFileSync(new URL('../fixtures/data-0003.json', import.meta.url), 'utf8')

/** A data folder as it was at that schema. */
function folderOf(version: number, tables: Tables): string {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-upgrade-'))
  const database = new DatabaseSync(join(folder, 'rollcall.sqlite'))
  const files = readdirSync(MIGRATIONS).toSorted().slice(0, version)
  for (const name of files) database.exec(readFileSync(new URL(name, MIGRATIONS), 'utf8'))
  for (const [table, rows] of Object.entries(tables)) {
    for (const row of rows) {
      const names = Object.keys(row)
      const sql = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
      database.prepare(sql).run(...Object.values(row))
    }
  }
  database.exec(`PRAGMA user_version = ${version}`)
  database.close()
  return folder
}

test('a call that was live goes on after an upgrade; what was owed arrives first', async (t) => {
  const bot = new Bot(APPS.alpha)
  await bot.listen()
  const tables = JSON.parse(LEFT.replaceAll('http://bot.example/', bot.url)) as Tables
  const folder = folderOf(3, tables)
  t.after(async () => {
    await bot.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const [call] = tables['calls'] ?? []
  const clockStart = Number(tables['conversations']?.[0]?.['created_at']) + 10_000
  const world = await startWorld(t, { data: folder, clockStart })
  bot.trust(world.url, undefined)
  const client = world.client('alpha')
  await world.advance('1m')
  assert.deepEqual((await bot.take()).map(line), [
    'updated call establishing',
    'updated call established',
    'updated roster of 2',
    'updated roster of 3',
  ])
  const path = `/communications/calls/${String(call?.['id'])}`
  assert.equal((await client.get(path)).body.state, 'established')
  const invited = await client.post(`${path}/participants/invite`, { participants: [user('cleo')] })
  assert.equal(invited.status, 200, JSON.stringify(invited.body))
  await world.advance('1s')
  const [operation, roster, ...others] = await bot.take()
  assert.deepEqual(
    [operation, roster].map((one) => one && line(one)),
    ['deleted operation completed', 'updated roster of 4'],
  )
  assert.deepEqual(others, [])
  for (const { mediaStreams } of roster?.resourceData ?? []) assert.equal(mediaStreams[0].serverMuted, false)
  const { value } = await world.control('GET', `/notifications?callId=${String(call?.['id'])}`).then(({ body }) => body)
  assert.deepEqual(
    value.map(({ number, attempts }: { number: number; attempts: object[] }) => [number, attempts.length]),
    [
      [6, 1],
      [5, 1],
      [4, 1],
      [3, 1],
      [2, 1],
      [1, 4],
    ],
  )
})
