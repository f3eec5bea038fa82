/**
 * Applications' own media by WebRTC. Of each call there is at most one connection that speaks and one that hears; a new one
 * takes the place of the one before.
 */
import type { LegState, Place, SoundEngine } from '../../media/engine.ts'
import type { Ids } from '../../runtime.ts'
import type { OneWayOffer, Way } from './one-way-sdp.ts'
import { completeAnswer } from './one-way-sdp.ts'

/** A connection. */
export interface OwnSession {
  readonly id: string
  readonly callId: string
  readonly way: Way
  /** Names the connection's ICE session (RFC 8839). */
  readonly iceUser: string
}

interface Known extends OwnSession {
  readonly legId: string
  readonly place: Place
}

/** What it works with. */
export interface OwnSessionsParts {
  readonly sound: SoundEngine
  readonly ids: Ids
  /** Whether sound goes by a call's connection from now on. */
  readonly onChange: (callId: string, way: Way, isUp: boolean) => void
}

/** Thrown when a session does not come about: an offer is being answered already, or the call ended meanwhile. */
export class SessionError extends Error {
  override readonly name = 'SessionError'
  readonly code: 'busy' | 'gone'

  constructor(code: SessionError['code']) {
    super(code)
    this.code = code
  }
}

/** The connections. */
export class OwnSessions {
  readonly #parts: OwnSessionsParts
  readonly #byId = new Map<string, Known>()
  readonly #byLeg = new Map<string, Known>()
  readonly #byCall = new Map<string, Known>()
  /** Of which calls an offer is being answered. */
  readonly #answering = new Set<string>()

  constructor(parts: OwnSessionsParts) {
    this.#parts = parts
    parts.sound.on({ onLeg: (legId, state) => this.#follow(this.#byLeg.get(legId), state) })
  }

  find(id: string): OwnSession | undefined {
    return this.#byId.get(id)
  }

  /** Answers an offer. @param place where the call is @throws MediaError, SessionError */
  async connect(
    place: Place,
    way: Way,
    offer: OneWayOffer,
  ): Promise<{ readonly session: OwnSession; readonly answer: string }> {
    const { sound, ids } = this.#parts
    const key = keyOf(place.speaker, way)
    if (this.#answering.has(key)) throw new SessionError('busy')
    this.#end(this.#byCall.get(key))
    const id = ids.guid()
    const session = { id, callId: place.speaker, way, iceUser: offer.iceUser, legId: `own-${way}:${id}`, place }
    this.#byId.set(id, session)
    this.#byLeg.set(session.legId, session)
    this.#byCall.set(key, session)
    this.#answering.add(key)
    try {
      const answer = completeAnswer(offer, await sound.connect(session.legId, offer.sdp))
      if (!this.#byId.has(id)) throw new SessionError('gone')
      return { session, answer }
    } catch (error) {
      this.#end(session)
      throw error
    } finally {
      this.#answering.delete(key)
    }
  }

  /** Ends a connection, if it is there. */
  end(id: string): void {
    this.#end(this.#byId.get(id))
  }

  /** Ends every connection of a call. */
  endAll(callId: string): void {
    this.#end(this.#byCall.get(keyOf(callId, 'whip')))
    this.#end(this.#byCall.get(keyOf(callId, 'whep')))
  }

  #end(session: Known | undefined): void {
    if (!session || !this.#byId.delete(session.id)) return
    this.#byLeg.delete(session.legId)
    this.#byCall.delete(keyOf(session.callId, session.way))
    this.#parts.sound.disconnect(session.legId)
    this.#parts.onChange(session.callId, session.way, false)
  }

  #follow(session: Known | undefined, { name }: LegState): void {
    if (!session) return
    if (name === 'closed') return this.#end(session)
    if (name === 'connected') this.#parts.sound.enter(session.legId, session.place)
    this.#parts.onChange(session.callId, session.way, name === 'connected')
  }
}

function keyOf(callId: string, way: Way): string {
  return `${way} ${callId}`
}
