/** A server that is killed while a call is being passed on: it is passed on all the same, and told so. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import { line } from '../support/bot.ts'
import type { Bot } from '../support/bot.ts'
import { APPS, USERS, user } from '../support/world.ts'
import { Child, until } from './child.ts'
import { ask } from './load.ts'
import { PATIENCE } from './rounds.ts'
import { CALLS, prepare, tokenOf } from './site.ts'

/** Everybody lets it ring for a while, so that there is time to kill the server. */
const SCRIPTS = {
  ada: { answer: { after: '20ms' } },
  ben: { answer: { after: '20ms' } },
  cleo: { answer: { after: '1500ms' } },
}
const SLOW = { 'ring-timeout': '10s', 'answer-timeout': '10s' }

/** A running server with one bot, which can be killed and started anew. */
class Killable {
  readonly bot: Bot
  readonly token: string
  readonly #flags: readonly string[]
  #child: Child

  constructor(bot: Bot, token: string, flags: readonly string[], child: Child) {
    this.bot = bot
    this.token = token
    this.#flags = flags
    this.#child = child
  }

  async ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: AnyJson }> {
    return ask({ url: () => this.#child.url, token: this.token }, method, path, body)
  }

  async restart(): Promise<void> {
    const { port } = new URL(this.#child.url)
    await this.kill()
    this.#child = await Child.start([...this.#flags, `--port=${port}`])
  }

  async kill(): Promise<void> {
    await this.#child.kill('SIGKILL')
  }

  /** The first arrivals of a call's notifications, as lines. */
  lines(callId: string): string[] {
    const all = this.bot.received.flatMap(({ body }) => body.value)
    return [...new Set(all.filter(({ resourceUrl }) => resourceUrl.endsWith(callId)).map(line))]
  }

  hears(callId: string, last: string): Promise<void> {
    return until(`${callId}: ${last}`, 30_000, () => Promise.resolve(this.lines(callId).at(-1) === last))
  }

  /** A call that is established. */
  async established(targets: readonly unknown[]): Promise<string> {
    const body = { callbackUri: this.bot.url, targets, requestedModalities: ['audio'], mediaConfig: {} }
    const created = await this.ask('POST', CALLS, body)
    assert.equal(created.status, 201)
    await this.hears(created.body.id, 'updated call established')
    return created.body.id
  }

  async people(conversation: string): Promise<readonly string[]> {
    const { body } = await this.ask('GET', `/control/calls/${conversation}`)
    return body.participants.map(({ identity }: AnyJson) => identity.id).toSorted()
  }
}

async function start(t: Parameters<typeof prepare>[0]): Promise<Killable> {
  const { bot, flags } = await prepare(t, SCRIPTS, SLOW)
  const child = await Child.start([...flags, '--port=0'])
  const server = new Killable(bot, await tokenOf(child.url), flags, child)
  t.after(() => server.kill())
  return server
}

test('killed while a redirected call rings: the target takes it, and the caller has it', PATIENCE, async (t) => {
  const server = await start(t)
  const rung = await server.ask('POST', '/control/calls', { from: 'ada@contoso.example', to: APPS.alpha })
  const { callId, conversationId } = rung.body
  await server.hears(callId, 'created call incoming')
  const redirected = await server.ask('POST', `${CALLS}/${callId}/redirect`, { targets: [user('cleo')] })
  assert.equal(redirected.status, 202)
  await server.restart()
  await server.hears(callId, 'deleted call terminated')
  assert.deepEqual(await server.people(conversationId), [USERS.ada, USERS.cleo])
})

test('killed in the middle of a consultative transfer: it is completed, each call ends once', PATIENCE, async (t) => {
  const server = await start(t)
  const call = await server.established([user('ada')])
  const consulted = await server.established([user('ben')])
  const body = { transferTarget: { ...user('ben'), replacesCallId: consulted } }
  assert.equal((await server.ask('POST', `${CALLS}/${call}/transfer`, body)).status, 202)
  await server.restart()
  for (const id of [call, consulted]) await server.hears(id, 'deleted call terminated')
  assert.deepEqual(await server.people(call), [USERS.ada, USERS.ben])
  assert.deepEqual(await server.people(consulted), [])
  assert.deepEqual(server.lines(call).slice(-3), [
    'updated call transferring',
    'updated call transferAccepted',
    'deleted call terminated',
  ])
})

test('killed while somebody is transferred out of a group: they meet the target', PATIENCE, async (t) => {
  const server = await start(t)
  const call = await server.established([user('ada'), user('ben')])
  await until('both are in', 30_000, async () => (await server.people(call)).includes(USERS.ben))
  const { body } = await server.ask('GET', `${CALLS}/${call}/participants`)
  const ada = body.value.find(({ info }: AnyJson) => info.identity.user?.id === USERS.ada)
  const transfer = { transferTarget: user('cleo'), transferee: { participantId: ada.id } }
  assert.equal((await server.ask('POST', `${CALLS}/${call}/transfer`, transfer)).status, 202)
  await server.restart()
  await server.hears(call, 'deleted call terminated')
  const { body: all } = await server.ask('GET', '/control/calls')
  const [apart] = all.value.filter(({ calls }: AnyJson) => calls.length === 0)
  assert.deepEqual(await server.people(apart.id), [USERS.ada, USERS.cleo])
})
