/** A subscription to call records, and what its subscriber is told. Pure. */
import { isoTime } from '../runtime.ts'

/** What of records can be subscribed to. */
export const changeTypes = ['created', 'updated'] as const

/** A change of a record. */
export type ChangeType = (typeof changeTypes)[number]

/** A subscription as kept. Moments are milliseconds since the epoch. */
export interface Subscription {
  readonly id: string
  readonly tenantId: string
  readonly appId: string
  /** As it was given, with or without a leading slash. */
  readonly resource: string
  readonly changeTypes: readonly ChangeType[]
  readonly notificationUrl: string
  readonly lifecycleNotificationUrl?: string
  readonly clientState?: string
  readonly createdAt: number
  readonly expiresAt: number
  /** Set when its application lost the permission, and was told; nothing is sent until it has it again. */
  readonly barred?: true
  /** The expiry of which the application was warned. */
  readonly warnedOf?: number
}

/** What happened in a subscription's own life. */
export type LifecycleEvent = 'reauthorizationRequired' | 'subscriptionRemoved'

/** One try at delivering a notification. */
export interface Try {
  readonly at: number
  readonly status?: number
  readonly error?: string
  /** Real milliseconds. */
  readonly latency: number
}

/**
 * A notification to a subscriber, on its way.
 *
 *     pending ──2xx──► delivered
 *        └──changeNotificationGiveUp is over, the subscription is gone, no room──► dead
 */
export interface ChangeNotification {
  readonly id: string
  readonly subscriptionId: string
  readonly appId: string
  readonly tenantId: string
  readonly url: string
  /** What it tells of, such as `created` or `reauthorizationRequired`. */
  readonly event: ChangeType | LifecycleEvent
  /** The record that it tells of. */
  readonly recordId?: string
  /** The bytes that every try carries. */
  readonly body: string
  readonly createdAt: number
  readonly state: 'pending' | 'delivered' | 'dead'
  readonly attempts: number
  /** The newest tries. */
  readonly tries: readonly Try[]
  readonly nextTryAt?: number
  /** Why it is dead. */
  readonly reason?: string
}

/** The body that tells of a record. */
export function changeBody(subscription: Subscription, changeType: ChangeType, recordId: string): string {
  const resource = `communications/callRecords/${recordId}`
  return envelope(subscription, {
    changeType,
    resource,
    resourceData: { '@odata.type': '#microsoft.graph.callRecords.callRecord', '@odata.id': resource, id: recordId },
  })
}

/** The body that tells of the subscription itself. */
export function lifecycleBody(subscription: Subscription, lifecycleEvent: LifecycleEvent): string {
  return envelope(subscription, { lifecycleEvent, resource: subscription.resource })
}

function envelope(subscription: Subscription, rest: object): string {
  const common = {
    subscriptionId: subscription.id,
    subscriptionExpirationDateTime: isoTime(subscription.expiresAt),
    clientState: subscription.clientState ?? null,
    tenantId: subscription.tenantId,
  }
  return JSON.stringify({ value: [{ ...common, ...rest }] })
}
