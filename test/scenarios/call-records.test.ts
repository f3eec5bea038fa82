/** What is left of calls: records, sessions, segments, and the logs of calls with phones. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { AnyJson } from '../support/any-json.ts'
import type { Entries, Reply, World } from '../support/world.ts'
import {
  APPS,
  INSTANCE,
  OTHER_TENANT,
  PHONE,
  SERVICE_NUMBER,
  TENANT,
  USERS,
  callBody,
  phone,
  startWorld,
  user,
} from '../support/world.ts'
import { GUID, assertRefused, create } from './steps.ts'

const RECORDS = '/communications/callRecords'
const CALLING = ['Calls.Initiate.All', 'Calls.InitiateGroupCall.All', 'Calls.JoinGroupCall.All']
const READERS: Entries = {
  alpha: { roles: [...CALLING, 'CallRecords.Read.All'] },
  beta: { roles: ['CallRecord-PstnCalls.Read.All'] },
  foreign: { roles: [...CALLING, 'CallRecords.Read.All'] },
}
const START = Date.UTC(2026, 0, 1)
const AT = (seconds: number): string => new Date(START + seconds * 1000).toISOString()

const start = (t: TestContext, more: object = {}): Promise<World> =>
  startWorld(t, { clockStart: START, ...more }, READERS)

const get = (world: World, path: string, headers?: Record<string, string>): Promise<Reply> =>
  world.client('alpha').get(RECORDS + path, headers)

const identitySet = (kind: string, identity: object): object => ({
  '@odata.type': '#microsoft.graph.identitySet',
  [kind]: { '@odata.type': '#microsoft.graph.identity', ...identity },
})
const alpha = identitySet('application', { id: APPS.alpha, displayName: 'Alpha', tenantId: TENANT })
const ada = identitySet('user', { id: USERS.ada, displayName: 'ada', tenantId: TENANT })
const endpoint = (identity: object, agent: object): object => ({
  '@odata.type': '#microsoft.graph.callRecords.participantEndpoint',
  userAgent: { ...agent, headerValue: null, applicationVersion: null },
  identity,
})
const BOT_AGENT = { '@odata.type': '#microsoft.graph.callRecords.serviceUserAgent', role: 'customBot' }
const PERSON_AGENT = {
  '@odata.type': '#microsoft.graph.callRecords.clientUserAgent',
  platform: 'unknown',
  productFamily: 'unknown',
}

/** Calls somebody, talks for a minute, hangs up. @returns the chain id */
async function talk(world: World, targets: readonly unknown[] = [user('ada')], more: object = {}): Promise<string> {
  const { id } = await create(world, targets, { more })
  await world.advance('1s')
  const { body } = await world.client('alpha').get(`/communications/calls/${id}`)
  await world.advance('59s')
  await world.client('alpha').delete(`/communications/calls/${id}`)
  await world.take()
  return body.callChainId
}

