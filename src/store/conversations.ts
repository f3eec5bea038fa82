/**
 * The conversations of the embedded store: each is written whole now and then, and in between what changed, so that a
 * commit writes about as much as has happened, however many people are in the call.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Conversation } from '../calls/conversation.ts'
import type { Change } from './change.ts'
import { changeOf, changed } from './change.ts'
import type { Database } from './database.ts'
import type { Row, Statement } from './engine.ts'
import { parse } from './rows.ts'
import type { Commit, StoredConversation } from './store.ts'

/** How a conversation is written, in characters. */
interface Written {
  readonly whole: number
  /** The changes since, all together. */
  readonly changes: number
}

/** A commit's statements, and how the conversation is written once they are carried out. */
export interface Saving {
  readonly statements: readonly Statement[]
  readonly written: Written
}

/** The version that a conversation is at. */
const CURRENT = `coalesce((SELECT max(version) FROM changes WHERE conversation_id = ?),
                          (SELECT version FROM conversations WHERE id = ?))`

/** Conversations, each with its changes as one text: read at once, so that both are of the same moment. */
const STORED = `SELECT state,
  coalesce((SELECT max(version) FROM changes WHERE conversation_id = id), version) AS version,
  (SELECT group_concat(change, ',' ORDER BY version) FROM changes WHERE conversation_id = id) AS changes
  FROM conversations`

/** Reads and writes conversations. */
export class SqliteConversations {
  readonly #database: Database
  /** How those are written that were loaded or saved here, and are still in use. */
  readonly #written = new WeakMap<Conversation, Written>()

  constructor(database: Database) {
    this.#database = database
  }

  async load(id: string): Promise<StoredConversation | undefined> {
    const row = await this.#database.get(`${STORED} WHERE id = ?`, id)
    if (!row) return undefined
    const conversation = conversationOf(row)
    const [whole, changes] = [row['state'], row['changes'] ?? ''].map((text) => String(text).length) as [number, number]
    this.noteSaved(conversation, { whole, changes })
    return { conversation, version: Number(row['version']) }
  }

  /** Conversations, newest first. */
  async list({ ended, limit }: { ended: boolean; limit: number }): Promise<readonly Conversation[]> {
    const where = ended ? '' : 'WHERE ended_at IS NULL'
    const sql = `${STORED} ${where} ORDER BY created_at DESC, conversations.rowid DESC LIMIT ?`
    return (await this.#database.all(sql, limit)).map(conversationOf)
  }

  /** What a commit writes of its conversation: the change, unless the whole is due. */
  save(commit: Commit): Saving {
    const { conversation, version, before, timeline } = commit
    const written = before && this.#written.get(before)
    if (!written || isLandmark(conversation, before)) return saveWhole(commit)
    const change = JSON.stringify(changeOf(before, conversation) ?? { members: {} })
    const changes = written.changes + change.length
    // All changes together are never longer than the whole: that bounds what is read again, and what is written twice.
    if (changes > written.whole) return saveWhole(commit)
    const { id } = conversation
    return {
      statements: [
        {
          sql: `INSERT INTO changes (ord, conversation_id, version, change) SELECT ?, ?, ?, ? WHERE ${CURRENT} = ?`,
          values: [timeline.order, id, version + 1, change, id, id, version],
          orConflict: conflictOf(commit),
        },
      ],
      written: { ...written, changes },
    }
  }

  /** Notes how a conversation is written. */
  noteSaved(conversation: Conversation, written: Written): void {
    this.#written.set(conversation, written)
  }
}

/** Whether something changed that has a column of its own. */
function isLandmark(after: Conversation, before: Conversation): boolean {
  return (
    after.createdAt !== before.createdAt ||
    after.endedAt !== before.endedAt ||
    after.departures.length !== before.departures.length
  )
}

function saveWhole(commit: Commit): Saving {
  const { conversation, version } = commit
  const { id, tenantId, createdAt, endedAt = null, departures } = conversation
  const state = JSON.stringify(conversation)
  const written = { whole: state.length, changes: 0 }
  const orConflict = conflictOf(commit)
  if (version === 0) {
    const sql = `INSERT INTO conversations (id, version, tenant_id, created_at, ended_at, departing, state)
                 VALUES (?, 1, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
    const values = [id, tenantId, createdAt, endedAt, departures.length, state]
    return { statements: [{ sql, values, orConflict }], written }
  }
  const sql = `UPDATE conversations SET version = ?, created_at = ?, ended_at = ?, departing = ?, state = ?
               WHERE id = ? AND ${CURRENT} = ?`
  const values = [version + 1, createdAt, endedAt, departures.length, state, id, id, id, version]
  const forget = { sql: 'DELETE FROM changes WHERE conversation_id = ?', values: [id] }
  return { statements: [{ sql, values, orConflict }, forget], written }
}

function conflictOf({ conversation, version }: Commit): string {
  return `conversation ${conversation.id} is no longer at version ${version}`
}

/** Writes every conversation whole, so that a migration finds all of it in its state. */
export function writeAllWhole(database: DatabaseSync): void {
  database.exec('BEGIN EXCLUSIVE')
  const find = database.prepare(`${STORED} WHERE id = ?`)
  const save = database.prepare('UPDATE conversations SET version = ?, state = ? WHERE id = ?')
  for (const { id = null } of database.prepare('SELECT DISTINCT conversation_id AS id FROM changes').all()) {
    const row = find.get(id)
    if (row) save.run(row['version'] ?? null, JSON.stringify(conversationOf(row)), id)
  }
  database.exec('DELETE FROM changes; COMMIT')
}

function conversationOf({ state, changes }: Row): Conversation {
  const since = changes === null ? [] : parse<Change[]>(`[${String(changes)}]`)
  return since.reduce((before, change) => changed(before, change) as Conversation, parse<Conversation>(state))
}
