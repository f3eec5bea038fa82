/** The directory by Graph's own API: users, applications, service principals and their permissions. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { makeClientCertificate } from '../../src/oauth/client-certificate.suite.ts'
import type { AnyJson } from '../support/any-json.ts'
import type { Reply, World } from '../support/world.ts'
import { APPS, OTHER_TENANT, STRANGER, TENANT, USERS, startWorld, user } from '../support/world.ts'
import { GUID, assertRefused, create } from './steps.ts'
import type { Refusal } from './steps.ts'
import * as wire from './wire.ts'

const KEY = 'the-admin-key'
const GRAPH = '00000003-0000-0000-c000-000000000000'
const INITIATE = '284383ee-7f6e-4e40-a2a8-e85dcb029101'
const INITIATE_GROUP = '4c277553-8a09-487b-8023-29ee378d8324'

interface Admin {
  readonly world: World
  readonly send: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>
}

/** A server with an admin key, and requests with it below `/v1.0`. */
async function start(t: TestContext, options: { readonly maxCredentials?: number } = {}): Promise<Admin> {
  const world = await startWorld(t, { adminKey: KEY, ...options })
  return {
    world,
    send: (method, path, body, headers) =>
      world.request(method, path.startsWith('/beta') ? path : `/v1.0${path}`, body, {
        authorization: `Bearer ${KEY}`,
        ...headers,
      }),
  }
}

/** An application made by the API, with a secret; its object id, app id, service principal and secret. */
async function register({ send }: Admin): Promise<Record<'id' | 'appId' | 'principalId' | 'secret', string>> {
  const { body } = await send('POST', '/applications', { displayName: 'Made' })
  const password = await send('POST', `/applications/${body.id}/addPassword`, {
    passwordCredential: { displayName: 'p' },
  })
  const principal = await send('GET', `/servicePrincipals(appId='${body.appId}')`)
  return { id: body.id, appId: body.appId, principalId: principal.body.id, secret: password.body.secretText }
}

function tokenOf({ world }: Admin, appId: string, secret: string): Promise<Reply> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: appId,
    client_secret: secret,
    scope: 'https://graph.microsoft.com/.default',
  })
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return world.request('POST', `/${TENANT}/oauth2/v2.0/token`, form.toString(), headers)
}

const rolesIn = (token: Reply): unknown =>
  JSON.parse(Buffer.from(String(token.body.access_token).split('.')[1] ?? '', 'base64url').toString()).roles

const badRequest = (message: string, explanation = message): Refusal => ({
  status: 400,
  code: 'Request_BadRequest',
  message,
  explanation,
})
const notFound = (id: string): Refusal => ({
  status: 404,
  code: 'Request_ResourceNotFound',
  message: `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  explanation: `The tenant has nothing with the id ${id}.`,
})

test('a user is created, can be called, is changed, found and deleted', async (t) => {
  const admin = await start(t)
  const { world, send } = admin
  const created = await send('POST', '/users', {
    accountEnabled: true,
    displayName: 'New',
    mailNickname: 'new',
    userPrincipalName: 'new@contoso.example',
    jobTitle: 'Tester',
    passwordProfile: { password: 'never-kept', forceChangePasswordNextSignIn: true },
  })
  assert.equal(created.status, 201, JSON.stringify(created.body))
  const { id } = created.body
  assert.match(id, GUID)
  const shown = {
    businessPhones: [],
    displayName: 'New',
    givenName: null,
    jobTitle: 'Tester',
    mail: null,
    mobilePhone: null,
    officeLocation: null,
    preferredLanguage: null,
    userPrincipalName: 'new@contoso.example',
    id,
  }
  const context = `${world.url}/v1.0/$metadata#users/$entity`
  assert.deepEqual(created.body, { '@odata.context': context, ...shown })
  const journal = await world.control('GET', '/journal')
  assert.doesNotMatch(JSON.stringify(journal.body), /never-kept/)

  const call = await create(world, [user(id)])
  await world.advance('1s')
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])

  const path = '/users/NEW@contoso.example'
  assert.deepEqual((await send('GET', path)).body, { '@odata.context': context, ...shown })
  const patched = await send('PATCH', path, { displayName: 'Newer', jobTitle: null, mobilePhone: '+1' })
  assert.deepEqual([patched.status, patched.body], [204, ''])
  const selected = await send('GET', `/users('${id}')?$select=displayName,jobTitle,mobilePhone,mailNickname`)
  assert.deepEqual(selected.body, {
    '@odata.context': context,
    displayName: 'Newer',
    jobTitle: null,
    mobilePhone: '+1',
    mailNickname: 'new',
  })
  const found = await send('GET', `/users?$filter=userPrincipalName eq 'new@contoso.example'&$select=id`)
  assert.deepEqual(found.body.value, [{ id }])
  assert.equal((await send('DELETE', `/users/${id}`)).status, 204)
  assertRefused(await send('GET', `/users/${id}`), notFound(id))
  assertRefused(await send('DELETE', `/users/${id}`), notFound(id))
})

