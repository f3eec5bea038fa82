/** What cannot be read as an HTTP request, or does not arrive in time: refused like everything else, on the bare socket. */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock, Ids } from '../runtime.ts'
import { isoTime } from '../runtime.ts'

/** Answers on a connection whose request cannot be read, and closes it. */
export function refuseUnreadable(
  fault: Error & { readonly code?: string },
  socket: Socket,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
): void {
  if (fault.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, explanation] = refusalOf(fault.code)
  const id = ids.guid()
  const date = isoTime(clock.now()).slice(0, 19)
  const innerError = { date, 'request-id': id, 'client-request-id': id }
  const body = JSON.stringify({ error: { code: 'invalidRequest', message: 'The request is malformed.', innerError } })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${body.length}`,
    'connection: close',
    `request-id: ${id}`,
    `client-request-id: ${id}`,
    `rollcall-explanation: ${explanation}`,
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroySoon()
}

function refusalOf(code: string | undefined): readonly [status: number, explanation: string] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return [408, 'The request did not arrive in time (option requestTimeout); the connection is closed.']
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return [431, 'The request line and headers together are longer than 16 KiB; send less of them.']
  }
  return [400, 'What arrived is not an HTTP request; check the request line, the headers and the declared length.']
}
