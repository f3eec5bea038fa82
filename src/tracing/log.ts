/** What the log says of calls and notifications: ids by which they can be followed, and nothing that is secret. */
import type { Logger } from 'pino'
import type { Attempt, Delivery } from '../store/store.ts'
import type { ConversationStore } from './traced.ts'

/** Tells the log, at level debug, of each commit: which request led to it, and which notifications it owes. */
export function logCommits(store: ConversationStore, log: Logger): ConversationStore {
  if (!log.isLevelEnabled('debug')) return store
  return {
    ...store,
    async commit(commit) {
      await store.commit(commit)
      const { conversation, timeline, deliveries } = commit
      log.debug(
        {
          requestId: timeline.requestId,
          conversationId: conversation.id,
          callChainId: conversation.callChainId,
          command: timeline.command,
          events: timeline.events.map(({ type }) => type),
          notificationIds: deliveries.map(({ id }) => id),
        },
        'committed',
      )
    },
  }
}

/** Tells the log of one try at a webhook. */
export function logAttempt(log: Logger, { error, status, url }: Attempt, delivery: Delivery): void {
  if (error === undefined && !log.isLevelEnabled('debug')) return
  const { callId, callChainId, number, appId } = delivery.notification
  const { id: notificationId, conversationId } = delivery
  const told = { notificationId, conversationId, callChainId, callId, number, appId, url: withoutQuery(url), status }
  if (error === undefined) log.debug(told, 'notification taken')
  else log.warn({ ...told, error }, 'notification not taken')
}

/** Webhooks carry keys in their query, as functions of clouds have them. */
function withoutQuery(address: string): string {
  const url = URL.parse(address)
  return url ? url.origin + url.pathname : ''
}
