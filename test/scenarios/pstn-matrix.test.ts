/** Which calls may have phones in them: the published support matrix, in profile `teams` and `open`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { World } from '../support/world.ts'
import { APPS, INSTANCE, PHONE, SERVICE_NUMBER, TENANT, USERS, callBody, phone, startWorld } from '../support/world.ts'
import { user } from '../support/world.ts'
import { CALLS, create } from './steps.ts'

const FROM_INSTANCE = { source: { identity: { applicationInstance: { id: INSTANCE } } } }

/** A person calls alpha, which answers. */
async function called(world: World, to: string): Promise<string> {
  const { body } = await world.control('POST', '/calls', { from: USERS.ada, to })
  const answer = {
    acceptedModalities: ['audio'],
    mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
  }
  await world.client('alpha').post(`${CALLS}/${body.callId}/answer`, answer)
  return body.callId
}

async function joined(world: World): Promise<string> {
  const meeting = {
    chatInfo: { threadId: '19:meeting@thread.v2', messageId: '0' },
    meetingInfo: {
      '@odata.type': '#microsoft.graph.organizerMeetingInfo',
      organizer: { user: { id: USERS.ada, tenantId: TENANT } },
    },
    tenantId: TENANT,
  }
  const { targets: _, ...body } = callBody(world, 'alpha', [], meeting)
  const created = await world.client('alpha').post(CALLS, body)
  assert.equal(created.status, 201)
  return created.body.id
}

/** What became of the phone, as the last `resultInfo` that alpha hears of tells. */
async function result(world: World): Promise<string> {
  const taken = await world.take()
  const info = taken
    .map(({ resourceData }) => resourceData.resultInfo)
    .findLast((one) => one !== undefined && one !== null)
  return info?.message ?? 'connected'
}

const invited: [string, (world: World) => Promise<string>, boolean][] = [
  ['called via its number', (world) => called(world, SERVICE_NUMBER), true],
  ['called via its application instance', (world) => called(world, INSTANCE), true],
  ['called via its app id', (world) => called(world, APPS.alpha), false],
  ['in a call to a user', async (world) => (await create(world, [user('ada')])).id, true],
  [
    'in a call to a user, from its instance',
    async (world) => (await create(world, [user('ada')], { more: FROM_INSTANCE })).id,
    true,
  ],
  ['in its group call', async (world) => (await create(world, [user('ada'), user('ben')])).id, true],
  ['in a meeting that it joined', joined, true],
]

for (const [where, enter, allowed] of invited) {
  for (const profile of ['teams', 'open'] as const) {
    const may = allowed || profile === 'open'
    test(`profile ${profile}: a bot ${where} ${may ? 'may' : 'may not'} invite a phone`, async (t) => {
      const world = await startWorld(t, { profile })
      const call = await enter(world)
      await world.take()
      const invite = { participants: [phone(PHONE)] }
      const reply = await world.client('alpha').post(`${CALLS}/${call}/participants/invite`, invite)
      assert.equal(reply.status, 200)
      const message = await result(world)
      if (may) assert.equal(message, 'connected')
      else {
        assert.equal(
          message,
          `Participants that did not join: 4:${PHONE}: the application was called by its app id, and only a call to its number or application instance may have phones invited into it; --profile open lifts this rule. DiagCode: 412#10073.@`,
        )
      }
    })
  }
}

const BARRED =
  'A call to a phone needs an application instance as its source (source.identity.applicationInstance); --profile open lifts this rule. DiagCode: 412#10073.@'

test('a call to a phone: from the application instance only, in profile teams', async (t) => {
  const world = await startWorld(t)
  await create(world, [phone(PHONE)])
  assert.equal(await result(world), BARRED)
  await create(world, [phone(PHONE)], { more: { source: { identity: { application: { id: APPS.alpha } } } } })
  assert.equal(await result(world), BARRED)
  await create(world, [phone(PHONE)], { more: FROM_INSTANCE })
  assert.equal(await result(world), 'connected')
})

test('a call to a phone: with or without the application instance in profile open', async (t) => {
  const world = await startWorld(t, { profile: 'open' })
  for (const more of [{}, FROM_INSTANCE]) {
    await create(world, [phone(PHONE)], { more })
    assert.equal(await result(world), 'connected')
  }
})
