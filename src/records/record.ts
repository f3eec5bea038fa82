/** What a call leaves behind: Graph's `callRecord`, made from what happened. Pure; `records.ts` keeps it. */
import type { Modality } from '../calls/call.ts'
import type { ChatInfo, Conversation } from '../calls/conversation.ts'
import type { Identity } from '../calls/identity.ts'
import { sameIdentity } from '../calls/identity.ts'
import type { EndReason } from '../calls/reasons.ts'
import { endReasons, reasonText } from '../calls/reasons.ts'
import type { Leg, Moment } from './legs.ts'
import { isAbnormal, legsOf } from './legs.ts'

/** One side of a session. Without an identity it is the conference itself. */
export interface RecordEndpoint {
  readonly identity?: Identity
  /** The application behind the identity, if it is one. */
  readonly appId?: string
}

/** Graph's `failureInfo`. */
export interface Failure {
  readonly stage: 'callSetup' | 'midcall'
  /** A sentence, with the code and subcode that the application was told. */
  readonly reason: string
}

/** A stretch of a session between the same two endpoints. Moments are milliseconds since the epoch. */
export interface Segment {
  readonly id: string
  readonly startedAt: number
  readonly endedAt: number
  readonly caller: RecordEndpoint
  readonly callee: RecordEndpoint
  readonly failure?: Failure
}

/** One leg that was established or tried; in a peer-to-peer call the two sides share one. */
export interface Session {
  readonly id: string
  readonly modalities: readonly Modality[]
  /** When it was begun to be set up; its first segment begins when it was connected. */
  readonly startedAt: number
  readonly connectedAt?: number
  readonly endedAt: number
  readonly caller: RecordEndpoint
  readonly callee: RecordEndpoint
  readonly failure?: Failure
  readonly segments: readonly Segment[]
}

/** Graph's `callRecord`. */
export interface CallRecord {
  /** The call chain id. */
  readonly id: string
  readonly tenantId: string
  /** 1, and one more for each later call of the same chain. */
  readonly version: number
  readonly type: 'groupCall' | 'peerToPeer'
  readonly startedAt: number
  readonly endedAt: number
  readonly modifiedAt: number
  readonly modalities: readonly Modality[]
  readonly organizer: Identity
  readonly participants: readonly Identity[]
  /** Where a meeting was. */
  readonly chatInfo?: ChatInfo
  readonly sessions: readonly Session[]
}

const CONFERENCE: RecordEndpoint = {}

/**
 * The record of a conversation that has ended; of a meeting, of its last session.
 * @param moments the conversation's timeline, oldest first, the end included
 * @param mostSessions sessions that are kept; those that began later are left out
 * @returns undefined if nothing happened in it
 */
export function recordOf(
  conversation: Conversation,
  moments: readonly Moment[],
  mostSessions: number,
): CallRecord | undefined {
  const history = legsOf(conversation, sinceBeginning(moments))
  const [first] = history.legs
  const endedAt = conversation.endedAt ?? moments.at(-1)?.at
  if (!first || endedAt === undefined) return undefined
  const peerToPeer = history.mode === 'peerToPeer' && history.escalatedAt === undefined
  const pair = pairOf(history.legs)
  const sessions = peerToPeer
    ? [sharedSession(pair, endedAt)]
    : history.legs.map((leg) => ownSession(leg, pair, endedAt, history.escalatedAt))
  const { id: _, callChainId, tenantId, meetingInfo, chatInfo } = conversation
  return {
    id: callChainId,
    tenantId,
    version: 1,
    type: peerToPeer ? 'peerToPeer' : 'groupCall',
    startedAt: Math.min(...history.legs.map(({ startedAt }) => startedAt)),
    endedAt,
    modifiedAt: endedAt,
    modalities: distinct(history.legs.flatMap(({ modalities }) => modalities)),
    organizer: meetingInfo?.organizer ?? pair.caller.identity,
    participants: distinctIdentities(history.legs.map(({ identity }) => identity)),
    ...(history.mode === 'meeting' && chatInfo && { chatInfo }),
    sessions: sessions.slice(0, mostSessions),
  }
}

/** A record with what a later call of the same chain adds to it. */
export function mergeRecords(before: CallRecord, later: CallRecord, mostSessions: number): CallRecord {
  const own = new Set(later.sessions.map(({ id }) => id))
  const sessions = [...before.sessions.filter(({ id }) => !own.has(id)), ...later.sessions]
  return {
    ...before,
    version: before.version + 1,
    type: before.type === 'groupCall' ? 'groupCall' : later.type,
    startedAt: Math.min(before.startedAt, later.startedAt),
    endedAt: Math.max(before.endedAt, later.endedAt),
    modifiedAt: Math.max(before.modifiedAt, later.modifiedAt),
    modalities: distinct([...before.modalities, ...later.modalities]),
    participants: distinctIdentities([...before.participants, ...later.participants]),
    sessions: sessions.slice(0, mostSessions),
  }
}