test('a record is there when the call has ended, whole, and not before', async (t) => {
  const world = await start(t)
  const { id } = await create(world, [user('ada')])
  await world.settle()
  const { callChainId: chain } = (await world.client('alpha').get(`/communications/calls/${id}`)).body
  assertRefused(await get(world, `/${chain}`), {
    status: 404,
    code: 'NotFound',
    message: 'The requested resource does not exist.',
    explanation: `The tenant of the token has no record of a call with the callChainId ${chain}: it has not ended, ended too long ago (option callRecordRetention), or never was.`,
  })
  await world.advance('1m')
  await world.client('alpha').delete(`/communications/calls/${id}`)
  const record = await get(world, `/${chain}`)
  assert.deepEqual(record.body, {
    '@odata.context': `${world.url}/v1.0/$metadata#communications/callRecords/$entity`,
    id: chain,
    version: 1,
    type: 'peerToPeer',
    modalities: ['audio'],
    lastModifiedDateTime: AT(60),
    startDateTime: AT(0),
    endDateTime: AT(60),
    joinWebUrl: null,
    organizer: alpha,
    participants: [alpha, ada],
    organizer_v2: {
      id: APPS.alpha,
      identity: { ...alpha, '@odata.type': '#microsoft.graph.communicationsIdentitySet' },
      administrativeUnitInfos: [],
    },
  })
  const expanded = await get(world, `/${chain}?$expand=sessions($expand=segments)`)
  const [session] = expanded.body.sessions
  const ends = { caller: endpoint(alpha, BOT_AGENT), callee: endpoint(ada, PERSON_AGENT) }
  const times = { startDateTime: AT(0), endDateTime: AT(60), failureInfo: null }
  assert.match(session.id, GUID)
  assert.deepEqual(expanded.body, {
    ...record.body,
    'sessions@odata.context': `${world.url}/v1.0/$metadata#communications/callRecords('${chain}')/sessions(segments())`,
    sessions: [
      {
        id: session.id,
        modalities: ['audio'],
        ...times,
        isTest: false,
        ...ends,
        segments: [{ id: session.id, ...times, ...ends, media: [] }],
      },
    ],
  })
  const plain = await get(world, `/${chain}?$expand=sessions`)
  assert.deepEqual(
    plain.body.sessions.map((one: AnyJson) => 'segments' in one),
    [false],
  )
  const picked = await get(world, `('${chain.toUpperCase()}')?$select=type,version&$expand=participants_v2`)
  assert.deepEqual(
    Object.keys(picked.body)
      .filter((name) => !name.includes('@'))
      .toSorted(),
    ['participants_v2', 'type', 'version'],
  )
  await world.take()
})

test('a failed invitation has a session that says why', async (t) => {
  const world = await start(t)
  await world.script('ben', { busy: {} })
  const { id } = await create(world, [user('ada'), user('cleo')])
  await world.settle()
  const calls = world.client('alpha')
  await calls.post(`/communications/calls/${id}/participants/invite`, { participants: [user('ben')] })
  await world.advance('10s')
  const { callChainId: chain } = (await calls.get(`/communications/calls/${id}`)).body
  await calls.delete(`/communications/calls/${id}`)
  await world.take()
  await world.control('POST', `/calls/${id}/participants/${USERS.ada}/leave`)
  for (const one of (await world.control('GET', `/calls/${id}`)).body.participants) {
    await world.control('POST', `/calls/${id}/participants/${one.id}/leave`)
  }
  const { body } = await get(world, `/${chain}/sessions?$expand=segments`)
  const told = body.value.map(({ callee, caller, failureInfo }: AnyJson) => [
    (callee.identity ?? caller.identity).user?.displayName ?? 'Alpha',
    callee['@odata.type'].split('.').at(-1),
    failureInfo && { stage: failureInfo.stage, reason: failureInfo.reason },
  ])
  assert.deepEqual(told, [
    ['Alpha', 'serviceEndpoint', null],
    ['ada', 'participantEndpoint', null],
    ['cleo', 'participantEndpoint', null],
    ['ben', 'participantEndpoint', { stage: 'callSetup', reason: 'The user is busy (486/8539).' }],
  ])
})

test('lists are filtered by start and participant, and paged', async (t) => {
  const world = await start(t)
  const chains = [await talk(world), await talk(world, [user('ben')]), await talk(world)]
  const list = async (query: string, headers?: Record<string, string>): Promise<AnyJson> =>
    (await get(world, query, headers)).body
  const ids = async (query: string): Promise<string[]> => (await list(query)).value.map(({ id }: { id: string }) => id)
  assert.deepEqual(await ids(''), chains)
  assert.deepEqual(await ids(`?$filter=startDateTime ge ${AT(60)}`), chains.slice(1))
  assert.deepEqual(await ids(`?$filter=startDateTime gt ${AT(60)}`), chains.slice(2))
  assert.deepEqual(await ids(`?$filter=startDateTime ge ${AT(60)} and startDateTime lt ${AT(120)}`), [chains[1]])
  assert.deepEqual(await ids(`?$filter=startDateTime le ${AT(60)}`), chains.slice(0, 2))
  assert.deepEqual(await ids(`?$filter=participants_v2/any(p:p/id eq '${USERS.ada}')`), [chains[0], chains[2]])
  const first = await list('?$select=id', { prefer: 'odata.maxpagesize=2' })
  assert.deepEqual(
    first.value,
    chains.slice(0, 2).map((id) => ({ id })),
  )
  const next = new URL(first['@odata.nextLink'])
  const second = await world.client('alpha').get(next.href.slice(`${world.url}/v1.0`.length))
  assert.deepEqual(second.body.value, [{ id: chains[2] }])
  assert.equal(second.body['@odata.nextLink'], undefined)
})

