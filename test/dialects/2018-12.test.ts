/** The pages of December 2018 and April 2019, which are one contract, in their own words. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { UserName } from '../support/world.ts'
import { APPS, PHONE, TENANT, USERS } from '../support/world.ts'
import type { Json, OldRow } from './old-wire.ts'
import { LOCALE, OldWire, application, info, person, phone, result, running } from './old-wire.ts'
import type { Answer, Scene } from './scene.ts'
import { startScene } from './scene.ts'

const wire = new OldWire('2018-12')
const CHANNEL = 'd9c1f2a4-7b3e-4c55-8a10-2f6e9b1c7d31'
const OWN = `/beta/applications/${APPS.alpha}/calls`

const alpha = (sourceId?: string): OldRow => ({
  id: '{SELF}',
  identity: application('alpha'),
  ...(sourceId !== undefined && { sourceId }),
})

/** One of the `participants` of an invite, as the page spells it. */
const invitee = (name: UserName, more: Json = {}): Json => ({
  endpointType: 'default',
  identity: { user: { id: USERS[name], tenantId: TENANT, displayName: `${name} of the watch` } },
  ...LOCALE,
  ...more,
})

/** Somebody calls the application, which answers with media that is to be fetched beforehand. */
async function answeredCall(t: TestContext): Promise<Scene> {
  const scene = await startScene(t, '2018-12')
  await scene.world.control('POST', '/calls', { from: USERS.ada, to: APPS.alpha })
  const incoming = await scene.heard()
  scene.name('old', incoming[0]?.value[0].resource)
  scene.equal(incoming, [
    wire.call('created', '{OLD}', {
      state: 'incoming',
      direction: 'incoming',
      source: info(person('ada')),
      targets: [info(application('alpha'))],
      requestedModalities: ['audio'],
    }),
  ])
  const answer = await scene.ask('POST', '/beta/app/calls/{OLD}/answer', {
    callback: '{bot}',
    acceptModalities: ['audio', 'video'],
    mediaConfig: {
      '@odata.type': '#microsoft.graph.serviceHostedMediaConfig',
      preFetchMedia: [
        { url: 'https://media.fjord.example/welcome.wav', resourceId: 'B52E0B0C-7A7B-4F0E-9C0A-4B8D70E35A11' },
        { url: 'https://media.fjord.example/goodbye.wav', resourceId: 'B52E0B0C-7A7B-4F0E-9C0A-4B8D70E35A12' },
      ],
    },
  })
  scene.name('answering', answer.body.id)
  scene.equal(answer, { status: 200, body: running('{ANSWERING}', null) })
  scene.equal(await scene.heard(), [
    wire.establishing('{OLD}', 'incoming'),
    wire.established('{OLD}', 'incoming', ['audio', 'video']),
  ])
  return scene
}

/** The application joins a channel's meeting, in order to bring others in: it has no media of its own. */
async function joinMeeting(scene: Scene): Promise<void> {
  const joined = await scene.ask('POST', '/beta/app/calls', {
    subject: 'Harbour watch',
    callback: '{bot}',
    source: {
      '@odata.type': '#microsoft.graph.participantInfo',
      identity: { application: { id: APPS.alpha.toUpperCase() } },
    },
    targetDisposition: 'default',
    requestedModalities: [],
    chatInfo: { threadId: CHANNEL, messageId: '1543829401177', replyChainMessageId: '1543829401177' },
    meetingInfo: {
      '@odata.type': '#microsoft.graph.organizerMeetingInfo',
      organizer: { user: { id: USERS.fay.toUpperCase(), tenantId: TENANT.toUpperCase() } },
    },
  })
  scene.name('group', joined.location)
  scene.equal(joined, { status: 201, location: '{server}/beta/app/calls/{GROUP}' })
  const heard = await scene.heard()
  scene.name('self', heard[2]?.value[0].resourceData[0]['@odata.id'])
  scene.equal(heard, [
    wire.establishing('{GROUP}', 'outgoing'),
    wire.established('{GROUP}', 'outgoing', []),
    wire.roster('{GROUP}', [alpha()]),
  ])
}

