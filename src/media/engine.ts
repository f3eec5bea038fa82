/**
 * The media engine: what makes sound happen. The core says by effects what shall be played, recorded and sent; an engine
 * does it in time, on the product's clock, and reports how each task ended. Every implementation passes `engine.suite.ts`.
 */
import type { MediaEffect, MediaEnded, Tone } from '../calls/media.ts'

/** What an engine is doing for a conversation, for people to look at. Moments are milliseconds since the epoch. */
export interface MediaView {
  /** The tasks that are under way. A task prepares until its prompts are fetched; only a recording listens. */
  readonly tasks: readonly {
    readonly callId: string
    readonly operationId: string
    readonly type: 'play' | 'record' | 'sendTones'
    readonly phase: 'preparing' | 'playing' | 'listening' | 'sending'
    readonly since: number
  }[]
  /** Who makes sound: a person, by participant id, or an application, by the id of its call. */
  readonly speaking: readonly { readonly speaker: string; readonly since: number; readonly until: number }[]
  /** The participants that hear hold music instead of the conversation. */
  readonly onHold: readonly string[]
  /** The newest tones that applications sent, the oldest first. */
  readonly tones: readonly { readonly at: number; readonly callId: string; readonly tone: Tone }[]
}

/** Makes sound happen. */
export interface MediaEngine {
  /**
   * Starts what the effect asks for and returns at once. The end of a task is reported once, unless `StopMedia` came
   * before it; an effect that names an operation of hold music is reported once, too. What comes again while it is under
   * way changes nothing.
   */
  perform(conversationId: string, effect: MediaEffect, report: (report: MediaEnded) => void): void
  /** What is under way in a conversation. */
  view(conversationId: string): MediaView
  /** Forgets everything that is under way, without reports. */
  stop(): void
}
