import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openEngine, room, testSettings } from '../../../test/support/sound-engine.ts'
import { SoundPeer } from '../../../test/support/sound-peer.ts'
import { sine, strengthOf } from '../../../test/support/speaking-peer.ts'
import { writeRtp } from './rtp.ts'
import type { LegState, PcmFrame } from '../engine.ts'
import type { OpenEngine } from '../engine.suite.ts'
import { engineSuite, hears, join, pass, until } from '../engine.suite.ts'
import { pictureSuite } from '../pictures.suite.ts'

const open: OpenEngine = (t, { maxLegs = 100, patience = 5000 } = {}) => {
  const legLimits = { ...testSettings.legLimits, silence: patience, interruption: patience }
  return openEngine(t, { maxLegs, settings: { legLimits } })
}

// They wait more than they work: two at once, each with an engine of its own.
describe('in real time', { concurrency: 2, timeout: 240_000 }, () => {
  engineSuite('embedded', open)
  pictureSuite('embedded', open)
})

test('after a breakdown legs are lost, and the next one finds everything as it was arranged', async (t) => {
  const faults: unknown[] = []
  const engine = openEngine(t, { faults })
  const ends: [string, LegState][] = []
  engine.on({ onLeg: (legId, state) => state.name === 'closed' && ends.push([legId, state]) })
  await join(t, engine, 'anna', 440)
  engine.arrange('conversation', room('anna', 'ben', 'cleo'))
  process.kill(engine.pid ?? 0, 'SIGKILL')
  await until(() => ends.length === 1, 'the leg is lost')
  assert.deepEqual(ends, [['leg-anna', { name: 'closed', why: 'engineLost' }]])
  assert.match(String(faults[0]), /broke down: it ended with SIGKILL/)
  const [ben] = await Promise.all([join(t, engine, 'ben', 880), join(t, engine, 'cleo', 1320)])
  await hears(ben, [1320], [880])
  assert.equal(engine.health().restarts, 1)
})

test('what breaks down again and again is not started for a while, and it is told for how long', async (t) => {
  const engine = openEngine(t, { faults: [] })
  let ends = 0
  engine.on({ onLeg: (_legId, state) => void (state.name === 'closed' && ends++) })
  const join = (): unknown => engine.connectPcm(`leg-${ends}`, { hears: 'mix', onFrames: () => undefined })
  for (let count = 1; count <= 5; count++) {
    assert.equal(engine.health().downFor, undefined)
    join()
    await until(() => engine.pid !== undefined, 'it has started')
    process.kill(engine.pid ?? 0, 'SIGKILL')
    await until(() => ends === count, 'the leg is lost')
  }
  const { downFor = 0, running, restarts } = engine.health()
  assert.ok(downFor > 30_000 && downFor <= 60_000, String(downFor))
  assert.deepEqual([running, restarts], [false, 5])
  assert.equal(engine.health().capacityLeft, 0)
  assert.equal(engine.admits(), false, 'nobody is rung who could not be heard')
  assert.throws(join, { code: 'engineDown' }, 'it is not started for another')
})

test('an offer that nobody comes for, and a flood, end the leg alone', async (t) => {
  const engine = openEngine(t, { settings: { legLimits: { ...testSettings.legLimits, connect: 1000, packets: 60 } } })
  const ends: [string, LegState][] = []
  engine.on({ onLeg: (legId, state) => state.name === 'closed' && ends.push([legId, state]) })
  const absent = await SoundPeer.make()
  t.after(() => absent.close())
  await engine.connect('leg-absent', await absent.offer())
  await until(() => ends.length === 1, 'it is given up')
  assert.deepEqual(ends, [['leg-absent', { name: 'closed', why: 'neverConnected' }]])
  const [anna, ben, flood] = await Promise.all([
    join(t, engine, 'anna', 440),
    join(t, engine, 'ben', 880),
    join(t, engine, 'flood'),
  ])
  engine.arrange('conversation', room('anna', 'ben', 'flood'))
  await hears(anna, [880], [440])
  for (let sequence = 0; sequence < 2000; sequence++) {
    const packet = {
      payloadType: 111,
      marker: false,
      sequence,
      timestamp: sequence,
      ssrc: 1,
      payload: Buffer.alloc(200),
    }
    flood.sendRaw(writeRtp(packet))
  }
  await until(() => ends.length === 2, 'it is thrown out')
  assert.deepEqual(ends[1], ['leg-flood', { name: 'closed', why: 'flooding' }])
  await Promise.all([hears(anna, [880], [440]), hears(ben, [440], [880])])
})

test('what is closed takes no legs, and closing twice is nothing', async (t) => {
  const engine = openEngine(t)
  await engine.close()
  await engine.close()
  await assert.rejects(engine.connect('leg', 'v=0'), { code: 'engineDown' })
})

test('an application may speak before the engine has started', async (t) => {
  const engine = openEngine(t)
  const heard: PcmFrame[] = []
  const bot = engine.connectPcm('leg-bot', { hears: 'mix', onFrames: () => undefined })
  engine.connectPcm('leg-ear', { hears: 'mix', onFrames: (frames) => void heard.push(...frames) })
  engine.enter('leg-bot', { conversationId: 'c', speaker: 'bot' })
  engine.enter('leg-ear', { conversationId: 'c', speaker: 'ear' })
  engine.arrange('c', room('bot', 'ear'))
  assert.ok(bot.say(sine(1000, 16_000, 16_000)))
  await until(() => heard.length >= 49, 'a second of it is heard')
  assert.ok(strengthOf(1000, Int16Array.from(heard.flatMap(({ samples }) => [...samples])), 16_000) > 0.9)
})

test('a leg that is disconnected while the engine starts leaves nothing behind', async (t) => {
  const { peer } = testSettings
  const engine = openEngine(t, { settings: { peer: { ...peer, ports: { first: 47_310, last: 47_311 } } } })
  const ended = engine.connectRtp('leg-gone')
  engine.disconnect('leg-gone')
  await assert.rejects(ended, { code: 'engineDown' })
  // Its ports are free.
  assert.equal((await engine.connectRtp('leg-next')).port, 47_310)
})

test('an offer that the library refuses harms nobody, not even after a while', async (t) => {
  const engine = openEngine(t)
  const peer = await SoundPeer.make(440)
  t.after(() => peer.close())
  const offer = (await peer.offer()).replaceAll('a=ice-pwd', 'a=ice-password')
  await assert.rejects(engine.connect('leg-bad', offer), { code: 'badOffer' })
  const { pid } = engine
  // What was waited for on its behalf is given up by then.
  await pass(6000)
  assert.ok(pid !== undefined && engine.pid === pid)
})

test('whoever listens again hears a spurt from its beginning, though it went on meanwhile', async (t) => {
  const engine = openEngine(t)
  const bot = engine.connectPcm('leg-bot', { hears: 'mix', onFrames: () => undefined })
  engine.enter('leg-bot', { conversationId: 'c', speaker: 'bot' })
  engine.arrange('c', room('bot', 'ear'))
  assert.ok(bot.say(sine(440, 20 * 16_000, 16_000)))
  for (let time = 0; time < 2; time++) {
    const voices: string[] = []
    const stop = engine.listen('c', ({ type }) => voices.push(type))
    await until(() => voices.includes('frame'), 'the bot is heard')
    assert.equal(voices[0], 'began')
    stop()
  }
})
