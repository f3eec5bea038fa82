/** Graph's `mediaStream`s of a participant. */
import type { Participant } from '../../calls/participant.ts'
import { isConnected } from '../../calls/participant.ts'

/** One stream, as every version has it. */
export interface Stream {
  readonly mediaType: 'audio' | 'video' | 'videoBasedScreenSharing'
  readonly label: string
  /** Decimal digits. */
  readonly sourceId: string
  readonly direction: 'inactive' | 'sendOnly' | 'sendReceive'
  readonly serverMuted: boolean
}

/** The streams of whoever is in: audio, a camera or a gallery's video, a shared screen; whoever waits in the lobby has none yet. */
export function streamsOf(participant: Participant): readonly Stream[] {
  if (!isConnected(participant)) return []
  const { audio, serverMuted, camera, screen, party, away } = participant
  const sourceId = String(participant.sourceId)
  const streams: Stream[] = []
  if (audio) {
    const direction = away ? 'inactive' : 'sendReceive'
    streams.push({ mediaType: 'audio', label: 'main-audio', sourceId, direction, serverMuted })
  }
  const video = party.type === 'service' ? sourceId : camera && String(camera.sourceId)
  if (video !== undefined) {
    const direction = away ? 'inactive' : 'sendReceive'
    streams.push({ mediaType: 'video', label: 'main-video', sourceId: video, direction, serverMuted: false })
  }
  if (screen) {
    streams.push({
      mediaType: 'videoBasedScreenSharing',
      label: 'applicationsharing-video',
      sourceId: String(screen.sourceId),
      direction: away ? 'inactive' : 'sendOnly',
      serverMuted: false,
    })
  }
  return streams
}
