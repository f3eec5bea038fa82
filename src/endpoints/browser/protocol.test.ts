/** What pages may send is read strictly: nothing unknown, nothing too long. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PageMessage } from './protocol.ts'
import { helloSchema, pageMessageSchema } from './protocol.ts'

const read = (message: PageMessage): boolean => pageMessageSchema.safeParse(message).success

test('requests are read', () => {
  assert.ok(read({ type: 'answer', request: 1, callId: 'c', offer: 'v=0' }))
  assert.ok(read({ type: 'tone', request: 2, callId: 'c', tone: 'tone5' }))
  assert.ok(read({ type: 'join', request: 3, meeting: '123 456', offer: 'v=0' }))
  assert.ok(read({ type: 'beat' }))
})

test('what is no request is not', () => {
  for (const message of [{ type: 'dance' }, { type: 'answer', callId: 'c' }, [], null, 7, { type: 'hello' }]) {
    assert.equal(pageMessageSchema.safeParse(message).success, false)
  }
  assert.equal(read({ type: 'tone', request: 2, callId: 'c'.repeat(65), tone: 'tone5' }), false)
  assert.equal(read({ type: 'mute', request: -1, callId: 'c', muted: true }), false)
})

test('a page has an id of its own', () => {
  assert.ok(helloSchema.safeParse({ type: 'hello', device: 'abcdefgh', token: 't' }).success)
  assert.equal(helloSchema.safeParse({ type: 'hello', device: '../x' }).success, false)
})
