/** Recording policies: who is called, who is asked, who waits, and who is put out. */
import type { Command } from './commands.ts'
import { OPTIONAL, a, ann, answer, arrows, bob, bot, calls, connects, create, cyd, duty } from './scene.suite.ts'
import { enters, hangUp, invitee, join, joining, later, leaves, mediaUp, recorded, reject } from './scene.suite.ts'
import { rules, wake } from './scene.suite.ts'

const r = bot('r')
const r2 = { ...r, callId: 'R2', name: 'r2' }
const recorderComes = [answer(r, { participantCapacity: 2 }), mediaUp(r)]
const held = [create(a, [recorded(ann, r)]), connects(ann)]
const later2 = later(rules.recordingAnswerTimeout, wake)
const meeting = [join(a), mediaUp(a), enters(ann, { duties: [duty(ann, r)] }), ...recorderComes]
const bobEnters = enters(bob, { duties: [duty(bob, r2)] })
const asked = [...meeting, bobEnters]
const accepts = joining(r, bob, { type: 'accept' })
const rejects = joining(r, bob, { type: 'reject', reason: 'none' })
const says = (status: 'recording' | 'failed'): Command => ({
  type: 'UpdateRecordingStatus',
  callId: r.callId,
  appId: r.appId,
  operationId: 'said',
  status,
})
const called = calls(ann, a)
const caller = { ...called, caller: { ...called.caller, duties: [duty(ann, r)] } }
const toTwo: Command = {
  type: 'Redirect',
  callId: a.callId,
  appId: a.appId,
  targets: [recorded(bob, r), invitee(cyd)],
  timeout: 30_000,
  maskCaller: false,
  maskCallee: false,
}

