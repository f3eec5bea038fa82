/** What the server and the engine's process say to each other. */
import type { Hearing } from '../../calls/hearing.ts'
import type { Tone } from '../../calls/media.ts'
import type {
  EngineHealth,
  HeardSpan,
  LegState,
  MediaRefusal,
  PcmFrame,
  Place,
  RtpPlace,
  RtpTerms,
  SpeakerLevel,
  Views,
} from '../engine.ts'
import type { PictureSettings } from '../forward/pictures.ts'
import type { LegLimits } from './presence.ts'
import type { OpusSettings } from './opus.ts'
import type { PeerSettings } from './peer.ts'
import type { PlayOrder } from './player.ts'

/** How the engine works; said once, at first. */
export interface StudioSettings {
  readonly opus: OpusSettings
  readonly peer: PeerSettings
  readonly legLimits: LegLimits
  /** Speakers that are mixed at once. */
  readonly loudest: number
  /** How pictures are carried; undefined if they are not. */
  readonly pictures: PictureSettings | undefined
}

/** What the server says. */
export type ToStudio =
  | { readonly type: 'open'; readonly settings: StudioSettings }
  | { readonly type: 'connect'; readonly request: number; readonly legId: string; readonly offer: string }
  | { readonly type: 'renegotiate'; readonly request: number; readonly legId: string; readonly offer: string }
  | { readonly type: 'connectRtp'; readonly request: number; readonly legId: string }
  | { readonly type: 'agree'; readonly legId: string; readonly terms: RtpTerms }
  | { readonly type: 'connectPcm'; readonly legId: string; readonly hears: 'mix' | 'voices' }
  | { readonly type: 'say'; readonly legId: string; readonly samples: Int16Array }
  | { readonly type: 'enter'; readonly legId: string; readonly place: Place }
  | { readonly type: 'leave' | 'disconnect'; readonly legId: string }
  | { readonly type: 'watch'; readonly legId: string; readonly views: Views }
  | { readonly type: 'arrange'; readonly conversationId: string; readonly hearing: Hearing | undefined }
  | { readonly type: 'play'; readonly order: PlayOrder; readonly soundId: number }
  | { readonly type: 'stop'; readonly playId: number; readonly conversationId: string }
  /** Samples of a sound, in pieces; `forget` takes them back. */
  | {
      readonly type: 'sound'
      readonly soundId: number
      readonly length: number
      readonly at: number
      readonly samples: Int16Array
    }
  | { readonly type: 'forget'; readonly soundId: number }
  | { readonly type: 'listen'; readonly conversationId: string; readonly on: boolean }
  | { readonly type: 'tone'; readonly legId: string; readonly tone: Tone; readonly duration: number }
  | { readonly type: 'close' }

/** How the engine's process is, once a second: what it alone can know. */
export type StudioHealth = Omit<
  EngineHealth,
  'running' | 'restarts' | 'dropped' | 'costOfLeg' | 'capacityLeft' | 'limits' | 'refused' | 'downFor'
>

/** What the engine's process says. Moments are milliseconds since the epoch. */
export type FromStudio =
  | { readonly type: 'open' }
  | { readonly type: 'answered'; readonly request: number; readonly answer: string | RtpPlace }
  | { readonly type: 'refused'; readonly request: number; readonly code: MediaRefusal; readonly message: string }
  | { readonly type: 'leg'; readonly legId: string; readonly state: LegState }
  | { readonly type: 'tone'; readonly legId: string; readonly tone: Tone }
  | { readonly type: 'speaking'; readonly conversationId: string; readonly speakers: readonly SpeakerLevel[] }
  /** `at`: what the process takes the time to be. */
  | { readonly type: 'heard'; readonly at: number; readonly spans: readonly HeardSpan[] }
  | {
      readonly type: 'voices'
      readonly conversationId: string
      readonly at: number
      readonly began: readonly string[]
      readonly ended: readonly string[]
      readonly frames: readonly { readonly speaker: string; readonly samples: Int16Array }[]
    }
  | { readonly type: 'frames'; readonly legId: string; readonly frames: readonly PcmFrame[] }
  | { readonly type: 'health'; readonly health: StudioHealth }
  | { readonly type: 'closed' }
