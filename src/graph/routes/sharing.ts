/** Who hears whom in a call (audio routing groups), and what is presented in it (content sharing sessions). */
import type { AudioRoutingGroup, Conversation } from '../../calls/conversation.ts'
import { HttpError } from '../../http/http-error.ts'
import { readGuid } from '../../runtime.ts'
import { fromCallError } from '../errors.ts'
import { readRoutingChange, readRoutingGroup } from '../wire/action-requests.ts'
import type { Json } from '../wire/identity.ts'
import { INITIATE, INITIATE_GROUP, JOIN, JOIN_AS_GUEST, TODAY, always } from './published.ts'
import type { Answer, FoundCall, GraphParts, GraphRequest, Route } from './route.ts'
import { callIn, carryOut, contextOf, requireCall } from './route.ts'

const ROUTING = {
  published: ['v1.0', 'beta', '2020-12', '2019-09', '2018-12'],
  permissions: always(JOIN, INITIATE_GROUP),
} as const

const CONTENT = {
  published: TODAY,
  permissions: always(JOIN_AS_GUEST, INITIATE, INITIATE_GROUP, JOIN),
  partial: 'Who presents is told, and their screen goes to pages; `pngOfCurrentSlide` is null.',
} as const

export const sharingRoutes: readonly Route[] = [
  {
    operation: 'audioRoutingGroup: list',
    method: 'GET',
    path: '/:callId/audioRoutingGroups',
    ...ROUTING,
    async handle(request, parts) {
      const found = await requireCall(request, parts)
      return listed(
        request,
        parts,
        found,
        'audioRoutingGroups',
        groupsOf(found).map((group) => request.dialect.audioRoutingGroup(group)),
      )
    },
  },
  {
    operation: 'audioRoutingGroup: create',
    method: 'POST',
    path: '/:callId/audioRoutingGroups',
    ...ROUTING,
    async handle(request, parts) {
      const { id, group } = readRoutingGroup(request.body)
      const groupId = id ?? parts.ids.guid()
      return routeAudio(request, parts, groupId, { action: 'create', group })
    },
  },
  {
    operation: 'audioRoutingGroup: get',
    method: 'GET',
    path: '/:callId/audioRoutingGroups/:groupId',
    ...ROUTING,
    async handle(request, parts) {
      return shown(request, parts, await requireCall(request, parts), groupIdOf(request))
    },
  },
  {
    operation: 'audioRoutingGroup: update',
    method: 'PATCH',
    path: '/:callId/audioRoutingGroups/:groupId',
    ...ROUTING,
    handle: (request, parts) =>
      routeAudio(request, parts, groupIdOf(request), { action: 'update', group: readRoutingChange(request.body) }),
  },
  {
    operation: 'audioRoutingGroup: delete',
    method: 'DELETE',
    path: '/:callId/audioRoutingGroups/:groupId',
    ...ROUTING,
    handle: (request, parts) => routeAudio(request, parts, groupIdOf(request), { action: 'delete' }),
  },
  {
    operation: 'contentSharingSession: list',
    method: 'GET',
    path: '/:callId/contentSharingSessions',
    ...CONTENT,
    async handle(request, parts) {
      const found = await requireCall(request, parts)
      const value = sessionsOf(found.conversation).map((session) => request.dialect.contentSharing(session))
      return listed(request, parts, found, 'contentSharingSessions', value)
    },
  },
  {
    operation: 'contentSharingSession: get',
    method: 'GET',
    path: '/:callId/contentSharingSessions/:sessionId',
    ...CONTENT,
    async handle(request, parts) {
      const found = await requireCall(request, parts)
      const { sessionId = '' } = request.params
      const session = sessionsOf(found.conversation).find(({ id }) => id === sessionId.toLowerCase())
      if (!session) {
        throw new HttpError(
          404,
          'itemNotFound',
          'The content sharing session could not be found.',
          'Nothing is being presented in the call under this id.',
        )
      }
      return entity(request, parts, found, 'contentSharingSessions', request.dialect.contentSharing(session))
    },
  },
]

type RoutingAction =
  | { readonly action: 'create'; readonly group: Omit<AudioRoutingGroup, 'id' | 'callId'> }
  | { readonly action: 'update'; readonly group: Partial<Omit<AudioRoutingGroup, 'id' | 'callId'>> }
  | { readonly action: 'delete' }

async function routeAudio(
  request: GraphRequest,
  parts: GraphParts,
  groupId: string,
  action: RoutingAction,
): Promise<Answer> {
  const { conversation, call } = await requireCall(request, parts)
  const command = { type: 'RouteAudio', callId: call.id, appId: call.appId, groupId, ...action } as const
  return carryOut(request, parts, conversation.id, command, (after) =>
    action.action === 'delete'
      ? { status: 204, chainId: after.callChainId }
      : shown(request, parts, callIn(after, call.id), groupId),
  )
}

function groupIdOf({ params }: GraphRequest): string {
  const id = params['groupId'] ?? ''
  return readGuid(id) ?? id
}

function groupsOf({ conversation, call }: FoundCall): readonly AudioRoutingGroup[] {
  return conversation.audioRoutingGroups.filter(({ callId }) => callId === call.id)
}

function sessionsOf({ contentSharing }: Conversation): readonly NonNullable<Conversation['contentSharing']>[] {
  return contentSharing ? [contentSharing] : []
}

function shown(request: GraphRequest, parts: GraphParts, found: FoundCall, groupId: string): Answer {
  const group = groupsOf(found).find(({ id }) => id === groupId)
  if (!group) throw fromCallError({ name: 'routingGroupNotFound', groupId })
  return entity(request, parts, found, 'audioRoutingGroups', request.dialect.audioRoutingGroup(group))
}

function entity(request: GraphRequest, parts: GraphParts, found: FoundCall, collection: string, item: Json): Answer {
  return {
    status: 200,
    body: { '@odata.context': contextOf(request, parts, found, `${collection}/$entity`), ...item },
    chainId: found.conversation.callChainId,
  }
}

function listed(
  request: GraphRequest,
  parts: GraphParts,
  found: FoundCall,
  collection: string,
  value: readonly Json[],
): Answer {
  return {
    status: 200,
    body: { '@odata.context': contextOf(request, parts, found, collection), value },
    chainId: found.conversation.callChainId,
  }
}
