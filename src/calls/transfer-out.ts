/**
 * `transfer` of somebody in a group call or meeting (contract: transfer). They leave the group for a conversation of their
 * own, in which they meet the target; the two conversations talk in messages, each of which may come again after a restart.
 *
 *     group                                              new conversation
 *       transferring ──── MoveBegins ───────────────────►  the target rings, or is moved out of the call with it
 *       transferAccepted ◄──── MoveAnswered ────────────     it has answered
 *       a departure is noted ◄──── MoveAsked ... ───────     it is in: the leg is asked for and moved, as in `move.ts`
 *       the call ends ◄──── MoveDone ───────────────────     both are in
 *       established ◄──── MoveFailed ───────────────────     one of them did not come
 *       (ended, or they left) ──── MoveRefused ─────────►  the target is left alone
 */
import type { Call } from './call.ts'
import type { Transfer } from './commands.ts'
import type { MoveBegins, MeetPurpose } from './meet.ts'
import type { MoveCommand } from './move-commands.ts'
import type { Departure } from './conversation.ts'
import { roster } from './conversation.ts'
import { answerAboutMove, departureOf, tellMove } from './departure.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import { acceptTransfer } from './fulfil.ts'
import { sameIdentity } from './identity.ts'
import type { Invitation } from './invitation.ts'
import { callerOf, checkAbsent, startInvitation } from './invite.ts'
import { failTransfer } from './leave.ts'
import type { Participant } from './participant.ts'
import { isConnected } from './participant.ts'

/** Transfers somebody out of a group call, in the versions that know it. */
export function transferOut(draft: Draft, call: Call, { target, transferee: named, out }: Transfer): void {
  const { state, id: callId, appId } = call
  if (!out) return refuse({ name: 'notPeerToPeer' })
  if (state.name === 'transferring' || state.name === 'transferAccepted') refuse({ name: 'transferConflict' })
  if (state.name !== 'established') return refuse({ name: 'callNotEstablished', state: state.name })
  draft.admitted(call)
  const { id: fromParticipantId, identity, party } = transfereeOf(draft, call, named)
  if (party.type !== 'person') return refuse({ name: 'badTransferee', rule: 'application' })
  if (departureOf(draft, fromParticipantId) || isBeingTransferred(draft, fromParticipantId))
    refuse({ name: 'transferConflict' })
  const { id: conversationId, tenantId, callChainId } = draft.conversation
  if (target.replaces?.call?.conversationId === conversationId) refuse({ name: 'replacesItself' })
  checkAbsent(draft, target.identity)
  const { conversationId: begun, ...there } = out
  const begins: MoveBegins = {
    type: 'MoveBegins',
    conversationId: begun,
    tenantId,
    callChainId,
    from: { callId, conversationId },
    appId,
    target,
    transferee: { ...there, fromParticipantId, identity, address: party.address },
    transferor: callerOf(draft, call),
  }
  draft.moveCall(call, {
    name: 'transferring',
    since: draft.now,
    keepAliveBy: state.keepAliveBy,
    ...(target.replaces && { replacesCallId: target.replaces.callId }),
    out: begins,
  })
  draft.notifyCall(callId, 'updated', 'transferring')
  draft.effect({ type: 'Tell', conversationId: begun, command: begins })
}

/** Who is transferred: in a group the request must say it, by the id on the roster. */
function transfereeOf(draft: Draft, call: Call, named: Transfer['transferee']): Participant {
  const { participantId, identity } = named ?? {}
  if (participantId === undefined) return refuse({ name: 'badTransferee', rule: 'missing' })
  if (participantId === call.participantId) return refuse({ name: 'badTransferee', rule: 'application' })
  const participant = roster(draft.conversation).find(({ id }) => id === participantId)
  if (!participant || (identity && !sameIdentity(participant.identity, identity))) {
    return refuse({ name: 'participantNotFound', participantId })
  }
  if (!isConnected(participant)) refuse({ name: 'badTransferee', rule: 'waits' })
  return participant
}

function isBeingTransferred(draft: Draft, participantId: string): boolean {
  return draft.conversation.calls.some(
    ({ state }) => 'out' in state && state.out?.transferee.fromParticipantId === participantId,
  )
}

/** Where the transferee of a call that transfers somebody out of its group goes. */
function destinationOf({ state }: Call): Departure['to'] | undefined {
  if (!('out' in state) || !state.out) return undefined
  return { conversationId: state.out.conversationId, participantId: state.out.transferee.participantId }
}

/** Whether a call transfers somebody out of its group, to there. */
export function isTransferredOut(call: Call, to: Departure['to']): boolean {
  const own = destinationOf(call)
  return own?.conversationId === to.conversationId && own.participantId === to.participantId
}

/** After a restart: says again what was asked for, which is also a question for its outcome. */
export function beginOutside(draft: Draft, { state }: Call): void {
  if (!('out' in state) || !state.out) return
  draft.effect({ type: 'Tell', conversationId: state.out.conversationId, command: state.out })
}

/** The target is rung, as by whoever is transferred to it. */
export function moveBegins(draft: Draft, command: MoveBegins): void {
  const { from, appId, target, transferee, transferor } = command
  const { conversation } = draft
  if (isUnderWay(draft, command)) return
  if (conversation.endedAt !== undefined || conversation.participants.length > 0) return answerAgain(draft, command)
  const source = { identity: transferee.identity, sourceParticipantId: transferee.participantId }
  const purpose: MeetPurpose = { type: 'meet', from, appId, transferee }
  startInvitation(draft, target, purpose, transferee.identity, { source, transferor })
}

/** Whether one of the two is still on the way. */
function isUnderWay(draft: Draft, { transferee: { participantId } }: MoveBegins): boolean {
  return (draft.findInvitation(participantId) ?? invitationToMeet(draft, participantId)) !== undefined
}

/** Says again how it went. */
function answerAgain(draft: Draft, { from: { callId, conversationId }, transferee }: MoveBegins): void {
  const answer = answerAboutMove(draft, transferee.participantId)
  const to = { conversationId: draft.conversation.id, participantId: transferee.participantId }
  const failed = { type: 'MoveFailed', callId, to, reason: { name: 'caller-cancelled' } } as const
  tellMove(draft, conversationId, answer.type === 'MoveDone' ? answer : failed)
}

/** The invitation of the target whom somebody is to meet, if it is still on the way. */
export function invitationToMeet(draft: Draft, transfereeId: string): Invitation | undefined {
  return draft.conversation.invitations.find(
    ({ purpose }) => purpose.type === 'meet' && purpose.transferee?.participantId === transfereeId,
  )
}

/** Tells the group that the target has answered. */
export function tellAnswered(draft: Draft, { from: { callId, conversationId }, transferee }: MeetPurpose): void {
  if (!transferee) return
  const to = { conversationId: draft.conversation.id, participantId: transferee.participantId }
  tellMove(draft, conversationId, { type: 'MoveAnswered', callId, to })
}

type Move<Type extends MoveCommand['type']> = Extract<MoveCommand, { type: Type }>

/** The group hears that the target has answered. */
export function moveAnswered(draft: Draft, { callId, to }: Move<'MoveAnswered'>): void {
  const call = draft.findCall(callId)
  if (call && isTransferredOut(call, to)) acceptTransfer(draft, callId)
}

/** The group hears that the two do not meet: its call is as it was before. */
export function moveFailed(draft: Draft, { callId, to, reason }: Move<'MoveFailed'>): void {
  const call = draft.findCall(callId)
  if (call && isTransferredOut(call, to)) failTransfer(draft, callId, reason)
}
