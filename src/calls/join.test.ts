/** People who come of their own accord, and the lobby. */
import { a, b, admit, ann, arrows, bob, connects, create, cyd, enters, fails, hangUp, invite } from './scene.suite.ts'
import { invitee, join, later, leaves, mediaUp, remove, resumed, rules, waits, wake } from './scene.suite.ts'

const group = [create(a, [invitee(ann), invitee(bob)]), connects(ann), connects(bob)]
const meeting = [join(a), mediaUp(a)]
const inviteCyd = invite(a, 'op', [invitee(cyd)])

arrows([
  [
    'meeting --a person enters--> in',
    meeting,
    enters(ann),
    { state: 'meeting; A established; in a ann', told: ['A updated roster a ann'], effects: ['WatchLeg ann'] },
  ],
  [
    'meeting --a person enters the lobby--> lobby',
    meeting,
    enters(ann, { lobby: true }),
    {
      state: 'meeting; A established; in a ann(lobby)',
      told: ['A updated roster a ann(lobby)'],
      effects: ['WatchLeg ann'],
    },
  ],
  [
    'lobby --admit--> in',
    [...meeting, enters(ann, { lobby: true })],
    admit(ann),
    { state: 'meeting; A established; in a ann', told: ['A updated roster a ann'], effects: ['WatchLeg ann'] },
  ],
  [
    'lobby --never admitted--> gone, and the meeting ends with its last person',
    [...meeting, enters(ann, { lobby: true })],
    later(rules.lobbyTimeout, wake),
    {
      state: 'meeting; A terminated last-participant; over',
      told: ['A deleted terminated 200/5010'],
      effects: ['DropLeg ann lobby-timeout'],
    },
  ],
  [
    'in --admit--> refused',
    [...meeting, enters(ann)],
    admit(ann),
    { refused: { name: 'notInLobby', participantId: 'ann' } },
  ],
  [
    'nobody --admit--> refused',
    meeting,
    admit(ann),
    { refused: { name: 'participantNotFound', participantId: 'ann' } },
  ],
  [
    'in --enters again--> refused',
    [...meeting, enters(ann)],
    enters(ann, { participantId: 'ann2' }),
    { refused: { name: 'alreadyInCall', identity: ann.identity, where: 'call' } },
  ],
  [
    'ringing --enters of their own accord--> refused: they are on the way already',
    [...meeting, inviteCyd],
    enters(cyd, { participantId: 'cyd2' }),
    { refused: { name: 'alreadyInCall', identity: cyd.identity, where: 'ringing' } },
  ],
  [
    'peer-to-peer --a person enters--> refused',
    [create(a, [invitee(ann)]), connects(ann)],
    enters(bob),
    { refused: { name: 'notGroupCall', rule: 'neverEscalates' } },
  ],
  [
    'meeting that is over --a person enters--> refused',
    [...meeting, hangUp(a)],
    enters(ann),
    { refused: { name: 'callNotFound' } },
  ],
])

arrows(
  [
    [
      'full meeting --a person enters--> refused',
      [...meeting, enters(ann)],
      enters(bob),
      { refused: { name: 'conversationFull', limit: 2 } },
    ],
  ],
  { ...rules, maxParticipants: 2 },
)

arrows(
  [
    [
      'one place left, an invitee in the lobby --a person enters--> in: the lobby holds one place, not two',
      [...meeting, inviteCyd, waits(cyd)],
      enters(ann),
      {
        state: 'meeting; A established; in a cyd(lobby) ann; lobby cyd; op running',
        told: ['A updated roster a cyd(lobby) ann'],
        effects: ['WatchLeg ann'],
      },
    ],
    [
      'one place left, taken by somebody being rung --join--> refused',
      [...meeting, inviteCyd, invite(a, 'op2', [invitee(bob)])],
      join(b),
      { refused: { name: 'conversationFull', limit: 3 } },
    ],
  ],
  { ...rules, maxParticipants: 3 },
)

