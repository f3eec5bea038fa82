/** An invite with `replacesCallId` that is given up on the way: nobody is lost, and no leg stays up. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { a, ann, bot, enters, fails, hangUp, join, leaves, mediaUp, remove, rules, wake } from './scene.suite.ts'
import { Talk, granted, group, move, moving, newAnn, x } from './talk.suite.ts'

test('moving --cancelled--> failed, and the person stays', () => {
  const talk = moving()
  talk.next()
  talk.say('here', remove(a, newAnn))
  talk.settle()
  assert.deepEqual(talk.told, ['A deleted op failed 487/8542'])
  assert.equal(talk.state('there'), 'peerToPeer; X established; in ann x')
})

test('granted --cancelled by hanging up--> failed, and the person stays', () => {
  const talk = granted()
  talk.effects = []
  assert.deepEqual(talk.say('here', hangUp(a)).effects, ['Tell there MoveCancelled'])
  talk.settle()
  assert.equal(talk.state('there'), 'peerToPeer; X established; in ann x')
})

test('departing --cancelled--> stays: the leg is moved back, should it have been moved', () => {
  const talk = granted()
  talk.say('here', hangUp(a))
  talk.effects = talk.effects.filter(({ effect }) => effect.type === 'Tell')
  assert.deepEqual(talk.next()?.effects, ['MoveLeg ann from here/ann2'])
})

test('departing from a call that is over, and the cancellation is lost in a crash: asked for after the restart', () => {
  const talk = granted()
  talk.say('there', hangUp(x))
  talk.say('here', hangUp(a))
  assert.equal(talk.state('there'), 'peerToPeer; X terminated ended-by-bot; departing ann to here; over')
  const dropped: string[] = []
  talk.restart()
  while (talk.effects.length > 0) dropped.push(...(talk.next()?.effects ?? []))
  assert.ok(dropped.includes('DropLeg ann ended-by-bot'), dropped.join())
  assert.equal(talk.state('there'), 'peerToPeer; X terminated ended-by-bot; over')
})

test('moving --no answer in time--> failed 408/10057', () => {
  const talk = moving()
  talk.now += rules.ringTimeout
  assert.deepEqual(talk.say('here', wake), {
    state: 'group; A established; in bob a cyd; op failed',
    told: ['A deleted op failed 408/10057'],
    effects: ['Tell there MoveCancelled'],
  })
})

test('granted --media never up--> failed 408/10057, and the person stays', () => {
  const talk = granted()
  talk.effects = []
  talk.now += rules.setupTimeout
  assert.deepEqual(talk.say('here', wake).told, ['A deleted op failed 408/10057'])
  talk.settle()
  assert.equal(talk.state('there'), 'peerToPeer; X established; in ann x')
})

test('granted --the leg cannot be moved--> failed, and the person stays', () => {
  const talk = granted()
  talk.effects = []
  assert.deepEqual(talk.say('here', fails(newAnn, 'media-failed')).told, ['A deleted op failed 410/301004'])
  talk.settle()
  assert.equal(talk.state('there'), 'peerToPeer; X established; in ann x')
})

test('departing --the person hangs up--> the replaced call ends, the operation fails', () => {
  const talk = granted()
  talk.effects = []
  assert.deepEqual(talk.say('there', leaves(ann)), {
    state: 'peerToPeer; X terminated ended-by-peer; over',
    told: ['X deleted terminated 200/4521'],
    effects: ['Tell here MoveRefused replace-not-found'],
  })
  talk.settle()
  assert.equal(talk.told.at(-1), 'A deleted op failed 404/10202')
})

test('departing --the replaced call is hung up--> its leg is left to the taking conversation', () => {
  const talk = granted()
  assert.deepEqual(talk.say('there', hangUp(x)), {
    state: 'peerToPeer; X terminated ended-by-bot; departing ann to here; over',
    told: ['X updated terminating', 'X deleted terminated 200/7000'],
    effects: [],
  })
  talk.settle()
  assert.equal(talk.state('here'), 'group; A established; in bob a cyd ann2; op completed')
  assert.equal(talk.state('there'), 'peerToPeer; X terminated ended-by-bot; over')
})

test('departing, the replaced call is over --the move is cancelled--> nobody wants the leg: it is dropped', () => {
  const talk = granted()
  talk.say('there', hangUp(x))
  talk.effects = []
  talk.say('here', remove(a, newAnn))
  assert.deepEqual(talk.next(), {
    state: 'peerToPeer; X terminated ended-by-bot; over',
    told: [],
    effects: ['MoveLeg ann from here/ann2', 'DropLeg ann ended-by-bot'],
  })
})

test('departing from a meeting that begins anew meanwhile --the move is cancelled--> the leg is dropped', () => {
  const meeting = [
    ['there', join(x, { conversationId: 'there' })],
    ['there', mediaUp(x)],
    ['there', enters(ann)],
  ] as const
  const talk = new Talk().start([...meeting, ...group])
  talk.say('here', move)
  talk.next()
  talk.next()
  talk.say('there', remove(x, ann))
  talk.effects = []
  talk.say('there', join({ ...bot('y'), appId: a.appId }, { conversationId: 'there' }))
  talk.effects = []
  talk.say('here', remove(a, newAnn))
  assert.deepEqual(talk.next()?.effects, ['MoveLeg ann from here/ann2', 'DropLeg ann kicked'])
})
