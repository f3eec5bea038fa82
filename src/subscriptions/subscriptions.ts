/** Who has subscribed to call records and recordings, for how long, and what each must hear. */
import type { RecordChange } from '../records/records.ts'
import type { CallRecord } from '../records/record.ts'
import type { Activity, Cancel, Clock, Ids } from '../runtime.ts'
import type { Document, Documents } from '../store/store.ts'
import type { Courier } from './courier.ts'
import { documentOf } from './courier.ts'
import type { ChangeNotification, LifecycleEvent, RecordingNews, Subscription } from './subscription.ts'
import { changeBody, lifecycleBody, permissions, recordingBody, watches } from './subscription.ts'

/** Whether an application may still hear of records: it lost the permission, or is gone from the directory. */
export type Standing = 'good' | 'barred' | 'gone'

/** What the subscriptions work with. */
export interface SubscriptionsParts {
  readonly documents: Documents
  readonly clock: Clock
  readonly ids: Ids
  readonly activity: Activity
  readonly courier: Courier
  readonly standing: (appId: string, permission: string) => Standing
  /** Subscriptions of one application. */
  readonly mostPerApplication: number
  /** How long before its expiry a subscription asks to be renewed, in milliseconds. */
  readonly warning: number
  readonly onFault: (fault: unknown) => void
}

/** What a notification says. */
type News = Pick<ChangeNotification, 'event' | 'body' | 'recordId' | 'recordingId'>

const KIND = 'subscription'
const PAGE = 1000

export class Subscriptions {
  readonly #parts: SubscriptionsParts
  readonly #byId = new Map<string, Subscription>()
  readonly #timers = new Map<string, Cancel>()
  #closed = false

  constructor(parts: SubscriptionsParts) {
    this.#parts = parts
  }

  /** Takes up what was kept, and what is still to be delivered. */
  async start(): Promise<void> {
    let after: Pick<Document, 'at' | 'key'> | undefined
    for (;;) {
      const page = await this.#parts.documents.list({ kind: KIND, limit: PAGE, ...(after && { after }) })
      for (const { value } of page) this.#hold(value as Subscription)
      after = page.at(-1)
      if (page.length < PAGE) break
    }
    await this.#parts.courier.start()
  }

  /** An application's subscriptions, the oldest first; all of them without one. */
  list(appId?: string): readonly Subscription[] {
    return [...this.#byId.values()].filter((one) => appId === undefined || one.appId === appId)
  }

  /** An application's own subscription. */
  get(id: string, appId: string): Subscription | undefined {
    const found = this.#byId.get(id)
    return found?.appId === appId ? found : undefined
  }

  /** Whether an application may have one more. */
  hasRoom(appId: string): boolean {
    return this.list(appId).length < this.#parts.mostPerApplication
  }

  /** Keeps a new or changed subscription; that its application once lacked the permission is over. */
  async save({ barred: _, ...subscription }: Subscription): Promise<Subscription> {
    await this.#put(subscription)
    return subscription
  }

  /** Ends a subscription; what waits for it is given up. */
  async remove(id: string): Promise<void> {
    this.#byId.delete(id)
    this.#disarm(id)
    this.#parts.courier.drop(id)
    await this.#parts.documents.remove(KIND, id)
  }

  /** The notifications that are owed for a record, to be committed with it. */
  announce = ({ id: recordId, tenantId }: CallRecord, change: RecordChange): readonly Document[] =>
    this.#owe(
      tenantId,
      ({ watched, changeTypes }) => (watched?.type ?? 'callRecords') === 'callRecords' && changeTypes.includes(change),
      (one) => ({ event: change, body: changeBody(one, change, recordId), recordId }),
    )

