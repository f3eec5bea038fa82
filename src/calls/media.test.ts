/** Every arrow of media operations: the queue, its ends, tones and hold music. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  cancelMedia,
  hold,
  mediaDone,
  play,
  presses,
  record,
  sendTones,
  subscribe,
  unhold,
} from './media-scene.suite.ts'
import type { Step } from './scene.suite.ts'
import { MINUTE, SECOND, Scene, answer, arrows, bot, calls, connects, create, enters, hangUp } from './scene.suite.ts'
import { invite, invitee, join, keepAlive, later, leaves, mediaUp, old, remove, resumed } from './scene.suite.ts'
import { user, wake } from './scene.suite.ts'

const a = bot('a')
const b = bot('b')
const [ann, ben, cyd] = [user('ann'), user('ben'), user('cyd')]

/** A peer-to-peer call with ann, established. */
const pair: readonly Step[] = [create(a, [invitee(ann)]), connects(ann)]
/** A group call with ann and ben, established. */
const group: readonly Step[] = [create(a, [invitee(ann), invitee(ben)]), connects(ann), connects(ben)]

describe('playPrompt, recordResponse and sendDtmfTones', () => {
  arrows([
    [
      'the first starts at once',
      pair,
      play(a, 'P'),
      { state: 'peerToPeer; A established; in ann a; P running', effects: ['StartMedia P play'] },
    ],
    [
      'another waits for the one before it',
      [...pair, play(a, 'P')],
      record(a, 'R'),
      { state: 'peerToPeer; A established; in ann a; P running; R running' },
    ],
    [
      'the next one starts when one has ended',
      [...pair, play(a, 'P'), record(a, 'R'), sendTones(a, 'S')],
      mediaDone(a, 'P'),
      {
        state: 'peerToPeer; A established; in ann a; P completed; R running; S running',
        told: ['A deleted P completed 200/0'],
        effects: ['StartMedia R record'],
      },
    ],
    [
      'one that failed lets the next one go on',
      [...pair, play(a, 'P'), play(a, 'Q')],
      mediaDone(a, 'P', 'prompt-bad-format'),
      {
        state: 'peerToPeer; A established; in ann a; P failed; Q running',
        told: ['A deleted P failed 400/8535'],
        effects: ['StartMedia Q play'],
      },
    ],
    [
      'tones that failed are completed all the same',
      [...pair, sendTones(a, 'S')],
      mediaDone(a, 'S', 'media-receive-timeout'),
      { state: 'peerToPeer; A established; in ann a; S completed', told: ['A deleted S completed 500/8513'] },
    ],
    [
      'a report that comes late or early changes nothing',
      [...pair, play(a, 'P'), play(a, 'Q'), mediaDone(a, 'P')],
      mediaDone(a, 'P'),
      { state: 'peerToPeer; A established; in ann a; P completed; Q running' },
    ],
    [
      'what has not begun cannot have ended',
      [...pair, play(a, 'P'), play(a, 'Q')],
      mediaDone(a, 'Q'),
      { state: 'peerToPeer; A established; in ann a; P running; Q running' },
    ],
    [
      'the queue has a bound',
      [...pair, ...['P', 'Q', 'R', 'S', 'T'].map((id) => play(a, id))],
      play(a, 'U'),
      { refused: { name: 'tooManyMediaOperations', limit: 5 } },
    ],
    [
      'not before the call is established',
      [create(a, [invitee(ann)])],
      play(a, 'P'),
      { refused: { name: 'callNotEstablished', state: 'establishing' } },
    ],
    [
      'not by an application that hosts its media itself',
      [create(a, [invitee(ann)], { mediaConfig: { type: 'appHosted' } }), connects(ann)],
      play(a, 'P'),
      { refused: { name: 'wrongMediaMode', mode: 'appHosted' } },
    ],
    ['not by another application', pair, play({ ...b, callId: 'A' }, 'P'), { refused: { name: 'callNotFound' } }],
    [
      'a call that becomes a group call plays on',
      [...pair, play(a, 'P')],
      invite(a, 'O', [invitee(ben)]),
      {
        state: 'group; A established; in ann a; ringing ben; P running; O running',
        effects: ['Ring ben for app-a'],
      },
    ],
  ])
})

