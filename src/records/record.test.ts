import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call } from '../calls/call.ts'
import type { Conversation } from '../calls/conversation.ts'
import type { Event } from '../calls/events.ts'
import type { Identity } from '../calls/identity.ts'
import type { Moment } from './legs.ts'
import { phoneCallsOf } from './phone-calls.ts'
import type { CallRecord, Session } from './record.ts'
import { mergeRecords, recordOf } from './record.ts'

const bot: Identity = { kind: 'application', id: 'bot', tenantId: 'tenant' }
const ada: Identity = { kind: 'user', id: 'ada' }
const ben: Identity = { kind: 'user', id: 'ben' }
const phone: Identity = { kind: 'phone', id: '+12065550150' }

const call = (id: string, more: Partial<Call> = {}): Call => ({
  id,
  appId: 'bot',
  tenantId: 'tenant',
  direction: 'outgoing',
  state: { name: 'terminated', at: 0, reason: { name: 'ended-by-bot' } },
  callbackUri: '',
  scenarioId: '',
  manners: { wireVersion: 'v1.0', end: 'terminating' },
  source: { identity: bot },
  targets: [],
  requestedModalities: ['audio', 'video', 'unknown'],
  mediaConfig: { type: 'none' },
  participantId: `leg of ${id}`,
  createdAt: 0,
  notified: 0,
  rosterSent: false,
  ...more,
})

const ended = (more: Partial<Conversation> = {}): Conversation => ({
  id: 'conversation',
  tenantId: 'tenant',
  mode: 'peerToPeer',
  callChainId: 'chain',
  createdAt: 0,
  endBy: 1e6,
  endedAt: 100,
  calls: [call('c')],
  participants: [],
  invitations: [],
  operations: [],
  audioRoutingGroups: [],
  departures: [],
  departed: [],
  arrivals: [],
  recordings: [],
  rosterSequence: 0,
  nextSourceId: 1,
  ...more,
})

const at = (moment: number, ...events: readonly Event[]): Moment => ({ at: moment, events })
const created = (mode: Conversation['mode'], direction: Call['direction'] = 'outgoing', callId = 'c'): Event => ({
  type: 'CallCreated',
  callId,
  appId: 'bot',
  direction,
  mode,
})
const established = (callId = 'c'): Event => ({
  type: 'CallStateChanged',
  callId,
  from: 'establishing',
  to: 'established',
})
type Reason = 'ended-by-bot' | 'callee-busy' | 'keepalive-timeout' | 'left' | 'rejected-by-bot' | 'caller-cancelled'
const over = (name: Reason, callId = 'c'): Event => ({
  type: 'CallStateChanged',
  callId,
  from: 'established',
  to: 'terminated',
  reason: { name },
})
const rung = (identity: Identity): Event => ({ type: 'InviteeRung', participantId: identity.id, identity })
const joined = (identity: Identity, lobby = false): Event => ({
  type: 'ParticipantJoined',
  participantId: identity.id,
  identity,
  lobby,
})
const failed = (identity: Identity, name: Reason): Event => ({
  type: 'InviteeFailed',
  participantId: identity.id,
  identity,
  reason: { name },
})
const left = (identity: Identity, name: Reason = 'left'): Event => ({
  type: 'ParticipantLeft',
  participantId: identity.id,
  identity,
  reason: { name },
})
const END: Event = { type: 'ConversationEnded' }

function record(conversation: Conversation, ...moments: readonly Moment[]): CallRecord {
  const made = recordOf(conversation, moments, 100)
  assert.ok(made)
  return made
}

/** A session in a line: who with whom, when it began, was connected and ended, and why it failed. */
function line({ caller, callee, startedAt, connectedAt, endedAt, failure }: Session): string {
  const name = ({ identity }: Session['caller']): string => identity?.id ?? 'conference'
  const times = [startedAt, connectedAt ?? '-', endedAt].join(' ')
  return `${name(caller)} > ${name(callee)}: ${times}${failure ? `; ${failure.stage}: ${failure.reason}` : ''}`
}

const lines = ({ sessions }: CallRecord): string[] => sessions.map(line)

test('a peer-to-peer call has one session between its two sides', () => {
  const made = record(
    ended(),
    at(0, created('peerToPeer'), rung(ada)),
    at(10, established(), joined(ada)),
    at(100, over('ended-by-bot'), left(ada), END),
  )
  assert.deepEqual(lines(made), ['bot > ada: 0 10 100'])
  assert.deepEqual(
    made.sessions[0]?.segments.map(({ startedAt, endedAt }) => [startedAt, endedAt]),
    [[10, 100]],
  )
  const { id, type, version, modalities, organizer, participants } = made
  assert.deepEqual(
    { id, type, version, modalities },
    {
      id: 'chain',
      type: 'peerToPeer',
      version: 1,
      modalities: ['audio', 'video'],
    },
  )
  assert.deepEqual([organizer, participants], [bot, [bot, ada]])
})

