/** One request to a bot and its whole answer, within bounds. */
import type { Agent, Dispatcher } from 'undici'

/** A bot's answer, as far as it was read. */
export interface Reply {
  readonly status: number
  readonly location: string | undefined
  readonly text: string
}

/**
 * A request that can be given up at any moment, also while it waits for a connection: whoever waits for the answer hears
 * of that at once.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly reply: Promise<Reply>
  #settle!: { readonly resolve: (reply: Reply) => void; readonly reject: (fault: unknown) => void }
  #controller: Dispatcher.DispatchController | undefined
  #over = false
  #status = 0
  #location: string | undefined
  readonly #chunks: Buffer[] = []
  #size = 0
  readonly #mostRead: number

  /** @param mostRead bytes of the answer; of a longer one the beginning is read */
  constructor(agent: Agent, url: URL, headers: Readonly<Record<string, string>>, body: string, mostRead: number) {
    this.#mostRead = mostRead
    this.reply = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    const { origin, pathname, search } = url
    agent.dispatch({ origin, path: pathname + search, method: 'POST', headers, body }, this)
  }

  /** Gives up. */
  abort(reason: Error): void {
    if (this.#over) return
    this.#over = true
    this.#settle.reject(reason)
    this.#controller?.abort(reason)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#over) controller.abort(new Error('given up before it began'))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    const { location } = headers
    this.#status = status
    this.#location = typeof location === 'string' ? location : undefined
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    if (this.#size <= this.#mostRead) return
    this.#finish()
    controller.abort(new Error('the answer is too long'))
  }

  onResponseEnd(): void {
    this.#finish()
  }

  onResponseError(_controller: Dispatcher.DispatchController, fault: Error): void {
    if (this.#over) return
    this.#over = true
    this.#settle.reject(fault)
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    const text = this.#size === 0 ? '' : Buffer.concat(this.#chunks).toString('utf8')
    this.#settle.resolve({ status: this.#status, location: this.#location, text })
  }
}
