/** Recordings of whole calls as applications have them: told by a subscription when the file is stored, and fetched. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as pathOf } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import {
  createCallRecordingCollectionResponseFromDiscriminatorValue,
  createCallRecordingFromDiscriminatorValue,
} from '@microsoft/msgraph-sdk/models/index.js'
import { meanSquare } from '../../src/media/sound.ts'
import { readWav } from '../../src/media/wav.ts'
import type { ModelFactory } from '../interop/judge.ts'
import { judge } from '../interop/judge.ts'
import type { AnyJson } from '../support/any-json.ts'
import { Subscriber } from '../support/subscriber.ts'
import type { AppName, Entries, Reply, World } from '../support/world.ts'
import { APPS, TENANT, USERS, startWorld } from '../support/world.ts'
import { MEETING_ROLES, byOrganizer, join, makeMeeting } from './meeting-steps.ts'
import { CALLS, GUID, assertEmpty, peerToPeer } from './steps.ts'
import type { Known } from './wire.ts'

const START = Date.UTC(2026, 0, 1)
const MEETINGS = 'OnlineMeetingRecording.Read.All'
const ADHOC = 'CallRecordings.Read.All'
const roles = [...MEETING_ROLES, MEETINGS, ADHOC]

const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString()

const start = (t: TestContext, entries: Entries = {}, more: object = {}): Promise<World> =>
  startWorld(t, { clockStart: START, ...more }, { alpha: { roles }, beta: { roles }, foreign: { roles }, ...entries })

async function ask(world: World, path: string, app: AppName = 'alpha', method = 'GET', body?: unknown): Promise<Reply> {
  return world.request(method, `/v1.0${path}`, body, { authorization: `Bearer ${await world.token(app)}` })
}

/** Subscribes to a resource. */
async function subscribe(
  world: World,
  subscriber: Subscriber,
  resource: string,
  more: object = {},
  app: AppName = 'alpha',
): Promise<Reply> {
  return ask(world, '/subscriptions', app, 'POST', {
    changeType: 'created',
    notificationUrl: subscriber.url,
    resource,
    expirationDateTime: at(3600),
    clientState: 'secret',
    ...more,
  })
}

async function subscribed(...asked: Parameters<typeof subscribe>): Promise<string> {
  const { status, body, headers } = await subscribe(...asked)
  assert.equal(status, 201, headers.get('rollcall-explanation') ?? '')
  assert.equal(body.resource, asked[2])
  return body.id
}

/** What a subscriber heard: of which subscription, and what. */
function heard(subscriber: Subscriber): readonly (readonly [string, AnyJson])[] {
  return subscriber.take().flatMap(({ body }) => body.value.map((one: AnyJson) => [one.subscriptionId, one]))
}

/** What Microsoft's models do not know of a body, but for a tenant that the published examples have without declaring it. */
function strange(body: unknown, factory: ModelFactory): readonly string[] {
  const { findings } = judge(JSON.stringify(body), factory)
  return findings.filter(({ member }) => member !== 'TeamworkUserIdentity.tenantId').map(({ text }) => text)
}

/** Fetches the sound of a recording; in which seconds somebody is heard. */
async function secondsOf(world: World, address: string): Promise<readonly number[]> {
  const response = await fetch(address, { headers: { authorization: `Bearer ${await world.token('alpha')}` } })
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-type'), 'audio/wav')
  const wav = readWav(Buffer.from(await response.arrayBuffer()))
  assert.ok(wav.ok)
  return Array.from({ length: wav.samples.length / 16_000 }, (_, second) => second).filter(
    (second) => meanSquare(wav.samples.subarray(second * 16_000, (second + 1) * 16_000)) > 10_000,
  )
}

