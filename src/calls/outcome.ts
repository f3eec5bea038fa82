/** How operations end: an invite as its invitees settle one by one, the others when what they asked for is done. */
import type { Draft } from './draft.ts'
import type {
  InviteOperation,
  MuteAllOperation,
  Operation,
  OperationInvitee,
  OperationState,
  PlainOperation,
} from './operation.ts'
import type { InviteeOutcome } from './operation.ts'
import { isInvite } from './operation.ts'
import type { EndReason } from './reasons.ts'

/** Records one invitee's outcome, and ends the operation when it was the last. */
export function settleInvitee(
  draft: Draft,
  operationId: string,
  participantId: string,
  outcome: Exclude<InviteeOutcome, { name: 'pending' }>,
): void {
  const operation = draft.findOperation(operationId)
  if (!operation || !isInvite(operation) || operation.state.name !== 'running') return
  const invitees = operation.invitees.map((one) =>
    one.participantId === participantId && one.outcome.name === 'pending' ? { ...one, outcome } : one,
  )
  const after: InviteOperation = { ...operation, invitees }
  draft.updateOperation(after)
  const state = stateAfter(invitees, draft.now)
  if (state.name !== 'running') endOperation(draft, after, state)
}

/** Completed when everybody joined; failed once all are settled and somebody did not (contract: invite, rule 1). */
function stateAfter(invitees: readonly OperationInvitee[], now: number): OperationState {
  if (invitees.some(({ outcome }) => outcome.name === 'pending')) return { name: 'running' }
  const reasons: EndReason[] = []
  for (const { outcome } of invitees) if (outcome.name === 'failed') reasons.push(outcome.reason)
  return reasons.length > 0 ? { name: 'failed', at: now, reasons } : { name: 'completed', at: now }
}

type Ended = Exclude<OperationState, { name: 'running' }>

/** Ends a running operation, once, and tells its application. */
export function endOperation(draft: Draft, operation: Operation, state: Ended): void {
  if (draft.findOperation(operation.id)?.state.name !== 'running') return
  const after: Operation = { ...operation, state }
  draft.updateOperation(after)
  tellEnd(draft, after, state)
  draft.notifyOperation(after)
}

type AtOnce = Omit<PlainOperation, 'createdAt' | 'state'> | Omit<MuteAllOperation, 'createdAt' | 'state'>

/**
 * Adds an operation that is done by the time its request is answered: that answer tells of its end, so no notification
 * follows (contract: operations, section 0).
 */
export function completeAtOnce(draft: Draft, given: AtOnce): void {
  const state = { name: 'completed', at: draft.now } as const
  const operation: Operation = { ...given, createdAt: draft.now, state }
  draft.addOperation(operation)
  tellEnd(draft, operation, state)
}

function tellEnd(draft: Draft, { callId, id: operationId }: Operation, state: Ended): void {
  draft.event({
    type: 'OperationEnded',
    callId,
    operationId,
    status: state.name,
    reasons: state.name === 'failed' ? state.reasons : [],
  })
}
