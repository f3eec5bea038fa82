/** Redirect, transfer and ringing, as tables: what comes before, the command, and all that follows. */
import type { Command, Redirect, Transfer } from './commands.ts'
import type { Invitee } from './reach.ts'
import type { Arrow, Bot } from './scene.suite.ts'
import {
  MINUTE,
  SECOND,
  a,
  ann,
  answer,
  application,
  arrows,
  bob,
  calls,
  connects,
  create,
  cyd,
} from './scene.suite.ts'
import {
  fails,
  hangUp,
  invitee,
  keepAlive,
  later,
  leaves,
  picksUp,
  replacing,
  resumed,
  ringing,
  wake,
} from './scene.suite.ts'

const redirect = ({ callId, appId }: Bot, targets: readonly Invitee[], more: Partial<Redirect> = {}): Redirect => ({
  type: 'Redirect',
  callId,
  appId,
  targets,
  timeout: 20 * SECOND,
  maskCaller: false,
  maskCallee: false,
  ...more,
})

const transfer = ({ callId, appId }: Bot, target: Invitee, more: Partial<Transfer> = {}): Transfer => ({
  type: 'Transfer',
  callId,
  appId,
  target,
  ...more,
})

const rings = ({ name: participantId }: { readonly name: string }): Command => ({ type: 'LegRinging', participantId })

const rung = calls(ann, a)
const passedOn = redirect(a, [invitee(bob), invitee(cyd)])
const pair = [create(a, [invitee(ann)]), connects(ann)]
const toBob = transfer(a, invitee(bob))
const redirecting: readonly Arrow[] = [
  [
    'incoming --redirect--> redirecting: each target rings for the caller',
    [rung],
    passedOn,
    {
      state: 'peerToPeer; A redirecting; in ann(calling); ringing bob; ringing cyd',
      effects: ['Ring bob for ann', 'Ring cyd for ann'],
    },
  ],
  [
    'incoming --redirect, masked--> the targets see the application',
    [rung],
    redirect(a, [invitee(bob)], { maskCaller: true }),
    { state: 'peerToPeer; A redirecting; in ann(calling); ringing bob', effects: ['Ring bob for app-a'] },
  ],
  [
    'redirecting --one is in--> the other stops ringing, and the caller is connected',
    [rung, passedOn],
    connects(cyd),
    {
      state: 'peerToPeer; A redirecting; in ann(calling) cyd',
      effects: ['DropLeg bob accepted-elsewhere', 'ConnectLeg ann'],
    },
  ],
  [
    'redirecting, taken --the caller is connected--> ended, and the two go on',
    [rung, passedOn, connects(cyd)],
    connects(ann),
    { state: 'peerToPeer; A terminated redirected; in ann cyd', told: ['A deleted terminated 200/0'] },
  ],
  [
    'redirecting, taken --the caller never comes--> ended for both',
    [rung, passedOn, connects(cyd)],
    later(10 * SECOND, wake),
    {
      state: 'peerToPeer; A terminated callee-setup-timeout; over',
      told: ['A deleted terminated 408/10057'],
      effects: ['DropLeg ann callee-setup-timeout', 'DropLeg cyd ended-by-peer'],
    },
  ],
  [
    'redirecting --one of two is busy--> the other still rings',
    [rung, passedOn],
    fails(bob),
    { state: 'peerToPeer; A redirecting; in ann(calling); ringing cyd', effects: ['DropLeg bob callee-busy'] },
  ],
  [
    'redirecting --the last one is busy--> ended for both, with its reason',
    [rung, passedOn, fails(bob)],
    fails(cyd),
    {
      state: 'peerToPeer; A terminated callee-busy; over',
      told: ['A deleted terminated 486/8539'],
      effects: ['DropLeg cyd callee-busy', 'DropLeg ann callee-busy'],
    },
  ],
  [
    'redirecting --nobody answers in the time of the request--> ended for both',
    [rung, redirect(a, [invitee(bob)])],
    later(20 * SECOND, wake),
    {
      state: 'peerToPeer; A terminated callee-no-answer; over',
      told: ['A deleted terminated 487/10004'],
      effects: ['DropLeg bob callee-no-answer', 'DropLeg ann callee-no-answer'],
    },
  ],
  [
    'redirecting --the caller hangs up--> nobody rings any longer',
    [rung, passedOn],
    leaves(ann),
    {
      state: 'peerToPeer; A terminated caller-cancelled; over',
      told: ['A deleted terminated 487/8542'],
      effects: ['DropLeg bob caller-cancelled', 'DropLeg cyd caller-cancelled'],
    },
  ],
  [
    'redirecting --restart--> whoever rang rings again',
    [rung, passedOn],
    resumed,
    {
      state: 'peerToPeer; A redirecting; in ann(calling); ringing bob; ringing cyd',
      effects: ['WatchLeg ann', 'Ring bob for ann', 'Ring cyd for ann'],
    },
  ],
  [
    'redirecting, taken --restart--> the caller is connected again',
    [rung, passedOn, connects(cyd)],
    resumed,
    {
      state: 'peerToPeer; A redirecting; in ann(calling) cyd',
      effects: ['ConnectLeg ann', 'WatchLeg ann', 'WatchLeg cyd'],
    },
  ],
  [
    'redirected to itself: refused',
    [rung],
    redirect(a, [application(a)]),
    { refused: { name: 'redirectsInCircle', identity: a.identity } },
  ],
  [
    'answered --redirect--> refused',
    [rung, answer(a)],
    passedOn,
    { refused: { name: 'callNotIncoming', state: 'establishing', action: 'redirect' } },
  ],
  ['redirected to nobody: refused', [rung], redirect(a, []), { refused: { name: 'noInvitees' } }],
]

