/** An answering machine: what was said is recorded, and played back. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { melody } from '../../examples/support/wav.ts'
import { Stage } from './stage.ts'

const roles = ['Calls.Initiate.All', 'Calls.AccessMedia.All']
/** The samples of a WAV file of ours: what follows its header. */
const samplesOf = (wav: Buffer): Buffer => wav.subarray(44)

test('a caller speaks, hears themselves, and is hung up on', async (t) => {
  const words = melody([300, 1.5], [350, 1.5])
  const stage = await Stage.start(t, { roles }, (folder) => writeFileSync(join(folder, 'words.wav'), words))
  const bot = await stage.play('voice-recorder-bot')
  await bot.tells('waiting for calls')
  const adele = await stage.calls('Adele')
  await stage.advance('0s')
  await bot.tells('call A from Adele', 'call A: speak after the beep')
  assert.deepEqual(await stage.sounds(), ['the bot for 1 s'])
  // The greeting, and half a second of the beep.
  await stage.advance('1500ms')
  await adele.says('words.wav')
  assert.deepEqual(await stage.sounds(), ['somebody for 3 s'])
  await stage.advance('5s')
  const why = '200/8509 A silence ended the recording. DiagCode: 200#8509.@'
  await bot.tells(`call A: the recording is completed, ${why} It has ${44 + 5 * 32_000} bytes`)
  const recordings = join(stage.folder, 'data', 'recordings')
  const [file = '', ...others] = readdirSync(recordings).filter((name) => name.endsWith('.wav'))
  assert.deepEqual(others, [])
  assert.ok(readFileSync(join(recordings, file)).includes(samplesOf(words)), 'the recording has what was said')
  assert.deepEqual(await stage.sounds(), ['the bot for 5 s'])
  await stage.advance('5s')
  await bot.tells('call A: completed, 200/0 Action completed successfully.')
  await bot.tells('call A is over: 200/7000 The application ended the call. DiagCode: 200#7000.@')
  assert.deepEqual(await stage.requests(), [
    'call: answer 202',
    'call: recordResponse 200',
    'call: playPrompt 200',
    'call: delete 204',
  ])
  bot.stop()
  await bot.exits()
  await stage.end()
})

test('a caller says nothing, and another hangs up in the middle', async (t) => {
  const stage = await Stage.start(t, { roles })
  const bot = await stage.play('voice-recorder-bot')
  await bot.tells('waiting for calls')
  await stage.calls('Adele')
  await stage.advance('0s')
  await bot.tells('call A from Adele', 'call A: speak after the beep')
  await stage.advance('6500ms')
  const over = 'is over: 200/7000 The application ended the call. DiagCode: 200#7000.@'
  await bot.tells('call A: failed, 400/8510 Nobody said anything. DiagCode: 400#8510.@', `call A ${over}`)

  const bao = await stage.calls('Bao')
  await stage.advance('0s')
  await bot.tells('call B from Bao', 'call B: speak after the beep')
  await stage.advance('1500ms')
  await bao.says('10s')
  await stage.advance('2s')
  await bao.leaves()
  await stage.advance('0s')
  const why = '200/0 The call ended, and with it the recording. DiagCode: 200#0.@'
  await bot.tells(`call B: the recording is completed, ${why} It has ${44 + 2 * 32_000} bytes`)
  assert.match(await bot.line(), /^Graph answers 404 8522: Call not found\. The call ended at .*: the other side/)
  await bot.tells('call B is over: 200/4521 The other side of the peer-to-peer call ended it. DiagCode: 200#4521.@')
  bot.stop()
  await bot.exits()
  await stage.end()
})
