import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { Scene, START, a, ann, bob, connects, create, invitee } from '../calls/scene.suite.ts'
import { Activity, virtualClock } from '../runtime.ts'
import type { Documents } from '../store/store.ts'
import { openMemory } from '../store/sqlite.ts'
import { Audibility } from './audibility.ts'
import { KeptHeard } from './kept-heard.ts'
import { Rooms } from './rooms.ts'
import { speechLike } from './sound.ts'

const SECOND = 1000

function documents(t: TestContext): Documents {
  const store = openMemory()
  t.after(() => store.close())
  return store.documents
}

/** One process: calls with bot a, ann and bob; several may share what is kept. */
class Bench {
  readonly clock = virtualClock(START)
  readonly audibility = new Audibility(1000)
  readonly rooms = new Rooms(this.clock, this.audibility)
  readonly activity = new Activity()
  readonly kept: KeptHeard
  readonly #scene = new Scene()

  constructor(kept: Documents, run: string, limit = 10) {
    const { clock, audibility, rooms, activity } = this
    const onFault = (fault: unknown): void => assert.fail(String(fault))
    this.kept = new KeptHeard({ rooms, audibility, documents: kept, clock, wall: clock, activity, limit, run, onFault })
  }

  async open(id: string, seconds: number): Promise<void> {
    for (const command of [
      create(a, [invitee(ann), invitee(bob)], { conversationId: id }),
      connects(ann),
      connects(bob),
    ])
      this.rooms.follow(this.#scene.do(id, command).conversation)
    this.rooms.speak(id, 'ann', speechLike(seconds * SECOND))
    await this.pass(seconds)
  }

  async end(id: string): Promise<void> {
    const { conversation } = this.#scene.do(id, { type: 'EndForAll' })
    this.rooms.follow(conversation)
    this.kept.follow(conversation)
    await this.pass(5)
  }

  pass(seconds: number): Promise<void> {
    return this.clock.advance(seconds * SECOND, () => this.activity.idle(SECOND).then(() => undefined))
  }

  async heard(id: string, query: { speaker?: string; listener?: string; limit?: number } = {}): Promise<string[]> {
    const { heard, who } = await this.kept.heard(id, { limit: 100, ...query })
    const second = (at: number): number => (at - START) / SECOND
    return heard.map(({ speaker, listener, from, until }) => {
      assert.ok(who.has(speaker))
      return `${speaker} ${listener} ${second(from)}-${second(until)}`
    })
  }
}

describe('who heard whom', () => {
  test('is kept when a call has ended, and once', async (t) => {
    const kept = documents(t)
    const before = new Bench(kept, 'first')
    await before.open('here', 2)
    await before.end('here')
    assert.deepEqual(await before.heard('here'), ['ann A 0-2', 'ann bob 0-2'])
    const after = new Bench(kept, 'second')
    assert.deepEqual(await after.heard('here'), ['ann A 0-2', 'ann bob 0-2'])
    assert.deepEqual(await after.heard('here', { listener: 'bob' }), ['ann bob 0-2'])
    assert.deepEqual(await after.heard('here', { speaker: 'bob' }), [])
    assert.deepEqual(await after.heard('here', { limit: 1 }), ['ann A 0-2'])
    assert.deepEqual(await after.heard('elsewhere'), [])
    await after.kept.purge(START + 60 * SECOND)
    assert.deepEqual(await after.heard('here'), [])
  })

  test('goes on after a restart, however often', async (t) => {
    const kept = documents(t)
    for (const run of ['first', 'second', 'third']) {
      const bench = new Bench(kept, run)
      await bench.open('here', 1)
      await bench.kept.close()
      await bench.kept.close()
    }
    const last = new Bench(kept, 'last')
    assert.equal((await last.heard('here')).length, 6)
    await last.open('here', 1)
    assert.equal((await last.heard('here')).length, 8)
    await last.end('here')
    last.rooms.clear()
    assert.equal((await last.heard('here')).length, 8)
  })

  test('is kept of so many conversations', async (t) => {
    const bench = new Bench(documents(t), 'first', 2)
    for (const id of ['one', 'two', 'three']) {
      await bench.open(id, 1)
      await bench.end(id)
    }
    bench.rooms.clear()
    assert.deepEqual(
      await Promise.all(['one', 'two', 'three'].map(async (id) => (await bench.heard(id)).length)),
      [0, 2, 2],
    )
  })
})
