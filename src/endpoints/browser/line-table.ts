/** Every leg at a page, by what is asked of it: whose it is, where it is, and the name of its sound. */
import type { Line, LinePlace } from './line.ts'
import { placeKey } from './line.ts'

/** The table. */
export class LineTable {
  readonly #byPerson = new Map<string, Set<Line>>()
  readonly #byPlace = new Map<string, Line>()
  readonly #bySound = new Map<string, Line>()
  readonly #byConversation = new Map<string, Set<Line>>()

  /** The leg in a place; an ended one is in none. */
  at(place: LinePlace): Line | undefined {
    return this.#byPlace.get(placeKey(place))
  }

  bySound(soundId: string): Line | undefined {
    return this.#bySound.get(soundId)
  }

  /** Somebody's legs, the oldest first; ended ones too. */
  of(personId: string): Iterable<Line> {
    return this.#byPerson.get(personId) ?? []
  }

  /** The legs in a conversation. */
  in(conversationId: string): readonly Line[] {
    return [...(this.#byConversation.get(conversationId) ?? [])]
  }

  all(): readonly Line[] {
    return [...this.#byPerson.values()].flatMap((lines) => [...lines])
  }

  add(line: Line): void {
    addTo(this.#byPerson, line.address.id, line)
    this.#enter(line)
  }

  /** Puts a leg into another place. */
  move(line: Line, place: LinePlace): void {
    this.leave(line)
    line.place = place
    this.#enter(line)
  }

  /** The leg is in its place no more. */
  leave(line: Line): void {
    const key = placeKey(line.place)
    if (this.#byPlace.get(key) === line) this.#byPlace.delete(key)
    removeFrom(this.#byConversation, line.place.conversationId, line)
  }

  /** The leg is nobody's any more. */
  remove(line: Line): void {
    this.leave(line)
    removeFrom(this.#byPerson, line.address.id, line)
  }

  nameSound(line: Line, soundId: string): void {
    line.soundId = soundId
    this.#bySound.set(soundId, line)
  }

  forgetSound(line: Line): void {
    if (line.soundId !== undefined) this.#bySound.delete(line.soundId)
    delete line.soundId
  }

  clear(): void {
    for (const map of [this.#byPerson, this.#byPlace, this.#bySound, this.#byConversation]) map.clear()
  }

  #enter(line: Line): void {
    this.#byPlace.set(placeKey(line.place), line)
    addTo(this.#byConversation, line.place.conversationId, line)
  }
}

function addTo(sets: Map<string, Set<Line>>, key: string, line: Line): void {
  const lines = sets.get(key)
  if (lines) lines.add(line)
  else sets.set(key, new Set([line]))
}

function removeFrom(sets: Map<string, Set<Line>>, key: string, line: Line): void {
  const lines = sets.get(key)
  lines?.delete(line)
  if (lines?.size === 0) sets.delete(key)
}
