/**
 * Somebody at a browser, for tests of pictures: a WebRTC peer that offers as the phone does, sends what looks like VP8 from
 * outside, and keeps what it gets. It says nothing.
 */
import type { PeerConnection, Track } from 'node-datachannel'
import type { RtpPacket } from '../../src/media/embedded/rtp.ts'
import { isRtcp, readRtp, writeRtp } from '../../src/media/embedded/rtp.ts'
import type { Feedback } from '../../src/media/forward/rtcp.ts'
import { readRtcp, writeBitrate, writeKeyFrameRequest, writeLost } from '../../src/media/forward/rtcp.ts'
import { readVp8 } from '../../src/media/forward/vp8.ts'
import { nodeDataChannel, offerOf } from './web-rtc.ts'

const [OPUS, VP8] = [111, 96]
/** Milliseconds between pictures, and ticks of their clock. */
const [FRAME, TICKS] = [40, 3600]
/** Packets of one picture. */
const PACKETS = 3
const SIZE = 600

const random = (bits: number): number => Math.floor(Math.random() * 2 ** bits)

/** A packet of a picture that came. */
export interface GotPacket {
  readonly at: number
  readonly sequence: number
  readonly timestamp: number
  readonly marker: boolean
  readonly ssrc: number
  readonly beginsKeyFrame: boolean
  /** The sender's count of its pictures. */
  readonly picture: number | undefined
  /** Whose picture it is, and its number. */
  readonly from: string
  readonly frame: number
}

interface Line {
  readonly ssrc: number
  readonly track: Track
  sequence: number
  timestamp: number
  picture: number
  frame: number
  timer: NodeJS.Timeout | undefined
  wantsKeyFrame: boolean
  /** What was sent lately, by sequence number. */
  readonly sent: Map<number, Buffer>
}

/** A peer. Lines are counted as in its offer: 0 is the camera and the first slot, 1 the screen, 2 the second slot. */
export class PicturePeer {
  readonly connection: PeerConnection
  readonly #lines: readonly Line[]
  readonly #name: string
  /** What came in each line. */
  readonly got: GotPacket[][]
  /** What it was told as a sender. */
  readonly told: Feedback[] = []
  /** Whether a packet gets lost on the way to the server, and how often each is answered when it is asked for again. */
  loses: (line: number, sequence: number) => boolean = () => false
  resends = true
  readonly #sound: Track
  /** The stream of its voice, if a test has it speak; and what it hears. */
  readonly voice = random(32)
  readonly heard: RtpPacket[] = []
  #closed = false

  /** @param name one letter @param lines how many for pictures */
  constructor(name: string, lines = 4) {
    this.#name = name
    this.connection = new nodeDataChannel.PeerConnection('', {
      iceServers: [],
      disableAutoNegotiation: true,
      bindAddress: '127.0.0.1',
    })
    const audio = new nodeDataChannel.Audio('0', 'SendRecv')
    audio.addOpusCodec(OPUS)
    audio.addSSRC(this.voice, 'test', 'test', 'sound')
    this.#sound = this.connection.addTrack(audio)
    this.#sound.onMessage((data) => this.#hear(data))
    this.got = Array.from({ length: lines }, () => [])
    this.#lines = this.got.map((_, index) => this.#line(index))
  }

  #line(index: number): Line {
    const video = new nodeDataChannel.Video(String(index + 1), index < 2 ? 'SendRecv' : 'RecvOnly')
    video.addVP8Codec(VP8)
    const ssrc = random(32)
    if (index < 2) video.addSSRC(ssrc, 'test', 'test', `picture-${index}`)
    const track = this.connection.addTrack(video)
    track.onMessage((data) => this.#receive(index, data))
    const counts = { sequence: random(16), timestamp: random(32), picture: random(15), frame: 0 }
    return { ssrc, track, ...counts, timer: undefined, wantsKeyFrame: true, sent: new Map() }
  }

  /** The complete offer. */
  offer(): Promise<string> {
    return offerOf(this.connection)
  }

  /** Takes the answer; resolves when it is connected. */
  accept(answer: string): Promise<void> {
    return new Promise((resolve) => {
      this.connection.onStateChange((state) => {
        if (state === 'connected') resolve()
      })
      this.connection.setRemoteDescription(answer, 'answer')
    })
  }

  /** Sends pictures in a line, or no more. */
  show(index: number, on: boolean): void {
    const line = this.#lines[index]!
    clearInterval(line.timer)
    line.wantsKeyFrame = true
    line.timer = on ? setInterval(() => void this.frame(index), FRAME) : undefined
  }

