/** The embedded store: SQLite through `node:sqlite`. How its writes reach the disk is told in `database.ts`. */
import type { Conversation } from '../calls/conversation.ts'
import type { Event } from '../calls/events.ts'
import { SqliteConversations } from './conversations.ts'
import type { Database } from './database.ts'
import { memoryDatabase, openDatabase } from './database.ts'
import { SqliteDocuments, putDocument } from './documents.ts'
import { attemptOf, deliveryOf, parse, subjectsOf } from './rows.ts'
import type { Attempt, CallKey, CommandOrigin, Commit, Delivery, DeliveryQuery, Documents } from './store.ts'
import type { KeptAnswer, KeyRecord, ListedDeliveries, Store, StoredConversation, TimelineEntry } from './store.ts'
import type { Statement } from './statement.ts'

/**
 * Opens the store.
 * @param place `memory`, or a folder (made if absent, readable by its owner only) that one server at a time may use
 * @throws StoreError if the folder is in use, not writable, damaged, or written by a newer version
 */
export async function openSqlite(place: string): Promise<Store> {
  return new SqliteStore(await openDatabase(place))
}

/** A store that is gone when it is closed. */
export function openMemory(): Store {
  return new SqliteStore(memoryDatabase())
}

class SqliteStore implements Store {
  readonly #database: Database
  readonly #conversations: SqliteConversations
  readonly documents: Documents
  readonly lost: Store['lost']

  constructor(database: Database) {
    this.#database = database
    this.lost = database.lost
    this.#conversations = new SqliteConversations(database)
    this.documents = new SqliteDocuments(database)
  }

  load(conversationId: string): Promise<StoredConversation | undefined> {
    return this.#conversations.load(conversationId)
  }

