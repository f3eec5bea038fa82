/**
 * A dialect: one published version of the wire contract. It is data plus encoders; the core knows none of it, and adding
 * one touches no other file than this folder's `dialects.ts` (and, for a new shape of bodies, the encoders of `wire/`).
 */
import type { CallOptions } from '../../calls/call.ts'
import type { AudioRoutingGroup, ContentSharing } from '../../calls/conversation.ts'
import type { CallManners } from '../../calls/manners.ts'
import type { CallView, Notification } from '../../calls/notification.ts'
import type { Operation } from '../../calls/operation.ts'
import type { Participant } from '../../calls/participant.ts'
import type { Json } from '../wire/identity.ts'

/** The names of the versions: the values of an application's `wireVersion`. */
export type WireVersion = 'v1.0' | 'beta' | '2021-03' | '2020-12' | '2019-09' | '2018-12'

/** What a published version says. */
export interface Dialect {
  readonly version: WireVersion
  /** The version segment of its addresses. */
  readonly root: 'v1.0' | 'beta'
  /** Whose permissions hold: those of today's pages, or of the pages until 2021. */
  readonly permissionsOf: 'today' | 'until2021'
  /** Whether the answer to a new call has a body beside its `Location`. */
  readonly createdBody: boolean
  /** Status of the answer to an invite. */
  readonly inviteStatus: 200 | 202
  /** What an invite into a peer-to-peer call does. */
  readonly escalation: 'never' | 'one' | 'any'
  /** Whether somebody can be transferred out of a group call. */
  readonly transfersOut: boolean
  /** How the end of a call is told. */
  readonly end: CallManners['end']
  /** Whether an application hears that a target of its call rings. */
  readonly ringing: boolean
  /** Whether `ringingTimeoutInSeconds` of a new call is heeded. */
  readonly ringTimeout: boolean
  /** Whether a recorder with room hears of one more person to record by `participantJoiningNotification`. */
  readonly asksRecorders: boolean
  /** Whether an application hears that its call is transcribed. */
  readonly transcription: boolean
  /** Whether the options of a call are heeded: before, a call had options without members, and rosters came whole. */
  readonly callOptions: boolean
  /** The resource that `@odata.context` names, by occasion: what follows `$metadata#`. */
  readonly context: { readonly created: string; readonly read: string }
  /** An id as paths and bodies have it. */
  id(guid: string): string
  call(view: CallView): Json
  participant(participant: Participant): Json
  audioRoutingGroup(group: AudioRoutingGroup): Json
  contentSharing(session: ContentSharing): Json
  /** @param baseUrl the server's public address: recordings are below it */
  operation(operation: Operation, baseUrl: string): Json
  /** @param baseUrl the server's public address: recordings are below it */
  notifications(notifications: readonly Notification[], baseUrl: string): Json
  /** The body of the answer to `answer`, where it has one: an operation with a new id. */
  readonly answered?: (id: string, now: number) => Json
}

/** The options of a call, as far as a dialect has them. */
export function optionsIn({ callOptions }: Dialect, given: CallOptions | undefined): { callOptions?: CallOptions } {
  if (!given) return {}
  return { callOptions: callOptions ? given : {} }
}

/** How calls made in a dialect want to hear of things; kept with the call. */
export function mannersOf(dialect: Dialect): CallManners {
  const { version, end, ringing, asksRecorders, transcription } = dialect
  return {
    wireVersion: version,
    end,
    ...(ringing && { ringing }),
    ...(asksRecorders && { asksRecorders }),
    ...(transcription && { transcription }),
  }
}
