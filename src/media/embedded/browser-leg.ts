/**
 * A leg to a browser: packets of sound in, through the jitter buffer and the decoder, and out, one every 20 ms; packets of
 * pictures in and out as they come.
 */
import type { Tone } from '../../calls/media.ts'
import type { Place } from '../engine.ts'
import { Allowance } from '../forward/allowance.ts'
import type { PictureSettings } from '../forward/pictures.ts'
import { Pictures } from '../forward/pictures.ts'
import { writeName, writeSenderReport } from '../forward/rtcp.ts'
import type { Rate } from '../mixer/frames.ts'
import { opusCodec } from './codec.ts'
import { Incoming } from './incoming.ts'
import type { Heard, Leg } from './leg.ts'
import type { Meters } from './meters.ts'
import type { Opus } from './opus.ts'
import type { Outbox } from './outbox.ts'
import { isPause } from './opus.ts'
import type { PeerSettings } from './peer.ts'
import { OfferError, Peer } from './peer.ts'
import { NAME } from './sdp.ts'
import { KeyReader } from './keys.ts'
import { Outgoing } from './outgoing.ts'
import type { PresenceParts } from './presence.ts'
import { Presence } from './presence.ts'
import { isRtcp, readRtp } from './rtp.ts'
import type { RtpPacket } from './rtp.ts'

/** What a leg is made with. */
export interface BrowserLegParts extends PresenceParts {
  readonly opus: Opus
  readonly meters: Meters
  readonly outbox: Outbox
  readonly rate: Rate
  /** When the present tick is, in milliseconds since the epoch: on the one clock by which all that is sent goes. */
  readonly time: () => number
  readonly peer: PeerSettings
  /** How pictures are carried; undefined if they are not. */
  readonly pictures: PictureSettings | undefined
  /** Random numbers of 32 bits. */
  readonly random: () => number
  onTone(tone: Tone): void
}

/** Opus counts at 48 kHz on the wire, whatever it is decoded to. */
const OPUS_CLOCK = 48_000
/** Streams that one datagram tells of, at most. */
const MOST_SENDERS = 16

/** A leg to a browser. */
export class BrowserLeg implements Leg {
  readonly id: string
  place: Place | undefined
  /** What it shows and sees; undefined if pictures are not carried. */
  readonly pictures: Pictures | undefined
  readonly #parts: BrowserLegParts
  readonly #peer: Peer
  readonly #voice: Incoming
  readonly #keys: KeyReader
  #source: number | undefined
  readonly #presence: Presence
  readonly #allowance: Readonly<Record<'sound' | 'pictures' | 'refused', Allowance>>
  #negotiation: Promise<unknown> = Promise.resolve()
  readonly #out: Outgoing

