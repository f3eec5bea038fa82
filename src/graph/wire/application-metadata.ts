/** What a call tells the application that records it by policy. */
import type { Call } from '../../calls/call.ts'
import { internalName } from '../../calls/identity.ts'
import type { RecorderContext } from '../../calls/recorder.ts'
import type { Json } from './identity.ts'

/** `applicationMetadata` of a recorder's call: why it was called, and for whom (contract: behaviour, botData members). */
export function applicationMetadata({ recorder }: Call, callChainId: string): { applicationMetadata?: Json } {
  if (!recorder) return {}
  const { observed, otherSide, policy, others, isMultiParty } = recorder
  return {
    applicationMetadata: {
      botData: {
        callId: callChainId,
        user: {
          participationMethod: observed.method,
          policyHolderId: internalName(observed.identity),
          policyHolderTenantId: observed.identity.tenantId ?? null,
        },
        ...(otherSide && { otherSideUser: writeOtherSide(otherSide) }),
        inviteReasons: ['ComplianceRecording'],
        policyIdentifier: `TeamsComplianceRecordingPolicy=Tenant:${policy}`,
        pairedRecorders: [],
        otherRecorders: others.map(({ identity, participantId }) => ({ id: internalName(identity), participantId })),
        isMultiParty,
      },
    },
  }
}

function writeOtherSide({ identity, participantId, method }: NonNullable<RecorderContext['otherSide']>): Json {
  return {
    id: internalName(identity),
    participantId,
    tenantId: identity.tenantId ?? null,
    participationMethod: method,
  }
}
