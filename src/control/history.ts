/** What is remembered of one conversation: what explanations and timelines are made from. */
import type { Conversation } from '../calls/conversation.ts'
import type { Event } from '../calls/events.ts'
import type { JournalEntry } from '../http/journal.ts'
import type { Attempt, Delivery, TimelineEntry } from '../store/store.ts'
import type { ControlParts } from './parts.ts'

/** The newest entries of each kind that are looked at. */
export const MOST = 10_000

/** Characters of notifications that are looked at, the newest ones: twenty thousand of small calls, fifty of a thousand people. */
const LONGEST = 16 * 1024 * 1024

/** One conversation, as far as the store remembers it. */
export interface History {
  readonly id: string
  /** Absent once the conversation itself was forgotten (option `callRetention`). */
  readonly conversation: Conversation | undefined
  /** In their order. */
  readonly entries: readonly TimelineEntry[]
  /** In the order in which they were owed. */
  readonly deliveries: readonly Delivery[]
  /** By delivery, in their order. */
  readonly attempts: ReadonlyMap<string, readonly Attempt[]>
  /** A request, if the journal remembers it. */
  readonly request: (requestId: string | undefined) => JournalEntry | undefined
}

/** An event with the entry of the timeline that it is part of. */
export interface Happening<Type extends Event['type'] = Event['type']> {
  readonly entry: TimelineEntry
  readonly event: Extract<Event, { type: Type }>
}

/** Reads what is remembered of a conversation; undefined if nothing is. */
export async function historyOf(parts: ControlParts, id: string): Promise<History | undefined> {
  const { store, switchboard } = parts
  const conversation = await switchboard.read(id)
  const entries = await store.timeline(id)
  const { deliveries } = await store.deliveries({ conversationId: id, limit: MOST, most: LONGEST })
  if (!conversation && entries.length === 0 && deliveries.length === 0) return undefined
  const attempts = await store.attempts(deliveries.map((delivery) => delivery.id))
  return {
    id,
    conversation,
    entries: entries.slice(-MOST),
    deliveries: deliveries.toSorted((a, b) => a.order - b.order),
    attempts: Map.groupBy(
      attempts.toSorted((a, b) => a.order - b.order),
      ({ deliveryId }) => deliveryId,
    ),
    request: requestsOf(parts, entries),
  }
}

/** Finds the requests that a conversation's commands came from, in one pass over the journal when the first is asked for. */
function requestsOf({ journal }: ControlParts, entries: readonly TimelineEntry[]): History['request'] {
  let known: ReadonlyMap<string, JournalEntry> | undefined
  return (requestId) => {
    if (requestId === undefined) return undefined
    if (!known) {
      const ids = new Set(entries.map((entry) => entry.requestId))
      known = new Map(journal.list((one) => ids.has(one.requestId), MOST).map((one) => [one.requestId, one]))
    }
    return known.get(requestId)
  }
}

/** The events of a conversation that are of a type, in their order. */
export function happenings<Type extends Event['type']>(
  { entries }: Pick<History, 'entries'>,
  ...types: readonly Type[]
): readonly Happening<Type>[] {
  return entries.flatMap((entry) => entry.events.flatMap((event) => (isOneOf(event, types) ? [{ entry, event }] : [])))
}

function isOneOf<Type extends Event['type']>(
  event: Event,
  types: readonly Type[],
): event is Extract<Event, { type: Type }> {
  return types.some((type) => type === event.type)
}
