/** What is under way in conversations, for people to look at. */
import type { Tone } from '../../calls/media.ts'

/** What is done for the applications of a conversation. Moments are milliseconds since the epoch. */
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
  /** The newest tones that applications sent, the oldest first. */
  readonly tones: readonly { readonly at: number; readonly callId: string; readonly tone: Tone }[]
}
