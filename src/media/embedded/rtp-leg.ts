/** A leg of plain RTP, as telephones speak it: G.711 or Opus over UDP, keys as RFC 4733, reports as RFC 3550. */
import type { RemoteInfo } from 'node:dgram'
import type { Tone } from '../../calls/media.ts'
import type { Place, RtpAddress, RtpCodec, RtpFormat, RtpPlace, RtpTerms } from '../engine.ts'
import { Allowance } from '../forward/allowance.ts'
import { LAW_RATE, levelOfLaw, silentLaw } from '../mixer/g711.ts'
import type { Packet } from '../mixer/jitter.ts'
import type { BrowserLegParts } from './browser-leg.ts'
import { lawCodec, opusCodec } from './codec.ts'
import { Incoming } from './incoming.ts'
import { KeyReader } from './keys.ts'
import { Latch } from './latch.ts'
import type { Heard, Leg } from './leg.ts'
import { isPause } from './opus.ts'
import { Outgoing } from './outgoing.ts'
import { Presence } from './presence.ts'
import { Reports } from './reports.ts'
import type { RtpPacket } from './rtp.ts'
import { isRtcp, readRtp } from './rtp.ts'
import { RtpSocket } from './rtp-socket.ts'

/** Comfort noise (RFC 3389): whoever sends it pauses. */
const COMFORT_NOISE = 13
/** The longest packet of G.711 that is taken: 120 ms. */
const LONGEST_LAW = 960
/** One packet of so many is measured. */
const SAMPLE = 8
/** Seconds between reports. */
const REPORT = 5
const LAST_PORT = 65_535

/** Units of the RTP clock in a second. */
function clockOf({ codec }: RtpFormat): number {
  return codec === 'opus' ? 48_000 : LAW_RATE
}

/** The format of a payload type; undefined if none was agreed on. */
function formatOf(payloadType: number, { formats }: RtpTerms): RtpFormat | undefined {
  return formats.find(({ comesAs }) => comesAs === payloadType)
}

/** The sound of a payload, as it waits. */
function soundOf({ codec }: RtpFormat, payload: Uint8Array): Omit<Packet, 'sequence'> {
  if (codec === 'opus') return { payload, pause: isPause(payload) }
  const isSound = payload.length > 0 && payload.length <= LONGEST_LAW
  return isSound ? { payload, level: levelOfLaw(codec, payload) } : { payload: undefined }
}

/** A leg of plain RTP. */
export class RtpLeg implements Leg {
  readonly id: string
  place: Place | undefined
  readonly #parts: BrowserLegParts
  readonly #opening: Promise<RtpSocket>
  #socket: RtpSocket | undefined
  #terms: RtpTerms | undefined
  readonly #latch = new Latch()
  /** Where packets go, and where they come from. */
  #remote: RtpAddress | undefined
  readonly #presence: Presence
  readonly #allowance: Readonly<Record<'known' | 'strangers', Allowance>>
  readonly #reports: Reports
  readonly #voices = new Map<RtpCodec, Incoming>()
  /** What came last. */
  #voice: Incoming | undefined
  #clock = LAW_RATE
  #source: number | undefined
  readonly #keys: KeyReader
  readonly #out: Outgoing
  #since: number | undefined
  #checks = 0

