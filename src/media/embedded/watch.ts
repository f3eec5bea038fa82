/** For how long the other side of a leg may send nothing. */
import type { Clock } from '../../runtime.ts'
import type { LegLimits } from './browser-leg.ts'

/** Watches one leg. */
export class Watch {
  readonly #limits: LegLimits
  readonly #clock: Clock
  #last: number | undefined

  constructor(limits: LegLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
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
