/** What a house rule is. */
import { lineAt, type SourceFile } from './source-file.ts'

/** Something that breaks a rule, and what to change. */
export interface Violation {
  readonly path: string
  /** From 1. */
  readonly line: number
  readonly message: string
}

/** One rule of the house; `test/house.test.ts` checks each. */
export interface Rule {
  readonly name: string
  /** Everything in `files` that breaks the rule. */
  check(files: readonly SourceFile[]): Violation[]
}

/** A file that may break a rule, for a reason. */
export interface Exception {
  readonly rule: string
  readonly path: string
  readonly reason: string
}

/** A violation at an offset of a file. */
export function violation(file: SourceFile, offset: number, message: string): Violation {
  return { path: file.path, line: lineAt(file, offset), message }
}

/** A rule that looks at one file at a time. */
export function fileRule(name: string, check: (file: SourceFile) => Violation[]): Rule {
  return { name, check: (files) => files.flatMap(check) }
}
