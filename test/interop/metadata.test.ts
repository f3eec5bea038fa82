/** `$metadata`, read by a CSDL parser of others, and held against what the server does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from '@sap-ux/edmx-parser'
import { coverage } from '../../src/graph/coverage.ts'
import { metadataOf } from '../../src/graph/metadata/metadata.ts'
import type { Metadata } from '../../src/graph/metadata/metadata.ts'
import type { AnyJson } from '../support/any-json.ts'
import { undeclaredIn } from '../support/declared.ts'
import { APPS, INSTANCE, USERS, establish, startWorld, user } from '../support/world.ts'

const VERSIONS = ['v1.0', 'beta'] as const

interface Named {
  readonly name: string
}

/** What is looked at of the parser's result; it leaves its types to another package. */
interface Schema {
  readonly entityTypes: readonly (Named & {
    readonly fullyQualifiedName: string
    readonly entityProperties: readonly Named[]
    readonly navigationProperties: readonly Named[]
  })[]
  readonly complexTypes: readonly Named[]
  readonly enumTypes: readonly (Named & { readonly members: readonly (Named & { readonly value: number })[] })[]
  readonly actions: readonly Named[]
  readonly entitySets: readonly Named[]
  readonly singletons: readonly Named[]
}

for (const version of VERSIONS) {
  test(`${version}: the document is served without a token, and a parser of others reads in it what the table has`, async (t) => {
    const world = await startWorld(t)
    const { status, headers, body } = await world.request('GET', `/${version}/$metadata`)
    assert.equal(status, 200)
    assert.equal(headers.get('content-type'), 'application/xml; charset=utf-8')
    assert.equal(headers.get('odata-version'), '4.0')
    const { schema }: { readonly schema: Schema } = parse(body)
    const { types, enums, operations, root } = metadataOf(version)
    const named = (items: readonly Named[]): string[] =>
      items.map(({ name }) => name.slice(name.lastIndexOf('.') + 1)).sort()
    assert.deepEqual(named(schema.entityTypes), named(types.filter(({ kind }) => kind === 'entity')))
    assert.deepEqual(named(schema.complexTypes), named(types.filter(({ kind }) => kind === 'complex')))
    assert.deepEqual(named(schema.enumTypes), named(enums))
    assert.deepEqual(named(schema.actions), named(operations))
    const roots = [...schema.entitySets, ...schema.singletons].map(({ name }) => name)
    assert.deepEqual(roots.sort(), Object.keys(root).sort())
    for (const { fullyQualifiedName, entityProperties, navigationProperties } of schema.entityTypes) {
      const type = types.find(({ name }) => `microsoft.graph.${name}` === fullyQualifiedName)
      assert.deepEqual(named(entityProperties), Object.keys(type?.properties ?? {}).sort())
      assert.deepEqual(named(navigationProperties), Object.keys(type?.navigation ?? {}).sort())
    }
    const call = schema.entityTypes.find(({ name }) => name === 'call')
    const property = (name: string): unknown => call?.entityProperties.find((one) => one.name === name)
    const fullyQualifiedName = 'microsoft.graph.call/callRoutes'
    const type = 'Collection(microsoft.graph.callRoute)'
    assert.deepEqual(property('callRoutes'), {
      _type: 'Property',
      name: 'callRoutes',
      fullyQualifiedName,
      type,
      nullable: true,
    })
    const states = schema.enumTypes
      .find(({ name }) => name === 'callState')
      ?.members.map(({ name, value }) => [name, value])
    assert.deepEqual(
      states?.slice(1, 3),
      version === 'beta'
        ? [
            ['establishing', 1],
            ['ringing', 2],
          ]
        : [
            ['establishing', 1],
            ['established', 3],
          ],
    )
  })

  test(`${version}: every type that is named is there`, () => {
    const model = metadataOf(version)
    const known = new Set([...model.types, ...model.enums].map(({ name }) => name))
    const named = [
      ...model.types.flatMap(({ base, properties, navigation }) => [
        ...(base === undefined ? [] : [base]),
        ...Object.values({ ...properties, ...navigation }),
      ]),
      ...model.operations.flatMap(({ boundTo, parameters, returns }) => [
        boundTo,
        ...Object.values(parameters),
        ...(returns === undefined ? [] : [returns]),
      ]),
      ...Object.values(model.root).map(({ type }) => type),
    ].map((name) => name.replaceAll(/[[\]!]/g, ''))
    assert.deepEqual(
      named.filter((name) => !known.has(name) && !/^[A-Z]/.test(name)),
      [],
    )
    const unused = [...known].filter((name) => !named.includes(name) && !SENT_ALONE.test(name))
    assert.deepEqual(unused, [], 'types that nothing refers to')
  })

  test(`${version}: every operation that is served stands in the metadata, and none that is not`, () => {
    const model = metadataOf(version)
    const served = coverage().filter(
      ({ area, state, published }) => area !== 'service' && state !== 'refused' && published.includes(version),
    )
    const met = new Set<string>()
    for (const { method, path } of served) {
      const place = walk(model, path)
      assert.ok(place !== undefined, `${method} ${path} leads nowhere in the metadata`)
      if (place.operation !== undefined) met.add(place.operation)
    }
    const declared = model.operations.map(({ name, boundTo }) => `${name} of ${boundTo}`)
    assert.deepEqual([...met].sort(), declared.sort())
  })
}

