/** The pages' only sources of time and chance, as `src/runtime.ts` is the server's: everything else takes them as parameters. */

/** Takes a scheduled callback back; calling it twice, or after the callback ran, does nothing. */
export type Cancel = () => void

/** What the parts of a page take from the browser: time, chance, and what is kept. */
export interface Runtime {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Runs `callback` after `delay` milliseconds. */
  later(delay: number, callback: () => void): Cancel
  /** An id that nobody guesses. */
  id(): string
  /** From 0 to 1. */
  chance(): number
}

/** The browser's own. */
export const browserRuntime: Runtime = {
  now: () => Date.now(),
  later(delay, callback) {
    const timer = setTimeout(callback, delay)
    return () => clearTimeout(timer)
  },
  // `randomUUID` is there in secure contexts only, and a phone on plain http shall at least say what it lacks.
  id: () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
  chance: () => Math.random(),
}
