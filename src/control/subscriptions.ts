/** Subscriptions to call records, and how their notifications fare. */
import { z } from 'zod'
import { isoTime } from '../runtime.ts'
import type { ChangeNotification, Subscription } from '../subscriptions/subscription.ts'
import type { ControlRoutes } from './parts.ts'
import { readAs } from './parts.ts'

const listQuery = z.object({
  subscriptionId: z.string().max(64).optional(),
  state: z.enum(['pending', 'delivered', 'dead']).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})

/** Notifications that one request looks through for those in a state. */
const MOST_SEARCHED = 10_000

export const registerSubscriptions: ControlRoutes = (app, { subscriptions, store }) => {
  app.get('/control/subscriptions', () => ({ value: subscriptions.list().map(showSubscription) }))

  app.get('/control/changeNotifications', async (request) => {
    const { subscriptionId: owner, state, limit } = readAs(listQuery, request.query)
    const found = await store.documents.list({
      kind: 'changeNotification',
      ...(owner !== undefined && { owner: owner.toLowerCase() }),
      newest: true,
      limit: state === undefined ? limit : MOST_SEARCHED,
    })
    const notifications = found.map(({ value }) => value as ChangeNotification)
    const wanted = notifications.filter((one) => state === undefined || one.state === state)
    return { value: wanted.slice(0, limit).map(show) }
  })
}

function showSubscription(subscription: Subscription): Record<string, unknown> {
  const { createdAt, expiresAt, warnedOf, barred, clientState: _, ...shown } = subscription
  return {
    ...shown,
    createdAt: isoTime(createdAt),
    expiresAt: isoTime(expiresAt),
    warned: warnedOf === expiresAt,
    barred: barred === true,
  }
}

function show({ createdAt, nextTryAt, tries, body, ...shown }: ChangeNotification): Record<string, unknown> {
  return {
    ...shown,
    createdAt: isoTime(createdAt),
    ...(nextTryAt !== undefined && { nextTryAt: isoTime(nextTryAt) }),
    body: JSON.parse(body) as unknown,
    tries: tries.map(({ at, ...rest }) => ({ at: isoTime(at), ...rest })),
  }
}
