/** What the media of a call can be asked to do: prompts, recordings, tones and hold music, and what comes of them. */
import type { EndReason } from './reasons.ts'

/** A media file that a bot names: Graph's `mediaInfo`. */
export interface MediaInfo {
  readonly uri: string
  readonly resourceId?: string
}

/** The keys of a telephone: Graph's `tone` enumeration. */
export const tones = [
  ...(['tone0', 'tone1', 'tone2', 'tone3', 'tone4', 'tone5', 'tone6', 'tone7', 'tone8', 'tone9'] as const),
  ...(['star', 'pound', 'a', 'b', 'c', 'd', 'flash'] as const),
] as const

/** One key. */
export type Tone = (typeof tones)[number]

/** Something to be played to the call, `loops` times over (once without it). */
export interface Prompt extends MediaInfo {
  readonly loops?: number
}

/** Where a recording is kept, and the secret with which it can be read: both are minted at the door. */
export interface RecordingKey {
  readonly id: string
  readonly accessToken: string
}

/** Play one prompt after the other, once, or again and again until something ends it. */
export interface PlayTask {
  readonly type: 'play'
  readonly prompts: readonly Prompt[]
  readonly loop: boolean
}

/** Record what the others say. Durations are milliseconds. */
export interface RecordTask {
  readonly type: 'record'
  /** What is played first: at most one. */
  readonly prompts: readonly Prompt[]
  /** Whether it pushed aside what was played, recorded or queued before. */
  readonly bargeInAllowed: boolean
  readonly playBeep: boolean
  /** How long to wait for somebody to speak. */
  readonly initialSilenceTimeout: number
  /** How long a silence ends the recording. */
  readonly maxSilenceTimeout: number
  readonly maxDuration: number
  /** Keys that end the recording; the core looks at them. */
  readonly stopTones: readonly Tone[]
  readonly recording: RecordingKey
}

/** Press keys into the call. */
export interface SendTonesTask {
  readonly type: 'sendTones'
  readonly tones: readonly Tone[]
  /** Milliseconds. */
  readonly delayBetweenTones: number
}

/** What a media engine does for a call, one at a time. */
export type MediaTask = PlayTask | RecordTask | SendTonesTask

/** What the core has the media engine do. After a restart each may come again. */
export type MediaEffect =
  /** Do a task. `since` is when it began: a restarted engine goes on from there. */
  | {
      readonly type: 'StartMedia'
      readonly callId: string
      readonly operationId: string
      readonly task: MediaTask
      readonly since: number
    }
  /** Stop a task whose operation has ended already. What was recorded so far is kept, unless it was `cancelled`. */
  | {
      readonly type: 'StopMedia'
      readonly callId: string
      readonly operationId: string
      readonly cause: 'cancelled' | 'stopTone' | 'callEnded'
    }
  /** Play music, or a prompt over and over, to a participant who meanwhile neither hears the others nor is heard. */
  | {
      readonly type: 'StartHoldMusic'
      readonly callId: string
      readonly operationId: string
      readonly participantId: string
      readonly prompt?: MediaInfo
    }
  /** Bring a participant back. Without an operation nobody waits for it: they left, or the call ended. */
  | {
      readonly type: 'StopHoldMusic'
      readonly callId: string
      readonly operationId?: string
      readonly participantId: string
    }
  /** Fetch prompts that the call is going to need. */
  | { readonly type: 'PrefetchMedia'; readonly callId: string; readonly media: readonly MediaInfo[] }

/** What came of a task. `completed` without a reason: it was done to its end. */
export type MediaOutcome =
  { readonly name: 'completed'; readonly reason?: EndReason } | { readonly name: 'failed'; readonly reason: EndReason }

/** What the media engine reports: how a task ended, or that hold music plays, or has stopped. */
export interface MediaEnded {
  readonly type: 'MediaEnded'
  readonly callId: string
  readonly operationId: string
  readonly outcome: MediaOutcome
}
