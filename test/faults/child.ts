/** The server as its users run it: a process of its own, on the wall clock, that can be killed. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import type { Harm, Measure } from './harm.ts'

/** How a process ended. */
export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** In what a server is run. */
export interface Circumstances {
  /** Whether it can be done harm from within: see `harm.ts`. */
  readonly harmed?: boolean
  /** By how much the machine's clock was set before, in milliseconds; for one that can be harmed. */
  readonly clockSetBy?: number
  /** A program, with its arguments, that runs the server. */
  readonly within?: readonly string[]
}

/** Thrown when a server ends before it is ready. */
export class NotStarted extends Error {
  readonly end: End

  constructor(output: string, end: End) {
    super(output)
    this.end = end
  }
}

/** A running server process. */
export class Child {
  readonly url: string
  readonly ended: Promise<End>
  readonly #process: ChildProcess
  readonly #output: () => string

  private constructor(url: string, process: ChildProcess, ended: Promise<End>, output: () => string) {
    this.url = url
    this.#process = process
    this.ended = ended
    this.#output = output
  }

  /** Starts a server; resolves once it is ready. @throws NotStarted */
  static async start(
    flags: readonly string[],
    { harmed = false, clockSetBy = 0, within = [] }: Circumstances = {},
  ): Promise<Child> {
    const foreign = Object.entries(process.env).filter(([name]) => !/^(ROLLCALL|NODE_TEST)_/.test(name))
    const imports = harmed ? [`--import=${new URL('harm.ts', import.meta.url).href}`] : []
    const [program = process.execPath, ...words] = [...within, process.execPath, ...imports, 'src/main.ts', ...flags]
    const child = spawn(program, words, {
      env: { ...Object.fromEntries(foreign), HARM_CLOCK: String(clockSetBy) },
      stdio: ['ignore', 'pipe', 'pipe', ...(harmed ? ['ipc' as const] : [])],
    })
    const { stdout, stderr } = child
    assert.ok(stdout && stderr)
    const ended = new Promise<End>((resolve) => child.on('close', (code, signal) => resolve({ code, signal })))
    let output = ''
    const url = await new Promise<string>((resolve, reject) => {
      for (const stream of [stdout, stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString('utf8')
          const ready = /ready at (\S+)/.exec(output)?.[1]
          if (ready !== undefined) resolve(ready)
        })
      }
      void ended.then((end) => reject(new NotStarted(output, end)))
    })
    return new Child(url, child, ended, () => output)
  }

  /** What it has written so far, to both. */
  get output(): string {
    return this.#output()
  }

  get pid(): number {
    assert.ok(this.#process.pid)
    return this.#process.pid
  }

  kill(signal: NodeJS.Signals): Promise<End> {
    this.#process.kill(signal)
    return this.ended
  }

  /** What it holds. */
  measure(): Promise<Measure> {
    const measured = new Promise<Measure>((resolve) => this.#process.once('message', resolve))
    this.harm({ type: 'measure' })
    return measured
  }

  /** How long its event loop was busy at a stretch since this was last asked, in milliseconds on a processor. */
  longestTurn(): Promise<number> {
    const told = new Promise<number>((resolve) => this.#process.once('message', resolve))
    this.harm({ type: 'longestTurn' })
    return told
  }

  /** Does it harm from within. */
  harm(harm: Harm): void {
    this.#process.send(harm)
  }
}

/** Asks until the answer is yes; a process of its own cannot be wound on. */
export async function until(what: string, patience: number, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patience
  while (!(await ask())) {
    assert.ok(performance.now() < deadline, `${what}: not within ${patience / 1000} s`)
    await pause(25)
  }
}
