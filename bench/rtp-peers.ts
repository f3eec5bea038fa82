/**
 * Telephones for a benchmark of sound: people who speak G.711 over plain RTP, many to a socket, and count what comes back.
 * Any mixer that takes RTP at a port and sends it to an address can be measured with them.
 */
import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'
import { once } from 'node:events'
import { metronome } from '../src/runtime.ts'
import { encodeLaw } from '../src/media/mixer/g711.ts'
import { speech } from './kit/speech.ts'

/** What the process is asked. */
export type PhonesQuestion =
  /** So many telephones at an address of this machine; answered with the port of each. */
  | { readonly type: 'open'; readonly count: number; readonly address: string }
  /** All of them talk from now on, each to its port. */
  | { readonly type: 'talk'; readonly ports: readonly number[] }
  | { readonly type: 'count' }
  | { readonly type: 'counted' }

/** What came back to all since `count`. */
export interface PhonesCounted {
  /** Frames of 20 ms for each listener and second. */
  readonly rate: number
  /** The longest time in which one of them got nothing, in milliseconds. */
  readonly worstGap: number
  /** Frames that should have come and did not. */
  readonly missing: number
  /** Frames that were late to be sent: the telephones themselves did not keep up. */
  readonly late: number
}

const FRAME = 160
/** Telephones that share a socket: each reading of it brings many packets. */
const SHARED = 50
/** Milliseconds after which a frame was sent late. */
const LATE = 10

interface Phone {
  readonly packet: Buffer
  readonly socket: Socket
  readonly port: number
  sequence: number
}

/** What one listener got: known by the port from which the mixer sends to them. */
interface Line {
  last: number
  gap: number
  packets: number
}

const spoken = encodeLaw('PCMU', speech(20, 8000))
let phones: Phone[] = []
let sockets: Socket[] = []
let address = ''
let counting = performance.now()
let late = 0
const lines = new Map<number, Line>()

function hear(data: Buffer, from: RemoteInfo): void {
  if (data.length !== 12 + FRAME) return
  const now = performance.now()
  const line = lines.get(from.port)
  if (!line) {
    lines.set(from.port, { last: now, gap: now - counting, packets: 1 })
    return
  }
  line.gap = Math.max(line.gap, now - line.last)
  line.last = now
  line.packets++
}

async function open(count: number, at: string): Promise<readonly number[]> {
  address = at
  sockets = await Promise.all(
    Array.from({ length: Math.ceil(count / SHARED) }, async () => {
      const socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 })
      socket.on('message', hear).on('error', () => undefined)
      socket.bind(0, address)
      await once(socket, 'listening')
      return socket
    }),
  )
  return Array.from({ length: count }, (_, index) => sockets[Math.floor(index / SHARED)]?.address().port ?? 0)
}

function talk(ports: readonly number[]): void {
  phones = ports.map((port, index) => {
    const packet = Buffer.alloc(12 + FRAME)
    packet[0] = 0x80
    packet.writeUInt32BE(1 + index, 8)
    return { packet, socket: sockets[Math.floor(index / SHARED)]!, port, sequence: index }
  })
  metronome(20, (tick, behind) => {
    if (behind > LATE) late++
    for (let index = 0; index < phones.length; index++) say(phones[index]!, tick, index)
  })
}

function say(phone: Phone, tick: number, index: number): void {
  const { packet, socket, port } = phone
  phone.sequence = (phone.sequence + 1) & 0xffff
  packet.writeUInt16BE(phone.sequence, 2)
  packet.writeUInt32BE((tick * FRAME) >>> 0, 4)
  const at = ((tick + index * 137) * FRAME) % spoken.length
  packet.set(spoken.subarray(at, at + FRAME), 12)
  socket.send(packet, port, address)
}

function counted(): PhonesCounted {
  const now = performance.now()
  const seconds = (now - counting) / 1000
  const all = [...lines.values()]
  const packets = all.reduce((sum, line) => sum + line.packets, 0)
  // A listener may be on either side of both ends of the time.
  const due = Math.floor(seconds * 50) - 1
  const absent = phones.length - all.length
  const missing = all.reduce((sum, line) => sum + Math.max(0, due - line.packets), 0) + Math.max(0, absent) * due
  const gaps = all.map((line) => Math.max(line.gap, now - line.last))
  return {
    rate: packets / phones.length / seconds,
    worstGap: Math.max(absent > 0 ? now - counting : 0, ...gaps),
    missing,
    late,
  }
}

async function answerTo(question: PhonesQuestion): Promise<unknown> {
  switch (question.type) {
    case 'open':
      return open(question.count, question.address)
    case 'talk':
      return talk(question.ports)
    case 'count':
      counting = performance.now()
      late = 0
      return lines.clear()
    case 'counted':
      return counted()
  }
}

process.on('message', (question: PhonesQuestion) => {
  void answerTo(question).then((answer) => process.send?.(answer ?? null))
})
process.on('disconnect', () => process.exit())
process.send?.({ ready: '' })
