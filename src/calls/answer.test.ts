/** A person or phone calls an application: answer, reject, time-outs, undeliverable notifications, callers who give up. */
import { a, ann, answer, arrows, b, calls, connects, delivered, desk, fails, hangUp, keepAlive } from './scene.suite.ts'
import { MINUTE, SECOND, later, leaves, mediaUp, picksUp, reject, rules, undelivered, wake } from './scene.suite.ts'

const annCalls = calls(ann, a)
const answered = [annCalls, answer(a), mediaUp(a), connects(ann)]

arrows([
  [
    'nothing --a person calls--> incoming',
    [],
    annCalls,
    { state: 'peerToPeer; A incoming; in ann(calling)', told: ['A created incoming'] },
  ],
  [
    'incoming --answer--> establishing',
    [annCalls],
    answer(a),
    {
      state: 'peerToPeer; A establishing; in ann(calling)',
      told: ['A updated establishing'],
      effects: ['ConnectCall A'],
    },
  ],
  [
    "establishing --own media up--> establishing, the caller's media follows",
    [annCalls, answer(a)],
    mediaUp(a),
    { state: 'peerToPeer; A establishing; in ann(calling)', effects: ['ConnectLeg ann'] },
  ],
  [
    'establishing --media of both up--> established',
    [annCalls, answer(a), mediaUp(a)],
    connects(ann),
    { state: 'peerToPeer; A established; in ann a', told: ['A updated established'] },
  ],
  [
    "establishing --the caller's media up first--> established",
    [annCalls, answer(a)],
    connects(ann),
    { state: 'peerToPeer; A established; in ann a', told: ['A updated established'] },
  ],
  [
    'incoming --a caller picks up, which means nothing--> incoming',
    [annCalls],
    picksUp(ann),
    { state: 'peerToPeer; A incoming; in ann(calling)' },
  ],
  [
    'establishing --answer again--> refused',
    [annCalls, answer(a)],
    answer(a),
    { refused: { name: 'callNotIncoming', state: 'establishing', action: 'answer' } },
  ],
  [
    'incoming --another application answers--> refused as if there were no such call',
    [annCalls],
    { ...answer(b), callId: a.callId },
    { refused: { name: 'callNotFound' } },
  ],
  [
    'incoming --reject--> terminated, and the end carries no state',
    [annCalls],
    reject(a),
    {
      state: 'peerToPeer; A terminated rejected-by-bot; over',
      told: ['A deleted gone'],
      effects: ['DropLeg ann rejected-by-bot'],
    },
  ],
  [
    'incoming --reject as busy--> terminated',
    [annCalls],
    reject(a, 'busy'),
    {
      state: 'peerToPeer; A terminated busy-bot; over',
      told: ['A deleted gone'],
      effects: ['DropLeg ann busy-bot'],
    },
  ],
  [
    'incoming --reject as forbidden--> terminated',
    [annCalls],
    reject(a, 'forbidden'),
    {
      state: 'peerToPeer; A terminated forbidden-by-bot; over',
      told: ['A deleted gone'],
      effects: ['DropLeg ann forbidden-by-bot'],
    },
  ],
  [
    'established --reject--> refused',
    answered,
    reject(a),
    { refused: { name: 'callNotIncoming', state: 'established', action: 'reject' } },
  ],
  [
    'terminated --answer--> refused, with the reason of the end',
    [annCalls, reject(a, 'busy')],
    later(SECOND, answer(a)),
    { refused: { name: 'callEnded', at: Date.UTC(2026, 0, 1), reason: { name: 'busy-bot' } } },
  ],
  [
    'incoming --no answer in time--> terminated 408/8587',
    [annCalls],
    later(rules.answerTimeout, wake),
    {
      state: 'peerToPeer; A terminated answer-timeout; over',
      told: ['A deleted terminated 408/8587'],
      effects: ['DropLeg ann answer-timeout'],
    },
  ],
  [
    'incoming --wake too early--> incoming',
    [annCalls],
    later(rules.answerTimeout - 1, wake),
    { state: 'peerToPeer; A incoming; in ann(calling)' },
  ],
  [
    'incoming --not delivered yet--> incoming',
    [annCalls],
    undelivered(a, false),
    { state: 'peerToPeer; A incoming; in ann(calling)' },
  ],
  [
    'incoming --not delivered in time--> terminated 503/8610',
    [annCalls, undelivered(a, false)],
    later(rules.answerTimeout, wake),
    {
      state: 'peerToPeer; A terminated callback-unreachable; over',
      told: ['A deleted terminated 503/8610'],
      effects: ['DropLeg ann callback-unreachable'],
    },
  ],
  [
    'incoming --never to be delivered--> terminated 503/8610',
    [annCalls],
    undelivered(a, true),
    {
      state: 'peerToPeer; A terminated callback-unreachable; over',
      told: ['A deleted terminated 503/8610'],
      effects: ['DropLeg ann callback-unreachable'],
    },
  ],
  [
    'incoming --delivered after all, then no answer--> terminated 408/8587',
    [annCalls, undelivered(a, false), delivered(a)],
    later(rules.answerTimeout, wake),
    {
      state: 'peerToPeer; A terminated answer-timeout; over',
      told: ['A deleted terminated 408/8587'],
      effects: ['DropLeg ann answer-timeout'],
    },
  ],
  [
    'establishing --a late word that it was not delivered--> establishing',
    [annCalls, answer(a)],
    undelivered(a, true),
    { state: 'peerToPeer; A establishing; in ann(calling)' },
  ],
  [
    'incoming --the caller gives up--> terminated',
    [annCalls],
    leaves(ann),
    { state: 'peerToPeer; A terminated caller-cancelled; over', told: ['A deleted terminated 487/8542'] },
  ],
  [
    'establishing --the caller gives up--> terminated',
    [annCalls, answer(a)],
    leaves(ann),
    { state: 'peerToPeer; A terminated caller-cancelled; over', told: ['A deleted terminated 487/8542'] },
  ],
  [
    "establishing --the caller's media fails--> terminated",
    [annCalls, answer(a), mediaUp(a)],
    fails(ann, 'media-failed'),
    { state: 'peerToPeer; A terminated media-failed; over', told: ['A deleted terminated 410/301004'] },
  ],
  [
    'established --the calling phone hangs up--> terminated',
    [calls(desk, a), answer(a), mediaUp(a), connects(desk)],
    leaves(desk),
    { state: 'peerToPeer; A terminated ended-by-pstn-caller; over', told: ['A deleted terminated 200/540000'] },
  ],
  [
    'established --the caller hangs up--> terminated',
    answered,
    leaves(ann),
    { state: 'peerToPeer; A terminated ended-by-peer; over', told: ['A deleted terminated 200/4521'] },
  ],
  [
    'incoming --hang up--> terminated',
    [annCalls],
    hangUp(a),
    {
      state: 'peerToPeer; A terminated ended-by-bot; over',
      told: ['A updated terminating', 'A deleted terminated 200/7000'],
      effects: ['DropLeg ann ended-by-bot'],
    },
  ],
])

