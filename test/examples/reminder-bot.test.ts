/** A reminder by phone: to somebody who answers, and to somebody who does not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PEOPLE, Stage } from './stage.ts'

const cast = {
  roles: ['Calls.Initiate.All'],
  scripts: { Adele: { answer: { after: '3s' } }, Bao: { busy: {} } },
}

test('somebody answers, hears the reminder to its end, and is hung up on', async (t) => {
  const stage = await Stage.start(t, cast)
  const bot = await stage.play('reminder-bot', '--call', PEOPLE.Adele)
  await bot.tells(`calling ${PEOPLE.Adele}`, 'Graph has made the call: it is establishing')
  await stage.advance('3s')
  await bot.tells('they have answered, and hear the reminder')
  assert.deepEqual(await stage.sounds(), ['the bot for 2 s'])
  await stage.advance('1900ms')
  await stage.advance('100ms')
  await bot.tells(
    'the reminder: completed, 200/0 Action completed successfully.',
    'the call is over: 200/7000 The application ended the call. DiagCode: 200#7000.@',
  )
  await bot.exits()
  assert.deepEqual(await stage.requests(), ['call: create 201', 'call: playPrompt 200', 'call: delete 204'])
  await stage.end()
})

test('somebody is busy', async (t) => {
  const stage = await Stage.start(t, cast)
  const bot = await stage.play('reminder-bot', '--call', PEOPLE.Bao)
  await bot.tells(`calling ${PEOPLE.Bao}`, 'Graph has made the call: it is establishing')
  await bot.tells('the call is over: 486/8539 The user is busy. DiagCode: 486#8539.@')
  await bot.exits()
  assert.deepEqual(await stage.requests(), ['call: create 201'])
  await stage.end()
})
