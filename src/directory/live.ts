/**
 * The directory in use. It follows its file: a valid edit takes effect at once, and an invalid one changes nothing but
 * is reported, so that a slip of the pen never stops a running server. What is changed while the server runs lies over
 * the file, is kept in the store, and wins.
 */
import { watch, type FSWatcher } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Address } from '../calls/identity.ts'
import type { Script } from '../endpoints/scripted/script.ts'
import type { Change } from './changes.ts'
import { applyChanges, changeKey } from './changes.ts'
import { sealed } from './credentials.ts'
import type { Problem } from './cursor.ts'
import type { Directory } from './directory.ts'
import { DirectoryRefusal } from './refusal.ts'
import { readDirectory } from './read.ts'

/** The directory that comes with the product, for whoever has none of their own yet. */
export const demoDirectoryFile: string = fileURLToPath(new URL('demo.yaml', import.meta.url))

/** How to open a live directory. */
export interface LiveDirectoryOptions {
  /** Path of the YAML file. */
  readonly file: string
  /** The wire versions that an application may pin. */
  readonly wireVersions: readonly string[]
  /** What is wrong with a WAV file that a script says, as a clause; undefined if nothing is. */
  readonly checkSound?: (path: string) => string | undefined
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

/** Where changes are kept, as JSON. */
export interface ChangeStore {
  directoryChanges(): Promise<readonly unknown[]>
  /** Keeps or, where the value is undefined, forgets changes by their keys: all of them or none. */
  saveDirectoryChanges(changes: ReadonlyMap<string, unknown>): Promise<void>
}

/** A directory that follows its file. `current()` is cheap: ask for it each time rather than keeping what it gave. */
export class LiveDirectory {
  readonly #options: LiveDirectoryOptions
  /** What the file says. */
  #file: Directory
  /** What the file says, with the changes over it. */
  #directory: Directory
  readonly #changes = new Map<string, Change>()
  #kept: { readonly store: ChangeStore; readonly limit: number } | undefined
  #changing: Promise<unknown> = Promise.resolve()
  /** The text that was last judged, valid or not: the same text need not be judged, or complained of, again. */
  #text: string
  #watcher: FSWatcher | undefined
  #reading: Promise<unknown> = Promise.resolve()
  #readAgain = false
  #closed = false

  private constructor(options: LiveDirectoryOptions, directory: Directory, text: string) {
    this.#options = options
    this.#file = directory
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

  /** Path of the YAML file. */
  get file(): string {
    return this.#options.file
  }

  /** The directory in use. */
  current(): Directory {
    return this.#directory
  }

  /** What somebody does when rung, as the directory says. */
  scriptOf({ kind, id }: Pick<Address, 'kind' | 'id'>): Script {
    const entry = kind === 'user' ? this.#directory.user(id) : this.#directory.phoneNumber(id)
    return entry?.script ?? this.#directory.defaultScript
  }

  /** Reads the file now, whether it changed or not. Problems are returned and also go to `onProblems`. */
  reload(): Promise<Reloaded> {
    const reading = this.#reading.then(() => this.#read())
    this.#reading = reading
    return reading
  }

  /**
   * Lays the changes of earlier runs over the file, and keeps further ones.
   * @param limit how many may be kept at a time
   */
  async load(store: ChangeStore, limit: number): Promise<void> {
    this.#kept = { store, limit }
    for (const change of await store.directoryChanges()) {
      this.#changes.set(changeKey(change as Change), change as Change)
    }
    this.#directory = applyChanges(this.#file, [...this.#changes.values()])
  }

  /**
   * Changes the directory, one change after the other: `decide` sees what those before it made, and says what to change
   * and what to return, or throws a refusal. Resolves when the change is kept and in effect.
   */
  change<T>(decide: (current: Directory) => { readonly changes: readonly Change[]; readonly result: T }): Promise<T> {
    return this.#inTurn(async () => {
      const { changes, result } = decide(this.#directory)
      await this.#keep(changes.map(sealedChange))
      return result
    })
  }

  /** Forgets every change, here and, by `erase`, where they are kept. */
  forget(erase: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      await erase()
      this.#changes.clear()
      this.#directory = this.#file
    })
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const work = this.#changing.then(run)
    this.#changing = work.catch(() => undefined)
    return work
  }

  async #keep(changes: readonly Change[]): Promise<void> {
    const saved = new Map(changes.map((change) => [changeKey(change), this.#isNothing(change) ? undefined : change]))
    const added = [...saved].filter(([key, change]) => change && !this.#changes.has(key)).length
    const { store, limit = Infinity } = this.#kept ?? {}
    if (added > 0 && this.#changes.size + added > limit) {
      throw new DirectoryRefusal('full', 'The directory was changed in too many places (option directoryLimit).')
    }
    await store?.saveDirectoryChanges(saved)
    for (const [key, change] of saved) {
      if (change) this.#changes.set(key, change)
      else this.#changes.delete(key)
    }
    this.#directory = applyChanges(this.#file, [...this.#changes.values()])
  }

  /** The removal of something that the file never had leaves nothing to keep. */
  #isNothing({ kind, id, entry }: Change): boolean {
    return !entry && this.#file.find(id)?.kind !== kind
  }

  /** Stops following the file; resolves when no reading is under way any more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#watcher?.close()
    await this.#reading
    await this.#changing
  }

  /**
   * Watches the folder, not the file: editors replace the file by renaming, and a watch on the file would stay with the
   * one that is gone.
   */
  #watch(): void {
    const path = resolve(this.#options.file)
    const name = basename(path)
    // A watch that cannot begin (too many on this machine) or that breaks (the folder was removed) must not end the
    // process; `reload` goes on working.
    const broken = ({ message }: Error): void =>
      this.#options.onProblems?.([fileProblem(this.#options.file, `is not followed: ${message}`)])
    try {
      this.#watcher = watch(dirname(path), { persistent: false }, (_, changed) => {
        // Names that begin with two dots are how a mounted Kubernetes volume changes all its files at once.
        if (changed === null || changed === name || changed.startsWith('..')) this.#follow()
      })
      this.#watcher.on('error', broken)
    } catch (error) {
      broken(error instanceof Error ? error : new Error(String(error)))
    }
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
    this.#file = read.directory
    this.#directory = applyChanges(read.directory, [...this.#changes.values()])
    if (changed) this.#options.onChange?.(this.#directory)
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

/** What is kept of an application has no secret in clear text, wherever it comes from. */
function sealedChange(change: Change): Change {
  return change.kind === 'application' && change.entry ? { ...change, entry: sealed(change.entry) } : change
}
