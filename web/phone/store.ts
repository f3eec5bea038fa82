/** The page's state, and who follows it. */
import { initialState, type PhoneEvent, type PhoneState, reduce } from './state.ts'

/** Holds the state; every change goes through `reduce`. */
export class PhoneStore {
  readonly #listeners = new Set<() => void>()
  #state: PhoneState = initialState

  get state(): PhoneState {
    return this.#state
  }

  readonly dispatch = (event: PhoneEvent): void => {
    this.#state = reduce(this.#state, event)
    for (const listener of this.#listeners) listener()
  }

  /** Calls `listener` after each change; returns how to stop that. */
  readonly follow = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
