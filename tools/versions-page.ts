/** The reference page of the wire versions, made by writing the same few things in each dialect of `src/graph/dialects/`. */
import type { Call } from '../src/calls/call.ts'
import type { CallPhase, CallView, Notification, NotificationSubject } from '../src/calls/notification.ts'
import type { InviteOperation, Operation } from '../src/calls/operation.ts'
import type { Participant } from '../src/calls/participant.ts'
import { mannersOf } from '../src/graph/dialects/dialect.ts'
import type { Dialect } from '../src/graph/dialects/dialect.ts'
import { dialects } from '../src/graph/dialects/dialects.ts'
import { collections } from '../src/graph/routes/graph.ts'

const INTRODUCTION = `<!-- Made by \`npm run generate\` from src/graph/dialects/; change that instead. -->

# Wire versions

Microsoft has published the calling API in several forms. Rollcall speaks six of them, so that a bot written years ago can
be tested as it is. The address of a request decides which one, unless the directory pins one for the application
(\`wireVersion\` in [the directory](directory.md)): then it is that one at every address.

A call's notifications are in the version in which it was created or answered. Before an incoming call is answered they are
in the pinned version, else in v1.0. What is read is the same in every version: old and new names of members, ids and
\`replacesCallId\` in any form, enumeration values in any case. Only what is written differs, as below. What would change that is not heeded where it was
unknown: the members of \`callOptions\` before today's versions, \`ringingTimeoutInSeconds\` in those of v1.0.

\`v1.0\` and \`beta\` are today's; the others are the documentation pages of their month, to the letter except for slips. \`2018-12\`
is the page of April 2019, too: nothing in the contract differs.`

const GUID = '8e2c41f7-90ab-4d36-b5e1-27f0c9d3a684'
const OTHER = '1b7f3d90-52c8-4e6a-a9d4-60e8b2f5c713'
const USER = { kind: 'user', id: OTHER, displayName: 'Somebody', tenantId: GUID } as const

const noon = Date.UTC(2026, 0, 1, 12)

function sampleCall(dialect: Dialect, state: Call['state']): CallView {
  return {
    call: {
      id: GUID,
      appId: OTHER,
      tenantId: GUID,
      direction: 'outgoing',
      state,
      callbackUri: 'https://bot.example/api/calls',
      scenarioId: OTHER,
      manners: mannersOf(dialect),
      source: { identity: { kind: 'application', id: OTHER } },
      targets: [{ identity: USER }],
      requestedModalities: ['audio'],
      mediaConfig: { type: 'serviceHosted' },
      participantId: OTHER,
      createdAt: noon,
      notified: 1,
      rosterSent: true,
    },
    callChainId: OTHER,
  }
}

function sampleOperation(state: Operation['state'], replaces = false): InviteOperation {
  return {
    id: OTHER,
    callId: GUID,
    type: 'inviteParticipants',
    clientContext: 'context',
    createdAt: noon,
    invitees: [
      {
        participantId: OTHER,
        identity: USER,
        hidden: false,
        ...(replaces && { replacesCallId: OTHER }),
        outcome: { name: 'joined', at: noon },
      },
    ],
    state,
  }
}

type Json = Record<string, unknown>

/** A notification as the dialect writes it: its envelope, its item, its data. */
function written(
  dialect: Dialect,
  changeType: Notification['changeType'],
  subject: NotificationSubject,
): { envelope: Json; item: Json; data: Json } {
  const notification: Notification = {
    callId: GUID,
    appId: OTHER,
    tenantId: GUID,
    number: 1,
    changeType,
    callbackUri: 'https://bot.example/api/calls',
    wireVersion: dialect.version,
    callChainId: OTHER,
    scenarioId: OTHER,
    subject,
  }
  const envelope = dialect.notifications([notification], 'https://rollcall.example')
  const [item = {}] = envelope['value'] as Json[]
  return { envelope, item, data: item['resourceData'] as Json }
}

const completed = { name: 'completed', at: noon } as const
const failed = { name: 'failed', at: noon, reasons: [{ name: 'callee-busy' }] } as const

const code = (text: unknown): string => `\`${String(text)}\``
const names = (members: readonly string[]): string => members.map(code).join(', ')
const typeOf = (json: Json): string => (json['@odata.type'] === undefined ? 'none' : code(json['@odata.type']))

/** One table: a row for each version. */
function table(heads: readonly string[], cells: (dialect: Dialect) => readonly string[]): string {
  const rows = dialects.map((dialect) => [code(dialect.version), ...cells(dialect)])
  const lines = [['version', ...heads], ['version', ...heads].map(() => '---'), ...rows]
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n')
}

const ESCALATIONS: Record<Dialect['escalation'], string> = {
  any: 'makes it a group call',
  one: 'one participant makes it a group call; several: 400, `8548`',
  never: '400, `8548`',
}

function requests(): string {
  const tableText = table(
    ['default for', 'id', 'create a call', 'answer a call', 'invite', 'invite into a peer-to-peer call'],
    (dialect) => [
      defaultFor(dialect),
      code(dialect.id(GUID)),
      `201, \`Location\`${dialect.createdBody ? ', the call' : ''}`,
      dialect.answered ? '200, an operation' : '202',
      `${dialect.inviteStatus}, \`Location\`, the operation`,
      ESCALATIONS[dialect.escalation],
    ],
  )
  return `## Answers

${tableText}

The operation in the answer to \`answer\` is a formality of ${listed((dialect) => dialect.answered !== undefined)}: no notification tells
of its end, and it cannot be read. How the answering goes on is told by the call.`
}

