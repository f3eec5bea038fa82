/**
 * Keeps call records. A record is made when a conversation ends and committed in the same transaction as that end: there
 * is no moment at which a call is over and its record could be lost, and nothing is computed when one is read.
 */
import type { Conversation } from '../calls/conversation.ts'
import type { Clock } from '../runtime.ts'
import type { Document, Documents } from '../store/store.ts'
import type { Moment } from './legs.ts'
import type { NumberLookup, PhoneCall } from './phone-calls.ts'
import { phoneCallsOf } from './phone-calls.ts'
import type { CallRecord } from './record.ts'
import { mergeRecords, recordOf } from './record.ts'

/** What happened to a record. */
export type RecordChange = 'created' | 'updated'

/** What the records work with. */
export interface RecordsParts {
  readonly documents: Documents
  readonly clock: Clock
  readonly numberOf: NumberLookup
  /** How long a record can be read, in milliseconds. */
  readonly retention: number
  /** Sessions that one record holds. */
  readonly mostSessions: number
  /** What else is to be committed with a record: who must hear of it. */
  readonly announce: (record: CallRecord, change: RecordChange) => readonly Document[]
}

/** Which part of a list is wanted: in the order of the starts, from the oldest. */
export interface RecordQuery {
  readonly tenantId: string
  /** Starts from here, in milliseconds since the epoch. */
  readonly from: number
  /** Starts before this moment. */
  readonly before: number
  readonly after?: Place | undefined
  readonly limit: number
}

/** A place in a list. */
export type Place = Pick<Document, 'at' | 'key'>

/** One page, and where it ended if there is more. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next?: Place
}

const RECORD = 'callRecord'
const PHONE_CALL = 'phoneCall'

/** Records that were made lately are remembered, until the store certainly has them. */
const REMEMBERED = 1000

/** A record on its way into the store: of which conversation, and on what it was built. */
interface Recent {
  readonly source: string
  readonly base: CallRecord | undefined
  readonly record: CallRecord
}

export class Records {
  readonly #parts: RecordsParts
  readonly #recent = new Map<string, Recent>()

  constructor(parts: RecordsParts) {
    this.#parts = parts
  }

  /** What is to be committed with the end of a conversation. @param moments its whole timeline, the end included */
  async recordEnd(conversation: Conversation, moments: readonly Moment[]): Promise<readonly Document[]> {
    const { numberOf, announce, mostSessions } = this.#parts
    const made = recordOf(conversation, moments, mostSessions)
    if (!made) return []
    const key = keyOf(made.tenantId, made.id)
    const source = `${conversation.id} ${conversation.createdAt}`
    const stored = await this.#parts.documents.get(RECORD, key)
    const recent = this.#recent.get(key)
    // The same end again: what it was built on the first time never came into the store.
    const base = recent?.source === source ? recent.base : (recent?.record ?? (stored?.value as CallRecord | undefined))
    const record = base ? mergeRecords(base, made, mostSessions) : made
    this.#remember(key, { source, base, record })
    const { tenantId: owner } = record
    return [
      { kind: RECORD, key, owner, at: record.startedAt, value: record },
      ...phoneCallsOf(made, numberOf).map((value) => ({
        kind: PHONE_CALL,
        key: value.id,
        owner,
        at: value.startedAt,
        value,
      })),
      ...announce(record, base ? 'updated' : 'created'),
    ]
  }

  #remember(key: string, recent: Recent): void {
    this.#recent.delete(key)
    this.#recent.set(key, recent)
    const [oldest] = this.#recent.keys()
    if (this.#recent.size > REMEMBERED && oldest !== undefined) this.#recent.delete(oldest)
  }

  /** The record of a chain in a tenant, once its call has ended and until it is too old. */
  async get(tenantId: string, id: string): Promise<CallRecord | undefined> {
    const found = await this.#parts.documents.get(RECORD, keyOf(tenantId, id))
    const record = found?.value as CallRecord | undefined
    return record && record.startedAt >= this.#oldest() ? record : undefined
  }

  /** A tenant's records. */
  list(query: RecordQuery): Promise<Page<CallRecord>> {
    return this.#list<CallRecord>(RECORD, query)
  }

  /** A tenant's calls with phones. */
  phoneCalls(query: RecordQuery): Promise<Page<PhoneCall>> {
    return this.#list<PhoneCall>(PHONE_CALL, query)
  }

  async #list<Item>(kind: string, query: RecordQuery): Promise<Page<Item>> {
    const { tenantId: owner, before, limit } = query
    const from = Math.max(query.from, this.#oldest())
    const after = query.after && query.after.at >= from ? query.after : { at: from, key: '' }
    const found = await this.#parts.documents.list({ kind, owner, limit: limit + 1, after })
    const inside = found.filter(({ at }) => at < before)
    const page = inside.slice(0, limit)
    const last = page.at(-1)
    const items = page.map(({ value }) => value as Item)
    return inside.length > limit && last ? { items, next: { at: last.at, key: last.key } } : { items }
  }

  /** The earliest start of a call whose record can still be read. */
  #oldest(): number {
    return this.#parts.clock.now() - this.#parts.retention
  }

  /** Forgets what is past its retention. */
  async purge(): Promise<void> {
    for (const kind of [RECORD, PHONE_CALL]) await this.#parts.documents.purge(kind, this.#oldest())
  }

  /** Forgets what is remembered; for a reset of the store. */
  forget(): void {
    this.#recent.clear()
  }
}

/** A chain id can be an application's own choice, so it says nothing without the tenant. */
function keyOf(tenantId: string, id: string): string {
  return `${tenantId}/${id}`
}
