/** The page of September 2019, in its own words, at the address that defaults to it. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { UserName } from '../support/world.ts'
import { APPS, TENANT, USERS } from '../support/world.ts'
import type { Json } from './old-wire.ts'
import { LOCALE, OldWire, application, info, person, result, running } from './old-wire.ts'
import type { Answer, Scene } from './scene.ts'
import { startScene } from './scene.ts'

const wire = new OldWire('2019-09')
const CALLS = '/beta/app/calls'
const media = { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' }

const rows = [
  { id: '{ADA}', identity: person('ada'), sourceId: '1' },
  { id: '{SELF}', identity: application('alpha'), sourceId: '2' },
  { id: '{BEN}', identity: person('ben'), sourceId: '3' },
]
const cleo = { id: '{CLEO}', identity: person('cleo'), sourceId: '4' }

const target = (name: UserName): Json => ({ identity: { user: { id: USERS[name] } } })

/** A call as the answer that creates it shows it. */
const created = (targets: readonly UserName[], more: Json = {}): Json => ({
  '@odata.context': '{server}/beta/$metadata#app/calls/$entity',
  '@odata.type': '#microsoft.graph.call',
  '@odata.id': '/app/calls/{CALL}',
  '@odata.etag': '{etag}',
  state: 'establishing',
  direction: 'outgoing',
  callbackUri: '{bot}',
  callRoutes: [],
  source: info(application('alpha')),
  targets: targets.map((name) => info(person(name))),
  requestedModalities: ['audio'],
  activeModalities: [],
  mediaConfig: media,
  tenantId: TENANT,
  myParticipantId: '{SELF}',
  id: '{CALL}',
  ...more,
})

/** A multiparty call of Ada, the application and Ben. */
async function multiparty(t: TestContext): Promise<Scene> {
  const scene = await startScene(t)
  const answer = await scene.ask('POST', CALLS, {
    callback: '{bot}',
    targets: [target('ada'), target('ben')],
    requestedModalities: ['audio'],
    mediaConfig: media,
  })
  scene.name('call', answer.location)
  scene.name('self', answer.body.myParticipantId)
  scene.equal(answer, {
    status: 201,
    location: `{server}${CALLS}/{CALL}`,
    body: created(['ada', 'ben'], {
      chatInfo: { '@odata.type': '#microsoft.graph.chatInfo', threadId: '{thread}', messageId: '0' },
    }),
  })
  const heard = await scene.heard()
  const last = heard.at(-1)?.value[0].resourceData ?? []
  scene.name('ada', last[0]['@odata.id'])
  scene.name('ben', last[2]['@odata.id'])
  scene.equal(heard, [
    wire.establishing('{CALL}', 'outgoing'),
    wire.established('{CALL}', 'outgoing', ['audio']),
    wire.roster('{CALL}', rows.slice(0, 2)),
    wire.roster('{CALL}', rows),
  ])
  return scene
}

async function peerToPeer(scene: Scene): Promise<void> {
  const answer = await scene.ask('POST', CALLS, {
    callback: '{bot}',
    targets: [target('cleo')],
    requestedModalities: ['audio'],
    mediaConfig: media,
  })
  scene.name('old', answer.location)
  scene.equal(await scene.heard(), [
    wire.establishing('{OLD}', 'outgoing'),
    wire.established('{OLD}', 'outgoing', ['audio']),
  ])
}

async function invite(scene: Scene, participants: readonly Json[], clientContext?: string): Promise<Answer> {
  const body = { participants, ...(clientContext !== undefined && { clientContext }) }
  const answer = await scene.ask('POST', `${CALLS}/{CALL}/participants/invite`, body)
  scene.name('op', answer.body.id)
  scene.equal(answer, {
    status: 202,
    location: `{server}${CALLS}/{CALL}/operations/{OP}`,
    body: running('{OP}', clientContext ?? null),
  })
  return answer
}

