/** The types of call records: those of `microsoft.graph.callRecords`. */
import type { Row } from './model.ts'
import { choice, complex, entity } from './model.ts'

const FUTURE = 'unknownFutureValue'

/** What both telephone logs say of a call. */
const logRow = {
  id: 'String',
  userId: 'String',
  userPrincipalName: 'String',
  userDisplayName: 'String',
  startDateTime: 'DateTimeOffset',
  endDateTime: 'DateTimeOffset',
  duration: 'Int32',
  callType: 'String',
  callerNumber: 'String',
  calleeNumber: 'String',
} as const

/** Both ends of a session or of a part of one. */
const ends = {
  callee: 'callRecords.endpoint',
  caller: 'callRecords.endpoint',
  endDateTime: 'DateTimeOffset!',
  failureInfo: 'callRecords.failureInfo',
  startDateTime: 'DateTimeOffset!',
} as const

/** Every type of call records. */
export const recordTypes: readonly Row[] = [
  entity('callRecords.callRecord', {
    properties: {
      endDateTime: 'DateTimeOffset!',
      joinWebUrl: 'String',
      lastModifiedDateTime: 'DateTimeOffset!',
      modalities: '[callRecords.modality]!',
      organizer: 'identitySet',
      participants: '[identitySet]',
      startDateTime: 'DateTimeOffset!',
      type: 'callRecords.callType!',
      version: 'Int64!',
    },
    navigation: {
      organizer_v2: 'callRecords.organizer',
      participants_v2: '[callRecords.participant]',
      sessions: '[callRecords.session]',
    },
  }),
  entity('callRecords.session', {
    properties: { ...ends, isTest: 'Boolean', modalities: '[callRecords.modality]!' },
    navigation: { segments: '[callRecords.segment]' },
  }),
  entity('callRecords.segment', { properties: { ...ends, media: '[callRecords.media]' } }),
  entity('callRecords.participantBase', {
    properties: {
      administrativeUnitInfos: '[callRecords.administrativeUnitInfo]',
      identity: 'communicationsIdentitySet!',
    },
  }),
  entity('callRecords.organizer', { base: 'callRecords.participantBase' }),
  entity('callRecords.participant', { base: 'callRecords.participantBase' }),
  complex('callRecords.administrativeUnitInfo', { id: 'String!' }),
  complex('callRecords.media', { label: 'String' }),
  complex('callRecords.endpoint', { userAgent: 'callRecords.userAgent' }),
  complex('callRecords.participantEndpoint', { identity: 'identitySet' }, { base: 'callRecords.endpoint' }),
  complex('callRecords.serviceEndpoint', {}, { base: 'callRecords.endpoint' }),
  complex('callRecords.userAgent', { applicationVersion: 'String', headerValue: 'String' }),
  complex(
    'callRecords.clientUserAgent',
    { platform: 'callRecords.clientPlatform!', productFamily: 'callRecords.productFamily!' },
    { base: 'callRecords.userAgent' },
  ),
  complex('callRecords.serviceUserAgent', { role: 'callRecords.serviceRole!' }, { base: 'callRecords.userAgent' }),
  complex('callRecords.failureInfo', { reason: 'String', stage: 'callRecords.failureStage!' }),
  complex('callRecords.pstnCallLogRow', {
    ...logRow,
    callDurationSource: 'callRecords.pstnCallDurationSource',
    callId: 'String',
    charge: 'Decimal',
    conferenceId: 'String',
    connectionCharge: 'Decimal',
    currency: 'String',
    destinationContext: 'String',
    destinationName: 'String',
    inventoryType: 'String',
    licenseCapability: 'String',
    operator: 'String',
    tenantCountryCode: 'String',
    usageCountryCode: 'String',
  }),
  complex('callRecords.directRoutingLogRow', logRow),
  choice('callRecords.callType', ['unknown', 'groupCall', 'peerToPeer', FUTURE]),
  choice('callRecords.modality', ['audio', 'video', 'videoBasedScreenSharing', 'data', 'screenSharing', FUTURE]),
  choice('callRecords.failureStage', ['unknown', 'callSetup', 'midcall', FUTURE]),
  choice('callRecords.pstnCallDurationSource', ['microsoft', 'operator']),
  choice('callRecords.productFamily', [
    'unknown',
    'teams',
    'skypeForBusiness',
    'lync',
    FUTURE,
    'azureCommunicationServices',
  ]),
  choice('callRecords.clientPlatform', [
    'unknown',
    'windows',
    'macOS',
    'iOS',
    'android',
    'web',
    'ipPhone',
    'roomSystem',
    'surfaceHub',
    'holoLens',
    FUTURE,
  ]),
  choice('callRecords.serviceRole', [
    'unknown',
    'customBot',
    'skypeForBusinessMicrosoftTeamsGateway',
    'skypeForBusinessAudioVideoMcu',
    'skypeForBusinessApplicationSharingMcu',
    'skypeForBusinessCallQueues',
    'skypeForBusinessAutoAttendant',
    'mediationServer',
    'mediationServerCloudConnectorEdition',
    'exchangeUnifiedMessagingService',
    'mediaController',
    'conferencingAnnouncementService',
    'conferencingAttendant',
    'audioTeleconferencerController',
    'skypeForBusinessUnifiedCommunicationApplicationPlatform',
    'responseGroupServiceAnnouncementService',
    'gateway',
    'skypeTranslator',
    'skypeForBusinessAttendant',
    'responseGroupService',
    'voicemail',
    FUTURE,
  ]),
]
