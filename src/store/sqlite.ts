/** The embedded store: SQLite through `node:sqlite`. How its writes reach the disk is told in `database.ts`. */
import type { Conversation } from '../calls/conversation.ts'
import type { Event } from '../calls/events.ts'
import type { Database } from './database.ts'
import { openDatabase } from './database.ts'
import { SqliteDocuments, putDocument } from './documents.ts'
import { attemptOf, deliveryOf, parse, subjectsOf } from './rows.ts'
import type { Attempt, CallKey, CommandOrigin, Commit, Delivery, DeliveryQuery, Documents } from './store.ts'
import type { KeptAnswer, KeyRecord, Store, StoredConversation, TimelineEntry } from './store.ts'
import { VersionConflict } from './store.ts'

/**
 * Opens the store.
 * @param place `memory`, or a folder (made if absent, readable by its owner only) that one server at a time may use
 * @throws StoreError if the folder is in use, not writable, damaged, or written by a newer version
 */
export function openSqlite(place: string): Store {
  return new SqliteStore(openDatabase(place))
}

class SqliteStore implements Store {
  readonly #database: Database
  readonly documents: Documents

  constructor(database: Database) {
    this.#database = database
    this.documents = new SqliteDocuments(database)
  }

  load(conversationId: string): Promise<StoredConversation | undefined> {
    return this.#database.read(() => {
      const row = this.#database.get('SELECT version, state FROM conversations WHERE id = ?', conversationId)
      return row && { version: Number(row['version']), conversation: parse<Conversation>(row['state']) }
    })
  }

  commit(commit: Commit): Promise<void> {
    return this.#database.write(() => {
      this.#saveConversation(commit)
      for (const call of commit.newCalls) {
        this.#database.run('INSERT INTO calls (id, conversation_id, app_id) VALUES (?, ?, ?)', [
          call.id,
          commit.conversation.id,
          call.appId,
        ])
      }
      for (const delivery of commit.deliveries) this.#insertDelivery(delivery)
      const { order, at, conversationId, command, requestId, by, events } = commit.timeline
      this.#database.run(
        `INSERT INTO timeline (ord, conversation_id, at, command, request_id, origin, events)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        [order, conversationId, at, command, requestId ?? null, by ? JSON.stringify(by) : null, JSON.stringify(events)],
      )
      for (const id of subjectsOf(commit)) {
        this.#database.run('INSERT OR IGNORE INTO subjects (id, conversation_id, at) VALUES (?, ?, ?)', [
          id,
          conversationId,
          at,
        ])
      }
      if (commit.answer) this.#insertAnswer(commit.answer)
      for (const document of commit.documents ?? []) putDocument(this.#database, document)
    })
  }

  #insertAnswer({ appId, key, fingerprint, at, answer }: KeptAnswer): void {
    this.#database.run('INSERT INTO answers (app_id, key, fingerprint, at, answer) VALUES (?, ?, ?, ?, ?)', [
      appId,
      key,
      fingerprint,
      at,
      JSON.stringify(answer),
    ])
  }

  keptAnswer(appId: string, key: string): Promise<KeptAnswer | undefined> {
    return this.#database.read(() => {
      const row = this.#database.get('SELECT * FROM answers WHERE app_id = ? AND key = ?', appId, key)
      const { fingerprint, at, answer } = row ?? {}
      return row && { appId, key, fingerprint: String(fingerprint), at: Number(at), answer: parse<unknown>(answer) }
    })
  }

  #saveConversation({ conversation, version, wakeAt }: Commit): void {
    const state = JSON.stringify(conversation)
    const endedAt = conversation.endedAt ?? null
    const { id, tenantId, createdAt } = conversation
    const changes =
      version === 0
        ? this.#database.run(
            `INSERT INTO conversations (id, version, tenant_id, created_at, wake_at, ended_at, state)
             VALUES (?, 1, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
            [id, tenantId, createdAt, wakeAt ?? null, endedAt, state],
          )
        : this.#database.run(
            `UPDATE conversations SET version = version + 1, created_at = ?, wake_at = ?, ended_at = ?, state = ?
             WHERE id = ? AND version = ?`,
            [createdAt, wakeAt ?? null, endedAt, state, id, version],
          )
    if (changes !== 1) throw new VersionConflict(`conversation ${id} is no longer at version ${version}`)
  }

  #insertDelivery(delivery: Delivery): void {
    const { notification } = delivery
    this.#database.run(
      `INSERT INTO deliveries (id, ord, conversation_id, call_id, number, app_id, created_at, state, attempts, notification)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        delivery.id,
        delivery.order,
        delivery.conversationId,
        notification.callId,
        notification.number,
        notification.appId,
        delivery.createdAt,
        delivery.state,
        delivery.attempts,
        JSON.stringify(notification),
      ],
    )
  }

  findCall(callId: string): Promise<CallKey | undefined> {
    return this.#database.read(() => {
      const row = this.#database.get('SELECT conversation_id, app_id FROM calls WHERE id = ?', callId)
      return row && { callId, conversationId: String(row['conversation_id']), appId: String(row['app_id']) }
    })
  }

  unfinished(): Promise<readonly string[]> {
    return this.#database.read(() =>
      this.#database
        .all('SELECT id FROM conversations WHERE ended_at IS NULL ORDER BY created_at')
        .map((row) => String(row['id'])),
    )
  }

  list({ ended, limit }: { ended: boolean; limit: number }): Promise<readonly Conversation[]> {
    const where = ended ? '' : 'WHERE ended_at IS NULL'
    return this.#database.read(() =>
      this.#database
        .all(`SELECT state FROM conversations ${where} ORDER BY created_at DESC, rowid DESC LIMIT ?`, limit)
        .map((row) => parse<Conversation>(row['state'])),
    )
  }

  timeline(conversationId: string): Promise<readonly TimelineEntry[]> {
    return this.#database.read(() =>
      this.#database
        .all('SELECT * FROM timeline WHERE conversation_id = ? ORDER BY ord', conversationId)
        .map((row) => ({
          order: Number(row['ord']),
          at: Number(row['at']),
          conversationId,
          command: String(row['command']),
          ...(row['request_id'] !== null && { requestId: String(row['request_id']) }),
          ...(row['origin'] !== null && { by: parse<CommandOrigin>(row['origin']) }),
          events: parse<Event[]>(row['events']),
        })),
    )
  }

  findSubject(id: string): Promise<string | undefined> {
    return this.#database.read(() => {
      const row = this.#database.get('SELECT conversation_id FROM subjects WHERE id = ?', id)
      return row && String(row['conversation_id'])
    })
  }

  pending(options: { callId?: string; after?: number; limit: number }): Promise<readonly Delivery[]> {
    const { callId, after = 0, limit } = options
    return this.#database.read(() =>
      (callId === undefined
        ? this.#database.all("SELECT * FROM deliveries WHERE state = 'pending' ORDER BY call_id, number LIMIT ?", limit)
        : this.#database.all(
            "SELECT * FROM deliveries WHERE state = 'pending' AND call_id = ? AND number > ? ORDER BY number LIMIT ?",
            callId,
            after,
            limit,
          )
      ).map(deliveryOf),
    )
  }

  pendingCalls(): Promise<readonly string[]> {
    return this.#database.read(() =>
      this.#database
        .all("SELECT DISTINCT call_id FROM deliveries WHERE state = 'pending'")
        .map((row) => String(row['call_id'])),
    )
  }

  deliveries(query: DeliveryQuery): Promise<readonly Delivery[]> {
    const columns = {
      call_id: query.callId,
      conversation_id: query.conversationId,
      app_id: query.appId,
      state: query.state,
    }
    const given = Object.entries(columns).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const where = given.length > 0 ? `WHERE ${given.map(([name]) => `${name} = ?`).join(' AND ')}` : ''
    return this.#database.read(() =>
      this.#database
        .all(
          `SELECT * FROM deliveries ${where} ORDER BY ord DESC LIMIT ?`,
          ...given.map(([, value]) => value),
          query.limit,
        )
        .map(deliveryOf),
    )
  }

  delivery(id: string): Promise<Delivery | undefined> {
    return this.#database.read(() => {
      const row = this.#database.get('SELECT * FROM deliveries WHERE id = ?', id)
      return row && deliveryOf(row)
    })
  }

  attempts(deliveryIds: readonly string[]): Promise<readonly Attempt[]> {
    return this.#database.read(() =>
      this.#database
        .all(
          'SELECT * FROM attempts WHERE delivery_id IN (SELECT value FROM json_each(?)) ORDER BY ord',
          JSON.stringify(deliveryIds),
        )
        .map(attemptOf),
    )
  }

  saveAttempt(attempt: Attempt, delivery?: Delivery): Promise<void> {
    return this.#database.write(() => {
      this.#database.run(
        `INSERT INTO attempts (delivery_id, number, ord, at, url, status, error, latency, answer, replay)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          attempt.deliveryId,
          attempt.number,
          attempt.order,
          attempt.at,
          attempt.url,
          attempt.status ?? null,
          attempt.error ?? null,
          attempt.latency,
          attempt.answer ?? null,
          attempt.replay ? 1 : 0,
        ],
      )
      if (!delivery) return
      this.#database.run(
        'UPDATE deliveries SET state = ?, attempts = ?, first_attempt_at = ?, settled_at = ?, body = ? WHERE id = ?',
        [
          delivery.state,
          delivery.attempts,
          delivery.firstAttemptAt ?? null,
          delivery.settledAt ?? null,
          delivery.body ?? null,
          delivery.id,
        ],
      )
    })
  }

  scripts(): Promise<ReadonlyMap<string, unknown>> {
    return this.#database.read(
      () =>
        new Map(
          this.#database
            .all('SELECT key, script FROM scripts')
            .map((row) => [String(row['key']), parse<unknown>(row['script'])]),
        ),
    )
  }

  saveScript(key: string, script: unknown): Promise<void> {
    return this.#database.write(() => {
      if (script === undefined) this.#database.run('DELETE FROM scripts WHERE key = ?', [key])
      else
        this.#database.run('INSERT OR REPLACE INTO scripts (key, script) VALUES (?, ?)', [key, JSON.stringify(script)])
    })
  }

  directoryChanges(): Promise<readonly unknown[]> {
    return this.#database.read(() =>
      this.#database.all('SELECT change FROM directory ORDER BY rowid').map((row) => parse<unknown>(row['change'])),
    )
  }

  saveDirectoryChanges(changes: ReadonlyMap<string, unknown>): Promise<void> {
    return this.#database.write(() => {
      for (const [key, change] of changes) {
        if (change === undefined) this.#database.run('DELETE FROM directory WHERE key = ?', [key])
        else {
          this.#database.run(
            'INSERT INTO directory (key, change) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET change = excluded.change',
            [key, JSON.stringify(change)],
          )
        }
      }
    })
  }

  loadKeys(): Promise<KeyRecord[]> {
    return this.#database.read(() =>
      this.#database.all('SELECT * FROM signing_keys ORDER BY created_at').map((row) => ({
        kid: String(row['kid']),
        createdAt: Number(row['created_at']),
        privateJwk: parse<Record<string, unknown>>(row['private_jwk']),
      })),
    )
  }

  saveKeys(keys: readonly KeyRecord[]): Promise<void> {
    return this.#database.write(() => {
      this.#database.run('DELETE FROM signing_keys', [])
      for (const { kid, createdAt, privateJwk } of keys) {
        this.#database.run('INSERT INTO signing_keys (kid, created_at, private_jwk) VALUES (?, ?, ?)', [
          kid,
          createdAt,
          JSON.stringify(privateJwk),
        ])
      }
    })
  }

  lastOrder(): Promise<number> {
    return this.#database.read(() => {
      const row = this.#database.get(
        `SELECT max(coalesce((SELECT max(ord) FROM deliveries), 0), coalesce((SELECT max(ord) FROM attempts), 0),
                    coalesce((SELECT max(ord) FROM timeline), 0)) AS last`,
      )
      return Number(row?.['last'] ?? 0)
    })
  }

  purge(before: { conversations: number; deliveries: number; timeline: number; answers: number }): Promise<void> {
    return this.#database.write(() => {
      const old = 'SELECT id FROM conversations WHERE ended_at < ?'
      this.#database.run(`DELETE FROM calls WHERE conversation_id IN (${old})`, [before.conversations])
      this.#database.run('DELETE FROM conversations WHERE ended_at < ?', [before.conversations])
      const settled = 'SELECT id FROM deliveries WHERE settled_at < ?'
      this.#database.run(`DELETE FROM attempts WHERE delivery_id IN (${settled})`, [before.deliveries])
      this.#database.run('DELETE FROM deliveries WHERE settled_at < ?', [before.deliveries])
      for (const table of ['timeline', 'subjects']) {
        this.#database.run(
          `DELETE FROM ${table} WHERE at < ? AND NOT EXISTS (SELECT 1 FROM conversations
           WHERE id = ${table}.conversation_id AND ended_at IS NULL AND created_at <= ${table}.at)`,
          [before.timeline],
        )
      }
      this.#database.run('DELETE FROM answers WHERE at < ?', [before.answers])
    })
  }

  reset(): Promise<void> {
    return this.#database.write(() => {
      for (const table of [
        'conversations',
        'calls',
        'deliveries',
        'attempts',
        'timeline',
        'subjects',
        'scripts',
        'answers',
        'directory',
        'documents',
      ]) {
        this.#database.run(`DELETE FROM ${table}`, [])
      }
    })
  }

  close(): Promise<void> {
    this.#database.close()
    return Promise.resolve()
  }
}
