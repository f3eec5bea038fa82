/** Who is in a call: list, read, invite, remove. */
import { rosterFor } from '../../calls/conversation.ts'
import { fromCallError, refusal } from '../errors.ts'
import { inviteParticipants } from './invite.ts'
import { AT_CREATION, EVER, INITIATE_GROUP, JOIN, JOIN_AS_GUEST, SINCE_2020, always, todayOnly } from './published.ts'
import type { GraphParts, GraphRequest, Route } from './route.ts'
import { carryOut, contextOf, participantIdOf, requireCall } from './route.ts'

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
    preferences: true,
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
