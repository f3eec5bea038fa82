/**
 * The pictures of a leg, in the order of its offer: a line both ways for cameras (out: one's own; in: the first slot), one both
 * ways for screens (out: one's own; in: whoever presents), and one more in for each further slot. All of them are there from
 * the first offer on, so that nothing is negotiated when somebody shows or hides something.
 */
import type { VideoTerms } from '../../src/endpoints/browser/protocol.ts'
import type { Slot } from './pictures.ts'

/** The codec that every browser has; the server forwards no other. */
const CODEC = 'video/VP8'

/** See the head of this file. */
export class PictureLines {
  readonly #camera: RTCRtpTransceiver
  readonly #screen: RTCRtpTransceiver
  readonly #slots: readonly MediaStream[]
  readonly #presented: MediaStream

  constructor(connection: RTCPeerConnection, { slots, cameraBitrate, screenBitrate }: VideoTerms) {
    this.#camera = addLine(connection, cameraBitrate)
    this.#screen = addLine(connection, screenBitrate)
    const further = Array.from({ length: slots - 1 }, () => addLine(connection))
    this.#slots = [this.#camera, ...further].map(streamOf)
    this.#presented = streamOf(this.#screen)
  }

  /** Sends this picture from now on, or none. */
  send(kind: 'camera' | 'screen', picture: MediaStream | undefined): void {
    const { sender } = kind === 'camera' ? this.#camera : this.#screen
    const track = picture?.getVideoTracks()[0]
    // What moves must not stutter, and what is read must not blur.
    if (track) track.contentHint = kind === 'camera' ? 'motion' : 'detail'
    // It fails where the leg is over, which is told anyway.
    if (sender.track !== (track ?? null)) void sender.replaceTrack(track ?? null).catch(() => undefined)
  }

  /** What comes in there. */
  stream(slot: Slot): MediaStream | undefined {
    return slot === 'screen' ? this.#presented : this.#slots[slot]
  }
}

/** @param bitrate the most that is sent, in bits a second; without it nothing is */
function addLine(connection: RTCPeerConnection, bitrate?: number): RTCRtpTransceiver {
  const line = connection.addTransceiver(
    'video',
    bitrate === undefined
      ? { direction: 'recvonly' }
      : { direction: 'sendrecv', sendEncodings: [{ maxBitrate: bitrate }] },
  )
  const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs.filter(({ mimeType }) => mimeType === CODEC) ?? []
  if (codecs.length > 0) line.setCodecPreferences?.(codecs)
  return line
}

function streamOf({ receiver }: RTCRtpTransceiver): MediaStream {
  return new MediaStream([receiver.track])
}
