/** Invites for all or nobody: whoever is there waits until everybody is (`rollcall.mode`). */
import { awaitsRecorder } from './conversation.ts'
import type { Draft } from './draft.ts'
import type { Invitation } from './invitation.ts'
import { ownCallId } from './invitation.ts'
import type { InviteOperation } from './operation.ts'
import { isInvite } from './operation.ts'
import { isInside } from './participant.ts'

/** The invite that an invitation belongs to; undefined for whoever is rung for a call itself. */
export function inviteOf(draft: Draft, { purpose }: Invitation): InviteOperation | undefined {
  const operation = purpose.type === 'operation' ? draft.findOperation(purpose.operationId) : undefined
  return operation && isInvite(operation) ? operation : undefined
}

/** What else is under way for the same invite. */
export function othersOf(draft: Draft, { id, purpose }: Invitation): readonly Invitation[] {
  if (purpose.type !== 'operation') return []
  return draft.conversation.invitations.filter(
    (one) => one.id !== id && one.purpose.type === 'operation' && one.purpose.operationId === purpose.operationId,
  )
}

/** Whether nothing but the others keeps whoever is reached here out of the call. */
function isThere(draft: Draft, { id, state }: Invitation): boolean {
  if (state.name === 'waiting') return state.connected === true
  const waiting = draft.findParticipant(id)
  return waiting !== undefined && isInside(waiting) && !awaitsRecorder(draft.conversation, id)
}

/** Whether somebody is there for an invitee: it itself, or whoever took the call that it redirected. */
function isReady(draft: Draft, invitation: Invitation): boolean {
  if (isThere(draft, invitation)) return true
  const callId = ownCallId(invitation)
  if (callId === undefined) return false
  const isTarget = ({ purpose }: Invitation): boolean => purpose.type === 'redirect' && purpose.callId === callId
  return draft.conversation.invitations.some((one) => isTarget(one) && isReady(draft, one))
}

/** Whether an invitee who is there must wait for others of the same invite. */
export function mustWait(draft: Draft, invitation: Invitation): boolean {
  const invited = invitedFor(draft, invitation)
  return inviteOf(draft, invited)?.mode === 'all' && !othersOf(draft, invited).every((one) => isReady(draft, one))
}

/** Whether a participant must wait for others of the invite that brings it in. */
export function awaitsOthers(draft: Draft, participantId: string): boolean {
  const invitation = draft.findInvitation(participantId)
  return invitation !== undefined && mustWait(draft, invitation)
}

/** In whose place somebody is reached: a target of a redirect in that of the application that redirected. */
function invitedFor(draft: Draft, invitation: Invitation): Invitation {
  const call = invitation.purpose.type === 'redirect' ? draft.callBehind(invitation.purpose) : undefined
  const redirecting = call && draft.invitationOf(call)
  return redirecting ? invitedFor(draft, redirecting) : invitation
}
