/** How calls, participants and invitations end: each in one place, whatever the cause. */
import type { Call } from './call.ts'
import { isIn } from './call.ts'
import type { HangUp, RemoveParticipant } from './commands.ts'
import { ownCalls, parties } from './conversation.ts'
import { abandonDeparture, departureOf, orphanDeparture, tellMove } from './departure.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import { ringNext } from './fallback.ts'
import type { Invitation } from './invitation.ts'
import { endMedia } from './media-processing.ts'
import { ownCallId, waitsInside } from './invitation.ts'
import type { MeetPurpose } from './meet.ts'
import { noteAttempt, settleInvitee } from './outcome.ts'
import { endServices } from './service.ts'
import type { Participant } from './participant.ts'
import { isPerson, isSomebody } from './participant.ts'
import type { EndReason } from './reasons.ts'
import { reasonText } from './reasons.ts'
import { inviteOf, othersOf } from './together.ts'

type Ending = 'own' | 'rejected' | 'withdrawn' | 'handedOver'

const CANCELLED: EndReason = { name: 'caller-cancelled' }

/** `DELETE` of a call: in a group only the application's own leg ends, a peer-to-peer call ends as a whole. */
export function hangUp(draft: Draft, command: HangUp): void {
  endCall(draft, draft.ownCall(command), { name: 'ended-by-bot' }, 'own')
}

/** `DELETE` of a participant: drops somebody who is in, or cancels somebody who is still being rung. */
export function removeParticipant(draft: Draft, command: RemoveParticipant): void {
  const call = draft.admitted(draft.ownCall(command))
  if (command.participantId === call.participantId) refuse({ name: 'ownParticipant' })
  const invitation = draft.findInvitation(command.participantId)
  const participant = draft.findParticipant(command.participantId)
  if (draft.conversation.mode === 'peerToPeer' || (!invitation && !participant)) {
    return refuse({ name: 'participantNotFound', participantId: command.participantId })
  }
  if (participant) dropParty(draft, participant, { name: 'kicked' })
  else if (invitation) settle(draft, invitation, CANCELLED)
}

/**
 * Ends one call: its media and its own pending invitations first (each operation gets its one end), then the announcement, then what
 * follows for the rest of the conversation. Does nothing if the call has ended.
 *
 * @param how `own`: the application hung up, which is announced. `rejected`: the end carries no state. `withdrawn`: it
 *   was rung and need not be any longer. `handedOver`: others are connected by now, and go on.
 */
export function endCall(draft: Draft, call: Call, reason: EndReason, how?: Ending): void {
  const current = draft.findCall(call.id)
  if (!current || current.state.name === 'terminated') return
  if (how !== 'handedOver') giveUpTransfer(draft, current, CANCELLED)
  const twoSteps = current.manners.end === 'terminated'
  if (how === 'own' && !twoSteps) draft.notifyCall(call.id, 'updated', 'terminating')
  draft.moveCall(current, { name: 'terminated', at: draft.now, reason })
  endMedia(draft, current)
  for (const invitation of draft.conversation.invitations) {
    if (draft.callBehind(invitation.purpose)?.id === call.id) settle(draft, invitation, CANCELLED)
  }
  endServices(draft, call.id)
  if (twoSteps && how !== 'rejected') draft.notifyCall(call.id, 'updated', 'terminated')
  draft.notifyCall(call.id, 'deleted', twoSteps || how === 'rejected' ? 'gone' : 'terminated')
  const self = draft.findParticipant(call.participantId)
  if (self) draft.removeParticipant(self, reason)
  const invitation = draft.invitationOf(call)
  if (invitation) giveUp(draft, invitation, reason)
  // Whether those whom a recorder recorded may stay without it is for `recording.ts` to say.
  if (current.recorder) return
  if (draft.conversation.mode !== 'peerToPeer') closeIfDeserted(draft)
  // An application that was rung beside others was no side of the call.
  else if (!invitation && how !== 'withdrawn' && how !== 'handedOver') endPeerToPeer(draft, reason)
}

