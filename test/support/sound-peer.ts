/** Somebody at a browser, for tests of sound: a WebRTC peer that says a tone and hears what it is sent. */
import type { Direction, PeerConnection, Track } from 'node-datachannel'
import { createDecoder, createEncoder } from 'libopus-wasm'
import type { OpusDecoderHandle, OpusEncoderHandle } from 'libopus-wasm'
import { levelLine } from '../../src/media/embedded/sdp.ts'
import { isRtcp, readRtp } from '../../src/media/embedded/rtp.ts'
import { SpeakingPeer } from './speaking-peer.ts'
import { nodeDataChannel, offerOf } from './web-rtc.ts'

const RATE = 48_000
const OPUS = 111
const KEYS = { payloadType: 126, clock: 8000 }
const LEVEL = 1

/** A peer. */
export class SoundPeer extends SpeakingPeer {
  readonly connection: PeerConnection
  readonly #track: Track
  readonly #encoder: OpusEncoderHandle
  readonly #decoder: OpusDecoderHandle
  #closed = false

  private constructor(
    encoder: OpusEncoderHandle,
    decoder: OpusDecoderHandle,
    tellsLevel: boolean,
    direction: Direction,
  ) {
    const encode = (samples: Int16Array): Uint8Array => encoder.encode(samples)
    super({ rate: RATE, payloadType: OPUS, keys: KEYS, levelId: tellsLevel ? LEVEL : undefined, encode })
    this.#encoder = encoder
    this.#decoder = decoder
    this.connection = new nodeDataChannel.PeerConnection('test', {
      iceServers: [],
      bindAddress: '127.0.0.1',
      disableAutoNegotiation: true,
    })
    const audio = new nodeDataChannel.Audio('0', direction)
    audio.addOpusCodec(OPUS, 'minptime=10;useinbandfec=1')
    audio.addAudioCodec(KEYS.payloadType, `telephone-event/${KEYS.clock}`)
    if (tellsLevel) audio.parseSdpLine(levelLine(LEVEL))
    audio.addSSRC(this.ssrc, 'test', 'test', 'test')
    this.#track = this.connection.addTrack(audio)
    this.#track.onMessage((data) => this.#receive(data))
  }

  /**
   * @param tellsLevel whether its packets say how loud they are (RFC 6464), as browsers' do
   * @param direction whether it speaks, hears, or both
   */
  static async make(frequency?: number, tellsLevel = true, direction: Direction = 'SendRecv'): Promise<SoundPeer> {
    const encoder = await createEncoder({
      sampleRate: RATE,
      channels: 1,
      bitrate: 32_000,
      fec: true,
      packetLossPercent: 10,
    })
    const peer = new SoundPeer(encoder, await createDecoder({ sampleRate: RATE, channels: 1 }), tellsLevel, direction)
    peer.frequency = frequency
    return peer
  }

  /** The complete offer. */
  offer(): Promise<string> {
    return offerOf(this.connection)
  }

  /** Takes the answer, and speaks from when it is connected. */
  accept(answer: string): Promise<void> {
    return new Promise((resolve) => {
      this.#track.onOpen(() => {
        this.speak()
        resolve()
      })
      this.connection.setRemoteDescription(answer, 'answer')
    })
  }

  sendRaw(data: Buffer): void {
    if (this.#track.isOpen()) this.#track.sendMessageBinary(data)
  }

  #receive(data: Buffer): void {
    if (this.#closed || isRtcp(data)) return
    const packet = readRtp(data, undefined)
    if (!packet) return
    this.note(packet)
    if (packet.payloadType === OPUS) this.heard.push(this.#decoder.decode(Uint8Array.from(packet.payload)))
  }

  close(): void {
    this.#closed = true
    this.hush()
    this.connection.close()
    this.#encoder.free()
    this.#decoder.free()
  }
}