describe('barge-in and cancelMediaProcessing', () => {
  arrows([
    [
      'a recording that may barge in pushes prompts and recordings aside, not tones',
      [...pair, play(a, 'P'), sendTones(a, 'S'), record(a, 'Q')],
      record(a, 'R', { bargeInAllowed: true }),
      {
        state: 'peerToPeer; A established; in ann a; P failed; S running; Q failed; R running',
        told: ['A deleted P failed 400/8508', 'A deleted Q failed 400/8508'],
        effects: ['StopMedia P cancelled', 'StartMedia S sendTones'],
      },
    ],
    [
      'a recording that may not waits',
      [...pair, play(a, 'P', { loop: true })],
      record(a, 'R'),
      { state: 'peerToPeer; A established; in ann a; P running; R running' },
    ],
    [
      'cancelling ends what runs and what waits, each with its own notification',
      [...pair, play(a, 'P', { loop: true }), record(a, 'R'), sendTones(a, 'S')],
      cancelMedia(a, 'C'),
      {
        state: 'peerToPeer; A established; in ann a; P failed; R failed; S completed; C completed',
        told: ['A deleted P failed 400/8508', 'A deleted R failed 400/8508', 'A deleted S completed 400/8508'],
        effects: ['StopMedia P cancelled'],
      },
    ],
    [
      'cancelling nothing is done at once',
      pair,
      cancelMedia(a, 'C'),
      { state: 'peerToPeer; A established; in ann a; C completed' },
    ],
    [
      'a prompt looped for ever has no deadline',
      [...pair, play(a, 'P', { loop: true }), later(40 * MINUTE, keepAlive(a))],
      later(40 * MINUTE, wake),
      { state: 'peerToPeer; A established; in ann a; P running' },
    ],
  ])
})

describe('the end of the call ends its media, before it is told of', () => {
  const ended = 'peerToPeer; A terminated ended-by-peer; P completed; R failed; over'
  arrows([
    [
      'the caller hangs up during a recording: what was heard is kept, what waits is not done',
      [...pair, record(a, 'P'), play(a, 'R')],
      leaves(ann),
      {
        state: ended,
        told: ['A deleted P completed 200/0', 'A deleted R failed 400/8508', 'A deleted terminated 200/4521'],
        effects: ['StopMedia P callEnded'],
      },
    ],
    [
      'the application hangs up',
      [...pair, play(a, 'P')],
      hangUp(a),
      {
        state: 'peerToPeer; A terminated ended-by-bot; P failed; over',
        told: ['A updated terminating', 'A deleted P failed 400/8508', 'A deleted terminated 200/7000'],
        effects: ['StopMedia P cancelled', 'DropLeg ann ended-by-bot'],
      },
    ],
    [
      'in the versions of two steps the operations end before both',
      [create(a, [invitee(ann)], { manners: old }), connects(ann), play(a, 'P')],
      leaves(ann),
      {
        state: 'peerToPeer; A terminated ended-by-peer; P failed; over',
        told: ['A deleted P failed 400/8508', 'A updated terminated 200/4521', 'A deleted gone'],
        effects: ['StopMedia P cancelled'],
      },
    ],
    [
      'of two applications only the one that leaves is concerned',
      [join(a), mediaUp(a), join(b), mediaUp(b), enters(ann), play(a, 'P'), play(b, 'Q')],
      hangUp(a),
      {
        state: 'meeting; A terminated ended-by-bot; B established; in b ann; P failed; Q running',
        told: [
          'A updated terminating',
          'A deleted P failed 400/8508',
          'A deleted terminated 200/7000',
          'B updated roster b ann',
        ],
        effects: ['StopMedia P cancelled'],
      },
    ],
    [
      'no keepAlive',
      [...pair, play(a, 'P', { loop: true })],
      later(45 * MINUTE, wake),
      {
        state: 'peerToPeer; A terminated keepalive-timeout; P failed; over',
        told: ['A deleted P failed 400/8508', 'A deleted terminated 408/8537'],
        effects: ['StopMedia P cancelled', 'DropLeg ann keepalive-timeout'],
      },
    ],
  ])

  test('the recording of a call that ended is the one that was asked for', () => {
    const scene = new Scene()
    for (const command of [create(a, [invitee(ann)]), connects(ann), record(a, 'R')]) scene.do('here', command)
    const { notifications } = scene.do('here', leaves(ann))
    const [first] = notifications
    assert.equal(first?.subject.type, 'operation')
    assert.deepEqual(first.subject.operation.type === 'record' && first.subject.operation.task.type, 'record')
    assert.deepEqual(first.subject.operation.state, {
      name: 'completed',
      at: scene.now,
      reason: { name: 'record-call-ended' },
    })
  })
})

