/**
 * A server that is killed in the middle of its work: whatever it had promised holds after the restart. What
 * the environment may say of it is in `rounds.ts`.
 */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { AnyJson } from '../support/any-json.ts'
import { Subscriber } from '../support/subscriber.ts'
import { phone, user } from '../support/world.ts'
import { Child, until } from './child.ts'
import { assertNothingLost } from './kept.ts'
import { ask, nothingPromised, work } from './load.ts'
import { PATIENCE, ROUNDS, SEED, chances, progress } from './rounds.ts'
import { CALLS, prepare, tokenOf } from './site.ts'

/** What people do: most answer soon, one is busy, one never answers. */
const SCRIPTS: Readonly<Record<string, unknown>> = {
  ada: { answer: { after: '50ms' } },
  ben: { answer: { after: '20ms', leaveAfter: '200ms' } },
  cleo: { busy: { after: '30ms' } },
  dov: { ignore: {} },
  eva: { answer: { after: '100ms', lobby: { admitAfter: '100ms' } } },
}

test('killed again and again: nothing that was promised is lost', PATIENCE, async (t) => {
  t.diagnostic(`FAULT_SEED=${SEED}`)
  const { bot, flags } = await prepare(t, SCRIPTS)
  const chance = chances(SEED)
  bot.answer = (_post, index) => (index % 13 === 5 ? 500 : index % 29 === 7 ? 'reset' : 202)
  let child = await Child.start([...flags, '--port=0'])
  t.after(() => child.kill('SIGKILL'))
  const { url } = child
  const token = await tokenOf(url)
  const subscriber = await Subscriber.start(t)
  const promised = nothingPromised()
  let goOn = true
  t.after(() => (goOn = false))
  const place = {
    url: () => url,
    token,
    callbackUri: bot.url,
    webhook: subscriber.url,
    promised,
    chance,
    goOn: () => goOn,
  }
  const workers = Promise.all([1, 2, 3, 4].map((name) => work(place, name)))
  for (let round = 0; round < ROUNDS; round++) {
    await pause(200 + 800 * chance())
    assert.deepEqual(await child.kill('SIGKILL'), { code: null, signal: 'SIGKILL' })
    progress(`killed ${round + 1} of ${ROUNDS} times, ${promised.calls.size} calls`)
    child = await Child.start([...flags, `--port=${new URL(url).port}`])
  }
  goOn = false
  await workers
  const counts = await assertNothingLost(place, bot, promised)
  t.diagnostic(JSON.stringify({ rounds: ROUNDS, ...counts }))
  assert.ok(promised.calls.size > 1 && promised.operations.size > 1, 'too little happened')
})

test(
  'SIGKILL in the middle of a chain of fallbacks, and while somebody is held: both invites end as they would have',
  PATIENCE,
  async (t) => {
    const { bot, flags } = await prepare(t, SCRIPTS)
    let child = await Child.start([...flags, '--port=0'])
    t.after(() => child.kill('SIGKILL'))
    const { url } = child
    const place = { url: () => url, token: await tokenOf(url) }
    const media = { requestedModalities: ['audio'], mediaConfig: {} }
    const invites = [
      // Nobody answers, then somebody is busy, then a phone is picked up.
      [{ ...user('dov'), 'rollcall.ringTimeout': 2, 'rollcall.fallbacks': [user('cleo'), phone('+12065550177')] }],
      // The first one is there at once, the other one never comes.
      [user('ada'), { ...user('dov'), 'rollcall.ringTimeout': 2 }],
    ]
    const running: { readonly path: string; readonly mode: string }[] = []
    for (const [index, participants] of invites.entries()) {
      const created = await ask(place, 'POST', CALLS, {
        callbackUri: bot.url,
        targets: [user('fay'), user('eva')],
        ...media,
      })
      const call = `${CALLS}/${created.body.id}`
      await until('the call is up', 30_000, async () => (await ask(place, 'GET', call)).body.state === 'established')
      const mode = index === 0 ? 'each' : 'all'
      const reply = await ask(place, 'POST', `${call}/participants/invite`, { participants, 'rollcall.mode': mode })
      assert.equal(reply.status, 200, JSON.stringify(reply.body))
      running.push({ path: `${call}/operations/${reply.body.id}`, mode })
    }
    await pause(300)
    await child.kill('SIGKILL')
    child = await Child.start([...flags, `--port=${new URL(url).port}`])
    for (const { path, mode } of running) {
      await until(`the invite ends (${mode})`, 30_000, async () => {
        return (await ask(place, 'GET', path)).body.status.toLowerCase() !== 'running'
      })
      assert.equal((await ask(place, 'GET', path)).body.status, mode === 'each' ? 'Completed' : 'Failed')
    }
  },
)

test('SIGTERM: what is under way is answered, and the process ends by itself', PATIENCE, async (t) => {
  const { bot, flags } = await prepare(t, SCRIPTS)
  let child = await Child.start([...flags, '--drain-timeout=3s', '--port=0'])
  t.after(() => child.kill('SIGKILL'))
  const { url } = child
  const token = await tokenOf(url)
  // This notification is under way for as long as anybody waits for it.
  bot.answer = () => 'hang'
  const place = { url: () => url, token }
  const body = { callbackUri: bot.url, targets: [user('ada')], requestedModalities: ['audio'], mediaConfig: {} }
  const first = await ask(place, 'POST', CALLS, body)
  await until('the bot is asked', 30_000, () => Promise.resolve(bot.received.length > 0))
  const late = await beginRequest(`${url}${CALLS}`, token, JSON.stringify(body))
  // This request never comes in full.
  const stalled = connect({ host: '127.0.0.1', port: Number(new URL(url).port) })
  stalled.on('error', () => undefined)
  await new Promise<void>((resolve) => stalled.write('GET / HTTP/1.1\r\nHost: a', () => resolve()))
  const started = performance.now()
  const ended = child.kill('SIGTERM')
  await until('new connections are refused', 30_000, () =>
    fetch(`${url}/healthz`).then(
      () => false,
      () => true,
    ),
  )
  const answered = await late.finish()
  assert.equal(answered.status, 201)
  assert.deepEqual(await ended, { code: 0, signal: null })
  const took = performance.now() - started
  // Twice the time for what is under way, and some for a machine that is busy.
  assert.ok(took < 15_000, `it took ${took} ms to end, and drainTimeout is 3 s`)

  bot.answer = () => 202
  child = await Child.start([...flags, `--port=${new URL(url).port}`])
  for (const { id } of [first.body, answered.body]) {
    await until('the call goes on', 30_000, async () => {
      return (await ask(place, 'GET', `${CALLS}/${id}`)).body.state === 'established'
    })
  }
  assert.equal((await child.kill('SIGTERM')).code, 0)
})

/** A request that the server has begun to read, for it said so: its body comes with `finish`. */
async function beginRequest(
  url: string,
  token: string,
  text: string,
): Promise<{ finish: () => Promise<{ status: number; body: AnyJson }> }> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': text.length,
    expect: '100-continue',
  }
  const outgoing = request(url, { method: 'POST', agent: false, headers })
  const answer = new Promise<{ status: number; body: AnyJson }>((resolve, reject) => {
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      let body = ''
      incoming.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: JSON.parse(body) }))
    })
  })
  await new Promise<void>((resolve) => {
    outgoing.on('continue', resolve)
    outgoing.flushHeaders()
  })
  return {
    finish() {
      outgoing.end(text)
      return answer
    },
  }
}
