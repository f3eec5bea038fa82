/** One try at a bot's webhook: bounded in time, size and redirects. */
import { Agent } from 'undici'
import { deliveryFault } from '../codes/delivery-faults.ts'
import type { Destinations } from '../outbound/destinations.ts'
import type { Clock } from '../runtime.ts'
import { stopwatch } from '../runtime.ts'
import type { Reply } from './exchange.ts'
import { Exchange } from './exchange.ts'

/** What came of one try. */
export interface Outcome {
  readonly url: string
  readonly status?: number
  /** What went wrong, in words; absent when the bot took it. */
  readonly error?: string
  /** The bot's answer, as far as it was kept. */
  readonly answer?: string
  /** Real milliseconds. */
  readonly latency: number
}

/** One message for a bot. */
export interface Message {
  readonly url: string
  /** Whose webhook it is. */
  readonly appId: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** An incoming call may be redirected to another deployment of the bot, once (contract: notifications). */
  readonly mayRedirect: boolean
  /** Whether 204 means that the bot wants it once more (contract: behaviour, callback request). */
  readonly handshake: boolean
  /** Milliseconds on the product's clock for the whole try, if less than usual, and the option that says so. */
  readonly patience?: { readonly time: number; readonly option: string }
  /** Characters of the answer that are wanted, if more than usual. */
  readonly longestAnswer?: number
}

/** Characters of a bot's answer that are kept. */
export const LONGEST_ANSWER = 2048

/** Sends messages. */
export interface Poster {
  post(message: Message): Promise<Outcome>
  close(): Promise<void>
}

/** @param connections per origin; @param timeout milliseconds on the product's clock, for the whole try */
export function createPoster(options: {
  readonly clock: Clock
  readonly connections: number
  readonly timeout: number
  /** The option that the time-out comes from. */
  readonly option: string
  readonly destinations: Destinations
  /** Bytes of an answer that are read at all. */
  readonly mostRead: number
}): Poster {
  const { clock, timeout, destinations } = options
  const agent = new Agent({
    connections: options.connections,
    pipelining: 1,
    keepAliveTimeout: 4000,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: destinations.connect,
  })
  return {
    async post(message) {
      const elapsed = stopwatch()
      const { time, option } = message.patience ?? { time: timeout, option: options.option }
      const attempt = new Try(agent, message, options)
      const limit = new Error(`no answer within ${time / 1000} seconds (option ${option})`)
      const cancel = clock.schedule(clock.now() + time, () => attempt.giveUp(limit))
      try {
        const { status, text } = await attempt.run()
        const answer = text.slice(0, message.longestAnswer ?? LONGEST_ANSWER)
        return { url: attempt.url, status, ...judge(status, message), answer, latency: elapsed() }
      } catch (fault) {
        return { url: attempt.url, error: describe(fault), latency: elapsed() }
      } finally {
        cancel()
      }
    },
    close: () => agent.destroy(),
  }
}

/** What every try keeps to. */
interface TryLimits {
  readonly destinations: Destinations
  readonly mostRead: number
}

/** A message on its way: to its address, and from there once more if the bot may ask for that. */
class Try {
  readonly #agent: Agent
  readonly #message: Message
  readonly #limits: TryLimits
  #exchange: Exchange | undefined
  #givenUp: Error | undefined
  /** Where it was sent last. */
  url: string

  constructor(agent: Agent, message: Message, limits: TryLimits) {
    this.#agent = agent
    this.#message = message
    this.#limits = limits
    this.url = message.url
  }

  /** @throws whatever stood in the way, or the reason for which it was given up */
  async run(): Promise<Reply> {
    const { appId, mayRedirect, handshake } = this.#message
    const { destinations } = this.#limits
    // The directory may say otherwise by now than when the address was accepted.
    refuse(destinations.unlisted(this.url, appId), 'the address')
    let reply = await this.#send()
    const location = mayRedirect ? redirection(reply, this.url) : undefined
    if (location !== undefined) {
      this.url = location
      refuse(destinations.problem(location, appId), 'the bot redirected the notification, but where to')
      reply = await this.#send()
    }
    return handshake && reply.status === 204 ? this.#send() : reply
  }

  giveUp(reason: Error): void {
    this.#givenUp = reason
    this.#exchange?.abort(reason)
  }

  #send(): Promise<Reply> {
    if (this.#givenUp) throw this.#givenUp
    const { headers, body } = this.#message
    this.#exchange = new Exchange(this.#agent, new URL(this.url), headers, body, this.#limits.mostRead)
    return this.#exchange.reply
  }
}

function judge(status: number, { headers }: Message): { error?: string } {
  if (status >= 200 && status < 300) return {}
  if ((status === 401 || status === 403) && headers['authorization'] !== undefined) {
    return {
      error: `the bot refused the notification's token (${status}); check which issuer and audience it expects`,
    }
  }
  return { error: `the bot answered ${status}` }
}

function redirection({ status, location }: Reply, from: string): string | undefined {
  if ((status !== 302 && status !== 307) || location === undefined) return undefined
  return URL.canParse(location, from) ? new URL(location, from).href : undefined
}

function refuse(problem: string | undefined, what: string): void {
  if (problem !== undefined) throw new Error(`${what} ${problem}`)
}

function describe(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault)
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : undefined
  const known = code === undefined ? undefined : deliveryFault(code)?.text
  return known === undefined ? fault.message || fault.name : `${known} (${code})`
}
