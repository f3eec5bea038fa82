/** Requests as fast as the answers come, or at a pace. */
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'

/** A client with a bounded number of connections to one server. */
export class Client {
  readonly #pool: Pool
  readonly #headers: Readonly<Record<string, string>>

  constructor(url: string, token: string, connections: number) {
    this.#pool = new Pool(new URL(url).origin, { connections, pipelining: 1 })
    this.#headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  }

  /** @throws Error unless the answer is 2xx */
  async post(path: string, body: string): Promise<string> {
    const answer = await this.#pool.request({ method: 'POST', path, headers: this.#headers, body })
    const text = await answer.body.text()
    if (answer.statusCode >= 300) throw new Error(`${path} was answered ${answer.statusCode}: ${text}`)
    return text
  }

  close(): Promise<void> {
    return this.#pool.close()
  }
}

/** Runs `count` tasks, at most `width` at once. */
export async function atOnce(count: number, width: number, task: (number: number) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) await task(next++)
  }
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker))
}

/** Begins `count` tasks, `pace` of them a second, whether or not the earlier ones are done. */
export async function paced(count: number, pace: number, task: (number: number) => Promise<void>): Promise<void> {
  const began = performance.now()
  const tasks: Promise<void>[] = []
  while (tasks.length < count) {
    const due = Math.min(count, Math.floor(((performance.now() - began) / 1000) * pace) + 1)
    while (tasks.length < due) tasks.push(task(tasks.length))
    await pause(1)
  }
  await Promise.all(tasks)
}
