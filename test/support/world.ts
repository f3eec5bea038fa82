/**
 * A whole server in the test's own process, on a virtual clock, with bots and a directory: spoken to over HTTP, as users
 * do. When the test ends it must have taken every notification, and nothing may be left running.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { stringify } from 'yaml'
import { defaultConfig } from '../../src/config.ts'
import type { Config } from '../../src/config.ts'
import type { SoundEngine } from '../../src/media/engine.ts'
import { startServer } from '../../src/server.ts'
import type { RunningServer } from '../../src/server.ts'
import type { AnyJson } from './any-json.ts'
import type { Notification, Notifications } from './bot.ts'
import { Bot, line } from './bot.ts'
import { undeclaredIn } from './declared.ts'

export const TENANT = '11111111-0000-4000-8000-000000000001'
export const OTHER_TENANT = '11111111-0000-4000-8000-000000000002'

/** People of the test directory: they answer at once unless a test scripts them otherwise. */
export const USERS = {
  ada: '22222222-0000-4000-8000-000000000001',
  ben: '22222222-0000-4000-8000-000000000002',
  cleo: '22222222-0000-4000-8000-000000000003',
  dov: '22222222-0000-4000-8000-000000000004',
  eva: '22222222-0000-4000-8000-000000000005',
  fay: '22222222-0000-4000-8000-000000000006',
} as const
/** Somebody of the other tenant. */
export const STRANGER = '22222222-0000-4000-8000-000000000099'
export const PHONE = '+12065550150'
export const SERVICE_NUMBER = '+12065550100'

/** Applications of the test directory, by name. */
export const APPS = {
  /** Has every calling permission and an application instance with a number. */
  alpha: '33333333-0000-4000-8000-000000000001',
  /** Has every calling permission, no number. */
  beta: '33333333-0000-4000-8000-000000000002',
  /** Has no permission at all. */
  mute: '33333333-0000-4000-8000-000000000003',
  /** May call people one at a time, and nothing else. */
  dialler: '33333333-0000-4000-8000-000000000005',
  /** Has every calling permission, and pins the wire version `beta`. */
  pinned: '33333333-0000-4000-8000-000000000006',
  /** Belongs to the other tenant. */
  foreign: '33333333-0000-4000-8000-000000000004',
} as const
export const INSTANCE = '44444444-0000-4000-8000-000000000001'
export const SECRET = 'test-secret'
export type AppName = keyof typeof APPS
export type UserName = keyof typeof USERS

export const ALL_ROLES = [
  'Calls.Initiate.All',
  'Calls.InitiateGroupCall.All',
  'Calls.JoinGroupCall.All',
  'Calls.JoinGroupCallAsGuest.All',
  'Calls.AccessMedia.All',
]

/** An answer of the server. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: AnyJson
}

/** Requests under one version and token. */
export interface Client {
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Reply>
  readonly post: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>
  readonly patch: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>
  readonly delete: (path: string, headers?: Record<string, string>) => Promise<Reply>
}

export class World {
  readonly server: RunningServer
  readonly bots: Readonly<Record<AppName, Bot>>
  readonly #config: Config
  readonly #legacy: boolean
  readonly #tokens = new Map<string, string>()

  /** @param legacy whether an application pins one of the older wire versions */
  constructor(server: RunningServer, bots: Readonly<Record<AppName, Bot>>, config: Config, legacy: boolean) {
    this.server = server
    this.bots = bots
    this.#config = config
    this.#legacy = legacy
  }

  get url(): string {
    return this.server.url
  }

