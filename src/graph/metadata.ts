/** `$metadata`, which `@odata.context` names: published, and refused by its name. */
import type { FastifyInstance } from 'fastify'
import { refuseOtherMethods } from '../http/app.ts'
import { HttpError } from '../http/http-error.ts'

/** The metadata as a row of the coverage page. */
export const metadataOperation = {
  operation: '$metadata',
  method: 'GET',
  path: '/$metadata',
  why: 'not in this version of Rollcall',
} as const

/** Registers the refusal; as with Graph, no token is needed to hear it. */
export function refuseMetadata(app: FastifyInstance): void {
  const { operation, method, path, why } = metadataOperation
  for (const root of ['v1.0', 'beta']) {
    const url = `/${root}${path}`
    app.route({
      method,
      url,
      handler: (request) => {
        request.note.operation = operation
        const explanation = `${operation} is refused: ${why}; docs/reference/api.md says what is there.`
        throw new HttpError(501, 'notImplemented', 'The operation is not implemented.', explanation)
      },
    })
    refuseOtherMethods(app, url, [method])
  }
}
