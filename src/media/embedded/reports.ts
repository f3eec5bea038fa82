/** RTCP of one leg of plain RTP (RFC 3550): what was sent, what came, what was lost. Nothing is made up. */
import type { ReportBlock, SenderInfo } from '../forward/rtcp.ts'
import { readRtcp, writeGoodbye, writeName, writeReport, writeSenderReport } from '../forward/rtcp.ts'
import type { RtpPacket } from './rtp.ts'

const [SENDER_REPORT, RECEIVER_REPORT] = [200, 201]
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
  #told = 0

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

  /** What the other side reports has come. @returns false if it is no RTCP */
  read(data: Buffer, at: number): boolean {
    if (data.length < 8 || data[0]! >> 6 !== 2) return false
    if (data[1] !== SENDER_REPORT && data[1] !== RECEIVER_REPORT) return false
    if (data.readUInt16BE(2) * 4 + 4 > data.length) return false
    for (const feedback of readRtcp(data)) {
      if (feedback.type !== 'sent' || feedback.ssrc !== this.#source?.ssrc) continue
      this.#source.report = { middle: feedback.moment, at }
    }
    return true
  }

  /**
   * The report that is due: of the sender if anything was sent since the last one, else of the receiver.
   * @param at on a clock that does not jump @param over this side leaves
   */
  write(sender: SenderInfo, at: number, over = false): Buffer {
    const { ssrc, packets } = sender
    const isSender = packets > this.#told
    this.#told = packets
    const block = this.#block(at)
    const blocks = block ? [block] : []
    const report = isSender ? writeSenderReport(sender, blocks) : writeReport(ssrc, blocks)
    return Buffer.concat([report, writeName([ssrc], this.#name), ...(over ? [writeGoodbye(ssrc)] : [])])
  }

  /** What came; undefined if nothing did. */
  #block(at: number): ReportBlock | undefined {
    const source = this.#source
    if (!source) return undefined
    const expected = source.highest - source.first + 1
    const due = expected - source.told.expected
    const lost = due - (source.received - source.told.received)
    source.told = { expected, received: source.received }
    return {
      ssrc: source.ssrc,
      fraction: due > 0 && lost > 0 ? Math.min(255, Math.floor((lost * 256) / due)) : 0,
      lost: expected - source.received,
      highest: source.highest,
      jitter: Math.round(source.jitter),
      moment: source.report?.middle ?? 0,
      delay: source.report ? Math.round(((at - source.report.at) * 65_536) / 1000) : 0,
    }
  }
}
