/**
 * The way out: committed notifications leave in order per call, at least once, and no bot's trouble delays another's.
 *
 *     waiting ──turn comes──► trying ──2xx──► delivered, next one
 *        ▲                      │
 *        └──── back-off ◄───────┤ refused, no answer
 *                               └──410, or tried for deliveryGiveUp──► dead, next one
 */
import type { DeliveryReport, JoiningAnswered } from '../calls/commands.ts'
import type { Notification, NotificationRef } from '../calls/notification.ts'
import type { JoiningAnswer } from '../calls/recorder.ts'
import { dialectOf } from '../graph/dialects/dialects.ts'
import { readJoiningAnswer } from '../graph/wire/recorder.ts'
import type { Activity, Cancel, Clock, Sequence } from '../runtime.ts'
import type { Attempt, Delivery, Store } from '../store/store.ts'
import { backOff } from './back-off.ts'
import type { Outcome, Poster } from './post.ts'
import { LONGEST_ANSWER } from './post.ts'
import type { Signer } from './signing.ts'

/** The bounds of delivery; durations in milliseconds. */
export interface OutboxLimits {
  /** The longest wait between two tries. */
  readonly retryLimit: number
  /** How long a notification is tried. */
  readonly giveUp: number
  /** Waiting notifications per call that are held in memory; the rest wait in the store. */
  readonly queue: number
  /** How long a recorder may take to answer whether it records one more person. */
  readonly recordingAnswer: number
}

/** What the outbox works with. */
export interface OutboxParts {
  readonly store: Store
  readonly clock: Clock
  readonly sequence: Sequence
  readonly activity: Activity
  readonly sign: Signer
  readonly poster: Poster
  readonly limits: OutboxLimits
  /** The server's public address, without a slash at the end. */
  readonly baseUrl: () => string
  /** Several waiting notifications of one call share a POST. */
  readonly batch: boolean
  /** Whether an application answers the announcement of a call with 204 to get it once more. */
  readonly shakesHands: (appId: string) => boolean
  /** Tells a conversation how the announcement of an incoming call fares, and what a recorder answered. */
  readonly report: (conversationId: string, report: DeliveryReport | JoiningAnswered) => void
  /** What is wrong with an address for notifications that a bot named, if anything. */
  readonly callbackProblem: (uri: string, appId: string) => string | undefined
  readonly onAttempt: (attempt: Attempt, delivery: Delivery) => void
  readonly onFault: (fault: unknown, callId: string) => void
}

/** Characters of a recorder's answer that are read; longer ones are not usable. */
const LONGEST_JOINING_ANSWER = 8192

/** The most notifications that share one POST. */
const MOST_IN_BATCH = 20

/** What waits for one call. */
interface Queue {
  readonly callId: string
  deliveries: Delivery[]
  busy: boolean
  /** Set while the head waits for its next try. */
  cancelRetry: Cancel | undefined
  /** What a failed POST carried: its next try carries the same. */
  current: { readonly size: number; readonly body: string } | undefined
  /** Further deliveries are in the store, not in memory. */
  overflow: boolean
  /** How many were left to the store so far. */
  left: number
  /** What others wait for: that these were tried, or that this queue is stuck. */
  readonly waiters: { readonly number: number; readonly resolve: () => void }[]
}

/** Headers that every notification carries (contract: behaviour, callback request). */
const FIXED_HEADERS = {
  accept: 'application/json',
  'content-type': 'application/json; charset=utf-8',
  'user-agent': 'Microsoft-Skype/3.0,(Calling/1.0)',
} as const

export class Outbox {
  readonly #parts: OutboxParts
  readonly #queues = new Map<string, Queue>()
  #closed = false

  constructor(parts: OutboxParts) {
    this.#parts = parts
  }

