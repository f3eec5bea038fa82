/**
 * Bots that misbehave for ten minutes, in every way that a network and a program allow, while calls go on: nobody else
 * notices, the server keeps to its bounds, and when the bot is well again it gets everything, in order.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BotAnswer } from '../support/bot.ts'
import { callBody, startWorld, user } from '../support/world.ts'
import type { World } from '../support/world.ts'
import { until } from './child.ts'
import { assertNothingLost } from './kept.ts'
import { nothingPromised } from './load.ts'
import type { Promised } from './load.ts'

const CALLS = '/communications/calls'

/** What the bot does instead of taking a notification. */
const BAD: Readonly<Record<string, BotAnswer>> = {
  'never answers': 'hang',
  'resets connections': 'reset',
  'answers garbage': { raw: '\0\xff\xfeSSH-2.0-OpenSSH_9.2\r\n\r\n', closes: true },
  'begins a header and stops': { raw: 'HTTP/1.1 200 OK\r\ncontent-le', closes: false },
  'promises a body and stops': { raw: 'HTTP/1.1 202 Accepted\r\ncontent-length: 1000\r\n\r\n{', closes: false },
  'cuts its body short': { raw: 'HTTP/1.1 202 Accepted\r\ncontent-length: 1000\r\n\r\n{', closes: true },
  'sends headers without end': { raw: `HTTP/1.1 202 Accepted\r\n${'x-a: b\r\n'.repeat(20_000)}`, closes: false },
  'sends two lengths': {
    raw: 'HTTP/1.1 202 Accepted\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
    closes: true,
  },
  'sends a status of its own': { raw: 'HTTP/1.1 999 Great\r\ncontent-length: 0\r\n\r\n', closes: true },
  'redirects to itself': { status: 302, location: '/api/calls' },
  'redirects to where nobody is': { status: 307, location: 'http://127.0.0.1:9/' },
  'does not believe the token': 401,
  'is being deployed': 503,
}

/** Whoever comes and goes in one of an application's calls. */
async function callOf(world: World, app: 'alpha' | 'beta', promised: Promised): Promise<string> {
  const people = [user('ada'), user('ben')]
  const all = world.bots[app].received.length + NEWS_OF_A_NEW_CALL
  const created = await world.client(app).post(CALLS, callBody(world, app, people, { callOptions: DELTA }))
  assert.equal(created.status, 201, JSON.stringify(created.body))
  promised.calls.add(created.body.id)
  await world.advance('1s')
  await until('the bot knows of its call', 20_000, () => Promise.resolve(world.bots[app].received.length >= all))
  return created.body.id
}

/** Notifications of a call that begins: it is establishing, it is established, and who came in. */
const NEWS_OF_A_NEW_CALL = 4

const DELTA = { isDeltaRosterEnabled: true }

async function invite(
  world: World,
  app: 'alpha' | 'beta',
  call: string,
  promised: Promised,
  name: string,
): Promise<void> {
  const body = { participants: [user(name)] }
  const { status, body: operation } = await world.client(app).post(`${CALLS}/${call}/participants/invite`, body)
  assert.equal(status, 200, JSON.stringify(operation))
  promised.operations.set(operation.id, call)
}

for (const [name, answer] of Object.entries(BAD)) {
  test(`a bot that ${name} for ten minutes loses nothing, and costs the other one nothing`, async (t) => {
    // A try that hangs is waited for, in real time, before the clock is wound on.
    const world = await startWorld(t, { settlePatience: 40 })
    const { alpha, beta } = world.bots
    const bad = nothingPromised()
    const good = nothingPromised()
    const calls = [await callOf(world, 'alpha', bad), await callOf(world, 'alpha', bad)]
    const other = await callOf(world, 'beta', good)
    const begun = beta.received.length
    alpha.answer = () => answer
    for (const [index, person] of ['cleo', 'dov', 'eva', 'fay'].entries()) {
      for (const call of calls) await invite(world, 'alpha', call, bad, person)
      await invite(world, 'beta', other, good, person)
      await world.advance('150s')
      const due = begun + 2 * (index + 1)
      await until('the other bot has its two notifications', 20_000, () => Promise.resolve(beta.received.length >= due))
      assert.equal(beta.received.length, due, 'the other bot got more than its two notifications')
      const [hungUp] = calls
      if (index === 2 && hungUp !== undefined) {
        assert.equal((await world.client('alpha').delete(`${CALLS}/${hungUp}`)).status, 204)
        bad.ended.add(hungUp)
        calls.shift()
      }
    }
    const { tries, waits } = await triesOf(world)
    assert.ok(tries >= 10 && tries <= 60, `${tries} tries in ten minutes`)
    assert.ok(
      waits.every((wait) => wait <= 76),
      'nobody waits for longer than a back-off and a time-out',
    )
    alpha.answer = () => 202
    await world.advance('2m')
    for (const [app, promised] of [
      ['alpha', bad],
      ['beta', good],
    ] as const) {
      await assertNothingLost({ url: () => world.url, token: await world.token(app) }, world.bots[app], promised)
    }
    for (const bot of [alpha, beta]) await bot.take()
  })
}

/** How often the bot was tried in vain, and the seconds in between, for the call that was tried most. */
async function triesOf(world: World): Promise<{ tries: number; waits: readonly number[] }> {
  const { body } = await world.control('GET', '/notifications?state=pending&limit=1000')
  const attempts: { at: string }[][] = body.value.map(({ attempts: all }: { attempts: { at: string }[] }) => all)
  const most = attempts.reduce((longest, one) => (one.length > longest.length ? one : longest), [])
  const seconds = most.map(({ at }) => Date.parse(at) / 1000)
  return { tries: most.length, waits: seconds.slice(1).map((at, index) => at - (seconds[index] ?? at)) }
}
