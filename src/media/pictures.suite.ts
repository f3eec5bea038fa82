/** What every engine that forwards pictures must do, shown with peers that really send and see some. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createDecoder, createEncoder } from 'libopus-wasm'
import { PicturePeer } from '../../test/support/picture-peer.ts'
import type { GotPacket } from '../../test/support/picture-peer.ts'
import { room } from '../../test/support/sound-engine.ts'
import { sine } from '../../test/support/speaking-peer.ts'
import { metronome } from '../runtime.ts'
import { writeRtp } from './embedded/rtp.ts'
import type { SoundEngine } from './engine.ts'
import { writeName, writeSenderReport } from './forward/rtcp.ts'
import type { OpenEngine } from './engine.suite.ts'
import { pass, until } from './engine.suite.ts'

const CONVERSATION = 'conversation'
/** Lines of an offer: the camera and the first slot, the screen, the second slot. */
const [CAMERA, SCREEN, SECOND] = [0, 1, 2]

/** Connects somebody; the leg is named after them. */
async function join(
  t: TestContext,
  engine: SoundEngine,
  speaker: string,
  conversationId = CONVERSATION,
): Promise<PicturePeer> {
  const peer = new PicturePeer(speaker[0]!)
  t.after(() => peer.close())
  await peer.accept(await engine.connect(`leg-${speaker}`, await peer.offer()))
  engine.enter(`leg-${speaker}`, { conversationId, speaker })
  return peer
}

/** Waits until pictures of somebody come in a line. */
function sees({ got }: PicturePeer, line: number, whom: string, more = 10): Promise<void> {
  const from = got[line]!.length
  const count = (): number => got[line]!.slice(from).filter((packet) => packet.from === whom[0]).length
  return until(() => count() >= more, `${whom} is seen in line ${line}`)
}

/** What comes in a line in a while. */
async function comesIn({ got }: PicturePeer, line: number, time = 400): Promise<number> {
  await pass(100)
  const from = got[line]!.length
  await pass(time)
  return got[line]!.length - from
}

/** One stream, whose numbers go on without a gap, and whose times and pictures never go back. */
function checkSeamless(packets: readonly GotPacket[]): void {
  assert.equal(new Set(packets.map(({ ssrc }) => ssrc)).size, 1, 'one stream')
  assert.equal(packets[0]?.beginsKeyFrame, true)
  const sorted = packets.toSorted((a, b) => ((a.sequence - b.sequence) << 16) >> 16)
  for (const [index, packet] of sorted.slice(1).entries()) {
    const before = sorted[index]!
    assert.equal(packet.sequence, (before.sequence + 1) & 0xffff, 'the numbers go on')
    const passed = (packet.timestamp - before.timestamp) | 0
    assert.ok(passed >= 0 && passed < 90 * 3000, `time goes on by ${passed}`)
    assert.equal((packet.picture! - before.picture!) & 0x7fff, passed === 0 ? 0 : 1, 'pictures are counted on')
    if (packet.from !== before.from) assert.ok(packet.beginsKeyFrame, 'whoever comes begins with a key frame')
  }
}

/** When each reported stream was last said to be where, on one clock. */
function clocksOf({ told }: PicturePeer): ReadonlyMap<number, (timestamp: number, clock: number) => number> {
  return new Map(
    told.flatMap((one) => {
      if (one.type !== 'sent' || !one.instant) return []
      const { at, timestamp: then } = one.instant
      return [[one.ssrc, (timestamp: number, clock: number) => at + ((timestamp - then) | 0) / clock] as const]
    }),
  )
}

/**
 * Speaks and shows pictures, by a clock of its own: a beep of 200 ms in each second, and reports.
 * @returns the pictures that were taken when a beep began
 */
