/** The set-up of calls with phones by the control API: every step, what it asks for, and what a bot hears without it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply, World } from '../support/world.ts'
import { APPS, INSTANCE, OTHER_TENANT, PHONE, SERVICE_NUMBER, TENANT, startWorld } from '../support/world.ts'
import { phone, user } from '../support/world.ts'
import { CALLS, GUID, assertRefused, create, groupCall } from './steps.ts'
import type { Refusal } from './steps.ts'
import * as wire from './wire.ts'

const LINE = 'beta-line@contoso.example'
const NUMBER = '+12065550101'
const BOTH = ['phoneSystemVirtualUser', 'callingPlan']

const conflict = (explanation: string): Refusal => ({
  status: 409,
  code: 'conflict',
  message: 'The request conflicts with the current state of the directory.',
  explanation,
})
const invalid = (explanation: string): Refusal => ({
  status: 400,
  code: 'invalidRequest',
  message: 'The request is invalid.',
  explanation,
})

/** The steps, with an instance of beta unless another is named. */
const steps = (world: World, line = LINE) => ({
  create: (more: object = {}): Promise<Reply> =>
    world.control('POST', '/instances', {
      appId: APPS.beta,
      displayName: 'Beta line',
      userPrincipalName: line,
      ...more,
    }),
  get: (): Promise<Reply> => world.control('GET', `/instances/${line}`),
  sync: (): Promise<Reply> => world.control('POST', `/instances/${line}/sync`),
  license: (licenses: readonly string[]): Promise<Reply> =>
    world.control('PUT', `/instances/${line}/licenses`, { licenses }),
  acquire: (more: object = {}): Promise<Reply> =>
    world.control('POST', '/numbers', { number: NUMBER, tenant: 'contoso', ...more }),
  assign: (number = NUMBER): Promise<Reply> => world.control('PUT', `/instances/${line}/phoneNumber`, { number }),
  unassign: (): Promise<Reply> => world.control('DELETE', `/instances/${line}/phoneNumber`),
})

test('step by step: at each the phone is out of reach for the next one, and in the end it rings', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world, ['ada', 'ben'], { app: 'beta' })
  const path = `${CALLS}/${call.id}/participants/invite`
  const invitePhone = (): Promise<Reply> => world.client('beta').post(path, { participants: [phone(PHONE)] })
  const lacks = async (missing: string): Promise<void> => {
    const { id } = wire.invited(await invitePhone())
    const outcome = { code: 412, subcode: 9999, failures: `4:${PHONE}: ${missing}`, diagCode: '412#10073' }
    assert.deepEqual(await world.take('beta'), [wire.operationFailed(call, id, [wire.number(PHONE)], outcome)])
  }
  const step = steps(world)
  const name = `the application instance ${LINE}`

  await lacks(
    'the application has no application instance with a phone number; give it one in the directory (applicationInstances)',
  )
  const created = await step.create()
  assert.equal(created.status, 201)
  assert.match(created.body.id, GUID)
  const bare = {
    id: created.body.id,
    appId: APPS.beta,
    tenantId: TENANT,
    displayName: 'Beta line',
    userPrincipalName: LINE,
    sync: 'notSynced',
    licenses: [],
    phoneNumber: null,
    assignment: 'none',
    ready: false,
    missing: `${name} was never synced; sync it`,
  }
  assert.deepEqual(created.body, bare)
  await lacks(bare.missing)

  const both = 'Phone System - Virtual User and a calling plan'
  const synced = { ...bare, sync: 'synced', missing: `${name} has no licence for ${both}; assign it` }
  assert.deepEqual((await step.sync()).body, synced)
  await lacks(synced.missing)

  const half = `${name} has no licence for a calling plan; assign it`
  assert.equal((await step.license(['phoneSystemVirtualUser'])).body.missing, half)
  await lacks(half)
  const licensed = {
    ...synced,
    licenses: BOTH,
    missing: `${name} has no phone number; assign a service number to it, and sync it`,
  }
  assert.deepEqual((await step.license(BOTH)).body, licensed)
  await lacks(licensed.missing)

  const acquired = await step.acquire({ displayName: 'New line' })
  assert.equal(acquired.status, 201)
  const number = { number: NUMBER, kind: 'service', tenantId: TENANT, displayName: 'New line' }
  assert.deepEqual(acquired.body, { ...number, assignedTo: null })
  await lacks(licensed.missing)

  const pending = {
    ...licensed,
    phoneNumber: NUMBER,
    assignment: 'pending',
    missing: `${name} was not synced since it got the number ${NUMBER}; sync it again`,
  }
  assert.deepEqual((await step.assign()).body, pending)
  await lacks(pending.missing)

  const { missing: _, ...rest } = pending
  const ready = { ...rest, assignment: 'assigned', ready: true }
  assert.deepEqual((await step.sync()).body, ready)
  assert.deepEqual((await step.get()).body, ready)
  const listed = (await world.control('GET', '/instances')).body.value
  assert.deepEqual([listed.length, listed[1]], [2, ready])
  const numbers = (await world.control('GET', '/numbers')).body.value
  assert.deepEqual(numbers.at(-1), { ...number, assignedTo: ready.id })

  const { id, ids } = wire.invited(await invitePhone())
  const customer = { id: ids[0] ?? '', identity: wire.number(PHONE), sourceId: 4 }
  assert.deepEqual(await world.take('beta'), [
    wire.operationEnd(call, id, [customer.identity]),
    wire.roster(call, [...rows, customer]),
  ])
})

