/**
 * The product's clock over restarts. Calls have moments of it among what is stored: who was rung at 10:00 for a minute is
 * given up at 10:01. So it goes on where it was, and does not begin anew with a machine's clock that somebody set meanwhile:
 * then that person would be rung for days, or a call of ten minutes be ended for having had its 24 hours.
 */
import type { Clock, TimeSources } from './runtime.ts'
import { steadyClock, systemTime } from './runtime.ts'
import type { Document, Store } from './store/store.ts'

/** What is kept with a moment of the product's clock. */
interface Kept {
  /** Milliseconds for which the machine had been up at that moment. */
  readonly up: number
  /** Which start of the machine that was; absent if the machine does not say. */
  readonly boot?: string
}

/** What the clock needs of the store. */
export type ClockStore = Pick<Store, 'unfinished' | 'pendingCalls'> & {
  readonly documents: Pick<Store['documents'], 'get' | 'put'>
}

/** A clock, and what it began with. */
export interface ResumedClock {
  readonly clock: Clock
  /** Milliseconds by which it is ahead of the machine's clock, if it has to be; negative if it is behind. */
  readonly ahead: number
}

const KIND = 'clock'
/**
 * The moment is kept this often, in milliseconds. A machine that cannot tell how long it was up forgets so much of the time
 * that a time-out has had; another one errs by a tenth of it, if its clock was being followed.
 */
const KEEP_EVERY = 60_000
/** Counts of the machine's own that differ by less are taken to agree; milliseconds. */
const TOLERANCE = 2000

/** The product's clock as it goes on from what was kept, or agreeing with the machine's if nothing is under way. */
export async function resumeClock(store: ClockStore, time: TimeSources = systemTime): Promise<ResumedClock> {
  const kept = await store.documents.get(KIND, KIND)
  const wall = time.wall()
  const moment = kept ? momentAfter(kept, wall, time) : wall
  if (Math.abs(moment - wall) < TOLERANCE || !(await isAnythingUnderWay(store))) {
    return { clock: steadyClock(time), ahead: 0 }
  }
  return { clock: steadyClock(time, moment), ahead: moment - wall }
}

/**
 * Which moment it is after a kept one. While the machine was up all the time, it knows how long that is; otherwise its
 * clock is believed, but never that time went back.
 */
function momentAfter({ at, value }: Document, wall: number, time: TimeSources): number {
  const { up, boot } = value as Kept
  const passed = time.uptime() - up
  return boot !== undefined && boot === time.boot() && passed >= 0 ? at + passed : Math.max(wall, at)
}

async function isAnythingUnderWay(store: ClockStore): Promise<boolean> {
  return (await store.unfinished()).length > 0 || (await store.pendingCalls()).length > 0
}

/** Keeps the moment, now and from time to time, until the clock is stopped. @param onFault hears if that fails */
export function keepClock(
  store: ClockStore,
  clock: Clock,
  onFault: (fault: unknown) => void,
  time: TimeSources = systemTime,
): void {
  const boot = time.boot()
  const keep = (): void => {
    const at = clock.now()
    const value: Kept = { up: time.uptime(), ...(boot !== undefined && { boot }) }
    store.documents.put({ kind: KIND, key: KIND, owner: KIND, at, value }).catch(onFault)
    clock.schedule(at + KEEP_EVERY, keep)
  }
  keep()
}
