/** Rows of SQLite as what they stand for. */
import type { SQLInputValue } from 'node:sqlite'
import type { Notification } from '../calls/notification.ts'
import type { Row } from './statement.ts'
import type { Attempt, Commit, Delivery, DeliveryState } from './store.ts'

/** JSON out of a column. */
export function parse<T>(text: SQLInputValue | undefined): T {
  return JSON.parse(String(text)) as T
}

/** A delivery, without what it has none of. */
export function deliveryOf(row: Row): Delivery {
  return {
    id: String(row['id']),
    order: Number(row['ord']),
    conversationId: String(row['conversation_id']),
    notification: parse<Notification>(row['notification']),
    createdAt: Number(row['created_at']),
    state: row['state'] as DeliveryState,
    attempts: Number(row['attempts']),
    ...(row['first_attempt_at'] !== null && { firstAttemptAt: Number(row['first_attempt_at']) }),
    ...(row['settled_at'] !== null && { settledAt: Number(row['settled_at']) }),
    ...(row['body'] !== null && { body: String(row['body']) }),
  }
}

/** The ids that a commit introduces: whoever is asked about one finds its conversation. */
export function subjectsOf({ newCalls, conversation, timeline }: Commit): ReadonlySet<string> {
  const ids = new Set(newCalls.map(({ id }) => id))
  // Somebody who calls an application is in the conversation before any event tells of them.
  if (newCalls.length > 0) for (const { id } of conversation.participants) ids.add(id)
  for (const event of timeline.events) {
    if ('participantId' in event) ids.add(event.participantId)
    if (event.type === 'OperationStarted') ids.add(event.operationId)
  }
  return ids
}

/** An attempt, without what it has none of. */
export function attemptOf(row: Row): Attempt {
  return {
    deliveryId: String(row['delivery_id']),
    number: Number(row['number']),
    order: Number(row['ord']),
    at: Number(row['at']),
    url: String(row['url']),
    ...(row['status'] !== null && { status: Number(row['status']) }),
    ...(row['error'] !== null && { error: String(row['error']) }),
    latency: Number(row['latency']),
    ...(row['answer'] !== null && { answer: String(row['answer']) }),
    replay: row['replay'] === 1,
  }
}
