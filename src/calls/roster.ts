/** What actions on the roster have in common: they need a group call, and somebody on its roster. */
import type { Call } from './call.ts'
import { hasRoster, roster } from './conversation.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import type { Participant } from './participant.ts'

/** The application's established call, which must be a group call. */
export function groupCallOf(draft: Draft, command: { readonly callId: string; readonly appId: string }): Call {
  const call = draft.ownCall(command)
  if (call.state.name !== 'established') return refuse({ name: 'callNotEstablished', state: call.state.name })
  if (!hasRoster(draft.conversation)) return refuse({ name: 'notGroupCall', rule: 'groupOnly' })
  return draft.admitted(call)
}

/** Somebody whom the roster shows. */
export function onRoster(draft: Draft, participantId: string): Participant {
  const participant = roster(draft.conversation).find(({ id }) => id === participantId)
  return participant ?? refuse({ name: 'participantNotFound', participantId })
}
