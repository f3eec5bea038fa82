import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startWorld } from '../support/world.ts'
import { act, assertRunning, done, mediaEnded, mediaPrompt, promptOf } from './media-steps.ts'
import { assertRefused, groupCall } from './steps.ts'

test('one participant hears music, and comes back', async (t) => {
  const world = await startWorld(t)
  const uri = await promptOf(t, 3)
  const { call, rows } = await groupCall(world)
  const [ada = { id: '' }, , ben = { id: '' }] = rows
  const start = `participants/${ada.id}/startHoldMusic`
  const begun = await act(world, call, start, { customPrompt: mediaPrompt(uri) })
  const first = assertRunning(begun, call, 'startHoldMusic', {}, 202)
  assert.deepEqual(await world.take(), [mediaEnded(call, 'startHoldMusic', first, 'completed', done)])

  assertRefused(await act(world, call, `participants/${ben.id}/startHoldMusic`), {
    status: 409,
    code: '8519',
    message: 'The request conflicts with the current state of the call.',
    explanation: `${ada.id} is on hold already, and only one participant at a time can be; stop their hold music first.`,
  })
  assertRefused(await act(world, call, `participants/${ben.id}/stopHoldMusic`), {
    status: 400,
    code: '8585',
    message: 'The call is not in a state that allows this action.',
    explanation: `${ben.id} is not on hold by this call.`,
  })

  const stopped = await act(world, call, `participants/${ada.id}/stopHoldMusic`)
  const second = assertRunning(stopped, call, 'stopHoldMusic', {}, 202)
  assert.deepEqual(await world.take(), [mediaEnded(call, 'stopHoldMusic', second, 'completed', done)])
  assert.equal((await act(world, call, `participants/${ben.id}/startHoldMusic`)).status, 202)
  assert.deepEqual(await world.lines(), ['deleted operation completed'])
  await world.nothingElse()
})
