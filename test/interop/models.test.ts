/**
 * Microsoft's models as judges: whatever the server sends deserialises, and nothing of it is left over but what the
 * contract documents as dynamic.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createCallFromDiscriminatorValue } from '@microsoft/msgraph-sdk/models/index.js'
import type { Config } from '../../src/config.ts'
import type { World } from '../support/world.ts'
import {
  APPS,
  INSTANCE,
  PHONE,
  TENANT,
  USERS,
  application,
  callBody,
  phone,
  startWorld,
  user,
} from '../support/world.ts'
import { mediaPrompt, promptOf } from '../scenarios/media-steps.ts'
import { dynamicMembers, everyDynamicMember } from './dynamic.ts'
import { judge, leftOver } from './judge.ts'
import { Inspector } from './inspector.ts'
import type { Version } from './inspector.ts'

const VERSIONS: readonly Version[] = ['v1.0', 'beta']
/** The application that is called in each version. */
const RECORDER = { 'v1.0': 'beta', beta: 'pinned' } as const

/** What the scenarios of this file have met together. */
const seen = new Set<string>()
const met = new Set<string>()

async function inspect(
  t: TestContext,
  run: (world: World, inspector: Inspector) => Promise<void>,
  overrides: Partial<Config> = {},
  tenant: object = {},
): Promise<void> {
  const world = await startWorld(t, overrides, {}, tenant)
  const inspector = new Inspector(world)
  await run(world, inspector)
  assert.deepEqual(inspector.complaints, [])
  for (const name of inspector.seen) seen.add(name)
  for (const member of inspector.met) met.add(member)
}

/** Everything that a body which creates a call may have. */
const everything = {
  subject: 'Weekly',
  tenantId: TENANT,
  requestedModalities: ['audio', 'video', 'videoBasedScreenSharing', 'data'],
  mediaConfig: {
    '@odata.type': '#microsoft.graph.serviceHostedMediaConfig',
    preFetchMedia: [{ uri: 'https://bot.example/a.wav', resourceId: 'a' }, { uri: 'https://bot.example/b.wav' }],
  },
  callOptions: {
    '@odata.type': '#microsoft.graph.outgoingCallOptions',
    isDeltaRosterEnabled: false,
    isContentSharingNotificationEnabled: true,
    isInteractiveRosterEnabled: true,
    hideBotAfterEscalation: false,
  },
  source: {
    '@odata.type': '#microsoft.graph.participantInfo',
    identity: { applicationInstance: { id: INSTANCE, displayName: 'Line', identityProvider: 'AAD' } },
    region: 'westeurope',
    languageId: 'de-de',
    countryCode: 'DE',
  },
}

/** A user as invitee with every member of an identity. */
const withProvider = (id: string): object => ({ identity: { user: { id, identityProvider: 'AAD', tenantId: TENANT } } })

