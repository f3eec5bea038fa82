/** How an application passes a call on: redirect it before it answers, transfer it afterwards. */
import type { Transfer } from '../../calls/commands.ts'
import { hasRoster } from '../../calls/conversation.ts'
import type { TransferRequest } from '../wire/rerouting-requests.ts'
import { readRedirect, readTransfer } from '../wire/rerouting-requests.ts'
import { checkCallback } from './addresses.ts'
import { inviteeOf, withJoinTokens } from './parties.ts'
import { replacingInvitee } from './invite.ts'
import { EVER, INITIATE, always } from './published.ts'
import type { FoundCall, GraphParts, GraphRequest, Route } from './route.ts'
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
      if (read.callbackUri !== undefined) checkCallback(read.callbackUri, request, parts)
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
    async handle(request, parts) {
      const found = await requireCall(request, parts)
      const { conversation, call } = found
      const { target, transferee } = readTransfer(request.body)
      const isOut = hasRoster(conversation) && request.dialect.transfersOut
      const conversationId = isOut ? parts.ids.guid() : conversation.id
      const { tenantId } = call
      const invitee = await replacingInvitee(request, parts, target, call)
      const [withTokens = invitee] = await withJoinTokens(parts, [invitee], { conversationId, tenantId }, false)
      const out = isOut && (await outOf(request, parts, found, conversationId, transferee))
      const command = {
        type: 'Transfer',
        callId: call.id,
        appId: call.appId,
        target: withTokens,
        ...(transferee && { transferee }),
        ...(out && { out }),
      } as const
      return carryOut(request, parts, conversation.id, command, ({ callChainId: chainId }) => ({
        status: 202,
        chainId,
      }))
    },
  },
]

/** Where somebody who is transferred out of a group meets the target, and who must record them there. */
async function outOf(
  request: GraphRequest,
  parts: GraphParts,
  { conversation, call }: FoundCall,
  conversationId: string,
  named: TransferRequest['transferee'],
): Promise<Transfer['out']> {
  const participantId = parts.ids.guid()
  const transferee = conversation.participants.find(({ id }) => id === named?.participantId)
  if (transferee?.identity.kind !== 'user') return { conversationId, participantId }
  const { direction, source, tenantId, targets } = call
  const attempt = { type: 'invite', direction, source: source.identity, targets } as const
  const invited = inviteeOf(request, parts, { identity: transferee.identity, hidden: false }, attempt)
  const [{ reach } = invited] = await withJoinTokens(parts, [invited], { conversationId, tenantId }, false)
  return { conversationId, participantId, ...(reach.type === 'endpoint' && reach.duties && { duties: reach.duties }) }
}
