/**
 * A stage for the examples: a server process on a virtual clock, with https and a directory of its own, and bots as
 * processes beside it. What happened is looked at from outside: what a bot said, how it ended, and what control tells.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { stringify } from 'yaml'
import { Child, until } from '../faults/child.ts'
import type { AnyJson } from '../support/any-json.ts'

const TENANT = '7a000000-0000-4000-8000-000000000001'
/** The bot that a play is about, and another, which records by policy. */
const APPS = {
  bot: '7b000000-0000-4000-8000-000000000001',
  recorder: '7b000000-0000-4000-8000-000000000002',
} as const
type AppName = keyof typeof APPS
const SECRET = 'of the stage'

/** Who can be called: they answer at once unless the cast says otherwise. */
export const PEOPLE = {
  Adele: '7c000000-0000-4000-8000-000000000001',
  Bao: '7c000000-0000-4000-8000-000000000002',
  Kofi: '7c000000-0000-4000-8000-000000000003',
} as const
export type PersonName = keyof typeof PEOPLE

/** How long anything may take on a machine that has much to do, in milliseconds. */
const PATIENCE = 30_000

/** What a play needs beside the people. */
export interface Cast {
  readonly roles: readonly string[]
  readonly scripts?: Partial<Record<PersonName, unknown>>
  /** Who is to be recorded by a recorder. */
  readonly recorded?: readonly PersonName[]
}

/** A bot's process. */
class Actor {
  readonly #process: ChildProcess
  readonly #lines: string[] = []
  readonly #names = new Map<string, string>()
  readonly #ended: Promise<number | null>
  #told = 0
  #errors = ''