for (const version of VERSIONS) {
  test(`${version}: a peer-to-peer call with everything, escalated and ended`, (t) =>
    inspect(t, async (world, inspector) => {
      const body = callBody(world, 'alpha', [user('ada')], everything)
      const { body: call } = await inspector.request('POST', '', { version, body })
      await inspector.request('GET', `/${call.id}`, { version })
      await inspector.take('alpha', version)
      await inspector.request('GET', `/${call.id}`, { version })
      const participants = [withProvider(USERS.ben)]
      const invite = { participants, clientContext: 'context' }
      await inspector.request('POST', `/${call.id}/participants/invite`, { version, body: invite })
      await inspector.take('alpha', version)
      await world.client('alpha', version).delete(`/communications/calls/${call.id}`)
      await inspector.take('alpha', version)
    }))

  test(`${version}: a group call with delta roster, invites of every kind, participants and operations`, (t) =>
    inspect(
      t,
      async (world, inspector) => {
        const options = { callOptions: { isDeltaRosterEnabled: true } }
        const body = callBody(world, 'alpha', [user('ada'), phone(PHONE)], options)
        const { body: call } = await inspector.request('POST', '', { version, body })
        await inspector.take('alpha', version)
        await world.script('cleo', { busy: { after: '1s' } })
        await world.script('eva', { voicemail: { after: '0s' } })
        const invites = [
          { participants: [user('ben'), { ...user('eva'), hidden: true }], clientContext: 'two' },
          { participants: [user('cleo')] },
          { participants: [phone('+4930123456')] },
          { participants: [application('beta')] },
          { participants: [{ identity: { guest: { id: 'guest', displayName: 'A guest' } } }] },
          { participants: [{ identity: { encrypted: { id: '29:opaque' } } }] },
        ]
        for (const invite of invites) {
          const { body: operation } = await inspector.request('POST', `/${call.id}/participants/invite`, {
            version,
            body: invite,
          })
          await inspector.request('GET', `/${call.id}/operations/${operation.id}`, { version })
          await inspector.take('alpha', version)
          await world.advance('1s')
          await inspector.take('alpha', version)
          await inspector.take('beta')
          await inspector.request('GET', `/${call.id}/operations/${operation.id}`, { version })
        }
        await inspector.request('GET', `/${call.id}/operations`, { version })
        const { body: list } = await inspector.request('GET', `/${call.id}/participants`, { version })
        for (const { id } of list.value) await inspector.request('GET', `/${call.id}/participants/${id}`, { version })
        const ben = list.value.find(({ info }: { info: { identity: { user?: { id: string } } } }) => {
          return info.identity.user?.id === USERS.ben
        })
        await world.client('alpha', version).delete(`/communications/calls/${call.id}/participants/${ben.id}`)
        await inspector.take('alpha', version)
        await world.client('alpha', version).delete(`/communications/calls/${call.id}`)
        await inspector.take('alpha', version)
        await inspector.take('beta')
      },
      { profile: 'open' },
    ))

  test(`${version}: prompts, recordings, tones and hold music`, (t) =>
    inspect(t, async (world, inspector) => {
      const uri = await promptOf(t, 1)
      await world.script('ada', { answer: { after: '0s', steps: [{ say: '3s' }, { wait: '1m' }, { press: '1' }] } })
      const body = callBody(world, 'alpha', [user('ada'), user('ben')])
      const { body: call } = await inspector.request('POST', '', { version, body })
      await inspector.take('alpha', version)
      const { body: list } = await inspector.request('GET', `/${call.id}/participants`, { version })
      const who = `participants/${list.value[0].id}`
      const actions: [string, object][] = [
        ['recordResponse', { clientContext: 'context', maxRecordDurationInSeconds: 60 }],
        ['playPrompt', { prompts: [mediaPrompt(uri)] }],
        ['sendDtmfTones', { tones: ['tone1'] }],
        ['subscribeToTone', {}],
        [`${who}/startHoldMusic`, {}],
        [`${who}/stopHoldMusic`, {}],
        ['recordResponse', {}],
        ['cancelMediaProcessing', {}],
        ['recordResponse', { initialSilenceTimeoutInSeconds: 1 }],
      ]
      for (const [action, given] of actions) {
        const { body: operation } = await inspector.request('POST', `/${call.id}/${action}`, { version, body: given })
        await inspector.request('GET', `/${call.id}/operations/${operation.id}`, { version })
        if (action === 'subscribeToTone') await world.advance('20s')
        await inspector.take('alpha', version)
      }
      await world.advance('2m')
      await inspector.take('alpha', version)
      await inspector.request('GET', `/${call.id}/operations`, { version })
    }))

  test(`${version}: recorders that a policy calls, and asks about one more person`, (t) => {
    const users = ['ada@contoso.example', 'ben@contoso.example']
    const policy = { name: 'Broking', users, applications: [{ appId: APPS[RECORDER[version]] }] }
    const run = async (world: World, inspector: Inspector): Promise<void> => {
      const app = RECORDER[version]
      const body = callBody(world, 'alpha', [user('ada'), user('cleo')])
      const { body: call } = await inspector.request('POST', '', { version, body })
      const [incoming] = await inspector.take(app, version)
      const recorder = `/${incoming?.resourceData.id}`
      const given = {
        acceptedModalities: ['audio'],
        mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
        participantCapacity: 2,
      }
      await inspector.request('POST', `${recorder}/answer`, { version, app, body: given })
      await inspector.take(app, version)
      const status = { status: 'recording' }
      await inspector.request('POST', `${recorder}/updateRecordingStatus`, { version, app, body: status })
      await inspector.take('alpha', version)
      world.bots[app].answer = () => ({ status: 200, json: { '@odata.type': '#microsoft.graph.acceptJoinResponse' } })
      const ben = await world.control('POST', `/calls/${call.id}/participants`, { user: 'ben@contoso.example' })
      await inspector.take(app, version)
      await inspector.request('GET', `${recorder}/participants`, { version, app })
      await inspector.request('GET', recorder, { version, app })
      await world.control('POST', `/calls/${call.id}/participants/${ben.body.participantId}/leave`)
      await inspector.take(app, version)
      await inspector.take('alpha', version)
    }
    return inspect(t, run, {}, { recordingPolicies: [policy] })
  })

  test(`${version}: a meeting, joined with and without media, and an invite that replaces a call`, (t) =>
    inspect(t, async (world, inspector) => {
      const meeting = {
        chatInfo: { threadId: '19:meeting@thread.v2', messageId: '0', replyChainMessageId: '1' },
        meetingInfo: {
          '@odata.type': '#microsoft.graph.organizerMeetingInfo',
          organizer: { user: { id: USERS.ada, displayName: 'ada', identityProvider: 'AAD', tenantId: TENANT } },
          allowConversationWithoutHost: true,
        },
      }
      const media = { mediaConfig: { '@odata.type': '#microsoft.graph.appHostedMediaConfig', blob: '{}' } }
      const silent = { mediaConfig: undefined, requestedModalities: [] }
      const guest = { source: { identity: { guest: { id: 'guest', displayName: 'A guest' } } } }
      const calls: string[] = []
      for (const more of [media, silent, guest]) {
        const body = callBody(world, 'alpha', [], { ...meeting, ...more })
        const { status, body: call } = await inspector.request('POST', '', { version, body })
        assert.equal(status, 201)
        calls.push(call.id)
        await inspector.take('alpha', version)
        await inspector.request('GET', `/${call.id}`, { version })
      }
      const direct = await inspector.request('POST', '', { version, body: callBody(world, 'alpha', [user('ben')]) })
      await inspector.take('alpha', version)
      const participants = [{ ...user('ben'), replacesCallId: direct.body.id }]
      await inspector.request('POST', `/${calls[0]}/participants/invite`, { version, body: { participants } })
      await inspector.take('alpha', version)
      await inspector.request('GET', `/${calls[0]}/operations`, { version })
      await world.control('POST', `/calls/${calls[0]}/participants`, { user: 'cleo@contoso.example', lobby: true })
      await inspector.take('alpha', version)
      await inspector.request('GET', `/${calls[0]}/participants`, { version })
      for (const id of calls) await world.client('alpha', version).delete(`/communications/calls/${id}`)
      await inspector.take('alpha', version)
    }))

  test(`${version}: calls that nobody takes`, (t) =>
    inspect(t, async (world, inspector) => {
      for (const script of [{ busy: {} }, { decline: {} }, { offline: {} }, { ignore: {} }]) {
        for (const who of ['ada', 'ben', PHONE]) await world.script(who, script)
        for (const targets of [[user('ada')], [phone(PHONE)], [user('ada'), user('ben')]]) {
          await inspector.request('POST', '', { version, body: callBody(world, 'alpha', targets) })
          await world.advance('60s')
          await inspector.take('alpha', version)
        }
      }
    }))
}

