/** The pages of December 2020 and March 2021, each in its own words: one group call, and everybody they invite. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { UserName } from '../support/world.ts'
import { APPS, PHONE, USERS } from '../support/world.ts'
import type { Json, NewPage, Somebody } from './new-wire.ts'
import { NewWire } from './new-wire.ts'
import type { Answer, Scene } from './scene.ts'
import { startScene } from './scene.ts'

/** What the two pages spell differently. */
const pages: readonly { readonly page: NewPage; readonly calls: string; readonly spelling: Json }[] = [
  { page: '2020-12', calls: '/beta/communications/calls', spelling: { identityProvider: 'AAD' } },
  { page: '2021-03', calls: '/v1.0/communications/calls', spelling: { displayName: 'Wheelhouse' } },
]

const typed = (kind: string, identity: Json): Json => ({
  '@odata.type': '#microsoft.graph.invitationParticipantInfo',
  identity: {
    '@odata.type': '#microsoft.graph.identitySet',
    [kind]: { '@odata.type': '#microsoft.graph.identity', ...identity },
  },
})
const known = (name: UserName): Somebody => ({ kind: 'user', id: USERS[name], displayName: name })
const ALPHA: Somebody = { kind: 'application', id: APPS.alpha, displayName: 'Alpha' }
const CUSTOMER: Somebody = { kind: 'phone', id: PHONE }

