/**
 * The directory in use. It follows its file: a valid edit takes effect at once, and an invalid one changes nothing but
 * is reported, so that a slip of the pen never stops a running server.
 */
import { watch, type FSWatcher } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Problem } from './cursor.ts'
import type { Directory } from './directory.ts'
import { readDirectory } from './read.ts'

/** The directory that comes with the product, for whoever has none of their own yet. */
export const demoDirectoryFile: string = fileURLToPath(new URL('demo.yaml', import.meta.url))

/** How to open a live directory. */
export interface LiveDirectoryOptions {
  /** Path of the YAML file. */
  readonly file: string
  /** The wire versions that an application may pin. */
  readonly wireVersions: readonly string[]
  /** Whether to follow edits of the file; without it only `reload` reads it again. Default true. */
  readonly watch?: boolean
  /** Told when an edit took effect. */
  readonly onChange?: (directory: Directory) => void
  /** Told when an edit was refused, or the file cannot be read; the directory before it stays in use. */
  readonly onProblems?: (problems: readonly Problem[]) => void
}

/** A live directory, or why there is none: at the start there is no earlier state to fall back on. */
export type OpenedDirectory = { ok: true; live: LiveDirectory } | { ok: false; problems: readonly Problem[] }

/** What one reading of the file came to. */
export type Reloaded = { ok: true; changed: boolean } | { ok: false; problems: readonly Problem[] }

/** A directory that follows its file. `current()` is cheap: ask for it each time rather than keeping what it gave. */
export class LiveDirectory {
  readonly #options: LiveDirectoryOptions
  #directory: Directory
  /** The text that was last judged, valid or not: the same text need not be judged, or complained of, again. */
  #text: string
  #watcher: FSWatcher | undefined
  #reading: Promise<unknown> = Promise.resolve()
  #readAgain = false
  #closed = false

  private constructor(options: LiveDirectoryOptions, directory: Directory, text: string) {
    this.#options = options
    this.#directory = directory
    this.#text = text
  }

  /** Reads the file and begins to follow it. */
  static async open(options: LiveDirectoryOptions): Promise<OpenedDirectory> {
    const text = await readText(options.file)
    if (typeof text !== 'string') return { ok: false, problems: [text] }
    const read = readDirectory(text, options)
    if (!read.ok) return read
    const live = new LiveDirectory(options, read.directory, text)
    if (options.watch ?? true) live.#watch()
    return { ok: true, live }
  }

  /** The directory in use. */
  current(): Directory {
    return this.#directory
  }

  /** Reads the file now, whether it changed or not. Problems are returned and also go to `onProblems`. */
  reload(): Promise<Reloaded> {
    const reading = this.#reading.then(() => this.#read())
    this.#reading = reading
    return reading
  }

  /** Stops following the file; resolves when no reading is under way any more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#watcher?.close()
    await this.#reading
  }

  /**
   * Watches the folder, not the file: editors replace the file by renaming, and a watch on the file would stay with the
   * one that is gone.
   */
  #watch(): void {
    const path = resolve(this.#options.file)
    const name = basename(path)
    this.#watcher = watch(dirname(path), { persistent: false }, (_, changed) => {
      // Names that begin with two dots are how a mounted Kubernetes volume changes all its files at once.
      if (changed === null || changed === name || changed.startsWith('..')) this.#follow()
    })
    // A watch that breaks (the folder was removed) must not end the process; `reload` goes on working.
    this.#watcher.on('error', (error) => {
      this.#options.onProblems?.([fileProblem(this.#options.file, `is no longer followed: ${error.message}`)])
    })
    // An edit between the first reading and the start of the watch has made no event.
    this.#follow()
  }

  /** One reading at a time; events during it make one more follow, which sees whatever they announced. */
  #follow(): void {
    if (this.#readAgain) return
    this.#readAgain = true
    this.#reading = this.#reading.then(() => {
      this.#readAgain = false
      return this.#closed ? undefined : this.#read(true)
    })
  }

  async #read(following = false): Promise<Reloaded> {
    const text = await readText(this.#options.file)
    if (typeof text !== 'string') return this.#refuse([text])
    // While following, an empty file is one that an editor has cut off and is about to write.
    if (following && (text === this.#text || text === '')) return { ok: true, changed: false }
    const changed = text !== this.#text
    this.#text = text
    const read = readDirectory(text, this.#options)
    if (!read.ok) return this.#refuse(read.problems)
    this.#directory = read.directory
    if (changed) this.#options.onChange?.(read.directory)
    return { ok: true, changed }
  }

  #refuse(problems: readonly Problem[]): Reloaded {
    this.#options.onProblems?.(problems)
    return { ok: false, problems }
  }
}

async function readText(file: string): Promise<string | Problem> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return fileProblem(file, `cannot be read: ${why}; check the path and its permissions`)
  }
}

function fileProblem(file: string, message: string): Problem {
  return { file, line: 1, column: 1, path: '', message: `the file ${message}` }
}
