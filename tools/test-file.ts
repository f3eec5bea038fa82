/** Runs one test file in a process of its own and says how its tests went. */
import { run } from 'node:test'

/** How a file is run. */
export interface FileOptions {
  /** The file as a person would name it. */
  readonly name: string
  /** Patterns of test names; empty for every test. */
  readonly grep: readonly string[]
  /** How long the process may live after its last test, in milliseconds. */
  readonly linger: number
  /** Whether a skipped test is a failure. */
  readonly forbidSkips: boolean
}

/** A test, or a file as a whole, that failed. */
export interface Failure {
  readonly name: string
  readonly error: unknown
}

/** What came of one file. */
export interface FileResult {
  readonly name: string
  readonly passed: number
  readonly skipped: number
  readonly failures: readonly Failure[]
  /** What the file's process wrote, and what the runner had to say of it; worth reading when something failed. */
  readonly output: string
  /** Milliseconds. */
  readonly duration: number
}

/** How long one test may take, in milliseconds. */
const TEST_TIMEOUT = 60_000

/** How long a file may be silent, in milliseconds: past this its process is stuck too hard to time its own tests. */
const SILENCE_LIMIT = 2 * TEST_TIMEOUT

/** Runs the tests of `file`; never throws. */
export async function runFile(file: string, options: FileOptions): Promise<FileResult> {
  const tally = new Tally(file, options)
  const started = performance.now()
  const abort = new AbortController()
  const watch = setInterval(() => {
    const complaint = tally.complaint(performance.now())
    if (complaint === undefined) return
    tally.fail(options.name, complaint)
    abort.abort()
  }, 250)
  const events = run({
    files: [file],
    signal: abort.signal,
    execArgv: [`--test-timeout=${TEST_TIMEOUT}`],
    testNamePatterns: options.grep.map((part) => new RegExp(part, 'i')),
  })
  try {
    for await (const event of events) tally.read(event)
  } finally {
    clearInterval(watch)
  }
  return tally.result(performance.now() - started)
}

type RunEvent = { type: string; data: unknown }

/** The parts of node:test's events that we read. Events of tests carry `entryFile`; those of the file itself do not. */
interface EventData {
  readonly name?: string
  readonly type?: string
  readonly testId?: number
  readonly entryFile?: string
  readonly skip?: string | boolean
  readonly todo?: string | boolean
  readonly message?: string
  readonly details?: { readonly type?: string; readonly passed?: boolean; readonly error?: unknown }
}

/** Counts what node:test reports of one file, and knows whether a test is under way. */
class Tally {
  readonly #file: string
  readonly #options: FileOptions
  readonly #underWay = new Set<number>()
  readonly #failures: Failure[] = []
  readonly #output: string[] = []
  #passed = 0
  #skipped = 0
  #heardAt = performance.now()
  #aTestEnded = false

  constructor(file: string, options: FileOptions) {
    this.#file = file
    this.#options = options
  }

  fail(name: string, error: unknown): void {
    this.#failures.push({ name, error })
  }

  /** Why the file must be stopped at `now` (by `performance.now()`), if it must. */
  complaint(now: number): string | undefined {
    const silence = now - this.#heardAt
    if (silence > SILENCE_LIMIT) return `nothing was heard of this file for ${SILENCE_LIMIT / 1000} s`
    if (!this.#aTestEnded || this.#underWay.size > 0 || silence < this.#options.linger) return undefined
    return 'the tests are over, but something that they started still runs: close it in `after`'
  }

  read(event: RunEvent): void {
    this.#heardAt = performance.now()
    const data = event.data as EventData
    if (event.type === 'test:stdout' || event.type === 'test:stderr') this.#output.push(data.message ?? '')
    if (data.entryFile === undefined) this.#readFileEvent(event.type, data)
    else this.#readTestEvent(event.type, data)
  }

  #readTestEvent(type: string, data: EventData): void {
    const id = data.testId ?? 0
    if (type === 'test:dequeue') this.#underWay.add(id)
    else if (type === 'test:complete') {
      this.#underWay.delete(id)
      this.#aTestEnded = true
    } else if (type === 'test:diagnostic') this.#output.push(`${data.message}\n`)
    else if (type === 'test:pass' || type === 'test:fail') this.#count(type === 'test:pass', data)
  }

  #count(passed: boolean, data: EventData): void {
    const name = data.name ?? ''
    const error = data.details?.error
    // Something to be done is something left out, whether or not it works already.
    const skip = data.skip ?? data.todo
    const isSuite = data.details?.type === 'suite'
    if (skip !== undefined) {
      if (this.#options.forbidSkips) this.fail(name, `skipped (${skip}), and skipping is forbidden here`)
      else this.#skipped++
    } else if (!passed && !(isSuite && failureType(error) === 'subtestsFailed')) this.fail(name, error)
    else if (passed && !isSuite) this.#passed++
  }

  #readFileEvent(type: string, data: EventData): void {
    if (data.name !== this.#file || type !== 'test:complete' || this.#failures.length > 0) return
    if (data.details?.passed === false) this.fail(this.#options.name, 'the file failed outside its tests')
  }

  result(duration: number): FileResult {
    const nothingRan = this.#passed + this.#skipped + this.#failures.length === 0
    if (nothingRan && this.#options.grep.length === 0) this.fail(this.#options.name, 'the file has no tests')
    return {
      name: this.#options.name,
      passed: this.#passed,
      skipped: this.#skipped,
      failures: this.#failures,
      output: this.#output.join(''),
      duration,
    }
  }
}

function failureType(error: unknown): unknown {
  return error instanceof Error && 'failureType' in error ? error.failureType : undefined
}