for (const { page, calls, spelling } of pages) {
  const wire = new NewWire(page)
  /** A user as the page's requests spell them, and as the server shows them afterwards. */
  const invitee = (name: UserName): Json => typed('user', { id: USERS[name], ...spelling })
  const shown = (name: UserName): Somebody => ({ ...known(name), ...spelling })

  const rows = [
    { id: '{ada}', who: known('ada'), sourceId: '1' },
    { id: '{self}', who: ALPHA, sourceId: '2' },
    { id: '{ben}', who: known('ben'), sourceId: '3' },
  ]

  const create = (scene: Scene, targets: readonly Json[]): Promise<Answer> =>
    scene.ask('POST', calls, {
      '@odata.type': '#microsoft.graph.call',
      callbackUri: '{bot}',
      targets,
      requestedModalities: ['audio'],
      mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
    })

  /** A group call of Ada, the application and Ben. */
  const group = async (t: TestContext): Promise<Scene> => {
    const scene = await startScene(t, page)
    const { location, body } = await create(
      scene,
      (['ada', 'ben'] as const).map((name) => typed('user', { id: USERS[name] })),
    )
    scene.name('call', location)
    scene.name('self', body.myParticipantId)
    const heard = await scene.heard()
    const last = heard.at(-1)?.value[0].resourceData
    scene.name('ada', last[0].id)
    scene.name('ben', last[2].id)
    scene.equal(heard.slice(2), [wire.roster('{call}', rows.slice(0, 2)), wire.roster('{call}', rows)])
    return scene
  }

  /** A peer-to-peer call with Cleo. */
  const peerToPeer = async (scene: Scene): Promise<void> => {
    const { status, location, body } = await create(scene, [typed('user', { id: USERS.cleo })])
    assert.equal(status, 201)
    scene.name('old', location)
    scene.name('chain', body.callChainId)
    assert.equal((await scene.heard()).length, 2)
  }

  /** Invites, and checks the answer. */
  const invite = async (
    scene: Scene,
    participants: readonly Json[],
    expected: readonly (readonly [Somebody, string | null])[],
  ): Promise<void> => {
    const invited = await scene.ask('POST', `${calls}/{call}/participants/invite`, {
      participants,
      clientContext: 'b7d0c1e9-harbour',
    })
    scene.name('op', invited.body.id)
    for (const [index, { id }] of invited.body.participants.entries()) {
      if (id !== undefined) scene.name(`guest${index}`, id)
    }
    scene.equal(invited, {
      status: 200,
      location: `{server}${calls}/{call}/operations/{op}`,
      body: wire.running(
        '{op}',
        expected.map(([who, replaces], index) => wire.invitee(who, `{guest${index}}`, replaces)),
        'b7d0c1e9-harbour',
      ),
    })
  }
  const context = { clientContext: 'b7d0c1e9-harbour' }

  /** Names the newcomers of a roster, where the answer did not tell their ids. */
  const nameNewcomers = (scene: Scene, roster: readonly { id: string }[]): void =>
    roster.slice(3).forEach(({ id }, index) => scene.name(`guest${index}`, id))

  test(`${page}: one participant`, async (t) => {
    const scene = await group(t)
    await invite(scene, [invitee('cleo')], [[shown('cleo'), null]])
    const heard = await scene.heard()
    nameNewcomers(scene, heard[1]?.value[0].resourceData)
    scene.equal(heard, [
      wire.operation('{call}', '{op}', [shown('cleo')], context),
      wire.roster('{call}', [...rows, { id: '{guest0}', who: shown('cleo'), sourceId: '4' }]),
    ])
  })

  test(`${page}: several participants in one operation`, async (t) => {
    const scene = await group(t)
    const both = [shown('cleo'), shown('dov')]
    await invite(
      scene,
      [invitee('cleo'), invitee('dov')],
      [
        [shown('cleo'), null],
        [shown('dov'), null],
      ],
    )
    const heard = await scene.heard()
    nameNewcomers(scene, heard.at(-1)?.value[0].resourceData)
    const all = [
      ...rows,
      { id: '{guest0}', who: shown('cleo'), sourceId: '4' },
      { id: '{guest1}', who: shown('dov'), sourceId: '5' },
    ]
    scene.equal(heard, [
      wire.roster('{call}', all.slice(0, 4)),
      wire.operation('{call}', '{op}', both, context),
      wire.roster('{call}', all),
    ])
  })

  test(`${page}: replacing a peer-to-peer call; a second participant is not read`, async (t) => {
    const scene = await group(t)
    await peerToPeer(scene)
    const participants = [
      { ...invitee('cleo'), replacesCallId: '{old}' },
      { ...invitee('dov'), replacesCallId: '{old}' },
    ]
    await invite(scene, participants, [[shown('cleo'), '{old}']])
    const heard = await scene.heard()
    nameNewcomers(scene, heard[1]?.value[0].resourceData)
    scene.equal(heard, [
      wire.operation('{call}', '{op}', [shown('cleo')], context),
      wire.roster('{call}', [...rows, { id: '{guest0}', who: shown('cleo'), sourceId: '4' }]),
      wire.replaced('{old}', '{chain}'),
    ])
  })

  test(`${page}: a phone`, async (t) => {
    const scene = await group(t)
    await invite(scene, [typed('phone', { id: PHONE })], [[CUSTOMER, null]])
    scene.equal(await scene.heard(), [
      wire.operation('{call}', '{op}', [CUSTOMER], context),
      wire.roster('{call}', [...rows, { id: '{guest0}', who: CUSTOMER, sourceId: '4' }]),
    ])
  })

  test(`${page}: an invite that fails`, async (t) => {
    const scene = await group(t)
    await scene.world.script('cleo', { busy: {} })
    await invite(scene, [invitee('cleo')], [[shown('cleo'), null]])
    const resultInfo = {
      '@odata.type': '#microsoft.graph.resultInfo',
      code: 486,
      subcode: 8539,
      message: `Participants that did not join: 8:orgid:${USERS.cleo}: the user is busy. DiagCode: 486#8539.@`,
    }
    scene.equal(await scene.heard(), [
      wire.operation('{call}', '{op}', [shown('cleo')], { status: 'failed', resultInfo, ...context }),
    ])
  })

  test(`${page}: a peer-to-peer call takes no invites: 400/8548`, async (t) => {
    const scene = await startScene(t, page)
    await peerToPeer(scene)
    const { status, body } = await scene.ask('POST', `${calls}/{old}/participants/invite`, {
      participants: [invitee('ben')],
    })
    assert.deepEqual([status, body.error.code, body.error.message], [400, '8548', 'Call is not a group call.'])
    assert.equal((await scene.ask('GET', `${calls}/{old}`)).body.state, 'established')
  })
}
