/** The control API as the console speaks to it: with the admin key, once somebody has given it. */

/** What the server has answered. */
export type Told =
  | { readonly state: 'told'; readonly body: unknown }
  /** It takes the admin key, and has not got the right one. */
  | { readonly state: 'locked'; readonly explanation: string }
  | { readonly state: 'refused'; readonly explanation: string }

/** What it works with: the browser's own, or a test's. */
export interface ControlBase {
  /** The page's own address; control is beside it, whatever stands before both. */
  readonly address: URL
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
}

const KEY = 'rollcall.adminKey'

/** Whether a text can be sent as a bearer token at all. */
export function isKey(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}

/** See the head of this file. The key is kept for as long as the tab lasts, and is in no address. */
export class Control {
  readonly #base: ControlBase

  constructor(base: ControlBase) {
    this.#base = base
  }

  get hasKey(): boolean {
    return this.#base.storage.getItem(KEY) !== null
  }

  setKey(key: string): void {
    this.#base.storage.setItem(KEY, key)
  }

  forgetKey(): void {
    this.#base.storage.removeItem(KEY)
  }

  /** Where something of control is. @param path below `/control/` */
  url(path: string): URL {
    return new URL(`../control/${path}`, new URL('.', this.#base.address))
  }

  /** Asks for something. @param path as above @throws Error if the server cannot be reached, or is none that has this */
  async get(path: string, signal?: AbortSignal): Promise<Told> {
    const key = this.#base.storage.getItem(KEY)
    const response = await this.#base.fetch(this.url(path), {
      headers: key === null ? {} : { authorization: `Bearer ${key}` },
      ...(signal && { signal }),
    })
    const explanation = response.headers.get('rollcall-explanation')
    if (response.status === 401) return { state: 'locked', explanation: explanation ?? 'Control takes a key.' }
    if (response.ok) return { state: 'told', body: await response.json() }
    if (explanation === null) throw new Error(`it answers ${response.status}`)
    return { state: 'refused', explanation }
  }
}
