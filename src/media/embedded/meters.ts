/** What the work costs, as it is done: an average that forgets, in microseconds. */
import type { EngineCost } from '../engine.ts'

/** Measurements that do not count, because the code was not yet compiled. */
const COLD = 100
/** How much a new measurement counts. */
const WEIGHT = 0.02
/** How many times the average one measurement may be: what is above is the machine's doing elsewhere. */
const MOST = 5

interface Meter {
  cost: number
  count: number
}

/** The meters of one engine. */
export class Meters {
  /** Now, in milliseconds since some moment, with fractions. */
  readonly now: () => number
  /** Packets of pictures that have come and gone. */
  passed = 0
  readonly #meters: Readonly<Record<keyof EngineCost, Meter>> = {
    decode: { cost: 0, count: 0 },
    encode: { cost: 0, count: 0 },
    mix: { cost: 0, count: 0 },
    packet: { cost: 0, count: 0 },
    picture: { cost: 0, count: 0 },
  }

  constructor(now: () => number) {
    this.now = now
  }

  #measure(what: keyof EngineCost, begun: number, times = 1): void {
    const meter = this.#meters[what]
    if (++meter.count <= COLD) return
    const spent = ((this.now() - begun) * 1000) / times
    const bounded = meter.cost === 0 ? spent : Math.min(spent, meter.cost * MOST)
    // A plain average at first, so that no single one of the first counts for long.
    meter.cost += (bounded - meter.cost) * Math.max(WEIGHT, 1 / (meter.count - COLD))
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

  /** @param packets that passed in that time */
  picture(begun: number, packets: number): void {
    this.#measure('picture', begun, packets)
  }

  get cost(): EngineCost {
    const { decode, encode, mix, packet, picture } = this.#meters
    return {
      decode: decode.cost,
      encode: encode.cost,
      mix: mix.cost,
      packet: packet.cost,
      picture: picture.cost,
    }
  }
}
