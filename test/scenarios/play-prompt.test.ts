import assert from 'node:assert/strict'
import { test } from 'node:test'
import { line } from '../support/bot.ts'
import { startWorld } from '../support/world.ts'
import { act, assertRunning, cancelled, done, mediaEnded, mediaPrompt, promptOf } from './media-steps.ts'
import { CALLS, assertRefused, invalidArgument, peerToPeer } from './steps.ts'
import { ended, result } from './wire.ts'

test('a prompt is played for as long as it lasts, and then completed', async (t) => {
  const world = await startWorld(t)
  const uri = await promptOf(t, 2)
  const call = await peerToPeer(world)
  const reply = await act(world, call, 'playPrompt', { prompts: [mediaPrompt(uri)], clientContext: 'mine' })
  const id = assertRunning(reply, call, 'playPrompt', { clientContext: 'mine' })
  await world.advance('1s')
  await world.nothingElse()
  await world.advance('1s')
  assert.deepEqual(await world.take(), [
    mediaEnded(call, 'playPrompt', id, 'completed', done, { clientContext: 'mine' }),
  ])
  await world.nothingElse()
})

test('beta says why it is complete', async (t) => {
  const world = await startWorld(t)
  const uri = await promptOf(t, 1)
  const call = await peerToPeer(world, 'ada', { version: 'beta' })
  const reply = await act(world, call, 'microsoft.graph.playPrompt', { prompts: [mediaPrompt(uri)] })
  const id = assertRunning(reply, call, 'playPrompt', { completionReason: null })
  await world.advance('1s')
  assert.deepEqual(await world.take(), [
    mediaEnded(call, 'playPrompt', id, 'completed', done, { completionReason: 'completedSuccessfully' }),
  ])
})

test('prompts queue, each with its own end; one that waits is not started yet', async (t) => {
  const world = await startWorld(t)
  const uri = await promptOf(t, 2)
  const call = await peerToPeer(world)
  const ids: string[] = []
  for (const prompts of [[mediaPrompt(uri)], [mediaPrompt(uri, { loop: 2 }), mediaPrompt(uri)]]) {
    ids.push(assertRunning(await act(world, call, 'playPrompt', { prompts }), call, 'playPrompt'))
  }
  const read = await world.client('alpha').get(`${CALLS}/${call.id}/operations`)
  assert.deepEqual(
    read.body.value.map(({ id, status }: { id: string; status: string }) => [id, status]),
    [
      [ids[0], 'running'],
      [ids[1], 'notStarted'],
    ],
  )
  await world.advance('2s')
  assert.deepEqual(await world.take(), [mediaEnded(call, 'playPrompt', ids[0] ?? '', 'completed', done)])
  await world.advance('5s')
  await world.nothingElse()
  await world.advance('1s')
  assert.deepEqual(await world.take(), [mediaEnded(call, 'playPrompt', ids[1] ?? '', 'completed', done)])
})

test('a prompt that is looped has no end but the cancelling', async (t) => {
  const world = await startWorld(t)
  const uri = await promptOf(t, 1)
  const call = await peerToPeer(world)
  const id = assertRunning(
    await act(world, call, 'playPrompt', { prompts: [mediaPrompt(uri)], loop: true }),
    call,
    'playPrompt',
  )
  await world.advance('30m')
  await world.nothingElse()
  await act(world, call, 'cancelMediaProcessing')
  assert.deepEqual(await world.take(), [mediaEnded(call, 'playPrompt', id, 'failed', cancelled)])
})

test('a prompt that is no such WAV file, or not there, fails the operation', async (t) => {
  const world = await startWorld(t)
  const uri = await promptOf(t, 1)
  const call = await peerToPeer(world)
  await act(world, call, 'playPrompt', { prompts: [mediaPrompt(uri.replace('prompt', 'missing'))] })
  const [failed, ...others] = await world.take()
  assert.deepEqual(others, [])
  assert.ok(failed)
  const { status, resultInfo } = failed.resourceData as { status: string; resultInfo: { subcode: number } }
  assert.deepEqual([status, resultInfo.subcode], ['failed', 8536])
})

test('the end of the call ends its prompts first', async (t) => {
  const world = await startWorld(t)
  const uri = await promptOf(t, 60)
  const call = await peerToPeer(world)
  const ids = []
  for (let count = 0; count < 2; count += 1) {
    const reply = await act(world, call, 'playPrompt', { prompts: [mediaPrompt(uri)] })
    ids.push(assertRunning(reply, call, 'playPrompt'))
  }
  await world.client('alpha').delete(`${CALLS}/${call.id}`)
  const why = result(400, 8508, 'The operation was cancelled: the call ended')
  const taken = await world.take()
  assert.deepEqual(taken.map(line), [
    'updated call terminating',
    'deleted operation failed',
    'deleted operation failed',
    'deleted call terminated',
  ])
  assert.deepEqual(
    taken.slice(1, 3),
    ids.map((id) =>
      ended(call, { '@odata.type': '#microsoft.graph.playPromptOperation', status: 'failed', resultInfo: why, id }),
    ),
  )
  await world.advance('2m')
  await world.nothingElse()
})

test('what is wrong with a request for prompts', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world)
  const prompt = mediaPrompt('https://bot.example/a.wav')
  const rows: [object, string][] = [
    [{}, 'prompts is required: what is to be played.'],
    [{ prompts: [] }, 'prompts is required: what is to be played.'],
    [{ prompts: Array(21).fill(prompt) }, 'prompts has 21 elements; at most 20 are allowed.'],
    [{ prompts: [{}] }, 'prompts[0].mediaInfo is required: where the prompt is.'],
    [{ prompts: [{ mediaInfo: {} }] }, 'prompts[0].mediaInfo.uri is required.'],
    [
      { prompts: [{ ...prompt, '@odata.type': '#microsoft.graph.textPrompt' }] },
      'prompts[0].@odata.type must be #microsoft.graph.mediaPrompt.',
    ],
    [{ prompts: [{ ...prompt, loop: 5000 }] }, 'prompts[0].loop must be a whole number from 0 to 1000.'],
    [
      { prompts: [prompt], clientContext: 'x'.repeat(257) },
      'clientContext has 257 characters; at most 256 are allowed.',
    ],
  ]
  for (const [body, explanation] of rows) {
    assertRefused(await act(world, call, 'playPrompt', { ...body }), invalidArgument(explanation))
  }
  await world.nothingElse()
})

test('a call whose media the application hosts itself plays nothing', async (t) => {
  const world = await startWorld(t)
  const call = await peerToPeer(world, 'ada', { more: { mediaConfig: { blob: '{}' } } })
  assertRefused(await act(world, call, 'playPrompt', { prompts: [mediaPrompt('https://bot.example/a.wav')] }), {
    status: 400,
    code: '8500',
    message: 'The action does not fit the media configuration of the call.',
    explanation:
      "The application hosts the call's media itself (appHostedMediaConfig); this needs serviceHostedMediaConfig.",
  })
})