  /** Any request; `body` goes as JSON unless it is a string. */
  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const response = await fetch(this.url + path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
    })
    const text = await response.text()
    const json = (response.headers.get('content-type') ?? '').includes('json')
    const reply = {
      status: response.status,
      headers: response.headers,
      body: json && text !== '' ? JSON.parse(text) : text,
    }
    const isToday = !this.#legacy && !/^\/beta\/(app|applications\/[^/]+)\/calls/i.test(path)
    if (isToday && response.ok) assert.deepEqual(undeclaredIn(reply.body), [], `${method} ${path}`)
    return reply
  }

  /** An access token of an application, got from the token endpoint. */
  async token(app: AppName): Promise<string> {
    const known = this.#tokens.get(app)
    if (known !== undefined) return known
    const tenant = app === 'foreign' ? OTHER_TENANT : TENANT
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: APPS[app],
      client_secret: SECRET,
      scope: 'https://graph.microsoft.com/.default',
    })
    const { status, body } = await this.request('POST', `/${tenant}/oauth2/v2.0/token`, form.toString(), {
      'content-type': 'application/x-www-form-urlencoded',
    })
    assert.equal(status, 200)
    this.#tokens.set(app, body.access_token)
    return body.access_token
  }

  /** Requests of an application below a version. */
  client(app: AppName, version: 'v1.0' | 'beta' = 'v1.0'): Client {
    const send = async (
      method: string,
      path: string,
      body: unknown,
      headers?: Record<string, string>,
    ): Promise<Reply> =>
      this.request(method, `/${version}${path}`, body, { authorization: `Bearer ${await this.token(app)}`, ...headers })
    return {
      get: (path, headers) => send('GET', path, undefined, headers),
      post: (path, body, headers) => send('POST', path, body, headers),
      patch: (path, body, headers) => send('PATCH', path, body, headers),
      delete: (path, headers) => send('DELETE', path, undefined, headers),
    }
  }

  /** A request to control, with the admin key if the server has one. */
  control(method: string, path: string, body?: unknown): Promise<Reply> {
    const { adminKey } = this.#config
    const headers = adminKey === undefined ? {} : { authorization: `Bearer ${adminKey}` }
    return this.request(method, `/control${path}`, body, headers)
  }

  /** Winds the clock on; returns when everything that follows is complete. */
  async advance(by: string): Promise<void> {
    const { status, body } = await this.control('POST', '/clock/advance', { by })
    assert.equal(status, 200, JSON.stringify(body))
  }

  /** Lets everything that is due now happen, without winding the clock on. A real clock cannot be waited for. */
  async settle(): Promise<void> {
    if (this.#config.clock === 'virtual') await this.advance('0s')
  }

  /** Sets what a user or number does when rung. */
  async script(who: string, script: unknown): Promise<void> {
    const key = who in USERS ? USERS[who as UserName] : who
    const { status, body } = await this.control('PUT', `/scripts/${encodeURIComponent(key)}`, script)
    assert.equal(status, 200, JSON.stringify(body))
  }

  /** Takes an application's new notifications, whole, once everything that is due now has happened. */
  async take(app: AppName = 'alpha'): Promise<readonly Notification[]> {
    await this.settle()
    return this.bots[app].take()
  }

  /** Takes the whole bodies that an application's webhook was sent since, envelopes included. */
  async posts(app: AppName = 'alpha'): Promise<readonly Notifications[]> {
    await this.settle()
    return (await this.bots[app].takePosts()).map(({ body }) => body)
  }

  /** Takes an application's new notifications as lines, such as `updated call established`. */
  async lines(app: AppName = 'alpha'): Promise<readonly string[]> {
    return (await this.take(app)).map(line)
  }

  /** Asserts that no application has a notification that the test did not take. */
  async nothingElse(): Promise<void> {
    await this.settle()
    for (const [name, bot] of Object.entries(this.bots)) {
      const left = (await bot.take()).map(line)
      assert.deepEqual(left, [], `${name} got notifications that the test did not expect`)
    }
  }
}

/** Further members of applications' entries in the directory, such as `wireVersion`. */
export type Entries = Partial<Record<AppName, object>>

/** The directory of the tests, with the bots' addresses. */
export function testDirectory(url: (app: AppName) => string, entries: Entries = {}, tenant: object = {}): unknown {
  const people = Object.entries(USERS)
  return {
    defaults: { script: { answer: { after: '0s' } } },
    tenants: [
      {
        id: TENANT,
        name: 'contoso',
        domains: ['contoso.example'],
        ...tenant,
        users: people.map(([name, id]) => ({
          id,
          displayName: name,
          userPrincipalName: `${name}@contoso.example`,
        })),
        phoneNumbers: [
          { number: SERVICE_NUMBER, kind: 'service' },
          { number: PHONE, kind: 'external', displayName: 'A phone' },
        ],
        applications: [
          {
            appId: APPS.alpha,
            displayName: 'Alpha',
            secret: SECRET,
            notificationUrl: url('alpha'),
            roles: ALL_ROLES,
            removesParticipants: true,
            applicationInstances: [
              {
                id: INSTANCE,
                displayName: 'Alpha line',
                userPrincipalName: 'alpha-line@contoso.example',
                phoneNumber: SERVICE_NUMBER,
              },
            ],
          },
          { appId: APPS.beta, displayName: 'Beta', secret: SECRET, notificationUrl: url('beta'), roles: ALL_ROLES },
          { appId: APPS.mute, displayName: 'Mute', secret: SECRET, notificationUrl: url('mute'), roles: [] },
          {
            appId: APPS.dialler,
            displayName: 'Dialler',
            secret: SECRET,
            notificationUrl: url('dialler'),
            roles: ['Calls.Initiate.All'],
          },
          {
            appId: APPS.pinned,
            displayName: 'Pinned',
            secret: SECRET,
            notificationUrl: url('pinned'),
            roles: ALL_ROLES,
            wireVersion: 'beta',
          },
        ].map((entry) => ({ ...entry, ...further(entry.appId, entries) })),
      },
      {
        id: OTHER_TENANT,
        name: 'fabrikam',
        users: [{ id: STRANGER, displayName: 'Stranger', userPrincipalName: 'stranger@fabrikam.example' }],
        applications: [
          {
            appId: APPS.foreign,
            displayName: 'Foreign',
            secret: SECRET,
            notificationUrl: url('foreign'),
            roles: ALL_ROLES,
            ...further(APPS.foreign, entries),
          },
        ],
      },
    ],
  }
}

