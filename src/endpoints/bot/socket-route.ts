/** The address at which applications open the sockets of their own media: `/media/calls/{id}`. */
import { HttpError } from '../../http/http-error.ts'
import type { SocketRoute } from '../../http/sockets.ts'
import type { Clock } from '../../runtime.ts'
import { readGuid } from '../../runtime.ts'
import { LARGEST_MESSAGE, MediaSocketChannel } from './media-socket.ts'
import type { OwnMedia } from './own-media.ts'

/** Takes the sockets of applications' own media. */
export function mediaSocketRoute(ownMedia: OwnMedia, wall: Clock): SocketRoute {
  return {
    path: /^\/media\/calls\/(?<callId>[^/]+)\/?$/,
    largest: LARGEST_MESSAGE,
    admit(request, { callId = '' }) {
      const [, secret] = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
      if (secret === undefined) return Promise.reject(NO_SECRET)
      const id = readGuid(callId) ?? ''
      if (!ownMedia.knows(id, secret)) return Promise.reject(WRONG_SECRET)
      return Promise.resolve((socket) => {
        // The call may have ended while the connection was upgraded.
        if (!ownMedia.open(id, secret, () => new MediaSocketChannel(socket, wall)))
          socket.close(1000, 'the call has ended')
      })
    },
  }
}

const NO_SECRET = new HttpError(
  401,
  'unauthenticated',
  'The caller is not authenticated.',
  'Send the secret of the blob of the call: Authorization: Bearer <secret>.',
)

const WRONG_SECRET = new HttpError(
  403,
  'accessDenied',
  'Access is denied.',
  "There is no such live call, or it is still to be answered, its appHostedMediaConfig has no blob of Rollcall's own, or the secret is another.",
)
