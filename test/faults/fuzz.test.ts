/**
 * Garbage at every address: whatever comes, the server answers soon, in the documented form, never with a fault of its
 * own, and works on. `FUZZ_SEED` repeats a run, `FUZZ_RUNS` says how many requests an address gets.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { isoTime } from '../../src/runtime.ts'
import { Subscriber } from '../support/subscriber.ts'
import type { World } from '../support/world.ts'
import {
  ALL_ROLES,
  APPS,
  INSTANCE,
  PHONE,
  SERVICE_NUMBER,
  TENANT,
  USERS,
  callBody,
  establish,
  startWorld,
  user,
} from '../support/world.ts'
import { assertSound, send } from './exchange.ts'
import type { Echo, Form, Shot } from './exchange.ts'
import { headers, nastySegment, query, spoiltBody, spoiltForm, twist } from './garbage.ts'
import { resourceTargets } from './resource-targets.ts'
import { badTokens, serverKey } from './tokens.ts'
import { graphTargets, otherTargets } from './targets.ts'
import type { Live, Target } from './targets.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 80)

/** Permissions beside calling, so that requests come as far as they can. */
const FURTHER_ROLES = ['CallRecords.Read.All', 'OnlineMeetings.ReadWrite.All', 'Directory.ReadWrite.All']

/** A shot, and the form in which it may be refused. */
interface Aimed {
  readonly shot: Shot
  readonly form: Form
}

/** Requests to one address, each spoilt in some way. */
function aim(target: Target, live: Live, token: string): fc.Arbitrary<Aimed> {
  const names = [...target.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  const pick = (name: string): fc.Arbitrary<string> => {
    const real = live[name] ?? []
    return real.length === 0
      ? nastySegment
      : fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...real) }, { weight: 2, arbitrary: nastySegment })
  }
  const method = fc.oneof(
    { weight: 20, arbitrary: fc.constant(target.method) },
    fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'),
  )
  const body = target.form ? spoiltForm(target.form) : spoiltBody(target.body ?? {})
  const type = target.form ? 'application/x-www-form-urlencoded' : 'application/json'
  return fc
    .record({ method, segments: fc.tuple(...names.map(pick)), twist, query, headers, body })
    .map(({ method, segments, twist, query, headers, body }) => {
      const straight = names.reduce(
        (path, name, index) => path.replace(`:${name}`, () => segments[index] ?? ''),
        target.path,
      )
      const path = twist(straight) + query
      const carries = method === target.method && method !== 'GET'
      const shot = {
        method,
        path,
        headers: {
          ...(carries && { 'content-type': type }),
          ...(target.authenticated && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        body: carries ? body : Buffer.alloc(0),
      }
      const found = method === target.method && path === straight + query
      const real = segments.every((segment, index) => live[names[index] ?? '']?.includes(segment))
      return { shot, form: target.refuses === 'entra' && !(found && real) ? 'either' : target.refuses }
    })
}

/** How many requests a target gets. */
function runsOf({ body, unbuilt }: Target): number {
  if (unbuilt) return Math.ceil(RUNS / 10)
  return Object.keys(body ?? {}).length > 1 ? RUNS : Math.ceil(RUNS / 2)
}

/** Shoots at a target; what fast-check found is told with the seed that finds it again. */
async function shoot(
  world: World,
  target: Target,
  live: Live,
  seed: number,
  tally: Map<number, number>,
): Promise<void> {
  const token = await world.token('alpha')
  await fc.assert(
    fc.asyncProperty(aim(target, live, token), async ({ shot, form }) => {
      const echo = await send(world.url, shot)
      if (!echo) return
      tally.set(echo.status, (tally.get(echo.status) ?? 0) + 1)
      assertSound(shot, echo, form)
    }),
    { seed, numRuns: runsOf(target), endOnFailure: true },
  )
}

/** Calls in every state, an operation under way, and everything else that addresses can name. */
async function bringToLife(world: World, subscriber: Subscriber): Promise<Live> {
  await world.control('POST', '/reset')
  await world.script('ben', { ignore: {} })
  const direct = await establish(world, 'alpha', [user('eva')])
  const group = await establish(world, 'alpha', [user('ada'), user('dov')])
  const client = world.client('alpha')
  const ended = await establish(world, 'alpha', [user('cleo')])
  const record = (await client.get(`/communications/calls/${ended}`)).body.callChainId
  await client.delete(`/communications/calls/${ended}`)
  const meeting = await client.post(`/users/${USERS.ada}/onlineMeetings`, { subject: 'Weekly' })
  const subscription = await client.post('/subscriptions', {
    changeType: 'created',
    resource: '/communications/callRecords',
    notificationUrl: subscriber.url,
    expirationDateTime: isoTime(Date.parse((await world.control('GET', '/clock')).body.now) + 3_600_000),
  })
  assert.deepEqual([meeting.status, subscription.status], [201, 201])
  const path = `/communications/calls/${group}`
  const invited = await client.post(`${path}/participants/invite`, { participants: [user('ben')] })
  const rung = await world.control('POST', '/calls', { from: 'fay@contoso.example', to: APPS.alpha })
  const roster = await client.get(`${path}/participants`)
  const notifications = await world.control('GET', '/notifications')
  const ids = (values: readonly { id: string }[]): string[] => values.map(({ id }) => id)
  return {
    callId: [group, group.toUpperCase(), rung.body.callId, direct],
    id: [group, rung.body.conversationId],
    participantId: ids([...roster.body.value, ...invited.body.participants]),
    operationId: [invited.body.id],
    notificationId: ids(notifications.body.value).slice(0, 3),
    who: [USERS.cleo, 'cleo@contoso.example', encodeURIComponent(PHONE)],
    instance: [INSTANCE],
    number: [encodeURIComponent(SERVICE_NUMBER), encodeURIComponent('+12065550199')],
    meetingId: [meeting.body.id],
    recordId: [record],
    subscriptionId: [subscription.body.id],
    applicationId: [`appId=${APPS.mute}`, APPS.mute],
    tenant: [TENANT, 'contoso.example', 'common'],
  }
}

/** Whether the server still does what it is for. */
async function assertWorks(world: World): Promise<void> {
  assert.equal((await world.request('GET', '/healthz')).status, 200)
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false)
  await world.control('POST', '/reset')
  const client = world.client('alpha')
  const created = await client.post('/communications/calls', callBody(world, 'alpha', [user('ada'), user('ben')]))
  assert.equal(created.status, 201)
  await world.settle()
  const path = `/communications/calls/${created.body.id}`
  const invited = await client.post(`${path}/participants/invite`, { participants: [user('cleo')] })
  assert.equal(invited.status, 200)
  await world.settle()
  const operation = await client.get(`${path}/operations/${invited.body.id}`)
  assert.equal(operation.body.status, 'Completed')
}

