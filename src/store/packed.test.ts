import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Packer, Unpacker } from './packed.ts'

test('writes come out as they went in; each text goes once', () => {
  const [packer, unpacker] = [new Packer(), new Unpacker()]
  const first = [
    [{ sql: 'one', values: [1, 'ä', null] }],
    [],
    [
      { sql: 'two', values: [], orConflict: 'too late' },
      { sql: 'one', values: [2, '', 0.5] },
    ],
  ]
  const packed = packer.pack(first)
  assert.deepEqual(packed.texts, ['one', 'too late', 'two'])
  assert.deepEqual(unpacker.unpack(packed), first)
  const again = packer.pack([[{ sql: 'two', values: [3], orConflict: '' }], [{ sql: 'three', values: [] }]])
  assert.deepEqual(again.texts, ['', 'three'])
  assert.deepEqual(unpacker.unpack(again), [
    [{ sql: 'two', values: [3], orConflict: '' }],
    [{ sql: 'three', values: [] }],
  ])
})

test('a text that never came is a fault', () => {
  assert.throws(() => new Unpacker().unpack({ texts: [], items: [1, 0, null, 0] }), /text never came/)
})
