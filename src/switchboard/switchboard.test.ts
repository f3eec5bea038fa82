import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import {
  MINUTE,
  SECOND,
  START,
  a,
  ann,
  b,
  bob,
  calls,
  create,
  cyd,
  effectLine,
  hangUp,
  invite,
  invitee,
  keepAlive,
  rules,
  stateLine,
} from '../calls/scene.suite.ts'
import type { Command } from '../calls/commands.ts'
import type { Report } from '../endpoints/endpoint.ts'
import { Activity, randomIds, sequenceAfter, virtualClock } from '../runtime.ts'
import { openMemory } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { StoreFull } from '../store/store.ts'
import type { Submitted, SwitchboardLimits } from './switchboard.ts'
import { Switchboard } from './switchboard.ts'

const REQUEST = { requestId: 'request' }

/** A switchboard on a store in memory, with people and bots who do what the test says. */
class Bench {
  readonly store: Store
  readonly clock = virtualClock(START)
  readonly activity = new Activity()
  readonly switchboard: Switchboard
  /** Everything that left, in order: `Ring ann`, `notify A1`. */
  readonly lines: string[] = []
  readonly faults: string[] = []
  /** By what each performed effect is answered, keyed by the effect's line. */
  readonly reports = new Map<string, Report>()

  constructor(t: TestContext, limits: Partial<SwitchboardLimits> = {}, store = openMemory(), lastOrder = 0) {
    this.store = store
    const perform = (_id: string, effect: Parameters<typeof effectLine>[0], report: Report): void => {
      this.lines.push(effectLine(effect))
      this.reports.set(effectLine(effect), report)
    }
    this.switchboard = new Switchboard({
      store,
      clock: this.clock,
      ids: randomIds(),
      sequence: sequenceAfter(lastOrder),
      activity: this.activity,
      rules,
      limits: { mailbox: 100, conversations: 100, callsPerApplication: () => undefined, ...limits },
      people: { perform, stop: () => this.lines.push('people stop') },
      bots: { perform, stop: () => undefined },
      recordEnd: () => Promise.resolve([]),
      onRecorded: () => undefined,
      follow: () => undefined,
      media: { perform, stop: () => undefined },
      deliver: (deliveries) => {
        for (const { notification } of deliveries)
          this.lines.push(`notify ${notification.callId}${notification.number}`)
      },
      onFault: (fault, _id, command) => this.faults.push(`${command}: ${String(fault)}`),
    })
    t.after(async () => {
      this.switchboard.close()
      this.clock.stop()
      await this.settled()
      await store.close()
    })
  }

  settled(): Promise<void> {
    return this.activity.idle(100)
  }

  advance(milliseconds: number): Promise<void> {
    return this.clock.advance(milliseconds, () => this.settled())
  }

  submit(command: Command, id = 'here'): Promise<Submitted> {
    return this.switchboard.submit(id, command, REQUEST)
  }

  /** What has left since the last time. */
  take(): string[] {
    return this.lines.splice(0)
  }

  async state(id = 'here'): Promise<string> {
    return stateLine(await this.switchboard.read(id))
  }

  /** Lets the next commits fail. */
  breakStore(times: number): void {
    const commit = this.store.commit.bind(this.store)
    let left = times
    this.store.commit = (one) => (left-- > 0 ? Promise.reject(new StoreFull('the disk is full')) : commit(one))
  }
}

function outcome(result: Submitted): string {
  return result.ok ? 'ok' : result.error.name
}

test('effects and notifications follow the commit, and whoever asked has the answer first', async (t) => {
  const bench = new Bench(t)
  const commit = bench.store.commit.bind(bench.store)
  bench.store.commit = async (one) => {
    assert.deepEqual(bench.take(), [])
    await commit(one)
    bench.lines.push('committed')
  }
  const result = await bench.submit(create(a, [invitee(ann)]))
  bench.lines.push('answered')
  assert.ok(result.ok)
  await bench.settled()
  const [committed, answered, ...others] = bench.take()
  assert.deepEqual([committed, answered], ['committed', 'answered'])
  assert.ok(others.includes('notify A1') && others.some((line) => /ring.*ann/i.test(line)), others.join(', '))
})