const transferring: readonly Arrow[] = [
  [
    'established --transfer--> transferring: the target rings for the other side',
    pair,
    toBob,
    {
      state: 'peerToPeer; A transferring; in ann a; ringing bob',
      told: ['A updated transferring'],
      effects: ['Ring bob for ann'],
    },
  ],
  [
    'transferring --answered--> transferAccepted',
    [...pair, toBob],
    picksUp(bob),
    { state: 'peerToPeer; A transferAccepted; in ann a; connecting bob', told: ['A updated transferAccepted'] },
  ],
  [
    'transferAccepted --in--> ended, and the two go on',
    [...pair, toBob, picksUp(bob)],
    connects(bob),
    { state: 'peerToPeer; A terminated transferred; in ann bob', told: ['A deleted terminated 200/7015'] },
  ],
  [
    'the two --one hangs up--> over',
    [...pair, toBob, connects(bob)],
    leaves(bob),
    { state: 'peerToPeer; A terminated transferred; over', effects: ['DropLeg ann ended-by-peer'] },
  ],
  [
    'transferring --busy--> established again',
    [...pair, toBob],
    fails(bob),
    {
      state: 'peerToPeer; A established; in ann a',
      told: ['A updated transferFailed'],
      effects: ['DropLeg bob callee-busy'],
    },
  ],
  [
    'transferAccepted --media never comes--> established again',
    [...pair, toBob, picksUp(bob)],
    later(10 * SECOND, wake),
    {
      state: 'peerToPeer; A established; in ann a',
      told: ['A updated transferFailed'],
      effects: ['DropLeg bob callee-setup-timeout'],
    },
  ],
  [
    'transferring --keepAlive--> the deadline is put off',
    [...pair, toBob],
    keepAlive(a),
    { state: 'peerToPeer; A transferring; in ann a; ringing bob' },
  ],
  [
    'transferring --hang-up--> over, and nobody rings',
    [...pair, toBob],
    hangUp(a),
    {
      state: 'peerToPeer; A terminated ended-by-bot; over',
      told: ['A updated terminating', 'A deleted terminated 200/7000'],
      effects: ['DropLeg bob caller-cancelled', 'DropLeg ann ended-by-bot'],
    },
  ],
  [
    'transferring --transfer--> refused',
    [...pair, toBob],
    transfer(a, invitee(cyd)),
    { refused: { name: 'transferConflict' } },
  ],
  [
    'consultative: the other conversation is asked, and nobody rings',
    pair,
    transfer(a, replacing(bob, 'X', { callId: 'X', conversationId: 'other' })),
    {
      state: 'peerToPeer; A transferring; in ann a; moving bob',
      told: ['A updated transferring'],
      effects: ['Tell other MoveAsked'],
    },
  ],
  [
    'consultative --restart--> it is asked again',
    [...pair, transfer(a, replacing(bob, 'X', { callId: 'X', conversationId: 'other' }))],
    resumed,
    {
      state: 'peerToPeer; A transferring; in ann a; moving bob',
      effects: ['WatchLeg ann', 'Tell other MoveAsked'],
    },
  ],
]

const told: readonly Arrow[] = [
  [
    'establishing --the target rings--> told once, if asked for',
    [create(a, [invitee(ann)], { manners: ringing })],
    rings(ann),
    { state: 'peerToPeer; A establishing; ringing ann', told: ['A updated ringing'] },
  ],
  [
    'a second ring is no news',
    [create(a, [invitee(ann)], { manners: ringing }), rings(ann)],
    rings(ann),
    { state: 'peerToPeer; A establishing; ringing ann' },
  ],
  [
    'whoever did not ask for it is not told',
    [create(a, [invitee(ann)])],
    rings(ann),
    { state: 'peerToPeer; A establishing; ringing ann' },
  ],
  [
    'the time of the request is over',
    [create(a, [invitee(ann)], { ringTimeout: 2 * MINUTE })],
    later(2 * MINUTE, wake),
    {
      state: 'peerToPeer; A terminated callee-no-answer; over',
      told: ['A deleted terminated 487/10004'],
      effects: ['DropLeg ann callee-no-answer'],
    },
  ],
]

arrows([...redirecting, ...transferring, ...told])
