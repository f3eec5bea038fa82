/** The types of the calling API, and what they are made of. */
import type { Row } from './model.ts'
import { choice, complex, entity } from './model.ts'

const operation = (name: string, details: Parameters<typeof entity>[1] = {}): Row =>
  entity(name, { base: 'commsOperation', open: true, ...details })

const entities: readonly Row[] = [
  entity('call', {
    open: true,
    properties: {
      callbackUri: 'String!',
      callChainId: 'String',
      callOptions: 'callOptions',
      callRoutes: '[callRoute]',
      chatInfo: 'chatInfo',
      direction: 'callDirection',
      incomingContext: 'incomingContext',
      mediaConfig: 'mediaConfig',
      mediaState: 'callMediaState',
      meetingInfo: 'meetingInfo',
      myParticipantId: 'String',
      requestedModalities: '[modality]',
      resultInfo: 'resultInfo',
      source: 'participantInfo',
      state: 'callState',
      subject: 'String',
      targets: '[invitationParticipantInfo]',
      tenantId: 'String',
      toneInfo: 'toneInfo',
      transcription: 'callTranscriptionInfo',
    },
    beta: {
      activeModalities: '[modality]',
      answeredBy: 'participantInfo',
      meetingCapability: 'meetingCapability',
      ringingTimeoutInSeconds: 'Int32',
      routingPolicies: '[routingPolicy]',
      terminationReason: 'String',
    },
    navigation: {
      audioRoutingGroups: '[audioRoutingGroup]',
      contentSharingSessions: '[contentSharingSession]',
      operations: '[commsOperation]',
      participants: '[participant]',
    },
  }),
  entity('participant', {
    properties: {
      info: 'participantInfo!',
      isInLobby: 'Boolean!',
      isMuted: 'Boolean!',
      mediaStreams: '[mediaStream]',
      metadata: 'String',
      recordingInfo: 'recordingInfo',
      removedState: 'removedState',
    },
    beta: { preferredDisplayName: 'String' },
  }),
  entity('deltaParticipants', {
    properties: { sequenceNumber: 'Int64' },
    navigation: { participants: '[participant]' },
  }),
  entity('audioRoutingGroup', {
    properties: { receivers: '[String]', routingMode: 'routingMode!', sources: '[String]' },
  }),
  entity('contentSharingSession', {
    open: true,
    beta: { pngOfCurrentSlide: 'Stream', presenterParticipantId: 'String' },
  }),
  entity('commsOperation', {
    open: true,
    properties: { clientContext: 'String', resultInfo: 'resultInfo', status: 'operationStatus!' },
  }),
  operation('addLargeGalleryViewOperation'),
  operation('cancelMediaProcessingOperation'),
  operation('inviteParticipantsOperation', { properties: { participants: '[invitationParticipantInfo]!' } }),
  operation('muteParticipantOperation'),
  operation('muteParticipantsOperation', { properties: { participants: '[String]' }, only: 'beta' }),
  operation('playPromptOperation', { beta: { completionReason: 'playPromptCompletionReason' } }),
  operation('recordOperation', {
    properties: { recordingAccessToken: 'String', recordingLocation: 'String' },
    beta: { completionReason: 'recordCompletionReason' },
  }),
  operation('sendDtmfTonesOperation', { properties: { completionReason: 'sendDtmfCompletionReason' } }),
  operation('startHoldMusicOperation'),
  operation('stopHoldMusicOperation'),
  operation('subscribeToToneOperation'),
  operation('unmuteParticipantOperation'),
]

const identities: readonly Row[] = [
  complex('identity', { displayName: 'String', id: 'String' }, { open: true }),
  complex('identitySet', { application: 'identity', device: 'identity', user: 'identity' }, { open: true }),
  complex(
    'communicationsIdentitySet',
    {
      applicationInstance: 'identity',
      assertedIdentity: 'identity',
      azureCommunicationServicesUser: 'identity',
      encrypted: 'identity',
      endpointType: 'endpointType',
      guest: 'identity',
      onPremises: 'identity',
      phone: 'identity',
    },
    { base: 'identitySet', open: true },
  ),
  complex('participantInfo', {
    countryCode: 'String',
    endpointType: 'endpointType',
    identity: 'identitySet!',
    languageId: 'String',
    participantId: 'String',
    region: 'String',
  }),
  complex(
    'invitationParticipantInfo',
    {
      hidden: 'Boolean',
      identity: 'identitySet!',
      participantId: 'String',
      removeFromDefaultAudioRoutingGroup: 'Boolean',
      replacesCallId: 'String',
    },
    { open: true, beta: { endpointType: 'endpointType' } },
  ),
]

