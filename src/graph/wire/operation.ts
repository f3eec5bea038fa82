/** Graph's `commsOperation` and its kinds, written. */
import { internalName } from '../../calls/identity.ts'
import type { Operation, OperationState } from '../../calls/operation.ts'
import { isInvite, isMedia } from '../../calls/operation.ts'
import { failuresOf } from '../../calls/outcome.ts'
import { reasonText, resultInfo } from '../../calls/reasons.ts'
import type { EndReason } from '../../calls/reasons.ts'
import type { Json } from './identity.ts'
import { writeOutcomes } from './extensions.ts'
import { withoutTenant, writeFullIdentitySet, writeIdentitySet } from './identity.ts'
import { mediaAnswer, mediaEnd } from './media-operation.ts'
import type { Shape } from './shape.ts'

/** Status as the answer to an invite spells it, and nothing else does: the metadata's own members begin with a capital. */
const INVITE_STATUS: Record<OperationState['name'], string> = {
  running: 'Running',
  completed: 'Completed',
  failed: 'Failed',
}

/** The `@odata.type` of an operation: kinds without a type of their own are plain ones. */
export function operationType({ type }: Operation): string {
  const plain = type === 'configureMixer' || type === 'unmuteParticipants'
  return `#microsoft.graph.${plain ? 'comms' : type}Operation`
}

/**
 * An operation as the request that began it, and `GET`, answer with it.
 *
 * @param baseUrl the server's public address: recordings are below it
 */
export function writeOperation(operation: Operation, shape: Shape, baseUrl: string): Json {
  return {
    '@odata.type': operationType(operation),
    id: operation.id,
    status: isInvite(operation) ? INVITE_STATUS[operation.state.name] : operation.state.name,
    clientContext: operation.clientContext ?? null,
    resultInfo: writeOutcome(operation) ?? null,
    ...answerMembers(operation, shape, baseUrl),
    ...writeOutcomes(operation, (id) => id),
  }
}

/** What the answer says beyond the members that all operations have. */
function answerMembers(operation: Operation, shape: Shape, baseUrl: string): Json {
  if ('participants' in operation) return { participants: operation.participants }
  if (isMedia(operation)) return mediaAnswer(operation, shape.betaMembers, baseUrl)
  if (!isInvite(operation)) return {}
  return {
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
export function writeOperationEnd(operation: Operation, shape: Shape, baseUrl: string): Json {
  const outcome = writeOutcome(operation)
  return {
    '@odata.type': operationType(operation),
    ...endMembers(operation, shape, baseUrl),
    status: operation.state.name,
    ...(outcome && { resultInfo: outcome }),
    ...(operation.clientContext !== undefined && { clientContext: operation.clientContext }),
    id: operation.id,
    ...writeOutcomes(operation, (id) => id),
  }
}

/** What the notification of the end says beyond the members that all operations have. */
function endMembers(operation: Operation, shape: Shape, baseUrl: string): Json {
  if (isMedia(operation)) return mediaEnd(operation, shape.betaMembers, baseUrl)
  if (!isInvite(operation)) return {}
  return {
    participants: operation.invitees.map(({ identity }) => ({
      '@odata.type': '#microsoft.graph.invitationParticipantInfo',
      identity: writeIdentitySet(shape.tenantIds ? identity : withoutTenant(identity)),
    })),
  }
}

/** How an operation ended, if there is anything to say of it. */
function writeOutcome(operation: Operation): Json | undefined {
  const reason = outcomeOf(operation)
  if (!reason) return undefined
  const { code, subcode } = resultInfo(reason)
  return { '@odata.type': '#microsoft.graph.resultInfo', code, subcode, message: outcomeMessage(operation, reason) }
}

/** Why the operation ended as it did: the first failing invitee's reason (contract: invite, rule 1). */
export function outcomeOf({ state }: Operation): EndReason | undefined {
  if (state.name === 'failed') return state.reasons[0]
  return state.name === 'completed' ? state.reason : undefined
}

/** The message of an outcome: of an invite, each invitee that did not join, why, and the code of the first. */
export function outcomeMessage(operation: Operation, first: EndReason): string {
  const { message } = resultInfo(first)
  if (!isInvite(operation)) return message
  const failures = failuresOf(operation.invitees).map(
    ({ identity, reason }) => `${internalName(identity)}: ${reasonText(reason)}`,
  )
  return `Participants that did not join: ${failures.join('; ')}. ${message.slice(message.lastIndexOf('DiagCode'))}`
}
