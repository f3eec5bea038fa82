/** Prompts: media files that applications name, fetched over HTTP, checked, and remembered for a while. */
import { Agent, request } from 'undici'
import type { Dispatcher } from 'undici'
import type { MediaInfo } from '../calls/media.ts'
import type { EndReason } from '../calls/reasons.ts'
import type { Destinations } from '../outbound/destinations.ts'
import type { Activity, Clock } from '../runtime.ts'
import type { Sound } from './sound.ts'
import { soundOf } from './sound.ts'
import { readWav } from './wav.ts'

/** A prompt as sound, or why there is none. */
export type Prompt = { readonly ok: true; readonly sound: Sound } | { readonly ok: false; readonly reason: EndReason }

/** The bounds of fetching. Sizes are bytes, times milliseconds. */
export interface PromptLimits {
  readonly size: number
  /** For one prompt, redirects included. */
  readonly timeout: number
  readonly redirects: number
  /** Downloads at a time, and how many more may wait for their turn. */
  readonly downloads: number
  readonly queue: number
  readonly cacheSize: number
  readonly cacheLifetime: number
}

/** What prompts are fetched with. */
export interface PromptParts {
  readonly clock: Clock
  readonly activity: Activity
  readonly limits: PromptLimits
  readonly userAgent: string
  readonly destinations: Destinations
}

interface Kept {
  readonly sound: Sound
  readonly bytes: number
  readonly until: number
}

/** A failure of which the bot shall hear, as a clause. */
class Trouble extends Error {
  readonly kind: 'prompt-download-failed' | 'prompt-bad-format'

