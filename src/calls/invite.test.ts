/** `participants/invite`: one operation, one end, whatever becomes of the invitees. */
import { a, ann, answer, arrows, b, bob, calls, connects, create, cyd, dan, desk } from './scene.suite.ts'
import { eve, fails, hangUp, invite, invitee, join, later, leaves, mediaUp, nobody, phone } from './scene.suite.ts'
import { picksUp, remove, replacing, resumed, rules, user, wake } from './scene.suite.ts'

/** A peer-to-peer call of bot a with Ann. */
const pair = [create(a, [invitee(ann)]), connects(ann)]
/** A group of bot a, Ann and Bob. */
const group = [create(a, [invitee(ann), invitee(bob)]), connects(ann), connects(bob)]
const inviteCyd = invite(a, 'op', [invitee(cyd)])
const inviteBoth = invite(a, 'op', [invitee(cyd), invitee(desk)])

// One invitee

arrows([
  [
    'established --invite--> ringing, and an operation runs',
    group,
    inviteCyd,
    { state: 'group; A established; in ann a bob; ringing cyd; op running', effects: ['Ring cyd for app-a'] },
  ],
  [
    'ringing --picked up--> connecting, not on the roster yet',
    [...group, inviteCyd],
    picksUp(cyd),
    { state: 'group; A established; in ann a bob; connecting cyd; op running' },
  ],
  [
    'connecting --media connected--> in: the operation first, then the roster',
    [...group, inviteCyd, picksUp(cyd)],
    connects(cyd),
    {
      state: 'group; A established; in ann a bob cyd; op completed',
      told: ['A deleted op completed', 'A updated roster ann a bob cyd'],
    },
  ],
  [
    'in --media connected again--> in',
    [...group, inviteCyd, connects(cyd)],
    connects(cyd),
    { state: 'group; A established; in ann a bob cyd; op completed' },
  ],
  [
    'ringing --declined--> failed, the roster is unchanged',
    [...group, inviteCyd],
    fails(cyd, 'callee-declined'),
    {
      state: 'group; A established; in ann a bob; op failed',
      told: ['A deleted op failed 603/8538'],
      effects: ['DropLeg cyd callee-declined'],
    },
  ],
  [
    'failed --a late report of the endpoint--> failed',
    [...group, inviteCyd, fails(cyd, 'callee-declined')],
    connects(cyd),
    { state: 'group; A established; in ann a bob; op failed' },
  ],
  [
    'ringing --nobody answers--> failed 487/10004',
    [...group, inviteCyd],
    later(rules.ringTimeout, wake),
    {
      state: 'group; A established; in ann a bob; op failed',
      told: ['A deleted op failed 487/10004'],
      effects: ['DropLeg cyd callee-no-answer'],
    },
  ],
  [
    'ringing --phone not picked up--> failed 480/560480',
    [...group, invite(a, 'op', [invitee(desk)])],
    later(rules.ringTimeout, wake),
    {
      state: 'group; A established; in ann a bob; op failed',
      told: ['A deleted op failed 480/560480'],
      effects: ['DropLeg desk pstn-no-answer'],
    },
  ],
  [
    'connecting --media never up--> failed 408/10057',
    [...group, inviteCyd, picksUp(cyd)],
    later(rules.setupTimeout, wake),
    {
      state: 'group; A established; in ann a bob; op failed',
      told: ['A deleted op failed 408/10057'],
      effects: ['DropLeg cyd callee-setup-timeout'],
    },
  ],
  [
    'nowhere --invite--> running, and the failure comes as a report',
    group,
    invite(a, 'op', [nobody(desk, { name: 'pstn-not-provisioned' })]),
    {
      state: 'group; A established; in ann a bob; ringing desk; op running',
      effects: ['Tell here LegFailed pstn-not-provisioned'],
    },
  ],
  [
    'nowhere --report--> failed 412/9999',
    [...group, invite(a, 'op', [nobody(desk, { name: 'pstn-not-provisioned' })])],
    fails(desk, 'pstn-not-provisioned'),
    { state: 'group; A established; in ann a bob; op failed', told: ['A deleted op failed 412/9999'] },
  ],
  [
    'ringing --hang up of the inviting call--> failed before the end of the call',
    [...group, inviteCyd],
    hangUp(a),
    {
      state: 'group; A terminated ended-by-bot; in ann bob; op failed',
      told: ['A updated terminating', 'A deleted op failed 487/8542', 'A deleted terminated 200/7000'],
      effects: ['DropLeg cyd caller-cancelled'],
    },
  ],
  [
    'ringing --removed--> failed 487/8542',
    [...group, inviteCyd],
    remove(a, cyd),
    {
      state: 'group; A established; in ann a bob; op failed',
      told: ['A deleted op failed 487/8542'],
      effects: ['DropLeg cyd caller-cancelled'],
    },
  ],
  [
    'ringing --everybody else leaves--> ringing, the call waits for the invitee',
    [...group, inviteCyd, leaves(ann)],
    leaves(bob),
    { state: 'group; A established; in a; ringing cyd; op running', told: ['A updated roster a'] },
  ],
  [
    'ringing, nobody else in --declined--> failed, then the call ends',
    [...group, inviteCyd, leaves(ann), leaves(bob)],
    fails(cyd, 'callee-declined'),
    {
      state: 'group; A terminated last-participant; op failed; over',
      told: ['A deleted op failed 603/8538', 'A deleted terminated 200/5010'],
      effects: ['DropLeg cyd callee-declined'],
    },
  ],
  [
    'established --hidden invitee joins--> in, on nobody else’s roster',
    [...group, invite(a, 'op', [invitee(cyd, { hidden: true })])],
    connects(cyd),
    { state: 'group; A established; in ann a bob cyd(hidden); op completed', told: ['A deleted op completed'] },
  ],
  [
    'hidden --leaves--> gone, and no roster tells',
    [...group, invite(a, 'op', [invitee(cyd, { hidden: true })]), connects(cyd)],
    leaves(cyd),
    { state: 'group; A established; in ann a bob; op completed' },
  ],
])

