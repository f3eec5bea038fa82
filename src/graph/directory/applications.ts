/** `applications`: app registrations, by object id or app id, with their credentials. */
import { z } from 'zod'
import type { ApplicationEntry, Change } from '../../directory/changes.ts'
import { applicationEntry } from '../../directory/changes.ts'
import {
  hashSecret,
  listCertificates,
  listSecrets,
  readCertificateKey,
  withoutSecret,
} from '../../directory/credentials.ts'
import type { Application, Directory } from '../../directory/directory.ts'
import { applicationObjectId } from '../../directory/object-ids.ts'
import { isoTime } from '../../runtime.ts'
import type { Json } from '../wire/identity.ts'
import { badRequest, notFound, tooLarge } from './errors.ts'
import type { DirectoryAnswer, DirectoryParts, DirectoryRequest, DirectoryRoute } from './route.ts'
import { change, readBody, requiredText, tenantOf } from './route.ts'

/** A secret is valid for so long unless its end is given, in milliseconds. */
const TWO_YEARS = 2 * 365 * 86_400_000
const moment = z.iso.datetime({ offset: true }).nullish()
const createBody = z.strictObject({ displayName: requiredText, signInAudience: z.literal('AzureADMyOrg').optional() })
const keyCredential = z.strictObject({
  keyId: z.guid().nullish(),
  key: z.base64().max(100_000).nullish(),
  type: z.string().nullish(),
  usage: z.string().nullish(),
  displayName: z.string().nullish(),
  customKeyIdentifier: z.string().nullish(),
  startDateTime: moment,
  endDateTime: moment,
})
const patchBody = z.strictObject({
  displayName: requiredText.optional(),
  keyCredentials: z.array(keyCredential).optional(),
})
const addPasswordBody = z.strictObject({
  passwordCredential: z
    .strictObject({ displayName: z.string().max(256).nullish(), startDateTime: moment, endDateTime: moment })
    .nullish(),
})
const removePasswordBody = z.strictObject({ keyId: z.guid() })
const role = 'Application.ReadWrite.All'

export const applicationRoutes: readonly DirectoryRoute[] = [
  {
    operation: 'application: list',
    method: 'GET',
    path: '/applications',
    role,
    filterable: 'appId',
    handle(request, { directory }) {
      const { applications } = tenantOf(request, directory.current())
      const wanted = request.filter?.toLowerCase()
      const found = applications.filter(({ appId }) => wanted === undefined || appId === wanted)
      const items = found.map((one) => ({ id: applicationObjectId(one.appId), show: () => show(one) }))
      return { status: 200, items, context: 'applications' }
    },
  },
  { operation: 'application: create', method: 'POST', path: '/applications', role, handle: create },
  {
    operation: 'application: get',
    method: 'GET',
    path: '/applications/:id',
    role,
    handle: (request, { directory }) => ({
      status: 200,
      item: show(requireApplication(request, directory.current())),
      context: 'applications/$entity',
    }),
  },
  { operation: 'application: update', method: 'PATCH', path: '/applications/:id', role, handle: update },
  {
    operation: 'application: delete',
    method: 'DELETE',
    path: '/applications/:id',
    role,
    async handle(request, parts) {
      await change(parts, (directory) => {
        const { appId, applicationInstances } = requireApplication(request, directory)
        const instances = applicationInstances.map(({ id }): Change => ({ kind: 'applicationInstance', id }))
        return { changes: [{ kind: 'application', id: appId }, ...instances], result: undefined }
      })
      return { status: 204 }
    },
  },
  {
    operation: 'application: addPassword',
    method: 'POST',
    path: '/applications/:id/addPassword',
    role,
    handle: addPassword,
  },
  {
    operation: 'application: removePassword',
    method: 'POST',
    path: '/applications/:id/removePassword',
    role,
    async handle(request, parts) {
      const { keyId } = readBody(removePasswordBody, request.body)
      await edit(request, parts, (application) => withoutSecret(application, keyId.toLowerCase()))
      return { status: 204 }
    },
  },
]

/** The application that the request addresses, by object id or app id. */
export function requireApplication({ tenantId, id }: DirectoryRequest, directory: Directory): Application {
  const appId = /^appId=(.*)$/i.exec(id)?.[1]
  const found =
    appId === undefined
      ? directory.tenant(tenantId)?.applications.find((each) => applicationObjectId(each.appId) === id.toLowerCase())
      : directory.application(appId)
  if (found?.tenantId !== tenantId) throw notFound(appId ?? id)
  return found
}

