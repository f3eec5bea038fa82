/** What every bot of these examples has: its settings, a Graph client, and a web server for notifications and prompts. */
import { createServer } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GraphError } from '@microsoft/microsoft-graph-client'
import type { Client } from '@microsoft/microsoft-graph-client'
import type { Call, Notification } from './calling.ts'
import { callIdOf, callOf, pathOf, serviceHosted } from './calling.ts'
import { tokenCheck } from './callback-token.ts'
import type { TokenCheck } from './callback-token.ts'
import { signIn } from './sign-in.ts'
import type { Registration } from './sign-in.ts'

/** What every bot can be told on its command line, for `parseArgs`. The defaults are the Incident Bot of the demo directory. */
export const botOptions = {
  url: { type: 'string', default: 'https://localhost:8080' },
  tenant: { type: 'string', default: '7c0b5f3e-2d7a-4c55-9a0e-5b1f6d2c8e01' },
  'client-id': { type: 'string', default: '5d2e9b74-6c1f-4f0b-b3a8-9e4c7d1f2001' },
  'client-secret': { type: 'string', default: 'change-me' },
  port: { type: 'string', default: '3978' },
} as const

/** What `parseArgs` makes of `botOptions`. */
export type BotValues = Readonly<Record<keyof typeof botOptions, string>>

/**
 * What the bot does with a notification, which is acknowledged once this is done. Whatever it gives is the body of the
 * answer. An error of Graph's is told, and that is all: the same request would fail again. If it throws anything else, the
 * answer is 500, and the notification comes again.
 */
export type Handler = (notification: Notification) => Promise<object | void>

export class Bot {
  readonly graph: Client
  readonly registration: Registration
  readonly #port: number
  readonly #server: Server
  readonly #files = new Map<string, Buffer>()
  readonly #over = Promise.withResolvers<void>()
  #check: TokenCheck = () => Promise.resolve(false)
  #handle: Handler = () => Promise.resolve()
  /** The ids of the bot's calls. */
  readonly #live = new Set<string>()
  #stopping = false
  #creating: Promise<unknown> = Promise.resolve()

  constructor(values: BotValues) {
    const { url, tenant, 'client-id': clientId, 'client-secret': clientSecret, port } = values
    if (!url.startsWith('https:')) {
      throw new Error(`${url} is not https, and Microsoft's libraries sign in by https alone: npm start -- --https`)
    }
    this.registration = { url, tenant, clientId, clientSecret }
    this.graph = signIn(this.registration)
    this.#port = Number(port)
    this.#server = createServer((request, response) => {
      this.#answer(request).then(
        ({ status, body, type }) =>
          response
            .writeHead(status, { connection: 'close', ...(type !== undefined && { 'content-type': type }) })
            .end(body),
        (error: unknown) => {
          say(`went wrong: ${explain(error)}`)
          response.writeHead(500).end()
        },
      )
    })
  }

  get clientId(): string {
    return this.registration.clientId
  }

  /** Where notifications go. */
  get callbackUri(): string {
    return `${this.#origin}/api/calls`
  }

  get #origin(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`
  }

  /** Begins to take notifications: each call's one after the other, as they come. */
  async start(handle: Handler): Promise<void> {
    const { url, clientId } = this.registration
    this.#handle = handle
    this.#check = await tokenCheck(`${url}/v1/.well-known/OpenIdConfiguration`, clientId)
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#port, '127.0.0.1', resolve)
    })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => this.#stop())
    say(`notifications go to ${this.callbackUri}`)
  }

  /** Offers a file under an address of its own. */
  offer(name: string, bytes: Buffer): string {
    this.#files.set(`/prompts/${name}`, bytes)
    return `${this.#origin}/prompts/${name}`
  }

  /** There is nothing more to do: hangs up whatever call is left, and ends when all are over. */
  finish(): void {
    this.#stopping = true
    if (this.#live.size === 0) return this.#over.resolve()
    Promise.all([...this.#live].map((id) => this.hangUp(id))).catch((error: unknown) => {
      say(explain(error))
      this.#over.resolve()
    })
  }

  /** Resolves when the bot has finished, or was told to stop, and its web server is closed. */
  async done(): Promise<void> {
    await this.#over.promise
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /**
   * Makes a call. Notifications can be faster than the answer to this request: they wait, until whoever awaits the answer
   * knows the call's id.
   */
  create(more: object): Promise<Call> {
    const made = this.graph.api('/communications/calls').post({
      '@odata.type': '#microsoft.graph.call',
      callbackUri: this.callbackUri,
      requestedModalities: ['audio'],
      mediaConfig: serviceHosted,
      ...more,
    }) as Promise<Call>
    this.#creating = Promise.allSettled([this.#creating, made])
    return made
  }

  /** Says every so often of each call that it is still wanted: the service ends one that nobody has spoken for in a while. */
  keepAlive(seconds: number): void {
    const keep = (id: string): Promise<unknown> => unlessOver(this.graph.api(`${pathOf(id)}/keepAlive`).post({}))
    const all = (): void => {
      for (const id of this.#live)
        keep(id).catch((error: unknown) => say(`cannot keep a call alive: ${explain(error)}`))
    }
    const beat = setInterval(all, seconds * 1000)
    void this.#over.promise.then(() => clearInterval(beat))
  }

  /** Hangs up; a call that is over already is as good. */
  hangUp(callId: string): Promise<unknown> {
    return unlessOver(this.graph.api(pathOf(callId)).delete())
  }

  #stop(): void {
    if (this.#live.size > 0) say('hanging up')
    this.finish()
  }

  /** Handles a notification, and keeps count of the calls. */
  async #take(notification: Notification): Promise<object | void> {
    await this.#creating
    const call = callOf(notification)
    if (call?.state === 'terminated') this.#live.delete(callIdOf(notification))
    else if (call) this.#live.add(callIdOf(notification))
    try {
      return await this.#handle(notification)
    } catch (error) {
      if (!(error instanceof GraphError && error.statusCode > 0)) throw error
      say(explain(error))
    } finally {
      if (this.#stopping && this.#live.size === 0) this.#over.resolve()
    }
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body?: Buffer | string; type?: string }> {
    const { method, url: path = '', headers } = request
    const file = this.#files.get(path)
    if (method === 'GET' && file) return { status: 200, body: file, type: 'audio/wav' }
    if (method !== 'POST' || !path.startsWith('/api/calls')) return { status: 404 }
    if (!(await this.#check(headers.authorization))) return { status: 401 }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { value } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { value: readonly Notification[] }
    let body: object | void = undefined
    for (const notification of value) body = await this.#take(notification)
    if (body) return { status: 200, body: JSON.stringify(body), type: 'application/json' }
    return { status: 202 }
  }
}

/** Waits for a request about a call; that the call is over already does not matter to it. */
async function unlessOver(request: Promise<unknown>): Promise<unknown> {
  return request.catch((error: unknown) => {
    if (!(error instanceof GraphError && error.statusCode === 404)) throw error
  })
}

/** Says something to whoever runs the bot. */
export function say(text: string): void {
  console.log(text)
}

/** An error of Graph's with its codes and, from Rollcall, the sentence that says what to change. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof GraphError && error.statusCode > 0) {
    const hint = error.headers?.get('rollcall-explanation')
    return [`Graph answers ${error.statusCode} ${error.code}: ${error.message}`, hint].filter(Boolean).join(' ')
  }
  const { cause } = error
  return cause instanceof Error ? `${error.message} (${cause.message})` : error.message
}

/** Runs a bot to its end; what stops it is told in a line. */
export function run(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    say(`stopped: ${explain(error)}`)
    process.exit(1)
  })
}
