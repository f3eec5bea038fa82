/** Who sees whom, in every conversation: the slots of each leg, and the pictures of the others. */
import type { Place, Views } from '../engine.ts'
import type { Pictures } from './pictures.ts'

/** A leg in a conversation. */
interface Seat {
  readonly pictures: Pictures
  readonly speaker: string
}

const NOBODY: Views = { cameras: [], screen: undefined }

/** All conversations in which legs have pictures. */
export class Galleries {
  readonly #places = new Map<string, Place>()
  /** By conversation, then by leg. */
  readonly #seats = new Map<string, Map<string, Seat>>()
  readonly #views = new Map<string, Views>()

  /** A leg comes into a conversation, out of the one in which it was. */
  enter(legId: string, pictures: Pictures, place: Place, now: number): void {
    this.#stand(legId, now)
    const { conversationId, speaker } = place
    this.#places.set(legId, place)
    const seats = this.#seats.get(conversationId) ?? new Map<string, Seat>()
    this.#seats.set(conversationId, seats.set(legId, { pictures, speaker }))
    this.#arrange(conversationId, now)
  }

  /** A leg goes out of its conversation. */
  leave(legId: string, now: number): void {
    this.#views.delete(legId)
    this.#stand(legId, now)
  }

  #stand(legId: string, now: number): void {
    const { conversationId } = this.#places.get(legId) ?? {}
    if (conversationId === undefined) return
    this.#places.delete(legId)
    const seats = this.#seats.get(conversationId)
    const seat = seats?.get(legId)
    seats?.delete(legId)
    if (seats?.size === 0) this.#seats.delete(conversationId)
    seat?.pictures.close(now)
    this.#arrange(conversationId, now)
  }

  /** Whom a leg sees, until it is said anew. */
  watch(legId: string, views: Views, now: number): void {
    this.#views.set(legId, views)
    const { conversationId } = this.#places.get(legId) ?? {}
    if (conversationId !== undefined) this.#arrange(conversationId, now)
  }

  #arrange(conversationId: string, now: number): void {
    const seats = this.#seats.get(conversationId)
    if (!seats) return
    // Whoever has two legs for a moment is seen by the one that came last.
    const speakers = new Map([...seats.values()].map((seat) => [seat.speaker, seat]))
    for (const [legId, { pictures, speaker }] of seats) {
      const { cameras, screen } = this.#views.get(legId) ?? NOBODY
      const sourcesOf = (name: string | undefined): Pictures['sources'] | undefined =>
        name === undefined || name === speaker ? undefined : speakers.get(name)?.pictures.sources
      for (const [index, slot] of pictures.cameras.entries()) slot.show(sourcesOf(cameras[index])?.camera, now)
      pictures.screen.show(sourcesOf(screen)?.screen, now)
    }
  }

  /** Goes on, some 50 times a second. */
  tick(now: number): void {
    for (const seats of this.#seats.values()) for (const { pictures } of seats.values()) pictures.tick(now)
  }

  /** Pictures that come, and places in which they are seen. */
  count(now: number): { readonly sent: number; readonly seen: number } {
    let [sent, seen] = [0, 0]
    for (const seats of this.#seats.values()) {
      for (const { pictures } of seats.values()) {
        sent += pictures.sent(now)
        seen += pictures.seen
      }
    }
    return { sent, seen }
  }
}
