/**
 * A conversation that is recorded as a whole, because whoever runs the server wants it: everybody in it shows that, and what
 * becomes of the sound is told to the timeline.
 *
 *     (none) ──RecordConversation on──► recording ──off, or it is as long as it may be──► stopped
 *                                          └──it cannot be stored──► failed
 */
import type { CallRecordingEnded, RecordConversation } from './call-recording-commands.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import { SERVER_ITSELF } from './identity.ts'
import type { ShownRecording } from './recorder.ts'

/** Recording begins, or ends. What is so already stays as it is. */
export function recordConversation(draft: Draft, command: RecordConversation): void {
  const { callRecording, endedAt } = draft.conversation
  if (endedAt !== undefined) refuse({ name: 'callNotFound' })
  const isOn = callRecording?.state === 'recording'
  if (command.on === isOn) return
  if (command.on) {
    const { recordingId: id } = command
    draft.change({ callRecording: { id, since: draft.now, state: 'recording' } })
    draft.event({ type: 'CallRecordingBegan', recordingId: id })
  } else if (callRecording) {
    draft.change({ callRecording: { ...callRecording, state: 'stopped' } })
    draft.event({ type: 'CallRecordingStopped', recordingId: callRecording.id })
  }
}

/** The sound is stored, or could not be; mostly after the end of the conversation. */
export function callRecordingEnded(draft: Draft, { recordingId, outcome }: CallRecordingEnded): void {
  const { callRecording } = draft.conversation
  if (outcome.name === 'failed' && callRecording?.id === recordingId && callRecording.state === 'recording') {
    draft.change({ callRecording: { ...callRecording, state: 'failed' } })
  }
  if (outcome.name === 'failed') draft.event({ type: 'CallRecordingFailed', recordingId, detail: outcome.detail })
  else {
    const { fileId, bytes, duration } = outcome
    draft.event({ type: 'CallRecordingStored', recordingId, fileId, bytes, duration })
  }
}

/** What everybody in the conversation shows of it. */
export function shownToAll({ conversation }: Draft): ShownRecording | undefined {
  const { callRecording } = conversation
  if (!callRecording || callRecording.state === 'stopped') return undefined
  return { status: callRecording.state, by: SERVER_ITSELF }
}
