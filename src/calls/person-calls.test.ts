/** A person calls another one: a call of two without any application. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Command } from './commands.ts'
import {
  Scene,
  ann,
  bob,
  callsPerson,
  connects,
  effectLine,
  fails,
  leaves,
  picksUp,
  resumed,
  rules,
} from './scene.suite.ts'
import { wake } from './scene.suite.ts'

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

test('nobody calls themselves', () => {
  const result = new Scene(rules).decide('here', callsPerson(ann, { ...ann, name: 'ann2' }))
  assert.ok(!result.ok && result.error.name === 'alreadyInCall')
})
