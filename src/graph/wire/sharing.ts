/** Content that is shared and audio that is routed, written. */
import type { AudioRoutingGroup, ContentSharing } from '../../calls/conversation.ts'
import { readGuid } from '../../runtime.ts'
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

/** Graph's `audioRoutingGroup`; `idOf` writes ids. The application may have given the group a name, which stays as it is. */
export function writeAudioRoutingGroup(group: AudioRoutingGroup, idOf: (id: string) => string): Json {
  return {
    '@odata.type': '#microsoft.graph.audioRoutingGroup',
    id: readGuid(group.id) === undefined ? group.id : idOf(group.id),
    routingMode: group.routingMode,
    sources: group.sources.map(idOf),
    receivers: group.receivers.map(idOf),
  }
}
