/** Transfer out of a group call, on both sides, as tables: what comes before, the command, and all that follows. */
import type { Command, Transfer } from './commands.ts'
import type { Invitee } from './reach.ts'
import type { Arrow, Bot } from './scene.suite.ts'
import {
  SECOND,
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
  dan,
  fails,
} from './scene.suite.ts'
import { hangUp, invite, invitee, later, leaves, mediaUp, picksUp, resumed, wake } from './scene.suite.ts'

const transfer = ({ callId, appId }: Bot, target: Invitee, more: Partial<Transfer> = {}): Transfer => ({
  type: 'Transfer',
  callId,
  appId,
  target,
  ...more,
})

const group = [create(a, [invitee(ann), invitee(bob)]), connects(ann), connects(bob)]
const out = { conversationId: 'there', participantId: 'ann2' }
const outOf = { out, transferee: { participantId: 'ann' } }
const toDan = transfer(a, invitee(dan), outOf)
const to = { conversationId: 'there', participantId: 'ann2' }
const asked: Command = {
  type: 'MoveAsked',
  callId: a.callId,
  appId: a.appId,
  identity: ann.identity,
  participantId: 'ann',
  to,
}

const transferringOut: readonly Arrow[] = [
  [
    'group --transfer--> transferring: a conversation is told to begin',
    group,
    toDan,
    {
      state: 'group; A transferring; in ann a bob',
      told: ['A updated transferring'],
      effects: ['Tell there MoveBegins'],
    },
  ],
  [
    'transferring --the target has answered--> transferAccepted',
    [...group, toDan],
    { type: 'MoveAnswered', callId: a.callId, to },
    { state: 'group; A transferAccepted; in ann a bob', told: ['A updated transferAccepted'] },
  ],
  [
    'transferring --the transferee is asked for--> transferAccepted, and they may go',
    [...group, toDan],
    asked,
    {
      state: 'group; A transferAccepted; in ann a bob; departing ann to there',
      told: ['A updated transferAccepted'],
      effects: ['Tell there MoveGranted'],
    },
  ],
  [
    'departing --they are there--> the application leaves, and so the last one does',
    [...group, toDan, asked],
    { type: 'MoveDone', to, transferred: true },
    {
      state: 'group; A terminated transferred; over',
      told: ['A deleted terminated 200/7015'],
      effects: ['DropLeg bob last-participant'],
    },
  ],
  [
    'transferring --the target is busy--> established again',
    [...group, toDan],
    { type: 'MoveFailed', callId: a.callId, to, reason: { name: 'callee-busy' } },
    { state: 'group; A established; in ann a bob', told: ['A updated transferFailed'] },
  ],
  [
    'a failure of another transfer changes nothing',
    [...group, toDan],
    { type: 'MoveFailed', callId: a.callId, to: { ...to, participantId: 'x' }, reason: { name: 'callee-busy' } },
    { state: 'group; A transferring; in ann a bob' },
  ],
  [
    'transferring --the transferee leaves--> the target is left alone, the call established again',
    [create(a, [invitee(ann), invitee(bob), invitee(cyd)]), connects(ann), connects(bob), connects(cyd), toDan],
    leaves(ann),
    {
      state: 'group; A established; in a bob cyd',
      told: ['A updated transferFailed', 'A updated roster a bob cyd'],
      effects: ['Tell there MoveRefused caller-cancelled'],
    },
  ],
  [
    'transferring --hang-up--> the target is left alone',
    [...group, toDan],
    hangUp(a),
    {
      state: 'group; A terminated ended-by-bot; in ann bob',
      told: ['A updated terminating', 'A deleted terminated 200/7000'],
      effects: ['Tell there MoveRefused caller-cancelled'],
    },
  ],
  [
    'transferring --restart--> the conversation is told to begin again',
    [...group, toDan],
    resumed,
    {
      state: 'group; A transferring; in ann a bob',
      effects: ['WatchLeg ann', 'WatchLeg bob', 'Tell there MoveBegins'],
    },
  ],
  [
    'in versions that do not know it: refused',
    group,
    transfer(a, invitee(dan)),
    { refused: { name: 'notPeerToPeer' } },
  ],
  [
    'nobody is named: refused',
    group,
    transfer(a, invitee(dan), { out }),
    { refused: { name: 'badTransferee', rule: 'missing' } },
  ],
  [
    'the application itself: refused',
    group,
    transfer(a, invitee(dan), { out, transferee: { participantId: 'a' } }),
    { refused: { name: 'badTransferee', rule: 'application' } },
  ],
  [
    'to somebody who is in: refused',
    group,
    transfer(a, invitee(bob), outOf),
    { refused: { name: 'alreadyInCall', identity: bob.identity, where: 'call' } },
  ],
  [
    'transferring --transfer of another one--> refused',
    [...group, toDan],
    transfer(a, invitee(cyd), { out, transferee: { participantId: 'bob' } }),
    { refused: { name: 'transferConflict' } },
  ],
]

