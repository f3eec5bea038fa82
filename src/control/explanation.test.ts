import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MOST_LINKS, bounded } from './explanation.ts'

test('a chain that is too long keeps its beginning and its end, and says what it leaves out', () => {
  const chain = (length: number): { what: string }[] =>
    Array.from({ length }, (_, index) => ({ what: `step ${index + 1}` }))
  assert.deepEqual(bounded(chain(MOST_LINKS)), chain(MOST_LINKS))
  const shown = bounded(chain(MOST_LINKS + 23))
  assert.equal(shown.length, MOST_LINKS + 1)
  assert.deepEqual(
    [shown[0]?.what, shown[50]?.what, shown.at(-1)?.what],
    ['step 1', '23 more, see the timeline', 'step 123'],
  )
})