// Several

arrows([
  [
    'established --invite two--> both ring, one operation',
    group,
    inviteBoth,
    {
      state: 'group; A established; in ann a bob; ringing cyd; ringing desk; op running',
      effects: ['Ring cyd for app-a', 'Ring desk for app-a'],
    },
  ],
  [
    'two ringing --one joins--> running',
    [...group, inviteBoth],
    connects(desk),
    {
      state: 'group; A established; in ann a bob desk; ringing cyd; op running',
      told: ['A updated roster ann a bob desk'],
    },
  ],
  [
    'one joined --the other joins--> completed',
    [...group, inviteBoth, connects(desk)],
    connects(cyd),
    {
      state: 'group; A established; in ann a bob desk cyd; op completed',
      told: ['A deleted op completed', 'A updated roster ann a bob desk cyd'],
    },
  ],
  [
    'one failed --the other joins--> failed with the first failure, and the one who joined stays',
    [...group, inviteBoth, fails(cyd, 'callee-busy')],
    connects(desk),
    {
      state: 'group; A established; in ann a bob desk; op failed',
      told: ['A deleted op failed 486/8539', 'A updated roster ann a bob desk'],
    },
  ],
  [
    'one joined --the other fails--> failed, and the one who joined stays',
    [...group, inviteBoth, connects(cyd)],
    fails(desk, 'pstn-busy'),
    {
      state: 'group; A established; in ann a bob cyd; op failed',
      told: ['A deleted op failed 486/560486'],
      effects: ['DropLeg desk pstn-busy'],
    },
  ],
  [
    'both fail, the second first --last report--> failed with the code of the first invitee',
    [...group, inviteBoth, fails(desk, 'pstn-busy')],
    fails(cyd, 'callee-declined'),
    {
      state: 'group; A established; in ann a bob; op failed',
      told: ['A deleted op failed 603/8538'],
      effects: ['DropLeg cyd callee-declined'],
    },
  ],
  [
    'one joined and left --the other joins--> completed: leaving is no failure to join',
    [...group, inviteBoth, connects(cyd), leaves(cyd)],
    connects(desk),
    {
      state: 'group; A established; in ann a bob desk; op completed',
      told: ['A deleted op completed', 'A updated roster ann a bob desk'],
    },
  ],
  [
    'two ringing --one removed--> running',
    [...group, inviteBoth],
    remove(a, cyd),
    {
      state: 'group; A established; in ann a bob; ringing desk; op running',
      effects: ['DropLeg cyd caller-cancelled'],
    },
  ],
  [
    'two operations --one ends--> the other runs',
    [...group, inviteCyd, invite(a, 'op2', [invitee(dan)])],
    connects(dan),
    {
      state: 'group; A established; in ann a bob dan; ringing cyd; op running; op2 completed',
      told: ['A deleted op2 completed', 'A updated roster ann a bob dan'],
    },
  ],
])

// Refusals

const everybody = [cyd, dan, eve, desk, user('fay'), user('guy')].map((one) => invitee(one))

arrows([
  ['established --invite nobody--> refused', group, invite(a, 'op', []), { refused: { name: 'noInvitees' } }],
  [
    'established --invite six--> refused',
    group,
    invite(a, 'op', everybody),
    { refused: { name: 'tooManyInvitees', count: 6, limit: 5 } },
  ],
  [
    'established --invite somebody who is in--> refused',
    group,
    invite(a, 'op', [invitee(cyd), invitee(ann)]),
    { refused: { name: 'alreadyInCall', identity: ann.identity, where: 'call' } },
  ],
  [
    'ringing --invite again--> refused, the first ring untouched',
    [...group, inviteCyd],
    invite(a, 'op2', [invitee(cyd)]),
    { refused: { name: 'alreadyInCall', identity: cyd.identity, where: 'ringing' } },
  ],
  [
    'established --invite the same twice--> refused',
    group,
    invite(a, 'op', [invitee(desk), invitee(phone('twin', '+4930123456'))]),
    { refused: { name: 'alreadyInCall', identity: phone('twin', '+4930123456').identity, where: 'request' } },
  ],
  [
    'establishing --invite--> refused',
    [create(a, [invitee(ann), invitee(bob)])],
    inviteCyd,
    { refused: { name: 'callNotEstablished', state: 'establishing' } },
  ],
  [
    'terminated --invite--> refused',
    [...group, hangUp(a)],
    inviteCyd,
    { refused: { name: 'callEnded', at: Date.UTC(2026, 0, 1), reason: { name: 'ended-by-bot' } } },
  ],
  [
    'established --another application invites--> refused as if there were no such call',
    group,
    { ...inviteCyd, appId: b.appId },
    { refused: { name: 'callNotFound' } },
  ],
  [
    'established --invite out of the same conversation--> refused',
    group,
    invite(a, 'op', [replacing(cyd, a.callId, { callId: a.callId, conversationId: 'here' })]),
    { refused: { name: 'replacesItself' } },
  ],
])

