/** How people, applications and conversations leave: removal, hang-up, the last one. */
import {
  a,
  ann,
  answer,
  application,
  arrows,
  b,
  bob,
  connects,
  create,
  cyd,
  desk,
  enters,
  fails,
} from './scene.suite.ts'
import { hangUp, invite, invitee, join, leaves, mediaUp, old, open, reject, remove, calls } from './scene.suite.ts'

const pair = [create(a, [invitee(ann)]), connects(ann)]
const group = [create(a, [invitee(ann), invitee(bob)]), connects(ann), connects(bob)]

arrows([
  [
    'peer-to-peer established --hang up--> terminated for both sides',
    pair,
    hangUp(a),
    {
      state: 'peerToPeer; A terminated ended-by-bot; over',
      told: ['A updated terminating', 'A deleted terminated 200/7000'],
      effects: ['DropLeg ann ended-by-bot'],
    },
  ],
  [
    'peer-to-peer established --hang up, 2018--> terminated, then gone',
    [create(a, [invitee(ann)], { manners: old }), connects(ann)],
    hangUp(a),
    {
      state: 'peerToPeer; A terminated ended-by-bot; over',
      told: ['A updated terminated 200/7000', 'A deleted gone'],
      effects: ['DropLeg ann ended-by-bot'],
    },
  ],
  [
    'peer-to-peer established --the person hangs up--> terminated',
    pair,
    leaves(ann),
    { state: 'peerToPeer; A terminated ended-by-peer; over', told: ['A deleted terminated 200/4521'] },
  ],
  [
    'peer-to-peer established --the called phone hangs up--> terminated',
    [create(a, [invitee(desk)]), connects(desk)],
    leaves(desk),
    { state: 'peerToPeer; A terminated ended-by-pstn-callee; over', told: ['A deleted terminated 200/560000'] },
  ],
  [
    'peer-to-peer established --media lost--> terminated',
    pair,
    fails(ann, 'media-lost'),
    { state: 'peerToPeer; A terminated media-lost; over', told: ['A deleted terminated 410/301005'] },
  ],
  [
    'peer-to-peer established --remove the other side--> refused: there is no roster',
    pair,
    remove(a, ann),
    { refused: { name: 'participantNotFound', participantId: 'ann' } },
  ],
  [
    'terminated --hang up--> refused',
    [...pair, hangUp(a)],
    hangUp(a),
    { refused: { name: 'callEnded', at: Date.UTC(2026, 0, 1), reason: { name: 'ended-by-bot' } } },
  ],
  [
    'established --an endpoint reports on the application, which has no leg--> established',
    pair,
    leaves({ ...ann, name: a.name }),
    { state: 'peerToPeer; A established; in ann a' },
  ],
  [
    'terminated --a late word that they left--> terminated',
    [...pair, hangUp(a)],
    leaves(ann),
    { state: 'peerToPeer; A terminated ended-by-bot; over' },
  ],
])

arrows([
  [
    'group --remove somebody who is in--> dropped, and the roster tells',
    [...group, invite(a, 'op', [invitee(cyd)]), connects(cyd)],
    remove(a, ann),
    {
      state: 'group; A established; in a bob cyd; op completed',
      told: ['A updated roster a bob cyd'],
      effects: ['DropLeg ann kicked'],
    },
  ],
  [
    'group --remove the last other one--> terminated',
    [...group, leaves(bob)],
    remove(a, ann),
    {
      state: 'group; A terminated last-participant; over',
      told: ['A deleted terminated 200/5010'],
      effects: ['DropLeg ann kicked'],
    },
  ],
  ['group --remove oneself--> refused', group, remove(a, a), { refused: { name: 'ownParticipant' } }],
  [
    'group --remove a stranger--> refused',
    group,
    remove(a, cyd),
    { refused: { name: 'participantNotFound', participantId: 'cyd' } },
  ],
  [
    'group --another application removes through this call--> refused as if there were no such call',
    group,
    { type: 'RemoveParticipant', callId: a.callId, appId: b.appId, participantId: 'ann' },
    { refused: { name: 'callNotFound' } },
  ],
  [
    'group --hang up--> terminated, the others go on',
    group,
    hangUp(a),
    {
      state: 'group; A terminated ended-by-bot; in ann bob',
      told: ['A updated terminating', 'A deleted terminated 200/7000'],
    },
  ],
  [
    'group without an application --one of two leaves--> over',
    [...group, hangUp(a)],
    leaves(ann),
    { state: 'group; A terminated ended-by-bot; over', effects: ['DropLeg bob last-participant'] },
  ],
  [
    'group --one of two leaves--> roster',
    group,
    leaves(ann),
    { state: 'group; A established; in a bob', told: ['A updated roster a bob'] },
  ],
  [
    'group --the last person leaves--> terminated',
    [...group, leaves(ann)],
    leaves(bob),
    { state: 'group; A terminated last-participant; over', told: ['A deleted terminated 200/5010'] },
  ],
  [
    'meeting --the last person leaves--> terminated',
    [join(a), mediaUp(a), enters(ann)],
    leaves(ann),
    { state: 'meeting; A terminated last-participant; over', told: ['A deleted terminated 200/5010'] },
  ],
])

arrows(
  [
    [
      'group of two applications --one removes the other--> terminated as removed, the other is told',
      [...group, invite(a, 'op', [application(b)]), answer(b), mediaUp(b)],
      remove(a, b),
      {
        state: 'group; A established; B terminated kicked; in ann a bob; op completed',
        told: ['B deleted terminated 200/5300', 'A updated roster ann a bob'],
      },
    ],
    [
      'group of two applications alone --one hangs up--> both terminated',
      [...group, invite(a, 'op', [application(b)]), answer(b), mediaUp(b), leaves(ann), leaves(bob)],
      hangUp(b),
      {
        state: 'group; A terminated last-participant; B terminated ended-by-bot; op completed; over',
        told: ['B updated terminating', 'B deleted terminated 200/7000', 'A deleted terminated 200/5010'],
      },
    ],
    [
      'incoming into a group --reject--> failed, the group goes on',
      [calls(ann, a), answer(a), connects(ann), invite(a, 'op', [application(b)])],
      reject(b),
      {
        state: 'group; A established; B terminated rejected-by-bot; in ann a; op failed',
        told: ['B deleted gone', 'A deleted op failed 603/8538'],
      },
    ],
  ],
  open,
)
