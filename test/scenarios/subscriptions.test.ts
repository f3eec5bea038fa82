/** Subscriptions to call records: their life, and how change notifications are delivered. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createSubscriptionCollectionResponseFromDiscriminatorValue } from '@microsoft/msgraph-sdk/models/index.js'
import { judge } from '../interop/judge.ts'
import type { AnyJson } from '../support/any-json.ts'
import { Subscriber } from '../support/subscriber.ts'
import type { AppName, Entries, Reply, World } from '../support/world.ts'
import { APPS, TENANT, establish, startWorld, user } from '../support/world.ts'
import { GUID, assertEmpty } from './steps.ts'

const START = Date.UTC(2026, 0, 1)
const MINUTE = 60_000
const CALLING = ['Calls.Initiate.All', 'CallRecords.Read.All']
const READERS: Entries = { alpha: { roles: CALLING }, beta: { roles: CALLING }, foreign: { roles: CALLING } }

const at = (minutes: number): string => new Date(START + minutes * MINUTE).toISOString()

const start = (t: TestContext, more: object = {}): Promise<World> =>
  startWorld(t, { clockStart: START, ...more }, READERS)

async function ask(world: World, method: string, path = '', body?: unknown, app: AppName = 'alpha'): Promise<Reply> {
  const headers = { authorization: `Bearer ${await world.token(app)}` }
  return world.request(method, `/v1.0/subscriptions${path}`, body, headers)
}

const wanted = (subscriber: Subscriber, more: object = {}): object => ({
  changeType: 'created',
  notificationUrl: subscriber.url,
  resource: '/communications/callRecords',
  expirationDateTime: at(1000),
  clientState: 'secret',
  ...more,
})

async function subscribe(world: World, subscriber: Subscriber, more: object = {}): Promise<AnyJson> {
  const { status, body, headers } = await ask(world, 'POST', '', wanted(subscriber, more))
  assert.equal(status, 201, headers.get('rollcall-explanation') ?? '')
  return body
}

/** A call that is ended at once. @returns its record's id */
async function call(world: World, more: object = {}): Promise<string> {
  const id = await establish(world, 'alpha', [user('ada')], { more })
  const { callChainId } = (await world.client('alpha').get(`/communications/calls/${id}`)).body
  await world.client('alpha').delete(`/communications/calls/${id}`)
  await world.take()
  return callChainId
}

const deliveries = async (world: World, query = ''): Promise<AnyJson[]> =>
  (await world.control('GET', `/changeNotifications${query}`)).body.value

test('a subscription is validated, made, read, renewed and deleted', async (t) => {
  const world = await start(t)
  const subscriber = await Subscriber.start(t)
  const made = await subscribe(world, subscriber)
  assert.match(subscriber.validations[0] ?? '', /^Validation: [0-9a-f-]{36} for 127\.0\.0\.1:\d+$/)
  assert.match(made.id, GUID)
  const { '@odata.context': context, ...shown } = made
  assert.equal(context, `${world.url}/v1.0/$metadata#subscriptions/$entity`)
  assert.deepEqual(shown, {
    id: made.id,
    resource: '/communications/callRecords',
    applicationId: APPS.alpha,
    changeType: 'created',
    clientState: 'secret',
    notificationUrl: subscriber.url,
    notificationQueryOptions: null,
    lifecycleNotificationUrl: null,
    expirationDateTime: at(1000),
    creatorId: made.creatorId,
    includeResourceData: null,
    latestSupportedTlsVersion: 'v1_2',
    encryptionCertificate: null,
    encryptionCertificateId: null,
    notificationUrlAppId: null,
  })
  assert.deepEqual((await ask(world, 'GET', `/${made.id}`)).body, made)
  const list = await ask(world, 'GET')
  assert.deepEqual(list.body.value, [shown])
  const { findings } = judge(JSON.stringify(list.body), createSubscriptionCollectionResponseFromDiscriminatorValue)
  assert.deepEqual(findings, [])
  const renewed = await ask(world, 'PATCH', `/${made.id}`, { expirationDateTime: at(4230) })
  assert.deepEqual(renewed.body, { ...made, expirationDateTime: at(4230) })
  assertEmpty(await ask(world, 'POST', `/${made.id}/reauthorize`), 204)
  for (const app of ['beta', 'foreign'] as const) {
    assert.deepEqual((await ask(world, 'GET', '', undefined, app)).body.value, [])
    for (const method of ['GET', 'DELETE']) {
      assert.equal((await ask(world, method, `/${made.id}`, undefined, app)).status, 404)
    }
  }
  assertEmpty(await ask(world, 'DELETE', `/${made.id}`), 204)
  assert.equal((await ask(world, 'GET', `/${made.id}`)).status, 404)
  await call(world)
  assert.deepEqual([subscriber.validations.length, subscriber.take()], [1, []])
})

