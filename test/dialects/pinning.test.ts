/** Which version an application is spoken to in: the address's, unless the directory pins one for it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { APPS, USERS } from '../support/world.ts'
import { OldWire, application, info, person } from './old-wire.ts'
import { startScene } from './scene.ts'

const media = { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' }
const user = (id: string): object => ({ identity: { user: { id } } })

const addresses = [
  '/v1.0/communications/calls',
  '/v1.0/app/calls',
  '/beta/communications/calls',
  '/beta/app/calls',
  `/beta/applications/${APPS.alpha}/calls`,
]

/** By what each version can be told from every other one. */
const marks = {
  '2018-12': { createdBody: false, invite: 202, id: '{CALL}', answer: 200 },
  '2019-09': { createdBody: true, invite: 202, id: '{CALL}', answer: 202 },
  '2020-12': { createdBody: true, invite: 200, id: '{call}', answer: 202 },
  '2021-03': { createdBody: true, invite: 200, id: '{call}', answer: 202 },
  beta: { createdBody: true, invite: 200, id: '{call}', answer: 202 },
  'v1.0': { createdBody: true, invite: 200, id: '{call}', answer: 202 },
} as const

/** Members of the notifications of an invite that tell the versions apart. */
const operationMembers = {
  '2018-12': ['@odata.etag', '@odata.id', '@odata.type', 'status'],
  '2019-09': ['@odata.etag', '@odata.id', '@odata.type', 'status'],
  '2020-12': ['@odata.type', 'id', 'participants', 'status'],
  '2021-03': ['@odata.type', 'id', 'participants', 'status'],
  beta: ['@odata.type', 'id', 'participants', 'status'],
  'v1.0': ['@odata.type', 'id', 'participants', 'status'],
} as const

/** Whether identities show their tenant. */
const tenants = ['2020-12', 'beta', 'v1.0']

for (const [version, mark] of Object.entries(marks)) {
  for (const address of addresses) {
    test(`pinned to ${version}, at ${address}`, async (t) => {
      const scene = await startScene(t, version)
      const created = await scene.ask('POST', address, {
        callback: '{bot}',
        targets: [user(USERS.ada), user(USERS.ben)],
        mediaConfig: media,
      })
      scene.name('call', created.location)
      scene.equal([created.location, created.body !== undefined], [`{server}${address}/${mark.id}`, mark.createdBody])
      const made = await scene.heard()
      scene.equal(
        made.map(({ value }) => value[0].resource),
        ['', '', '/participants', '/participants'].map((rest) => `/app/calls/${mark.id}${rest}`),
      )
      const invited = await scene.ask('POST', `${address}/{call}/participants/invite`, {
        participants: [user(USERS.cleo)],
      })
      assert.equal(invited.status, mark.invite)
      const [operation, roster] = await scene.heard()
      const members = operationMembers[version as keyof typeof operationMembers]
      assert.deepEqual(Object.keys(operation.value[0].resourceData).toSorted(), members)
      const { identity } = roster.value[0].resourceData[0].info
      assert.equal('tenantId' in identity.user, tenants.includes(version))
    })
  }

  test(`pinned to ${version}: called in it, and answering in it`, async (t) => {
    const scene = await startScene(t, version)
    await scene.world.control('POST', '/calls', { from: USERS.ada, to: APPS.alpha })
    const [incoming, ...others] = await scene.heard()
    scene.name('call', incoming.value[0].resource)
    assert.deepEqual(others, [])
    const [{ resource, resourceUrl, resourceData }] = incoming.value
    scene.equal(resource, `/app/calls/${mark.id}`)
    const old = mark.id === '{CALL}'
    assert.deepEqual(['@odata.id' in resourceData, resourceUrl === undefined], [old, old])
    const answer = await scene.ask('POST', '/v1.0/communications/calls/{call}/answer', { mediaConfig: media })
    assert.equal(answer.status, mark.answer)
    scene.equal(
      (await scene.heard()).map(({ value }) => [value[0].resource, value[0].resourceData.state]),
      [
        [`/app/calls/${mark.id}`, 'establishing'],
        [`/app/calls/${mark.id}`, 'established'],
      ],
    )
  })
}