/** A peer-to-peer call ends for both sides at once. */
function endPeerToPeer(draft: Draft, reason: EndReason): void {
  for (const invitation of draft.conversation.invitations) settle(draft, invitation, CANCELLED)
  for (const call of ownCalls(draft.conversation)) endCall(draft, call, farEndReason(call, reason))
  for (const participant of parties(draft.conversation)) dropParty(draft, participant, reason)
}

/** What one side of a peer-to-peer call hears of the other side's end. */
function farEndReason(call: Call, reason: EndReason): EndReason {
  if (call.state.name === 'incoming') return CANCELLED
  return reason.name === 'ended-by-bot' ? { name: 'ended-by-peer' } : reason
}

/** Somebody who was being reached does not come: the next one of the chain is rung, or the invitation is settled. */
export function giveUp(draft: Draft, invitation: Invitation, reason: EndReason): void {
  const current = draft.findInvitation(invitation.id)
  if (!current) return
  if (!ringNext(draft, current, reason)) return settle(draft, current, reason)
  const call = draft.findCall(ownCallId(current) ?? '')
  if (call) endCall(draft, call, reason, 'withdrawn')
}

/** Ends an invitation that will not be joined, for whatever it was made. */
export function settle(draft: Draft, invitation: Invitation, reason: EndReason): void {
  const current = draft.findInvitation(invitation.id)
  if (!current) return
  draft.removeInvitation(current.id)
  const { id: participantId, identity, purpose, ringTimeout, link } = current
  const patience = ringTimeout === undefined ? {} : { ringTimeout }
  draft.event({ type: 'InviteeFailed', participantId, identity, reason, ...patience })
  if (purpose.type === 'operation') {
    if (link !== undefined) noteAttempt(draft, purpose.operationId, current.id, { identity, at: draft.now, reason })
    settleInvitee(draft, purpose.operationId, current.id, { name: 'failed', at: draft.now, reason })
  }
  // Only now: taking an application's ring back can end the very call that is told of the operation.
  stopReaching(draft, current, reason)
  if (inviteOf(draft, current)?.mode === 'all') withdrawOthers(draft, current, reason)
  if (purpose.type === 'create') failCreation(draft, purpose.callId, reason)
  else if (purpose.type === 'redirect') failRedirect(draft, purpose.callId, reason)
  else if (purpose.type === 'transfer') failTransfer(draft, purpose.callId, reason)
  else if (purpose.type === 'meet') failMeeting(draft, current, purpose, reason)
  else if (purpose.type === 'talk') failTalk(draft, purpose.callerId, reason)
  closeIfDeserted(draft)
}

/** All were invited or nobody: the others stop ringing, and whoever was held or admitted does not come in. */
function withdrawOthers(draft: Draft, failed: Invitation, reason: EndReason): void {
  const callId = inviteOf(draft, failed)?.callId ?? ''
  const isOver = draft.findCall(callId)?.state.name === 'terminated'
  for (const other of othersOf(draft, failed)) settle(draft, other, isOver ? reason : { name: 'invite-withdrawn' })
}

/** The first to come was wanted, and has come: the others stop ringing. */
export function stopRivals(draft: Draft, winner: Invitation): void {
  if (inviteOf(draft, winner)?.mode !== 'first') return
  for (const other of othersOf(draft, winner)) settle(draft, other, { name: 'another-joined' })
}

/** Takes back whatever was done to reach the invitee. */
function stopReaching(draft: Draft, invitation: Invitation, reason: EndReason): void {
  const { state, address } = invitation
  if (waitsInside(invitation)) {
    const waiting = draft.findParticipant(invitation.id)
    if (waiting && address) {
      draft.effect({ type: 'DropLeg', participantId: invitation.id, address, reason })
      draft.removeParticipant(waiting, reason)
    }
  } else if (state.name === 'moving' || state.name === 'granted') {
    const to = { conversationId: draft.conversation.id, participantId: invitation.id }
    draft.effect({
      type: 'Tell',
      conversationId: state.from.conversationId,
      command: { type: 'MoveCancelled', to },
    })
  } else if (ownCallId(invitation) !== undefined) {
    const call = draft.findCall(ownCallId(invitation) ?? '')
    if (call) endCall(draft, call, reason, 'withdrawn')
  } else if (address) {
    draft.effect({ type: 'DropLeg', participantId: invitation.id, address, reason })
  }
}

