/** Content that is shared and audio that is routed, written. */
import type { AudioRoutingGroup, ContentSharing } from '../../calls/conversation.ts'
import type { Json } from './identity.ts'
import type { Shape } from './shape.ts'

/** Graph's `contentSharingSession`. No slides pass through here, so there is no picture of one. */
export function writeContentSharing({ id, presenterParticipantId }: ContentSharing, shape: Shape): Json {
  return {
    '@odata.type': '#microsoft.graph.contentSharingSession',
    ...(shape.betaMembers && { presenterParticipantId, pngOfCurrentSlide: null }),
    id,
  }
}

/** Graph's `audioRoutingGroup`; `idOf` writes the ids of participants. */
export function writeAudioRoutingGroup(group: AudioRoutingGroup, idOf: (id: string) => string): Json {
  return {
    '@odata.type': '#microsoft.graph.audioRoutingGroup',
    id: group.id,
    routingMode: group.routingMode,
    sources: group.sources.map(idOf),
    receivers: group.receivers.map(idOf),
  }
}