test('with syncDelay a sync takes its time: the instance, and then its number', async (t) => {
  const world = await startWorld(t, { syncDelay: 60_000, clockStart: Date.UTC(2030, 0, 1) })
  const step = steps(world)
  await step.create()
  const first = await step.sync()
  assert.deepEqual([first.body.sync, first.body.syncedAt], ['syncing', '2030-01-01T00:01:00.000Z'])
  assert.equal(first.body.missing, `the application instance ${LINE} is still being synced; wait for the end of that`)
  assertRefused(
    await step.license(BOTH),
    conflict(`The application instance ${LINE} is still being synced; wait for the end of that.`),
  )
  await world.advance('59s')
  // Another sync does not begin afresh.
  assert.equal((await step.sync()).body.syncedAt, '2030-01-01T00:01:00.000Z')
  await world.advance('1s')
  assert.equal((await step.license(BOTH)).body.sync, 'synced')
  await step.acquire()
  assert.equal((await step.assign()).body.assignment, 'pending')
  const second = await step.sync()
  assert.deepEqual(
    [second.body.sync, second.body.assignment, second.body.assignedAt],
    ['synced', 'syncing', '2030-01-01T00:02:00.000Z'],
  )
  const call = await create(world, [user('ada')], { app: 'beta' })
  await world.take('beta')
  const invitePhone = async (): Promise<string> => {
    await world.client('beta').post(`${CALLS}/${call.id}/participants/invite`, { participants: [phone(PHONE)] })
    const taken = await world.take('beta')
    return taken.map(({ resourceData }) => resourceData.resultInfo?.message ?? '').find((text) => text !== '') ?? ''
  }
  assert.match(await invitePhone(), /the number \+12065550101 of .* is still being synced.* DiagCode: 412#10073\.@$/)
  await world.advance('60s')
  assert.deepEqual([(await step.get()).body.assignment, await invitePhone()], ['assigned', ''])
})

test('each step asks for the ones before it', async (t) => {
  const world = await startWorld(t)
  const step = steps(world)
  const none = `There is no application instance ${LINE}; create one: POST /control/instances.`
  const notFound: Refusal = {
    ...invalid(none),
    status: 404,
    code: 'itemNotFound',
    message: 'The resource could not be found.',
  }
  for (const attempt of [step.get, step.sync, step.assign, step.unassign]) assertRefused(await attempt(), notFound)
  assertRefused(await step.license(BOTH), notFound)
  await step.create()
  const unsynced = conflict(`The application instance ${LINE} was never synced; sync it first (POST .../sync).`)
  assertRefused(await step.license(BOTH), unsynced)
  assertRefused(await step.assign(), unsynced)
  assert.equal((await step.license([])).status, 200)
  await step.sync()
  assertRefused(
    await step.assign(),
    conflict(
      'The application instance has no licence for Phone System - Virtual User and a calling plan; assign it first (PUT .../licenses).',
    ),
  )
  await step.license(BOTH)
  assertRefused(
    await step.assign(),
    invalid(`number: ${NUMBER} is not in the directory; acquire it first (POST /control/numbers).`),
  )
  assertRefused(await step.unassign(), conflict('The application instance has no phone number.'))
})

test('numbers that cannot be assigned: of another kind, of another tenant, taken', async (t) => {
  const world = await startWorld(t)
  const step = steps(world)
  await step.create()
  await step.sync()
  await step.license(BOTH)
  const refused = async (number: string, why: string): Promise<void> => {
    assertRefused(await step.assign(number), conflict(`${number} ${why}`))
  }
  await step.acquire({ number: '+12065550111', kind: 'user' })
  const kind = (name: string): string =>
    `is of kind ${name}; only a service number can be assigned to an application instance.`
  await refused('+12065550111', kind('user'))
  await refused(PHONE, kind('external'))
  await step.acquire({ number: '+12065550112', tenant: 'fabrikam' })
  await refused(
    '+12065550112',
    `belongs to tenant ${OTHER_TENANT}, and the application instance to ${TENANT}; acquire one there.`,
  )
  const taken = 'is assigned to the application instance alpha-line@contoso.example; unassign it'
  await refused(SERVICE_NUMBER, `${taken} there first.`)
  assertRefused(
    await world.control('DELETE', `/numbers/${SERVICE_NUMBER}`),
    conflict(`${SERVICE_NUMBER} ${taken} first.`),
  )
  await step.acquire()
  await step.assign()
  await step.acquire({ number: '+12065550113' })
  const second = `cannot be a second number: the application instance has ${NUMBER}; unassign that first.`
  await refused('+12065550113', second)
  assert.equal((await step.assign()).body.assignment, 'pending')
})

test('what cannot be created: unknown application, names and numbers that are taken or malformed', async (t) => {
  const world = await startWorld(t)
  const { create: make, acquire } = steps(world)
  const stranger = '33333333-0000-4000-8000-0000000000ff'
  const rows: [Reply, Refusal][] = [
    [
      await make({ appId: stranger }),
      invalid(`appId: there is no application ${stranger}; name one of the directory.`),
    ],
    [await make({ id: 'one' }), invalid('id: write a GUID, or leave it out to be given one.')],
    [
      await make({ userPrincipalName: 'line' }),
      invalid('userPrincipalName: write a name such as line@contoso.example.'),
    ],
    [
      await make({ userPrincipalName: 'ADA@contoso.example' }),
      conflict("ADA@contoso.example is taken by the directory's user of that name; choose another."),
    ],
    [await make({ id: TENANT }), conflict(`${TENANT} is taken by a tenant; choose another.`)],
    [await acquire({ number: '0123' }), invalid('number: write an E.164 number, such as +12065550100.')],
    [
      await acquire({ number: PHONE }),
      conflict(`${PHONE} is taken by the directory's phone number of that name; choose another.`),
    ],
    [await acquire({ tenant: 'nobody' }), invalid("tenant: name one of the directory's tenants: contoso, fabrikam.")],
    [await acquire({ tenant: undefined }), invalid("tenant: name one of the directory's tenants: contoso, fabrikam.")],
  ]
  for (const [reply, refusal] of rows) assertRefused(reply, refusal)
})

test('an instance of the file: its number is moved to another application, and its calls go there', async (t) => {
  const world = await startWorld(t)
  const alpha = steps(world, 'alpha-line@contoso.example')
  const { body } = await alpha.get()
  assert.deepEqual([body.sync, body.assignment, body.licenses, body.ready], ['synced', 'assigned', BOTH, true])
  assert.deepEqual((await alpha.unassign()).body.assignment, 'none')
  const toNumber = (): Promise<Reply> => world.control('POST', '/calls', { from: PHONE, to: SERVICE_NUMBER })
  assertRefused(
    await toNumber(),
    invalid('to: name an application of the directory, by its app id, an application instance, or its number.'),
  )
  const beta = steps(world)
  await beta.create()
  await beta.sync()
  await beta.license(BOTH)
  await beta.assign(SERVICE_NUMBER)
  assertRefused(await toNumber(), {
    ...conflict(
      `to: the application instance ${LINE} was not synced since it got the number ${SERVICE_NUMBER}; sync it again.`,
    ),
    message: 'The application cannot be called in this way.',
  })
  await beta.sync()
  assert.equal((await toNumber()).status, 201)
  const [incoming] = await world.take('beta')
  assert.equal(incoming?.resourceData.targets[0].identity.applicationInstance.displayName, 'Beta line')
  await world.advance('15s')
  await world.take('beta')
  // Deleting the instance frees the number, and releasing it takes it out of the directory.
  assert.equal((await world.control('DELETE', `/instances/${LINE}`)).status, 204)
  assert.equal((await world.control('DELETE', `/numbers/${SERVICE_NUMBER}`)).status, 204)
  assert.equal((await world.control('DELETE', `/numbers/${SERVICE_NUMBER}`)).status, 404)
})

test('a licence that is taken away takes the phone out of reach', async (t) => {
  const world = await startWorld(t)
  await steps(world, INSTANCE).license(['callingPlan'])
  const source = { identity: { applicationInstance: { id: INSTANCE } } }
  const call = await create(world, [phone(PHONE)], { more: { source } })
  const text =
    'The application instance alpha-line@contoso.example has no licence for Phone System - Virtual User; assign it'
  assert.deepEqual(await world.take(), [
    wire.establishing(call),
    wire.terminated(call, wire.result(412, 9999, text, '412#10073')),
  ])
})

test('reset takes the changes back', async (t) => {
  const world = await startWorld(t)
  const step = steps(world)
  await step.create()
  await step.acquire()
  await steps(world, INSTANCE).unassign()
  assert.equal((await world.control('POST', '/reset')).status, 204)
  assert.equal((await step.get()).status, 404)
  assert.equal((await steps(world, INSTANCE).get()).body.ready, true)
  assert.equal((await world.control('GET', '/numbers')).body.value.length, 2)
})
