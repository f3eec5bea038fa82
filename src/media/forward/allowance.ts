/** How much may come from one leg in a second. */

/** What one second may bring. */
export interface AllowanceLimits {
  readonly packets: number
  /** Bits; any number, if it is not said. */
  readonly bits?: number
}

/** How many times as much as it may counts as a flood. */
const FLOOD = 10

/** An allowance, second by second. */
export class Allowance {
  readonly #limits: AllowanceLimits
  #second = 0
  #packets = 0
  #bits = 0

  constructor(limits: AllowanceLimits) {
    this.#limits = limits
  }

  /** Something has come. @returns whether it is taken, or left out, or there is far too much of it */
  take(bytes: number, now: number): 'taken' | 'leftOut' | 'flood' {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#packets = 0
      this.#bits = 0
    }
    this.#packets++
    this.#bits += bytes * 8
    const { packets, bits = Infinity } = this.#limits
    if (this.#packets > packets * FLOOD || this.#bits > bits * FLOOD) return 'flood'
    return this.#packets > packets || this.#bits > bits ? 'leftOut' : 'taken'
  }
}
