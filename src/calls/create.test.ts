/** How calls begin: an application calls one or several, joins a meeting, or calls another application. */
import {
  a,
  ann,
  application,
  arrows,
  b,
  bob,
  connects,
  create,
  cyd,
  dan,
  desk,
  eve,
  fails,
  hangUp,
} from './scene.suite.ts'
import { answer, invitee, join, later, leaves, mediaUp, nobody, old, open, picksUp, reject } from './scene.suite.ts'
import { SECOND, remove, rules, user, waits, wake } from './scene.suite.ts'

const callAnn = create(a, [invitee(ann)])
const callBoth = create(a, [invitee(ann), invitee(bob)])

arrows([
  [
    'nothing --create peer-to-peer--> establishing',
    [],
    callAnn,
    {
      state: 'peerToPeer; A establishing; ringing ann',
      told: ['A updated establishing'],
      effects: ['Ring ann for app-a'],
    },
  ],
  [
    'ringing --picked up--> connecting',
    [callAnn],
    picksUp(ann),
    { state: 'peerToPeer; A establishing; connecting ann' },
  ],
  [
    'establishing --media connected--> established, without a roster',
    [callAnn, picksUp(ann)],
    connects(ann),
    { state: 'peerToPeer; A established; in ann a', told: ['A updated established'] },
  ],
  [
    'ringing --media connected, no word of picking up--> established',
    [callAnn],
    connects(ann),
    { state: 'peerToPeer; A established; in ann a', told: ['A updated established'] },
  ],
  [
    'establishing --lobby in a peer-to-peer call--> established: there is none',
    [callAnn],
    waits(ann),
    { state: 'peerToPeer; A established; in ann a', told: ['A updated established'] },
  ],
  [
    'establishing --busy--> terminated',
    [callAnn],
    fails(ann, 'callee-busy'),
    {
      state: 'peerToPeer; A terminated callee-busy; over',
      told: ['A deleted terminated 486/8539'],
      effects: ['DropLeg ann callee-busy'],
    },
  ],
  [
    'establishing --phone hangs up before media--> terminated as declined',
    [create(a, [invitee(desk)]), picksUp(desk)],
    leaves(desk),
    {
      state: 'peerToPeer; A terminated pstn-declined; over',
      told: ['A deleted terminated 603/560603'],
      effects: ['DropLeg desk pstn-declined'],
    },
  ],
  [
    'establishing --nobody answers--> terminated',
    [callAnn],
    later(rules.ringTimeout, wake),
    {
      state: 'peerToPeer; A terminated callee-no-answer; over',
      told: ['A deleted terminated 487/10004'],
      effects: ['DropLeg ann callee-no-answer'],
    },
  ],
  [
    'establishing --media never up--> terminated',
    [callAnn, later(59 * SECOND, picksUp(ann))],
    later(rules.setupTimeout, wake),
    {
      state: 'peerToPeer; A terminated callee-setup-timeout; over',
      told: ['A deleted terminated 408/10057'],
      effects: ['DropLeg ann callee-setup-timeout'],
    },
  ],
  [
    'ringing --wake too early--> ringing',
    [callAnn],
    later(rules.ringTimeout - 1, wake),
    { state: 'peerToPeer; A establishing; ringing ann' },
  ],
  [
    'nothing --create, the target is nowhere--> establishing, and the failure comes as a report',
    [],
    create(a, [nobody(ann, { name: 'callee-offline' })]),
    {
      state: 'peerToPeer; A establishing; ringing ann',
      told: ['A updated establishing'],
      effects: ['Tell here LegFailed callee-offline'],
    },
  ],
  [
    'establishing --hang up--> terminated, and ringing stops',
    [callAnn],
    hangUp(a),
    {
      state: 'peerToPeer; A terminated ended-by-bot; over',
      told: ['A updated terminating', 'A deleted terminated 200/7000'],
      effects: ['DropLeg ann caller-cancelled'],
    },
  ],
  [
    'establishing --hang up, 2018--> terminated, then gone',
    [create(a, [invitee(ann)], { manners: old })],
    hangUp(a),
    {
      state: 'peerToPeer; A terminated ended-by-bot; over',
      told: ['A updated terminated 200/7000', 'A deleted gone'],
      effects: ['DropLeg ann caller-cancelled'],
    },
  ],
  [
    'nothing --create group--> establishing, everybody rings',
    [],
    callBoth,
    {
      state: 'group; A establishing; ringing ann; ringing bob',
      told: ['A updated establishing'],
      effects: ['Ring ann for app-a', 'Ring bob for app-a'],
    },
  ],
  [
    'group establishing --first answers--> established, the others still ring',
    [callBoth],
    connects(bob),
    {
      state: 'group; A established; in bob a; ringing ann',
      told: ['A updated established', 'A updated roster bob a'],
    },
  ],
  [
    'group established --second answers--> roster',
    [callBoth, connects(bob)],
    connects(ann),
    { state: 'group; A established; in bob a ann', told: ['A updated roster bob a ann'] },
  ],
  [
    'group establishing --one of two fails--> establishing',
    [callBoth],
    fails(ann, 'callee-busy'),
    { state: 'group; A establishing; ringing bob', effects: ['DropLeg ann callee-busy'] },
  ],
  [
    'group establishing --the last one fails--> terminated with the last code',
    [callBoth, fails(ann, 'callee-busy')],
    fails(bob, 'callee-declined'),
    {
      state: 'group; A terminated callee-declined; over',
      told: ['A deleted terminated 603/8538'],
      effects: ['DropLeg bob callee-declined'],
    },
  ],
  [
    'group established --the others fail--> established',
    [callBoth, connects(ann)],
    fails(bob),
    { state: 'group; A established; in ann a', effects: ['DropLeg bob callee-busy'] },
  ],
  [
    'group established, one still ringing --the only one leaves--> established, as long as somebody is on the way',
    [callBoth, connects(ann)],
    leaves(ann),
    { state: 'group; A established; in a; ringing bob', told: ['A updated roster a'] },
  ],
  [
    'group with nobody but one on the way --that one fails--> terminated',
    [callBoth, connects(ann), leaves(ann)],
    fails(bob),
    {
      state: 'group; A terminated last-participant; over',
      told: ['A deleted terminated 200/5010'],
      effects: ['DropLeg bob callee-busy'],
    },
  ],
  [
    'group establishing --target cancelled--> establishing with the rest',
    [callBoth],
    remove(a, ann),
    { state: 'group; A establishing; ringing bob', effects: ['DropLeg ann caller-cancelled'] },
  ],
  [
    'group establishing --target enters the lobby--> establishing',
    [callBoth],
    waits(ann),
    { state: 'group; A establishing; in ann(lobby); lobby ann; ringing bob' },
  ],
  ['nothing --create without targets--> refused', [], create(a, []), { refused: { name: 'noInvitees' } }],
  [
    'nothing --create with six targets--> refused',
    [],
    create(
      a,
      [ann, bob, cyd, dan, eve, desk].map((one) => invitee(one)),
    ),
    { refused: { name: 'tooManyInvitees', count: 6, limit: 5 } },
  ],
  [
    'nothing --create with somebody twice--> refused',
    [],
    create(a, [invitee(ann), invitee(user('ANN'))]),
    { refused: { name: 'alreadyInCall', identity: user('ANN').identity, where: 'request' } },
  ],
  [
    'nothing --create group with an application, profile teams--> refused',
    [],
    create(a, [invitee(ann), application(b)]),
    { refused: { name: 'botInviteNotAllowed', identity: b.identity } },
  ],
])

