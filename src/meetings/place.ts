/** Where a meeting takes place. */
import { createHash } from 'node:crypto'
import type { ChatInfo } from '../calls/conversation.ts'
import { readGuid } from '../runtime.ts'

/** A meeting is one conversation however often and by whomever it is joined: its id follows from where it is. */
export function meetingConversation(tenantId: string, { threadId, messageId }: ChatInfo): string {
  const hash = createHash('sha256').update(JSON.stringify([tenantId, threadId.toLowerCase(), messageId]))
  return readGuid(hash.digest('hex').slice(0, 32)) ?? ''
}
