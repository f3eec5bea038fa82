/** Harm from within: the thread of the database ends, nothing runs for a while, somebody sets the clock. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Bot } from '../support/bot.ts'
import { Subscriber } from '../support/subscriber.ts'
import { user } from '../support/world.ts'
import { Child, until } from './child.ts'
import { assertNothingLost } from './kept.ts'
import { ask, nothingPromised, work } from './load.ts'
import type { Workplace } from './load.ts'
import { PATIENCE, ROUNDS, SEED, chances, progress } from './rounds.ts'
import { CALLS, prepare, tokenOf } from './site.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Bots at work on a server that can be harmed. */
class Stage {
  readonly bot: Bot
  readonly place: Workplace
  readonly #flags: readonly string[]
  readonly #work: Promise<unknown>
  child: Child
  #goOn = true

  private constructor(bot: Bot, flags: readonly string[], child: Child, given: Omit<Workplace, 'goOn' | 'url'>) {
    this.bot = bot
    this.child = child
    this.#flags = flags
    const { url } = child
    this.place = { ...given, url: () => url, goOn: () => this.#goOn }
    this.#work = Promise.all([1, 2, 3].map((name) => work(this.place, name)))
  }

  static async begin(t: TestContext, options: Readonly<Record<string, string>> = {}): Promise<Stage> {
    t.diagnostic(`FAULT_SEED=${SEED}`)
    const { bot, flags } = await prepare(t, SCRIPTS, options)
    const child = await Child.start([...flags, '--port=0'], { harmed: true })
    t.after(() => {
      stage.#goOn = false
      return stage.child.kill('SIGKILL')
    })
    const { url: webhook } = await Subscriber.start(t)
    const token = await tokenOf(child.url)
    const promised = nothingPromised()
    const given = { token, callbackUri: bot.url, webhook, promised, chance: chances(SEED) }
    const stage = new Stage(bot, flags, child, given)
    return stage
  }

  /** @param clockSetBy what somebody does to the machine's clock before, in milliseconds */
  async restart(clockSetBy = 0): Promise<void> {
    const port = `--port=${new URL(this.place.url()).port}`
    this.child = await Child.start([...this.#flags, port], { harmed: true, clockSetBy })
  }

  /** Lets the bots finish, and looks at what is left. */
  async end(t: TestContext): Promise<void> {
    this.#goOn = false
    await this.#work
    t.diagnostic(JSON.stringify(await assertNothingLost(this.place, this.bot, this.place.promised)))
  }
}

const SCRIPTS = {
  ben: { answer: { after: '20ms', leaveAfter: '200ms' } },
  cleo: { busy: { after: '30ms' } },
  dov: { ignore: {} },
}

test('the thread of the database ends: the server says so and ends, and nothing is lost', PATIENCE, async (t) => {
  const stage = await Stage.begin(t)
  for (let round = 1; round <= ROUNDS; round++) {
    await pause(200 + 500 * stage.place.chance())
    stage.child.harm({ type: 'endThread' })
    assert.deepEqual(await stage.child.ended, { code: 1, signal: null })
    assert.match(stage.child.output, /cannot be used any longer: its thread has ended: .*start the server again/)
    progress(`ended ${round} of ${ROUNDS} times`)
    await stage.restart()
  }
  await stage.end(t)
})

test('nothing runs for two seconds, again and again: what was due comes late, once', PATIENCE, async (t) => {
  const stage = await Stage.begin(t)
  for (let round = 1; round <= Math.ceil(ROUNDS / 2); round++) {
    await pause(300 * stage.place.chance())
    stage.child.harm({ type: 'stall', for: 2000 })
    await pause(2500)
    progress(`stalled ${round} times`)
  }
  await stage.end(t)
})

test('somebody sets the clock on and back: time-outs take their time, and nothing else ends', PATIENCE, async (t) => {
  const stage = await Stage.begin(t)
  const { place } = stage
  const media = { requestedModalities: ['audio'], mediaConfig: {} }
  const targets = [user('ada'), user('fay')]
  const created = await ask(place, 'POST', CALLS, { callbackUri: stage.bot.url, targets, ...media })
  const call = `${CALLS}/${created.body.id}`
  await until('the call is up', 30_000, async () => (await ask(place, 'GET', call)).body.state === 'established')
  for (const by of [2 * HOUR, -4 * HOUR, 2 * HOUR]) {
    stage.child.harm({ type: 'setClock', by })
    if (by === -4 * HOUR) {
      // Tokens live on the wall clock, and this one is of the future now.
      const started = performance.now()
      const token = await tokenOf(place.url())
      const invited = await ask({ ...place, token }, 'POST', `${call}/participants/invite`, {
        participants: [user('dov')],
      })
      const operation = `${call}/operations/${invited.body.id}`
      await until('whoever never answers is given up', 30_000, async () => {
        const { status } = (await ask({ ...place, token }, 'GET', operation)).body
        return String(status).toLowerCase() === 'failed'
      })
      const took = performance.now() - started
      assert.ok(took > 850, `the ring time-out of 1 s took ${took} ms`)
    } else await pause(700)
    progress(`set by ${by / HOUR} h`)
  }
  assert.equal((await ask(place, 'GET', call)).body.state, 'established')
  await stage.end(t)
})

test('somebody sets the clock by days while the server is down: calls go on as if nobody had', PATIENCE, async (t) => {
  const stage = await Stage.begin(t, { 'ring-timeout': '4s', 'log-level': 'warn' })
  const { place } = stage
  const media = { requestedModalities: ['audio'], mediaConfig: {} }
  const targets = [user('ada'), user('fay')]
  const created = await ask(place, 'POST', CALLS, { callbackUri: stage.bot.url, targets, ...media })
  const call = `${CALLS}/${created.body.id}`
  await until('the call is up', 30_000, async () => (await ask(place, 'GET', call)).body.state === 'established')
  for (const by of [-3 * DAY, 5 * DAY]) {
    const invited = await ask({ ...place, token: await tokenOf(place.url()) }, 'POST', `${call}/participants/invite`, {
      participants: [user('dov')],
    })
    assert.equal(invited.status, 200, JSON.stringify(invited.body))
    const started = performance.now()
    await stage.child.kill('SIGKILL')
    await stage.restart(by)
    assert.match(stage.child.output, /the machine's clock was set while calls were under way/)
    const token = await tokenOf(place.url())
    const statusNow = async (): Promise<string> =>
      String((await ask({ ...place, token }, 'GET', `${call}/operations/${invited.body.id}`)).body.status).toLowerCase()
    await until('whoever never answers is given up', 30_000, async () => (await statusNow()) === 'failed')
    const took = performance.now() - started
    // A tenth faster, and a tenth of what passed since the moment was kept.
    assert.ok(took > 2500, `the ring time-out of 4 s took ${took} ms`)
    assert.equal((await ask({ ...place, token }, 'GET', call)).body.state, 'established')
    progress(`set by ${by / DAY} days`)
  }
  await stage.child.kill('SIGKILL')
  await stage.restart()
  assert.equal((await ask(place, 'GET', call)).body.state, 'established')
  await stage.end(t)
})
