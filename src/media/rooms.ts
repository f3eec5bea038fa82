/**
 * Who makes sound in which conversation, and when. Scripted people speak here and applications play their prompts here;
 * recordings listen. There is one room to a conversation, for as long as somebody makes sound or listens in it.
 */
import type { Cancel, Clock } from '../runtime.ts'
import type { Sound } from './sound.ts'

/** A sound that somebody makes in a room. Moments are milliseconds since the epoch. */
export interface Utterance {
  /** A person's participant id, or the id of an application's call. */
  readonly speaker: string
  readonly sound: Sound
  /** When the sound began, or would have, had its speaker been here then. */
  readonly begun: number
  /** From when on it is heard here. */
  readonly from: number
  /** Until when it is heard here; it can be cut short. */
  until: number
}

/** Hears what is said in a room while it listens. */
export interface Listener {
  /** What was heard since it began to listen, and what is known to come. */
  readonly heard: readonly Utterance[]
  stop(): void
}

interface Room {
  readonly speaking: Map<Utterance, Cancel>
  readonly listeners: Set<{ readonly heard: Utterance[]; readonly onChange: () => void }>
  readonly onHold: Set<string>
}

/** Every room. */
export class Rooms {
  readonly #clock: Clock
  readonly #rooms = new Map<string, Room>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Somebody makes a sound, which began at `begun`. What is said on hold is not heard.
   * @returns undefined if it is not heard
   */
  speak(conversationId: string, speaker: string, sound: Sound, begun = this.#clock.now()): Utterance | undefined {
    return this.#add(conversationId, { speaker, sound, begun, from: begun, until: begun + sound.duration })
  }

  #add(conversationId: string, utterance: Utterance): Utterance | undefined {
    const room = this.#room(conversationId)
    if (room.onHold.has(utterance.speaker)) return undefined
    const cancel = this.#clock.schedule(utterance.until, () => this.#end(conversationId, utterance))
    room.speaking.set(utterance, cancel)
    for (const { heard, onChange } of room.listeners) {
      heard.push(utterance)
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
      utterance.until = Math.max(utterance.from, Math.min(utterance.until, this.#clock.now()))
      this.#end(conversationId, utterance)
    }
    for (const { onChange } of room.listeners) onChange()
  }

  /** Somebody goes into another room while they speak: what they say goes on there. */
  move(from: { conversationId: string; speaker: string }, to: { conversationId: string; speaker: string }): void {
    const said = this.speaking(from.conversationId).filter(({ speaker }) => speaker === from.speaker)
    this.leave(from.conversationId, from.speaker)
    const now = this.#clock.now()
    for (const { sound, begun } of said) {
      const until = begun + sound.duration
      if (until > now) this.#add(to.conversationId, { speaker: to.speaker, sound, begun, from: now, until })
    }
  }

  /** Puts somebody on hold, where they are not heard. */
  hold(conversationId: string, participantId: string): void {
    this.hush(conversationId, participantId)
    this.#room(conversationId).onHold.add(participantId)
  }

  /** Takes somebody back from hold. */
  release(conversationId: string, participantId: string): void {
    this.#rooms.get(conversationId)?.onHold.delete(participantId)
    this.#closeIfEmpty(conversationId)
  }

  /** Who is on hold. */
  onHold(conversationId: string): readonly string[] {
    return [...(this.#rooms.get(conversationId)?.onHold ?? [])]
  }

  /** Somebody has left: whatever they say ends, and they are on hold no more. */
  leave(conversationId: string, speaker: string): void {
    this.hush(conversationId, speaker)
    this.release(conversationId, speaker)
  }

  /** Hears everything from now on, and what is being said. @param onChange called after something was added or cut */
  listen(conversationId: string, onChange: () => void): Listener {
    const room = this.#room(conversationId)
    const listener = { heard: [...room.speaking.keys()], onChange }
    room.listeners.add(listener)
    return {
      heard: listener.heard,
      stop: () => {
        room.listeners.delete(listener)
        this.#closeIfEmpty(conversationId)
      },
    }
  }

  /** What is being said. */
  speaking(conversationId: string): readonly Utterance[] {
    return [...(this.#rooms.get(conversationId)?.speaking.keys() ?? [])]
  }

  /** Ends every sound. */
  clear(): void {
    for (const { speaking } of this.#rooms.values()) for (const cancel of speaking.values()) cancel()
    this.#rooms.clear()
  }

  #end(conversationId: string, utterance: Utterance): void {
    this.#rooms.get(conversationId)?.speaking.delete(utterance)
    this.#closeIfEmpty(conversationId)
  }

  #room(conversationId: string): Room {
    const known = this.#rooms.get(conversationId)
    if (known) return known
    const room: Room = { speaking: new Map(), listeners: new Set(), onHold: new Set() }
    this.#rooms.set(conversationId, room)
    return room
  }

  #closeIfEmpty(conversationId: string): void {
    const room = this.#rooms.get(conversationId)
    if (room && room.speaking.size + room.listeners.size + room.onHold.size === 0) this.#rooms.delete(conversationId)
  }
}
