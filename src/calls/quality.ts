/** How the media of an application's device was, as it reports itself. */
import type { ReportQuality } from './commands.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'

/** `logTeleconferenceDeviceQuality`: kept in the timeline of the call, also of one that has ended. */
export function reportQuality(draft: Draft, { appId, callChainId, participantId, report }: ReportQuality): void {
  const call = draft.conversation.calls.find((one) => one.participantId === participantId && one.appId === appId)
  if (!call || draft.conversation.callChainId !== callChainId) return refuse({ name: 'callNotFound' })
  draft.event({ type: 'QualityReported', callId: call.id, report })
}
