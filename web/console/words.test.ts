/** What the console says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conversation, sound } from './bench.suite.ts'
import {
  aboutLine,
  figuresOf,
  momentText,
  peopleLine,
  percent,
  roomOf,
  takenLine,
  titleOf,
  troublesOf,
} from './words.ts'

test('how much room there is, in one sentence', () => {
  const rows: readonly [Partial<typeof sound>, level: string, sentence: RegExp][] = [
    [{}, 'room', /^Room for about 8 more people\.$/],
    [{ costOfLeg: 0 }, 'room', /^Room for up to 8 more people; .* not measured yet\.$/],
    [{ legs: 9, capacityLeft: 1 }, 'near', /^Nearly full: room for 1 more person\.$/],
    [{ legs: 100, capacityLeft: 11, limits: { legs: 1000, load: 0.8 } }, 'near', /room for 11 more people/],
    [{ legs: 100, capacityLeft: 12, limits: { legs: 1000, load: 0.8 } }, 'room', /about 12 more/],
    [{ legs: 10, capacityLeft: 0 }, 'full', /^Full: invites .* refused with 429 until .* maxMediaLegs allows 10\)\.$/],
    [{ legs: 5, capacityLeft: 0 }, 'full', /^Full: .*mediaLoadLimit allows of a core, 80 %\)\.$/],
    [{ running: false, legs: 0, capacityLeft: 10 }, 'idle', /^Sound starts with the first .* up to 10 people\.$/],
    [{ running: false, restarts: 1 }, 'broken', /^Sound broke down, and starts again with the next connection/],
    [{ running: false, downFor: 1500 }, 'down', /^Sound broke down too often: .* in 2 seconds at the earliest\.$/],
    [{ limits: { legs: 0, load: 0.8 }, capacityLeft: 0 }, 'off', /^Sound is turned off: .*maxMediaLegs/],
  ]
  for (const [more, level, sentence] of rows) {
    const room = roomOf({ ...sound, ...more })
    assert.equal(room.level, level, room.sentence)
    assert.match(room.sentence, sentence)
  }
})

test('how many of those who fit are connected: an estimate, unless an option is the bound', () => {
  assert.equal(takenLine(sound), '2 of 10 connected by sound')
  assert.equal(takenLine({ ...sound, capacityLeft: 5 }), '2 of about 7 connected by sound')
})

test('what else is to be known of sound', () => {
  assert.deepEqual(troublesOf(sound), [])
  const [broke, stutters, behind] = troublesOf({ ...sound, restarts: 2, worstLate: 51.7, dropped: 1 })
  assert.equal(broke, 'Sound broke down 2 times since the server started.')
  assert.equal(stutters, 'Sound stutters: a frame came 52 ms late.')
  assert.match(behind ?? '', /1 message left out/)
  assert.deepEqual(Object.fromEntries(figuresOf(sound))['Each counts for'], '0.40 % of a core')
  assert.deepEqual([0, 0.0042, 0.042, 0.42].map(percent), ['0 %', '0.42 %', '4.2 %', '42 %'])
})

test('a call in a line', () => {
  const nobody = { ringing: 0, calling: 0, lobby: 0, held: 0, connected: 0, onHold: 0 }
  assert.equal(peopleLine(nobody), 'Nobody')
  assert.equal(
    peopleLine({ ringing: 1, calling: 1, lobby: 2, held: 1, connected: 3, onHold: 1 }),
    '3 connected (1 on hold), 1 ringing, 1 calling, 2 in the lobby, 1 waiting for a recorder',
  )
  const many = conversation('a', { names: ['Ada', 'Ben'], people: { ...nobody, connected: 5 }, moreCalls: 2 })
  assert.equal(titleOf(many), 'Ada, Ben and 3 more')
  assert.equal(titleOf({ ...many, subject: 'Water' }), 'Water')
  assert.equal(titleOf(conversation('a', { names: [], people: nobody })), 'Nobody yet')
  assert.equal(aboutLine(many), 'Call of two · Front desk, 2 more · contoso')
  assert.equal(aboutLine(conversation('a', { calls: [], mode: 'meeting' })), 'Meeting · no application · contoso')
  assert.equal(momentText('2026-11-21T12:01:02.345Z'), '2026-11-21 12:01:02 UTC')
})
