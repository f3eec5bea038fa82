/** The SQLite database itself: opening it, its schema, and one transaction per turn of the event loop. */
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import type { Row } from './rows.ts'

const MIGRATIONS = new URL('migrations/', import.meta.url)

/** Thrown when the data cannot be opened; the message says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}

/**
 * Opens the database.
 * @param place `memory`, or a folder (made if absent, readable by its owner only) that one server at a time may use
 * @throws StoreError if the folder is in use, not writable, damaged, or written by a newer version
 */
export function openDatabase(place: string): Database {
  try {
    return new Database(openFile(place))
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

function openFile(place: string): DatabaseSync {
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

/** A database whose writes of one turn of the event loop share a transaction, each resolving when that is on disk. */
export class Database {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #writes: Write[] = []
  #scheduled = false

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** Runs statements in the turn's transaction. */
  write(run: () => void): Promise<void> {
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
  read<T>(run: () => T): Promise<T> {
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

  /** Runs a statement; returns how many rows it changed. */
  run(sql: string, values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes)
  }

  /** The first row of a query. */
  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values)
  }

  /** Every row of a query. */
  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values)
  }

  /** Writes what waits, and closes the file. */
  close(): void {
    this.#flush()
    this.#statements.clear()
    this.#database.close()
  }
}
