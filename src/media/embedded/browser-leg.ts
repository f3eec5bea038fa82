/**
 * A leg to a browser: packets of sound in, through the jitter buffer and the decoder, and out, one every 20 ms; packets of
 * pictures in and out as they come.
 */
import type { Tone } from '../../calls/media.ts'
import type { Clock } from '../../runtime.ts'
import type { LegEnd, Place } from '../engine.ts'
import { Allowance } from '../forward/allowance.ts'
import type { PictureSettings } from '../forward/pictures.ts'
import { Pictures } from '../forward/pictures.ts'
import { FRAME } from '../mixer/frames.ts'
import type { Rate } from '../mixer/frames.ts'
import { opusCodec } from './codec.ts'
import { Incoming } from './incoming.ts'
import type { Heard, Leg } from './leg.ts'
import type { Meters } from './meters.ts'
import type { Opus } from './opus.ts'
import type { Outbox } from './outbox.ts'
import { isPause } from './opus.ts'
import type { PeerSettings } from './peer.ts'
import { Peer } from './peer.ts'
import type { KeySender } from './keys.ts'
import { KeyReader, sendingOf } from './keys.ts'
import { isRtcp, readRtp, writeRtp } from './rtp.ts'
import type { RtpPacket } from './rtp.ts'

/** What a leg is made with. */
export interface BrowserLegParts {
  readonly clock: Clock
  readonly opus: Opus
  readonly meters: Meters
  readonly outbox: Outbox
  readonly rate: Rate
  readonly peer: PeerSettings
  /** How pictures are carried; undefined if they are not. */
  readonly pictures: PictureSettings | undefined
  /** Random numbers of 32 bits. */
  readonly random: () => number
  readonly limits: LegLimits
  onState(state: 'connected' | 'interrupted'): void
  onTone(tone: Tone): void
  /** It is over; the leg has closed itself. */
  onEnd(why: LegEnd): void
}

/** How much is borne of one leg. Times in milliseconds. */
export interface LegLimits {
  /** Packets in one second, those of pictures aside. What is above is not looked at; ten times as many end the leg. */
  readonly packets: number
  /** How long it may take to connect. */
  readonly connect: number
  /** How long nothing may arrive before it counts as interrupted. */
  readonly silence: number
  /** How long it may be interrupted. */
  readonly interruption: number
}

/** Opus counts at 48 kHz on the wire, whatever it is decoded to. */
const TICKS_ON_WIRE = 960

/** A leg to a browser. */
export class BrowserLeg implements Leg {
  readonly id: string
  place: Place | undefined
  connected = false
  /** What it shows and sees; undefined if pictures are not carried. */
  readonly pictures: Pictures | undefined
  readonly #parts: BrowserLegParts
  readonly #peer: Peer
  readonly #voice: Incoming
  readonly #keys: KeyReader
  #source: number | undefined
  #lastArrival: number
  #everSent = false
  /** Since when the connection is interrupted. */
  #lostAt: number | undefined
  readonly #allowance: Readonly<Record<'sound' | 'pictures' | 'refused', Allowance>>
  #ended = false
  #negotiation: Promise<unknown> = Promise.resolve()
  readonly #out: { readonly ssrc: number; sequence: number; timestamp: number; silent: boolean }
  #sendingKey: KeySender | undefined

