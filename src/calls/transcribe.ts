/**
 * A conversation is transcribed, or not any longer, because somebody says so: applications and people are told. The words
 * themselves are nothing to the core.
 *
 *     (not started) ──on──► active ──off──► inactive
 *                             ▲──────on────────┘
 */
import { liveCalls } from './conversation.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import type { Identity } from './identity.ts'
import { SERVER_ITSELF } from './identity.ts'
import type { Operation } from './operation.ts'
import { isConnected, isPerson } from './participant.ts'
import type { Transcribe } from './transcription-commands.ts'

/** Somebody who is in, or whoever runs the server, turns it on or off. What is so already stays as it is. */
export function transcribe(draft: Draft, { on, participantId }: Transcribe): void {
  if (draft.conversation.endedAt !== undefined) refuse({ name: 'callNotFound' })
  turn(draft, on, participantId === undefined ? SERVER_ITSELF : personIn(draft, participantId))
}

function personIn(draft: Draft, participantId: string): Identity {
  const participant = draft.findParticipant(participantId)
  if (!participant || !isPerson(participant) || !isConnected(participant)) {
    return refuse({ name: 'participantNotFound', participantId })
  }
  return participant.identity
}

/** What `startTranscription` or `stopTranscription` asked for is done: its application's participant is who did it. */
export function transcriptionAsked(draft: Draft, { type, callId }: Operation): void {
  const call = draft.findCall(callId)
  const by = call && draft.findParticipant(call.participantId)?.identity
  if (by) turn(draft, type === 'startTranscription', by)
}

function turn(draft: Draft, on: boolean, by: Identity): void {
  const { transcription } = draft.conversation
  if (on === (transcription?.state === 'active')) return
  const state = on ? 'active' : 'inactive'
  draft.change({ transcription: { state, since: draft.now, by } })
  draft.event({ type: on ? 'TranscriptionStarted' : 'TranscriptionStopped', identity: by })
  for (const call of liveCalls(draft.conversation)) {
    if (call.state.name !== 'established' || !call.manners.transcription) continue
    const isWaiting = draft.findParticipant(call.participantId)?.state.name === 'lobby'
    if (!isWaiting) draft.notifyCall(call.id, 'updated', 'established')
  }
}
