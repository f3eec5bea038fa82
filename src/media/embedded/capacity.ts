/** How many legs the engine takes: before sound stutters, the next one is refused. */
import { FRAME } from '../mixer/frames.ts'
import type { StudioHealth } from './protocol.ts'

/** What bounds the legs. */
export interface CapacityLimits {
  /** Legs that there may be at once. */
  readonly legs: number
  /** Share of a core, 0 to 1, that mixing may use. */
  readonly load: number
}

/**
 * What one more leg takes of a core, by what was measured, if it talks, nobody listens to the same mix, and nothing can
 * be shared: a frame is decoded, mixed and encoded, and two packets pass, 50 times a second; and as many packets of
 * pictures pass as for the others.
 */
export function shareOfLeg({ cost, pictures, legs }: Pick<StudioHealth, 'cost' | 'pictures' | 'legs'>): number {
  const { decode, encode, mix, packet, picture } = cost
  const sound = (decode + encode + mix + 2 * packet) / (FRAME * 1000)
  return sound + (picture * pictures.packets) / Math.max(1, legs) / 1_000_000
}

/**
 * How many more legs are taken.
 * @param health as it was told last @param legs how many there are by now
 */
export function capacityLeft(health: StudioHealth, legs: number, limits: CapacityLimits): number {
  const byNumber = Math.max(0, limits.legs - legs)
  const share = shareOfLeg(health)
  if (share === 0) return byNumber
  // Legs that came since are counted in full, because nobody knows yet what they cost.
  const load = health.load + Math.max(0, legs - health.legs) * share
  return Math.min(byNumber, Math.max(0, Math.floor((limits.load - load) / share)))
}