test('what nothing has changed is not sent again', async (t) => {
  const world = await startWorld(t)
  const { headers } = await world.request('GET', '/v1.0/$metadata')
  const etag = headers.get('etag') ?? ''
  const again = await world.request('GET', '/v1.0/$metadata', undefined, { 'if-none-match': `W/${etag}` })
  assert.deepEqual([again.status, again.body], [304, ''])
  const beta = await world.request('GET', '/beta/$metadata', undefined, { 'if-none-match': etag })
  assert.equal(beta.status, 200)
  assert.notEqual(beta.headers.get('etag'), etag)
  assert.equal((await world.request('POST', '/v1.0/$metadata', {})).status, 405)
  assert.equal((await world.request('GET', '/2021-03/$metadata')).status, 404)
})

/** Types that stand in bodies by their `@odata.type` alone, or are the body. */
const SENT_ALONE =
  /Operation$|Config$|MeetingInfo$|CallOptions$|mediaPrompt$|^teleconference|deltaParticipants|participant\w+Notification|JoinResponse$|BotResponse$|commsNotifications|commsApplication|Endpoint$|UserAgent$|teamworkUserIdentity$/

/** Where a path leads: every segment must be a root, something that stands below, a key, an action or a function. */
function walk(model: Metadata, path: string): { readonly operation?: string } | undefined {
  const [first = '', ...rest] = path.slice(1).split('/')
  const root = model.root[first]
  let type = root && (root.kind === 'EntitySet' ? `[${root.type}]` : root.type)
  for (const segment of rest) {
    if (type === undefined) return undefined
    const operation = model.operations.find(
      ({ name, boundTo }) => name.replace('callRecords.', '') === segment && boundTo === type,
    )
    if (operation) return { operation: `${operation.name} of ${operation.boundTo}` }
    type = segment.startsWith('{') ? type.replaceAll(/[[\]]/g, '') : below(model, type, segment)
  }
  return type === undefined ? undefined : {}
}

function below(model: Metadata, type: string, name: string): string | undefined {
  const { navigation, properties } = model.types.find((one) => one.name === type) ?? {}
  // A stream stands at an address of its own, as what is navigated to does.
  return navigation?.[name] ?? (properties?.[name] === 'Stream' ? 'Stream' : undefined)
}

const MEDIA = { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' }
const PROMPT = { '@odata.type': '#microsoft.graph.mediaPrompt', mediaInfo: { uri: 'https://bot.example/a.wav' } }

/** What requests need beside the parameter that is tried out. */
const VALID: Readonly<Record<string, AnyJson>> = {
  answer: { mediaConfig: MEDIA },
  redirect: { targets: [user('ben')] },
  transfer: { transferTarget: user('ben') },
  playPrompt: { prompts: [PROMPT] },
  sendDtmfTones: { tones: ['tone1'] },
  invite: { participants: [user('ben')] },
  updateRecordingStatus: { status: 'recording' },
  configureMixer: { participantMixerLevels: [{ participant: 'a' }] },
  createOrGet: { externalId: 'a' },
}

for (const version of VERSIONS) {
  test(`${version}: every parameter of the metadata is read: of another type it is refused by its name`, async (t) => {
    const world = await startWorld(t, {}, { alpha: { roles: ROLES, meetingUsers: 'all' } })
    const call = await establish(world, 'alpha', [user('ada'), user('cleo')], { version })
    const calls = '/communications/calls'
    const users = { call: `${calls}/${call}`, '[call]': calls, '[participant]': `${calls}/${call}/participants` }
    const bound: Readonly<Record<string, string>> = {
      ...users,
      participant: `${calls}/${call}/participants/${INSTANCE}`,
      '[onlineMeeting]': `/users/${USERS.ada}/onlineMeetings`,
      application: `/applications(appId='${APPS.beta}')`,
    }
    const client = world.client('alpha', version)
    const ignored: string[] = []
    for (const { kind, name, boundTo, parameters } of metadataOf(version).operations) {
      if (kind === 'function') continue
      for (const [parameter, type] of Object.entries(parameters)) {
        const body = { ...VALID[name], [parameter]: type.startsWith('[') || /^[a-z]/.test(type) ? 'odd' : ['odd'] }
        const { status, headers } = await client.post(`${bound[boundTo]}/${name}`, body)
        const explanation = headers.get('rollcall-explanation') ?? ''
        if (status !== 400 || !explanation.includes(parameter))
          ignored.push(`${name} of ${boundTo}: ${parameter} (${status} ${explanation})`)
      }
    }
    assert.deepEqual(ignored, [])
    await client.delete(`${calls}/${call}`)
    await world.take()
  })
}

const ROLES = [
  'Calls.Initiate.All',
  'Calls.InitiateGroupCall.All',
  'Calls.JoinGroupCall.All',
  'Calls.JoinGroupCallAsGuest.All',
  'Calls.AccessMedia.All',
  'OnlineMeetings.ReadWrite.All',
  'Directory.ReadWrite.All',
]

test('an answer that the metadata does not describe is noticed', () => {
  const context = 'http://127.0.0.1/v1.0/$metadata#communications/calls'
  const participants = `${context}('1')/participants`
  assert.deepEqual(
    undeclaredIn({ '@odata.context': `${context}/$entity`, id: '1', state: 'ringing', mood: 1, mediaConfig: {} }),
    ['call.state: "ringing" is no callState', 'call.mood: call has no mood'],
  )
  assert.deepEqual(
    undeclaredIn({
      '@odata.context': participants,
      value: [{ id: null, info: { identity: { user: { email: 'a' } } } }],
    }),
    ['participant[0].id: null is not allowed', 'participant[0].info.identity.user.email: identity has no email'],
  )
  assert.deepEqual(undeclaredIn({ '@odata.context': 'http://127.0.0.1/beta/$metadata#cars/$entity' }), [
    '@odata.context names nothing of the metadata: http://127.0.0.1/beta/$metadata#cars/$entity',
  ])
})
