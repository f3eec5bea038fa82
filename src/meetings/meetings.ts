/** The online meetings that there are: kept in the store, found in memory by everything that names one. */
import { createHash } from 'node:crypto'
import type { Ids } from '../runtime.ts'
import type { Documents } from '../store/store.ts'
import type { Meeting } from './meeting.ts'
import { readJoinUrl } from './meeting.ts'

const KIND = 'meeting'
/** Read at once when the server starts. */
const PAGE = 1000

/** What a new meeting is given; the rest is drawn. */
export type NewMeeting = Omit<Meeting, 'id' | 'threadId' | 'joinMeetingId' | 'passcode' | 'videoTeleconferenceId'> & {
  readonly passcodeRequired: boolean
}

/** The number of meetings is bounded: there are as many as may be. */
export class TooManyMeetings extends Error {
  override readonly name = 'TooManyMeetings'
  readonly limit: number
  constructor(limit: number) {
    super(`there are ${limit} meetings`)
    this.limit = limit
  }
}

/** All meetings. Changes are kept before they are seen. */
export class Meetings {
  readonly #documents: Documents
  readonly #ids: Ids
  readonly #limit: number
  readonly #byId = new Map<string, Meeting>()
  /** Ids by every other key that names a meeting: `thread`, `join`, `vtc` and `external`. */
  readonly #idByKey = new Map<string, string>()

  /** @param limit how many there may be at a time; deleted ones give way */
  constructor(documents: Documents, ids: Ids, limit: number) {
    this.#documents = documents
    this.#ids = ids
    this.#limit = limit
  }

  /** Reads what was kept. */
  async load(): Promise<void> {
    let after: { readonly at: number; readonly key: string } | undefined
    for (;;) {
      const page = await this.#documents.list({ kind: KIND, limit: PAGE, ...(after && { after }) })
      for (const { value } of page) this.#enter(value as Meeting)
      after = page.at(-1)
      if (page.length < PAGE) return
    }
  }

  /** Forgets all, here only; for a reset of the store. */
  forget(): void {
    this.#byId.clear()
    this.#idByKey.clear()
  }

  /** The meeting with this id; deleted ones are not found. */
  find(id: string): Meeting | undefined {
    const meeting = this.#byId.get(id)
    return meeting?.deletedAt === undefined ? meeting : undefined
  }

  /** The meeting whose chat has this thread; deleted ones too. */
  ofThread(threadId: string): Meeting | undefined {
    return this.#named('thread', threadId.toLowerCase())
  }

  /** The meeting with this join URL; deleted ones are not found. */
  ofJoinUrl(url: string): Meeting | undefined {
    const coordinates = readJoinUrl(url)
    const meeting = coordinates && this.ofThread(coordinates.chatInfo.threadId)
    return meeting?.deletedAt === undefined ? meeting : undefined
  }

  /** The meeting that these digits lead to, with spaces between them or not; deleted ones are not found. */
  ofJoinMeetingId(joinMeetingId: string): Meeting | undefined {
    return this.#named('join', digits(joinMeetingId))
  }

  /** The meeting with this video teleconference id; deleted ones are not found. */
  ofVideoTeleconferenceId(id: string): Meeting | undefined {
    return this.#named('vtc', digits(id))
  }

  /** An organizer's meeting with this external id; deleted ones are not found. */
  ofExternalId(organizerId: string, externalId: string): Meeting | undefined {
    return this.#named('external', `${organizerId} ${externalId}`)
  }

  /** An organizer's meetings, or all, in no order; without the deleted ones. */
  list(organizerId?: string): readonly Meeting[] {
    return [...this.#byId.values()].filter(
      (one) => one.deletedAt === undefined && (organizerId === undefined || one.organizerId === organizerId),
    )
  }

