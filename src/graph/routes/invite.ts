/** `participants/invite`, and what it would do (`Prefer: rollcall.dry-run`). */
import type { Call } from '../../calls/call.ts'
import type { Command, Invite } from '../../calls/commands.ts'
import type { Conversation } from '../../calls/conversation.ts'
import { isBetweenPeople } from '../../calls/conversation.ts'
import { decide } from '../../calls/decide.ts'
import type { Decision } from '../../calls/draft.ts'
import type { Identity } from '../../calls/identity.ts'
import type { Invitation } from '../../calls/invitation.ts'
import type { Invitee } from '../../calls/reach.ts'
import type { EndReason } from '../../calls/reasons.ts'
import { readGuid } from '../../runtime.ts'
import { fromCallError } from '../errors.ts'
import { writeReason } from '../wire/extensions.ts'
import type { Json } from '../wire/identity.ts'
import { writeIdentitySet } from '../wire/identity.ts'
import type { InvitedParticipant } from '../wire/requests.ts'
import { readInvite } from '../wire/requests.ts'
import { inviteeOf, mintChat, withJoinTokens } from './parties.ts'
import type { Answer, FoundCall, GraphParts, GraphRequest, OperationStart } from './route.ts'
import { beginOperation, operationOf, requireCall } from './route.ts'

/** Carries an invite out, or tells what it would do. */
export async function inviteParticipants(request: GraphRequest, parts: GraphParts): Promise<Answer> {
  const { dialect, preferences } = request
  if (preferences.has('rollcall.dry-run')) {
    const found = await requireCall(request, parts)
    return tryOut(parts, found.conversation.id, await inviteOf(request, parts, operationOf(found, parts), found))
  }
  return beginOperation(
    request,
    parts,
    dialect.inviteStatus,
    (start, found) => inviteOf(request, parts, start, found),
    (answer) => (preferences.has('rollcall.outcomes') ? { ...answer, preference: 'rollcall.outcomes' } : answer),
  )
}

async function inviteOf(
  request: GraphRequest,
  parts: GraphParts,
  start: OperationStart,
  { conversation, call }: FoundCall,
): Promise<Invite> {
  const { participants, clientContext, mode } = readInvite(request.body, parts.config)
  const invitees = await Promise.all(
    participants.map(async (one) => outOfTheirOwnCall(parts, await replacingInvitee(request, parts, one, call), call)),
  )
  return {
    type: 'Invite',
    ...start,
    ...(clientContext !== undefined && { clientContext }),
    invitees: await withJoinTokens(parts, invitees, { conversationId: conversation.id, tenantId: call.tenantId }),
    escalation: request.dialect.escalation,
    chatInfo: mintChat(parts),
    ...(mode && { mode }),
    ...(request.preferences.has('rollcall.outcomes') && { outcomes: true }),
  }
}

/** An invitee with the call that it is pulled out of, if that is a call of the same application. */
export async function replacingInvitee(
  request: GraphRequest,
  parts: GraphParts,
  invited: InvitedParticipant,
  { direction, source, targets, meetingInfo }: Call,
): Promise<Invitee> {
  const joinedByToken = direction === 'outgoing' && meetingInfo !== undefined && 'token' in meetingInfo
  const attempt = { type: 'invite', direction, source: source.identity, targets, joinedByToken } as const
  const invitee = inviteeOf(request, parts, invited, attempt)
  const { replacesCallId, replacedCall, participantId } = invited
  if (replacesCallId === undefined) return invitee
  const key = replacedCall === undefined ? undefined : await parts.switchboard.findCall(replacedCall)
  const own = key?.appId === request.caller.appId && replacedCall !== undefined
  return {
    ...invitee,
    replaces: {
      callId: replacedCall ?? replacesCallId,
      ...(participantId !== undefined && { participantId }),
      ...(own && { call: { callId: replacedCall, conversationId: key.conversationId } }),
    },
  }
}

