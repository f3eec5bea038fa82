/** A bot's webhook for tests: keeps what it receives, checks each token, and answers as it is told. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import type { AnyJson } from './any-json.ts'
import { undeclaredInNotifications } from './declared.ts'

/** One POST as the bot received it. */
export interface Received {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Notifications
  /** The body to the byte. */
  readonly bytes: string
  /** Whether it was answered with 2xx. */
  taken?: boolean
}

export interface Notifications {
  readonly '@odata.type'?: string
  readonly value: readonly Notification[]
}

export interface Notification {
  readonly changeType: string
  readonly resource: string
  /** Absent in the versions of 2018 and 2019. */
  readonly resourceUrl: string
  readonly resourceData: AnyJson
}

/**
 * What the bot answers a POST with: a status, `hang` (never), `reset` (closes the connection), or any bytes, after which it
 * closes the connection or says nothing more.
 */
export type BotAnswer =
  | number
  | 'hang'
  | 'reset'
  | { readonly raw: string; readonly closes: boolean }
  | {
      readonly status: number
      readonly location?: string
      readonly connection?: 'close'
      /** The body of the answer: JSON unless it is a text. */
      readonly json?: unknown
    }

/** A webhook on loopback. */
export class Bot {
  readonly appId: string
  readonly received: Received[] = []
  /** Decides the answer to the n-th POST (from 0); 202 unless told otherwise. */
  answer: (post: Received, index: number) => BotAnswer = () => 202
  #server: Server | undefined
  #seen = 0
  #taken = 0
  #jwks: ReturnType<typeof createRemoteJWKSet> | undefined
  #issuer = ''

  constructor(appId: string) {
    this.appId = appId
  }

  /** Where it listens. */
  get url(): string {
    const address = this.#server?.address() as AddressInfo | null
    assert.ok(address, 'listen() comes first')
    return `http://127.0.0.1:${address.port}/api/calls`
  }

  async listen(): Promise<void> {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const bytes = Buffer.concat(chunks).toString('utf8')
        const post: Received = {
          url: request.url ?? '',
          headers: request.headers,
          bytes,
          body: bodyOf(request, bytes),
        }
        const answer = this.answer(post, this.#seen++)
        this.received.push(post)
        if (answer === 'hang') return
        if (answer === 'reset') return void request.socket.destroy()
        if (typeof answer === 'object' && 'raw' in answer) {
          request.socket.write(answer.raw)
          if (answer.closes) request.socket.end()
          return
        }
        const { status, json, ...headers } = typeof answer === 'number' ? { status: answer, json: undefined } : answer
        post.taken = status >= 200 && status < 300
        response.writeHead(status, headers)
        response.end(typeof json === 'object' ? JSON.stringify(json) : json)
      })
    })
    const server = this.#server
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  }

  /** From now on each received token is checked against the server's published keys by `verify`. */
  trust(serverUrl: string, issuer = serverUrl): void {
    this.#issuer = issuer
    this.#jwks = createRemoteJWKSet(new URL(`${serverUrl}/v1/.well-known/keys`))
  }

  /** The notifications that were received since the last `take`, each POST's token verified. */
  async take(): Promise<readonly Notification[]> {
    return (await this.takePosts()).flatMap(({ body }) => body.value)
  }

  /** The POSTs that were received since the last `take`, each one's token and envelope verified. */
  async takePosts(): Promise<readonly Received[]> {
    const posts = this.received.slice(this.#taken)
    this.#taken = this.received.length
    for (const post of posts) {
      await this.verify(post)
      const { value, ...envelope } = post.body
      assert.ok(ENVELOPES.includes(JSON.stringify(envelope)), `${JSON.stringify(envelope)} is no published envelope`)
      assert.ok(value.length > 0, 'a POST carries at least one notification')
      if (JSON.stringify(envelope) === ENVELOPES[0]) assert.deepEqual(undeclaredInNotifications(post.body), [])
    }
    return posts
  }

  /** Checks a notification's token as the published samples do. */
  async verify({ headers }: Received): Promise<void> {
    assert.ok(this.#jwks, 'trust() comes first')
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    assert.ok(token, 'a notification has a bearer token')
    const { payload } = await jwtVerify(token, this.#jwks, { issuer: this.#issuer, audience: this.appId })
    assert.equal(typeof payload['tid'], 'string')
  }

  async close(): Promise<void> {
    const server = this.#server
    if (!server) return
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** What stands beside `value`: since 2020, in 2019, in 2018. */
const ENVELOPES = [
  '{"@odata.type":"#microsoft.graph.commsNotifications"}',
  '{"@odata.type":"microsoft.graph.commsNotifications"}',
  '{}',
]

/** One line per notification, such as `updated call established`, for comparing whole sequences. */
export function line(notification: Notification): string {
  const { changeType, resource, resourceData } = notification
  const resourceUrl = notification.resourceUrl || resource
  if (resourceUrl.endsWith('/participants')) {
    const rows: AnyJson[] = Array.isArray(resourceData) ? resourceData : resourceData.participants
    return `${changeType} ${Array.isArray(resourceData) ? 'roster' : 'delta'} of ${rows.length}`
  }
  if (resourceUrl.endsWith('/contentsharingsessions')) return `${changeType} content sharing of ${resourceData.length}`
  if ('participantId' in resourceData) return `${changeType} participantLeft`
  if ('call' in resourceData) return `${changeType} participantJoining`
  if (resourceUrl.includes('/operations/')) return `${changeType} operation ${resourceData.status}`
  return `${changeType} call ${resourceData.state ?? '(gone)'}`
}

/** @throws whatever is no notification is the test's to hear of, and who sent it */
function bodyOf({ method, url, headers }: IncomingMessage, bytes: string): Notifications {
  try {
    return JSON.parse(bytes) as Notifications
  } catch (cause) {
    throw new Error(`the bot got ${method} ${url} of ${headers['user-agent']} with a body that is no JSON`, { cause })
  }
}
