/** One room: whoever is in it says something every 20 ms, and hears everybody else. */
import type { Hearing } from '../../calls/hearing.ts'
import { silence } from '../../calls/hearing.ts'
import type { HeardSpan, SpeakerLevel } from '../engine.ts'
import { Floor, SPEAKS } from '../mixer/floor.ts'
import { addUp, decibels, levelOf } from '../mixer/frames.ts'
import type { Mix } from '../mixer/mixes.ts'
import { Seating, gainIn } from '../mixer/mixes.ts'
import { Account } from './account.ts'
import type { Heard, Leg } from './leg.ts'
import { downsampler } from './leg.ts'
import type { Player } from './player.ts'
import type { StreamParts } from './stream.ts'
import { Stream } from './stream.ts'

/** What a room tells; ticks are its own count of 20 ms. */
export interface RoomEvents {
  onSpeaking(speakers: readonly SpeakerLevel[]): void
  onHeard(spans: readonly Omit<HeardSpan, 'conversationId'>[]): void
  /** For whoever listens: spurts that began and ended, and their frames at 16 kHz. */
  onVoices(voices: RoomVoices): void
}

/** What is heard in one tick. */
export interface RoomVoices {
  readonly began: readonly string[]
  readonly ended: readonly string[]
  readonly frames: readonly { readonly speaker: string; readonly samples: Int16Array }[]
}

/** What is said in one tick: frames of whoever is mixed, how loud everybody is, and who has the floor. */
interface Said {
  readonly heard: readonly (readonly [speaker: string, frame: Int16Array])[]
  readonly levels: ReadonlyMap<string, number>
  readonly floor: ReadonlySet<string>
}

/** Levels are told every so many ticks while anybody speaks. */
const TELL = 10
/** A stream that nobody heard for so many ticks is given up. */
const IDLE = 100
/** In a room of more listeners it is noted every so many ticks alone who heard whom. */
const LARGE = 50
const GLANCE = 4
/** A sound that one listener hears alone goes by a name that no speaker has. */
const alone = (player: Player): string => `\0${player.order.playId}`

/** A room. */
export class Room {
  readonly #parts: StreamParts
  readonly #events: RoomEvents
  readonly #floor: Floor
  readonly #account = new Account()
  readonly #legs = new Map<string, Leg>()
  readonly #players = new Map<number, Player>()
  readonly #streams = new Map<string, Stream>()
  readonly #last = new Map<string, Stream>()
  readonly #downsamplers = new Map<string, (samples: Int16Array) => Int16Array>()
  #hearing: Hearing = silence
  #seating = new Seating(silence)
  #spurts: ReadonlySet<string> = new Set()
  #told = false
  #said: Said = { heard: [], levels: new Map(), floor: new Set() }
  /** Whether anybody listens to its voices. */
  listened = false

  /** @param most how many speakers are mixed at once */
  constructor(parts: StreamParts, most: number, events: RoomEvents) {
    this.#parts = parts
    this.#events = events
    this.#floor = new Floor(most)
  }

  get isEmpty(): boolean {
    return this.#legs.size === 0 && this.#players.size === 0 && this.#hearing === silence && !this.listened
  }

  get legs(): Iterable<Leg> {
    return this.#legs.values()
  }

  arrange(hearing: Hearing | undefined): void {
    this.#hearing = hearing ?? silence
    this.#seating = new Seating(this.#hearing, this.#seating)
  }

  enter(leg: Leg): void {
    this.#legs.set(leg.id, leg)
  }

  leave(leg: Leg): void {
    this.#legs.delete(leg.id)
    this.#last.delete(leg.id)
  }

  play(player: Player): void {
    this.#players.set(player.order.playId, player)
  }

  stop(playId: number): void {
    this.#players.delete(playId)
  }