test('incoming calls: from a user, a phone and somebody withheld; answered, rejected, left alone', (t) =>
  inspect(t, async (world, inspector) => {
    const rings = [
      { from: 'ada@contoso.example', to: APPS.alpha, app: 'alpha' },
      { from: PHONE, to: INSTANCE, app: 'alpha' },
      { from: 'ben@contoso.example', to: APPS.mute, app: 'mute' },
    ] as const
    for (const { from, to, app } of rings) {
      for (const action of ['answer', 'reject', 'nothing'] as const) {
        const rung = await world.control('POST', '/calls', { from, to })
        await inspector.take(app)
        const path = `/${rung.body.callId}`
        await inspector.request('GET', path, { app })
        const answer = {
          callbackUri: world.bots[app].url,
          acceptedModalities: ['audio'],
          mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
          callOptions: {
            '@odata.type': '#microsoft.graph.incomingCallOptions',
            isContentSharingNotificationEnabled: true,
          },
        }
        if (action !== 'nothing') {
          const body = action === 'answer' ? answer : { reason: 'busy' }
          const { status } = await inspector.request('POST', `${path}/${action}`, { app, body })
          assert.equal(status, 202)
        }
        await inspector.take(app)
        if (action === 'answer') {
          await inspector.request('GET', path, { app })
          await world.client(app).delete(`/communications/calls${path}`)
        }
        await world.advance('15s')
        await inspector.take(app)
      }
    }
  }))

