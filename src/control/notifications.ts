/** Notifications as control sees them: each with its journey, and sent again on demand. */
import { z } from 'zod'
import { isoTime } from '../runtime.ts'
import type { Attempt, Delivery } from '../store/store.ts'
import type { ControlParts, ControlRoutes } from './parts.ts'
import { notFound, pathParameter, readAs } from './parts.ts'

const listQuery = z.object({
  callId: z.string().max(64).optional(),
  appId: z.string().max(64).optional(),
  state: z.enum(['pending', 'delivered', 'dead']).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})
/** Characters of notifications in one answer. */
const LONGEST = 4 * 1024 * 1024
const replayBody = z.strictObject({ to: z.url({ protocol: /^https?$/ }).optional() })

export const registerNotifications: ControlRoutes = (app, parts) => {
  app.get('/control/notifications', async (request) => {
    const { callId, appId, state, limit } = readAs(listQuery, request.query)
    const { deliveries, isCut } = await parts.store.deliveries({
      limit,
      most: LONGEST,
      ...(callId !== undefined && { callId }),
      ...(appId !== undefined && { appId }),
      ...(state !== undefined && { state }),
    })
    const attempts = await parts.store.attempts(deliveries.map(({ id }) => id))
    const byDelivery = Map.groupBy(attempts, ({ deliveryId }) => deliveryId)
    const value = deliveries.map((delivery) => show(parts, delivery, byDelivery.get(delivery.id) ?? []))
    return { value, ...(isCut && { cut: true }) }
  })

  app.get('/control/notifications/:id', async (request) => {
    const delivery = await find(parts, pathParameter(request, 'id'))
    return show(parts, delivery, await parts.store.attempts([delivery.id]))
  })

  app.post('/control/notifications/:id/replay', async (request) => {
    const { to } = readAs(replayBody, request.body)
    const delivery = await find(parts, pathParameter(request, 'id'))
    return showAttempt(await parts.outbox.replay(delivery, to))
  })
}

async function find({ store }: ControlParts, id: string): Promise<Delivery> {
  const delivery = await store.delivery(id.toLowerCase())
  if (!delivery)
    throw notFound(`There is no notification with the id ${id.slice(0, 64)}; it may have been kept long enough.`)
  return delivery
}

function show(parts: ControlParts, delivery: Delivery, attempts: readonly Attempt[]): Record<string, unknown> {
  const { notification } = delivery
  return {
    id: delivery.id,
    callId: notification.callId,
    appId: notification.appId,
    tenantId: notification.tenantId,
    number: notification.number,
    changeType: notification.changeType,
    callbackUri: notification.callbackUri,
    wireVersion: notification.wireVersion,
    createdAt: isoTime(delivery.createdAt),
    state: delivery.state,
    ...(delivery.settledAt !== undefined && { settledAt: isoTime(delivery.settledAt) }),
    ...(delivery.attempts > 0 && { body: JSON.parse(parts.outbox.bodyOf(delivery)) as unknown }),
    attempts: attempts.map(showAttempt),
  }
}

function showAttempt({ at, ...attempt }: Attempt): Record<string, unknown> {
  return { at: isoTime(at), ...attempt }
}