test('each end of a call is told, to whoever subscribed to that change in the tenant', async (t) => {
  const world = await start(t)
  const subscriber = await Subscriber.start(t)
  const changes = await Subscriber.start(t)
  const made = await subscribe(world, subscriber)
  const both = await subscribe(world, changes, {
    changeType: 'updated,created',
    resource: 'communications/callRecords',
  })
  assert.equal(both.changeType, 'created,updated')
  const callChainId = '99999999-0000-4000-8000-000000000001'
  const id = await call(world, { callChainId })
  assert.equal(id, callChainId)
  const [post, ...more] = subscriber.take()
  assert.deepEqual(more, [])
  assert.deepEqual([post?.path, post?.headers.authorization], ['/changes?key=1', undefined])
  assert.deepEqual(post?.body, {
    value: [
      {
        subscriptionId: made.id,
        subscriptionExpirationDateTime: at(1000),
        clientState: 'secret',
        tenantId: TENANT,
        changeType: 'created',
        resource: `communications/callRecords/${id}`,
        resourceData: {
          '@odata.type': '#microsoft.graph.callRecords.callRecord',
          '@odata.id': `communications/callRecords/${id}`,
          id,
        },
      },
    ],
  })
  await call(world, { callChainId })
  assert.deepEqual(subscriber.take(), [])
  const told = changes.take().map(({ body }) => body.value[0].changeType)
  assert.deepEqual(told, ['created', 'updated'])
  const [{ tries, ...delivery }] = await deliveries(world, `?subscriptionId=${made.id}`)
  assert.deepEqual([delivery.state, delivery.recordId, tries.length, tries[0].status], ['delivered', id, 1, 202])
})

test('what a webhook does not take is sent again, the same, for four hours', async (t) => {
  const world = await start(t)
  const subscriber = await Subscriber.start(t)
  await subscribe(world, subscriber)
  subscriber.answer = (index) => (index < 3 ? 500 : 202)
  await call(world)
  await world.advance('1s')
  await world.advance('2s')
  const posts = subscriber.take()
  assert.equal(posts.length, 3)
  await world.advance('4s')
  const [last] = subscriber.take()
  assert.deepEqual(last?.body, posts[0]?.body)
  subscriber.answer = () => 503
  await call(world)
  await world.advance('4h')
  const [dead] = await deliveries(world, '?state=dead')
  assert.equal(dead.reason, 'it was tried for as long as it may be: the bot answered 503')
  assert.ok(dead.attempts > 20 && dead.tries.length === 20, String(dead.attempts))
  subscriber.take()
  await world.advance('1h')
  assert.deepEqual(subscriber.take(), [])
})

test('a webhook that does not pass its validation gets no subscription', async (t) => {
  const world = await start(t)
  const subscriber = await Subscriber.start(t)
  const url = subscriber.url
  const cases: readonly (readonly [Subscriber['validation'], string])[] = [
    [(token) => ({ status: 202, text: token }), `The webhook ${url} answered its validation with 202; it must be 200.`],
    [() => 400, `The webhook ${url} did not take its validation: the bot answered 400.`],
    [
      (token) => ({ status: 200, text: encodeURIComponent(token) }),
      `The webhook ${url} answered its validation with another text than the decoded validationToken.`,
    ],
  ]
  for (const [validation, explanation] of cases) {
    subscriber.validation = validation
    const { status, body, headers } = await ask(world, 'POST', '', wanted(subscriber))
    assert.deepEqual([status, body.error.code], [400, 'ValidationError'])
    assert.equal(headers.get('rollcall-explanation'), explanation)
  }
  subscriber.validation = () => 'hang'
  const waiting = ask(world, 'POST', '', wanted(subscriber))
  while (subscriber.validations.length < 4) await world.advance('0s')
  await world.advance('10s')
  const { headers } = await waiting
  assert.match(
    headers.get('rollcall-explanation') ?? '',
    /no answer within 10 seconds \(option changeNotificationTimeout\)/,
  )
  assert.deepEqual((await ask(world, 'GET')).body.value, [])
})

