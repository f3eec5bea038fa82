/** Conversations as they stand in the database: a state, and what changed since. */
import type { DatabaseSync } from 'node:sqlite'
import type { Conversation } from '../calls/conversation.ts'
import type { Change } from './change.ts'
import { changed } from './change.ts'
import { parse } from './rows.ts'
import type { Row } from './statement.ts'

/** Conversations, each with its changes as one text: read at once, so that both are of the same moment. */
export const STORED = `SELECT id, state,
  max(version, coalesce((SELECT max(version) FROM timeline WHERE conversation_id = id), 0)) AS version,
  (SELECT group_concat(change, ',' ORDER BY version) FROM timeline
   WHERE conversation_id = id AND version > conversations.version) AS changes
  FROM conversations`

/** Writes every conversation whole, so that a migration finds all of it in its state. */
export function writeAllWhole(database: DatabaseSync): void {
  database.exec('BEGIN EXCLUSIVE')
  const find = database.prepare(`${STORED} WHERE id = ?`)
  const save = database.prepare('UPDATE conversations SET version = ?, state = ? WHERE id = ?')
  for (const { id = null } of database.prepare('SELECT id FROM conversations WHERE ended_at IS NULL').all()) {
    const row = find.get(id)
    if (row) save.run(row['version'] ?? null, JSON.stringify(conversationOf(row)), id)
  }
  database.exec('COMMIT')
}

/** A conversation out of a row of `STORED`. */
export function conversationOf({ state, changes }: Row): Conversation {
  const since = changes === null ? [] : parse<Change[]>(`[${String(changes)}]`)
  return since.reduce((before, change) => changed(before, change) as Conversation, parse<Conversation>(state))
}
