/** Graph's `participant`, written: as a resource, on a roster, and in a delta. */
import type { RemovedParticipant } from '../../calls/notification.ts'
import type { Participant } from '../../calls/participant.ts'
import type { Json } from './identity.ts'
import { withoutTenant, writeIdentitySet } from './identity.ts'
import type { Shape } from './shape.ts'
import { streamsOf } from './streams.ts'

/** A participant as `GET` answers with it: what is absent is an explicit null. */
export function writeParticipant(participant: Participant, shape: Shape): Json {
  return {
    '@odata.type': '#microsoft.graph.participant',
    info: {
      ...writeInfo(participant, shape),
      countryCode: null,
      region: participant.locale?.region ?? null,
      languageId: participant.locale?.languageId ?? null,
      [shape.since2021 ? 'participantId' : 'id']: participant.id,
    },
    mediaStreams: writeStreams(participant, true),
    isMuted: participant.isMuted,
    isInLobby: participant.state.name === 'lobby',
    metadata: participant.metadata ?? null,
    recordingInfo: writeRecording(participant, shape) ?? null,
    ...(shape.betaMembers && shape.since2021 && { preferredDisplayName: null }),
    id: participant.id,
  }
}

/** A participant as a roster notification carries it. */
export function writeRosterRow(participant: Participant, shape: Shape): Json {
  return {
    '@odata.type': '#microsoft.graph.participant',
    info: writeInfo(participant, shape),
    mediaStreams: writeStreams(participant, false),
    isMuted: participant.isMuted,
    isInLobby: participant.state.name === 'lobby',
    ...(participant.metadata !== undefined && { metadata: participant.metadata }),
    ...(participant.recording && { recordingInfo: writeRecording(participant, shape) }),
    id: participant.id,
  }
}

/** Somebody who left, as a delta carries them. */
export function writeRemoved({ participant, reason }: RemovedParticipant, shape: Shape): Json {
  return {
    ...writeRosterRow(participant, shape),
    mediaStreams: [],
    removedState: { '@odata.type': '#microsoft.graph.removedState', reason },
  }
}

function writeInfo({ identity, endpointType }: Participant, shape: Shape): Json {
  const shown = shape.tenantIds ? identity : withoutTenant(identity)
  return { '@odata.type': '#microsoft.graph.participantInfo', identity: writeIdentitySet(shown), endpointType }
}

function writeRecording({ recording }: Participant, shape: Shape): Json | undefined {
  if (!recording) return undefined
  const { status: recordingStatus, by } = recording
  const identity = writeIdentitySet(shape.tenantIds ? by : withoutTenant(by))
  const initiatedBy = { '@odata.type': '#microsoft.graph.participantInfo', identity, endpointType: 'default' }
  return {
    '@odata.type': '#microsoft.graph.recordingInfo',
    recordingStatus,
    initiator: identity,
    ...(shape.betaMembers && { initiatedBy }),
  }
}

function writeStreams(participant: Participant, labelled: boolean): Json[] {
  return streamsOf(participant).map(({ mediaType, label, ...stream }) => ({
    '@odata.type': '#microsoft.graph.mediaStream',
    mediaType,
    ...(labelled && { label }),
    ...stream,
  }))
}
