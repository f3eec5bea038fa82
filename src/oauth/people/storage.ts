/**
 * What the sign-in of people remembers: who is in the middle of signing in, and which codes were given. In memory, because
 * all of it is over within minutes: after a restart somebody clicks once more. Each kind has its own bound, and the
 * oldest of a full kind gives way.
 */
import type { Adapter, AdapterPayload } from 'oidc-provider'
import type { Clock } from '../../runtime.ts'

/** Seconds that something lasts which says nothing of it. */
const LASTS = 3600

interface Kept {
  readonly payload: AdapterPayload
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** Makes the storage of each kind of thing (`Session`, `Interaction`, `AuthorizationCode` and so on). */
export function signInStorage(clock: Clock, limit: number): (kind: string) => Adapter {
  const kinds = new Map<string, Shelf>()
  return (kind) => {
    const shelf = kinds.get(kind) ?? new Shelf(clock, limit)
    kinds.set(kind, shelf)
    return {
      upsert: (id, payload, expiresIn) => settle(shelf.put(id, payload, expiresIn)),
      find: (id) => settle(shelf.get(id)),
      findByUid: (uid) => settle(shelf.findBy((payload) => payload.uid === uid)),
      findByUserCode: () => settle(undefined),
      consume: (id) => settle(shelf.consume(id)),
      destroy: (id) => settle(shelf.remove(id)),
      // Codes are one shelf and grants another; whatever a grant has led to goes with it.
      revokeByGrantId: (grantId) => {
        for (const one of kinds.values()) one.removeBy((payload) => payload.grantId === grantId)
        return settle(undefined)
      },
    }
  }
}

function settle<T>(value: T): Promise<T> {
  return Promise.resolve(value)
}

/** Things of one kind, in the order in which they came. */
class Shelf {
  readonly #clock: Clock
  readonly #limit: number
  readonly #kept = new Map<string, Kept>()

  constructor(clock: Clock, limit: number) {
    this.#clock = clock
    this.#limit = limit
  }

  put(id: string, payload: AdapterPayload, seconds: number | undefined): void {
    this.#kept.delete(id)
    this.#kept.set(id, { payload, until: this.#clock.now() + (seconds ?? LASTS) * 1000 })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > this.#limit && oldest !== undefined) this.#kept.delete(oldest)
  }

  get(id: string): AdapterPayload | undefined {
    const kept = this.#kept.get(id)
    if (!kept || kept.until > this.#clock.now()) return kept?.payload
    this.#kept.delete(id)
    return undefined
  }

  findBy(is: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const [id, { payload }] of this.#kept) if (is(payload)) return this.get(id)
    return undefined
  }

  consume(id: string): void {
    const kept = this.#kept.get(id)
    if (kept) {
      const consumed = Math.floor(this.#clock.now() / 1000)
      this.#kept.set(id, { ...kept, payload: { ...kept.payload, consumed } })
    }
  }

  remove(id: string): void {
    this.#kept.delete(id)
  }

  removeBy(is: (payload: AdapterPayload) => boolean): void {
    for (const [id, { payload }] of this.#kept) if (is(payload)) this.#kept.delete(id)
  }
}
