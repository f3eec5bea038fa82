/**
 * Packets of one tick, which leave together once everything is mixed. Between mixing and sending lies the way through
 * encryption and the operating system: going back and forth for each packet costs a fifth more of the processor.
 */
import type { Meters } from './meters.ts'

/** What packets leave by. */
export interface Sender {
  send(packet: Buffer): unknown
}

/** One of so many is measured. */
const SAMPLE = 4

/** Collects packets. */
export class Outbox {
  readonly #meters: Meters
  readonly #senders: Sender[] = []
  readonly #packets: Buffer[] = []

  constructor(meters: Meters) {
    this.#meters = meters
  }

  put(sender: Sender, packet: Buffer): void {
    this.#senders.push(sender)
    this.#packets.push(packet)
  }

  /** Sends what was collected, in order. */
  send(): void {
    for (let index = 0; index < this.#packets.length; index++) {
      const begun = index % SAMPLE === 0 ? this.#meters.now() : undefined
      this.#senders[index]!.send(this.#packets[index]!)
      if (begun !== undefined) this.#meters.packet(begun)
    }
    this.#senders.length = 0
    this.#packets.length = 0
  }
}
