/**
 * What the engine's process is to do, remembered: who sits where, who hears whom, what is played and listened to. All of
 * it is said again to a process that starts later, or anew.
 */
import type { Hearing } from '../../calls/hearing.ts'
import type { Cancel, Clock } from '../../runtime.ts'
import type { Place, Playing, PlayOptions, Voice } from '../engine.ts'
import type { FromStudio, ToStudio } from './protocol.ts'

const PER_MILLISECOND = 16
/** Samples of a sound that are sent in one message. */
const PIECE = 65_536
/** Sounds that may be played at once; more are not heard. */
const MOST_PLAYING = 10_000

interface Performance {
  readonly place: Place
  readonly samples: Int16Array
  readonly soundId: number
  readonly options: PlayOptions
  readonly begun: number
  readonly cancel: Cancel
}

interface KnownSound {
  readonly soundId: number
  uses: number
  sent: boolean
}

/** What is arranged in one server. */
export class Performances {
  readonly #clock: Clock
  readonly #send: (message: ToStudio) => void
  readonly #places = new Map<string, Place>()
  readonly #hearings = new Map<string, Hearing>()
  readonly #playing = new Map<number, Performance>()
  readonly #sounds = new Map<Int16Array, KnownSound>()
  readonly #listeners = new Map<string, Set<(voice: Voice) => void>>()
  /** Who is in the middle of a spurt, for those who listen. */
  readonly #spurts = new Map<string, Set<string>>()
  #count = 0
  /** Whether there is a process to hear it. */
  #on = false

  /** @param send says something to the process, if there is one */
  constructor(clock: Clock, send: (message: ToStudio) => void) {
    this.#clock = clock
    this.#send = send
  }

  #say(message: ToStudio): void {
    if (this.#on) this.#send(message)
  }

  /** A process has started: it learns everything. */
  begin(): void {
    this.#on = true
    for (const [conversationId, hearing] of this.#hearings) this.#say({ type: 'arrange', conversationId, hearing })
    for (const conversationId of this.#listeners.keys()) this.#say({ type: 'listen', conversationId, on: true })
    for (const [playId, performance] of this.#playing) this.#perform(playId, performance)
  }

  /** The process has ended. */
  interrupt(): void {
    this.#on = false
    for (const sound of this.#sounds.values()) sound.sent = false
    const at = this.#clock.now()
    for (const [conversationId, speakers] of this.#spurts) {
      for (const speaker of speakers) this.#tell(conversationId, { type: 'ended', speaker, at })
    }
    this.#spurts.clear()
  }

  enter(legId: string, place: Place): void {
    this.#places.set(legId, place)
    this.#say({ type: 'enter', legId, place })
  }

  /** A leg was connected after it had entered. */
  reseat(legId: string): void {
    const place = this.#places.get(legId)
    if (place) this.#say({ type: 'enter', legId, place })
  }

  leave(legId: string): void {
    if (this.#places.delete(legId)) this.#say({ type: 'leave', legId })
  }

  arrange(conversationId: string, hearing: Hearing | undefined): void {
    if (hearing) this.#hearings.set(conversationId, hearing)
    else this.#hearings.delete(conversationId)
    this.#say({ type: 'arrange', conversationId, hearing })
  }

  play(place: Place, samples: Int16Array, options: PlayOptions): Playing {
    const playId = ++this.#count
    const length = samples.length / PER_MILLISECOND - (options.from ?? 0)
    const begun = this.#clock.now()
    const isOver = samples.length === 0 || (length <= 0 && !options.loop)
    if (isOver || this.#playing.size >= MOST_PLAYING) return { stop: () => undefined }
    const cancel = options.loop
      ? () => undefined
      : this.#clock.schedule(begun + length, () => this.#stop(playId, false))
    const performance = { place, samples, soundId: this.#use(samples).soundId, options, begun, cancel }
    this.#playing.set(playId, performance)
    this.#perform(playId, performance)
    return { stop: () => this.#stop(playId, true) }
  }

  #use(samples: Int16Array): KnownSound {
    let sound = this.#sounds.get(samples)
    if (!sound) this.#sounds.set(samples, (sound = { soundId: ++this.#count, uses: 0, sent: false }))
    sound.uses++
    return sound
  }

  #perform(playId: number, { place, samples, soundId, options, begun }: Performance): void {
    if (!this.#on) return
    const sound = this.#sounds.get(samples)
    if (sound && !sound.sent) {
      sound.sent = true
      const { length } = samples
      for (let at = 0; at < length; at += PIECE) {
        this.#say({ type: 'sound', soundId, length, at, samples: samples.slice(at, at + PIECE) })
      }
    }
    const { from = 0, loop = false, only } = options
    const order = { playId, place, from: from + this.#clock.now() - begun, loop, only }
    this.#say({ type: 'play', order, soundId })
  }

  #stop(playId: number, early: boolean): void {
    const performance = this.#playing.get(playId)
    if (!performance) return
    this.#playing.delete(playId)
    performance.cancel()
    const { place, samples, soundId } = performance
    if (early) this.#say({ type: 'stop', playId, conversationId: place.conversationId })
    const sound = this.#sounds.get(samples)
    if (!sound || --sound.uses > 0) return
    this.#sounds.delete(samples)
    this.#say({ type: 'forget', soundId })
  }

  listen(conversationId: string, on: (voice: Voice) => void): () => void {
    let listeners = this.#listeners.get(conversationId)
    if (!listeners) {
      this.#listeners.set(conversationId, (listeners = new Set()))
      this.#say({ type: 'listen', conversationId, on: true })
    }
    listeners.add(on)
    return () => {
      if (!listeners.delete(on) || listeners.size > 0 || this.#listeners.get(conversationId) !== listeners) return
      this.#listeners.delete(conversationId)
      this.#spurts.delete(conversationId)
      this.#say({ type: 'listen', conversationId, on: false })
    }
  }

  /** Voices of a room have come. */
  hear({ conversationId, at, began, ended, frames }: Extract<FromStudio, { type: 'voices' }>): void {
    if (!this.#listeners.has(conversationId)) return
    let spurts = this.#spurts.get(conversationId)
    if (!spurts) this.#spurts.set(conversationId, (spurts = new Set()))
    // Whoever begins to listen comes into the middle of spurts.
    for (const speaker of [...began, ...frames.map((frame) => frame.speaker)]) {
      if (spurts.has(speaker)) continue
      spurts.add(speaker)
      this.#tell(conversationId, { type: 'began', speaker, at })
    }
    for (const { speaker, samples } of frames) this.#tell(conversationId, { type: 'frame', speaker, at, samples })
    for (const speaker of ended) if (spurts.delete(speaker)) this.#tell(conversationId, { type: 'ended', speaker, at })
  }

  #tell(conversationId: string, voice: Voice): void {
    for (const on of this.#listeners.get(conversationId) ?? []) on(voice)
  }

  /** Ends all that is played. */
  close(): void {
    this.#on = false
    for (const { cancel } of this.#playing.values()) cancel()
    this.#playing.clear()
    this.#sounds.clear()
    this.#listeners.clear()
  }
}