test('a commit that fails: told to whoever asked, nothing has changed, and the next command goes on', async (t) => {
  const bench = new Bench(t)
  await bench.submit(create(a, [invitee(ann), invitee(bob)]))
  await bench.settled()
  const before = await bench.state()
  bench.take()
  bench.breakStore(1)
  const [hungUp, kept] = await Promise.allSettled([bench.submit(hangUp(a)), bench.submit(keepAlive(a))])
  assert.equal(hungUp.status, 'rejected')
  assert.equal(kept.status === 'fulfilled' && kept.value.ok, true)
  await bench.settled()
  assert.deepEqual(bench.take(), [])
  assert.equal(await bench.state(), before)
  assert.equal(bench.switchboard.census.calls, 1)
  assert.ok((await bench.submit(hangUp(a))).ok)
  assert.equal(bench.switchboard.census.calls, 0)
})

test('a create whose commit fails leaves nothing behind', async (t) => {
  const bench = new Bench(t)
  bench.breakStore(1)
  await assert.rejects(bench.submit(create(a, [invitee(ann)])), /the disk is full/)
  assert.equal(await bench.switchboard.read('here'), undefined)
  assert.equal(bench.switchboard.census.conversations, 0)
  assert.ok((await bench.submit(create(a, [invitee(ann)]))).ok)
})

test('a time-out whose commit fails is tried again', async (t) => {
  const bench = new Bench(t)
  await bench.submit(create(a, [invitee(ann)]))
  await bench.settled()
  bench.breakStore(2)
  await bench.advance(2 * MINUTE)
  assert.deepEqual(bench.faults, ['Wake: StoreFull: the disk is full', 'Wake: StoreFull: the disk is full'])
  const conversation = await bench.switchboard.read('here')
  assert.equal(conversation?.calls[0]?.state.name, 'terminated')
})

test('one mailbox takes its commands one after the other', async (t) => {
  const bench = new Bench(t)
  await bench.submit(create(a, [invitee(ann), invitee(bob)]))
  const results = await Promise.all([bench.submit(hangUp(a)), bench.submit(hangUp(a)), bench.submit(keepAlive(a))])
  assert.deepEqual(results.map(outcome), ['ok', 'callEnded', 'callEnded'])
})

test('a full mailbox refuses requests, and takes what the world reports', async (t) => {
  const bench = new Bench(t, { mailbox: 2 })
  const first = bench.submit(create(a, [invitee(ann), invitee(bob)]))
  const results = [1, 2, 3, 4].map(() => bench.submit(keepAlive(a)))
  const report = bench.switchboard.submit('here', { type: 'LegAnswered', participantId: 'ann' })
  assert.deepEqual((await Promise.all([first, ...results])).map(outcome), [
    'ok',
    'ok',
    'ok',
    'mailboxFull',
    'mailboxFull',
  ])
  assert.equal(outcome(await report), 'ok')
  assert.equal(outcome(await bench.submit(keepAlive(a))), 'ok')
})

test('an application has so many calls at a time, and the next when one has ended', async (t) => {
  const bench = new Bench(t, { callsPerApplication: () => 1 })
  const other = create(a, [invitee(bob)], { conversationId: 'there', callId: 'A2' })
  assert.equal(outcome(await bench.submit(create(a, [invitee(ann)]))), 'ok')
  assert.equal(outcome(await bench.submit(other, 'there')), 'tooManyCalls')
  assert.equal(outcome(await bench.submit(calls(bob, a, { conversationId: 'there' }), 'there')), 'tooManyCalls')
  assert.equal(outcome(await bench.submit(create(b, [invitee(cyd)], { conversationId: 'b' }), 'b')), 'ok')
  await bench.submit(hangUp(a))
  assert.equal(outcome(await bench.submit(other, 'there')), 'ok')
})

test('calls that are asked for at the same time do not pass the bounds together', async (t) => {
  for (const limits of [{ callsPerApplication: () => 1 }, { conversations: 1 }]) {
    const bench = new Bench(t, limits)
    const both = await Promise.all([
      bench.submit(create(a, [invitee(ann)])),
      bench.submit(create(a, [invitee(bob)], { conversationId: 'there', callId: 'A2' }), 'there'),
    ])
    const refused = 'conversations' in limits ? 'tooManyConversations' : 'tooManyCalls'
    assert.deepEqual(both.map(outcome), ['ok', refused])
  }
})

test('the server has so many conversations at a time', async (t) => {
  const bench = new Bench(t, { conversations: 1 })
  await bench.submit(create(a, [invitee(ann)]))
  const other = create(b, [invitee(bob)], { conversationId: 'there' })
  assert.equal(outcome(await bench.submit(other, 'there')), 'tooManyConversations')
  await bench.submit(hangUp(a))
  assert.equal(outcome(await bench.submit(other, 'there')), 'ok')
})