  constructor(kind: Trouble['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

/** Samples that a prompt has at least, a tenth of a second: one that is played over and over is no work for the clock alone. */
const SHORTEST = 1600
const REDIRECTS = [301, 302, 303, 307, 308]
/** Characters of an address that a message repeats. */
const LONGEST_URI = 300

/** Fetches prompts. A file is remembered under its address and `resourceId`: a new `resourceId` asks for it anew. */
export class Prompts {
  readonly #parts: PromptParts
  readonly #agent: Agent
  readonly #kept = new Map<string, Kept>()
  readonly #fetching = new Map<string, Promise<Prompt>>()
  readonly #waiting: (() => void)[] = []
  #bytes = 0
  #running = 0

  constructor(parts: PromptParts) {
    this.#parts = parts
    this.#agent = new Agent({ pipelining: 1, headersTimeout: 0, bodyTimeout: 0, connect: parts.destinations.connect })
  }

  /** Fetches a prompt, unless it is remembered. Without `resourceId` only one that was fetched ahead is. */
  get(media: MediaInfo): Promise<Prompt> {
    return this.#get(media, media.resourceId !== undefined)
  }

  /** Fetches a prompt ahead of its use. */
  prefetch(media: MediaInfo): Promise<Prompt> {
    return this.#get(media, true)
  }

  /** Breaks off every download. */
  async close(): Promise<void> {
    this.#kept.clear()
    await this.#agent.destroy()
  }

  #get(media: MediaInfo, keep: boolean): Promise<Prompt> {
    const key = JSON.stringify([media.uri, media.resourceId ?? ''])
    const kept = this.#kept.get(key)
    if (kept && kept.until > this.#parts.clock.now()) return Promise.resolve({ ok: true, sound: kept.sound })
    const fetching = this.#fetching.get(key)
    if (fetching) return fetching
    const fetched = this.#parts.activity.track(this.#inTurn(media, keep ? key : undefined))
    this.#fetching.set(key, fetched)
    return fetched.finally(() => this.#fetching.delete(key))
  }

  /** So many downloads at a time. */
  async #inTurn({ uri }: MediaInfo, key: string | undefined): Promise<Prompt> {
    const { downloads, queue } = this.#parts.limits
    try {
      if (this.#running >= downloads) {
        if (this.#waiting.length >= queue) {
          throw new Trouble('prompt-download-failed', `${queue} downloads wait already (option promptQueueLimit)`)
        }
        await new Promise<void>((resolve) => this.#waiting.push(resolve))
      } else this.#running++
      try {
        return await this.#fetch(uri, key)
      } finally {
        const next = this.#waiting.shift()
        if (next) next()
        else this.#running--
      }
    } catch (fault) {
      const [kind, why] = fault instanceof Trouble ? [fault.kind, fault.message] : describe(fault)
      return {
        ok: false,
        reason: { name: kind, detail: `the prompt ${uri.slice(0, LONGEST_URI)} ${verb(kind)}: ${why}` },
      }
    }
  }

  async #fetch(uri: string, key: string | undefined): Promise<Prompt> {
    const { clock, limits } = this.#parts
    const abort = new AbortController()
    const cancel = clock.schedule(clock.now() + limits.timeout, () => abort.abort())
    try {
      const file = await this.#download(uri, abort.signal)
      const wav = readWav(file)
      if (!wav.ok) throw new Trouble('prompt-bad-format', wav.problem)
      const sound = soundOf(atLeast(SHORTEST, wav.samples))
      if (key !== undefined) this.#keep(key, { sound, bytes: file.length, until: clock.now() + limits.cacheLifetime })
      return { ok: true, sound }
    } catch (fault) {
      if (!abort.signal.aborted) throw fault
      throw failed(`it did not come within ${limits.timeout / 1000} seconds (option promptTimeout)`)
    } finally {
      cancel()
    }
  }

  async #download(uri: string, signal: AbortSignal): Promise<Buffer> {
    let url = this.#allowed(uri)
    for (let hops = 0; hops <= this.#parts.limits.redirects; hops++) {
      const answer = await request(url, {
        method: 'GET',
        headers: { accept: 'audio/wav, audio/x-wav, */*;q=0.5', 'user-agent': this.#parts.userAgent },
        signal,
        dispatcher: this.#agent,
      })
      const { location } = answer.headers
      if (REDIRECTS.includes(answer.statusCode) && typeof location === 'string') {
        await answer.body.dump()
        url = this.#allowed(location, url)
      } else if (answer.statusCode === 200) {
        return await this.#read(answer)
      } else {
        await answer.body.dump()
        throw failed(`the answer was ${answer.statusCode}`)
      }
    }
    throw failed(`it was redirected more than ${this.#parts.limits.redirects} times (option promptRedirects)`)
  }

  #allowed(uri: string, base?: URL): URL {
    const url = URL.parse(uri, base?.href)
    const problem = this.#parts.destinations.problem(url?.href ?? uri)
    if (url && problem === undefined && (!base || url.host === base.host)) return url
    if (!base) throw failed(`its address ${problem}`)
    const where = `it was redirected to ${(url?.origin ?? uri).slice(0, LONGEST_URI)}`
    throw failed(
      problem === undefined ? `${where}, which is another host or port` : `${where}, but its address ${problem}`,
    )
  }

  async #read(answer: Dispatcher.ResponseData): Promise<Buffer> {
    const { size } = this.#parts.limits
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > size) throw failed(`it is larger than ${size} bytes (option promptSizeLimit)`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }

  /** Remembers a file; the ones that were fetched first go first when there is no room. */
  #keep(key: string, kept: Kept): void {
    this.#drop(key)
    if (kept.bytes > this.#parts.limits.cacheSize) return
    this.#kept.set(key, kept)
    this.#bytes += kept.bytes
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#parts.limits.cacheSize) return
      this.#drop(oldest)
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0
    this.#kept.delete(key)
  }
}

function atLeast(count: number, samples: Int16Array): Int16Array {
  if (samples.length >= count) return samples
  const padded = new Int16Array(count)
  padded.set(samples)
  return padded
}

function failed(why: string): Trouble {
  return new Trouble('prompt-download-failed', why)
}

function verb(kind: Trouble['kind']): string {
  return kind === 'prompt-bad-format' ? 'cannot be played' : 'cannot be fetched'
}

const FAULTS: Record<string, string> = {
  ERR_ADDRESS_NOT_PUBLIC:
    'its host is not at a public address, which it must be in production (option outboundNetworks)',
  ECONNREFUSED: 'nothing listens at that address',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be looked up',
  ECONNRESET: 'the connection was closed before all of it came',
  UND_ERR_SOCKET: 'the connection was closed before all of it came',
  EHOSTUNREACH: 'there is no route to the host',
  ETIMEDOUT: 'the connection could not be made in time',
  DEPTH_ZERO_SELF_SIGNED_CERT: "the host's certificate is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the host's certificate is from an authority that is not trusted",
  SELF_SIGNED_CERT_IN_CHAIN: "the host's certificate is from an authority that is not trusted",
  CERT_HAS_EXPIRED: "the host's certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the host's certificate is for another host name",
}

function describe(fault: unknown): ['prompt-download-failed', string] {
  if (!(fault instanceof Error)) return ['prompt-download-failed', String(fault)]
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : ''
  const known = FAULTS[code]
  return ['prompt-download-failed', known === undefined ? fault.message || fault.name : `${known} (${code})`]
}
