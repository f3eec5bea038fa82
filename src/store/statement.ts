/** Statements for SQLite, and what becomes of them. */
import type { SQLInputValue } from 'node:sqlite'

/** A row as `node:sqlite` gives it. */
export type Row = Record<string, SQLInputValue>

/** A statement with its values. */
export interface Statement {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
  /** Of a query: rows are read until their texts have so many characters. */
  readonly most?: number
  /** It must change a row: else its write fails, and this is why. */
  readonly orConflict?: string
}

/** What became of a write: how many rows each statement changed, or why nothing was changed. */
export type Written = readonly number[] | Failure

/** What became of anything else. */
export type Done = { readonly ok: true } | Failure

/** What became of a query. */
export type Found = { readonly ok: true; readonly rows: Row[]; readonly isCut: boolean } | Failure

/**
 * Why something failed. `conflict`: a statement that must change a row changed none. `full`: there was no room. `lost`:
 * the file cannot be used any longer. `fault`: the statement is wrong.
 */
export interface Failure {
  readonly ok: false
  readonly why: 'conflict' | 'full' | 'lost' | 'fault'
  readonly message: string
}