/** A meeting's timeline has all of its sessions: what came after the end of the one before. */
function sinceBeginning(moments: readonly Moment[]): readonly Moment[] {
  const isEnd = ({ events }: Moment): boolean => events.some(({ type }) => type === 'ConversationEnded')
  const before = moments.slice(0, -1).findLastIndex(isEnd)
  return moments.slice(before + 1)
}

/** The two sides between which the call began. */
interface Pair {
  readonly caller: Leg
  readonly callee: Leg
}

function pairOf(legs: readonly Leg[]): Pair {
  // Where no application is, it is whoever rang that calls.
  const application = legs.find(({ direction }) => direction !== undefined) ?? legs.find(({ rung }) => !rung) ?? legs[0]
  const other = legs.find((leg) => leg !== application) ?? application
  if (!application || !other) throw new Error('a record is made of at least one leg')
  return application.direction === 'incoming'
    ? { caller: other, callee: application }
    : { caller: application, callee: other }
}

/** Both sides of a peer-to-peer call have one session. */
function sharedSession({ caller, callee }: Pair, endedAt: number): Session {
  const connected = caller.connectedAt !== undefined && callee.connectedAt !== undefined
  const connectedAt = Math.max(caller.connectedAt ?? 0, callee.connectedAt ?? 0)
  const told = callee.reason ?? caller.reason
  const reason = connected ? [caller.reason, callee.reason].find((one) => one && isAbnormal(one)) : told
  const ends = { caller: endpointOf(caller), callee: endpointOf(callee) }
  const failure = failureOf(connected, reason)
  const startedAt = Math.min(caller.startedAt, callee.startedAt)
  return {
    id: callee.id,
    modalities: distinct([...caller.modalities, ...callee.modalities]),
    startedAt,
    ...(connected && { connectedAt }),
    endedAt,
    ...ends,
    ...failure,
    segments: [{ id: callee.id, startedAt: connected ? connectedAt : startedAt, endedAt, ...ends, ...failure }],
  }
}

/** In a group call each leg has a session with the conference, in the direction in which it was set up. */
function ownSession(leg: Leg, pair: Pair, callEndedAt: number, escalatedAt: number | undefined): Session {
  const { id, modalities, startedAt, connectedAt } = leg
  const endedAt = leg.endedAt ?? callEndedAt
  const self = endpointOf(leg)
  const ends = leg.rung ? { caller: CONFERENCE, callee: self } : { caller: self, callee: CONFERENCE }
  const failure = failureOf(connectedAt !== undefined, leg.reason)
  const from = connectedAt ?? startedAt
  const escalated = escalatedAt !== undefined && connectedAt !== undefined && connectedAt < escalatedAt
  const direct = { caller: endpointOf(pair.caller), callee: endpointOf(pair.callee) }
  return {
    id,
    modalities,
    startedAt,
    ...(connectedAt !== undefined && { connectedAt }),
    endedAt,
    ...ends,
    ...failure,
    segments: [
      ...(escalated ? [{ id: otherOf(pair, leg).id, startedAt: from, endedAt: escalatedAt, ...direct }] : []),
      { id, startedAt: escalated ? escalatedAt : from, endedAt, ...ends, ...failure },
    ],
  }
}

function otherOf({ caller, callee }: Pair, leg: Leg): Leg {
  return leg === caller ? callee : caller
}

function endpointOf({ identity, appId }: Leg): RecordEndpoint {
  return { identity, ...(appId !== undefined && { appId }) }
}

/** Whoever never came in failed in setup, whatever the code; afterwards only an end that nobody chose is a failure. */
function failureOf(connected: boolean, reason: EndReason | undefined): { readonly failure?: Failure } {
  if (!reason || (connected && !isAbnormal(reason))) return {}
  const { code, subcode } = endReasons[reason.name]
  const text = reasonText(reason)
  const sentence = `${text[0]?.toUpperCase()}${text.slice(1)} (${code}/${subcode}).`
  return { failure: { stage: connected ? 'midcall' : 'callSetup', reason: sentence } }
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}

function distinctIdentities(identities: readonly Identity[]): Identity[] {
  return identities.filter((one, index) => identities.findIndex((other) => sameIdentity(one, other)) === index)
}
