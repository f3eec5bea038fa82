/** Recordings: kept for a while, each fetched by whoever has its access token. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { RecordingKey } from '../calls/media.ts'
import type { Activity, Clock } from '../runtime.ts'
import type { Document, Documents } from '../store/store.ts'
import type { RecordingFiles } from './recording-files.ts'

/** What is kept: what applications recorded, or whole conversations. */
export type RecordingKind = 'recording' | 'callRecording'

/** What is kept of the recording of a whole conversation, beside its sound. Moments are milliseconds since the epoch. */
export interface RecordedCall {
  /** The same for all files of one recording: one that goes on after a restart has several. */
  readonly recordingId: string
  readonly tenantId: string
  readonly callChainId: string
  /** The chat in which the conversation took place, if it has one. */
  readonly threadId?: string
  /** The first of the tenant's users who was in when it began, if there was one. */
  readonly userId?: string
  readonly from: number
  readonly until: number
}

/** A file that is kept without a token. */
export interface KeptFile {
  readonly id: string
  /** When it was stored. */
  readonly at: number
  readonly bytes: number
  /** Absent of files of versions before this was kept. */
  readonly call?: RecordedCall
}

/** What is kept of a recording beside its sound. Moments are milliseconds since the epoch, on the product's clock. */
interface RecordingValue {
  readonly callId: string
  readonly bytes: number
  /** SHA-256 of the access token, in hex. */
  readonly token: string
  readonly tokenUntil: number
  readonly call?: RecordedCall
}

/** The bounds of what is kept. */
export interface RecordingLimits {
  readonly number: number
  readonly bytes: number
  /** How long a recording is kept, in milliseconds. */
  readonly retention: number
  /** How long its access token is valid, in milliseconds. */
  readonly tokenLifetime: number
}

/** What recordings are kept with. */
export interface RecordingParts {
  readonly kind: RecordingKind
  readonly clock: Clock
  readonly activity: Activity
  readonly documents: Documents
  readonly files: RecordingFiles
  readonly limits: RecordingLimits
  /** Hears of what could not be removed. */
  readonly onFault: (fault: unknown) => void
}

/** What comes of asking for a recording. */
export type Fetched =
  | { readonly outcome: 'found'; readonly sound: NodeJS.ReadableStream }
  | { readonly outcome: 'gone' | 'wrongToken' }
  | { readonly outcome: 'expired'; readonly at: number }

/** Keeps recordings. When there is no room for another, the oldest go. */
export class Recordings {
  readonly #parts: RecordingParts
  /** Sizes of what is kept, the oldest first. */
  readonly #sizes = new Map<string, number>()
  /** What is being written. */
  readonly #adding = new Map<string, Promise<void>>()
  #bytes = 0

  private constructor(parts: RecordingParts) {
    this.#parts = parts
  }