/** One target of a new call did not answer: the call fails when it was the last one (contract: create). */
function failCreation(draft: Draft, callId: string, reason: EndReason): void {
  const call = draft.findCall(callId)
  if (call?.state.name === 'establishing' && !isAwaited(draft, callId)) endCall(draft, call, reason)
}

/** One target of a redirected call did not take it: the call ends for both sides when it was the last one. */
function failRedirect(draft: Draft, callId: string, reason: EndReason): void {
  const call = draft.findCall(callId)
  if (call?.state.name !== 'redirecting' || call.state.takenUntil !== undefined) return
  if (!isAwaited(draft, callId)) endCall(draft, call, reason)
}

/** Whether somebody is still being rung for the call itself. */
function isAwaited(draft: Draft, callId: string): boolean {
  return draft.conversation.invitations.some(({ purpose }) => 'callId' in purpose && purpose.callId === callId)
}

/** The target of a transfer did not come: the call is as it was before (contract: behaviour, section 1). */
export function failTransfer(draft: Draft, callId: string, cause: EndReason, clause = notJoined(cause)): void {
  const call = draft.findCall(callId)
  if (call?.state.name !== 'transferring' && call?.state.name !== 'transferAccepted') return
  const { keepAliveBy, replacesCallId } = call.state
  const reason: EndReason = {
    name: replacesCallId === undefined ? 'transfer-failed' : 'consultative-transfer-failed',
    detail: `the transfer failed, because ${clause}`,
  }
  const transferFailure = { reason, ...(replacesCallId !== undefined && { replacesCallId }) }
  draft.moveCall(call, { name: 'established', since: draft.now, keepAliveBy, transferFailure })
  draft.notifyCall(callId, 'updated', 'transferFailed')
}

function notJoined(cause: EndReason): string {
  return `its target did not join: ${reasonText(cause)}`
}

/** Whoever was to meet does not: the group hears of it, and whoever is in already has nobody to talk to. */
function failMeeting(draft: Draft, { id }: Invitation, { from, transferee }: MeetPurpose, reason: EndReason): void {
  const to = { conversationId: draft.conversation.id, participantId: transferee?.participantId ?? id }
  tellMove(draft, from.conversationId, { type: 'MoveFailed', callId: from.callId, to, reason })
  if (draft.conversation.mode !== 'peerToPeer') return
  for (const participant of parties(draft.conversation)) dropParty(draft, participant, CANCELLED)
}

/** Whoever a person called does not come: the person is told why. */
function failTalk(draft: Draft, callerId: string, reason: EndReason): void {
  const caller = draft.findParticipant(callerId)
  if (caller?.state.name === 'calling') dropParty(draft, caller, reason)
}

/** Tells the conversation in which somebody was to meet the target of a transfer that they do not come. */
function giveUpTransfer(draft: Draft, { state }: Call, reason: EndReason): void {
  if (!('out' in state) || !state.out) return
  const { conversationId, transferee } = state.out
  const { participantId } = transferee
  tellMove(draft, conversationId, { type: 'MoveRefused', participantId, reason })
}

/** Somebody who was to be transferred out of this group has left it. */
function failTransferOf(draft: Draft, participant: Participant, isGoing: boolean): void {
  for (const call of draft.conversation.calls) {
    const { state } = call
    if (!('out' in state) || state.out?.transferee.fromParticipantId !== participant.id) continue
    if (!isGoing) giveUpTransfer(draft, call, CANCELLED)
    failTransfer(draft, call.id, CANCELLED, 'whoever was to be transferred left the call')
  }
}

