/** `participants/invite`: the heart. Also how targets of a new call are rung, which is the same thing. */
import type { Call, CallRoute, CallSource } from './call.ts'
import type { Invite } from './commands.ts'
import type { Conversation } from './conversation.ts'
import { headcount, parties } from './conversation.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import type { Identity } from './identity.ts'
import { sameIdentity } from './identity.ts'
import type { Invitation, InvitationPurpose, InvitationState } from './invitation.ts'
import type { ApplicationLeg, Invitee } from './reach.ts'
import type { EndReason } from './reasons.ts'
import type { RecorderContext } from './recorder.ts'

/** Invitees per request (contract: invite, rule 4). */
export const MOST_INVITEES = 5

/** Invites one or several parties into a live call, as one long-running operation. */
export function invite(draft: Draft, command: Invite): void {
  const call = draft.ownCall(command)
  if (call.recorder) refuse({ name: 'recorderInvites' })
  const invitees = readInvitees(command)
  if (call.state.name !== 'established') refuse({ name: 'callNotEstablished', state: call.state.name })
  draft.admitted(call)
  checkEscalation(draft, command, invitees)
  checkDuplicates(draft, invitees)
  checkApplications(draft, invitees)
  if (invitees.some(({ replaces }) => replaces?.call?.conversationId === draft.conversation.id)) {
    refuse({ name: 'replacesItself' })
  }
  if (draft.conversation.mode === 'peerToPeer') {
    draft.change({ mode: 'group', chatInfo: command.chatInfo })
    draft.event({ type: 'Escalated', callId: call.id })
  }
  draft.addOperation({
    id: command.operationId,
    callId: call.id,
    type: 'inviteParticipants',
    ...(command.clientContext !== undefined && { clientContext: command.clientContext }),
    createdAt: draft.now,
    invitees: invitees.map(({ participantId, identity, hidden, replaces, ringTimeout }) => ({
      participantId,
      identity,
      hidden,
      ...(replaces && { replacesCallId: replaces.callId }),
      ...(ringTimeout !== undefined && { ringTimeout }),
      outcome: { name: 'pending' },
    })),
    ...(command.mode && { mode: command.mode }),
    ...(command.outcomes && { outcomes: true }),
    state: { name: 'running' },
  })
  for (const invitee of invitees) {
    startInvitation(draft, invitee, { type: 'operation', operationId: command.operationId }, callerOf(draft, call))
  }
}

/** Who rings when a call invites: its application, also if somebody else called it first. */
export function callerOf(draft: Draft, call: Call): Identity {
  return draft.findParticipant(call.participantId)?.identity ?? call.source.identity
}

/** The invitees that count: with `replacesCallId` on the first one, the rest are not read (contract: invite, rule 3). */
function readInvitees({ invitees }: Invite): readonly Invitee[] {
  const [first] = invitees
  if (!first) return refuse({ name: 'noInvitees' })
  if (invitees.length > MOST_INVITEES) {
    refuse({ name: 'tooManyInvitees', count: invitees.length, limit: MOST_INVITEES })
  }
  return first.replaces ? [first] : invitees
}

/** What an invite into a peer-to-peer call may do depends on the wire version. */
function checkEscalation(draft: Draft, command: Invite, invitees: readonly Invitee[]): void {
  if (draft.conversation.mode !== 'peerToPeer') return
  checkTransfers(draft)
  if (command.escalation === 'any') return
  if (command.escalation === 'never') refuse({ name: 'notGroupCall', rule: 'neverEscalates' })
  if (invitees.length > 1) refuse({ name: 'notGroupCall', rule: 'oneEscalates' })
}

/** While one side of a peer-to-peer call is being transferred, the other side cannot change who is in it. */
export function checkTransfers(draft: Draft): void {
  const isTransferred = draft.conversation.calls.some(
    ({ state }) => state.name === 'transferring' || state.name === 'transferAccepted',
  )
  if (isTransferred) refuse({ name: 'transferConflict' })
}

/** Nobody comes twice, and there is room: the first leg stays untouched (contract: invite, rule 5). */
export function checkDuplicates(draft: Draft, invitees: readonly Pick<Invitee, 'identity' | 'fallbacks'>[]): void {
  const { maxParticipants } = draft.rules
  const named = invitees.flatMap(chainOf)
  named.forEach(({ identity }, index) => {
    checkAbsent(draft, identity)
    const same = (one: { readonly identity: Identity }): boolean => sameIdentity(one.identity, identity)
    if (named.findIndex(same) < index) refuse({ name: 'alreadyInCall', identity, where: 'request' })
  })
  if (headcount(draft.conversation) + invitees.length > maxParticipants) {
    refuse({ name: 'conversationFull', limit: maxParticipants })
  }
}

