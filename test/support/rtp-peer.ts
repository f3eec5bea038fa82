/** Somebody at a telephone, for tests of sound: plain RTP over UDP, a tone as voice, and what is heard of others. */
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { createDecoder, createEncoder } from 'libopus-wasm'
import type { OpusDecoderHandle, OpusEncoderHandle } from 'libopus-wasm'
import type { RtpAddress, RtpCodec, RtpPlace, RtpTerms } from '../../src/media/engine.ts'
import { decodeLaw, encodeLaw } from '../../src/media/mixer/g711.ts'
import { isRtcp, readRtp } from '../../src/media/embedded/rtp.ts'
import { SpeakingPeer } from './speaking-peer.ts'

/** Payload types that it takes; what it sends goes as one more, because each side has its own numbers. */
const TAKES: Readonly<Record<RtpCodec, number>> = { PCMU: 0, PCMA: 8, opus: 96 }
const SENDS: Readonly<Record<RtpCodec, number>> = { PCMU: 0, PCMA: 8, opus: 97 }
const KEYS = { comesAs: 101, goesAs: 102, clock: 8000 }

/** A telephone. */
export class RtpPeer extends SpeakingPeer {
  readonly codec: RtpCodec
  /** RTCP that it got. */
  readonly reports: Buffer[] = []
  #socket: Socket
  readonly #reportSocket: Socket
  readonly #encoder: OpusEncoderHandle
  readonly #decoder: OpusDecoderHandle
  /** The leg to which it speaks. */
  place: RtpPlace | undefined

  private constructor(
    codec: RtpCodec,
    sockets: readonly [Socket, Socket],
    coders: readonly [OpusEncoderHandle, OpusDecoderHandle],
  ) {
    const [encoder] = coders
    super({
      rate: codec === 'opus' ? 48_000 : 8000,
      payloadType: SENDS[codec],
      keys: { payloadType: KEYS.comesAs, clock: KEYS.clock },
      encode: (samples) => (codec === 'opus' ? encoder.encode(samples) : encodeLaw(codec, samples)),
    })
    this.codec = codec
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
    this.speak()
  }

  /** Goes on from another port, as after a change of its network. */
  async move(): Promise<void> {
    const before = this.#socket
    this.#socket = await bound()
    this.#socket.on('message', (data) => this.#receive(data))
    before.close()
  }

  sendRaw(data: Buffer): void {
    if (this.place) this.#socket.send(data, this.place.port, '127.0.0.1')
  }

  /** Sends RTCP. */
  report(data: Buffer): void {
    if (this.place) this.#reportSocket.send(data, this.place.rtcpPort, '127.0.0.1')
  }

  #receive(data: Buffer): void {
    if (isRtcp(data)) {
      this.reports.push(data)
      return
    }
    const packet = readRtp(data, undefined)
    if (!packet) return
    const { payloadType, payload } = packet
    this.note(packet)
    if (payloadType !== TAKES[this.codec]) return
    this.heard.push(this.codec === 'opus' ? this.#decoder.decode(payload) : decodeLaw(this.codec, payload))
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
