/** The bodies that applications send, decoded once into closed types. */
import type { CallOptions, MediaConfig, Modality } from '../../calls/call.ts'
import type { ChatInfo } from '../../calls/conversation.ts'
import { localeOf } from '../../calls/identity.ts'
import type { Identity, Locale } from '../../calls/identity.ts'
import type { MediaInfo } from '../../calls/media.ts'
import type { MeetingInfo } from '../../calls/meeting.ts'
import type { InviteMode } from '../../calls/operation.ts'
import { readGuid } from '../../runtime.ts'
import type { FallbackRequest, InviteLimits } from './extensions.ts'
import { readExtension, readMode, refuseOwn } from './extensions.ts'
import { readIdentitySet } from './identity.ts'
import { readBlob } from './own-media.ts'
import { BadRequest, NotImplemented, Reader, readChoice } from './reader.ts'

/** `clientContext` may have this many characters (contract: invite, rule 4). */
const LONGEST_CONTEXT = 256
/** Seconds for which the targets of a new call may ring at most (contract: create). */
const LONGEST_RINGING = 115
const MODALITIES: readonly Modality[] = ['audio', 'video', 'videoBasedScreenSharing', 'data', 'unknown']

/** One participant of an invite. */
export interface InvitedParticipant {
  readonly identity: Identity
  readonly hidden: boolean
  readonly outsideDefaultMix?: true
  readonly locale?: Locale
  /** As it came, path or bare id. */
  readonly replacesCallId?: string
  /** The call id in it, in its one spelling; absent when it holds none. */
  readonly replacedCall?: string
  /** The participant of that call that is meant. */
  readonly participantId?: string
  /** Milliseconds. */
  readonly ringTimeout?: number
  readonly fallbacks?: readonly FallbackRequest[]
}

/** The body of `participants/invite`. */
export interface InviteRequest {
  readonly participants: readonly InvitedParticipant[]
  readonly clientContext?: string
  readonly mode?: InviteMode
}

/** The body of `POST /communications/calls`. */
export interface CreateCallRequest {
  readonly callbackUri: string
  readonly source?: SourceRequest
  readonly targets: readonly InvitedParticipant[]
  readonly requestedModalities: readonly Modality[]
  readonly mediaConfig: MediaConfig
  readonly callOptions?: CallOptions
  readonly subject?: string
  readonly tenantId?: string
  readonly callChainId?: string
  readonly ringingTimeoutInSeconds?: number
  readonly chatInfo?: ChatInfo
  readonly meetingInfo?: MeetingInfo
}

/** `source` of a new call. */
export interface SourceRequest {
  readonly identity: Identity
  readonly region?: string
  readonly languageId?: string
  readonly countryCode?: string
}

/** The body of `answer`. */
export interface AnswerRequest {
  readonly callbackUri?: string
  readonly mediaConfig: MediaConfig
  readonly acceptedModalities?: readonly Modality[]
  readonly callOptions?: CallOptions
  readonly participantCapacity?: number
}

/** The body of `reject`. */
export interface RejectRequest {
  readonly reason: 'none' | 'busy' | 'forbidden'
  readonly callbackUri?: string
}

/** Reads the body of an invite. @throws BadRequest */
export function readInvite(body: unknown, limits: InviteLimits): InviteRequest {
  const reader = new Reader(body, '')
  const read = (value: unknown, path: string): InvitedParticipant => readInvitedParticipant(value, path, limits)
  const participants = reader.elements('participants')
  if (participants === undefined) throw new BadRequest('participants is required: who is to be invited.')
  const clientContext = readClientContext(reader)
  const context = defined({ clientContext, mode: readMode(reader) })
  const [first] = participants.slice(0, 1).map(({ value, path }) => read(value, path))
  // With replacesCallId on the first one the others are not even looked at (contract: invite, rule 3).
  if (first?.replacesCallId !== undefined) return { participants: [first], ...context }
  const invited = participants.map(({ value, path }) => read(value, path))
  const late = invited.findIndex((one, index) => index > 0 && one.replacesCallId !== undefined)
  if (late > 0) {
    throw new BadRequest(
      `participants[${late}].replacesCallId: an invite that replaces a call takes one participant; put it first.`,
    )
  }
  return { participants: invited, ...context }
}

/** Reads `clientContext` of any action. @throws BadRequest */
export function readClientContext(reader: Reader): string | undefined {
  const context = reader.text('clientContext')
  if (context !== undefined && context.length > LONGEST_CONTEXT) {
    throw new BadRequest(`clientContext has ${context.length} characters; at most ${LONGEST_CONTEXT} are allowed.`)
  }
  return context
}

/**
 * Reads Graph's `invitationParticipantInfo`. @throws BadRequest
 *
 * @param limits of our own members; without them there may be none, as in a target of a new call
 */