const aboutCalls: readonly Row[] = [
  complex('callMediaState', { audio: 'mediaState' }),
  complex(
    'callOptions',
    {
      hideBotAfterEscalation: 'Boolean',
      isContentSharingNotificationEnabled: 'Boolean',
      isDeltaRosterEnabled: 'Boolean',
      isInteractiveRosterEnabled: 'Boolean',
    },
    { abstract: true },
  ),
  complex('incomingCallOptions', {}, { base: 'callOptions' }),
  complex('outgoingCallOptions', {}, { base: 'callOptions' }),
  complex('callRoute', { final: 'identitySet!', original: 'identitySet!', routingType: 'routingType!' }),
  complex('callTranscriptionInfo', { lastModifiedDateTime: 'DateTimeOffset', state: 'callTranscriptionState!' }),
  complex('chatInfo', { messageId: 'String', replyChainMessageId: 'String', threadId: 'String' }),
  complex('incomingContext', {
    observedParticipantId: 'String',
    onBehalfOf: 'identitySet',
    sourceParticipantId: 'String',
    transferor: 'identitySet',
  }),
  complex('meetingInfo', {}, { abstract: true, beta: { allowConversationWithoutHost: 'Boolean' } }),
  complex(
    'joinMeetingIdMeetingInfo',
    { joinMeetingId: 'String!', passcode: 'String' },
    { base: 'meetingInfo', open: true },
  ),
  complex('organizerMeetingInfo', { organizer: 'identitySet!' }, { base: 'meetingInfo', open: true }),
  complex('tokenMeetingInfo', { token: 'String!' }, { base: 'meetingInfo' }),
  complex(
    'meetingCapability',
    {
      allowAnonymousUsersToDialOut: 'Boolean!',
      allowAnonymousUsersToStartMeeting: 'Boolean!',
      autoAdmittedUsers: 'autoAdmittedUsersType!',
    },
    { only: 'beta' },
  ),
  complex('recordingInfo', { initiator: 'identitySet', recordingStatus: 'recordingStatus!' }),
  complex('removedState', { reason: 'String' }),
  complex('resultInfo', { code: 'Int32!', message: 'String', subcode: 'Int32!' }),
  complex('commsNotification', { changeType: 'changeType!', resourceUrl: 'String!' }, { open: true }),
  complex('commsNotifications', { value: '[commsNotification]' }),
]

const media: readonly Row[] = [
  complex('mediaConfig', {}, { abstract: true }),
  complex('appHostedMediaConfig', { blob: 'String' }, { base: 'mediaConfig' }),
  complex('serviceHostedMediaConfig', { preFetchMedia: '[mediaInfo]' }, { base: 'mediaConfig' }),
  complex('mediaInfo', { resourceId: 'String', uri: 'String!' }),
  complex('prompt', {}, { abstract: true }),
  complex('mediaPrompt', { mediaInfo: 'mediaInfo!' }, { base: 'prompt', beta: { loop: 'Int32' } }),
  complex('mediaStream', {
    direction: 'mediaDirection!',
    label: 'String',
    mediaType: 'modality!',
    serverMuted: 'Boolean!',
    sourceId: 'String!',
  }),
  complex('toneInfo', { sequenceId: 'Int64!', tone: 'tone!' }),
  complex(
    'participantMixerLevel',
    {
      ducking: 'audioDuckingConfiguration',
      exclusiveMode: 'Boolean!',
      participant: 'String!',
      sourceLevels: '[audioSourceLevel]',
    },
    { only: 'beta' },
  ),
  complex(
    'audioDuckingConfiguration',
    { lowerLevel: 'Int32!', rampActive: 'Int32!', rampInactive: 'Int32!', upperLevel: 'Int32!' },
    { only: 'beta' },
  ),
  complex('audioSourceLevel', { duckOthers: 'Boolean!', level: 'Int32!', participant: 'String!' }, { only: 'beta' }),
]