  /** How many notifications wait in memory. */
  get waiting(): number {
    let sum = 0
    for (const queue of this.#queues.values()) sum += queue.deliveries.length
    return sum
  }

  /** Takes over what was left when the process stopped. */
  async start(): Promise<void> {
    for (const callId of await this.#parts.store.pendingCalls()) {
      const queue = this.#queue(callId)
      queue.overflow = true
      this.#work(queue)
    }
  }

  /** Takes over committed notifications. */
  handOver(deliveries: readonly Delivery[]): void {
    const queues = new Set<Queue>()
    for (const delivery of deliveries) {
      const queue = this.#queue(delivery.notification.callId)
      queues.add(queue)
      if (queue.overflow || queue.deliveries.length >= this.#parts.limits.queue) {
        queue.overflow = true
        queue.left++
      } else queue.deliveries.push(delivery)
    }
    // Only now: what came together may share a POST, or wait for each other.
    for (const queue of queues) if (!queue.busy && !queue.cancelRetry) this.#work(queue)
  }

  /**
   * The bytes of a delivery: those that were kept, because its first try failed or several notifications shared its POST;
   * otherwise they are made again from the committed notification, which gives the same as long as the server has the same
   * version and public address.
   */
  bodyOf({ body, notification }: Delivery): string {
    return body ?? this.#encode([notification])
  }

  /** Sends the bytes of a delivery once more, here or to another address; recorded, without effect on its state. */
  async replay(delivery: Delivery, url = delivery.notification.callbackUri): Promise<Attempt> {
    const body = this.bodyOf(delivery)
    const outcome = await this.#post(delivery.notification, delivery.id, url, body)
    const number = delivery.attempts + 1
    const attempt = this.#attempt(delivery, number, outcome, true)
    await this.#parts.store.saveAttempt(attempt)
    this.#parts.onAttempt(attempt, delivery)
    return attempt
  }

  /** Starts no further tries. */
  close(): void {
    this.#closed = true
    for (const queue of this.#queues.values()) {
      queue.cancelRetry?.()
      release(queue)
    }
  }

  /** Forgets what waits; for a reset of the store. */
  forget(): void {
    for (const queue of this.#queues.values()) {
      queue.cancelRetry?.()
      queue.deliveries = []
      queue.overflow = false
      release(queue)
    }
    this.#queues.clear()
  }

  #queue(callId: string): Queue {
    let queue = this.#queues.get(callId)
    if (!queue) {
      queue = {
        callId,
        deliveries: [],
        busy: false,
        cancelRetry: undefined,
        current: undefined,
        overflow: false,
        left: 0,
        waiters: [],
      }
      this.#queues.set(callId, queue)
    }
    return queue
  }

