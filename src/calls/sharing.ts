/** Screens and content that somebody shares: one at a time, as in a meeting room. */
import type { ChangeScreenSharingRole, PersonActs } from './commands.ts'
import { hasRoster } from './conversation.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import { isConnected, isPerson } from './participant.ts'
import { groupCallOf } from './roster.ts'

type Act<Type extends PersonActs['type']> = Extract<PersonActs, { type: Type }>

/** `changeScreenSharingRole`: whoever begins to share takes over from whoever did. */
export function changeScreenSharingRole(draft: Draft, command: ChangeScreenSharingRole): void {
  const call = groupCallOf(draft, command)
  if (call.mediaConfig.type !== 'appHosted') refuse({ name: 'ownMediaNeeded' })
  const own = draft.findParticipant(call.participantId)
  if (!own || (command.role === 'sharer') === (own.screen !== undefined)) return
  for (const { id, screen } of draft.conversation.participants) if (screen) stopScreen(draft, id)
  if (command.role === 'viewer') return
  const sourceId = draft.conversation.nextSourceId
  draft.change({ nextSourceId: sourceId + 1 })
  draft.updateParticipant(own.id, { screen: { sourceId } })
  draft.event({ type: 'ScreenSharingChanged', participantId: own.id, sharing: true })
}

function stopScreen(draft: Draft, participantId: string): void {
  const participant = draft.findParticipant(participantId)
  if (!participant?.screen) return
  const { screen: _, ...without } = participant
  draft.replaceParticipant(without)
  draft.event({ type: 'ScreenSharingChanged', participantId, sharing: false })
}

/** Somebody presents content; they take over from whoever did. */
export function personShares(draft: Draft, command: Act<'PersonShares'>): void {
  const { participantId, sessionId } = command
  if (!hasRoster(draft.conversation)) refuse({ name: 'notGroupCall', rule: 'groupOnly' })
  const participant = draft.findParticipant(participantId)
  if (!participant || !isPerson(participant) || !isConnected(participant)) {
    return refuse({ name: 'participantNotFound', participantId })
  }
  const { contentSharing: before } = draft.conversation
  if (before?.presenterParticipantId === participantId) return
  const session = { id: before?.id ?? sessionId, presenterParticipantId: participantId, startedAt: draft.now }
  draft.change({ contentSharing: session })
  const change = before ? 'updated' : 'created'
  draft.event({ type: 'ContentSharingChanged', sessionId: session.id, participantId, change })
  draft.notifyContentSharing(change, session)
}

/** Somebody stops presenting. */
export function personStopsSharing(draft: Draft, { participantId }: Act<'PersonStopsSharing'>): void {
  if (draft.conversation.contentSharing?.presenterParticipantId !== participantId) {
    return refuse({ name: 'notSharing', participantId })
  }
  endSharing(draft)
}

/** Nobody presents who is not there. */
export function endSharingOfAbsent(draft: Draft): void {
  const { contentSharing } = draft.conversation
  if (contentSharing && !draft.findParticipant(contentSharing.presenterParticipantId)) endSharing(draft)
}

function endSharing(draft: Draft): void {
  const { contentSharing, ...without } = draft.conversation
  if (!contentSharing) return
  draft.replace(without)
  const { id: sessionId, presenterParticipantId: participantId } = contentSharing
  draft.event({ type: 'ContentSharingChanged', sessionId, participantId, change: 'deleted' })
  draft.notifyContentSharing('deleted', contentSharing)
}