test('errors, each as the model of errors', (t) =>
  inspect(
    t,
    async (world, inspector) => {
      const nobody = '/00000000-0000-4000-8000-000000000000'
      await inspector.request('GET', nobody)
      await inspector.request('GET', nobody, { headers: { authorization: 'Bearer no' } })
      await inspector.request('GET', `${nobody}?$filter=x`)
      await inspector.request('POST', '', { body: callBody(world, 'alpha', []) })
      await inspector.request('POST', '', { app: 'mute', body: callBody(world, 'mute', [user('ada')]) })
      await inspector.request('POST', `${nobody}/raiseHand`)
      await inspector.request('GET', `${nobody}/keepAlive`)
      const { body: call } = await inspector.request('POST', '', { body: callBody(world, 'alpha', [user('ada')]) })
      await inspector.take()
      await inspector.request('POST', '', { body: callBody(world, 'alpha', [user('ben')]) })
      const again = { participants: [user('ada')] }
      await inspector.request('POST', `/${call.id}/participants/invite`, { body: again })
      await inspector.request('GET', `/${call.id}/operations/1`)
    },
    { maxCallsPerApplication: 1 },
  ))

test('the judge finds what is not declared, not understood, or of no type', () => {
  const wrong = {
    '@odata.type': '#microsoft.graph.call',
    '@odata.context': 'none',
    stat: 'established',
    state: 'Established',
    requestedModalities: ['audio', 'smell'],
    mediaConfig: {},
    mediaState: 'active',
    resultInfo: { '@odata.type': '#microsoft.graph.resultinfo', code: '200', subcode: 0 },
    targets: [{ identity: { user: { id: 1, name: 'ada' } } }],
  }
  const { findings, model } = judge(JSON.stringify(wrong), createCallFromDiscriminatorValue)
  // What beta alone knows is excused by its name: one value of a state, and no other with it.
  const excused = dynamicMembers('beta', true)
  const states = findings.filter(({ member }) => member === 'Call.state').map(({ value = '' }) => value)
  assert.deepEqual(states, ['Call.state="Established"'])
  assert.ok(Object.hasOwn(excused, 'Call.state="ringing"'))
  for (const name of ['Call.state', ...states]) assert.ok(!Object.hasOwn(excused, name))
  assert.ok(!Object.hasOwn(dynamicMembers('v1.0', true), 'Call.state="ringing"'))
  assert.deepEqual(findings.map(({ text }) => text).sort(), [
    'body.mediaConfig: it is read as MediaConfig, which is abstract',
    'body.mediaState: "active" is read as a CallMediaState',
    'body.requestedModalities: ["audio","smell"] has unknown values',
    'body.resultInfo.code: "200" is not understood',
    'body.resultInfo: #microsoft.graph.resultinfo is read as #microsoft.graph.resultInfo',
    'body.stat: is not declared: "established"',
    'body.state: "Established" is not understood',
    'body.targets[0].identity.user.id: 1 is not understood',
    'body.targets[0].identity.user.name: is not declared: "ada"',
  ])
  assert.deepEqual(leftOver(model).sort(), ['name', 'stat'])
})

test('every kind of body was judged', () => {
  const expected = [
    '201 call establishing',
    '200 call establishing',
    '200 call established',
    '200 call incoming',
    '200 operation Running',
    '200 operation Completed',
    '200 operation Failed',
    'listed operation Running',
    'listed operation Completed',
    'listed operation Failed',
    '200 operation list',
    '200 participant list',
    '200 participant',
    'created call incoming',
    'updated call establishing',
    'updated call established',
    'updated call ringing',
    'updated call terminating',
    'deleted call terminated',
    'deleted call',
    'updated participant',
    'updated deltaParticipants',
    'updated participantJoiningNotification',
    'updated participantLeftNotification',
    'deleted inviteParticipantsOperation completed',
    'deleted inviteParticipantsOperation failed',
    '200 operation completed',
    '200 operation notStarted',
    '200 operation running',
    '202 operation running',
    'deleted playPromptOperation completed',
    'deleted recordOperation completed',
    'deleted recordOperation failed',
    'deleted sendDtmfTonesOperation completed',
    'deleted startHoldMusicOperation completed',
    'deleted stopHoldMusicOperation completed',
    'listed operation completed',
    'listed operation failed',
    ...[400, 401, 403, 404, 405, 409, 429, 501].map((status) => `${status} error`),
  ]
  assert.deepEqual([...seen].sort(), expected.sort())
})

test('every dynamic member that is allowed was met', () => {
  assert.deepEqual([...met].sort(), [...everyDynamicMember].sort())
  for (const version of VERSIONS) {
    for (const reason of Object.values(dynamicMembers(version, true))) assert.match(reason, /\w/)
  }
})