const begins: Command = {
  type: 'MoveBegins',
  conversationId: 'here',
  tenantId: 'contoso',
  callChainId: 'chain',
  from: { callId: 'X', conversationId: 'group' },
  appId: 'app-x',
  target: invitee(dan),
  transferee: { participantId: 'ann2', fromParticipantId: 'ann', identity: ann.identity, address: ann.address },
  transferor: a.identity,
}
const granted: Command = {
  type: 'MoveGranted',
  participantId: 'ann2',
  fromParticipantId: 'ann',
  from: { callId: 'X', conversationId: 'group' },
}
const newAnn = { ...ann, name: 'ann2' }
const given: Command = { type: 'MoveRefused', participantId: 'ann2', reason: { name: 'caller-cancelled' } }

const meeting: readonly Arrow[] = [
  [
    'nothing --begin--> the target rings',
    [],
    begins,
    { state: 'peerToPeer; ringing dan', effects: ['Ring dan for ann'] },
  ],
  ['ringing --begin again--> nothing new', [begins], begins, { state: 'peerToPeer; ringing dan' }],
  [
    'ringing --answered--> the group is told',
    [begins],
    picksUp(dan),
    { state: 'peerToPeer; connecting dan', effects: ['Tell group MoveAnswered'] },
  ],
  [
    'connecting --in--> the transferee is asked for',
    [begins, picksUp(dan)],
    connects(dan),
    { state: 'peerToPeer; in dan; moving ann2', effects: ['Tell group MoveAsked'] },
  ],
  [
    'moving --granted--> their leg is moved',
    [begins, connects(dan)],
    granted,
    { state: 'peerToPeer; in dan; granted ann2', effects: ['MoveLeg ann2 from group/ann'] },
  ],
  [
    'granted --in--> the group is told, and the two go on',
    [begins, connects(dan), granted],
    connects(newAnn),
    { state: 'peerToPeer; in dan ann2', effects: ['Tell group MoveDone'] },
  ],
  [
    'both in --begin again--> the answer again',
    [begins, connects(dan), granted, connects(newAnn)],
    begins,
    { state: 'peerToPeer; in dan ann2', effects: ['Tell group MoveDone'] },
  ],
  [
    'ringing --busy--> the group is told why, and it is over',
    [begins],
    fails(dan),
    { state: 'peerToPeer; over', effects: ['DropLeg dan callee-busy', 'Tell group MoveFailed callee-busy'] },
  ],
  [
    'over --begin again--> it failed',
    [begins, fails(dan)],
    begins,
    { state: 'peerToPeer; over', effects: ['Tell group MoveFailed caller-cancelled'] },
  ],
  [
    'ringing --given up--> nobody rings',
    [begins],
    given,
    { state: 'peerToPeer; over', effects: ['DropLeg dan caller-cancelled', 'Tell group MoveFailed caller-cancelled'] },
  ],
  [
    'moving --they left--> the target is left alone',
    [begins, connects(dan)],
    given,
    {
      state: 'peerToPeer; over',
      effects: ['Tell group MoveCancelled', 'Tell group MoveFailed caller-cancelled', 'DropLeg dan caller-cancelled'],
    },
  ],
  [
    'moving --the target hangs up--> both sides are told',
    [begins, connects(dan)],
    leaves(dan),
    { state: 'peerToPeer; over', effects: ['Tell group MoveCancelled', 'Tell group MoveFailed left'] },
  ],
  [
    'granted --the leg does not come--> both sides are told',
    [begins, connects(dan), granted],
    later(10 * SECOND, wake),
    {
      state: 'peerToPeer; over',
      effects: [
        'Tell group MoveCancelled',
        'Tell group MoveFailed callee-setup-timeout',
        'DropLeg dan caller-cancelled',
      ],
    },
  ],
  [
    'ringing --restart--> it rings again',
    [begins],
    resumed,
    { state: 'peerToPeer; ringing dan', effects: ['Ring dan for ann'] },
  ],
  [
    'the target makes it a group and leaves --> the transferee stays where they are',
    [{ ...begins, target: application(b) }, answer(b), mediaUp(b), invite(b, 'op', [invitee(cyd)])],
    hangUp(b),
    {
      state: 'group; B terminated ended-by-bot; op failed; over',
      told: ['B updated terminating', 'B deleted op failed 487/8542', 'B deleted terminated 200/7000'],
      effects: ['DropLeg cyd caller-cancelled', 'Tell group MoveCancelled', 'Tell group MoveFailed caller-cancelled'],
    },
  ],
  [
    'to an application --answered--> it is in, and the transferee is asked for',
    [{ ...begins, target: application(b) }, answer(b)],
    mediaUp(b),
    {
      state: 'peerToPeer; B established; in b; moving ann2',
      told: ['B updated established'],
      effects: ['Tell group MoveAsked'],
    },
  ],
]

arrows([...transferringOut, ...meeting])
