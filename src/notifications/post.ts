/** One try at a bot's webhook: bounded in time, size and redirects. */
import { Agent, request } from 'undici'
import type { Dispatcher } from 'undici'
import { deliveryFault } from '../codes/delivery-faults.ts'
import type { Clock } from '../runtime.ts'
import { stopwatch } from '../runtime.ts'

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
/** Bytes of a bot's answer that are read at all. */
const MOST_READ = 65_536

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
}): Poster {
  const { clock, timeout } = options
  const agent = new Agent({
    connections: options.connections,
    pipelining: 1,
    keepAliveTimeout: 4000,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: 0 },
  })
  return {
    async post(message) {
      const elapsed = stopwatch()
      const abort = new AbortController()
      const { time, option } = message.patience ?? { time: timeout, option: options.option }
      const cancel = clock.schedule(clock.now() + time, () => abort.abort())
      const limit = `no answer within ${time / 1000} seconds (option ${option})`
      let { url } = message
      try {
        let answer = await send(agent, url, message, abort.signal)
        const location = message.mayRedirect ? redirection(answer, url) : undefined
        if (location !== undefined) {
          await answer.body.dump()
          url = location
          answer = await send(agent, url, message, abort.signal)
        }
        if (message.handshake && answer.statusCode === 204) {
          await answer.body.dump()
          answer = await send(agent, url, message, abort.signal)
        }
        const text = await beginning(answer, message.longestAnswer ?? LONGEST_ANSWER)
        return { url, status: answer.statusCode, ...judge(answer, message), answer: text, latency: elapsed() }
      } catch (fault) {
        return { url, error: abort.signal.aborted ? limit : describe(fault), latency: elapsed() }
      } finally {
        cancel()
      }
    },
    close: () => agent.destroy(),
  }
}

function send(agent: Agent, url: string, message: Message, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  return request(url, { method: 'POST', headers: message.headers, body: message.body, signal, dispatcher: agent })
}

function judge({ statusCode }: Dispatcher.ResponseData, { headers }: Message): { error?: string } {
  if (statusCode >= 200 && statusCode < 300) return {}
  if ((statusCode === 401 || statusCode === 403) && headers['authorization'] !== undefined) {
    return {
      error: `the bot refused the notification's token (${statusCode}); check which issuer and audience it expects`,
    }
  }
  return { error: `the bot answered ${statusCode}` }
}

function redirection({ statusCode, headers }: Dispatcher.ResponseData, from: string): string | undefined {
  const { location } = headers
  if ((statusCode !== 302 && statusCode !== 307) || typeof location !== 'string') return undefined
  return URL.canParse(location, from) ? new URL(location, from).href : undefined
}

async function beginning({ body }: Dispatcher.ResponseData, longest: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > MOST_READ) break
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, longest)
}

function describe(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault)
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : undefined
  const known = code === undefined ? undefined : deliveryFault(code)?.text
  return known === undefined ? fault.message || fault.name : `${known} (${code})`
}
