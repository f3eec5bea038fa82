/** The media of applications that handle it themselves. */
import type { Call } from './call.ts'
import { canHear, hasMedia, hasOwnMedia, isIn, isLive } from './call.ts'
import type { CallMediaChanged, CallMediaFailed } from './commands.ts'
import type { Draft } from './draft.ts'
import type { Effect } from './effects.ts'
import { endCall } from './leave.ts'

/** What brings the media of a call up. */
export function connectCall({ id: callId, mediaConfig }: Pick<Call, 'id' | 'mediaConfig'>): Effect {
  const { socket } = mediaConfig.type === 'appHosted' ? mediaConfig : {}
  return { type: 'ConnectCall', callId, ...(socket && { socket }) }
}

/**
 * The application's own media came, or went: `mediaState` is active and inactive with it, and an application whose call is
 * established is told (contract: established comes again with another mediaState).
 */
export function callMediaChanged(draft: Draft, { callId, isUp, hears }: CallMediaChanged): void {
  const call = draft.findCall(callId)
  if (!call || !isLive(call)) return
  const changed = { ...call, mediaUp: isUp, mediaHears: hears }
  const cameOrWent = hasMedia(call) !== hasMedia(changed)
  if (!hasOwnMedia(call) || (!cameOrWent && canHear(call) === canHear(changed))) return
  draft.updateCall(callId, { mediaUp: isUp, mediaHears: hears })
  if (!cameOrWent) return
  draft.event({ type: isUp ? 'CallMediaConnected' : 'CallMediaLost', callId })
  if (call.state.name === 'established') draft.notifyCall(callId, 'updated', 'established')
}

/** A call whose media failed ends (contract: call end reasons). */
export function callMediaFailed(draft: Draft, { callId, reason }: CallMediaFailed): void {
  const call = draft.findCall(callId)
  if (call && (call.state.name === 'establishing' || isIn(call))) endCall(draft, call, { name: reason })
}
