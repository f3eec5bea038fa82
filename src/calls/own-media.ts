/** The media of applications that handle it themselves. */
import type { Call } from './call.ts'
import { isIn } from './call.ts'
import type { CallMediaFailed } from './commands.ts'
import type { Draft } from './draft.ts'
import type { Effect } from './effects.ts'
import { endCall } from './leave.ts'

/** What brings the media of a call up. */
export function connectCall({ id: callId, mediaConfig }: Pick<Call, 'id' | 'mediaConfig'>): Effect {
  const { socket } = mediaConfig.type === 'appHosted' ? mediaConfig : {}
  return { type: 'ConnectCall', callId, ...(socket && { socket }) }
}

/** A call whose media failed ends (contract: call end reasons). */
export function callMediaFailed(draft: Draft, { callId, reason }: CallMediaFailed): void {
  const call = draft.findCall(callId)
  if (call && (call.state.name === 'establishing' || isIn(call))) endCall(draft, call, { name: reason })
}