async function beep(t: TestContext, peer: PicturePeer): Promise<readonly number[]> {
  const encoder = await createEncoder({ sampleRate: 48_000, channels: 1, bitrate: 32_000 })
  const beeps: number[] = []
  const now = (tick: number): number => 1_000_000 + tick * 20
  let tick = 0
  const report = (stream: { readonly ssrc: number; readonly timestamp: number }): Buffer =>
    writeSenderReport({ ...stream, at: now(tick), packets: tick, bytes: tick })
  const run = (): void => {
    const inSecond = tick % 50
    const samples = inSecond < 10 ? sine(1000, 960, 48_000, tick * 960) : new Int16Array(960)
    const sound = { ssrc: peer.voice, timestamp: (0xffff_0000 + tick * 960) >>> 0 }
    const payload = encoder.encode(samples)
    peer.sendRaw(writeRtp({ payloadType: 111, marker: false, sequence: tick & 0xffff, ...sound, payload }))
    if (tick % 2 === 0) {
      const picture = peer.frame(CAMERA)
      if (inSecond === 0) beeps.push(picture.frame)
      if (inSecond === 20) {
        peer.sendRaw(Buffer.concat([report(sound), report(picture), writeName([sound.ssrc, picture.ssrc], 'anna')]))
      }
    }
    tick++
  }
  const stop = metronome(20, run)
  t.after(() => {
    stop()
    encoder.free()
  })
  return beeps
}

/** Where in what is heard beeps begin, as times of the stream: what was found so far, whenever it is asked. */
async function beepsIn(t: TestContext, { heard }: PicturePeer): Promise<() => readonly number[]> {
  const decoder = await createDecoder({ sampleRate: 48_000, channels: 1 })
  t.after(() => decoder.free())
  const found: number[] = []
  let [next, quiet] = [0, 0]
  return () => {
    for (; next < heard.length; next++) {
      const { payload, timestamp } = heard[next]!
      const at = decoder.decode(Uint8Array.from(payload)).findIndex((sample) => Math.abs(sample) > 1000)
      if (at >= 0 && quiet > 5) found.push(timestamp + at)
      quiet = at >= 0 ? 0 : quiet + 1
    }
    return found
  }
}

