/** RTCP (RFC 3550, 4585, 5104, and REMB): what senders and viewers of pictures tell each other. */

import type { Instant } from './timing.ts'

/** What is read of a datagram. */
export type Feedback =
  /** Packets that did not come. */
  | { readonly type: 'lost'; readonly ssrc: number; readonly sequences: readonly number[] }
  /** A picture cannot go on without a key frame. */
  | { readonly type: 'keyFrame'; readonly ssrc: number }
  /** Bits a second that come through, of all these streams together. */
  | { readonly type: 'bitrate'; readonly bitrate: number }
  /** A sender's report; `moment` is what a report about it repeats; `instant` is undefined if it has no clock. */
  | { readonly type: 'sent'; readonly ssrc: number; readonly moment: number; readonly instant: Instant | undefined }

const TYPES = {
  senderReport: 200,
  receiverReport: 201,
  description: 202,
  goodbye: 203,
  transport: 205,
  picture: 206,
} as const
/** Seconds from 1900, where RTCP's time begins, to 1970; and its smallest parts in a second. */
const SINCE_1900 = 2_208_988_800
const PARTS = 2 ** 32
const CNAME = 1
/** Formats of feedback: generic NACK; PLI, FIR, and what applications agree on. */
const [NACK, PLI, FIR, APPLICATION] = [1, 1, 4, 15]
const REMB = 0x52454d42
/** Packets in a datagram that are read, and lost ones that are read of it. */
const MOST = { packets: 32, lost: 512 } as const

/** Reads a datagram; what is no RTCP, or cut off, is left out. */
export function readRtcp(data: Buffer): readonly Feedback[] {
  const told: Feedback[] = []
  let lost = 0
  for (let at = 0, count = 0; at + 8 <= data.length && count < MOST.packets; count++) {
    const length = (data.readUInt16BE(at + 2) + 1) * 4
    if (data[at]! >> 6 !== 2 || at + length > data.length) break
    const feedback = readPacket(data.subarray(at, at + length))
    if (feedback?.type === 'lost') lost += feedback.sequences.length
    if (feedback && lost <= MOST.lost) told.push(feedback)
    at += length
  }
  return told
}

/** Reads one packet of 8 bytes at least. */
function readPacket(packet: Buffer): Feedback | undefined {
  const format = packet[0]! & 31
  switch (packet[1]) {
    case TYPES.senderReport:
      if (packet.length < 28) return undefined
      return {
        type: 'sent',
        ssrc: packet.readUInt32BE(4),
        moment: packet.readUInt32BE(10),
        instant: readInstant(packet),
      }
    case TYPES.transport:
      if (format !== NACK || packet.length < 16) return undefined
      return { type: 'lost', ssrc: packet.readUInt32BE(8), sequences: readLost(packet.subarray(12)) }
    case TYPES.picture:
      if (format === PLI && packet.length >= 12) return { type: 'keyFrame', ssrc: packet.readUInt32BE(8) }
      if (format === FIR && packet.length >= 20) return { type: 'keyFrame', ssrc: packet.readUInt32BE(12) }
      return format === APPLICATION ? readRemb(packet) : undefined
    default:
      return undefined
  }
}

function readInstant(packet: Buffer): Instant | undefined {
  const [seconds, parts] = [packet.readUInt32BE(8), packet.readUInt32BE(12)]
  if (seconds === 0) return undefined
  return { at: (seconds - SINCE_1900 + parts / PARTS) * 1000, timestamp: packet.readUInt32BE(16) }
}

/** Each entry is a number, and a bit for each of the 16 after it. */
function readLost(entries: Buffer): readonly number[] {
  const sequences: number[] = []
  for (let at = 0; at + 4 <= entries.length; at += 4) {
    const [first, more] = [entries.readUInt16BE(at), entries.readUInt16BE(at + 2)]
    sequences.push(first)
    for (let bit = 0; bit < 16; bit++) if (more & (1 << bit)) sequences.push((first + bit + 1) & 0xffff)
  }
  return sequences
}

function readRemb(packet: Buffer): Feedback | undefined {
  if (packet.length < 20 || packet.readUInt32BE(12) !== REMB) return undefined
  const word = packet.readUInt32BE(16)
  return { type: 'bitrate', bitrate: (word & 0x3ffff) * 2 ** ((word >> 18) & 63) }
}

/** How a stream arrives (RFC 3550, section 6.4.1). */
export interface ReportBlock {
  readonly ssrc: number
  /** Share of the packets lost since the last report, from 0 to 255. */
  readonly fraction: number
  readonly lost: number
  readonly highest: number
  readonly jitter: number
  /** What the sender's last report had as its moment, and how long ago that was, in 65536ths of a second. */
  readonly moment: number
  readonly delay: number
}

/** What a sender tells of its stream: the moment, in milliseconds since the epoch, and what was sent so far. */
export interface SenderInfo extends Instant {
  readonly ssrc: number
  readonly packets: number
  readonly bytes: number
}

