/**
 * The way to SQLite: writes of one turn of the event loop go together, each settling when it is on disk. A file has a
 * thread of its own, which waits for the disk while calls go on; what is in memory needs none.
 */
import { Worker } from 'node:worker_threads'
import type { Done, Failure, Found, Row, Statement, Written } from './statement.ts'
import { Engine, helpFor } from './engine.ts'
import type { Packed } from './packed.ts'
import { Packer } from './packed.ts'
import { StoreError, StoreFull, VersionConflict } from './store.ts'

/** What the thread is asked; each question has one answer, in their order, but for backups, whose answer takes its time. */
export type Question =
  | { readonly type: 'write'; readonly writes: Packed }
  | { readonly type: 'query'; readonly query: Statement }
  | { readonly type: 'backUp'; readonly file: string }
  | { readonly type: 'close' }

/** What the thread says: first whether the data could be opened, then its answers. */
export type ThreadAnswer =
  | { readonly type: 'opened'; readonly problem?: string }
  | { readonly type: 'written'; readonly written: readonly Written[] }
  | { readonly type: 'found'; readonly found: Found }
  | { readonly type: 'backedUp'; readonly done: Done }
  | { readonly type: 'closed' }

/** Where statements are carried out. */
interface Carrier {
  /** Resolves when nothing is carried out any more although nobody closed it. */
  readonly ended: Promise<string>
  write(writes: readonly (readonly Statement[])[]): Promise<readonly Written[]>
  query(query: Statement): Promise<Found>
  /** One at a time. */
  backUp(file: string): Promise<Done>
  close(): Promise<void>
}

/**
 * Opens the database.
 * @param place `memory`, or a folder (made if absent, readable by its owner only) that one server at a time may use
 * @throws StoreError if the folder is in use, not writable, damaged, or written by a newer version
 */
export async function openDatabase(place: string): Promise<Database> {
  return place === 'memory' ? memoryDatabase() : new Database(await StoreThread.open(place), place)
}

/** A database in memory: it is there at once. */
export function memoryDatabase(): Database {
  const engine = new Engine('memory')
  const carrier: Carrier = {
    ended: new Promise(() => undefined),
    write: (writes) => Promise.resolve(engine.write(writes)),
    query: (query) => Promise.resolve(engine.query(query)),
    backUp: (file) => engine.backUp(file),
    close: () => Promise.resolve(engine.close()),
  }
  return new Database(carrier, 'memory')
}

interface Write {
  readonly statements: readonly Statement[]
  readonly resolve: (changes: readonly number[]) => void
  readonly reject: (error: unknown) => void
}

/** A database whose writes of one turn of the event loop share a transaction. */
export class Database {
  /** Resolves if the database cannot be used any longer, with the reason. */
  readonly lost: Promise<StoreError>
  readonly #carrier: Carrier
  readonly #place: string
  #writes: Write[] = []
  #flushed: Promise<void> = Promise.resolve()
  #scheduled = false
  #lose: (error: StoreError) => void = () => undefined

