/** What applications say of their recording, and on whom it shows. */
import type { UpdateRecordingStatus } from './commands.ts'
import type { Draft } from './draft.ts'
import { shownToAll } from './call-recording.ts'
import { refuse } from './draft.ts'
import { completeAtOnce } from './outcome.ts'
import type { Participant } from './participant.ts'
import type { RecordingStatus, ShownRecording } from './recorder.ts'

/** `updateRecordingStatus`: done at once; the roster tells if anything changed. */
export function updateRecordingStatus(draft: Draft, command: UpdateRecordingStatus): void {
  const { operationId: id, status, clientContext } = command
  const call = draft.admitted(draft.ownCall(command))
  if (call.state.name !== 'established') return refuse({ name: 'callNotEstablished', state: call.state.name })
  draft.updateCall(call.id, { recordingStatus: status })
  draft.event({ type: 'RecordingStatusUpdated', callId: call.id, status })
  completeAtOnce(draft, {
    id,
    callId: call.id,
    type: 'updateRecordingStatus',
    ...(clientContext !== undefined && { clientContext }),
  })
}

/** Brings what participants show of recordings in line with what their recorders have said, or with the whole call's. */
export function showRecordings(draft: Draft): void {
  for (const participant of draft.conversation.participants) {
    const recording = shownOn(draft, participant)
    const { recording: before } = participant
    if (before?.status === recording?.status && before?.by.id === recording?.by.id) continue
    const { recording: _, ...others } = participant
    draft.replaceParticipant({ ...others, ...(recording && { recording }) })
  }
}

/** The one that matters most, if several record somebody. */
const WEIGHT: Readonly<Record<RecordingStatus, number>> = { recording: 2, failed: 1, notRecording: 0 }

/** An application shows its own recording, a person that of the applications that came to record them. */
function shownOn(draft: Draft, { id, party }: Participant): ShownRecording | undefined {
  if (party.type === 'service') return undefined
  const toAll = shownToAll(draft)
  if (party.type === 'application') return saidBy(draft, party.callId) ?? toAll
  const { recordings } = draft.conversation
  if (recordings.length === 0) return toAll
  const said = recordings.flatMap(({ participantId, state }) => {
    const one = participantId === id && state.name === 'attached' ? saidBy(draft, state.callId) : undefined
    return one ? [one] : []
  })
  return said.toSorted((one, other) => WEIGHT[other.status] - WEIGHT[one.status])[0] ?? toAll
}

function saidBy(draft: Draft, callId: string): ShownRecording | undefined {
  const { recordingStatus: status, participantId } = draft.findCall(callId) ?? {}
  const by = participantId === undefined ? undefined : draft.findParticipant(participantId)?.identity
  return status && by ? { status, by } : undefined
}
