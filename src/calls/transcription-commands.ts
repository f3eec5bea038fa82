/** What is said to a conversation about its transcription. */

/** Somebody who is in, or whoever runs the server (nobody is named), says that the conversation is transcribed, or not any longer. */
export interface Transcribe {
  readonly type: 'Transcribe'
  readonly on: boolean
  readonly participantId?: string
}

/** `startTranscription` and `stopTranscription`. */
export interface ControlTranscription {
  readonly type: 'ControlTranscription'
  readonly callId: string
  readonly appId: string
  readonly operationId: string
  readonly clientContext?: string
  readonly on: boolean
}
