/** The types beside calls: meetings, subscriptions, the directory. */
import { profileKeys } from '../../directory/directory.ts'
import type { Row } from './model.ts'
import { choice, complex, entity } from './model.ts'

const FUTURE = 'unknownFutureValue'

const meetings: readonly Row[] = [
  entity('onlineMeetingBase', {
    abstract: true,
    properties: {
      allowAttendeeToEnableCamera: 'Boolean',
      allowAttendeeToEnableMic: 'Boolean',
      allowBreakoutRooms: 'Boolean',
      allowCopyingAndSharingMeetingContent: 'Boolean',
      allowedLobbyAdmitters: 'allowedLobbyAdmitterRoles',
      allowedPresenters: 'onlineMeetingPresenters',
      allowLiveShare: 'meetingLiveShareOptions',
      allowMeetingChat: 'meetingChatMode',
      allowParticipantsToChangeName: 'Boolean',
      allowPowerPointSharing: 'Boolean',
      allowRecording: 'Boolean',
      allowTeamworkReactions: 'Boolean',
      allowTranscription: 'Boolean',
      allowWhiteboard: 'Boolean',
      audioConferencing: 'audioConferencing',
      chatInfo: 'chatInfo',
      isEndToEndEncryptionEnabled: 'Boolean',
      isEntryExitAnnounced: 'Boolean',
      joinInformation: 'itemBody',
      joinMeetingIdSettings: 'joinMeetingIdSettings',
      joinWebUrl: 'String',
      lobbyBypassSettings: 'lobbyBypassSettings',
      recordAutomatically: 'Boolean',
      shareMeetingChatHistoryDefault: 'meetingChatHistoryDefaultMode',
      subject: 'String',
      videoTeleconferenceId: 'String',
    },
  }),
  entity('onlineMeeting', {
    base: 'onlineMeetingBase',
    properties: {
      broadcastSettings: 'broadcastMeetingSettings',
      creationDateTime: 'DateTimeOffset',
      endDateTime: 'DateTimeOffset',
      externalId: 'String',
      isBroadcast: 'Boolean',
      meetingTemplateId: 'String',
      participants: 'meetingParticipants',
      startDateTime: 'DateTimeOffset',
    },
    beta: { joinUrl: 'String' },
    navigation: { recordings: '[callRecording]' },
  }),
  entity('callRecording', {
    properties: {
      callId: 'String',
      content: 'Stream',
      contentCorrelationId: 'String',
      createdDateTime: 'DateTimeOffset',
      endDateTime: 'DateTimeOffset',
      meetingId: 'String',
      meetingOrganizer: 'identitySet',
      recordingContentUrl: 'String',
    },
  }),
  entity('adhocCall', { navigation: { recordings: '[callRecording]' } }),
  complex('teamworkUserIdentity', { userIdentityType: 'teamworkUserIdentityType' }, { base: 'identity', open: true }),
  choice('teamworkUserIdentityType', [
    'aadUser',
    'onPremiseAadUser',
    'anonymousGuest',
    'federatedUser',
    'personalMicrosoftAccountUser',
    'skypeUser',
    'phoneUser',
    FUTURE,
    'emailUser',
  ]),
  complex('audioConferencing'),
  complex('broadcastMeetingSettings'),
  complex('itemBody', { content: 'String', contentType: 'bodyType' }),
  complex('joinMeetingIdSettings', { isPasscodeRequired: 'Boolean', joinMeetingId: 'String', passcode: 'String' }),
  complex('lobbyBypassSettings', { isDialInBypassEnabled: 'Boolean', scope: 'lobbyBypassScope' }),
  complex('meetingParticipants', { attendees: '[meetingParticipantInfo]', organizer: 'meetingParticipantInfo' }),
  complex('meetingParticipantInfo', { identity: 'identitySet', role: 'onlineMeetingRole', upn: 'String' }),
  choice('allowedLobbyAdmitterRoles', ['organizerAndCoOrganizersAndPresenters', 'organizerAndCoOrganizers', FUTURE]),
  choice('bodyType', ['text', 'html']),
  choice('lobbyBypassScope', [
    'organizer',
    'organization',
    'organizationAndFederated',
    'everyone',
    FUTURE,
    'invited',
    'organizationExcludingGuests',
  ]),
  choice('meetingChatHistoryDefaultMode', ['none', 'all', FUTURE]),
  choice('meetingChatMode', ['enabled', 'disabled', 'limited', FUTURE]),
  choice('meetingLiveShareOptions', ['enabled', 'disabled', FUTURE]),
  choice('onlineMeetingPresenters', ['everyone', 'organization', 'roleIsPresenter', 'organizer', FUTURE]),
  choice('onlineMeetingRole', ['attendee', 'presenter', FUTURE, 'producer', 'coorganizer']),
]

