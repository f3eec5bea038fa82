/**
 * One request at a time is as large, wide, deep or rich as a request may be: others are answered meanwhile, because limits
 * cut the work that it makes. Turns of the event loop are measured on the processor, not on the wall: a turn may take some
 * times as long as it takes to read the largest body, on the same machine, at the same time.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import { phone, user } from '../support/world.ts'
import { Child, until } from './child.ts'
import { ask } from './load.ts'
import { PATIENCE } from './rounds.ts'
import { CALLS, prepare, tokenOf } from './site.ts'

/** The option `bodyLimit`, and what an answer to it leaves room for. */
const LARGEST = 1024 * 1024 - 1000
/** Times the reading of a body as wide as its size allows. */
const MOST = 4

const text = (of: string, count: number): string => Array.from({ length: count }, () => of).join()
const names = (count: number): string => Array.from({ length: count }, (_, index) => `"n${index}":1`).join()

/** Milliseconds on a processor to read a body of 80,000 members with plain `JSON.parse`. */
function unit(): number {
  const body = `{${names(80_000)}}`
  const rounds = Array.from({ length: 5 }, () => {
    const before = process.threadCpuUsage()
    JSON.parse(body)
    const { user: own, system } = process.threadCpuUsage(before)
    return (own + system) / 1000
  })
  return rounds.toSorted((a, b) => a - b)[2] ?? 0
}

/** Bodies at the limits, valid or not: what is read of them is not worth much of anybody's time. */
const BODIES: readonly (readonly [name: string, path: string, body: string])[] = [
  ['as wide as it may be', CALLS, `{${names(30_000)}}`],
  ['wider', CALLS, `{${names(80_000)}}`],
  ['as deep as it may be, again and again', CALLS, `{"x":[${text(`${'['.repeat(97)}${']'.repeat(97)}`, 5300)}]}`],
  ['the longest list', CALLS, `{"targets":[${text('{}', 30_000)}]}`],
  ['the longest text', CALLS, `{"callbackUri":"${'x'.repeat(LARGEST)}"}`],
  ['the longest number', CALLS, `{"callbackUri":${'9'.repeat(LARGEST)}}`],
  ['escapes only', CALLS, `{"callbackUri":"${'\\u0041'.repeat(LARGEST / 6)}"}`],
  ['a script of steps', '/control/scripts/ada', `{"answer":{"steps":[${text('{"wait":"1s"}', 29_000)}]}}`],
  ['a batch too long', '/v1.0/$batch', `{"requests":[${text('{"id":"1","method":"GET","url":"/users"}', 9000)}]}`],
]

/** A server that is watched, and asked by somebody else all the time. */
class Watched {
  readonly child: Child
  readonly #token: string
  readonly #unit = unit()
  longest = 0

  private constructor(child: Child, token: string) {
    this.child = child
    this.#token = token
  }

  static async start(t: TestContext, flags: readonly string[]): Promise<Watched> {
    const child = await Child.start([...flags, '--port=0'], { harmed: true })
    t.after(() => child.kill('SIGKILL'))
    const watched = new Watched(child, await tokenOf(child.url))
    // The first request of a kind has its code compiled.
    for (const method of ['GET', 'POST']) await watched.ask(method, CALLS, method === 'POST' ? {} : undefined)
    return watched
  }

  ask(method: string, path: string, body?: unknown): ReturnType<typeof ask> {
    return ask({ url: () => this.child.url, token: this.#token }, method, path, body)
  }

  /** Somebody asks something large, and somebody else something small; no turn in between may be long. */
  async during(what: string, large: () => Promise<unknown>): Promise<void> {
    await this.child.longestTurn()
    const [, health] = await Promise.all([large(), fetch(`${this.child.url}/healthz`)])
    assert.equal(health.status, 200)
    const turn = (await this.child.longestTurn()) / this.#unit
    this.longest = Math.max(this.longest, turn)
    assert.ok(turn < MOST, `${what}: a turn took ${turn.toFixed(1)} times as long as reading a wide body`)
  }
}

test('bodies as large as they may be, of every shape', PATIENCE, async (t) => {
  const { flags } = await prepare(t, {})
  const watched = await Watched.start(t, flags)
  for (const [name, path, body] of BODIES) {
    assert.ok(body.length <= LARGEST + 30, name)
    await watched.during(name, async () => {
      const headers = {
        'content-type': 'application/json',
        authorization: `Bearer ${await tokenOf(watched.child.url)}`,
      }
      const method = path.startsWith('/control') ? 'PUT' : 'POST'
      const { status } = await fetch(watched.child.url + path, { method, headers, body })
      assert.ok(status === 400 || status === 404, `${name}: ${status}`)
    })
  }
  t.diagnostic(`the longest turn: ${watched.longest.toFixed(1)} times the reading of a wide body`)
})

test('a call as large as it may be: invites, rosters, mutes, timelines, and its end', PATIENCE, async (t) => {
  const { bot, flags } = await prepare(t, {}, { 'max-participants': '200', 'ring-timeout': '60s' })
  const watched = await Watched.start(t, flags)
  const media = { requestedModalities: ['audio'], mediaConfig: {} }
  const targets = [user('ada'), user('ben')]
  const created = await watched.ask('POST', CALLS, { callbackUri: bot.url, targets, ...media })
  const call = `${CALLS}/${created.body.id}`
  const people = async (): Promise<readonly AnyJson[]> => (await watched.ask('GET', `${call}/participants`)).body.value
  await until('the call is up', 30_000, async () => (await people()).length === 3)
  const invite = (from: number, count: number): ReturnType<typeof ask> => {
    const participants = Array.from({ length: count }, (_, index) => phone(`+1206${2_000_000 + from + index}`))
    return watched.ask('POST', `${call}/participants/invite`, { participants })
  }
  const refused = await invite(0, 1000)
  assert.match(refused.explanation ?? '', /at most 5 are allowed in one request/)
  await watched.during('a thousand invites at once', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => invite(index * 5, 5)))
    const taken = answers.filter(({ ok }) => ok)
    assert.equal(taken.length, 39, 'what is beyond maxParticipants is refused')
    await until('everybody is in', 60_000, async () => (await people()).length === 198)
  })
  const participants = (await people()).filter(({ info }) => info.identity.phone).map(({ id }) => id)
  await watched.during('everybody is muted', () =>
    watched.ask('POST', `${call.replace('v1.0', 'beta')}/participants/muteAll`, { participants, clientContext: 'x' }),
  )
  for (const path of ['notifications?limit=1000', `calls/${created.body.id}/timeline`, `explain/${created.body.id}`]) {
    await watched.during(path, () => watched.ask('GET', `/control/${path}`))
  }
  await watched.during('the end', () => watched.ask('DELETE', call))
  t.diagnostic(`the longest turn: ${watched.longest.toFixed(1)} times the reading of a wide body`)
})
