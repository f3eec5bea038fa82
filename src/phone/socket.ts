/** `/phone/socket`: one WebSocket for each page. Every message is bounded, and so is how many come. */
import type { IncomingMessage } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import { WebSocket, WebSocketServer } from 'ws'
import type { RawData } from 'ws'
import type { z } from 'zod'
import type { Config } from '../config.ts'
import type { Directory } from '../directory/directory.ts'
import type { Farewell, PageRequest, ServerMessage, VideoTerms } from '../endpoints/browser/protocol.ts'
import { helloSchema, pageMessageSchema, SUBPROTOCOL } from '../endpoints/browser/protocol.ts'
import { showParty } from '../endpoints/browser/view.ts'
import type { Sockets } from '../http/sockets.ts'
import { refuseSocket } from '../http/sockets.ts'
import { ownAddresses } from '../oauth/addresses.ts'
import type { Activity, Cancel, Clock, Ids } from '../runtime.ts'
import type { Acts } from './acts.ts'
import type { Hub, Page } from './hub.ts'
import type { IntroductionParts } from './person.ts'
import { introduce, isKnown } from './person.ts'
import { refusalOf } from './refused.ts'

/** What the socket works with. */
export interface SocketParts {
  readonly config: Config
  readonly wall: Clock
  readonly ids: Ids
  readonly activity: Activity
  readonly log: FastifyBaseLogger
  readonly hub: Hub
  readonly acts: Acts
  readonly introductions: IntroductionParts
  readonly directory: () => Directory
  readonly baseUrl: () => string
}

/** How long a page may take to introduce itself, in milliseconds. */
const INTRODUCTION = 10_000
/** Messages that can be spared are not sent while more than this waits, in bytes. */
const BACKLOG = 65_536
/** The status with which a connection is closed for what the page did (RFC 6455, section 7.4.1). */
const CLOSE: Readonly<Record<Farewell['code'], number>> = {
  signIn: 4401,
  replaced: 4409,
  tooMany: 4429,
  flood: 1008,
  badMessage: 1007,
  silent: 4408,
  slow: 1013,
  restart: 1012,
}

/** Opens the socket. @returns closes it */
export function openPhoneSocket(sockets: Sockets, parts: SocketParts): () => void {
  const { config } = parts
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: config.phoneMessageSize,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
  sockets.open('/phone/socket', (request, socket, head) => {
    if (!isOwnPage(request, parts.baseUrl())) return refuseSocket(socket, 403, 'Forbidden')
    if (server.clients.size >= config.phoneConnections) return refuseSocket(socket, 503, 'Service Unavailable')
    server.handleUpgrade(request, socket, head, (webSocket) => new Connection(webSocket, parts))
  })
  return () => {
    parts.hub.close()
    for (const client of server.clients) client.terminate()
    server.close()
  }
}

/** A page of another site has no business here; programs that are no browser send no origin. */
function isOwnPage({ headers: { origin, host } }: IncomingMessage, baseUrl: string): boolean {
  if (origin === undefined) return true
  const url = URL.parse(origin)
  return (
    url !== null && (url.host === host || ownAddresses(baseUrl).some((each) => new URL(each).origin === url.origin))
  )
}

/** One connection: silent until the page has said who it is. */
class Connection {
  readonly #socket: WebSocket
  readonly #parts: SocketParts
  #page: Page | undefined
  #introducing = false
  #cancelPatience: Cancel
  #second = 0
  #messages = 0
  #pending = 0
  #closing = false

  constructor(socket: WebSocket, parts: SocketParts) {
    this.#socket = socket
    this.#parts = parts
    const { wall } = parts
    this.#cancelPatience = wall.schedule(wall.now() + INTRODUCTION, () =>
      this.#close('silent', 'The page did not introduce itself (hello).'),
    )
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    socket.on('close', (code) => this.#closed(code))
    socket.on('error', (error) => parts.log.debug({ err: error }, 'the connection of a page failed'))
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#closing) return
    const { config, wall } = this.#parts
    const now = wall.now()
    const second = Math.floor(now / 1000)
    this.#messages = second === this.#second ? this.#messages + 1 : 1
    this.#second = second
    if (this.#messages > config.phoneMessageRate) {
      return this.#close(
        'flood',
        `More than ${config.phoneMessageRate} messages came in a second (option phoneMessageRate).`,
      )
    }
    if (this.#page) this.#page.heardAt = now
    const message = isBinary ? undefined : readJson(data)
    if (message === undefined) return this.#close('badMessage', 'A message was not JSON.')
    if (this.#page) this.#handle(this.#page, message)
    else if (!this.#introducing) void this.#introduce(message)
  }

  async #introduce(message: object): Promise<void> {
    const read = helloSchema.safeParse(message)
    if (!read.success) return this.#close('badMessage', `The first message must be a hello: ${mistakesOf(read.error)}.`)
    this.#introducing = true
    const { introductions, hub, config, wall, log } = this.#parts
    try {
      const visitor = await introduce(read.data, introductions)
      if (this.#closing) return
      if (typeof visitor === 'string') return this.#close('signIn', visitor)
      this.#cancelPatience()
      this.#page = {
        id: read.data.device,
        visitor,
        heardAt: wall.now(),
        send: (sent, dispensable) => this.#send(sent, dispensable),
        sendText: (text) => this.#sendText(text),
        close: (code, explanation) => this.#close(code, explanation),
      }
      this.#send({
        type: 'welcome',
        person: showParty(visitor.identity),
        ...(visitor.resume !== undefined && { resume: visitor.resume }),
        heartbeat: config.phoneHeartbeat,
        reconnectTimeout: config.phoneReconnectTimeout,
        messageLimit: config.phoneMessageSize,
        ...(config.mediaVideo && { video: videoTerms(config) }),
      })
      hub.enter(this.#page)
    } catch (error) {
      log.error({ err: error }, 'a page could not be introduced')
      this.#close('restart', 'The server failed; its log has the cause. Connect again in a moment.')
    }
  }