test('an incoming call is answered, a meeting joined, and the caller pulled over', async (t) => {
  const scene = await answeredCall(t)
  await joinMeeting(scene)
  const invited = await scene.ask('POST', '/beta/app/calls/{GROUP}/participants/invite', {
    participants: [
      {
        '@odata.type': '#microsoft.graph.invitationParticipantInfo',
        identity: { user: { id: USERS.ada.toUpperCase() } },
        ...LOCALE,
        replacesCallId: '/app/calls/{OLD}',
      },
    ],
  })
  scene.name('op', invited.body.id)
  scene.equal(invited, {
    status: 202,
    location: '{server}/beta/app/calls/{GROUP}/operations/{OP}',
    body: running('{OP}', null),
  })
  const heard = await scene.heard()
  scene.name('ada', heard[1]?.value[0].resourceData[1]['@odata.id'])
  scene.equal(heard, [
    wire.operation('{GROUP}', '{OP}', { status: 'completed' }, true),
    wire.roster('{GROUP}', [alpha(), { id: '{ADA}', identity: person('ada'), locale: LOCALE, sourceId: '2' }]),
    ...wire.end('{OLD}'),
  ])
  // The replaced call is gone; the operation of its answer was a formality, and is not to be found.
  for (const path of ['{OLD}', '{OLD}/operations/{ANSWERING}', '{OLD}/participants']) {
    const gone = await scene.ask('GET', `/beta/app/calls/${path}`)
    assert.equal(gone.status, 404, JSON.stringify(gone.body))
  }
})

/** A peer-to-peer call that the application made, under the address that has its id. */
async function calledAda(t: TestContext): Promise<Scene> {
  const scene = await startScene(t)
  const created = await scene.ask('POST', OWN, {
    callback: '{bot}',
    source: { identity: { application: { id: APPS.alpha } } },
    targets: [{ identity: { user: { id: USERS.ada, displayName: 'ada of the watch' } } }],
    requestedModalities: ['audio'],
    mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
  })
  scene.name('call', created.location)
  scene.equal(created, { status: 201, location: `{server}${OWN}/{CALL}` })
  scene.equal(await scene.heard(), [
    wire.establishing('{CALL}', 'outgoing'),
    wire.established('{CALL}', 'outgoing', ['audio']),
  ])
  return scene
}

async function invite(scene: Scene, participants: readonly Json[], more: Json = {}): Promise<Answer> {
  const invited = await scene.ask('POST', `${OWN}/{CALL}/participants/invite`, { participants, ...more })
  scene.name('op', invited.body.id)
  return invited
}

test('an invite makes a peer-to-peer call a meeting; who was invited speaks as the invite said', async (t) => {
  const scene = await calledAda(t)
  const invited = await invite(scene, [invitee('ben')], { clientContext: 'watch-1' })
  scene.equal(invited, {
    status: 202,
    location: `{server}${OWN}/{CALL}/operations/{OP}`,
    body: running('{OP}', 'watch-1'),
  })
  const heard = await scene.heard()
  const [ada, self, ben] = heard[1]?.value[0].resourceData ?? []
  scene.name('ada', ada['@odata.id'])
  scene.name('self', self['@odata.id'])
  scene.name('ben', ben['@odata.id'])
  scene.equal(heard, [
    wire.operation('{CALL}', '{OP}', { clientContext: 'watch-1', status: 'completed' }),
    wire.roster('{CALL}', [
      { id: '{ADA}', identity: person('ada', 'ada of the watch'), sourceId: '1' },
      alpha('2'),
      { id: '{BEN}', identity: person('ben', 'ben of the watch'), locale: LOCALE, sourceId: '3' },
    ]),
  ])
  scene.equal(await scene.ask('DELETE', `${OWN}/{CALL}`), { status: 204 })
  scene.equal(await scene.heard(), wire.end('{CALL}'))
})

test('several invitees and a phone at once, too, make a peer-to-peer call a meeting', async (t) => {
  const scene = await calledAda(t)
  const invited = await invite(scene, [invitee('ben'), { identity: { phone: { id: PHONE } } }])
  scene.equal(invited.body, running('{OP}', null))
  const heard = await scene.heard()
  const rows = heard.at(-1)?.value[0].resourceData ?? []
  ;['ada', 'self', 'ben', 'phone'].forEach((name, index) => scene.name(name, rows[index]['@odata.id']))
  const all = [
    { id: '{ADA}', identity: person('ada', 'ada of the watch'), sourceId: '1' },
    alpha('2'),
    { id: '{BEN}', identity: person('ben', 'ben of the watch'), locale: LOCALE, sourceId: '3' },
    { id: '{PHONE}', identity: phone(PHONE), sourceId: '4' },
  ]
  scene.equal(heard, [
    wire.roster('{CALL}', all.slice(0, 3)),
    wire.operation('{CALL}', '{OP}', { status: 'completed' }),
    wire.roster('{CALL}', all),
  ])
})