/** Puts a connected, waiting or calling party out of the conversation, ending its leg or call. */
export function dropParty(draft: Draft, participant: Participant, reason: EndReason): void {
  const { id: participantId, party } = participant
  if (!draft.findParticipant(participantId)) return
  if (party.type === 'application') {
    const call = draft.findCall(party.callId)
    if (call) endCall(draft, call, reason)
  } else if (party.type === 'service') {
    draft.removeParticipant(participant, reason)
  } else if (departureOf(draft, participantId)) {
    // The leg belongs to the conversation that is taking it over: it goes on there.
    orphanDeparture(draft, participantId, { address: party.address, reason })
    draft.removeParticipant(participant, reason)
    closeIfDeserted(draft, 'departure')
  } else {
    draft.effect({ type: 'DropLeg', participantId, address: party.address, reason })
    leaveParty(draft, participant, reason)
  }
}

/** A person's leg is gone: what that means for the conversation. */
export function leaveParty(draft: Draft, participant: Participant, reason: EndReason): void {
  if (!draft.findParticipant(participant.id)) return
  draft.removeParticipant(participant, reason)
  const isGoing = departureOf(draft, participant.id) !== undefined
  abandonDeparture(draft, participant.id)
  failTransferOf(draft, participant, isGoing)
  const invitation = draft.findInvitation(participant.id)
  // Whether the call can do without somebody who was not quite in depends on what they were invited for.
  if (invitation) {
    const { purpose } = invitation
    const isCallee = purpose.type === 'create' && draft.conversation.mode === 'peerToPeer'
    const call = isCallee ? draft.findCall(purpose.callId) : undefined
    settle(draft, invitation, call ? legEndReason(participant, call, reason) : reason)
  } else if (draft.conversation.mode === 'peerToPeer') {
    const isMeeting = ({ purpose }: Invitation): boolean => purpose.type === 'meet'
    for (const other of draft.conversation.invitations.filter(isMeeting)) settle(draft, other, reason)
    const isCalledBy = ({ purpose }: Invitation): boolean =>
      purpose.type === 'talk' && purpose.callerId === participant.id
    for (const callee of draft.conversation.invitations.filter(isCalledBy)) settle(draft, callee, CANCELLED)
    for (const call of ownCalls(draft.conversation)) endCall(draft, call, legEndReason(participant, call, reason))
    // Two people whom an application connected have no call of their own: the one ends it for the other.
    for (const other of parties(draft.conversation)) dropParty(draft, other, { name: 'ended-by-peer' })
  }
  closeIfDeserted(draft, 'departure')
}

/** What an application hears when the other leg of its peer-to-peer call went away of its own accord. */
function legEndReason(participant: Participant, call: Call, reason: EndReason): EndReason {
  if (reason.name !== 'left') return reason
  // A caller who was never in has given up; a callee has taken the call, and hangs up.
  const { name } = participant.state
  if (name === 'calling' || (name === 'held' && call.direction === 'incoming')) return CANCELLED
  if (participant.identity.kind !== 'phone') return { name: 'ended-by-peer' }
  return { name: call.direction === 'outgoing' ? 'ended-by-pstn-callee' : 'ended-by-pstn-caller' }
}

/**
 * Ends a group call that has at most one party left and nobody on the way. A meeting's calls end when its last person
 * departs: an application may wait alone in a meeting that nobody has entered yet.
 */
export function closeIfDeserted(draft: Draft, cause?: 'departure'): void {
  const { mode, invitations, endBy } = draft.conversation
  const participants = parties(draft.conversation)
  if (mode === 'peerToPeer') return
  if (invitations.length > 0) {
    // Whoever is brought here by a transfer stays where they are, if there is nobody left to meet.
    const isBrought = ({ purpose }: Invitation): boolean => purpose.type === 'meet' && !purpose.transferee
    const [brought] = participants.length === 0 && invitations.every(isBrought) ? invitations : []
    if (brought) settle(draft, brought, CANCELLED)
    return
  }
  // The longest duration is over: everybody leaves for that reason.
  if (endBy <= draft.now) return
  if (!ownCalls(draft.conversation).every(isIn)) return
  const deserted =
    mode === 'group'
      ? participants.filter(isSomebody).length <= 1
      : cause === 'departure' && !participants.some(isPerson)
  if (!deserted) return
  for (const participant of participants) dropParty(draft, participant, { name: 'last-participant' })
}
