/**
 * The engine as the rest of the server uses it. While somebody has a live leg in a conversation, the engine is kept told of
 * who hears whom in it, scripted people and prompts are heard by the live ones, and these by recordings. A conversation
 * without live legs costs the engine nothing.
 */
import type { Hearing } from '../calls/hearing.ts'
import { gainOf, silence, whileTalking } from '../calls/hearing.ts'
import type { Tone } from '../calls/media.ts'
import type { Clock } from '../runtime.ts'
import type {
  EngineHealth,
  HeardSpan,
  PcmLeg,
  PcmOptions,
  Place,
  Playing,
  PlayOptions,
  RtpPlace,
  RtpTerms,
  SoundEngine,
  SoundEvents,
  SpeakerLevel,
  Views,
  Voice,
} from './engine.ts'
import { LiveTime } from './live-time.ts'
import type { Mirror, Rooms } from './rooms.ts'
import type { Utterance } from './utterance.ts'
import { soundUntil } from './utterance.ts'
import { Spurt } from './spurt.ts'

/** What it works with. */
export interface LiveParts {
  readonly engine: SoundEngine
  readonly rooms: Rooms
  /** The product's clock, and the real one, on which the engine tells. */
  readonly clock: Clock
  readonly wall: Clock
}

/** The engine, with the rooms behind it. */
export class LiveEngine implements SoundEngine {
  readonly #parts: LiveParts
  readonly #places = new Map<string, Place>()
  readonly #rooms = new Map<string, LiveRoom>()

  constructor(parts: LiveParts) {
    this.#parts = parts
    parts.engine.on({
      onLeg: (legId, state) => {
        if (state.name === 'closed') this.#left(legId)
      },
      onSpeaking: (conversationId, speakers) => this.#rooms.get(conversationId)?.talk(speakers),
      onHeard: (spans) => this.#heard(spans),
    })
  }

  connect(legId: string, offer: string): Promise<string> {
    return this.#parts.engine.connect(legId, offer)
  }

  renegotiate(legId: string, offer: string): Promise<string> {
    return this.#parts.engine.renegotiate(legId, offer)
  }

  connectRtp(legId: string, terms?: RtpTerms): Promise<RtpPlace> {
    return this.#parts.engine.connectRtp(legId, terms)
  }

  agree(legId: string, terms: RtpTerms): void {
    this.#parts.engine.agree(legId, terms)
  }

  connectPcm(legId: string, options: PcmOptions): PcmLeg {
    return this.#parts.engine.connectPcm(legId, options)
  }

  enter(legId: string, place: Place): void {
    const before = this.#places.get(legId)
    this.#places.set(legId, place)
    let room = this.#rooms.get(place.conversationId)
    if (!room) {
      room = new LiveRoom(place.conversationId, this.#parts)
      this.#rooms.set(place.conversationId, room)
    }
    room.enter(legId, place.speaker)
    this.#parts.engine.enter(legId, place)
    if (before && before.conversationId !== place.conversationId) this.#leaveRoom(legId, before)
  }

  leave(legId: string): void {
    this.#parts.engine.leave(legId)
    this.#left(legId)
  }

  disconnect(legId: string): void {
    this.#parts.engine.disconnect(legId)
    this.#left(legId)
  }

  watch(legId: string, views: Views): void {
    this.#parts.engine.watch(legId, views)
  }

  #left(legId: string): void {
    const place = this.#places.get(legId)
    if (!place) return
    this.#places.delete(legId)
    this.#leaveRoom(legId, place)
  }

  #leaveRoom(legId: string, { conversationId }: Place): void {
    const room = this.#rooms.get(conversationId)
    if (!room?.leave(legId)) return
    this.#rooms.delete(conversationId)
    room.close()
  }

  arrange(conversationId: string, hearing: Hearing | undefined): void {
    this.#parts.engine.arrange(conversationId, hearing)
  }

  play(place: Place, samples: Int16Array, options?: PlayOptions): Playing {
    return this.#parts.engine.play(place, samples, options)
  }

  listen(conversationId: string, on: (voice: Voice) => void): () => void {
    return this.#parts.engine.listen(conversationId, on)
  }

  sendTone(legId: string, tone: Tone, duration: number): void {
    this.#parts.engine.sendTone(legId, tone, duration)
  }

  /** An application presses a key in a conversation: towards every live leg that hears it. @param duration in milliseconds */
  press({ conversationId, speaker }: Place, tone: Tone, duration: number): void {
    for (const legId of this.#rooms.get(conversationId)?.hearers(speaker) ?? []) this.sendTone(legId, tone, duration)
  }

  on(events: SoundEvents): void {
    this.#parts.engine.on(events)
  }

  admits(): boolean {
    return this.#parts.engine.admits()
  }

  health(): EngineHealth {
    return this.#parts.engine.health()
  }

  async close(): Promise<void> {
    for (const room of this.#rooms.values()) room.close()
    this.#rooms.clear()
    this.#places.clear()
    await this.#parts.engine.close()
  }

  #heard(spans: readonly HeardSpan[]): void {
    const { rooms, clock, wall } = this.#parts
    const ahead = clock.now() - wall.now()
    for (const { conversationId, speaker, listeners, from, until, level } of spans) {
      const length = until - from
      const room = clock.kind === 'virtual' ? this.#rooms.get(conversationId) : undefined
      const begins = room ? room.place(speaker, length) : from + ahead
      if (begins === undefined) continue
      const when = { from: begins, until: begins + length }
      rooms.mixed(
        conversationId,
        listeners.map((listener) => ({ speaker, listener, ...when, level })),
      )
    }
  }
}

