/**
 * Everything that can happen in small worlds, in every order, up to a depth. `EXPLORE_SECONDS=600` gives each world that
 * long (and tells how far it is): run `node src/calls/explore.test.ts` then. Figures are in docs/correctness.md.
 */
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { explore } from './explore.suite.ts'
import { smallWorlds } from './small-worlds.suite.ts'

// How one world fared is told before the next is walked.
beforeEach(() => turn())

const given = process.env['EXPLORE_SECONDS']

for (const { name, depth, rules, begin, moves } of smallWorlds) {
  test(`no order breaks a rule: ${name}`, { timeout: given === undefined ? 110_000 : Infinity }, (t) => {
    const started = performance.now()
    const walk = explore(begin, rules, moves, {
      depth: given === undefined ? depth : Infinity,
      patience: Number(given ?? Infinity) * 1000,
      endings: 8,
      onDepth: ({ states, transitions, depth: steps }) => {
        const seconds = ((performance.now() - started) / 1000).toFixed(1)
        if (given !== undefined)
          console.error(`${steps} steps: ${states} states, ${transitions} transitions, ${seconds} s`)
      },
    })
    t.diagnostic(JSON.stringify({ ...walk, seconds: Math.round(performance.now() - started) / 1000 }))
    assert.ok(walk.depth >= (given === undefined ? depth : 1))
  })
}
