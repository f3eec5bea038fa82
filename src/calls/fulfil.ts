/** What comes true when whoever was invited, called, redirected or transferred to is in. */
import type { Call, CallRoute } from './call.ts'
import { ownCalls, awaitsRecorder } from './conversation.ts'
import { answerAboutMove, tellMove } from './departure.ts'
import type { Draft } from './draft.ts'
import type { Address, Identity } from './identity.ts'
import { localeOf } from './identity.ts'
import type { Invitation, InvitationPurpose } from './invitation.ts'
import { askToMove } from './invite.ts'
import { endCall, settle, stopRivals } from './leave.ts'
import type { MeetPurpose, Transferee } from './meet.ts'
import { settleInvitee } from './outcome.ts'
import type { Participant } from './participant.ts'
import { mustWait } from './together.ts'

/** What the invitation was made for has come true. */
export function fulfil(draft: Draft, invitation: Invitation): void {
  draft.removeInvitation(invitation.id)
  const { purpose, state, link = 0, identity } = invitation
  if (purpose.type === 'operation') {
    const outcome = { name: 'joined', at: draft.now, ...(link > 0 && { as: identity }) } as const
    settleInvitee(draft, purpose.operationId, invitation.id, outcome)
    stopRivals(draft, invitation)
  } else if (purpose.type === 'meet') {
    if (purpose.transferee) fetchTransferee(draft, purpose, purpose.transferee)
  } else if (purpose.type === 'talk') {
    connectCaller(draft)
  } else {
    const call = draft.findCall(purpose.callId)
    if (call && purpose.type === 'create') establish(draft, call)
    else if (call && purpose.type === 'redirect') redirected(draft, call, invitation)
    else if (call) transferred(draft, call)
  }
  if (state.name === 'granted') arrive(draft, invitation, state.from.conversationId)
}

/** An invitee whose leg is up is in, unless a recorder or others have to come first. */
export function admitInvitee(
  draft: Draft,
  invitation: Invitation,
  address: Address,
  endpointType: Participant['endpointType'],
): void {
  const { id, identity } = invitation
  const others = mustWait(draft, invitation)
  const held = others || awaitsRecorder(draft.conversation, id)
  const since = draft.now
  draft.addParticipant(inviteeAs(invitation, address, endpointType, { name: held ? 'held' : 'connected', since }))
  if (!held) return fulfil(draft, invitation)
  draft.updateInvitation(id, { state: { name: 'held', since } })
  draft.effect({ type: 'WatchLeg', participantId: id, address, state: 'held', since })
  // A call that they were pulled out of has lost them by now.
  if (invitation.state.name === 'granted') arrive(draft, invitation, invitation.state.from.conversationId)
  if (!others) return
  draft.event({ type: 'InviteeHeld', participantId: id, identity })
  acceptElsewhere(draft, invitation.purpose, id)
}

/** An invited application has answered: its call is established, and so is what it was invited for. */
export function applicationJoins(draft: Draft, call: Call, invitation: Invitation): void {
  const { id: participantId, identity, state } = invitation
  if (mustWait(draft, invitation)) {
    if (state.name !== 'waiting' || state.connected) return
    draft.updateInvitation(participantId, {
      state: { name: 'waiting', since: state.since, callId: state.callId, connected: true },
    })
    draft.event({ type: 'InviteeHeld', participantId, identity })
    return acceptElsewhere(draft, invitation.purpose, participantId)
  }
  establish(draft, call, invitation)
  fulfil(draft, invitation)
}

/** An invitee as the participant that it becomes. */
export function inviteeAs(
  { id, identity, hidden, outsideDefaultMix, locale, link }: Invitation,
  address: Address,
  endpointType: Participant['endpointType'],
  state: Participant['state'],
): Omit<Participant, 'sourceId' | 'isMuted' | 'serverMuted'> {
  return {
    id,
    identity,
    party: { type: 'person', address },
    state,
    hidden,
    endpointType,
    audio: true,
    ...(outsideDefaultMix && { outsideDefaultMix }),
    ...(locale && { locale }),
    ...(link !== undefined && { link }),
  }
}

/** Tells the replaced conversation that its participant is here, once the roster has been told. */
export function arrive(draft: Draft, { id: participantId, purpose }: Invitation, conversationId: string): void {
  const callId = purpose.type === 'meet' ? purpose.from.callId : draft.callBehind(purpose)?.id
  if (callId === undefined) return
  const how = (purpose.type === 'transfer' || purpose.type === 'meet') && ({ transferred: true } as const)
  const arrival = { participantId, callId, at: draft.now, ...how }
  draft.change({ arrivals: [...draft.conversation.arrivals, arrival] })
  draft.atEnd(() => tellMove(draft, conversationId, answerAboutMove(draft, participantId)))
}

/** Somebody who waited for the application's answer, in the lobby, for a recorder or for others comes in. */
export function letIn(draft: Draft, { id, identity, state, party }: Participant): void {
  draft.updateParticipant(id, { state: { name: 'connected', since: draft.now } })
  const invitation = draft.findInvitation(id)
  if (state.name !== 'lobby') draft.event({ type: 'ParticipantJoined', participantId: id, identity, lobby: false })
  if (state.name !== 'calling' && party.type === 'person') {
    const { address } = party
    draft.effect({ type: 'WatchLeg', participantId: id, address, state: 'connected', since: draft.now })
  }
  if (invitation) return fulfil(draft, invitation)
  if (draft.conversation.mode !== 'peerToPeer') return
  for (const call of ownCalls(draft.conversation)) if (!draft.invitationOf(call)) establish(draft, call)
  handOver(draft)
}