  async commit(commit: Commit): Promise<void> {
    const { conversation, newCalls, deliveries, timeline, answer, documents = [] } = commit
    const { at, conversationId } = timeline
    const { statements, written } = this.#conversations.save(commit)
    await this.#database.write([
      ...statements,
      ...newCalls.map(({ id, appId }) => ({
        sql: 'INSERT INTO calls (id, conversation_id, app_id) VALUES (?, ?, ?)',
        values: [id, conversation.id, appId],
      })),
      ...deliveries.flatMap(insertDelivery),
      ...[...subjectsOf(commit)].map((id) => ({
        sql: 'INSERT OR IGNORE INTO subjects (id, conversation_id, at) VALUES (?, ?, ?)',
        values: [id, conversationId, at],
      })),
      ...(answer ? [insertAnswer(answer)] : []),
      ...documents.map(putDocument),
    ])
    this.#conversations.noteSaved(conversation, written)
  }

  async keptAnswer(appId: string, key: string): Promise<KeptAnswer | undefined> {
    const row = await this.#database.get('SELECT * FROM answers WHERE app_id = ? AND key = ?', appId, key)
    const { fingerprint, at, answer } = row ?? {}
    return row && { appId, key, fingerprint: String(fingerprint), at: Number(at), answer: parse<unknown>(answer) }
  }

  async findCall(callId: string): Promise<CallKey | undefined> {
    const row = await this.#database.get('SELECT conversation_id, app_id FROM calls WHERE id = ?', callId)
    return row && { callId, conversationId: String(row['conversation_id']), appId: String(row['app_id']) }
  }

  async unfinished(): Promise<readonly string[]> {
    const sql = `SELECT id, created_at FROM conversations WHERE ended_at IS NULL
                 UNION SELECT id, created_at FROM conversations WHERE departing > 0 ORDER BY created_at`
    const rows = await this.#database.all(sql)
    return rows.map((row) => String(row['id']))
  }

  list(options: { ended: boolean; limit: number }): Promise<readonly Conversation[]> {
    return this.#conversations.list(options)
  }

  async timeline(conversationId: string): Promise<readonly TimelineEntry[]> {
    const sql = 'SELECT * FROM timeline WHERE conversation_id = ? ORDER BY ord'
    return (await this.#database.all(sql, conversationId)).map((row) => ({
      order: Number(row['ord']),
      at: Number(row['at']),
      conversationId,
      command: String(row['command']),
      ...(row['request_id'] !== null && { requestId: String(row['request_id']) }),
      ...(row['origin'] !== null && { by: parse<CommandOrigin>(row['origin']) }),
      events: parse<Event[]>(row['events']),
    }))
  }

  async findSubject(id: string): Promise<string | undefined> {
    const row = await this.#database.get('SELECT conversation_id FROM subjects WHERE id = ?', id)
    return row && String(row['conversation_id'])
  }

  async pending(options: { callId?: string; after?: number; limit: number }): Promise<readonly Delivery[]> {
    const { callId, after = 0, limit } = options
    const pending = `${DELIVERIES} WHERE state = 'pending'`
    const rows = await (callId === undefined
      ? this.#database.all(`${pending} ORDER BY call_id, number LIMIT ?`, limit)
      : this.#database.all(`${pending} AND call_id = ? AND number > ? ORDER BY number LIMIT ?`, callId, after, limit))
    return rows.map(deliveryOf)
  }

  async pendingCalls(): Promise<readonly string[]> {
    const rows = await this.#database.all("SELECT DISTINCT call_id FROM deliveries WHERE state = 'pending'")
    return rows.map((row) => String(row['call_id']))
  }

  async deliveries(query: DeliveryQuery): Promise<ListedDeliveries> {
    const columns = {
      call_id: query.callId,
      conversation_id: query.conversationId,
      app_id: query.appId,
      state: query.state,
    }
    const given = Object.entries(columns).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const where = given.length > 0 ? `WHERE ${given.map(([name]) => `${name} = ?`).join(' AND ')}` : ''
    const sql = `${DELIVERIES} ${where} ORDER BY ord DESC LIMIT ?`
    const values = [...given.map(([, value]) => value), query.limit]
    const { rows, isCut } = await this.#database.query({ sql, values, most: query.most })
    return { deliveries: rows.map(deliveryOf), isCut }
  }

  async delivery(id: string): Promise<Delivery | undefined> {
    const row = await this.#database.get(`${DELIVERIES} WHERE id = ?`, id)
    return row && deliveryOf(row)
  }

  async attempts(deliveryIds: readonly string[]): Promise<readonly Attempt[]> {
    const sql = `SELECT attempts.*, deliveries.id AS delivery_id FROM deliveries JOIN attempts ON delivery = deliveries.ord
                 WHERE deliveries.id IN (SELECT value FROM json_each(?)) ORDER BY attempts.ord`
    return (await this.#database.all(sql, JSON.stringify(deliveryIds))).map(attemptOf)
  }

  async saveAttempt(attempt: Attempt, delivery?: Delivery): Promise<void> {
    await this.#database.write([insertAttempt(attempt), ...(delivery ? [updateDelivery(delivery)] : [])])
  }

  async scripts(): Promise<ReadonlyMap<string, unknown>> {
    const rows = await this.#database.all('SELECT key, script FROM scripts')
    return new Map(rows.map((row) => [String(row['key']), parse<unknown>(row['script'])]))
  }

  async saveScript(key: string, script: unknown): Promise<void> {
    await this.#database.write([
      script === undefined
        ? { sql: 'DELETE FROM scripts WHERE key = ?', values: [key] }
        : {
            sql: 'INSERT OR REPLACE INTO scripts (key, script) VALUES (?, ?)',
            values: [key, JSON.stringify(script)],
          },
    ])
  }

  async directoryChanges(): Promise<readonly unknown[]> {
    const rows = await this.#database.all('SELECT change FROM directory ORDER BY rowid')
    return rows.map((row) => parse<unknown>(row['change']))
  }

  async saveDirectoryChanges(changes: ReadonlyMap<string, unknown>): Promise<void> {
    const upsert =
      'INSERT INTO directory (key, change) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET change = excluded.change'
    await this.#database.write(
      [...changes].map(([key, change]) =>
        change === undefined
          ? { sql: 'DELETE FROM directory WHERE key = ?', values: [key] }
          : { sql: upsert, values: [key, JSON.stringify(change)] },
      ),
    )
  }

  async loadKeys(): Promise<KeyRecord[]> {
    const rows = await this.#database.all('SELECT * FROM signing_keys ORDER BY created_at')
    return rows.map((row) => ({
      kid: String(row['kid']),
      createdAt: Number(row['created_at']),
      privateJwk: parse<Record<string, unknown>>(row['private_jwk']),
    }))
  }

  async saveKeys(keys: readonly KeyRecord[]): Promise<void> {
    await this.#database.write([
      { sql: 'DELETE FROM signing_keys', values: [] },
      ...keys.map(({ kid, createdAt, privateJwk }) => ({
        sql: 'INSERT INTO signing_keys (kid, created_at, private_jwk) VALUES (?, ?, ?)',
        values: [kid, createdAt, JSON.stringify(privateJwk)],
      })),
    ])
  }

  async lastOrder(): Promise<number> {
    const row = await this.#database.get(
      `SELECT max(coalesce((SELECT max(ord) FROM deliveries), 0), coalesce((SELECT max(ord) FROM attempts), 0),
                  coalesce((SELECT max(ord) FROM timeline), 0)) AS last`,
    )
    return Number(row?.['last'] ?? 0)
  }

  async purge(before: { conversations: number; deliveries: number; timeline: number; answers: number }): Promise<void> {
    const old = 'SELECT id FROM conversations WHERE ended_at < ?'
    const settled = 'SELECT ord FROM deliveries WHERE settled_at < ?'
    const { conversations, deliveries, timeline, answers } = before
    await this.#database.write([
      { sql: `DELETE FROM calls WHERE conversation_id IN (${old})`, values: [conversations] },
      { sql: 'DELETE FROM conversations WHERE ended_at < ?', values: [conversations] },
      { sql: `DELETE FROM attempts WHERE delivery IN (${settled})`, values: [deliveries] },
      { sql: `DELETE FROM notifications WHERE ord IN (${settled})`, values: [deliveries] },
      { sql: 'DELETE FROM deliveries WHERE settled_at < ?', values: [deliveries] },
      ...['timeline', 'subjects'].map((table) => ({
        sql: `DELETE FROM ${table} WHERE at < ? AND NOT EXISTS (SELECT 1 FROM conversations
              WHERE id = ${table}.conversation_id AND ended_at IS NULL AND created_at <= ${table}.at)`,
        values: [timeline],
      })),
      { sql: 'DELETE FROM answers WHERE at < ?', values: [answers] },
    ])
  }

  async reset(): Promise<void> {
    await this.#database.write(FORGOTTEN.map((table) => ({ sql: `DELETE FROM ${table}`, values: [] })))
  }

  backUp(file: string): Promise<void> {
    return this.#database.backUp(file)
  }

  close(): Promise<void> {
    return this.#database.close()
  }
}

