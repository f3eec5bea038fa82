/** The server as its users run it: a process of its own, on the wall clock, that can be killed. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'

/** How a process ended. */
export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A running server process. */
export class Child {
  readonly url: string
  readonly ended: Promise<End>
  readonly #process: ChildProcess

  private constructor(url: string, process: ChildProcess, ended: Promise<End>) {
    this.url = url
    this.#process = process
    this.ended = ended
  }

  /** Starts a server; resolves once it is ready. */
  static async start(flags: readonly string[]): Promise<Child> {
    const foreign = Object.entries(process.env).filter(([name]) => !/^(ROLLCALL|NODE_TEST)_/.test(name))
    const child = spawn(process.execPath, ['src/main.ts', ...flags], {
      env: Object.fromEntries(foreign),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended = new Promise<End>((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })))
    let output = ''
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8')
        const ready = /ready at (\S+)/.exec(output)?.[1]
        if (ready !== undefined) resolve(ready)
      })
      void ended.then(() => reject(new Error(`the server did not start: ${output}`)))
    })
    return new Child(url, child, ended)
  }

  kill(signal: NodeJS.Signals): Promise<End> {
    this.#process.kill(signal)
    return this.ended
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