/** The target of a transfer out of a group is in: who was transferred is asked for, and brought (contract: transfer). */
function fetchTransferee(draft: Draft, { from, appId }: MeetPurpose, transferee: Transferee): void {
  const { participantId: id, fromParticipantId: participantId, identity, address, duties } = transferee
  const { now, rules } = draft
  const state = { name: 'moving', since: now, until: now + rules.setupTimeout, from, participantId } as const
  draft.addInvitation({ id, identity, purpose: { type: 'meet', from, appId }, hidden: false, state, address })
  draft.addDuties(id, 'DialIn', duties)
  draft.event({ type: 'MoveAsked', participantId: id, identity, fromCallId: from.callId })
  askToMove(draft, id)
}

/** Waiting, from now on. */
export function lobbyState({ now, rules }: Draft): Participant['state'] {
  return { name: 'lobby', since: now, until: now + rules.lobbyTimeout }
}

/** Takes an establishing call to established, and puts its application on the roster. @param invited how, if it was invited */
export function establish(
  draft: Draft,
  call: Call,
  invited: Pick<Invitation, 'hidden' | 'outsideDefaultMix'> = { hidden: false },
): void {
  if (call.state.name !== 'establishing') return
  draft.moveCall(call, { name: 'established', since: draft.now, keepAliveBy: call.state.keepAliveBy })
  const application = { kind: 'application', id: call.appId, tenantId: call.tenantId } as const
  const own = call.direction === 'outgoing' ? call.source.identity : call.targets[0]?.identity
  const { mediaConfig } = call
  const isOutside = invited.outsideDefaultMix ?? (mediaConfig.type !== 'none' && mediaConfig.outsideDefaultMix)
  const locale = call.direction === 'outgoing' ? localeOf(call.source) : undefined
  draft.addParticipant({
    id: call.participantId,
    identity: own ?? application,
    party: { type: 'application', callId: call.id },
    state: call.entersLobby === true ? lobbyState(draft) : { name: 'connected', since: draft.now },
    hidden: invited.hidden,
    ...(isOutside && { outsideDefaultMix: true }),
    endpointType: 'default',
    audio: mediaConfig.type !== 'none',
    ...(locale && { locale }),
  })
  draft.notifyCall(call.id, 'updated', 'established')
}

/** One target of a redirected call is in: the others stop ringing, and the caller's media comes up. */
function redirected(draft: Draft, call: Call, { id: participantId, identity: by }: Invitation): void {
  if (call.state.name !== 'redirecting' || call.state.takenUntil !== undefined) return
  const { id: callId, state } = call
  const routes = [routeTo(call, by)]
  const takenUntil = draft.now + draft.rules.setupTimeout
  draft.updateCall(callId, { state: { ...state, takenUntil }, answeredBy: withoutNumber(by, participantId), routes })
  acceptElsewhere(draft, { type: 'redirect', callId }, participantId)
  const invitation = draft.invitationOf(call)
  if (invitation) {
    const callee = state.maskCallee ? invitation.identity : by
    const { purpose } = invitation
    if (purpose.type === 'create') {
      const answeredBy = withoutNumber(callee, participantId)
      const shown = { answeredBy, routes: [{ original: invitation.identity, final: callee }] }
      draft.updateCall(purpose.callId, shown)
    }
    fulfil(draft, { ...invitation, identity: callee })
  } else connectCaller(draft)
  handOver(draft)
}

/** Whoever takes a redirected call is the only one: the others stop ringing. */
function acceptElsewhere(draft: Draft, taken: InvitationPurpose, participantId: string): void {
  if (taken.type !== 'redirect') return
  for (const other of draft.conversation.invitations) {
    const { id, purpose } = other
    if (id === participantId || purpose.type !== 'redirect' || purpose.callId !== taken.callId) continue
    settle(draft, other, { name: 'accepted-elsewhere' })
  }
}

/** How a call goes from its application to somebody else. */
export function routeTo(call: Call, final: Identity): CallRoute {
  const [target] = call.targets
  return { original: target?.identity ?? { kind: 'application', id: call.appId }, final }
}

/** A phone that took a redirected call is shown without its number, as published (contract: redirect). */
function withoutNumber(identity: Identity, participantId: string): Identity {
  return identity.kind === 'phone' ? { kind: 'encrypted', id: `29:${participantId}` } : identity
}

/** Brings the media of a caller up who still waits. */
export function connectCaller(draft: Draft): void {
  for (const { id: participantId, party, state } of draft.conversation.participants) {
    if (state.name !== 'calling' || party.type !== 'person') continue
    draft.effect({ type: 'ConnectLeg', participantId, address: party.address })
  }
}

/** Redirected calls that were taken end as soon as no caller waits any longer: the others go on without them. */
export function handOver(draft: Draft): void {
  const { mode, participants } = draft.conversation
  const waits = ({ state }: Participant): boolean => state.name === 'calling' || state.name === 'held'
  if (mode === 'peerToPeer' && participants.some(waits)) return
  for (const call of draft.conversation.calls) {
    if (call.state.name !== 'redirecting' || call.state.takenUntil === undefined) continue
    endCall(draft, call, { name: 'redirected' }, 'handedOver')
  }
}

/** The target of a transfer has answered. */
export function acceptTransfer(draft: Draft, callId: string): void {
  const call = draft.findCall(callId)
  if (call?.state.name !== 'transferring') return
  draft.moveCall(call, { ...call.state, name: 'transferAccepted', since: draft.now })
  draft.notifyCall(callId, 'updated', 'transferAccepted')
}

/** The target of a transfer is in: the application leaves. */
function transferred(draft: Draft, call: Call): void {
  acceptTransfer(draft, call.id)
  endCall(draft, call, { name: 'transferred' }, 'handedOver')
}