test('of a meeting: told to who subscribed to all, to it, or to its organizer, and fetched', async (t) => {
  const world = await start(t)
  const subscriber = await Subscriber.start(t)
  const meeting = await makeMeeting(world)
  const other = await makeMeeting(world)
  const wanted = [
    await subscribed(world, subscriber, 'communications/onlineMeetings/getAllRecordings'),
    await subscribed(world, subscriber, `/communications/onlineMeetings/${meeting.id}/recordings`),
    await subscribed(world, subscriber, `communications/onlineMeetings('${meeting.id}')/recordings`),
    await subscribed(world, subscriber, `users/fay@contoso.example/onlineMeetings/getAllRecordings`),
    await subscribed(world, subscriber, 'communications/onlineMeetings/getAllRecordings', {}, 'beta'),
  ]
  await subscribed(world, subscriber, `communications/onlineMeetings/${other.id}/recordings`)
  await subscribed(world, subscriber, `users/${USERS.ada}/onlineMeetings/getAllRecordings`)
  await subscribed(world, subscriber, 'communications/adhocCalls/getAllRecordings')
  await subscribed(world, subscriber, 'communications/onlineMeetings/getAllRecordings', {}, 'foreign')

  const { body: call } = await join(world, byOrganizer(meeting))
  await world.script('ben', { answer: { after: '0s', steps: [{ wait: '2s' }, { say: '3s' }] } })
  await world.control('POST', '/meetings/join', { meeting: meeting.id, user: 'ben@contoso.example', lobby: false })
  assertEmpty(await world.control('POST', `/calls/${call.id}/recording`), 204)
  await world.advance('6s')
  assert.deepEqual(heard(subscriber), [])
  await world.client('alpha').delete(`${CALLS}/${call.id}`)
  await world.control('POST', `/calls/${call.id}/end`)
  await world.take()

  const news = heard(subscriber)
  assert.deepEqual(new Set(news.map(([id]) => id)), new Set(wanted))
  assert.equal(news.length, wanted.length)
  const [[subscriptionId, told] = ['', undefined]] = news
  const { id } = told.resourceData
  assert.match(id, GUID)
  const resource = `users/${USERS.fay}/onlineMeetings('${meeting.id}')/recordings('${id}')`
  assert.deepEqual(told, {
    subscriptionId,
    subscriptionExpirationDateTime: at(3600),
    clientState: 'secret',
    tenantId: TENANT,
    changeType: 'created',
    resource,
    resourceData: { id, '@odata.type': '#Microsoft.Graph.callRecording', '@odata.id': resource },
  })

  const found = await ask(world, `/${resource}`)
  assert.equal(found.status, 200)
  const path = `/users/${USERS.fay}/onlineMeetings/${meeting.id}/recordings`
  const recording = {
    id,
    meetingId: meeting.id,
    callId: call.callChainId,
    createdDateTime: at(0),
    endDateTime: at(6),
    contentCorrelationId: found.body.contentCorrelationId,
    recordingContentUrl: `${world.url}/v1.0${path}/${id}/content`,
    meetingOrganizer: {
      application: null,
      device: null,
      user: {
        '@odata.type': '#microsoft.graph.teamworkUserIdentity',
        id: USERS.fay,
        displayName: null,
        userIdentityType: 'aadUser',
        tenantId: TENANT,
      },
    },
  }
  const context = `${world.url}/v1.0/$metadata#users('${USERS.fay}')/onlineMeetings('${meeting.id}')/recordings`
  assert.deepEqual(found.body, { '@odata.context': `${context}/$entity`, ...recording })
  assert.deepEqual(strange(found.body, createCallRecordingFromDiscriminatorValue), [])
  for (const parent of [path, `/communications/onlineMeetings/${meeting.id}/recordings`]) {
    const list = await ask(world, parent)
    assert.deepEqual(list.body, { '@odata.context': context, '@odata.count': 1, value: [recording] })
    assert.deepEqual(strange(list.body, createCallRecordingCollectionResponseFromDiscriminatorValue), [])
    assert.deepEqual((await ask(world, `${parent}/${id}?$select=id`)).body.id, id)
  }
  assert.deepEqual((await ask(world, `${path}?$top=1`)).body.value, [recording])
  assert.deepEqual(await secondsOf(world, recording.recordingContentUrl), [2, 3, 4])
  assert.deepEqual((await ask(world, `/users/${USERS.fay}/onlineMeetings/${other.id}/recordings`)).body.value, [])
  for (const elsewhere of [
    `/users/${USERS.fay}/onlineMeetings/${other.id}/recordings/${id}`,
    `/users/${USERS.fay}/adhocCalls/${call.callChainId}/recordings/${id}`,
    `${path}/${USERS.ada}`,
  ]) {
    assert.equal((await ask(world, elsewhere)).status, 404, elsewhere)
  }
})

