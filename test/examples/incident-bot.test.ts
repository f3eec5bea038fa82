/** An incident: who comes into the meeting, who does not, who calls meanwhile, and that the meeting stays alive. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../faults/child.ts'
import { PEOPLE, Stage } from './stage.ts'

const cast = {
  roles: [
    'Calls.Initiate.All',
    'Calls.InitiateGroupCall.All',
    'Calls.JoinGroupCall.All',
    'Calls.AccessMedia.All',
    'OnlineMeetings.ReadWrite.All',
  ],
  scripts: {
    Adele: { answer: { after: '1s', steps: [{ wait: '2s' }, { press: '5' }, { wait: '2s' }, { press: '1' }] } },
    Bao: { decline: { after: '2s' } },
  },
}
const { Adele, Bao, Kofi } = PEOPLE
const moved = '200/7000 An invitation moved its participant into another call. DiagCode: 200#7000.@'

test('who presses 1 comes into the meeting; who calls hears what has happened', async (t) => {
  const stage = await Stage.start(t, cast)
  const bot = await stage.play('incident-bot', '--organizer', Kofi, '--call', Adele, '--call', Bao)
  await bot.tells('meeting A is establishing')
  await stage.advance('0s')
  await bot.tells(
    'in the meeting: The bot',
    'meeting A is established: 1 in it, 0 groups, I am The bot',
    `call B to ${Adele}`,
    `call C to ${Bao}`,
  )
  await stage.advance('1s')
  await bot.tells('call B: they hear what has happened')
  assert.deepEqual(await stage.sounds(), ['the bot for 1.5 s'])
  await stage.advance('1s')
  await bot.tells('call C is over: 603/8538 The user declined. DiagCode: 603#8538.@')
  await stage.advance('1s')
  await bot.tells('call B: tone5')
  assert.deepEqual(await stage.sounds(), ['the bot for 1.5 s'])
  await stage.advance('3s')
  await bot.tells('call B: tone1', 'in the meeting: The bot, Adele', `call B is over: ${moved}`)
  assert.deepEqual(await stage.people(), ['The bot', 'Adele'])
  assert.deepEqual(await stage.requests(), [
    'onlineMeeting: create 201',
    'call: create 201',
    'call: get 200',
    'participant: list 200',
    'audioRoutingGroup: list 200',
    'participant: get 200',
    'call: create 201',
    'call: create 201',
    'call: subscribeToTone 200',
    'call: playPrompt 200',
    'call: playPrompt 200',
    'participant: invite 200',
    'call: delete 404',
  ])
  const kofi = await stage.calls('Kofi')
  await stage.advance('0s')
  await bot.tells('call D: they hear what has happened')
  await kofi.leaves()
  await stage.advance('0s')
  await bot.tells('call D is over: 200/4521 The other side of the peer-to-peer call ended it. DiagCode: 200#4521.@')
  bot.stop()
  await bot.tells('hanging up', 'meeting A is over: 200/7000 The application ended the call. DiagCode: 200#7000.@')
  await bot.exits()
  await stage.leave('Adele')
  await stage.end()
})

test('the meeting outlives the time after which Graph ends calls that nobody keeps alive', async (t) => {
  const stage = await Stage.start(t, cast)
  const bot = await stage.play('incident-bot', '--organizer', Kofi, '--call', Bao, '--keep-alive', '0.2')
  await bot.tells('meeting A is establishing')
  await stage.advance('40m')
  await bot.tells(
    'in the meeting: The bot',
    'meeting A is established: 1 in it, 0 groups, I am The bot',
    `call B to ${Bao}`,
    'call B is over: 603/8538 The user declined. DiagCode: 603#8538.@',
  )
  const seen = (await stage.requests()).length
  await until('a keep-alive', 10_000, async () => (await stage.requests()).length > seen)
  await stage.advance('40m')
  assert.deepEqual(await stage.people(), ['The bot'])
  assert.deepEqual(new Set((await stage.requests()).slice(seen)), new Set(['call: keepAlive 200']))
  bot.stop()
  await bot.tells('hanging up', 'meeting A is over: 200/7000 The application ended the call. DiagCode: 200#7000.@')
  await bot.exits()
  await stage.end()
})

test('whoever stops the bot while it rings people hangs up all of its calls', async (t) => {
  const stage = await Stage.start(t, cast)
  const bot = await stage.play('incident-bot', '--organizer', Kofi, '--call', Adele, '--call', Bao)
  await bot.tells('meeting A is establishing')
  await stage.advance('0s')
  await bot.tells('in the meeting: The bot', 'meeting A is established: 1 in it, 0 groups, I am The bot')
  await bot.tells(`call B to ${Adele}`, `call C to ${Bao}`)
  bot.stop()
  await bot.tells('hanging up')
  const over = 'is over: 200/7000 The application ended the call. DiagCode: 200#7000.@'
  await bot.tellsInAnyOrder(`meeting A ${over}`, `call B ${over}`, `call C ${over}`)
  await bot.exits()
  await stage.end()
})
