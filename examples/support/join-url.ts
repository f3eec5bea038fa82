/** What the address of a meeting, as people have it in their calendar, says to an application that wants to join. */

/** What stands in the address as `context`. */
interface Context {
  readonly Tid: string
  readonly Oid: string
  readonly MessageId?: string
}

/** The members of a `call` by which it joins the meeting: its chat and its organizer. */
export function coordinatesOf(joinUrl: string): object {
  const { pathname, searchParams } = new URL(joinUrl)
  const [threadId, messageId] = pathname.split('/').slice(-2).map(decodeURIComponent)
  const context = searchParams.get('context')
  if (context === null) throw new Error(`${joinUrl} is not the address of a meeting: it has no context`)
  const { Tid: tenantId, Oid: id, MessageId } = JSON.parse(context) as Context
  return {
    chatInfo: {
      '@odata.type': '#microsoft.graph.chatInfo',
      threadId,
      messageId,
      ...(MessageId !== undefined && { replyChainMessageId: MessageId }),
    },
    meetingInfo: {
      '@odata.type': '#microsoft.graph.organizerMeetingInfo',
      organizer: {
        '@odata.type': '#microsoft.graph.identitySet',
        user: { '@odata.type': '#microsoft.graph.identity', id, tenantId },
      },
    },
  }
}
