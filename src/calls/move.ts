/**
 * How an invite or a transfer with `replacesCallId` pulls somebody out of another call, without ringing and without a gap: the two
 * conversations talk.
 *
 *     inviting conversation                  replaced conversation
 *       moving ───────── MoveAsked ────────────►  may it go?
 *         │  ◄───────── MoveRefused ───────────    no: unknown, ended, not on it, already going
 *         ▼  ◄───────── MoveGranted ───────────    yes: a departure is noted
 *       granted: the leg is moved
 *         │ media connected: operation, roster
 *         └──────────── MoveDone ─────────────►  ends (peer-to-peer), or goes on without them
 *       (given up) ──── MoveCancelled ────────►  the departure is dropped, and the leg moved back
 *
 * Each message can be said again after a restart and changes nothing the second time.
 */
import type { MoveCommand } from './move-commands.ts'
import type { Departure } from './conversation.ts'
import { isBetweenPeople, ownCalls, parties } from './conversation.ts'
import type { Draft } from './draft.ts'
import type { Effect } from './effects.ts'
import { answerAboutMove, goesTo, takeDeparture, tellGone, tellMove } from './departure.ts'
import { sameIdentity } from './identity.ts'
import { waitsInside } from './invitation.ts'
import { acceptTransfer } from './fulfil.ts'
import { closeIfDeserted, dropParty, endCall, settle } from './leave.ts'
import type { Participant } from './participant.ts'
import { isConnected, isPerson } from './participant.ts'
import type { EndReason, ReasonName } from './reasons.ts'
import { invitationToMeet, isTransferredOut } from './transfer-out.ts'

type Move<Type extends MoveCommand['type']> = Extract<MoveCommand, { type: Type }>

/** The replaced conversation is asked for one of its people. */
export function moveAsked(draft: Draft, command: Move<'MoveAsked'>): void {
  const isSame = (one: Departure): boolean => goesTo(one, command.to)
  const { departures, departed } = draft.conversation
  const over = departed.find(isSame)
  if (over?.gone) return tellGone(draft, over)
  const known = departures.find(isSame) ?? over
  if (known) return grant(draft, command, known.participantId)

  if (command.callId === draft.conversation.id) return askPeople(draft, command)
  const call = draft.findCall(command.callId)
  if (!call || call.appId !== command.appId || call.state.name === 'terminated') {
    return refuseMove(draft, command, 'replace-not-found')
  }
  const isOut = isTransferredOut(call, command.to)
  if (call.state.name !== 'established' && !isOut) return refuseMove(draft, command, 'replace-not-established')
  const participant = whomOf(draft, command)
  if (!participant) return refuseMove(draft, command, 'replace-wrong-participant')
  if (isGoing(draft, participant)) return refuseMove(draft, command, 'already-moving')
  if (isOut) acceptTransfer(draft, call.id)
  letGo(draft, command, participant)
}

/** A call of two people has no call of an application: its own id names it, to applications that know who is in it. */
function askPeople(draft: Draft, command: Move<'MoveAsked'>): void {
  const participant = whomOf(draft, command)
  if (!isBetweenPeople(draft.conversation) || !participant) return refuseMove(draft, command, 'replace-not-found')
  if (isGoing(draft, participant)) return refuseMove(draft, command, 'already-moving')
  letGo(draft, command, participant)
}

function whomOf({ conversation }: Draft, { identity, participantId }: Move<'MoveAsked'>): Participant | undefined {
  return conversation.participants.find(
    (one) =>
      isPerson(one) &&
      isConnected(one) &&
      sameIdentity(one.identity, identity) &&
      (participantId === undefined || participantId === one.id),
  )
}

function isGoing({ conversation }: Draft, { id }: Participant): boolean {
  return conversation.departures.some(({ participantId }) => participantId === id)
}

function letGo(draft: Draft, command: Move<'MoveAsked'>, participant: Participant): void {
  const departure = { participantId: participant.id, callId: command.callId, to: command.to }
  draft.change({ departures: [...draft.conversation.departures, departure] })
  draft.event({
    type: 'MoveAllowed',
    participantId: participant.id,
    toConversationId: command.to.conversationId,
  })
  grant(draft, command, participant.id)
}

function grant(draft: Draft, { callId, to }: Move<'MoveAsked'>, fromParticipantId: string): void {
  const from = { callId, conversationId: draft.conversation.id }
  const party = draft.findParticipant(fromParticipantId)?.party
  const device = party?.type === 'person' ? party.address.device : undefined
  tellMove(draft, to.conversationId, {
    type: 'MoveGranted',
    participantId: to.participantId,
    fromParticipantId,
    from,
    ...(device !== undefined && { device }),
  })
}

function refuseMove(draft: Draft, { callId, to }: Move<'MoveAsked'>, name: ReasonName): void {
  const reason: EndReason = { name }
  draft.event({ type: 'MoveRefused', callId, reason })
  tellMove(draft, to.conversationId, { type: 'MoveRefused', participantId: to.participantId, reason })
}

