/** Who has the floor: the loudest few of those who speak, with some patience, so that nobody flickers in and out. */

/** Whoever is louder than this speaks; decibels below full scale. */
export const SPEAKS = -50
/** For how many ticks somebody keeps the floor after they were last loud enough: half a second. */
export const HANGOVER = 25
/** By how many decibels somebody must be louder to take the floor from another. */
const MARGIN = 6
/** How fast a remembered level falls, in decibels a tick. */
const DECAY = 0.5

interface Claim {
  level: number
  /** Tick in which they were last loud enough. */
  loud: number
}

/** Decides for one room, tick by tick. */
export class Floor {
  readonly #most: number
  readonly #claims = new Map<string, Claim>()
  #holders = new Set<string>()

  /** @param most how many may have the floor at once */
  constructor(most: number) {
    this.#most = most
  }

  /** Whoever is mixed in this tick. @param levels of all who make any sound, in decibels */
  decide(tick: number, levels: ReadonlyMap<string, number>): ReadonlySet<string> {
    for (const [speaker, level] of levels) this.#hear(tick, speaker, level)
    for (const [speaker, claim] of this.#claims) {
      if (!levels.has(speaker)) claim.level -= DECAY
      if (tick - claim.loud > HANGOVER) this.#claims.delete(speaker)
    }
    if (this.#claims.size > this.#most) this.#contest()
    else this.#holders = new Set(this.#claims.keys())
    return this.#holders
  }

  #hear(tick: number, speaker: string, level: number): void {
    const claim = this.#claims.get(speaker)
    if (claim) {
      claim.level = Math.max(level, claim.level - DECAY)
      if (level > SPEAKS) claim.loud = tick
    } else if (level > SPEAKS) this.#claims.set(speaker, { level, loud: tick })
  }

  #contest(): void {
    // The first is the weakest. Rooms may be large: those that do not come near are passed over quickly.
    const best: { readonly speaker: string; readonly strength: number }[] = []
    for (const [speaker, { level }] of this.#claims) {
      const strength = level + (this.#holders.has(speaker) ? MARGIN : 0)
      if (best.length === this.#most && strength <= best[0]!.strength) continue
      if (best.length === this.#most) best.shift()
      const place = best.findIndex((one) => one.strength >= strength)
      best.splice(place < 0 ? best.length : place, 0, { speaker, strength })
    }
    this.#holders = new Set(best.map(({ speaker }) => speaker))
  }

  /** Levels of whoever has the floor. */
  levels(): readonly { readonly speaker: string; readonly level: number }[] {
    return [...this.#holders].map((speaker) => ({ speaker, level: this.#claims.get(speaker)?.level ?? SPEAKS }))
  }

  /** Somebody has left. */
  forget(speaker: string): void {
    this.#claims.delete(speaker)
    this.#holders.delete(speaker)
  }
}
