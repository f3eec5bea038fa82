/** A call to several people at once, from the first ring to the last who leaves. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PEOPLE, Stage } from './stage.ts'

const cast = {
  roles: ['Calls.InitiateGroupCall.All'],
  scripts: {
    Adele: { answer: { after: '1s', leaveAfter: '20s' } },
    Bao: { answer: { after: '2s', leaveAfter: '30s' } },
    Kofi: { decline: { after: '3s' } },
  },
}
const flags = Object.values(PEOPLE).flatMap((id) => ['--call', id])

test('people come and go, and the last one ends it', async (t) => {
  const stage = await Stage.start(t, cast)
  const bot = await stage.play('group-call-bot', ...flags)
  await bot.tells('calling 3 people', 'call A is establishing')
  await stage.advance('1s')
  await bot.tells('call A is established, with sound', 'in call A: Adele, Group Call Bot')
  await stage.advance('1s')
  await bot.tells('in call A: Adele, Group Call Bot, Bao')
  await stage.advance('1m')
  await bot.tells(
    'in call A: Group Call Bot, Bao',
    'call A is over: 200/5010 Nobody else was left in the call. DiagCode: 200#5010.@',
  )
  await bot.exits()
  assert.deepEqual(await stage.requests(), ['call: create 201'])
  await stage.end()
})

test('whoever stops the bot hangs up', async (t) => {
  const stage = await Stage.start(t, cast)
  const bot = await stage.play('group-call-bot', ...flags)
  await bot.tells('calling 3 people', 'call A is establishing')
  await stage.advance('1s')
  await bot.tells('call A is established, with sound', 'in call A: Adele, Group Call Bot')
  bot.stop()
  const over = 'call A is over: 200/7000 The application ended the call. DiagCode: 200#7000.@'
  await bot.tells('hanging up', 'call A is terminating', over)
  await bot.exits()
  assert.deepEqual(await stage.requests(), ['call: create 201', 'call: delete 204'])
  await stage.advance('1m')
  await stage.end()
})