  constructor(id: string, parts: BrowserLegParts) {
    this.id = id
    this.#parts = parts
    const { clock, random } = parts
    this.#presence = new Presence(parts, () => this.close())
    this.#out = new Outgoing(random, (packet) => parts.outbox.put(this.#peer, packet))
    this.#keys = new KeyReader((tone) => parts.onTone(tone))
    this.#voice = new Incoming({ ...parts, codec: opusCodec(parts.opus) })
    this.#allowance = allowancesOf(parts)
    const send = (packet: Buffer): void => this.#sendPicture(packet)
    this.pictures = parts.pictures && new Pictures({ settings: parts.pictures, random, send })
    this.#peer = new Peer(parts.peer, clock, this.#out.ssrc, this.pictures, {
      onData: (data) => this.#receive(data),
      onState: (state) => this.#follow(state),
    })
    clock.schedule(clock.now() + parts.limits.connect, () => {
      if (!this.#presence.wasConnected) this.#presence.end('neverConnected')
    })
  }

  get connected(): boolean {
    return this.#presence.connected
  }

  /** Answers an offer, one after the other. @throws OfferError */
  answer(offer: string): Promise<string> {
    const answered = this.#negotiation.then(() => {
      if (this.#presence.isOver) throw new OfferError('The connection is over.')
      return this.#peer.answer(offer)
    })
    this.#negotiation = answered.catch(() => undefined)
    return answered
  }

  #follow(state: 'connected' | 'interrupted' | 'failed' | 'left'): void {
    const presence = this.#presence
    if (state === 'connected') presence.reached()
    else if (state === 'interrupted') presence.lost()
    else presence.end(state === 'left' ? 'left' : presence.wasConnected ? 'timedOut' : 'neverConnected')
  }

  check(): void {
    // Whoever only speaks, or only hears, may send nothing for long: they are there while their connection is.
    this.#presence.check(this.#peer.audio?.direction === 'sendrecv')
    this.#report()
  }

  /** Says by which clock its streams go, so that the browser lets voice and picture come together. */
  #report(): void {
    const { isOver, wasConnected } = this.#presence
    if (isOver || !wasConnected || !this.#hears) return
    const at = this.#parts.time()
    const senders = [this.#out.info(at), ...(this.pictures?.senders(at) ?? [])].filter(({ packets }) => packets > 0)
    for (let from = 0; from < senders.length; from += MOST_SENDERS) {
      const told = senders.slice(from, from + MOST_SENDERS)
      const name = writeName(
        told.map(({ ssrc }) => ssrc),
        NAME,
      )
      this.#peer.send(Buffer.concat([...told.map((one) => writeSenderReport(one)), name]))
    }
  }

  #receive(data: Buffer): void {
    const isControl = isRtcp(data)
    const { pictures } = this
    if (pictures && (isControl || pictures.carries((data[1] ?? 0) & 127))) return this.#see(pictures, data, isControl)
    // Some send what was refused: it does not take the room of what was not.
    const isSound = isControl || this.#isSound((data[1] ?? 0) & 127)
    if (!this.#bears(isSound ? this.#allowance.sound : this.#allowance.refused, data) || !isSound) return
    const { meters } = this.#parts
    const begun = meters.now()
    this.#presence.arrived()
    if (!isControl) {
      const packet = readRtp(data, this.#peer.audio?.levelId)
      if (packet) this.#take(packet)
    }
    meters.packet(begun)
  }

  #isSound(payloadType: number): boolean {
    const { opus, keys = [] } = this.#peer.audio ?? {}
    return payloadType === opus || keys.some((key) => key.payloadType === payloadType)
  }

  #see(pictures: Pictures, data: Buffer, isControl: boolean): void {
    if (!this.#bears(this.#allowance.pictures, data)) return
    const { meters, clock } = this.#parts
    const [begun, passed] = [meters.now(), meters.passed]
    this.#presence.arrived()
    if (isControl) pictures.heed(data, clock.now())
    else {
      meters.passed++
      pictures.take(data, clock.now())
    }
    // Browsers report of sound on the same way: that is no picture unless one is sent for it.
    const pictured = meters.passed - passed
    if (pictured > 0) meters.picture(begun, pictured)
    else meters.packet(begun)
  }

  #sendPicture(packet: Buffer): void {
    if (this.#presence.isOver || !this.#presence.wasConnected) return
    this.#parts.meters.passed++
    this.#peer.send(packet)
  }

  #bears(allowance: Allowance, data: Buffer): boolean {
    if (this.#presence.isOver) return false
    const taken = allowance.take(data.length, this.#parts.clock.now())
    if (taken === 'flood') this.#presence.end('flooding')
    return taken === 'taken'
  }

  #take(packet: RtpPacket): void {
    const { sequence, timestamp, payload, payloadType, level } = packet
    if (packet.ssrc !== this.#source) {
      this.#source = packet.ssrc
      this.#voice.reset()
      this.pictures?.timing.speaks(packet.ssrc)
    }
    if (payloadType === this.#peer.audio?.opus) {
      // The datagram's memory belongs to the library's callback, so what waits is a copy.
      this.#voice.put({ sequence, timestamp, payload: Uint8Array.from(payload), pause: isPause(payload), level })
    } else {
      this.#voice.put({ sequence, payload: undefined })
      this.#keys.read(packet)
    }
  }

  turn(): number | 'unknown' | undefined {
    const level = this.#voice.turn()
    const { begins } = this.#voice
    if (begins !== undefined) this.pictures?.timing.said(begins, this.#parts.time())
    return level
  }

  say(): Int16Array | undefined {
    return this.#voice.say()
  }

  hear(heard: Heard | undefined): void {
    this.#out.tick(OPUS_CLOCK)
    const { isOver, wasConnected } = this.#presence
    // Who sends nothing may well hear.
    if (isOver || !wasConnected || !this.#hears || this.#out.sendKey()) return
    this.#out.send(this.#peer.audio?.opus ?? 0, heard?.opus())
  }

  /** Whether the other side wants to be sent anything. */
  get #hears(): boolean {
    const { direction } = this.#peer.audio ?? {}
    return direction === 'sendrecv' || direction === 'recvonly'
  }

  press(tone: Tone, duration: number): void {
    const key = this.#peer.audio?.keys[0]
    if (key && this.#hears) this.#out.press(tone, duration, key)
  }

  close(): void {
    if (!this.#presence.leave()) return
    this.place = undefined
    this.#peer.close()
    this.#voice.close()
  }
}

function allowancesOf({
  limits,
  pictures,
}: BrowserLegParts): Readonly<Record<'sound' | 'pictures' | 'refused', Allowance>> {
  const { packets = 0, bounds } = pictures ?? {}
  // Senders need a moment to do what they are told.
  const bits = bounds && 2 * (bounds.camera.most + bounds.screen.most)
  return {
    sound: new Allowance({ packets: limits.packets }),
    refused: new Allowance({ packets: limits.packets }),
    pictures: new Allowance({ packets, ...(bits !== undefined && { bits }) }),
  }
}
