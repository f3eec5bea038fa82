/** The long-running operations of a call: list, read. A finished one stays readable for a while (option operationRetention). */
import { readableOperations } from '../../calls/draft.ts'
import type { Operation } from '../../calls/operation.ts'
import { HttpError } from '../../http/http-error.ts'
import { readGuid } from '../../runtime.ts'
import { EVER, NO_PERMISSION } from './published.ts'
import type { FoundCall, GraphParts, Route } from './route.ts'
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
      const { dialect } = request
      return {
        status: 200,
        body: {
          '@odata.context': contextOf(request, parts, found, 'operations'),
          value: operationsOf(found, parts).map((operation) => dialect.operation(operation)),
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
      const { dialect } = request
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
          ...dialect.operation(operation),
        },
        chainId: found.conversation.callChainId,
      }
    },
  },
]

function operationsOf({ conversation, call }: FoundCall, parts: GraphParts): readonly Operation[] {
  return readableOperations(conversation, call.id, parts.clock.now(), parts.rules)
}