test('a user of the file is changed and deleted, at once and over reloads; reset brings it back', async (t) => {
  const { world, send } = await start(t)
  assert.equal((await send('PATCH', `/users/${USERS.ada}`, { displayName: 'Ada B.' })).status, 204)
  assert.equal((await send('DELETE', '/users/ben@contoso.example')).status, 204)
  const check = async (): Promise<void> => {
    assert.equal((await send('GET', `/users/${USERS.ada}`)).body.displayName, 'Ada B.')
    assertRefused(await send('GET', `/users/${USERS.ben}`), notFound(USERS.ben))
  }
  await check()
  assert.equal((await world.control('POST', '/directory/reload')).status, 200)
  await check()
  const call = await create(world, [user('ben')])
  const text = `The directory has no user ${USERS.ben} in tenant ${TENANT}`
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.terminated(call, wire.result(480, 10134, text))])
  assert.equal((await world.control('POST', '/reset')).status, 204)
  assert.equal((await send('GET', `/users/${USERS.ben}`)).body.displayName, 'ben')
  assert.equal((await send('GET', `/users/${USERS.ada}`)).body.displayName, 'ada')
})

test('lists come in pages, each with a link to the next', async (t) => {
  const { world, send } = await start(t)
  const names: string[] = []
  let path = '/users?$top=4&$select=id,displayName'
  for (let pages = 1; path !== ''; pages++) {
    const { body } = await send('GET', path)
    assert.equal(body['@odata.context'], `${world.url}/v1.0/$metadata#users`)
    names.push(...body.value.map(({ displayName }: AnyJson) => displayName))
    const next: string | undefined = body['@odata.nextLink']
    assert.equal(next === undefined, pages === 2)
    path = next?.replace(`${world.url}/v1.0`, '') ?? ''
  }
  assert.deepEqual(names, Object.keys(USERS))
})

test('what is refused, in the words of the directory', async (t) => {
  const { send } = await start(t)
  const valid = { displayName: 'X', userPrincipalName: 'x@contoso.example' }
  const rows: [Promise<Reply>, Refusal][] = [
    [
      send('GET', "/users?$filter=startswith(displayName,'a')"),
      badRequest("This $filter is not supported; the one that is: $filter=userPrincipalName eq '...'."),
    ],
    [
      send('GET', '/users?$orderby=displayName'),
      badRequest('The query option $orderby is not supported here; $select, $top, $filter are.'),
    ],
    [send('GET', '/users?$top=0'), badRequest('$top must be a whole number from 1 to 999.')],
    [send('GET', `/users/${USERS.ada}?$filter=id eq 'a'`), badRequest('$filter is for lists.')],
    [
      send('POST', '/users', { ...valid, shoeSize: '43' }),
      badRequest("Invalid property 'shoeSize'.", 'shoeSize is not a property that can be written here.'),
    ],
    [
      send('POST', '/users', { ...valid, userPrincipalName: 'ADA@contoso.example' }),
      badRequest(
        'Another object with the same value for property userPrincipalName already exists.',
        'ADA@contoso.example is taken; choose another userPrincipalName.',
      ),
    ],
    [send('GET', `/users/${STRANGER}`), notFound(STRANGER)],
    [send('GET', `/applications(appId='${APPS.foreign}')`), notFound(APPS.foreign)],
    [send('GET', `/applications/${APPS.alpha}`), notFound(APPS.alpha)],
  ]
  for (const [reply, refusal] of rows) assertRefused(await reply, refusal)
  const name = await send('POST', '/users', { ...valid, userPrincipalName: 'x' })
  assert.match(name.body.error.message, /property 'userPrincipalName'/)
  const put = await send('PUT', '/users', {})
  assert.deepEqual([put.status, put.headers.get('allow')], [405, 'GET, POST'])
})

