/** A bot with media of its own hears a caller through its socket, and is heard. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../faults/child.ts'
import { PEOPLE, Stage } from './stage.ts'

test('a caller speaks, and hears the answer', async (t) => {
  const stage = await Stage.start(t, { roles: ['Calls.Initiate.All', 'Calls.AccessMedia.All'] })
  const bot = await stage.play('voice-bot')
  await bot.tells('waiting for calls')
  const adele = await stage.calls('Adele')
  await stage.advance('0s')
  await bot.tells('call A from Adele')
  await bot.tellsInAnyOrder('call A: the sound is connected', 'call A is established')

  await adele.says('2s')
  await bot.tells('call A: somebody speaks')
  await stage.advance('2s')
  await bot.tells('call A: answering')
  await until('Adele hears the answer', 20_000, async () => {
    const asked = `/calls/${adele.callId}/audibility?speaker=${adele.callId}&listener=${PEOPLE.Adele}`
    const { value } = await stage.control('GET', asked)
    return value.length > 0
  })
  const { value } = await stage.control('GET', `/calls/${adele.callId}/audibility?speaker=${PEOPLE.Adele}`)
  assert.equal(value[0].listener.id, adele.callId)

  await adele.leaves()
  await stage.advance('0s')
  await bot.tells('call A is over: 200/4521 The other side of the peer-to-peer call ended it. DiagCode: 200#4521.@')
  assert.deepEqual(await stage.requests(), ['call: answer 202'])
  bot.stop()
  await bot.exits()
  await stage.end()
})