const subscriptions: readonly Row[] = [
  entity('subscription', {
    properties: {
      applicationId: 'String',
      changeType: 'String!',
      clientState: 'String',
      creatorId: 'String',
      encryptionCertificate: 'String',
      encryptionCertificateId: 'String',
      expirationDateTime: 'DateTimeOffset!',
      includeResourceData: 'Boolean',
      latestSupportedTlsVersion: 'String',
      lifecycleNotificationUrl: 'String',
      notificationQueryOptions: 'String',
      notificationUrl: 'String!',
      notificationUrlAppId: 'String',
      resource: 'String!',
    },
  }),
]

const credential = {
  customKeyIdentifier: 'Binary',
  displayName: 'String',
  endDateTime: 'DateTimeOffset',
  keyId: 'Guid',
  startDateTime: 'DateTimeOffset',
} as const

const directory: readonly Row[] = [
  entity('directoryObject', { properties: { deletedDateTime: 'DateTimeOffset' } }),
  entity('user', {
    base: 'directoryObject',
    open: true,
    properties: {
      accountEnabled: 'Boolean',
      businessPhones: '[String]!',
      displayName: 'String',
      passwordProfile: 'passwordProfile',
      userPrincipalName: 'String',
      ...Object.fromEntries(profileKeys.map((key) => [key, 'String'])),
    },
    navigation: { adhocCalls: '[adhocCall]', onlineMeetings: '[onlineMeeting]' },
  }),
  entity('application', {
    base: 'directoryObject',
    open: true,
    properties: {
      appId: 'String',
      displayName: 'String',
      keyCredentials: '[keyCredential]!',
      passwordCredentials: '[passwordCredential]!',
      signInAudience: 'String',
    },
  }),
  entity('servicePrincipal', {
    base: 'directoryObject',
    open: true,
    properties: {
      accountEnabled: 'Boolean',
      appDisplayName: 'String',
      appId: 'String',
      appRoles: '[appRole]!',
      displayName: 'String',
      servicePrincipalType: 'String',
    },
    navigation: { appRoleAssignments: '[appRoleAssignment]' },
  }),
  entity('appRoleAssignment', {
    base: 'directoryObject',
    open: true,
    properties: {
      appRoleId: 'Guid!',
      createdDateTime: 'DateTimeOffset',
      principalDisplayName: 'String',
      principalId: 'Guid',
      principalType: 'String',
      resourceDisplayName: 'String',
      resourceId: 'Guid',
    },
  }),
  complex('appRole', {
    allowedMemberTypes: '[String]!',
    displayName: 'String',
    id: 'Guid!',
    isEnabled: 'Boolean!',
    origin: 'String',
    value: 'String',
  }),
  complex('keyCredential', { ...credential, key: 'Binary', type: 'String', usage: 'String' }),
  complex('passwordCredential', { ...credential, hint: 'String', secretText: 'String' }),
  complex('passwordProfile', { forceChangePasswordNextSignIn: 'Boolean', password: 'String' }),
]

/** Every type of the resources beside calls. */
export const resourceTypes: readonly Row[] = [...meetings, ...subscriptions, ...directory]
