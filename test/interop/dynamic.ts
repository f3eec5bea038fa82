/**
 * What Microsoft's models of v1.0 do not declare and the contract documents all the same: `Type.member`, or one value of
 * a member as `Type.member=value`, and why it is sent. Nothing else may be left over when a body is read.
 */

/** In every version, since the types are open and the documented traffic has these members. */
const OPEN_TYPES: Readonly<Record<string, string>> = {
  'IdentitySet.phone': 'a dynamic member of the open type identitySet: phone numbers are named by it',
  'IdentitySet.guest': 'a dynamic member of the open type identitySet: guests join meetings under it',
  'IdentitySet.encrypted': 'a dynamic member of the open type identitySet: callers whose identity is withheld',
  'IdentitySet.applicationInstance': "a dynamic member of the open type identitySet: an application's own line",
  'IdentitySet.onPremises': 'a dynamic member of the open type identitySet: null in the answer to an invite',
  'Identity.tenantId': 'a dynamic member of the open type identity: the tenant of a user or an application',
  'Identity.identityProvider': 'a dynamic member of the open type identity: AAD; echoed as the application gave it',
  'InvitationParticipantInfo.endpointType': 'in every documented answer, though only beta declares it',
  'PlayPromptOperation.status': 'running and completed: lower case everywhere but in answers to invites',
  'RecordOperation.status': 'like that of prompts',
  'SendDtmfTonesOperation.status': 'like that of prompts',
  'CancelMediaProcessingOperation.status': 'like that of prompts',
  'SubscribeToToneOperation.status': 'like that of prompts',
  'Call.applicationMetadata': 'in every documented call of a recorder: why it was called, and for whom',
  'UpdateRecordingStatusOperation.status': 'like that of prompts',
  'StartHoldMusicOperation.status': 'like that of prompts',
  'StopHoldMusicOperation.status': 'like that of prompts',
  'InvitationParticipantInfo.id': 'the id by which a pending invitee can be cancelled, as both current pages document',
}

/** In beta: members and values of `call` and others that only the beta metadata declares. */
const BETA: Readonly<Record<string, string>> = {
  'Call.activeModalities': 'declared by beta alone',
  'Call.answeredBy': 'declared by beta alone',
  'Call.state="ringing"': 'a value of callState that beta alone declares, between establishing and established',
  'Call.meetingCapability': 'declared by beta alone',
  'Call.ringingTimeoutInSeconds': 'declared by beta alone',
  'Call.routingPolicies': 'declared by beta alone',
  'Call.terminationReason': 'declared by beta alone',
  'InvitationParticipantInfo.region': 'in the documented beta answers, from the time when the type was participantInfo',
  'InvitationParticipantInfo.languageId': 'like region',
  'PlayPromptOperation.completionReason': 'declared by beta alone',
  'RecordOperation.completionReason': 'declared by beta alone',
  'Participant.preferredDisplayName': 'declared by beta alone',
  'RecordingInfo.initiatedBy': 'declared by beta alone',
  'OrganizerMeetingInfo.allowConversationWithoutHost': 'a member of meetingInfo that beta alone declares',
}

/** In notifications: the models know the metadata's spelling of the status, traffic has lower case there. */
const NOTIFICATIONS: Readonly<Record<string, string>> = {
  'InviteParticipantsOperation.status': 'running, completed, failed: lower case everywhere but in answers',
  'Call.answeredBy': 'in the documented end of a call that was redirected, though only beta declares it',
}

/** In muting and sharing, which `actions.test.ts` looks at: everywhere, and in beta. */
const ACTIONS: Readonly<Record<string, string>> = {
  'MuteParticipantOperation.status': 'completed in the documented answers, like that of prompts',
  'UnmuteParticipantOperation.status': 'like that of muting',
}
const ACTIONS_BETA: Readonly<Record<string, string>> = {
  'ContentSharingSession.presenterParticipantId': 'declared by beta alone',
  'ContentSharingSession.pngOfCurrentSlide': 'declared by beta alone',
}

/** In errors: what the documented answer to too many requests has. */
export const inErrors: Readonly<Record<string, string>> = {
  'InnerError.code': 'in the documented answer 429, beside date and ids',
  'InnerError.message': 'like code',
  'InnerError.status': 'like code',
}

/** The members that may be left over, by where the body came from. */
export function dynamicMembers(version: 'v1.0' | 'beta', notification: boolean): Readonly<Record<string, string>> {
  const beta = version === 'beta' && { ...BETA, ...ACTIONS_BETA }
  return { ...OPEN_TYPES, ...ACTIONS, ...beta, ...(notification && NOTIFICATIONS) }
}

/** Those that muting and sharing have. */
export const everyActionMember: readonly string[] = Object.keys({ ...ACTIONS, ...ACTIONS_BETA })

/** All others, so that one which nothing sends any more is noticed. */
export const everyDynamicMember: readonly string[] = Object.keys({
  ...OPEN_TYPES,
  ...BETA,
  ...NOTIFICATIONS,
  ...inErrors,
})
