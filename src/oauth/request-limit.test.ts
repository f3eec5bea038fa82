import assert from 'node:assert/strict'
import { test } from 'node:test'
import { virtualClock } from '../runtime.ts'
import { RequestLimit } from './request-limit.ts'

test('no limit', () => {
  const limit = new RequestLimit(0, virtualClock(0))
  for (let round = 0; round < 10; round++) assert.equal(limit.count('a'), undefined)
})

test('so many in a minute, each for itself', async () => {
  const clock = virtualClock(0)
  const limit = new RequestLimit(2, clock)
  const counts = (): (number | undefined)[] => ['a', 'a', 'a', 'b'].map((asker) => limit.count(asker))
  assert.deepEqual(counts(), [undefined, undefined, 60, undefined])
  await clock.advance(59_001, () => Promise.resolve())
  assert.equal(limit.count('a'), 1)
  await clock.advance(999, () => Promise.resolve())
  assert.deepEqual(counts(), [undefined, undefined, 60, undefined])
})

test('the memory is bounded: who began first is forgotten', () => {
  const limit = new RequestLimit(1, virtualClock(0), 2)
  for (const asker of ['a', 'b', 'c']) limit.count(asker)
  assert.equal(limit.count('b'), 60)
  assert.equal(limit.count('a'), undefined)
})