export function readInvitedParticipant(value: unknown, path: string, limits?: InviteLimits): InvitedParticipant {
  const reader = new Reader(value, path)
  const extension = limits ? readExtension(reader, limits) : refuseOwn(reader)
  const identity = readIdentitySet(reader.object('identity'), reader.at('identity'))
  const replacesCallId = reader.text('replacesCallId', 1024)
  const replacedCall = replacesCallId === undefined ? undefined : readGuid(replacesCallId.split('/').at(-1) ?? '')
  return {
    identity,
    hidden: reader.flag('hidden') ?? false,
    ...(reader.flag('removeFromDefaultAudioRoutingGroup') && { outsideDefaultMix: true }),
    ...defined({ locale: readLocale(reader) }),
    ...(replacesCallId !== undefined && replacesCallId !== '' && { replacesCallId }),
    ...(replacedCall !== undefined && { replacedCall }),
    ...defined({ participantId: readParticipantId(reader) }),
    ...extension,
  }
}

function readParticipantId(reader: Reader): string | undefined {
  const id = reader.text('participantId', 64)
  return id === undefined || id === '' ? undefined : (readGuid(id) ?? id)
}

function readLocale(reader: Reader): Locale | undefined {
  return localeOf(defined({ region: reader.text('region', 64), languageId: reader.text('languageId', 64) }))
}

/** Reads the body that creates or joins a call. @throws BadRequest, NotImplemented */
export function readCreateCall(body: unknown): CreateCallRequest {
  const reader = new Reader(body, '')
  refuseOwn(reader)
  const callbackUri = reader.text(['callbackUri', 'callback'], 2048)
  if (callbackUri === undefined) throw new BadRequest('callbackUri is required: where notifications are to be sent.')
  const meetingInfo = readMeetingInfo(reader.object('meetingInfo'))
  const chatInfo = readChatInfo(reader.object('chatInfo'))
  const targets = (reader.elements('targets') ?? []).map(({ value, path }) => readInvitedParticipant(value, path))
  if (meetingInfo && targets.length > 0) {
    throw new BadRequest('targets and meetingInfo exclude each other: call people, or join a meeting.')
  }
  if (!meetingInfo && targets.length === 0) {
    throw new BadRequest('targets or meetingInfo is required: whom to call, or which meeting to join.')
  }
  if (meetingInfo && 'organizer' in meetingInfo && !chatInfo) {
    throw new BadRequest('chatInfo is required to join a meeting by its organizer.')
  }
  const replacing = targets.findIndex((one) => one.replacesCallId !== undefined)
  if (replacing >= 0) {
    throw new NotImplemented(`targets[${replacing}].replacesCallId: a new call cannot replace another; invite instead.`)
  }
  const requestedModalities = readModalities(reader, ['requestedModalities'])
  return {
    callbackUri,
    targets,
    requestedModalities: requestedModalities ?? [],
    mediaConfig: readMediaConfig(reader, requestedModalities?.length === 0),
    ...defined({
      source: readSource(reader.object('source')),
      callOptions: readCallOptions(reader),
      subject: reader.text('subject', 1024),
      tenantId: readTenantId(reader),
      callChainId: readCallChainId(reader),
      ringingTimeoutInSeconds:
        reader.integer('ringingTimeoutInSeconds', 1, LONGEST_RINGING) ??
        reader.integer('ringningTimeoutInSeconds', 1, LONGEST_RINGING),
      chatInfo,
      meetingInfo,
    }),
  }
}

/** Reads the body of `answer`. @throws BadRequest */
export function readAnswer(body: unknown): AnswerRequest {
  const reader = new Reader(body, '')
  const acceptedModalities = readModalities(reader, ['acceptedModalities', 'acceptModalities'])
  return {
    mediaConfig: readMediaConfig(reader, acceptedModalities?.length === 0),
    ...defined({
      callbackUri: reader.text(['callbackUri', 'callback'], 2048),
      acceptedModalities,
      callOptions: readCallOptions(reader),
      participantCapacity: reader.integer('participantCapacity', 0, 2 ** 31 - 1),
    }),
  }
}

/** Reads the body of `reject`, which may be absent. @throws BadRequest */
export function readReject(body: unknown): RejectRequest {
  const reader = new Reader(body ?? {}, '')
  return {
    reason: reader.choice('reason', ['none', 'busy', 'forbidden']) ?? 'none',
    ...defined({ callbackUri: reader.text(['callbackUri', 'callback'], 2048) }),
  }
}

function readSource(reader: Reader | undefined): SourceRequest | undefined {
  if (!reader) return undefined
  return {
    identity: readIdentitySet(reader.object('identity'), reader.at('identity')),
    ...defined({
      region: reader.text('region', 64),
      languageId: reader.text('languageId', 64),
      countryCode: reader.text('countryCode', 64),
    }),
  }
}