test('an invite: the answer has a Location and the operation; the operation ends, the roster grows', async (t) => {
  const scene = await multiparty(t)
  await invite(
    scene,
    [
      {
        endpointType: 'default',
        identity: { user: { id: USERS.cleo, tenantId: TENANT, displayName: 'Cleo the skipper' } },
        ...LOCALE,
      },
    ],
    '5C0B1E77-skipper',
  )
  const heard = await scene.heard()
  scene.name('cleo', heard[1]?.value[0].resourceData[3]['@odata.id'])
  scene.equal(heard, [
    wire.operation('{CALL}', '{OP}', { clientContext: '5C0B1E77-skipper', status: 'completed' }),
    wire.roster('{CALL}', [...rows, { ...cleo, identity: person('cleo', 'Cleo the skipper'), locale: LOCALE }]),
  ])
  scene.equal(await scene.ask('DELETE', `${CALLS}/{CALL}`), { status: 204 })
  scene.equal(await scene.heard(), wire.end('{CALL}'))
})

test('an invite that replaces a peer-to-peer call, named by its path', async (t) => {
  const scene = await multiparty(t)
  await peerToPeer(scene)
  await invite(scene, [
    {
      '@odata.type': '#microsoft.graph.invitationParticipantInfo',
      identity: { user: { id: USERS.cleo.toUpperCase() } },
      replacesCallId: '/app/calls/{OLD}',
    },
  ])
  const heard = await scene.heard()
  scene.name('cleo', heard[1]?.value[0].resourceData[3]['@odata.id'])
  scene.equal(heard, [
    wire.operation('{CALL}', '{OP}', { status: 'completed' }),
    wire.roster('{CALL}', [...rows, cleo]),
    ...wire.end('{OLD}'),
  ])
})

test('an invite that fails: status failed, the codes as numbers, everybody who failed in the message', async (t) => {
  const scene = await multiparty(t)
  await scene.world.script('cleo', { decline: {} })
  await scene.world.script('dov', { offline: {} })
  await invite(scene, [target('cleo'), target('dov')], 'FERRY-7')
  scene.equal(await scene.heard(), [
    wire.operation('{CALL}', '{OP}', {
      clientContext: 'FERRY-7',
      status: 'failed',
      resultInfo: result(
        603,
        8538,
        `Participants that did not join: 8:orgid:${USERS.cleo}: the user declined; ` +
          `8:orgid:${USERS.dov}: no device of theirs is signed in`,
      ),
    }),
  ])
})

test('a peer-to-peer call takes no invites: 400/8548, and it goes on', async (t) => {
  const scene = await startScene(t)
  await peerToPeer(scene)
  const { status, body } = await scene.ask('POST', `${CALLS}/{OLD}/participants/invite`, {
    participants: [target('ben')],
  })
  assert.deepEqual([status, body.error.code, body.error.message], [400, '8548', 'Call is not a group call.'])
  assert.equal((await scene.ask('GET', `${CALLS}/{OLD}`)).body.state, 'established')
})

test('an incoming call is answered without a body, under the address that defaults to this page', async (t) => {
  const scene = await startScene(t, '2019-09')
  await scene.world.control('POST', '/calls', { from: USERS.ada, to: APPS.alpha })
  const incoming = await scene.heard()
  scene.name('call', incoming[0]?.value[0].resource)
  scene.equal(incoming, [
    wire.call('created', '{CALL}', {
      state: 'incoming',
      direction: 'incoming',
      source: info(person('ada')),
      targets: [info(application('alpha'))],
      requestedModalities: ['audio'],
    }),
  ])
  const answer = { callbackUri: '{bot}', acceptedModalities: ['audio'], mediaConfig: media }
  scene.equal(await scene.ask('POST', `${CALLS}/{CALL}/answer`, answer), { status: 202 })
  scene.equal(await scene.heard(), [
    wire.establishing('{CALL}', 'incoming'),
    wire.established('{CALL}', 'incoming', ['audio']),
  ])
})