test('who may: the admin key in any tenant, applications with the role in their own, nobody else', async (t) => {
  const admin = await start(t)
  const { world, send } = admin
  const there = await send('GET', '/users', undefined, { 'rollcall-tenant': 'fabrikam' })
  assert.deepEqual(
    there.body.value.map(({ id }: AnyJson) => id),
    [STRANGER],
  )
  assert.equal((await send('GET', '/users', undefined, { 'rollcall-tenant': 'nobody' })).status, 400)
  const anonymous = await world.request('GET', '/v1.0/users')
  assert.deepEqual([anonymous.status, anonymous.body.error.code], [401, 'InvalidAuthenticationToken'])
  const alpha = world.client('alpha')
  assertRefused(await alpha.get('/users'), {
    status: 403,
    code: 'Authorization_RequestDenied',
    message: 'Insufficient privileges to complete the operation.',
    explanation: `This needs the admin key, or the application permission User.ReadWrite.All or Directory.ReadWrite.All; give it to ${APPS.alpha} in the directory (roles).`,
  })
  const graph = (await send('GET', `/servicePrincipals?$filter=appId eq '${GRAPH}'`)).body.value[0]
  const idOf = (role: string): string => graph.appRoles.find(({ value }: AnyJson) => value === role).id
  const own = (await send('GET', `/servicePrincipals(appId='${APPS.alpha}')`)).body.id
  const grant = (role: string): Promise<Reply> =>
    send('POST', `/servicePrincipals/${own}/appRoleAssignments`, {
      principalId: own,
      resourceId: graph.id,
      appRoleId: idOf(role),
    })
  assert.equal((await grant('User.ReadWrite.All')).status, 201)
  assert.deepEqual([(await alpha.get('/users')).status, (await alpha.get('/applications')).status], [200, 403])
  assert.equal((await grant('Directory.ReadWrite.All')).status, 201)
  const seen = await alpha.get('/applications')
  assert.equal(seen.status, 200)
  assert.ok(!JSON.stringify(seen.body).includes(APPS.foreign))
  assert.equal((await alpha.get(`/users/${STRANGER}`)).status, 404)
})

test('an application is registered, gets secrets and permissions, and calls', async (t) => {
  const admin = await start(t)
  const { world, send } = admin
  const made = await register(admin)
  const shown = await send('GET', `/applications/${made.id}`)
  const [password] = shown.body.passwordCredentials
  assert.deepEqual([shown.body.appId, shown.body.displayName, password.displayName], [made.appId, 'Made', 'p'])
  assert.deepEqual([password.secretText, password.hint], [null, made.secret.slice(0, 3)])
  assert.ok(!JSON.stringify(shown.body).includes(made.secret))
  assert.ok(
    !(await world.request('GET', '/control/directory', undefined, { authorization: `Bearer ${KEY}` })).body.value.some(
      (tenant: AnyJson) => JSON.stringify(tenant).includes('sha256'),
    ),
  )

  const path = `/servicePrincipals/${made.principalId}/appRoleAssignments`
  const graphId = (await send('GET', `/servicePrincipals(appId='${GRAPH}')`)).body.id
  const assign = (appRoleId: string): Promise<Reply> =>
    send('POST', path, { principalId: made.principalId, resourceId: graphId, appRoleId })
  const first = await assign(INITIATE)
  assert.equal(first.status, 201)
  assert.deepEqual(
    [first.body.appRoleId, first.body.principalDisplayName, first.body.resourceDisplayName],
    [INITIATE, 'Made', 'Microsoft Graph'],
  )
  assert.equal((await assign(INITIATE)).body.error.message, 'Permission being assigned already exists on the object.')
  assert.equal((await assign(USERS.ada)).body.error.message, 'Permission being assigned was not found on application.')
  await assign(INITIATE_GROUP)
  const token = await tokenOf(admin, made.appId, made.secret)
  assert.deepEqual(rolesIn(token), ['Calls.Initiate.All', 'Calls.InitiateGroupCall.All'])
  const listed = (await send('GET', path)).body.value
  assert.deepEqual(new Set(listed.map(({ appRoleId }: AnyJson) => appRoleId)), new Set([INITIATE, INITIATE_GROUP]))
  assert.equal((await send('DELETE', `${path}/${first.body.id}`)).status, 204)
  assert.equal((await send('DELETE', `${path}/${first.body.id}`)).status, 404)
  assert.deepEqual(rolesIn(await tokenOf(admin, made.appId, made.secret)), ['Calls.InitiateGroupCall.All'])

  const remove = await send('POST', `/applications(appId='${made.appId}')/removePassword`, { keyId: password.keyId })
  assert.equal(remove.status, 204)
  assert.equal((await tokenOf(admin, made.appId, made.secret)).body.error, 'invalid_client')
  assert.equal((await send('PATCH', `/beta/applications/${made.id}`, { displayName: 'Renamed' })).status, 204)
  const renamed = await send('GET', `/applications?$filter=appId eq '${made.appId}'`)
  assert.deepEqual(
    renamed.body.value.map(({ displayName }: AnyJson) => displayName),
    ['Renamed'],
  )
  assert.equal((await send('DELETE', `/applications/${made.id}`)).status, 204)
  assert.equal((await tokenOf(admin, made.appId, made.secret)).body.error, 'unauthorized_client')
})

