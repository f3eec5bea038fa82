import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Command } from './commands.ts'
import type { MixerLevel } from './call.ts'
import type { Hearing } from './hearing.ts'
import { heardBy, hearingOf, isSameHearing, silence, whileTalking } from './hearing.ts'
import { hold, unhold } from './media-scene.suite.ts'
import { REQUIRED, Scene, a, ann, answer, b, bob, calls, connects, create, cyd } from './scene.suite.ts'
import { invite, invitee, leaves, mediaUp, recorded, rules, waits } from './scene.suite.ts'

/** A group call of bot a with ann, bob and cyd. */
const group: readonly Command[] = [
  create(a, [invitee(ann), invitee(bob), invitee(cyd)]),
  connects(ann),
  connects(bob),
  connects(cyd),
]
const { callId, appId } = a

function mute(participantId: string, muted = true): Command {
  return { type: 'Mute', callId, appId, operationId: 'mute', muted, whom: { type: 'one', participantId } }
}

function route(sources: readonly string[], receivers: readonly string[]): Command {
  const routingMode = receivers.length === 1 ? 'oneToOne' : 'multicast'
  return {
    type: 'RouteAudio',
    callId,
    appId,
    groupId: 'g',
    action: 'create',
    group: { routingMode, sources, receivers },
  }
}

function mix(...levels: readonly MixerLevel[]): Command {
  return { type: 'ConfigureMixer', callId, appId, operationId: 'mix', levels }
}

function level(participantId: string, more: Partial<MixerLevel>): MixerLevel {
  return { participantId, exclusive: false, sources: [], ...more }
}

function source(participantId: string, loud: number, duckOthers = false): MixerLevel['sources'][number] {
  return { participantId, level: loud, duckOthers }
}

function hearingAfter(commands: readonly Command[]): Hearing {
  const scene = new Scene(rules)
  for (const command of commands) scene.do('here', command)
  const conversation = scene.conversations.get('here')
  assert.ok(conversation)
  return hearingOf(conversation)
}

/** What everybody hears, such as `ann: A bob*0.5`. */
function lines(hearing: Hearing, talking: readonly string[] = []): readonly string[] {
  return hearing.listeners.toSorted().map((listener) => {
    const heard = Object.entries(heardBy(hearing, listener, new Set(talking)))
    const words = heard.map(([speaker, gain]) => (gain === 1 ? speaker : `${speaker}*${gain}`)).toSorted()
    return [`${listener}:`, ...words].join(' ')
  })
}

const alone = { outsideDefaultMix: true } as const

