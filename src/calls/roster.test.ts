/** Rosters whole and by differences: first everything, then what changed. */
import {
  a,
  admit,
  ann,
  answer,
  application,
  arrows,
  b,
  bob,
  connects,
  create,
  cyd,
  enters,
  hangUp,
} from './scene.suite.ts'
import { invite, invitee, join, leaves, mediaUp, open, remove } from './scene.suite.ts'

const deltas = { callOptions: { isDeltaRosterEnabled: true } }
const group = [create(a, [invitee(ann), invitee(bob)], deltas), connects(ann), connects(bob)]

arrows([
  [
    'establishing --established, with deltas--> the first is the whole roster',
    [create(a, [invitee(ann), invitee(bob)], deltas)],
    connects(ann),
    {
      state: 'group; A established; in ann a; ringing bob',
      told: ['A updated established', 'A updated delta 1: ann a'],
    },
  ],
  [
    'whole roster sent --somebody joins--> only the newcomer',
    [create(a, [invitee(ann), invitee(bob)], deltas), connects(ann)],
    connects(bob),
    { state: 'group; A established; in ann a bob', told: ['A updated delta 2: bob'] },
  ],
  [
    'whole roster sent --somebody leaves--> only the one who left',
    group,
    leaves(ann),
    { state: 'group; A established; in a bob', told: ['A updated delta 3: -ann'] },
  ],
  [
    'whole roster sent --somebody is removed--> only the one who was removed',
    group,
    remove(a, bob),
    { state: 'group; A established; in ann a', told: ['A updated delta 3: -bob'], effects: ['DropLeg bob kicked'] },
  ],
  [
    'whole roster sent --somebody enters the lobby--> only that one',
    group,
    enters(cyd, { lobby: true }),
    {
      state: 'group; A established; in ann a bob cyd(lobby)',
      told: ['A updated delta 3: cyd(lobby)'],
      effects: ['WatchLeg cyd'],
    },
  ],
  [
    'one in the lobby --admit--> only the change',
    [...group, enters(cyd, { lobby: true })],
    admit(cyd),
    { state: 'group; A established; in ann a bob cyd', told: ['A updated delta 4: cyd'], effects: ['WatchLeg cyd'] },
  ],
  [
    'peer-to-peer with deltas --escalated--> the whole roster with the newcomer',
    [create(a, [invitee(ann)], deltas), connects(ann), invite(a, 'op', [invitee(cyd)])],
    connects(cyd),
    {
      state: 'group; A established; in ann a cyd; op completed',
      told: ['A deleted op completed', 'A updated delta 1: ann a cyd'],
    },
  ],
  [
    'peer-to-peer escalated, nothing sent yet --the other one leaves--> the whole roster, nobody removed',
    [create(a, [invitee(ann)], deltas), connects(ann), invite(a, 'op', [invitee(cyd)])],
    leaves(ann),
    { state: 'group; A established; in a; ringing cyd; op running', told: ['A updated delta 1: a'] },
  ],
  [
    'meeting, one application with deltas and one without --somebody enters--> each in its own form',
    [join(a, deltas), mediaUp(a), join(b), mediaUp(b)],
    enters(ann),
    {
      state: 'meeting; A established; B established; in a b ann',
      told: ['A updated delta 3: ann', 'B updated roster a b ann'],
      effects: ['WatchLeg ann'],
    },
  ],
  [
    'meeting begun anew --established--> the roster’s numbers go on',
    [join(a, deltas), mediaUp(a), enters(ann), hangUp(a), leaves(ann), join(b, deltas)],
    mediaUp(b),
    {
      state: 'meeting; A terminated ended-by-bot; B established; in b',
      told: ['B updated established', 'B updated delta 5: b'],
    },
  ],
])

arrows(
  [
    [
      'answered with deltas --established--> the whole roster for the newcomer, the change for the other',
      [...group, invite(a, 'op', [application(b)]), answer(b, deltas)],
      mediaUp(b),
      {
        state: 'group; A established; B established; in ann a bob b; op completed',
        told: [
          'B updated established',
          'A deleted op completed',
          'A updated delta 3: b',
          'B updated delta 3: ann a bob b',
        ],
      },
    ],
  ],
  open,
)