// One application calls another.
const callB = create(a, [application(b)])

arrows([
  [
    'nothing --an application calls another--> establishing and incoming',
    [],
    callB,
    {
      state: 'peerToPeer; A establishing; B incoming; waiting b',
      told: ['A updated establishing', 'B created incoming'],
    },
  ],
  [
    'incoming --the called application answers--> establishing',
    [callB],
    answer(b),
    {
      state: 'peerToPeer; A establishing; B establishing; waiting b',
      told: ['B updated establishing'],
      effects: ['ConnectCall B'],
    },
  ],
  [
    'establishing --media of the called application up--> both established',
    [callB, answer(b)],
    mediaUp(b),
    {
      state: 'peerToPeer; A established; B established; in b a',
      told: ['B updated established', 'A updated established'],
    },
  ],
  [
    'incoming --the called application rejects--> both terminated',
    [callB],
    reject(b, 'busy'),
    {
      state: 'peerToPeer; A terminated busy-bot; B terminated busy-bot; over',
      told: ['B deleted gone', 'A deleted terminated 486/8539'],
    },
  ],
  [
    'incoming --the calling application hangs up--> both terminated',
    [callB],
    hangUp(a),
    {
      state: 'peerToPeer; A terminated ended-by-bot; B terminated caller-cancelled; over',
      told: ['A updated terminating', 'B deleted terminated 487/8542', 'A deleted terminated 200/7000'],
    },
  ],
  [
    'established --the called application hangs up--> both terminated',
    [callB, answer(b), mediaUp(b)],
    hangUp(b),
    {
      state: 'peerToPeer; A terminated ended-by-peer; B terminated ended-by-bot; over',
      told: ['B updated terminating', 'B deleted terminated 200/7000', 'A deleted terminated 200/4521'],
    },
  ],
  [
    'incoming --the called application never answers--> both terminated',
    [callB],
    later(rules.answerTimeout, wake),
    {
      state: 'peerToPeer; A terminated answer-timeout; B terminated answer-timeout; over',
      told: ['B deleted terminated 408/8587', 'A deleted terminated 408/8587'],
    },
  ],
])