test('what is asked for wrongly is refused with the rule, before anything is sent', async (t) => {
  const world = await start(t, { maxSubscriptionsPerApplication: 1 })
  const subscriber = await Subscriber.start(t)
  const rules: readonly (readonly [object, string, RegExp])[] = [
    [{ resource: '/users' }, 'BadRequest', /^resource: \/users cannot be subscribed to/],
    [{ changeType: 'created,deleted' }, 'BadRequest', /^changeType must be created, updated, or both/],
    [{ clientState: 'x'.repeat(129) }, 'BadRequest', /^clientState: /],
    [{ includeResourceData: true }, 'BadRequest', /^includeResourceData: /],
    [{ notificationUrl: 'http://bot.example/' }, 'BadRequest', /^notificationUrl must be https/],
    [{ lifecycleNotificationUrl: 'ftp://x' }, 'BadRequest', /^lifecycleNotificationUrl must be an absolute https URL/],
    [{ expirationDateTime: 'soon' }, 'BadRequest', /^expirationDateTime must be a time/],
    [{ expirationDateTime: at(0) }, 'ValidationError', /^expirationDateTime is in the past/],
    [
      { expirationDateTime: at(4231) },
      'ValidationError',
      /^expirationDateTime can be 4230 minutes from now at the latest/,
    ],
  ]
  for (const [more, code, explanation] of rules) {
    const { status, body, headers } = await ask(world, 'POST', '', wanted(subscriber, more))
    assert.deepEqual([status, body.error?.code], [400, code], JSON.stringify(more))
    assert.match(headers.get('rollcall-explanation') ?? '', explanation)
  }
  assert.deepEqual(subscriber.validations, [])
  const made = await subscribe(world, subscriber, { expirationDateTime: at(1) })
  assert.equal(made.expirationDateTime, at(45))
  assert.equal((await ask(world, 'POST', '', wanted(subscriber))).status, 403)
  assert.equal((await ask(world, 'PATCH', `/${made.id}`, { clientState: 'x' })).status, 400)
  assert.equal((await ask(world, 'POST', '', wanted(subscriber), 'dialler')).status, 403)
})

test('a subscription asks to be renewed, and is gone when it was not', async (t) => {
  const world = await start(t)
  const subscriber = await Subscriber.start(t)
  const lifecycle = await Subscriber.start(t)
  const more = { expirationDateTime: at(60), lifecycleNotificationUrl: lifecycle.url }
  const made = await subscribe(world, subscriber, more)
  assert.deepEqual([subscriber.validations.length, lifecycle.validations.length], [1, 1])
  await world.advance('45m')
  assert.deepEqual(
    lifecycle.take().map(({ body }) => body),
    [
      {
        value: [
          {
            subscriptionId: made.id,
            subscriptionExpirationDateTime: at(60),
            clientState: 'secret',
            tenantId: TENANT,
            lifecycleEvent: 'reauthorizationRequired',
            resource: '/communications/callRecords',
          },
        ],
      },
    ],
  )
  await ask(world, 'POST', `/${made.id}/reauthorize`)
  await ask(world, 'PATCH', `/${made.id}`, { expirationDateTime: at(120) })
  await world.advance('59m')
  assert.deepEqual(lifecycle.take(), [])
  await world.advance('1m')
  assert.equal(lifecycle.take().length, 1)
  subscriber.answer = () => 500
  await call(world)
  await world.advance('16m')
  assert.equal((await ask(world, 'GET', `/${made.id}`)).status, 404)
  const [dead] = await deliveries(world, '?state=dead')
  assert.equal(dead.reason, 'its subscription is no more')
  assert.deepEqual(lifecycle.take(), [])
})