test('what somebody showed is in their session', () => {
  const shows: Event = { type: 'CameraChanged', participantId: 'ada', shown: true }
  const presents: Event = { type: 'ScreenSharingChanged', participantId: 'ada', sharing: true }
  const hides: Event = { type: 'CameraChanged', participantId: 'ada', shown: false }
  const made = record(
    ended({ mode: 'group' }),
    at(0, created('group'), rung(ada)),
    at(10, established(), joined(ada)),
    at(20, shows, presents),
    at(30, hides),
    at(100, over('ended-by-bot'), left(ada), END),
  )
  const ofAda = made.sessions.find(({ callee, caller }) =>
    [callee, caller].some(({ identity }) => identity?.id === 'ada'),
  )
  assert.deepEqual(ofAda?.modalities, ['audio', 'video', 'videoBasedScreenSharing'])
})

const peerToPeer: readonly (readonly [string, Conversation, readonly Moment[], string])[] = [
  [
    'an outgoing call that is not taken',
    ended(),
    [at(0, created('peerToPeer'), rung(ada)), at(100, failed(ada, 'callee-busy'), over('callee-busy'), END)],
    'bot > ada: 0 - 100; callSetup: The user is busy (486/8539).',
  ],
  [
    'a call that ends of its own',
    ended(),
    [
      at(0, created('peerToPeer'), rung(ada)),
      at(10, established(), joined(ada)),
      at(100, over('keepalive-timeout'), left(ada, 'keepalive-timeout'), END),
    ],
    'bot > ada: 0 10 100; midcall: No keepAlive arrived in time (408/8537).',
  ],
  [
    'an incoming call that is answered',
    ended({ calls: [call('c', { direction: 'incoming', targets: [{ identity: bot }] })] }),
    [
      at(0, created('peerToPeer', 'incoming')),
      at(10, joined(ada), established()),
      at(100, over('ended-by-bot'), left(ada), END),
    ],
    'ada > bot: 0 10 100',
  ],
  [
    'an incoming call that is rejected',
    ended({ calls: [call('c', { direction: 'incoming', targets: [{ identity: bot }] })] }),
    [at(0, created('peerToPeer', 'incoming')), at(100, over('rejected-by-bot'), left(ada, 'rejected-by-bot'), END)],
    'ada > bot: 0 - 100; callSetup: The application rejected the call (603/8538).',
  ],
  [
    'a caller who gives up',
    ended({ calls: [call('c', { direction: 'incoming', targets: [{ identity: bot }] })] }),
    [at(0, created('peerToPeer', 'incoming')), at(100, left(ada), over('caller-cancelled'), END)],
    'ada > bot: 0 - 100; callSetup: The caller gave up before it was answered (487/8542).',
  ],
]

for (const [name, conversation, moments, expected] of peerToPeer) {
  test(`peer-to-peer: ${name}`, () => assert.deepEqual(lines(record(conversation, ...moments)), [expected]))
}

test('a call of two people has whoever rang as its caller, whoever was heard of first', () => {
  const { organizer, sessions } = record(
    ended({ calls: [] }),
    at(0, { type: 'InviteeRung', participantId: 'ben', identity: ben }),
    at(10, { type: 'ParticipantJoined', participantId: 'ben', identity: ben, lobby: false }),
    at(11, { type: 'ParticipantJoined', participantId: 'ada', identity: ada, lobby: false }),
    at(100, { type: 'ParticipantLeft', participantId: 'ada', identity: ada, reason: { name: 'left' } }),
    at(100, { type: 'ParticipantLeft', participantId: 'ben', identity: ben, reason: { name: 'ended-by-peer' } }),
  )
  assert.deepEqual([organizer, sessions.length], [ada, 1])
  assert.deepEqual([sessions[0]?.caller.identity, sessions[0]?.callee.identity, sessions[0]?.startedAt], [ada, ben, 0])
})

test('in a group call each leg has a session with the conference, tried ones too, in its own direction', () => {
  const made = record(
    ended({ mode: 'group' }),
    at(0, created('group'), rung(ada), rung(ben)),
    at(10, joined(ada), established()),
    at(20, failed(ben, 'callee-busy')),
    at(30, joined(phone)),
    at(40, left(phone)),
    at(50, { type: 'MoveAsked', participantId: 'moved', identity: ben, fromCallId: 'k' }),
    at(60, { type: 'ParticipantJoined', participantId: 'moved', identity: ben, lobby: false }),
    at(100, over('ended-by-bot'), left(ada), END),
  )
  assert.deepEqual(lines(made), [
    'bot > conference: 0 10 100',
    'conference > ada: 0 10 100',
    'conference > ben: 0 - 20; callSetup: The user is busy (486/8539).',
    '+12065550150 > conference: 30 30 40',
    'conference > ben: 50 60 100',
  ])
  assert.deepEqual(made.participants, [bot, ada, ben, phone])
})

