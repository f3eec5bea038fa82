/** What tests of pages hold in their hands in place of a browser's time. */
import type { Runtime } from '../runtime.ts'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** A clock that stands until it is wound, and no chance. */
export function stillRuntime(): Runtime & { readonly wind: (by: number) => void } {
  let now = 0
  let timers: Timer[] = []
  return {
    now: () => now,
    id: () => 'id',
    chance: () => 0.5,
    later(delay, callback) {
      const timer = { at: now + delay, callback }
      timers.push(timer)
      return () => void (timers = timers.filter((other) => other !== timer))
    },
    wind(by) {
      const end = now + by
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
        if (!next) break
        timers = timers.filter((timer) => timer !== next)
        now = next.at
        next.callback()
      }
      now = end
    },
  }
}

/** Lets everything that is ready happen. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await Promise.resolve()
}
