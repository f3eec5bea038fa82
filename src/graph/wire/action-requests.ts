/** The bodies of the actions in a call, decoded. */
import type { MixerLevel } from '../../calls/call.ts'
import { readGuid } from '../../runtime.ts'
import type { AudioRoutingGroup } from '../../calls/conversation.ts'
import type { RecordingStatus } from '../../calls/recorder.ts'
import { BadRequest, Reader, readChoice } from './reader.ts'
import { readClientContext } from './requests.ts'

/** The body of an action that takes nothing but `clientContext`; it may be absent. */
export interface PlainActionRequest {
  readonly clientContext?: string
}

/** Reads such a body. @throws BadRequest */
export function readPlainAction(body: unknown): PlainActionRequest {
  return contextIn(readOptional(body))
}

function readOptional(body: unknown): Reader {
  return new Reader(body ?? {}, '')
}

function contextIn(reader: Reader): PlainActionRequest {
  const clientContext = readClientContext(reader)
  return clientContext === undefined ? {} : { clientContext }
}

/** The most ids that one list may hold. */
const MOST_IDS = 1000

function readIds(reader: Reader, name: string): readonly string[] | undefined {
  return reader.elements(name, MOST_IDS)?.map(({ value, path }) => {
    if (typeof value !== 'string' || value === '') throw new BadRequest(`${path} must be the id of a participant.`)
    return readGuid(value) ?? value
  })
}

/** Reads the body of `muteAll`: whom, and the client's context. @throws BadRequest */
export function readMuteAll(body: unknown): PlainActionRequest & { readonly participantIds?: readonly string[] } {
  const reader = readOptional(body)
  const participantIds = readIds(reader, 'participants')
  return { ...contextIn(reader), ...(participantIds && { participantIds }) }
}

/** Reads the body of `changeScreenSharingRole`. @throws BadRequest */
export function readScreenSharingRole(body: unknown): 'viewer' | 'sharer' {
  const role = new Reader(body, '').choice('role', ['viewer', 'sharer'])
  if (role === undefined) throw new BadRequest('role is required: viewer or sharer.')
  return role
}

/** Reads the body of `updateRecordingStatus`. @throws BadRequest */
export function readRecordingStatus(body: unknown): PlainActionRequest & { readonly status: RecordingStatus } {
  const reader = new Reader(body, '')
  const status = reader.choice('status', ['notRecording', 'recording', 'failed'])
  if (status === undefined) throw new BadRequest('status is required: notRecording, recording or failed.')
  return { ...contextIn(reader), status }
}

/** The language that the page of `startTranscription` names. */
const LANGUAGE = 'en-us'

/** Reads the body of `startTranscription` and `stopTranscription`: `language` may be absent. @throws BadRequest */
export function readTranscription(body: unknown): PlainActionRequest {
  const reader = readOptional(body)
  const language = reader.text('language', 64)
  if (language !== undefined && language.toLowerCase() !== LANGUAGE)
    throw new BadRequest(`language must be ${LANGUAGE}, if it is given.`)
  return contextIn(reader)
}

type RoutingMembers = Omit<AudioRoutingGroup, 'id' | 'callId'>

/** Reads an audio routing group that is to be made; `id` may be absent. @throws BadRequest */
export function readRoutingGroup(body: unknown): { readonly id?: string; readonly group: RoutingMembers } {
  const reader = new Reader(body, '')
  const id = reader.text('id', 64)
  const { routingMode, sources = [], receivers = [] } = readRoutingChange(body)
  if (routingMode === undefined) throw new BadRequest('routingMode is required: oneToOne or multicast.')
  return {
    ...(id !== undefined && id !== '' && { id: readGuid(id) ?? id }),
    group: { routingMode, sources, receivers },
  }
}

/** Reads what is to change of an audio routing group. @throws BadRequest */
export function readRoutingChange(body: unknown): Partial<RoutingMembers> {
  const reader = new Reader(body, '')
  const routingMode = reader.choice('routingMode', ['oneToOne', 'multicast'])
  const sources = readIds(reader, 'sources')
  const receivers = readIds(reader, 'receivers')
  return { ...(routingMode && { routingMode }), ...(sources && { sources }), ...(receivers && { receivers }) }
}

/** Reads the body of `configureMixer`. @throws BadRequest */
export function readMixer(body: unknown): PlainActionRequest & { readonly levels: readonly MixerLevel[] } {
  const reader = new Reader(body, '')
  const levels = reader.elements('participantMixerLevels', MOST_IDS)
  if (!levels || levels.length === 0)
    throw new BadRequest('participantMixerLevels is required, with one level at least.')
  return { ...contextIn(reader), levels: levels.map(({ value, path }) => readLevel(new Reader(value, path))) }
}

function readLevel(reader: Reader): MixerLevel {
  const ducking = reader.object('ducking')
  return {
    participantId: readParticipant(reader),
    exclusive: reader.flag('exclusiveMode') ?? reader.flag('exclusive') ?? false,
    ...(ducking && {
      ducking: {
        rampActive: readNumber(ducking, 'rampActive'),
        rampInactive: readNumber(ducking, 'rampInactive'),
        lowerLevel: readNumber(ducking, 'lowerLevel'),
        upperLevel: readNumber(ducking, 'upperLevel', FULL_LEVEL),
      },
    }),
    sources: (reader.elements('sourceLevels', MOST_IDS) ?? []).map(({ value, path }) => {
      const source = new Reader(value, path)
      return {
        participantId: readParticipant(source),
        level: readNumber(source, 'level', FULL_LEVEL),
        duckOthers: source.flag('duckOthers') ?? false,
      }
    }),
  }
}

function readParticipant(reader: Reader): string {
  const id = reader.text('participant', 64)
  if (id === undefined || id === '')
    throw new BadRequest(`${reader.at('participant')} is required: a participant's id.`)
  return readGuid(id) ?? id
}

/** As spoken: a level is a percentage. */
const FULL_LEVEL = 100

function readNumber(reader: Reader, name: string, without = 0): number {
  return reader.integer(name, 0, 2 ** 31 - 1) ?? without
}

/** One device's report on the quality of its media: Graph's `teleconferenceDeviceQuality`, as it came. */
export interface DeviceQuality {
  readonly callChainId: string
  readonly participantId: string
  readonly report: Readonly<Record<string, unknown>>
}

const MEDIA_TYPES = [
  'teleconferenceDeviceAudioQuality',
  'teleconferenceDeviceVideoQuality',
  'teleconferenceDeviceScreenSharingQuality',
] as const

/** Reads the body of `logTeleconferenceDeviceQuality`. @throws BadRequest */
export function readDeviceQuality(body: unknown): DeviceQuality {
  const quality = new Reader(body, '').object('quality')
  if (!quality) throw new BadRequest('quality is required: a teleconferenceDeviceQuality.')
  const guid = (name: string): string => {
    const id = readGuid(quality.text(name, 64) ?? '')
    if (id === undefined) throw new BadRequest(`${quality.at(name)} is required, and must be a GUID.`)
    return id
  }
  const media = quality.elements('mediaQualityList', 100) ?? []
  for (const { value, path } of media) {
    const type = new Reader(value, path).odataType()
    readChoice(type, `${path}.@odata.type`, MEDIA_TYPES)
  }
  const report = (body as { readonly quality: Readonly<Record<string, unknown>> }).quality
  return { callChainId: guid('callChainId'), participantId: guid('participantId'), report }
}
