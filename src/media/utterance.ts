/** A sound that somebody makes somewhere. */
import type { Said } from './gains.ts'
import type { Loud, Sound, Span } from './sound.ts'
import { PER_MILLISECOND } from './wav.ts'

/** A sound that somebody makes in a room. Moments are milliseconds since the epoch. */
export interface Utterance extends Said {
  /** A person's participant id, the id of an application's call, or somebody's hold music. */
  readonly speaker: string
  readonly sound: Sound
  /** When the sound began, or would have, had its speaker been here then. */
  readonly begun: number
  /** From when on it is made here. */
  readonly from: number
  /** Until when it is made here; it can be cut short. */
  until: number
  /** Whether it comes from a live leg. */
  readonly isLive?: true
}

/** Until when an utterance has sound, as far as is known; a live one goes on after that. */
export function soundUntil({ begun, sound, until, isLive }: Utterance): number {
  return isLive ? Math.min(until, begun + sound.samples.length / PER_MILLISECOND) : until
}

/**
 * The moment until which those who stop listening now have heard: live voices may be ahead of a clock that stands.
 */
export function heardUntil(said: readonly Utterance[], now: number): number {
  return Math.max(now, ...said.filter(({ isLive }) => isLive).map(soundUntil))
}

/** Where an utterance is loud within a span, in milliseconds since the epoch. */
export function loudIn({ sound, begun, from, until }: Utterance, span: Span): Loud[] {
  const [begins, ends] = [Math.max(from, span.from), Math.min(until, span.until)]
  if (ends <= begins) return []
  return sound
    .loud(begins - begun, ends - begun)
    .map((loud) => ({ ...loud, from: begun + loud.from, until: begun + loud.until }))
}
