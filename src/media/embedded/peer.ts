/** One browser, reached by WebRTC. The browser offers and this side answers, always; both descriptions are complete. */
import nodeDataChannel from 'node-datachannel'
import type { PeerConnection, Track } from 'node-datachannel'
import type { Clock } from '../../runtime.ts'
import type { Pictures } from '../forward/pictures.ts'
import { shapeAnswer } from './answer.ts'
import type { AudioOffer, Offer } from './sdp.ts'
import { NAME, OPUS_FORMAT, levelLine, readOffer } from './sdp.ts'

/** Where media goes in and out. */
export interface PeerSettings {
  /** The address to bind to; undefined for every one of the machine. */
  readonly address: string | undefined
  /** Whether Firefox, which tries no address of loopback, is answered at every address of the machine instead. */
  readonly leavesLoopback: boolean
  /** Another address under which others reach this machine. */
  readonly announced: string | undefined
  readonly ports: { readonly first: number; readonly last: number } | undefined
}

/** What a peer tells. */
export interface PeerEvents {
  /** RTP or RTCP, of sound and of pictures. */
  onData(data: Buffer): void
  onState(state: 'connected' | 'interrupted' | 'failed' | 'left'): void
}

/** Thrown when an offer cannot be answered; the message is a sentence. */
export class OfferError extends Error {
  override readonly name = 'OfferError'
}

/** How long it may take to find out the machine's own addresses, in milliseconds. */
const GATHERING = 5000
/** The largest datagram that is sent; what fits through any tunnel. */
const MTU = 1200

/** What the library says, as a clause. */
function whatFailed(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replace(/^libdatachannel error while [^:]*: /, '').replace(/\.+$/, '')
}

/** The other side of a leg. */
export class Peer {
  readonly #clock: Clock
  readonly #settings: PeerSettings
  readonly #events: PeerEvents
  readonly #ssrc: number
  readonly #pictures: Pictures | undefined
  #connection: PeerConnection | undefined
  #track: Track | undefined
  #iceUser = ''
  audio: AudioOffer | undefined

  /** @param ssrc of the sound that it is sent @param pictures what it shows and sees; undefined if it is to have none */
  constructor(settings: PeerSettings, clock: Clock, ssrc: number, pictures: Pictures | undefined, events: PeerEvents) {
    this.#settings = settings
    this.#clock = clock
    this.#ssrc = ssrc
    this.#pictures = pictures
    this.#events = events
  }

  /** Answers an offer, the first one or a further one. @throws OfferError */
  async answer(text: string): Promise<string> {
    const offer = readOffer(text)
    if ('problem' in offer) throw new OfferError(offer.problem)
    const isRestart = this.#connection !== undefined && offer.iceUser !== this.#iceUser
    if (isRestart && offer.fromFirefox) throw new OfferError('Firefox cannot go on in a new connection: begin anew.')
    // The library cannot restart ICE, but the other side takes a new transport just as well.
    const isNew = this.#connection === undefined || offer.iceUser !== this.#iceUser
    try {
      if (isNew) this.#renew(offer)
      this.#iceUser = offer.iceUser
      return await this.#negotiate(offer)
    } catch (error) {
      if (isNew) this.#lose()
      throw new OfferError(`The offer cannot be answered: ${whatFailed(error)}.`)
    }
  }

  /** Of the transport that there was nothing is left, and the new one did not come about. */
  #lose(): void {
    this.#iceUser = ''
    this.#events.onState('interrupted')
  }

  #renew({ fromFirefox }: Offer): void {
    this.close()
    const { leavesLoopback, ports } = this.#settings
    const address = leavesLoopback && fromFirefox ? undefined : this.#settings.address
    const connection = new nodeDataChannel.PeerConnection('', {
      iceServers: [],
      disableAutoNegotiation: true,
      forceMediaTransport: true,
      mtu: MTU,
      ...(address !== undefined && { bindAddress: address }),
      ...(ports && { portRangeBegin: ports.first, portRangeEnd: ports.last }),
      ...(ports && ports.first === ports.last && { enableIceUdpMux: true }),
    })
    this.#connection = connection
    connection.onStateChange((state) => {
      if (connection !== this.#connection) return
      if (state === 'connected') this.#events.onState('connected')
      else if (state === 'disconnected') this.#events.onState('interrupted')
      else if (state === 'failed') this.#events.onState('failed')
      else if (state === 'closed') this.#events.onState('left')
    })
  }

  async #negotiate(offer: Offer): Promise<string> {
    const { sdp, audio } = offer
    const connection = this.#connection!
    const gathered = this.#gathered(connection)
    // If something else fails before it is waited for, that is told.
    gathered.catch(() => undefined)
    connection.setRemoteDescription(sdp, 'offer')
    if (!this.#track) this.#addTrack(connection, audio)
    this.audio = audio
    connection.setLocalDescription('answer')
    await gathered
    const description = connection.localDescription()
    if (!description) throw new Error('there is no description of this side')
    const videos = offer.media.filter(({ use }) => use === 'picture' || use === 'idle')
    const pictures = this.#pictures?.negotiate(videos.map(({ picture }) => picture)) ?? []
    return shapeAnswer(description.sdp, offer, { announced: this.#settings.announced, pictures })
  }

  #gathered(connection: PeerConnection): Promise<void> {
    if (connection.gatheringState() === 'complete') return Promise.resolve()
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.schedule(this.#clock.now() + GATHERING, () => {
        reject(new Error("the machine's addresses could not be found out"))
      })
      connection.onGatheringStateChange((state) => {
        if (state !== 'complete') return
        cancel()
        resolve()
      })
    })
  }

  #addTrack(connection: PeerConnection, { mid, opus, keys, levelId }: AudioOffer): void {
    const audio = new nodeDataChannel.Audio(mid, 'SendRecv')
    audio.addOpusCodec(opus, OPUS_FORMAT)
    for (const { payloadType, clock } of keys) audio.addAudioCodec(payloadType, `telephone-event/${clock}`)
    if (levelId !== undefined) audio.parseSdpLine(levelLine(levelId))
    audio.addSSRC(this.#ssrc, NAME, NAME, 'sound')
    const track = connection.addTrack(audio)
    track.onMessage((data) => {
      // An exception in here would end the whole process.
      try {
        if (connection === this.#connection) this.#events.onData(data)
      } catch {
        this.#events.onState('failed')
      }
    })
    this.#track = track
  }

  /** Sends a packet. @returns false if it could not be sent: then it is lost, as on the way */
  send(packet: Buffer): boolean {
    const track = this.#track
    if (!track?.isOpen()) return false
    try {
      return track.sendMessageBinary(packet)
    } catch {
      // It was closed between the question and the packet, by a thread of the library.
      return false
    }
  }

  /** Ends the connection; nothing is told any more. */
  close(): void {
    const connection = this.#connection
    this.#connection = undefined
    this.#track = undefined
    connection?.close()
  }
}
