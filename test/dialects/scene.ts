/**
 * A story that a test tells in a page's own words. Whatever the server minted gets a name, and stands in requests and
 * expected bodies by it: `{group}` is its id as a GUID in small letters, `{GROUP}` as 32 capital hex digits. A body that
 * spells an id otherwise, or holds another call's, does not compare equal.
 */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import type { AppName, Entries, Reply, World } from '../support/world.ts'
import { APPS, INSTANCE, OTHER_TENANT, STRANGER, TENANT, USERS, startWorld } from '../support/world.ts'

type Method = 'GET' | 'POST' | 'DELETE'

/** An answer as it came: members that it does not have are absent. */
export interface Answer {
  readonly status: number
  readonly location?: string
  readonly body?: AnyJson
}

/** Permissions as the pages of 2018 to 2021 spell them. */
const PLURAL_ROLES = ['Calls.Initiate.All', 'Calls.InitiateGroupCalls.All', 'Calls.JoinGroupCalls.All']

const FIXED: readonly string[] = [
  ...Object.values(USERS),
  ...Object.values(APPS),
  TENANT,
  OTHER_TENANT,
  INSTANCE,
  STRANGER,
]
const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const HEX = /\b[0-9A-F]{32}\b/g

/** The spelling of 2018 and 2019. */
const upper = (guid: string): string => guid.replaceAll('-', '').toUpperCase()

/** The spelling since 2020. */
const lower = (hex: string): string =>
  hex.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, (_, ...parts: string[]) => parts.slice(0, 5).join('-'))

export class Scene {
  readonly world: World
  readonly app: AppName
  /** Names by id, the id in small letters with hyphens. */
  readonly #names = new Map<string, string>()
  readonly #kept = new Set<string>(FIXED)

  constructor(world: World, app: AppName = 'alpha') {
    this.world = world
    this.app = app
  }

  /** Sends a request to an address below the server's, as this application. */
  async ask(method: Method, path: string, body?: unknown): Promise<Answer> {
    const reply = await this.reply(method, path, body)
    const location = reply.headers.get('location')
    return {
      status: reply.status,
      ...(location !== null && { location }),
      ...(reply.body !== '' && { body: reply.body }),
    }
  }

  /** The same, with all headers of the answer. */
  async reply(method: Method, path: string, body?: unknown): Promise<Reply> {
    const told = body === undefined ? undefined : this.#tell(JSON.stringify(body))
    const authorization = `Bearer ${await this.world.token(this.app)}`
    return this.world.request(method, this.#tell(path), told, { authorization })
  }

  /** Takes the whole bodies that the webhook was sent since. */
  async heard(): Promise<AnyJson[]> {
    return [...(await this.world.posts(this.app))]
  }

  /** Asserts that something is as expected, to the last member, once everything minted has its name. */
  equal(actual: unknown, expected: unknown): void {
    assert.deepEqual(this.#named(actual), expected)
  }

  /** Asserts that something has at least what is expected, once everything minted has its name. */
  contains(actual: unknown, expected: unknown): void {
    assert.partialDeepStrictEqual(this.#named(actual), expected)
  }

  /** A GUID of the test's own, which stands in bodies as it is. */
  keep(guid: string): void {
    this.#kept.add(guid)
  }

  /** Gives an id a name; it may stand at the end of a path. */
  name(name: string, text: string | undefined): void {
    const last = (text ?? '').split('/').at(-1) ?? ''
    const id = lower(last)
    assert.match(id, /^[0-9a-f-]{36}$/, `${text} does not end with an id`)
    this.#names.set(id, name)
  }

  /** The value with names in the place of what was minted; what has no name yet gets a number. */
  #named(value: unknown): unknown {
    const text = JSON.stringify(value)
      .replaceAll(this.world.url, '{server}')
      .replaceAll(this.world.bots[this.app].url, '{bot}')
      .replaceAll(/19:[0-9a-f]{32}@thread\.v2/g, '{thread}')
      .replaceAll(/W\/\\"\d+\\"/g, '{etag}')
      .replaceAll(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/g, '"{time}"')
      .replaceAll(GUID, (guid) => (this.#kept.has(guid) ? guid : `{${this.#nameOf(guid)}}`))
      .replaceAll(HEX, (hex) => `{${this.#nameOf(lower(hex)).toUpperCase()}}`)
    return JSON.parse(text)
  }

  /** A text with what was minted in the place of its names. */
  #tell(text: string): string {
    let told = text.replaceAll('{server}', this.world.url).replaceAll('{bot}', this.world.bots[this.app].url)
    for (const [id, name] of this.#names) {
      told = told.replaceAll(`{${name}}`, id).replaceAll(`{${name.toUpperCase()}}`, upper(id))
    }
    return told
  }

  #nameOf(id: string): string {
    const known = this.#names.get(id)
    if (known !== undefined) return known
    const name = `id${this.#names.size + 1}`
    this.#names.set(id, name)
    return name
  }
}

/** A server with one application pinned to a wire version, its permissions spelt in the plural. */
export async function startScene(t: TestContext, wireVersion?: string, entries: Entries = {}): Promise<Scene> {
  const alpha = { roles: PLURAL_ROLES, ...(wireVersion !== undefined && { wireVersion }), ...entries.alpha }
  // No bot of these stories hangs: whatever takes long is the machine's doing, and worth waiting for.
  return new Scene(await startWorld(t, { settlePatience: 20_000 }, { ...entries, alpha }))
}
