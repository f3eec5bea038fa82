/** `servicePrincipals`: applications as the tenant knows them, and the permissions that they were given. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { GRAPH_APP_ID, appRoleId, appRoleOf, appRoles } from '../../directory/app-roles.ts'
import { applicationEntry } from '../../directory/changes.ts'
import type { Application, Directory } from '../../directory/directory.ts'
import { servicePrincipalId } from '../../directory/object-ids.ts'
import { readGuid } from '../../runtime.ts'
import type { Json } from '../wire/identity.ts'
import { badRequest, notFound } from './errors.ts'
import type { DirectoryAnswer, DirectoryParts, DirectoryRequest, DirectoryRoute } from './route.ts'
import { change, readBody, tenantOf } from './route.ts'

const role = 'Application.ReadWrite.All'
const assignBody = z.strictObject({ principalId: z.guid(), resourceId: z.guid(), appRoleId: z.guid() })
const ASSIGNMENTS = '/servicePrincipals/:id/appRoleAssignments'

export const servicePrincipalRoutes: readonly DirectoryRoute[] = [
  {
    operation: 'servicePrincipal: list',
    method: 'GET',
    path: '/servicePrincipals',
    role,
    filterable: 'appId',
    handle(request, { directory }) {
      const { applications } = tenantOf(request, directory.current())
      const { tenantId } = request
      const wanted = request.filter?.toLowerCase()
      const found = applications.filter(({ appId }) => wanted === undefined || appId === wanted)
      const items = found.map((one) => ({ id: servicePrincipalId(tenantId, one.appId), show: () => show(one) }))
      if (wanted === undefined || wanted === GRAPH_APP_ID) {
        items.push({ id: servicePrincipalId(tenantId, GRAPH_APP_ID), show: () => showGraph(tenantId) })
      }
      return { status: 200, items, context: 'servicePrincipals' }
    },
  },
  {
    operation: 'servicePrincipal: get',
    method: 'GET',
    path: '/servicePrincipals/:id',
    role,
    handle(request, { directory }) {
      const item = isGraph(request) ? showGraph(request.tenantId) : show(requirePrincipal(request, directory.current()))
      return { status: 200, item, context: 'servicePrincipals/$entity' }
    },
  },
  {
    operation: 'appRoleAssignment: list',
    method: 'GET',
    path: ASSIGNMENTS,
    role,
    handle(request, { directory }) {
      const application = isGraph(request) ? undefined : requirePrincipal(request, directory.current())
      const items = (application?.roles ?? []).flatMap((name) =>
        application ? [{ id: assignmentIdOf(application, name), show: () => showAssignment(application, name) }] : [],
      )
      return { status: 200, items, context: 'appRoleAssignments' }
    },
  },
  { operation: 'appRoleAssignment: create', method: 'POST', path: ASSIGNMENTS, role, handle: assign },
  {
    operation: 'appRoleAssignment: delete',
    method: 'DELETE',
    path: `${ASSIGNMENTS}/:assignmentId`,
    role,
    async handle(request, parts) {
      const { assignmentId = '' } = request.params
      await edit(request, parts, (application) => {
        const { roles } = application
        const left = roles.filter((name) => assignmentIdOf(application, name) !== assignmentId)
        if (left.length === roles.length) throw notFound(assignmentId)
        return left
      })
      return { status: 204 }
    },
  },
]

async function assign(request: DirectoryRequest, parts: DirectoryParts): Promise<DirectoryAnswer> {
  const body = readBody(assignBody, request.body)
  const name = appRoleOf(body.appRoleId.toLowerCase())
  if (body.resourceId.toLowerCase() !== servicePrincipalId(request.tenantId, GRAPH_APP_ID)) {
    throw badRequest(
      "resourceId: only Microsoft Graph's service principal has permissions to give; find it by $filter=appId eq '00000003-0000-0000-c000-000000000000'.",
    )
  }
  if (name === undefined) {
    throw badRequest(
      'Permission being assigned was not found on application.',
      `appRoleId: the permissions known here are ${[...appRoles.keys()].join(', ')}; their ids are the appRoles of Microsoft Graph's service principal.`,
    )
  }
  const application = await edit(request, parts, (before) => {
    if (servicePrincipalId(before.tenantId, before.appId) !== body.principalId.toLowerCase()) {
      throw badRequest('principalId must be the service principal that the address names.')
    }
    if (before.roles.includes(name)) {
      throw badRequest('Permission being assigned already exists on the object.', `${name} is assigned already.`)
    }
    return [...before.roles, name]
  })
  return { status: 201, item: showAssignment(application, name), context: 'appRoleAssignments/$entity' }
}

/** Whether the address names Microsoft Graph itself. */
function isGraph({ tenantId, id }: DirectoryRequest): boolean {
  const key = id.toLowerCase()
  return key === `appid=${GRAPH_APP_ID}` || key === servicePrincipalId(tenantId, GRAPH_APP_ID)
}

function requirePrincipal({ tenantId, id }: DirectoryRequest, directory: Directory): Application {
  const appId = readGuid(/^appId=(.*)$/i.exec(id)?.[1] ?? '')
  const found = directory
    .tenant(tenantId)
    ?.applications.find((each) => each.appId === appId || servicePrincipalId(tenantId, each.appId) === id.toLowerCase())
  if (!found) throw notFound(id)
  return found
}

/** Gives the application that the request addresses other roles; new tokens carry them. */
function edit(
  request: DirectoryRequest,
  parts: DirectoryParts,
  rolesAfter: (application: Application) => readonly string[],
): Promise<Application> {
  return change(parts, (directory) => {
    const application = requirePrincipal(request, directory)
    const entry = { ...applicationEntry(application), roles: rolesAfter(application) }
    return { changes: [{ kind: 'application', id: entry.appId, entry }], result: application }
  })
}

function show({ tenantId, appId, displayName }: Application): Json {
  return principal(tenantId, appId, displayName, [])
}

function showGraph(tenantId: string): Json {
  const roles = [...appRoles].map(([value, id]) => ({
    allowedMemberTypes: ['Application'],
    displayName: value,
    id,
    isEnabled: true,
    origin: 'Application',
    value,
  }))
  return principal(tenantId, GRAPH_APP_ID, 'Microsoft Graph', roles)
}

function principal(tenantId: string, appId: string, displayName: string, roles: readonly Json[]): Json {
  return {
    id: servicePrincipalId(tenantId, appId),
    deletedDateTime: null,
    accountEnabled: true,
    appId,
    appDisplayName: displayName,
    displayName,
    servicePrincipalType: 'Application',
    appRoles: roles,
  }
}

function assignmentIdOf({ appId, tenantId }: Application, name: string): string {
  return createHash('sha256').update(`${tenantId} ${appId} ${name}`).digest('base64url')
}

function showAssignment(application: Application, name: string): Json {
  const { tenantId, appId, displayName } = application
  return {
    id: assignmentIdOf(application, name),
    deletedDateTime: null,
    appRoleId: appRoleId(name),
    createdDateTime: null,
    principalDisplayName: displayName,
    principalId: servicePrincipalId(tenantId, appId),
    principalType: 'ServicePrincipal',
    resourceDisplayName: 'Microsoft Graph',
    resourceId: servicePrincipalId(tenantId, GRAPH_APP_ID),
  }
}
