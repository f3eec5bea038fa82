/** A network that a test can take away: pages reach the server's sound through relays of UDP, and these die. */
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import type { BrowserContext } from 'playwright-core'

const HERE = '127.0.0.1'

/** The network between pages and the server. */
export class Network {
  /** Relays by the server's port, until the network is changed. */
  readonly #relays = new Map<number, Promise<number>>()
  readonly #sockets: Socket[] = []
  /** How many packets went to the server in this network. */
  packets = 0

  /** Has the pages of a context send through this network: they are told of its relays in the place of the server. */
  async join(context: BrowserContext): Promise<void> {
    await context.exposeFunction('relayTo', (port: number) => this.#relayTo(port))
    await context.addInitScript(`{
      const accept = RTCPeerConnection.prototype.setRemoteDescription
      RTCPeerConnection.prototype.setRemoteDescription = async function ({ type, sdp }) {
        const told = []
        for (const line of sdp.split('\\r\\n')) {
          const [, before, port, after] = /^(a=candidate:\\S+ \\d+ udp \\d+ )\\S+ (\\d+)( .*)$/i.exec(line) ?? []
          told.push(before === undefined ? line : before + '${HERE} ' + (await window.relayTo(Number(port))) + after)
        }
        return accept.call(this, { type, sdp: told.join('\\r\\n') })
      }
    }`)
  }

  /** From now on nothing comes through where it came through; who connects anew takes another way. */
  change(): void {
    for (const socket of this.#sockets.splice(0)) socket.close()
    this.#relays.clear()
    this.packets = 0
  }

  close(): void {
    this.change()
  }

  #relayTo(server: number): Promise<number> {
    const known = this.#relays.get(server)
    if (known) return known
    const relay = this.#open(server)
    this.#relays.set(server, relay)
    return relay
  }

  /** A relay keeps apart what comes from several ports of a page, as a router does. */
  async #open(server: number): Promise<number> {
    const front = this.#socket()
    const ways = new Map<number, Socket>()
    front.on('message', (packet, { port, address }) => {
      let way = ways.get(port)
      if (!way) {
        way = this.#socket()
        way.on('message', (answer) => front.send(answer, port, address, () => undefined))
        ways.set(port, way)
      }
      this.packets += 1
      way.send(packet, server, HERE, () => undefined)
    })
    front.bind(0, HERE)
    await once(front, 'listening')
    return front.address().port
  }

  #socket(): Socket {
    const socket = createSocket('udp4')
    this.#sockets.push(socket)
    return socket
  }
}