  #work(queue: Queue): void {
    if (this.#closed || queue.busy) return
    queue.busy = true
    queue.cancelRetry = undefined
    const work = this.#workThrough(queue).finally(() => {
      queue.busy = false
      const idle = queue.deliveries.length === 0 && !queue.overflow && !queue.cancelRetry
      if (idle && this.#queues.get(queue.callId) === queue) this.#queues.delete(queue.callId)
      if (idle || queue.cancelRetry) release(queue)
      else this.#work(queue)
    })
    void this.#parts.activity.track(work)
  }

  /** Delivers one after the other until none is left or one has to wait. */
  async #workThrough(queue: Queue): Promise<void> {
    while (!this.#closed) {
      try {
        if (queue.deliveries.length === 0 && queue.overflow) await this.#refill(queue)
        const [head] = queue.deliveries
        if (!head) return
        if (head.notification.after && head.attempts === 0) await this.#tried(head.notification.after)
        if (!(await this.#try(queue, this.#batchOf(queue)))) return
      } catch (fault) {
        // The store failed: try again later, nothing is lost.
        this.#parts.onFault(fault, queue.callId)
        this.#retryLater(queue, this.#parts.limits.retryLimit)
        return
      }
    }
  }

  async #refill(queue: Queue): Promise<void> {
    const { store, limits } = this.#parts
    const { left } = queue
    queue.current = undefined
    const found = await store.pending({ callId: queue.callId, limit: limits.queue })
    queue.deliveries = [...found]
    // What was left to the store meanwhile may not be among them.
    queue.overflow = found.length === limits.queue || queue.left > left
  }

  /** What the next POST carries: after a failure the same as before. */
  #batchOf({ deliveries, current }: Queue): readonly Delivery[] {
    const [head] = deliveries
    if (current) return deliveries.slice(0, current.size)
    if (!head || !this.#parts.batch || head.body !== undefined || isQuestion(head.notification))
      return deliveries.slice(0, 1)
    const others = deliveries
      .slice(1, MOST_IN_BATCH)
      .filter(({ notification }) => notification.after === undefined && !isQuestion(notification))
      .filter(({ notification }) => notification.callbackUri === head.notification.callbackUri)
    return [head, ...others].filter((one, index) => one === deliveries[index])
  }

  /** Resolves once another call's notification was tried, or that call's queue is stuck or gone. */
  #tried({ callId, number }: NotificationRef): Promise<void> {
    const queue = this.#queues.get(callId)
    const awaited = queue?.deliveries.find(({ notification }) => notification.number === number)
    if (!queue || !awaited || awaited.attempts > 0 || queue.cancelRetry || this.#closed) return Promise.resolve()
    return new Promise((resolve) => queue.waiters.push({ number, resolve }))
  }

  /** One try of the head and what shares its POST. @returns whether the queue can go on */
  async #try(queue: Queue, batch: readonly Delivery[]): Promise<boolean> {
    const { clock, store, limits } = this.#parts
    const [head] = batch
    if (!head) return false
    const body = queue.current?.body ?? head.body ?? this.#encode(batch.map(({ notification }) => notification))
    const at = clock.now()
    const outcome = await this.#postOnce(head, body)
    if (!this.#isCurrent(queue, head)) return false
    const delivered = outcome.error === undefined
    const firstAttemptAt = head.firstAttemptAt ?? at
    const once = isQuestion(head.notification)
    const hopeless = once || outcome.status === 410 || clock.now() - firstAttemptAt >= limits.giveUp
    const state = delivered ? 'delivered' : hopeless ? 'dead' : 'pending'
    const settled = delivered || hopeless
    queue.current = settled ? undefined : { size: batch.length, body }
    // What was taken at the first try can be made again from its notification.
    const keepsBody = !delivered || head.body !== undefined || batch.length > 1
    await Promise.all(
      batch.map((one) => {
        const number = one.attempts + 1
        const attempt = this.#attempt(one, number, outcome, false)
        const after: Delivery = {
          ...one,
          state,
          attempts: number,
          firstAttemptAt: one.firstAttemptAt ?? at,
          ...(keepsBody && { body }),
          ...(settled && { settledAt: clock.now() }),
        }
        const index = queue.deliveries.indexOf(one)
        if (index >= 0) queue.deliveries[index] = after
        this.#parts.onAttempt(attempt, after)
        this.#reportIncoming(one, outcome, hopeless)
        if (once) this.#reportAnswer(one, outcome)
        return store.saveAttempt(attempt, after)
      }),
    )
    if (!settled) {
      this.#retryLater(queue, backOff(head.attempts + 1, limits.retryLimit))
      return false
    }
    queue.deliveries.splice(0, batch.length)
    release(queue, head.notification.number + batch.length - 1)
    return true
  }

  /** A question to a recorder is worth nothing once its time is over: then it is not sent at all. */
  #postOnce({ notification, id, createdAt }: Delivery, body: string): Promise<Outcome> {
    const { clock, limits } = this.#parts
    const url = notification.callbackUri
    const left = createdAt + limits.recordingAnswer - clock.now()
    if (!isQuestion(notification) || left > 0) return this.#post(notification, id, url, body)
    const error = 'earlier notifications of the call took longer than the answer may (option recordingAnswerTimeout)'
    return Promise.resolve({ url, error, latency: 0 })
  }

  /** Whether the queue still exists and this is its head: a reset may have come in between. */
  #isCurrent(queue: Queue, head: Delivery): boolean {
    return this.#queues.get(queue.callId) === queue && queue.deliveries[0] === head
  }

  #retryLater(queue: Queue, wait: number): void {
    const { clock } = this.#parts
    if (this.#closed) return
    queue.cancelRetry = clock.schedule(clock.now() + wait, () => this.#work(queue))
  }

  /** The bytes of a POST: notifications of one call, in the dialect in which it was made. */
  #encode(notifications: readonly Notification[]): string {
    const [first] = notifications
    return JSON.stringify(dialectOf(first?.wireVersion).notifications(notifications, this.#parts.baseUrl()))
  }

  async #post(notification: Notification, id: string, url: string, body: string): Promise<Outcome> {
    const { subject, callChainId, scenarioId } = notification
    const incoming = subject.type === 'call' && subject.phase === 'incoming'
    return this.#parts.poster.post({
      url,
      appId: notification.appId,
      body,
      headers: {
        ...FIXED_HEADERS,
        authorization: await this.#parts.sign(notification.appId, notification.tenantId),
        'client-request-id': id,
        'scenario-id': scenarioId,
        'x-microsoft-skype-chain-id': callChainId,
        'x-microsoft-skype-message-id': id,
      },
      mayRedirect: incoming,
      handshake: incoming && this.#parts.shakesHands(notification.appId),
      ...(isQuestion(notification) && {
        patience: { time: this.#parts.limits.recordingAnswer, option: 'recordingAnswerTimeout' },
        longestAnswer: LONGEST_JOINING_ANSWER,
      }),
    })
  }

  #attempt(delivery: Delivery, number: number, outcome: Outcome, replay: boolean): Attempt {
    const { clock, sequence } = this.#parts
    const { answer, ...rest } = outcome
    const kept = answer !== undefined && { answer: answer.slice(0, LONGEST_ANSWER) }
    return { deliveryId: delivery.id, number, order: sequence.next(), at: clock.now(), ...rest, ...kept, replay }
  }

  /** What a recorder answered is for the core to act on. */
  #reportAnswer({ notification: { subject, callId, appId }, conversationId }: Delivery, outcome: Outcome): void {
    if (subject.type !== 'participantJoining') return
    const { status = 0, error, url, answer: text = '' } = outcome
    const answer: JoiningAnswer =
      error === undefined
        ? readJoiningAnswer(status, text, (uri) => this.#parts.callbackProblem(uri, appId))
        : { type: 'invalid', detail: `the application that has to record them was asked at ${url}: ${error}` }
    const { participantId } = subject
    this.#parts.report(conversationId, { type: 'JoiningAnswered', callId, participantId, answer })
  }

  /** The core must know whether an application heard of its incoming call. */
  #reportIncoming({ notification, conversationId, attempts }: Delivery, outcome: Outcome, final: boolean): void {
    const { subject, callId } = notification
    if (subject.type !== 'call' || subject.phase !== 'incoming') return
    if (outcome.error !== undefined) {
      const detail = `${outcome.error}, at ${outcome.url}`
      this.#parts.report(conversationId, { type: 'IncomingUndelivered', callId, detail, final })
    } else if (attempts > 0) this.#parts.report(conversationId, { type: 'IncomingDelivered', callId })
  }
}

/** Whether a notification is a question: its answer counts, so it stands alone, and is asked once. */
function isQuestion({ subject }: Notification): boolean {
  return subject.type === 'participantJoining'
}

/** Lets go on who waits for a queue: for all of it, or for notifications up to a number. */
function release(queue: Queue, upTo = Infinity): void {
  for (let index = queue.waiters.length - 1; index >= 0; index--) {
    const waiter = queue.waiters[index]
    if (!waiter || waiter.number > upTo) continue
    queue.waiters.splice(index, 1)
    waiter.resolve()
  }
}