test('what a person does goes back to the conversation that rang them', async (t) => {
  const bench = new Bench(t)
  await bench.submit(create(a, [invitee(ann)]))
  await bench.settled()
  const [, report] = [...bench.reports].find(([line]) => line.includes('ann')) ?? []
  report?.({ type: 'LegConnected', participantId: 'ann', endpointType: 'default', lobby: false })
  await bench.settled()
  assert.equal((await bench.switchboard.read('here'))?.calls[0]?.state.name, 'established')
})

test('what cannot be recorded of people comes again, in its order', async (t) => {
  const bench = new Bench(t)
  await bench.submit(create(a, [invitee(ann)]))
  await bench.settled()
  const [, report] = [...bench.reports].find(([line]) => line.includes('ann')) ?? []
  bench.breakStore(3)
  report?.({ type: 'LegConnected', participantId: 'ann', endpointType: 'default', lobby: false })
  await bench.settled()
  report?.({ type: 'LegLeft', participantId: 'ann' })
  await bench.settled()
  assert.match(await bench.state(), /A establishing/)
  await bench.advance(SECOND)
  assert.match(await bench.state(), /A establishing/)
  await bench.advance(SECOND)
  assert.match(await bench.state(), /A terminated ended-by-peer/)
  assert.equal(bench.faults.length, 3)
})

test('a new switchboard resumes what had not ended: who was rung is rung, what was due is done', async (t) => {
  const store = openMemory()
  const before = new Bench(t, {}, store)
  await before.submit(create(a, [invitee(ann)]))
  await before.submit(create(b, [invitee(bob)], { conversationId: 'over' }), 'over')
  await before.submit(hangUp(b), 'over')
  await before.settled()
  before.switchboard.close()
  const close = store.close.bind(store)
  store.close = () => Promise.resolve()
  const after = new Bench(t, {}, store, await store.lastOrder())
  t.after(close)
  await after.switchboard.start()
  await after.settled()
  assert.equal(after.take().filter((line) => /ring/i.test(line)).length, 1)
  assert.deepEqual([after.switchboard.census.conversations, after.switchboard.census.calls], [1, 1])
  await after.advance(MINUTE)
  assert.equal((await after.switchboard.read('here'))?.calls[0]?.state.name, 'terminated')
})

test('closed: nothing more is taken, what was taken finishes, and no timer runs', async (t) => {
  const bench = new Bench(t)
  const taken = bench.submit(create(a, [invitee(ann)]))
  bench.switchboard.close()
  assert.equal(outcome(await taken), 'ok')
  assert.equal(outcome(await bench.submit(keepAlive(a))), 'shuttingDown')
  await bench.settled()
  await bench.advance(2 * MINUTE)
  assert.ok(bench.take().every((line) => !/ring/i.test(line)))
  assert.deepEqual(bench.faults, [])
})

test('reset: commands under way settle first, and nothing of them comes after it', async (t) => {
  const bench = new Bench(t)
  await bench.submit(create(b, [invitee(bob)], { conversationId: 'there' }), 'there')
  const taken = bench.submit(create(a, [invitee(ann)]))
  const reset = bench.switchboard.reset(async () => {
    bench.lines.push('cleared')
    await bench.store.reset()
  })
  assert.equal(outcome(await bench.submit(keepAlive(b), 'there')), 'shuttingDown')
  assert.equal(outcome(await taken), 'ok')
  await reset
  await bench.settled()
  assert.equal(bench.take().at(-1), 'cleared')
  assert.deepEqual([bench.switchboard.census.conversations, bench.switchboard.census.calls], [0, 0])
  assert.equal(await bench.switchboard.read('here'), undefined)
  await bench.advance(2 * MINUTE)
  assert.deepEqual([bench.take(), bench.faults], [[], []])
  assert.equal(outcome(await bench.submit(create(a, [invitee(ann)]))), 'ok')
})

test('a reset that fails leaves everything as it was', async (t) => {
  const bench = new Bench(t)
  await bench.submit(create(a, [invitee(ann)]))
  await bench.settled()
  await assert.rejects(bench.switchboard.reset(() => Promise.reject(new Error('the disk is full'))))
  assert.equal(outcome(await bench.submit(keepAlive(a))), 'ok')
  assert.equal(outcome(await bench.submit(invite(a, 'op', [invitee(bob)]))), 'callNotEstablished')
  await bench.advance(SECOND)
})
