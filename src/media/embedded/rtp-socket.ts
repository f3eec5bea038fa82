/** The UDP ports of one leg of plain RTP: an even one for RTP, and the one after it for RTCP. */
import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import type { RtpAddress } from '../engine.ts'
import type { PeerSettings } from './peer.ts'

/** What comes. */
export interface SocketEvents {
  onRtp(data: Buffer, from: RemoteInfo): void
  onRtcp(data: Buffer, from: RemoteInfo): void
}

/** Where ports are looked for, unless it is said; and in how many places. */
const ANYWHERE = { first: 32_768, last: 60_999 } as const
const TRIES = 5000

/**
 * Bytes that may wait in the system for one socket, about a second of sound: what is older helps nobody, and to read it
 * all would keep the engine from what is newer.
 */
const BACKLOG = 32_768

/** Thrown when there are no two free ports; the message is a sentence. */
export class NoPortError extends Error {
  override readonly name = 'NoPortError'
}

/** A pair of ports. */
export class RtpSocket {
  readonly port: number
  readonly #rtp: Socket
  readonly #rtcp: Socket
  /** Where RTP is to go. */
  #aim: RtpAddress | undefined
  /** How the system sees it: `fixed` when packets go there and come from nowhere else. */
  #state: 'open' | 'fixing' | 'fixed' | 'closed' = 'open'

  private constructor(rtp: Socket, rtcp: Socket, events: SocketEvents) {
    this.#rtp = rtp
    this.#rtcp = rtcp
    this.port = rtp.address().port
    rtp.on('message', (data, from) => events.onRtp(data, from))
    rtcp.on('message', (data, from) => events.onRtcp(data, from))
  }

  /** Takes two ports that are free. @param random numbers of 32 bits @throws NoPortError */
  static async open({ address, ports }: PeerSettings, random: () => number, events: SocketEvents): Promise<RtpSocket> {
    // A port that the system chose would be lost again when `loose` lets go of the other side.
    const { first, last } = ports ?? ANYWHERE
    const [from, until] = [Math.ceil(first / 2), Math.floor((last + 1) / 2)]
    const start = random()
    for (let number = 0; number < Math.min(until - from, TRIES); number++) {
      const pair = await openPair(address, (from + ((start + number) % (until - from))) * 2)
      if (pair) return new RtpSocket(...pair, events)
    }
    const where = ports ? `between ${ports.first} and ${ports.last}` : 'on this machine'
    throw new NoPortError(`There are no two free UDP ports ${where}, an even one and the next.`)
  }

  /** Where RTP goes from now on; undefined for nowhere. */
  aim(remote: RtpAddress | undefined): void {
    if (this.#aim?.address === remote?.address && this.#aim?.port === remote?.port) return
    this.#aim = remote
    this.loose()
  }

  /** Takes packets from nowhere but where RTP goes, from now on: the system drops all others. */
  fix(): void {
    const aim = this.#aim
    if (this.#state !== 'open' || !aim) return
    this.#state = 'fixing'
    this.#rtp.connect(aim.port, aim.address, (error?: Error) => {
      if (this.#state === 'closed') return
      this.#state = error ? 'open' : 'fixed'
      if (this.#aim !== aim) this.loose()
    })
  }

  /** Takes packets from anywhere again. */
  loose(): void {
    if (this.#state !== 'fixed') return
    this.#rtp.disconnect()
    this.#state = 'open'
  }

  /** Sends RTP. What cannot be sent is lost, as on the way. */
  send(packet: Buffer): void {
    if (this.#state === 'fixed') this.#rtp.send(packet)
    else if (this.#state === 'open' && this.#aim) this.#rtp.send(packet, this.#aim.port, this.#aim.address)
  }

  /** Sends RTCP from the port that is its own, or along with RTP if no other address is named. */
  report(packet: Buffer, to: RtpAddress | undefined): void {
    if (!to) this.send(packet)
    else if (this.#state !== 'closed') this.#rtcp.send(packet, to.port, to.address)
  }

  /** Gives the ports back, after a last report. */
  close(last?: readonly [packet: Buffer, to: RtpAddress | undefined]): void {
    if (this.#state === 'closed') return
    const [packet, to] = last ?? []
    if (packet && !to) this.send(packet)
    this.#state = 'closed'
    this.#rtp.close()
    if (packet && to) this.#rtcp.send(packet, to.port, to.address, () => this.#rtcp.close())
    else this.#rtcp.close()
  }
}

/** A socket on a port; undefined if that is taken. */
async function openSocket(address: string | undefined, port: number): Promise<Socket | undefined> {
  const type = address !== undefined && isIPv6(address) ? 'udp6' : 'udp4'
  const socket = createSocket({ type, recvBufferSize: BACKLOG })
  try {
    socket.bind({ port, exclusive: true, ...(address !== undefined && { address }) })
    await once(socket, 'listening')
  } catch {
    socket.close()
    return undefined
  }
  // The other side is not there, or not yet: what was sent is lost.
  socket.on('error', () => undefined)
  return socket
}

async function openPair(address: string | undefined, port: number): Promise<[Socket, Socket] | undefined> {
  const rtp = await openSocket(address, port)
  if (!rtp) return undefined
  const rtcp = await openSocket(address, port + 1)
  if (rtcp) return [rtp, rtcp]
  rtp.close()
  return undefined
}