/** Runs the suite. */
export function pictureSuite(name: string, open: OpenEngine): void {
  test(`${name}: everybody sees whom they watch, and nobody else`, async (t) => {
    const engine = open(t)
    const [anna, ben, cleo] = await Promise.all([
      join(t, engine, 'anna'),
      join(t, engine, 'ben'),
      join(t, engine, 'cleo'),
    ])
    const zoe = await join(t, engine, 'zoe', 'another')
    await until(() => engine.health().legs === 4, 'they are counted')
    for (let count = 0; count < 50; count++) cleo.bear(1_000_000)
    const { ticks } = engine.health()
    await until(() => {
      assert.equal(engine.health().pictures.packets, 0, 'reports are no pictures')
      return engine.health().ticks > ticks + 100
    }, 'two seconds were told of')
    for (const one of [anna, ben, zoe]) one.show(CAMERA, true)
    ben.show(SCREEN, true)
    assert.deepEqual(await Promise.all([0, 1, 2, 3].map((line) => comesIn(cleo, line))), [0, 0, 0, 0])
    engine.watch('leg-cleo', { cameras: ['anna', 'ben', 'zoe'], screen: 'ben' })
    engine.watch('leg-anna', { cameras: ['anna', 'cleo'], screen: undefined })
    await Promise.all([sees(cleo, CAMERA, 'anna'), sees(cleo, SECOND, 'ben'), sees(cleo, SCREEN, 'ben')])
    assert.equal(cleo.got[3]!.length, 0, 'nobody sees into another conversation')
    assert.deepEqual(await Promise.all([comesIn(anna, CAMERA), comesIn(anna, SECOND)]), [0, 0], 'oneself, and nothing')
    await until(() => engine.health().pictures.sent === 4 && engine.health().pictures.seen === 3, 'it is counted')
    assert.ok(engine.health().pictures.packets > 100)
    for (const line of [CAMERA, SCREEN, SECOND]) checkSeamless(cleo.got[line]!)
    engine.watch('leg-cleo', { cameras: [undefined, 'ben'], screen: undefined })
    assert.deepEqual(await Promise.all([comesIn(cleo, CAMERA), comesIn(cleo, SCREEN)]), [0, 0])
    await sees(cleo, SECOND, 'ben')
    engine.leave('leg-ben')
    assert.equal(await comesIn(cleo, SECOND), 0)
  })

  test(`${name}: another is shown in the same stream, without a seam`, async (t) => {
    const engine = open(t)
    const [anna, ben, cleo] = await Promise.all([
      join(t, engine, 'anna'),
      join(t, engine, 'ben'),
      join(t, engine, 'cleo'),
    ])
    for (const one of [anna, ben]) one.show(CAMERA, true)
    for (const whom of ['anna', 'ben', 'anna']) {
      engine.watch('leg-cleo', { cameras: [whom], screen: undefined })
      await sees(cleo, CAMERA, whom)
    }
    const from = cleo.got[CAMERA]!.length
    cleo.wantKeyFrame(CAMERA)
    await until(() => cleo.got[CAMERA]!.slice(from).some(({ beginsKeyFrame }) => beginsKeyFrame), 'a key frame')
    checkSeamless(cleo.got[CAMERA]!)
    // Somebody comes back by another leg.
    const again = new PicturePeer('A')
    t.after(() => again.close())
    await again.accept(await engine.connect('leg-anna-2', await again.offer()))
    engine.enter('leg-anna-2', { conversationId: CONVERSATION, speaker: 'anna' })
    again.show(CAMERA, true)
    await sees(cleo, CAMERA, 'A')
    engine.disconnect('leg-anna')
    await sees(cleo, CAMERA, 'A')
    checkSeamless(cleo.got[CAMERA]!)
  })

  test(`${name}: by its reports a picture belongs to the moment in which is heard what was said with it`, async (t) => {
    const engine = open(t)
    const [anna, ben] = await Promise.all([join(t, engine, 'anna'), join(t, engine, 'ben')])
    engine.arrange(CONVERSATION, room('anna', 'ben'))
    engine.watch('leg-ben', { cameras: ['anna'], screen: undefined })
    const beeps = await beep(t, anna)
    await until(() => clocksOf(ben).size === 2, 'reports of what ben hears and sees')
    const beepsHeard = await beepsIn(t, ben)
    const apart = (): number => {
      const picture = ben.got[CAMERA]!.findLast(({ frame, marker }) => beeps.includes(frame) && marker)
      const clocks = clocksOf(ben)
      const [voice, camera] = [clocks.get(ben.heard[0]?.ssrc ?? 0), clocks.get(picture?.ssrc ?? 0)]
      if (!voice || !camera || !picture) return Infinity
      const seen = camera(picture.timestamp, 90)
      return Math.min(...beepsHeard().map((begun) => Math.abs(voice(begun, 48) - seen)))
    }
    // What codecs look ahead is some milliseconds; on a busy machine one good moment is enough.
    await until(() => apart() < 25, 'a picture and its sound come together')
  })

  test(`${name}: what got lost on the way is sent again`, async (t) => {
    const engine = open(t)
    const [anna, ben] = await Promise.all([join(t, engine, 'anna'), join(t, engine, 'ben')])
    anna.loses = (_, sequence) => sequence % 20 === 7
    anna.show(CAMERA, true)
    engine.watch('leg-ben', { cameras: ['anna'], screen: undefined })
    await sees(ben, CAMERA, 'anna', 150)
    assert.ok(anna.told.some(({ type }) => type === 'lost'))
    anna.loses = () => false
    await sees(ben, CAMERA, 'anna', 30)
    checkSeamless(ben.got[CAMERA]!)
  })

  test(`${name}: whoever sends is told how much of it gets through`, async (t) => {
    const engine = open(t)
    const [anna, ben] = await Promise.all([join(t, engine, 'anna'), join(t, engine, 'ben')])
    anna.show(CAMERA, true)
    engine.watch('leg-ben', { cameras: ['anna'], screen: undefined })
    await sees(ben, CAMERA, 'anna')
    const told = (): number | undefined =>
      anna.told.flatMap((one) => (one.type === 'bitrate' ? [one.bitrate] : [])).at(-1)
    await until(() => told() !== undefined, 'she is told')
    const most = told()!
    ben.bear(most / 2)
    await until(() => Math.abs(told()! - most / 2) < most / 100, 'she is asked for half of it')
    ben.bear(most * 3)
    await until(() => Math.abs(told()! - most) < most / 100, 'she is asked for no more than may be')
    ben.bear(1000)
    await until(() => told()! < most / 2, 'she is asked for less')
    assert.ok(told()! > 1000, 'but not for less than a picture needs')
  })
}
