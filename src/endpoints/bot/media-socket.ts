/**
 * One call's sound on a WebSocket. The application sends 16-bit samples of one channel at 16 kHz, little-endian, in binary
 * messages. It gets binary messages too: the moment in milliseconds since the epoch (8 bytes, little-endian), with voices
 * apart the speaker's participant id (36 bytes of ASCII), then the samples.
 */
import type { WebSocket } from 'ws'
import type { PcmFrame } from '../../media/engine.ts'
import type { Cancel, Clock } from '../../runtime.ts'

/** A socket as the endpoint sees it. */
export interface MediaChannel {
  hear(frame: PcmFrame): void
  /** @param code of a WebSocket's close */
  close(code: number, why: string): void
  /** Says something; false if too much waits already. */
  onSay: (samples: Int16Array) => boolean
  onClose: () => void
}

/** Bytes of the largest message that an application may send: two seconds. */
export const LARGEST_MESSAGE = 65_536
/** Bytes that may wait for an application that reads too slowly: half a minute of a mix. What comes then is dropped. */
const MOST_WAITING = 1_048_576
/** Samples that an application may send although they are lost, because it sends faster than they are said: a minute. */
const MOST_LOST = 60 * 16_000
/** A socket is asked for a sign of life this often, in milliseconds; one that gives none until the next time is closed. */
const HEARTBEAT = 20_000
/** Whoever does not answer a close is cut off after so many milliseconds. */
const FAREWELL = 2000
/** Characters of a close's reason, by RFC 6455. */
const LONGEST_REASON = 120
const MOMENT = 8
const SPEAKER = 36

/** The channel of an open socket. */
export class MediaSocketChannel implements MediaChannel {
  onSay: MediaChannel['onSay'] = () => true
  onClose: MediaChannel['onClose'] = () => undefined
  readonly #socket: WebSocket
  readonly #wall: Clock
  #cancelHeartbeat: Cancel = () => undefined
  #lost = 0

  constructor(socket: WebSocket, wall: Clock) {
    this.#socket = socket
    this.#wall = wall
    socket.on('message', (data, isBinary) => this.#take(data as Buffer, isBinary))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#cancelHeartbeat()
      this.onClose()
    })
    this.#beat()
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (!isBinary || data.length % 2 !== 0) {
      this.close(1003, 'binary messages with samples of 16 bits are expected')
      return
    }
    // A copy: samples begin at an even place, and nobody else writes there.
    const samples = new Int16Array(data.length / 2)
    for (let index = 0; index < samples.length; index++) samples[index] = data.readInt16LE(index * 2)
    if (samples.length === 0 || this.onSay(samples)) return
    this.#lost += samples.length
    if (this.#lost > MOST_LOST) this.close(1008, 'sound is sent faster than it can be said')
  }

  hear({ at, speaker, samples }: PcmFrame): void {
    if (this.#socket.readyState !== this.#socket.OPEN || this.#socket.bufferedAmount > MOST_WAITING) return
    const head = MOMENT + (speaker === undefined ? 0 : SPEAKER)
    const message = Buffer.alloc(head + samples.length * 2)
    message.writeBigUInt64LE(BigInt(Math.round(at)))
    if (speaker !== undefined) message.write(speaker.padEnd(SPEAKER).slice(0, SPEAKER), MOMENT, 'latin1')
    for (let index = 0; index < samples.length; index++) message.writeInt16LE(samples[index] ?? 0, head + index * 2)
    this.#socket.send(message)
  }

  close(code: number, why: string): void {
    this.#socket.close(code, why.slice(0, LONGEST_REASON))
    this.#cancelHeartbeat()
    this.#cancelHeartbeat = this.#wall.schedule(this.#wall.now() + FAREWELL, () => this.#socket.terminate())
  }

  #beat(): void {
    let alive = true
    this.#socket.on('pong', () => {
      alive = true
    })
    const beat = (): void => {
      if (!alive) return this.#socket.terminate()
      alive = false
      this.#socket.ping()
      this.#cancelHeartbeat = this.#wall.schedule(this.#wall.now() + HEARTBEAT, beat)
      return undefined
    }
    this.#cancelHeartbeat = this.#wall.schedule(this.#wall.now() + HEARTBEAT, beat)
  }
}
