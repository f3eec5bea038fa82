/**
 * The page's line to the server: one WebSocket that greets, beats, asks and is answered, and comes back when it was lost.
 *
 *     connecting ──welcome──► online ──closed, silent──► lost ──retry──► connecting
 *                                   └──farewell──► refused                          until `start` is called again
 */
import type {
  Done,
  Farewell,
  Hello,
  Levels,
  PageMessage,
  PageRequest,
  ServerMessage,
  StateMessage,
  Welcome,
} from '../../src/endpoints/browser/protocol.ts'
import type { Cancel, Runtime } from '../runtime.ts'
import type { Link } from './state.ts'

/** An open line: texts go out, and may come in through what it was opened with. */
export interface Line {
  send(text: string): void
  close(): void
}

/** What happens on a line. */
export interface LineEvents {
  readonly opened: () => void
  readonly heard: (text: string) => void
  /** Once, also if it never opened. */
  readonly closed: () => void
}

/** What whoever has the connection hears. */
export interface ConnectionEvents {
  readonly link: (link: Link) => void
  readonly welcome: (welcome: Welcome) => void
  readonly state: (message: StateMessage) => void
  readonly levels: (levels: Levels) => void
}

/** What the connection is made with. */
export interface ConnectionParts {
  readonly runtime: Runtime
  readonly open: (events: LineEvents) => Line
  /** Who the page is for; asked anew each time, because tokens end. Rejects if somebody has to sign in. */
  readonly hello: () => Promise<Hello>
  readonly on: ConnectionEvents
}

/** A request without its number. */
export type Asking = PageRequest extends infer R ? (R extends PageRequest ? Omit<R, 'request'> : never) : never

/** The server does not carry a request out, or cannot be reached. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: string

  constructor(code: string, explanation: string) {
    super(explanation)
    this.code = code
  }
}

interface Waiting {
  readonly resolve: (done: Done) => void
  readonly reject: (refusal: Refusal) => void
}

/** The first wait before a lost connection is tried again, and the longest, in milliseconds. */
const FIRST_RETRY = 300
const LONGEST_RETRY = 8000

/** How long a line may take to open and be greeted, in milliseconds. */
const OPENING = 10_000

/** Farewells after which it makes no sense to come back by oneself. */
const FOR_GOOD: readonly Farewell['code'][] = ['signIn', 'replaced', 'tooMany', 'badMessage']

/** See the head of this file. */
export class Connection {
  readonly #parts: ConnectionParts
  readonly #waiting = new Map<number, Waiting>()
  #line: Line | undefined
  /** Counts lines, so that what a former one still says is not heard. */
  #turn = 0
  #online = false
  #heartbeat = 0
  #tries = 0
  #requests = 0
  #cancelRetry: Cancel = () => undefined
  #cancelBeat: Cancel = () => undefined
  #cancelSilence: Cancel = () => undefined

  constructor(parts: ConnectionParts) {
    this.#parts = parts
  }

  /** Connects; if it is connected or under way already, does nothing. */
  start(): void {
    if (this.#line) return
    this.#cancelRetry()
    this.#parts.on.link({ state: 'connecting' })
    const turn = ++this.#turn
    const mine = (act: () => void) => (): void => {
      if (turn === this.#turn) act()
    }
    this.#line = this.#parts.open({
      opened: mine(() => void this.#greet(turn)),
      heard: (text) => {
        if (turn === this.#turn) this.#hear(text)
      },
      closed: mine(() => this.#lose()),
    })
    this.#watch(OPENING)
  }

  /** Tries again at once what would be tried again later. */
  retry(): void {
    if (this.#line) return
    this.#tries = 0
    this.start()
  }

  /** Asks the server. @throws Refusal */
  ask(asking: Asking): Promise<Done> {
    if (!this.#online) return Promise.reject(new Refusal('offline', 'There is no connection to the server right now.'))
    const request = ++this.#requests
    return new Promise((resolve, reject) => {
      this.#waiting.set(request, { resolve, reject })
      this.#send({ ...asking, request })
    })
  }

  /** Leaves for good: the server waits for nobody, and the calls here end. */
  goodbye(): void {
    if (this.#online) this.#send({ type: 'goodbye' })
    this.#drop()
  }

  async #greet(turn: number): Promise<void> {
    try {
      const hello = await this.#parts.hello()
      if (turn === this.#turn) this.#send(hello)
    } catch {
      if (turn === this.#turn) this.#refuse('signIn', 'Please sign in again.')
    }
  }

  #hear(text: string): void {
    const message = JSON.parse(text) as ServerMessage
    if (this.#online) this.#watch(this.#heartbeat * 3)
    switch (message.type) {
      case 'welcome':
        return this.#begin(message)
      case 'state':
        return this.#parts.on.state(message)
      case 'levels':
        return this.#parts.on.levels(message)
      case 'done':
        return this.#take(message.request)?.resolve(message)
      case 'refused':
        return this.#take(message.request)?.reject(new Refusal(message.code, message.explanation))
      case 'farewell':
        if (FOR_GOOD.includes(message.code)) this.#refuse(message.code, message.explanation)
        return undefined
      case 'beat':
        return undefined
    }
  }

  #begin(welcome: Welcome): void {
    this.#online = true
    this.#tries = 0
    this.#heartbeat = welcome.heartbeat
    this.#watch(welcome.heartbeat * 3)
    this.#beat()
    this.#parts.on.welcome(welcome)
  }

  #beat(): void {
    this.#cancelBeat()
    this.#cancelBeat = this.#parts.runtime.later(this.#heartbeat / 2, () => {
      this.#send({ type: 'beat' })
      this.#beat()
    })
  }

  /** Gives the line up if nothing is heard for `patience` milliseconds. */
  #watch(patience: number): void {
    this.#cancelSilence()
    this.#cancelSilence = this.#parts.runtime.later(patience, () => this.#lose())
  }

  #take(request: number): Waiting | undefined {
    const waiting = this.#waiting.get(request)
    this.#waiting.delete(request)
    return waiting
  }

  #send(message: PageMessage): void {
    this.#line?.send(JSON.stringify(message))
  }

  /** The line is gone: it is opened again, later each time, and never by all pages at once. */
  #lose(): void {
    this.#drop()
    const { runtime, on } = this.#parts
    const wait = Math.min(FIRST_RETRY * 2 ** this.#tries++, LONGEST_RETRY) * (0.75 + runtime.chance() / 2)
    this.#cancelRetry = runtime.later(wait, () => this.start())
    on.link({ state: 'lost', retryAt: runtime.now() + wait })
  }

  #refuse(code: Farewell['code'], explanation: string): void {
    this.#drop()
    this.#parts.on.link({ state: 'refused', code, explanation })
  }

  #drop(): void {
    this.#turn++
    this.#online = false
    this.#cancelBeat()
    this.#cancelSilence()
    this.#cancelRetry()
    this.#line?.close()
    this.#line = undefined
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(new Refusal('offline', 'The connection to the server was lost.'))
  }
}