arrows(
  [
    [
      'group establishing --an application is a target, profile open--> it is told of its call',
      [],
      create(a, [invitee(ann), application(b)]),
      {
        state: 'group; A establishing; B incoming; ringing ann; waiting b',
        told: ['A updated establishing', 'B created incoming'],
        effects: ['Ring ann for app-a'],
      },
    ],
    [
      'group establishing --the application is in first--> both established',
      [create(a, [invitee(ann), application(b)]), answer(b)],
      mediaUp(b),
      {
        state: 'group; A established; B established; in b a; ringing ann',
        told: ['B updated established', 'A updated established', 'A updated roster b a', 'B updated roster b a'],
      },
    ],
  ],
  open,
)

arrows([
  [
    'nothing --join meeting--> establishing',
    [],
    join(a),
    { state: 'meeting; A establishing', told: ['A updated establishing'], effects: ['ConnectCall A'] },
  ],
  [
    'establishing --own media up--> established, with a roster',
    [join(a)],
    mediaUp(a),
    { state: 'meeting; A established; in a', told: ['A updated established', 'A updated roster a'] },
  ],
  [
    'established --own media up again--> established',
    [join(a), mediaUp(a)],
    mediaUp(a),
    { state: 'meeting; A established; in a' },
  ],
  [
    'meeting --a second application joins--> two calls in one conversation',
    [join(a), mediaUp(a), join(b)],
    mediaUp(b),
    {
      state: 'meeting; A established; B established; in a b',
      told: ['B updated established', 'A updated roster a b', 'B updated roster a b'],
    },
  ],
  [
    'meeting --hang up in the empty meeting--> over',
    [join(a), mediaUp(a)],
    hangUp(a),
    {
      state: 'meeting; A terminated ended-by-bot; over',
      told: ['A updated terminating', 'A deleted terminated 200/7000'],
    },
  ],
  [
    'meeting that is over --join--> begins anew, and the tombstone stays',
    [join(a), mediaUp(a), hangUp(a)],
    join(b),
    {
      state: 'meeting; A terminated ended-by-bot; B establishing',
      told: ['B updated establishing'],
      effects: ['ConnectCall B'],
    },
  ],
])

arrows(
  [
    [
      'full meeting --join--> refused',
      [join(a), mediaUp(a)],
      join(b),
      { refused: { name: 'conversationFull', limit: 1 } },
    ],
  ],
  { ...rules, maxParticipants: 1 },
)