  constructor(process: ChildProcess) {
    this.#process = process
    this.#ended = new Promise((resolve) => process.once('close', resolve))
    assert.ok(process.stdout && process.stderr)
    createInterface(process.stdout).on('line', (line) => this.#lines.push(line))
    process.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString('utf8')))
  }

  /** The next line as the bot wrote it. */
  async line(): Promise<string> {
    await this.#wait(1)
    return this.#lines[this.#told++] ?? ''
  }

  /** Waits for as many lines, and asserts that they are these; calls are A, B, C in the order of their appearance. */
  async tells(...expected: readonly string[]): Promise<void> {
    assert.deepEqual(await this.#next(expected.length), expected)
  }

  /** The same of lines about several calls, whose notifications overtake each other. */
  async tellsInAnyOrder(...expected: readonly string[]): Promise<void> {
    assert.deepEqual((await this.#next(expected.length)).toSorted(), expected.toSorted())
  }

  /** Asks the bot to stop, as Ctrl+C does. */
  stop(): void {
    this.#process.kill('SIGINT')
  }

  /** Asserts that the bot ends by itself, well, and has said nothing else. */
  async exits(): Promise<void> {
    const code = await this.#ended
    assert.deepEqual(
      { code, errors: this.#errors, more: this.#lines.slice(this.#told) },
      { code: 0, errors: '', more: [] },
    )
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  async #next(count: number): Promise<readonly string[]> {
    await this.#wait(count)
    const lines = this.#lines.slice(this.#told, this.#told + count)
    this.#told += count
    return lines.map((line) => this.#named(line))
  }

  async #wait(count: number): Promise<void> {
    const ready = (): Promise<boolean> => Promise.resolve(this.#lines.length >= this.#told + count)
    await until('what the bot should say', PATIENCE, ready).catch((error: unknown) => {
      const said = this.#lines.map((line) => this.#named(line))
      throw new Error(`${this.#errors}The bot said:\n${said.join('\n')}`, { cause: error })
    })
  }

  #named(line: string): string {
    return line.replaceAll(/\b[0-9a-f]{8}\b(?!-)/g, (id) => {
      const name = this.#names.get(id) ?? String.fromCodePoint(65 + this.#names.size)
      this.#names.set(id, name)
      return name
    })
  }
}

/** Somebody who has called the bot, and what they can do. */
export interface Caller {
  readonly callId: string
  press(keys: string): Promise<void>
  /** Something like speech, for so long, or a WAV file. */
  says(what: string): Promise<void>
  leaves(): Promise<void>
}

/** Where a bot acts. */
export class Stage {
  /** A folder of this play's own; what people say can be put there. */
  readonly folder: string
  readonly #t: TestContext
  readonly #server: Child
  readonly #cast: Cast
  /** Where the bots are that play. */
  readonly #addresses: Partial<Record<AppName, string>> = {}

  private constructor(t: TestContext, folder: string, server: Child, cast: Cast) {
    this.#t = t
    this.folder = folder
    this.#server = server
    this.#cast = cast
  }

  /** @param prepare puts files into the folder before the server starts */
  static async start(t: TestContext, cast: Cast, prepare?: (folder: string) => void): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-stage-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    prepare?.(folder)
    writeDirectory(folder, cast, {})
    const flags = {
      https: 'true',
      port: '0',
      clock: 'virtual',
      data: join(folder, 'data'),
      directory: join(folder, 'directory.yaml'),
      'settle-patience': `${PATIENCE}ms`,
      'log-level': 'error',
    }
    const server = await Child.start(Object.entries(flags).map(([name, value]) => `--${name}=${value}`))
    t.after(() => server.kill('SIGKILL'))
    const authority = readFileSync(join(folder, 'data', 'ca.pem'), 'utf8')
    setDefaultCACertificates([...getCACertificates('default'), authority])
    return new Stage(t, folder, server, cast)
  }

  /** Has a bot of `examples/` play, and announces incoming calls to it. */
  play(bot: string, ...flags: readonly string[]): Promise<Actor> {
    return this.playAs('bot', bot, ...flags)
  }

  /** The same, as one of the applications. */
  async playAs(app: AppName, bot: string, ...flags: readonly string[]): Promise<Actor> {
    const account = { tenant: TENANT, 'client-id': APPS[app], 'client-secret': SECRET }
    const settings = { url: this.#server.url, ...account, port: '0' }
    const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
    const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
    const env = { ...inherited, NODE_EXTRA_CA_CERTS: join(this.folder, 'data', 'ca.pem') }
    const actor = new Actor(spawn(process.execPath, [`examples/${bot}.ts`, ...args, ...flags], { env }))
    this.#t.after(() => actor.kill())
    const address = /^notifications go to (\S+)$/.exec(await actor.line())?.[1]
    assert.ok(address, 'a bot begins with its address')
    this.#addresses[app] = address
    writeDirectory(this.folder, this.#cast, this.#addresses)
    await this.control('POST', '/directory/reload')
    return actor
  }

  /** A request to control that must succeed. */
  async control(method: string, path: string, body?: unknown): Promise<AnyJson> {
    const response = await fetch(`${this.#server.url}/control${path}`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const text = await response.text()
    assert.ok(response.ok, `${method} ${path} was answered ${response.status}: ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  /** Has somebody of the cast call the bot. */
  async calls(name: PersonName): Promise<Caller> {
    const from = `${name.toLowerCase()}@contoso.example`
    const { callId, participantId } = await this.control('POST', '/calls', { from, to: APPS.bot })
    const path = `/calls/${callId}/participants/${participantId}`
    return {
      callId,
      press: (keys) => this.control('POST', `${path}/press`, { keys }),
      says: (say) => this.control('POST', `${path}/say`, { say }),
      leaves: () => this.control('POST', `${path}/leave`),
    }
  }

  /** Has somebody hang up who was called. */
  async leave(name: PersonName): Promise<void> {
    const { value } = await this.control('GET', '/calls')
    for (const { id, participants } of value) {
      const them = participants.find(({ identity }: AnyJson) => identity.id === PEOPLE[name])
      if (them) await this.control('POST', `/calls/${id}/participants/${them.id}/leave`)
    }
  }

  /** The names of all who are in a call or meeting, applications included. */
  async people(): Promise<readonly string[]> {
    const { value } = await this.control('GET', '/calls')
    return value.flatMap(({ participants }: AnyJson) =>
      participants.map(({ identity }: AnyJson) => identity.displayName),
    )
  }

  /** What is to be heard now, in all live conversations, such as `the bot for 2 s`. */
  async sounds(): Promise<readonly string[]> {
    const { value } = await this.control('GET', '/calls')
    const views = await Promise.all(value.map(({ id }: AnyJson) => this.control('GET', `/calls/${id}/media`)))
    const bots = value.flatMap(({ calls }: AnyJson) => calls.map(({ id }: AnyJson) => id))
    return views
      .flatMap(({ speaking }) => speaking)
      .map(({ speaker, since, until }: AnyJson) => {
        const seconds = (Date.parse(until) - Date.parse(since)) / 1000
        return `${bots.includes(speaker) ? 'the bot' : 'somebody'} for ${seconds} s`
      })
  }

  /** Winds the clock on; returns when everything that follows has happened, the bot's work on notifications included. */
  async advance(by: string): Promise<void> {
    await this.control('POST', '/clock/advance', { by })
  }

  /** What the bot asked of Graph, in order, such as `call: create 201`. */
  async requests(app: AppName = 'bot'): Promise<readonly string[]> {
    const { value } = await this.control('GET', `/journal?appId=${APPS[app]}&limit=1000`)
    const inOrder = value.toSorted((a: AnyJson, b: AnyJson) => a.order - b.order)
    return inOrder.map(({ operation, status }: AnyJson) => `${operation} ${status}`)
  }

  /** Asserts that nothing is left over: no call, no notification that is owed or had to be sent twice, no process. */
  async end(): Promise<void> {
    await this.advance('0s')
    assert.deepEqual((await this.control('GET', '/calls')).value, [])
    const { value: notifications } = await this.control('GET', '/notifications?limit=1000')
    for (const { state, attempts, body } of notifications) {
      const seen = { state, attempts: attempts.length }
      assert.deepEqual(seen, { state: 'delivered', attempts: 1 }, JSON.stringify(body))
    }
    const { code } = await this.#server.kill('SIGTERM')
    assert.equal(code, 0)
  }
}

type Addresses = Readonly<Partial<Record<AppName, string>>>

function writeDirectory(folder: string, { roles, scripts = {}, recorded }: Cast, addresses: Addresses): void {
  const users = Object.entries(PEOPLE).map(([name, id]) => ({
    id,
    displayName: name,
    userPrincipalName: `${name.toLowerCase()}@contoso.example`,
    script: scripts[name as PersonName] ?? { answer: { after: '1s' } },
  }))
  const { bot, recorder } = addresses
  const applications = [
    { appId: APPS.bot, displayName: 'The bot', secret: SECRET, roles, ...(bot && { notificationUrl: bot }) },
    {
      appId: APPS.recorder,
      displayName: 'The recorder',
      secret: SECRET,
      roles: ['Calls.JoinGroupCall.All', 'Calls.AccessMedia.All'],
      ...(recorder && { notificationUrl: recorder }),
    },
  ]
  const policy = { name: 'All', users: recorded?.map((name) => PEOPLE[name]), applications: [{ appId: APPS.recorder }] }
  const recordingPolicies = recorded && recorder ? [policy] : []
  const tenants = [
    { id: TENANT, name: 'contoso', domains: ['contoso.example'], users, applications, recordingPolicies },
  ]
  writeFileSync(join(folder, 'directory.yaml'), stringify({ tenants }))
}