/** Lets all bots take what they got; what that was is other tests' business. */
async function drain(world: World): Promise<void> {
  await world.settle()
  for (const bot of Object.values(world.bots)) await bot.take()
}

async function fuzz(t: TestContext, targets: (world: World, live: Live) => readonly Target[]): Promise<void> {
  const alpha = { roles: [...ALL_ROLES, ...FURTHER_ROLES], meetingUsers: 'all' }
  const world = await startWorld(t, {}, { alpha })
  const subscriber = await Subscriber.start(t)
  t.after(() => t.diagnostic(`FUZZ_SEED=${SEED}`))
  const tally = new Map<number, number>()
  const count = targets(world, {}).length
  for (let index = 0; index < count; index++) {
    const live = await bringToLife(world, subscriber)
    const target = targets(world, live)[index]
    assert.ok(target)
    await shoot(world, target, live, SEED + index, tally)
  }
  await assertWorks(world)
  await drain(world)
  const total = [...tally.values()].reduce((sum, count) => sum + count, 0)
  t.diagnostic(`${total} answers: ${JSON.stringify(Object.fromEntries(tally))}`)
}

test('every route of the calling API', (t) => fuzz(t, graphTargets))

test('every route of Graph beside calls', (t) => fuzz(t, resourceTargets))

test('control, tokens, metadata and health', (t) => fuzz(t, () => otherTargets))

test('tokens: every one that is not good is refused, in words', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-fuzz-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const key = await serverKey(folder)
  const world = await startWorld(t, { data: folder })
  const path = '/v1.0/communications/calls'
  const body = Buffer.from(JSON.stringify(callBody(world, 'alpha', [user('ada')])))
  for (const [name, authorization] of await badTokens(key, world.url)) {
    const shot = { method: 'POST', path, headers: { 'content-type': 'application/json', authorization }, body }
    const echo: Echo | undefined = await send(world.url, shot)
    assert.ok(echo, name)
    assert.ok(echo.status === 401 || echo.status === 403, `${name}: ${echo.status} ${echo.text}`)
    assertSound(shot, echo, 'graph')
  }
  await assertWorks(world)
  await drain(world)
})
