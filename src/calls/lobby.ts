/** Who waits in the lobby: let in, or turned away. The time-out is in `time.ts`. */
import type { Admit, AdmitAll, TurnAway } from './commands.ts'
import { awaitsRecorder } from './conversation.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import { letIn } from './fulfil.ts'
import { dropParty } from './leave.ts'
import type { Participant } from './participant.ts'
import { awaitsOthers } from './together.ts'

/** Somebody lets a participant in from the lobby. */
export function admit(draft: Draft, command: Admit): void {
  letOut(draft, requireWaiting(draft, command.participantId))
}

/** Somebody lets everybody in. */
export function admitAll(draft: Draft, _command: AdmitAll): void {
  for (const participant of draft.conversation.participants) {
    if (participant.state.name === 'lobby') letOut(draft, participant)
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

/** Out of the lobby and in, unless a recorder or others have to come first. */
function letOut(draft: Draft, participant: Participant): void {
  const { id: participantId, identity, state } = participant
  if (state.name !== 'lobby' || state.admitted) return
  draft.event({ type: 'ParticipantAdmitted', participantId, identity })
  if (awaitsRecorder(draft.conversation, participantId) || awaitsOthers(draft, participantId)) {
    // Nobody sees a difference yet.
    const admitted = { ...participant, state: { ...state, admitted: true } } as const
    const { participants } = draft.conversation
    draft.change({ participants: participants.map((one) => (one.id === participantId ? admitted : one)) })
  } else letIn(draft, participant)
}
