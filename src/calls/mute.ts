/** Who is muted: by an application for itself and others, or by themselves; and who has put the call on hold. */
import type { Mute, PersonActs } from './commands.ts'
import { roster } from './conversation.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import { completeAtOnce } from './outcome.ts'
import type { Participant } from './participant.ts'
import { isConnected, isPerson } from './participant.ts'
import { groupCallOf, onRoster } from './roster.ts'

/** `mute`, `unmute` and their kin: done at once; the roster tells if anything changed. */
export function mute(draft: Draft, command: Mute): void {
  const call = groupCallOf(draft, command)
  const { muted, whom, operationId, clientContext } = command
  const participants = whomOf(draft, command, call.participantId)
  for (const { id, isMuted, serverMuted } of participants) {
    if (isMuted === muted && serverMuted === muted) continue
    draft.updateParticipant(id, { isMuted: muted, serverMuted: muted })
    draft.event({ type: 'ParticipantMuted', participantId: id, muted, by: 'application' })
  }
  const given = { id: operationId, callId: call.id, ...(clientContext !== undefined && { clientContext }) }
  if (whom.type === 'several') {
    const type = muted ? 'muteParticipants' : 'unmuteParticipants'
    completeAtOnce(draft, { ...given, type, participants: participants.map(({ id }) => id) })
  } else completeAtOnce(draft, { ...given, type: muted ? 'muteParticipant' : 'unmuteParticipant' })
}

function whomOf(draft: Draft, { whom }: Mute, own: string): readonly Participant[] {
  switch (whom.type) {
    case 'self':
      return [onRoster(draft, own)]
    case 'one':
      return [onRoster(draft, whom.participantId)]
    case 'several': {
      const ids = whom.participantIds ?? []
      if (ids.length > 0) return [...new Set(ids)].map((id) => onRoster(draft, id))
      return roster(draft.conversation).filter(({ id }) => id !== own)
    }
  }
}

/** Somebody mutes or unmutes themselves; whoever was muted by an application may unmute. */
export function personMutes(draft: Draft, command: Extract<PersonActs, { type: 'PersonMutes' }>): void {
  const { participantId, muted } = command
  const participant = draft.findParticipant(participantId)
  if (!participant || !isPerson(participant)) return refuse({ name: 'participantNotFound', participantId })
  if (participant.isMuted === muted) return
  draft.updateParticipant(participantId, { isMuted: muted, ...(!muted && { serverMuted: false }) })
  draft.event({ type: 'ParticipantMuted', participantId, muted, by: 'self' })
}

/** Somebody goes away from the call for a while, or comes back; the roster tells that nothing comes from them or to them. */
export function personHolds(draft: Draft, command: Extract<PersonActs, { type: 'PersonHolds' }>): void {
  const { participantId, away } = command
  const participant = draft.findParticipant(participantId)
  if (!participant || !isPerson(participant) || !isConnected(participant)) {
    return refuse({ name: 'participantNotFound', participantId })
  }
  if ((participant.away ?? false) === away) return
  const { away: _, ...here } = participant
  draft.replaceParticipant(away ? { ...here, away } : here)
  draft.event({ type: 'ParticipantAway', participantId, away })
}
