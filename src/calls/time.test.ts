/** Longest duration, restarts, and what is forgotten when. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextDeadline } from './conversation.ts'
import { readableOperations } from './draft.ts'
import { HOUR, MINUTE, START, Scene, a, ann, answer, arrows, b, bob, calls, connects, create } from './scene.suite.ts'
import { cyd, enters, fails, hangUp, invite, invitee, join, keepAlive, later, mediaUp } from './scene.suite.ts'
import { application, leaves, open, resumed, rules, wake } from './scene.suite.ts'

const short = { ...open, maxCallDuration: 40 * MINUTE, ringTimeout: HOUR, lobbyTimeout: HOUR }
const group = [create(a, [invitee(ann), invitee(bob)]), connects(ann), connects(bob)]

arrows(
  [
    [
      'peer-to-peer --longest duration--> terminated 200/5003',
      [create(a, [invitee(ann)]), connects(ann)],
      later(40 * MINUTE, wake),
      {
        state: 'peerToPeer; A terminated call-ended; over',
        told: ['A deleted terminated 200/5003'],
        effects: ['DropLeg ann call-ended'],
      },
    ],
    [
      'group, somebody ringing and somebody in the lobby --longest duration--> everything ends',
      [
        ...group,
        invite(a, 'op', [invitee(cyd)]),
        enters({ ...cyd, name: 'dan', identity: { kind: 'user', id: 'dan' } }, { lobby: true }),
      ],
      later(40 * MINUTE, wake),
      {
        state: 'group; A terminated call-ended; op failed; over',
        told: ['A deleted op failed 487/8542', 'A deleted terminated 200/5003'],
        effects: [
          'DropLeg cyd caller-cancelled',
          'DropLeg ann call-ended',
          'DropLeg bob call-ended',
          'DropLeg dan call-ended',
        ],
      },
    ],
    [
      'group without an application --longest duration--> over',
      [...group, hangUp(a)],
      later(40 * MINUTE, wake),
      {
        state: 'group; A terminated ended-by-bot; over',
        effects: ['DropLeg ann call-ended', 'DropLeg bob call-ended'],
      },
    ],
    [
      'group of two applications --longest duration--> both terminated 200/5003',
      [...group, invite(a, 'op', [application(b)]), answer(b), mediaUp(b), leaves(ann), leaves(bob)],
      later(40 * MINUTE, wake),
      {
        state: 'group; A terminated call-ended; B terminated call-ended; over',
        told: ['A deleted terminated 200/5003', 'B deleted terminated 200/5003'],
      },
    ],
    [
      'meeting with two applications --longest duration--> both terminated',
      [join(a), mediaUp(a), join(b), mediaUp(b)],
      later(40 * MINUTE, wake),
      {
        state: 'meeting; A terminated call-ended; B terminated call-ended; over',
        told: ['A deleted terminated 200/5003', 'B deleted terminated 200/5003'],
      },
    ],
  ],
  short,
)

arrows([
  [
    'establishing, a target rings --restart--> it is rung again, the call waits for it',
    [create(a, [invitee(ann)])],
    resumed,
    { state: 'peerToPeer; A establishing; ringing ann', effects: ['Ring ann for app-a'] },
  ],
  [
    'incoming --restart--> incoming, the caller is looked after',
    [calls(ann, a)],
    resumed,
    { state: 'peerToPeer; A incoming; in ann(calling)', effects: ['WatchLeg ann'] },
  ],
  [
    'establishing --restart--> its media is asked for again',
    [calls(ann, a), answer(a)],
    resumed,
    { state: 'peerToPeer; A establishing; in ann(calling)', effects: ['ConnectCall A', 'WatchLeg ann'] },
  ],
  [
    'meeting being joined --restart--> its media is asked for again',
    [join(a)],
    resumed,
    { state: 'meeting; A establishing', effects: ['ConnectCall A'] },
  ],
  [
    'over --restart--> over',
    [create(a, [invitee(ann)]), fails(ann)],
    resumed,
    { state: 'peerToPeer; A terminated callee-busy; over' },
  ],
  [
    'a finished operation --after its retention--> forgotten',
    [...group, invite(a, 'op', [invitee(cyd)]), fails(cyd)],
    later(rules.operationRetention + 1, keepAlive(a)),
    { state: 'group; A established; in ann a bob' },
  ],
  [
    'the tombstone of a call --after its retention--> forgotten',
    [
      join(a),
      mediaUp(a),
      join(b),
      mediaUp(b),
      hangUp(a),
      later(30 * MINUTE, keepAlive(b)),
      later(30 * MINUTE, keepAlive(b)),
    ],
    later(1, keepAlive(b)),
    { state: 'meeting; B established; in b' },
  ],
])

test('a command for a conversation that does not exist is refused', () => {
  assert.deepEqual(new Scene().decide('nowhere', wake), { ok: false, error: { name: 'callNotFound' } })
})

test('the next deadline is the earliest of what waits, and none when all is over', () => {
  const scene = new Scene()
  scene.do('here', create(a, [invitee(ann), invitee(bob)]))
  const deadline = (): number | undefined => {
    const conversation = scene.conversations.get('here')
    const next = conversation && nextDeadline(conversation)
    return next === undefined ? undefined : next - START
  }
  assert.equal(deadline(), rules.ringTimeout)
  scene.do('here', connects(ann))
  scene.do('here', connects(bob))
  assert.equal(deadline(), rules.keepAliveTimeout)
  scene.do('here', enters(cyd, { lobby: true }))
  assert.equal(deadline(), rules.lobbyTimeout)
  scene.do('here', hangUp(a))
  scene.now += rules.lobbyTimeout
  scene.do('here', wake)
  assert.equal(deadline(), rules.maxCallDuration)
  scene.now = START + rules.maxCallDuration
  scene.do('here', wake)
  assert.equal(deadline(), undefined)
})

test('an operation is readable while it runs and for its retention after', () => {
  const scene = new Scene()
  for (const command of [...group, invite(a, 'op', [invitee(cyd)])]) scene.do('here', command)
  const { conversation } = scene.do('here', fails(cyd))
  const readable = (after: number): number => readableOperations(conversation, a.callId, START + after, rules).length
  assert.equal(readable(rules.operationRetention), 1)
  assert.equal(readable(rules.operationRetention + 1), 0)
  assert.equal(readableOperations(conversation, b.callId, START, rules).length, 0)
})