arrows([
  ['established --keepAlive--> established', answered, keepAlive(a), { state: 'peerToPeer; A established; in ann a' }],
  [
    'establishing --keepAlive--> establishing',
    [annCalls, answer(a)],
    keepAlive(a),
    { state: 'peerToPeer; A establishing; in ann(calling)' },
  ],
  [
    'incoming --keepAlive--> refused',
    [annCalls],
    keepAlive(a),
    { refused: { name: 'callNotKeepable', state: 'incoming' } },
  ],
  [
    'established --no keepAlive in time--> terminated 408/8537',
    answered,
    later(rules.keepAliveTimeout, wake),
    {
      state: 'peerToPeer; A terminated keepalive-timeout; over',
      told: ['A deleted terminated 408/8537'],
      effects: ['DropLeg ann keepalive-timeout'],
    },
  ],
  [
    'established --keepAlive, then the first deadline--> established',
    [...answered, later(30 * MINUTE, keepAlive(a))],
    later(15 * MINUTE, wake),
    { state: 'peerToPeer; A established; in ann a' },
  ],
  [
    'established --keepAlive, then the second deadline--> terminated 408/8537',
    [...answered, later(30 * MINUTE, keepAlive(a))],
    later(45 * MINUTE, wake),
    {
      state: 'peerToPeer; A terminated keepalive-timeout; over',
      told: ['A deleted terminated 408/8537'],
      effects: ['DropLeg ann keepalive-timeout'],
    },
  ],
])
