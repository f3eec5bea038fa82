/** Tones: the keys that people press, and the applications that want to hear of them. */
import type { LegReport, SubscribeToTone } from './commands.ts'
import { liveCalls } from './conversation.ts'
import type { Draft } from './draft.ts'
import { isOnHold } from './hold-music.ts'
import { mediaCall, stopRecordings } from './media-processing.ts'
import { completeAtOnce } from './outcome.ts'
import { isConnected, isPerson } from './participant.ts'

/** `subscribeToTone`: from now on the call is told of tones. Asking twice changes nothing. */
export function subscribeToTone(draft: Draft, command: SubscribeToTone): void {
  const { id: callId, toneSequence = 0 } = mediaCall(draft, command)
  const { operationId: id, clientContext } = command
  draft.updateCall(callId, { toneSequence })
  completeAtOnce(draft, {
    id,
    callId,
    type: 'subscribeToTone',
    ...(clientContext !== undefined && { clientContext }),
  })
}

/**
 * A key was pressed. Every call of the conversation hears it, whoever pressed: those that subscribed are told, and a
 * recording that names it as a stop tone ends. Whoever waits in the lobby, is on hold, or has put the call on hold, is not heard.
 */
export function tonePressed(draft: Draft, command: Extract<LegReport, { type: 'TonePressed' }>): void {
  const { participantId, tone } = command
  const participant = draft.findParticipant(participantId)
  if (!participant || !isPerson(participant) || !isConnected(participant)) return
  draft.event({ type: 'TonePressed', participantId, tone })
  if (participant.away || isOnHold(draft, participantId)) return
  for (const call of liveCalls(draft.conversation)) {
    if (call.state.name !== 'established') continue
    if (call.toneSequence !== undefined) {
      draft.updateCall(call.id, { toneSequence: call.toneSequence + 1 })
      draft.notifyTone(call.id, tone)
    }
    stopRecordings(draft, call, tone)
  }
}
