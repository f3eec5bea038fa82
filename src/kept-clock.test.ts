import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { ClockStore, ResumedClock } from './kept-clock.ts'
import { keepClock, resumeClock } from './kept-clock.ts'
import type { TimeSources } from './runtime.ts'
import { openMemory } from './store/sqlite.ts'
import type { Store } from './store/store.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = Date.UTC(2026, 0, 1)

/** A machine: what its clock says, how long it has been up, and since which start. */
interface Machine {
  wall: number
  up: number
  boot: string | undefined
}

function timeOf(machine: Machine): TimeSources {
  return { wall: () => machine.wall, steady: () => machine.up, uptime: () => machine.up, boot: () => machine.boot }
}

/** The store of a server that has calls under way, or has none. */
function storeWith({ documents }: Store, underWay: boolean): ClockStore {
  const ids = underWay ? ['one'] : []
  return { documents, unfinished: () => Promise.resolve(ids), pendingCalls: () => Promise.resolve([]) }
}

/** A server keeps its moment and stops; then the machine is as it is then, and the server starts. */
async function restarted(
  meanwhile: (machine: Machine) => void,
  { boot = 'a', underWay = true }: { readonly boot?: string; readonly underWay?: boolean } = {},
): Promise<ResumedClock & { readonly machine: Machine }> {
  const machine: Machine = { wall: START, up: HOUR, boot: boot === '' ? undefined : boot }
  const store = openMemory()
  const { clock } = await resumeClock(storeWith(store, false), timeOf(machine))
  keepClock(storeWith(store, false), clock, (fault) => assert.fail(String(fault)), timeOf(machine))
  clock.stop()
  while (!(await store.documents.get('clock', 'clock'))) await pause(0)
  meanwhile(machine)
  const resumed = await resumeClock(storeWith(store, underWay), timeOf(machine))
  await store.close()
  return { ...resumed, machine }
}

const later =
  (passed: number, setBy = 0) =>
  (machine: Machine): void => {
    machine.wall += passed + setBy
    machine.up += passed
  }

test('nobody sets the clock: it agrees with the machine, however long the server was down', async () => {
  for (const boot of ['a', '']) {
    const { clock, ahead } = await restarted(later(3 * DAY), { boot })
    assert.deepEqual([clock.now(), ahead], [START + 3 * DAY, 0])
  }
})

for (const days of [-400, -2, 2, 400]) {
  test(`the clock is set by ${days} days while the server is down: time has passed as the machine counts it`, async () => {
    const { clock, ahead, machine } = await restarted(later(5000, days * DAY))
    assert.deepEqual([clock.now(), ahead], [START + 5000, -days * DAY])
    machine.wall += 1000
    machine.up += 1000
    assert.equal(clock.now(), START + 6000 + Math.sign(days) * 100)
  })

  test(`the clock is set by ${days} days and nothing is under way: it agrees at once`, async () => {
    const { clock, ahead, machine } = await restarted(later(5000, days * DAY), { underWay: false })
    assert.deepEqual([clock.now(), ahead], [machine.wall, 0])
  })
}

/** The machine itself was started again, and its clock says what it says. */
const rebooted =
  (wall: number) =>
  (machine: Machine): void => {
    Object.assign(machine, { wall, up: HOUR * 2, boot: machine.boot && 'b' })
  }

for (const boot of ['a', '']) {
  const name = boot === '' ? 'a machine that does not tell its starts' : 'another start of the machine'
  test(`${name}: its clock is believed, but time never goes back`, async () => {
    assert.equal((await restarted(rebooted(START + DAY), { boot })).clock.now(), START + DAY)
    const { clock, ahead } = await restarted(rebooted(0), { boot })
    assert.deepEqual([clock.now(), ahead], [START, START])
  })
}

test('the moment is kept again from time to time, and a disk that is full is no reason to stop', async () => {
  const machine: Machine = { wall: START, up: 0, boot: 'a' }
  const store = openMemory()
  const faults: unknown[] = []
  const { clock } = await resumeClock(storeWith(store, true), timeOf(machine))
  const full = { put: () => Promise.reject(new Error('full')), get: () => Promise.resolve(undefined) }
  keepClock({ ...storeWith(store, true), documents: full }, clock, (fault) => faults.push(fault), timeOf(machine))
  await pause(0)
  clock.stop()
  assert.match(String(faults), /full/)
  await store.close()
})
