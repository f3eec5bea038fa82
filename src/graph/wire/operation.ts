/** Graph's `commsOperation` and its kinds, written. */
import { internalName } from '../../calls/identity.ts'
import type { Operation, OperationState } from '../../calls/operation.ts'
import { reasonText, resultInfo } from '../../calls/reasons.ts'
import type { EndReason } from '../../calls/reasons.ts'
import type { Json } from './identity.ts'
import { withoutTenant, writeFullIdentitySet, writeIdentitySet } from './identity.ts'
import type { Shape } from './shape.ts'

const TYPE = '#microsoft.graph.inviteParticipantsOperation'

/** Status as bodies of answers spell it: the metadata's own members begin with a capital. */
const STATUS: Record<OperationState['name'], string> = { running: 'Running', completed: 'Completed', failed: 'Failed' }

/** An operation as the request that began it, and `GET`, answer with it. */
export function writeOperation(operation: Operation, shape: Shape): Json {
  return {
    '@odata.type': TYPE,
    id: operation.id,
    status: STATUS[operation.state.name],
    clientContext: operation.clientContext ?? null,
    resultInfo: writeOutcome(operation) ?? null,
    participants: operation.invitees.map((invitee) => ({
      endpointType: null,
      ...((shape.inviteeId === 'all' || invitee.identity.kind === 'phone') && { id: invitee.participantId }),
      replacesCallId: invitee.replacesCallId ?? null,
      ...(invitee.hidden && { hidden: true }),
      identity: writeFullIdentitySet(shape.tenantIds ? invitee.identity : withoutTenant(invitee.identity), shape),
    })),
  }
}

/** An operation as the notification of its end carries it. */
export function writeOperationEnd(operation: Operation, shape: Shape): Json {
  const outcome = writeOutcome(operation)
  return {
    '@odata.type': TYPE,
    participants: operation.invitees.map(({ identity }) => ({
      '@odata.type': '#microsoft.graph.invitationParticipantInfo',
      identity: writeIdentitySet(shape.tenantIds ? identity : withoutTenant(identity)),
    })),
    status: operation.state.name,
    ...(outcome && { resultInfo: outcome }),
    ...(operation.clientContext !== undefined && { clientContext: operation.clientContext }),
    id: operation.id,
  }
}

/** Why an operation failed: the first failing invitee's codes, and a message that names each (contract: invite, rule 1). */
function writeOutcome(operation: Operation): Json | undefined {
  const { state } = operation
  const [first] = state.name === 'failed' ? state.reasons : []
  if (!first) return undefined
  const { code, subcode } = resultInfo(first)
  return { '@odata.type': '#microsoft.graph.resultInfo', code, subcode, message: failureMessage(operation, first) }
}

/** The message of a failed operation: each invitee that did not join, why, and the code of the first. */
export function failureMessage({ invitees }: Operation, first: EndReason): string {
  const failures: string[] = []
  for (const { identity, outcome } of invitees) {
    if (outcome.name === 'failed') failures.push(`${internalName(identity)}: ${reasonText(outcome.reason)}`)
  }
  const { message } = resultInfo(first)
  return `Participants that did not join: ${failures.join('; ')}. ${message.slice(message.lastIndexOf('DiagCode'))}`
}
