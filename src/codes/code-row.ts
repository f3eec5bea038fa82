import type { CodeSource } from '../calls/reason-row.ts'

/** What every code says of itself, whichever answer carries it. */
export interface CodeRow {
  /** What it means, as a clause. */
  readonly text: string
  /** What makes Rollcall send it, as a clause; for a code that it never sends, where it belongs. */
  readonly when: string
  /** What whoever reads it can do about it: a sentence without its full stop. */
  readonly todo: string
  readonly source: CodeSource
}

/** A code of an answer to a request. */
export interface ErrorRow extends CodeRow {
  /** The HTTP statuses that it comes with. */
  readonly statuses: readonly number[]
}

/** A code of the calling API: a number as text, with Graph's `error.message` for it. */
export interface CallingErrorRow extends ErrorRow {
  readonly message: string
}
