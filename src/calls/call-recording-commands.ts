/** What is said to a conversation about the recording of all of it. */

/** Whoever runs the server has the whole conversation recorded, or not any longer. */
export type RecordConversation = { readonly type: 'RecordConversation' } & (
  { readonly on: true; readonly recordingId: string } | { readonly on: false }
)

/** What became of the recording of a whole conversation. */
export interface CallRecordingEnded {
  readonly type: 'CallRecordingEnded'
  readonly recordingId: string
  readonly outcome:
    | { readonly name: 'stored'; readonly fileId: string; readonly bytes: number; readonly duration: number }
    | { readonly name: 'failed'; readonly detail: string }
}
