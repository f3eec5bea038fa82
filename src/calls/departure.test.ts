/** Somebody who may leave for another conversation, and does something else meanwhile. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Command } from './commands.ts'
import { Scene, a, ann, bob, bot, connects, create, cyd, dan, eve, invite, invitee } from './scene.suite.ts'
import { leaves, linesOf, replacing } from './scene.suite.ts'

const x = { ...bot('x'), appId: a.appId }

test('they hung up and came back: a question that comes again is answered as before, and they stay', () => {
  const scene = new Scene()
  scene.do('there', create(x, [invitee(ann), invitee(dan), invitee(eve)], { conversationId: 'there' }))
  for (const person of [ann, dan, eve]) scene.do('there', connects(person))
  scene.do('here', create(a, [invitee(bob), invitee(cyd)]))
  for (const person of [bob, cyd]) scene.do('here', connects(person))
  const taken = replacing({ ...ann, name: 'ann2' }, x.callId, { callId: x.callId, conversationId: 'there' })
  const [asks] = scene.do('here', invite(a, 'op', [taken])).effects
  assert.ok(asks?.type === 'Tell')
  const question: Command = asks.command
  assert.deepEqual(linesOf(scene.do('there', question)).effects, ['Tell here MoveGranted'])
  const refused = ['Tell here MoveRefused replace-not-found']
  assert.deepEqual(linesOf(scene.do('there', leaves(ann))).effects, refused)
  scene.do('there', invite(x, 'back', [invitee({ ...ann, name: 'ann3' })]))
  scene.do('there', connects({ ...ann, name: 'ann3' }))
  const again = linesOf(scene.do('there', question))
  assert.deepEqual(again.effects, refused)
  assert.match(again.state, /in x dan eve ann3; back completed$/)
})