arrows(
  [
    [
      'established --invite more than there is room for--> refused',
      [...group, inviteCyd],
      invite(a, 'op2', [invitee(dan)]),
      { refused: { name: 'conversationFull', limit: 4 } },
    ],
  ],
  { ...rules, maxParticipants: 4 },
)

// Escalation

arrows([
  [
    'peer-to-peer --invite one, any escalates--> group; the roster waits for the newcomer',
    pair,
    inviteCyd,
    { state: 'group; A established; in ann a; ringing cyd; op running', effects: ['Ring cyd for app-a'] },
  ],
  [
    'peer-to-peer --invite two, any escalates--> group',
    pair,
    inviteBoth,
    {
      state: 'group; A established; in ann a; ringing cyd; ringing desk; op running',
      effects: ['Ring cyd for app-a', 'Ring desk for app-a'],
    },
  ],
  [
    'peer-to-peer --invite one, one escalates--> group',
    pair,
    { ...inviteCyd, escalation: 'one' },
    { state: 'group; A established; in ann a; ringing cyd; op running', effects: ['Ring cyd for app-a'] },
  ],
  [
    'peer-to-peer --invite two, one escalates--> refused',
    pair,
    { ...inviteBoth, escalation: 'one' },
    { refused: { name: 'notGroupCall', rule: 'oneEscalates' } },
  ],
  [
    'peer-to-peer --invite one, never escalates--> refused',
    pair,
    { ...inviteCyd, escalation: 'never' },
    { refused: { name: 'notGroupCall', rule: 'neverEscalates' } },
  ],
  [
    'group --invite two, never escalates--> ringing: it is a group already',
    group,
    { ...inviteBoth, escalation: 'never' },
    {
      state: 'group; A established; in ann a bob; ringing cyd; ringing desk; op running',
      effects: ['Ring cyd for app-a', 'Ring desk for app-a'],
    },
  ],
  [
    'escalated --the newcomer joins--> the first roster, everybody on it',
    [...pair, inviteCyd],
    connects(cyd),
    {
      state: 'group; A established; in ann a cyd; op completed',
      told: ['A deleted op completed', 'A updated roster ann a cyd'],
    },
  ],
  [
    'escalated --the newcomer declines--> group still',
    [...pair, inviteCyd],
    fails(cyd, 'callee-declined'),
    {
      state: 'group; A established; in ann a; op failed',
      told: ['A deleted op failed 603/8538'],
      effects: ['DropLeg cyd callee-declined'],
    },
  ],
  [
    'incoming call answered --invite--> the application rings, not the person who called',
    [calls(ann, a), answer(a), connects(ann)],
    inviteCyd,
    { state: 'group; A established; in ann a; ringing cyd; op running', effects: ['Ring cyd for app-a'] },
  ],
  [
    'two given, the first replaces a call --invite--> only the first is read',
    pair,
    {
      ...invite(a, 'op', [replacing(cyd, 'X', { callId: 'X', conversationId: 'there' }), invitee(dan)]),
      escalation: 'one',
    },
    {
      state: 'group; A established; in ann a; moving cyd; op running',
      effects: ['Tell there MoveAsked'],
    },
  ],
])

// Restart

arrows([
  [
    'ringing --restart--> ringing, on behalf of the same caller',
    [calls(ann, a), answer(a), connects(ann), inviteCyd],
    resumed,
    {
      state: 'group; A established; in ann a; ringing cyd; op running',
      effects: ['WatchLeg ann', 'Ring cyd for app-a'],
    },
  ],
  [
    'nowhere --restart--> the failure is reported again',
    [...group, invite(a, 'op', [nobody(cyd, { name: 'callee-offline' })])],
    resumed,
    {
      state: 'group; A established; in ann a bob; ringing cyd; op running',
      effects: ['WatchLeg ann', 'WatchLeg bob', 'Tell here LegFailed callee-offline'],
    },
  ],
  [
    'meeting joined --invite--> ringing',
    [join(a), mediaUp(a)],
    inviteCyd,
    { state: 'meeting; A established; in a; ringing cyd; op running', effects: ['Ring cyd for app-a'] },
  ],
])
