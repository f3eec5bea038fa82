/** What creating a call and joining one have in common. */
import type { CallSource } from '../../calls/call.ts'
import type { CreateCall } from '../../calls/commands.ts'
import type { Identity } from '../../calls/identity.ts'
import { mannersOf, optionsIn } from '../dialects/dialect.ts'
import { refusal } from '../errors.ts'
import type { CreateCallRequest } from '../wire/requests.ts'
import type { GraphParts, GraphRequest } from './route.ts'

/** Refuses a tenant that is not the token's: 403/7505. `where` names the place in the request. */
export function checkTenant({ caller }: GraphRequest, tenantId: string, where: string): void {
  if (tenantId === caller.tenantId) return
  throw refusal(
    403,
    '7505',
    `${where} is ${tenantId}, but the token is for tenant ${caller.tenantId}; both must be the same.`,
  )
}

function sourceOf(request: GraphRequest, parts: GraphParts, read: CreateCallRequest): CallSource {
  const { caller } = request
  const application = parts.directory().application(caller.appId)
  const own: Identity = {
    kind: 'application',
    id: caller.appId,
    ...(application && { displayName: application.displayName }),
    tenantId: caller.tenantId,
  }
  if (!read.source) return { identity: own }
  const { identity } = read.source
  const named = identity.kind === 'application' ? { ...own, ...identity } : identity
  return { ...read.source, identity: { ...named, tenantId: caller.tenantId } }
}

/** The command of a new call, as far as creating and joining have it in common. */
export function newCall(
  request: GraphRequest,
  parts: GraphParts,
  read: CreateCallRequest,
): Omit<CreateCall, 'type' | 'conversationId' | 'targets' | 'chatInfo'> {
  const { caller, dialect } = request
  const { ids } = parts
  return {
    callId: ids.guid(),
    appId: caller.appId,
    tenantId: caller.tenantId,
    callChainId: read.callChainId ?? ids.guid(),
    participantId: ids.guid(),
    callbackUri: read.callbackUri,
    scenarioId: request.scenarioId ?? ids.guid(),
    manners: mannersOf(dialect),
    source: sourceOf(request, parts, read),
    requestedModalities: read.requestedModalities,
    mediaConfig: read.mediaConfig,
    ...optionsIn(dialect, read.callOptions),
    ...(read.subject !== undefined && { subject: read.subject }),
  }
}
