/**
 * Applications that handle their media themselves, with a blob of Rollcall's own: for each call they open a WebSocket, by
 * which they hear and speak, or connect by WebRTC, or both. A call waits for the first of these, and ends if none comes, or
 * all are lost and none comes back. An application with any other media has nothing to connect: its side is up as soon as it
 * answered or joined.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Call, MediaSocket } from '../../calls/call.ts'
import { isIn, isLive } from '../../calls/call.ts'
import type { OwnMediaReport } from '../../calls/commands.ts'
import type { Conversation } from '../../calls/conversation.ts'
import { speakerOf } from '../../calls/hearing.ts'
import type { PcmFrame, SoundEngine } from '../../media/engine.ts'
import { MediaError } from '../../media/engine.ts'
import type { Cancel, Clock, Ids } from '../../runtime.ts'
import type { CallEffect, Endpoint, Report } from '../endpoint.ts'
import type { MediaChannel } from './media-socket.ts'
import type { OneWayOffer, Way } from './one-way-sdp.ts'
import type { OwnSession } from './own-sessions.ts'
import { OwnSessions, SessionError } from './own-sessions.ts'

/** What it works with. */
export interface OwnMediaParts {
  readonly clock: Clock
  readonly ids: Ids
  readonly sound: SoundEngine
  /** How long a call's media may take to come, or to come back, in milliseconds. */
  readonly timeout: number
  readonly report: (conversationId: string, command: OwnMediaReport) => void
}

/** A call with media of its own. */
interface Line {
  readonly conversationId: string
  readonly callId: string
  readonly socket: MediaSocket
  conversation: Conversation | undefined
  channel: MediaChannel | undefined
  /** By what its sound goes now. */
  readonly up: Set<'socket' | Way>
  /** Whether its media was ever there. */
  cameUp: boolean
  /** Told once the media is there, for a call that waits for it. */
  report: Report | undefined
  cancelWait: Cancel | undefined
}

/** The endpoint of applications' own sides. */
export class OwnMedia implements Endpoint<CallEffect> {
  readonly #parts: OwnMediaParts
  readonly #lines = new Map<string, Line>()
  readonly #sessions: OwnSessions
  #isClosed = false

  constructor(parts: OwnMediaParts) {
    this.#parts = parts
    this.#sessions = new OwnSessions({
      ...parts,
      onChange: (callId, way, isUp) => {
        const line = this.#lines.get(callId)
        if (line) this.#turn(line, way, isUp)
      },
    })
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
    if (line.up.size > 0) this.#up(line)
    else this.#wait(line)
    return undefined
  }

  /** A conversation was committed: calls with media of their own that are in it are looked after. */
  follow(conversation: Conversation): void {
    if (this.#isClosed) return
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
      if (line.up.size > 0) continue
      if (isIn(call)) this.#wait(line)
      if (call.mediaUp !== true) continue
      // It was connected before a restart.
      line.cameUp = true
      this.#parts.report(conversation.id, { type: 'CallMediaChanged', callId, ...AWAY })
    }
  }

  /** Whether a live call takes media with this secret. */
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
    channel.onClose = () => this.#closed(line, channel)
    if (!this.#carry(line, channel)) return true
    this.#parts.sound.enter(legOf(callId), placeOf(line))
    this.#turn(line, 'socket', true)
    return true
  }

  /**
   * An application offers to speak or to hear by WebRTC. What it had of the same kind is ended: the newest counts.
   * @returns undefined if there is no such live call, or the secret is another @throws MediaError, SessionError
   */
  async connect(
    callId: string,
    secret: string,
    way: Way,
    offer: OneWayOffer,
  ): Promise<{ readonly session: OwnSession; readonly answer: string } | undefined> {
    const line = this.#lines.get(callId)
    if (!line || !isSecret(secret, line.socket)) return undefined
    try {
      return await this.#sessions.connect(placeOf(line), way, offer)
    } catch (error) {
      if (error instanceof SessionError && error.code === 'gone') return undefined
      throw error
    }
  }

  /** A connection of a call by WebRTC. */
  session(id: string): OwnSession | undefined {
    return this.#sessions.find(id)
  }

  /** An application ends a connection. */
  disconnect(session: OwnSession): void {
    this.#sessions.end(session.id)
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

  /** The server stops: every connection is closed, and none is taken any more. */
  hangUp(): void {
    this.#isClosed = true
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
      up: new Set(),
      cameUp: false,
      report: undefined,
      cancelWait: undefined,
    }
    this.#lines.set(callId, line)
    return line
  }

  /** A call's sound goes one way more, or less. */
  #turn(line: Line, by: 'socket' | Way, isUp: boolean): void {
    const { up, callId, conversationId } = line
    const before = mediaOf(up)
    if (isUp) up.add(by)
    else up.delete(by)
    const now = mediaOf(up)
    if ((now.isUp === before.isUp && now.hears === before.hears) || this.#lines.get(callId) !== line) return
    this.#parts.report(conversationId, { type: 'CallMediaChanged', callId, ...now })
    if (now.isUp === before.isUp) return
    if (!now.isUp) return this.#wait(line)
    line.cancelWait?.()
    line.cancelWait = undefined
    line.cameUp = true
    this.#up(line)
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

  /** A socket is closed. */
  #closed(line: Line, channel: MediaChannel | undefined): void {
    if (!channel || line.channel !== channel) return
    line.channel = undefined
    this.#parts.sound.disconnect(legOf(line.callId))
    this.#turn(line, 'socket', false)
  }

  #end(callId: string): void {
    const line = this.#lines.get(callId)
    if (!line) return
    this.#lines.delete(callId)
    line.cancelWait?.()
    this.#sessions.endAll(callId)
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

const AWAY = { isUp: false, hears: false } as const

/** What a call's sound can do by the ways that it goes. */
function mediaOf(up: ReadonlySet<'socket' | Way>): { readonly isUp: boolean; readonly hears: boolean } {
  return { isUp: up.size > 0, hears: up.has('socket') || up.has('whep') }
}

const LEG = 'own:'

function legOf(callId: Call['id']): string {
  return LEG + callId
}

function placeOf({ conversationId, callId }: Line): { readonly conversationId: string; readonly speaker: string } {
  return { conversationId, speaker: callId }
}

function callOf(legId: string): string {
  return legId.startsWith(LEG) ? legId.slice(LEG.length) : ''
}

function isSecret(secret: string, { secretHash }: MediaSocket): boolean {
  return timingSafeEqual(createHash('sha256').update(secret).digest(), Buffer.from(secretHash, 'hex'))
}