arrows([
  [
    'ringing --leg up--> held',
    [create(a, [recorded(ann, r)])],
    connects(ann),
    {
      state: 'peerToPeer; A establishing; R incoming; in ann(held); held ann; R ringing ann',
      told: ['R created incoming'],
      effects: ['WatchLeg ann held'],
    },
  ],
  [
    'held --recorder comes--> in',
    [...held, answer(r)],
    mediaUp(r),
    {
      state: 'peerToPeer; A established; R established; in ann r(hidden) a; R attached ann',
      told: ['R updated established', 'A updated established', 'R updated roster ann a'],
      effects: ['WatchLeg ann'],
    },
  ],
  [
    'held --recorder rejects--> gone',
    held,
    reject(r),
    {
      state: 'peerToPeer; A terminated recorder-rejected; R terminated rejected-by-bot; over',
      told: ['R deleted gone', 'A deleted terminated 603/8538'],
      effects: ['DropLeg ann recorder-rejected'],
    },
  ],
  [
    'held --recorder does not answer--> gone',
    held,
    later2,
    {
      state: 'peerToPeer; A terminated recorder-no-answer; R terminated answer-timeout; over',
      told: ['R deleted terminated 408/8587', 'A deleted terminated 408/8587'],
      effects: ['DropLeg ann recorder-no-answer'],
    },
  ],
  [
    'held --hangs up--> gone',
    held,
    leaves(ann),
    {
      state: 'peerToPeer; A terminated ended-by-peer; R terminated caller-cancelled; over',
      told: ['A deleted terminated 200/4521', 'R deleted terminated 487/8542'],
    },
  ],
  [
    'held --their bot hangs up--> gone',
    held,
    hangUp(a),
    {
      state: 'peerToPeer; A terminated ended-by-bot; R terminated caller-cancelled; over',
      told: ['A updated terminating', 'A deleted terminated 200/7000', 'R deleted terminated 487/8542'],
      effects: ['DropLeg ann caller-cancelled'],
    },
  ],
  [
    'in --recorder hangs up--> gone',
    [...held, ...recorderComes],
    hangUp(r),
    {
      state: 'peerToPeer; A terminated recorder-left; R terminated ended-by-bot; over',
      told: ['R updated terminating', 'R deleted terminated 200/7000', 'A deleted terminated 500/1005'],
      effects: ['DropLeg ann recorder-left'],
    },
  ],
  [
    'in --optional recorder hangs up--> in',
    [create(a, [recorded(ann, r, OPTIONAL)]), connects(ann), ...recorderComes],
    hangUp(r),
    {
      state: 'peerToPeer; A established; R terminated ended-by-bot; in ann a',
      told: ['R updated terminating', 'R deleted terminated 200/7000'],
    },
  ],
  [
    'caller --leg up--> held',
    [caller, answer(a), mediaUp(a)],
    connects(ann),
    {
      state: 'peerToPeer; A establishing; R incoming; in ann(held); R ringing ann',
      told: ['R created incoming'],
      effects: ['WatchLeg ann held'],
    },
  ],
  [
    'caller held --recorder comes--> in',
    [caller, answer(a), mediaUp(a), connects(ann), answer(r)],
    mediaUp(r),
    {
      state: 'peerToPeer; A established; R established; in ann r(hidden) a; R attached ann',
      told: ['R updated established', 'A updated established', 'R updated roster ann a'],
      effects: ['WatchLeg ann'],
    },
  ],
  [
    'caller held --hangs up--> gone',
    [caller, answer(a), mediaUp(a), connects(ann)],
    leaves(ann),
    {
      state: 'peerToPeer; A terminated caller-cancelled; R terminated caller-cancelled; over',
      told: ['A deleted terminated 487/8542', 'R deleted terminated 487/8542'],
    },
  ],
  [
    'recorder has room --one more--> asked',
    meeting,
    bobEnters,
    {
      state: 'meeting; A established; R established; in a ann r(hidden) bob(held); R attached ann; R asking bob',
      told: ['R updated participantJoining bob'],
      effects: ['WatchLeg bob held'],
    },
  ],
  [
    'asked --accepts--> in',
    asked,
    accepts,
    {
      state: 'meeting; A established; R established; in a ann r(hidden) bob; R attached ann; R attached bob',
      told: ['A updated roster a ann bob', 'R updated roster a ann bob'],
      effects: ['WatchLeg bob'],
    },
  ],
  [
    'asked --rejects--> gone',
    asked,
    rejects,
    {
      state: 'meeting; A established; R established; in a ann r(hidden); R attached ann',
      effects: ['DropLeg bob recorder-rejected'],
    },
  ],
  [
    'asked --another bot--> rung',
    asked,
    joining(r, bob, { type: 'inviteNewBot', inviteUri: 'https://new.example/' }),
    {
      state:
        'meeting; A established; R established; R2 incoming; in a ann r(hidden) bob(held); R attached ann; R2 ringing bob',
      told: ['R2 created incoming'],
    },
  ],
  [
    'asked --no answer--> gone',
    asked,
    later2,
    {
      state: 'meeting; A established; R established; in a ann r(hidden); R attached ann',
      effects: ['DropLeg bob recorder-bad-answer'],
    },
  ],
  [
    'asked no more --accepts--> told that nobody came',
    [...asked, later2],
    accepts,
    {
      state: 'meeting; A established; R established; in a ann r(hidden); R attached ann',
      told: ['R updated participantLeft bob'],
    },
  ],
  [
    'recorded --leaves--> told',
    [...asked, accepts],
    leaves(bob),
    {
      state: 'meeting; A established; R established; in a ann r(hidden); R attached ann',
      told: ['R updated participantLeft bob', 'A updated roster a ann', 'R updated roster a ann'],
    },
  ],
  [
    'recorded --the last one leaves--> the recorder goes',
    meeting,
    leaves(ann),
    {
      state: 'meeting; A terminated last-participant; R terminated recorded-left; over',
      told: ['A deleted terminated 200/5010', 'R updated participantLeft ann', 'R deleted terminated 200/5002'],
    },
  ],
  [
    'recorded --recorder says so--> shown',
    asked,
    says('recording'),
    {
      state:
        'meeting; A established; R established; in a ann r(hidden) bob(held); said completed; R attached ann; R asking bob',
      told: ['A updated roster a ann', 'R updated roster a ann'],
    },
  ],
  [
    'recorder says so --one more--> shown on them too',
    [...asked, says('recording')],
    accepts,
    {
      state:
        'meeting; A established; R established; in a ann r(hidden) bob; said completed; R attached ann; R attached bob',
      told: ['A updated roster a ann bob', 'R updated roster a ann bob'],
      effects: ['WatchLeg bob'],
    },
  ],
  [
    'redirected --one target is held--> the other rings on',
    [called, toTwo],
    connects(bob),
    {
      state: 'peerToPeer; A redirecting; R incoming; in ann(calling) bob(held); held bob; ringing cyd; R ringing bob',
      told: ['R created incoming'],
      effects: ['WatchLeg bob held'],
    },
  ],
  [
    'redirected, one held --their recorder rejects--> the other rings on',
    [called, toTwo, connects(bob)],
    reject(r),
    {
      state: 'peerToPeer; A redirecting; R terminated rejected-by-bot; in ann(calling); ringing cyd',
      told: ['R deleted gone'],
      effects: ['DropLeg bob recorder-rejected'],
    },
  ],
  [
    'redirected, one held --the other takes it--> they are dropped',
    [called, toTwo, connects(bob)],
    connects(cyd),
    {
      state: 'peerToPeer; A redirecting; R terminated caller-cancelled; in ann(calling) cyd',
      told: ['R deleted terminated 487/8542'],
      effects: ['DropLeg bob accepted-elsewhere', 'ConnectLeg ann'],
    },
  ],
  [
    'recorder --redirects--> refused',
    held,
    { ...toTwo, callId: r.callId, appId: r.appId },
    { refused: { name: 'recorderInvites' } },
  ],
])