/** An invitee who may be in a call with somebody else of the tenant, in which no application is: the id is that call's own. */
async function outOfTheirOwnCall(parts: GraphParts, invitee: Invitee, { tenantId }: Call): Promise<Invitee> {
  const { replaces } = invitee
  const id = readGuid(replaces?.callId ?? '')
  if (!replaces || replaces.call || id === undefined) return invitee
  const conversation = await parts.switchboard.read(id)
  if (conversation?.tenantId !== tenantId || !isBetweenPeople(conversation)) return invitee
  return { ...invitee, replaces: { ...replaces, call: { callId: id, conversationId: id } } }
}

/** Decides on the conversation as it is, looks at the decision, and forgets it. */
async function tryOut(parts: GraphParts, conversationId: string, command: Invite): Promise<Answer> {
  const decision = decideOn(parts, await parts.switchboard.read(conversationId), command)
  if (!decision.ok) throw fromCallError(decision.error)
  const { invitations, callChainId: chainId } = decision.decision.conversation
  const begun = invitations.filter(
    ({ purpose }) => purpose.type === 'operation' && purpose.operationId === command.operationId,
  )
  const foretold = await Promise.all(begun.map((one) => foretell(parts, one, decision.decision)))
  const works = foretold.map(({ chain }) => chain.some(({ reason }) => !reason))
  return {
    status: 200,
    body: {
      '@odata.type': '#rollcall.inviteDryRun',
      wouldWork: command.mode === 'first' ? works.some(Boolean) : works.every(Boolean),
      participants: foretold.map(({ chain: [own, ...fallbacks], hasChain }) => ({
        ...(own && writeForetold(own)),
        ...(hasChain && { fallbacks: fallbacks.map(writeForetold) }),
      })),
    },
    chainId,
    preference: 'rollcall.dry-run',
  }
}

function decideOn(
  { clock, rules }: GraphParts,
  before: Conversation | undefined,
  command: Command,
): ReturnType<typeof decide> {
  return decide(before, command, clock.now(), rules)
}

/** What would be done to reach somebody, and why it cannot succeed, if it cannot. */
interface Foretold {
  readonly identity: Identity
  readonly how: 'ring' | 'move'
  readonly reason: EndReason | undefined
}

function writeForetold({ identity, how, reason }: Foretold): Json {
  return { identity: writeIdentitySet(identity), would: reason ? 'fail' : how, ...(reason && writeReason(reason)) }
}

/** What would become of one invitee and its fallbacks, as far as nobody has to be asked. */
async function foretell(
  parts: GraphParts,
  invitation: Invitation,
  decision: Decision,
): Promise<{ readonly chain: readonly Foretold[]; readonly hasChain: boolean }> {
  const { identity, state, unreachable, fallbacks } = invitation
  const how = state.name === 'moving' ? 'move' : 'ring'
  const reason = unreachable ?? (how === 'move' ? await moveBarrier(parts, invitation, decision) : undefined)
  const others = (fallbacks ?? []).map((one): Foretold => ({
    identity: one.identity,
    how: 'ring',
    reason: one.reach.type === 'nowhere' ? one.reach.reason : undefined,
  }))
  return { chain: [{ identity, how, reason }, ...others], hasChain: fallbacks !== undefined }
}

/** Why the call to be replaced would not let the invitee go; undefined if it would. */
async function moveBarrier(
  parts: GraphParts,
  { id }: Invitation,
  { effects }: Decision,
): Promise<EndReason | undefined> {
  for (const effect of effects) {
    if (effect.type !== 'Tell' || effect.command.type !== 'MoveAsked') continue
    if (effect.command.to.participantId !== id) continue
    const asked = decideOn(parts, await parts.switchboard.read(effect.conversationId), effect.command)
    if (!asked.ok) return { name: 'replace-not-found' }
    for (const event of asked.decision.events) if (event.type === 'MoveRefused') return event.reason
  }
  return undefined
}
