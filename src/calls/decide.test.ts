/** Properties of the core: whatever people, applications, endpoints, time and restarts do, in any order. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Deed, DeedName } from './world.suite.ts'
import { WEIGHTS, World } from './world.suite.ts'

const names: fc.Arbitrary<DeedName> = fc.oneof(
  ...(Object.keys(WEIGHTS) as DeedName[]).map((name) => ({ weight: WEIGHTS[name], arbitrary: fc.constant(name) })),
)
const pick = fc.nat(1000)
const deeds: fc.Arbitrary<Deed[]> = fc.array(fc.record({ name: names, picks: fc.tuple(pick, pick, pick) }), {
  minLength: 10,
  maxLength: 60,
  size: 'max',
})

const RUNS = Number(process.env['FC_RUNS'] ?? 3000)

test('every rule holds after every step, in any order of deeds', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(deeds, (all) => {
      const world = new World(seen)
      for (const deed of all) world.act(deed)
    }),
    { numRuns: RUNS },
  )
  if (process.env['FC_SEEN']) console.log([...seen].sort().join(' '))
})

test('whatever has happened, time and delivery end every operation and every conversation', () => {
  fc.assert(
    fc.property(deeds, (all) => {
      const world = new World()
      for (const deed of all) world.act(deed)
      world.settle()
      for (let wakes = 0; world.wakeNext(); wakes += 1) {
        assert.ok(wakes < 100, 'it never ends')
        world.settle()
      }
      for (const { operations, departures } of world.conversations.values()) {
        assert.ok(operations.every(({ state }) => state.name !== 'running'))
        // A conversation that is over does not ask again for what a restart has lost.
        if (!world.hasRestarted) assert.deepEqual(departures, [])
      }
    }),
    { numRuns: RUNS },
  )
})