function further(appId: string, entries: Entries): object | undefined {
  return Object.entries(entries).find(([name]) => APPS[name as AppName] === appId)?.[1]
}

/**
 * Starts a server for one test. It is closed, and checked to be quiet, when the test ends.
 * @param tenant further members of the tenant in the directory, such as `recordingPolicies`
 * @param log where the log goes, if it is wanted
 * @param sound what carries sound, in place of the engine that comes with the server
 */
export async function startWorld(
  t: TestContext,
  overrides: Partial<Config> = {},
  entries: Entries = {},
  tenant: object = {},
  log?: { readonly write: (line: string) => void },
  sound?: SoundEngine,
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-test-'))
  const names = Object.keys(APPS) as AppName[]
  const bots = Object.fromEntries(names.map((name) => [name, new Bot(APPS[name])])) as Record<AppName, Bot>
  for (const bot of Object.values(bots)) await bot.listen()
  const directory = join(folder, 'directory.yaml')
  writeFileSync(directory, stringify(testDirectory((app) => bots[app].url, entries, tenant)))
  const config = defaultConfig({
    port: 0,
    data: 'memory',
    clock: 'virtual',
    logLevel: 'silent',
    // Where no bot hangs, whatever takes long is the machine's doing, and worth waiting for.
    settlePatience: 20_000,
    directory,
    ...overrides,
  })
  const server = await startServer(config, { ...(log && { log }), ...(sound && { sound }) })
  for (const bot of Object.values(bots)) bot.trust(server.url, config.notificationIssuer)
  const legacy = JSON.stringify(entries).includes('"wireVersion":"20')
  const world = new World(server, bots, config, legacy)
  t.after(async () => {
    try {
      await world.nothingElse()
    } finally {
      for (const bot of Object.values(bots)) await bot.close()
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
  return world
}

/** A user as an invitee or target. */
export function user(name: string): Record<string, unknown> {
  const id = name in USERS ? USERS[name as UserName] : name
  return {
    '@odata.type': '#microsoft.graph.invitationParticipantInfo',
    identity: {
      '@odata.type': '#microsoft.graph.identitySet',
      user: { '@odata.type': '#microsoft.graph.identity', id },
    },
  }
}

/** A phone as an invitee or target. */
export function phone(number: string): Record<string, unknown> {
  return {
    '@odata.type': '#microsoft.graph.invitationParticipantInfo',
    identity: {
      '@odata.type': '#microsoft.graph.identitySet',
      phone: { '@odata.type': '#microsoft.graph.identity', id: number },
    },
  }
}

/** An application as an invitee or target. */
export function application(name: AppName): Record<string, unknown> {
  return {
    '@odata.type': '#microsoft.graph.invitationParticipantInfo',
    identity: {
      '@odata.type': '#microsoft.graph.identitySet',
      application: { '@odata.type': '#microsoft.graph.identity', id: APPS[name] },
    },
  }
}

/** The body that creates a call. */
export function callBody(
  world: World,
  app: AppName,
  targets: readonly unknown[],
  more: object = {},
): Record<string, unknown> {
  return {
    '@odata.type': '#microsoft.graph.call',
    callbackUri: world.bots[app].url,
    targets,
    requestedModalities: ['audio'],
    mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
    ...more,
  }
}

/** Creates a call, waits until it is established, and takes the notifications so far. */
export async function establish(
  world: World,
  app: AppName,
  targets: readonly unknown[],
  options: { readonly version?: 'v1.0' | 'beta'; readonly more?: object } = {},
): Promise<string> {
  const created = await world
    .client(app, options.version)
    .post('/communications/calls', callBody(world, app, targets, options.more))
  assert.equal(created.status, 201, JSON.stringify(created.body))
  await world.settle()
  await world.bots[app].take()
  return created.body.id
}
