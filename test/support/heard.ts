/** Who heard whom, as control tells it: assertions for tests of whatever carries sound. */
import assert from 'node:assert/strict'
import type { World } from './world.ts'
import { APPS, USERS } from './world.ts'

/** One row of `GET /control/calls/{id}/audibility`. */
interface HeardRow {
  readonly speaker: { readonly id: string }
  readonly from: string
  readonly until: string
  readonly level: number
}

/** What of it is asserted. */
export interface HeardLimits {
  /** For so long in all, in seconds; 0.2 more or less without `tolerance`. */
  readonly seconds?: number
  readonly tolerance?: number
  /** Decibels below full scale, one more or less. */
  readonly level?: number
}

/** Whoever a test names: a user, an application, or an id. */
function idOf(name: string): string {
  return { ...USERS, ...APPS }[name as keyof typeof USERS] ?? name
}

async function rowsOf(world: World, callId: string, speaker: string, listener: string): Promise<readonly HeardRow[]> {
  const query = new URLSearchParams({ speaker: idOf(speaker), listener: idOf(listener) })
  const { status, body } = await world.control('GET', `/calls/${callId}/audibility?${query.toString()}`)
  assert.equal(status, 200, JSON.stringify(body))
  return body.value
}

/** Asserts that somebody was heard by somebody. @returns how loud at its loudest, in decibels below full scale */
export async function expectHeard(
  world: World,
  callId: string,
  speaker: string,
  listener: string,
  { seconds, tolerance = 0.2, level }: HeardLimits = {},
): Promise<number> {
  const rows = await rowsOf(world, callId, speaker, listener)
  assert.notEqual(rows.length, 0, `${speaker} was not heard by ${listener}`)
  if (seconds !== undefined) {
    const sum = rows.reduce((all, { from, until }) => all + Date.parse(until) - Date.parse(from), 0) / 1000
    assert.ok(Math.abs(sum - seconds) <= tolerance, `${speaker} was heard by ${listener} for ${sum} s, not ${seconds}`)
  }
  const loudest = Math.max(...rows.map((row) => row.level))
  if (level !== undefined) {
    assert.ok(Math.abs(loudest - level) <= 1, `${speaker} was heard by ${listener} at ${loudest} dB, not ${level}`)
  }
  return loudest
}

/** Asserts that somebody was not heard by somebody at all. */
export async function expectNotHeard(world: World, callId: string, speaker: string, listener: string): Promise<void> {
  const rows = await rowsOf(world, callId, speaker, listener)
  assert.deepEqual(rows, [], `${speaker} was heard by ${listener}`)
}
