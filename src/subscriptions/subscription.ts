/** A subscription to call records, or to recordings of whole calls, and what its subscriber is told. Pure. */
import { isoTime } from '../runtime.ts'

/** What of records can be subscribed to. */
export const changeTypes = ['created', 'updated'] as const

/** A change of a record. */
export type ChangeType = (typeof changeTypes)[number]

/** What is subscribed to. */
export type Watched =
  | { readonly type: 'callRecords' }
  /** Recordings of online meetings: of one, of those that a user organizes, or of all. */
  | { readonly type: 'meetingRecordings'; readonly meetingId?: string; readonly organizerId?: string }
  /** Recordings of calls that are no online meetings: of one chain, of those that count as a user's, or of all. */
  | { readonly type: 'callRecordings'; readonly callChainId?: string; readonly userId?: string }

/** The application permission that each needs. */
export const permissions: Readonly<Record<Watched['type'], string>> = {
  callRecords: 'CallRecords.Read.All',
  meetingRecordings: 'OnlineMeetingRecording.Read.All',
  callRecordings: 'CallRecordings.Read.All',
}

/** A stored recording, as far as subscriptions ask. */
export interface RecordingNews {
  readonly id: string
  readonly tenantId: string
  readonly callChainId: string
  /** The meeting's organizer; of a call that is none, the user whose it counts as. */
  readonly userId?: string
  readonly meetingId?: string
  /** Its address below the version, without a slash in front. */
  readonly resource: string
}

/** Whether a subscription wants to hear of a recording of its tenant. */
export function watches(watched: Watched | undefined, { meetingId, callChainId, userId }: RecordingNews): boolean {
  const isOr = (wanted: string | undefined, is: string | undefined): boolean => wanted === undefined || wanted === is
  switch (watched?.type) {
    case 'meetingRecordings':
      return meetingId !== undefined && isOr(watched.meetingId, meetingId) && isOr(watched.organizerId, userId)
    case 'callRecordings':
      return meetingId === undefined && isOr(watched.callChainId, callChainId) && isOr(watched.userId, userId)
    default:
      return false
  }
}

/** A subscription as kept. Moments are milliseconds since the epoch. */
export interface Subscription {
  readonly id: string
  readonly tenantId: string
  readonly appId: string
  /** As it was given, with or without a leading slash. */
  readonly resource: string
  /** Call records, if absent. */
  readonly watched?: Watched
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
  /** The recording that it tells of. */
  readonly recordingId?: string
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

/** The body that tells of a recording, without its data. The type is spelled as published. */
export function recordingBody(subscription: Subscription, { id, resource }: RecordingNews): string {
  const resourceData = { id, '@odata.type': '#Microsoft.Graph.callRecording', '@odata.id': resource }
  return envelope(subscription, { changeType: 'created', resource, resourceData })
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
