/**
 * The page's end of one call's media: one WebRTC connection, offered by the page, answered by the server, each description
 * complete. It is renewed in place when the network has changed; whoever has it starts another one if that fails.
 */
import type { VideoTerms } from '../../src/endpoints/browser/protocol.ts'
import type { Cancel, Runtime } from '../runtime.ts'
import { deviceLine } from './words.ts'
import type { Microphone } from './microphone.ts'
import { PictureLines } from './picture-lines.ts'
import type { Showing, Slot } from './pictures.ts'
import type { Sound } from './state.ts'

/** What a leg is made with. */
export interface LegParts {
  readonly runtime: Runtime
  readonly microphone: Microphone
  /** Undefined where the server carries sound alone. */
  readonly video: VideoTerms | undefined
  /** How it is, each time that changes. */
  readonly changed: (sound: Sound) => void
  /** Brings an offer to the server, for a call that is connected already; resolves with the answer. */
  readonly renew: (offer: string) => Promise<string>
  /** It could not be renewed: a new leg is needed. */
  readonly failed: () => void
}

/** How long candidates are waited for: what has not come by then is not needed, in milliseconds. */
const GATHERING = 1500
/** How long a connection that is interrupted may take to come back by itself, in milliseconds. */
const PATIENCE = 2500
/** How often in a row a connection is renewed. */
const MOST_RENEWALS = 5
/** How long a key sounds, and the pause after it, in milliseconds. */
const TONE = { duration: 160, gap: 70 } as const

/** See the head of this file. */
export class Leg {
  readonly #parts: LegParts
  readonly #connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
  readonly #audio = document.createElement('audio')
  readonly #sound: RTCRtpTransceiver
  readonly #pictures: PictureLines | undefined
  #track: MediaStreamTrack | undefined
  #noMicrophone: string | undefined
  #blocked = false
  #closed = false
  #speaks = true
  #renewals = 0
  #cancelRenewal: Cancel = () => undefined
  #unfollow: () => void = () => undefined

  constructor(parts: LegParts) {
    this.#parts = parts
    this.#audio.autoplay = true
    this.#audio.hidden = true
    document.body.append(this.#audio)
    this.#sound = this.#connection.addTransceiver('audio', { direction: 'sendrecv' })
    this.#pictures = parts.video && new PictureLines(this.#connection, parts.video)
    this.#connection.addEventListener('track', ({ track }) => this.#play(track))
    this.#connection.addEventListener('connectionstatechange', () => this.#follow())
  }

  /** Takes the microphone, and makes the offer that the server has to answer. */
  async offer(): Promise<string> {
    await this.#takeMicrophone()
    return this.#describe({})
  }

  /** Takes the server's answer. */
  async accept(answer: string): Promise<void> {
    if (this.#closed) return
    await this.#connection.setRemoteDescription({ type: 'answer', sdp: answer })
    this.#tell()
  }

  /** Whether the others may hear this person. */
  get speaks(): boolean {
    return this.#speaks
  }

  set speaks(speaks: boolean) {
    this.#speaks = speaks
    if (this.#track) this.#track.enabled = speaks
  }

  /** Whether this person may hear the others. */
  set hears(hears: boolean) {
    this.#audio.muted = !hears
  }

  /** Where the others are heard: the id of an output device; empty for the system's choice. */
  set speaker(id: string) {
    void this.#audio.setSinkId?.(id).catch(() => undefined)
  }

  /** Presses a key; false if it cannot be sent as sound. */
  press(key: string): boolean {
    const sender = this.#sound.sender.dtmf
    if (!sender?.canInsertDTMF) return false
    sender.insertDTMF(sender.toneBuffer + key, TONE.duration, TONE.gap)
    return true
  }

  /** Sends this picture from now on, or none. */
  sendPicture(kind: 'camera' | 'screen', picture: MediaStream | undefined): void {
    this.#pictures?.send(kind, picture)
  }

  /** Brings what comes in there to the page. */
  showPicture(slot: Slot, on: Showing): void {
    on.srcObject = this.#pictures?.stream(slot) ?? null
  }

  /** Plays what the browser would not play before somebody has clicked. */
  unblock(): void {
    this.#blocked = false
    void this.#start()
  }

  /** The network may have changed: tries it again at once, if the connection does not work. */
  nudge(): void {
    if (['disconnected', 'failed'].includes(this.#connection.connectionState)) this.#renewIn(0)
  }

  close(): void {
    this.#closed = true
    this.#cancelRenewal()
    this.#unfollow()
    this.#track?.stop()
    this.#connection.close()
    this.#audio.remove()
  }

  /** A track of its own, so that it can be mute in one call and not in another; another one when the device is changed. */
  async #takeMicrophone(): Promise<void> {
    const { microphone } = this.#parts
    this.#unfollow = microphone.use((stream, problem) => {
      this.#noMicrophone = problem === undefined ? undefined : deviceLine('microphone', problem)
      void this.#send(stream?.getAudioTracks()[0]?.clone())
    })
    await microphone.ready()
  }

  async #send(track: MediaStreamTrack | undefined): Promise<void> {
    this.#track?.stop()
    this.#track = track
    if (this.#closed) return track?.stop()
    if (track) track.enabled = this.#speaks
    this.#tell()
    await this.#sound.sender.replaceTrack(track ?? null)
  }

  async #describe(options: RTCOfferOptions): Promise<string> {
    await this.#connection.setLocalDescription(await this.#connection.createOffer(options))
    await this.#gathered()
    return this.#connection.localDescription?.sdp ?? ''
  }

  #gathered(): Promise<void> {
    const connection = this.#connection
    return new Promise((resolve) => {
      const cancel = this.#parts.runtime.later(GATHERING, resolve)
      const look = (): void => {
        if (connection.iceGatheringState !== 'complete') return
        connection.removeEventListener('icegatheringstatechange', look)
        cancel()
        resolve()
      }
      connection.addEventListener('icegatheringstatechange', look)
      look()
    })
  }

  #play(track: MediaStreamTrack): void {
    if (track.kind !== 'audio') return
    this.#audio.srcObject = new MediaStream([track])
    void this.#start()
  }

  async #start(): Promise<void> {
    try {
      await this.#audio.play()
    } catch (error) {
      this.#blocked = error instanceof DOMException && error.name === 'NotAllowedError'
    }
    this.#tell()
  }

  #follow(): void {
    const { connectionState } = this.#connection
    if (connectionState === 'connected') {
      this.#renewals = 0
      this.#cancelRenewal()
    } else if (connectionState === 'disconnected') this.#renewIn(PATIENCE)
    else if (connectionState === 'failed') this.#renewIn(0)
    this.#tell()
  }

  #renewIn(delay: number): void {
    this.#cancelRenewal()
    this.#cancelRenewal = this.#parts.runtime.later(delay, () => void this.#renew())
  }

  async #renew(): Promise<void> {
    if (this.#closed) return
    if (this.#renewals++ >= MOST_RENEWALS) return this.#parts.failed()
    try {
      const offer = await this.#describe({ iceRestart: true })
      const answer = await this.#parts.renew(offer)
      if (!this.#closed) await this.#connection.setRemoteDescription({ type: 'answer', sdp: answer })
    } catch {
      if (!this.#closed) this.#parts.failed()
    }
  }

  #tell(): void {
    if (this.#closed) return
    const state = this.#connection.connectionState
    this.#parts.changed({
      state:
        state === 'connected' ? 'connected' : ['disconnected', 'failed'].includes(state) ? 'interrupted' : 'connecting',
      blocked: this.#blocked,
      noMicrophone: this.#noMicrophone,
    })
  }
}
