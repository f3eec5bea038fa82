/** Actions and functions: what is done beside reading, writing and deleting. */
import type { Row } from './model.ts'
import { action } from './model.ts'

const context = { clientContext: 'String' } as const

const recording = {
  prompts: '[prompt]',
  bargeInAllowed: 'Boolean',
  initialSilenceTimeoutInSeconds: 'Int32',
  maxSilenceTimeoutInSeconds: 'Int32',
  maxRecordDurationInSeconds: 'Int32',
  playBeep: 'Boolean',
  stopTones: '[String]',
  ...context,
} as const

const range = { fromDateTime: 'DateTimeOffset!', toDateTime: 'DateTimeOffset!' } as const

/** Every action and function. */
export const operations: readonly Row[] = [
  action('answer', 'call', {
    callbackUri: 'String!',
    mediaConfig: 'mediaConfig!',
    acceptedModalities: '[modality]',
    participantCapacity: 'Int32',
    callOptions: 'incomingCallOptions',
  }),
  action('reject', 'call', { reason: 'rejectReason', callbackUri: 'String' }),
  action(
    'redirect',
    'call',
    { targets: '[invitationParticipantInfo]!', timeout: 'Int32', callbackUri: 'String' },
    { beta: { targetDisposition: 'callDisposition', maskCallee: 'Boolean', maskCaller: 'Boolean' } },
  ),
  action('transfer', 'call', { transferTarget: 'invitationParticipantInfo!', transferee: 'participantInfo' }),
  action('keepAlive', 'call'),
  action('mute', 'call', context, { returns: 'muteParticipantOperation' }),
  action('unmute', 'call', context, { returns: 'unmuteParticipantOperation' }),
  action('changeScreenSharingRole', 'call', { role: 'screenSharingRole!' }),
  action('addLargeGalleryView', 'call', context, { returns: 'addLargeGalleryViewOperation' }),
  action('logTeleconferenceDeviceQuality', '[call]', { quality: 'teleconferenceDeviceQuality!' }),
  action(
    'playPrompt',
    'call',
    { prompts: '[prompt]!', ...context },
    {
      beta: { loop: 'Boolean' },
      returns: 'playPromptOperation',
    },
  ),
  action('recordResponse', 'call', recording, {
    beta: { streamWhileRecording: 'Boolean' },
    returns: 'recordOperation',
  }),
  action('cancelMediaProcessing', 'call', context, { returns: 'cancelMediaProcessingOperation' }),
  action('subscribeToTone', 'call', context, { returns: 'subscribeToToneOperation' }),
  action(
    'updateRecordingStatus',
    'call',
    { status: 'recordingStatus!', ...context },
    { returns: 'updateRecordingStatusOperation' },
  ),
  ...['startTranscription', 'stopTranscription'].map((name) =>
    action(name, 'call', { language: 'String', ...context }, { returns: `${name}Operation`, only: 'beta' }),
  ),
  action(
    'sendDtmfTones',
    'call',
    { tones: '[tone]!', delayBetweenTonesMs: 'Int32', ...context },
    { returns: 'sendDtmfTonesOperation' },
  ),
  action(
    'invite',
    '[participant]',
    { participants: '[invitationParticipantInfo]!', ...context },
    {
      returns: 'inviteParticipantsOperation',
    },
  ),
  action(
    'muteAll',
    '[participant]',
    { participants: '[String]', ...context },
    {
      returns: 'muteParticipantsOperation',
      only: 'beta',
    },
  ),
  action(
    'configureMixer',
    '[participant]',
    { participantMixerLevels: '[participantMixerLevel]!', ...context },
    {
      returns: 'commsOperation',
      only: 'beta',
    },
  ),
  action('mute', 'participant', context, { returns: 'muteParticipantOperation' }),
  action(
    'startHoldMusic',
    'participant',
    { customPrompt: 'prompt', ...context },
    { returns: 'startHoldMusicOperation' },
  ),
  action('stopHoldMusic', 'participant', context, { returns: 'stopHoldMusicOperation' }),
  action(
    'createOrGet',
    '[onlineMeeting]',
    {
      endDateTime: 'DateTimeOffset',
      externalId: 'String!',
      participants: 'meetingParticipants',
      startDateTime: 'DateTimeOffset',
      subject: 'String',
    },
    { returns: 'onlineMeeting' },
  ),
  action('reauthorize', 'subscription'),
  action('addPassword', 'application', { passwordCredential: 'passwordCredential' }, { returns: 'passwordCredential' }),
  action('removePassword', 'application', { keyId: 'Guid!' }),
  ...['getPstnCalls', 'getDirectRoutingCalls'].map((name): Row => ({
    kind: 'function',
    name: `callRecords.${name}`,
    boundTo: '[callRecords.callRecord]',
    parameters: range,
    returns: `[callRecords.${name === 'getPstnCalls' ? 'pstnCallLogRow' : 'directRoutingLogRow'}]`,
  })),
]
