/** Backups that are made under load, and servers that are started on them: all that was answered before is there. */
import assert from 'node:assert/strict'
import { cpSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Subscriber } from '../support/subscriber.ts'
import { Child } from './child.ts'
import { assertNothingLost } from './kept.ts'
import { ask, nothingPromised, work } from './load.ts'
import type { Promised } from './load.ts'
import { PATIENCE, ROUNDS, SEED, chances, progress } from './rounds.ts'
import { prepare, tokenOf } from './site.ts'

const SCRIPTS = {
  ben: { answer: { after: '20ms', leaveAfter: '200ms' } },
  cleo: { busy: { after: '30ms' } },
  dov: { ignore: {} },
}

function copyOf(promised: Promised): Promised {
  return {
    calls: new Set(promised.calls),
    ended: new Set(promised.ended),
    operations: new Map(promised.operations),
    scripts: new Map(promised.scripts),
    removed: new Map(promised.removed),
    meetings: new Set(promised.meetings),
    subscriptions: new Set(promised.subscriptions),
  }
}

test('backups under load: a server that is started on one has all that was answered before', PATIENCE, async (t) => {
  t.diagnostic(`FAULT_SEED=${SEED}`)
  const { bot, flags } = await prepare(t, SCRIPTS)
  let child = await Child.start([...flags, '--port=0', '--backups-kept=2'])
  t.after(() => child.kill('SIGKILL'))
  const { url } = child
  const { port } = new URL(url)
  const { url: webhook } = await Subscriber.start(t)
  const promised = nothingPromised()
  let goOn = true
  t.after(() => (goOn = false))
  const place = {
    url: () => url,
    token: await tokenOf(url),
    callbackUri: bot.url,
    webhook,
    promised,
    chance: chances(SEED),
    goOn: () => goOn,
  }
  const workers = Promise.all([1, 2, 3].map((name) => work(place, name)))
  let last: { folder: string; promised: Promised } | undefined
  for (let round = 1; round <= Math.max(ROUNDS, 3); round++) {
    await pause(300)
    const before = copyOf(promised)
    const { status, body } = await ask(place, 'POST', '/control/backup')
    assert.equal(status, 201, JSON.stringify(body))
    assert.ok(body.bytes > 0)
    last = { folder: body.folder, promised: before }
    progress(`backed up ${round} times, ${promised.calls.size} calls`)
  }
  goOn = false
  await workers
  assert.ok(last)
  assert.equal(readdirSync(join(last.folder, '..')).length, 2, 'the newest two are kept')
  assert.equal(statSync(join(last.folder, 'rollcall.sqlite')).mode & 0o077, 0)
  await child.kill('SIGTERM')

  // As docs/operations.md has it: the folder is put in the place of the data.
  const data = flags.find((flag) => flag.startsWith('--data='))?.slice('--data='.length) ?? ''
  const restored = `${data}-restored`
  cpSync(last.folder, restored, { recursive: true })
  t.after(() => rmSync(restored, { recursive: true, force: true }))
  child = await Child.start([...flags, `--data=${restored}`, `--port=${port}`])
  assert.ok(last.promised.operations.size > 0)
  t.diagnostic(JSON.stringify(await assertNothingLost(place, bot, last.promised)))
})
