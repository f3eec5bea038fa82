/** Two people who are recorded and one who is not, called by another bot. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PEOPLE, Stage } from './stage.ts'

const cast = {
  roles: ['Calls.InitiateGroupCall.All'],
  recorded: ['Adele', 'Bao'],
  scripts: {
    Adele: { answer: { after: '1s' } },
    Bao: { answer: { after: '3s', leaveAfter: '10s' } },
    Kofi: { answer: { after: '2s' } },
  },
} as const
const { Adele, Bao } = PEOPLE
const nobodyLeft = '200/5002 Everybody whom the application recorded has left. DiagCode: 200#5002.@'
const hungUp = '200/7000 The application ended the call. DiagCode: 200#7000.@'
const flags = Object.values(PEOPLE).flatMap((id) => ['--call', id])

test('two people are recorded in one call, until they leave', async (t) => {
  const stage = await Stage.start(t, cast)
  const recorder = await stage.playAs('recorder', 'policy-recording-bot')
  await recorder.tells('waiting for calls')
  const bot = await stage.play('group-call-bot', ...flags)
  await bot.tells('calling 3 people', 'call A is establishing')

  await stage.advance('1s')
  await recorder.tells(
    `call A for 8:orgid:${Adele}`,
    'call A: the recording is told, completed',
    'in call A: Adele, Group Call Bot',
    'in call A: Adele (recorded), Group Call Bot',
  )
  await stage.advance('2s')
  await recorder.tells(
    'in call A: Adele (recorded), Group Call Bot, Kofi',
    `call A for 8:orgid:${Bao}, too`,
    'in call A: Adele (recorded), Group Call Bot, Kofi, Bao (recorded)',
  )
  await bot.tells('call A is established, with sound')
  await stage.advance('10s')
  await recorder.tells('call A: Bao is recorded no more', 'in call A: Adele (recorded), Group Call Bot, Kofi')
  await stage.leave('Adele')
  await stage.advance('0s')
  await recorder.tells('call A: Adele is recorded no more', `call A is over: ${nobodyLeft}`)
  recorder.stop()
  await recorder.exits()
  assert.deepEqual(await stage.requests('recorder'), ['call: answer 202', 'call: updateRecordingStatus 200'])

  assert.deepEqual(await stage.people(), ['Group Call Bot', 'Kofi'])
  bot.stop()
  await bot.tells(
    'in call A: Adele, Group Call Bot',
    'in call A: Adele, Group Call Bot',
    'in call A: Adele, Group Call Bot, Kofi',
    'in call A: Adele, Group Call Bot, Kofi, Bao',
    'in call A: Adele, Group Call Bot, Kofi',
    'in call A: Group Call Bot, Kofi',
    'hanging up',
    'call A is terminating',
    `call A is over: ${hungUp}`,
  )
  await bot.exits()
  await stage.leave('Kofi')
  await stage.end()
})

test('with room for one only, the next one makes another call; without the recorder they may not stay', async (t) => {
  const stage = await Stage.start(t, cast)
  const recorder = await stage.playAs('recorder', 'policy-recording-bot', '--capacity', '1')
  await recorder.tells('waiting for calls')
  const bot = await stage.play('group-call-bot', ...flags)
  await bot.tells('calling 3 people', 'call A is establishing')
  await stage.advance('3s')
  await recorder.tells(
    `call A for 8:orgid:${Adele}`,
    'call A: the recording is told, completed',
    'in call A: Adele, Group Call Bot',
    'in call A: Adele (recorded), Group Call Bot',
    'in call A: Adele (recorded), Group Call Bot, Kofi',
    `call B for 8:orgid:${Bao}`,
  )
  await recorder.tellsInAnyOrder(
    'in call A: Adele (recorded), Group Call Bot, Kofi, Bao',
    'in call A: Adele (recorded), Group Call Bot, Kofi, Bao (recorded)',
    'call B: the recording is told, completed',
    'in call B: Adele (recorded), Group Call Bot, Kofi, Bao',
    'in call B: Adele (recorded), Group Call Bot, Kofi, Bao (recorded)',
  )
  await stage.advance('10s')
  await recorder.tellsInAnyOrder(
    'in call A: Adele (recorded), Group Call Bot, Kofi',
    'call B: Bao is recorded no more',
    `call B is over: ${nobodyLeft}`,
  )
  recorder.stop()
  await recorder.tells('hanging up', `call A is over: ${hungUp}`)
  await recorder.exits()
  await stage.advance('0s')
  assert.deepEqual(await stage.people(), ['Group Call Bot', 'Kofi'])
  bot.stop()
  await bot.tells(
    'call A is established, with sound',
    'in call A: Adele, Group Call Bot',
    'in call A: Adele, Group Call Bot',
    'in call A: Adele, Group Call Bot, Kofi',
    'in call A: Adele, Group Call Bot, Kofi, Bao',
    'in call A: Adele, Group Call Bot, Kofi, Bao',
    'in call A: Adele, Group Call Bot, Kofi',
    'in call A: Group Call Bot, Kofi',
    'hanging up',
    'call A is terminating',
    `call A is over: ${hungUp}`,
  )
  await bot.exits()
  await stage.leave('Kofi')
  await stage.end()
})