describe('a media engine that says nothing, and restarts', () => {
  arrows([
    [
      'a prompt fails in the end, and the next one starts',
      [...pair, play(a, 'P'), play(a, 'Q')],
      later(20 * MINUTE, wake),
      {
        state: 'peerToPeer; A established; in ann a; P failed; Q running',
        told: ['A deleted P failed 500/8511'],
        effects: ['StopMedia P cancelled', 'StartMedia Q play'],
      },
    ],
    [
      'a recording too',
      [...pair, record(a, 'R')],
      later(20 * MINUTE, wake),
      {
        state: 'peerToPeer; A established; in ann a; R failed',
        told: ['A deleted R failed 500/8513'],
        effects: ['StopMedia R cancelled'],
      },
    ],
    [
      'after a restart what ran is asked for again, and what waited waits',
      [...pair, play(a, 'P'), play(a, 'Q')],
      later(SECOND, resumed),
      {
        state: 'peerToPeer; A established; in ann a; P running; Q running',
        effects: ['WatchLeg ann', 'StartMedia P play'],
      },
    ],
    [
      'prompts are fetched before they are needed',
      [],
      create(a, [invitee(ann)], {
        mediaConfig: { type: 'serviceHosted', preFetchMedia: [{ uri: 'https://bot.example/a.wav' }] },
      }),
      {
        state: 'peerToPeer; A establishing; ringing ann',
        told: ['A updated establishing'],
        effects: ['PrefetchMedia A https://bot.example/a.wav', 'Ring ann for app-a'],
      },
    ],
    [
      'also by an application that answers',
      [calls(ann, a)],
      answer(a, { mediaConfig: { type: 'serviceHosted', preFetchMedia: [{ uri: 'https://bot.example/a.wav' }] } }),
      {
        state: 'peerToPeer; A establishing; in ann(calling)',
        told: ['A updated establishing'],
        effects: ['ConnectCall A', 'PrefetchMedia A https://bot.example/a.wav'],
      },
    ],
  ])
})

describe('tones', () => {
  arrows([
    [
      'nobody is told who did not subscribe',
      pair,
      presses(ann, 'tone1'),
      { state: 'peerToPeer; A established; in ann a' },
    ],
    [
      'a subscription is done at once',
      pair,
      subscribe(a, 'S'),
      { state: 'peerToPeer; A established; in ann a; S completed' },
    ],
    [
      'each key is told, with its number',
      [...pair, subscribe(a, 'S'), presses(ann, 'tone1')],
      presses(ann, 'star'),
      { state: 'peerToPeer; A established; in ann a; S completed', told: ['A updated tone 2 star'] },
    ],
    [
      'subscribing again goes on counting',
      [...pair, subscribe(a, 'S'), presses(ann, 'tone1'), subscribe(a, 'T')],
      presses(ann, 'tone2'),
      { state: 'peerToPeer; A established; in ann a; S completed; T completed', told: ['A updated tone 2 tone2'] },
    ],
    [
      'in a group call everybody is heard',
      [...group, subscribe(a, 'S'), presses(ann, 'tone1')],
      presses(ben, 'tone2'),
      { state: 'group; A established; in ann a ben; S completed', told: ['A updated tone 2 tone2'] },
    ],
    [
      'a stop tone ends the recording, after the key is told',
      [...pair, subscribe(a, 'S'), record(a, 'R'), play(a, 'P')],
      presses(ann, 'pound'),
      {
        state: 'peerToPeer; A established; in ann a; S completed; R completed; P running',
        told: ['A updated tone 1 pound', 'A deleted R completed 200/8514'],
        effects: ['StopMedia R stopTone', 'StartMedia P play'],
      },
    ],
    [
      'another key does not, nor one for a recording that waits',
      [...pair, play(a, 'P'), record(a, 'R')],
      presses(ann, 'pound'),
      { state: 'peerToPeer; A established; in ann a; P running; R running' },
    ],
    [
      'whoever is on hold is not heard',
      [...group, subscribe(a, 'S'), hold(a, 'H', ann)],
      presses(ann, 'tone1'),
      { state: 'group; A established; in ann a ben; S completed; H running' },
    ],
    [
      'cancelling leaves the subscription',
      [...pair, subscribe(a, 'S'), cancelMedia(a, 'C')],
      presses(ann, 'tone1'),
      { state: 'peerToPeer; A established; in ann a; S completed; C completed', told: ['A updated tone 1 tone1'] },
    ],
  ])
})

