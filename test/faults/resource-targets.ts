/** Every address of Graph beside calls, from the tables that its routes are made of. */
import { directoryRoutes } from '../../src/graph/directory/directory.ts'
import { meetingRoutes } from '../../src/graph/meetings/routes.ts'
import { recordRoutes } from '../../src/graph/records/routes.ts'
import { subscriptionRoutes } from '../../src/graph/subscriptions/routes.ts'
import type { World } from '../support/world.ts'
import { USERS } from '../support/world.ts'
import type { Target } from './targets.ts'

const meeting = {
  subject: 'Weekly',
  externalId: 'weekly',
  startDateTime: '2026-01-02T09:00:00Z',
  endDateTime: '2026-01-02T10:00:00Z',
  participants: {
    attendees: [{ upn: 'ben@contoso.example', role: 'presenter', identity: { user: { id: USERS.ben } } }],
  },
  lobbyBypassSettings: { scope: 'everyone', isDialInBypassEnabled: true },
  joinMeetingIdSettings: { isPasscodeRequired: true },
  allowedPresenters: 'organizer',
  allowMeetingChat: 'limited',
}

/** Nobody listens at its address. */
const subscription = {
  changeType: 'created,updated',
  resource: '/communications/callRecords',
  notificationUrl: 'https://127.0.0.1:9/',
  lifecycleNotificationUrl: 'https://127.0.0.1:9/',
  expirationDateTime: '2026-01-02T00:00:00Z',
  clientState: 'state',
}

const person = {
  displayName: 'New',
  userPrincipalName: 'new@contoso.example',
  accountEnabled: true,
  jobTitle: 'Caller',
}
const assignment = { principalId: USERS.ada, resourceId: USERS.ada, appRoleId: USERS.ada }

/** Valid bodies, by operation. */
const BODIES: Readonly<Record<string, unknown>> = {
  'onlineMeeting: create': meeting,
  'onlineMeeting: createOrGet': meeting,
  'onlineMeeting: update': meeting,
  'subscription: create': subscription,
  'subscription: update': { expirationDateTime: '2026-01-02T00:00:00Z', notificationUrl: 'https://127.0.0.1:9/' },
  'user: create': person,
  'user: update': person,
  'application: create': { displayName: 'New', signInAudience: 'AzureADMyOrg' },
  'application: update': { displayName: 'New', keyCredentials: [{ key: 'AAAA', displayName: 'a' }] },
  'application: addPassword': { passwordCredential: { displayName: 'a', endDateTime: '2027-01-01T00:00:00Z' } },
  'application: removePassword': { keyId: USERS.ada },
  'appRoleAssignment: create': assignment,
}

/** What an id in a path stands for, by the collection in front of it: a name of `Live`. */
const NAMES: Readonly<Record<string, string>> = {
  users: 'who',
  onlineMeetings: 'meetingId',
  callRecords: 'recordId',
  subscriptions: 'subscriptionId',
  applications: 'applicationId',
  servicePrincipals: 'applicationId',
}

const LOG = '(fromDateTime=2026-01-01,toDateTime=2026-01-02)'

/** @param _world as the other lists of targets have it */
export function resourceTargets(_world: World): Target[] {
  const routes = [...meetingRoutes, ...recordRoutes, ...subscriptionRoutes, ...directoryRoutes]
  const targets = routes.map(({ operation, method, path }, index): Target => {
    const version = index % 2 === 0 || path.startsWith('/app/') ? 'beta' : 'v1.0'
    const named = path.replaceAll(/\/(\w+)\/:\w+/g, (all: string, collection: string) => {
      const name = NAMES[collection]
      return name === undefined ? all : `/${collection}/:${name}`
    })
    const address = `/${version}${/get\w+Calls$/.test(path) ? named + LOG : named}`
    const body = method === 'GET' ? {} : { body: BODIES[operation] ?? {} }
    return { method, path: address, ...body, refuses: 'graph', authenticated: true }
  })
  return [...targets, ...['v1.0', 'beta'].map((version) => dataModel(version))]
}

function dataModel(version: string): Target {
  return { method: 'GET', path: `/${version}/$metadata`, refuses: 'graph' }
}
