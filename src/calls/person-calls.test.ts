/** A person calls another one: a call of two without any application. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Command } from './commands.ts'
import type { Invitee } from './reach.ts'
import {
  Scene,
  a,
  ann,
  bob,
  callsPerson,
  connects,
  create,
  cyd,
  dan,
  effectLine,
  fails,
  invite as inviteTo,
  invitee,
  leaves,
  picksUp,
  replacing,
  resumed,
  rules,
} from './scene.suite.ts'
import { wake } from './scene.suite.ts'
import { Talk, annOutOf, newAnn, pair } from './talk.suite.ts'

const calling = callsPerson(ann, bob)

/** What is left, and what the last command asked of the world. */
function after(...commands: readonly Command[]): { state: string; effects: readonly string[] } {
  const scene = new Scene(rules)
  let effects: readonly string[] = []
  for (const command of commands) effects = scene.do('here', command).effects.map(effectLine)
  return { state: scene.state('here'), effects }
}

test('calls --> the other one rings, and the caller waits', () => {
  const { state, effects } = after(calling)
  assert.match(state, /ringing bob/)
  assert.deepEqual(effects, ['Ring bob for ann'])
})

test('ringing --media connected--> the caller is connected too, and both are in', () => {
  assert.deepEqual(after(calling, picksUp(bob), connects(bob)).effects, ['ConnectLeg ann'])
  const { state } = after(calling, picksUp(bob), connects(bob), connects(ann))
  assert.match(state, /in ann bob$/)
})

test('ringing --declines, rings out--> the caller is told, and it is over', () => {
  assert.deepEqual(after(calling, fails(bob, 'callee-declined')).effects, [
    'DropLeg bob callee-declined',
    'DropLeg ann callee-declined',
  ])
  const scene = new Scene(rules)
  scene.do('here', calling)
  scene.now += rules.ringTimeout
  const { effects, conversation } = scene.do('here', wake)
  assert.deepEqual(effects.map(effectLine).toSorted(), ['DropLeg ann callee-no-answer', 'DropLeg bob callee-no-answer'])
  assert.ok(conversation.endedAt !== undefined)
})

test('ringing --the caller hangs up--> the other one stops ringing', () => {
  const { state, effects } = after(calling, leaves(ann))
  assert.deepEqual(effects, ['DropLeg bob caller-cancelled'])
  assert.match(state, /over$/)
})

test('in --one hangs up--> the other one is dropped', () => {
  const inside = [calling, connects(bob), connects(ann)]
  assert.deepEqual(after(...inside, leaves(bob)).effects, ['DropLeg ann ended-by-peer'])
  assert.deepEqual(after(...inside, leaves(ann)).effects, ['DropLeg bob ended-by-peer'])
})

test('a restart at any step goes on where it was', () => {
  assert.deepEqual(after(calling, resumed).effects.toSorted(), ['Ring bob for ann', 'WatchLeg ann'])
  assert.ok(after(calling, connects(bob), resumed).effects.includes('ConnectLeg ann'))
  assert.deepEqual(after(calling, connects(bob), connects(ann), resumed).effects.toSorted(), [
    'WatchLeg ann',
    'WatchLeg bob',
  ])
})

// Pulled out by an application

const inside = [calling, connects(bob), connects(ann)].map((command) => ['there', elsewhere(command)] as const)
const taking = [
  ['here', create(a, [invitee(dan), invitee(cyd)])],
  ['here', connects(dan)],
  ['here', connects(cyd)],
] as const
const annOut = annOutOf('there')

function elsewhere(command: Command): Command {
  return command.type === 'PersonCallsPerson' ? { ...command, conversationId: 'there' } : command
}

test('an invite pulls one of them into a group: nobody rings, and the other one is dropped', () => {
  const talk = new Talk().start([...inside, ...taking])
  talk.say('here', inviteTo(a, 'op', [annOut]))
  const there: string[] = []
  for (let left = 12; talk.effects.length > 0 && left > 0; left -= 1) {
    const [first] = talk.effects
    if (first?.conversationId === 'there') there.push(effectLine(first.effect))
    talk.next()
  }
  assert.equal(talk.state('here'), 'group; A established; in dan a cyd ann2; op completed')
  assert.match(talk.state('there'), /over$/)
  assert.deepEqual(there, ['Tell here MoveGranted', 'DropLeg bob ended-by-peer'])
})

for (const after of [0, 1, 2, 3, 4]) {
  test(`a restart after ${after} messages of that changes nothing`, () => {
    const talk = new Talk().start([...inside, ...taking])
    talk.say('here', inviteTo(a, 'op', [annOut]))
    for (let delivered = 0; delivered < after; delivered += 1) talk.next()
    talk.restart()
    talk.settle()
    assert.equal(talk.state('here'), 'group; A established; in dan a cyd ann2; op completed')
    assert.match(talk.state('there'), /over$/)
  })
}

test('who is not in it, or not in yet, and calls with an application are not found by that id', () => {
  const refused = (there: readonly (readonly [string, Command])[], invited: Invitee): readonly string[] => {
    const talk = new Talk().start([...there, ...taking])
    talk.say('here', inviteTo(a, 'op', [invited]))
    talk.settle()
    return talk.told
  }
  const failed = ['A deleted op failed 404/10202']
  const eva = replacing({ ...newAnn, identity: { kind: 'user', id: 'eva' } }, 'there', annOut.replaces?.call)
  assert.deepEqual(refused(inside, eva), failed)
  assert.deepEqual(refused(inside.slice(0, 1), annOut), failed)
  assert.deepEqual(refused([...inside, ['there', leaves(bob)]], annOut), failed)
  assert.deepEqual(refused(pair, annOut), failed)
})

test('nobody calls themselves', () => {
  const result = new Scene(rules).decide('here', callsPerson(ann, { ...ann, name: 'ann2' }))
  assert.ok(!result.ok && result.error.name === 'alreadyInCall')
})
