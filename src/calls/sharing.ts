/** What people and applications show: cameras; and a screen or content, which one has at a time, as in a meeting room. */
import type { ChangeScreenSharingRole, PersonActs } from './commands.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import type { Participant } from './participant.ts'
import { isConnected, isPerson } from './participant.ts'
import { groupCallOf } from './roster.ts'

type Act<Type extends PersonActs['type']> = Extract<PersonActs, { type: Type }>

/** `changeScreenSharingRole`: whoever begins to share takes over from whoever did. */
export function changeScreenSharingRole(draft: Draft, command: ChangeScreenSharingRole): void {
  const call = groupCallOf(draft, command)
  if (call.mediaConfig.type !== 'appHosted') refuse({ name: 'ownMediaNeeded' })
  const own = draft.findParticipant(call.participantId)
  if (!own || (command.role === 'sharer') === (own.screen !== undefined)) return
  if (command.role === 'viewer') return stopScreen(draft, own.id)
  endSharing(draft)
  takeScreen(draft, own.id)
}

/** The number of a stream that nobody has had. */
function newSource(draft: Draft): { readonly sourceId: number } {
  const { nextSourceId: sourceId } = draft.conversation
  draft.change({ nextSourceId: sourceId + 1 })
  return { sourceId }
}

/** Whoever had the screen has it no more. */
function takeScreen(draft: Draft, participantId: string): void {
  for (const { id } of draft.conversation.participants) stopScreen(draft, id)
  draft.updateParticipant(participantId, { screen: newSource(draft) })
  draft.event({ type: 'ScreenSharingChanged', participantId, sharing: true })
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
  const participant = draft.findParticipant(participantId)
  if (!participant || !isPerson(participant) || !isConnected(participant)) {
    return refuse({ name: 'participantNotFound', participantId })
  }
  const { contentSharing: before } = draft.conversation
  if (!mayShare(participant)) return refuse({ name: 'mayNotShow', participantId, what: 'screen' })
  if (before?.presenterParticipantId === participantId) return
  takeScreen(draft, participantId)
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
  stopScreen(draft, participantId)
  draft.event({ type: 'ContentSharingChanged', sessionId, participantId, change: 'deleted' })
  draft.notifyContentSharing('deleted', contentSharing)
}

/** Whether somebody may present: unless the meeting has them as an attendee (Graph's `allowedPresenters`). */
export function mayShare(participant: Participant): boolean {
  return isConnected(participant) && participant.role !== 'attendee'
}

/** Whether somebody may show their camera: unless the meeting keeps its attendees' off (Graph's `allowAttendeeToEnableCamera`). */
export function mayShowCamera(participant: Participant): boolean {
  return isConnected(participant) && !participant.cameraOff
}

/** Somebody shows their camera, or hides it. */
export function personShowsCamera(draft: Draft, { participantId, shown }: Act<'PersonShowsCamera'>): void {
  const participant = draft.findParticipant(participantId)
  if (!participant || !isPerson(participant) || !isConnected(participant)) {
    return refuse({ name: 'participantNotFound', participantId })
  }
  const { camera, ...without } = participant
  if ((camera !== undefined) === shown) return
  if (shown && !mayShowCamera(participant)) return refuse({ name: 'mayNotShow', participantId, what: 'camera' })
  draft.replaceParticipant(shown ? { ...participant, camera: newSource(draft) } : without)
  draft.event({ type: 'CameraChanged', participantId, shown })
}
