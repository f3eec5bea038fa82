/** Who hears what: as few different mixes as possible, and what is in each. Nobody hears themselves. */
import type { Ducking, Gains, Hearing } from '../../calls/hearing.ts'
import { FRAME, addUp } from './frames.ts'

/** One mix of a room, and by whom it is heard. */
export interface Mix {
  /** The same from tick to tick, so that one encoder goes on with it. */
  readonly key: string
  readonly gains: Gains
  /** Whoever is left out of it although they are in `gains`. */
  readonly without: string | undefined
}

const ROOM = 'room'

/** A mix in which some lower the others. */
interface Ducked {
  readonly mix: Mix & { gains: Gains }
  readonly open: Gains
  readonly ducking: Ducking
  /** How far the others are lowered: 0 not at all, 1 as far as it goes. */
  depth: number
}

/**
 * Which mix each listener gets. Everybody who is silent hears the same; whoever has the floor hears it without
 * themselves; whoever is arranged apart hears their own, shared with those who hear the same.
 */
export class Seating {
  readonly #hearing: Hearing
  readonly #listeners: ReadonlySet<string>
  readonly #room: Mix
  readonly #without = new Map<string, Mix>()
  readonly #apart = new Map<string, Mix>()
  readonly #ducked = new Map<string, Ducked>()

  /** @param before how it was until now: what is being lowered goes on from there */
  constructor(hearing: Hearing, before?: Seating) {
    this.#hearing = hearing
    this.#listeners = new Set(hearing.listeners)
    this.#room = { key: ROOM, gains: hearing.room, without: undefined }
    for (const [listener, gains] of Object.entries(hearing.apart)) {
      const ducking = hearing.ducking[listener]
      const heard = audible(gains, listener)
      const key = JSON.stringify([Object.entries(heard), ducking])
      const mix = { key, gains: heard, without: undefined }
      this.#apart.set(listener, this.#ducked.get(key)?.mix ?? mix)
      if (!ducking || this.#ducked.has(key)) continue
      const depth = before ? (before.#ducked.get(key)?.depth ?? 0) : 0
      const lowered = { ...ducking, lowered: audible(ducking.lowered, listener) }
      this.#ducked.set(key, { mix, open: heard, ducking: lowered, depth })
    }
  }

  /** Lowers the others where somebody talks who does that, and lets them rise again, by one frame. */
  duck(talking: { has(speaker: string): boolean }): void {
    for (const one of this.#ducked.values()) {
      const { rampActive, rampInactive, by, lowered } = one.ducking
      const step = by.some((speaker) => talking.has(speaker)) ? FRAME / rampActive : -FRAME / rampInactive
      one.depth = Math.min(1, Math.max(0, one.depth + step))
      const speakers = new Set([...Object.keys(one.open), ...Object.keys(lowered)])
      const now = (speaker: string): number =>
        (one.open[speaker] ?? 0) * (1 - one.depth) + (lowered[speaker] ?? 0) * one.depth
      one.mix.gains = Object.fromEntries([...speakers].map((speaker) => [speaker, now(speaker)]))
    }
  }

  /** The mix of a listener; undefined if they hear nothing. @param floor who is mixed in this tick */
  mixFor(listener: string, floor: ReadonlySet<string>): Mix | undefined {
    if (!this.#listeners.has(listener)) return undefined
    const apart = this.#apart.get(listener)
    if (apart) return apart
    if (!floor.has(listener)) return this.#room
    let mix = this.#without.get(listener)
    if (!mix) {
      mix = { key: `${ROOM} without ${listener}`, gains: this.#hearing.room, without: listener }
      this.#without.set(listener, mix)
    }
    return mix
  }

  /** Whether anybody can hear this speaker. */
  isHeard(speaker: string): boolean {
    if ((this.#hearing.room[speaker] ?? 0) > 0) return true
    for (const { gains } of this.#apart.values()) if ((gains[speaker] ?? 0) > 0) return true
    return false
  }
}

/** Whoever can be heard, in an order of their own, so that the same is written the same. */
function audible(gains: Gains, listener: string): Gains {
  const heard = Object.entries(gains).filter(([speaker, gain]) => gain > 0 && speaker !== listener)
  return Object.fromEntries(heard.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** How loud a speaker is in a mix; 0 is not at all. */
export function gainIn(mix: Mix, speaker: string): number {
  return speaker === mix.without ? 0 : (mix.gains[speaker] ?? 0)
}

/** Mixes frames. @returns whether anything was mixed: else `into` is silence */
export function mixInto(
  into: Int16Array,
  mix: Mix,
  frames: Iterable<readonly [speaker: string, frame: Int16Array]>,
): boolean {
  const mixed: Int16Array[] = []
  const gains: number[] = []
  for (const [speaker, frame] of frames) {
    const gain = gainIn(mix, speaker)
    if (gain <= 0) continue
    mixed.push(frame)
    gains.push(gain)
  }
  addUp(into, mixed, gains)
  return mixed.length > 0
}