test('what is asked for wrongly is refused with the rule', async (t) => {
  const world = await start(t)
  const chain = await talk(world)
  const rules: readonly (readonly [string, RegExp])[] = [
    [`/${chain}?$expand=media`, /^\$expand takes sessions, sessions\(\$expand=segments\) and participants_v2/],
    [`/${chain}?$top=1`, /^The query option \$top is not supported here; \$select, \$expand can be used\.$/],
    ['?$filter=type eq 1', /^\$filter takes startDateTime/],
    ['?$skiptoken=nonsense', /^\$skiptoken is not one/],
    ['?$top=0', /^\$top must be a whole number from 1 to 60\.$/],
    ['/getPstnCalls(fromDateTime=yesterday,toDateTime=2026-01-01)', /^fromDateTime must be a date or time/],
    ['/getPstnCalls(fromDateTime=2026-01-01,toDateTime=2026-04-02)', /more than 90 days apart/],
    ['/getDirectRoutingCalls(fromDateTime=2026-01-02,toDateTime=2026-01-01)', /^toDateTime is before fromDateTime\.$/],
  ]
  for (const [path, explanation] of rules) {
    const { status, headers, body } = await get(world, path)
    assert.deepEqual([status, body.error?.code], [400, 'BadRequest'], path)
    assert.match(headers.get('rollcall-explanation') ?? '', explanation)
  }
  assert.equal((await get(world, `/${USERS.ada}`)).status, 404)
  assert.equal((await world.client('alpha').delete(`${RECORDS}/${chain}`)).status, 405)
})

test('another tenant, and an application without the permission, sees nothing', async (t) => {
  const world = await start(t)
  const chain = await talk(world)
  assert.equal((await world.client('foreign').get(`${RECORDS}/${chain}`)).status, 404)
  assert.deepEqual((await world.client('foreign').get(RECORDS)).body.value, [])
  assertRefused(await world.client('dialler').get(RECORDS), {
    status: 403,
    code: 'Forbidden',
    message: 'Access is denied to the requested resource.',
    explanation:
      'The operation "callRecord: list" needs the application permission CallRecords.Read.All; grant it in the directory (roles) and get a new token.',
  })
  assert.equal((await world.client('beta').get(`${RECORDS}/${chain}`)).status, 403)
  assert.equal((await world.request('GET', `/v1.0${RECORDS}`)).status, 401)
})

test('the chain id of one tenant is not taken by another that uses it too', async (t) => {
  const world = await start(t)
  const callChainId = '99999999-0000-4000-8000-000000000001'
  await talk(world, [user('ada')], { callChainId })
  const target = { identity: { user: { id: '22222222-0000-4000-8000-000000000099', tenantId: OTHER_TENANT } } }
  const { status, body } = await world
    .client('foreign')
    .post('/communications/calls', callBody(world, 'foreign', [target], { callChainId }))
  assert.equal(status, 201)
  await world.settle()
  await world.client('foreign').delete(`/communications/calls/${body.id}`)
  await world.take('foreign')
  const [own, theirs] = [
    await get(world, `/${callChainId}`),
    await world.client('foreign').get(`${RECORDS}/${callChainId}`),
  ]
  assert.deepEqual([own.body.version, theirs.body.version], [1, 1])
  assert.equal(theirs.body.organizer.application.id, APPS.foreign)
  await talk(world, [user('ben')], { callChainId })
  const { body: again } = await get(world, `/${callChainId}?$expand=sessions`)
  assert.deepEqual([again.version, again.sessions.length, again.startDateTime], [2, 2, AT(0)])
})

