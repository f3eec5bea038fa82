/** Follows what goes on: asks every few seconds, not while nobody looks, and goes on by itself when the server was away. */
import type { LiveConversation, LiveFilter, LiveView } from '../../src/control/live-view.ts'
import type { Cancel, Runtime } from '../runtime.ts'
import type { Told } from './control.ts'

/** Which of the live conversations are shown. */
export interface Query {
  readonly text: string
  readonly state: LiveFilter | undefined
  readonly limit: number
}

/**
 * How the page stands with the server.
 *
 *     loading ──► live ◄──► lost           what was told last stays
 *        └──────►  └──► locked ──key──► loading
 */
export type Link =
  | { readonly state: 'loading' | 'live' }
  | { readonly state: 'lost'; readonly why: string }
  | { readonly state: 'locked'; readonly explanation: string; readonly given: boolean }

/** Everything that the page shows. */
export interface WatchState {
  readonly link: Link
  readonly query: Query
  readonly view?: LiveView
  /** When `view` came, on the page's clock. */
  readonly at: number
  /** The conversation that somebody looks at, as it was told last; it may be over. */
  readonly chosen?: { readonly conversation: LiveConversation; readonly gone: boolean }
}

/** What it works with. */
export interface WatchParts {
  readonly runtime: Pick<Runtime, 'now' | 'later'>
  /** Asks the server for the live view. @throws Error if it cannot be reached */
  readonly ask: (query: Query, signal: AbortSignal) => Promise<Told>
  readonly hasKey: () => boolean
}

/** Conversations of a page, and at most; the server's bound. */
export const PAGE = 50
export const MOST = 500
/** From one answer to the next question, in milliseconds. */
const INTERVAL = 2000
/** Nobody types faster. */
const TYPING = 250
/** How long an answer may take. */
const PATIENCE = 10_000
/** From one try to the next while the server is away: at first, and at most. */
const AGAIN = 1000
const LATEST_AGAIN = 8000

/** See the head of this file. */
export class Watch {
  readonly #parts: WatchParts
  readonly #listeners = new Set<() => void>()
  #state: WatchState = { link: { state: 'loading' }, query: { text: '', state: undefined, limit: PAGE }, at: 0 }
  #next: Cancel | undefined
  #abort: AbortController | undefined
  #failures = 0
  #hidden = true

  constructor(parts: WatchParts) {
    this.#parts = parts
  }

  get state(): WatchState {
    return this.#state
  }

  /** Calls `listener` after each change; returns how to stop that. */
  readonly follow = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Whether anybody can see the page: nothing is asked while nobody can. It begins with being seen. */
  look(isSeen: boolean): void {
    if (this.#hidden !== isSeen) return
    this.#hidden = !isSeen
    if (isSeen) void this.#ask()
    else this.#drop()
  }

  /** Asks now. */
  retry(): void {
    void this.#ask()
  }

  /** Begins anew, with another key or none. */
  unlock(): void {
    this.#set({ link: { state: 'loading' } })
    void this.#ask()
  }

  /** Shows other conversations. */
  seek(change: Partial<Query>): void {
    this.#set({ query: { ...this.#state.query, limit: PAGE, ...change } })
    if (change.text === undefined) void this.#ask()
    else this.#later(TYPING)
  }

  /** Looks at a conversation, as long as it is wanted; at none, if it is not said which. */
  choose(conversation: LiveConversation | undefined): void {
    const { chosen: _, ...others } = this.#state
    this.#state = { ...others, ...(conversation && { chosen: { conversation, gone: false } }) }
    this.#tell()
  }

  #set(change: Partial<WatchState>): void {
    this.#state = { ...this.#state, ...change }
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  #drop(): void {
    this.#next?.()
    this.#next = undefined
    this.#abort?.abort()
    this.#abort = undefined
  }

  #later(delay: number): void {
    this.#drop()
    if (!this.#hidden) this.#next = this.#parts.runtime.later(delay, () => void this.#ask())
  }

  async #ask(): Promise<void> {
    this.#drop()
    if (this.#hidden) return
    const abort = new AbortController()
    this.#abort = abort
    const tooLong = new Error('it does not answer')
    const cancel = this.#parts.runtime.later(PATIENCE, () => abort.abort(tooLong))
    try {
      const told = await this.#parts.ask(this.#state.query, abort.signal)
      if (this.#abort === abort) this.#hear(told)
    } catch (fault) {
      if (this.#abort === abort) this.#lose(abort.signal.reason === tooLong ? tooLong.message : wordsOf(fault))
    } finally {
      cancel()
    }
  }

  #hear(told: Told): void {
    if (told.state === 'refused') return this.#lose(told.explanation.replace(/\.$/, ''))
    this.#failures = 0
    if (told.state === 'told') {
      const view = told.body as LiveView
      this.#set({ link: { state: 'live' }, view, at: this.#parts.runtime.now(), ...this.#looked(view) })
      return this.#later(INTERVAL)
    }
    // Whoever has no key sees nothing, not even what was there before.
    const { view: _view, chosen: _chosen, ...others } = this.#state
    const { explanation } = told
    this.#state = { ...others, link: { state: 'locked', explanation, given: this.#parts.hasKey() } }
    return this.#tell()
  }

  #looked({ value }: LiveView): Pick<WatchState, 'chosen'> {
    const { chosen } = this.#state
    if (!chosen) return {}
    const found = value.find(({ id }) => id === chosen.conversation.id)
    return { chosen: found ? { conversation: found, gone: false } : { ...chosen, gone: true } }
  }

  #lose(why: string): void {
    this.#set({ link: { state: 'lost', why } })
    this.#later(Math.min(AGAIN * 2 ** this.#failures++, LATEST_AGAIN))
  }
}

/** Browsers say no more of a server that is not there than that. */
function wordsOf(fault: unknown): string {
  if (fault instanceof TypeError) return 'it cannot be reached'
  if (fault instanceof SyntaxError) return 'something else answers in its place'
  return fault instanceof Error ? fault.message : String(fault)
}
