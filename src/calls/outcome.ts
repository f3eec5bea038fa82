/** How operations end: an invite as its invitees settle one by one, the others when what they asked for is done. */
import type { Draft } from './draft.ts'
import { sameIdentity } from './identity.ts'
import type {
  FailedAttempt,
  InviteOperation,
  MuteAllOperation,
  Operation,
  OperationInvitee,
  OperationState,
  PlainOperation,
} from './operation.ts'
import type { InviteeOutcome } from './operation.ts'
import { isInvite } from './operation.ts'

/** Notes somebody of an invitee's chain who did not come, once. */
export function noteAttempt(draft: Draft, operationId: string, participantId: string, attempt: FailedAttempt): void {
  const operation = draft.findOperation(operationId)
  if (!operation || !isInvite(operation)) return
  const invitees = operation.invitees.map((one) =>
    one.participantId === participantId ? { ...one, attempts: withAttempt(one.attempts ?? [], attempt) } : one,
  )
  draft.updateOperation({ ...operation, invitees })
}

function withAttempt(attempts: readonly FailedAttempt[], attempt: FailedAttempt): readonly FailedAttempt[] {
  const isNoted = attempts.some(({ identity }) => sameIdentity(identity, attempt.identity))
  return isNoted ? attempts : [...attempts, attempt]
}

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
  const state = stateAfter(after, draft.now)
  if (state.name !== 'running') endOperation(draft, after, state)
}

/**
 * Completed when everybody joined; failed once all are settled and somebody did not (contract: invite, rule 1). If the first
 * to come was wanted, one is enough.
 */
function stateAfter({ invitees, mode }: InviteOperation, now: number): OperationState {
  if (invitees.some(({ outcome }) => outcome.name === 'pending')) return { name: 'running' }
  if (mode === 'first' && invitees.some(({ outcome }) => outcome.name === 'joined')) {
    return { name: 'completed', at: now }
  }
  const reasons = failuresOf(invitees).map(({ reason }) => reason)
  return reasons.length > 0 ? { name: 'failed', at: now, reasons } : { name: 'completed', at: now }
}

/** Who did not join and why: first those who failed of themselves, then those who were taken back because of them. */
export function failuresOf(invitees: readonly OperationInvitee[]): readonly FailedAttempt[] {
  const failures = invitees.flatMap(({ identity, outcome, attempts }) =>
    outcome.name === 'failed' ? (attempts ?? [{ identity, at: outcome.at, reason: outcome.reason }]) : [],
  )
  const isOwn = ({ reason }: FailedAttempt): boolean => reason.name !== 'invite-withdrawn'
  return [...failures.filter(isOwn), ...failures.filter((one) => !isOwn(one))]
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
