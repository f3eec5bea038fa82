/** Numbers of 16 bits that go round, made numbers that go on. */

/** Distances at which it takes it that a sender began anew. */
const JUMP = 3000

/** The number that has these last 16 bits, and is nearest to another. */
export function nearest(bits: number, near: number): number {
  return near + (((bits - near) << 16) >> 16)
}

/**
 * The number that has these last 16 bits, as it goes on from the highest so far. Numbers never go back, also when the sender
 * begins anew.
 */
export function goOn(bits: number, highest: number): { readonly number: number; readonly anew: boolean } {
  const number = nearest(bits, highest)
  if (Math.abs(number - highest) <= JUMP) return { number, anew: false }
  return { number: number > highest ? number : number + 0x10000, anew: true }
}
