/** A page of the browser phone without a browser: the messages alone. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import type {
  CallView,
  Done,
  Farewell,
  Hello,
  PageRequest,
  Refused,
  ServerMessage,
  Welcome,
} from '../../src/endpoints/browser/protocol.ts'
import { SUBPROTOCOL } from '../../src/endpoints/browser/protocol.ts'
import { signIn } from './sign-in.ts'
import { USERS } from './world.ts'
import type { UserName, World } from './world.ts'

/** An offer that the silent engine takes. */
export const OFFER = 'v=0'
/** How long a test waits for something of the real world, in milliseconds. */
const PATIENCE = 15_000

type Without<Union, Key extends string> = Union extends unknown ? Omit<Union, Key> : never
/** A request without its number. */
export type Asked = Without<PageRequest, 'request'>

/** A page that is open. */
export class Page {
  readonly socket: WebSocket
  readonly device: string
  /** Everything that came, in order. */
  readonly received: ServerMessage[] = []
  calls: readonly CallView[] = []
  welcome: Welcome | undefined
  farewell: Farewell | undefined
  /** The code with which the connection was closed. */
  closed: number | undefined
  #request = 0
  readonly #waiting = new Set<() => void>()

  constructor(url: string, device: string, origin?: string) {
    this.device = device
    this.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/phone/socket`, SUBPROTOCOL, {
      ...(origin && { origin }),
    })
    this.socket.on('message', (data) => {
      assert.ok(Buffer.isBuffer(data))
      this.#take(JSON.parse(data.toString()) as ServerMessage)
    })
    this.socket.on('close', (code) => {
      this.closed = code
      this.#wake()
    })
    this.socket.on('error', () => undefined)
  }

  #take(message: ServerMessage): void {
    this.received.push(message)
    if (message.type === 'state') this.calls = message.calls
    if (message.type === 'welcome') this.welcome = message
    if (message.type === 'farewell') this.farewell = message
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }

  /** Waits until something is so. */
  async until<T>(what: string, find: () => T | undefined | false): Promise<T> {
    const deadline = performance.now() + PATIENCE
    for (;;) {
      const found = find()
      if (found !== undefined && found !== false) return found
      const left = deadline - performance.now()
      const last = JSON.stringify({ calls: this.calls, farewell: this.farewell, closed: this.closed })
      assert.ok(left > 0, `${what}: did not come; ${last}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, Math.min(left, 200))
        const waiting = this.#waiting
        waiting.add(done)
        function done(): void {
          clearTimeout(timer)
          waiting.delete(done)
          resolve()
        }
      })
    }
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  async hello(hello: Partial<Hello>): Promise<this> {
    await this.until('open', () => this.socket.readyState === WebSocket.OPEN)
    this.say({ type: 'hello', device: this.device, ...hello })
    await this.until('welcome', () => this.welcome ?? this.farewell)
    return this
  }

  /** Sends a request and waits for what comes of it. */
  async ask(request: Asked): Promise<Done | Refused> {
    const number = ++this.#request
    this.say({ ...request, request: number })
    return this.until(`the answer to ${request.type}`, () =>
      this.received.find(
        (one): one is Done | Refused => (one.type === 'done' || one.type === 'refused') && one.request === number,
      ),
    )
  }

  /** Sends a request that must be carried out. */
  async do(request: Asked): Promise<Done> {
    const answer = await this.ask(request)
    assert.ok(answer.type === 'done', JSON.stringify(answer))
    return answer
  }

  /** Sends a request that must be refused. @returns the code */
  async refused(request: Asked): Promise<string> {
    const answer = await this.ask(request)
    assert.equal(answer.type, 'refused', JSON.stringify(answer))
    return answer.type === 'refused' ? answer.code : ''
  }

  /** Waits until the newest call is so far. */
  phase(phase: CallView['phase'], more: (call: CallView) => boolean = () => true): Promise<CallView> {
    return this.until(`a call that is ${phase}`, () => this.calls.find((call) => call.phase === phase && more(call)))
  }

  /** Ends the connection as a reload does, or without a word. */
  async leave(how: 'closed' | 'lost' = 'closed'): Promise<void> {
    if (how === 'lost') this.socket.terminate()
    else this.socket.close(1001)
    await this.until('closed', () => this.closed !== undefined)
  }
}

let devices = 0

/** Opens a page of somebody of the test directory. It is closed with the test. */
export async function openPage(
  t: TestContext,
  world: World,
  who: UserName,
  device = `device-${++devices}`,
): Promise<Page> {
  const { accessToken: token } = await signIn(world.url, USERS[who])
  const page = new Page(world.url, device)
  t.after(() => page.socket.terminate())
  await page.hello({ token })
  assert.ok(page.welcome, JSON.stringify(page.farewell))
  await page.until('the first state', () => page.received.some(({ type }) => type === 'state'))
  return page
}

/** Opens a page of a guest. */
export async function openGuest(
  t: TestContext,
  world: World,
  hello: Partial<Hello>,
  device = `device-${++devices}`,
): Promise<Page> {
  const page = new Page(world.url, device)
  t.after(() => page.socket.terminate())
  return page.hello(hello)
}