  /** The notifications that are owed for a recording, to be committed with it. */
  announceRecording = (recording: RecordingNews): readonly Document[] =>
    this.#owe(
      recording.tenantId,
      ({ watched }) => watches(watched, recording),
      (one) => ({ event: 'created', body: recordingBody(one, recording), recordingId: recording.id }),
    )

  /** What is owed to the subscriptions of a tenant that want it; who may not hear of it any more is told so. */
  #owe(
    tenantId: string,
    wants: (subscription: Subscription) => boolean,
    tell: (subscription: Subscription) => News,
  ): readonly Document[] {
    const owed: Document[] = []
    for (const subscription of this.#byId.values()) {
      if (subscription.tenantId !== tenantId || !wants(subscription)) continue
      const permission = permissions[subscription.watched?.type ?? 'callRecords']
      const standing = this.#parts.standing(subscription.appId, permission)
      if (standing === 'good') {
        owed.push(documentOf(this.#notification(subscription, subscription.notificationUrl, tell(subscription))))
      } else if (standing === 'gone') this.#later(() => this.#removeOrphan(subscription))
      else if (subscription.barred !== true) this.#later(() => this.#bar(subscription))
    }
    return owed
  }

  /** Takes committed notifications over for delivery. */
  deliver = (documents: readonly Document[]): void => this.#parts.courier.take(documents)

  close(): void {
    this.#closed = true
    for (const cancel of this.#timers.values()) cancel()
    this.#parts.courier.close()
  }

  /** Forgets all of them; for a reset of the store. */
  forget(): void {
    for (const id of this.#byId.keys()) this.#disarm(id)
    this.#byId.clear()
    this.#parts.courier.forget()
  }

  async #put(subscription: Subscription): Promise<void> {
    const { id: key, tenantId, appId, createdAt: at } = subscription
    await this.#parts.documents.put({ kind: KIND, key, owner: `${tenantId}/${appId}`, at, value: subscription })
    this.#hold(subscription)
  }

  #hold(subscription: Subscription): void {
    this.#byId.set(subscription.id, subscription)
    this.#arm(subscription)
  }

  /** Waits for what comes next in a subscription's life: the warning, if somebody wants it, or the expiry. */
  #arm(subscription: Subscription): void {
    const { id, expiresAt, lifecycleNotificationUrl, warnedOf } = subscription
    this.#disarm(id)
    if (this.#closed) return
    const warns = lifecycleNotificationUrl !== undefined && warnedOf !== expiresAt
    const at = warns ? expiresAt - this.#parts.warning : expiresAt
    const step = warns ? () => this.#warn(subscription) : () => this.remove(id)
    this.#timers.set(
      id,
      this.#parts.clock.schedule(at, () => this.#later(step)),
    )
  }

  #disarm(id: string): void {
    this.#timers.get(id)?.()
    this.#timers.delete(id)
  }

  #warn(subscription: Subscription): Promise<void> {
    return this.#tell(subscription, 'reauthorizationRequired', { ...subscription, warnedOf: subscription.expiresAt })
  }

  #bar(subscription: Subscription): Promise<void> {
    return this.#tell(subscription, 'reauthorizationRequired', { ...subscription, barred: true })
  }

  #removeOrphan(subscription: Subscription): Promise<void> {
    return this.#tell(subscription, 'subscriptionRemoved', undefined)
  }

  /**
   * Records a step of a subscription's life and what its application hears of it, if it wants to, in one transaction.
   * @param after what the subscription is from now on, if it is any more
   */
  async #tell(subscription: Subscription, event: LifecycleEvent, after: Subscription | undefined): Promise<void> {
    const { id, lifecycleNotificationUrl: url } = subscription
    // Somebody may have changed or removed it since, or told of it already.
    if (this.#byId.get(id) !== subscription) return
    if (after) this.#hold(after)
    const document =
      url === undefined
        ? undefined
        : documentOf(this.#notification(subscription, url, { event, body: lifecycleBody(subscription, event) }))
    await Promise.all([after ? this.#put(after) : this.remove(id), document && this.#parts.documents.put(document)])
    if (document) this.#parts.courier.take([document])
  }

  #notification({ id: subscriptionId, appId, tenantId }: Subscription, url: string, news: News): ChangeNotification {
    const { ids, clock } = this.#parts
    return {
      id: ids.guid(),
      subscriptionId,
      appId,
      tenantId,
      url,
      ...news,
      createdAt: clock.now(),
      state: 'pending',
      attempts: 0,
      tries: [],
    }
  }

  /** Does something that nobody waits for. */
  #later(step: () => Promise<void>): void {
    if (this.#closed) return
    this.#parts.activity.track(step()).catch(this.#parts.onFault)
  }
}
