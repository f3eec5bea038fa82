/** What the work costs, as it is done: an average that forgets, in microseconds. */
import type { EngineCost } from '../engine.ts'

/** How much a new measurement counts. */
const WEIGHT = 0.02

/** The meters of one engine. */
export class Meters {
  /** Now, in milliseconds since some moment, with fractions. */
  readonly now: () => number
  readonly #cost = { decode: 0, encode: 0, mix: 0, packet: 0 }

  constructor(now: () => number) {
    this.now = now
  }

  #measure(what: keyof EngineCost, begun: number): void {
    const spent = (this.now() - begun) * 1000
    const before = this.#cost[what]
    this.#cost[what] = before === 0 ? spent : before + (spent - before) * WEIGHT
  }

  decode(begun: number): void {
    this.#measure('decode', begun)
  }

  encode(begun: number): void {
    this.#measure('encode', begun)
  }

  mix(begun: number): void {
    this.#measure('mix', begun)
  }

  packet(begun: number): void {
    this.#measure('packet', begun)
  }

  get cost(): EngineCost {
    return { ...this.#cost }
  }
}
