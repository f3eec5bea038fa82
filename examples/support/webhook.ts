/** A bot's webhook: takes notifications, checks that they come from the server, and lets the bot wait for what it expects. */
import { createServer } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { keyOf } from './wire.ts'

/** How long the bot waits for anything that it expects, in milliseconds. */
const PATIENCE = 30_000

/** One notification about a call. */
export interface Notification {
  readonly changeType: 'created' | 'updated' | 'deleted'
  /** What it is about, in the versions of 2018 and 2019. */
  readonly resource: string
  /** What it is about, since 2020. */
  readonly resourceUrl?: string
  readonly resourceData: Record<string, unknown> | readonly Record<string, unknown>[]
}

/** What a notification is about, in one form for all versions. */
export interface Subject {
  /** The call's id as `keyOf` has it. */
  readonly call: string
  /** `roster`, or the id of an operation as `keyOf` has it; undefined for the call itself. */
  readonly part: string | undefined
}

/** Reads a locator such as `/app/calls/{id}/operations/{id}` or `/communications/calls/{id}/participants`. */
export function subjectOf({ resource, resourceUrl = resource }: Notification): Subject {
  const [call = '', kind, operation] = resourceUrl.split('/calls/')[1]?.split('/') ?? []
  const part = kind === 'participants' ? 'roster' : operation && keyOf(operation)
  return { call: keyOf(call), part }
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
  async expect(what: string, matches: (notification: Notification) => boolean): Promise<Notification> {
    const index = this.#received.findIndex(matches)
    const [found] = index < 0 ? [] : this.#received.splice(index, 1)
    if (found) return found
    const { promise, resolve, reject } = Promise.withResolvers<Notification>()
    this.#expectations.push({ matches, resolve })
    const impatient = setTimeout(() => reject(new Error(`the bot waited in vain for ${what}`)), PATIENCE)
    return promise.finally(() => clearTimeout(impatient))
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
