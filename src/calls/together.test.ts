/** Invites beyond what was published: all or nobody, the first to come, and chains of fallbacks. */
import type { Command } from './commands.ts'
import type { Invitee } from './reach.ts'
import { a, ann, answer, application, arrows, b, bob, connects, create, cyd, dan, desk, eve } from './scene.suite.ts'
import {
  fails,
  hangUp,
  invite,
  invitee,
  later,
  leaves,
  mediaUp,
  open,
  picksUp,
  remove,
  resumed,
  wake,
} from './scene.suite.ts'
import type { Person } from './scene.suite.ts'

const group = [create(a, [invitee(ann), invitee(bob)]), connects(ann), connects(bob)]
const all = (...invitees: readonly Invitee[]): ReturnType<typeof invite> => invite(a, 'op', invitees, { mode: 'all' })
const first = (...invitees: readonly Invitee[]): ReturnType<typeof invite> =>
  invite(a, 'op', invitees, { mode: 'first' })

/** Somebody with others who are rung in their place, five seconds each. */
function chain(who: Person, ...others: readonly Person[]): Invitee {
  const fallbacks = others.map((other, index) => {
    const { identity, reach } = invitee(other)
    return { legId: `${who.name}-${index + 1}`, identity, reach, ringTimeout: 5000 }
  })
  return { ...invitee(who), ringTimeout: 5000, fallbacks }
}

/** Media of a link of the chain is connected. */
function reports(link: number): Command {
  return { type: 'LegConnected', participantId: cyd.name, link, endpointType: 'default', lobby: false }
}

const both = all(invitee(cyd), invitee(dan))
const chained = invite(a, 'op', [chain(cyd, dan, desk)])