const deviceQuality: readonly Row[] = [
  complex(
    'teleconferenceDeviceQuality',
    {
      callChainId: 'Guid!',
      cloudServiceDeploymentEnvironment: 'String',
      cloudServiceDeploymentId: 'String',
      cloudServiceInstanceName: 'String',
      cloudServiceName: 'String',
      deviceDescription: 'String!',
      deviceName: 'String!',
      mediaLegId: 'Guid!',
      mediaQualityList: '[teleconferenceDeviceMediaQuality]!',
      participantId: 'Guid!',
    },
    { open: true },
  ),
  complex(
    'teleconferenceDeviceMediaQuality',
    {
      averageInboundJitter: 'Duration',
      averageInboundPacketLossRateInPercentage: 'Double',
      averageInboundRoundTripDelay: 'Duration',
      averageOutboundJitter: 'Duration',
      averageOutboundPacketLossRateInPercentage: 'Double',
      averageOutboundRoundTripDelay: 'Duration',
      channelIndex: 'Int32!',
      inboundPackets: 'Int64',
      localIPAddress: 'String',
      localPort: 'Int32',
      maximumInboundJitter: 'Duration',
      maximumInboundPacketLossRateInPercentage: 'Double',
      maximumInboundRoundTripDelay: 'Duration',
      maximumOutboundJitter: 'Duration',
      maximumOutboundPacketLossRateInPercentage: 'Double',
      maximumOutboundRoundTripDelay: 'Duration',
      mediaDuration: 'Duration',
      networkLinkSpeedInBytes: 'Int64',
      outboundPackets: 'Int64',
      remoteIPAddress: 'String',
      remotePort: 'Int32',
    },
    { abstract: true, open: true },
  ),
  complex('teleconferenceDeviceAudioQuality', {}, { base: 'teleconferenceDeviceMediaQuality', open: true }),
  complex(
    'teleconferenceDeviceVideoQuality',
    {
      averageInboundBitRate: 'Double',
      averageInboundFrameRate: 'Double',
      averageOutboundBitRate: 'Double',
      averageOutboundFrameRate: 'Double',
    },
    { base: 'teleconferenceDeviceMediaQuality', open: true },
  ),
  complex('teleconferenceDeviceScreenSharingQuality', {}, { base: 'teleconferenceDeviceVideoQuality', open: true }),
]

const FUTURE = 'unknownFutureValue'

const enums: readonly Row[] = [
  choice('autoAdmittedUsersType', ['everyoneInCompany', 'everyone'], { only: 'beta' }),
  choice('callDirection', ['incoming', 'outgoing']),
  choice('callDisposition', ['default', 'simultaneousRing', 'forward'], { only: 'beta' }),
  choice(
    'callState',
    [
      'incoming',
      'establishing',
      'ringing',
      'established',
      'hold',
      'transferring',
      'transferAccepted',
      'redirecting',
      'terminating',
      'terminated',
      FUTURE,
    ],
    { beta: ['ringing'] },
  ),
  choice('callTranscriptionState', ['notStarted', 'active', 'inactive', FUTURE]),
  choice('changeType', ['created', 'updated', 'deleted']),
  choice('endpointType', ['default', 'voicemail', 'skypeForBusiness', 'skypeForBusinessVoipPhone', FUTURE]),
  choice('mediaDirection', ['inactive', 'sendOnly', 'receiveOnly', 'sendReceive']),
  choice('mediaState', ['active', 'inactive', FUTURE]),
  choice('modality', ['unknown', 'audio', 'video', 'videoBasedScreenSharing', 'data', FUTURE], { beta: ['unknown'] }),
  choice('operationStatus', ['NotStarted', 'Running', 'Completed', 'Failed']),
  choice('playPromptCompletionReason', ['unknown', 'completedSuccessfully', 'mediaOperationCanceled', FUTURE], {
    only: 'beta',
  }),
  choice(
    'recordCompletionReason',
    [
      'operationCanceled',
      'stopToneDetected',
      'maxRecordDurationReached',
      'initialSilenceTimeout',
      'maxSilenceTimeout',
      'playPromptFailed',
      'playBeepFailed',
      'mediaReceiveTimeout',
      'unspecifiedError',
    ],
    { only: 'beta' },
  ),
  choice('recordingStatus', ['unknown', 'notRecording', 'recording', 'failed', FUTURE]),
  choice('rejectReason', ['none', 'busy', 'forbidden', FUTURE]),
  choice('routingMode', ['oneToOne', 'multicast', FUTURE]),
  choice(
    'routingPolicy',
    ['none', 'noMissedCall', 'disableForwardingExceptPhone', 'disableForwarding', 'preferSkypeForBusiness=5', FUTURE],
    { only: 'beta' },
  ),
  choice('routingType', ['forwarded', 'lookup', 'selfFork', FUTURE]),
  choice('screenSharingRole', ['viewer', 'sharer']),
  choice('sendDtmfCompletionReason', ['unknown', 'completedSuccessfully', 'mediaOperationCanceled', FUTURE]),
  choice('tone', [
    ...Array.from({ length: 10 }, (_, digit) => `tone${digit}`),
    'star',
    'pound',
    'a',
    'b',
    'c',
    'd',
    'flash',
  ]),
]

/** Every type that calls are made of. */
export const callTypes: readonly Row[] = [
  ...entities,
  ...identities,
  ...aboutCalls,
  ...media,
  ...deviceQuality,
  ...enums,
]
