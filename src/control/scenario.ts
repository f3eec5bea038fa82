/** What tests and CI set up: scripts, the clock, a clean slate; and the journal that explains what they got. */
import { z } from 'zod'
import { E164 } from '../calls/identity.ts'
import { writeDirectory } from '../directory/write.ts'
import { parseScript, soundsOf } from '../endpoints/scripted/script.ts'
import { HttpError } from '../http/http-error.ts'
import { soundProblem } from '../media/media.ts'
import { isoTime, parseDuration, readGuid } from '../runtime.ts'
import type { VirtualClock } from '../runtime.ts'
import type { ControlParts, ControlRoutes } from './parts.ts'
import { invalid, notFound, pathParameter, readAs } from './parts.ts'

/** The clock is wound on by this much at most in one request. */
const LONGEST_ADVANCE = 366 * 86_400_000
const advanceBody = z.strictObject({ by: z.string().max(64) })
const journalQuery = z.object({
  callId: z.string().max(64).optional(),
  appId: z.string().max(64).optional(),
  requestId: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
})

export const registerScenario: ControlRoutes = (app, parts) => {
  registerScripts(app, parts)
  registerClock(app, parts)
  registerJournal(app, parts)

  app.post('/control/reset', async (_request, reply) => {
    await parts.switchboard.reset(async () => {
      parts.outbox.forget()
      parts.subscriptions.forget()
      await parts.media.whole.close()
      await parts.media.recordings.clear()
      await parts.media.callRecordings.clear()
      await parts.directory.forget(() => parts.store.reset())
      parts.records.forget()
      parts.scripts.forget()
      parts.meetings.forget()
      parts.journal.clear()
      parts.throttles.clear()
    })
    return reply.code(204).send()
  })

  app.get('/control/directory', () => ({ value: parts.directory.current().tenants().map(withoutSecrets) }))

  app.get('/control/directory/export', (_request, reply) =>
    reply.type('application/yaml; charset=utf-8').send(writeDirectory(parts.directory.current())),
  )

  app.post('/control/directory/reload', async () => {
    const reloaded = await parts.directory.reload()
    if (reloaded.ok) return { changed: reloaded.changed }
    throw invalid(
      reloaded.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`).join(' '),
    )
  })
}

const registerScripts: ControlRoutes = (app, parts) => {
  app.get('/control/scripts', () => ({ value: Object.fromEntries(parts.scripts.list()) }))

  app.put('/control/scripts/:who', async (request) => {
    const key = whoOf(parts, pathParameter(request, 'who'))
    const parsed = parseScript(request.body)
    if (!parsed.ok) {
      throw invalid(`${parsed.errors.map(({ message }) => message).join('; ')}.`)
    }
    for (const path of soundsOf(parsed.script)) {
      const problem = soundProblem(path, parts.directory.file, parts.config)
      if (problem !== undefined) throw invalid(`${problem}.`)
    }
    if (!(await parts.scripts.set(key, request.body, parsed.script))) {
      throw invalid('Too many scripts are set (option scriptLimit); take some back or reset.')
    }
    return { who: key, script: request.body }
  })

  app.delete('/control/scripts/:who', async (request, reply) => {
    const key = whoOf(parts, pathParameter(request, 'who'))
    if (!(await parts.scripts.remove(key))) throw notFound(`No script is set for ${key}.`)
    return reply.code(204).send()
  })
}

const registerClock: ControlRoutes = (app, parts) => {
  app.get('/control/clock', () => ({ kind: parts.clock.kind, now: isoTime(parts.clock.now()) }))

  app.post('/control/clock/advance', async (request) => {
    const { by } = readAs(advanceBody, request.body)
    const milliseconds = parseDuration(by)
    if (milliseconds === undefined || milliseconds > LONGEST_ADVANCE) {
      throw invalid('by: a duration such as "PT60S", "60s" or "45m" is expected, of at most 366 days.')
    }
    const { clock, activity, config } = parts
    if (!isVirtual(clock)) {
      throw new HttpError(
        409,
        'notSupported',
        'The clock is real.',
        'The clock can be advanced if the server was started with --clock virtual.',
      )
    }
    await clock.advance(milliseconds, () => activity.idle(config.settlePatience))
    return { kind: clock.kind, now: isoTime(clock.now()) }
  })
}

const registerJournal: ControlRoutes = (app, parts) => {
  app.get('/control/journal', (request) => {
    const { callId, appId, requestId, limit } = readAs(journalQuery, request.query)
    const entries = parts.journal.list(
      (entry) =>
        (callId === undefined || entry.callId === readGuid(callId)) &&
        (appId === undefined || entry.appId === readGuid(appId)) &&
        (requestId === undefined || entry.requestId === requestId || entry.clientRequestId === requestId),
      limit,
    )
    return { value: entries.map(({ at, ...entry }) => ({ at: isoTime(at), ...entry })) }
  })
}

function isVirtual(clock: ControlParts['clock']): clock is VirtualClock {
  return clock.kind === 'virtual'
}

/** The key under which a person's or phone's script is kept: user id or number. */
function whoOf({ directory }: ControlParts, text: string): string {
  const user = directory.current().user(text)
  if (user) return user.id
  if (E164.test(text)) return text
  throw notFound(
    `${text.slice(0, 64)} is neither a user of the directory (id or user principal name) nor an E.164 number.`,
  )
}

function withoutSecrets(
  tenant: ReturnType<ReturnType<ControlParts['directory']['current']>['tenants']>[number],
): unknown {
  return {
    ...tenant,
    applications: tenant.applications.map(({ secrets: _, hashedSecrets: __, ...application }) => application),
  }
}