/** Deliveries with what they carry. */
const DELIVERIES = 'SELECT * FROM deliveries JOIN notifications USING (ord)'

/** What a reset forgets. */
const FORGOTTEN = [
  'conversations',
  'calls',
  'deliveries',
  'notifications',
  'attempts',
  'timeline',
  'subjects',
  'scripts',
  'answers',
  'directory',
  'documents',
]

function insertAnswer({ appId, key, fingerprint, at, answer }: KeptAnswer): Statement {
  return {
    sql: 'INSERT INTO answers (app_id, key, fingerprint, at, answer) VALUES (?, ?, ?, ?, ?)',
    values: [appId, key, fingerprint, at, JSON.stringify(answer)],
  }
}

function insertDelivery(delivery: Delivery): readonly Statement[] {
  const { id, order, conversationId, notification, createdAt, state, attempts } = delivery
  const { callId, number, appId } = notification
  return [
    {
      sql: `INSERT INTO deliveries (id, ord, conversation_id, call_id, number, app_id, created_at, state, attempts)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      values: [id, order, conversationId, callId, number, appId, createdAt, state, attempts],
    },
    {
      sql: 'INSERT INTO notifications (ord, notification) VALUES (?, ?)',
      values: [order, JSON.stringify(notification)],
    },
  ]
}

function insertAttempt(attempt: Attempt): Statement {
  const { deliveryId, number, order, at, url, status, error, latency, answer, replay } = attempt
  return {
    sql: `INSERT INTO attempts (delivery, number, ord, at, url, status, error, latency, answer, replay)
          VALUES ((SELECT ord FROM deliveries WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    values: [
      deliveryId,
      number,
      order,
      at,
      url,
      status ?? null,
      error ?? null,
      latency,
      answer ?? null,
      replay ? 1 : 0,
    ],
  }
}

function updateDelivery({ order, state, attempts, firstAttemptAt, settledAt, body }: Delivery): Statement {
  return {
    sql: 'UPDATE deliveries SET state = ?, attempts = ?, first_attempt_at = ?, settled_at = ?, body = ? WHERE ord = ?',
    values: [state, attempts, firstAttemptAt ?? null, settledAt ?? null, body ?? null, order],
  }
}
