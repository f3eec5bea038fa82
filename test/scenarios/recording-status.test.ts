/** `updateRecordingStatus`: what an application says of its recording, and on whom it shows. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import type { Reply, World } from '../support/world.ts'
import { APPS, startWorld, user } from '../support/world.ts'
import { answered } from './media-steps.ts'
import { CALLS, assertEmpty, assertRefused, create } from './steps.ts'
import type { Json, Known } from './wire.ts'
import * as wire from './wire.ts'

const mediaConfig = { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' }

const say = (world: World, call: Known, status: unknown, more: Json = {}, app: 'alpha' | 'beta' = 'beta') =>
  world.client(app, call.version).post(`${CALLS}/${call.id}/updateRecordingStatus`, { status, ...more })

async function assertSaid(reply: Promise<Reply>, clientContext: string | null = null): Promise<void> {
  const { status, body, headers } = await reply
  assert.equal(status, 200, JSON.stringify(body))
  assert.deepEqual(body, answered('updateRecordingStatus', body.id, 'completed', clientContext))
  assert.match(headers.get('location') ?? '', new RegExp(`/operations/${String(body.id)}$`))
}

/** A group call of alpha's in which beta records ada, and nobody ben. */
async function recordedGroup(
  t: TestContext,
  version?: string,
): Promise<{ world: World; call: Known; recorder: Known }> {
  const policy = { name: 'Broking', users: ['ada@contoso.example'], applications: [{ appId: APPS.beta }] }
  const entries = version === undefined ? {} : { alpha: { wireVersion: version } }
  const world = await startWorld(t, {}, entries, { recordingPolicies: [policy] })
  const call = await create(world, [user('ada'), user('ben')])
  const [incoming] = await world.take('beta')
  const recorder = wire.known({ body: incoming?.resourceData })
  assertEmpty(
    await world.client('beta').post(`${CALLS}/${recorder.id}/answer`, { acceptedModalities: ['audio'], mediaConfig }),
    202,
  )
  await world.take('beta')
  await world.take()
  return { world, call, recorder }
}

/** Of each row that shows somebody's recording, whose it is and what it says. */
function shown(rows: AnyJson): Json {
  return Object.fromEntries(
    rows.flatMap(({ info, recordingInfo }: AnyJson) => {
      const { user: person, application } = info.identity
      return recordingInfo ? [[person?.displayName ?? application?.displayName, recordingInfo]] : []
    }),
  )
}

const info = (recordingStatus: string, app: 'alpha' | 'beta' = 'beta'): Json => ({
  '@odata.type': '#microsoft.graph.recordingInfo',
  recordingStatus,
  initiator: wire.bot(app),
})

test('a recorder says that it records: the roster shows it on whom it records, until it stops or goes', async (t) => {
  const { world, call, recorder } = await recordedGroup(t)
  await assertSaid(say(world, recorder, 'recording', { clientContext: 'mine' }), 'mine')
  for (const app of ['alpha', 'beta'] as const) {
    const [roster, ...others] = await world.take(app)
    assert.deepEqual(others, [])
    assert.deepEqual(shown(roster?.resourceData), { ada: info('recording') })
  }
  const { body: list } = await world.client('alpha').get(`${CALLS}/${call.id}/participants`)
  assert.deepEqual(shown(list.value), { ada: info('recording') })

  // Saying it again is no news.
  await assertSaid(say(world, recorder, 'recording'))
  assert.deepEqual(await world.take(), [])
  for (const status of ['failed', 'notRecording']) {
    await assertSaid(say(world, recorder, status))
    const [roster] = await world.take()
    assert.deepEqual(shown(roster?.resourceData), { ada: info(status) })
  }
  await world.take('beta')
})

test('an optional recorder that goes takes what it said with it', async (t) => {
  const policy = {
    name: 'Broking',
    users: ['ada@contoso.example'],
    applications: [{ appId: APPS.beta, requiredDuringCall: false }],
  }
  const world = await startWorld(t, {}, {}, { recordingPolicies: [policy] })
  const call = await create(world, [user('ada'), user('ben')])
  const [incoming] = await world.take('beta')
  const recorder = wire.known({ body: incoming?.resourceData })
  const client = world.client('beta')
  await client.post(`${CALLS}/${recorder.id}/answer`, { acceptedModalities: ['audio'], mediaConfig })
  await assertSaid(say(world, recorder, 'recording'))
  await world.take()
  assertEmpty(await client.delete(`${CALLS}/${recorder.id}`), 204)
  const [roster, ...others] = await world.take()
  assert.deepEqual(others, [])
  assert.deepEqual(shown(roster?.resourceData), {})
  const { body: list } = await world.client('alpha').get(`${CALLS}/${call.id}/participants`)
  assert.deepEqual(shown(list.value), {})
  await world.take('beta')
})

test('an application that nobody called to record shows its recording on itself', async (t) => {
  const world = await startWorld(t)
  const call = await create(world, [user('ada'), user('ben')])
  await world.take()
  await assertSaid(say(world, call, 'recording', {}, 'alpha'))
  const [roster] = await world.take()
  assert.deepEqual(shown(roster?.resourceData), { Alpha: info('recording', 'alpha') })
})

for (const [version, expected] of [
  ['beta', info('recording')],
  ['2019-09', { '@odata.type': '#microsoft.graph.recordingInfo', status: 'startedRecording' }],
  ['2018-12', { '@odata.type': '#microsoft.graph.recordingInfo', status: 'startedRecording' }],
] as const) {
  test(`${version} has its own recordingInfo`, async (t) => {
    const { world, recorder } = await recordedGroup(t, version)
    await assertSaid(say(world, recorder, 'recording'))
    const [roster] = await world.take()
    const [one] = Object.values(shown(roster?.resourceData)) as Json[]
    const { initiatedBy, ...others } = one ?? {}
    assert.deepEqual(others, expected)
    assert.equal((initiatedBy as AnyJson).identity.application.id, APPS.beta)
    await world.take('beta')
  })
}

test('what is said must be a status, by an established call, with a permission', async (t) => {
  const { world, call } = await recordedGroup(t)
  for (const status of [undefined, 'unknown', 'louder', 7]) {
    const { status: code, headers } = await say(world, call, status, {}, 'alpha')
    assert.equal(code, 400)
    assert.match(headers.get('rollcall-explanation') ?? '', /^status .*notRecording, recording(,| or) failed/)
  }
  await world.script('cleo', { answer: { after: '5s' } })
  const ringing = await create(world, [user('cleo')])
  const early = await say(world, ringing, 'recording', {}, 'alpha')
  assert.deepEqual([early.status, early.body.error.code], [400, '8501'])
  await world.take()
  assertRefused(await world.client('dialler').post(`${CALLS}/${call.id}/updateRecordingStatus`, {}), {
    status: 403,
    code: '7504',
    message: 'Insufficient enterprise tenant permissions, cannot access this API.',
    explanation:
      'The operation "call: updateRecordingStatus" needs the application permission Calls.AccessMedia.All or Calls.JoinGroupCall.All; grant it in the directory (roles) and get a new token.',
  })
})
