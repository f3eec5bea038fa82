/** Applications as invitees: refused in profile `teams`, called in profile `open`. */
import { a, ann, answer, application, arrows, b, bob, connects, create, cyd, dan } from './scene.suite.ts'
import { hangUp, invite, invitee, later, leaves, mediaUp, open } from './scene.suite.ts'
import { reject, remove, rules, wake } from './scene.suite.ts'

/** A group of bot a, Ann and Bob. */
const group = [create(a, [invitee(ann), invitee(bob)]), connects(ann), connects(bob)]

arrows([
  [
    'established --invite an application, profile teams--> refused',
    group,
    invite(a, 'op', [application(b)]),
    { refused: { name: 'botInviteNotAllowed', identity: b.identity } },
  ],
])

const inviteB = invite(a, 'op', [application(b)])

arrows(
  [
    [
      'established --invite an application, profile open--> its call is incoming',
      group,
      inviteB,
      {
        state: 'group; A established; B incoming; in ann a bob; waiting b; op running',
        told: ['B created incoming'],
      },
    ],
    [
      'incoming --the invited application answers--> establishing',
      [...group, inviteB],
      answer(b),
      {
        state: 'group; A established; B establishing; in ann a bob; waiting b; op running',
        told: ['B updated establishing'],
        effects: ['ConnectCall B'],
      },
    ],
    [
      'establishing --its media is up--> in, and both are told',
      [...group, inviteB, answer(b)],
      mediaUp(b),
      {
        state: 'group; A established; B established; in ann a bob b; op completed',
        told: [
          'B updated established',
          'A deleted op completed',
          'A updated roster ann a bob b',
          'B updated roster ann a bob b',
        ],
      },
    ],
    [
      'incoming --the invited application rejects--> failed',
      [...group, inviteB],
      reject(b, 'busy'),
      {
        state: 'group; A established; B terminated busy-bot; in ann a bob; op failed',
        told: ['B deleted gone', 'A deleted op failed 486/8539'],
      },
    ],
    [
      'incoming --the invited application does not answer--> failed 408/8587',
      [...group, inviteB],
      later(rules.answerTimeout, wake),
      {
        state: 'group; A established; B terminated answer-timeout; in ann a bob; op failed',
        told: ['B deleted terminated 408/8587', 'A deleted op failed 408/8587'],
      },
    ],
    [
      'incoming --the invite is cancelled--> both end',
      [...group, inviteB],
      remove(a, b),
      {
        state: 'group; A established; B terminated caller-cancelled; in ann a bob; op failed',
        told: ['A deleted op failed 487/8542', 'B deleted terminated 487/8542'],
      },
    ],
    [
      'incoming, nobody else in --the invite is cancelled--> the operation ends before its call',
      [...group, inviteB, leaves(ann), leaves(bob)],
      remove(a, b),
      {
        state: 'group; A terminated last-participant; B terminated caller-cancelled; op failed; over',
        told: ['A deleted op failed 487/8542', 'B deleted terminated 487/8542', 'A deleted terminated 200/5010'],
      },
    ],
    [
      'establishing --hidden application--> in, and on no roster',
      [...group, invite(a, 'op', [application(b, { hidden: true })]), answer(b)],
      mediaUp(b),
      {
        state: 'group; A established; B established; in ann a bob b(hidden); op completed',
        told: ['B updated established', 'A deleted op completed', 'B updated roster ann a bob'],
      },
    ],
    [
      'two applications in --both invite--> each hears of its own operation only',
      [...group, inviteB, answer(b), mediaUp(b), invite(b, 'opB', [invitee(dan)])],
      connects(dan),
      {
        state: 'group; A established; B established; in ann a bob b dan; op completed; opB completed',
        told: ['B deleted opB completed', 'A updated roster ann a bob b dan', 'B updated roster ann a bob b dan'],
      },
    ],
    [
      'two applications in --the inviting one hangs up--> its own invitation ends, the other call goes on',
      [...group, inviteB, answer(b), mediaUp(b), inviteCydAs('op2'), invite(b, 'opB', [invitee(dan)])],
      hangUp(a),
      {
        state:
          'group; A terminated ended-by-bot; B established; in ann bob b; ringing dan; op completed; op2 failed; opB running',
        told: [
          'A updated terminating',
          'A deleted op2 failed 487/8542',
          'A deleted terminated 200/7000',
          'B updated roster ann bob b',
        ],
        effects: ['DropLeg cyd caller-cancelled'],
      },
    ],
  ],
  open,
)

function inviteCydAs(operationId: string) {
  return invite(a, operationId, [invitee(cyd)])
}