  /** Takes what is said in the next 20 ms. */
  listen(tick: number): void {
    const { frames, levels, waiting } = this.#collect()
    const floor = new Set(this.#floor.decide(tick, this.#competing(levels)))
    for (const { order } of this.#players.values()) if (order.only === undefined) floor.add(order.place.speaker)
    for (const [speaker, leg] of waiting) {
      const frame = floor.has(speaker) ? leg.say() : undefined
      if (frame) put(frames, speaker, frame)
    }
    const heard = [...frames].filter(([speaker]) => floor.has(speaker) || speaker.startsWith('\0'))
    this.#said = { heard, levels, floor }
  }

  /** Mixes what was said, for everybody. Rooms do it one after the other, once all have listened: that is quicker. */
  speak(tick: number): void {
    const { heard, levels, floor } = this.#said
    this.#seating.duck({ has: (speaker) => (levels.get(speaker) ?? SPEAKS) > SPEAKS })
    this.#serve(tick, heard, floor)
    this.#note(tick, heard, levels)
    this.#tell(tick, levels, floor)
    if (this.listened) this.#hand(heard, floor)
    if (tick % IDLE === 0) this.#tidy(tick)
  }

  /** What everybody says in this tick. Whoever tells how loud they are waits with it until it is known who is heard. */
  #collect(): {
    readonly frames: Map<string, Int16Array>
    readonly levels: Map<string, number>
    readonly waiting: (readonly [speaker: string, leg: Leg])[]
  } {
    const frames = new Map<string, Int16Array>()
    const levels = new Map<string, number>()
    const waiting: [string, Leg][] = []
    for (const leg of this.#legs.values()) {
      const level = leg.turn()
      const speaker = leg.place?.speaker
      if (level === undefined || speaker === undefined || !this.#seating.isHeard(speaker)) continue
      if (level !== 'unknown') {
        waiting.push([speaker, leg])
        levels.set(speaker, Math.max(level, levels.get(speaker) ?? level))
        continue
      }
      const frame = leg.say()
      if (frame) put(frames, speaker, frame)
    }
    for (const [playId, player] of this.#players) {
      const frame = player.next()
      if (!frame) this.#players.delete(playId)
      else put(frames, player.order.only === undefined ? player.order.place.speaker : alone(player), frame)
    }
    for (const [speaker, frame] of frames) {
      const level = levelOf(frame)
      levels.set(speaker, Math.max(level, levels.get(speaker) ?? level))
    }
    return { frames, levels, waiting }
  }

  /** The levels of those who must be loud enough to be mixed: all but what is played. */
  #competing(levels: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    if (this.#players.size === 0) return levels
    const played = new Set([...this.#players.values()].map((player) => player.order.place.speaker))
    return new Map([...levels].filter(([speaker]) => !played.has(speaker) && !speaker.startsWith('\0')))
  }

  #serve(tick: number, frames: readonly (readonly [string, Int16Array])[], floor: ReadonlySet<string>): void {
    for (const leg of this.#legs.values()) {
      const mix = leg.place && this.#mixOf(leg.place.speaker, floor)
      if (!mix) {
        leg.hear(undefined)
        continue
      }
      let stream = this.#streams.get(mix.key)
      if (!stream) this.#streams.set(mix.key, (stream = new Stream(this.#parts)))
      leg.hear(stream.heardIn(tick, mix, frames, this.#voicesOf(mix, frames), this.#last.get(leg.id)))
      this.#last.set(leg.id, stream)
    }
  }

  #mixOf(listener: string, floor: ReadonlySet<string>): Mix | undefined {
    const mix = this.#seating.mixFor(listener, floor)
    if (!mix || this.#players.size === 0) return mix
    const own = [...this.#players.values()].filter(({ order }) => order.only === listener)
    if (own.length === 0) return mix
    const gains = { ...mix.gains, ...Object.fromEntries(own.map((player) => [alone(player), 1])) }
    return { key: `alone ${listener}`, gains, without: listener }
  }

  #voicesOf(mix: Mix, frames: readonly (readonly [string, Int16Array])[]): Heard['voices'] {
    return () =>
      frames
        .filter(([speaker]) => gainIn(mix, speaker) > 0)
        .map(([speaker, frame]) => ({ speaker, samples: this.#downsampled(speaker, frame) }))
  }

  readonly #sampled = new Map<string, { readonly frame: Int16Array; readonly samples: Int16Array }>()

  /** At 16 kHz; once per speaker and tick, however many ask. */
  #downsampled(speaker: string, frame: Int16Array): Int16Array {
    const known = this.#sampled.get(speaker)
    if (known?.frame === frame) return known.samples
    let down = this.#downsamplers.get(speaker)
    if (!down) this.#downsamplers.set(speaker, (down = downsampler(this.#parts.rate)))
    const samples = down(frame)
    this.#sampled.set(speaker, { frame, samples })
    return samples
  }

  #note(tick: number, frames: readonly (readonly [string, Int16Array])[], levels: ReadonlyMap<string, number>): void {
    if (this.#hearing.listeners.length > LARGE && tick % GLANCE !== 0) return
    for (const [speaker] of frames) {
      const level = levels.get(speaker) ?? SPEAKS
      if (level <= SPEAKS || speaker.startsWith('\0')) continue
      for (const listener of this.#hearing.listeners) {
        const gain = (this.#hearing.apart[listener] ?? this.#hearing.room)[speaker] ?? 0
        if (gain > 0 && listener !== speaker) this.#account.note(tick, speaker, listener, level + decibels(gain ** 2))
      }
    }
    const spans = this.#account.take(tick)
    if (spans.length > 0) this.#events.onHeard(spans)
  }

  #tell(tick: number, levels: ReadonlyMap<string, number>, floor: ReadonlySet<string>): void {
    if (tick % TELL !== 0) return
    const speakers = [...floor].flatMap((speaker) => {
      const level = levels.get(speaker)
      return level === undefined || level <= SPEAKS ? [] : [{ speaker, level: Math.round(level) }]
    })
    if (speakers.length > 0 || this.#told) this.#events.onSpeaking(speakers)
    this.#told = speakers.length > 0
  }

  #hand(heard: readonly (readonly [string, Int16Array])[], floor: ReadonlySet<string>): void {
    const spoken = heard.filter(([speaker]) => !speaker.startsWith('\0'))
    const began = [...floor].filter((speaker) => !this.#spurts.has(speaker))
    const ended = [...this.#spurts].filter((speaker) => !floor.has(speaker))
    this.#spurts = floor
    if (spoken.length + began.length + ended.length === 0) return
    const frames = spoken.map(([speaker, frame]) => ({ speaker, samples: this.#downsampled(speaker, frame) }))
    this.#events.onVoices({ began, ended, frames })
  }

  #tidy(tick: number): void {
    for (const [key, stream] of this.#streams) {
      if (tick - stream.lastTick < IDLE) continue
      stream.close()
      this.#streams.delete(key)
    }
    for (const [legId, stream] of this.#last) if (tick - stream.lastTick > IDLE) this.#last.delete(legId)
    const places = [...this.#legs.values(), ...[...this.#players.values()].map(({ order }) => order)]
    const here = new Set(places.map(({ place }) => place?.speaker))
    for (const speaker of this.#downsamplers.keys()) {
      if (here.has(speaker)) continue
      this.#downsamplers.delete(speaker)
      this.#sampled.delete(speaker)
    }
  }

  /** The room is over. @returns what was still to be told of who heard whom */
  close(tick: number): Omit<HeardSpan, 'conversationId'>[] {
    for (const stream of this.#streams.values()) stream.close()
    this.#streams.clear()
    return this.#account.take(tick, true)
  }
}

function put(frames: Map<string, Int16Array>, speaker: string, frame: Int16Array): void {
  const other = frames.get(speaker)
  if (!other) {
    frames.set(speaker, frame)
    return
  }
  const both = new Int16Array(frame.length)
  addUp(both, [frame, other], [1, 1])
  frames.set(speaker, both)
}
