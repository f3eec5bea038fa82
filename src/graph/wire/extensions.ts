/** What this server adds to invites: members whose names begin with `rollcall.`, the same in every wire version. */
import type { Identity } from '../../calls/identity.ts'
import type { FailedAttempt, InviteMode, InviteOperation, Operation, OperationInvitee } from '../../calls/operation.ts'
import { isInvite } from '../../calls/operation.ts'
import type { EndReason } from '../../calls/reasons.ts'
import { reasonText, resultInfo } from '../../calls/reasons.ts'
import { isoTime, parseDuration } from '../../runtime.ts'
import type { Json } from './identity.ts'
import { readIdentitySet, writeIdentitySet } from './identity.ts'
import { BadRequest, Reader } from './reader.ts'

const PREFIX = 'rollcall.'
const MODE = 'rollcall.mode'
const RING_TIMEOUT = 'rollcall.ringTimeout'
const FALLBACKS = 'rollcall.fallbacks'
const SHORTEST_RING = 1000

/** Bounds of what an invite may ask for. */
export interface InviteLimits {
  /** Milliseconds. */
  readonly maxRingTimeout: number
  readonly maxFallbacks: number
}

/** Who is rung in place of an invitee. */
export interface FallbackRequest {
  readonly identity: Identity
  /** Milliseconds. */
  readonly ringTimeout?: number
}

/** What an invited participant may say beside what is published. */
export interface Extension {
  /** Milliseconds. */
  readonly ringTimeout?: number
  readonly fallbacks?: readonly FallbackRequest[]
}

/** Refuses members of ours that mean nothing where they stand. @throws BadRequest */
export function refuseOwn(reader: Reader, known: readonly string[] = []): Extension {
  const stray = reader
    .namesWith(PREFIX)
    .find((name) => !known.some((one) => one.toLowerCase() === name) && reader.value(name) !== undefined)
  if (stray === undefined) return {}
  const instead =
    known.length === 0 ? 'members of this prefix belong into invites' : `here there are ${known.join(', ')}`
  throw new BadRequest(`${reader.at(stray)} is not known: ${instead} (docs/reference/extensions.md).`)
}

/** Reads `rollcall.mode` of an invite; undefined for each by themselves. @throws BadRequest */
export function readMode(reader: Reader): InviteMode | undefined {
  refuseOwn(reader, [MODE])
  const mode = reader.choice(MODE, ['each', 'all', 'first'])
  return mode === 'each' ? undefined : mode
}

/** Reads what an invited participant says beside what is published. @throws BadRequest */
export function readExtension(reader: Reader, limits: InviteLimits): Extension {
  refuseOwn(reader, [RING_TIMEOUT, FALLBACKS])
  const ringTimeout = readRingTimeout(reader, limits)
  const own = ringTimeout === undefined ? {} : { ringTimeout }
  const links = reader.elements(FALLBACKS)
  if (links === undefined || links.length === 0) return own
  if (reader.value('replacesCallId') !== undefined) {
    throw new BadRequest(`${reader.at(FALLBACKS)}: somebody who is pulled out of another call has no fallbacks.`)
  }
  if (links.length > limits.maxFallbacks) {
    throw new BadRequest(
      `${reader.at(FALLBACKS)} has ${links.length} elements; at most ${limits.maxFallbacks} are allowed (option maxFallbacks).`,
    )
  }
  return { ...own, fallbacks: links.map(({ value, path }) => ({ ...own, ...readFallback(value, path, limits) })) }
}

/** A link of a chain: it is rung as long as it says, else as long as the invitee. */
function readFallback(value: unknown, path: string, limits: InviteLimits): FallbackRequest {
  const reader = new Reader(value, path)
  refuseOwn(reader, [RING_TIMEOUT])
  const identity = readIdentitySet(reader.object('identity'), reader.at('identity'))
  const ringTimeout = readRingTimeout(reader, limits)
  return { identity, ...(ringTimeout !== undefined && { ringTimeout }) }
}

function readRingTimeout(reader: Reader, { maxRingTimeout }: InviteLimits): number | undefined {
  const value = reader.value(RING_TIMEOUT)
  if (value === undefined) return undefined
  const time = millisecondsOf(value)
  if (time !== undefined && time >= SHORTEST_RING && time <= maxRingTimeout) return time
  throw new BadRequest(
    `${reader.at(RING_TIMEOUT)} must be a number of seconds, or an ISO 8601 duration such as PT30S, from ` +
      `${writeDuration(SHORTEST_RING)} to ${writeDuration(maxRingTimeout)} (option maxRingTimeout).`,
  )
}

function millisecondsOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Math.round(value * 1000)
  return typeof value === 'string' && /^P/i.test(value.trim()) ? parseDuration(value) : undefined
}

/** A duration as ISO 8601 has it. @param time milliseconds */
export function writeDuration(time: number): string {
  return `PT${time / 1000}S`
}

/**
 * What became of each invitee, for an application that asked for it.
 *
 * @param id an id as the wire version writes it
 */
export function writeOutcomes(operation: Operation, id: (guid: string) => string): Json {
  if (!isInvite(operation) || operation.outcomes !== true) return {}
  return {
    [MODE]: operation.mode ?? 'each',
    'rollcall.outcomes': operation.invitees.map((invitee) => writeInvitee(invitee, operation, id)),
  }
}

function writeInvitee(
  { participantId, identity, ringTimeout, attempts, outcome }: OperationInvitee,
  { createdAt }: InviteOperation,
  id: (guid: string) => string,
): Json {
  return {
    participantId: id(participantId),
    identity: writeIdentitySet(identity),
    outcome: outcome.name,
    invitedDateTime: isoTime(createdAt),
    ...('at' in outcome && { settledDateTime: isoTime(outcome.at) }),
    ...(outcome.name === 'joined' && outcome.as && { joinedAs: writeIdentitySet(outcome.as) }),
    ...(outcome.name === 'failed' && writeReason(outcome.reason)),
    ...(ringTimeout !== undefined && { ringTimeout: writeDuration(ringTimeout) }),
    ...(attempts && { attempts: attempts.map(writeAttempt) }),
  }
}

function writeAttempt({ identity, at, reason }: FailedAttempt): Json {
  return { identity: writeIdentitySet(identity), settledDateTime: isoTime(at), ...writeReason(reason) }
}

/** Why somebody did not come, or would not. */
export function writeReason(reason: EndReason): Json {
  const { code, subcode } = resultInfo(reason)
  return { reason: reason.name, code, subcode, explanation: reasonText(reason) }
}
