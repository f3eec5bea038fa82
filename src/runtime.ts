/**
 * The only sources of time, chance and identifiers. Everything else receives them as parameters, so that a test, or a
 * user's CI run, can hold the clock still and wind it forward. `test/house.test.ts` refuses `Date.now`, `Math.random`,
 * `setTimeout` and their like anywhere else.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'

/** Takes a scheduled callback back; calling it twice, or after the callback ran, does nothing. */
export type Cancel = () => void

/** Time as the product sees it: milliseconds since the Unix epoch, and callbacks at a moment. */
export interface Clock {
  readonly kind: 'real' | 'virtual'
  /** Now, in milliseconds since the Unix epoch. */
  now(): number
  /** Runs `callback` once `now() >= at`; at the next turn of the event loop if that moment has passed. */
  schedule(at: number, callback: () => void): Cancel
  /** Drops every scheduled callback; later ones are dropped too. */
  stop(): void
}

/** A clock that only moves when told to. */
export interface VirtualClock extends Clock {
  readonly kind: 'virtual'
  /**
   * Moves time forward by `milliseconds`, running what falls due in order of its moment. Before each step, and at the
   * end, waits until `settled()` resolves, so that the consequences of one timer are complete before the next one runs.
   */
  advance(milliseconds: number, settled: () => Promise<void>): Promise<void>
}

interface Timer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
  /** Its place in the heap; -1 once it has left it. */
  index: number
}

/**
 * A binary min-heap of timers by moment, then by order of scheduling: one operating-system timer serves them all. Whoever
 * is taken back leaves it at once, so that it holds no more than what is still to come.
 */
class TimerHeap {
  #items: Timer[] = []
  #order = 0

  push(at: number, callback: () => void): Timer {
    const timer = { at, order: this.#order++, callback, index: this.#items.length }
    this.#items.push(timer)
    this.#rise(timer)
    return timer
  }

  /** The earliest timer. */
  peek(): Timer | undefined {
    return this.#items[0]
  }

  /** Takes the earliest timer out if it is due. */
  popDue(now: number): Timer | undefined {
    const top = this.#items[0]
    if (!top || top.at > now) return undefined
    this.remove(top)
    return top
  }

  /** Takes a timer out. @returns whether it was in */
  remove(timer: Timer): boolean {
    const { index } = timer
    if (this.#items[index] !== timer) return false
    timer.index = -1
    const last = this.#items.pop()
    if (!last || last === timer) return true
    this.#place(last, index)
    this.#rise(last)
    this.#sink(last)
    return true
  }

  clear(): void {
    this.#items = []
  }

  #rise(timer: Timer): void {
    while (timer.index > 0) {
      const parent = this.#items[(timer.index - 1) >> 1]
      if (!parent || !isEarlier(timer, parent)) return
      this.#swap(timer, parent)
    }
  }

  #sink(timer: Timer): void {
    for (;;) {
      const left = this.#items[2 * timer.index + 1]
      const right = this.#items[2 * timer.index + 2]
      const least = left && right && isEarlier(right, left) ? right : left
      if (!least || !isEarlier(least, timer)) return
      this.#swap(timer, least)
    }
  }

  #swap(a: Timer, b: Timer): void {
    const { index } = a
    this.#place(a, b.index)
    this.#place(b, index)
  }

  #place(timer: Timer, index: number): void {
    this.#items[index] = timer
    timer.index = index
  }
}

