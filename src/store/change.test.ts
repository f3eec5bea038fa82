import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from './change.ts'
import { changeOf, changed } from './change.ts'

const ada = { id: 'ada', state: { name: 'connected', since: 1 } }
const bob = { id: 'bob', state: { name: 'connected', since: 2 } }
const cleo = { id: 'cleo', state: { name: 'lobby', since: 3 } }

const cases: readonly (readonly [what: string, before: unknown, after: unknown, change: Change | undefined])[] = [
  ['the same is no change', ada, ada, undefined],
  ['what is made anew and alike is no change', ada, { ...ada, state: { ...ada.state } }, undefined],
  ['another value', 1, 'one', { to: 'one' }],
  ['nothing instead of an object', ada, null, { to: null }],
  ['a list instead of an object', {}, [], { to: [] }],
  ['a member within a member', ada, { ...ada, state: { ...ada.state, since: 4 } }, since(4)],
  ['a member that comes', {}, { one: 1 }, { members: { one: { to: 1 } } }],
  ['a member that goes', { one: 1, two: 2 }, { two: 2 }, { members: {}, gone: ['one'] }],
  ['a member that is undefined is none', { one: undefined }, { two: undefined }, undefined],
  ['one more at the end', [ada], [ada, bob], { from: 1, drop: 0, put: [bob] }],
  ['one more at the beginning', [bob], [ada, bob], { from: 0, drop: 0, put: [ada] }],
  ['one less in the middle', [ada, bob, cleo], [ada, cleo], { from: 1, drop: 1, put: [] }],
  ['the same one twice', [ada], [ada, ada], { from: 1, drop: 0, put: [ada] }],
  ['all of them', [ada, bob], [], { from: 0, drop: 2, put: [] }],
  ['two for one', [ada, bob], [cleo, ada, bob], { from: 0, drop: 0, put: [cleo] }],
  [
    'an item in its place',
    [cleo, ada],
    [cleo, { ...ada, state: { ...ada.state, since: 4 } }],
    { items: { 1: since(4) } },
  ],
  ['a name that objects have anyway', {}, { constructor: 1 }, { members: { constructor: { to: 1 } } }],
]
for (const [what, before, after, change] of cases) {
  test(`a change: ${what}`, () => {
    assert.deepEqual(changeOf(before, after), change)
    if (change) assert.deepEqual(changed(before, JSON.parse(JSON.stringify(change))), after)
  })
}

function since(at: number): Change {
  return { members: { state: { members: { since: { to: at } } } } }
}

test('a change brings one value to any other', () => {
  let seed = 20_261_121
  const pick = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((seed / 2_147_483_648) * below)
  }
  const make = (depth: number): unknown => {
    const kind = pick(depth > 0 ? 6 : 4)
    if (kind < 4) return [null, pick(3), ['a', 'b'][pick(2)], pick(2) === 0][kind]
    const length = pick(4)
    if (kind === 4) return Array.from({ length }, () => make(depth - 1))
    return Object.fromEntries(Array.from({ length }, () => [['a', 'b', 'c', '__proto__'][pick(4)], make(depth - 1)]))
  }
  /** Like `value`, and in parts the same. */
  const vary = (value: unknown): unknown => {
    if (pick(3) === 0) return make(3)
    if (Array.isArray(value)) {
      const kept = value.flatMap((one: unknown) => (pick(5) === 0 ? [] : [pick(3) === 0 ? vary(one) : one]))
      return pick(3) === 0 ? [...kept.slice(0, 1), make(2), ...kept.slice(1)] : kept
    }
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, pick(3) === 0 ? vary(one) : one]))
  }
  for (let round = 0; round < 20_000; round++) {
    const before = make(4)
    const after = vary(before)
    const change = changeOf(before, after)
    const told: unknown = change === undefined ? before : changed(before, JSON.parse(JSON.stringify(change)))
    assert.deepEqual(told, after, JSON.stringify({ before, after, change }))
  }
})
