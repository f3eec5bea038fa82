/** Everything that happened to a conversation, in one order: requests, decisions, notifications, attempts. */
import type { Conversation } from '../calls/conversation.ts'
import { reasonText } from '../calls/reasons.ts'
import { isoTime } from '../runtime.ts'
import type { Attempt, Delivery } from '../store/store.ts'
import type { ControlParts } from './parts.ts'

/** The newest entries of each kind that one timeline shows. */
const MOST = 10_000

/** One line of a timeline. */
export interface TimelineItem {
  readonly order: number
  readonly at: string
  readonly kind: 'request' | 'event' | 'notification' | 'attempt'
  /** One line for people. */
  readonly text: string
  readonly [member: string]: unknown
}

/** The timeline of a conversation. Requests are in it as far as the journal remembers them. */
export async function timelineOf(parts: ControlParts, conversation: Conversation): Promise<readonly TimelineItem[]> {
  const { store } = parts
  const callIds = new Set(conversation.calls.map(({ id }) => id))
  const deliveries = await store.deliveries({ conversationId: conversation.id, limit: MOST })
  const byId = new Map(deliveries.map((delivery) => [delivery.id, delivery]))
  const attempts = await store.attempts([...byId.keys()])
  const items: TimelineItem[] = [
    ...requestItems(parts, callIds),
    ...(await eventItems(parts, conversation.id)),
    ...deliveries.map(notificationItem),
    ...attempts.map((attempt) => attemptItem(attempt, byId.get(attempt.deliveryId))),
  ]
  return items.toSorted((a, b) => a.order - b.order)
}

function requestItems({ journal }: ControlParts, callIds: ReadonlySet<string>): TimelineItem[] {
  const entries = journal.list(({ callId }) => callId !== undefined && callIds.has(callId), MOST)
  return entries.map(({ at, explanation, ...entry }) => ({
    ...entry,
    at: isoTime(at),
    kind: 'request',
    text: `${entry.method} ${entry.url} answered ${entry.status}${explanation === undefined ? '' : `: ${explanation}`}`,
    ...(explanation !== undefined && { explanation }),
  }))
}

async function eventItems({ store }: ControlParts, conversationId: string): Promise<TimelineItem[]> {
  const entries = await store.timeline(conversationId)
  return entries.flatMap(({ order, at, command, requestId, events }) =>
    events.map((event) => ({
      order,
      at: isoTime(at),
      kind: 'event' as const,
      text: describe(event),
      command,
      ...(requestId !== undefined && { requestId }),
      event,
    })),
  )
}

/** An event as a line: its name in words, and what it is about. */
function describe(event: Readonly<Record<string, unknown>> & { readonly type: string }): string {
  const words = event.type.replaceAll(/(?<!^)([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)
  const { identity, reason, from, to } = event as {
    identity?: { displayName?: string; id: string }
    reason?: Parameters<typeof reasonText>[0]
    from?: string
    to?: string
  }
  const who = identity ? `: ${identity.displayName ?? identity.id}` : ''
  const step = from !== undefined && to !== undefined ? `: ${from} to ${to}` : ''
  const why = reason ? ` (${reason.name}: ${reasonText(reason)})` : ''
  return `${words}${who}${step}${why}`
}

function notificationItem({ order, createdAt, id, notification, state, attempts }: Delivery): TimelineItem {
  const { callId, number, changeType, callbackUri, subject } = notification
  const about = subject.type === 'call' ? `call ${subject.phase}` : subject.type
  return {
    order,
    at: isoTime(createdAt),
    kind: 'notification',
    text: `notification ${number} (${changeType} ${about}) is owed to ${callbackUri}`,
    id,
    callId,
    number,
    changeType,
    about,
    callbackUri,
    state,
    attempts,
  }
}

function attemptItem({ order, at, ...attempt }: Attempt, delivery: Delivery | undefined): TimelineItem {
  const number = delivery?.notification.number ?? '?'
  const outcome = attempt.error ?? `the bot answered ${attempt.status ?? '?'}`
  const verb = attempt.replay ? 'replayed' : `attempt ${attempt.number}`
  return {
    order,
    at: isoTime(at),
    kind: 'attempt',
    text: `notification ${number}, ${verb}: ${outcome} after ${attempt.latency.toFixed(1)} ms`,
    ...attempt,
  }
}
