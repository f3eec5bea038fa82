/** Which script a scripted person follows: one set at run time, else the directory's, else the default. */
import type { Address } from '../../calls/identity.ts'
import type { Script } from './script.ts'
import { parseScript } from './script.ts'

/** Where run-time scripts are kept. */
export interface ScriptStore {
  scripts(): Promise<ReadonlyMap<string, unknown>>
  saveScript(key: string, script: unknown): Promise<void>
}

/** Scripts set at run time. They survive a restart. */
export class ScriptBook {
  readonly #store: ScriptStore
  readonly #fallback: (address: Address) => Script
  readonly #limit: number
  readonly #scripts = new Map<string, { readonly given: unknown; readonly script: Script }>()

  /**
   * @param fallback the script of somebody for whom none is set
   * @param limit how many scripts may be set at a time
   */
  constructor(store: ScriptStore, fallback: (address: Address) => Script, limit: number) {
    this.#store = store
    this.#fallback = fallback
    this.#limit = limit
  }

  /** Reads what was kept. */
  async load(): Promise<void> {
    for (const [key, given] of await this.#store.scripts()) {
      const parsed = parseScript(given)
      if (parsed.ok) this.#scripts.set(key, { given, script: parsed.script })
    }
  }

  /** The script that applies to an address now. */
  scriptOf(address: Address): Script {
    return this.#scripts.get(address.id)?.script ?? this.#fallback(address)
  }

  /** Run-time scripts as they were given, by user id or number. */
  list(): ReadonlyMap<string, unknown> {
    return new Map([...this.#scripts].map(([key, { given }]) => [key, given]))
  }

  /** Sets a script; it applies once it is kept. @returns false if there are too many */
  async set(key: string, given: unknown, script: Script): Promise<boolean> {
    if (!this.#scripts.has(key) && this.#scripts.size >= this.#limit) return false
    await this.#store.saveScript(key, given)
    this.#scripts.set(key, { given, script })
    return true
  }

  /** Takes a script back. @returns whether there was one */
  async remove(key: string): Promise<boolean> {
    if (!this.#scripts.has(key)) return false
    await this.#store.saveScript(key, undefined)
    this.#scripts.delete(key)
    return true
  }

  /** Forgets all, here only; for a reset of the store. */
  forget(): void {
    this.#scripts.clear()
  }
}
