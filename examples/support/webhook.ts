/** A bot's webhook: takes notifications, checks that they come from the server, and lets the bot wait for what it expects. */
import { createServer } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRemoteJWKSet, jwtVerify } from 'jose'

/** One notification about a call. */
export interface Notification {
  readonly changeType: 'created' | 'updated' | 'deleted'
  readonly resourceUrl: string
  readonly resourceData: Record<string, unknown> | readonly Record<string, unknown>[]
}

/** What the bot wants to know of each notification. */
export type Listener = (notification: Notification, verified: boolean) => void

interface Expectation {
  readonly matches: (notification: Notification) => boolean
  readonly resolve: (notification: Notification) => void
}

export class Webhook {
  readonly #server: Server
  readonly #listener: Listener
  readonly #received: Notification[] = []
  #expectations: Expectation[] = []
  #verify: (token: string) => Promise<boolean> = () => Promise.resolve(false)

  constructor(listener: Listener) {
    this.#listener = listener
    this.#server = createServer((request, response) => {
      this.#take(request).then(
        (status) => response.writeHead(status).end(),
        () => response.writeHead(400).end(),
      )
    })
  }

  /** Listens on a free port of this machine. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  /** The address to give as `callbackUri`. */
  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}/api/calls`
  }

  /** Learns the server's signing keys, by the OpenID configuration as bots are told to. */
  async trust(server: string, appId: string): Promise<void> {
    const response = await fetch(`${server}/v1/.well-known/OpenIdConfiguration`)
    const { issuer, jwks_uri: keys } = (await response.json()) as { issuer: string; jwks_uri: string }
    const jwks = createRemoteJWKSet(new URL(keys))
    this.#verify = async (token) => {
      const verified = await jwtVerify(token, jwks, { issuer, audience: appId }).catch(() => undefined)
      return verified !== undefined
    }
  }

  /** Resolves with the next notification that matches, one that came before included, each only once. */
  expect(matches: (notification: Notification) => boolean): Promise<Notification> {
    const index = this.#received.findIndex(matches)
    const [found] = index < 0 ? [] : this.#received.splice(index, 1)
    if (found) return Promise.resolve(found)
    return new Promise((resolve) => this.#expectations.push({ matches, resolve }))
  }

  /** Stops listening. */
  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #take(request: IncomingMessage): Promise<number> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const verified = await this.#verify((request.headers.authorization ?? '').replace(/^Bearer /, ''))
    if (!verified) return 401
    const { value } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { value: Notification[] }
    for (const notification of value) this.#hear(notification, verified)
    return 202
  }

  #hear(notification: Notification, verified: boolean): void {
    this.#listener(notification, verified)
    const expectation = this.#expectations.find(({ matches }) => matches(notification))
    this.#expectations = this.#expectations.filter((one) => one !== expectation)
    if (expectation) expectation.resolve(notification)
    else this.#received.push(notification)
  }
}
