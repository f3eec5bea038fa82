/** `participants/invite` into a group call: one, several, mixed outcomes, phones, applications. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { APPS, PHONE, TENANT, USERS, application, phone, startWorld, user } from '../support/world.ts'
import { CALLS, GUID, assertEmpty, assertRefused, groupCall, invite } from './steps.ts'
import * as wire from './wire.ts'

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version}: one user, every body in full`, async (t) => {
    const world = await startWorld(t)
    const { call, rows } = await groupCall(world, ['ada', 'ben'], { version })
    const client = world.client('alpha', version)
    const reply = await client.post(`${CALLS}/${call.id}/participants/invite`, {
      participants: [
        {
          '@odata.type': '#microsoft.graph.invitationParticipantInfo',
          identity: {
            '@odata.type': '#microsoft.graph.identitySet',
            user: { '@odata.type': '#microsoft.graph.identity', id: USERS.cleo, identityProvider: 'AAD' },
          },
        },
      ],
      clientContext: 'invite-of-cleo',
    })
    const { id } = reply.body
    const participantId = reply.body.participants[0].id
    for (const minted of [id, participantId]) assert.match(minted, GUID)

    assert.equal(reply.status, 200)
    assert.equal(reply.headers.get('location'), `${world.url}/${version}${CALLS}/${call.id}/operations/${id}`)
    assert.equal(reply.headers.get('x-microsoft-skype-chain-id'), call.callChainId)
    assert.deepEqual(reply.body, {
      '@odata.type': '#microsoft.graph.inviteParticipantsOperation',
      id,
      status: 'Running',
      clientContext: 'invite-of-cleo',
      resultInfo: null,
      participants: [
        {
          endpointType: null,
          id: participantId,
          replacesCallId: null,
          identity: {
            user: {
              '@odata.type': '#microsoft.graph.identity',
              id: USERS.cleo,
              displayName: 'cleo',
              identityProvider: 'AAD',
              tenantId: TENANT,
            },
            application: null,
            device: null,
            phone: null,
          },
        },
      ],
    })

    assert.deepEqual(await world.take(), [
      {
        '@odata.type': '#microsoft.graph.commsNotification',
        changeType: 'deleted',
        resource: `/app/calls/${call.id}/operations/${id}`,
        resourceUrl: `/communications/calls/${call.id}/operations/${id}`,
        resourceData: {
          '@odata.type': '#microsoft.graph.inviteParticipantsOperation',
          participants: [
            {
              '@odata.type': '#microsoft.graph.invitationParticipantInfo',
              identity: {
                '@odata.type': '#microsoft.graph.identitySet',
                user: {
                  '@odata.type': '#microsoft.graph.identity',
                  id: USERS.cleo,
                  displayName: 'cleo',
                  identityProvider: 'AAD',
                  tenantId: TENANT,
                },
              },
            },
          ],
          status: 'completed',
          clientContext: 'invite-of-cleo',
          id,
        },
      },
      {
        '@odata.type': '#microsoft.graph.commsNotification',
        changeType: 'updated',
        resource: `/app/calls/${call.id}/participants`,
        resourceUrl: `/communications/calls/${call.id}/participants`,
        resourceData: [
          ...rows.map(wire.row),
          {
            '@odata.type': '#microsoft.graph.participant',
            info: {
              '@odata.type': '#microsoft.graph.participantInfo',
              identity: {
                '@odata.type': '#microsoft.graph.identitySet',
                user: {
                  '@odata.type': '#microsoft.graph.identity',
                  id: USERS.cleo,
                  displayName: 'cleo',
                  identityProvider: 'AAD',
                  tenantId: TENANT,
                },
              },
              endpointType: 'default',
            },
            mediaStreams: [
              {
                '@odata.type': '#microsoft.graph.mediaStream',
                mediaType: 'audio',
                sourceId: '4',
                direction: 'sendReceive',
                serverMuted: false,
              },
            ],
            isMuted: false,
            isInLobby: false,
            id: participantId,
          },
        ],
      },
    ])
  })
}

test('clientContext is optional: null in the answer, absent from the notification', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const reply = await invite(world, call, [user('cleo')])
  const { id, ids } = wire.invited(reply)
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 4 }
  assert.deepEqual(reply.body, wire.operation(id, [wire.invitee(cleo.identity, cleo.id)]))
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [cleo.identity]),
    wire.roster(call, [...rows, cleo]),
  ])
})

test('they are nowhere on the roster until they have answered', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  await world.script('cleo', { answer: { after: '20s' } })
  const { id, ids } = wire.invited(await invite(world, call, [user('cleo')], { clientContext: 'c' }))
  await world.advance('19s')
  assert.deepEqual(await world.take(), [])
  const listed = await world.client('alpha').get(`${CALLS}/${call.id}/participants`)
  assert.deepEqual(
    listed.body.value,
    rows.map((shown) => wire.participant(shown)),
  )
  await world.advance('1s')
  const cleo = { id: ids[0] ?? '', identity: wire.person('cleo'), sourceId: 4 }
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [cleo.identity], { clientContext: 'c' }),
    wire.roster(call, [...rows, cleo]),
  ])
})

test('several: one operation, which ends when the last of them has joined', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  await world.script('cleo', { answer: { after: '1s' } })
  await world.script('dov', { answer: { after: '3s' } })
  await world.script(PHONE, { answer: { after: '2s' } })
  const reply = await invite(world, call, [user('cleo'), user('dov'), phone(PHONE)], { clientContext: 'three' })
  const { id, ids } = wire.invited(reply)
  const identities = [wire.person('cleo'), wire.person('dov'), wire.number(PHONE)]
  const [cleo, dov, customer] = identities.map((identity, index) => ({ id: ids[index] ?? '', identity }))
  assert.ok(cleo && dov && customer)
  assert.equal(new Set(ids).size, 3)
  assert.deepEqual(
    reply.body,
    wire.operation(
      id,
      identities.map((identity, index) => wire.invitee(identity, ids[index] ?? '')),
      { clientContext: 'three' },
    ),
  )
  const first = { ...cleo, sourceId: 4 }
  const second = { ...customer, sourceId: 5 }
  const third = { ...dov, sourceId: 6 }
  await world.advance('2s')
  assert.deepEqual(await world.take(), [
    wire.roster(call, [...rows, first]),
    wire.roster(call, [...rows, first, second]),
  ])
  await world.advance('1s')
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, identities, { clientContext: 'three' }),
    wire.roster(call, [...rows, first, second, third]),
  ])
})

test('mixed outcomes: failed with the first failing code, each failure named, and those who joined stay', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  await world.script('cleo', { decline: { after: '9s' } })
  await world.script('dov', { answer: { after: '2s' } })
  await world.script('eva', { ignore: {} })
  await world.script(PHONE, { busy: { after: '1s' } })
  const identities = [wire.person('cleo'), wire.person('dov'), wire.person('eva'), wire.number(PHONE)]
  const reply = await invite(world, call, [user('cleo'), user('dov'), user('eva'), phone(PHONE)])
  const { id, ids } = wire.invited(reply)
  const dov = { id: ids[1] ?? '', identity: wire.person('dov'), sourceId: 4 }

  await world.advance('59s')
  assert.deepEqual(await world.take(), [wire.roster(call, [...rows, dov])])
  await world.advance('1s')
  // `first` is the first in the request, not the first in time.
  const failures = [
    `8:orgid:${USERS.cleo}: the user declined`,
    `8:orgid:${USERS.eva}: the user did not answer in time`,
    `4:${PHONE}: the number is busy`,
  ].join('; ')
  assert.deepEqual(await world.take(), [
    wire.operationFailed(call, id, identities, { code: 603, subcode: 8538, failures }),
  ])
  const listed = await world.client('alpha').get(`${CALLS}/${call.id}/participants`)
  assert.deepEqual(
    listed.body.value,
    [...rows, dov].map((shown) => wire.participant(shown)),
  )
})

test('a phone', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const reply = await invite(world, call, [phone(PHONE)])
  const { id, ids } = wire.invited(reply)
  const customer = { id: ids[0] ?? '', identity: wire.number(PHONE), sourceId: 4 }
  assert.deepEqual(reply.body.participants, [
    {
      endpointType: null,
      id: customer.id,
      replacesCallId: null,
      identity: {
        user: null,
        guest: null,
        encrypted: null,
        onPremises: null,
        applicationInstance: null,
        application: null,
        device: null,
        phone: { '@odata.type': '#microsoft.graph.identity', id: PHONE },
      },
    },
  ])
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [customer.identity]),
    wire.roster(call, [...rows, customer]),
  ])
})

test('a phone, by an application without a number: the operation fails with 412/9999', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world, ['ada', 'ben'], { app: 'beta' })
  const reply = await world
    .client('beta')
    .post(`${CALLS}/${call.id}/participants/invite`, { participants: [phone(PHONE)], clientContext: 'p' })
  const { id } = wire.invited(reply)
  assert.deepEqual([reply.status, reply.body.status], [200, 'Running'])
  const outcome = {
    code: 412,
    subcode: 9999,
    failures: `4:${PHONE}: the application has no application instance with a phone number; give it one in the directory (applicationInstances)`,
    diagCode: '412#10073',
  }
  assert.deepEqual(await world.take('beta'), [
    wire.operationFailed(call, id, [wire.number(PHONE)], outcome, { clientContext: 'p' }),
  ])
})

test('somebody whom the directory does not know: the operation fails', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const unknown = '22222222-0000-4000-8000-0000000000ff'
  const { id } = wire.invited(await invite(world, call, [user(unknown)]))
  const identity = {
    '@odata.type': '#microsoft.graph.identitySet',
    user: { '@odata.type': '#microsoft.graph.identity', id: unknown },
  }
  const failures = `8:orgid:${unknown}: the directory has no user ${unknown} in tenant ${TENANT}`
  assert.deepEqual(await world.take(), [
    wire.operationFailed(call, id, [identity], { code: 480, subcode: 10134, failures }),
  ])
})

test('hidden: told in the answer, never on the roster', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  const reply = await invite(world, call, [{ ...user('cleo'), hidden: true }])
  const { id, ids } = wire.invited(reply)
  assert.deepEqual(reply.body.participants, [wire.invitee(wire.person('cleo'), ids[0] ?? '', { hidden: true })])
  assert.deepEqual(await world.take(), [wire.operationEnd(call, id, [wire.person('cleo')])])
})

test('another application, in profile teams: refused', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  assertRefused(await invite(world, call, [application('beta')]), {
    status: 403,
    code: '7504',
    message: 'Insufficient enterprise tenant permissions, cannot access this API.',
    explanation: `28:${APPS.beta} is an application, and applications cannot be invited; --profile open allows it.`,
  })
})

test('another application, in profile open: it gets an incoming group call and answers', async (t) => {
  const world = await startWorld(t, { profile: 'open' })
  const { call, rows } = await groupCall(world)
  const { id, ids } = wire.invited(await invite(world, call, [application('beta')]))
  assert.deepEqual(await world.take(), [])

  const [incoming, ...others] = await world.take('beta')
  assert.deepEqual(others, [])
  assert.equal(incoming?.changeType, 'created')
  const { resourceData } = incoming
  const theirs = wire.known({ body: resourceData })
  assert.deepEqual(resourceData, {
    '@odata.type': '#microsoft.graph.call',
    state: 'incoming',
    direction: 'incoming',
    callbackUri: world.bots.beta.url,
    callChainId: call.callChainId,
    callRoutes: [],
    source: wire.source(wire.bot('alpha'), { endpointType: 'default' }),
    targets: [
      {
        '@odata.type': '#microsoft.graph.invitationParticipantInfo',
        identity: wire.bot('beta'),
        endpointType: 'default',
      },
    ],
    requestedModalities: ['audio'],
    chatInfo: call.chatInfo,
    meetingInfo: wire.tokenMeeting(resourceData.meetingInfo.token),
    incomingContext: null,
    myParticipantId: ids[0],
    tenantId: TENANT,
    id: theirs.id,
  })

  const answered = await world.client('beta').post(`${CALLS}/${theirs.id}/answer`, {
    acceptedModalities: ['audio'],
    mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
  })
  assertEmpty(answered, 202)
  const beta = wire.self(theirs, 4, wire.bot('beta'))
  assert.deepEqual(await world.take(), [
    wire.operationEnd(call, id, [wire.bot('beta')]),
    wire.roster(call, [...rows, beta]),
  ])
  assert.deepEqual(await world.take('beta'), [
    wire.establishing(theirs),
    wire.established(theirs),
    wire.roster(theirs, [...rows, beta]),
  ])
})

test('an invited application that rejects, or does not answer: the operation fails', async (t) => {
  const world = await startWorld(t, { profile: 'open' })
  const { call } = await groupCall(world)
  const first = wire.invited(await invite(world, call, [application('beta')]))
  const [incoming] = await world.take('beta')
  const theirs = wire.known({ body: incoming?.resourceData })
  assertEmpty(await world.client('beta').post(`${CALLS}/${theirs.id}/reject`, { reason: 'busy' }), 202)
  assert.deepEqual(
    (await world.take('beta')).map(({ changeType, resourceData }) => [changeType, resourceData.id]),
    [['deleted', theirs.id]],
  )
  const name = `28:${APPS.beta}`
  assert.deepEqual(await world.take(), [
    wire.operationFailed(call, first.id, [wire.bot('beta')], {
      code: 486,
      subcode: 8539,
      failures: `${name}: the application rejected the call as busy`,
    }),
  ])

  const second = wire.invited(await invite(world, call, [application('beta')]))
  const [again] = await world.take('beta')
  await world.advance('15s')
  const ignored = wire.known({ body: again?.resourceData })
  const text = 'he application did not answer the incoming call in time'
  assert.deepEqual(await world.take('beta'), [wire.terminated(ignored, wire.result(408, 8587, `T${text}`))])
  assert.deepEqual(await world.take(), [
    wire.operationFailed(call, second.id, [wire.bot('beta')], {
      code: 408,
      subcode: 8587,
      failures: `${name}: t${text}`,
    }),
  ])
})
