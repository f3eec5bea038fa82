/** People whom another conversation was allowed to take over, and what the two say to each other (see `move.ts`). */
import type { MoveCommand } from './move-commands.ts'
import type { Departure } from './conversation.ts'
import type { Draft } from './draft.ts'

/** Says something to the other conversation of a move. */
export function tellMove(draft: Draft, conversationId: string, command: MoveCommand): void {
  draft.effect({ type: 'Tell', conversationId, command })
}

/** Whether somebody who was let go came here, and after which notification the replaced call may hear of it. */
export function answerAboutMove(draft: Draft, participantId: string): MoveCommand {
  const to = { conversationId: draft.conversation.id, participantId }
  const arrival = draft.conversation.arrivals.find((one) => one.participantId === participantId)
  if (!arrival) return { type: 'MoveCancelled', to }
  const after = draft.lastNotification(arrival.callId)
  const { transferred } = arrival
  return { type: 'MoveDone', to, ...(after && { after }), ...(transferred && { transferred }) }
}

/** Whether a departure, or its outcome, is the one that goes to `to`. */
export function goesTo(departure: Departure, to: Departure['to']): boolean {
  return departure.to.conversationId === to.conversationId && departure.to.participantId === to.participantId
}

/** The departure of a participant, if it was allowed to go. */
export function departureOf(draft: Draft, participantId: string): Departure | undefined {
  return draft.conversation.departures.find((one) => one.participantId === participantId)
}

/** A person who was allowed to go was put out before they arrived: their leg has no other home now. */
export function orphanDeparture(draft: Draft, participantId: string, orphan: NonNullable<Departure['orphan']>): void {
  draft.change({
    departures: draft.conversation.departures.map((one) =>
      one.participantId === participantId ? { ...one, orphan } : one,
    ),
  })
}

/** Strikes a departure off, and returns it. */
export function takeDeparture(draft: Draft, to: Departure['to']): Departure | undefined {
  const departure = draft.conversation.departures.find((one) => goesTo(one, to))
  if (departure) draft.change({ departures: draft.conversation.departures.filter((one) => one !== departure) })
  return departure
}

/** A person who was allowed to go hung up before they arrived: the taking conversation is told. */
export function abandonDeparture(draft: Draft, participantId: string): void {
  const departure = departureOf(draft, participantId)
  if (!departure) return
  takeDeparture(draft, departure.to)
  draft.change({ departed: [...draft.conversation.departed, { ...departure, at: draft.now, gone: true }] })
  tellGone(draft, departure)
}

/** Tells the taking conversation that whoever it was granted has hung up. */
export function tellGone(draft: Draft, { to }: Departure): void {
  tellMove(draft, to.conversationId, {
    type: 'MoveRefused',
    participantId: to.participantId,
    reason: {
      name: 'replace-not-found',
      detail: 'the invitee left the call to be replaced before the move was complete',
    },
  })
}
