import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Hearing } from '../calls/hearing.ts'
import { Scene, START, a, ann, bob, connects, create, invitee, leaves } from '../calls/scene.suite.ts'
import { virtualClock } from '../runtime.ts'
import { Audibility } from './audibility.ts'
import { heardParts } from './gains.ts'
import { Rooms } from './rooms.ts'
import { endless, soundOf, speechLike } from './sound.ts'

const SECOND = 1000

/** Conversations with bot a, ann and bob, by id. */
class Bench {
  readonly clock = virtualClock(START)
  readonly rooms: Rooms
  readonly scene = new Scene()

  constructor(limit: number) {
    this.rooms = new Rooms(this.clock, new Audibility(limit))
  }

  open(id: string): this {
    const commands = [create(a, [invitee(ann), invitee(bob)], { conversationId: id }), connects(ann), connects(bob)]
    for (const command of commands) this.rooms.follow(this.scene.do(id, command).conversation)
    return this
  }

  async say(id: string, speaker: string, seconds = 1): Promise<void> {
    this.rooms.speak(id, speaker, speechLike(seconds * SECOND))
    await this.advance(seconds)
  }

  advance(seconds: number): Promise<void> {
    return this.clock.advance(seconds * SECOND, () => Promise.resolve())
  }

  /** Such as `ann A 0-1`: who was heard by whom, from when to when in seconds. */
  heard(id: string, limit = 100): string[] {
    const second = (at: number): number => (at - START) / SECOND
    return this.rooms
      .heard(id, { limit })
      .heard.map(({ speaker, listener, from, until }) => `${speaker} ${listener} ${second(from)}-${second(until)}`)
  }
}

describe('what is kept', () => {
  test('what is being said counts until now; whoever comes and goes hears meanwhile', async () => {
    const bench = new Bench(1000).open('here')
    bench.rooms.speak('here', 'ann', speechLike(10 * SECOND))
    await bench.advance(2)
    assert.deepEqual(bench.heard('here'), ['ann A 0-2', 'ann bob 0-2'])
    bench.rooms.follow(bench.scene.do('here', leaves(bob)).conversation)
    await bench.advance(2)
    assert.deepEqual(bench.heard('here'), ['ann A 0-4', 'ann bob 0-2'])
    assert.deepEqual(bench.heard('here', 1), ['ann A 0-4'])
    assert.deepEqual(bench.heard('elsewhere'), [])
  })

  test('beyond the bound the oldest conversations go, and the beginning of a single one', async () => {
    const bench = new Bench(20).open('one').open('two').open('three')
    await bench.say('one', 'ann')
    await bench.say('two', 'ann')
    assert.deepEqual(bench.heard('one'), ['ann A 0-1', 'ann bob 0-1'])
    await bench.say('three', 'ann')
    assert.deepEqual([bench.heard('one'), bench.heard('two').length, bench.heard('three').length], [[], 2, 2])
    for (let round = 0; round < 30; round++) {
      await bench.say('three', 'bob')
      await bench.advance(5)
    }
    assert.deepEqual(bench.heard('two'), [])
    const left = bench.heard('three')
    assert.ok(left.length > 0 && left.length <= 40, `${left.length} rows`)
    bench.rooms.clear()
    assert.deepEqual(bench.heard('three'), [])
  })

  test('a sound without an end costs nothing while it goes on, and is heard until it is hushed', async () => {
    const bench = new Bench(1000).open('here')
    const tone = soundOf(Int16Array.from({ length: 1600 }, (_, index) => (index % 20 < 10 ? 4000 : -4000)))
    const utterance = bench.rooms.speak('here', 'ann', endless(tone))
    await bench.advance(3600)
    assert.ok(utterance)
    bench.rooms.hush('here', utterance)
    await bench.advance(10)
    assert.deepEqual(bench.heard('here'), ['ann A 0-3600', 'ann bob 0-3600'])
  })
})

describe('gains over time', () => {
  const hearing: Hearing = {
    room: { ann: 1, bob: 1 },
    apart: { cyd: { ann: 1, bob: 0.8 } },
    ducking: { cyd: { by: ['ann'], lowered: { ann: 1, bob: 0.2 }, rampActive: 100, rampInactive: 1000 } },
    listeners: ['ann', 'bob', 'cyd'],
  }
  const hearings = [{ since: 0, hearing }]
  const said = [{ speaker: 'bob', from: 0, until: 10_000 }]

  /** Bob as Cyd hears him while Ann talks at these times, such as `0-1000 0.8`. */
  function lines(...talk: readonly (readonly [from: number, until: number])[]): string[] {
    const spans = talk.map(([from, until]) => ({ from, until }))
    const round = (gain: number): number => Math.round(gain * 100) / 100
    return heardParts('cyd', said, hearings, () => spans).map(({ from, until, gain, gainAtEnd }) => {
      const loud = gain === gainAtEnd ? `${round(gain)}` : `${round(gain)} to ${round(gainAtEnd)}`
      return `${from}-${until} ${loud}`
    })
  }

  test('others go down when somebody talks and come up again', () => {
    assert.deepEqual(lines(), ['0-10000 0.8'])
    assert.deepEqual(lines([1000, 3000]), [
      '0-1000 0.8',
      '1000-1100 0.8 to 0.2',
      '1100-3000 0.2',
      '3000-4000 0.2 to 0.8',
      '4000-10000 0.8',
    ])
  })

  test('a short pause is none; talk that comes back while they rise brings them down from there', () => {
    assert.deepEqual(lines([1000, 2000], [2200, 3000]), lines([1000, 3000]))
    assert.deepEqual(lines([1000, 2000], [2500, 20_000]), [
      '0-1000 0.8',
      '1000-1100 0.8 to 0.2',
      '1100-2000 0.2',
      '2000-2500 0.2 to 0.5',
      '2500-2550 0.5 to 0.2',
      '2550-10000 0.2',
    ])
  })

  test('before anybody could hear there is nothing', () => {
    assert.deepEqual(
      heardParts('cyd', said, [], () => []),
      [],
    )
    const [part] = heardParts('cyd', said, [{ since: 4000, hearing: { ...hearing, ducking: {} } }], () => [])
    assert.deepEqual([part?.from, part?.until, part?.gain], [4000, 10_000, 0.8])
  })
})
