/**
 * Who heard whom, from when to when, and how loud: what came of the samples that people and applications made and of the
 * gains with which they were mixed. What is kept is what was said and who could hear it; who heard it is made of that when
 * somebody asks.
 */
import type { Conversation } from '../calls/conversation.ts'
import { isSameHearing, speakerOf } from '../calls/hearing.ts'
import type { Identity } from '../calls/identity.ts'
import type { HearingSince, Said } from './gains.ts'
import { heardParts } from './gains.ts'
import type { Loud, Span } from './sound.ts'
import { AUDIBLE, decibels } from './sound.ts'
import type { Utterance } from './utterance.ts'
import { loudIn } from './utterance.ts'

/** Somebody was heard by somebody. Moments are milliseconds since the epoch. */
export interface Heard {
  /** A person's participant id, the id of an application's call, or somebody's hold music. */
  readonly speaker: string
  readonly listener: string
  readonly from: number
  readonly until: number
  /** The mean of what was heard, in decibels below full scale: 0 is as loud as can be. */
  readonly level: number
}

/** Whom to look for, by the names of speakers and listeners or by the ids of their identities, and how much of it. */
export interface HeardQuery {
  readonly speaker?: string | undefined
  readonly listener?: string | undefined
  readonly limit: number
}

/** What was heard, in order, and who they all are. */
export interface Audible {
  readonly heard: readonly Heard[]
  readonly who: ReadonlyMap<string, Identity>
}

/** A part of something said that is loud. */
type SaidLoud = Said & Loud

/** What is kept of one conversation. */
interface Log {
  readonly hearings: HearingSince[]
  readonly said: SaidLoud[]
  /** What an engine of live sound says that it mixed. */
  readonly live: Heard[]
  /** When live people were in it: then the engine tells, and nothing else. */
  readonly liveSpans: { readonly from: number; until: number }[]
  readonly who: Map<string, Identity>
  /** How much of the bound it uses. */
  weight: number
  /** Whether nothing was added since it was kept elsewhere. */
  isKept: boolean
}

/** Parts of one voice that are less than this apart, in milliseconds, and about equally loud, are told as one. */
const PAUSE = 500
/** In decibels. */
const ALIKE = 1

/** Everything that was heard lately, over all conversations. */
export class Audibility {
  readonly #limit: number
  readonly #logs = new Map<string, Log>()
  #weight = 0

  /** @param limit how many things are kept: each stretch of sound is one, and each name in who could hear whom */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Who hears whom from a moment on, while somebody speaks. */
  hears(conversation: Conversation, change: HearingSince): void {
    const log = this.#log(conversation.id)
    const last = log.hearings.at(-1)
    if (last && isSameHearing(last.hearing, change.hearing)) return
    log.hearings.push(change)
    for (const participant of conversation.participants) {
      const name = speakerOf(participant)
      if (name !== undefined) log.who.set(name, participant.identity)
    }
    const { room, apart, listeners } = change.hearing
    const names = Object.values(apart).reduce((sum, heard) => sum + Object.keys(heard).length, 0)
    this.#add(conversation.id, log, 1 + listeners.length + Object.keys(room).length + names)
  }

  /** Somebody has said something. */
  said(conversationId: string, utterance: Utterance): void {
    const log = this.#log(conversationId)
    const loud = saidLoud(utterance, utterance.until)
    log.said.push(...loud)
    this.#add(conversationId, log, loud.length)
  }

  /** From now on an engine of live sound tells who hears whom, or not any longer. */
  isLive(conversationId: string, isLive: boolean, now: number): void {
    const log = this.#log(conversationId)
    const last = log.liveSpans.at(-1)
    if (isLive) log.liveSpans.push({ from: now, until: Infinity })
    else if (last) last.until = now
    this.#add(conversationId, log, isLive ? 1 : 0)
  }

  /** An engine of live sound mixed somebody to others. */
  mixed(conversationId: string, heard: readonly Heard[]): void {
    const log = this.#log(conversationId)
    log.live.push(...heard)
    this.#add(conversationId, log, heard.length)
  }

