/**
 * The embedded store: SQLite through `node:sqlite`. Commits of one turn of the event loop share one transaction, and each
 * resolves when that transaction is on disk.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import type { Conversation } from '../calls/conversation.ts'
import type { Event } from '../calls/events.ts'
import type { Row } from './rows.ts'
import { attemptOf, deliveryOf, parse } from './rows.ts'
import type { Attempt, CallKey, Commit, Delivery, DeliveryQuery } from './store.ts'
import type { KeptAnswer, KeyRecord, Store, StoredConversation, TimelineEntry } from './store.ts'
import { VersionConflict } from './store.ts'

const MIGRATIONS = new URL('migrations/', import.meta.url)

/** Thrown when the data cannot be opened; the message says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}

/**
 * Opens the store.
 * @param place `memory`, or a folder (made if absent, readable by its owner only) that one server at a time may use
 * @throws StoreError if the folder is in use, not writable, damaged, or written by a newer version
 */
export function openSqlite(place: string): Store {
  try {
    return new SqliteStore(openDatabase(place))
  } catch (error) {
    if (error instanceof StoreError) throw error
    const detail = error instanceof Error ? error.message : String(error)
    throw new StoreError(`cannot open the data in ${place}: ${detail}: ${helpFor(detail)}`, { cause: error })
  }
}

/** What to do about a message of SQLite's. */
function helpFor(detail: string): string {
  if (/locked/.test(detail)) return 'another Rollcall is using it; stop that one or choose another --data folder'
  if (/malformed|not a database/.test(detail)) {
    return 'the file rollcall.sqlite is damaged; restore it from a backup, or remove it to begin anew'
  }
  return 'check that it is a folder you may write to, or choose another with --data'
}

function openDatabase(place: string): DatabaseSync {
  if (place === 'memory') return migrate(new DatabaseSync(':memory:'), place)
  mkdirSync(place, { recursive: true, mode: 0o700 })
  const file = join(place, 'rollcall.sqlite')
  const database = new DatabaseSync(file)
  try {
    chmodSync(file, 0o600)
    // One server per folder: the exclusive lock is taken by the first write and goes with the process.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    return migrate(database, place)
  } catch (error) {
    database.close()
    throw error
  }
}

/** Brings the schema up to date: numbered files, forward only, each in a transaction of its own. */
function migrate(database: DatabaseSync, place: string): DatabaseSync {
  const files = readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .toSorted()
  const row = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (row.user_version > files.length) {
    throw new StoreError(`the data in ${place} was written by a newer Rollcall: use that version, or another folder`)
  }
  for (const [index, name] of files.entries()) {
    if (index < row.user_version) continue
    const sql = readFileSync(new URL(name, MIGRATIONS), 'utf8')
    database.exec(`BEGIN EXCLUSIVE; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`)
  }
  // Takes the exclusive lock now, so that a second server is refused at its start and not at its first call.
  database.exec('BEGIN EXCLUSIVE; COMMIT')
  return database
}

