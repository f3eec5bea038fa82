/** Throttling on demand: what bots have to live with in the real service, set for a test. */
import { z } from 'zod'
import { readGuid } from '../runtime.ts'
import type { ControlRoutes } from './parts.ts'
import { invalid, notFound, pathParameter, readAs } from './parts.ts'

const throttleBody = z.strictObject({
  appId: z.string().max(64).optional(),
  operation: z.string().min(1).max(128).optional(),
  count: z.number().int().min(1).max(10_000).default(1),
  retryAfter: z.number().min(0).max(3600).default(1),
})

export const registerThrottles: ControlRoutes = (app, { throttles, ids }) => {
  app.get('/control/throttles', () => ({ value: throttles.list() }))

  app.post('/control/throttles', async (request, reply) => {
    const { appId: written, operation, count: remaining, retryAfter } = readAs(throttleBody, request.body)
    const appId = written === undefined ? undefined : readGuid(written)
    if (written !== undefined && appId === undefined) throw invalid('appId must be a GUID.')
    const throttle = {
      id: ids.guid(),
      ...(appId !== undefined && { appId }),
      ...(operation !== undefined && { operation }),
      remaining,
      retryAfter,
    }
    if (!throttles.add(throttle))
      throw invalid('Too many throttles are set (option throttleLimit); remove some or reset.')
    return reply.code(201).send(throttle)
  })

  app.delete('/control/throttles/:id', async (request, reply) => {
    const id = pathParameter(request, 'id')
    if (!throttles.remove(id))
      throw notFound(`No throttle has the id ${id.slice(0, 64)}; it may have refused all it had to.`)
    return reply.code(204).send()
  })
}
