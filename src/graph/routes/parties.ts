/** Whoever is to be brought into a call: ids minted, reach looked up, at the door. */
import type { Invitee } from '../../calls/commands.ts'
import type { ChatInfo } from '../../calls/conversation.ts'
import { resolveReach } from '../../directory/reach.ts'
import { mannersOf } from '../dialects/dialect.ts'
import { dialectOf } from '../dialects/dialects.ts'
import { refusal } from '../errors.ts'
import type { InvitedParticipant } from '../wire/requests.ts'
import type { GraphParts, GraphRequest } from './route.ts'

/** The chat that every group call of Rollcall has. */
export function mintChat({ ids }: GraphParts): ChatInfo {
  return { threadId: `19:${ids.guid().replaceAll('-', '')}@thread.v2`, messageId: '0' }
}

/** One party to be rung: ids minted, reach looked up. Somebody of another tenant is refused: 403/7505. */
export function inviteeOf(request: GraphRequest, parts: GraphParts, invited: InvitedParticipant): Invitee {
  const { caller } = request
  const directory = parts.directory()
  const resolved = resolveReach(invited.identity, {
    directory,
    tenantId: caller.tenantId,
    caller: directory.application(caller.appId),
    mintCallId: () => parts.ids.guid(),
    mannersOf: (wireVersion) => mannersOf(dialectOf(wireVersion)),
  })
  if (!resolved.ok) {
    const { kind, id } = invited.identity
    const explanation = `The ${kind} ${id} belongs to tenant ${resolved.tenantId}, but the token is for tenant ${caller.tenantId}.`
    throw refusal(403, '7505', explanation)
  }
  return {
    participantId: parts.ids.guid(),
    identity: resolved.identity,
    reach: resolved.reach,
    hidden: invited.hidden,
    ...(invited.locale && { locale: invited.locale }),
  }
}
