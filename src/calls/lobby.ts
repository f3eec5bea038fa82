/** Who waits in the lobby: let in, or turned away. The time-out is in `time.ts`. */
import type { Admit, AdmitAll, TurnAway } from './commands.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import { fulfil } from './fulfil.ts'
import { dropParty } from './leave.ts'
import type { Participant } from './participant.ts'

/** Somebody lets a participant in from the lobby. */
export function admit(draft: Draft, command: Admit): void {
  letIn(draft, requireWaiting(draft, command.participantId))
}

/** Somebody lets everybody in. */
export function admitAll(draft: Draft, _command: AdmitAll): void {
  for (const participant of draft.conversation.participants) {
    if (participant.state.name === 'lobby') letIn(draft, participant)
  }
}

/** Somebody turns a participant away: a person's leg is dropped, an application's call ends. */
export function turnAway(draft: Draft, command: TurnAway): void {
  dropParty(draft, requireWaiting(draft, command.participantId), { name: 'turned-away' })
}

function requireWaiting(draft: Draft, participantId: string): Participant {
  const participant = draft.findParticipant(participantId)
  if (!participant) return refuse({ name: 'participantNotFound', participantId })
  if (participant.state.name !== 'lobby') return refuse({ name: 'notInLobby', participantId })
  return participant
}

function letIn(draft: Draft, participant: Participant): void {
  draft.updateParticipant(participant.id, { state: { name: 'connected', since: draft.now } })
  draft.event({ type: 'ParticipantAdmitted', participantId: participant.id, identity: participant.identity })
  const { id: participantId, party } = participant
  if (party.type === 'person') {
    const { address } = party
    draft.effect({ type: 'WatchLeg', participantId, address, state: 'connected', since: draft.now })
  }
  const invitation = draft.findInvitation(participant.id)
  if (invitation) fulfil(draft, invitation)
}
