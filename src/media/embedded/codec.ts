/** Codecs as a voice that comes in needs them. */
import { Concealer } from '../mixer/conceal.ts'
import { FRAME, frameSize } from '../mixer/frames.ts'
import type { Rate } from '../mixer/frames.ts'
import type { Law } from '../mixer/g711.ts'
import { LAW_RATE, decodeLaw } from '../mixer/g711.ts'
import { upsampler } from './leg.ts'
import type { Opus } from './opus.ts'
import { durationOf } from './opus.ts'

/** Decodes one voice, at the rate of rooms. */
export interface VoiceDecoder {
  /** @throws Error if it is garbage */
  decode(payload: Uint8Array): Int16Array
  /** Makes up what is missing. @param after the packet after it, if it is at hand: it may know @throws Error if that is garbage */
  conceal(size: number, after: Uint8Array | undefined): Int16Array
  free(): void
}

/** A codec. */
export interface Codec {
  /** How long the sound of a packet is, in milliseconds. */
  durationOf(payload: Uint8Array): number
  /** Packets that a decoder must have heard before it is heard itself, if it was left out before. */
  readonly lead: number
  /** Whether its work counts as what decoding costs: what costs next to nothing would make the next leg look cheap. */
  readonly isCostly: boolean
  /** A new decoder; undefined if there is none this very moment. */
  decoder(): VoiceDecoder | undefined
}

/** Opus. */
export function opusCodec(opus: Opus): Codec {
  return {
    durationOf,
    lead: 2,
    isCostly: true,
    decoder() {
      const decoder = opus.decoder()
      return (
        decoder && {
          decode: (payload) => decoder.decode(payload),
          conceal: (size, after) =>
            after ? decoder.decode(after, { decodeFec: true, frameSize: size }) : decoder.decodePacketLoss(size),
          free: () => decoder.free(),
        }
      )
    },
  }
}

const LAW_FRAME = (LAW_RATE * FRAME) / 1000

/** G.711. */
export function lawCodec(law: Law, rate: Rate): Codec {
  return {
    durationOf: (payload) => (payload.length * 1000) / LAW_RATE,
    lead: 0,
    isCostly: false,
    decoder() {
      const concealer = new Concealer()
      const up = upsampler(rate, LAW_RATE)
      return {
        decode: (payload) => up(concealer.hear(decodeLaw(law, payload))),
        conceal: (size) => up(concealer.make(Math.round((size / frameSize(rate)) * LAW_FRAME))),
        free: () => undefined,
      }
    },
  }
}
