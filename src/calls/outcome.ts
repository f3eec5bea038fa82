/** What becomes of an operation as its invitees settle one by one. */
import type { Draft } from './draft.ts'
import type { Operation, OperationInvitee, OperationState } from './operation.ts'
import type { InviteeOutcome } from './operation.ts'
import type { EndReason } from './reasons.ts'

/** Records one invitee's outcome, and ends the operation when it was the last. */
export function settleInvitee(
  draft: Draft,
  operationId: string,
  participantId: string,
  outcome: Exclude<InviteeOutcome, { name: 'pending' }>,
): void {
  const operation = draft.findOperation(operationId)
  if (!operation || operation.state.name !== 'running') return
  const invitees = operation.invitees.map((one) =>
    one.participantId === participantId && one.outcome.name === 'pending' ? { ...one, outcome } : one,
  )
  const state = stateAfter(invitees, draft.now)
  const after: Operation = { ...operation, invitees, state }
  draft.updateOperation(after)
  if (state.name === 'running') return
  draft.event({
    type: 'OperationEnded',
    callId: operation.callId,
    operationId,
    status: state.name,
    reasons: state.name === 'failed' ? state.reasons : [],
  })
  draft.notifyOperation(after)
}

/** Completed when everybody joined; failed once all are settled and somebody did not (contract: invite, rule 1). */
function stateAfter(invitees: readonly OperationInvitee[], now: number): OperationState {
  if (invitees.some(({ outcome }) => outcome.name === 'pending')) return { name: 'running' }
  const reasons: EndReason[] = []
  for (const { outcome } of invitees) if (outcome.name === 'failed') reasons.push(outcome.reason)
  return reasons.length > 0 ? { name: 'failed', at: now, reasons } : { name: 'completed', at: now }
}
