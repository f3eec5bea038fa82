import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { explain } from './explain.ts'

const run = promisify(execFile)

test('a code in a few lines', () => {
  assert.deepEqual(explain(['8537']), {
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
  assert.match(explain(['8536']).text, /^8536\n {2}where +not sent by Rollcall\n {2}means +the media file/)
})

test('an unknown code: the nearest, and a failure', () => {
  const { text, exitCode } = explain(['calee-busy'])
  assert.equal(exitCode, 1)
  assert.match(
    text,
    /^No code is written calee-busy\. The nearest are:\n {2}486\/8539 {2}callee-busy: the user is busy\n/,
  )
})

test('without a code it says what it takes', () => {
  assert.equal(explain([]).exitCode, 1)
  assert.deepEqual(explain(['--help']), { text: explain([]).text, exitCode: 0 })
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
