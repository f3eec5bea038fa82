/** Where somebody is: told by their endpoint, and said to it again whenever something is asked of their leg. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Command } from './commands.ts'
import type { Effect } from './effects.ts'
import { hearingOf } from './hearing.ts'
import { a, ann, bob, calls, connects, create, cyd, invite, invitee, resumed, wake } from './scene.suite.ts'
import { Scene, MINUTE, answer, picksUp, remove, rules } from './scene.suite.ts'
import { Talk, group, move, pair } from './talk.suite.ts'

const rings = (participantId: string, device: string): Command => ({ type: 'LegRinging', participantId, device })

function devices(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) =>
    'address' in effect ? [`${effect.type} ${effect.participantId} ${effect.address.device ?? 'nowhere'}`] : [],
  )
}

test('ringing at a page --restart--> rung at the page again', () => {
  const scene = new Scene(rules)
  scene.do('here', create(a, [invitee(ann)]))
  scene.do('here', rings('ann', 'page'))
  assert.deepEqual(devices(scene.do('here', resumed).effects), ['Ring ann page'])
})

test('ringing at a page --gives up--> the page stops ringing', () => {
  const scene = new Scene(rules)
  for (const command of [create(a, [invitee(ann), invitee(bob)]), connects(bob), rings('ann', 'page')]) {
    scene.do('here', command)
  }
  scene.now += rules.ringTimeout + MINUTE
  assert.deepEqual(devices(scene.do('here', wake).effects), ['DropLeg ann page'])
})

test('connected at a page, then at another one --restart, removed--> asked of the other one', () => {
  const scene = new Scene(rules)
  const steps = [create(a, [invitee(ann), invitee(bob), invitee(cyd)]), rings('ann', 'page'), picksUp(ann)]
  for (const command of [...steps, connects(ann), connects(bob), connects(cyd)]) scene.do('here', command)
  const again = { ...connects(ann), device: 'other' } as Command
  const { effects, notifications, events } = scene.do('here', again)
  assert.deepEqual([effects, notifications, events], [[], [], []])
  assert.ok(devices(scene.do('here', resumed).effects).includes('WatchLeg ann other'))
  assert.deepEqual(devices(scene.do('here', remove(a, ann)).effects), ['DropLeg ann other'])
})

test('a caller is where they called from', () => {
  const scene = new Scene(rules)
  const command = calls(ann, a)
  const address = { ...command.caller.address, device: 'page' }
  scene.do('here', { ...command, caller: { ...command.caller, address } })
  scene.do('here', answer(a))
  const { effects } = scene.do('here', { type: 'CallConnected', callId: a.callId })
  assert.deepEqual(devices(effects), ['ConnectLeg ann page'])
})

test('whoever is pulled out of a call is moved where they are, and is there afterwards', () => {
  const talk = new Talk().start([...pair, ['there', { ...connects(ann), device: 'page' } as Command], ...group])
  const seen: string[] = []
  talk.say('here', move)
  while (talk.effects.length > 0) {
    seen.push(...devices(talk.effects.slice(0, 1).map(({ effect }) => effect)))
    talk.next()
  }
  assert.deepEqual(seen, ['MoveLeg ann2 page'])
  assert.ok(devices(talk.do('here', resumed).effects).includes('WatchLeg ann2 page'))
})

test('in --puts the call on hold--> the roster tells, nobody hears them and they hear nobody --comes back--> all as before', () => {
  const scene = new Scene(rules)
  for (const command of [create(a, [invitee(ann), invitee(bob)]), connects(ann), connects(bob)]) {
    scene.do('here', command)
  }
  const away = scene.do('here', { type: 'PersonHolds', participantId: 'ann', away: true })
  assert.deepEqual(
    away.notifications.map(({ subject }) => subject.type),
    ['roster'],
  )
  assert.deepEqual(hearingOf(away.conversation).listeners.toSorted(), ['bob', a.callId].toSorted())
  assert.deepEqual(scene.do('here', { type: 'PersonHolds', participantId: 'ann', away: true }).events, [])
  const back = scene.do('here', { type: 'PersonHolds', participantId: 'ann', away: false })
  assert.ok(hearingOf(back.conversation).listeners.includes('ann'))
  assert.equal('away' in (back.conversation.participants.find(({ id }) => id === 'ann') ?? {}), false)
})

test('whoever is not in cannot put anything on hold', () => {
  const scene = new Scene(rules)
  scene.do('here', create(a, [invitee(ann), invitee(bob)]))
  scene.do('here', connects(bob))
  scene.do('here', invite(a, 'op', [invitee(cyd)]))
  assert.throws(
    () => scene.do('here', { type: 'PersonHolds', participantId: 'cyd', away: true }),
    /participantNotFound/,
  )
})
