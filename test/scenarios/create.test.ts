/** A peer-to-peer call: `POST /communications/calls` with one target. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Notification } from '../support/bot.ts'
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

const ENDED_BY_PEER = wire.result(200, 4521, 'The other side of the peer-to-peer call ended it')
const answerBody = { acceptedModalities: ['audio'], mediaConfig: wire.serviceHosted }

test('to another application: it gets an incoming call and answers', async (t) => {
  const world = await startWorld(t)
  const call = await create(world, [application('beta')])
  assert.deepEqual(await world.take('alpha'), [wire.establishing(call)])
  const [incoming] = await world.take('beta')
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
    incomingContext: null,
    myParticipantId: theirs.myParticipantId,
    tenantId: TENANT,
    id: theirs.id,
  })
  assert.equal((await world.client('beta').post(`${CALLS}/${theirs.id}/answer`, answerBody)).status, 202)
  assert.deepEqual(await world.take('beta'), [wire.establishing(theirs), wire.established(theirs)])
  assert.deepEqual(await world.take('alpha'), [wire.established(call)])
  // One side hangs up: the other hears that its peer ended the call.
  assert.equal((await world.client('alpha').delete(`${CALLS}/${call.id}`)).status, 204)
  assert.deepEqual(await world.take('alpha'), wire.ownEnd(call))
  assert.deepEqual(await world.take('beta'), [wire.terminated(theirs, ENDED_BY_PEER)])
})

test('to an application by its number, here its own: two calls, each with its notifications in order', async (t) => {
  const world = await startWorld(t, { profile: 'open' })
  const call = await create(world, [phone(SERVICE_NUMBER)])
  /** What was taken, by call: between two calls no order is promised. */
  const taken = async (): Promise<{ own: unknown[]; others: Notification[] }> => {
    const all = await world.take()
    const isOwn = ({ resource }: Notification): boolean => resource.endsWith(call.id)
    return { own: all.filter(isOwn), others: all.filter((one) => !isOwn(one)) }
  }
  const first = await taken()
  const [incoming] = first.others
  const theirs = wire.known({ body: incoming?.resourceData })
  assert.deepEqual([first.own, first.others.length], [[wire.establishing(call)], 1])
  assert.deepEqual(incoming?.resourceData.targets, [
    {
      '@odata.type': '#microsoft.graph.invitationParticipantInfo',
      identity: wire.number(SERVICE_NUMBER),
      endpointType: 'default',
    },
  ])
  assert.equal((await world.client('alpha').post(`${CALLS}/${theirs.id}/answer`, answerBody)).status, 202)
  assert.deepEqual(await taken(), {
    own: [wire.established(call)],
    others: [wire.establishing(theirs), wire.established(theirs)],
  })
  assert.equal((await world.client('alpha').delete(`${CALLS}/${theirs.id}`)).status, 204)
  assert.deepEqual(await taken(), { own: [wire.terminated(call, ENDED_BY_PEER)], others: wire.ownEnd(theirs) })
})

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
