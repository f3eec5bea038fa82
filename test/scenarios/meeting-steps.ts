/** Steps of the scenarios with online meetings. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Config } from '../../src/config.ts'
import type { AnyJson } from '../support/any-json.ts'
import type { AppName, Reply, World } from '../support/world.ts'
import { ALL_ROLES, TENANT, USERS, callBody, startWorld } from '../support/world.ts'
import { CALLS } from './steps.ts'
import type { Json } from './wire.ts'

export const MEETINGS_OF_FAY = `/users/${USERS.fay}/onlineMeetings`

/** What an application needs in order to make meetings. */
export const MEETING_ROLES = [...ALL_ROLES, 'OnlineMeetings.ReadWrite.All']

/** A world in which alpha may make meetings. */
export function meetingWorld(
  t: TestContext,
  overrides: Partial<Config> = {},
  alpha: { readonly roles?: readonly string[]; readonly meetingUsers?: unknown } = {},
): Promise<World> {
  return startWorld(t, overrides, { alpha: { roles: MEETING_ROLES, ...alpha } })
}

/** A meeting of fay's. */
export async function makeMeeting(world: World, more: Json = {}): Promise<AnyJson> {
  const { status, body, headers } = await world.client('alpha').post(MEETINGS_OF_FAY, more)
  assert.equal(status, 201, headers.get('rollcall-explanation') ?? '')
  return body
}

/** The coordinates by which an application joins a meeting that it knows. */
export function byOrganizer({ chatInfo }: AnyJson): Json {
  return {
    chatInfo,
    meetingInfo: {
      '@odata.type': '#microsoft.graph.organizerMeetingInfo',
      organizer: { user: { id: USERS.fay, tenantId: TENANT } },
    },
    tenantId: TENANT,
  }
}

/** Joins, by whatever coordinates. */
export function join(
  world: World,
  more: Json,
  app: AppName = 'alpha',
  version: 'v1.0' | 'beta' = 'v1.0',
): Promise<Reply> {
  const { targets: _, ...body } = callBody(world, app, [])
  return world.client(app, version).post(CALLS, { ...body, ...more })
}