test('an application that loses the permission is told and hears nothing more until it has it again', async (t) => {
  const directoryRoles = { mute: { roles: ['Application.ReadWrite.All'] } }
  const world = await startWorld(t, { clockStart: START }, { ...READERS, ...directoryRoles })
  const subscriber = await Subscriber.start(t)
  const lifecycle = await Subscriber.start(t)
  const more = { lifecycleNotificationUrl: lifecycle.url }
  const made = await subscribe(world, subscriber, more)
  const admin = world.client('mute')
  const { body } = await admin.get(`/servicePrincipals?$filter=appId eq '${APPS.alpha}'`)
  const assignments = `/servicePrincipals/${body.value[0].id}/appRoleAssignments`
  const role = '45bbb07e-7321-4fd7-a8f6-3ff27e6a81c8'
  const assigned = (await admin.get(assignments)).body.value.find(({ appRoleId }: AnyJson) => appRoleId === role)
  assert.equal((await admin.delete(`${assignments}/${assigned.id}`)).status, 204)
  await call(world)
  await call(world)
  const events = lifecycle.take().map(({ body: { value } }) => value[0].lifecycleEvent)
  assert.deepEqual([events, subscriber.take()], [['reauthorizationRequired'], []])
  assert.equal((await world.control('GET', '/subscriptions')).body.value[0].barred, true)
  const { principalId, resourceId, appRoleId } = assigned
  await admin.post(assignments, { principalId, resourceId, appRoleId })
  await ask(world, 'POST', `/${made.id}/reauthorize`)
  await call(world)
  assert.equal(subscriber.take().length, 1)
  const { body: found } = await admin.get(`/applications?$filter=appId eq '${APPS.beta}'`)
  const theirs = await ask(world, 'POST', '', wanted(subscriber, more), 'beta')
  assert.equal(theirs.status, 201)
  assert.equal((await admin.delete(`/applications/${found.value[0].id}`)).status, 204)
  await call(world)
  const removed = lifecycle.take().map(({ body: { value } }) => [value[0].subscriptionId, value[0].lifecycleEvent])
  assert.deepEqual(removed, [[theirs.body.id, 'subscriptionRemoved']])
  const left = (await world.control('GET', '/subscriptions')).body.value
  assert.deepEqual(
    left.map(({ id }: { id: string }) => id),
    [made.id],
  )
})

test('subscriptions and what is owed to them outlive a restart', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'rollcall-subscriptions-'))
  t.after(() => rmSync(data, { recursive: true, force: true }))
  const subscriber = await Subscriber.start(t)
  let made: AnyJson
  await t.test('before', async (t) => {
    const world = await start(t, { data })
    subscriber.answer = () => 500
    made = await subscribe(world, subscriber, { expirationDateTime: at(60) })
    await call(world)
    assert.equal(subscriber.take().length, 1)
  })
  await t.test('after', async (t) => {
    const world = await start(t, { data, clockStart: START + MINUTE })
    subscriber.answer = () => 202
    await world.settle()
    assert.equal(subscriber.take().length, 1)
    await call(world)
    assert.equal(subscriber.take().length, 1)
    await world.advance('59m')
    assert.equal((await ask(world, 'GET', `/${made.id}`)).status, 404)
  })
})

test('more than may wait is not sent, and control says so; a reset forgets all', async (t) => {
  const world = await start(t, { changeNotificationQueueLimit: 1 })
  const subscriber = await Subscriber.start(t)
  subscriber.answer = () => 500
  await subscribe(world, subscriber)
  await call(world)
  await call(world)
  assert.equal(subscriber.take().length, 1)
  const [newest] = await deliveries(world, '?state=dead')
  assert.equal(newest.reason, 'too many wait (option changeNotificationQueueLimit)')
  assert.equal((await deliveries(world, '?state=pending&limit=1')).length, 1)
  await world.control('POST', '/reset')
  assert.deepEqual(await deliveries(world), [])
  await world.advance('1h')
  assert.deepEqual([subscriber.take(), (await ask(world, 'GET')).body.value], [[], []])
})
