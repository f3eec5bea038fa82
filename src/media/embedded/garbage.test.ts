/** Bad media: descriptions, packets and datagrams that no browser sends. Whoever sends them gets a clear end; the others notice nothing. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { test } from 'node:test'
import fc from 'fast-check'
import { PicturePeer } from '../../../test/support/picture-peer.ts'
import { openEngine, room, testSettings } from '../../../test/support/sound-engine.ts'
import { SoundPeer } from '../../../test/support/sound-peer.ts'
import { strengthOf } from '../../../test/support/speaking-peer.ts'
import type { LegState } from '../engine.ts'
import { MediaError } from '../engine.ts'
import { hears, join, until } from '../engine.suite.ts'
import { KeyReader } from './keys.ts'
import { isRtcp, readRtp, writeRtp } from './rtp.ts'
import { readOffer } from './sdp.ts'

const bytes = (most: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength: most }).map((data) => Buffer.from(data))

/** An offer with some lines left out, doubled, swapped or spoilt. */
const spoilt = (offer: string): fc.Arbitrary<string> => {
  const lines = offer.split('\r\n')
  const line = fc.nat(lines.length - 1)
  const spoil = fc.oneof(
    line.map((at) => (all: string[]) => all.filter((_, index) => index !== at)),
    line.map((at) => (all: string[]) => all.flatMap((one, index) => (index === at ? [one, one] : [one]))),
    fc.tuple(line, line).map(
      ([a, b]) =>
        (all: string[]) =>
          all.map((one, index) => all[index === a ? b : index === b ? a : index] ?? one),
    ),
    fc.tuple(line, fc.string({ maxLength: 40 })).map(
      ([at, text]) =>
        (all: string[]) =>
          all.map((one, index) => (index === at ? text : one)),
    ),
    fc.tuple(line, fc.nat(40), fc.string({ maxLength: 5 })).map(
      ([at, place, text]) =>
        (all: string[]) =>
          all.map((one, index) => (index === at ? one.slice(0, place) + text + one.slice(place + 1) : one)),
    ),
  )
  return fc
    .array(spoil, { minLength: 1, maxLength: 4 })
    .map((spoils) => spoils.reduce((all, one) => one(all), lines).join('\r\n'))
}

test('whatever comes as a packet is read, or is none', () => {
  const keys = new KeyReader(() => undefined)
  const data = fc.oneof(
    bytes(60),
    fc
      .tuple(bytes(60), fc.integer({ min: 0x80, max: 0xbf }))
      .map(([rest, first]) => Buffer.concat([Buffer.of(first, 0x6f), rest])),
  )
  fc.assert(
    fc.property(data, fc.option(fc.integer({ min: 1, max: 14 }), { nil: undefined }), (datagram, levelId) => {
      isRtcp(datagram)
      const packet = readRtp(datagram, levelId)
      if (!packet) return
      assert.ok(packet.payload.length <= datagram.length - 12)
      assert.ok(packet.level === undefined || (packet.level <= 0 && packet.level >= -127))
      keys.read(packet)
    }),
    { numRuns: 5000 },
  )
})

test('what is written is read back', () => {
  const content = fc.record({
    payloadType: fc.nat(127),
    marker: fc.boolean(),
    sequence: fc.nat(0xffff),
    timestamp: fc.nat(0xffff_ffff),
    ssrc: fc.nat(0xffff_ffff),
    payload: bytes(50),
    level: fc.record({
      id: fc.integer({ min: 1, max: 14 }),
      value: fc.integer({ min: 1, max: 127 }).map((one) => -one),
    }),
  })
  fc.assert(
    fc.property(content, (written) => {
      const { level, ...rest } = written
      assert.deepEqual(readRtp(writeRtp(written), level.id), { ...rest, level: level.value })
      assert.deepEqual(readRtp(writeRtp(rest), level.id), { ...rest, level: undefined })
    }),
  )
})