test('nothing pinned: a call speaks on in the version of the address where it was made', async (t) => {
  const scene = await startScene(t)
  const wire = new OldWire('2019-09')
  const created = await scene.ask('POST', '/beta/app/calls', {
    callbackUri: '{bot}',
    targets: [user(USERS.ada), user(USERS.ben)],
    mediaConfig: media,
  })
  scene.name('call', created.location)
  assert.equal((await scene.heard()).length, 4)
  // Each answer is in the version of its address ...
  const invited = await scene.ask('POST', '/v1.0/communications/calls/{CALL}/participants/invite', {
    participants: [user(USERS.cleo)],
  })
  scene.name('op', invited.body.id)
  scene.equal([invited.status, invited.body.status, invited.body.id], [200, 'Running', '{op}'])
  assert.equal((await scene.ask('GET', '/beta/communications/calls/{CALL}')).body.routingPolicies.length, 0)
  // ... and each notification in the version of the call.
  const [operation, roster] = await scene.heard()
  scene.equal(operation, wire.operation('{CALL}', '{OP}', { status: 'completed' }))
  assert.equal(roster.value[0].resourceData.length, 4)
  scene.equal(await scene.ask('DELETE', '/v1.0/communications/calls/{call}'), { status: 204 })
  scene.equal(await scene.heard(), wire.end('{CALL}'))
})

test('nothing pinned: a call comes in v1.0, and goes on in the version of the address where it is answered', async (t) => {
  const scene = await startScene(t)
  const wire = new OldWire('2018-12')
  await scene.world.control('POST', '/calls', { from: USERS.ada, to: APPS.alpha })
  const [incoming] = await scene.heard()
  scene.name('call', incoming.value[0].resource)
  scene.equal(incoming.value[0].resourceUrl, '/communications/calls/{call}')
  const own = `/beta/applications/${APPS.alpha}/calls`
  const answer = await scene.ask('POST', `${own}/{CALL}/answer`, { acceptModalities: ['audio'], mediaConfig: media })
  assert.equal(answer.status, 200)
  scene.equal(await scene.heard(), [
    wire.establishing('{CALL}', 'incoming'),
    wire.established('{CALL}', 'incoming', ['audio']),
  ])
  scene.equal(await scene.ask('DELETE', `${own}/{CALL}`), { status: 204 })
  scene.equal(await scene.heard(), wire.end('{CALL}'))
})

test('two applications pinned to two versions hear of one conversation, each in its own', async (t) => {
  const scene = await startScene(t, '2018-12', { beta: { wireVersion: '2021-03' } })
  const { world } = scene
  await world.script('ada', { answer: { after: '0s' } })
  const meeting = {
    requestedModalities: [],
    chatInfo: { threadId: '19:meeting_bGlnaHRob3VzZQ@thread.v2', messageId: '0' },
    meetingInfo: {
      '@odata.type': '#microsoft.graph.organizerMeetingInfo',
      organizer: { user: { id: USERS.fay } },
    },
  }
  const joined = await scene.ask('POST', '/beta/app/calls', { callback: '{bot}', ...meeting })
  scene.name('call', joined.location)
  const heard = await scene.heard()
  scene.name('self', heard.at(-1)?.value[0].resourceData[0]['@odata.id'])
  assert.equal(heard.length, 3)
  const other = await world
    .client('beta', 'v1.0')
    .post('/communications/calls', { callbackUri: world.bots.beta.url, ...meeting })
  const wire = new OldWire('2018-12')
  scene.name('other', other.body.myParticipantId)
  scene.equal(await scene.heard(), [
    wire.roster('{CALL}', [
      { id: '{SELF}', identity: application('alpha') },
      { id: '{OTHER}', identity: application('beta') },
    ]),
  ])
  const told = await world.take('beta')
  assert.equal(told.length, 3)
  const rows = told[2]?.resourceData
  scene.equal(
    rows.map(({ id, info: { identity } }: { id: string; info: { identity: object } }) => [id, identity]),
    [
      ['{self}', { ...typedSet(application('alpha')) }],
      ['{other}', { ...typedSet(application('beta')) }],
    ],
  )
})

test('an incoming call for a pinned application names its caller as that page does', async (t) => {
  const scene = await startScene(t, '2019-09')
  await scene.world.control('POST', '/calls', { from: USERS.ada, to: APPS.alpha })
  const [incoming] = await scene.heard()
  assert.deepEqual(incoming.value[0].resourceData.source, info(person('ada')))
})

/** An identity set of the old pages with the types of the new ones. */
function typedSet(set: Record<string, unknown>): object {
  const [[kind, identity] = []] = Object.entries(set)
  return {
    '@odata.type': '#microsoft.graph.identitySet',
    [kind ?? '']: { '@odata.type': '#microsoft.graph.identity', ...(identity as object) },
  }
}
