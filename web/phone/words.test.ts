/** What the page says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CallEnd, CallView } from '../../src/endpoints/browser/protocol.ts'
import { clockText } from '../shared/text.ts'
import { CALL, entryOf } from './calls.suite.ts'
import { deviceLine, endLine, incomingLine, phaseLine, picturesLine, screenLine, titleOf } from './words.ts'

const BEN = { kind: 'user', id: 'ben', displayName: 'Ben' } as const

const call = (more: Partial<CallView> = {}): CallView => ({ ...CALL, kind: 'peerToPeer', ...more })

const people = ['Ada', 'Ben', 'Cleo', 'Dov', 'Eva'].map((name) => entryOf(name, { me: name === 'Ada' }))

for (const [what, view, title] of [
  ['the subject', { subject: 'Tea', other: BEN }, 'Tea'],
  ['the other party', { other: BEN }, 'Ben'],
  ['its kind', { kind: 'meeting' }, 'Meeting'],
  ['who is in it', { kind: 'group', roster: people.slice(0, 3) }, 'Ben, Cleo'],
  ['some of those who are in it', { kind: 'group', roster: people }, 'Ben, Cleo, Dov …'],
  ['nothing better', { kind: 'group' }, 'Call'],
] as const) {
  test(`a call is called by ${what}`, () => assert.equal(titleOf(call(view)), title))
}

for (const [view, line] of [
  [{ other: BEN }, 'calls you'],
  [{ other: BEN, kind: 'group', roster: people }, 'asks you into a group call, 3 others in it'],
  [{ other: BEN, kind: 'meeting', subject: 'Tea' }, 'asks you into a meeting, “Tea”'],
  [{ other: BEN, subject: 'Tea' }, 'asks you into a call, “Tea”'],
] as const) {
  test(`somebody ${line}`, () => assert.equal(incomingLine(call(view)), line))
}

test('how far a call is', () => {
  assert.equal(phaseLine(call()), 'Connected')
  assert.equal(phaseLine(call({ here: false })), 'On another of your pages')
  assert.equal(phaseLine(call({ phase: 'calling', here: false })), 'Calling …')
  assert.equal(phaseLine(call({ onHold: true })), 'On hold')
  assert.equal(phaseLine(call({ heldByOthers: true })), 'You are on hold')
  assert.equal(phaseLine(call({ media: 'wanted' })), 'Reconnecting …')
  assert.equal(phaseLine(call(), 'interrupted'), 'Reconnecting …')
  assert.equal(phaseLine(call({ phase: 'lobby' }), 'interrupted'), 'In the lobby')
})

test('why a call is over', () => {
  const line = (cause: CallEnd['cause'], more: Partial<CallView> = {}): string =>
    endLine({ cause, code: 1, subcode: 2, explanation: '' }, call({ other: BEN, ...more }))
  assert.equal(line('missed'), 'You have missed the call.')
  assert.equal(line('missed', { direction: 'outgoing' }), 'Ben has not answered.')
  assert.equal(line('declined', { direction: 'outgoing' }), 'Ben has declined.')
  assert.equal(line('busy', { direction: 'outgoing' }), 'Ben is in another call.')
  assert.equal(line('over', { kind: 'meeting' }), 'The meeting is over.')
})

test('what one shows and who presents is said', () => {
  const roster = people.map((one) => ({ ...one }))
  const line = (camera: boolean, screen: boolean, presenterId?: string): string =>
    picturesLine({ camera, screen }, call({ roster, ...(presenterId !== undefined && { presenterId }) }))
  assert.equal(line(false, false), '')
  assert.equal(line(true, false, 'Ben'), 'Your camera is on. Ben presents.')
  assert.equal(line(false, true, 'Ada'), 'You present your screen.')
})

test('durations and devices', () => {
  assert.deepEqual([7000, 760_000, 3_723_000].map(clockText), ['0:07', '12:40', '1:02:03'])
  assert.match(deviceLine('microphone', 'NotAllowedError'), /may not use the microphone/)
  assert.match(deviceLine('microphone', 'whatever'), /cannot be used/)
  assert.equal(deviceLine('camera', 'NotReadableError'), 'Another program has the camera.')
  assert.match(screenLine('NotAllowedError'), /The system does not let/)
  assert.equal(screenLine('AbortError'), 'The screen cannot be shown.')
})