test('spoilt offers are answered or refused, in a sentence, and leave nothing behind', async (t) => {
  const engine = openEngine(t)
  const peer = await SoundPeer.make()
  t.after(() => peer.close())
  const offer = await peer.offer()
  assert.ok(!('problem' in readOffer(offer)))
  const seer = new PicturePeer('a')
  t.after(() => seer.close())
  const texts = fc.oneof(spoilt(offer), spoilt(await seer.offer()), fc.string({ maxLength: 300 }))
  let [answered, number] = [0, 0]
  const run = fc.asyncProperty(texts, async (text) => {
    const legId = `leg-${number++}`
    try {
      assert.match(await engine.connect(legId, text), /^v=0\r\n/)
      answered++
    } catch (error) {
      assert.ok(error instanceof MediaError, String(error))
      assert.equal(error.code, 'badOffer', error.message)
      assert.match(error.message, /^[A-Z].*\.$/s)
    }
    engine.disconnect(legId)
  })
  await fc.assert(run, { numRuns: 200 })
  assert.ok(answered > 10, 'some mistakes are none')
  const { legs, rooms, restarts } = engine.health()
  assert.deepEqual({ legs, rooms, restarts }, { legs: 0, rooms: 0, restarts: 0 })
})

test('garbage in packets and on the port, and offers that nobody comes for, do no harm to others', async (t) => {
  const engine = openEngine(t, { settings: { legLimits: { ...testSettings.legLimits, connect: 3000, packets: 2000 } } })
  const ends = new Map<string, LegState>()
  engine.on({ onLeg: (legId, state) => state.name === 'closed' && ends.set(legId, state) })
  const [anna, ben] = await Promise.all([join(t, engine, 'anna', 440), join(t, engine, 'ben', 880)])
  const vandal = await SoundPeer.make()
  t.after(() => vandal.close())
  const answer = await engine.connect('leg-vandal', await vandal.offer())
  await vandal.accept(answer)
  engine.enter('leg-vandal', { conversationId: 'conversation', speaker: 'vandal' })
  engine.arrange('conversation', room('anna', 'ben', 'vandal'))
  await hears(anna, [880], [440])
  const absent = await Promise.all(Array.from({ length: 20 }, () => SoundPeer.make()))
  t.after(() => absent.forEach((one) => one.close()))
  for (const [index, one] of absent.entries()) await engine.connect(`leg-absent-${index}`, await one.offer())
  const random = fc.sample(bytes(200), { numRuns: 600, seed: 1 })
  let sequence = 0
  for (const payload of random) {
    const payloadType = [111, 126, 111, 99][sequence % 4] ?? 0
    vandal.sendRaw(
      writeRtp({ payloadType, marker: false, sequence: sequence++, timestamp: sequence, ssrc: 5, payload }),
    )
  }
  // Malformed STUN, something like DTLS, and noise, from somewhere else.
  const port = Number(/^a=candidate:\S+ 1 UDP \d+ \S+ (\d+)/m.exec(answer)?.[1])
  const socket = createSocket('udp4')
  const stun = Buffer.from('000100082112a442', 'hex')
  for (const data of random) {
    for (const head of [stun, Buffer.of(22, 254, 253), Buffer.alloc(0)]) {
      await new Promise((resolve) => socket.send(Buffer.concat([head, data]), port, '127.0.0.1', resolve))
    }
  }
  socket.close()
  await Promise.all([hears(anna, [880], [440]), hears(ben, [440], [880])])
  await until(() => ends.size >= 20, 'those who never came are given up')
  const whys = [...ends].map(([legId, state]) => [legId.replace(/\d+$/, ''), state.name === 'closed' && state.why])
  assert.deepEqual(
    whys,
    Array.from({ length: 20 }, () => ['leg-absent-', 'neverConnected']),
  )
  assert.equal(engine.health().restarts, 0)
  assert.equal(engine.health().legs, 3)
})

test('whoever sends what was refused beside their voice is heard all the same', async (t) => {
  const engine = openEngine(t, { settings: { legLimits: { ...testSettings.legLimits, packets: 100 } } })
  const [anna, ben] = await Promise.all([join(t, engine, 'anna', 440), join(t, engine, 'ben')])
  engine.arrange('conversation', room('anna', 'ben'))
  // As much as a camera sends: more packets than a voice may have.
  let sequence = 0
  const timer = setInterval(() => {
    for (let count = 0; count < 20; count++) {
      sequence = (sequence + 1) & 0xffff
      const payload = Buffer.alloc(1000, sequence)
      anna.sendRaw(writeRtp({ payloadType: 97, marker: false, sequence, timestamp: sequence, ssrc: 5, payload }))
    }
  }, 20)
  t.after(() => clearInterval(timer))
  await hears(ben, [440])
  // A busy machine may lose a word: one second of which most is heard is enough.
  let from = 0
  await until(() => {
    if (ben.heard.length < from + 50) return false
    const strength = strengthOf(440, ben.samples(from))
    from = ben.heard.length
    return strength > 0.5
  }, 'most of a second is heard')
})