  constructor(carrier: Carrier, place: string) {
    this.#carrier = carrier
    this.#place = place
    this.lost = new Promise((resolve) => (this.#lose = resolve))
    void carrier.ended.then((message) => this.#lose(lostIn(place, message)))
  }

  /**
   * Runs statements in the turn's transaction.
   * @returns how many rows each changed, once that is on disk
   * @throws VersionConflict if a statement that must change a row changed none; nothing is changed then
   */
  write(statements: readonly Statement[]): Promise<readonly number[]> {
    return new Promise((resolve, reject) => {
      this.#writes.push({ statements, resolve, reject })
      if (this.#scheduled) return
      this.#scheduled = true
      setImmediate(() => {
        this.#flushed = this.#flush()
      })
    })
  }

  async #flush(): Promise<void> {
    this.#scheduled = false
    const writes = this.#writes
    this.#writes = []
    if (writes.length === 0) return
    try {
      const written = await this.#carrier.write(writes.map(({ statements }) => statements))
      for (const [index, { resolve, reject }] of writes.entries()) {
        const one = written[index]
        if (one && !('why' in one)) resolve(one)
        else reject(this.#errorOf(one))
      }
    } catch (error) {
      for (const { reject } of writes) reject(error)
    }
  }

  /** The first row of a query. */
  async get(sql: string, ...values: Statement['values']): Promise<Row | undefined> {
    return (await this.all(sql, ...values))[0]
  }

  /** Every row of a query. */
  async all(sql: string, ...values: Statement['values']): Promise<Row[]> {
    return (await this.query({ sql, values })).rows
  }

  /** The rows of a query, and whether there were more than it may have. */
  async query(query: Statement): Promise<{ readonly rows: Row[]; readonly isCut: boolean }> {
    const found = await this.#carrier.query(query)
    if (!found.ok) throw this.#errorOf(found)
    return found
  }

  /** Copies everything that is written by now into a new file. @throws StoreError */
  async backUp(file: string): Promise<void> {
    await this.#flushed
    await this.#flush()
    const done = await this.#carrier.backUp(file)
    if (done.ok) return
    // What is wrong is the copy, and not the data.
    if (done.why === 'full') throw new StoreFull(`there is no room left for ${file}: ${done.message}`)
    throw new StoreError(`the database could not be copied to ${file}: ${done.message}`)
  }

  #errorOf(failure: Failure | undefined): Error {
    const { why, message } = failure ?? { why: 'fault', message: 'the database gave no answer' }
    if (why === 'conflict') return new VersionConflict(message)
    if (why === 'full') return new StoreFull(`there is no room left for the data in ${this.#place}: ${message}`)
    if (why === 'fault') return new Error(message)
    const error = lostIn(this.#place, message)
    this.#lose(error)
    return error
  }

  /** Writes what waits, and closes the file. */
  async close(): Promise<void> {
    await this.#flushed
    await this.#flush()
    await this.#carrier.close()
  }
}

function lostIn(place: string, message: string): StoreError {
  return new StoreError(`the data in ${place} cannot be used any longer: ${message}: ${helpFor(message)}`)
}

/** Who waits for an answer. */
interface Waiting {
  readonly resolve: (answer: ThreadAnswer) => void
  readonly reject: (error: unknown) => void
}

/** A thread that has the file; see `thread.ts`. */
class StoreThread implements Carrier {
  readonly ended: Promise<string>
  readonly #worker: Worker
  readonly #packer = new Packer()
  /** Who waits for an answer, in the order of their questions. */
  readonly #waiting: Waiting[] = []
  #backup: Waiting | undefined
  #ended: StoreError | undefined
  #closing = false

  private constructor(worker: Worker) {
    this.#worker = worker
    worker.on('message', (answer: ThreadAnswer) => {
      const waiting = answer.type === 'backedUp' ? this.#backup : this.#waiting.shift()
      waiting?.resolve(answer)
    })
    this.ended = new Promise((resolve) => {
      worker.on('error', (error) => this.#end(String(error), resolve))
      worker.on('exit', () => this.#end('its thread has ended', resolve))
    })
  }

  /** @throws StoreError */
  static async open(place: string): Promise<StoreThread> {
    const worker = new Worker(new URL('thread.ts', import.meta.url), { workerData: place, execArgv: [] })
    const thread = new StoreThread(worker)
    const opened = await thread.#next()
    thread.#closing = opened.type !== 'opened' || opened.problem !== undefined
    if (opened.type !== 'opened' || opened.problem !== undefined) {
      await worker.terminate()
      throw new StoreError(opened.type === 'opened' ? opened.problem : 'the database could not be opened')
    }
    return thread
  }

  /** The next thing that the thread says. */
  async #next(): Promise<ThreadAnswer> {
    if (this.#ended !== undefined) throw this.#ended
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  #ask(question: Question): Promise<ThreadAnswer> {
    const answer = this.#next()
    this.#post(question)
    return answer
  }

  #post(question: Question): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.#worker.postMessage(question)
  }

  /** The thread has ended: whoever waits hears of it, and so does who comes later. */
  #end(message: string, tell: (message: string) => void): void {
    this.#ended ??= new StoreError(this.#closing ? 'the database was closed' : message)
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended)
    this.#backup?.reject(this.#ended)
    if (!this.#closing) tell(message)
  }

  async write(writes: readonly (readonly Statement[])[]): Promise<readonly Written[]> {
    const answer = await this.#ask({ type: 'write', writes: this.#packer.pack(writes) })
    return answer.type === 'written' ? answer.written : []
  }

  async query(query: Statement): Promise<Found> {
    const answer = await this.#ask({ type: 'query', query })
    return answer.type === 'found' ? answer.found : { ok: false, why: 'fault', message: 'the database gave no answer' }
  }

  async backUp(file: string): Promise<Done> {
    if (this.#ended) throw this.#ended
    const answer = await new Promise<ThreadAnswer>((resolve, reject) => {
      this.#backup = { resolve, reject }
      this.#post({ type: 'backUp', file })
    })
    return answer.type === 'backedUp'
      ? answer.done
      : { ok: false, why: 'fault', message: 'the database gave no answer' }
  }

  async close(): Promise<void> {
    if (this.#ended) return
    this.#closing = true
    await this.#ask({ type: 'close' })
    await this.#worker.terminate()
  }
}
