/** Somebody at a browser, for tests of sound: a WebRTC peer that says a tone and measures which tones it hears. */
import type { Direction, PeerConnection, Track } from 'node-datachannel'
import { createDecoder, createEncoder } from 'libopus-wasm'
import type { OpusDecoderHandle, OpusEncoderHandle } from 'libopus-wasm'
import type { Tone } from '../../src/calls/media.ts'
import { levelOf } from '../../src/media/mixer/frames.ts'
import { levelLine } from '../../src/media/embedded/sdp.ts'
import { readRtp, writeRtp, isRtcp } from '../../src/media/embedded/rtp.ts'
import { sendingOf } from '../../src/media/embedded/keys.ts'
import { nodeDataChannel } from './web-rtc.ts'

const RATE = 48_000
const FRAME = RATE / 50
const OPUS = 111
const KEYS = { payloadType: 126, clock: 8000 }
const LEVEL = 1
const PEAK = 8000

/** How strong a frequency is in samples: the power of that sine by Goertzel's algorithm, as a share of all power. */
export function strengthOf(frequency: number, samples: Int16Array, rate = RATE): number {
  const step = 2 * Math.cos((2 * Math.PI * frequency) / rate)
  let [before, last, power] = [0, 0, 0]
  for (const sample of samples) {
    const now = sample + step * last - before
    before = last
    last = now
    power += sample * sample
  }
  const own = last * last + before * before - step * last * before
  return power === 0 ? 0 : (2 * own) / (samples.length * power)
}

/** Samples of a sine. @param from number of the first one */
export function sine(frequency: number, length: number, rate = RATE, from = 0): Int16Array {
  return Int16Array.from({ length }, (_, index) =>
    Math.round(PEAK * Math.sin((2 * Math.PI * frequency * (from + index)) / rate)),
  )
}

/** What happens to a packet on its way: it is sent so many times (0: lost), after so many frames. */
export type Network = (number: number) => { readonly times: number; readonly delay: number }

/** A peer. */
export class SoundPeer {
  readonly connection: PeerConnection
  /** Samples a second of what it hears. */
  readonly rate = RATE
  readonly #track: Track
  readonly #encoder: OpusEncoderHandle
  readonly #decoder: OpusDecoderHandle
  readonly #ssrc = 1 + Math.floor(Math.random() * 0xffff_fff0)
  #timer: NodeJS.Timeout | undefined
  #sequence = Math.floor(Math.random() * 65_536)
  #timestamp = Math.floor(Math.random() * 2 ** 32)
  #key: ReturnType<typeof sendingOf> | undefined
  #sent = 0
  #closed = false
  readonly #tellsLevel: boolean
  #due: { readonly packet: Buffer; readonly at: number }[] = []
  /** What it says; undefined for nothing. */
  frequency: number | undefined
  network: Network = () => ({ times: 1, delay: 0 })
  /** Everything it heard, decoded packet by packet. */
  readonly heard: Int16Array[] = []
  /** Headers of the packets it got. */
  readonly packets: {
    readonly sequence: number
    readonly timestamp: number
    readonly at: number
    readonly type: number
  }[] = []

  private constructor(
    encoder: OpusEncoderHandle,
    decoder: OpusDecoderHandle,
    tellsLevel: boolean,
    direction: Direction,
  ) {
    this.#tellsLevel = tellsLevel
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
    audio.addSSRC(this.#ssrc, 'test', 'test', 'test')
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
    return new Promise((resolve) => {
      this.connection.onGatheringStateChange((state) => {
        if (state === 'complete') resolve(this.connection.localDescription()?.sdp ?? '')
      })
      this.connection.setLocalDescription('offer')
    })
  }

  /** Takes the answer, and speaks from when it is connected. */
  accept(answer: string): Promise<void> {
    return new Promise((resolve) => {
      this.#track.onOpen(() => {
        this.#speak()
        resolve()
      })
      this.connection.setRemoteDescription(answer, 'answer')
    })
  }

  #speak(): void {
    const start = performance.now()
    let tick = 0
    const run = (): void => {
      for (; start + tick * 20 <= performance.now(); tick++) this.#frame(tick)
      this.#timer = setTimeout(run, Math.max(0, start + tick * 20 - performance.now()))
    }
    run()
  }

  #frame(tick: number): void {
    this.#timestamp = (this.#timestamp + FRAME) >>> 0
    const now = this.#due.filter(({ at }) => at <= tick)
    this.#due = this.#due.filter(({ at }) => at > tick)
    for (const { packet } of now) this.#send(packet)
    const pressed = this.#key?.next() ?? []
    for (const { payload, marker } of pressed) this.#post(tick, KEYS.payloadType, payload, marker, this.#key!.timestamp)
    if (pressed.length > 0 || this.frequency === undefined) return
    const samples = sine(this.frequency, FRAME, RATE, tick * FRAME)
    this.#post(tick, OPUS, this.#encoder.encode(samples), false, this.#timestamp, levelOf(samples))
  }

  #post(tick: number, payloadType: number, payload: Uint8Array, marker: boolean, timestamp: number, value = 0): void {
    this.#sequence = (this.#sequence + 1) & 0xffff
    const content = { payloadType, marker, sequence: this.#sequence, timestamp, ssrc: this.#ssrc, payload }
    const packet = writeRtp(this.#tellsLevel ? { ...content, level: { id: LEVEL, value } } : content)
    const { times, delay } = this.network(this.#sent++)
    for (let count = 0; count < times; count++) {
      if (delay === 0) this.#send(packet)
      else this.#due.push({ packet, at: tick + delay })
    }
  }

  #send(packet: Buffer): void {
    if (this.#track.isOpen()) this.#track.sendMessageBinary(packet)
  }

  /** Sends a datagram as it is. */
  sendRaw(data: Buffer): void {
    this.#send(data)
  }

  press(tone: Tone, frames = 5): void {
    this.#key = sendingOf(tone, frames, KEYS, this.#timestamp)
  }

  #receive(data: Buffer): void {
    if (this.#closed || isRtcp(data)) return
    const packet = readRtp(data, undefined)
    if (!packet) return
    const { sequence, timestamp, payloadType } = packet
    this.packets.push({ sequence, timestamp, at: performance.now(), type: payloadType })
    if (payloadType === OPUS) this.heard.push(this.#decoder.decode(Uint8Array.from(packet.payload)))
  }

  /** Everything heard since a packet, in one piece. */
  samples(from = 0): Int16Array {
    const parts = this.heard.slice(from)
    const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      all.set(part, at)
      at += part.length
    }
    return all
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.connection.close()
    this.#encoder.free()
    this.#decoder.free()
  }
}