/** Somebody in the middle of saying something. */
interface OpenSpurt {
  readonly spurt: Spurt
  readonly utterance: Utterance | undefined
}

/** One conversation with live legs. */
class LiveRoom implements Mirror {
  readonly #conversationId: string
  readonly #parts: LiveParts
  /** Who speaks by which leg. */
  readonly #legs = new Map<string, string>()
  readonly #playing = new Map<Utterance, Playing>()
  readonly #spurts = new Map<string, OpenSpurt>()
  /** Where what is recorded lies in time, and what was mixed. */
  readonly #recorded: LiveTime
  readonly #mixed: LiveTime
  readonly #detach: () => void
  #hearing: Hearing = silence
  #talking: ReadonlySet<string> = new Set()
  #stopListening: (() => void) | undefined

  constructor(conversationId: string, parts: LiveParts) {
    this.#conversationId = conversationId
    this.#parts = parts
    this.#recorded = new LiveTime(parts.clock)
    this.#mixed = new LiveTime(parts.clock)
    this.#detach = parts.rooms.attach(conversationId, this)
  }

  enter(legId: string, speaker: string): void {
    this.#legs.set(legId, speaker)
  }

  /** @returns whether nobody is left */
  leave(legId: string): boolean {
    const speaker = this.#legs.get(legId)
    this.#legs.delete(legId)
    if (speaker !== undefined) this.#endSpurt(speaker)
    return this.#legs.size === 0
  }

  close(): void {
    this.#stopListening?.()
    this.#stopListening = undefined
    for (const speaker of this.#spurts.keys()) this.#endSpurt(speaker)
    for (const playing of this.#playing.values()) playing.stop()
    this.#playing.clear()
    this.#parts.engine.arrange(this.#conversationId, undefined)
    this.#detach()
  }

  /** The legs of those who hear a speaker. */
  hearers(speaker: string): readonly string[] {
    return [...this.#legs].flatMap(([legId, name]) => (gainOf(this.#hearing, speaker, name) > 0 ? [legId] : []))
  }

  onHearing(hearing: Hearing): void {
    this.#hearing = hearing
    this.#arrange()
  }

  #arrange(): void {
    this.#parts.engine.arrange(this.#conversationId, whileTalking(this.#hearing, this.#talking))
  }

  /** Who talks now: others may be lowered for it. */
  talk(speakers: readonly SpeakerLevel[]): void {
    const ducks = new Set(Object.values(this.#hearing.ducking).flatMap(({ by }) => by))
    const talking = new Set(speakers.map(({ speaker }) => speaker).filter((speaker) => ducks.has(speaker)))
    if (talking.size === this.#talking.size && talking.isSubsetOf(this.#talking)) return
    this.#talking = talking
    this.#arrange()
  }

  /** Where something lies on a virtual clock that was mixed of somebody; undefined if they are too far ahead of it. */
  place(speaker: string, length: number): number | undefined {
    const from = this.#mixed.begin(speaker, this.#parts.clock.now())
    if (from !== undefined) this.#mixed.ended(speaker, from + length)
    return from
  }

  onSound(utterance: Utterance): void {
    const { clock, engine } = this.#parts
    const { speaker, sound, begun } = utterance
    const options = { from: Math.max(clock.now() - begun, 0), loop: sound.loops }
    const place = { conversationId: this.#conversationId, speaker }
    this.#playing.set(utterance, engine.play(place, sound.samples, options))
  }

  onEnd(utterance: Utterance): void {
    this.#playing.get(utterance)?.stop()
    this.#playing.delete(utterance)
  }

  onListening(isListening: boolean): void {
    if (!isListening) {
      this.#stopListening?.()
      this.#stopListening = undefined
      for (const speaker of this.#spurts.keys()) this.#endSpurt(speaker)
      this.#recorded.forget()
    } else this.#stopListening ??= this.#parts.engine.listen(this.#conversationId, (voice) => this.#hear(voice))
  }

  /** A live voice, as recordings hear it. What is played here they hear already. */
  #hear(voice: Voice): void {
    const { speaker } = voice
    if (voice.type === 'ended') return this.#endSpurt(speaker)
    const isPlayed = [...this.#playing.keys()].some((utterance) => utterance.speaker === speaker)
    if (voice.type !== 'frame' || isPlayed || ![...this.#legs.values()].includes(speaker)) return
    const { rooms, clock } = this.#parts
    const now = clock.now()
    let open = this.#spurts.get(speaker)
    const isPassed = open?.utterance && this.#recorded.isPassed(soundUntil(open.utterance), now)
    if (open?.spurt.isFull || isPassed) {
      this.#endSpurt(speaker)
      open = undefined
    }
    if (!open) {
      const begun = this.#recorded.begin(speaker, now)
      if (begun === undefined) return
      const spurt = new Spurt(voice.at)
      open = { spurt, utterance: rooms.hear(this.#conversationId, speaker, spurt, begun) }
      this.#spurts.set(speaker, open)
    }
    open.spurt.write(voice.at, voice.samples)
    if (open.utterance) rooms.grown(this.#conversationId, open.utterance)
  }

  #endSpurt(speaker: string): void {
    const open = this.#spurts.get(speaker)
    if (!open) return
    this.#spurts.delete(speaker)
    if (!open.utterance) return
    this.#recorded.ended(speaker, soundUntil(open.utterance))
    this.#parts.rooms.hush(this.#conversationId, open.utterance)
  }
}
