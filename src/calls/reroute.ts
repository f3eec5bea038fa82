/** How an application passes a call on: before it answers (`redirect`), and afterwards (`transfer`). */
import type { Call } from './call.ts'
import type { Redirect, Transfer } from './commands.ts'
import { parties } from './conversation.ts'
import { departureOf } from './departure.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import { routeTo } from './fulfil.ts'
import type { Identity } from './identity.ts'
import { sameIdentity } from './identity.ts'
import type { Invitation } from './invitation.ts'
import { callerOf, checkApplications, checkDuplicates, checkTransfers, startInvitation } from './invite.ts'
import type { Participant } from './participant.ts'
import { transferOut } from './transfer-out.ts'

/** Targets that a call can be redirected to at once (contract: redirect). */
export const MOST_REDIRECT_TARGETS = 25

/** `redirect`: rings the targets; the first to answer has the call, and if none does it ends for both sides. */
export function redirect(draft: Draft, command: Redirect): void {
  const call = draft.ownCall(command)
  if (call.recorder) refuse({ name: 'recorderInvites' })
  const { targets, timeout, maskCaller, maskCallee } = command
  if (call.state.name !== 'incoming') {
    return refuse({ name: 'callNotIncoming', state: call.state.name, action: 'redirect' })
  }
  if (targets.length === 0) refuse({ name: 'noInvitees' })
  if (targets.length > MOST_REDIRECT_TARGETS) {
    refuse({ name: 'tooManyInvitees', count: targets.length, limit: MOST_REDIRECT_TARGETS })
  }
  checkDuplicates(draft, targets)
  checkCircle(draft, call, command)
  if (draft.conversation.mode !== 'peerToPeer') checkApplications(draft, targets)
  if (command.callbackUri !== undefined) draft.updateCall(call.id, { callbackUri: command.callbackUri })
  draft.moveCall(call, { name: 'redirecting', since: draft.now, maskCaller, maskCallee })
  const caller = redirectCaller(draft, call.id)
  const hidden = draft.invitationOf(call)?.hidden ?? false
  for (const target of targets) {
    startInvitation(draft, { ...target, hidden }, { type: 'redirect', callId: call.id }, caller, {
      ringFor: timeout,
      source: { ...call.source, identity: caller },
      route: routeTo(call, target.identity),
    })
  }
}

/** An application that has passed the call on does not get it back. */
function checkCircle(draft: Draft, call: Call, { targets }: Redirect): void {
  for (const { identity, reach } of targets) {
    if (reach.type !== 'application') continue
    const passedOn = ({ id, appId, state }: Call): boolean =>
      appId === reach.leg.appId && (id === call.id || state.name === 'redirecting')
    if (draft.conversation.calls.some(passedOn)) refuse({ name: 'redirectsInCircle', identity })
  }
}

/** Whom the targets of a redirected call see: its caller, or in their place the application that redirected. */
function redirectCaller(draft: Draft, callId: string): Identity {
  const call = draft.findCall(callId)
  if (!call) return refuse({ name: 'callNotFound' })
  const own = call.targets[0]?.identity ?? { kind: 'application', id: call.appId }
  if (call.state.name === 'redirecting' && call.state.maskCaller) return own
  const invitation = draft.invitationOf(call)
  if (invitation) return ringerOf(draft, invitation)
  return draft.conversation.participants.find(({ state }) => state.name === 'calling')?.identity ?? call.source.identity
}

/** Who is seen to ring for an invitation. */
export function ringerOf(draft: Draft, { purpose, identity }: Invitation): Identity {
  if (purpose.type === 'meet') return purpose.transferee?.identity ?? identity
  if (purpose.type === 'talk') return draft.findParticipant(purpose.callerId)?.identity ?? identity
  const call = draft.callBehind(purpose)
  if (!call) return refuse({ name: 'callNotFound' })
  if (purpose.type === 'redirect') return redirectCaller(draft, call.id)
  if (purpose.type === 'transfer') return otherSide(draft, call)?.identity ?? callerOf(draft, call)
  return callerOf(draft, call)
}

/** The other side of a peer-to-peer call. */
function otherSide(draft: Draft, call: Call): Participant | undefined {
  return parties(draft.conversation).find((one) => one.id !== call.participantId && one.state.name !== 'held')
}

/**
 * `transfer`, blind or, with `replacesCallId`, consultative: the target takes the application's place in a peer-to-peer
 * call; somebody in a group call leaves it for the target.
 */
export function transfer(draft: Draft, command: Transfer): void {
  const call = draft.ownCall(command)
  const { state } = call
  const { target } = command
  if (call.recorder) return refuse({ name: 'recorderInvites' })
  if (draft.conversation.mode !== 'peerToPeer') return transferOut(draft, call, command)
  checkTransfers(draft)
  if (state.name !== 'established') return refuse({ name: 'callNotEstablished', state: state.name })
  const transferee = transfereeOf(draft, call, command)
  if (departureOf(draft, transferee.id)) return refuse({ name: 'transferConflict' })
  if (target.replaces?.call?.conversationId === draft.conversation.id) return refuse({ name: 'replacesItself' })
  checkDuplicates(draft, [target])
  draft.moveCall(call, {
    name: 'transferring',
    since: draft.now,
    keepAliveBy: state.keepAliveBy,
    ...(target.replaces && { replacesCallId: target.replaces.callId }),
  })
  draft.notifyCall(call.id, 'updated', 'transferring')
  const { identity } = transferee
  startInvitation(draft, target, { type: 'transfer', callId: call.id }, identity, {
    source: { identity, sourceParticipantId: transferee.id },
    transferor: callerOf(draft, call),
  })
}

/** Who is transferred: the other side, who must be the one that the request names, if it names anybody. */
function transfereeOf(draft: Draft, call: Call, { transferee: named }: Transfer): Participant {
  const other = otherSide(draft, call)
  const { participantId = other?.id, identity } = named ?? {}
  const isSame = other?.id === participantId && (!identity || (other && sameIdentity(other.identity, identity)))
  if (other && isSame) return other
  return refuse({ name: 'participantNotFound', participantId: participantId ?? identity?.id ?? '' })
}
