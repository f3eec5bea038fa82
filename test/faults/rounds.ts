/**
 * How long the suite of faults goes on. `FAULT_ROUNDS=200 node test/faults/crash.test.ts` repeats a fault that often, and
 * tells how far it is; `FAULT_SEED` repeats the moments, as far as two processes can be repeated.
 */

const given = process.env['FAULT_ROUNDS']

/** How often a fault is repeated. */
export const ROUNDS = Number(given ?? 3)
export const SEED = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

/** A busy machine is waited for; many rounds take as long as they take. */
export const PATIENCE = { timeout: given === undefined ? 110_000 : Infinity }

/** Says how far it is, if that takes long. */
export function progress(text: string): void {
  if (given !== undefined) console.error(text)
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
export function chances(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
