/**
 * Brings change notifications to their subscribers: each for itself, in no order, tried again with growing waits. The
 * outbox of calls has other rules (an order, a token, a conversation that hears of failures) and is kept apart.
 */
import { backOff } from '../notifications/back-off.ts'
import type { Poster } from '../notifications/post.ts'
import type { Activity, Cancel, Clock } from '../runtime.ts'
import type { Document, Documents } from '../store/store.ts'
import type { ChangeNotification, Try } from './subscription.ts'

/** What the courier works with. Durations are milliseconds. */
export interface CourierParts {
  readonly documents: Documents
  readonly clock: Clock
  readonly activity: Activity
  readonly poster: Poster
  readonly limits: {
    /** The longest wait between two tries. */
    readonly retryLimit: number
    /** How long a notification is tried. */
    readonly giveUp: number
    /** Notifications that wait at once. */
    readonly queue: number
  }
  readonly onFault: (fault: unknown) => void
}

const KIND = 'changeNotification'
/** Tries that are remembered of one notification. */
const MOST_TRIES = 20
const PAGE = 1000
/** What Graph says of itself. */
const HEADERS = { accept: '*/*', 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Rollcall' } as const

/** A notification as it is kept. */
export function documentOf(notification: ChangeNotification): Document {
  const { id: key, subscriptionId: owner, createdAt: at } = notification
  return { kind: KIND, key, owner, at, value: notification }
}

interface Waiting {
  notification: ChangeNotification
  cancel: Cancel | undefined
}

export class Courier {
  readonly #parts: CourierParts
  readonly #waiting = new Map<string, Waiting>()
  #closed = false

  constructor(parts: CourierParts) {
    this.#parts = parts
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Goes on with what was left when the process stopped. */
  async start(): Promise<void> {
    let after: Pick<Document, 'at' | 'key'> | undefined
    for (;;) {
      const page = await this.#parts.documents.list({ kind: KIND, limit: PAGE, ...(after && { after }) })
      this.take(page)
      after = page.at(-1)
      if (page.length < PAGE) return
    }
  }

  /** Takes over notifications that were kept. */
  take(documents: readonly Document[]): void {
    for (const { kind, value } of documents) {
      const notification = value as ChangeNotification
      if (kind !== KIND || notification.state !== 'pending') continue
      if (this.#waiting.size < this.#parts.limits.queue) {
        const waiting = { notification, cancel: undefined }
        this.#waiting.set(notification.id, waiting)
        this.#arm(waiting)
      } else
        this.#keep({ ...notification, state: 'dead', reason: 'too many wait (option changeNotificationQueueLimit)' })
    }
  }

  /** Gives up what waits for a subscription that is no more; its own end is still told. */
  drop(subscriptionId: string): void {
    for (const { notification, cancel } of this.#waiting.values()) {
      if (notification.subscriptionId !== subscriptionId || notification.event === 'subscriptionRemoved') continue
      cancel?.()
      this.#waiting.delete(notification.id)
      this.#keep({ ...notification, state: 'dead', reason: 'its subscription is no more' })
    }
  }

  /** Starts no further tries. */
  close(): void {
    this.#closed = true
    for (const { cancel } of this.#waiting.values()) cancel?.()
  }

  /** Forgets what waits; for a reset of the store. */
  forget(): void {
    for (const { cancel } of this.#waiting.values()) cancel?.()
    this.#waiting.clear()
  }

  #arm(waiting: Waiting): void {
    const { clock, activity } = this.#parts
    const at = waiting.notification.nextTryAt ?? clock.now()
    const go = (): void => {
      waiting.cancel = undefined
      void activity.track(this.#try(waiting))
    }
    if (at <= clock.now()) go()
    else waiting.cancel = clock.schedule(at, go)
  }

  async #try(waiting: Waiting): Promise<void> {
    if (this.#closed) return
    const { poster, clock, limits, documents, onFault } = this.#parts
    const { notification } = waiting
    const { id, url, appId, body, createdAt } = notification
    const at = clock.now()
    const outcome = await poster.post({ url, appId, body, headers: HEADERS, mayRedirect: false, handshake: false })
    if (this.#waiting.get(id) !== waiting) return
    const { status, error, latency } = outcome
    const attempts = notification.attempts + 1
    const wait = backOff(attempts, limits.retryLimit)
    const hopeless = clock.now() + wait - createdAt > limits.giveUp
    const delivered = error === undefined
    const made: Try = { at, latency, ...(status !== undefined && { status }), ...(error !== undefined && { error }) }
    const { nextTryAt: _, ...rest } = notification
    const after: ChangeNotification = {
      ...rest,
      state: delivered ? 'delivered' : hopeless ? 'dead' : 'pending',
      attempts,
      tries: [...notification.tries, made].slice(-MOST_TRIES),
      ...(!delivered && hopeless && { reason: `it was tried for as long as it may be: ${error}` }),
      ...(!delivered && !hopeless && { nextTryAt: clock.now() + wait }),
    }
    waiting.notification = after
    try {
      await documents.put(documentOf(after))
    } catch (fault) {
      // It was not recorded: after a restart it may come once more.
      onFault(fault)
    }
    if (this.#waiting.get(id) !== waiting) return
    if (after.state === 'pending' && !this.#closed) this.#arm(waiting)
    else this.#waiting.delete(id)
  }

  #keep(notification: ChangeNotification): void {
    const { activity, documents, onFault } = this.#parts
    activity.track(documents.put(documentOf(notification))).catch(onFault)
  }
}