const asInstance = { source: { identity: { applicationInstance: { id: INSTANCE } } } }

test('calls with phones are in the PSTN log, in both directions, and in no log of direct routing', async (t) => {
  const world = await start(t)
  const chain = await talk(world, [phone(PHONE)], asInstance)
  await world.script(PHONE, { busy: {} })
  const { id } = await create(world, [phone(PHONE)], { more: asInstance })
  await world.advance('1s')
  assert.ok(id)
  const { body: incoming } = await world.control('POST', '/calls', { from: PHONE, to: SERVICE_NUMBER })
  await world.settle()
  await world.client('alpha').post(`/communications/calls/${incoming.callId}/reject`, { reason: 'busy' })
  await world.take()
  const range = `(fromDateTime=${AT(0)},toDateTime=2026-01-02)`
  const { body } = await get(world, `/getPstnCalls${range}`)
  const unknown = Object.fromEntries(
    [
      'userId',
      'userPrincipalName',
      'userDisplayName',
      'charge',
      'connectionCharge',
      'currency',
      'conferenceId',
      'destinationContext',
      'destinationName',
      'licenseCapability',
      'operator',
      'tenantCountryCode',
      'usageCountryCode',
    ].map((name) => [name, null]),
  )
  assert.deepEqual(
    { ...body, value: body.value.slice(0, 1) },
    {
      '@odata.context': `${world.url}/v1.0/$metadata#Collection(microsoft.graph.callRecords.pstnCallLogRow)`,
      '@odata.count': 3,
      value: [
        {
          ...unknown,
          id: body.value[0].id,
          callId: chain,
          startDateTime: AT(0),
          endDateTime: AT(60),
          duration: 60,
          callType: 'ucap_out',
          callerNumber: SERVICE_NUMBER,
          calleeNumber: PHONE,
          callDurationSource: 'microsoft',
          inventoryType: 'Service',
        },
      ],
    },
  )
  const told = body.value.map(({ callType, duration, callerNumber }: AnyJson) => [callType, duration, callerNumber])
  assert.deepEqual(told, [
    ['ucap_out', 60, SERVICE_NUMBER],
    ['ucap_out', 0, SERVICE_NUMBER],
    ['ucap_in', 0, PHONE],
  ])
  const beta = world.client('beta', 'beta')
  const paged = await beta.get(`${RECORDS}/microsoft.graph.callRecords.getPstnCalls${range}?$top=2`)
  assert.equal(paged.body['@odata.count'], 2)
  const rest = await beta.get(paged.body['@odata.nextLink'].slice(`${world.url}/beta`.length))
  assert.deepEqual([...paged.body.value, ...rest.body.value], body.value)
  const direct = await beta.get(`${RECORDS}/getDirectRoutingCalls${range}`)
  assert.deepEqual([direct.body['@odata.count'], direct.body.value], [0, []])
})

test('a record outlives a restart and the call, and is gone after its retention', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'rollcall-records-'))
  t.after(() => rmSync(data, { recursive: true, force: true }))
  let chain = ''
  await t.test('a call', async (t) => {
    const world = await start(t, { data })
    chain = await talk(world)
    await world.advance('0s')
  })
  await t.test('after a restart', async (t) => {
    const world = await start(t, { data, clockStart: START + 29 * 86_400_000 })
    assert.equal((await get(world, `/${chain}`)).body.id, chain)
    await world.advance('48h')
    assert.equal((await get(world, `/${chain}`)).status, 404)
    assert.deepEqual((await get(world, '')).body.value, [])
  })
})

