/** What an application does with its own call besides inviting: answer, reject, keep alive. */
import type { Answer, DeliveryReport, KeepAlive, Reject } from './commands.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import { endCall } from './leave.ts'
import { prefetchMedia } from './media-processing.ts'
import type { ReasonName } from './reasons.ts'
import { connectCall } from './own-media.ts'

/** `answer`: the call is establishing until its media is up. */
export function answer(draft: Draft, command: Answer): void {
  const call = draft.ownCall(command)
  if (call.state.name !== 'incoming') {
    return refuse({ name: 'callNotIncoming', state: call.state.name, action: 'answer' })
  }
  draft.updateCall(call.id, {
    mediaConfig: command.mediaConfig,
    ...(command.callbackUri !== undefined && { callbackUri: command.callbackUri }),
    ...(command.acceptedModalities && { requestedModalities: command.acceptedModalities }),
    ...(command.callOptions && { callOptions: command.callOptions }),
    ...(command.participantCapacity !== undefined && { participantCapacity: command.participantCapacity }),
    ...(command.manners && { manners: command.manners }),
  })
  const invitation = draft.invitationOf(call)
  if (invitation?.state.name === 'waiting') {
    const { until: _, ...state } = invitation.state
    draft.updateInvitation(invitation.id, { state })
  }
  const keepAliveBy = draft.now + draft.rules.keepAliveTimeout
  draft.moveCall(call, { name: 'establishing', since: draft.now, keepAliveBy })
  draft.notifyCall(call.id, 'updated', 'establishing')
  draft.effect(connectCall({ id: call.id, mediaConfig: command.mediaConfig }))
  prefetchMedia(draft, { id: call.id, mediaConfig: command.mediaConfig })
}

const REJECTIONS: Record<Reject['reason'], ReasonName> = {
  none: 'rejected-by-bot',
  busy: 'busy-bot',
  forbidden: 'forbidden-by-bot',
}

/** `reject`: only before it is answered. */
export function reject(draft: Draft, command: Reject): void {
  const call = draft.ownCall(command)
  if (call.state.name !== 'incoming') {
    return refuse({ name: 'callNotIncoming', state: call.state.name, action: 'reject' })
  }
  if (command.callbackUri !== undefined) draft.updateCall(call.id, { callbackUri: command.callbackUri })
  endCall(draft, call, { name: REJECTIONS[command.reason] }, 'rejected')
}

/** `keepAlive`: puts the deadline off. */
export function keepAlive(draft: Draft, command: KeepAlive): void {
  const call = draft.ownCall(command)
  const { state } = call
  if (!('keepAliveBy' in state)) {
    return refuse({ name: 'callNotKeepable', state: state.name })
  }
  const keepAliveBy = draft.now + draft.rules.keepAliveTimeout
  draft.updateCall(call.id, { state: { ...state, keepAliveBy } })
  draft.event({ type: 'KeptAlive', callId: call.id, until: keepAliveBy })
}

/** Delivery of an incoming call's notification fails: remembered for the deadline, or the end if nothing more is tried. */
export function incomingDelivery(draft: Draft, command: DeliveryReport): void {
  const call = draft.findCall(command.callId)
  if (call?.state.name !== 'incoming') return
  const { undelivered: _, ...state } = call.state
  if (command.type === 'IncomingDelivered') {
    draft.updateCall(call.id, { state })
    return
  }
  draft.updateCall(call.id, { state: { ...state, undelivered: command.detail } })
  draft.event({ type: 'IncomingUndelivered', callId: call.id, detail: command.detail })
  if (command.final) endCall(draft, call, { name: 'callback-unreachable', detail: undeliverable(command.detail) })
}

/** The sentence for an incoming call that its application never heard of. */
export function undeliverable(detail: string): string {
  return `the incoming call could not be delivered to the application: ${detail}`
}