const table: readonly (readonly [name: string, given: readonly Command[], then: readonly string[]])[] = [
  [
    'everybody hears everybody but themselves',
    group,
    ['A: ann bob cyd', 'ann: A bob cyd', 'bob: A ann cyd', 'cyd: A ann bob'],
  ],
  ['a peer-to-peer call', [create(a, [invitee(ann)]), connects(ann)], ['A: ann', 'ann: A']],
  ['nobody before the first has answered', [create(a, [invitee(ann)])], []],
  ['whoever has left is not heard', [...group, leaves(bob)], ['A: ann cyd', 'ann: A cyd', 'cyd: A ann']],
  ['a caller hears nothing before the answer', [calls(ann, a)], []],
  ['and then the application', [calls(ann, a), answer(a), mediaUp(a), connects(ann)], ['A: ann', 'ann: A']],
  [
    'an application without media neither hears nor is heard',
    [calls(ann, a), answer(a, { mediaConfig: { type: 'none' } }), mediaUp(a), connects(ann)],
    ['ann:'],
  ],
  ['whoever is muted hears', [...group, mute('ann')], ['A: bob cyd', 'ann: A bob cyd', 'bob: A cyd', 'cyd: A bob']],
  ['a muted application', [...group, mute('a')], ['A: ann bob cyd', 'ann: bob cyd', 'bob: ann cyd', 'cyd: ann bob']],
  [
    'unmuted again',
    [...group, mute('ann'), mute('ann', false), leaves(cyd)],
    ['A: ann bob', 'ann: A bob', 'bob: A ann'],
  ],
  ['the lobby hears nothing', [...group.slice(0, 3), waits(cyd)], ['A: ann bob', 'ann: A bob', 'bob: A ann']],
  [
    'nor does whoever waits for a recorder',
    [create(a, [invitee(ann), recorded(bob, b, REQUIRED)]), connects(ann), connects(bob)],
    ['A: ann', 'ann: A'],
  ],
  [
    'whoever is on hold hears music',
    [...group, hold(a, 'hold', bob)],
    ['A: ann cyd', 'ann: A cyd', 'bob: hold-music:bob', 'cyd: A ann'],
  ],
  [
    'and comes back',
    [...group, hold(a, 'hold', bob), unhold(a, 'unhold', bob), leaves(cyd)],
    ['A: ann bob', 'ann: A bob', 'bob: A ann'],
  ],
  [
    'outside of the default mix nobody hears or is heard',
    [
      create(a, [invitee(ann), invitee(bob)]),
      connects(ann),
      connects(bob),
      invite(a, 'op', [invitee(cyd, alone)]),
      connects(cyd),
    ],
    ['A: ann bob', 'ann: A bob', 'bob: A ann', 'cyd:'],
  ],
  [
    'an application, too',
    [calls(ann, a), answer(a, { mediaConfig: { type: 'serviceHosted', ...alone } }), mediaUp(a), connects(ann)],
    ['A:', 'ann:'],
  ],
  [
    'one to one, into the default mix',
    [create(a, [invitee(ann), invitee(cyd, alone)]), connects(ann), connects(cyd), route(['ann'], ['cyd'])],
    ['A: ann', 'ann: A', 'cyd: ann'],
  ],
  [
    'one to many, out of the default mix',
    [
      create(a, [invitee(ann), invitee(bob), invitee(cyd, alone)]),
      ...[ann, bob, cyd].map((one) => connects(one)),
      route(['cyd'], ['a', 'ann']),
    ],
    ['A: ann bob cyd', 'ann: A bob cyd', 'bob: A ann', 'cyd:'],
  ],
  [
    'a route of somebody who is muted is silent',
    [
      create(a, [invitee(ann), invitee(cyd, alone)]),
      connects(ann),
      connects(cyd),
      route(['ann'], ['cyd']),
      mute('ann'),
    ],
    ['A:', 'ann: A', 'cyd:'],
  ],
  [
    'a route within the default mix changes nothing',
    [...group.slice(0, 3), route(['ann'], ['bob'])],
    ['A: ann bob', 'ann: A bob', 'bob: A ann'],
  ],
  [
    'a level is a percentage',
    [...group, mix(level('ann', { sources: [source('bob', 50), source('a', 300)] }))],
    ['A: ann bob cyd', 'ann: A bob*0.5 cyd', 'bob: A ann cyd', 'cyd: A ann bob'],
  ],
  [
    'at level 0 nothing is heard',
    [...group, leaves(cyd), mix(level('ann', { sources: [source('bob', 0)] }))],
    ['A: ann bob', 'ann: A', 'bob: A ann'],
  ],
  [
    'exclusive: the sources alone',
    [...group, mix(level('ann', { exclusive: true, sources: [source('bob', 50)] }), level('bob', { exclusive: true }))],
    ['A: ann bob cyd', 'ann: bob*0.5', 'bob:', 'cyd: A ann bob'],
  ],
]

for (const [name, given, then] of table) {
  test(name, () => assert.deepEqual(lines(hearingAfter(given)), then))
}

test('ducking: others are lowered while somebody talks', () => {
  const ducking = { rampActive: 50, rampInactive: 500, lowerLevel: 10, upperLevel: 80 }
  const sources = [source('bob', 100, true), source('cyd', 50)]
  const hearing = hearingAfter([...group, mix(level('ann', { ducking, sources }))])
  assert.equal(lines(hearing)[1], 'ann: A*0.8 bob cyd*0.4')
  assert.equal(lines(hearing, ['cyd', 'A'])[1], 'ann: A*0.8 bob cyd*0.4')
  assert.equal(lines(hearing, ['bob'])[1], 'ann: A*0.1 bob cyd*0.05')
  assert.equal(lines(whileTalking(hearing, new Set(['bob'])))[1], 'ann: A*0.1 bob cyd*0.05')
  const { by, rampActive, rampInactive } = hearing.ducking['ann'] ?? {}
  assert.deepEqual([by, rampActive, rampInactive], [['bob'], 50, 500])
  assert.deepEqual(Object.keys(hearing.apart), ['ann'])
})

test('ducking without its numbers: others go down to a tenth', () => {
  const hearing = hearingAfter([...group, mix(level('ann', { sources: [source('bob', 100, true)] }))])
  assert.equal(lines(hearing)[1], 'ann: A bob cyd')
  assert.equal(lines(hearing, ['bob'])[1], 'ann: A*0.1 bob cyd*0.1')
})

test('whether two say the same', () => {
  const one = hearingAfter(group)
  assert.ok(isSameHearing(one, hearingAfter(group)))
  for (const further of [mute('ann'), hold(a, 'hold', bob), leaves(cyd), mix(level('ann', { exclusive: true }))]) {
    assert.ok(!isSameHearing(one, hearingAfter([...group, further])))
    assert.ok(!isSameHearing(hearingAfter([...group, further]), one))
  }
  assert.ok(!isSameHearing(one, silence))
})
