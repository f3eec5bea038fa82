/**
 * Who makes sound in which conversation, and when. Scripted people speak here and applications play their prompts here;
 * recordings listen. There is one room to a conversation, for as long as somebody makes sound or listens in it; who hears
 * whom in it follows from the conversation as it was last committed.
 */
import type { Conversation } from '../calls/conversation.ts'
import type { Hearing } from '../calls/hearing.ts'
import { hearingOf, isSameHearing, silence } from '../calls/hearing.ts'
import type { Cancel, Clock } from '../runtime.ts'
import type { Audibility, Audible, Heard, HeardQuery } from './audibility.ts'
import type { HearingSince } from './gains.ts'
import type { Sound } from './sound.ts'
import type { Utterance } from './utterance.ts'
import { heardUntil, soundUntil } from './utterance.ts'

/** Hears what is said in a room while it listens. */
export interface Listener {
  /** Who listens: a person's participant id, or the id of an application's call. */
  readonly name: string
  /** What was said since it began to listen, and what is known to come. */
  readonly said: readonly Utterance[]
  /** Who heard whom since then. */
  readonly hearings: readonly HearingSince[]
  /** Forgets what was before a moment. */
  forget(before: number): void
  stop(): void
}

interface Ear {
  readonly said: Utterance[]
  readonly hearings: HearingSince[]
  readonly onChange: () => void
  readonly as: (hearing: Hearing) => Hearing
}

/** Brings what happens in a room to live people. */
export interface Mirror {
  /** Who hears whom from now on. */
  onHearing(hearing: Hearing): void
  /** Somebody who has no live leg makes a sound, or was making one already; and it ends. */
  onSound(utterance: Utterance): void
  onEnd(utterance: Utterance): void
  /** Whether live voices are wanted, because a recording listens. */
  onListening(isListening: boolean): void
}

interface Room {
  hearing: Hearing
  readonly speaking: Map<Utterance, Cancel>
  readonly ears: Set<Ear>
  mirror: Mirror | undefined
}

/** Every room. */
export class Rooms {
  readonly #clock: Clock
  readonly #audibility: Audibility
  readonly #conversations = new Map<string, Conversation>()
  readonly #rooms = new Map<string, Room>()

  constructor(clock: Clock, audibility: Audibility) {
    this.#clock = clock
    this.#audibility = audibility
  }

  /** A conversation is like this from now on. Where nobody makes sound or listens, that is all. */
  follow(conversation: Conversation): void {
    const { id, endedAt } = conversation
    if (endedAt === undefined) this.#conversations.set(id, conversation)
    else this.#conversations.delete(id)
    const room = this.#rooms.get(id)
    if (!room) return
    const hearing = hearingOf(conversation)
    if (isSameHearing(hearing, room.hearing)) return
    room.hearing = hearing
    room.mirror?.onHearing(hearing)
    const since = this.#clock.now()
    if (room.speaking.size > 0 || room.mirror) this.#audibility.hears(conversation, { since, hearing })
    for (const { said, hearings, onChange, as } of room.ears) {
      hearings.push({ since: heardUntil(said, since), hearing: as(hearing) })
      onChange()
    }
  }

  /**
   * Somebody makes a sound, which began at `begun`. Whether it is heard is for the conversation to say.
   * @returns undefined if it is over already
   */
  speak(conversationId: string, speaker: string, sound: Sound, begun = this.#clock.now()): Utterance | undefined {
    return this.#add(conversationId, { speaker, sound, begun, from: begun, until: begun + sound.duration })
  }

  /** Somebody with a live leg speaks: live people hear it already. Ends when it is hushed. */
  hear(conversationId: string, speaker: string, sound: Sound, begun: number): Utterance | undefined {
    return this.#add(conversationId, { speaker, sound, begun, from: begun, until: Infinity, isLive: true })
  }

