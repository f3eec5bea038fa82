/** SQLite itself: opening the file, its schema, and statements as they come. It waits for the disk, so it has a thread. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, backup } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import type { Done, Failure, Found, Row, Statement, Written } from './statement.ts'
import { StoreError } from './store.ts'
import { writeAllWhole } from './stored.ts'

const FILE = 'rollcall.sqlite'
/** Stands beside the file once damage was met: all of it is looked at before it is used again. */
const MARK = `${FILE}.damaged`
/** What the file is called while it is closed without being touched. */
const ASIDE = `${FILE}.aside`
const MIGRATIONS = new URL('migrations/', import.meta.url)

/** Bytes of the file that are held in memory. */
const CACHE = 64 * 1024 * 1024
/** Pages that wait in the log until they are written to their places, all together. */
const LOG_PAGES = 8000

/** Pages (of 4 KB) that a backup copies before other work has its turn. */
const PAGES_AT_A_TIME = 256

/** Thrown inside a transaction by a statement that should have changed a row. */
class Conflict extends Error {}

/** An open database. */
export class Engine {
  readonly #database: DatabaseSync
  readonly #place: string
  /** Set once the file is known to be damaged: nothing more is read or written. */
  #damage: Failure | undefined
  readonly #statements = new Map<string, StatementSync>()

  /**
   * @param place `memory`, or a folder (made if absent, readable by its owner only) that one server at a time may use
   * @throws StoreError if the folder is in use, not writable, damaged, or written by a newer version
   */
  constructor(place: string) {
    this.#place = place
    try {
      this.#database = openFile(place)
    } catch (error) {
      if (error instanceof StoreError) throw error
      const detail = messageOf(error)
      throw new StoreError(`cannot open the data in ${place}: ${detail}: ${helpFor(detail)}`, { cause: error })
    }
  }

  /** Does several writes in one transaction; if one of them spoils it, each in its own: the others do not suffer for it. */
  write(writes: readonly (readonly Statement[])[]): readonly Written[] {
    const damage = this.#damage
    if (damage) return writes.map(() => damage)
    try {
      return this.#transaction(writes)
    } catch (error) {
      if (writes.length > 1 && !isDamage(error)) return writes.flatMap((one) => this.write([one]))
      const failure = this.#failed(error)
      return writes.map(() => failure)
    }
  }

  #transaction(writes: readonly (readonly Statement[])[]): readonly Written[] {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const written = writes.map((write) => write.map((one) => this.#run(one)))
      this.#database.exec('COMMIT')
      return written
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  #run({ sql, values, orConflict }: Statement): number {
    const changes = Number(this.#statement(sql).run(...values).changes)
    if (changes === 0 && orConflict !== undefined) throw new Conflict(orConflict)
    return changes
  }

