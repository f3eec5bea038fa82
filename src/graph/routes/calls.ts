/** The calls themselves: create and join, read, answer, reject, keep alive, hang up. */
import type { MediaConfig } from '../../calls/call.ts'
import type { CreateCall } from '../../calls/commands.ts'
import { hasRoster } from '../../calls/conversation.ts'
import { viewOf } from '../../calls/draft.ts'
import { mannersOf, optionsIn } from '../dialects/dialect.ts'
import { refusal } from '../errors.ts'
import type { Json } from '../wire/identity.ts'
import type { CreateCallRequest } from '../wire/requests.ts'
import { readAnswer, readCreateCall, readReject } from '../wire/requests.ts'
import { checkCallback, checkPrompts, prefetched } from './addresses.ts'
import { joinCommand } from './join.ts'
import { checkTenant, newCall } from './new-call.ts'
import { inviteeOf, mintChat, withJoinTokens } from './parties.ts'
import { ACCESS_MEDIA, AT_CREATION, BY_BODY, EVER, INITIATE, INITIATE_GROUP, JOIN, JOIN_AS_GUEST } from './published.ts'
import { NO_PERMISSION, SINCE_2020 } from './published.ts'
import type { FoundCall, GraphParts, GraphRequest, Route } from './route.ts'
import { callIn, carryOut, requireCall, requireRole } from './route.ts'

export const callRoutes: readonly Route[] = [
  {
    operation: 'call: create',
    method: 'POST',
    path: '',
    published: EVER,
    permissions: BY_BODY,
    async handle(request, parts) {
      const read = readCreateCall(request.body)
      checkCreator(request, parts, read)
      checkCallback(read.callbackUri, request, parts)
      const make = read.meetingInfo ? joinCommand : createCommand
      const command = await make(request, parts, read)
      return carryOut(request, parts, command.conversationId, command, (conversation) => {
        const body = callBody(request, parts, callIn(conversation, command.callId), request.dialect.context.created)
        return {
          status: 201,
          location: `${request.collection}/${request.dialect.id(command.callId)}`,
          ...(request.dialect.createdBody && { body }),
          createdCall: command.callId,
          chainId: conversation.callChainId,
        }
      })
    },
  },
  {
    operation: 'call: get',
    method: 'GET',
    path: '/:callId',
    published: EVER,
    permissions: AT_CREATION,
    async handle(request, parts) {
      const found = await requireCall(request, parts)
      return {
        status: 200,
        body: callBody(request, parts, found, request.dialect.context.read),
        chainId: found.conversation.callChainId,
      }
    },
  },
  {
    operation: 'call: delete',
    method: 'DELETE',
    path: '/:callId',
    published: EVER,
    permissions: AT_CREATION,
    async handle(request, parts) {
      const { conversation, call } = await requireCall(request, parts)
      const command = { type: 'HangUp', callId: call.id, appId: call.appId } as const
      return carryOut(request, parts, conversation.id, command, ({ callChainId: chainId }) => ({
        status: 204,
        chainId,
      }))
    },
  },
  {
    operation: 'call: answer',
    method: 'POST',
    path: '/:callId/answer',
    published: EVER,
    permissions: BY_BODY,
    async handle(request, parts) {
      const { conversation, call } = await requireCall(request, parts)
      const read = readAnswer(request.body)
      if (hasRoster(conversation) || call.recorder)
        requireRole(request, [JOIN, JOIN_AS_GUEST], 'Answering a group call')
      checkMedia(request, parts, read.mediaConfig)
      if (read.callbackUri !== undefined) checkCallback(read.callbackUri, request, parts)
      const manners = mannersOf(request.dialect)
      const options = optionsIn(request.dialect, read.callOptions)
      const command = { type: 'Answer', callId: call.id, appId: call.appId, ...read, ...options, manners } as const
      const body = request.dialect.answered?.(parts.ids.guid(), parts.clock.now())
      return carryOut(request, parts, conversation.id, command, ({ callChainId: chainId }) =>
        body ? { status: 200, body, chainId } : { status: 202, chainId },
      )
    },
  },
  {
    operation: 'call: reject',
    method: 'POST',
    path: '/:callId/reject',
    published: EVER,
    permissions: NO_PERMISSION,
    async handle(request, parts) {
      const { conversation, call } = await requireCall(request, parts)
      const read = readReject(request.body)
      if (read.callbackUri !== undefined) checkCallback(read.callbackUri, request, parts)
      const command = { type: 'Reject', callId: call.id, appId: call.appId, ...read } as const
      return carryOut(request, parts, conversation.id, command, ({ callChainId: chainId }) => ({
        status: 202,
        chainId,
      }))
    },
  },
  {
    operation: 'call: keepAlive',
    method: 'POST',
    path: '/:callId/keepAlive',
    published: SINCE_2020,
    permissions: AT_CREATION,
    async handle(request, parts) {
      const { conversation, call } = await requireCall(request, parts)
      const command = { type: 'KeepAlive', callId: call.id, appId: call.appId } as const
      return carryOut(request, parts, conversation.id, command, ({ callChainId: chainId }) => ({
        status: 200,
        chainId,
      }))
    },
  },
]

