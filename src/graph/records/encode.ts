/** Call records in the shapes of `microsoft.graph.callRecords`. */
import type { Identity } from '../../calls/identity.ts'
import { joinUrl } from '../../meetings/meeting.ts'
import type { PhoneCall } from '../../records/phone-calls.ts'
import type { CallRecord, Failure, RecordEndpoint, Segment, Session } from '../../records/record.ts'
import { isoTime } from '../../runtime.ts'
import type { Json } from '../wire/identity.ts'
import { writeIdentity, writeIdentitySet } from '../wire/identity.ts'

/** The record itself, without what can be expanded. */
export function writeRecord(record: CallRecord): Json {
  const { id, version, type, modalities, startedAt, endedAt, modifiedAt, organizer, participants } = record
  const { tenantId, chatInfo } = record
  return {
    id,
    version,
    type,
    modalities,
    lastModifiedDateTime: isoTime(modifiedAt),
    startDateTime: isoTime(startedAt),
    endDateTime: isoTime(endedAt),
    joinWebUrl: chatInfo ? joinUrl({ threadId: chatInfo.threadId, tenantId, organizerId: organizer.id }) : null,
    organizer: writeIdentitySet(organizer),
    participants: participants.map(writeIdentitySet),
    organizer_v2: writeParty(organizer),
  }
}

/** One of `participants_v2`, or `organizer_v2`. */
export function writeParty(identity: Identity): Json {
  return {
    id: identity.id,
    identity: {
      '@odata.type': '#microsoft.graph.communicationsIdentitySet',
      [identity.kind]: writeIdentity(identity, true),
    },
    administrativeUnitInfos: [],
  }
}

/** @param segments whether they are in it */
export function writeSession(session: Session, segments: boolean): Json {
  const { id, modalities, startedAt, endedAt, caller, callee, failure } = session
  return {
    id,
    modalities,
    startDateTime: isoTime(startedAt),
    endDateTime: isoTime(endedAt),
    isTest: false,
    caller: writeEndpoint(caller),
    callee: writeEndpoint(callee),
    failureInfo: writeFailure(failure),
    ...(segments && { segments: session.segments.map(writeSegment) }),
  }
}

/** No media is measured, so there is none to tell of. */
function writeSegment({ id, startedAt, endedAt, caller, callee, failure }: Segment): Json {
  return {
    id,
    startDateTime: isoTime(startedAt),
    endDateTime: isoTime(endedAt),
    caller: writeEndpoint(caller),
    callee: writeEndpoint(callee),
    failureInfo: writeFailure(failure),
    media: [],
  }
}

function writeFailure(failure: Failure | undefined): Json | null {
  return failure ? { '@odata.type': '#microsoft.graph.callRecords.failureInfo', ...failure } : null
}

function writeEndpoint(endpoint: RecordEndpoint): Json {
  const { identity } = endpoint
  if (!identity) {
    return {
      '@odata.type': '#microsoft.graph.callRecords.serviceEndpoint',
      userAgent: serviceAgent('mediaController'),
    }
  }
  return {
    '@odata.type': '#microsoft.graph.callRecords.participantEndpoint',
    userAgent: userAgentOf(identity, endpoint.appId),
    identity: writeIdentitySet(identity),
  }
}

/** What somebody was in the call with: nothing is known of people's clients. */
function userAgentOf(identity: Identity, appId: string | undefined): Json {
  if (appId !== undefined) return serviceAgent('customBot')
  if (identity.kind === 'phone') return serviceAgent('gateway')
  return {
    '@odata.type': '#microsoft.graph.callRecords.clientUserAgent',
    headerValue: null,
    applicationVersion: null,
    platform: 'unknown',
    productFamily: 'unknown',
  }
}

function serviceAgent(role: 'mediaController' | 'customBot' | 'gateway'): Json {
  return {
    '@odata.type': '#microsoft.graph.callRecords.serviceUserAgent',
    headerValue: null,
    applicationVersion: null,
    role,
  }
}

/** A `pstnCallLogRow`: as for every bot, nothing of a user; what calls cost, and where numbers are, nobody knows here. */
export function writePhoneCall(call: PhoneCall): Json {
  const { id, recordId, direction, number, ownNumber = null, startedAt, endedAt, duration } = call
  const inbound = direction === 'inbound'
  return {
    id,
    callId: recordId,
    userId: null,
    userPrincipalName: null,
    userDisplayName: null,
    startDateTime: isoTime(startedAt),
    endDateTime: isoTime(endedAt),
    duration: Math.round(duration / 1000),
    callType: inbound ? 'ucap_in' : 'ucap_out',
    callerNumber: inbound ? number : ownNumber,
    calleeNumber: inbound ? ownNumber : number,
    callDurationSource: 'microsoft',
    inventoryType: ownNumber === null ? null : 'Service',
    charge: null,
    connectionCharge: null,
    currency: null,
    conferenceId: null,
    destinationContext: null,
    destinationName: null,
    licenseCapability: null,
    operator: null,
    tenantCountryCode: null,
    usageCountryCode: null,
  }
}
