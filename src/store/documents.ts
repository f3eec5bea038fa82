/** The documents of the embedded store. */
import type { SQLInputValue } from 'node:sqlite'
import type { Database } from './database.ts'
import type { Row, Statement } from './statement.ts'
import { parse } from './rows.ts'
import type { Document, DocumentQuery, Documents } from './store.ts'

/** Documents in one table of SQLite. */
export class SqliteDocuments implements Documents {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async get(kind: string, key: string): Promise<Document | undefined> {
    const row = await this.#database.get('SELECT * FROM documents WHERE kind = ? AND key = ?', kind, key)
    return row && documentOf(row)
  }

  async list({ kind, owner, limit, after, newest = false }: DocumentQuery): Promise<readonly Document[]> {
    const conditions = ['kind = ?']
    const values: SQLInputValue[] = [kind]
    if (owner !== undefined) {
      conditions.push('owner = ?')
      values.push(owner)
    }
    if (after) {
      conditions.push('(at, key) > (?, ?)')
      values.push(after.at, after.key)
    }
    const order = newest ? 'at DESC, key DESC' : 'at, key'
    const sql = `SELECT * FROM documents WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ?`
    return (await this.#database.all(sql, ...values, limit)).map(documentOf)
  }

  async count(kind: string, owner?: string): Promise<number> {
    const sql = `SELECT count(*) AS number FROM documents WHERE kind = ?${owner === undefined ? '' : ' AND owner = ?'}`
    const values = owner === undefined ? [kind] : [kind, owner]
    return Number((await this.#database.get(sql, ...values))?.['number'] ?? 0)
  }

  async put(document: Document): Promise<void> {
    await this.#database.write([putDocument(document)])
  }

  async remove(kind: string, key: string): Promise<boolean> {
    const statement = { sql: 'DELETE FROM documents WHERE kind = ? AND key = ?', values: [kind, key] }
    const [removed = 0] = await this.#database.write([statement])
    return removed > 0
  }

  async purge(kind: string, before: number): Promise<void> {
    await this.#database.write([{ sql: 'DELETE FROM documents WHERE kind = ? AND at < ?', values: [kind, before] }])
  }
}

/** Keeps a document. */
export function putDocument({ kind, key, owner, at, value }: Document): Statement {
  return {
    sql: 'INSERT OR REPLACE INTO documents (kind, key, owner, at, value) VALUES (?, ?, ?, ?, ?)',
    values: [kind, key, owner, at, JSON.stringify(value)],
  }
}

function documentOf(row: Row): Document {
  return {
    kind: String(row['kind']),
    key: String(row['key']),
    owner: String(row['owner']),
    at: Number(row['at']),
    value: parse<unknown>(row['value']),
  }
}
