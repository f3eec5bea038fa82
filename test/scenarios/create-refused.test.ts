/** What `POST /communications/calls` refuses: permissions, tenants, sources, callback addresses, malformed bodies. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppName } from '../support/world.ts'
import { APPS, INSTANCE, OTHER_TENANT, STRANGER, TENANT, USERS, callBody, startWorld, user } from '../support/world.ts'
import { CALLS, assertRefused, create, invalidArgument } from './steps.ts'
import * as wire from './wire.ts'

const meeting = {
  chatInfo: { threadId: '19:a@thread.v2', messageId: '0' },
  meetingInfo: { organizer: { user: { id: USERS.fay } } },
}

const missingRole = (explanation: string): Parameters<typeof assertRefused>[1] => ({
  status: 403,
  code: '7504',
  message: 'Insufficient enterprise tenant permissions, cannot access this API.',
  explanation,
})
const wrongTenant = (explanation: string): Parameters<typeof assertRefused>[1] => ({
  status: 403,
  code: '7505',
  message: 'Request authorization tenant mismatch.',
  explanation,
})
const wrongSource: Parameters<typeof assertRefused>[1] = {
  status: 403,
  code: '7507',
  message: 'The source identity is invalid.',
  explanation: `source.identity must be the token's application ${APPS.alpha} or one of its application instances.`,
}

test('a missing permission is named', async (t) => {
  const world = await startWorld(t)
  const client = world.client('mute')
  const grant = 'grant it in the directory (roles) and get a new token.'
  const rows: [string, unknown, string][] = [
    [
      'one target',
      callBody(world, 'mute', [user('ada')]),
      'Creating a peer-to-peer call needs the application permission Calls.Initiate.All; ',
    ],
    [
      'several targets',
      callBody(world, 'mute', [user('ada'), user('ben')]),
      'Creating a group call needs the application permission Calls.InitiateGroupCall.All; ',
    ],
    [
      'a meeting',
      callBody(world, 'mute', [], meeting),
      'Joining a meeting needs the application permission Calls.JoinGroupCall.All; ',
    ],
    [
      'a meeting, as a guest',
      callBody(world, 'mute', [], { ...meeting, source: { identity: { guest: { id: 'g' } } } }),
      'Joining a meeting as a guest needs the application permission Calls.JoinGroupCallAsGuest.All; ',
    ],
  ]
  for (const [name, body, explanation] of rows) {
    await t.test(name, async () => assertRefused(await client.post(CALLS, body), missingRole(explanation + grant)))
  }
})

test('application-hosted media has a permission of its own', async (t) => {
  const world = await startWorld(t)
  const mediaConfig = { '@odata.type': '#microsoft.graph.appHostedMediaConfig', blob: '{}' }
  // The caller may call, but not touch media.
  assertRefused(
    await world.client('dialler').post(CALLS, callBody(world, 'dialler', [user('ada')], { mediaConfig })),
    missingRole(
      'Application-hosted media needs the application permission Calls.AccessMedia.All; grant it in the directory (roles) and get a new token.',
    ),
  )
})

test('another tenant is refused', async (t) => {
  const world = await startWorld(t)
  const client = world.client('alpha')
  const rows: [string, unknown, string][] = [
    [
      'in tenantId',
      callBody(world, 'alpha', [user('ada')], { tenantId: OTHER_TENANT }),
      `tenantId is ${OTHER_TENANT}, but the token is for tenant ${TENANT}; both must be the same.`,
    ],
    [
      'of a target',
      callBody(world, 'alpha', [user(STRANGER)]),
      `The user ${STRANGER} belongs to tenant ${OTHER_TENANT}, but the token is for tenant ${TENANT}.`,
    ],
    [
      "in the meeting's organizer",
      callBody(world, 'alpha', [], {
        ...meeting,
        meetingInfo: { organizer: { user: { id: USERS.fay, tenantId: OTHER_TENANT } } },
      }),
      `meetingInfo.organizer.user.tenantId is ${OTHER_TENANT}, but the token is for tenant ${TENANT}; both must be the same.`,
    ],
    [
      'of an organizer whom the directory knows',
      callBody(world, 'alpha', [], { ...meeting, meetingInfo: { organizer: { user: { id: STRANGER } } } }),
      `the tenant of the meeting's organizer is ${OTHER_TENANT}, but the token is for tenant ${TENANT}; both must be the same.`,
    ],
  ]
  for (const [name, body, explanation] of rows) {
    await t.test(name, async () => assertRefused(await client.post(CALLS, body), wrongTenant(explanation)))
  }
})

test('a source that is not the application itself is refused', async (t) => {
  const world = await startWorld(t)
  for (const identity of [
    { application: { id: APPS.beta } },
    { applicationInstance: { id: '44444444-0000-4000-8000-0000000000ff' } },
    { user: { id: USERS.ada } },
    { guest: { id: 'visitor' } },
  ]) {
    await t.test(JSON.stringify(identity), async () => {
      const body = callBody(world, 'alpha', [user('ada')], { source: { identity } })
      assertRefused(await world.client('alpha').post(CALLS, body), wrongSource)
    })
  }
  await t.test("another application's instance", async () => {
    const body = callBody(world, 'beta', [user('ada')], {
      source: { identity: { applicationInstance: { id: INSTANCE } } },
    })
    assertRefused(await world.client('beta').post(CALLS, body), {
      ...wrongSource,
      explanation: wrongSource.explanation.replace(APPS.alpha, APPS.beta),
    })
  })
})

const HTTPS_ONLY = 'callbackUri must be https; plain http is for this machine in development, or for --profile open.'

test('callbackUri: https, or this machine in development', async (t) => {
  const world = await startWorld(t)
  const post = (callbackUri: unknown): ReturnType<typeof client.post> =>
    client.post(CALLS, callBody(world, 'alpha', [user('ada')], { callbackUri }))
  const client = world.client('alpha')
  await world.script('ada', { busy: {} })
  for (const uri of ['http://bot.example/api/calls', 'http://192.0.2.7/api/calls', 'http://localhost.example/']) {
    await t.test(uri, async () => assertRefused(await post(uri), invalidArgument(HTTPS_ONLY)))
  }
  for (const uri of ['ftp://bot.example/', 'not an address', '/api/calls', '']) {
    await t.test(`"${uri}"`, async () =>
      assertRefused(await post(uri), invalidArgument('callbackUri must be an absolute https URL.')),
    )
  }
  await t.test('missing', async () =>
    assertRefused(
      await post(undefined),
      invalidArgument('callbackUri is required: where notifications are to be sent.'),
    ),
  )
})

test('callbackUri: in profile open plain http is for everybody', async (t) => {
  const world = await startWorld(t, { profile: 'open' })
  const callbackUri = world.bots.alpha.url.replace('127.0.0.1', '0.0.0.0')
  const call = await create(world, [user('ada')], { more: { callbackUri } })
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
})

test('callbackUri: in production plain http is refused on this machine too', async (t) => {
  const world = await startWorld(t, { mode: 'production', adminKey: 'the-key' })
  assertRefused(
    await world.client('alpha').post(CALLS, callBody(world, 'alpha', [user('ada')])),
    invalidArgument(HTTPS_ONLY),
  )
})

test('callbackUri: every notification goes to it verbatim, query string and all', async (t) => {
  const world = await startWorld(t)
  const callbackUri = `${world.bots.alpha.url}/a%2Fb/?call=7&to=%2B1&empty=&call=8`
  const call = await create(world, [user('ada')], { more: { callbackUri } })
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
  assert.deepEqual(
    world.bots.alpha.received.map(({ url }) => url),
    Array.from({ length: 2 }, () => new URL(callbackUri).pathname + new URL(callbackUri).search),
  )
})

test('a malformed body is refused, with the name of the property', async (t) => {
  const world = await startWorld(t)
  const client = world.client('alpha')
  const body = callBody(world, 'alpha', [user('ada')])
  const rows: [string, unknown, string][] = [
    [
      'no targets',
      { ...body, targets: [] },
      'targets or meetingInfo is required: whom to call, or which meeting to join.',
    ],
    ['targets that are no array', { ...body, targets: {} }, 'targets must be an array, not an object.'],
    [
      'a target without identity',
      { ...body, targets: [{}] },
      'targets[0].identity must name somebody, by one of its members user, guest, phone, encrypted, applicationInstance, application.',
    ],
    [
      'a user without id',
      { ...body, targets: [{ identity: { user: {} } }] },
      'targets[0].identity.user.id is required.',
    ],
    [
      'a user id that is no GUID',
      { ...body, targets: [user('ada@contoso')] },
      'targets[0].identity.user.id must be a GUID.',
    ],
    [
      'a phone number with spaces',
      { ...body, targets: [{ identity: { phone: { id: '+1 206 555 0150' } } }] },
      'targets[0].identity.phone.id must be a phone number in E.164 form, such as +12065550100.',
    ],
    [
      'an unknown modality',
      { ...body, requestedModalities: ['smell'] },
      'requestedModalities[0] must be one of audio, video, videoBasedScreenSharing, data, unknown.',
    ],
    [
      'no mediaConfig',
      { ...body, mediaConfig: undefined },
      'mediaConfig is required: serviceHostedMediaConfig or appHostedMediaConfig. To be in the call without media, leave it out and send an empty list of modalities.',
    ],
    [
      'an unknown mediaConfig',
      { ...body, mediaConfig: { '@odata.type': '#microsoft.graph.otherMediaConfig' } },
      'mediaConfig.@odata.type must be serviceHostedMediaConfig or appHostedMediaConfig.',
    ],
    ['a number for a text', { ...body, subject: 5 }, 'subject must be a string, not a number.'],
    ['a tenantId that is no GUID', { ...body, tenantId: 'contoso' }, 'tenantId must be a GUID.'],
    [
      'metadata of a serializer',
      { $id: '1', ...body },
      '$id is metadata of a JSON serializer, which Graph refuses: turn reference preservation off.',
    ],
    [
      'metadata of a serializer, further in',
      { ...body, mediaConfig: { $id: '2' } },
      'mediaConfig.$id is metadata of a JSON serializer, which Graph refuses: turn reference preservation off.',
    ],
    ['no object', [], 'The body must be a JSON object, not an array.'],
    ['no body', undefined, 'The body must be a JSON object, not nothing.'],
  ]
  for (const [name, sent, explanation] of rows) {
    await t.test(name, async () => assertRefused(await client.post(CALLS, sent), invalidArgument(explanation)))
  }
})

test("another tenant's bot cannot call this tenant's people", async (t) => {
  const world = await startWorld(t)
  const app: AppName = 'foreign'
  assertRefused(
    await world.client(app).post(CALLS, callBody(world, app, [user('ada')])),
    wrongTenant(`The user ${USERS.ada} belongs to tenant ${TENANT}, but the token is for tenant ${OTHER_TENANT}.`),
  )
})
