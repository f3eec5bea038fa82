/** Whoever is to be brought into a call: ids minted, reach looked up, at the door. */
import type { ChatInfo } from '../../calls/conversation.ts'
import type { Invitee } from '../../calls/reach.ts'
import { phoneBarrier } from '../../directory/phone-rules.ts'
import type { PhoneAttempt } from '../../directory/phone-rules.ts'
import { resolveReach } from '../../directory/reach.ts'
import type { JoinTarget } from '../../meetings/join-token.ts'
import { tokensForRecorders } from '../../meetings/join-token.ts'
import { mannersOf } from '../dialects/dialect.ts'
import { dialectOf } from '../dialects/dialects.ts'
import { refusal } from '../errors.ts'
import type { InvitedParticipant } from '../wire/requests.ts'
import type { GraphParts, GraphRequest } from './route.ts'

/** The chat that every group call of Rollcall has. */
export function mintChat({ ids }: GraphParts): ChatInfo {
  return { threadId: `19:${ids.guid().replaceAll('-', '')}@thread.v2`, messageId: '0' }
}

/**
 * One party to be rung: ids minted, reach looked up. Somebody of another tenant is refused: 403/7505.
 * @param attempt in which call, on which depends whether it may be a phone
 */
export function inviteeOf(
  request: GraphRequest,
  parts: GraphParts,
  invited: InvitedParticipant,
  attempt: PhoneAttempt,
): Invitee {
  const { hidden, outsideDefaultMix, locale, fallbacks } = invited
  return {
    participantId: parts.ids.guid(),
    ...reachableOf(request, parts, invited, attempt),
    hidden,
    ...(outsideDefaultMix && { outsideDefaultMix }),
    ...(locale && { locale }),
    ...(fallbacks && {
      fallbacks: fallbacks.map((one) => ({
        legId: parts.ids.guid(),
        ...reachableOf(request, parts, one, attempt),
      })),
    }),
  }
}

/** Somebody with what the directory knows of them, and how they are reached. */
function reachableOf(
  request: GraphRequest,
  parts: GraphParts,
  invited: Pick<InvitedParticipant, 'identity' | 'ringTimeout'>,
  attempt: PhoneAttempt,
): Pick<Invitee, 'identity' | 'reach' | 'ringTimeout'> {
  const { caller } = request
  const directory = parts.directory()
  const application = directory.application(caller.appId)
  const rules = { profile: parts.config.profile, now: parts.clock.now() }
  const resolved = resolveReach(invited.identity, {
    directory,
    tenantId: caller.tenantId,
    phoneBarrier: application && phoneBarrier(application, attempt, rules),
    now: rules.now,
    mintId: () => parts.ids.guid(),
    mannersOf: (wireVersion) => mannersOf(dialectOf(wireVersion)),
  })
  if (!resolved.ok) {
    const { kind, id } = invited.identity
    const explanation = `The ${kind} ${id} belongs to tenant ${resolved.tenantId}, but the token is for tenant ${caller.tenantId}.`
    throw refusal(403, '7505', explanation)
  }
  const { ringTimeout } = invited
  return {
    identity: resolved.identity,
    reach: resolved.reach,
    ...(ringTimeout !== undefined && { ringTimeout }),
  }
}

/**
 * Invitees with tokens by which applications can come in again: recorders, and those that are invited into a group call
 * or meeting themselves.
 */
export function withJoinTokens(
  { joinTokens }: GraphParts,
  invitees: readonly Invitee[],
  target: JoinTarget,
  isGroup = true,
): Promise<readonly Invitee[]> {
  const withToken = async <Party extends Pick<Invitee, 'reach'>>(party: Party): Promise<Party> => {
    const { reach } = party
    if (reach.type === 'endpoint' && reach.duties) {
      const duties = await tokensForRecorders(reach.duties, joinTokens, target)
      return { ...party, reach: { ...reach, duties } }
    }
    if (reach.type !== 'application' || !isGroup) return party
    return { ...party, reach: { ...reach, leg: { ...reach.leg, joinToken: await joinTokens.mint(target) } } }
  }
  return Promise.all(
    invitees.map(async (invitee) => {
      const { fallbacks } = invitee
      const own = await withToken(invitee)
      return fallbacks ? { ...own, fallbacks: await Promise.all(fallbacks.map(withToken)) } : own
    }),
  )
}
