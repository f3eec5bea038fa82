/** How an application passes a call on: redirect it before it answers, transfer it afterwards. */
import { hasRoster } from '../../calls/conversation.ts'
import { readRedirect, readTransfer } from '../wire/rerouting-requests.ts'
import { checkCallback } from './calls.ts'
import { inviteeOf, withJoinTokens } from './parties.ts'
import { replacingInvitee } from './participants.ts'
import { EVER, INITIATE, always } from './published.ts'
import type { Route } from './route.ts'
import { carryOut, requireCall } from './route.ts'

export const reroutingRoutes: readonly Route[] = [
  {
    operation: 'call: redirect',
    method: 'POST',
    path: '/:callId/redirect',
    published: EVER,
    permissions: always(INITIATE),
    async handle(request, parts) {
      const { conversation, call } = await requireCall(request, parts)
      const { timeout, targets, ...read } = readRedirect(request.body)
      if (read.callbackUri !== undefined) checkCallback(read.callbackUri, parts)
      const { direction, source, tenantId, targets: called } = call
      const attempt = { type: 'invite', direction, source: source.identity, targets: called } as const
      const invitees = targets.map((target) => inviteeOf(request, parts, target, attempt))
      const isGroup = hasRoster(conversation)
      const command = {
        type: 'Redirect',
        callId: call.id,
        appId: call.appId,
        ...read,
        targets: await withJoinTokens(parts, invitees, { conversationId: conversation.id, tenantId }, isGroup),
        timeout: timeout * 1000,
      } as const
      return carryOut(request, parts, conversation.id, command, ({ callChainId: chainId }) => ({
        status: 202,
        chainId,
      }))
    },
  },
  {
    operation: 'call: transfer',
    method: 'POST',
    path: '/:callId/transfer',
    published: EVER,
    permissions: always(INITIATE),
    partial: 'in a group call nobody can be transferred',
    async handle(request, parts) {
      const { conversation, call } = await requireCall(request, parts)
      const { target, transferee } = readTransfer(request.body)
      const invitee = await replacingInvitee(request, parts, target, call)
      const { tenantId } = call
      const [withTokens = invitee] = await withJoinTokens(
        parts,
        [invitee],
        { conversationId: conversation.id, tenantId },
        false,
      )
      const command = {
        type: 'Transfer',
        callId: call.id,
        appId: call.appId,
        target: withTokens,
        ...(transferee && { transferee }),
      } as const
      return carryOut(request, parts, conversation.id, command, ({ callChainId: chainId }) => ({
        status: 202,
        chainId,
      }))
    },
  },
]
