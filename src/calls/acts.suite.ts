/** What applications and people do in a call beside inviting, leaving and answering, for the random worlds of `world.suite.ts`. */
import type { Command } from './commands.ts'
import { roster } from './conversation.ts'
import type { Conversation } from './conversation.ts'

/** Ids that a random act may name: the call's, and two of somebody's on its roster. */
interface Cast {
  readonly callId: string
  readonly appId: string
  readonly operationId: string
  readonly one: string
  readonly other: string
}

/** Every act that is chosen from. */
const ACTS: readonly ((cast: Cast, pick: number) => Command)[] = [
  ({ callId, appId, operationId }, pick) => ({
    type: 'Mute',
    callId,
    appId,
    operationId,
    muted: pick % 3 > 0,
    whom: { type: 'self' },
  }),
  ({ callId, appId, operationId, one }, pick) => ({
    type: 'Mute',
    callId,
    appId,
    operationId,
    muted: pick % 3 > 0,
    whom: { type: 'one', participantId: one },
  }),
  ({ callId, appId, operationId, one, other }, pick) => ({
    type: 'Mute',
    callId,
    appId,
    operationId,
    muted: pick % 3 > 0,
    whom: { type: 'several', ...(pick % 2 === 0 && { participantIds: [one, other] }) },
  }),
  ({ callId, appId }, pick) => ({
    type: 'ChangeScreenSharingRole',
    callId,
    appId,
    role: pick % 2 === 0 ? 'sharer' : 'viewer',
  }),
  ({ callId, appId, operationId }) => ({ type: 'AddLargeGalleryView', callId, appId, operationId }),
  ({ callId, appId, operationId }, pick) => ({
    type: 'UpdateRecordingStatus',
    callId,
    appId,
    operationId,
    status: (['recording', 'notRecording', 'failed'] as const)[pick % 3] ?? 'failed',
  }),
  ({ callId, appId, operationId, one }) => ({
    type: 'ConfigureMixer',
    callId,
    appId,
    operationId,
    levels: [{ participantId: one, exclusive: false, sources: [] }],
  }),
  ({ callId, appId, one, other }, pick) => ({
    type: 'RouteAudio',
    callId,
    appId,
    groupId: `group-${pick % 4}`,
    action: 'create',
    group: { routingMode: 'multicast', sources: [one], receivers: [other] },
  }),
  ({ callId, appId, one, other }, pick) => ({
    type: 'RouteAudio',
    callId,
    appId,
    groupId: `group-${pick % 4}`,
    action: 'update',
    group: { receivers: [one, other] },
  }),
  ({ callId, appId }, pick) => ({ type: 'RouteAudio', callId, appId, groupId: `group-${pick % 4}`, action: 'delete' }),
  ({ one }, pick) => ({ type: 'PersonMutes', participantId: one, muted: pick % 2 === 0 }),
  ({ one }, pick) => ({ type: 'PersonHolds', participantId: one, away: pick % 2 === 0 }),
  ({ callId, appId, operationId }, pick) => ({
    type: 'ControlTranscription',
    callId,
    appId,
    operationId,
    on: pick % 2 === 0,
  }),
  ({ one }, pick) => ({ type: 'Transcribe', on: true, ...(pick % 3 > 0 && { participantId: one }) }),
  ({ one }, pick) => ({ type: 'Transcribe', on: false, ...(pick % 3 > 0 && { participantId: one }) }),
  ({ one }, pick) => ({ type: 'PersonShowsCamera', participantId: one, shown: pick % 3 > 0 }),
  ({ one, operationId }) => ({ type: 'PersonShares', participantId: one, sessionId: operationId }),
  ({ one }) => ({ type: 'PersonStopsSharing', participantId: one }),
]

/** One of them, in the name of a call and about somebody on its roster. */
export function randomAct(
  conversation: Conversation,
  call: { readonly callId: string; readonly appId: string },
  operationId: string,
  [x, y]: readonly [number, number],
): Command | undefined {
  const ids = roster(conversation).map(({ id }) => id)
  const of = (pick: number): string => ids[pick % Math.max(ids.length, 1)] ?? 'nobody'
  return ACTS[x % ACTS.length]?.({ ...call, operationId, one: of(y), other: of(y + 1) }, y)
}
