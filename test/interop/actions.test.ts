/** Microsoft's models before what passing calls on, muting, routing and sharing send. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import { APPS, callBody, startWorld, user } from '../support/world.ts'
import { everyActionMember } from './dynamic.ts'
import { Inspector } from './inspector.ts'

const met = new Set<string>()

for (const version of ['v1.0', 'beta'] as const) {
  test(`${version}: redirected, and transferred well and in vain`, async (t) => {
    const world = await startWorld(t)
    const inspector = new Inspector(world)
    const rung = await world.control('POST', '/calls', { from: 'ada@contoso.example', to: APPS.alpha })
    await inspector.take('alpha')
    const redirect = { targets: [user('ben')] }
    const redirected = await inspector.request('POST', `/${rung.body.callId}/redirect`, { version, body: redirect })
    assert.equal(redirected.status, 202)
    await inspector.take('alpha')
    const { body: call } = await inspector.request('POST', '', {
      version,
      body: callBody(world, 'alpha', [user('cleo')]),
    })
    await world.script('dov', { busy: {} })
    for (const name of ['dov', 'eva'] as const) {
      await inspector.take('alpha', version)
      const body = { transferTarget: user(name) }
      assert.equal((await inspector.request('POST', `/${call.id}/transfer`, { version, body })).status, 202)
    }
    await inspector.take('alpha', version)
    assert.deepEqual(inspector.complaints, [])
    for (const state of ['transferring', 'transferAccepted']) assert.ok(inspector.seen.has(`updated call ${state}`))
  })

  test(`${version}: muted, routed, and shown something`, async (t) => {
    const world = await startWorld(t)
    const inspector = new Inspector(world)
    const media = { mediaConfig: { '@odata.type': '#microsoft.graph.appHostedMediaConfig', blob: '{}' } }
    const more = { ...media, callOptions: { isContentSharingNotificationEnabled: true } }
    const { body: call } = await inspector.request('POST', '', {
      version,
      body: callBody(world, 'alpha', [user('ada'), user('ben')], more),
    })
    await inspector.take('alpha', version)
    const { body: list } = await inspector.request('GET', `/${call.id}/participants`, { version })
    const ada = list.value.find(({ info }: AnyJson) => info.identity.user)
    for (const act of ['mute', 'unmute', `participants/${ada.id}/mute`]) {
      assert.equal((await inspector.request('POST', `/${call.id}/${act}`, { version, body: {} })).status, 200)
    }
    const group = { id: 'pair', routingMode: 'oneToOne', sources: [call.myParticipantId], receivers: [ada.id] }
    const groups = `/${call.id}/audioRoutingGroups`
    assert.equal((await inspector.request('POST', groups, { version, body: group })).status, 200)
    for (const path of [groups, `${groups}/pair`]) await inspector.request('GET', path, { version })
    await world.control('POST', `/calls/${call.id}/participants/${ada.id}/showCamera`)
    await world.control('POST', `/calls/${call.id}/participants/${ada.id}/present`)
    await inspector.take('alpha', version)
    const { body: shown } = await inspector.request('GET', `/${call.id}/participants/${ada.id}`, { version })
    assert.equal(shown.mediaStreams.length, 3)
    await inspector.request('GET', `/${call.id}/contentSharingSessions`, { version })
    await world.control('POST', `/calls/${call.id}/transcription`)
    await inspector.take('alpha', version)
    await inspector.request('GET', `/${call.id}`, { version })
    assert.deepEqual(inspector.complaints, [])
    for (const member of inspector.met) met.add(member)
    const kinds = [
      '200 routing group',
      '200 routing group list',
      '200 content sharing list',
      'created contentSharingSession',
    ]
    for (const kind of kinds) assert.ok(inspector.seen.has(kind), `${kind}: ${[...inspector.seen].join(', ')}`)
  })
}

test('every member that is allowed in them was met', () => {
  for (const member of everyActionMember) assert.ok(met.has(member), member)
})