interface Write {
  readonly run: () => void
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

class SqliteStore implements Store {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #writes: Write[] = []
  #scheduled = false

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  load(conversationId: string): Promise<StoredConversation | undefined> {
    return this.#read(() => {
      const row = this.#get('SELECT version, state FROM conversations WHERE id = ?', conversationId)
      return row && { version: Number(row['version']), conversation: parse<Conversation>(row['state']) }
    })
  }

  commit(commit: Commit): Promise<void> {
    return this.#write(() => {
      this.#saveConversation(commit)
      for (const call of commit.newCalls) {
        this.#run('INSERT INTO calls (id, conversation_id, app_id) VALUES (?, ?, ?)', [
          call.id,
          commit.conversation.id,
          call.appId,
        ])
      }
      for (const delivery of commit.deliveries) this.#insertDelivery(delivery)
      const { order, at, conversationId, command, requestId, events } = commit.timeline
      this.#run(
        'INSERT INTO timeline (ord, conversation_id, at, command, request_id, events) VALUES (?, ?, ?, ?, ?, ?)',
        [order, conversationId, at, command, requestId ?? null, JSON.stringify(events)],
      )
      if (commit.answer) this.#insertAnswer(commit.answer)
    })
  }

  #insertAnswer({ appId, key, fingerprint, at, answer }: KeptAnswer): void {
    this.#run('INSERT INTO answers (app_id, key, fingerprint, at, answer) VALUES (?, ?, ?, ?, ?)', [
      appId,
      key,
      fingerprint,
      at,
      JSON.stringify(answer),
    ])
  }

  keptAnswer(appId: string, key: string): Promise<KeptAnswer | undefined> {
    return this.#read(() => {
      const row = this.#get('SELECT * FROM answers WHERE app_id = ? AND key = ?', appId, key)
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
        ? this.#run(
            `INSERT INTO conversations (id, version, tenant_id, created_at, wake_at, ended_at, state)
             VALUES (?, 1, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
            [id, tenantId, createdAt, wakeAt ?? null, endedAt, state],
          )
        : this.#run(
            `UPDATE conversations SET version = version + 1, created_at = ?, wake_at = ?, ended_at = ?, state = ?
             WHERE id = ? AND version = ?`,
            [createdAt, wakeAt ?? null, endedAt, state, id, version],
          )
    if (changes !== 1) throw new VersionConflict(`conversation ${id} is no longer at version ${version}`)
  }

  #insertDelivery(delivery: Delivery): void {
    const { notification } = delivery
    this.#run(
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
    return this.#read(() => {
      const row = this.#get('SELECT conversation_id, app_id FROM calls WHERE id = ?', callId)
      return row && { callId, conversationId: String(row['conversation_id']), appId: String(row['app_id']) }
    })
  }

  unfinished(): Promise<readonly string[]> {
    return this.#read(() =>
      this.#all('SELECT id FROM conversations WHERE ended_at IS NULL ORDER BY created_at').map((row) =>
        String(row['id']),
      ),
    )
  }

  list({ ended, limit }: { ended: boolean; limit: number }): Promise<readonly Conversation[]> {
    const where = ended ? '' : 'WHERE ended_at IS NULL'
    return this.#read(() =>
      this.#all(`SELECT state FROM conversations ${where} ORDER BY created_at DESC, rowid DESC LIMIT ?`, limit).map(
        (row) => parse<Conversation>(row['state']),
      ),
    )
  }

  timeline(conversationId: string): Promise<readonly TimelineEntry[]> {
    return this.#read(() =>
      this.#all('SELECT * FROM timeline WHERE conversation_id = ? ORDER BY ord', conversationId).map((row) => ({
        order: Number(row['ord']),
        at: Number(row['at']),
        conversationId,
        command: String(row['command']),
        ...(row['request_id'] !== null && { requestId: String(row['request_id']) }),
        events: parse<Event[]>(row['events']),
      })),
    )
  }

  pending(options: { callId?: string; after?: number; limit: number }): Promise<readonly Delivery[]> {
    const { callId, after = 0, limit } = options
    return this.#read(() =>
      (callId === undefined
        ? this.#all("SELECT * FROM deliveries WHERE state = 'pending' ORDER BY call_id, number LIMIT ?", limit)
        : this.#all(
            "SELECT * FROM deliveries WHERE state = 'pending' AND call_id = ? AND number > ? ORDER BY number LIMIT ?",
            callId,
            after,
            limit,
          )
      ).map(deliveryOf),
    )
  }

  pendingCalls(): Promise<readonly string[]> {
    return this.#read(() =>
      this.#all("SELECT DISTINCT call_id FROM deliveries WHERE state = 'pending'").map((row) => String(row['call_id'])),
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
    return this.#read(() =>
      this.#all(
        `SELECT * FROM deliveries ${where} ORDER BY ord DESC LIMIT ?`,
        ...given.map(([, value]) => value),
        query.limit,
      ).map(deliveryOf),
    )
  }

  delivery(id: string): Promise<Delivery | undefined> {
    return this.#read(() => {
      const row = this.#get('SELECT * FROM deliveries WHERE id = ?', id)
      return row && deliveryOf(row)
    })
  }

  attempts(deliveryIds: readonly string[]): Promise<readonly Attempt[]> {
    return this.#read(() =>
      this.#all(
        'SELECT * FROM attempts WHERE delivery_id IN (SELECT value FROM json_each(?)) ORDER BY ord',
        JSON.stringify(deliveryIds),
      ).map(attemptOf),
    )
  }

  saveAttempt(attempt: Attempt, delivery?: Delivery): Promise<void> {
    return this.#write(() => {
      this.#run(
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
      this.#run(
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
    return this.#read(
      () =>
        new Map(
          this.#all('SELECT key, script FROM scripts').map((row) => [
            String(row['key']),
            parse<unknown>(row['script']),
          ]),
        ),
    )
  }

  saveScript(key: string, script: unknown): Promise<void> {
    return this.#write(() => {
      if (script === undefined) this.#run('DELETE FROM scripts WHERE key = ?', [key])
      else this.#run('INSERT OR REPLACE INTO scripts (key, script) VALUES (?, ?)', [key, JSON.stringify(script)])
    })
  }

  directoryChanges(): Promise<readonly unknown[]> {
    return this.#read(() =>
      this.#all('SELECT change FROM directory ORDER BY rowid').map((row) => parse<unknown>(row['change'])),
    )
  }

  saveDirectoryChanges(changes: ReadonlyMap<string, unknown>): Promise<void> {
    return this.#write(() => {
      for (const [key, change] of changes) {
        if (change === undefined) this.#run('DELETE FROM directory WHERE key = ?', [key])
        else {
          this.#run(
            'INSERT INTO directory (key, change) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET change = excluded.change',
            [key, JSON.stringify(change)],
          )
        }
      }
    })
  }

  loadKeys(): Promise<KeyRecord[]> {
    return this.#read(() =>
      this.#all('SELECT * FROM signing_keys ORDER BY created_at').map((row) => ({
        kid: String(row['kid']),
        createdAt: Number(row['created_at']),
        privateJwk: parse<Record<string, unknown>>(row['private_jwk']),
      })),
    )
  }

  saveKeys(keys: readonly KeyRecord[]): Promise<void> {
    return this.#write(() => {
      this.#run('DELETE FROM signing_keys', [])
      for (const { kid, createdAt, privateJwk } of keys) {
        this.#run('INSERT INTO signing_keys (kid, created_at, private_jwk) VALUES (?, ?, ?)', [
          kid,
          createdAt,
          JSON.stringify(privateJwk),
        ])
      }
    })
  }

  lastOrder(): Promise<number> {
    return this.#read(() => {
      const row = this.#get(
        `SELECT max(coalesce((SELECT max(ord) FROM deliveries), 0), coalesce((SELECT max(ord) FROM attempts), 0),
                    coalesce((SELECT max(ord) FROM timeline), 0)) AS last`,
      )
      return Number(row?.['last'] ?? 0)
    })
  }

  purge(before: { conversations: number; deliveries: number; timeline: number; answers: number }): Promise<void> {
    return this.#write(() => {
      const old = 'SELECT id FROM conversations WHERE ended_at < ?'
      this.#run(`DELETE FROM calls WHERE conversation_id IN (${old})`, [before.conversations])
      this.#run('DELETE FROM conversations WHERE ended_at < ?', [before.conversations])
      const settled = 'SELECT id FROM deliveries WHERE settled_at < ?'
      this.#run(`DELETE FROM attempts WHERE delivery_id IN (${settled})`, [before.deliveries])
      this.#run('DELETE FROM deliveries WHERE settled_at < ?', [before.deliveries])
      this.#run('DELETE FROM timeline WHERE at < ?', [before.timeline])
      this.#run('DELETE FROM answers WHERE at < ?', [before.answers])
    })
  }

  reset(): Promise<void> {
    return this.#write(() => {
      for (const table of [
        'conversations',
        'calls',
        'deliveries',
        'attempts',
        'timeline',
        'scripts',
        'answers',
        'directory',
      ]) {
        this.#run(`DELETE FROM ${table}`, [])
      }
    })
  }

  close(): Promise<void> {
    this.#flush()
    this.#statements.clear()
    this.#database.close()
    return Promise.resolve()
  }

  // One transaction per turn of the event loop

  #write(run: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writes.push({ run, resolve, reject })
      if (this.#scheduled) return
      this.#scheduled = true
      setImmediate(() => this.#flush())
    })
  }

  #flush(): void {
    this.#scheduled = false
    const writes = this.#writes
    if (writes.length === 0) return
    this.#writes = []
    try {
      this.#transaction(writes)
      for (const write of writes) write.resolve()
    } catch (error) {
      if (writes.length === 1) writes[0]?.reject(error)
      else this.#flushOneByOne(writes)
    }
  }

  /** One write spoilt the shared transaction: the others must not suffer for it. */
  #flushOneByOne(writes: readonly Write[]): void {
    for (const write of writes) {
      try {
        this.#transaction([write])
        write.resolve()
      } catch (error) {
        write.reject(error)
      }
    }
  }

  #transaction(writes: readonly Write[]): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      for (const write of writes) write.run()
      this.#database.exec('COMMIT')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  /** A reading: like a write it settles later, and a failure is a rejection. */
  #read<T>(run: () => T): Promise<T> {
    return new Promise((resolve) => {
      resolve(run())
    })
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.#database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  #run(sql: string, values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes)
  }

  #get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values)
  }

  #all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values)
  }
}
