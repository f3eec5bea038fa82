import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TENANT, startWorld } from '../support/world.ts'
import { act, answered, assertRunning, cancelled, done, mediaEnded } from './media-steps.ts'
import { assertRefused, groupCall, invalidArgument, peerToPeer } from './steps.ts'
import type { Json, Known } from './wire.ts'
import { notification } from './wire.ts'

const toneTold = (call: Known, sequenceId: number, tone: string): Json =>
  notification('updated', call.id, {
    '@odata.type': '#microsoft.graph.call',
    state: 'established',
    toneInfo: { '@odata.type': '#microsoft.graph.toneInfo', sequenceId, tone },
    callChainId: call.callChainId,
    tenantId: TENANT,
    id: call.id,
  })

test('keys are told, in order, to whom subscribed and from then on', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { answer: { after: '0s', steps: [{ press: '5' }, { wait: '2s' }, { press: '1*#' }] } })
  const call = await peerToPeer(world)
  await world.advance('1s')
  await world.nothingElse()
  const reply = await act(world, call, 'subscribeToTone', { clientContext: 'keys' })
  assert.equal(reply.status, 200)
  assert.deepEqual(reply.body, answered('subscribeToTone', reply.body.id, 'completed', 'keys'))
  await world.advance('5s')
  assert.deepEqual(await world.take(), [
    toneTold(call, 1, 'tone1'),
    toneTold(call, 2, 'star'),
    toneTold(call, 3, 'pound'),
  ])
  await world.nothingElse()
})

test('in a group call everybody is heard', async (t) => {
  const world = await startWorld(t)
  await world.script('ada', { answer: { after: '0s', steps: [{ wait: '2s' }, { press: '1' }] } })
  await world.script('ben', { answer: { after: '0s', steps: [{ wait: '4s' }, { press: '2' }] } })
  const { call } = await groupCall(world)
  await act(world, call, 'subscribeToTone')
  await world.advance('5s')
  assert.deepEqual(await world.take(), [toneTold(call, 1, 'tone1'), toneTold(call, 2, 'tone2')])
})

test('sent tones are completed, also when they are cancelled', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  const reply = await act(world, call, 'sendDtmfTones', { tones: ['tone1', 'pound'], delayBetweenTonesMs: 500 })
  const id = assertRunning(reply, call, 'sendDtmfTones', { completionReason: null })
  await world.advance('10s')
  const reason = (completionReason: string): Json => ({ completionReason })
  assert.deepEqual(await world.take(), [
    mediaEnded(call, 'sendDtmfTones', id, 'completed', done, reason('completedSuccessfully')),
  ])
  const second = await act(world, call, 'sendDtmfTones', { tones: ['tone1', 'tone2'], delayBetweenTonesMs: 60_000 })
  await act(world, call, 'cancelMediaProcessing')
  assert.deepEqual(await world.take(), [
    mediaEnded(call, 'sendDtmfTones', second.body.id, 'completed', cancelled, reason('mediaOperationCanceled')),
  ])
})

test('what is wrong with a request for tones', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  assertRefused(
    await act(world, call, 'sendDtmfTones', {}),
    invalidArgument('tones is required: which keys are to be pressed.'),
  )
  assertRefused(
    await act(world, call, 'sendDtmfTones', { tones: ['tone1'], delayBetweenTonesMs: -1 }),
    invalidArgument('delayBetweenTonesMs must be a whole number from 0 to 60000.'),
  )
})