function defaultFor({ version }: Dialect): string {
  const paths = collections
    .filter((one) => one.version === version)
    .map(({ path }) => path.replace(':appId', '{appId}'))
  return paths.length > 0 ? names(paths) : 'pinned applications'
}

function listed(matches: (dialect: Dialect) => boolean): string {
  return names(dialects.filter(matches).map(({ version }) => version))
}

/** The members of each invitee in the answer to an invite; phones have more in some versions. */
function invitees(dialect: Dialect): string {
  const members = (operation: Operation): string => {
    const [first] = (dialect.operation(operation, '')['participants'] ?? []) as Json[]
    return first ? names(Object.keys(first)) : 'none'
  }
  const running = sampleOperation({ name: 'running' })
  const identity = { kind: 'phone', id: '+12065550150' } as const
  const phones = members({ ...running, invitees: running.invitees.map((one) => ({ ...one, identity })) })
  return members(running) === phones ? phones : `${members(running)}; of a phone ${phones}`
}

function operations(): string {
  const inBody = table(['members', '`status`', 'each of `participants`'], (dialect) => {
    const body = dialect.operation(sampleOperation({ name: 'running' }), '')
    return [names(Object.keys(body)), code(body['status']), invitees(dialect)]
  })
  const inNotification = table(['type', 'members', '`resultInfo` of a failed one'], (dialect) => {
    const data = (operation: Operation): Json => written(dialect, 'deleted', { type: 'operation', operation }).data
    const plain = data(sampleOperation(completed))
    const replacing = data(sampleOperation(completed, true))
    const outcome = data(sampleOperation(failed))['resultInfo'] as Json
    const replaced = typeOf(plain) === typeOf(replacing) ? '' : `; when it replaced a call ${typeOf(replacing)}`
    return [typeOf(plain) + replaced, names(Object.keys(plain)), names(Object.keys(outcome))]
  })
  return `## Operations of invites

In the answer to an invite, and read:

${inBody}

In the notification of its end:

${inNotification}`
}

function notifications(): string {
  const state = { name: 'established', since: noon, keepAliveBy: noon } as const
  const tableText = table(['envelope', 'item', 'locators', 'names what is told of'], (dialect) => {
    const view = sampleCall(dialect, state)
    const { envelope, item, data } = written(dialect, 'updated', { type: 'call', view, phase: 'established' })
    const locators = Object.entries(item).filter(([name]) => name === 'resource' || name === 'resourceUrl')
    return [
      typeOf(envelope),
      typeOf(item),
      locators.map(([name, value]) => `\`${name}\`: \`${shortened(value)}\``).join('<br>'),
      names(Object.keys(data).filter((name) => name === 'id' || /^@odata\.(?!type)/.test(name))),
    ]
  })
  return `## Notifications\n\n${tableText}`
}

function rosters(): string {
  const participant: Participant = {
    id: OTHER,
    identity: USER,
    party: { type: 'person', address: USER },
    state: { name: 'connected', since: noon },
    isMuted: false,
    serverMuted: false,
    hidden: false,
    locale: { region: 'westeurope', languageId: 'en-IE' },
    sourceId: 1,
    endpointType: 'default',
    audio: true,
  }
  const tableText = table(['participant', '`info`', 'a user', 'media stream'], (dialect) => {
    const subject = { type: 'roster', participants: [participant], sequenceNumber: 1 } as const
    const [row = {}] = written(dialect, 'updated', subject).data as unknown as Json[]
    const info = row['info'] as { identity: { user: Json } }
    const [stream = {}] = row['mediaStreams'] as Json[]
    return [row, info, info.identity.user, stream].map((json) => names(Object.keys(json)))
  })
  return `## Participants on a roster

${tableText}

\`region\` and \`languageId\` are what the application said of somebody when it invited them.`
}

/** A locator with its id left out. */
const shortened = (locator: unknown): string => String(locator).replace(/[^/]{32,36}$/, '{id}')

function ends(): string {
  const reason = (name: 'ended-by-bot' | 'callee-busy'): Call['state'] => ({
    name: 'terminated',
    at: noon,
    reason: { name },
  })
  const step = (dialect: Dialect, own: boolean, changeType: 'updated' | 'deleted', phase: CallPhase): string => {
    const view = sampleCall(dialect, reason(own ? 'ended-by-bot' : 'callee-busy'))
    const { data } = written(dialect, changeType, { type: 'call', view, phase })
    const members = ['terminationReason', 'resultInfo'].filter((name) => name in data)
    const rest = members.length > 0 ? ` with ${names(members)}` : ''
    return `${code(changeType)} ${data['state'] === undefined ? 'without a state' : code(data['state'])}${rest}`
  }
  const tableText = table(['the application hung up', 'anything else'], (dialect) => {
    const steps = (own: boolean): string[] =>
      dialect.end === 'terminated'
        ? [step(dialect, own, 'updated', 'terminated'), step(dialect, own, 'deleted', 'gone')]
        : [...(own ? [step(dialect, own, 'updated', 'terminating')] : []), step(dialect, own, 'deleted', 'terminated')]
    return [steps(true).join(', then '), steps(false).join(', then ')]
  })
  return `## The end of a call

${tableText}

A call that an invite replaced ends without the application's hang-up, so that nothing announces it; its \`terminationReason\`, where there
is one, is \`AppInitiated\` all the same. An incoming call that the application rejected is only \`deleted\`, without a state, in every version.`
}

/** The page as Markdown. */
export function versionsPage(): string {
  return `${[INTRODUCTION, requests(), operations(), notifications(), rosters(), ends()].join('\n\n')}\n`
}