test('an invitee who is busy: the operation fails, with the codes as numbers', async (t) => {
  const scene = await calledAda(t)
  await scene.world.script('ben', { busy: {} })
  await invite(scene, [invitee('ben')], { clientContext: 'watch-2' })
  const failed = {
    status: 'failed',
    resultInfo: result(486, 8539, `Participants that did not join: 8:orgid:${USERS.ben}: the user is busy`),
  }
  scene.equal(await scene.heard(), [wire.operation('{CALL}', '{OP}', { clientContext: 'watch-2', ...failed })])
  scene.equal(await scene.ask('GET', `${OWN}/{CALL}/operations/{OP}`), {
    status: 200,
    body: {
      '@odata.context': "{server}/beta/$metadata#communications/calls('{CALL}')/operations/$entity",
      ...running('{OP}', 'watch-2'),
      ...failed,
    },
  })
})

test('the far end leaves: the end has the codes, in its first step', async (t) => {
  const scene = await calledAda(t)
  const [conversation] = (await scene.world.control('GET', '/calls')).body.value
  const [ada] = conversation.participants
  await scene.world.control('POST', `/calls/${conversation.id}/participants/${ada.id}/leave`)
  scene.equal(
    await scene.heard(),
    wire.end('{CALL}', result(200, 4521, 'The other side of the peer-to-peer call ended it')),
  )
})

test('a rejected call is only deleted', async (t) => {
  const scene = await startScene(t, '2018-12')
  await scene.world.control('POST', '/calls', { from: USERS.ada, to: APPS.alpha })
  const [incoming] = await scene.heard()
  scene.name('call', incoming.value[0].resource)
  scene.equal(await scene.ask('POST', '/beta/app/calls/{CALL}/reject', { reason: 'Busy' }), { status: 202 })
  scene.equal(await scene.heard(), [wire.call('deleted', '{CALL}')])
})

test('a call and its participants as they are read', async (t) => {
  const scene = await calledAda(t)
  await invite(scene, [invitee('ben')])
  const [, roster] = await scene.heard()
  ;['ada', 'self', 'ben'].forEach((name, index) => scene.name(name, roster.value[0].resourceData[index]['@odata.id']))
  scene.equal(await scene.ask('GET', `${OWN}/{CALL}`), {
    status: 200,
    body: {
      '@odata.context': '{server}/beta/$metadata#app/calls/$entity',
      '@odata.type': '#microsoft.graph.call',
      '@odata.id': '/app/calls/{CALL}',
      '@odata.etag': '{etag}',
      state: 'established',
      direction: 'outgoing',
      callbackUri: '{bot}',
      callRoutes: [],
      source: info(application('alpha')),
      targets: [info(person('ada', 'ada of the watch'))],
      requestedModalities: ['audio'],
      activeModalities: ['audio'],
      mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
      chatInfo: {
        '@odata.type': '#microsoft.graph.chatInfo',
        threadId: '{thread}',
        messageId: '0',
      },
      tenantId: TENANT,
      myParticipantId: '{SELF}',
      id: '{CALL}',
    },
  })
  scene.equal(await scene.ask('GET', `${OWN}/{CALL}/participants/{BEN}`), {
    status: 200,
    body: {
      '@odata.context': "{server}/beta/$metadata#communications/calls('{CALL}')/participants/$entity",
      '@odata.type': '#microsoft.graph.participant',
      info: info(person('ben', 'ben of the watch'), LOCALE),
      mediaStreams: [
        { mediaType: 'audio', label: 'main-audio', sourceId: '3', direction: 'sendReceive', serverMuted: false },
      ],
      isMuted: false,
      isInLobby: false,
      id: '{BEN}',
    },
  })
})

test('the address names the application: another one is refused', async (t) => {
  const scene = await calledAda(t)
  const { status, body } = await scene.ask('GET', `/beta/applications/${APPS.beta}/calls/{CALL}`)
  assert.deepEqual([status, body.error.code], [403, '7507'])
})
