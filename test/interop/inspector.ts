/**
 * Judges every body that a scenario makes the server send: answers by their address, notifications by what they carry. The
 * SDK has no model of the envelope around notifications, so that is compared by hand.
 */
import assert from 'node:assert/strict'
import * as models from '@microsoft/msgraph-sdk/models/index.js'
import { createODataErrorFromDiscriminatorValue } from '@microsoft/msgraph-sdk/models/oDataErrors/index.js'
import type { AnyJson } from '../support/any-json.ts'
import type { Notification } from '../support/bot.ts'
import type { AppName, Reply, World } from '../support/world.ts'
import { dynamicMembers, inErrors } from './dynamic.ts'
import { judge, leftOver, readPlainly } from './judge.ts'
import type { ModelFactory } from './judge.ts'

export type Version = 'v1.0' | 'beta'

const CALLS = '/communications/calls'

/** What the answer at an address is, below the collection of calls. */
const ANSWERS: readonly (readonly [RegExp, string, ModelFactory])[] = [
  [/^GET \/[^/]+\/participants$/, 'participant list', models.createParticipantCollectionResponseFromDiscriminatorValue],
  [/^GET \/[^/]+\/participants\/[^/]+$/, 'participant', models.createParticipantFromDiscriminatorValue],
  [/^GET \/[^/]+\/operations$/, 'operation list', models.createCommsOperationCollectionResponseFromDiscriminatorValue],
  [
    /^(GET \/[^/]+\/operations\/[^/]+|POST \/[^/]+\/participants\/invite|POST \/[^/]+\/.*(Response|Prompt|Tones?|Music|Processing|Status|[mM]ute))$/,
    'operation',
    models.createCommsOperationFromDiscriminatorValue,
  ],
  [
    /^GET \/[^/]+\/audioRoutingGroups$/,
    'routing group list',
    models.createAudioRoutingGroupCollectionResponseFromDiscriminatorValue,
  ],
  [
    /^(POST \/[^/]+\/audioRoutingGroups|GET \/[^/]+\/audioRoutingGroups\/[^/]+)$/,
    'routing group',
    models.createAudioRoutingGroupFromDiscriminatorValue,
  ],
  [
    /^GET \/[^/]+\/contentSharingSessions$/,
    'content sharing list',
    models.createContentSharingSessionCollectionResponseFromDiscriminatorValue,
  ],
  [/^(POST|GET \/[^/]+)$/, 'call', models.createCallFromDiscriminatorValue],
]

/** The model of each kind of thing that notifications carry. */
const CARRIED: Readonly<Record<string, ModelFactory>> = {
  call: models.createCallFromDiscriminatorValue,
  participant: models.createParticipantFromDiscriminatorValue,
  deltaParticipants: models.createDeltaParticipantsFromDiscriminatorValue,
  inviteParticipantsOperation: models.createCommsOperationFromDiscriminatorValue,
  participantJoiningNotification: models.createParticipantJoiningNotificationFromDiscriminatorValue,
  participantLeftNotification: models.createParticipantLeftNotificationFromDiscriminatorValue,
  playPromptOperation: models.createCommsOperationFromDiscriminatorValue,
  contentSharingSession: models.createContentSharingSessionFromDiscriminatorValue,
  recordOperation: models.createCommsOperationFromDiscriminatorValue,
  sendDtmfTonesOperation: models.createCommsOperationFromDiscriminatorValue,
  startHoldMusicOperation: models.createCommsOperationFromDiscriminatorValue,
  stopHoldMusicOperation: models.createCommsOperationFromDiscriminatorValue,
}

/** Sends requests of one application in one version, and judges what comes back and what its bot receives. */
export class Inspector {
  /** Each kind of body that was judged, such as `201 call establishing` or `deleted call terminated`. */
  readonly seen = new Set<string>()
  /** The dynamic members that were met. */
  readonly met = new Set<string>()
  readonly complaints: string[] = []
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  async request(method: 'GET' | 'POST', path: string, options: Options = {}): Promise<Reply> {
    const { version = 'v1.0', app = 'alpha', body, headers } = options
    const client = this.#world.client(app, version)
    const url = CALLS + path
    const reply = await (method === 'GET' ? client.get(url, headers) : client.post(url, body ?? {}, headers))
    if (reply.body !== '') this.#answer(`${method} ${path}`.trimEnd(), reply, version)
    return reply
  }

  /** Takes and judges the notifications of an application's calls, all made in one version. */
  async take(app: AppName = 'alpha', version: Version = 'v1.0'): Promise<readonly Notification[]> {
    const taken = await this.#world.take(app)
    for (const notification of taken) this.#notification(notification, version)
    return taken
  }

  #answer(request: string, reply: Reply, version: Version): void {
    if (reply.status >= 400) {
      this.#read(`${reply.status} error`, reply.body, createODataErrorFromDiscriminatorValue, inErrors)
      return
    }
    const [, kind, factory] = ANSWERS.find(([pattern]) => pattern.test(request)) ?? []
    assert.ok(kind !== undefined && factory, `the test knows no model for ${request}`)
    const name = [reply.status, kind, reply.body.state ?? reply.body.status].filter(Boolean).join(' ')
    this.#read(name, reply.body, factory, dynamicMembers(version, false))
    if (kind === 'operation list') for (const one of reply.body.value) this.seen.add(`listed operation ${one.status}`)
  }

  #notification({ changeType, resource, resourceUrl, resourceData, ...rest }: Notification, version: Version): void {
    assert.deepEqual(rest, { '@odata.type': '#microsoft.graph.commsNotification' })
    assert.ok(['created', 'updated', 'deleted'].includes(changeType), changeType)
    assert.equal(resource.replace('/app/', '/communications/'), resourceUrl)
    const things: AnyJson[] = Array.isArray(resourceData) ? resourceData : [resourceData]
    for (const thing of things) {
      const type = String(thing['@odata.type']).replace('#microsoft.graph.', '')
      const factory = CARRIED[type]
      assert.ok(factory, `the test knows no model for ${thing['@odata.type']}`)
      const name = [changeType, type, thing.state ?? thing.status].filter(Boolean).join(' ')
      this.#read(name, thing, factory, dynamicMembers(version, true))
    }
  }

  #read(name: string, body: AnyJson, factory: ModelFactory, allowed: Readonly<Record<string, string>>): void {
    const text = JSON.stringify(body)
    const { model, findings } = judge(text, factory)
    const plain = readPlainly(text, factory)
    // The watched reading must be what users of the SDK get.
    assert.deepEqual(model, plain)
    this.seen.add(name)
    for (const { member, value, text } of findings) {
      const excused = value !== undefined && Object.hasOwn(allowed, value) ? value : member
      if (Object.hasOwn(allowed, excused)) this.met.add(excused)
      else this.complaints.push(`${name}: ${text} (${member})`)
    }
    const known = new Set(Object.keys(allowed).map((member) => member.split('.')[1]))
    for (const member of leftOver(plain)) {
      if (!known.has(member)) this.complaints.push(`${name}: ${member} was left over`)
    }
  }
}

interface Options {
  readonly version?: Version
  readonly app?: AppName
  readonly body?: unknown
  readonly headers?: Record<string, string>
}