/** The inviting conversation may have the leg: it is moved, and its media has `setupTimeout` to come up. */
export function moveGranted(draft: Draft, command: Move<'MoveGranted'>): void {
  const invitation = draft.findInvitation(command.participantId)
  if (invitation?.state.name !== 'moving' || !invitation.address) {
    // Whoever waits for a recorder has arrived.
    if (!invitation || waitsInside(invitation)) {
      tellMove(draft, command.from.conversationId, answerAboutMove(draft, command.participantId))
    }
    return
  }
  const { device } = command
  draft.updateInvitation(invitation.id, {
    ...(device !== undefined && { address: { ...invitation.address, device } }),
    state: {
      name: 'granted',
      since: draft.now,
      until: draft.now + draft.rules.setupTimeout,
      from: command.from,
      participantId: command.fromParticipantId,
    },
  })
  moveLeg(draft, invitation.id)
}

/** Asks the endpoint to move the leg of an invitation that was granted. */
export function moveLeg(draft: Draft, invitationId: string): void {
  const invitation = draft.findInvitation(invitationId)
  if (invitation?.state.name !== 'granted' || !invitation.address) return
  const { from, participantId } = invitation.state
  draft.effect({
    type: 'MoveLeg',
    participantId: invitation.id,
    address: invitation.address,
    from: { conversationId: from.conversationId, participantId },
  })
}

/** The inviting conversation may not have the leg. */
export function moveRefused(draft: Draft, command: Move<'MoveRefused'>): void {
  const invitation = draft.findInvitation(command.participantId)
  if (invitation?.state.name === 'moving' || invitation?.state.name === 'granted') {
    settle(draft, invitation, command.reason)
  }
  const target = invitationToMeet(draft, command.participantId)
  if (target) settle(draft, target, command.reason)
}

/** The replaced conversation's person is in the other one: a peer-to-peer call ends, a group goes on without them. */
export function moveDone(draft: Draft, command: Move<'MoveDone'>): void {
  const departure = takeDeparture(draft, command.to)
  if (!departure) return
  draft.change({ departed: [...draft.conversation.departed, { ...departure, at: draft.now }] })
  draft.event({
    type: 'MoveFinished',
    participantId: departure.participantId,
    toConversationId: command.to.conversationId,
  })
  draft.after = command.after
  const participant = draft.findParticipant(departure.participantId)
  const reason: EndReason = { name: command.transferred ? 'transferred' : 'moved' }
  if (participant) draft.removeParticipant(participant, reason)
  if (draft.conversation.mode === 'peerToPeer') {
    for (const call of ownCalls(draft.conversation)) endCall(draft, call, reason)
    // Of two people without an application the other one is left.
    for (const other of parties(draft.conversation)) dropParty(draft, other, { name: 'ended-by-peer' })
    return
  }
  for (const call of draft.conversation.calls) {
    if (isTransferredOut(call, command.to)) endCall(draft, call, reason, 'handedOver')
  }
  closeIfDeserted(draft, 'departure')
}

/** The inviting conversation gave up: the person stays, unless they were put out meanwhile. Their leg may be there already. */
export function moveCancelled(draft: Draft, command: Move<'MoveCancelled'>): void {
  const departure = takeDeparture(draft, command.to)
  if (!departure) return
  const { participantId, to, orphan } = departure
  const party = draft.findParticipant(participantId)?.party
  const address = orphan?.address ?? (party?.type === 'person' ? party.address : undefined)
  if (address) draft.effect({ type: 'MoveLeg', participantId, address, from: to })
  if (orphan) draft.effect({ type: 'DropLeg', participantId, ...orphan })
}

/** After a restart the replaced conversation asks how a departure went. */
export function moveQueried(draft: Draft, command: Move<'MoveQueried'>): void {
  const { participantId, fromConversationId } = command
  const invitation = draft.findInvitation(participantId)
  if (invitation && !waitsInside(invitation)) return
  tellMove(draft, fromConversationId, answerAboutMove(draft, participantId))
}

/** Asks each taking conversation how a departure went; for a restart. */
export function queryDepartures(draft: Draft): void {
  for (const { to } of draft.conversation.departures) {
    tellMove(draft, to.conversationId, {
      type: 'MoveQueried',
      participantId: to.participantId,
      fromConversationId: draft.conversation.id,
    })
  }
}

/** What a conversation that no longer exists would say to a message of a move: nothing hangs on a missing partner. */
export function answerForMissing(command: MoveCommand, conversationId: string): Effect | undefined {
  switch (command.type) {
    case 'MoveAsked':
      return {
        type: 'Tell',
        conversationId: command.to.conversationId,
        command: {
          type: 'MoveRefused',
          participantId: command.to.participantId,
          reason: { name: 'replace-not-found' },
        },
      }
    case 'MoveQueried':
      return {
        type: 'Tell',
        conversationId: command.fromConversationId,
        command: { type: 'MoveCancelled', to: { conversationId, participantId: command.participantId } },
      }
    case 'MoveGranted':
      return {
        type: 'Tell',
        conversationId: command.from.conversationId,
        command: { type: 'MoveCancelled', to: { conversationId, participantId: command.participantId } },
      }
    case 'MoveBegins':
    case 'MoveAnswered':
    case 'MoveFailed':
    case 'MoveRefused':
    case 'MoveDone':
    case 'MoveCancelled':
      return undefined
  }
}