test('whoever never got out of the lobby never came in', () => {
  const made = record(
    ended({ mode: 'meeting', meetingInfo: { organizer: ada } }),
    at(0, created('meeting')),
    at(1, established()),
    at(5, joined(ben, true)),
    at(9, left(ben)),
    at(10, joined(phone, true)),
    at(20, { type: 'ParticipantAdmitted', participantId: phone.id, identity: phone }),
    at(100, left(phone), over('ended-by-bot'), END),
  )
  assert.deepEqual(lines(made), [
    'bot > conference: 0 1 100',
    'ben > conference: 5 - 9; callSetup: They left (200/4097).',
    '+12065550150 > conference: 10 20 100',
  ])
  assert.deepEqual(made.organizer, ada)
})

test('the legs of an escalated call have a segment with each other and one with the conference', () => {
  const made = record(
    ended({ mode: 'group' }),
    at(0, created('peerToPeer'), rung(ada)),
    at(10, established(), joined(ada)),
    at(50, { type: 'Escalated', callId: 'c' }, rung(ben)),
    at(60, joined(ben)),
    at(100, over('ended-by-bot'), END),
  )
  assert.equal(made.type, 'groupCall')
  const segments = made.sessions.map((session) => session.segments.map((one) => line({ ...session, ...one })))
  assert.deepEqual(segments, [
    ['bot > ada: 10 10 50', 'bot > conference: 50 10 100'],
    ['bot > ada: 10 10 50', 'conference > ada: 50 10 100'],
    ['conference > ben: 60 60 100'],
  ])
  for (const { segments: own } of made.sessions) assert.equal(new Set(own.map(({ id }) => id)).size, own.length)
})

test('a meeting that begins anew has a record of its new session only', () => {
  const made = record(
    ended({ mode: 'meeting', calls: [call('old'), call('c')] }),
    at(0, created('meeting', 'outgoing', 'old'), joined(ada)),
    at(9, left(ada), over('ended-by-bot', 'old'), END),
    at(50, created('meeting')),
    at(60, established()),
    at(100, over('ended-by-bot'), END),
  )
  assert.deepEqual(lines(made), ['bot > conference: 50 60 100'])
  assert.equal(made.startedAt, 50)
})

test('a later call of the same chain makes a newer version; the same one again changes nothing but the version', () => {
  const first = record(ended(), at(0, created('peerToPeer'), rung(ada)), at(100, failed(ada, 'callee-busy'), END))
  const moments = [at(200, created('group'), rung(ben)), at(300, failed(ben, 'callee-busy'), END)]
  const second = record(ended({ id: 'second', mode: 'group', endedAt: 300 }), ...moments)
  const merged = mergeRecords(first, second, 100)
  assert.deepEqual(
    [merged.version, merged.type, merged.startedAt, merged.endedAt, merged.sessions.length],
    [2, 'groupCall', 0, 300, 3],
  )
  assert.deepEqual({ ...mergeRecords(merged, second, 100), version: 2 }, merged)
})

test('a record holds as many sessions as it may', () => {
  const moments = [at(0, created('group'), rung(ada), rung(ben)), at(100, END)]
  assert.equal(recordOf(ended({ mode: 'group' }), moments, 2)?.sessions.length, 2)
})

test('nothing that happened makes no record', () => {
  assert.equal(recordOf(ended(), [at(100, END)], 100), undefined)
})

test('the telephone log has the legs of phones, and no bot that was reached by its number', () => {
  const line = { kind: 'phone', id: '+12065550100' } as const
  const made = record(
    ended({
      mode: 'group',
      calls: [call('c'), call('d', { appId: 'other', direction: 'incoming', targets: [{ identity: line }] })],
    }),
    at(0, created('group'), rung(phone), created('group', 'incoming', 'd')),
    at(10, joined(phone), established()),
    at(100, left(phone), over('ended-by-bot'), END),
  )
  const { id } = phone
  assert.deepEqual(
    phoneCallsOf(made, () => '+12065550101'),
    [
      {
        id,
        recordId: 'chain',
        direction: 'outbound',
        number: id,
        ownNumber: '+12065550101',
        startedAt: 0,
        endedAt: 100,
        duration: 90,
      },
    ],
  )
})