test('a meeting has a record of its own each time, with its organizer and address', async (t) => {
  const world = await start(t)
  const meeting = {
    chatInfo: { threadId: '19:meeting_x@thread.v2', messageId: '0' },
    meetingInfo: {
      '@odata.type': '#microsoft.graph.organizerMeetingInfo',
      organizer: { user: { id: USERS.ada, tenantId: TENANT } },
    },
  }
  const chains = [await talk(world, [], meeting), await talk(world, [], meeting)]
  assert.notEqual(chains[0], chains[1])
  for (const chain of chains) {
    const { body } = await get(world, `/${chain}?$expand=sessions`)
    assert.deepEqual([body.type, body.organizer.user.id, body.sessions.length], ['groupCall', USERS.ada, 1])
    const address = new URL(body.joinWebUrl)
    assert.equal(decodeURIComponent(address.pathname), '/l/meetup-join/19:meeting_x@thread.v2/0')
    assert.deepEqual(JSON.parse(address.searchParams.get('context') ?? ''), { Tid: TENANT, Oid: USERS.ada })
  }
})

test('somebody is transferred out of a group call: one record tells of both conversations, whichever ends first', async (t) => {
  for (const groupEndsFirst of [true, false]) {
    const world = await start(t)
    const callChainId = `66666666-0000-4000-8000-00000000000${Number(groupEndsFirst)}`
    const names = ['ada', 'ben', 'cleo'].map((name) => user(name))
    const { id } = await create(world, names, { more: { callChainId } })
    const group = (await world.take()).at(-1)?.resourceData
    const ben = group.find(({ info }: AnyJson) => info.identity.user?.id === USERS.ben)
    await world.advance('10s')
    const body = { transferTarget: user('dov'), transferee: { participantId: ben.id, identity: ben.info.identity } }
    assert.equal((await world.client('alpha').post(`/communications/calls/${id}/transfer`, body)).status, 202)
    await world.take()
    const conversations: readonly AnyJson[] = (await world.control('GET', '/calls')).body.value
    assert.deepEqual(new Set(conversations.map((one) => one.callChainId)), new Set([callChainId]))
    const inOrder = conversations.toSorted((one) => ((one.mode === 'group') === groupEndsFirst ? -1 : 1))
    for (const [index, { id: conversationId, participants }] of inOrder.entries()) {
      await world.advance('10s')
      for (const one of participants)
        await world.control('POST', `/calls/${conversationId}/participants/${one.id}/leave`)
      const { version } = (await get(world, `/${callChainId}`)).body
      assert.equal(version, index + 1)
    }
    const { body: record } = await get(world, `/${callChainId}?$expand=sessions`)
    assert.deepEqual([record.type, record.startDateTime, record.endDateTime], ['groupCall', AT(0), AT(30)])
    assert.deepEqual(record.participants.map(({ user: one }: AnyJson) => one?.displayName ?? 'Alpha').toSorted(), [
      'Alpha',
      'ada',
      'ben',
      'cleo',
      'dov',
    ])
    const [groupEnd, pairEnd] = groupEndsFirst ? [20, 30] : [30, 20]
    const lines = record.sessions.map(({ caller, callee, startDateTime, endDateTime }: AnyJson) => {
      const ends = [caller, callee].map((end) => end?.identity?.user?.displayName).filter(Boolean)
      return [ends.join('-'), startDateTime, endDateTime]
    })
    assert.deepEqual(lines.toSorted(), [
      ['', AT(0), AT(10)],
      ['ada', AT(0), AT(groupEnd)],
      ['ben', AT(0), AT(10)],
      ['cleo', AT(0), AT(groupEnd)],
      ['dov-ben', AT(10), AT(pairEnd)],
    ])
  }
})

test('a reset forgets the records', async (t) => {
  const world = await start(t)
  await talk(world)
  await world.control('POST', '/reset')
  assert.deepEqual((await get(world, '')).body.value, [])
})
