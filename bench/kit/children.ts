/** The processes of a benchmark: each gets one, as in real life, and none outlives the benchmark. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * A process that answers questions: it says `{ready}` once, and then one answer for each question. It ends when it is
 * disconnected, as it is when the benchmark ends in whatever way.
 */
export class Helper {
  readonly ready: string
  readonly #process: ChildProcess
  readonly #waiting: ((answer: unknown) => void)[] = []

  private constructor(child: ChildProcess, ready: string) {
    this.#process = child
    this.ready = ready
    child.on('message', (answer) => this.#waiting.shift()?.(answer))
  }

  /** Starts a script beside this folder. */
  static async start(script: string, ...args: readonly string[]): Promise<Helper> {
    const child = fork(new URL(`../${script}`, import.meta.url), args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const ready = await new Promise<string>((resolve, reject) => {
      child.once('message', (message) => resolve((message as { ready: string }).ready))
      child.once('exit', (code) => reject(new Error(`${script} ended with ${code} before it was ready`)))
    })
    return new Helper(child, ready)
  }

  ask<T>(question: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push((answer) => resolve(answer as T))
      this.#process.send(question as object, (error) => {
        if (error) reject(error)
      })
    })
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  stop(): void {
    this.#process.disconnect()
  }
}

/** Bytes that a process has had written to disk, where the system tells them. */
export function bytesWritten(pid: number): number {
  try {
    return Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1])
  } catch {
    return Number.NaN
  }
}

/** Seconds of processor time that a process has used, where the system tells them. */
export function cpuSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return Number.NaN
  }
}
