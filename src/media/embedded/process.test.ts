import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { test } from 'node:test'
import { openEngine } from '../../../test/support/sound-engine.ts'

/** Sets how many files this process may have open. @returns whether it could be set */
function limit(files: string): boolean {
  return spawnSync('prlimit', [`--pid=${process.pid}`, `--nofile=${files}:`]).status === 0
}

test('an engine that cannot be started for want of files is refused, and starts once there are some', async (t) => {
  const faults: unknown[] = []
  const engine = openEngine(t, { faults })
  const before = spawnSync('sh', ['-c', 'ulimit -Sn'], { encoding: 'utf8' }).stdout.trim()
  if (!limit('200')) return t.skip('prlimit is not there')
  const taken: number[] = []
  try {
    assert.throws(() => {
      for (;;) taken.push(openSync('/dev/null', 'r'))
    }, /EMFILE/)
    await assert.rejects(engine.connectRtp('leg'), { code: 'engineDown' })
  } finally {
    for (const file of taken) closeSync(file)
    limit(before)
  }
  assert.match(faults.join('; '), /EMFILE/)
  await engine.connectRtp('leg')
  return undefined
})
