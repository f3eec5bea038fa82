/** WebSockets beside HTTP, on the same port: which paths have one, and who sees to them. Everything else stays HTTP. */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

/** Takes a connection over that asks to become a WebSocket. */
export type SocketDoor = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Every WebSocket of the server. */
export class Sockets {
  readonly #doors = new Map<string, SocketDoor>()

  /** Opens a path; one that ends with a slash has everything below it. */
  open(path: string, door: SocketDoor): void {
    this.#doors.set(path, door)
  }

  /** Whether a request becomes a WebSocket; of other upgrades (HTTP/2 in plain text) nothing is known, and they are ignored. */
  takes({ url, headers, method }: IncomingMessage): boolean {
    return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && this.#doorOf(url) !== undefined
  }

  /** Begins to take connections of a server that asks `takes` first. */
  attach(server: Pick<Server, 'on'>): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      // Until somebody takes the socket over, nobody hears of its faults.
      socket.on('error', () => socket.destroy())
      const door = this.#doorOf(request.url)
      if (door && this.takes(request)) door(request, socket, head)
      else refuseSocket(socket, 426, 'Upgrade Required')
    })
  }

  #doorOf(url: string | undefined): SocketDoor | undefined {
    const path = pathOf(url)
    return this.#doors.get(path) ?? this.#doors.get(path.slice(0, path.lastIndexOf('/') + 1))
  }
}

/** Answers a request for a WebSocket with a status, and closes the connection. @param explanation for `rollcall-explanation` */
export function refuseSocket(socket: Duplex, status: number, words: string, explanation?: string): void {
  const why = explanation === undefined ? '' : `rollcall-explanation: ${explanation}\r\n`
  // Whoever does not close in its turn is not waited for.
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${words}\r\n${why}connection: close\r\ncontent-length: 0\r\n\r\n`)
}

/** A path without the slashes at its end. It takes as long as there are slashes, and no expression does for any path. */
function withoutLastSlashes(path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end--
  return path.slice(0, end)
}

function pathOf(url = '/'): string {
  return withoutLastSlashes(url.split('?')[0] ?? '/').toLowerCase() || '/'
}