/** Writes a receiver's report. @param ssrc whose report it is */
export function writeReport(ssrc: number, blocks: readonly ReportBlock[]): Buffer {
  const data = packetOf(TYPES.receiverReport, blocks.length, ssrc, 24 * blocks.length)
  writeBlocks(data, 8, blocks)
  return data
}

/** Writes a sender's report. */
export function writeSenderReport(sender: SenderInfo, blocks: readonly ReportBlock[] = []): Buffer {
  const { ssrc, at, timestamp, packets, bytes } = sender
  const data = packetOf(TYPES.senderReport, blocks.length, ssrc, 20 + 24 * blocks.length)
  const seconds = Math.floor(at / 1000)
  data.writeUInt32BE((seconds + SINCE_1900) >>> 0, 8)
  data.writeUInt32BE(Math.floor((at / 1000 - seconds) * PARTS), 12)
  data.writeUInt32BE(timestamp >>> 0, 16)
  data.writeUInt32BE(packets >>> 0, 20)
  data.writeUInt32BE(bytes >>> 0, 24)
  writeBlocks(data, 28, blocks)
  return data
}

function writeBlocks(data: Buffer, from: number, blocks: readonly ReportBlock[]): void {
  for (const [index, block] of blocks.entries()) {
    const at = from + 24 * index
    data.writeUInt32BE(block.ssrc, at)
    data[at + 4] = block.fraction
    data.writeIntBE(Math.max(-0x800000, Math.min(block.lost, 0x7fffff)), at + 5, 3)
    data.writeUInt32BE(block.highest >>> 0, at + 8)
    data.writeUInt32BE(block.jitter >>> 0, at + 12)
    data.writeUInt32BE(block.moment >>> 0, at + 16)
    data.writeUInt32BE(block.delay >>> 0, at + 20)
  }
}

/** Says whose streams these are: all of one name come from one side, and go by one clock. */
export function writeName(ssrcs: readonly number[], name: string): Buffer {
  const text = Buffer.from(name).subarray(0, 255)
  // At least one zero ends the items of each stream, and they end at a word.
  const length = Math.ceil((4 + 2 + text.length + 1) / 4) * 4
  const data = packetOf(TYPES.description, ssrcs.length, 0, length * ssrcs.length - 4)
  for (const [index, ssrc] of ssrcs.entries()) {
    const at = 4 + length * index
    data.writeUInt32BE(ssrc, at)
    data[at + 4] = CNAME
    data[at + 5] = text.length
    text.copy(data, at + 6)
  }
  return data
}

/** Says that a stream is over. */
export function writeGoodbye(ssrc: number): Buffer {
  return packetOf(TYPES.goodbye, 1, ssrc, 0)
}

/** Asks for packets again. @param ssrc who asks @param media whose packets they are */
export function writeLost(ssrc: number, media: number, sequences: readonly number[]): Buffer {
  const entries: { readonly first: number; more: number }[] = []
  for (const sequence of sequences) {
    const last = entries.at(-1)
    const bit = last ? ((sequence - last.first) & 0xffff) - 1 : -1
    if (last && bit >= 0 && bit < 16) last.more |= 1 << bit
    else entries.push({ first: sequence & 0xffff, more: 0 })
  }
  const data = packetOf(TYPES.transport, NACK, ssrc, 4 + 4 * entries.length)
  data.writeUInt32BE(media, 8)
  for (const [index, { first, more }] of entries.entries()) {
    data.writeUInt16BE(first, 12 + 4 * index)
    data.writeUInt16BE(more, 14 + 4 * index)
  }
  return data
}

/** Asks for a key frame (PLI). */
export function writeKeyFrameRequest(ssrc: number, media: number): Buffer {
  const data = packetOf(TYPES.picture, PLI, ssrc, 4)
  data.writeUInt32BE(media, 8)
  return data
}

/** Says how many bits a second may come of some streams together (REMB). */
export function writeBitrate(ssrc: number, bitrate: number, streams: readonly number[]): Buffer {
  const data = packetOf(TYPES.picture, APPLICATION, ssrc, 12 + 4 * streams.length)
  data.writeUInt32BE(0, 8)
  data.writeUInt32BE(REMB, 12)
  const exponent = Math.max(0, Math.ceil(Math.log2((bitrate + 1) / 0x40000)))
  data.writeUInt32BE(((streams.length << 24) | (exponent << 18) | Math.floor(bitrate / 2 ** exponent)) >>> 0, 16)
  for (const [index, stream] of streams.entries()) data.writeUInt32BE(stream, 20 + 4 * index)
  return data
}

/** A packet with its header. @param rest bytes after the sender's SSRC, a multiple of 4 */
function packetOf(type: number, format: number, ssrc: number, rest: number): Buffer {
  const data = Buffer.alloc(8 + rest)
  data[0] = 0x80 | format
  data[1] = type
  data.writeUInt16BE(1 + rest / 4, 2)
  data.writeUInt32BE(ssrc, 4)
  return data
}
