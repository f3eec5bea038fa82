import type { Call } from './call.ts'
import { isIn } from './call.ts'
import type { Conversation, Transcription } from './conversation.ts'
import { hasRoster } from './conversation.ts'

/** What an application is shown of it: Graph's `callTranscriptionInfo`. */
export interface ShownTranscription {
  readonly state: 'notStarted' | Transcription['state']
  readonly since?: number
}

/**
 * What a call shows of its conversation's transcription: nothing before it is established and while its application waits in
 * the lobby; a peer-to-peer call shows it from when it was first turned on.
 */
export function transcriptionFor(conversation: Conversation, call: Call): ShownTranscription | undefined {
  const { transcription, participants } = conversation
  const isWaiting = participants.find(({ id }) => id === call.participantId)?.state.name === 'lobby'
  if (!isIn(call) || isWaiting) return undefined
  if (transcription) return { state: transcription.state, since: transcription.since }
  return hasRoster(conversation) ? { state: 'notStarted' } : undefined
}
