/** Whom the person sees. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CallView, RosterEntry } from '../../src/endpoints/browser/protocol.ts'
import { CALL, entryOf } from './calls.suite.ts'
import { emptyStage, hasPictures, hear, NOBODY, sceneOf, type Scene, seat, type Stage, watchedIn } from './stage.ts'

/** With a camera, unless it is said. */
const entry = (name: string, more: Partial<RosterEntry> = {}): RosterEntry => entryOf(name, { camera: true, ...more })
const call = (names: string, more: Partial<CallView> = {}): CallView => ({
  ...CALL,
  roster: names.split(' ').map((name) => entry(name)),
  ...more,
})
const stage = (more: Partial<Stage>): Stage => ({ ...emptyStage, ...more })
const seats = (before: Partial<Stage>, names: string, slots = 3): Stage['seats'] =>
  seat(stage(before), call(names), slots).seats

describe('seats', () => {
  test('everybody with a camera has one while there are enough, and oneself has none', () => {
    assert.deepEqual(seats({}, 'me a b c'), ['a', 'b', 'c'])
    const roster = [
      entry('a', { camera: false }),
      entry('b', { inLobby: true }),
      entry('c', { onHold: true }),
      entry('d'),
    ]
    assert.deepEqual(seat(emptyStage, call('', { roster }), 3).seats, ['d'])
  })

  test('who is seen stays where they are when others come and go', () => {
    assert.deepEqual(seats({ seats: ['a', 'b', 'c'] }, 'c d'), ['d', null, 'c'])
    assert.deepEqual(seats({ seats: ['a', 'b', 'c'] }, 'd e f a b c'), ['a', 'b', 'c'])
  })

  test('who speaks takes the seat of who spoke longest ago', () => {
    assert.deepEqual(seats({ seats: ['a', 'b', 'c'], spoke: ['d', 'c', 'a'] }, 'a b c d'), ['a', 'd', 'c'])
  })

  test('who is pinned has one in any case', () => {
    assert.deepEqual(seats({ seats: ['a'], spoke: ['a', 'b'], pinned: 'c' }, 'a b c', 1), ['c'])
  })

  test('a stage that is right already stays the same', () => {
    const before = stage({ seats: ['a', 'b'] })
    assert.equal(seat(before, call('a b me'), 3), before)
  })
})

test('who is loud twice in a row has spoken, a noise has not', () => {
  const first = hear(emptyStage, { a: 0.5, b: 0.01 })
  assert.deepEqual(first.spoke, [])
  const second = hear(first, { a: 0.4, b: 0.9 })
  assert.deepEqual(second.spoke, ['a'])
  assert.deepEqual(hear(second, { a: 0.1, b: 0.9 }).spoke, ['b', 'a'])
  assert.deepEqual(hear(hear(second, {}), { b: 0.9 }).spoke, ['a'])
})

test('nobody is seen who is not to be: in the lobby, on hold, elsewhere', () => {
  const seated = stage({ seats: ['a'] })
  const watched = (more: Partial<CallView>): unknown => watchedIn(call('me a', more), seated)
  assert.deepEqual(watched({}), { cameras: ['a'], screen: false })
  assert.deepEqual(watched({ presenterId: 'a' }), { cameras: ['a'], screen: true })
  assert.deepEqual(watched({ presenterId: 'me' }), { cameras: ['a'], screen: false })
  for (const more of [{ phase: 'lobby' }, { here: false }, { onHold: true }, { heldByOthers: true }] as const) {
    assert.equal(watched(more), NOBODY)
  }
})

describe('the scene', () => {
  const told = ({ large, small }: Scene): unknown => [
    large && `${large.kind} ${large.entry.displayName} ${large.slot}`,
    small.map(({ kind, entry: { displayName }, slot }) => `${kind} ${displayName} ${slot}`).join(', '),
  ]
  const seen = stage({ seats: ['b', 'a'], watched: { cameras: ['b', 'c'], screen: true } })

  test('those who are seen come first, then oneself, then the others', () => {
    assert.deepEqual(told(sceneOf(call('c me a b'), seen)), [
      undefined,
      'camera b 0, camera a undefined, camera me undefined, camera c undefined',
    ])
  })

  test('a screen is large, unless somebody is pinned', () => {
    const presented = call('me a b', { presenterId: 'a' })
    assert.deepEqual(told(sceneOf(presented, seen)), [
      'screen a screen',
      'camera b 0, camera a undefined, camera me undefined',
    ])
    assert.deepEqual(told(sceneOf(presented, { ...seen, pinned: 'b' })), [
      'camera b 0',
      'screen a screen, camera a undefined, camera me undefined',
    ])
  })

  test('who is pinned and has no camera is not large', () => {
    assert.equal(sceneOf(call('me'), { ...seen, pinned: 'a' }).large, undefined)
    const roster = [entry('a', { camera: false }), entry('me')]
    assert.equal(sceneOf(call('', { roster }), { ...seen, pinned: 'a' }).large, undefined)
  })

  test('there is something to see if anybody shows anything', () => {
    const dark = call('', { roster: [entry('me', { camera: false }), entry('a', { camera: false })] })
    assert.equal(hasPictures(dark, emptyStage), false)
    assert.ok(hasPictures({ ...dark, presenterId: 'a' }, emptyStage))
    assert.ok(hasPictures(dark, stage({ shows: { camera: true, screen: false } })))
    assert.ok(hasPictures(call('a'), emptyStage))
  })
})
