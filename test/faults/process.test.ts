/** What befalls the process itself: signals, and a log that cannot be written. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Child, NotStarted } from './child.ts'

const FLAGS = ['--port', '0', '--data', 'memory']

test('a log on a disk that is full does not end the server', async (t) => {
  const within = ['sh', '-c', 'exec "$0" "$@" 2>/dev/full']
  const child = await Child.start([...FLAGS, '--log-level', 'debug'], { within })
  t.after(() => child.kill('SIGKILL'))
  for (let count = 0; count < 3; count++) assert.equal((await fetch(`${child.url}/healthz`)).status, 200)
  assert.deepEqual(await child.kill('SIGTERM'), { code: 0, signal: null })
})

test('who is told to stop by two signals at once stops as by one', async (t) => {
  const child = await Child.start([...FLAGS, '--log-level', 'silent'])
  t.after(() => child.kill('SIGKILL'))
  void child.kill('SIGTERM')
  assert.deepEqual(await child.kill('SIGINT'), { code: 0, signal: null })
})

test('a server that fails while it starts ends, though it listens already', { timeout: 60_000 }, async (t) => {
  const data = await mkdtemp(join(tmpdir(), 'rollcall-'))
  t.after(() => rm(data, { recursive: true, force: true }))
  const flags = ['--port', '0', '--data', data]
  await (await Child.start(flags)).kill('SIGTERM')
  const database = new DatabaseSync(join(data, 'rollcall.sqlite'))
  database.exec("insert into documents (kind, key, owner, at, value) values ('changeNotification', 'x', 'x', 1, '{')")
  database.close()
  const within = ['timeout', '--signal=KILL', '30']
  await assert.rejects(Child.start(flags, { within }), (error) => {
    assert.ok(error instanceof NotStarted)
    assert.deepEqual(error.end, { code: 1, signal: null })
    assert.match(error.message, /JSON/)
    return true
  })
})
