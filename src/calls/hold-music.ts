/**
 * Hold music: one participant at a time hears music instead of the call. Outside the queue of the call's media.
 *
 *     HoldParticipant ──► start running ──it plays──► completed          the participant is on hold meanwhile
 *                              └──it cannot be played, they leave, the call ends──► failed, and they are back
 *     UnholdParticipant ─► stop running ──it has stopped──► completed
 */
import type { Call } from './call.ts'
import type { HoldParticipant, UnholdParticipant } from './commands.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import type { MediaOutcome } from './media.ts'
import type { HoldMusicOperation } from './operation.ts'
import { isFinished, isHoldMusic } from './operation.ts'
import { endOperation } from './outcome.ts'
import { isConnected } from './participant.ts'
import type { EndReason } from './reasons.ts'

const LEFT: EndReason = { name: 'media-cancelled', detail: 'the operation was cancelled: the participant left' }

/** `startHoldMusic`: one participant at a time (contract: participants). */
export function holdParticipant(draft: Draft, command: HoldParticipant): void {
  const call = heldCall(draft, command)
  const { participantId, operationId, prompt } = command
  const held = call.hold?.participantId ?? (isOnHold(draft, participantId) ? participantId : undefined)
  if (held !== undefined) refuse({ name: 'holdInUse', participantId: held })
  draft.updateCall(call.id, { hold: { participantId, operationId, ...(prompt && { prompt }) } })
  addHoldOperation(draft, command, 'startHoldMusic')
  draft.event({ type: 'HoldBegan', callId: call.id, participantId })
  draft.effect({ type: 'StartHoldMusic', callId: call.id, operationId, participantId, ...(prompt && { prompt }) })
}

/** `stopHoldMusic`. */
export function unholdParticipant(draft: Draft, command: UnholdParticipant): void {
  const call = heldCall(draft, command)
  const { participantId, operationId } = command
  if (call.hold?.participantId !== participantId) refuse({ name: 'notOnHold', participantId })
  const early = { name: 'media-cancelled', detail: 'the operation was cancelled: the hold music was stopped' } as const
  endOperations(draft, call.id, early, participantId)
  release(draft, call.id)
  addHoldOperation(draft, command, 'stopHoldMusic')
  draft.effect({ type: 'StopHoldMusic', callId: call.id, operationId, participantId })
}

/** The call whose participant is concerned: of a peer-to-peer call nobody can be named, as it has no roster. */
function heldCall(draft: Draft, command: HoldParticipant | UnholdParticipant): Call {
  const call = draft.ownCall(command)
  if (call.state.name !== 'established') refuse({ name: 'callNotEstablished', state: call.state.name })
  if (command.participantId === call.participantId) refuse({ name: 'ownParticipant' })
  const participant = draft.findParticipant(command.participantId)
  if (draft.conversation.mode === 'peerToPeer' || !participant || !isConnected(participant)) {
    return refuse({ name: 'participantNotFound', participantId: command.participantId })
  }
  return call
}

function addHoldOperation(
  draft: Draft,
  { callId, operationId: id, clientContext, participantId }: HoldParticipant | UnholdParticipant,
  type: HoldMusicOperation['type'],
): void {
  draft.addOperation({
    id,
    callId,
    type,
    ...(clientContext !== undefined && { clientContext }),
    createdAt: draft.now,
    state: { name: 'running' },
    participantId,
    until: draft.now + draft.rules.mediaTimeout,
  })
}

/** The hold music plays or has stopped, or could not be played: then nobody is on hold. */
export function endHoldOperation(draft: Draft, operation: HoldMusicOperation, outcome: MediaOutcome): void {
  const { now: at } = draft
  const { callId, id: operationId, participantId, type } = operation
  if (outcome.name === 'completed') {
    return endOperation(draft, operation, {
      name: 'completed',
      at,
      reason: outcome.reason ?? { name: 'media-completed' },
    })
  }
  if (type === 'startHoldMusic' && draft.findCall(callId)?.hold?.operationId === operationId) {
    release(draft, callId)
    draft.effect({ type: 'StopHoldMusic', callId, participantId })
  }
  endOperation(draft, operation, { name: 'failed', at, reasons: [outcome.reason] })
}

/** The call ends, or `participantId` has left it: the music ends with it, and so does what is under way about it. */
export function endHold(draft: Draft, callId: string, reason: EndReason, participantId?: string): void {
  endOperations(draft, callId, reason, participantId)
  const hold = draft.findCall(callId)?.hold
  if (!hold || hold.participantId !== (participantId ?? hold.participantId)) return
  release(draft, callId)
  draft.effect({ type: 'StopHoldMusic', callId, participantId: hold.participantId })
}

/** Ends whatever concerns participants that have left a call. */
export function releaseDeparted(draft: Draft, { id: callId, hold }: Call): void {
  const concerned = draft.conversation.operations.flatMap((one) =>
    one.callId === callId && isHoldMusic(one) && !isFinished(one) ? [one.participantId] : [],
  )
  for (const id of new Set([...concerned, ...(hold ? [hold.participantId] : [])])) {
    if (!draft.findParticipant(id)) endHold(draft, callId, LEFT, id)
  }
}

function endOperations(draft: Draft, callId: string, reason: EndReason, participantId?: string): void {
  for (const operation of draft.conversation.operations) {
    if (operation.callId !== callId || !isHoldMusic(operation) || isFinished(operation)) continue
    if (operation.participantId !== (participantId ?? operation.participantId)) continue
    endOperation(draft, operation, { name: 'failed', at: draft.now, reasons: [reason] })
  }
}

function release(draft: Draft, callId: string): void {
  const call = draft.findCall(callId)
  if (!call?.hold) return
  draft.event({ type: 'HoldEnded', callId, participantId: call.hold.participantId })
  const { hold: _, ...rest } = call
  draft.change({ calls: draft.conversation.calls.map((one) => (one.id === callId ? rest : one)) })
}

/** After a restart whoever is on hold is put on hold again, and whoever was being brought back is brought back. */
export function resumeHold(draft: Draft, { id: callId, hold }: Call): void {
  for (const operation of draft.conversation.operations) {
    if (operation.callId !== callId || operation.type !== 'stopHoldMusic' || isFinished(operation)) continue
    draft.effect({ type: 'StopHoldMusic', callId, operationId: operation.id, participantId: operation.participantId })
  }
  if (hold) draft.effect({ type: 'StartHoldMusic', callId, ...hold })
}

/** Whether some application has put the participant on hold: they are not heard, and neither are their keys. */
export function isOnHold(draft: Draft, participantId: string): boolean {
  return draft.conversation.calls.some(({ hold }) => hold?.participantId === participantId)
}
