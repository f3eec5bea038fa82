/** A server with two applications that are pinned to one wire version, and everything that they get to read of it. */
import type { TestContext } from 'node:test'
import type { Config } from '../../src/config.ts'
import type { WireVersion } from '../../src/graph/dialects/dialect.ts'
import type { AnyJson } from '../support/any-json.ts'
import { line } from '../support/bot.ts'
import type { AppName, UserName, World } from '../support/world.ts'
import { ALL_ROLES, APPS, USERS, callBody, startWorld, user } from '../support/world.ts'

/** The last part of a path, by which what it addresses is named. */
const last = (path: string): string => path.split('/').at(-1) ?? ''

export class Stage {
  readonly world: World
  /** Each answer as `action status`, each notification as its line, in the order in which they came. */
  readonly story: string[] = []
  /** Every body: of answers and of notifications, whole. */
  readonly bodies: AnyJson[] = []

  constructor(world: World) {
    this.world = world
  }

  /** A request below `/communications/calls`; the story names it by the end of its path. */
  async ask(method: string, path: string, body?: unknown, app: AppName = 'alpha'): Promise<AnyJson> {
    const authorization = `Bearer ${await this.world.token(app)}`
    const reply = await this.world.request(method, `/v1.0/communications/calls${path}`, body, { authorization })
    const named = last(path.replaceAll(/\/[0-9A-Fa-f-]{32,36}/g, '')) || 'calls'
    this.story.push(`${method} ${named} ${reply.status}`)
    if (reply.body !== '') this.bodies.push(reply.body)
    return reply
  }

  /** Hears what an application was sent since; returns what the last notification is about. */
  async hear(app: AppName = 'alpha'): Promise<AnyJson> {
    const posts = await this.world.posts(app)
    this.bodies.push(...posts)
    const items = posts.flatMap(({ value }) => value)
    this.story.push(...items.map((item) => (app === 'alpha' ? '' : `${app}: `) + line(item)))
    return items.at(-1)?.resourceData
  }

  /** Creates or joins a call; returns its path. */
  async call(targets: readonly UserName[], more: object = {}, app: AppName = 'alpha'): Promise<string> {
    const { targets: people, ...body } = callBody(this.world, app, targets.map(user))
    const { headers } = await this.ask(
      'POST',
      '',
      { ...body, ...(targets.length > 0 && { targets: people }), ...more },
      app,
    )
    return `/${last(headers.get('location') ?? '')}`
  }

  /** Ada calls an application; returns the path of its incoming call. */
  async rung(app: AppName = 'alpha'): Promise<string> {
    const { body } = await this.world.control('POST', '/calls', { from: USERS.ada, to: APPS[app] })
    await this.hear(app)
    return `/${body.callId}`
  }

  /** A group call with Ada and Ben; returns its path, and the ids of its participants. */
  async group(more: object = {}): Promise<{ readonly call: string; readonly ids: readonly string[] }> {
    const call = await this.call(['ada', 'ben'], more)
    const roster = await this.hear()
    return { call, ids: idsOf(roster) }
  }
}

/** Participants' ids as a roster has them, whichever version it is of. */
export function idsOf(roster: AnyJson): readonly string[] {
  return (roster.participants ?? roster).map((row: AnyJson) => row.id ?? last(row['@odata.id']))
}

export async function startStage(t: TestContext, wireVersion: WireVersion, config: Partial<Config>): Promise<Stage> {
  const roles = [...ALL_ROLES, 'OnlineMeetings.ReadWrite.All']
  return new Stage(await startWorld(t, config, { alpha: { wireVersion, roles }, beta: { wireVersion, roles } }))
}
