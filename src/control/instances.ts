/** The set-up of calls with phones: application instances, their licences and numbers, step by step. */
import { z } from 'zod'
import type { ApplicationInstance, Directory, PhoneNumber } from '../directory/directory.ts'
import { licenses, phoneNumberKinds } from '../directory/directory.ts'
import { assignmentState, missingStep, syncState } from '../directory/provisioning.ts'
import { DirectoryRefusal } from '../directory/refusal.ts'
import * as setup from '../directory/setup.ts'
import { HttpError } from '../http/http-error.ts'
import { isoTime } from '../runtime.ts'
import type { ControlParts, ControlRoutes } from './parts.ts'
import { invalid, notFound, pathParameter, readAs } from './parts.ts'

const name = z.string().trim().min(1).max(320)
const createBody = z.strictObject({
  appId: name,
  displayName: name,
  userPrincipalName: name,
  id: z.string().max(64).optional(),
})
const licensesBody = z.strictObject({ licenses: z.array(z.enum(licenses)).max(16) })
const numberBody = z.strictObject({ number: z.string().max(64) })
const acquireBody = z.strictObject({
  number: z.string().max(64),
  tenant: name.optional(),
  kind: z.enum(phoneNumberKinds).default('service'),
  displayName: name.optional(),
})

export const registerInstances: ControlRoutes = (app, parts) => {
  const idOf = (request: Parameters<typeof pathParameter>[0]): string => pathParameter(request, 'id')

  app.get('/control/instances', () => ({
    value: instancesOf(parts.directory.current()).map((instance) => show(instance, parts)),
  }))

  app.get('/control/instances/:id', async (request) =>
    show(await change(parts, (directory) => unchanged(setup.requireInstance(directory, idOf(request)))), parts),
  )

  app.post('/control/instances', async (request, reply) => {
    const body = readAs(createBody, request.body)
    const entry = { ...body, id: body.id ?? parts.ids.guid() }
    const created = await change(parts, (directory) => setup.createInstance(directory, entry))
    return reply.code(201).send(show(created, parts))
  })

  app.delete('/control/instances/:id', async (request, reply) => {
    await change(parts, (directory) => setup.deleteInstance(directory, idOf(request)))
    return reply.code(204).send()
  })

  app.post('/control/instances/:id/sync', async (request) => {
    const when = { now: parts.clock.now(), delay: parts.config.syncDelay }
    return show(await change(parts, (directory) => setup.syncInstance(directory, idOf(request), when)), parts)
  })

  app.put('/control/instances/:id/licenses', async (request) => {
    const { licenses: wanted } = readAs(licensesBody, request.body)
    const now = parts.clock.now()
    return show(await change(parts, (directory) => setup.assignLicenses(directory, idOf(request), wanted, now)), parts)
  })

  app.put('/control/instances/:id/phoneNumber', async (request) => {
    const { number } = readAs(numberBody, request.body)
    const now = parts.clock.now()
    return show(await change(parts, (directory) => setup.assignNumber(directory, idOf(request), number, now)), parts)
  })

  app.delete('/control/instances/:id/phoneNumber', async (request) =>
    show(await change(parts, (directory) => setup.unassignNumber(directory, idOf(request))), parts),
  )

  registerNumbers(app, parts)
}

const registerNumbers: ControlRoutes = (app, parts) => {
  app.get('/control/numbers', () => {
    const directory = parts.directory.current()
    const numbers = directory.tenants().flatMap(({ phoneNumbers }) => phoneNumbers)
    return { value: numbers.map((number) => showNumber(number, directory)) }
  })

  app.post('/control/numbers', async (request, reply) => {
    const { number, tenant, kind, displayName } = readAs(acquireBody, request.body)
    const acquired = await change(parts, (directory) =>
      setup.acquireNumber(directory, {
        tenantId: tenantIdOf(directory, tenant),
        number,
        kind,
        ...(displayName !== undefined && { displayName }),
      }),
    )
    return reply.code(201).send(showNumber(acquired, parts.directory.current()))
  })

  app.delete('/control/numbers/:number', async (request, reply) => {
    await change(parts, (directory) => setup.releaseNumber(directory, pathParameter(request, 'number')))
    return reply.code(204).send()
  })
}

/** Carries out one step; a refusal of it as an answer. */
async function change<T>(parts: ControlParts, step: (directory: Directory) => setup.Step<T>): Promise<T> {
  try {
    return await parts.directory.change(step)
  } catch (error) {
    throw error instanceof DirectoryRefusal ? asHttpError(error) : error
  }
}

function asHttpError({ kind, message }: DirectoryRefusal): HttpError {
  switch (kind) {
    case 'notFound':
      return notFound(message)
    case 'invalid':
      return invalid(message)
    case 'conflict':
    case 'full':
      return new HttpError(409, 'conflict', 'The request conflicts with the current state of the directory.', message)
  }
}

function unchanged<T>(result: T): setup.Step<T> {
  return { changes: [], result }
}

/** The tenant that a request names, or the only one. */
function tenantIdOf(directory: Directory, named: string | undefined): string {
  const [first, ...others] = directory.tenants()
  const tenant = named === undefined ? first : directory.tenant(named)
  if (tenant && (named !== undefined || others.length === 0)) return tenant.id
  const names = directory.tenants().map((each) => each.name)
  throw new DirectoryRefusal('invalid', `tenant: name one of the directory's tenants: ${names.join(', ')}.`)
}

function instancesOf(directory: Directory): ApplicationInstance[] {
  return directory
    .tenants()
    .flatMap(({ applications }) => applications.flatMap(({ applicationInstances }) => applicationInstances))
}

/** An instance with the state of its set-up, and what is missing. */
function show(instance: ApplicationInstance, { clock }: ControlParts): Record<string, unknown> {
  const now = clock.now()
  const { id, appId, tenantId, displayName, userPrincipalName, phoneNumber, syncedAt, numberSyncedAt } = instance
  const missing = missingStep(instance, now)
  const sync = syncState(instance, now)
  const assignment = assignmentState(instance, now)
  return {
    id,
    appId,
    tenantId,
    displayName,
    userPrincipalName,
    sync,
    ...(sync === 'syncing' && syncedAt !== undefined && { syncedAt: isoTime(syncedAt) }),
    licenses: instance.licenses,
    phoneNumber: phoneNumber ?? null,
    assignment,
    ...(assignment === 'syncing' && numberSyncedAt !== undefined && { assignedAt: isoTime(numberSyncedAt) }),
    ready: missing === undefined,
    ...(missing && { missing: missing.text }),
  }
}

function showNumber(
  { number, kind, tenantId, displayName }: PhoneNumber,
  directory: Directory,
): Record<string, unknown> {
  return {
    number,
    kind,
    tenantId,
    ...(displayName !== undefined && { displayName }),
    assignedTo: directory.instanceOfNumber(number)?.id ?? null,
  }
}
