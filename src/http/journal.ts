/** Remembers the newest requests, each with its explanation, so that "why did I get this answer?" has an answer. */
/** One request and what became of it. */
export interface JournalEntry {
  /** Place of the request's arrival in the one order of everything that this server recorded. */
  readonly order: number
  readonly at: number
  readonly requestId: string
  readonly clientRequestId?: string
  readonly method: string
  /** Path and query as they came. */
  readonly url: string
  readonly appId?: string
  readonly tenantId?: string
  /** The call that the request was about. */
  readonly callId?: string
  /** The published operation, such as `participant: invite`. */
  readonly operation?: string
  /** The request id of the batch that it came in. */
  readonly batch?: string
  readonly requestBody?: unknown
  readonly status: number
  /** `error.code` of a refusal. */
  readonly code?: string
  /** Why the request was refused, and what to change. */
  readonly explanation?: string
  /** Real milliseconds. */
  readonly duration: number
}

/** An entry as it is remembered: the body as text, which is short and makes no work until somebody looks at it. */
export type Remembered = Omit<JournalEntry, 'requestBody'> & { readonly requestBody?: string }

/** A ring of the newest entries; all in memory, gone with the process. */
export class Journal {
  readonly #size: number
  #entries: Remembered[] = []
  #oldest = 0

  /** @param size how many entries are remembered */
  constructor(size: number) {
    this.#size = size
  }

  record(entry: Remembered): void {
    if (this.#size === 0) return
    if (this.#entries.length < this.#size) this.#entries.push(entry)
    else {
      this.#entries[this.#oldest] = entry
      this.#oldest = (this.#oldest + 1) % this.#size
    }
  }

  /** Entries that match, oldest first; the newest `limit` of them. */
  list(matches: (entry: Remembered) => boolean, limit: number): readonly JournalEntry[] {
    const ordered = [...this.#entries.slice(this.#oldest), ...this.#entries.slice(0, this.#oldest)]
    return limit === 0 ? [] : ordered.filter(matches).slice(-limit).map(entryOf)
  }

  clear(): void {
    this.#entries = []
    this.#oldest = 0
  }
}

function entryOf({ requestBody, ...entry }: Remembered): JournalEntry {
  return { ...entry, ...(requestBody !== undefined && { requestBody: JSON.parse(requestBody) as unknown }) }
}