arrows(
  [
    [
      'all: ringing --media connected, others not--> held, told to nobody',
      [...group, both],
      connects(cyd),
      {
        state: 'group; A established; in ann a bob cyd(held); held cyd; ringing dan; op running',
        effects: ['WatchLeg cyd held'],
      },
    ],
    [
      'all: held --the last one comes--> everybody is in',
      [...group, both, connects(cyd)],
      connects(dan),
      {
        state: 'group; A established; in ann a bob cyd dan; op completed',
        told: ['A deleted op completed', 'A updated roster ann a bob cyd dan'],
        effects: ['WatchLeg cyd'],
      },
    ],
    [
      'all: held --another one declines--> nobody is in, and the held leg is dropped',
      [...group, both, connects(cyd)],
      fails(dan, 'callee-declined'),
      {
        state: 'group; A established; in ann a bob; op failed',
        told: ['A deleted op failed 603/8538'],
        effects: ['DropLeg dan callee-declined', 'DropLeg cyd invite-withdrawn'],
      },
    ],
    [
      'all: held --hangs up--> nobody is in',
      [...group, both, connects(cyd)],
      leaves(cyd),
      {
        state: 'group; A established; in ann a bob; op failed',
        told: ['A deleted op failed 200/4097'],
        effects: ['DropLeg dan invite-withdrawn'],
      },
    ],
    [
      'all: held --the other one rings out--> nobody is in',
      [...group, both, connects(cyd)],
      later(60_000, wake),
      {
        state: 'group; A established; in ann a bob; op failed',
        told: ['A deleted op failed 487/10004'],
        effects: ['DropLeg dan callee-no-answer', 'DropLeg cyd invite-withdrawn'],
      },
    ],
    [
      'all: held --taken back--> nobody is in',
      [...group, both, connects(cyd)],
      remove(a, cyd),
      {
        state: 'group; A established; in ann a bob; op failed',
        told: ['A deleted op failed 200/5300'],
        effects: ['DropLeg cyd kicked', 'DropLeg dan invite-withdrawn'],
      },
    ],
    [
      'all: held --the application hangs up--> the operation ends before the call',
      [...group, both, connects(cyd)],
      hangUp(a),
      {
        state: 'group; A terminated ended-by-bot; in ann bob; op failed',
        told: ['A updated terminating', 'A deleted op failed 487/8542', 'A deleted terminated 200/7000'],
        effects: ['DropLeg cyd caller-cancelled', 'DropLeg dan caller-cancelled'],
      },
    ],
    [
      'all: held --restart--> the leg is watched, the other one is rung again',
      [...group, both, connects(cyd)],
      resumed,
      {
        state: 'group; A established; in ann a bob cyd(held); held cyd; ringing dan; op running',
        effects: ['WatchLeg ann', 'WatchLeg bob', 'WatchLeg cyd held', 'Ring dan for app-a'],
      },
    ],
    [
      'all, with an application --it answers--> it waits, its call goes on establishing',
      [...group, all(application(b), invitee(dan)), answer(b)],
      mediaUp(b),
      { state: 'group; A established; B establishing; in ann a bob; waiting b; ringing dan; op running' },
    ],
    [
      'all, with an application that waits --the other one comes--> both are in',
      [...group, all(application(b), invitee(dan)), answer(b), mediaUp(b)],
      connects(dan),
      {
        state: 'group; A established; B established; in ann a bob dan b; op completed',
        told: [
          'B updated established',
          'A deleted op completed',
          'A updated roster ann a bob dan b',
          'B updated roster ann a bob dan b',
        ],
      },
    ],
    [
      'first: ringing --one comes--> the others stop ringing, completed',
      [...group, first(invitee(cyd), invitee(dan), invitee(eve))],
      connects(dan),
      {
        state: 'group; A established; in ann a bob dan; op completed',
        told: ['A deleted op completed', 'A updated roster ann a bob dan'],
        effects: ['DropLeg cyd another-joined', 'DropLeg eve another-joined'],
      },
    ],
    [
      'first: ringing --one picks up--> the others go on ringing until media is connected',
      [...group, first(invitee(cyd), invitee(dan))],
      picksUp(dan),
      { state: 'group; A established; in ann a bob; ringing cyd; connecting dan; op running' },
    ],
    [
      'first: the last one left --declines--> failed',
      [...group, first(invitee(cyd), invitee(dan)), fails(cyd, 'callee-busy')],
      fails(dan, 'callee-declined'),
      {
        state: 'group; A established; in ann a bob; op failed',
        told: ['A deleted op failed 486/8539'],
        effects: ['DropLeg dan callee-declined'],
      },
    ],
    [
      'chain: ringing --declines--> the next one rings under the same id',
      [...group, chained],
      fails(cyd, 'callee-declined'),
      {
        state: 'group; A established; in ann a bob; ringing cyd; op running',
        effects: ['DropLeg cyd callee-declined', 'Ring cyd for app-a'],
      },
    ],
    [
      'chain: ringing --rings out--> the next one rings',
      [...group, chained],
      later(5000, wake),
      {
        state: 'group; A established; in ann a bob; ringing cyd; op running',
        effects: ['DropLeg cyd callee-no-answer', 'Ring cyd for app-a'],
      },
    ],
    [
      'chain: the second one --comes--> completed',
      [...group, chained, later(5000, wake)],
      reports(1),
      {
        state: 'group; A established; in ann a bob cyd; op completed',
        told: ['A deleted op completed', 'A updated roster ann a bob cyd'],
      },
    ],
    [
      'chain: the second one --a late report of the first--> goes on ringing',
      [...group, chained, later(5000, wake)],
      reports(0),
      { state: 'group; A established; in ann a bob; ringing cyd; op running' },
    ],
    [
      'chain: the last one --rings out--> failed with the first reason',
      [...group, chained, later(5000, wake), later(5000, wake)],
      later(5000, wake),
      {
        state: 'group; A established; in ann a bob; op failed',
        told: ['A deleted op failed 487/10004'],
        effects: ['DropLeg cyd pstn-no-answer'],
      },
    ],
    [
      'chain: ringing --restart--> whoever is rung is rung again, with what is left of their time',
      [...group, chained, later(5000, wake)],
      resumed,
      {
        state: 'group; A established; in ann a bob; ringing cyd; op running',
        effects: ['WatchLeg ann', 'WatchLeg bob', 'Ring cyd for app-a'],
      },
    ],
    [
      'chain: the next one is in the call by now --declines--> passed over',
      [...group, chained, invite(a, 'other', [invitee(dan)]), connects(dan)],
      fails(cyd, 'callee-declined'),
      {
        state: 'group; A established; in ann a bob dan; ringing cyd; op running; other completed',
        effects: ['DropLeg cyd callee-declined', 'Ring cyd for app-a'],
      },
    ],
    [
      'chain: ringing --taken back--> the whole chain ends',
      [...group, chained],
      remove(a, cyd),
      {
        state: 'group; A established; in ann a bob; op failed',
        told: ['A deleted op failed 487/8542'],
        effects: ['DropLeg cyd caller-cancelled'],
      },
    ],
  ],
  open,
)
