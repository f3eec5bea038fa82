/** Recordings over HTTP: `GET /recordings/{id}` with the recording's own access token. */
import type { FastifyInstance } from 'fastify'
import { refuseOtherMethods } from '../http/app.ts'
import { HttpError } from '../http/http-error.ts'
import { isoTime, readGuid } from '../runtime.ts'
import type { Fetched, Recordings } from './recordings.ts'

const PATH = '/recordings/:id'

/** Registers the route of `recordingLocation` (contract: recordResponse): an octet stream, in chunks. */
export function registerRecordings(app: FastifyInstance, recordings: Recordings): void {
  app.get(PATH, async (request, reply) => {
    const [, token] = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
    if (token === undefined) {
      void reply.header('www-authenticate', 'Bearer')
      throw unauthenticated('Send the recordingAccessToken of the operation: Authorization: Bearer <token>.')
    }
    const { id = '' } = request.params as { readonly id?: string }
    const fetched = await recordings.fetch(readGuid(id) ?? '', token)
    if (fetched.outcome !== 'found') throw refusalOf(fetched)
    return reply
      .type('application/octet-stream')
      .header('content-disposition', 'attachment; filename="recording.wav"')
      .header('x-content-type-options', 'nosniff')
      .send(fetched.sound)
  })
  refuseOtherMethods(app, PATH, ['GET'])
}

function unauthenticated(explanation: string): HttpError {
  return new HttpError(401, 'unauthenticated', 'The caller is not authenticated.', explanation)
}

function refusalOf(fetched: Exclude<Fetched, { outcome: 'found' }>): HttpError {
  switch (fetched.outcome) {
    case 'wrongToken':
      return new HttpError(
        403,
        'accessDenied',
        'Access is denied.',
        'The token is not the recordingAccessToken of this recording; the access token of the application does not open it.',
      )
    case 'expired':
      return unauthenticated(
        `The recordingAccessToken was valid until ${isoTime(fetched.at)} (option recordingTokenLifetime).`,
      )
    case 'gone':
      return new HttpError(
        404,
        'itemNotFound',
        'The resource could not be found.',
        'There is no recording with this id, or not any more: recordings are kept for recordingRetention, and the oldest go when there are more than recordingLimit, or more than recordingSpace of them.',
      )
  }
}