/** Somebody is neither in nor on the way. */
export function checkAbsent({ conversation }: Draft, identity: Identity): void {
  const where = whereabouts(conversation, identity)
  if (where) refuse({ name: 'alreadyInCall', identity, where })
}

/** Whether somebody is in, or on the way: rung, or about to be transferred here. Recorders are there for others only. */
export function whereabouts(conversation: Conversation, identity: Identity): 'call' | 'ringing' | undefined {
  const same = (one: { readonly identity: Identity }): boolean => sameIdentity(one.identity, identity)
  if (parties(conversation).some(same)) return 'call'
  const follows = ({ purpose }: Invitation): boolean =>
    purpose.type === 'meet' && purpose.transferee !== undefined && same(purpose.transferee)
  return conversation.invitations.some((one) => same(one) || follows(one)) ? 'ringing' : undefined
}

/** An invitee and everybody who may be rung in its place. */
function chainOf(invitee: Pick<Invitee, 'identity' | 'fallbacks'>): readonly { readonly identity: Identity }[] {
  return [invitee, ...(invitee.fallbacks ?? [])]
}

/** In profile `teams` an application cannot be invited (contract: invite, rule 6); by its phone number it is a phone. */
export function checkApplications(draft: Draft, invitees: readonly Invitee[]): void {
  if (draft.rules.applicationsMayBeInvited) return
  for (const { identity } of invitees.flatMap(chainOf)) {
    if (identity.kind === 'application' || identity.kind === 'applicationInstance') {
      refuse({ name: 'botInviteNotAllowed', identity })
    }
  }
}

/** What a ring may have beside its caller. */
export interface RingDetails {
  /** How long it rings, in milliseconds, if not as usual. */
  readonly ringFor?: number
  /** What an application that is rung hears of where the call comes from. */
  readonly source?: CallSource
  readonly route?: CallRoute
  readonly transferor?: Identity
  /** Whom the application is to record, if a recording policy calls it. */
  readonly recorder?: RecorderContext
  /** Of a fallback: how many of its chain were tried before, and what names its leg in records. */
  readonly link?: number
  readonly legId?: string
}

/** How somebody is going to be in the conversation. */
function presenceOf({ hidden, locale, outsideDefaultMix }: Invitee): Pick<Invitation, 'hidden'> {
  return { hidden, ...(locale && { locale }), ...(outsideDefaultMix && { outsideDefaultMix }) }
}

/** Starts to bring one party in: rings it, tells its application, asks its other call for it, or finds that none can be. */
export function startInvitation(
  draft: Draft,
  invitee: Invitee,
  purpose: InvitationPurpose,
  caller: Identity,
  details: RingDetails = {},
): void {
  const { participantId: id, identity, reach, replaces, ringTimeout, fallbacks } = invitee
  const { now, rules } = draft
  const until = now + (details.ringFor ?? ringTimeout ?? rules.ringTimeout)
  const { link = 0, legId } = details
  const fallback = { ...(link > 0 && { link }), ...(legId !== undefined && { legId }) }
  const rung = { type: 'InviteeRung', participantId: id, identity, ...fallback } as const
  const unreachable = reasonUnreachable(invitee)
  if (reach.type === 'endpoint') {
    const { mode } = draft.conversation
    const isCallee = purpose.type === 'talk' || (purpose.type === 'create' && mode === 'peerToPeer')
    draft.addDuties(id, isCallee ? 'Callee' : 'DialOut', reach.duties)
  }
  const add = (state: InvitationState): void =>
    draft.addInvitation({
      id,
      identity,
      purpose,
      ...presenceOf(invitee),
      ...(ringTimeout !== undefined && { ringTimeout }),
      ...(fallbacks && { link, fallbacks }),
      state,
      ...(reach.type === 'endpoint' && { address: reach.address }),
      ...(unreachable && { unreachable }),
    })

  // Whatever else is due at the same moment may end the call before a fallback is rung.
  const ring = (how: () => void): void =>
    link === 0 ? how() : draft.atEnd(() => draft.findInvitation(id)?.link === link && how())

  if (replaces?.call && reach.type === 'endpoint') {
    const named = replaces.participantId
    add({
      name: 'moving',
      since: now,
      until,
      from: replaces.call,
      ...(named !== undefined && { participantId: named }),
    })
    draft.event({ type: 'MoveAsked', participantId: id, identity, fromCallId: replaces.call.callId })
    askToMove(draft, id)
  } else if (reach.type === 'application' && !replaces) {
    add({ name: 'waiting', since: now, callId: reach.leg.callId, ...(purpose.type === 'redirect' && { until }) })
    draft.event(rung)
    const patience = ringTimeout === undefined ? {} : { ringFor: ringTimeout }
    ring(() =>
      addIncomingCall(draft, reach.leg, details.source ?? { identity: caller }, id, { ...details, ...patience }),
    )
  } else {
    add({ name: 'ringing', since: now, until })
    draft.event(rung)
    ring(() => reachOut(draft, id, caller))
  }
}

