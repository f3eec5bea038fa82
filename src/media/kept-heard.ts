/**
 * Who heard whom, over restarts. What is remembered of a conversation is kept a little after it has ended, and of all others
 * when the server stops; a server that breaks down takes with it what was heard in the calls that were live.
 */
import type { Conversation } from '../calls/conversation.ts'
import type { Identity } from '../calls/identity.ts'
import type { Activity, Clock } from '../runtime.ts'
import type { Documents } from '../store/store.ts'
import type { Audibility, Audible, Heard, HeardQuery } from './audibility.ts'
import { isMeant } from './audibility.ts'
import type { Rooms } from './rooms.ts'

/** What it works with. */
export interface KeptHeardParts {
  readonly rooms: Pick<Rooms, 'heard'>
  readonly audibility: Pick<Audibility, 'unkept' | 'keeping' | 'has'>
  readonly documents: Documents
  readonly clock: Clock
  readonly wall: Clock
  readonly activity: Activity
  /** Of how many conversations it is kept. */
  readonly limit: number
  /** Names this process. */
  readonly run: string
  readonly onFault: (fault: unknown) => void
}

const KIND = 'heard'
/** Rows that are kept of one conversation. */
const MOST_ROWS = 1000
/** What was heard last comes from the engine a little after the end, in milliseconds. */
const LATE = 3000

/** What is kept of one conversation. */
interface Kept {
  /** The process that wrote it. */
  readonly run: string
  /** How many of its rows are from processes before. */
  readonly earlier: number
  readonly names: readonly (readonly [name: string, identity: Identity | null])[]
  /** Speaker and listener as numbers of names, from, until, level. */
  readonly rows: readonly (readonly [speaker: number, listener: number, from: number, until: number, level: number])[]
}

const NOTHING: Audible = { heard: [], who: new Map() }

/** What is remembered and what is kept. */
export class KeptHeard {
  readonly #parts: KeptHeardParts

  constructor(parts: KeptHeardParts) {
    this.#parts = parts
  }

  /** A conversation is like this from now on: when it has ended, what was heard in it is kept. */
  follow({ id, endedAt }: Conversation): void {
    const { audibility, wall, activity, onFault } = this.#parts
    if (endedAt === undefined || !audibility.has(id)) return
    wall.schedule(wall.now() + LATE, () => {
      if (audibility.unkept().includes(id)) activity.track(this.#keep(id)).catch(onFault)
    })
  }

  /** Who heard whom in a conversation, in order, before the last restart and since. */
  async heard(id: string, query: HeardQuery): Promise<Audible> {
    const before = await this.#before(id)
    const now = this.#parts.rooms.heard(id, query)
    const asked = before.heard.filter(
      ({ speaker, listener }) =>
        isMeant(before.who, speaker, query.speaker) && isMeant(before.who, listener, query.listener),
    )
    return { heard: [...asked, ...now.heard].slice(0, query.limit), who: new Map([...before.who, ...now.who]) }
  }

  /** Forgets what was kept before a moment. */
  async purge(before: number): Promise<void> {
    await this.#parts.documents.purge(KIND, before)
  }

  /** Keeps all that is not kept yet. */
  async close(): Promise<void> {
    const { audibility, onFault } = this.#parts
    for (const id of audibility.unkept()) await this.#keep(id).catch(onFault)
  }

  async #keep(id: string): Promise<void> {
    const { rooms, audibility, documents, clock, run, limit } = this.#parts
    audibility.keeping(id)
    const before = await this.#before(id)
    const now = rooms.heard(id, { limit: MOST_ROWS })
    if (now.heard.length === 0) return
    const heard = [...before.heard, ...now.heard].slice(0, MOST_ROWS)
    const value = packed(heard, new Map([...before.who, ...now.who]), { run, earlier: before.heard.length })
    await documents.put({ kind: KIND, key: id, owner: '', at: clock.now(), value })
    const excess = (await documents.count(KIND)) - limit
    if (excess <= 0) return
    for (const { key } of await documents.list({ kind: KIND, limit: excess })) await documents.remove(KIND, key)
  }

  /** What is kept and not remembered. */
  async #before(id: string): Promise<Audible> {
    const { documents, audibility, run } = this.#parts
    const document = await documents.get(KIND, id)
    if (!document) return NOTHING
    const kept = document.value as Kept
    const { heard, who } = unpacked(kept)
    return { heard: kept.run === run && audibility.has(id) ? heard.slice(0, kept.earlier) : heard, who }
  }
}

function packed(heard: readonly Heard[], who: Audible['who'], { run, earlier }: Pick<Kept, 'run' | 'earlier'>): Kept {
  const names = [...new Set(heard.flatMap(({ speaker, listener }) => [speaker, listener]))]
  const numbers = new Map(names.map((name, number) => [name, number]))
  const numberOf = (name: string): number => numbers.get(name) ?? 0
  return {
    run,
    earlier,
    names: names.map((name) => [name, who.get(name) ?? null]),
    rows: heard.map(({ speaker, listener, from, until, level }) => [
      numberOf(speaker),
      numberOf(listener),
      from,
      until,
      Math.round(level * 10) / 10,
    ]),
  }
}

function unpacked({ names, rows }: Kept): Audible {
  const nameOf = (number: number): string => names[number]?.[0] ?? ''
  const heard = rows.map(([speaker, listener, from, until, level]) => ({
    speaker: nameOf(speaker),
    listener: nameOf(listener),
    from,
    until,
    level,
  }))
  return { heard, who: new Map(names.flatMap(([name, identity]) => (identity ? [[name, identity] as const] : []))) }
}