  /** A live voice has gone on. */
  grown(conversationId: string, { sound }: Utterance): void {
    if (sound.samples.length === 0) return
    for (const { onChange } of this.#rooms.get(conversationId)?.ears ?? []) onChange()
  }

  #add(conversationId: string, utterance: Utterance): Utterance | undefined {
    if (utterance.until <= this.#clock.now()) return undefined
    const room = this.#room(conversationId)
    const conversation = this.#conversations.get(conversationId)
    if (conversation && room.speaking.size === 0) {
      this.#audibility.hears(conversation, { since: this.#clock.now(), hearing: room.hearing })
    }
    const isEndless = utterance.until === Infinity
    const cancel = isEndless ? none : this.#clock.schedule(utterance.until, () => this.#end(conversationId, utterance))
    room.speaking.set(utterance, cancel)
    if (!utterance.isLive) room.mirror?.onSound(utterance)
    for (const { said, onChange } of room.ears) {
      said.push(utterance)
      onChange()
    }
    return utterance
  }

  /** Cuts one sound short, or all that a speaker makes. */
  hush(conversationId: string, what: Utterance | string): void {
    const room = this.#rooms.get(conversationId)
    if (!room) return
    for (const [utterance, cancel] of room.speaking) {
      if (utterance !== what && utterance.speaker !== what) continue
      cancel()
      const now = this.#clock.now()
      // What was said live takes its time, also where the clock stands.
      const end = utterance.isLive ? Math.max(now, soundUntil(utterance)) : now
      utterance.until = Math.max(utterance.from, Math.min(utterance.until, end))
      this.#end(conversationId, utterance)
    }
    for (const { onChange } of room.ears) onChange()
  }

  /** Somebody goes into another room while they speak: what they say goes on there. */
  move(from: { conversationId: string; speaker: string }, to: { conversationId: string; speaker: string }): void {
    const said = this.speaking(from.conversationId).filter(({ speaker }) => speaker === from.speaker)
    this.hush(from.conversationId, from.speaker)
    const now = this.#clock.now()
    for (const { sound, begun } of said) {
      this.#add(to.conversationId, { speaker: to.speaker, sound, begun, from: now, until: begun + sound.duration })
    }
  }

  /**
   * Hears everything from now on, and what is being said.
   * @param onChange called after something was added, cut or changed @param as who hears whom, as this listener has it
   */
  listen(conversationId: string, name: string, onChange: () => void, as: Ear['as'] = (hearing) => hearing): Listener {
    const room = this.#room(conversationId)
    const said = [...room.speaking.keys()]
    const ear: Ear = { said, hearings: [{ since: -Infinity, hearing: as(room.hearing) }], onChange, as }
    room.ears.add(ear)
    if (room.ears.size === 1) room.mirror?.onListening(true)
    return {
      name,
      said,
      hearings: ear.hearings,
      forget: (before) => {
        said.splice(0, said.length, ...said.filter(({ until }) => until > before))
        const first = ear.hearings.findLastIndex(({ since }) => since <= before)
        ear.hearings.splice(0, Math.max(first, 0))
      },
      stop: () => {
        if (!room.ears.delete(ear)) return
        if (room.ears.size === 0) room.mirror?.onListening(false)
        this.#closeIfEmpty(conversationId)
      },
    }
  }

  /**
   * Live people come into a room: all that happens in it is brought to them, and what they hear and say is told by whoever
   * mixes it (`mixed`), until the returned function is called.
   */
  attach(conversationId: string, mirror: Mirror): () => void {
    const room = this.#room(conversationId)
    room.mirror = mirror
    const now = this.#clock.now()
    this.#audibility.isLive(conversationId, true, now)
    const conversation = this.#conversations.get(conversationId)
    if (conversation) this.#audibility.hears(conversation, { since: now, hearing: room.hearing })
    mirror.onHearing(room.hearing)
    for (const utterance of room.speaking.keys()) mirror.onSound(utterance)
    if (room.ears.size > 0) mirror.onListening(true)
    return () => {
      if (room.mirror !== mirror) return
      room.mirror = undefined
      this.#audibility.isLive(conversationId, false, this.#clock.now())
      this.#closeIfEmpty(conversationId)
    }
  }

  /** Who was mixed to whom, where live people are. */
  mixed(conversationId: string, heard: readonly Heard[]): void {
    this.#audibility.mixed(conversationId, heard)
  }

  /** What is being said. */
  speaking(conversationId: string): readonly Utterance[] {
    return [...(this.#rooms.get(conversationId)?.speaking.keys() ?? [])]
  }

  /** Who heard whom, in order. */
  heard(conversationId: string, query: HeardQuery): Audible {
    return this.#audibility.of(conversationId, this.speaking(conversationId), this.#clock.now(), query)
  }

  /** Ends every sound, and forgets every conversation. */
  clear(): void {
    for (const { speaking } of this.#rooms.values()) for (const cancel of speaking.values()) cancel()
    this.#rooms.clear()
    this.#conversations.clear()
    this.#audibility.clear()
  }

  #end(conversationId: string, utterance: Utterance): void {
    const room = this.#rooms.get(conversationId)
    room?.speaking.delete(utterance)
    if (!utterance.isLive) room?.mirror?.onEnd(utterance)
    this.#audibility.said(conversationId, utterance)
    this.#closeIfEmpty(conversationId)
  }

  #room(conversationId: string): Room {
    const known = this.#rooms.get(conversationId)
    if (known) return known
    const conversation = this.#conversations.get(conversationId)
    const hearing = conversation ? hearingOf(conversation) : silence
    const room: Room = { hearing, speaking: new Map(), ears: new Set(), mirror: undefined }
    this.#rooms.set(conversationId, room)
    return room
  }

  #closeIfEmpty(conversationId: string): void {
    const room = this.#rooms.get(conversationId)
    if (room && room.speaking.size + room.ears.size === 0 && !room.mirror) this.#rooms.delete(conversationId)
  }
}

const none: Cancel = () => undefined
