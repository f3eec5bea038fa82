/** RTCP of one leg of plain RTP (RFC 3550): what was sent, what came, what was lost. Nothing is made up. */
import type { RtpPacket } from './rtp.ts'

const [SENDER_REPORT, RECEIVER_REPORT, DESCRIPTION, GOODBYE] = [200, 201, 202, 203]
const CNAME = 1
/** Seconds from 1900, where RTCP's time begins, to 1970. */
const SINCE_1900 = 2_208_988_800
/** Numbers may jump so far before it is taken that the sender began anew. */
const JUMP = 3000

/** The packets of one sender, as far as a report tells of them. */
interface Source {
  readonly ssrc: number
  readonly clock: number
  readonly first: number
  /** The highest number without wrapping around. */
  highest: number
  received: number
  /** How it was at the last report. */
  told: { readonly expected: number; readonly received: number }
  /** In units of the clock. */
  jitter: number
  transit: number
  /** The middle of the last report's time, and when that came. */
  report: { readonly middle: number; readonly at: number } | undefined
}

/** Keeps account for one leg. Moments are milliseconds. */
export class Reports {
  readonly #name: string
  #source: Source | undefined
  #sent = { packets: 0, bytes: 0, told: 0 }

  /** @param name of this side, the same for the whole call */
  constructor(name: string) {
    this.#name = name
  }

  /** A packet has come. @param clock of its format, in Hz @param at on a clock that does not jump */
  receive({ ssrc, sequence, timestamp }: RtpPacket, clock: number, at: number): void {
    const transit = Math.round((at * clock) / 1000) - timestamp
    const source = this.#source
    const ahead = source ? ((sequence - source.highest + 0x8000) & 0xffff) - 0x8000 : 0
    if (source?.ssrc !== ssrc || source.clock !== clock || Math.abs(ahead) > JUMP) {
      const told = { expected: 0, received: 0 }
      this.#source = {
        ssrc,
        clock,
        first: sequence,
        highest: sequence,
        received: 1,
        told,
        jitter: 0,
        transit,
        report: undefined,
      }
      return
    }
    source.received++
    source.highest = Math.max(source.highest, source.highest + ahead)
    const late = Math.abs((transit - source.transit) | 0)
    source.transit = transit
    source.jitter += (late - source.jitter) / 16
  }

  /** A packet was sent, with so many bytes of sound. */
  send(bytes: number): void {
    this.#sent.packets++
    this.#sent.bytes += bytes
  }

  /** What the other side reports has come. @returns false if it is no RTCP */
  read(data: Buffer, at: number): boolean {
    if (data.length < 8 || data[0]! >> 6 !== 2) return false
    if (data[1] !== SENDER_REPORT && data[1] !== RECEIVER_REPORT) return false
    if (data.readUInt16BE(2) * 4 + 4 > data.length) return false
    if (data[1] === SENDER_REPORT && data.length >= 28 && data.readUInt32BE(4) === this.#source?.ssrc) {
      this.#source.report = { middle: data.readUInt32BE(10), at }
    }
    return true
  }

  /**
   * The report that is due: of the sender if anything was sent since the last one, else of the receiver.
   * @param now since the epoch @param at on a clock that does not jump @param over this side leaves
   */
  write(ssrc: number, timestamp: number, now: number, at: number, over = false): Buffer {
    const isSender = this.#sent.packets > this.#sent.told
    this.#sent.told = this.#sent.packets
    const block = this.#block(at)
    const length = (isSender ? 28 : 8) + block.length
    const report = Buffer.alloc(length)
    report[0] = 0x80 | (block.length > 0 ? 1 : 0)
    report[1] = isSender ? SENDER_REPORT : RECEIVER_REPORT
    report.writeUInt16BE(length / 4 - 1, 2)
    report.writeUInt32BE(ssrc, 4)
    if (isSender) {
      report.writeUInt32BE((Math.floor(now / 1000) + SINCE_1900) >>> 0, 8)
      report.writeUInt32BE(Math.floor(((now % 1000) / 1000) * 2 ** 32), 12)
      report.writeUInt32BE(timestamp >>> 0, 16)
      report.writeUInt32BE(this.#sent.packets >>> 0, 20)
      report.writeUInt32BE(this.#sent.bytes >>> 0, 24)
    }
    block.copy(report, length - block.length)
    return Buffer.concat([report, this.#describe(ssrc), ...(over ? [goodbye(ssrc)] : [])])
  }

  /** What came: a report block, or nothing if nothing did. */
  #block(at: number): Buffer {
    const source = this.#source
    if (!source) return Buffer.alloc(0)
    const expected = source.highest - source.first + 1
    const due = expected - source.told.expected
    const lost = due - (source.received - source.told.received)
    source.told = { expected, received: source.received }
    const block = Buffer.alloc(24)
    block.writeUInt32BE(source.ssrc, 0)
    block[4] = due > 0 && lost > 0 ? Math.min(255, Math.floor((lost * 256) / due)) : 0
    block.writeIntBE(Math.max(-0x80_0000, Math.min(0x7f_ffff, expected - source.received)), 5, 3)
    block.writeUInt32BE(source.highest >>> 0, 8)
    block.writeUInt32BE(Math.round(source.jitter) >>> 0, 12)
    if (source.report) {
      block.writeUInt32BE(source.report.middle, 16)
      block.writeUInt32BE(Math.round(((at - source.report.at) * 65_536) / 1000) >>> 0, 20)
    }
    return block
  }

  #describe(ssrc: number): Buffer {
    const name = Buffer.from(this.#name).subarray(0, 255)
    // At least one zero ends the items, and they end at a word.
    const length = Math.ceil((8 + 2 + name.length + 1) / 4) * 4
    const description = Buffer.alloc(length)
    description[0] = 0x81
    description[1] = DESCRIPTION
    description.writeUInt16BE(length / 4 - 1, 2)
    description.writeUInt32BE(ssrc, 4)
    description[8] = CNAME
    description[9] = name.length
    name.copy(description, 10)
    return description
  }
}

function goodbye(ssrc: number): Buffer {
  const leaving = Buffer.alloc(8)
  leaving[0] = 0x81
  leaving[1] = GOODBYE
  leaving.writeUInt16BE(1, 2)
  leaving.writeUInt32BE(ssrc, 4)
  return leaving
}