const cydWaits = [...group, inviteCyd, waits(cyd)]

arrows([
  [
    'ringing --media connected, in the lobby--> lobby, the operation still runs',
    [...group, inviteCyd],
    waits(cyd),
    {
      state: 'group; A established; in ann a bob cyd(lobby); lobby cyd; op running',
      told: ['A updated roster ann a bob cyd(lobby)'],
    },
  ],
  [
    'lobby --admit--> in, and the operation is completed',
    cydWaits,
    admit(cyd),
    {
      state: 'group; A established; in ann a bob cyd; op completed',
      told: ['A deleted op completed', 'A updated roster ann a bob cyd'],
      effects: ['WatchLeg cyd'],
    },
  ],
  [
    'lobby --media connected again--> lobby',
    cydWaits,
    connects(cyd),
    { state: 'group; A established; in ann a bob cyd(lobby); lobby cyd; op running' },
  ],
  [
    'lobby --never admitted--> failed 200/5855',
    cydWaits,
    later(rules.lobbyTimeout, wake),
    {
      state: 'group; A established; in ann a bob; op failed',
      told: ['A deleted op failed 200/5855', 'A updated roster ann a bob'],
      effects: ['DropLeg cyd lobby-timeout'],
    },
  ],
  [
    'lobby --leaves--> failed, and nothing is left to drop',
    cydWaits,
    leaves(cyd),
    {
      state: 'group; A established; in ann a bob; op failed',
      told: ['A deleted op failed 200/4097', 'A updated roster ann a bob'],
    },
  ],
  [
    'lobby --media lost--> failed, and nothing is left to drop',
    cydWaits,
    fails(cyd, 'media-lost'),
    {
      state: 'group; A established; in ann a bob; op failed',
      told: ['A deleted op failed 410/301005', 'A updated roster ann a bob'],
    },
  ],
  [
    'lobby --removed--> failed, dropped once',
    cydWaits,
    remove(a, cyd),
    {
      state: 'group; A established; in ann a bob; op failed',
      told: ['A deleted op failed 200/5300', 'A updated roster ann a bob'],
      effects: ['DropLeg cyd kicked'],
    },
  ],
  [
    'lobby --the inviting call hangs up--> failed, dropped',
    cydWaits,
    hangUp(a),
    {
      state: 'group; A terminated ended-by-bot; in ann bob; op failed',
      told: ['A updated terminating', 'A deleted op failed 487/8542', 'A deleted terminated 200/7000'],
      effects: ['DropLeg cyd caller-cancelled'],
    },
  ],
  [
    'lobby --restart--> lobby, the leg is looked after',
    cydWaits,
    resumed,
    {
      state: 'group; A established; in ann a bob cyd(lobby); lobby cyd; op running',
      effects: ['WatchLeg ann', 'WatchLeg bob', 'WatchLeg cyd'],
    },
  ],
  [
    'group establishing, a target in the lobby --admit--> established',
    [create(a, [invitee(ann), invitee(bob)]), waits(ann)],
    admit(ann),
    {
      state: 'group; A established; in ann a; ringing bob',
      told: ['A updated established', 'A updated roster ann a'],
      effects: ['WatchLeg ann'],
    },
  ],
  [
    'group establishing, the last target in the lobby --never admitted--> terminated',
    [create(a, [invitee(ann), invitee(bob)]), waits(ann), fails(bob)],
    later(rules.lobbyTimeout, wake),
    {
      state: 'group; A terminated lobby-timeout; over',
      told: ['A deleted terminated 200/5855'],
      effects: ['DropLeg ann lobby-timeout'],
    },
  ],
  [
    'meeting, its last person in the lobby --media lost--> terminated, as when they leave',
    [...meeting, inviteCyd, waits(cyd)],
    fails(cyd, 'media-lost'),
    {
      state: 'meeting; A terminated last-participant; op failed; over',
      told: ['A deleted op failed 410/301005', 'A deleted terminated 200/5010'],
    },
  ],
])
