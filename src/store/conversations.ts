/**
 * The conversations of the embedded store: each is written whole now and then, and in between what changed, so that a
 * commit writes about as much as has happened, however many people are in the call.
 */
import type { Conversation } from '../calls/conversation.ts'
import { changeOf } from './change.ts'
import type { Database } from './database.ts'
import type { Statement } from './statement.ts'
import type { Commit, StoredConversation } from './store.ts'
import { STORED, conversationOf } from './stored.ts'

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

/** All changes together are at most so many times as long as the whole: that bounds what a restart reads. */
const MOST_CHANGES = 4

const CONFLICT = 'the conversation is no longer at the version that was decided upon'

/** The version that a conversation is at. */
const CURRENT = `(SELECT max(version, coalesce((SELECT max(version) FROM timeline WHERE conversation_id = id), 0))
                  FROM conversations WHERE id = ?)`

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

  /** What a commit writes of its conversation, with its entry in the timeline: the change, unless the whole is due. */
  save(commit: Commit): Saving {
    const { conversation, before } = commit
    const written = before && this.#written.get(before)
    if (!written || isLandmark(conversation, before)) return saveWhole(commit)
    const change = JSON.stringify(changeOf(before, conversation) ?? { members: {} })
    const changes = written.changes + change.length
    if (changes > MOST_CHANGES * written.whole) return saveWhole(commit)
    return { statements: [insertTimeline(commit, change)], written: { ...written, changes } }
  }

  /** Notes how a conversation is written. */
  noteSaved(conversation: Conversation, written: Written): void {
    this.#written.set(conversation, written)
  }
}

/** Whether something changed that has a column of its own, or the conversation is over: its timeline may be forgotten. */
function isLandmark(after: Conversation, before: Conversation): boolean {
  return (
    after.endedAt !== undefined ||
    after.createdAt !== before.createdAt ||
    after.departures.length !== before.departures.length
  )
}

function saveWhole(commit: Commit): Saving {
  const { conversation, version } = commit
  const { id, tenantId, createdAt, endedAt = null, departures } = conversation
  const state = JSON.stringify(conversation)
  const rest = [createdAt, endedAt, departures.length, state]
  const save =
    version === 0
      ? {
          sql: `INSERT INTO conversations (id, version, tenant_id, created_at, ended_at, departing, state)
                VALUES (?, 1, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
          values: [id, tenantId, ...rest],
          orConflict: CONFLICT,
        }
      : {
          sql: `UPDATE conversations SET version = ?, created_at = ?, ended_at = ?, departing = ?, state = ?
                WHERE id = ? AND ${CURRENT} = ?`,
          values: [version + 1, ...rest, id, id, version],
          orConflict: CONFLICT,
        }
  return { statements: [save, insertTimeline(commit, null)], written: { whole: state.length, changes: 0 } }
}

/** @param change what became of the conversation; null if it is written whole */
function insertTimeline(commit: Commit, change: string | null): Statement {
  const { order, at, conversationId, command, requestId, by, events } = commit.timeline
  const entry = [order, conversationId, at, command, requestId ?? null, by ? JSON.stringify(by) : null]
  const columns =
    'INSERT INTO timeline (ord, conversation_id, at, command, request_id, origin, events, version, change)'
  const values = [...entry, JSON.stringify(events), commit.version + 1, change]
  if (change === null) return { sql: `${columns} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, values }
  return {
    sql: `${columns} SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ${CURRENT} = ?`,
    values: [...values, conversationId, commit.version],
    orConflict: CONFLICT,
  }
}
