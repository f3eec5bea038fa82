/** How somebody who was invited, called or joined becomes a participant. */
import type { CallConnected, LegReport, PersonJoins, PlacedLeg, ReportedLeg } from './commands.ts'
import { awaitsRecorder } from './conversation.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import { acceptTransfer, admitInvitee, applicationJoins, establish, inviteeAs, letIn, lobbyState } from './fulfil.ts'
import type { Address } from './identity.ts'
import type { Invitation } from './invitation.ts'
import { checkDuplicates } from './invite.ts'
import { giveUp, leaveParty } from './leave.ts'
import type { Participant } from './participant.ts'
import { isPerson } from './participant.ts'
import { failureReason } from './reasons.ts'
import { tellAnswered } from './transfer-out.ts'

type Report<Type extends LegReport['type']> = Extract<LegReport, { type: Type }>

/** An endpoint rings: news for an application that asked for it. */
export function legRinging(draft: Draft, command: Report<'LegRinging'>): void {
  noteDevice(draft, command)
  const invitation = findReached(draft, command)
  if (invitation?.state.name !== 'ringing' || invitation.purpose.type !== 'create') return
  const call = draft.findCall(invitation.purpose.callId)
  if (call?.state.name !== 'establishing' || call.state.ringing || !call.manners.ringing) return
  draft.updateCall(call.id, { state: { ...call.state, ringing: true } })
  draft.event({ type: 'InviteeRings', participantId: invitation.id, identity: invitation.identity })
  draft.notifyCall(call.id, 'updated', 'ringing')
}

/** An endpoint was picked up: its media has `setupTimeout` to come up. */
export function legAnswered(draft: Draft, command: Report<'LegAnswered'>): void {
  noteDevice(draft, command)
  const invitation = findReached(draft, command)
  if (invitation?.state.name !== 'ringing') return
  const state = { name: 'connecting', since: draft.now, until: draft.now + draft.rules.setupTimeout } as const
  draft.updateInvitation(invitation.id, { state })
  draft.event({ type: 'InviteeAnswered', participantId: invitation.id, identity: invitation.identity })
  if (invitation.purpose.type === 'transfer') acceptTransfer(draft, invitation.purpose.callId)
  else if (invitation.purpose.type === 'meet') tellAnswered(draft, invitation.purpose)
}

/** An endpoint's media is up: the invitee is in, or in the lobby; a caller who waited is connected. */
export function legConnected(draft: Draft, command: Report<'LegConnected'>): void {
  noteDevice(draft, command)
  const invitation = findReached(draft, command)
  const { address } = invitation ?? {}
  if (invitation && address) {
    const { name } = invitation.state
    if (name !== 'ringing' && name !== 'connecting' && name !== 'granted') return
    if (command.lobby && name !== 'granted' && draft.conversation.mode !== 'peerToPeer') {
      return enterLobby(draft, invitation, address, command.endpointType)
    }
    return admitInvitee(draft, invitation, address, command.endpointType)
  }
  const caller = draft.findParticipant(command.participantId)
  if (caller?.state.name === 'calling') {
    // Whoever they called has not answered yet.
    const calls = ({ purpose }: Invitation): boolean => purpose.type === 'talk' && purpose.callerId === caller.id
    if (draft.conversation.invitations.some(calls)) return
    if (!awaitsRecorder(draft.conversation, caller.id)) return letIn(draft, caller)
    const state = { name: 'held', since: draft.now } as const
    draft.updateParticipant(caller.id, { state })
    if (caller.party.type !== 'person') return
    const { address } = caller.party
    draft.effect({ type: 'WatchLeg', participantId: caller.id, address, state: state.name, since: state.since })
  }
}

/** Where somebody is: remembered, so that what is asked of their leg from now on goes there, after a restart too. */
function noteDevice(draft: Draft, report: PlacedLeg): void {
  const { device } = report
  if (device === undefined) return
  const invitation = findReached(draft, report)
  if (invitation?.address && invitation.address.device !== device) {
    draft.updateInvitation(invitation.id, { address: { ...invitation.address, device } })
  }
  const person = findPerson(draft, report)
  if (person?.party.type !== 'person' || person.party.address.device === device) return
  const party = { type: 'person', address: { ...person.party.address, device } } as const
  const { participants } = draft.conversation
  // Nobody sees a difference.
  draft.change({ participants: participants.map((one) => (one.id === person.id ? { ...one, party } : one)) })
}

