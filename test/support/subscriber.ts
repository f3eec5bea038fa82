/** A webhook of a subscription for tests: passes its validation and keeps what it receives. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { AnyJson } from './any-json.ts'

/** One POST as it was received. */
export interface Posted {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: AnyJson
}

/** A status, a status with a text, or `hang` (never). */
type SubscriberAnswer = number | { readonly status: number; readonly text: string } | 'hang'

export class Subscriber {
  /** The validation tokens that were asked for. */
  readonly validations: string[] = []
  /** How the validation is answered; as it must be, unless told otherwise. */
  validation: (token: string) => SubscriberAnswer = (token) => ({ status: 200, text: token })
  /** How the n-th notification (from 0) is answered. */
  answer: (index: number) => SubscriberAnswer = () => 202
  readonly #posts: Posted[] = []
  #seen = 0
  #server: Server | undefined

  /** Starts one; it is closed when the test ends. */
  static async start(t: TestContext): Promise<Subscriber> {
    const subscriber = new Subscriber()
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const url = new URL(request.url ?? '/', 'http://localhost')
        const answer = subscriber.#receive(url, request.headers, Buffer.concat(chunks).toString('utf8'))
        if (answer === 'hang') return
        const { status, text } = typeof answer === 'number' ? { status: answer, text: '' } : answer
        response.writeHead(status, { 'content-type': 'text/plain' })
        response.end(text)
      })
    })
    subscriber.#server = server
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    return subscriber
  }

  get url(): string {
    const address = this.#server?.address() as AddressInfo | null
    assert.ok(address)
    return `http://127.0.0.1:${address.port}/changes?key=1`
  }

  /** The POSTs since the last time, validations apart. */
  take(): readonly Posted[] {
    return this.#posts.splice(0)
  }

  #receive(url: URL, headers: IncomingHttpHeaders, text: string): SubscriberAnswer {
    const token = url.searchParams.get('validationToken')
    if (token !== null) {
      assert.equal(text, '')
      assert.match(headers['content-type'] ?? '', /^text\/plain/)
      this.validations.push(token)
      return this.validation(token)
    }
    this.#posts.push({ path: url.pathname + url.search, headers, body: JSON.parse(text) })
    return this.answer(this.#seen++)
  }
}
