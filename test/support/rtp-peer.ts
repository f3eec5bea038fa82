/** Somebody at a telephone, for tests of sound: plain RTP over UDP, a tone as voice, and what is heard of others. */
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { createDecoder, createEncoder } from 'libopus-wasm'
import type { OpusDecoderHandle, OpusEncoderHandle } from 'libopus-wasm'
import type { Tone } from '../../src/calls/media.ts'
import type { RtpAddress, RtpCodec, RtpPlace, RtpTerms } from '../../src/media/engine.ts'
import { decodeLaw, encodeLaw } from '../../src/media/mixer/g711.ts'
import { sendingOf } from '../../src/media/embedded/keys.ts'
import { isRtcp, readRtp, writeRtp } from '../../src/media/embedded/rtp.ts'
import type { Network } from './sound-peer.ts'
import { sine } from './sound-peer.ts'

/** Payload types that it takes; what it sends goes as one more, because each side has its own numbers. */
const TAKES: Readonly<Record<RtpCodec, number>> = { PCMU: 0, PCMA: 8, opus: 96 }
const SENDS: Readonly<Record<RtpCodec, number>> = { PCMU: 0, PCMA: 8, opus: 97 }
const KEYS = { comesAs: 101, goesAs: 102, clock: 8000 }

/** A telephone. */
export class RtpPeer {
  readonly codec: RtpCodec
  /** Samples a second of what it hears. */
  readonly rate: number
  /** What it says; undefined for nothing. */
  frequency: number | undefined
  network: Network = () => ({ times: 1, delay: 0 })
  /** Everything it heard, decoded packet by packet. */
  readonly heard: Int16Array[] = []
  /** Headers of the packets it got. */
  readonly packets: {
    readonly sequence: number
    readonly timestamp: number
    readonly ssrc: number
    readonly type: number
    readonly at: number
  }[] = []
  /** RTCP that it got. */
  readonly reports: Buffer[] = []
  #socket: Socket
  readonly #reportSocket: Socket
  readonly #encoder: OpusEncoderHandle
  readonly #decoder: OpusDecoderHandle
  readonly ssrc = 1 + Math.floor(Math.random() * 0xffff_fff0)
  /** The leg to which it speaks. */
  place: RtpPlace | undefined
  #timer: NodeJS.Timeout | undefined
  #sequence = 65_500
  #timestamp = Math.floor(Math.random() * 2 ** 32)
  #key: ReturnType<typeof sendingOf> | undefined
  #sent = 0
  #due: { readonly packet: Buffer; readonly at: number }[] = []

  private constructor(
    codec: RtpCodec,
    sockets: readonly [Socket, Socket],
    coders: readonly [OpusEncoderHandle, OpusDecoderHandle],
  ) {
    this.codec = codec
    this.rate = codec === 'opus' ? 48_000 : 8000
    ;[this.#socket, this.#reportSocket] = sockets
    ;[this.#encoder, this.#decoder] = coders
    this.#listen()
  }

  static async make(codec: RtpCodec, frequency?: number): Promise<RtpPeer> {
    const settings = { sampleRate: 48_000, channels: 1 } as const
    const coders = [await createEncoder({ ...settings, bitrate: 32_000 }), await createDecoder(settings)] as const
    const peer = new RtpPeer(codec, [await bound(), await bound()], coders)
    peer.frequency = frequency
    return peer
  }

  /** Where it is. */
  get address(): RtpAddress {
    return { address: '127.0.0.1', port: this.#socket.address().port }
  }

  /** What it agrees on. */
  get terms(): RtpTerms {
    return {
      remote: this.address,
      rtcp: { address: '127.0.0.1', port: this.#reportSocket.address().port },
      formats: [{ codec: this.codec, comesAs: SENDS[this.codec], goesAs: TAKES[this.codec] }],
      keys: KEYS,
    }
  }

  #listen(): void {
    this.#socket.on('message', (data) => this.#receive(data))
    this.#reportSocket.on('message', (data) => this.reports.push(data))
  }

  /** Begins to speak to a leg. */
  call(place: RtpPlace): void {
    this.place = place
    const start = performance.now()
    let tick = 0
    const run = (): void => {
      for (; start + tick * 20 <= performance.now(); tick++) this.#frame(tick)
      this.#timer = setTimeout(run, Math.max(0, start + tick * 20 - performance.now()))
    }
    run()
  }

  /** Goes on from another port, as after a change of its network. */
  async move(): Promise<void> {
    const before = this.#socket
    this.#socket = await bound()
    this.#socket.on('message', (data) => this.#receive(data))
    before.close()
  }

  #frame(tick: number): void {
    const size = this.rate / 50
    this.#timestamp = (this.#timestamp + size) >>> 0
    const now = this.#due.filter(({ at }) => at <= tick)
    this.#due = this.#due.filter(({ at }) => at > tick)
    for (const { packet } of now) this.sendRaw(packet)
    const pressed = this.#key?.next() ?? []
    for (const { payload, marker } of pressed) this.#post(tick, KEYS.comesAs, payload, marker, this.#key!.timestamp)
    if (pressed.length > 0 || this.frequency === undefined) return
    const samples = sine(this.frequency, size, this.rate, tick * size)
    const payload = this.codec === 'opus' ? this.#encoder.encode(samples) : encodeLaw(this.codec, samples)
    this.#post(tick, SENDS[this.codec], payload, false, this.#timestamp)
  }

  #post(tick: number, payloadType: number, payload: Uint8Array, marker: boolean, timestamp: number): void {
    this.#sequence = (this.#sequence + 1) & 0xffff
    const packet = writeRtp({ payloadType, marker, sequence: this.#sequence, timestamp, ssrc: this.ssrc, payload })
    const { times, delay } = this.network(this.#sent++)
    for (let count = 0; count < times; count++) {
      if (delay === 0) this.sendRaw(packet)
      else this.#due.push({ packet, at: tick + delay })
    }
  }

  /** Sends a datagram as it is. */
  sendRaw(data: Buffer): void {
    if (this.place) this.#socket.send(data, this.place.port, '127.0.0.1')
  }

  /** Sends RTCP. */
  report(data: Buffer): void {
    if (this.place) this.#reportSocket.send(data, this.place.rtcpPort, '127.0.0.1')
  }

  press(tone: Tone, frames = 5): void {
    this.#key = sendingOf(tone, frames, { payloadType: KEYS.comesAs, clock: KEYS.clock }, this.#timestamp)
  }

  #receive(data: Buffer): void {
    if (isRtcp(data)) {
      this.reports.push(data)
      return
    }
    const packet = readRtp(data, undefined)
    if (!packet) return
    const { sequence, timestamp, ssrc, payloadType, payload } = packet
    this.packets.push({ sequence, timestamp, ssrc, type: payloadType, at: performance.now() })
    if (payloadType !== TAKES[this.codec]) return
    this.heard.push(this.codec === 'opus' ? this.#decoder.decode(payload) : decodeLaw(this.codec, payload))
  }

  /** Everything heard since a packet, in one piece. */
  samples(from = 0): Int16Array {
    return Int16Array.from(this.heard.slice(from).flatMap((frame) => [...frame]))
  }

  /** Says nothing any more, and is still there. */
  hush(): void {
    clearTimeout(this.#timer)
  }

  close(): void {
    this.hush()
    this.#socket.close()
    this.#reportSocket.close()
    this.#encoder.free()
    this.#decoder.free()
  }
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
