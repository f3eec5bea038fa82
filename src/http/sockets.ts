/** WebSockets of every surface: one server for them all, so that an upgrade that nobody takes is refused. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import { HttpError } from './http-error.ts'

/** One address that takes WebSockets. */
export interface SocketRoute {
  /** The whole path, without the query; its named groups are handed on. */
  readonly path: RegExp
  /** Bytes of the largest message. */
  readonly largest: number
  /**
   * Says what becomes of the socket once it is open. @throws HttpError to refuse it before
   */
  admit(request: IncomingMessage, groups: Readonly<Record<string, string>>): Promise<(socket: WebSocket) => void>
}

/** Takes upgrades to WebSockets. Those that are open when the server closes are closed with 1001. */
export function acceptSockets(app: FastifyInstance, routes: readonly SocketRoute[]): void {
  const servers = routes.map(
    ({ largest }) => new WebSocketServer({ noServer: true, maxPayload: largest, perMessageDeflate: false }),
  )
  let closing = false
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Whoever goes away meanwhile is no fault of ours.
    socket.on('error', () => undefined)
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    const index = routes.findIndex((route) => route.path.test(path))
    const route = routes[index]
    const server = servers[index]
    if (!route || !server || closing) return refuse(socket, NOT_FOUND)
    const groups = route.path.exec(path)?.groups ?? {}
    route.admit(request, groups).then(
      (open) => server.handleUpgrade(request, socket, head, open),
      (fault: unknown) => refuse(socket, fault instanceof HttpError ? fault : HttpError.fault(fault)),
    )
    return undefined
  })
  app.addHook('preClose', (done) => {
    closing = true
    for (const server of servers) {
      for (const client of server.clients) client.close(1001, 'the server stops')
      server.close()
    }
    done()
  })
}

const NOT_FOUND = new HttpError(
  404,
  'itemNotFound',
  'The resource could not be found.',
  'No WebSockets are taken here.',
)

function refuse(socket: Duplex, { status, code, message, explanation }: HttpError): void {
  const body = JSON.stringify({ error: { code, message } })
  const lines = [
    `HTTP/1.1 ${status} ${code}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `rollcall-explanation: ${explanation}`,
    'x-content-type-options: nosniff',
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`)
}
