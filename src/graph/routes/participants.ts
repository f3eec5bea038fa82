/** Who is in a call: list, read, invite, remove. */
import type { Call } from '../../calls/call.ts'
import type { Invitee } from '../../calls/commands.ts'
import { rosterFor } from '../../calls/conversation.ts'
import { fromCallError, refusal } from '../errors.ts'
import type { InvitedParticipant } from '../wire/requests.ts'
import { readInvite } from '../wire/requests.ts'
import { inviteeOf, mintChat, withJoinTokens } from './parties.ts'
import { AT_CREATION, EVER, INITIATE_GROUP, JOIN, JOIN_AS_GUEST, SINCE_2020, always, todayOnly } from './published.ts'
import type { GraphParts, GraphRequest, Route } from './route.ts'
import { carryOut, contextOf, operationAnswer, participantIdOf, requireCall } from './route.ts'

export const participantRoutes: readonly Route[] = [
  {
    operation: 'participant: list',
    method: 'GET',
    path: '/:callId/participants',
    published: EVER,
    permissions: AT_CREATION,
    async handle(request, parts) {
      const found = await requireCall(request, parts)
      const { dialect } = request
      return {
        status: 200,
        body: {
          '@odata.context': contextOf(request, parts, found, 'participants'),
          value: rosterFor(found.conversation, found.call).map((participant) => dialect.participant(participant)),
        },
        chainId: found.conversation.callChainId,
      }
    },
  },
  {
    operation: 'participant: get',
    method: 'GET',
    path: '/:callId/participants/:participantId',
    published: EVER,
    permissions: todayOnly(JOIN, JOIN_AS_GUEST),
    async handle(request, parts) {
      const found = await requireCall(request, parts)
      const participantId = participantIdOf(request)
      const participant = rosterFor(found.conversation, found.call).find(({ id }) => id === participantId)
      if (!participant) throw fromCallError({ name: 'participantNotFound', participantId })
      return {
        status: 200,
        body: {
          '@odata.context': contextOf(request, parts, found, 'participants/$entity'),
          ...request.dialect.participant(participant),
        },
        chainId: found.conversation.callChainId,
      }
    },
  },
  {
    operation: 'participant: delete',
    method: 'DELETE',
    path: '/:callId/participants/:participantId',
    published: SINCE_2020,
    permissions: todayOnly(JOIN, JOIN_AS_GUEST),
    async handle(request, parts) {
      const { conversation, call } = await requireCall(request, parts)
      const participantId = participantIdOf(request)
      if (conversation.participants.some(({ id }) => id === participantId)) checkGrant(request, parts)
      const command = { type: 'RemoveParticipant', callId: call.id, appId: call.appId, participantId } as const
      return carryOut(request, parts, conversation.id, command, ({ callChainId: chainId }) => ({
        status: 204,
        chainId,
      }))
    },
  },
  {
    operation: 'participant: invite',
    method: 'POST',
    path: '/:callId/participants/invite',
    published: EVER,
    permissions: always(INITIATE_GROUP),
    handle: inviteParticipants,
  },
]

/** Whoever is in a call is put out of it by applications that the tenant lets do so; taking an invitation back is free. */
function checkGrant({ caller }: GraphRequest, { config, directory }: GraphParts): void {
  if (config.profile === 'open' || directory().application(caller.appId)?.removesParticipants === true) return
  throw refusal(
    403,
    '7504',
    'The tenant has not let this application remove participants; set removesParticipants for it in the directory.',
  )
}

async function inviteParticipants(request: GraphRequest, parts: GraphParts): ReturnType<Route['handle']> {
  const { conversation, call } = await requireCall(request, parts)
  const { participants, clientContext } = readInvite(request.body)
  const { dialect } = request
  const operationId = parts.ids.guid()
  const invitees = await Promise.all(participants.map((one) => replacingInvitee(request, parts, one, call)))
  const command = {
    type: 'Invite',
    callId: call.id,
    appId: call.appId,
    operationId,
    ...(clientContext !== undefined && { clientContext }),
    invitees: await withJoinTokens(parts, invitees, { conversationId: conversation.id, tenantId: call.tenantId }),
    escalation: dialect.escalation,
    chatInfo: mintChat(parts),
  } as const
  return carryOut(request, parts, conversation.id, command, (after) =>
    operationAnswer(request, parts, command, after, dialect.inviteStatus),
  )
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
