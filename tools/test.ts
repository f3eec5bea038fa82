/**
 * Runs the tests: `npm test`, or `npm test -- <part of a path>... --grep <part of a test's name>`.
 *
 * Every file runs in a process of its own, as many at once as there are cores. A test may take a minute. A file whose
 * tests are over must let its process end: what it leaves running (a server, a timer, a socket) counts as a failure,
 * because the product would leave it running too. The last line is `N passed, N failed`; the exit code says the same.
 *
 * `ROLLCALL_NO_SKIP=1` makes a skipped test a failure: continuous integration must not pass by leaving things out.
 */
import { availableParallelism } from 'node:os'
import { globSync, statSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type FileResult, runFile } from './test-file.ts'
import { failureText, fileLine } from './test-report.ts'

const PATTERNS = ['src/**/*.test.ts', 'test/**/*.test.ts', 'web/**/*.test.ts']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    grep: { type: 'string', multiple: true, default: [] },
    // How long a file's process may live after its last test, in milliseconds: `after` hooks run in this time.
    linger: { type: 'string', default: '10000' },
  },
})

const forbidSkips = process.env.ROLLCALL_NO_SKIP === '1'
// The server refuses variables that it does not know, and a test may start one with our environment.
delete process.env.ROLLCALL_NO_SKIP
// Every file's process loads much the same: what one compiled serves the next, as it does the server.
process.env.NODE_COMPILE_CACHE ??= resolve('node_modules/.cache/compile')

const files = chosenFiles(positionals)
const results = await runAll(files)
report(results)

/** The test files that the words on the command line choose: exact files, or whatever has one of them in its path. */
function chosenFiles(words: readonly string[]): string[] {
  const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
  const all = globSync(PATTERNS)
  const named = words.filter(isFile)
  const parts = words.filter((word) => !isFile(word))
  const matching = words.length === 0 ? all : all.filter((file) => parts.some((part) => file.includes(part)))
  return [...new Set([...named, ...matching].map((file) => resolve(file)))].sort()
}

/** Runs the files, as many at once as there are cores, and prints one line for each as it ends. */
async function runAll(files: readonly string[]): Promise<FileResult[]> {
  const results: FileResult[] = []
  const waiting = files.values()
  const worker = async (): Promise<void> => {
    for (const file of waiting) {
      const result = await runFile(file, {
        name: relative(process.cwd(), file),
        grep: values.grep,
        linger: Number(values.linger),
        forbidSkips,
      })
      results.push(result)
      if (result.passed + result.failures.length + result.skipped > 0) console.log(fileLine(result))
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  return results
}

/** Prints the failures, then the totals, and sets the exit code. */
function report(results: readonly FileResult[]): void {
  for (const result of results) if (result.failures.length > 0) console.log(failureText(result))
  const passed = sum(results.map((result) => result.passed))
  const failed = sum(results.map((result) => result.failures.length))
  const skipped = sum(results.map((result) => result.skipped))
  if (passed + failed === 0) console.log('No test ran.')
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