test('secrets of the file can be removed, too; a secret has its time', async (t) => {
  const admin = await start(t)
  const { send } = admin
  const path = `/applications(appId='${APPS.beta}')`
  const [password] = (await send('GET', path)).body.passwordCredentials
  assert.equal((await tokenOf(admin, APPS.beta, 'test-secret')).status, 200)
  const past = { startDateTime: '2020-01-01T00:00:00Z', endDateTime: '2021-01-01T00:00:00Z' }
  const expired = await send('POST', `${path}/addPassword`, { passwordCredential: past })
  assert.equal((await tokenOf(admin, APPS.beta, expired.body.secretText)).status, 401)
  assert.equal((await send('POST', `${path}/removePassword`, { keyId: password.keyId })).status, 204)
  assert.equal((await tokenOf(admin, APPS.beta, 'test-secret')).status, 401)
  assert.equal((await send('POST', `${path}/removePassword`, { keyId: password.keyId })).status, 400)
  const unended = { passwordCredential: { startDateTime: past.endDateTime, endDateTime: past.startDateTime } }
  assert.equal((await send('POST', `${path}/addPassword`, unended)).status, 400)
})

test('an application has as many credentials as maxCredentials allows', async (t) => {
  const { send } = await start(t, { maxCredentials: 2 })
  const path = `/applications(appId='${APPS.beta}')`
  const tooLarge = (what: string): Refusal => ({
    status: 403,
    code: 'Directory_ResourceSizeExceeded',
    message:
      'The size of the object has exceeded its limit. Please reduce the number of values and retry your request.',
    explanation: `An application may have 2 ${what} (option maxCredentials); remove one first.`,
  })
  const added = await send('POST', `${path}/addPassword`)
  assert.equal(added.status, 200)
  assertRefused(await send('POST', `${path}/addPassword`), tooLarge('secrets'))
  assert.equal((await send('POST', `${path}/removePassword`, { keyId: added.body.keyId })).status, 204)
  assert.equal((await send('POST', `${path}/addPassword`)).status, 200)
  const keyCredentials = [{ key: 'AAAA' }, { key: 'AAAA' }, { key: 'AAAA' }]
  assertRefused(await send('PATCH', path, { keyCredentials }), tooLarge('certificates'))
})

test('certificates come and go by a patch of keyCredentials', async (t) => {
  const { send } = await start(t)
  const path = `/applications(appId='${APPS.alpha}')`
  const keyOf = async (): Promise<string> => {
    const { certificate } = await makeClientCertificate(Date.now())
    return certificate.replaceAll(/-----[^-]+-----|\s/g, '')
  }
  const patch = (keyCredentials: unknown): Promise<Reply> => send('PATCH', path, { keyCredentials })
  const list = async (): Promise<AnyJson[]> => (await send('GET', path)).body.keyCredentials
  assert.equal((await patch([{ type: 'AsymmetricX509Cert', usage: 'Verify', key: await keyOf() }])).status, 204)
  const [first] = await list()
  assert.deepEqual([first.key, first.type, first.usage], [null, 'AsymmetricX509Cert', 'Verify'])
  assert.equal((await patch([first, { key: await keyOf() }])).status, 204)
  const both = await list()
  assert.deepEqual([both.length, both[0]], [2, first])
  assert.equal((await patch([{ keyId: USERS.ada }])).status, 400)
  assert.equal((await patch([{ key: 'AAAA' }])).body.error.code, 'Request_BadRequest')
  assert.equal((await patch([])).status, 204)
  assert.deepEqual(await list(), [])
})

test('the tenant of a token bounds what its application sees: another tenant', async (t) => {
  const { send } = await start(t)
  const made = await send(
    'POST',
    '/users',
    { displayName: 'F', userPrincipalName: 'f@fabrikam.example' },
    { 'rollcall-tenant': OTHER_TENANT },
  )
  assert.equal(made.status, 201)
  assertRefused(await send('GET', `/users/${made.body.id}`), notFound(made.body.id))
})