  /** Sends the next picture of a line, 40 ms after the one before it by its time. */
  frame(index: number): { readonly ssrc: number; readonly timestamp: number; readonly frame: number } {
    const line = this.#lines[index]!
    const isKey = line.wantsKeyFrame
    line.wantsKeyFrame = false
    line.frame++
    line.picture = (line.picture + 1) & 0x7fff
    line.timestamp = (line.timestamp + TICKS) >>> 0
    for (let part = 0; part < PACKETS; part++) {
      const payload = Buffer.alloc(SIZE)
      payload.set([part === 0 ? 0x90 : 0x80, 0x80, 128 | (line.picture >> 8), line.picture & 255, isKey ? 0 : 1])
      payload.write(this.#name, 5, 'latin1')
      payload.writeUInt32BE(line.frame, 6)
      line.sequence = (line.sequence + 1) & 0xffff
      const { sequence, timestamp, ssrc } = line
      const packet = writeRtp({ payloadType: VP8, marker: part === PACKETS - 1, sequence, timestamp, ssrc, payload })
      line.sent.set(sequence, packet)
      line.sent.delete((sequence - 500) & 0xffff)
      if (!this.loses(index, sequence)) this.#send(line.track, packet)
    }
    return { ssrc: line.ssrc, timestamp: line.timestamp, frame: line.frame }
  }

  #send(track: Track, packet: Buffer): void {
    if (!this.#closed && track.isOpen()) track.sendMessageBinary(packet)
  }

  /** Sends a packet of its camera with this in it. */
  sendPicture(payload: Buffer): void {
    const line = this.#lines[0]!
    line.sequence = (line.sequence + 1) & 0xffff
    const { sequence, timestamp, ssrc } = line
    this.sendRaw(writeRtp({ payloadType: VP8, marker: true, sequence, timestamp, ssrc, payload }))
  }

  /** Sends a datagram as it is. */
  sendRaw(data: Buffer): void {
    this.#send(this.#lines[0]!.track, data)
  }

  /** The stream that a line is sent, as its last packet had it. */
  #ssrcOf(index: number): number {
    return this.got[index]!.at(-1)?.ssrc ?? 0
  }

  /** Says that it cannot go on without a key frame. */
  wantKeyFrame(index: number): void {
    this.sendRaw(writeKeyFrameRequest(1, this.#ssrcOf(index)))
  }

  /** Says that these packets did not come. */
  miss(index: number, sequences: readonly number[]): void {
    this.sendRaw(writeLost(1, this.#ssrcOf(index), sequences))
  }

  /** Says how many bits a second get through to it. */
  bear(bitrate: number): void {
    this.sendRaw(writeBitrate(1, bitrate, [this.#ssrcOf(0)]))
  }

  #hear(data: Buffer): void {
    if (this.#closed) return
    if (isRtcp(data)) return this.#heed(0, data)
    const packet = readRtp(Buffer.from(data), undefined)
    if (packet?.payloadType === OPUS) this.heard.push(packet)
  }

  #receive(index: number, data: Buffer): void {
    if (this.#closed) return
    if (isRtcp(data)) return this.#heed(index, data)
    const packet = readRtp(data, undefined)
    const vp8 = packet && readVp8(packet.payload)
    if (!packet || !vp8) return
    const { sequence, timestamp, marker, ssrc, payload } = packet
    this.got[index]!.push({
      at: performance.now(),
      sequence,
      timestamp,
      marker,
      ssrc,
      beginsKeyFrame: vp8.beginsKeyFrame,
      picture: vp8.picture?.value,
      from: payload.toString('latin1', 5, 6),
      frame: payload.length < 10 ? 0 : payload.readUInt32BE(6),
    })
  }

  #heed(index: number, data: Buffer): void {
    const line = this.#lines[index]!
    for (const feedback of readRtcp(data)) {
      if (index === 0 || feedback.type === 'lost' || feedback.type === 'keyFrame') this.told.push(feedback)
      if ('ssrc' in feedback && feedback.ssrc !== line.ssrc) continue
      if (feedback.type === 'keyFrame') line.wantsKeyFrame = true
      if (feedback.type === 'lost' && this.resends) {
        for (const sequence of feedback.sequences) {
          const packet = line.sent.get(sequence)
          if (packet) this.#send(line.track, packet)
        }
      }
    }
  }

  close(): void {
    this.#closed = true
    this.#sound.close()
    for (const { timer, track } of this.#lines) {
      clearInterval(timer)
      track.close()
    }
    this.connection.close()
  }
}
