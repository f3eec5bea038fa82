/** One line of a timeline. */
export interface TimelineItem {
  readonly order: number
  readonly at: string
  readonly kind: 'request' | 'event' | 'notification' | 'attempt' | 'heard'
  /** One line for people. */
  readonly text: string
  /** Of something that failed: why, in one sentence. */
  readonly why?: string
  readonly [member: string]: unknown
}