test('of a call that is no meeting: by its chain, or as that of the first user in it', async (t) => {
  const world = await start(t)
  const subscriber = await Subscriber.start(t)
  const call = await peerToPeer(world, 'ada')
  const wanted = [
    await subscribed(world, subscriber, 'communications/adhocCalls/getAllRecordings'),
    await subscribed(world, subscriber, `communications/adhocCalls/${call.callChainId}/recordings`),
    await subscribed(world, subscriber, `users/${USERS.ada}/adhocCalls/getAllRecordings`),
  ]
  await subscribed(world, subscriber, `communications/adhocCalls/${call.id}/recordings`)
  await subscribed(world, subscriber, `users/${USERS.ben}/adhocCalls/getAllRecordings`)
  await subscribed(world, subscriber, 'communications/onlineMeetings/getAllRecordings')
  await world.control('POST', `/calls/${call.id}/recording`)
  await world.advance('3s')
  await world.client('alpha').delete(`${CALLS}/${call.id}`)
  await world.take()
  const news = heard(subscriber)
  assert.deepEqual(new Set(news.map(([id]) => id)), new Set(wanted))
  const [[, first] = ['', undefined]] = news
  const { id, '@odata.id': address } = first.resourceData
  assert.equal(address, `users/${USERS.ada}/adhocCalls('${call.callChainId}')/recordings('${id}')`)
  const { body, status } = await ask(world, `/${address}`)
  assert.equal(status, 200, JSON.stringify(body))
  assert.deepEqual([body.meetingId, body.callId, body.meetingOrganizer.user.id], [null, call.callChainId, USERS.ada])
  assert.deepEqual(strange(body, createCallRecordingFromDiscriminatorValue), [])
  const path = `/adhocCalls/${call.callChainId}/recordings/${id}`
  for (const owner of ['/communications', '/users/ada@contoso.example']) {
    assert.equal((await ask(world, owner + path)).status, 200)
    assert.equal((await ask(world, owner + path, 'foreign')).status, 404)
  }
  assert.equal((await ask(world, `/users/${USERS.ben}${path}`)).status, 404)
  assert.deepEqual(await secondsOf(world, body.recordingContentUrl), [])
  const batch = await ask(world, '/$batch', 'alpha', 'POST', {
    requests: [{ id: '1', method: 'GET', url: `/communications${path}/content` }],
  })
  assert.equal(batch.body.responses[0].status, 400)
  const { body: told } = await world.control('GET', '/changeNotifications?state=delivered')
  assert.deepEqual(new Set(told.value.map(({ recordingId }: AnyJson) => recordingId)), new Set([id]))
})

const refusals: [name: string, resource: string, more: object, code: string, explanation: RegExp][] = [
  [
    'two changes',
    'communications/adhocCalls/getAllRecordings',
    { changeType: 'created,updated' },
    'BadRequest',
    /never changes/,
  ],
  [
    'a long life of which nobody is told',
    'communications/adhocCalls/getAllRecordings',
    { expirationDateTime: at(3601) },
    'ValidationError',
    /exceeds 1 hour/,
  ],
  [
    'data in notifications',
    'communications/onlineMeetings/getAllRecordings',
    { includeResourceData: true },
    'BadRequest',
    /no resource data/,
  ],
  ['a meeting that is not', 'communications/onlineMeetings/nothing/recordings', {}, 'NotFound', /no online meeting/],
  ['a user that is not', 'users/nobody/adhocCalls/getAllRecordings', {}, 'NotFound', /no user nobody/],
  ['transcripts', 'communications/onlineMeetings/getAllTranscripts', {}, 'BadRequest', /cannot be subscribed to/],
]

