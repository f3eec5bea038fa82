/** A peer-to-peer call: `POST /communications/calls` with one target. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  APPS,
  INSTANCE,
  PHONE,
  SERVICE_NUMBER,
  TENANT,
  USERS,
  application,
  callBody,
  phone,
  startWorld,
  user,
} from '../support/world.ts'
import { CALLS, GUID, create } from './steps.ts'
import * as wire from './wire.ts'

test('v1.0, service-hosted media: every body of the call, in full', async (t) => {
  const world = await startWorld(t)
  const reply = await world.client('alpha').post(
    CALLS,
    {
      '@odata.type': '#microsoft.graph.call',
      callbackUri: world.bots.alpha.url,
      targets: [
        {
          '@odata.type': '#microsoft.graph.invitationParticipantInfo',
          identity: {
            '@odata.type': '#microsoft.graph.identitySet',
            user: {
              '@odata.type': '#microsoft.graph.identity',
              id: USERS.ada,
              displayName: 'Ada on the list',
              identityProvider: 'AAD',
            },
          },
        },
      ],
      requestedModalities: ['audio'],
      mediaConfig: {
        '@odata.type': '#microsoft.graph.serviceHostedMediaConfig',
        preFetchMedia: [{ uri: 'https://bot.example/hello.wav', resourceId: 'greeting-1' }],
      },
      subject: 'Standby duty',
      tenantId: TENANT,
    },
    { 'client-request-id': 'my-request', 'scenario-id': '55555555-0000-4000-8000-000000000001' },
  )
  const { id, callChainId, myParticipantId } = reply.body
  for (const minted of [id, callChainId, myParticipantId]) assert.match(minted, GUID)

  assert.equal(reply.status, 201)
  assert.deepEqual(reply.body, {
    '@odata.context': `${world.url}/v1.0/$metadata#app/calls/$entity`,
    '@odata.type': '#microsoft.graph.call',
    state: 'establishing',
    direction: 'outgoing',
    subject: 'Standby duty',
    callbackUri: world.bots.alpha.url,
    callChainId,
    callRoutes: [],
    source: {
      '@odata.type': '#microsoft.graph.participantInfo',
      identity: {
        '@odata.type': '#microsoft.graph.identitySet',
        application: {
          '@odata.type': '#microsoft.graph.identity',
          id: APPS.alpha,
          displayName: 'Alpha',
          tenantId: TENANT,
        },
      },
      countryCode: null,
      endpointType: null,
      region: null,
      languageId: null,
    },
    targets: [
      {
        '@odata.type': '#microsoft.graph.invitationParticipantInfo',
        identity: {
          '@odata.type': '#microsoft.graph.identitySet',
          user: {
            '@odata.type': '#microsoft.graph.identity',
            id: USERS.ada,
            displayName: 'Ada on the list',
            identityProvider: 'AAD',
            tenantId: TENANT,
          },
        },
        endpointType: null,
        replacesCallId: null,
      },
    ],
    requestedModalities: ['audio'],
    mediaConfig: {
      '@odata.type': '#microsoft.graph.serviceHostedMediaConfig',
      preFetchMedia: [
        {
          '@odata.type': '#microsoft.graph.mediaInfo',
          uri: 'https://bot.example/hello.wav',
          resourceId: 'greeting-1',
        },
      ],
    },
    mediaState: null,
    chatInfo: null,
    meetingInfo: null,
    callOptions: null,
    incomingContext: null,
    resultInfo: null,
    transcription: null,
    toneInfo: null,
    myParticipantId,
    tenantId: TENANT,
    id,
  })

  const shown = ['location', 'odata-version', 'client-request-id', 'scenario-id', 'x-microsoft-skype-chain-id']
  assert.deepEqual(Object.fromEntries(shown.map((name) => [name, reply.headers.get(name)])), {
    location: `${world.url}/v1.0/communications/calls/${id}`,
    'odata-version': '4.0',
    'client-request-id': 'my-request',
    'scenario-id': '55555555-0000-4000-8000-000000000001',
    'x-microsoft-skype-chain-id': callChainId,
  })
  assert.match(reply.headers.get('request-id') ?? '', GUID)
  assert.equal(reply.headers.get('x-microsoft-skype-message-id'), reply.headers.get('request-id'))
  assert.match(reply.headers.get('content-type') ?? '', /^application\/json; odata\.metadata=minimal;/)

  assert.deepEqual(await world.take(), [
    {
      '@odata.type': '#microsoft.graph.commsNotification',
      changeType: 'updated',
      resource: `/app/calls/${id}`,
      resourceUrl: `/communications/calls/${id}`,
      resourceData: { '@odata.type': '#microsoft.graph.call', state: 'establishing', id },
    },
    {
      '@odata.type': '#microsoft.graph.commsNotification',
      changeType: 'updated',
      resource: `/app/calls/${id}`,
      resourceUrl: `/communications/calls/${id}`,
      resourceData: {
        '@odata.type': '#microsoft.graph.call',
        state: 'established',
        direction: 'outgoing',
        callChainId,
        mediaState: { '@odata.type': '#microsoft.graph.callMediaState', audio: 'active' },
        myParticipantId,
        tenantId: TENANT,
        id,
      },
    },
  ])
})

test('beta, application-hosted media: the members that beta has more', async (t) => {
  const world = await startWorld(t)
  const blob = '{"mpUri":"net.tcp://media.example:8445/MediaProcessor"}'
  const mediaConfig = { '@odata.type': '#microsoft.graph.appHostedMediaConfig', blob }
  const reply = await world
    .client('alpha', 'beta')
    .post(CALLS, callBody(world, 'alpha', [user('ada')], { mediaConfig, requestedModalities: ['audio', 'video'] }))
  const call = wire.known(reply, 'beta')
  assert.equal(reply.status, 201)
  assert.equal(reply.headers.get('location'), `${world.url}/beta/communications/calls/${call.id}`)
  assert.deepEqual(
    reply.body,
    wire.resource(call, {
      '@odata.context': `${world.url}/beta/$metadata#app/calls/$entity`,
      callbackUri: world.bots.alpha.url,
      targets: [wire.target(wire.person('ada'), 'beta')],
      requestedModalities: ['audio', 'video'],
      mediaConfig,
      activeModalities: [],
      answeredBy: null,
      meetingCapability: null,
      ringingTimeoutInSeconds: null,
      routingPolicies: [],
      terminationReason: null,
    }),
  )
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
  const { resourceData } = world.bots.alpha.received.at(-1)?.body.value[0] ?? {}
  assert.deepEqual(resourceData.activeModalities, ['audio', 'video'])
})

test('without media: no mediaConfig and an empty list of modalities', async (t) => {
  const world = await startWorld(t)
  const { mediaConfig: _, ...body } = callBody(world, 'alpha', [user('ada')], { requestedModalities: [] })
  const reply = await world.client('alpha').post(CALLS, body)
  const call = wire.known(reply)
  assert.equal(reply.status, 201)
  assert.deepEqual(
    reply.body,
    wire.resource(call, {
      '@odata.context': `${world.url}/v1.0/$metadata#app/calls/$entity`,
      callbackUri: world.bots.alpha.url,
      targets: [wire.target(wire.person('ada'))],
      requestedModalities: [],
      mediaConfig: null,
    }),
  )
  // There is no media, so nothing tells of its state.
  assert.equal(call.media, false)
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
})

test('to a phone, from an application instance', async (t) => {
  const world = await startWorld(t)
  const source = {
    '@odata.type': '#microsoft.graph.participantInfo',
    identity: {
      '@odata.type': '#microsoft.graph.identitySet',
      applicationInstance: { '@odata.type': '#microsoft.graph.identity', id: INSTANCE, displayName: 'Hot line' },
    },
    region: 'emea',
    languageId: 'en-GB',
    countryCode: 'GB',
  }
  const reply = await world.client('alpha').post(CALLS, callBody(world, 'alpha', [phone(PHONE)], { source }))
  const call = wire.known(reply)
  assert.equal(reply.status, 201)
  assert.deepEqual(
    reply.body,
    wire.resource(call, {
      '@odata.context': `${world.url}/v1.0/$metadata#app/calls/$entity`,
      callbackUri: world.bots.alpha.url,
      source: wire.source(wire.instance({ displayName: 'Hot line' }), {
        region: 'emea',
        languageId: 'en-GB',
        countryCode: 'GB',
      }),
      targets: [wire.target(wire.number(PHONE))],
    }),
  )
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
})

for (const [whom, called, address] of [
  ['an application, by its app id', application('beta'), wire.bot('beta')],
  ['an application, by its number', phone(SERVICE_NUMBER), wire.number(SERVICE_NUMBER)],
] as const) {
  test(`to ${whom}: it gets an incoming call and answers`, async (t) => {
    const world = await startWorld(t)
    const callee = whom.includes('number') ? 'alpha' : 'beta'
    const call = await create(world, [called])
    const taken = [...(await world.take('alpha')), ...(callee === 'beta' ? await world.take('beta') : [])]
    assert.deepEqual(taken[0], wire.establishing(call))
    const [, incoming] = taken
    assert.equal(incoming?.changeType, 'created')
    const answered = await world.client(callee).post(`${CALLS}/${incoming.resourceData.id}/answer`, {
      callbackUri: world.bots[callee].url,
      acceptedModalities: ['audio'],
      mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
    })
    assert.equal(answered.status, 202)
    const theirs = wire.known({ body: incoming.resourceData })
    const ends = [wire.establishing(theirs), wire.established(theirs)]
    assert.deepEqual(incoming.resourceData.targets, [
      {
        '@odata.type': '#microsoft.graph.invitationParticipantInfo',
        identity: address,
        endpointType: 'default',
      },
    ])
    assert.deepEqual(incoming.resourceData.source, wire.source(wire.bot('alpha'), { endpointType: 'default' }))
    if (callee === 'beta') {
      assert.deepEqual(await world.take('beta'), ends)
      assert.deepEqual(await world.take('alpha'), [wire.established(call)])
    } else {
      // Both calls are alpha's own: within each the order is certain.
      const both = await world.take('alpha')
      const of = (id: string): unknown[] => both.filter(({ resourceData }) => resourceData.id === id)
      assert.deepEqual([of(theirs.id), of(call.id)], [ends, [wire.established(call)]])
    }
    // One side hangs up: the other hears that its peer ended the call.
    assert.equal((await world.client('alpha').delete(`${CALLS}/${call.id}`)).status, 204)
    const last = await world.take('alpha')
    const end = wire.terminated(theirs, wire.result(200, 4521, 'The other side of the peer-to-peer call ended it'))
    const about = (id: string): unknown[] => last.filter(({ resourceData }) => resourceData.id === id)
    assert.deepEqual(about(call.id), wire.ownEnd(call))
    assert.deepEqual(callee === 'beta' ? await world.take('beta') : about(theirs.id), [end])
  })
}

test('old names of properties, and values in any letter case, are understood', async (t) => {
  const world = await startWorld(t)
  const reply = await world.client('alpha').post(CALLS, {
    callback: world.bots.alpha.url,
    Targets: [{ Identity: { user: { id: USERS.ada.replaceAll('-', '').toUpperCase() } } }],
    requestedModalities: ['Audio', 'VIDEOBASEDSCREENSHARING'],
    mediaConfig: {
      '@odata.type': 'microsoft.graph.servicehostedmediaconfig',
      preFetchMedia: [{ url: 'https://bot.example/hello.wav' }],
    },
  })
  const call = wire.known(reply)
  assert.deepEqual(
    reply.body,
    wire.resource(call, {
      '@odata.context': `${world.url}/v1.0/$metadata#app/calls/$entity`,
      callbackUri: world.bots.alpha.url,
      targets: [wire.target(wire.person('ada'))],
      requestedModalities: ['audio', 'videoBasedScreenSharing'],
      mediaConfig: {
        ...wire.serviceHosted,
        preFetchMedia: [
          {
            '@odata.type': '#microsoft.graph.mediaInfo',
            uri: 'https://bot.example/hello.wav',
            resourceId: null,
          },
        ],
      },
    }),
  )
  assert.deepEqual(await world.take(), [wire.establishing(call), wire.established(call)])
})
