/** What befalls the process itself: signals, and a log that cannot be written. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Child } from './child.ts'

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
