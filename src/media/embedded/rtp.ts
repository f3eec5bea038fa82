/** RTP packets (RFC 3550), the level in their header extension (RFC 6464), and keys of a telephone (RFC 4733). */
import type { Tone } from '../../calls/media.ts'
import { tones } from '../../calls/media.ts'

/** What is read of a packet. */
export interface RtpPacket {
  readonly payloadType: number
  readonly marker: boolean
  readonly sequence: number
  readonly timestamp: number
  readonly ssrc: number
  readonly payload: Buffer
  /** Decibels below full scale as the sender says it, negative; undefined if it does not. */
  readonly level: number | undefined
}

const HEADER = 12
const ONE_BYTE_EXTENSIONS = 0xbede
/** RTCP shares the port; its packet types look like these (RFC 5761). */
const RTCP = { from: 192, until: 223 } as const

/** Whether a datagram is RTCP. */
export function isRtcp(data: Buffer): boolean {
  const type = data[1] ?? 0
  return type >= RTCP.from && type <= RTCP.until
}

/** Reads a packet. @param levelId the extension that has the level, as negotiated @returns undefined if it is none */
export function readRtp(data: Buffer, levelId: number | undefined): RtpPacket | undefined {
  if (data.length < HEADER || data[0]! >> 6 !== 2) return undefined
  const [first, second] = [data[0]!, data[1]!]
  let start = HEADER + (first & 15) * 4
  let level: number | undefined
  if (first & 16) {
    if (start + 4 > data.length) return undefined
    const end = start + 4 + data.readUInt16BE(start + 2) * 4
    if (end > data.length) return undefined
    if (levelId !== undefined && data.readUInt16BE(start) === ONE_BYTE_EXTENSIONS) {
      level = readLevel(data.subarray(start + 4, end), levelId)
    }
    start = end
  }
  const padding = first & 32 ? data[data.length - 1]! : 0
  const end = data.length - padding
  if (start > end) return undefined
  return {
    payloadType: second & 127,
    marker: second > 127,
    sequence: data.readUInt16BE(2),
    timestamp: data.readUInt32BE(4),
    ssrc: data.readUInt32BE(8),
    payload: data.subarray(start, end),
    level,
  }
}

/** What an extension of one byte's header has (RFC 8285, section 4.2); undefined if it is not there. */
function extensionIn(extensions: Buffer, id: number): Buffer | undefined {
  for (let at = 0; at < extensions.length;) {
    const byte = extensions[at]!
    if (byte === 0) {
      at++
      continue
    }
    if (byte >> 4 === 15) return undefined
    const end = at + 2 + (byte & 15)
    if (byte >> 4 === id && at + 1 < extensions.length) return extensions.subarray(at + 1, end)
    at = end
  }
  return undefined
}

function readLevel(extensions: Buffer, id: number): number | undefined {
  const found = extensionIn(extensions, id)
  return found && -(found[0]! & 127)
}

/** Reads an extension that is text, such as the name of the media that a packet belongs to; undefined if there is none. */
export function readText(data: Buffer, id: number): string | undefined {
  if (data.length < HEADER || !(data[0]! & 16)) return undefined
  const start = HEADER + (data[0]! & 15) * 4
  if (start + 4 > data.length || data.readUInt16BE(start) !== ONE_BYTE_EXTENSIONS) return undefined
  const end = start + 4 + data.readUInt16BE(start + 2) * 4
  return extensionIn(data.subarray(start + 4, end), id)?.toString('latin1')
}

/** What is written into a packet. */
export interface RtpContent {
  readonly payloadType: number
  readonly marker: boolean
  readonly sequence: number
  readonly timestamp: number
  readonly ssrc: number
  readonly payload: Uint8Array
  /** How loud it is, in decibels below full scale (negative), and the header extension that says so. */
  readonly level?: { readonly id: number; readonly value: number }
}

/** Bytes of a header extension with the level alone. */
const LEVEL_EXTENSION = 8

/** Writes a packet. */
export function writeRtp({ payloadType, marker, sequence, timestamp, ssrc, payload, level }: RtpContent): Buffer {
  const header = HEADER + (level ? LEVEL_EXTENSION : 0)
  const data = Buffer.allocUnsafe(header + payload.length)
  data[0] = level ? 0x90 : 0x80
  data[1] = payloadType | (marker ? 128 : 0)
  // Byte by byte: this is done for every packet, and needs none of the checks of `writeUInt32BE`.
  data[2] = sequence >> 8
  data[3] = sequence
  writeWord(data, timestamp, 4)
  writeWord(data, ssrc, 8)
  if (level) {
    data.writeUInt16BE(ONE_BYTE_EXTENSIONS, HEADER)
    data.writeUInt16BE(1, HEADER + 2)
    data.writeUInt32BE(((level.id << 28) | ((Math.round(-level.value) & 127) << 16)) >>> 0, HEADER + 4)
  }
  data.set(payload, header)
  return data
}

function writeWord(data: Buffer, word: number, at: number): void {
  data[at] = word >>> 24
  data[at + 1] = word >>> 16
  data[at + 2] = word >>> 8
  data[at + 3] = word
}

/** A key that is being pressed, or was released (`end`). */
export interface KeyEvent {
  readonly tone: Tone
  readonly end: boolean
}

/** Reads what RFC 4733 says of a key; undefined if it is none that calls know. */
export function readKey(payload: Buffer): KeyEvent | undefined {
  if (payload.length < 4) return undefined
  const tone = tones[payload[0]!]
  return tone === undefined ? undefined : { tone, end: (payload[1]! & 128) !== 0 }
}

/** What RFC 4733 says of a key. @param duration so far, in the units of the clock */
export function writeKey(tone: Tone, end: boolean, duration: number): Uint8Array {
  const payload = Buffer.alloc(4)
  payload[0] = tones.indexOf(tone)
  payload[1] = (end ? 128 : 0) | 10
  payload.writeUInt16BE(Math.min(duration, 0xffff), 2)
  return payload
}
