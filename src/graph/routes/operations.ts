/** The long-running operations of a call: list, read. A finished one stays readable for a while (option operationRetention). */
import { readableOperations } from '../../calls/draft.ts'
import type { Operation } from '../../calls/operation.ts'
import { isMedia } from '../../calls/operation.ts'
import { HttpError } from '../../http/http-error.ts'
import { readGuid } from '../../runtime.ts'
import type { Json } from '../wire/identity.ts'
import { EVER, NO_PERMISSION } from './published.ts'
import type { FoundCall, GraphParts, GraphRequest, Route } from './route.ts'
import { contextOf, requireCall } from './route.ts'

export const operationRoutes: readonly Route[] = [
  {
    operation: 'operation: list',
    method: 'GET',
    path: '/:callId/operations',
    published: EVER,
    permissions: NO_PERMISSION,
    async handle(request, parts) {
      const found = await requireCall(request, parts)
      return {
        status: 200,
        body: {
          '@odata.context': contextOf(request, parts, found, 'operations'),
          value: operationsOf(found, parts).map((operation) => bodyOf(operation, request, parts)),
        },
        chainId: found.conversation.callChainId,
      }
    },
  },
  {
    operation: 'operation: get',
    method: 'GET',
    path: '/:callId/operations/:operationId',
    published: EVER,
    permissions: NO_PERMISSION,
    async handle(request, parts) {
      const found = await requireCall(request, parts)
      const operationId = readGuid(request.params['operationId'] ?? '')
      const operation = operationsOf(found, parts).find(({ id }) => id === operationId)
      if (!operation) {
        throw new HttpError(
          404,
          'itemNotFound',
          'The operation could not be found.',
          'The call has no operation with this id, or it ended longer ago than operations are kept (option operationRetention).',
        )
      }
      return {
        status: 200,
        body: {
          '@odata.context': contextOf(request, parts, found, 'operations/$entity'),
          ...bodyOf(operation, request, parts),
        },
        chainId: found.conversation.callChainId,
      }
    },
  },
]

/** What waits for the call's media is `notStarted` when it is read; the answer to its request says `running` of it. */
function bodyOf(operation: Operation, { dialect }: GraphRequest, parts: GraphParts): Json {
  const waits = isMedia(operation) && operation.progress.name === 'queued' && operation.state.name === 'running'
  return { ...dialect.operation(operation, parts.baseUrl()), ...(waits && { status: 'notStarted' }) }
}

function operationsOf({ conversation, call }: FoundCall, parts: GraphParts): readonly Operation[] {
  return readableOperations(conversation, call.id, parts.clock.now(), parts.rules)
}
