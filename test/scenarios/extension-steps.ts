/** What the scenarios of this server's own additions to invites share: the preference, and outcomes as they must be. */
import assert from 'node:assert/strict'
import type { Reply, World } from '../support/world.ts'
import { CALLS } from './steps.ts'
import type { Json, Known } from './wire.ts'

const START = Date.UTC(2026, 0, 5, 9)

/** Makes the virtual clock begin at a known moment. */
export const EPOCH = { clockStart: START }

const moment = (seconds: number): string => new Date(START + seconds * 1000).toISOString()

/** Invites, and says what else is wanted in `Prefer`, unless that is empty. */
export function extended(
  world: World,
  call: Pick<Known, 'id' | 'version'>,
  participants: readonly unknown[],
  more: object = {},
  prefer = 'rollcall.outcomes',
): Promise<Reply> {
  const headers = prefer === '' ? undefined : { prefer }
  const body = { participants, ...more }
  return world.client('alpha', call.version).post(`${CALLS}/${call.id}/participants/invite`, body, headers)
}

/** An answer without what is our own, which must stand after everything that is published. */
export function plain(reply: Reply): Reply {
  const names = Object.keys(reply.body)
  const own = names.filter((name) => name.startsWith('rollcall.'))
  assert.deepEqual(own, ['rollcall.mode', 'rollcall.outcomes'])
  assert.deepEqual(names.slice(-2), own)
  return { ...reply, body: Object.fromEntries(Object.entries(reply.body).filter(([name]) => !own.includes(name))) }
}

/** The outcome of one invitee who was invited at the beginning. */
export const outcomeOf = (
  participantId: string | undefined,
  identity: Json,
  outcome: string,
  more: object = {},
): Json => ({
  participantId,
  identity,
  outcome,
  invitedDateTime: moment(0),
  ...more,
})

/** That it was settled, this many seconds later. */
export const settled = (seconds: number): Json => ({ settledDateTime: moment(seconds) })

/** Why somebody did not come. */
export const because = (reason: string, code: number, subcode: number, explanation: string): Json => ({
  reason,
  code,
  subcode,
  explanation,
})

export const DECLINED = because('callee-declined', 603, 8538, 'the user declined')
