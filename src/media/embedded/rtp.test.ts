import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { RtpPeer } from '../../../test/support/rtp-peer.ts'
import { openEngine, room, testSettings } from '../../../test/support/sound-engine.ts'
import type { LegState } from '../engine.ts'
import { hears, pass } from '../engine.suite.ts'
import { rtpSuite } from '../rtp.suite.ts'
import { writeRtp } from './rtp.ts'

// They wait more than they work: two at once, each with an engine of its own.
describe('in real time', { concurrency: 2, timeout: 240_000 }, () => {
  rtpSuite('embedded', (t, { maxLegs = 100, patience = 5000 } = {}) => {
    const legLimits = { ...testSettings.legLimits, silence: patience, interruption: patience }
    return openEngine(t, { maxLegs, settings: { legLimits } })
  })
})

test('garbage by plain RTP does no harm; a flood ends its leg, and not if it is a stranger who floods', async (t) => {
  const engine = openEngine(t, { settings: { legLimits: { ...testSettings.legLimits, packets: 100 } } })
  const ends: [string, LegState][] = []
  engine.on({ onLeg: (legId, state) => state.name === 'closed' && ends.push([legId, state]) })
  const peers = new Map<string, RtpPeer>()
  const ports = new Map<string, number>()
  for (const [speaker, codec, frequency] of [
    ['anna', 'PCMU', 440],
    ['ben', 'opus', 700],
    ['vandal', 'PCMU', undefined],
  ] as const) {
    const peer = await RtpPeer.make(codec, frequency)
    t.after(() => peer.close())
    const place = await engine.connectRtp(`leg-${speaker}`, { ...peer.terms, latch: speaker === 'vandal' })
    engine.enter(`leg-${speaker}`, { conversationId: 'c', speaker })
    ports.set(speaker, place.port)
    peer.call(place)
    peers.set(speaker, peer)
  }
  const [anna, ben, vandal] = [...peers.values()]
  assert.ok(anna && ben && vandal)
  engine.arrange('c', room('anna', 'ben', 'vandal'))
  await hears(anna, [700], [440])
  const bytes = fc.uint8Array({ maxLength: 1400 })
  const datagrams = fc.sample(fc.tuple(bytes, fc.constantFrom(0, 8, 13, 97, 101, 111, 200, 201, 203), fc.nat(0xffff)), {
    numRuns: 400,
    seed: 1,
  })
  const stranger = createSocket('udp4')
  t.after(() => stranger.close())
  for (const [index, [payload, payloadType, sequence]] of datagrams.entries()) {
    const packet = writeRtp({ payloadType, marker: false, sequence, timestamp: index, ssrc: index >> 3, payload })
    vandal.sendRaw(index % 3 === 0 ? Buffer.from(payload) : packet)
    vandal.report(packet)
    for (const port of ports.values()) stranger.send(packet, port, '127.0.0.1')
    if (index % 20 === 0) await pass(250)
  }
  await Promise.all([hears(anna, [700], [440]), hears(ben, [440], [700])])
  assert.deepEqual(ends, [])
  const noise = Buffer.alloc(172)
  noise.set([0x80, 0])
  // What comes at once and does not fit is dropped by the system already: it is sent again.
  while (ends.length === 0) {
    for (let count = 0; count < 200; count++) {
      noise.writeUInt16BE(count, 2)
      vandal.sendRaw(noise)
      stranger.send(noise, ports.get('anna') ?? 0, '127.0.0.1')
    }
    await pass(20)
  }
  assert.deepEqual(ends, [['leg-vandal', { name: 'closed', why: 'flooding' }]])
  await Promise.all([hears(anna, [700], [440]), hears(ben, [440], [700])])
  assert.equal(engine.health().restarts, 0)
})

test('whoever speaks from the last port of all has no port for reports, and harms nobody', async (t) => {
  const engine = openEngine(t)
  const states: string[] = []
  engine.on({ onLeg: (_, { name }) => states.push(name) })
  const formats = [{ codec: 'PCMU', comesAs: 0, goesAs: 0 }] as const
  const place = await engine.connectRtp('leg', { formats, latch: true })
  const { pid } = engine
  const socket = createSocket('udp4')
  t.after(() => socket.close())
  await new Promise<void>((resolve) => socket.bind(65_535, '127.0.0.1', resolve))
  const payload = Buffer.alloc(160, 255)
  for (let sequence = 0; !states.includes('connected'); sequence++) {
    assert.ok(sequence < 500)
    socket.send(
      writeRtp({ payloadType: 0, marker: false, sequence, timestamp: sequence * 160, ssrc: 7, payload }),
      place.port,
      '127.0.0.1',
    )
    await pass(20)
  }
  // It is told that it is over.
  engine.disconnect('leg')
  await engine.connectRtp('another', { formats, latch: true })
  assert.ok(pid !== undefined && engine.pid === pid)
  assert.equal(engine.health().restarts, 0)
})

test('a leg takes its ports from those that are let in, and gives them back', async (t) => {
  const first = 51_000 + (process.pid % 500) * 10
  const engine = openEngine(t, { settings: { peer: { ...testSettings.peer, ports: { first, last: first + 4 } } } })
  const taken = await Promise.all([engine.connectRtp('a'), engine.connectRtp('b')])
  assert.deepEqual(
    taken.map(({ port }) => port).toSorted((a, b) => a - b),
    [first, first + 2],
  )
  await assert.rejects(engine.connectRtp('c'), { code: 'noCapacity' })
  engine.disconnect('a')
  assert.equal((await engine.connectRtp('c')).port, taken[0]?.port)
})