  constructor(id: string, parts: BrowserLegParts) {
    this.id = id
    this.#parts = parts
    const { random, limits } = parts
    this.#presence = new Presence(parts, () => this.close())
    this.#allowance = { known: new Allowance(limits), strangers: new Allowance(limits) }
    this.#reports = new Reports(random().toString(16))
    this.#out = new Outgoing(random, (packet) => {
      if (this.#socket) parts.outbox.put(this.#socket, packet)
    })
    this.#keys = new KeyReader((tone) => parts.onTone(tone))
    this.#opening = RtpSocket.open(parts.peer, random, {
      onRtp: (data, from) => this.#receive(data, from),
      onRtcp: (data, from) => this.#readReport(data, from),
    })
  }

  get connected(): boolean {
    return this.#presence.connected
  }

  /** Takes its ports. @throws NoPortError */
  async open(): Promise<RtpPlace> {
    const socket = await this.#opening
    if (this.#presence.isOver) socket.close()
    this.#socket = socket
    if (this.#terms) this.agree(this.#terms)
    const { address, announced } = this.#parts.peer
    return { address: announced ?? address, port: socket.port, rtcpPort: socket.port + 1 }
  }

  /** What both sides agreed on, at first or anew. */
  agree(terms: RtpTerms): void {
    const before = this.#terms
    this.#terms = terms
    if (!this.#socket || this.#presence.isOver) return
    const [format, formatBefore] = [terms.formats[0]!, before?.formats[0]]
    if (formatBefore && clockOf(format) !== clockOf(formatBefore)) this.#out.renew()
    if (formatBefore?.codec !== format.codec) this.#out.pause()
    if (!terms.keys) this.#out.release()
    const isMoved = before?.remote?.address !== terms.remote?.address || before?.remote?.port !== terms.remote?.port
    if (isMoved || !before || terms.latch !== before.latch) this.#aim(terms)
    this.#presence.forget()
    if (!this.#takes) this.#voice?.reset()
    this.#since ??= this.#parts.clock.now()
  }

  #aim({ remote, latch }: RtpTerms): void {
    this.#latch.open(latch ?? remote === undefined)
    this.#remote = remote
    this.#socket?.aim(remote)
    if (!this.#latch.isOpen) this.#socket?.fix()
    if (remote) this.#presence.reached()
  }

  get #takes(): boolean {
    const direction = this.#terms?.direction ?? 'sendrecv'
    return direction === 'sendrecv' || direction === 'recvonly'
  }

  get #sends(): boolean {
    const direction = this.#terms?.direction ?? 'sendrecv'
    return this.#remote !== undefined && (direction === 'sendrecv' || direction === 'sendonly')
  }

  check(): void {
    const terms = this.#terms
    if (!terms || this.#since === undefined) return
    if (this.#presence.check(this.#takes)) {
      // Its network may have changed: it may come back from elsewhere.
      if (terms.latch ?? terms.remote === undefined) this.#latch.open(true)
      if (this.#latch.isOpen) this.#socket?.loose()
    }
    if (this.#presence.isOver) return
    const waited = this.#parts.clock.now() - this.#since
    if (!this.#remote && waited > this.#parts.limits.connect) return this.#presence.end('neverConnected')
    if (++this.#checks % REPORT === 0) this.#report()
  }

  #receive(data: Buffer, from: RemoteInfo): void {
    const terms = this.#terms
    if (this.#presence.isOver || !terms) return
    const isKnown = this.#remote?.address === from.address && this.#remote.port === from.port
    if (!isKnown && !this.#latch.isOpen) return
    if (!this.#bears(data, isKnown)) return
    if (isRtcp(data)) {
      if (isKnown) this.#hearReport(data)
      return
    }
    const { meters } = this.#parts
    const begun = meters.now()
    const packet = readRtp(data, undefined)
    if (packet && (isKnown || this.#latches(packet, terms, from))) this.#take(packet, terms, begun)
    if (packet && packet.sequence % SAMPLE === 0) meters.packet(begun)
  }

  /** Whether there is not too much already. Strangers neither end it nor take anybody's room. */
  #bears(data: Buffer, isKnown: boolean): boolean {
    const { known, strangers } = this.#allowance
    const taken = (isKnown ? known : strangers).take(data.length, this.#parts.clock.now())
    if (taken === 'flood' && isKnown) this.#presence.end('flooding')
    return taken === 'taken'
  }

  /** Whether a packet from somewhere else says where the other side really is. */
  #latches(packet: RtpPacket, terms: RtpTerms, { address, port }: RemoteInfo): boolean {
    // Nothing can be sent to port 0, though packets can come from there.
    if (port === 0 || !formatOf(packet.payloadType, terms) || !this.#latch.take(packet, address, port)) return false
    this.#remote = { address, port }
    this.#socket?.aim(this.#remote)
    return true
  }

  #take(packet: RtpPacket, terms: RtpTerms, at: number): void {
    const { payloadType, sequence, payload } = packet
    const format = formatOf(payloadType, terms)
    const isKey = payloadType === terms.keys?.comesAs
    const isPausing = payloadType === COMFORT_NOISE
    if (!format && !isKey && !isPausing) return
    this.#latch.open(false)
    this.#socket?.fix()
    this.#presence.arrived()
    if (format) this.#clock = clockOf(format)
    this.#reports.receive(packet, this.#clock, at)
    if (!this.#takes) return
    if (packet.ssrc !== this.#source) this.#voice?.reset()
    this.#source = packet.ssrc
    if (isKey) {
      this.#voice?.put({ sequence, payload: undefined })
      this.#keys.read(packet)
    } else if (!format) this.#voice?.put({ sequence, payload: undefined, pause: true })
    else this.#voiceOf(format).put({ sequence, ...soundOf(format, payload) })
  }

  /** A voice for each codec, because its packets are in order among themselves. */
  #voiceOf({ codec }: RtpFormat): Incoming {
    let voice = this.#voices.get(codec)
    if (!voice) {
      const { opus, meters, rate } = this.#parts
      voice = new Incoming({ codec: codec === 'opus' ? opusCodec(opus) : lawCodec(codec, rate), meters, rate })
      this.#voices.set(codec, voice)
    }
    if (voice !== this.#voice) this.#voice?.reset()
    return (this.#voice = voice)
  }

  turn(): number | 'unknown' | undefined {
    return this.#voice?.turn()
  }

  say(): Int16Array | undefined {
    return this.#voice?.say()
  }

  hear(heard: Heard | undefined): void {
    const format = this.#terms?.formats[0]
    if (!format || this.#presence.isOver) return
    this.#out.tick(clockOf(format))
    if (!this.#sends) return this.#out.pause()
    if (!this.#out.sendKey()) this.#out.send(format.goesAs, this.#payloadOf(format, heard))
  }

  /** Telephones expect sound all the time, once they are in a room. */
  #payloadOf({ codec }: RtpFormat, heard: Heard | undefined): Uint8Array | undefined {
    if (codec === 'opus') return heard?.opus()
    return heard ? heard.g711(codec) : this.place && silentLaw[codec]
  }

  press(tone: Tone, duration: number): void {
    const keys = this.#terms?.keys
    if (keys) this.#out.press(tone, duration, { payloadType: keys.goesAs, clock: keys.clock })
  }

  #readReport(data: Buffer, from: RemoteInfo): void {
    if (this.#presence.isOver || from.address !== this.#remote?.address) return
    // It may be anybody at that address.
    if (this.#bears(data, false)) this.#hearReport(data)
  }

  #hearReport(data: Buffer): void {
    if (!this.#reports.read(data, this.#parts.meters.now())) return
    this.#presence.arrived()
  }

  #report(): void {
    const report = this.#written(false)
    if (report) this.#socket?.report(...report)
  }

  /** A report, and where it goes. */
  #written(over: boolean): [Buffer, RtpAddress | undefined] | undefined {
    const [remote, terms] = [this.#remote, this.#terms]
    if (!remote || !terms) return undefined
    const { time, meters } = this.#parts
    const report = this.#reports.write(this.#out.info(time()), meters.now(), over)
    const { rtcp = { address: remote.address, port: remote.port + 1 } } = terms
    return [report, rtcp === 'same' || rtcp.port > LAST_PORT ? undefined : rtcp]
  }

  close(): void {
    const report = this.#presence.isOver ? undefined : this.#written(true)
    if (!this.#presence.leave()) return
    this.place = undefined
    this.#socket?.close(report)
    for (const voice of this.#voices.values()) voice.close()
  }
}
