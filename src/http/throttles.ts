/** Throttling on demand: the next requests of a kind are answered 429, so that a bot's way of trying again can be tested. */

/** What is to be throttled, and how often still. */
export interface Throttle {
  readonly id: string
  /** Of which application; of any if it is not said. */
  readonly appId?: string
  /** Which published operation; any if it is not said. */
  readonly operation?: string
  /** Requests that are still to be refused. */
  readonly remaining: number
  /** Seconds for `Retry-After`. */
  readonly retryAfter: number
}

/** The throttles that are set: in memory, gone with the process. */
export class Throttles {
  readonly #limit: number
  #set: Throttle[] = []

  /** @param limit how many may be set at once */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** @returns whether there was room */
  add(throttle: Throttle): boolean {
    if (this.#set.length >= this.#limit) return false
    this.#set.push(throttle)
    return true
  }

  list(): readonly Throttle[] {
    return this.#set
  }

  /** @returns whether it was set */
  remove(id: string): boolean {
    const before = this.#set.length
    this.#set = this.#set.filter((one) => one.id !== id)
    return this.#set.length < before
  }

  clear(): void {
    this.#set = []
  }

  /** The oldest throttle that a request meets, which has one request less to refuse from now on. */
  meet(appId: string, operation: string | undefined): Throttle | undefined {
    const met = this.#set.find(
      (one) =>
        (one.appId ?? appId) === appId &&
        (one.operation === undefined || one.operation.toLowerCase() === operation?.toLowerCase()),
    )
    if (!met) return undefined
    this.#set = this.#set.flatMap((one) => {
      if (one !== met) return [one]
      return met.remaining > 1 ? [{ ...one, remaining: one.remaining - 1 }] : []
    })
    return met
  }
}
