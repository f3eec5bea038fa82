/** What the service itself does for a call, as operations that run and then tell: the large gallery, the mixer, transcription. */
import type { Call } from './call.ts'
import type { AddLargeGalleryView, ServiceReady } from './commands.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import type { Operation, PlainOperation } from './operation.ts'
import { endOperation } from './outcome.ts'
import { groupCallOf } from './roster.ts'
import { transcriptionAsked } from './transcribe.ts'
import type { ControlTranscription } from './transcription-commands.ts'

/** The name that the large gallery has on the roster. */
const LARGE_GALLERY = 'LargeGallery-V2'

interface Asked {
  readonly operationId: string
  readonly clientContext?: string
}

/** Begins an operation that the service carries out. */
export function beginService(draft: Draft, call: Call, asked: Asked, type: PlainOperation['type']): void {
  const { operationId: id, clientContext } = asked
  draft.addOperation({
    id,
    callId: call.id,
    type,
    ...(clientContext !== undefined && { clientContext }),
    createdAt: draft.now,
    state: { name: 'running' },
  })
  askService(draft, id)
}

function askService(draft: Draft, operationId: string): void {
  const command = { type: 'ServiceReady', operationId, participantId: operationId } as const
  draft.effect({ type: 'Tell', conversationId: draft.conversation.id, command })
}

const OF_SERVICE: ReadonlySet<Operation['type']> = new Set<PlainOperation['type']>([
  'addLargeGalleryView',
  'configureMixer',
  'startTranscription',
  'stopTranscription',
])

function isOfService({ type, state }: Operation): boolean {
  return OF_SERVICE.has(type) && state.name === 'running'
}

/** After a restart: what the service was asked for is asked of it again. */
export function resumeServices(draft: Draft): void {
  for (const operation of draft.conversation.operations) {
    if (isOfService(operation)) askService(draft, operation.id)
  }
}

/** `addLargeGalleryView`: a hidden participant of the service's own will join. */
export function addLargeGalleryView(draft: Draft, command: AddLargeGalleryView): void {
  const call = groupCallOf(draft, command)
  const { operations, participants } = draft.conversation
  const isThere =
    participants.some(({ party }) => party.type === 'service') ||
    operations.some((one) => one.type === 'addLargeGalleryView' && isOfService(one))
  if (isThere) refuse({ name: 'galleryExists' })
  beginService(draft, call, command, 'addLargeGalleryView')
}

/** `startTranscription` and `stopTranscription`: in group calls, where somebody is told of it. */
export function controlTranscription(draft: Draft, command: ControlTranscription): void {
  const call = groupCallOf(draft, command)
  beginService(draft, call, command, command.on ? 'startTranscription' : 'stopTranscription')
}

/** The service has done what an operation asked for. */
export function serviceReady(draft: Draft, { operationId, participantId }: ServiceReady): void {
  const operation = draft.findOperation(operationId)
  if (!operation || !isOfService(operation)) return
  endOperation(draft, operation, { name: 'completed', at: draft.now })
  if (operation.type === 'addLargeGalleryView') joinGallery(draft, operation, participantId)
  else if (operation.type !== 'configureMixer') transcriptionAsked(draft, operation)
}

function joinGallery(draft: Draft, { callId }: Operation, id: string): void {
  const call = draft.findCall(callId)
  if (!call) return
  draft.addParticipant({
    id,
    identity: { kind: 'application', id, displayName: 'Large Gallery', applicationType: LARGE_GALLERY },
    party: { type: 'service', callId },
    state: { name: 'connected', since: draft.now },
    hidden: false,
    endpointType: 'default',
    audio: false,
    metadata: JSON.stringify({ type: LARGE_GALLERY, requestedBy: call.appId }),
  })
}

/** A call ends: what the service still owed it is settled before, and what it had made goes. */
export function endServices(draft: Draft, callId: string): void {
  for (const operation of draft.conversation.operations) {
    if (operation.callId !== callId || !isOfService(operation)) continue
    endOperation(draft, operation, { name: 'failed', at: draft.now, reasons: [{ name: 'service-cancelled' }] })
  }
  for (const participant of draft.conversation.participants) {
    if (participant.party.type !== 'service' || participant.party.callId !== callId) continue
    draft.removeParticipant(participant, { name: 'left' })
  }
}