/** Why an invitee cannot be reached at all; undefined if it can. */
function reasonUnreachable({ reach, replaces }: Invitee): EndReason | undefined {
  if (reach.type === 'nowhere') return reach.reason
  if (!replaces) return undefined
  if (!replaces.call) return { name: 'replace-not-found' }
  return reach.type === 'endpoint' ? undefined : { name: 'replace-wrong-participant' }
}

/** Rings, or reports somebody who cannot be reached at all, by the same way as an endpoint would. */
export function reachOut(draft: Draft, invitationId: string, caller: Identity): void {
  const invitation = draft.findInvitation(invitationId)
  if (!invitation || invitation.state.name === 'waiting') return
  const { address, unreachable: reason, state } = invitation
  const link = invitation.link === undefined ? {} : { link: invitation.link }
  if (reason) {
    const command = { type: 'LegFailed', participantId: invitationId, reason, ...link } as const
    draft.effect({ type: 'Tell', conversationId: draft.conversation.id, command })
  } else if (address) {
    draft.effect({ type: 'Ring', participantId: invitationId, address, caller, since: state.since, ...link })
  }
}

/** Asks the conversation that an invitee is in to let go of it. */
export function askToMove(draft: Draft, invitationId: string): void {
  const invitation = draft.findInvitation(invitationId)
  if (invitation?.state.name !== 'moving') return
  const { from, participantId } = invitation.state
  draft.effect({
    type: 'Tell',
    conversationId: from.conversationId,
    command: {
      type: 'MoveAsked',
      callId: from.callId,
      appId: appBehind(draft, invitation),
      identity: invitation.identity,
      ...(participantId !== undefined && { participantId }),
      to: { conversationId: draft.conversation.id, participantId: invitation.id },
    },
  })
}

/** The application that invited, redirected or transferred. */
function appBehind(draft: Draft, { purpose }: Invitation): string {
  return purpose.type === 'meet' ? purpose.appId : (draft.callBehind(purpose)?.appId ?? '')
}

/**
 * Adds the call of an application that is being rung; by a recording policy if `recorder` says for whom. Nobody waits longer
 * for its answer than they ring.
 */
export function addIncomingCall(
  draft: Draft,
  leg: ApplicationLeg,
  source: CallSource,
  participantId: string,
  { route, transferor, recorder, ringFor = Infinity }: RingDetails = {},
): void {
  const { answerTimeout, recordingAnswerTimeout } = draft.rules
  const { disguise: id, joinToken: token } = leg
  const answerBy = draft.now + Math.min(recorder ? recordingAnswerTimeout : answerTimeout, ringFor)
  draft.addCall({
    id: leg.callId,
    appId: leg.appId,
    tenantId: leg.tenantId,
    direction: 'incoming',
    state: { name: 'incoming', since: draft.now, answerBy },
    callbackUri: leg.callbackUri,
    scenarioId: draft.conversation.callChainId,
    manners: leg.manners,
    source: id === undefined ? source : { ...source, identity: { kind: 'encrypted', id } },
    targets: [{ identity: leg.identity }],
    requestedModalities: ['audio'],
    mediaConfig: { type: 'none' },
    ...(token !== undefined && { meetingInfo: { token } }),
    participantId,
    ...(recorder && { recorder }),
    createdAt: draft.now,
    notified: 0,
    rosterSent: false,
    ...(route && { routes: [route] }),
    ...(transferor && { transferor }),
  })
  draft.notifyCall(leg.callId, 'created', 'incoming')
}
