/** A menu, and the colleague behind key 1: reached, and busy. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PEOPLE, Stage } from './stage.ts'

const roles = ['Calls.Initiate.All', 'Calls.AccessMedia.All']
const menu = 'call A: the menu is completed'
const answered = ['call: answer 202', 'call: playPrompt 200', 'call: subscribeToTone 200']

test('a caller listens, presses a wrong key, then the right one, and goes on with the colleague', async (t) => {
  const stage = await Stage.start(t, { roles, scripts: { Kofi: { answer: { after: '2s', leaveAfter: '20s' } } } })
  const bot = await stage.play('ivr-bot', '--colleague', PEOPLE.Kofi)
  await bot.tells('waiting for calls')
  const adele = await stage.calls('Adele')
  await stage.advance('0s')
  await bot.tells('call A from Adele', 'call A: here is the menu')
  assert.deepEqual(await stage.sounds(), ['the bot for 1.5 s'])
  await stage.advance('1500ms')
  await bot.tells(menu)
  await adele.press('5')
  await bot.tells('call A: tone5')
  await stage.advance('1500ms')
  await bot.tells(menu)
  await adele.press('1')
  await bot.tells('call A: tone1')
  await stage.advance('2s')
  await bot.tells('call A is over: 200/7015 The transfer was completed. DiagCode: 200#7015.@')
  assert.deepEqual(await stage.people(), ['Adele', 'Kofi'])
  bot.stop()
  await bot.exits()
  assert.deepEqual(await stage.requests(), [...answered, 'call: playPrompt 200', 'call: transfer 202'])
  await stage.advance('20s')
  await stage.end()
})

test('the colleague is busy: the caller hears the menu again, and hangs up', async (t) => {
  const stage = await Stage.start(t, { roles, scripts: { Kofi: { busy: {} } } })
  const bot = await stage.play('ivr-bot', '--colleague', PEOPLE.Kofi)
  await bot.tells('waiting for calls')
  const adele = await stage.calls('Adele')
  await stage.advance('1500ms')
  await bot.tells('call A from Adele', 'call A: here is the menu', menu)
  await adele.press('1')
  await stage.advance('500ms')
  const why = 'The transfer failed, because its target did not join: the user is busy. DiagCode: 500#7000.@'
  await bot.tells('call A: tone1', `call A: nobody there, 500/7000 ${why}`)
  await adele.leaves()
  await stage.advance('0s')
  const over = '200/4521 The other side of the peer-to-peer call ended it. DiagCode: 200#4521.@'
  await bot.tells('call A: the menu is failed', `call A is over: ${over}`)
  bot.stop()
  await bot.exits()
  assert.deepEqual(await stage.requests(), [...answered, 'call: transfer 202', 'call: playPrompt 200'])
  await stage.end()
})
