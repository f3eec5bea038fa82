/** What bots read in notifications, and what they say in requests, of Graph's calling types. */

interface Identity {
  readonly id?: string | null
  readonly displayName?: string | null
}

/** One notification. `resourceData` is told apart by its `@odata.type`; a roster is a list. */
export interface Notification {
  readonly changeType: 'created' | 'updated' | 'deleted'
  readonly resourceUrl: string
  readonly resourceData:
    Call | Operation | DeltaParticipants | ParticipantJoining | ParticipantLeft | readonly Participant[]
}

export interface ResultInfo {
  readonly code: number
  readonly subcode: number
  readonly message?: string | null
}

export interface ParticipantInfo {
  readonly identity: Readonly<Record<string, Identity | null>>
}

/** Graph's `call`, as far as the bots look at it. */
export interface Call {
  readonly '@odata.type': '#microsoft.graph.call'
  readonly id: string
  readonly state?: string
  readonly source?: ParticipantInfo | null
  readonly targets?: readonly ParticipantInfo[] | null
  readonly mediaState?: { readonly audio?: string } | null
  readonly toneInfo?: { readonly sequenceId: number; readonly tone: string } | null
  readonly myParticipantId?: string | null
  readonly resultInfo?: ResultInfo | null
  readonly applicationMetadata?: { readonly botData?: { readonly user?: { readonly policyHolderId: string } } } | null
}

/** Any of Graph's operations. */
export interface Operation {
  readonly '@odata.type': `#microsoft.graph.${string}Operation`
  readonly id: string
  readonly status: string
  readonly clientContext?: string | null
  readonly resultInfo?: ResultInfo | null
  readonly recordingLocation?: string | null
  readonly recordingAccessToken?: string | null
}

export interface Participant {
  readonly '@odata.type'?: '#microsoft.graph.participant'
  readonly id: string
  readonly info: ParticipantInfo
  readonly isInLobby?: boolean
  readonly recordingInfo?: { readonly recordingStatus?: string } | null
  readonly removedState?: { readonly reason?: string } | null
}

/** What changed in a roster, for calls with `isDeltaRosterEnabled`. */
export interface DeltaParticipants {
  readonly '@odata.type': '#microsoft.graph.deltaParticipants'
  readonly sequenceNumber: number
  readonly participants: readonly Participant[]
}

/** The question whether a recording bot takes one more person in a call that it has; `call` tells of that person. */
export interface ParticipantJoining {
  readonly '@odata.type': '#microsoft.graph.participantJoiningNotification'
  readonly call: Call
}

/** Somebody who was recorded has left. */
export interface ParticipantLeft {
  readonly '@odata.type': '#microsoft.graph.participantLeftNotification'
  readonly participantId: string
}

/** What a notification is about, if it is of that type. */
function dataOf<Data extends { readonly '@odata.type': string }>(
  { resourceData }: Notification,
  type: Data['@odata.type'],
): Data | undefined {
  const typed = '@odata.type' in resourceData && resourceData['@odata.type'] === type
  return typed ? (resourceData as unknown as Data) : undefined
}

/** The call of a notification; undefined if it is about something else. */
export function callOf(notification: Notification): Call | undefined {
  return dataOf<Call>(notification, '#microsoft.graph.call')
}

/** The change of a roster of a notification; undefined if it is about something else. */
export function deltaOf(notification: Notification): DeltaParticipants | undefined {
  return dataOf<DeltaParticipants>(notification, '#microsoft.graph.deltaParticipants')
}

/** The question of a notification whether the bot records one more person; undefined if it asks nothing. */
export function joiningOf(notification: Notification): ParticipantJoining | undefined {
  return dataOf<ParticipantJoining>(notification, '#microsoft.graph.participantJoiningNotification')
}

/** Who is recorded no more, says a notification; undefined if it is about something else. */
export function leftOf(notification: Notification): ParticipantLeft | undefined {
  return dataOf<ParticipantLeft>(notification, '#microsoft.graph.participantLeftNotification')
}

/** The operation of a notification, which tells of its end; undefined if it is about something else. */
export function operationOf({ resourceUrl, resourceData }: Notification): Operation | undefined {
  return resourceUrl.includes('/operations/') ? (resourceData as Operation) : undefined
}

/** The roster of a notification; undefined if it is about something else. */
export function rosterOf({ resourceUrl, resourceData }: Notification): readonly Participant[] | undefined {
  return resourceUrl.endsWith('/participants') && Array.isArray(resourceData) ? resourceData : undefined
}

/** The id of the call to which a notification belongs. */
export function callIdOf({ resourceUrl }: Notification): string {
  return /\/calls\/([^/]+)/.exec(resourceUrl)?.[1] ?? ''
}

/** Where a call is, below the version. */
export function pathOf(callId: string): string {
  return `/communications/calls/${callId}`
}

/** Whether sound can be played to the call, and heard from it. Several notifications may say so. */
export function canHear({ state, mediaState }: Call): boolean {
  return state === 'established' && mediaState?.audio === 'active'
}

/** Somebody to be called or invited: a user by their id, or a phone by its number. */
export function target(who: string, more: object = {}): object {
  const identity = { '@odata.type': '#microsoft.graph.identity', id: who }
  return {
    '@odata.type': '#microsoft.graph.invitationParticipantInfo',
    identity: {
      '@odata.type': '#microsoft.graph.identitySet',
      ...(who.startsWith('+') ? { phone: identity } : { user: identity }),
    },
    ...more,
  }
}

/** Media that the service plays and records for the bot. */
export const serviceHosted = { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' }

/** Whether a notification announces a call to the bot, which has some seconds to answer it. */
export function isIncoming(notification: Notification): boolean {
  return notification.changeType === 'created' && callOf(notification)?.state === 'incoming'
}

/** The body of `answer` for a call whose sound the service plays and records. */
export function answerOf(callbackUri: string): object {
  return { callbackUri, acceptedModalities: ['audio'], mediaConfig: serviceHosted }
}

/** The body of `playPrompt` for one file. */
export function promptOf(uri: string, clientContext: string): object {
  const mediaInfo = {
    '@odata.type': '#microsoft.graph.mediaInfo',
    uri,
    resourceId: uri.slice(uri.lastIndexOf('/') + 1),
  }
  return { clientContext, prompts: [{ '@odata.type': '#microsoft.graph.mediaPrompt', mediaInfo }] }
}

/** The name of somebody, or whatever identifies them. */
export function nameOf({ identity }: ParticipantInfo): string {
  const identities = Object.entries(identity).filter(([kind, one]) => !kind.startsWith('@') && one !== null)
  const [first] = identities.map(([, one]) => one?.displayName ?? one?.id)
  return first ?? 'somebody'
}

/** The first characters of an id: enough to tell calls apart. */
export function short(id: string): string {
  return id.slice(0, 8)
}

/** How something ended, in codes and words. */
export function reasonOf(result: ResultInfo | null | undefined): string {
  return result ? `${result.code}/${result.subcode} ${result.message ?? ''}`.trimEnd() : 'no reason given'
}
