import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Clock, TimeSources } from './runtime.ts'
import { steadyClock, virtualClock, wallClock } from './runtime.ts'

const HOUR = 3_600_000
const START = Date.UTC(2026, 0, 1)

/** Time as a test has it. */
class Time implements TimeSources {
  now = START
  passed = 0
  up = 0
  readonly wall = (): number => this.now
  readonly steady = (): number => this.passed
  readonly uptime = (): number => this.up
  readonly boot = (): undefined => undefined

  pass(milliseconds: number): void {
    this.now += milliseconds
    this.passed += milliseconds
    this.up += milliseconds
  }

  /** The machine sleeps: what counts steadily stands still. */
  sleep(milliseconds: number): void {
    this.now += milliseconds
    this.up += milliseconds
  }
}

test('the steady clock agrees with a wall clock that nobody sets', () => {
  const time = new Time()
  const clock = steadyClock(time)
  for (let count = 1; count <= 5; count++) {
    time.pass(HOUR / 3)
    assert.equal(clock.now(), START + (count * HOUR) / 3)
  }
})

for (const [name, jump] of [
  ['on', HOUR],
  ['back', -HOUR],
] as const) {
  test(`the wall clock is set ${name} by an hour: the steady one follows slowly, and gets there`, () => {
    const time = new Time()
    const clock = steadyClock(time)
    time.pass(1000)
    assert.equal(clock.now(), START + 1000)
    time.now += jump
    assert.equal(clock.now(), START + 1000)
    time.pass(10_000)
    assert.equal(clock.now(), START + 11_000 + Math.sign(jump) * 1000)
    time.pass(10 * HOUR)
    assert.equal(clock.now(), time.now)
  })
}

test('the machine slept: that time has passed, once', () => {
  const time = new Time()
  const clock = steadyClock(time)
  time.pass(1000)
  time.sleep(8 * HOUR)
  assert.equal(clock.now(), time.now)
  time.pass(1000)
  assert.equal(clock.now(), time.now)
  time.now += HOUR
  assert.equal(clock.now(), time.now - HOUR)
})

/** How long a timer of 100 ms takes if the wall clock is set meanwhile, in real milliseconds. */
async function timed(t: TestContext, make: (time: TimeSources) => Clock, jump: number): Promise<number> {
  let offset = 0
  const steady = (): number => performance.now()
  const clock = make({ wall: () => Date.now() + offset, steady, uptime: steady, boot: () => undefined })
  t.after(() => clock.stop())
  const start = performance.now()
  const fired = new Promise<void>((resolve) => clock.schedule(clock.now() + 100, resolve))
  // This one would be overdue by a clock that was set on.
  clock.schedule(clock.now() + HOUR / 2, () => assert.fail('half an hour has not passed'))
  offset = jump
  await fired
  return performance.now() - start
}

for (const make of [wallClock, steadyClock]) {
  test(`${make.name}: a timer takes its time, whoever sets the wall clock`, async (t) => {
    for (const jump of [HOUR, -HOUR]) {
      const took = await timed(t, make, jump)
      // The two clocks are read one after the other, and a busy machine can make a process wait in between.
      assert.ok(took > 50 && took < 5000, `it took ${took} ms`)
    }
  })

  test(`${make.name}: timers come in the order of their moments, without those that were taken back`, async (t) => {
    const clock = make()
    t.after(() => clock.stop())
    const seen: number[] = []
    const now = clock.now()
    const all = [30, 10, 50, 20, 40, 0].map((at) => ({ at, cancel: clock.schedule(now + at, () => seen.push(at)) }))
    for (const { at, cancel } of all) if (at === 20 || at === 50) cancel()
    while (seen.length < 4) await pause(5)
    all[0]?.cancel()
    await pause(60)
    assert.deepEqual(seen, [0, 10, 30, 40])
  })
}

test('timers that are taken back in any order leave the others in order', async () => {
  const clock = virtualClock(0)
  const seen: number[] = []
  const moments = Array.from({ length: 500 }, (_, index) => (index * 7919) % 1009)
  const cancels = moments.map((at) => clock.schedule(at + 1, () => seen.push(at)))
  for (const [index, cancel] of cancels.entries()) if (index % 3 !== 0) cancel()
  await clock.advance(2000, () => Promise.resolve())
  const left = moments.filter((_, index) => index % 3 === 0)
  assert.deepEqual(
    seen,
    left.toSorted((a, b) => a - b),
  )
})