  /** Takes up what is kept; files that nothing refers to are removed. */
  static async open(parts: RecordingParts): Promise<Recordings> {
    const recordings = new Recordings(parts)
    const documents = await parts.documents.list({ kind: parts.kind, limit: Number.MAX_SAFE_INTEGER })
    for (const document of documents) recordings.#count(document.key, valueOf(document).bytes)
    for (const id of await parts.files.list()) {
      if (!recordings.#sizes.has(id)) await parts.files.remove(id)
    }
    return recordings
  }

  /** Keeps a WAV file. Whoever asks for it from now on waits until it can be read. @throws what the storage throws */
  async add(callId: string, { id, accessToken }: RecordingKey, wav: Buffer): Promise<void> {
    const { clock, files, documents, limits, activity } = this.#parts
    const at = clock.now()
    const value: RecordingValue = {
      callId,
      bytes: wav.length,
      token: hash(accessToken).toString('hex'),
      tokenUntil: at + limits.tokenLifetime,
    }
    // It may be kept already: what began before a restart can come again.
    const before = this.#sizes.get(id)
    this.#forget(id)
    this.#count(id, wav.length)
    const adding = files
      .write(id, wav)
      .then(() => documents.put({ kind: this.#parts.kind, key: id, owner: callId, at, value }))
      .then(() => this.#makeRoom())
    this.#adding.set(id, adding)
    try {
      await activity.track(adding)
    } catch (fault) {
      if (before === undefined) await this.#abandon(id)
      else {
        this.#forget(id)
        this.#count(id, before)
      }
      throw fault
    } finally {
      this.#adding.delete(id)
    }
  }

  /**
   * Keeps a file that is written already, for whoever may have it without a token.
   * @param owner whose it is
   * @param beside what is kept in the same transaction
   * @throws what the storage throws
   */
  async adopt(
    owner: string,
    { id, bytes, call }: Omit<KeptFile, 'at'>,
    beside: readonly Document[] = [],
  ): Promise<void> {
    const { clock, documents, kind } = this.#parts
    const at = clock.now()
    const value: RecordingValue = { callId: owner, bytes, token: '', tokenUntil: at, ...(call && { call }) }
    this.#count(id, bytes)
    try {
      // What is put in one turn is committed in one transaction.
      await Promise.all([{ kind, key: id, owner, at, value }, ...beside].map((one) => documents.put(one)))
    } catch (fault) {
      await this.#abandon(id)
      throw fault
    }
    await this.#makeRoom()
  }

  /** What is kept of an owner, the oldest first. */
  async of(owner: string): Promise<readonly KeptFile[]> {
    const { documents, kind, limits } = this.#parts
    return (await documents.list({ kind, owner, limit: limits.number })).map(fileOf)
  }

  /** One of the files that are kept without a token. */
  async find(id: string): Promise<KeptFile | undefined> {
    const document = await this.#parts.documents.get(this.#parts.kind, id)
    return document && fileOf(document)
  }

  /** The file of a recording, without a token; undefined if there is none, or not any more. */
  async read(id: string): Promise<NodeJS.ReadableStream | undefined> {
    const { documents, files, kind } = this.#parts
    return (await documents.get(kind, id)) ? files.read(id) : undefined
  }

  /** Fetches a recording with its token. */
  async fetch(id: string, token: string): Promise<Fetched> {
    const { documents, files, clock } = this.#parts
    await this.#adding.get(id)?.catch(() => undefined)
    const document = await documents.get(this.#parts.kind, id)
    if (!document) return { outcome: 'gone' }
    const { token: expected, tokenUntil } = valueOf(document)
    if (!timingSafeEqual(hash(token), Buffer.from(expected, 'hex'))) return { outcome: 'wrongToken' }
    if (tokenUntil <= clock.now()) return { outcome: 'expired', at: tokenUntil }
    const sound = await files.read(id)
    return sound ? { outcome: 'found', sound } : { outcome: 'gone' }
  }

  /** Removes what is past its retention. */
  async purge(): Promise<void> {
    const before = this.#parts.clock.now() - this.#parts.limits.retention
    for (const { key, at } of await this.#oldest(this.#sizes.size)) {
      if (at >= before) return
      await this.#remove(key)
    }
  }

  /** Removes all of them; for a reset. */
  async clear(): Promise<void> {
    for (const id of this.#sizes.keys()) await this.#remove(id)
  }

  /** What is kept is kept, also if nothing can be removed for it just now. */
  #makeRoom(): Promise<void> {
    return this.#removeExcess().catch(this.#parts.onFault)
  }

  async #removeExcess(): Promise<void> {
    const { number, bytes } = this.#parts.limits
    while (this.#sizes.size > number || (this.#bytes > bytes && this.#sizes.size > 1)) {
      const [oldest] = await this.#oldest(1)
      if (!oldest) return
      await this.#remove(oldest.key)
    }
  }

  #oldest(limit: number): Promise<readonly Document[]> {
    return this.#parts.documents.list({ kind: this.#parts.kind, limit: Math.max(limit, 1) })
  }

  async #remove(id: string): Promise<void> {
    await this.#parts.documents.remove(this.#parts.kind, id)
    this.#forget(id)
    await this.#parts.files.remove(id).catch(this.#parts.onFault)
  }

  /** What could not be recorded is not kept either. */
  async #abandon(id: string): Promise<void> {
    this.#forget(id)
    await this.#parts.files.remove(id).catch(this.#parts.onFault)
  }

  #forget(id: string): void {
    this.#bytes -= this.#sizes.get(id) ?? 0
    this.#sizes.delete(id)
  }

  #count(id: string, bytes: number): void {
    this.#sizes.set(id, bytes)
    this.#bytes += bytes
  }
}

function fileOf(document: Document): KeptFile {
  const { bytes, call } = valueOf(document)
  return { id: document.key, at: document.at, bytes, ...(call && { call }) }
}

function valueOf(document: Document): RecordingValue {
  return document.value as RecordingValue
}

function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
