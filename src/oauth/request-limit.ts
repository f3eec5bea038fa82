/** How often somebody may ask: so many requests in a minute. */
import type { Clock } from '../runtime.ts'

/** Milliseconds. */
const WINDOW = 60_000

interface Asker {
  readonly since: number
  count: number
}

/** Counts requests by who makes them, in windows that begin with the first one. */
export class RequestLimit {
  readonly #limit: number
  readonly #clock: Clock
  readonly #memory: number
  /** In the order in which their windows began. */
  readonly #askers = new Map<string, Asker>()

  /**
   * @param limit requests in a minute; 0 for no limit
   * @param memory how many askers are remembered; of more, those that began first are forgotten
   */
  constructor(limit: number, clock: Clock, memory = 10_000) {
    this.#limit = limit
    this.#clock = clock
    this.#memory = memory
  }

  /** Counts one request. @returns the seconds after which to ask again, if it is one too many */
  count(asker: string): number | undefined {
    if (this.#limit === 0) return undefined
    const now = this.#clock.now()
    const known = this.#askers.get(asker)
    if (!known || now - known.since >= WINDOW) {
      this.#askers.delete(asker)
      this.#askers.set(asker, { since: now, count: 1 })
      const [first] = this.#askers.keys()
      if (this.#askers.size > this.#memory && first !== undefined) this.#askers.delete(first)
      return undefined
    }
    if (known.count < this.#limit) {
      known.count++
      return undefined
    }
    return Math.ceil((known.since + WINDOW - now) / 1000)
  }
}