  /** The rows of a query. */
  query({ sql, values, most }: Statement): Found {
    if (this.#damage) return this.#damage
    try {
      if (most !== undefined) return readSome(this.#statement(sql).iterate(...values), most)
      return { ok: true, rows: this.#statement(sql).all(...values), isCut: false }
    } catch (error) {
      return this.#failed(error)
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.#database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  /** Copies the database into a new file, some pages at a time: what is written meanwhile is copied as well. */
  async backUp(file: string): Promise<Done> {
    if (this.#damage) return this.#damage
    try {
      writeFileSync(file, '', { mode: 0o600, flag: 'wx' })
      await backup(this.#database, file, { rate: PAGES_AT_A_TIME })
      return { ok: true }
    } catch (error) {
      return failed(error)
    }
  }

  close(): void {
    if (this.#damage) return
    this.#statements.clear()
    this.#database.close()
  }

  #failed(error: unknown): Failure {
    const failure = failed(error)
    if (isDamage(error) && this.#place !== 'memory') {
      this.#damage = failure
      this.#statements.clear()
      mark(this.#place, failure.message)
      closeUntouched(this.#database, this.#place)
    }
    return failure
  }
}

function failed(error: unknown): Failure {
  return { ok: false, why: error instanceof Conflict ? 'conflict' : whyOf(error), message: messageOf(error) }
}

/** Reads rows until their texts have so many characters; the first one in any case. */
function readSome(found: Iterable<Row>, most: number): Found {
  const rows: Row[] = []
  let size = 0
  for (const row of found) {
    for (const value of Object.values(row)) if (typeof value === 'string') size += value.length
    if (size > most && rows.length > 0) return { ok: true, rows, isCut: true }
    rows.push(row)
  }
  return { ok: true, rows, isCut: false }
}

/** Thrown when a file that was damaged is so still. */
class Damage extends Error {}

/** Malformed, not a database (sqlite.org/rescode.html). */
const DAMAGED: ReadonlySet<number> = new Set([11, 26])

function isDamage(error: unknown): boolean {
  return error instanceof Damage || DAMAGED.has(codeOf(error) & 0xff)
}

function mark(place: string, message: string): void {
  try {
    writeFileSync(join(place, MARK), `${message}\n`, { mode: 0o600 })
  } catch {
    // The next start may take longer to find it, and says the same.
  }
}

/**
 * Closes a damaged database so that its files stay as they are, for whoever wants to save something of them. SQLite would
 * move the log's pages into the file, but not into one that is no longer where it was opened.
 */
function closeUntouched(database: DatabaseSync, place: string): void {
  try {
    renameSync(join(place, FILE), join(place, ASIDE))
  } catch {
    database.close()
    return
  }
  try {
    database.close()
  } finally {
    renameSync(join(place, ASIDE), join(place, FILE))
  }
  const log = join(place, `${FILE}-wal`)
  if (statSync(log, { throwIfNoEntry: false })?.size === 0) rmSync(log)
}

/** SQLite's result codes (sqlite.org/rescode.html): the low byte is the kind, all of it the exact one. */
const FULL: ReadonlySet<number> = new Set([13, 778])
/** Not writable any more, I/O error, malformed, cannot be opened, not a database. */
const LOST: ReadonlySet<number> = new Set([8, 10, 11, 14, 26])

/** What an error of SQLite's means. 778 is a write that was not done in full, as beyond a quota. */
function whyOf(error: unknown): Failure['why'] {
  const code = codeOf(error)
  if (FULL.has(code)) return 'full'
  return LOST.has(code & 0xff) ? 'lost' : 'fault'
}

function codeOf(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What to do about a message of SQLite's. */
export function helpFor(detail: string): string {
  if (/locked/.test(detail)) return 'another Rollcall is using it; stop that one or choose another --data folder'
  if (/malformed|not a database/.test(detail)) {
    return 'the file rollcall.sqlite is damaged; restore it from a backup, or remove it to begin anew'
  }
  if (/is full/.test(detail)) return 'free some space there, and start the server again'
  if (/thread has ended|I\/O error/.test(detail))
    return 'check the disk, and start the server again: it goes on where it was'
  return 'check that it is a folder you may write to, or choose another with --data'
}

function openFile(place: string): DatabaseSync {
  if (place === 'memory') return migrate(new DatabaseSync(':memory:'), place)
  mkdirSync(place, { recursive: true, mode: 0o700 })
  const file = join(place, FILE)
  if (existsSync(join(place, ASIDE)) && !existsSync(file)) renameSync(join(place, ASIDE), file)
  const database = new DatabaseSync(file)
  try {
    chmodSync(file, 0o600)
    // One server per folder: the exclusive lock is taken by the first write and goes with the process.
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    if (existsSync(join(place, MARK))) lookThrough(database, place)
    // Before anything is changed: data that is refused stays as it was.
    const version = versionOf(database, place)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    database.exec(`PRAGMA cache_size = -${CACHE / 1024}; PRAGMA wal_autocheckpoint = ${LOG_PAGES}`)
    if (version > 0 && version < migrations.length) keepCopy(database, `${file}.before-${migrations.length}`)
    return migrate(database, place)
  } catch (error) {
    if (isDamage(error)) closeUntouched(database, place)
    else database.close()
    throw error
  }
}

/** Looks at all of a file in which damage was met; another one may have been put in its place. @throws Damage */
function lookThrough(database: DatabaseSync, place: string): void {
  const { quick_check: found } = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string }
  if (found !== 'ok') throw new Damage('it was found to be malformed when it was last used')
  rmSync(join(place, MARK))
}

/** What a migration begins from stays beside what it makes, for whoever wants the version of before back. */
function keepCopy(database: DatabaseSync, copy: string): void {
  const partial = `${copy}.part`
  rmSync(partial, { force: true })
  writeFileSync(partial, '', { mode: 0o600 })
  database.prepare('VACUUM INTO ?').run(partial)
  renameSync(partial, copy)
}

/** The numbered files that made the schema what it is. */
const migrations = readdirSync(MIGRATIONS)
  .filter((name) => name.endsWith('.sql'))
  .toSorted()

/** How many migrations a database has been through. @throws StoreError if it is of a newer version */
function versionOf(database: DatabaseSync, place: string): number {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version <= migrations.length) return version
  throw new StoreError(`the data in ${place} was written by a newer Rollcall: use that version, or another folder`)
}

/** The first version that has changes beside states. */
const CHANGES_SINCE = 8

/** Brings the schema up to date: forward only, each step in a transaction of its own. */
function migrate(database: DatabaseSync, place: string): DatabaseSync {
  const version = versionOf(database, place)
  if (version >= CHANGES_SINCE && version < migrations.length) writeAllWhole(database)
  for (const [index, name] of migrations.entries()) {
    if (index < version) continue
    const sql = readFileSync(new URL(name, MIGRATIONS), 'utf8')
    database.exec(`BEGIN EXCLUSIVE; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`)
  }
  // Takes the exclusive lock now, so that a second server is refused at its start and not at its first call.
  database.exec('BEGIN EXCLUSIVE; COMMIT')
  return database
}
