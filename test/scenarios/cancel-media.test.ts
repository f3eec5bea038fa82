import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startWorld } from '../support/world.ts'
import { act, answered, assertRunning, cancelled, mediaEnded, mediaPrompt, promptOf } from './media-steps.ts'
import { peerToPeer } from './steps.ts'

test('cancelling ends what runs and what waits, each by its own notification', async (t) => {
  const world = await startWorld(t)
  const uri = await promptOf(t, 30)
  const call = await peerToPeer(world, 'ada', { version: 'beta' })
  const play = assertRunning(
    await act(world, call, 'playPrompt', { prompts: [mediaPrompt(uri)] }),
    call,
    'playPrompt',
    {
      completionReason: null,
    },
  )
  const record = assertRunning(await act(world, call, 'record'), call, 'record', {
    recordingLocation: null,
    recordingAccessToken: null,
    completionReason: null,
  })
  await world.advance('1s')
  const reply = await act(world, call, 'cancelMediaProcessing', { clientContext: 'stop', all: true })
  assert.equal(reply.status, 200)
  assert.deepEqual(reply.body, answered('cancelMediaProcessing', reply.body.id, 'completed', 'stop'))
  assert.deepEqual(await world.take(), [
    mediaEnded(call, 'playPrompt', play, 'failed', cancelled, { completionReason: 'mediaOperationCanceled' }),
    mediaEnded(call, 'record', record, 'failed', cancelled, { completionReason: 'operationCanceled' }),
  ])
  await world.advance('2m')
  await world.nothingElse()
})

test('there may be nothing to cancel', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  const reply = await act(world, call, 'cancelMediaProcessing')
  assert.deepEqual(reply.body, answered('cancelMediaProcessing', reply.body.id, 'completed'))
  await world.nothingElse()
})
