/** The address at which applications open the sockets of their own media: `/media/calls/{id}`. */
import { WebSocketServer } from 'ws'
import type { SocketDoor } from '../../http/sockets.ts'
import { refuseSocket } from '../../http/sockets.ts'
import type { Clock } from '../../runtime.ts'
import { readGuid } from '../../runtime.ts'
import { LARGEST_MESSAGE, MediaSocketChannel } from './media-socket.ts'
import type { OwnMedia } from './own-media.ts'

/** Everything below it is the id of a call. */
export const MEDIA_PATH = '/media/calls/'

/** Takes the sockets of applications' own media. */
export function mediaDoor(ownMedia: OwnMedia, wall: Clock): SocketDoor {
  const server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, perMessageDeflate: false })
  return (request, socket, head) => {
    const [path = ''] = (request.url ?? '').split('?', 1)
    const callId = readGuid(path.slice(MEDIA_PATH.length).replace(/\/+$/, '')) ?? ''
    const secret = secretOf(request.headers.authorization)
    if (secret === undefined) return refuseSocket(socket, 401, 'Unauthorized', NO_SECRET)
    if (!ownMedia.knows(callId, secret)) return refuseSocket(socket, 403, 'Forbidden', WRONG_SECRET)
    server.handleUpgrade(request, socket, head, (opened) => {
      // The call may have ended while the connection was upgraded.
      const isOpen = ownMedia.open(callId, secret, () => new MediaSocketChannel(opened, wall))
      if (!isOpen) opened.close(1000, 'the call has ended')
    })
    return undefined
  }
}

/** The secret in an `Authorization` header, if there is one. */
export function secretOf(authorization = ''): string | undefined {
  return /^bearer +(\S+)$/i.exec(authorization)?.[1]
}

/** What is said to whoever sends no secret. */
export const NO_SECRET = 'Send the secret of the blob of the call: Authorization: Bearer <secret>.'

/** What is said to whoever may not. */
export const WRONG_SECRET =
  "There is no such live call, or it is still to be answered, its appHostedMediaConfig has no blob of Rollcall's own, or the secret is another."