describe('hold music', () => {
  const held = [...group, hold(a, 'H', ann), mediaDone(a, 'H')]
  arrows([
    [
      'starts',
      group,
      hold(a, 'H', ann),
      { state: 'group; A established; in ann a ben; H running', effects: ['StartHoldMusic ann by H'] },
    ],
    [
      'is completed once it plays',
      [...group, hold(a, 'H', ann)],
      mediaDone(a, 'H'),
      { state: 'group; A established; in ann a ben; H completed', told: ['A deleted H completed 200/0'] },
    ],
    [
      'that cannot be played leaves nobody on hold',
      [...group, hold(a, 'H', ann)],
      mediaDone(a, 'H', 'prompt-download-failed'),
      {
        state: 'group; A established; in ann a ben; H failed',
        told: ['A deleted H failed 400/8536'],
        effects: ['StopHoldMusic ann'],
      },
    ],
    ['one at a time', held, hold(a, 'I', ben), { refused: { name: 'holdInUse', participantId: 'ann' } }],
    [
      'stops',
      held,
      unhold(a, 'U', ann),
      { state: 'group; A established; in ann a ben; H completed; U running', effects: ['StopHoldMusic ann by U'] },
    ],
    [
      'has stopped',
      [...held, unhold(a, 'U', ann)],
      mediaDone(a, 'U'),
      { state: 'group; A established; in ann a ben; H completed; U completed', told: ['A deleted U completed 200/0'] },
    ],
    [
      'that is stopped before it plays never began',
      [...group, hold(a, 'H', ann)],
      unhold(a, 'U', ann),
      {
        state: 'group; A established; in ann a ben; H failed; U running',
        told: ['A deleted H failed 400/8508'],
        effects: ['StopHoldMusic ann by U'],
      },
    ],
    [
      'stops for whoever is on hold',
      held,
      unhold(a, 'U', ben),
      { refused: { name: 'notOnHold', participantId: 'ben' } },
    ],
    [
      'not for somebody who is not there',
      group,
      hold(a, 'H', cyd),
      { refused: { name: 'participantNotFound', participantId: 'cyd' } },
    ],
    ['not for the application itself', group, hold(a, 'H', a), { refused: { name: 'ownParticipant' } }],
    [
      'not in a peer-to-peer call, whose participants have no names',
      pair,
      hold(a, 'H', ann),
      { refused: { name: 'participantNotFound', participantId: 'ann' } },
    ],
    [
      'ends when they leave',
      [...group, invite(a, 'O', [invitee(cyd)]), connects(cyd), hold(a, 'H', ann)],
      leaves(ann),
      {
        state: 'group; A established; in a ben cyd; O completed; H failed',
        told: ['A deleted H failed 400/8508', 'A updated roster a ben cyd'],
        effects: ['StopHoldMusic ann'],
      },
    ],
    [
      'ends when they are removed',
      [...group, invite(a, 'O', [invitee(cyd)]), connects(cyd), hold(a, 'H', ann), mediaDone(a, 'H')],
      remove(a, ann),
      {
        state: 'group; A established; in a ben cyd; O completed; H completed',
        told: ['A updated roster a ben cyd'],
        effects: ['DropLeg ann kicked', 'StopHoldMusic ann'],
      },
    ],
    [
      'ends with the call, before it is told of',
      [...group, hold(a, 'H', ann)],
      hangUp(a),
      {
        state: 'group; A terminated ended-by-bot; in ann ben; H failed',
        told: ['A updated terminating', 'A deleted H failed 400/8508', 'A deleted terminated 200/7000'],
        effects: ['StopHoldMusic ann'],
      },
    ],
    [
      'that nobody reports on fails',
      [...group, hold(a, 'H', ann)],
      later(20 * MINUTE, wake),
      {
        state: 'group; A established; in ann a ben; H failed',
        told: ['A deleted H failed 500/8511'],
        effects: ['StopHoldMusic ann'],
      },
    ],
    [
      'is asked for again after a restart',
      held,
      resumed,
      {
        state: 'group; A established; in ann a ben; H completed',
        effects: ['WatchLeg ann', 'WatchLeg ben', 'StartHoldMusic ann by H'],
      },
    ],
  ])
})
