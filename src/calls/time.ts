/** What time does to a conversation: deadlines, and going on after a restart. */
import { undeliverable } from './answer.ts'
import type { EndForAll } from './commands.ts'
import { ownCalls } from './conversation.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import { connectCaller } from './fulfil.ts'
import type { Invitation } from './invitation.ts'
import { askToMove, reachOut } from './invite.ts'
import { dropParty, endCall, giveUp, settle } from './leave.ts'
import { expireMedia, resumeMedia } from './media-processing.ts'
import { moveLeg, queryDepartures } from './move.ts'
import { resumeServices } from './service.ts'
import { wakeRecordings } from './recording.ts'
import type { EndReason } from './reasons.ts'
import { failureReason } from './reasons.ts'
import { ringerOf } from './reroute.ts'
import { beginOutside } from './transfer-out.ts'
import { connectCall } from './own-media.ts'

/** One or more deadlines may have come; a wake that comes too early does nothing. */
export function wake(draft: Draft): void {
  const { now } = draft
  for (const invitation of draft.conversation.invitations) {
    const { state } = invitation
    if ('until' in state && (state.until ?? Infinity) <= now) giveUp(draft, invitation, timeoutOf(invitation))
  }
  for (const participant of draft.conversation.participants) {
    if (participant.state.name === 'lobby' && participant.state.until <= now) {
      dropParty(draft, participant, { name: 'lobby-timeout' })
    }
  }
  expireMedia(draft)
  for (const call of draft.conversation.calls) {
    const { state } = call
    if (state.name === 'incoming' && state.answerBy <= now) {
      const { undelivered } = state
      const reason: EndReason =
        undelivered === undefined
          ? { name: 'answer-timeout' }
          : { name: 'callback-unreachable', detail: undeliverable(undelivered) }
      endCall(draft, call, reason)
    } else if (state.name === 'redirecting' && (state.takenUntil ?? Infinity) <= now) {
      endCall(draft, call, { name: 'callee-setup-timeout' })
    } else if ('keepAliveBy' in state && state.keepAliveBy <= now) {
      endCall(draft, call, { name: 'keepalive-timeout' })
    }
  }
  wakeRecordings(draft)
  // The longest allowed duration is over.
  if (draft.conversation.endBy <= now) endAll(draft, { name: 'call-ended' })
}

/** The organizer ends the call for everybody. */
export function endForAll(draft: Draft, _command: EndForAll): void {
  if (draft.conversation.endedAt !== undefined) refuse({ name: 'callNotFound' })
  if (draft.conversation.mode === 'peerToPeer') refuse({ name: 'notGroupCall', rule: 'neverEscalates' })
  // Its time is over now: whoever ends later than others has not been left alone.
  draft.change({ endBy: draft.now })
  endAll(draft, { name: 'ended-for-all' })
}

/** Everybody leaves. */
function endAll(draft: Draft, reason: EndReason): void {
  for (const invitation of draft.conversation.invitations) settle(draft, invitation, { name: 'caller-cancelled' })
  for (const call of draft.conversation.calls) endCall(draft, call, reason)
  for (const participant of draft.conversation.participants) dropParty(draft, participant, reason)
}

/** Why an invitation whose time is up did not succeed. */
function timeoutOf({ state, address }: Invitation): EndReason {
  if (state.name === 'ringing' || state.name === 'waiting') return failureReason('noAnswer', address?.kind ?? 'user')
  return { name: 'callee-setup-timeout' }
}

/** After a restart: whatever was asked of the world before is asked again, since nobody knows how far it came. */
export function resumed(draft: Draft): void {
  draft.event({ type: 'Resumed' })
  for (const call of draft.conversation.calls) {
    const awaited = draft.conversation.invitations.some(
      ({ purpose }) => purpose.type === 'create' && purpose.callId === call.id,
    )
    if (call.state.name === 'establishing' && !awaited) draft.effect(connectCall(call))
  }
  const isTaken = draft.conversation.calls.some(
    ({ state }) => state.name === 'redirecting' && state.takenUntil !== undefined,
  )
  if (isTaken || isTalk(draft)) connectCaller(draft)
  for (const { id: participantId, party, state } of draft.conversation.participants) {
    if (party.type !== 'person') continue
    draft.effect({ type: 'WatchLeg', participantId, address: party.address, state: state.name, since: state.since })
  }
  for (const invitation of draft.conversation.invitations) resumeInvitation(draft, invitation)
  for (const call of draft.conversation.calls) beginOutside(draft, call)
  resumeMedia(draft)
  queryDepartures(draft)
  resumeServices(draft)
}

/** Whether somebody who was called by a person has answered. */
function isTalk({ conversation }: Draft): boolean {
  const { mode, invitations } = conversation
  return mode === 'peerToPeer' && invitations.length === 0 && ownCalls(conversation).length === 0
}

function resumeInvitation(draft: Draft, invitation: Invitation): void {
  const { id: participantId, state } = invitation
  if (state.name === 'moving') return askToMove(draft, participantId)
  if (state.name === 'granted') return moveLeg(draft, participantId)
  if (state.name !== 'ringing' && state.name !== 'connecting') return
  reachOut(draft, participantId, ringerOf(draft, invitation))
}