function isEarlier(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** The longest delay that `setTimeout` takes, in milliseconds; a later moment is reached in several steps. */
const LONGEST_DELAY = 2 ** 31 - 1

/** Where a real clock reads the time; each in milliseconds. */
export interface TimeSources {
  /** What the operating system says it is, since the Unix epoch: it jumps when somebody sets it. */
  readonly wall: () => number
  /** A count that never jumps, and may stand still while the machine sleeps. */
  readonly steady: () => number
  /** A coarser count that does not stand still either. */
  readonly uptime: () => number
  /** Which start of the machine `uptime` counts from; undefined if the system does not say (Linux does). */
  readonly boot: () => string | undefined
}

/** The time of the system. */
export const systemTime: TimeSources = {
  wall: () => Date.now(),
  steady: () => performance.now(),
  uptime: () => uptime() * 1000,
  boot() {
    try {
      return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    } catch {
      return undefined
    }
  },
}

/** The wall clock, as other programs see it. Timers come after the time that they were to take, even if it is set. */
export function wallClock(time = systemTime): Clock {
  return realClock(time.wall, (at) => time.steady() + at - time.wall(), time.steady)
}

/** How much faster or slower the steady clock runs until it agrees with the wall clock again. */
const SLEW = 0.1
/** The steady clock takes it that the machine slept, if it was for longer than this; milliseconds. */
const SHORTEST_SLEEP = 2000

/**
 * The wall clock, but without its jumps, so that no time-out comes at once or never because somebody set the time: then
 * it runs a tenth faster or slower until it agrees again. Time for which the machine slept has passed, at once.
 * @param from where it begins, in milliseconds since the epoch: with the wall clock unless something says otherwise
 */
export function steadyClock(time = systemTime, from = time.wall()): Clock {
  const start = time.steady()
  const upAtStart = time.uptime()
  let now = from
  let steady = start
  let slept = 0
  /** For how long the machine has slept since this was last asked. */
  const sleptSince = (): number => {
    const more = time.uptime() - upAtStart - (steady - start) - slept
    if (more < SHORTEST_SLEEP) return 0
    slept += more
    return more
  }
  const read = (): number => {
    const passed = time.steady() - steady
    steady += passed
    now += passed
    if (time.wall() - now > SHORTEST_SLEEP) now += Math.min(time.wall() - now, sleptSince())
    now += Math.max(-SLEW * passed, Math.min(SLEW * passed, time.wall() - now))
    return Math.floor(now)
  }
  return realClock(read, (at) => at, read)
}

/**
 * A clock that timers of the operating system drive.
 * @param due when a moment comes, by `count`; @param count never jumps
 */
function realClock(now: () => number, due: (at: number) => number, count: () => number): Clock {
  const timers = new TimerHeap()
  let disarm: Cancel | undefined
  let armedFor = Infinity
  let stopped = false

  const arm = (): void => {
    const next = timers.peek()
    if (!next) return
    if (disarm && armedFor <= next.at) return
    disarm?.()
    armedFor = next.at
    disarm = after(Math.min(Math.ceil(next.at - count()), LONGEST_DELAY), fire)
  }
  const fire = (): void => {
    disarm = undefined
    armedFor = Infinity
    const at = count()
    try {
      for (let timer = timers.popDue(at); timer; timer = timers.popDue(at)) timer.callback()
    } finally {
      arm()
    }
  }
  return {
    kind: 'real',
    now,
    schedule(at, callback) {
      if (stopped) return () => undefined
      const timer = timers.push(due(at), callback)
      arm()
      return () => {
        timers.remove(timer)
      }
    },
    stop() {
      stopped = true
      timers.clear()
      disarm?.()
      disarm = undefined
    },
  }
}

/** Runs `callback` after some milliseconds. The system's timers take one at least: what is due comes at the next turn. */
function after(milliseconds: number, callback: () => void): Cancel {
  if (milliseconds <= 0) {
    const handle = setImmediate(callback)
    return () => clearImmediate(handle)
  }
  const handle = setTimeout(callback, milliseconds)
  return () => clearTimeout(handle)
}

/** A virtual clock that starts at `start` (milliseconds since the Unix epoch). */
export function virtualClock(start: number): VirtualClock {
  const timers = new TimerHeap()
  let now = start
  let stopped = false
  let advancing: Promise<void> = Promise.resolve()

  const runDue = async (settled: () => Promise<void>): Promise<void> => {
    await settled()
    for (let timer = timers.popDue(now); timer; timer = timers.popDue(now)) {
      timer.callback()
      await settled()
    }
  }
  const advance = async (milliseconds: number, settled: () => Promise<void>): Promise<void> => {
    const end = now + milliseconds
    await runDue(settled)
    for (let next = timers.peek(); next && next.at <= end && !stopped; next = timers.peek()) {
      now = Math.max(now, next.at)
      await runDue(settled)
    }
    now = Math.max(now, end)
  }
  return {
    kind: 'virtual',
    now: () => now,
    schedule(at, callback) {
      if (stopped) return () => undefined
      const timer = timers.push(at, callback)
      // A moment that has already come needs no winding: it runs at the next turn, as it would on the wall clock.
      if (at <= now) {
        setImmediate(() => {
          if (timers.remove(timer)) callback()
        })
      }
      return () => {
        timers.remove(timer)
      }
    },
    advance(milliseconds, settled) {
      advancing = advancing.then(() => advance(milliseconds, settled))
      return advancing
    },
    stop() {
      stopped = true
      timers.clear()
    },
  }
}

/** Makes identifiers. */
export interface Ids {
  /** A new random GUID: lower case, with hyphens. */
  guid(): string
  /** `bytes` random bytes in base64url, for secrets and tokens. */
  secret(bytes: number): string
}

const SPELLED = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const GUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/

/**
 * The one spelling under which the product keeps a GUID: lower case, with hyphens.
 * @returns undefined if `text` is no GUID, hyphenated or not, in either case.
 */
export function readGuid(text: string): string | undefined {
  if (SPELLED.test(text)) return text
  const parts = GUID.exec(text.toLowerCase())
  return parts ? parts.slice(1).join('-') : undefined
}

/**
 * Identifiers from the operating system's random source. The first 16 bits of a GUID are the time, in steps of a second
 * or so, so that what is made together lies together in the store; the other 106 are random, the next four digits too, by
 * which people tell ids apart.
 */
export function randomIds(): Ids {
  let step = -1
  let time = ''
  const guid = (): string => {
    const now = Math.floor(Date.now() / 1024)
    if (now !== step) {
      step = now
      time = (now % 65_536).toString(16).padStart(4, '0')
    }
    return time + randomUUID().slice(4)
  }
  return { guid, secret: (bytes) => randomBytes(bytes).toString('base64url') }
}

/**
 * Counts work under way (commands, deliveries), so that a virtual clock knows when the consequences of a step are
 * complete and a shutdown knows when it may close.
 */
export class Activity {
  #count = 0
  #waiting: (() => void)[] = []

  /** How many pieces of work are under way. */
  get count(): number {
    return this.#count
  }

  /** Counts `work` as under way until it settles; returns it unchanged. */
  track<T>(work: Promise<T>): Promise<T> {
    this.begin()
    const end = (): void => this.end()
    work.then(end, end)
    return work
  }

  /** Marks the start of one piece of work; `end` must follow. */
  begin(): void {
    this.#count++
  }

  /** Marks the end of one piece of work. */
  end(): void {
    this.#count--
    if (this.#count === 0) for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /**
   * Resolves once nothing is under way and two full turns of the event loop brought nothing new, or after
   * `patience` milliseconds of real time (something outside, such as a bot that never answers, may hold work open).
   */
  async idle(patience: number): Promise<void> {
    const deadline = performance.now() + patience
    for (let quiet = 0; quiet < 2;) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      quiet = this.#count === 0 ? quiet + 1 : 0
      if (quiet > 0) continue
      const left = deadline - performance.now()
      if (left <= 0) return
      await this.#nextZero(left)
    }
  }

  async #nextZero(patience: number): Promise<void> {
    let handle: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve)
      handle = setTimeout(resolve, patience)
    })
    clearTimeout(handle)
  }
}

