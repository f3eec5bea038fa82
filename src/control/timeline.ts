/** Everything that happened to a conversation, in one order: requests, decisions, notifications, attempts. */
import type { Conversation } from '../calls/conversation.ts'
import { isoTime } from '../runtime.ts'
import type { Attempt, Delivery } from '../store/store.ts'
import { withAudibility } from './audibility.ts'
import { describeEvent } from './describe-event.ts'
import type { History } from './history.ts'
import { MOST, historyOf } from './history.ts'
import type { ControlParts } from './parts.ts'
import type { TimelineItem } from './timeline-item.ts'
import { whyAttempt, whyDelivery, whyEvent, whyRequest } from './why.ts'

/** The timeline of a conversation. Requests are in it as far as the journal remembers them. */
export async function timelineOf(parts: ControlParts, conversation: Conversation): Promise<readonly TimelineItem[]> {
  const { id, calls } = conversation
  const callIds = new Set(calls.map((call) => call.id))
  const history = await historyOf(parts, id)
  if (!history) return []
  const { deliveries, attempts } = history
  const items: TimelineItem[] = [
    ...requestItems(parts, callIds),
    ...eventItems(history),
    ...deliveries.map((delivery) => notificationItem(delivery, history, parts)),
    ...deliveries.flatMap((one) => (attempts.get(one.id) ?? []).map((attempt) => attemptItem(attempt, one))),
  ]
  return withAudibility(
    parts,
    conversation,
    items.toSorted((a, b) => a.order - b.order),
  )
}

function requestItems({ journal }: ControlParts, callIds: ReadonlySet<string>): TimelineItem[] {
  const entries = journal.list(({ callId }) => callId !== undefined && callIds.has(callId), MOST)
  return entries.map((asked) => {
    const { at, explanation, ...entry } = asked
    return {
      ...entry,
      at: isoTime(at),
      kind: 'request',
      text: `${entry.method} ${entry.url} answered ${entry.status}${explanation === undefined ? '' : `: ${explanation}`}`,
      ...(explanation !== undefined && { explanation }),
      ...because(whyRequest(asked)),
    }
  })
}

function eventItems(history: History): TimelineItem[] {
  return history.entries.flatMap((entry) => {
    const { order, at, command, requestId, by, events } = entry
    return events.map((event) => ({
      order,
      at: isoTime(at),
      kind: 'event' as const,
      text: describeEvent(event),
      command,
      ...(requestId !== undefined && { requestId }),
      ...(by && { by }),
      event,
      ...because(whyEvent(event, entry, history)),
    }))
  })
}

function because(why: string | undefined): Pick<TimelineItem, 'why'> {
  return why === undefined ? {} : { why }
}

function notificationItem(delivery: Delivery, history: History, { config }: ControlParts): TimelineItem {
  const { order, createdAt, id, notification, state, attempts } = delivery
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
    ...(state !== 'delivered' && { why: whyDelivery(delivery, history, config) }),
  }
}

function attemptItem(tried: Attempt, { notification: { number } }: Delivery): TimelineItem {
  const { order, at, ...attempt } = tried
  const outcome = attempt.error ?? `the bot answered ${attempt.status ?? '?'}`
  const verb = attempt.replay ? 'replayed' : `attempt ${attempt.number}`
  return {
    order,
    at: isoTime(at),
    kind: 'attempt',
    text: `notification ${number}, ${verb}: ${outcome} after ${attempt.latency.toFixed(1)} ms`,
    ...attempt,
    ...because(whyAttempt(tried)),
  }
}
