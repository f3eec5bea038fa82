/** `tools/test.ts`: what it counts, what it fails, and that its last line and exit code can be relied on. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'rollcall-test-runner-'))
after(() => rmSync(folder, { recursive: true }))

interface Outcome {
  readonly code: number | null
  readonly output: string
  readonly lastLine: string | undefined
}

/** Runs the runner on one file with `body`. */
async function runOn(body: string, args: readonly string[] = [], env: Record<string, string> = {}): Promise<Outcome> {
  const file = join(folder, `${Math.random()}.test.ts`)
  writeFileSync(file, `import { describe, it } from 'node:test'\n${body}\n`)
  // node:test refuses to run inside a test that it runs itself.
  const { NODE_TEST_CONTEXT: _, ROLLCALL_NO_SKIP: __, ...clean } = process.env
  const child = spawn(process.execPath, ['tools/test.ts', file, '--linger', '300', ...args], {
    env: { ...clean, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, output, lastLine: output.trimEnd().split('\n').at(-1) }
}

const noSkip = { ROLLCALL_NO_SKIP: '1' }

const cases: readonly [name: string, run: () => Promise<Outcome>, code: number, lastLine: string, output?: RegExp][] = [
  [
    'counts tests that pass',
    () => runOn("it('a', () => {}); describe('b', () => it('c', () => {}))"),
    0,
    '2 passed, 0 failed',
  ],
  [
    'shows what a failing test threw',
    () => runOn("it('a', () => { throw new Error('boom', { cause: 'the reason' }) })"),
    1,
    '0 passed, 1 failed',
    /✖ .* > a\n.*Error: boom[^]*caused by 'the reason'/,
  ],
  ['counts a skipped test', () => runOn("it('a', () => {}); it.skip('b')"), 0, '1 passed, 0 failed, 1 skipped'],
  [
    'fails a skipped test where skipping is forbidden',
    () => runOn("it('a', () => {}); it('b', { skip: 'no network' })", [], noSkip),
    1,
    '1 passed, 1 failed',
    /skipped \(no network\)/,
  ],
  [
    'keeps its own variable from the tests',
    () => runOn("it('a', () => { if (process.env.ROLLCALL_NO_SKIP) throw 0 })", [], noSkip),
    0,
    '1 passed, 0 failed',
  ],
  ['fails a file without tests', () => runOn(''), 1, '0 passed, 1 failed', /the file has no tests/],
  ['fails when no test has the name', () => runOn("it('a', () => {})", ['--grep', 'b']), 1, '0 passed, 0 failed'],
  [
    'runs only tests with the name',
    () => runOn("it('a', () => {}); it('b')", ['--grep', 'A']),
    0,
    '1 passed, 0 failed',
  ],
  [
    'fails a file that cannot be loaded, and shows why',
    () => runOn("throw new Error('at once')"),
    1,
    '0 passed, 1 failed',
    /outside its tests[^]*Error: at once/,
  ],
  [
    'fails a file that leaves something running',
    () => runOn("it('a', () => { setInterval(() => {}, 1000) })"),
    1,
    '1 passed, 1 failed',
    /something that they started still runs/,
  ],
]

describe('the test runner', { concurrency: true }, () => {
  for (const [name, run, code, lastLine, output] of cases) {
    it(name, async () => {
      const outcome = await run()
      assert.equal(outcome.lastLine, lastLine, outcome.output)
      assert.equal(outcome.code, code)
      if (output) assert.match(outcome.output, output)
    })
  }
})