/** Numbers what happens, so that requests, decisions and deliveries can be told in one order. */
export interface Sequence {
  next(): number
}

/** A sequence that goes on after `last`. */
export function sequenceAfter(last: number): Sequence {
  let number = last
  return { next: () => ++number }
}

/** Starts a stopwatch: the returned function tells the real milliseconds since, whatever the clock does. */
export function stopwatch(): () => number {
  const start = performance.now()
  return () => Math.round((performance.now() - start) * 1000) / 1000
}

/** Ticks that are made up for, one right after the other, if the process could not run; what is older is left out. */
const MOST_MADE_UP = 10

/**
 * Calls back every `period` milliseconds of real time, on a schedule that does not drift: tick n is due at the start plus
 * n periods, however late the one before it was.
 * @param onTick gets the number of the tick and how late it is, in milliseconds; numbers of left out ticks are skipped
 */
export function metronome(period: number, onTick: (tick: number, late: number) => void): Cancel {
  const start = performance.now()
  let next = 1
  let handle: NodeJS.Timeout | undefined
  const run = (): void => {
    const due = Math.floor((performance.now() - start) / period)
    next = Math.max(next, due - MOST_MADE_UP + 1)
    for (; next <= due; next++) onTick(next, performance.now() - start - next * period)
    handle = setTimeout(run, Math.max(0, start + next * period - performance.now()))
  }
  handle = setTimeout(run, period)
  return () => clearTimeout(handle)
}

const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/
const SHORT_DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/
const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/**
 * Reads a duration as people write it (`250ms`, `2s`, `45m`, `1h`, `30d`) or as ISO 8601 has it (`PT1M30S`, `P1D`).
 * @returns milliseconds, or undefined if `text` is neither.
 */
export function parseDuration(text: string): number | undefined {
  const short = SHORT_DURATION.exec(text.trim())
  if (short) return Math.round(Number(short[1]) * UNITS[short[2] as keyof typeof UNITS])
  const iso = DURATION.exec(text.trim().toUpperCase())
  if (!iso || iso.slice(1).every((part) => part === undefined)) return undefined
  const [days, hours, minutes, seconds] = iso.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ]
  return Math.round(days * UNITS.d + hours * UNITS.h + minutes * UNITS.m + seconds * UNITS.s)
}

/** Writes a moment as Graph does: ISO 8601 in UTC with milliseconds. */
export function isoTime(at: number): string {
  return new Date(at).toISOString()
}
