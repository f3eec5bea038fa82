import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { explain } from './explain.ts'

const run = promisify(execFile)

test('a code in a few lines', async () => {
  assert.deepEqual(await explain(['8537']), {
    text: [
      '408/8537  keepalive-timeout',
      '  where   resultInfo of a call that ended or an operation that failed',
      '  means   no keepAlive arrived in time',
      '  when    the application did not POST `keepAlive` within `keepAliveTimeout` of the last one',
      '  to do   POST /communications/calls/{id}/keepAlive every 15 minutes while the call lasts',
      '  source  documented by Microsoft',
    ].join('\n'),
    exitCode: 0,
  })
  assert.match((await explain(['8541'])).text, /^8541\n {2}where +not sent by Rollcall\n {2}means +the callee/)
})

test('an unknown code: the nearest, and a failure', async () => {
  const { text, exitCode } = await explain(['calee-busy'])
  assert.equal(exitCode, 1)
  assert.match(
    text,
    /^No code is written calee-busy\. The nearest are:\n {2}486\/8539 {2}callee-busy: the user is busy\n/,
  )
})

test('without a code it says what it takes', async () => {
  assert.equal((await explain([])).exitCode, 1)
  assert.deepEqual(await explain(['--help']), { text: (await explain([])).text, exitCode: 0 })
})

test('on the command line, without a server', async () => {
  const { stdout } = await run(process.execPath, ['src/main.ts', 'explain', '410/301005'])
  assert.match(stdout, /^410\/301005 {2}media-lost\n/)
  const failed: unknown = await run(process.execPath, ['src/main.ts', 'explain', 'nonsense']).catch(
    (error: unknown) => error,
  )
  assert.ok(failed instanceof Error && 'code' in failed)
  assert.equal(failed.code, 1)
})

test('an id: what the running server has to say', async (t) => {
  const server = createServer((request, response) => {
    const known = request.url?.endsWith('a1') === true && request.headers.authorization === 'Bearer key-of-16-letters'
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json', 'rollcall-explanation': 'Not known.' })
    const causes = [
      { what: 'asked: POST', when: 'then' },
      { what: 'busy', means: 'The user is busy.', doNext: 'Wait.' },
    ]
    const notifications = [{ why: 'Notification 1 was delivered.' }]
    response.end(JSON.stringify({ kind: 'call', sentence: 'It ended.', causes, notifications }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const id = (end: string): string => `22222222-0000-4000-8000-0000000000${end}`
  const flags = ['--url', `http://127.0.0.1:${port}/`, '--admin-key', 'key-of-16-letters']
  assert.deepEqual(await explain([id('a1'), ...flags]), {
    text: [
      'call: It ended.',
      '',
      '  then  asked: POST',
      '  busy',
      '      means: The user is busy.',
      '      to do: Wait.',
      '',
      'Notifications:',
      '  Notification 1 was delivered.',
    ].join('\n'),
    exitCode: 0,
  })
  assert.deepEqual(await explain([id('b2'), ...flags]), { text: 'Not known.', exitCode: 1 })
  const nowhere = await explain([id('a1'), '--url', 'http://127.0.0.1:9'])
  assert.equal(nowhere.exitCode, 1)
  assert.match(
    nowhere.text,
    /is an id, and no server answers at http:\/\/127\.0\.0\.1:9.* codes can be explained without one\.$/,
  )
})