  /**
   * Who heard whom in a conversation, in order.
   * @param speaking what is being said
   */
  of(conversationId: string, speaking: readonly Utterance[], now: number, query: HeardQuery): Audible {
    const log = this.#logs.get(conversationId)
    if (!log) return { heard: [], who: new Map() }
    const all = [...log.said, ...speaking.flatMap((one) => saidLoud(one, now))]
    const said = log.liveSpans.reduce(without, all)
    const { who } = log
    const asked = said.filter(({ speaker }) => isMeant(who, speaker, query.speaker))
    const talk = (speakers: readonly string[]): readonly Span[] => said.filter((one) => speakers.includes(one.speaker))
    const rows = log.live.filter(
      ({ speaker, listener }) => isMeant(who, speaker, query.speaker) && isMeant(who, listener, query.listener),
    )
    for (const listener of new Set(log.hearings.flatMap(({ hearing }) => hearing.listeners))) {
      if (!isMeant(who, listener, query.listener)) continue
      for (const { item, from, until, gain, gainAtEnd } of heardParts(listener, asked, log.hearings, talk)) {
        const power = item.power * ((gain ** 2 + gain * gainAtEnd + gainAtEnd ** 2) / 3)
        if (power > AUDIBLE) rows.push({ speaker: item.speaker, listener, from, until, level: decibels(power) })
      }
    }
    return { heard: joined(rows).slice(0, query.limit), who }
  }

  has(conversationId: string): boolean {
    return this.#logs.has(conversationId)
  }

  /** The conversations of which something is remembered that is not kept elsewhere. */
  unkept(): readonly string[] {
    return [...this.#logs].flatMap(([id, { isKept }]) => (isKept ? [] : [id]))
  }

  /** What is remembered of a conversation by now is being kept. */
  keeping(conversationId: string): void {
    const log = this.#logs.get(conversationId)
    if (log) log.isKept = true
  }

  /** Forgets everything. */
  clear(): void {
    this.#logs.clear()
    this.#weight = 0
  }

  #log(conversationId: string): Log {
    const known = this.#logs.get(conversationId)
    if (known) return known
    const log: Log = { hearings: [], said: [], live: [], liveSpans: [], who: new Map(), weight: 0, isKept: true }
    this.#logs.set(conversationId, log)
    return log
  }

  /** Keeps within the bound: the conversations in which somebody spoke first go first, and of a single one its beginning. */
  #add(conversationId: string, log: Log, weight: number): void {
    log.weight += weight
    this.#weight += weight
    log.isKept &&= weight === 0
    for (const [id, oldest] of this.#logs) {
      if (this.#weight <= this.#limit) return
      if (id === conversationId) continue
      this.#logs.delete(id)
      this.#weight -= oldest.weight
    }
    if (this.#weight <= this.#limit) return
    const [last] = log.hearings.slice(-1)
    log.hearings.splice(0, log.hearings.length, ...(last ? [last] : []))
    log.said.length = 0
    log.live.length = 0
    log.liveSpans.splice(0, log.liveSpans.length - 1)
    this.#weight -= log.weight
    log.weight = 0
  }
}

/** Whether a speaker or listener is meant by a name, or by the id of who it is. */
export function isMeant(who: Audible['who'], name: string, asked: string | undefined): boolean {
  return asked === undefined || name === asked || who.get(name)?.id === asked
}

/** Things said without what lies within a span. */
function without(said: readonly SaidLoud[], span: Span): SaidLoud[] {
  return said.flatMap((one) =>
    [
      { ...one, until: Math.min(one.until, span.from) },
      { ...one, from: Math.max(one.from, span.until) },
    ].filter((part) => part.until > part.from),
  )
}

function saidLoud(utterance: Utterance, until: number): SaidLoud[] {
  const { speaker, from } = utterance
  return loudIn(utterance, { from, until }).map((loud) => ({ ...loud, speaker }))
}

/** In order, and what belongs together as one. */
function joined(rows: readonly Heard[]): Heard[] {
  const all: Heard[] = []
  const newest = new Map<string, number>()
  for (const row of rows.toSorted((one, other) => one.from - other.from)) {
    const key = JSON.stringify([row.speaker, row.listener])
    const index = newest.get(key)
    const last = index === undefined ? undefined : all[index]
    if (last && index !== undefined && row.from - last.until < PAUSE && Math.abs(row.level - last.level) < ALIKE) {
      all[index] = { ...last, until: Math.max(last.until, row.until), level: meanLevel(last, row) }
    } else {
      newest.set(key, all.length)
      all.push(row)
    }
  }
  return all
}

/** The mean of two levels, each as long as it was heard. */
function meanLevel(one: Heard, other: Heard): number {
  const [first, second] = [one.until - one.from, Math.max(other.until - other.from, 1)]
  const power = (level: number): number => 10 ** (level / 10)
  return 10 * Math.log10((power(one.level) * first + power(other.level) * second) / (first + second))
}
