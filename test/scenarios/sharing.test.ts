/** Who hears whom, who shows what: audio routing groups, content sharing, screen sharing, the large gallery, the mixer. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { APPS, startWorld, user } from '../support/world.ts'
import type { Refusal } from './steps.ts'
import { CALLS, assertEmpty, assertRefused, create, groupCall, invalidArgument } from './steps.ts'
import type { Json } from './wire.ts'
import * as wire from './wire.ts'

const ROUTING = { '@odata.type': '#microsoft.graph.audioRoutingGroup' }

test('audio routing groups: made, listed, changed, deleted; whoever leaves is in none', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world, ['ada', 'ben', 'cleo'])
  const [ada, own, ben, cleo] = rows
  assert.ok(ada && own && ben && cleo)
  const client = world.client('alpha')
  const groups = `${CALLS}/${call.id}/audioRoutingGroups`
  const context = `${world.url}/v1.0/$metadata#communications/calls('${call.id}')/audioRoutingGroups`
  const entity = { '@odata.context': `${context}/$entity`, ...ROUTING }

  const pair = { id: 'oneToOne', routingMode: 'oneToOne', sources: [own.id], receivers: [ada.id] }
  const made = await client.post(groups, { ...ROUTING, ...pair })
  assert.deepEqual([made.status, made.body], [200, { ...entity, ...pair }])
  const many = { routingMode: 'multicast', sources: [own.id], receivers: [ben.id, cleo.id] }
  const { id } = (await client.post(groups, many)).body
  assert.deepEqual((await client.get(groups)).body, {
    '@odata.context': context,
    value: [
      { ...ROUTING, ...pair },
      { ...ROUTING, id, ...many },
    ],
  })
  const changed = await client.patch(`${groups}/${id}`, { receivers: [ada.id, ben.id, cleo.id] })
  assert.deepEqual(changed.body, { ...entity, id, ...many, receivers: [ada.id, ben.id, cleo.id] })
  await world.control('POST', `/calls/${call.id}/participants/${ada.id}/leave`)
  assert.deepEqual(await world.take(), [wire.roster(call, [own, ben, cleo])])
  assert.deepEqual((await client.get(groups)).body.value, [{ ...ROUTING, id, ...many }])
  assertEmpty(await client.delete(`${groups}/${id}`), 204)
  assertRefused(await client.get(`${groups}/${id}`), noGroup(id))
  assertRefused(await client.delete(`${groups}/oneToOne`), noGroup('oneToOne'))
})

const noGroup = (id: string): Refusal => ({
  status: 404,
  code: 'itemNotFound',
  message: 'The audio routing group could not be found.',
  explanation: `The call has no audio routing group with the id ${id}; list them to see which it has.`,
})

test('audio routing groups keep to the published forms, and to their limit', async (t) => {
  const world = await startWorld(t, { maxAudioRoutingGroups: 1 })
  const { call, rows } = await groupCall(world)
  const [ada, own, ben] = rows
  assert.ok(ada && own && ben)
  const client = world.client('alpha')
  const create = (more: Json): ReturnType<typeof client.post> =>
    client.post(`${CALLS}/${call.id}/audioRoutingGroups`, {
      id: 'a',
      routingMode: 'oneToOne',
      sources: [own.id],
      receivers: [ben.id],
      ...more,
    })
  const refusals: readonly (readonly [Json, string])[] = [
    [{ routingMode: null }, 'routingMode is required: oneToOne or multicast.'],
    [{ routingMode: 'broadcast' }, 'routingMode must be one of oneToOne, multicast.'],
    [
      { sources: [own.id, ada.id] },
      'sources must name exactly one participant: one-to-one and multicast have one speaker each.',
    ],
    [{ receivers: [ada.id, ben.id] }, 'receivers must name exactly one participant when routingMode is oneToOne.'],
    [{ routingMode: 'multicast', receivers: [] }, 'receivers must name at least one participant.'],
  ]
  for (const [more, explanation] of refusals) assertRefused(await create(more), invalidArgument(explanation))
  assert.equal((await create({ receivers: ['nobody'] })).status, 404)
  assert.equal((await create({})).status, 200)
  assertRefused(await create({}), {
    status: 409,
    code: '8519',
    message: 'The request conflicts with the current state of the call.',
    explanation: 'The call has an audio routing group a already; PATCH it instead.',
  })
  assertRefused(
    await create({ id: 'b' }),
    invalidArgument('The call has 1 audio routing groups already (option maxAudioRoutingGroups).'),
  )
})

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version}: content that somebody presents is told to applications that asked for it`, async (t) => {
    const world = await startWorld(t)
    const more = { callOptions: { isContentSharingNotificationEnabled: true } }
    const { call, rows } = await groupCall(world, ['ada', 'ben', 'cleo'], { version, more })
    const [ada, own, ben, cleo] = rows
    assert.ok(ada && own && ben && cleo)
    const client = world.client('alpha', version)
    const sessions = `${CALLS}/${call.id}/contentSharingSessions`
    assert.deepEqual((await client.get(sessions)).body.value, [])
    const act = async (who: string, name: string): Promise<void> => {
      assert.equal((await world.control('POST', `/calls/${call.id}/participants/${who}/${name}`)).status, 204)
    }
    await act(ada.id, 'present')
    const [session] = (await client.get(sessions)).body.value
    assert.match(session.id, /^[0-9a-f]{64}$/)
    const shown = (presenterParticipantId: string): Json => ({
      '@odata.type': '#microsoft.graph.contentSharingSession',
      ...(version === 'beta' && { presenterParticipantId, pngOfCurrentSlide: null }),
      id: session.id,
    })
    assert.deepEqual(await world.take(), [
      wire.contentSharing(call, 'created', [shown(ada.id)]),
      wire.roster(call, [{ ...ada, screen: 5 }, own, ben, cleo]),
    ])
    assert.deepEqual(session, shown(ada.id))
    await act(ben.id, 'present')
    assert.deepEqual(await world.take(), [
      wire.contentSharing(call, 'updated', [shown(ben.id)]),
      wire.roster(call, [ada, own, { ...ben, screen: 6 }, cleo]),
    ])
    const got = await client.get(`${sessions}/${String(session.id)}`)
    assert.deepEqual(got.body, {
      '@odata.context': `${world.url}/${version}/$metadata#communications/calls('${call.id}')/contentSharingSessions/$entity`,
      ...shown(ben.id),
    })
    const refused = await world.control('POST', `/calls/${call.id}/participants/${ada.id}/stopPresenting`)
    assert.deepEqual([refused.status, refused.body.error.code], [400, '8523'])
    // Whoever leaves presents no more.
    await act(ben.id, 'leave')
    assert.deepEqual(await world.take(), [
      wire.contentSharing(call, 'deleted', [shown(ben.id)]),
      wire.roster(call, [ada, own, cleo]),
    ])
    await act(ada.id, 'present')
    await act(ada.id, 'stopPresenting')
    const presented = await world.lines()
    assert.deepEqual(presented, [
      'created content sharing of 1',
      'updated roster of 3',
      'deleted content sharing of 1',
      'updated roster of 3',
    ])
    assert.equal((await client.get(`${sessions}/${String(session.id)}`)).status, 404)
  })
}

test('what people show is on the roster; content sharing is not told to an application that did not ask', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const [ada, own, ben] = rows
  assert.ok(ada && own && ben)
  const act = async (who: string, name: string): Promise<void> => {
    assert.equal((await world.control('POST', `/calls/${call.id}/participants/${who}/${name}`)).status, 204)
  }
  const shows = async (...shown: readonly wire.Row[]): Promise<void> => {
    assert.deepEqual(await world.take(), [wire.roster(call, shown)])
  }
  await act(ben.id, 'showCamera')
  await shows(ada, own, { ...ben, camera: 4 })
  await act(ben.id, 'showCamera')
  assert.deepEqual(await world.take(), [], 'it is shown already')
  await act(ben.id, 'present')
  await shows(ada, own, { ...ben, camera: 4, screen: 5 })
  const { body } = await world.client('alpha').get(`${CALLS}/${call.id}/participants/${ben.id}`)
  const { '@odata.context': _, ...shown } = body
  assert.deepEqual(shown, wire.participant({ ...ben, camera: 4, screen: 5 }))
  await act(ada.id, 'present')
  await shows({ ...ada, screen: 6 }, own, { ...ben, camera: 4 })
  const media = await world.control('GET', `/calls/${call.id}/media`)
  assert.deepEqual(media.body.seeing, {
    [ada.id]: { cameras: [ben.id] },
    [ben.id]: { cameras: [], screen: ada.id },
  })
  await act(ben.id, 'hideCamera')
  await shows({ ...ada, screen: 6 }, own, ben)
  await act(ada.id, 'stopPresenting')
  await shows(ada, own, ben)
})

test('whoever shares takes the screen, application or person', async (t) => {
  const world = await startWorld(t)
  const mediaConfig = { '@odata.type': '#microsoft.graph.appHostedMediaConfig', blob: '{}' }
  const more = { mediaConfig, callOptions: { isContentSharingNotificationEnabled: true } }
  const { call, rows } = await groupCall(world, ['ada', 'ben'], { more })
  const [ada, own, ben] = rows
  assert.ok(ada && own && ben)
  await world.control('POST', `/calls/${call.id}/participants/${ada.id}/present`)
  await world.take()
  assertEmpty(await world.client('alpha').post(`${CALLS}/${call.id}/changeScreenSharingRole`, { role: 'sharer' }), 202)
  assert.deepEqual(await world.lines(), ['deleted content sharing of 1', 'updated roster of 3'])
  await world.control('POST', `/calls/${call.id}/participants/${ben.id}/present`)
  const [created, shown] = await world.take()
  assert.equal(created?.changeType, 'created')
  assert.deepEqual(shown, wire.roster(call, [ada, own, { ...ben, screen: 6 }]))
})

test('an application with media of its own shares its screen, and stops', async (t) => {
  const world = await startWorld(t)
  const mediaConfig = { '@odata.type': '#microsoft.graph.appHostedMediaConfig', blob: '{}' }
  const { call, rows } = await groupCall(world, ['ada', 'ben'], { more: { mediaConfig } })
  const [ada, own, ben] = rows
  assert.ok(ada && own && ben)
  const client = world.client('alpha')
  const role = (name: string): ReturnType<typeof client.post> =>
    client.post(`${CALLS}/${call.id}/changeScreenSharingRole`, { role: name })
  assertEmpty(await role('sharer'), 202)
  const shown = wire.row(own)
  const screen = {
    '@odata.type': '#microsoft.graph.mediaStream',
    mediaType: 'videoBasedScreenSharing',
    sourceId: '4',
    direction: 'sendOnly',
    serverMuted: false,
  }
  const sharing = { ...shown, mediaStreams: [...(shown['mediaStreams'] as Json[]), screen] }
  assert.deepEqual(await world.take(), [wire.rosterOf(call, [wire.row(ada), sharing, wire.row(ben)])])
  assertEmpty(await role('sharer'), 202)
  assert.deepEqual(await world.take(), [])
  assertEmpty(await role('viewer'), 202)
  assert.deepEqual(await world.take(), [wire.roster(call, rows)])
  assertRefused(await role('presenter'), invalidArgument('role must be one of viewer, sharer.'))
})

test('screen sharing needs media of the application’s own: 400/8500', async (t) => {
  const world = await startWorld(t)
  const { call } = await groupCall(world)
  assertRefused(await world.client('alpha').post(`${CALLS}/${call.id}/changeScreenSharingRole`, { role: 'sharer' }), {
    status: 400,
    code: '8500',
    message: 'The action does not fit the media configuration of the call.',
    explanation: 'This needs application-hosted media: create or answer the call with appHostedMediaConfig.',
  })
})

test('the large gallery joins as a hidden application, and leaves with the call that asked for it', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world)
  const client = world.client('alpha')
  const path = `${CALLS}/${call.id}/addLargeGalleryView`
  const asked = await client.post(path, { clientContext: 'wide' })
  const { id } = asked.body
  const operation = { '@odata.type': '#microsoft.graph.addLargeGalleryViewOperation', id, clientContext: 'wide' }
  assert.deepEqual([asked.status, asked.body], [202, { ...operation, status: 'running', resultInfo: null }])
  assert.equal(asked.headers.get('location'), `${world.url}/v1.0${CALLS}/${call.id}/operations/${id}`)
  const gallery = {
    '@odata.type': '#microsoft.graph.participant',
    info: {
      '@odata.type': '#microsoft.graph.participantInfo',
      identity: {
        '@odata.type': '#microsoft.graph.identitySet',
        application: {
          '@odata.type': '#microsoft.graph.identity',
          id,
          displayName: 'Large Gallery',
          applicationType: 'LargeGallery-V2',
          hidden: true,
        },
      },
      endpointType: 'default',
    },
    mediaStreams: [
      {
        '@odata.type': '#microsoft.graph.mediaStream',
        mediaType: 'video',
        sourceId: '4',
        direction: 'sendReceive',
        serverMuted: false,
      },
    ],
    isMuted: false,
    isInLobby: false,
    metadata: `{"type":"LargeGallery-V2","requestedBy":"${APPS.alpha}"}`,
    id,
  }
  assert.deepEqual(await world.take(), [
    wire.ended(call, { ...operation, status: 'completed' }),
    wire.rosterOf(call, [...rows.map(wire.row), gallery]),
  ])
  assert.equal((await client.post(path)).status, 409)
  // Nobody is alone with a gallery: the last two people leave, and the call ends.
  for (const { id: who } of rows.filter((row) => row.id !== call.myParticipantId)) {
    await world.control('POST', `/calls/${call.id}/participants/${who}/leave`)
  }
  assert.deepEqual((await world.lines()).at(-1), 'deleted call terminated')
})

test('the mixer of beta and 2018 takes levels for those who are there', async (t) => {
  const world = await startWorld(t)
  const { call, rows } = await groupCall(world, ['ada', 'ben'], { version: 'beta' })
  const [ada, , ben] = rows
  assert.ok(ada && ben)
  const client = world.client('alpha', 'beta')
  const path = `${CALLS}/${call.id}/participants/configureMixer`
  const level = { participant: ada.id, exclusive: true, sourceLevels: [{ participant: ben.id, level: 50 }] }
  const asked = await client.post(path, { participantMixerLevels: [level] })
  const { id } = asked.body
  const operation = { '@odata.type': '#microsoft.graph.commsOperation', id }
  assert.deepEqual(
    [asked.status, asked.body],
    [200, { ...operation, status: 'running', clientContext: null, resultInfo: null }],
  )
  assert.deepEqual(await world.take(), [wire.ended(call, { ...operation, status: 'completed' })])
  assertRefused(
    await client.post(path, {}),
    invalidArgument('participantMixerLevels is required, with one level at least.'),
  )
  assert.equal((await client.post(path, { participantMixerLevels: [{ participant: 'nobody' }] })).status, 404)
})

test('content that is presented in a peer-to-peer call is told to its application', async (t) => {
  const world = await startWorld(t)
  const callOptions = { isContentSharingNotificationEnabled: true }
  const call = await create(world, [user('ada')], { more: { callOptions } })
  await world.take()
  const { body } = await world.control('GET', `/calls/${call.id}`)
  const ada = body.participants.find(({ type }: Json) => type === 'person').id
  assert.equal((await world.control('POST', `/calls/${call.id}/participants/${ada}/present`)).status, 204)
  assert.deepEqual(await world.lines(), ['created content sharing of 1'])
  const sessions = await world.client('alpha').get(`${CALLS}/${call.id}/contentSharingSessions`)
  assert.equal(sessions.body.value.length, 1)
  await world.control('POST', `/calls/${call.id}/participants/${ada}/leave`)
  assert.deepEqual(await world.lines(), ['deleted call terminated'])
})
