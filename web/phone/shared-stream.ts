/** The stream of a device for everything that uses it: taken when the first wants it, given back when none does. */
import type { KeptSettings, Settings } from './settings.ts'

/** Takes a stream, or the name of the problem why there is none. */
export type StreamUser = (stream: MediaStream | undefined, problem: string | undefined) => void

/** What a device is taken with. */
export interface StreamParts {
  readonly settings: KeptSettings
  /** What the browser is asked for; asked again when the settings make something else of it. */
  readonly constraints: (settings: Settings) => MediaStreamConstraints
  /** Whether another device is looked for when this one is taken away; else that is a problem. */
  readonly looksOn: boolean
}

/** See the head of this file. */
export class SharedStream {
  readonly #parts: StreamParts
  readonly #users = new Set<StreamUser>()
  #stream: MediaStream | undefined
  #opening: Promise<void> | undefined
  #opened = ''

  constructor(parts: StreamParts) {
    this.#parts = parts
    parts.settings.follow(() => {
      if (this.#users.size > 0 && this.#opened !== this.#wanted()) this.again()
    })
    // A device that was taken away, or brought, may change which one there is.
    navigator.mediaDevices?.addEventListener('devicechange', () => {
      if (this.#users.size > 0 && this.#stream?.getTracks()[0]?.readyState !== 'live') this.again()
    })
  }

  /** From now on `user` has the stream, and every later one; returns how to give it back. */
  use(user: StreamUser): () => void {
    this.#users.add(user)
    if (this.#stream) user(this.#stream, undefined)
    else this.#opening ??= this.#open()
    return () => {
      if (this.#users.delete(user) && this.#users.size === 0) this.#close()
    }
  }

  /** Resolves when it is known whether there is a device. */
  async ready(): Promise<void> {
    await this.#opening
  }

  /** Asks for it once more. */
  again(): void {
    this.#opening = this.#open()
  }

  /** Hears of the stream that there is from now on. */
  protected took(_stream: MediaStream | undefined): void {}

  #wanted(): string {
    return JSON.stringify(this.#parts.constraints(this.#parts.settings.current))
  }

  async #open(): Promise<void> {
    const { constraints, settings } = this.#parts
    this.#opened = this.#wanted()
    try {
      // Not there at all where the page is not secure.
      if (!navigator.mediaDevices) throw new DOMException('no secure context', 'insecure')
      this.#take(await navigator.mediaDevices.getUserMedia(constraints(settings.current)))
    } catch (error) {
      this.#take(undefined, error instanceof DOMException ? error.name : 'unknown')
    } finally {
      this.#opening = undefined
    }
  }

  #take(stream: MediaStream | undefined, problem?: string): void {
    this.#close()
    if (this.#users.size === 0) return stopAll(stream)
    this.#stream = stream
    if (stream) this.took(stream)
    stream?.getTracks()[0]?.addEventListener('ended', () => {
      if (this.#stream !== stream) return
      if (this.#parts.looksOn) this.again()
      else this.#take(undefined, 'NotFoundError')
    })
    for (const user of this.#users) user(stream, problem)
  }

  #close(): void {
    this.took(undefined)
    stopAll(this.#stream)
    this.#stream = undefined
  }
}

function stopAll(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop()
}
