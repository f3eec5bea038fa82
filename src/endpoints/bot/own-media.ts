/**
 * Applications that handle their media themselves, with a blob of Rollcall's own: they open a WebSocket for each call, by
 * which they hear and speak. A call waits for its socket, and ends if it does not come, or is lost and does not come back.
 * An application with any other media has nothing to connect: its side is up as soon as it answered or joined.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Call, MediaSocket } from '../../calls/call.ts'
import { isIn, isLive } from '../../calls/call.ts'
import type { CallMediaFailed } from '../../calls/commands.ts'
import type { Conversation } from '../../calls/conversation.ts'
import { speakerOf } from '../../calls/hearing.ts'
import type { PcmFrame, SoundEngine } from '../../media/engine.ts'
import { MediaError } from '../../media/engine.ts'
import type { Cancel, Clock } from '../../runtime.ts'
import type { CallEffect, Endpoint, Report } from '../endpoint.ts'
import type { MediaChannel } from './media-socket.ts'

/** What it works with. */
export interface OwnMediaParts {
  readonly clock: Clock
  readonly sound: SoundEngine
  /** How long a socket may take to come, or to come back, in milliseconds. */
  readonly timeout: number
  readonly report: (conversationId: string, command: CallMediaFailed) => void
}

/** A call with media of its own. */
interface Line {
  readonly conversationId: string
  readonly callId: string
  readonly socket: MediaSocket
  conversation: Conversation | undefined
  channel: MediaChannel | undefined
  /** Whether a socket was ever there. */
  cameUp: boolean
  /** Told once the socket is there, for a call that waits for it. */
  report: Report | undefined
  cancelWait: Cancel | undefined
}

/** The endpoint of applications' own sides. */
export class OwnMedia implements Endpoint<CallEffect> {
  readonly #parts: OwnMediaParts
  readonly #lines = new Map<string, Line>()

  constructor(parts: OwnMediaParts) {
    this.#parts = parts
    parts.sound.on({
      onLeg: (legId, state) => {
        if (state.name === 'closed') this.#lines.get(callOf(legId))?.channel?.close(1011, 'the media engine broke down')
      },
    })
  }

  perform(conversationId: string, { callId, socket }: CallEffect, report: Report): void {
    if (!socket) return report({ type: 'CallConnected', callId })
    const line = this.#line(conversationId, callId, socket)
    line.report = report
    if (line.channel) this.#up(line)
    else this.#wait(line)
    return undefined
  }

  /** A conversation was committed: calls with media of their own that are in it are looked after. */
  follow(conversation: Conversation): void {
    for (const call of conversation.calls) {
      const { mediaConfig, id: callId } = call
      if (mediaConfig.type !== 'appHosted' || !mediaConfig.socket) continue
      if (!isLive(call)) {
        this.#end(callId)
        continue
      }
      if (call.state.name === 'incoming') continue
      const line = this.#line(conversation.id, callId, mediaConfig.socket)
      line.conversation = conversation
      if (isIn(call) && !line.channel) this.#wait(line)
    }
  }

  /** Whether a live call takes a socket with this secret. */
  knows(callId: string, secret: string): boolean {
    const line = this.#lines.get(callId)
    return line !== undefined && isSecret(secret, line.socket)
  }

  /**
   * An application opens the socket of a call. One that is open already is closed: the newest counts.
   * @param secret what the call's blob said
   * @returns whether it was taken
   */
  open(callId: string, secret: string, connect: () => MediaChannel): boolean {
    const line = this.#lines.get(callId)
    if (!line || !isSecret(secret, line.socket)) return false
    const before = line.channel
    const channel = connect()
    line.channel = channel
    before?.close(4409, 'another socket was opened for this call')
    if (before) this.#parts.sound.disconnect(legOf(callId))
    line.cancelWait?.()
    line.cancelWait = undefined
    channel.onClose = () => this.#closed(line, channel)
    if (!this.#carry(line, channel)) return true
    line.cameUp = true
    this.#parts.sound.enter(legOf(callId), { conversationId: line.conversationId, speaker: callId })
    this.#up(line)
    return true
  }

  /** Has the engine carry a channel's sound; it is closed if the engine cannot. @returns whether it can */
  #carry(line: Line, channel: MediaChannel): boolean {
    try {
      const leg = this.#parts.sound.connectPcm(legOf(line.callId), {
        hears: line.socket.hears,
        onFrames: (frames) => {
          for (const frame of frames) channel.hear(this.#named(line, frame))
        },
      })
      channel.onSay = (samples) => leg.say(samples)
      return true
    } catch (error) {
      if (!(error instanceof MediaError)) throw error
      channel.close(1013, error.message)
      return false
    }
  }

  stop(): void {
    for (const callId of this.#lines.keys()) this.#end(callId)
  }

  /** The server stops: every socket is closed, and none is taken any more. */
  hangUp(): void {
    for (const { channel } of this.#lines.values()) channel?.close(1001, 'the server stops')
    this.stop()
  }

  #line(conversationId: string, callId: string, socket: MediaSocket): Line {
    const known = this.#lines.get(callId)
    if (known) return known
    const line: Line = {
      conversationId,
      callId,
      socket,
      conversation: undefined,
      channel: undefined,
      cameUp: false,
      report: undefined,
      cancelWait: undefined,
    }
    this.#lines.set(callId, line)
    return line
  }

  #up(line: Line): void {
    line.report?.({ type: 'CallConnected', callId: line.callId })
    line.report = undefined
  }

  #wait(line: Line): void {
    const { clock, timeout, report } = this.#parts
    line.cancelWait ??= clock.schedule(clock.now() + timeout, () => {
      line.cancelWait = undefined
      const reason = line.cameUp ? 'media-lost' : 'bot-media-unreachable'
      report(line.conversationId, { type: 'CallMediaFailed', callId: line.callId, reason })
    })
  }

  /** A socket is closed: the call waits for another. */
  #closed(line: Line, channel: MediaChannel | undefined): void {
    if (!channel || line.channel !== channel) return
    line.channel = undefined
    this.#parts.sound.disconnect(legOf(line.callId))
    if (this.#lines.get(line.callId) === line) this.#wait(line)
  }

  #end(callId: string): void {
    const line = this.#lines.get(callId)
    if (!line) return
    this.#lines.delete(callId)
    line.cancelWait?.()
    const { channel } = line
    channel?.close(1000, 'the call has ended')
    this.#closed(line, channel)
  }

  /** Others are known by their participant ids. */
  #named({ conversation }: Line, frame: PcmFrame): PcmFrame {
    if (frame.speaker === undefined) return frame
    const participant = conversation?.participants.find((one) => speakerOf(one) === frame.speaker)
    return { ...frame, speaker: participant?.id ?? frame.speaker }
  }
}

const LEG = 'own:'

function legOf(callId: Call['id']): string {
  return LEG + callId
}

function callOf(legId: string): string {
  return legId.startsWith(LEG) ? legId.slice(LEG.length) : ''
}

function isSecret(secret: string, { secretHash }: MediaSocket): boolean {
  return timingSafeEqual(createHash('sha256').update(secret).digest(), Buffer.from(secretHash, 'hex'))
}