/** An endpoint could not be reached, or said no. */
export function legFailed(draft: Draft, command: Report<'LegFailed'>): void {
  const participant = findPerson(draft, command)
  if (participant) return leaveParty(draft, participant, command.reason)
  const invitation = findReached(draft, command)
  if (invitation) giveUp(draft, invitation, command.reason)
}

/** A person hung up. */
export function legLeft(draft: Draft, command: Report<'LegLeft'>): void {
  const participant = findPerson(draft, command)
  if (participant) return leaveParty(draft, participant, { name: 'left' })
  const invitation = findReached(draft, command)
  if (invitation) giveUp(draft, invitation, failureReason('declined', invitation.address?.kind ?? 'user'))
}

/** Whose leg a report is about. An application has a call, not a leg. */
function findPerson(draft: Draft, report: ReportedLeg): Participant | undefined {
  const participant = draft.findParticipant(report.participantId)
  return participant && isPerson(participant) && isMeant(report, participant) ? participant : undefined
}

/** The invitation that a report is about. */
function findReached(draft: Draft, report: ReportedLeg): Invitation | undefined {
  const invitation = draft.findInvitation(report.participantId)
  return invitation && isMeant(report, invitation) ? invitation : undefined
}

/** Whether a report is about this link of a chain: what comes late from an earlier one counts no more. */
function isMeant(report: ReportedLeg, { link }: { readonly link?: number }): boolean {
  return report.link === undefined || link === undefined || report.link === link
}

/** The application's own media is up, after it answered or joined. */
export function callConnected(draft: Draft, command: CallConnected): void {
  const call = draft.findCall(command.callId)
  if (call?.state.name !== 'establishing') return
  if (call.recorder) return establish(draft, call, { hidden: true })
  const invitation = draft.invitationOf(call)
  if (invitation) return applicationJoins(draft, call, invitation)
  const { mode, participants } = draft.conversation
  // Whoever is held comes in, and the call up, with their recorder.
  if (mode === 'peerToPeer' && participants.some(({ state }) => state.name === 'held')) return
  const caller = participants.find(({ state }) => state.name === 'calling')
  if (caller?.party.type === 'person') {
    draft.effect({ type: 'ConnectLeg', participantId: caller.id, address: caller.party.address })
  } else establish(draft, call)
}

/** A person enters a group call or meeting of their own accord. */
export function personJoins(draft: Draft, command: PersonJoins): void {
  const { participantId, identity, address, lobby, role, cameraOff, duties } = command
  if (draft.conversation.endedAt !== undefined) refuse({ name: 'callNotFound' })
  if (draft.conversation.mode === 'peerToPeer') refuse({ name: 'notGroupCall', rule: 'neverEscalates' })
  checkDuplicates(draft, [command])
  draft.addDuties(participantId, 'DialIn', duties)
  const { now } = draft
  const inside = awaitsRecorder(draft.conversation, participantId) ? 'held' : 'connected'
  draft.addParticipant({
    id: participantId,
    identity,
    party: { type: 'person', address },
    state: lobby ? lobbyState(draft) : { name: inside, since: now },
    hidden: false,
    endpointType: 'default',
    ...(role && { role }),
    ...(cameraOff && { cameraOff }),
    audio: true,
  })
  draft.effect({ type: 'WatchLeg', participantId, address, state: lobby ? 'lobby' : inside, since: now })
}

type EndpointType = Participant['endpointType']

function enterLobby(draft: Draft, invitation: Invitation, address: Address, endpointType: EndpointType): void {
  draft.updateInvitation(invitation.id, { state: { name: 'lobby', since: draft.now } })
  draft.addParticipant(inviteeAs(invitation, address, endpointType, lobbyState(draft)))
}