  constructor(id: string, parts: BrowserLegParts) {
    this.id = id
    this.#parts = parts
    const { clock, random } = parts
    this.#lastArrival = clock.now()
    this.#out = { ssrc: random(), sequence: random() & 0xffff, timestamp: random(), silent: true }
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
      if (!this.connected && !this.#everConnected) this.#end('neverConnected')
    })
  }

  #everConnected = false

  /** Answers an offer, one after the other. @throws OfferError */
  answer(offer: string): Promise<string> {
    const answered = this.#negotiation.then(() => this.#peer.answer(offer))
    this.#negotiation = answered.catch(() => undefined)
    return answered
  }

  #follow(state: 'connected' | 'interrupted' | 'failed' | 'left'): void {
    if (this.#ended) return
    if (state === 'connected') {
      this.#lastArrival = this.#parts.clock.now()
      this.#everConnected = true
      this.#lostAt = undefined
      this.#setConnected(true)
    } else if (state === 'interrupted') {
      this.#lostAt ??= this.#parts.clock.now()
      this.#setConnected(false)
    } else this.#end(state === 'left' ? 'left' : this.#everConnected ? 'timedOut' : 'neverConnected')
  }

  #setConnected(connected: boolean): void {
    if (connected === this.connected) return
    this.connected = connected
    this.#parts.onState(connected ? 'connected' : 'interrupted')
  }

  #end(why: LegEnd): void {
    if (this.#ended) return
    this.close()
    this.#parts.onEnd(why)
  }

  /** Looks, now and then, whether anything still arrives. */
  check(): void {
    if (this.#ended) return
    const { limits, clock } = this.#parts
    const now = clock.now()
    if (this.#lostAt !== undefined && now - this.#lostAt > limits.interruption) return this.#end('timedOut')
    // Whoever only speaks, or only hears, may send nothing for long: they are there while their connection is.
    if (!this.#everSent || this.#peer.audio?.direction !== 'sendrecv') return
    const quiet = now - this.#lastArrival
    if (quiet > limits.silence + limits.interruption) this.#end('timedOut')
    else if (quiet > limits.silence) this.#setConnected(false)
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
    this.#arrived()
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
    const [begun, passed] = [meters.now(), meters.passed++]
    this.#arrived()
    if (isControl) pictures.heed(data, clock.now())
    else pictures.take(data, clock.now())
    meters.picture(begun, meters.passed - passed)
  }

  #sendPicture(packet: Buffer): void {
    if (this.#ended || !this.#everConnected) return
    this.#parts.meters.passed++
    this.#peer.send(packet)
  }

  #bears(allowance: Allowance, data: Buffer): boolean {
    if (this.#ended) return false
    const taken = allowance.take(data.length, this.#parts.clock.now())
    if (taken === 'flood') this.#end('flooding')
    return taken === 'taken'
  }

  #arrived(): void {
    this.#lastArrival = this.#parts.clock.now()
    this.#everSent = true
    this.#lostAt = undefined
    this.#setConnected(true)
  }

  #take(packet: RtpPacket): void {
    const { sequence, payload, payloadType, level } = packet
    if (packet.ssrc !== this.#source) {
      this.#source = packet.ssrc
      this.#voice.reset()
    }
    if (payloadType === this.#peer.audio?.opus) {
      // The datagram's memory belongs to the library's callback, so what waits is a copy.
      this.#voice.put({ sequence, payload: Uint8Array.from(payload), pause: isPause(payload), level })
    } else {
      this.#voice.put({ sequence, payload: undefined })
      this.#keys.read(packet)
    }
  }

  turn(): number | 'unknown' | undefined {
    return this.#voice.turn()
  }

  say(): Int16Array | undefined {
    return this.#voice.say()
  }

  hear(heard: Heard | undefined): void {
    const out = this.#out
    out.timestamp = (out.timestamp + TICKS_ON_WIRE) >>> 0
    // Who sends nothing may well hear.
    if (this.#ended || !this.#everConnected || !this.#hears) return
    if (this.#pressKey()) return
    const payload = heard?.opus()
    if (!payload) {
      out.silent = true
      return
    }
    this.#send(this.#peer.audio?.opus ?? 0, payload, out.silent, out.timestamp)
    out.silent = false
  }

  /** Whether the other side wants to be sent anything. */
  get #hears(): boolean {
    const { direction } = this.#peer.audio ?? {}
    return direction === 'sendrecv' || direction === 'recvonly'
  }

  #send(payloadType: number, payload: Uint8Array, marker: boolean, timestamp: number): void {
    const { ssrc } = this.#out
    this.#out.sequence = (this.#out.sequence + 1) & 0xffff
    const { sequence } = this.#out
    this.#parts.outbox.put(this.#peer, writeRtp({ payloadType, marker, sequence, timestamp, ssrc, payload }))
  }

  /** Presses a key towards the browser. @param duration in milliseconds */
  press(tone: Tone, duration: number): void {
    const key = this.#peer.audio?.keys[0]
    if (!key || !this.#hears) return
    this.#sendingKey = sendingOf(tone, Math.max(1, Math.round(duration / FRAME)), key, this.#out.timestamp)
  }

  #pressKey(): boolean {
    const key = this.#sendingKey
    if (!key) return false
    const packets = key.next()
    for (const { payload, marker } of packets) this.#send(key.payloadType, payload, marker, key.timestamp)
    if (packets.length === 0) this.#sendingKey = undefined
    return packets.length > 0
  }

  close(): void {
    if (this.#ended) return
    this.#ended = true
    this.connected = false
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
