/** Backups of a running server. */
import { z } from 'zod'
import { HttpError } from '../http/http-error.ts'
import type { ControlRoutes } from './parts.ts'
import { readAs } from './parts.ts'

const backupBody = z.strictObject({
  /** A folder of its own, and no way out of it. */
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,63}$/)
    .refine((name) => !name.endsWith('.part'))
    .optional(),
})

const REFUSED = {
  nowhere: 'The data is in memory and there is no folder for backups; set the option backups.',
  underWay: 'Another backup is being made; ask again when it is complete.',
  exists: 'There is a backup of this name; choose another, or leave the name out.',
} as const

export const registerBackup: ControlRoutes = (app, { backups }) => {
  app.post('/control/backup', async (request, reply) => {
    const { name } = readAs(backupBody, request.body ?? {})
    const made = await backups.make(name)
    if (made.ok) return reply.code(201).send(made.backup)
    throw new HttpError(409, 'conflict', 'The request conflicts with the state of the server.', REFUSED[made.error])
  })
}
