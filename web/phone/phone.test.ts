/** The phone: what it asks of the server, and which legs it keeps, for what the server says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered, bench, RINGING } from './bench.suite.ts'
import { settled } from '../shared/still.suite.ts'

test('a call is answered with an offer, and the leg takes what comes back', async () => {
  const { phone, asked, calls, done, legs, store } = await bench()
  calls(RINGING)
  void phone.answer('c')
  void phone.answer('c')
  await settled()
  assert.deepEqual(asked(), { type: 'answer', callId: 'c', offer: 'offer 1', request: 1 })
  calls({ phase: 'connecting', media: 'connecting' })
  await done({ answer: 'answer' })
  calls({})
  assert.equal(legs.length, 1)
  assert.deepEqual(legs[0]?.answers, ['answer'])
  assert.deepEqual(store.state.asked, [])
})

test('a refused answer leaves no leg, and says why', async () => {
  const { phone, calls, legs, refuse, store } = await bench()
  calls(RINGING)
  void phone.answer('c')
  await refuse('callNotFound')
  assert.equal(legs[0]?.closed, true)
  assert.deepEqual(
    store.state.notices.map(({ text }) => text),
    ['Because.'],
  )
})

test('a call of one’s own gets its id with the answer', async () => {
  const { phone, asked, calls, done, legs } = await bench()
  void phone.call('ben@contoso.example')
  await settled()
  assert.deepEqual(asked(), { type: 'call', target: 'ben@contoso.example', offer: 'offer 1', request: 1 })
  calls({ phase: 'calling', direction: 'outgoing', media: 'connecting' })
  await done({ callId: 'c', answer: 'answer' })
  calls({ phase: 'calling', direction: 'outgoing' })
  assert.deepEqual(legs[0]?.answers, ['answer'])
  calls()
  assert.equal(legs[0]?.closed, true)
  assert.equal(legs.length, 1)
})

test('a second call is answered when the first is on hold', async () => {
  const { phone, asked, calls, done, legs } = await answered()
  calls({ callId: 'd', ...RINGING }, {})
  void phone.answer('d')
  await settled()
  assert.deepEqual(asked(), { type: 'hold', callId: 'c', held: true, request: 2 })
  await done()
  assert.equal(asked()?.type, 'answer')
  await done({ answer: 'answer' })
  calls({ callId: 'd' }, { onHold: true })
  assert.deepEqual(
    legs.map(({ speaks, hears }) => [speaks, hears]),
    [
      [false, false],
      [true, true],
    ],
  )
  void phone.resume('c')
  await done()
  await done()
  calls({ callId: 'd', onHold: true }, {})
  assert.deepEqual(
    legs.map(({ hears }) => hears),
    [true, false],
  )
})

test('muting is silent at once, unmuting is heard when the server has said so', async () => {
  const { phone, calls, done, legs } = await answered()
  void phone.mute('c', true)
  assert.equal(legs[0]?.speaks, false)
  await done()
  assert.equal(legs[0]?.speaks, false)
  calls({ muted: true })
  void phone.mute('c', false)
  await settled()
  assert.equal(legs[0]?.speaks, false)
  await done()
  calls({ muted: false })
  assert.equal(legs[0]?.speaks, true)
  calls({ muted: true, mutedByOthers: true })
  assert.equal(legs[0]?.speaks, false)
})

test('a refused mute is heard again', async () => {
  const { phone, legs, refuse } = await answered()
  void phone.mute('c', true)
  await refuse('no')
  assert.equal(legs[0]?.speaks, true)
})

test('a page that comes back takes its call up again', async () => {
  const { asked, calls, done, legs } = await bench()
  calls({ media: 'wanted' })
  await settled()
  assert.deepEqual(asked(), { type: 'rejoin', callId: 'c', offer: 'offer 1', request: 1 })
  calls({ media: 'wanted' })
  await done({ answer: 'answer' })
  calls({})
  assert.equal(legs.length, 1)
})

test('a rejoin that is refused is tried again for as long as the call waits', async () => {
  const { asked, calls, refuse, runtime, store } = await bench()
  calls({ media: 'wanted' })
  await refuse('engineDown')
  assert.deepEqual(store.state.notices, [])
  runtime.wind(2000)
  await settled()
  assert.deepEqual(asked()?.request, 2)
  await refuse('engineDown')
  calls({ phase: 'ended', here: false, media: 'none' })
  runtime.wind(500)
  await settled()
  assert.deepEqual(asked()?.request, 2)
})

test('a leg that the server has lost, or that cannot be renewed, is replaced', async () => {
  const { asked, calls, done, legs } = await answered()
  calls({ media: 'wanted' })
  await done({ answer: 'again' })
  calls({})
  assert.deepEqual(
    legs.map(({ closed }) => closed),
    [true, false],
  )
  legs[1]?.events.failed()
  await settled()
  assert.equal(asked()?.type, 'rejoin')
  await done({ answer: 'once more' })
  assert.equal(legs[2]?.closed, false)
})

test('a leg is renewed by an offer for its call', async () => {
  const { asked, done, legs } = await answered()
  const renewed = legs[0]?.events.renew('offer again')
  await settled()
  assert.deepEqual(asked(), { type: 'offer', callId: 'c', offer: 'offer again', request: 2 })
  await done({ answer: 'answer again' })
  assert.equal(await renewed, 'answer again')
})

test('a call that goes on elsewhere has no leg here, and can be brought back', async () => {
  const { phone, asked, calls, done, legs } = await answered()
  calls({ here: false, media: 'none' })
  assert.equal(legs[0]?.closed, true)
  await settled()
  assert.equal(asked()?.type, 'answer')
  void phone.rejoin('c')
  await settled()
  assert.equal(asked()?.type, 'rejoin')
  await done({ answer: 'answer' })
  calls({})
  assert.equal(legs[1]?.closed, false)
})

test('keys go as sound where that can be, else as requests', async () => {
  const sound = await answered()
  sound.phone.press('c', '#')
  assert.deepEqual(sound.legs[0]?.pressed, ['#'])
  const request = await answered({ keysAsSound: false })
  request.phone.press('c', '#')
  await settled()
  assert.deepEqual(request.asked(), { type: 'tone', callId: 'c', tone: 'pound', request: 2 })
})

test('what could not be asked because there is no connection is no news', async () => {
  const { phone, line, store } = await answered()
  line().events.closed()
  await phone.hangUp('c')
  assert.deepEqual(store.state.notices, [])
  assert.equal(store.state.link.state, 'lost')
})

test('a goodbye ends every leg', async () => {
  const { phone, legs, line } = await answered()
  phone.goodbye()
  assert.equal(legs[0]?.closed, true)
  assert.deepEqual(line().sent.at(-1), { type: 'goodbye' })
})
