/** Keys of a telephone as RFC 4733 sends them: several packets for one press, of which some may be lost. */
import type { Tone } from '../../calls/media.ts'
import type { RtpPacket } from './rtp.ts'
import { readKey, writeKey } from './rtp.ts'

/** Makes one press out of the packets that tell of it: they share a timestamp. */
export class KeyReader {
  readonly #onTone: (tone: Tone) => void
  #last: number | undefined

  constructor(onTone: (tone: Tone) => void) {
    this.#onTone = onTone
  }

  read({ timestamp, payload }: RtpPacket): void {
    if (timestamp === this.#last) return
    const key = readKey(payload)
    if (!key) return
    this.#last = timestamp
    this.#onTone(key.tone)
  }
}

/** How often the end of a press is said, because nothing comes after it. */
const ENDS = 3

/** A press that is being sent. */
export interface KeySender {
  readonly payloadType: number
  /** Of all its packets. */
  readonly timestamp: number
  /** The packets of this tick; none once it is over. */
  next(): readonly { readonly payload: Uint8Array; readonly marker: boolean }[]
}

/** Presses a key for so many ticks. */
export function sendingOf(
  tone: Tone,
  ticks: number,
  key: { readonly payloadType: number; readonly clock: number },
  timestamp: number,
): KeySender {
  let tick = 0
  return {
    payloadType: key.payloadType,
    timestamp,
    next() {
      tick++
      const duration = Math.min(tick, ticks) * (key.clock / 50)
      if (tick < ticks) return [{ payload: writeKey(tone, false, duration), marker: tick === 1 }]
      if (tick > ticks) return []
      return Array.from({ length: ENDS }, () => ({ payload: writeKey(tone, true, duration), marker: ticks === 1 }))
    },
  }
}
