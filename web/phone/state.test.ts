/** What the page knows, event by event. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CallView } from '../../src/endpoints/browser/protocol.ts'
import { CALL } from './calls.suite.ts'
import {
  ended,
  initialState,
  isAsked,
  type PhoneEvent,
  type PhoneState,
  reduce,
  ringing,
  shown,
  sinceMoment,
  stageOf,
  underWay,
} from './state.ts'

const call = (callId: string, more: Partial<CallView> = {}): CallView => ({ ...CALL, callId, ...more })

const snapshot = (...calls: CallView[]): PhoneEvent => ({
  type: 'snapshot',
  message: { type: 'state', now: 5000, calls },
  at: 1000,
})

const after = (...events: readonly PhoneEvent[]): PhoneState => events.reduce(reduce, initialState)
const ids = (calls: readonly CallView[]): readonly string[] => calls.map(({ callId }) => callId)

test('calls are sorted into what rings, what goes on and what is over', () => {
  const state = after(
    snapshot(
      call('a', { phase: 'ringing' }),
      call('b', { phase: 'calling', direction: 'outgoing' }),
      call('c'),
      call('d', { phase: 'ended' }),
    ),
  )
  assert.deepEqual([ringing(state), underWay(state), ended(state)].map(ids), [['a'], ['b', 'c'], ['d']])
})

test('the newest call here is shown, until another one is chosen', () => {
  const calls = snapshot(call('a', { here: false }), call('b'), call('c'))
  assert.equal(shown(after(calls))?.callId, 'b')
  assert.equal(shown(after(calls, { type: 'choose', callId: 'c' }))?.callId, 'c')
  assert.equal(shown(after(calls, { type: 'choose', callId: 'c' }, snapshot(call('a'))))?.callId, 'a')
  assert.equal(shown(after(snapshot(call('a', { here: false }))))?.callId, 'a')
  assert.equal(shown(after(snapshot())), undefined)
})

test('what was put away stays away while the server still tells of it, and is forgotten then', () => {
  const over = snapshot(call('a', { phase: 'ended' }), call('b', { phase: 'ended' }))
  const state = after(over, { type: 'putAway', callId: 'a' }, over)
  assert.deepEqual(ids(ended(state)), ['b'])
  assert.deepEqual(reduce(state, snapshot()).putAway, [])
})

test('moments are told on the clock of the server', () => {
  const state = after(snapshot())
  assert.equal(sinceMoment(state, 3000, 1000), 2000)
  assert.equal(sinceMoment(state, 3000, 2500), 3500)
  assert.equal(sinceMoment(state, 9000, 1000), 0)
})

test('levels and sounds end with their calls', () => {
  const state = after(
    snapshot(call('a')),
    { type: 'levels', callId: 'a', speakers: { p: 0.5 } },
    { type: 'sound', callId: 'a', sound: { state: 'connected', blocked: false, noMicrophone: undefined } },
  )
  assert.deepEqual(state.levels, { a: { p: 0.5 } })
  assert.deepEqual(reduce(state, snapshot()).levels, {})
  assert.deepEqual(reduce(state, { type: 'sound', callId: 'a', sound: undefined }).sounds, {})
})

test('what is asked is asked until it is answered', () => {
  const asked = after({ type: 'asked', what: 'call' }, { type: 'asked', what: 'call' })
  assert.ok(isAsked(asked, 'call'))
  assert.equal(isAsked(reduce(asked, { type: 'answered', what: 'call' }), 'call'), false)
})

test('the newest notices are shown, each once, until they are put away', () => {
  const state = after(...['1', '2', '3', '4', '3'].map((text) => ({ type: 'notice', text }) as const))
  assert.deepEqual(
    state.notices.map(({ text }) => text),
    ['2', '4', '3'],
  )
  const left = reduce(state, { type: 'noticed', id: state.notices[1]?.id ?? 0 })
  assert.deepEqual(
    left.notices.map(({ text }) => text),
    ['2', '3'],
  )
})

test('a welcome is an open line', () => {
  const person = { kind: 'user', id: 'u', displayName: 'Ada' } as const
  const lost = after({ type: 'welcome', person }, { type: 'link', link: { state: 'lost', retryAt: 9 } })
  assert.equal(after({ type: 'welcome', person }).link.state, 'online')
  assert.deepEqual([lost.link.state, lost.person], ['lost', person])
})

test('where pictures are carried, who shows a camera is seated, and the stage ends with the call', () => {
  const person = { kind: 'user', id: 'u', displayName: 'Ada' } as const
  const ben = { ...person, participantId: 'b', me: false, inLobby: false, muted: false, mutedByOthers: false }
  const filmed = call('a', { roster: [{ ...ben, onHold: false, sharing: false, camera: true }] })
  const video = { slots: 2, cameraBitrate: 1, screenBitrate: 1 }
  const seats = (...events: readonly PhoneEvent[]): unknown => stageOf(after(...events), 'a').seats
  assert.deepEqual(seats({ type: 'welcome', person, video }, snapshot(filmed)), ['b'])
  assert.deepEqual(seats({ type: 'welcome', person }, snapshot(filmed)), [])
  const state = after({ type: 'welcome', person, video }, snapshot(filmed), {
    type: 'pin',
    callId: 'a',
    participantId: 'b',
  })
  assert.equal(stageOf(state, 'a').pinned, 'b')
  assert.deepEqual(reduce(state, snapshot()).stages, {})
})
