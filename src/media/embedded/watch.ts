/** What is borne of the other side of a leg: how much it sends, and for how long it may send nothing. */
import type { Clock } from '../../runtime.ts'
import type { LegLimits } from './browser-leg.ts'

/** How many times the limit ends the leg. */
const FLOOD = 10

/** Watches one leg. */
export class Watch {
  readonly #limits: LegLimits
  readonly #clock: Clock
  #last: number | undefined
  #second = { number: 0, packets: 0 }

  constructor(limits: LegLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  /** A packet has come. @returns whether to look at it; `flooding` if there are far too many */
  bear(): boolean | 'flooding' {
    const second = Math.floor(this.#clock.now() / 1000)
    if (second !== this.#second.number) this.#second = { number: second, packets: 0 }
    const packets = ++this.#second.packets
    return packets > this.#limits.packets * FLOOD ? 'flooding' : packets <= this.#limits.packets
  }

  /** What came was the other side's. */
  hear(): void {
    this.#last = this.#clock.now()
  }

  /** It need not send anything for now, or begins to: what was before does not count. */
  forget(): void {
    this.#last = undefined
  }

  /** How it is: `silent` after nothing came for a while, `gone` when it will not come any more. */
  get state(): 'there' | 'silent' | 'gone' {
    if (this.#last === undefined) return 'there'
    const quiet = this.#clock.now() - this.#last
    if (quiet > this.#limits.silence + this.#limits.interruption) return 'gone'
    return quiet > this.#limits.silence ? 'silent' : 'there'
  }
}
