/** The documents of the embedded store. */
import type { SQLInputValue } from 'node:sqlite'
import type { Database } from './database.ts'
import type { Row } from './rows.ts'
import { parse } from './rows.ts'
import type { Document, DocumentQuery, Documents } from './store.ts'

/** Documents in one table of SQLite. */
export class SqliteDocuments implements Documents {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  get(kind: string, key: string): Promise<Document | undefined> {
    return this.#database.read(() => {
      const row = this.#database.get('SELECT * FROM documents WHERE kind = ? AND key = ?', kind, key)
      return row && documentOf(row)
    })
  }

  list({ kind, owner, limit, after, newest = false }: DocumentQuery): Promise<readonly Document[]> {
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
    return this.#database.read(() => this.#database.all(sql, ...values, limit).map(documentOf))
  }

  count(kind: string, owner?: string): Promise<number> {
    const sql = `SELECT count(*) AS number FROM documents WHERE kind = ?${owner === undefined ? '' : ' AND owner = ?'}`
    const values = owner === undefined ? [kind] : [kind, owner]
    return this.#database.read(() => Number(this.#database.get(sql, ...values)?.['number'] ?? 0))
  }

  put(document: Document): Promise<void> {
    return this.#database.write(() => putDocument(this.#database, document))
  }

  async remove(kind: string, key: string): Promise<boolean> {
    let removed = 0
    await this.#database.write(() => {
      removed = this.#database.run('DELETE FROM documents WHERE kind = ? AND key = ?', [kind, key])
    })
    return removed > 0
  }

  purge(kind: string, before: number): Promise<void> {
    return this.#database.write(() => {
      this.#database.run('DELETE FROM documents WHERE kind = ? AND at < ?', [kind, before])
    })
  }
}

/** Keeps a document, in the transaction that is under way. */
export function putDocument(database: Database, { kind, key, owner, at, value }: Document): void {
  database.run('INSERT OR REPLACE INTO documents (kind, key, owner, at, value) VALUES (?, ?, ?, ?, ?)', [
    kind,
    key,
    owner,
    at,
    JSON.stringify(value),
  ])
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
