import assert from 'node:assert/strict'
import { test } from 'node:test'
import { establish, startWorld, user } from '../support/world.ts'

test('a group call: created, established, one more person invited', async (t) => {
  const world = await startWorld(t)
  const callId = await establish(world, 'alpha', [user('ada'), user('ben')])
  const invited = await world
    .client('alpha')
    .post(`/communications/calls/${callId}/participants/invite`, { participants: [user('cleo')], clientContext: 'c1' })
  assert.equal(invited.status, 200, JSON.stringify(invited.body))
  assert.deepEqual(await world.lines(), ['deleted operation completed', 'updated roster of 4'])
})
