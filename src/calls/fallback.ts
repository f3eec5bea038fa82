/** The chain of an invitee: who is rung next when somebody cannot be reached, declines or rings out. */
import type { Draft } from './draft.ts'
import type { Invitation } from './invitation.ts'
import { callerOf, startInvitation, whereabouts } from './invite.ts'
import { noteAttempt } from './outcome.ts'
import type { EndReason } from './reasons.ts'
import { inviteOf } from './together.ts'

/** The states in which somebody has not been reached yet. */
const ON_THE_WAY: readonly Invitation['state']['name'][] = ['ringing', 'connecting', 'waiting']

/**
 * Rings the next one of the chain, under the same participant id, in place of somebody who did not come for `reason`.
 * Returns whether there was one. Whatever was done to reach the one before is the caller's to take back, for an application;
 * a leg is dropped here, before the next one rings.
 */
export function ringNext(draft: Draft, invitation: Invitation, reason: EndReason): boolean {
  const {
    id,
    identity,
    fallbacks = [],
    link,
    state,
    address,
    purpose,
    hidden,
    outsideDefaultMix,
    ringTimeout,
  } = invitation
  const operation = inviteOf(draft, invitation)
  const call = operation && draft.findCall(operation.callId)
  if (!operation || !call || link === undefined || !ON_THE_WAY.includes(state.name)) return false
  noteAttempt(draft, operation.id, id, { identity, at: draft.now, reason })
  const skipped = passOver(draft, invitation, operation.id)
  const [next, ...rest] = fallbacks.slice(skipped)
  if (!next) return false
  draft.event({
    type: 'InviteeFailed',
    participantId: id,
    identity,
    reason,
    ...(ringTimeout !== undefined && { ringTimeout }),
  })
  if (address) draft.effect({ type: 'DropLeg', participantId: id, address, reason })
  draft.removeInvitation(id)
  for (const one of draft.conversation.recordings) if (one.participantId === id) draft.moveRecording(one, 'over')
  const { legId: _, ...party } = next
  const mix = outsideDefaultMix && { outsideDefaultMix }
  const invitee = { ...party, participantId: id, hidden, ...mix, fallbacks: rest }
  const details = { link: link + skipped + 1, legId: next.legId }
  startInvitation(draft, invitee, purpose, callerOf(draft, call), details)
  return true
}

/** How many of the next ones are there already, or being rung by another invite. */
function passOver(draft: Draft, { id: participantId, fallbacks = [] }: Invitation, operationId: string): number {
  const count = fallbacks.findIndex((one) => !whereabouts(draft.conversation, one.identity))
  const skipped = count < 0 ? fallbacks : fallbacks.slice(0, count)
  const reason = { name: 'already-in-call' } as const
  for (const { identity } of skipped) {
    noteAttempt(draft, operationId, participantId, { identity, at: draft.now, reason })
    draft.event({ type: 'FallbackSkipped', participantId, identity, reason })
  }
  return skipped.length
}