test('what cannot be subscribed to', async (t) => {
  const world = await start(t, { beta: { roles: [ADHOC] } })
  const subscriber = await Subscriber.start(t)
  for (const [name, resource, more, code, explanation] of refusals) {
    const { body, headers } = await subscribe(world, subscriber, resource, more)
    assert.equal(body.error?.code, code, name)
    assert.match(headers.get('rollcall-explanation') ?? '', explanation, name)
  }
  const barred = await subscribe(world, subscriber, 'communications/onlineMeetings/getAllRecordings', {}, 'beta')
  assert.equal(barred.status, 403)
  assert.match(barred.headers.get('rollcall-explanation') ?? '', /OnlineMeetingRecording\.Read\.All/)
  await subscribed(world, subscriber, 'communications/adhocCalls/getAllRecordings', {}, 'beta')
  const lifecycle = { expirationDateTime: at(7200), lifecycleNotificationUrl: subscriber.url }
  await subscribed(world, subscriber, 'communications/adhocCalls/getAllRecordings', lifecycle)
  const meeting = await makeMeeting(world)
  const elsewhere = await subscribe(
    world,
    subscriber,
    `communications/onlineMeetings/${meeting.id}/recordings`,
    {},
    'foreign',
  )
  assert.equal(elsewhere.status, 404)
  assert.equal((await ask(world, `/users/${USERS.fay}/onlineMeetings/${meeting.id}/recordings`, 'beta')).status, 403)
})

test('meetings of a user for whom the application may not act are not read', async (t) => {
  const world = await start(t, { beta: { roles, meetingUsers: [] } })
  const meeting = await makeMeeting(world)
  const { status, headers } = await ask(world, `/users/${USERS.fay}/onlineMeetings/${meeting.id}/recordings`, 'beta')
  assert.equal(status, 403)
  assert.match(headers.get('rollcall-explanation') ?? '', new RegExp(`${APPS.beta} may not act for fay`))
  assert.equal((await ask(world, `/communications/onlineMeetings/${meeting.id}/recordings`, 'beta')).status, 404)
})

test('a recording that is stored because the server stops is told after the start', async (t) => {
  const data = mkdtempSync(pathOf(tmpdir(), 'rollcall-recordings-'))
  t.after(() => rmSync(data, { recursive: true, force: true }))
  const subscriber = await Subscriber.start(t)
  let call: Known | undefined
  await t.test('before', async (t) => {
    const world = await start(t, {}, { data })
    call = await peerToPeer(world)
    const more = { expirationDateTime: at(7200), lifecycleNotificationUrl: subscriber.url }
    await subscribed(world, subscriber, 'communications/adhocCalls/getAllRecordings', more)
    await world.control('POST', `/calls/${call.id}/recording`)
    await world.advance('3s')
  })
  await t.test('after', async (t) => {
    const world = await start(t, {}, { data, clockStart: START + 60_000 })
    await world.settle()
    const [[, first] = ['', undefined], ...others] = heard(subscriber)
    assert.deepEqual(others, [])
    await world.advance('2s')
    await world.client('alpha').delete(`${CALLS}/${call?.id ?? ''}`)
    await world.take()
    const [[, second] = ['', undefined]] = heard(subscriber)
    const files = await Promise.all(
      [first, second].map(async (one) => (await ask(world, `/${one.resourceData['@odata.id']}`)).body),
    )
    assert.equal(files[0].contentCorrelationId, files[1].contentCorrelationId)
    assert.deepEqual(
      files.map(({ createdDateTime, endDateTime }) => [createdDateTime, endDateTime]),
      [
        [at(0), at(3)],
        [at(60), at(62)],
      ],
    )
  })
})