  /** Makes a meeting, with a chat and numbers of its own. @throws TooManyMeetings */
  async create({ passcodeRequired, ...given }: NewMeeting): Promise<Meeting> {
    const evicted = this.#makeRoom()
    const threadId = `19:meeting_${Buffer.from(this.#ids.guid()).toString('base64url')}@thread.v2`
    const meeting: Meeting = {
      ...given,
      id: Buffer.from(`1*${given.organizerId}*0**${threadId}`).toString('base64url'),
      threadId,
      joinMeetingId: this.#draw('join', 12),
      videoTeleconferenceId: this.#draw('vtc', 10),
      ...(passcodeRequired && { passcode: this.drawPasscode() }),
    }
    // Entered first: another request with the same external id must find it. It is taken out again if it cannot be kept.
    this.#enter(meeting)
    await this.#keep(meeting, () => this.#leave(meeting))
    if (evicted) await this.#documents.remove(KIND, evicted.id)
    return meeting
  }

  /** Puts a meeting in the place of the one with its id. */
  async update(meeting: Meeting): Promise<Meeting> {
    const before = this.#byId.get(meeting.id)
    if (before) this.#leave(before)
    this.#enter(meeting)
    await this.#keep(meeting, () => {
      this.#leave(meeting)
      if (before) this.#enter(before)
    })
    return meeting
  }

  /** A passcode that no meeting has to have alone. */
  drawPasscode(): string {
    return this.#ids.secret(6).replaceAll(/[-_]/g, 'x')
  }

  /** Forgets the meetings that ended, or were deleted, before a moment. */
  async purge(before: number): Promise<void> {
    for (const meeting of this.#byId.values()) {
      if ((meeting.deletedAt ?? meeting.endsAt) >= before) continue
      this.#leave(meeting)
      await this.#documents.remove(KIND, meeting.id)
    }
  }

  /** @returns the deleted meeting that gave way, if one had to */
  #makeRoom(): Meeting | undefined {
    if (this.#byId.size < this.#limit) return undefined
    const oldest = [...this.#byId.values()].find(({ deletedAt }) => deletedAt !== undefined)
    if (!oldest) throw new TooManyMeetings(this.#limit)
    this.#leave(oldest)
    return oldest
  }

  async #keep(meeting: Meeting, undo: () => void): Promise<void> {
    const { id: key, organizerId: owner, createdAt: at } = meeting
    try {
      await this.#documents.put({ kind: KIND, key, owner, at, value: meeting })
    } catch (fault) {
      undo()
      throw fault
    }
  }

  /** Digits that no other meeting has. */
  #draw(name: string, length: number): string {
    for (;;) {
      const hash = createHash('sha256').update(this.#ids.guid()).digest('hex')
      const drawn = `2${String(BigInt(`0x${hash}`)).slice(0, length - 1)}`
      if (!this.#idByKey.has(`${name} ${drawn}`)) return drawn
    }
  }

  #named(name: string, key: string): Meeting | undefined {
    const id = this.#idByKey.get(`${name} ${key}`)
    return id === undefined ? undefined : this.#byId.get(id)
  }

  #enter(meeting: Meeting): void {
    this.#byId.set(meeting.id, meeting)
    for (const key of keysOf(meeting)) this.#idByKey.set(key, meeting.id)
  }

  #leave(meeting: Meeting): void {
    this.#byId.delete(meeting.id)
    for (const key of keysOf(meeting)) this.#idByKey.delete(key)
  }
}

/** A deleted meeting is known by its thread alone. */
function keysOf(meeting: Meeting): string[] {
  const { threadId, joinMeetingId, videoTeleconferenceId, organizerId, externalId, deletedAt } = meeting
  const thread = `thread ${threadId.toLowerCase()}`
  if (deletedAt !== undefined) return [thread]
  const keys = [thread, `join ${joinMeetingId}`, `vtc ${videoTeleconferenceId}`]
  return externalId === undefined ? keys : [...keys, `external ${organizerId} ${externalId}`]
}

function digits(text: string): string {
  return text.replaceAll(/\s/g, '')
}