/** `@odata.type` decides; without it the members do. Absent altogether it means that the application joins without media. */
function readMediaConfig(reader: Reader, noModalities: boolean): MediaConfig {
  const config = reader.object('mediaConfig')
  if (!config) {
    if (noModalities) return { type: 'none' }
    throw new BadRequest(
      'mediaConfig is required: serviceHostedMediaConfig or appHostedMediaConfig. ' +
        'To be in the call without media, leave it out and send an empty list of modalities.',
    )
  }
  const mix = config.flag('removeFromDefaultAudioGroup') && ({ outsideDefaultMix: true } as const)
  const type =
    config.odataType() ?? (config.value('blob') === undefined ? 'servicehostedmediaconfig' : 'apphostedmediaconfig')
  if (type === 'apphostedmediaconfig') {
    return { type: 'appHosted', ...mix, ...readBlob(config.text('blob', 262_144), config.at('blob')) }
  }
  if (type !== 'servicehostedmediaconfig') {
    throw new BadRequest('mediaConfig.@odata.type must be serviceHostedMediaConfig or appHostedMediaConfig.')
  }
  const media = config.elements('preFetchMedia', 100)?.map(({ value, path }) => readMediaInfo(new Reader(value, path)))
  return { type: 'serviceHosted', ...mix, ...defined({ preFetchMedia: media }) }
}

/** Reads `mediaInfo`, or one of `preFetchMedia`. @throws BadRequest */
export function readMediaInfo(reader: Reader): MediaInfo {
  const uri = reader.text(['uri', 'url'], 2048)
  if (uri === undefined) throw new BadRequest(`${reader.at('uri')} is required.`)
  return { uri, ...defined({ resourceId: reader.text('resourceId', 256) }) }
}

function readCallOptions(reader: Reader): CallOptions | undefined {
  const options = reader.object('callOptions')
  if (!options) return undefined
  return defined({
    isDeltaRosterEnabled: options.flag('isDeltaRosterEnabled') ?? options.flag('isDeltaRosterPublishEnabled'),
    isContentSharingNotificationEnabled: options.flag('isContentSharingNotificationEnabled'),
    isInteractiveRosterEnabled: options.flag('isInteractiveRosterEnabled'),
    hideBotAfterEscalation: options.flag('hideBotAfterEscalation'),
  })
}

function readChatInfo(reader: Reader | undefined): ChatInfo | undefined {
  if (!reader) return undefined
  const threadId = reader.text('threadId', 512)
  if (threadId === undefined || threadId === '') throw new BadRequest('chatInfo.threadId is required.')
  return {
    threadId,
    messageId: reader.text('messageId', 256) ?? '0',
    ...defined({ replyChainMessageId: reader.text('replyChainMessageId', 256) }),
  }
}

/** `@odata.type` decides; without it the members do. */
function readMeetingInfo(reader: Reader | undefined): MeetingInfo | undefined {
  if (!reader) return undefined
  const common = defined({ allowConversationWithoutHost: reader.flag('allowConversationWithoutHost') })
  switch (reader.odataType() ?? meetingInfoType(reader)) {
    case 'organizermeetinginfo': {
      const organizer = readIdentitySet(reader.object('organizer'), 'meetingInfo.organizer')
      if (organizer.kind !== 'user') throw new BadRequest('meetingInfo.organizer must name a user.')
      return { organizer, ...common }
    }
    case 'tokenmeetinginfo': {
      const token = reader.text('token', 8192)
      if (token === undefined) throw new BadRequest('meetingInfo.token is required: the one of the incoming call.')
      return { token, ...common }
    }
    case 'joinmeetingidmeetinginfo': {
      const joinMeetingId = reader.text('joinMeetingId', 64)
      if (joinMeetingId === undefined) throw new BadRequest('meetingInfo.joinMeetingId is required.')
      return { joinMeetingId, ...common, ...defined({ passcode: reader.text('passcode', 64) }) }
    }
    default:
      throw new BadRequest(
        'meetingInfo.@odata.type must be organizerMeetingInfo, tokenMeetingInfo or joinMeetingIdMeetingInfo.',
      )
  }
}

function meetingInfoType(reader: Reader): string {
  if (reader.value('token') !== undefined) return 'tokenmeetinginfo'
  return reader.value('joinMeetingId') === undefined ? 'organizermeetinginfo' : 'joinmeetingidmeetinginfo'
}

function readModalities(reader: Reader, names: readonly string[]): readonly Modality[] | undefined {
  return reader.elements(names, 10)?.map(({ value, path }) => readChoice(value, path, MODALITIES))
}

function readTenantId(reader: Reader): string | undefined {
  const tenantId = reader.text('tenantId', 64)
  if (tenantId === undefined) return undefined
  const guid = readGuid(tenantId)
  if (guid === undefined) throw new BadRequest('tenantId must be a GUID.')
  return guid
}

/** A chain id of the application's own is kept if it is a GUID; anything else is replaced without complaint, as Graph does. */
function readCallChainId(reader: Reader): string | undefined {
  const chain = reader.text('callChainId', 256)
  return chain === undefined ? undefined : readGuid(chain)
}

type Defined<Members> = { [Name in keyof Members]?: Exclude<Members[Name], undefined> }

/** The members that are not undefined. */
export function defined<Members extends object>(members: Members): Defined<Members> {
  const found: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(members)) if (value !== undefined) found[name] = value
  return found as Defined<Members>
}