function callBody(
  { dialect }: GraphRequest,
  parts: GraphParts,
  { conversation, call }: FoundCall,
  context: string,
): Json {
  return {
    '@odata.context': `${parts.baseUrl()}/${dialect.root}/$metadata#${context}`,
    ...dialect.call(viewOf(conversation, call)),
  }
}

/** Permissions and tenants, which depend on what kind of call is asked for (contract: create). */
function checkCreator(request: GraphRequest, parts: GraphParts, read: CreateCallRequest): void {
  const { meetingInfo, targets, tenantId } = read
  if (tenantId !== undefined) checkTenant(request, tenantId, 'tenantId')
  if (meetingInfo) {
    const organizerTenant = 'organizer' in meetingInfo ? meetingInfo.organizer.tenantId : undefined
    if (organizerTenant !== undefined) checkTenant(request, organizerTenant, 'meetingInfo.organizer.user.tenantId')
    if (read.source?.identity.kind === 'guest') requireRole(request, [JOIN_AS_GUEST], 'Joining a meeting as a guest')
    else requireRole(request, [JOIN], 'Joining a meeting')
  } else if (targets.length > 1) requireRole(request, [INITIATE_GROUP], 'Creating a group call')
  else requireRole(request, [INITIATE], 'Creating a peer-to-peer call')
  checkMedia(request, parts, read.mediaConfig)
  checkSource(request, parts, read)
}

function checkMedia(request: GraphRequest, parts: GraphParts, media: MediaConfig): void {
  checkPrompts(prefetched(media), request, parts)
  if (media.type === 'appHosted') requireRole(request, [ACCESS_MEDIA], 'Application-hosted media')
}

/** The source of a new call is the application itself, one of its instances, or a guest that joins (contract: 403/7507). */
function checkSource({ caller }: GraphRequest, { directory }: GraphParts, read: CreateCallRequest): void {
  const identity = read.source?.identity
  if (!identity || (identity.kind === 'guest' && read.meetingInfo)) return
  const appId =
    identity.kind === 'applicationInstance' ? directory().applicationInstance(identity.id)?.appId : identity.id
  const ownKind = identity.kind === 'application' || identity.kind === 'applicationInstance'
  if (ownKind && appId === caller.appId) return
  const explanation = `source.identity must be the token's application ${caller.appId} or one of its application instances.`
  throw refusal(403, '7507', explanation)
}

async function createCommand(request: GraphRequest, parts: GraphParts, read: CreateCallRequest): Promise<CreateCall> {
  const call = newCall(request, parts, read)
  const attempt = { type: 'create', source: call.source.identity } as const
  const conversationId = parts.ids.guid()
  const targets = read.targets.map((target) => inviteeOf(request, parts, target, attempt))
  const isGroup = targets.length > 1
  return {
    type: 'CreateCall',
    conversationId,
    ...call,
    targets: await withJoinTokens(parts, targets, { conversationId, tenantId: call.tenantId }, isGroup),
    chatInfo: mintChat(parts),
    ...(request.dialect.ringTimeout &&
      read.ringingTimeoutInSeconds !== undefined && { ringTimeout: read.ringingTimeoutInSeconds * 1000 }),
  }
}
