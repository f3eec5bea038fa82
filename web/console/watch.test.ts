/** The page follows: how often it asks, when it does not, and what it shows while the server is away. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LiveView } from '../../src/control/live-view.ts'
import { settled, stillRuntime } from '../shared/still.suite.ts'
import { conversation, view } from './bench.suite.ts'
import type { Told } from './control.ts'
import { type Query, Watch } from './watch.ts'

type Outcome = LiveView | Told | Error | 'silence'

function bench(): {
  readonly watch: Watch
  readonly asked: Query[]
  /** What the next questions come to. */
  answer: Outcome
  /** Lets time pass, and what is ready happen. */
  readonly pass: (time: number) => Promise<void>
} {
  const runtime = stillRuntime()
  const asked: Query[] = []
  const watch = new Watch({
    runtime,
    hasKey: () => false,
    ask: async (query, signal) => {
      asked.push(query)
      const { answer } = it
      if (answer === 'silence') {
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      }
      if (answer instanceof Error) throw answer
      return 'state' in answer ? answer : { state: 'told', body: answer }
    },
  })
  const pass = async (time: number): Promise<void> => {
    await settled()
    for (let left = time; left > 0; left -= 50) {
      runtime.wind(50)
      await settled()
    }
  }
  const it = { watch, asked, answer: view() as Outcome, pass }
  return it
}

test('it asks from when it is seen, one question after the other, and not while it is hidden', async () => {
  const it = bench()
  await it.pass(5000)
  assert.equal(it.asked.length, 0)
  it.watch.look(true)
  it.watch.look(true)
  await it.pass(0)
  assert.deepEqual([it.watch.state.link.state, it.asked.length], ['live', 1])
  await it.pass(10_000)
  assert.equal(it.asked.length, 6)
  it.watch.look(false)
  await it.pass(60_000)
  assert.equal(it.asked.length, 6)
  it.watch.look(true)
  await it.pass(0)
  assert.equal(it.asked.length, 7)
})

test('a server that is away: the last view stays, it is asked less and less often, and it comes back', async () => {
  const it = bench()
  it.watch.look(true)
  await it.pass(0)
  it.answer = new TypeError('Failed to fetch')
  await it.pass(2000)
  assert.deepEqual(it.watch.state.link, { state: 'lost', why: 'it cannot be reached' })
  assert.ok(it.watch.state.view)
  const before = it.asked.length
  await it.pass(60_000)
  assert.ok(it.asked.length - before <= 11, String(it.asked.length - before))
  it.answer = view(conversation('a'))
  await it.pass(8000)
  assert.deepEqual([it.watch.state.link.state, it.watch.state.view?.live], ['live', 1])
})

test('an answer that never comes is given up; one that comes for an older question is not shown', async () => {
  const it = bench()
  it.answer = 'silence'
  it.watch.look(true)
  await it.pass(10_000)
  assert.deepEqual(it.watch.state.link, { state: 'lost', why: 'it does not answer' })
  it.watch.retry()
  it.answer = view()
  it.watch.retry()
  await it.pass(0)
  assert.equal(it.watch.state.link.state, 'live')
})

test('what is typed is asked for once it is typed, what is chosen at once; each from its first page', async () => {
  const it = bench()
  it.watch.look(true)
  await it.pass(0)
  it.watch.seek({ limit: 100 })
  it.watch.seek({ text: 'a' })
  it.watch.seek({ text: 'ad' })
  await it.pass(250)
  it.watch.seek({ state: 'ringing' })
  await it.pass(0)
  assert.deepEqual(it.asked.slice(1), [
    { text: '', state: undefined, limit: 100 },
    { text: 'ad', state: undefined, limit: 50 },
    { text: 'ad', state: 'ringing', limit: 50 },
  ])
})

test('whom one looks at stays, as it was told last, when it is over', async () => {
  const it = bench()
  it.answer = view(conversation('a'))
  it.watch.look(true)
  await it.pass(0)
  it.watch.choose(conversation('a'))
  it.answer = view(conversation('a', { state: 'transferring' }))
  await it.pass(2000)
  it.answer = view(conversation('b'))
  await it.pass(2000)
  const { chosen } = it.watch.state
  assert.deepEqual([chosen?.conversation.state, chosen?.gone], ['transferring', true])
  it.watch.choose(undefined)
  assert.equal(it.watch.state.chosen, undefined)
})

test('without the key nothing is shown and nothing asked, until there is one', async () => {
  const it = bench()
  it.answer = view(conversation('a'))
  it.watch.look(true)
  await it.pass(0)
  it.answer = { state: 'locked', explanation: 'It takes the key.' }
  await it.pass(2000)
  assert.deepEqual(it.watch.state.link, { state: 'locked', explanation: 'It takes the key.', given: false })
  assert.equal(it.watch.state.view, undefined)
  const { length } = it.asked
  await it.pass(60_000)
  assert.equal(it.asked.length, length)
  it.answer = view()
  it.watch.unlock()
  await it.pass(0)
  assert.equal(it.watch.state.link.state, 'live')
})