async function create(request: DirectoryRequest, parts: DirectoryParts): Promise<DirectoryAnswer> {
  const { displayName } = readBody(createBody, request.body)
  const entry: ApplicationEntry = {
    tenantId: request.tenantId,
    appId: parts.ids.guid(),
    displayName,
    secrets: [],
    roles: [],
  }
  await change(parts, () => ({ changes: [{ kind: 'application', id: entry.appId, entry }], result: undefined }))
  return { status: 201, item: show(entry), context: 'applications/$entity' }
}

async function update(request: DirectoryRequest, parts: DirectoryParts): Promise<DirectoryAnswer> {
  const { displayName, keyCredentials } = readBody(patchBody, request.body)
  if (keyCredentials) checkRoom('certificates', keyCredentials.length, parts)
  await edit(request, parts, ({ certificates, ...application }) => {
    const before = { ...application, ...(certificates && { certificates }) }
    const after = keyCredentials ? readCertificates(before, keyCredentials) : (certificates ?? [])
    return {
      ...application,
      ...(displayName !== undefined && { displayName }),
      ...(after.length > 0 && { certificates: after }),
    }
  })
  return { status: 204 }
}

/** The certificates that a patch leaves: new ones come with their key, those that stay are named by their key id. */
function readCertificates(
  application: ApplicationEntry,
  given: readonly z.infer<typeof keyCredential>[],
): readonly string[] {
  const { certificates = [] } = application
  const known = listCertificates(application)
  return given.map(({ keyId, key }, index) => {
    if (typeof key === 'string') return readCertificateKey(key, `keyCredentials[${index}].key`)
    const kept = certificates[known.findIndex((each) => each.keyId === keyId?.toLowerCase())]
    if (kept !== undefined) return kept
    throw badRequest(`keyCredentials[${index}]: give the key of a new certificate, or the keyId of one that is there.`)
  })
}

async function addPassword(request: DirectoryRequest, parts: DirectoryParts): Promise<DirectoryAnswer> {
  const { passwordCredential } = readBody(addPasswordBody, request.body)
  const { displayName, startDateTime, endDateTime } = passwordCredential ?? {}
  const start = typeof startDateTime === 'string' ? Date.parse(startDateTime) : parts.clock.now()
  const end = typeof endDateTime === 'string' ? Date.parse(endDateTime) : start + TWO_YEARS
  if (end <= start) throw badRequest('passwordCredential.endDateTime must be after its startDateTime.')
  const secretText = parts.ids.secret(30)
  const about = {
    keyId: parts.ids.guid(),
    ...(typeof displayName === 'string' && { displayName }),
    startDateTime: isoTime(start),
    endDateTime: isoTime(end),
  }
  const hashed = hashSecret(secretText, about)
  await edit(request, parts, (application) => {
    const { secrets, hashedSecrets = [] } = application
    checkRoom('secrets', secrets.length + hashedSecrets.length + 1, parts)
    return { ...application, hashedSecrets: [...hashedSecrets, hashed] }
  })
  const { sha256: _, ...listed } = hashed
  const item = { customKeyIdentifier: null, displayName: null, ...listed, secretText }
  return { status: 200, item, context: 'microsoft.graph.passwordCredential' }
}

function checkRoom(what: string, count: number, { mostCredentials }: DirectoryParts): void {
  if (count <= mostCredentials) return
  throw tooLarge(`An application may have ${mostCredentials} ${what} (option maxCredentials); remove one first.`)
}

/** Changes the application that the request addresses, apart from its instances. */
function edit(
  request: DirectoryRequest,
  parts: DirectoryParts,
  after: (application: ApplicationEntry) => ApplicationEntry,
): Promise<void> {
  return change(parts, (directory) => {
    const entry = after(applicationEntry(requireApplication(request, directory)))
    return { changes: [{ kind: 'application', id: entry.appId, entry }], result: undefined }
  })
}

function show(application: ApplicationEntry): Json {
  const { appId, displayName } = application
  return {
    id: applicationObjectId(appId),
    deletedDateTime: null,
    appId,
    displayName,
    signInAudience: 'AzureADMyOrg',
    keyCredentials: listCertificates(application).map((certificate) => ({
      ...certificate,
      key: null,
      type: 'AsymmetricX509Cert',
      usage: 'Verify',
    })),
    passwordCredentials: listSecrets(application).map((secret) => ({
      customKeyIdentifier: null,
      displayName: null,
      startDateTime: null,
      endDateTime: null,
      ...secret,
      secretText: null,
    })),
  }
}