  #handle(page: Page, message: object): void {
    const { directory, config, activity } = this.#parts
    const read = pageMessageSchema.safeParse(message)
    if (!read.success) return this.#refuseMessage(message, read.error)
    if (read.data.type === 'beat') return
    if (!isKnown(page.visitor, directory())) return this.#close('signIn', 'You are not in the directory any more.')
    if (read.data.type === 'goodbye') return this.#goodbye(page)
    if (this.#pending >= config.phoneRequests) {
      const explanation = `${config.phoneRequests} requests are under way already (option phoneRequests).`
      return this.#send({ type: 'refused', request: read.data.request, code: 'tooManyRequests', explanation })
    }
    this.#pending++
    void activity.track(this.#perform(page, read.data))
  }

  async #perform({ id: page, visitor }: Page, request: PageRequest): Promise<void> {
    const { acts, ids, log } = this.#parts
    const requestId = ids.guid()
    try {
      const outcome = await acts.perform({ page, visitor, requestId }, request)
      this.#send({ type: 'done', request: request.request, ...outcome })
    } catch (error) {
      const refusal = refusalOf(error)
      if (!refusal) log.error({ err: error, requestId, type: request.type }, 'the request of a page failed')
      const fault = { code: 'generalException', explanation: 'The server failed; its log has the cause.' }
      this.#send({ type: 'refused', request: request.request, ...(refusal ?? fault) })
    } finally {
      this.#pending--
    }
  }

  /** A request that cannot be read is refused by its number; anything else ends the connection. */
  #refuseMessage(message: object, error: z.ZodError): void {
    const { request } = message as { request?: unknown }
    const explanation = `The message cannot be read: ${mistakesOf(error)}.`
    if (typeof request !== 'number' || !Number.isSafeInteger(request)) return this.#close('badMessage', explanation)
    this.#send({ type: 'refused', request, code: 'badRequest', explanation })
  }

  #goodbye(page: Page): void {
    const { acts } = this.#parts
    acts.leaveAll(page.id, page.visitor)
    this.#closing = true
    this.#socket.close(1000)
  }

  #send(message: ServerMessage, dispensable = false): void {
    if (dispensable && this.#socket.bufferedAmount > BACKLOG) return
    this.#sendText(JSON.stringify(message))
  }

  #sendText(text: string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    if (this.#socket.bufferedAmount > this.#parts.config.phoneSendBuffer) {
      // It would not read a farewell either.
      this.#closing = true
      return this.#socket.terminate()
    }
    this.#socket.send(text)
  }

  #close(code: Farewell['code'], explanation: string): void {
    if (this.#closing) return
    this.#send({ type: 'farewell', code, explanation })
    this.#closing = true
    this.#socket.close(CLOSE[code], code)
    this.#parts.log.debug({ code, person: this.#page?.visitor.identity.id }, 'a page was closed')
    if (this.#page) this.#parts.hub.leave(this.#page, code === 'silent')
  }

  #closed(code: number): void {
    this.#closing = true
    this.#cancelPatience()
    // 1006: the connection broke, without a word of the page.
    if (this.#page) this.#parts.hub.leave(this.#page, code === 1006)
  }
}

function videoTerms(config: Config): VideoTerms {
  const { mediaVideoSlots: slots, mediaCameraBitrate: cameraBitrate, mediaScreenBitrate: screenBitrate } = config
  return { slots, cameraBitrate, screenBitrate }
}

/** An object that was written as JSON; undefined if it is none. */
function readJson(data: RawData): object | undefined {
  try {
    const read: unknown = JSON.parse(Buffer.isBuffer(data) ? data.toString() : '')
    return typeof read === 'object' && read !== null ? read : undefined
  } catch {
    return undefined
  }
}

function mistakesOf({ issues }: z.ZodError): string {
  const mistakes = issues.slice(0, 3).map(({ path, message }) => `${path.join('.') || 'type'}: ${message}`)
  return mistakes.join('; ').slice(0, 500)
}
