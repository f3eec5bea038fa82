import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEncoder } from 'libopus-wasm'
import { sine, strengthOf } from '../../../test/support/speaking-peer.ts'
import { opusCodec } from './codec.ts'
import { Incoming } from './incoming.ts'
import { Meters } from './meters.ts'
import { Opus } from './opus.ts'

const RATE = 48_000
const FRAME = 960
const settings = { rate: RATE, coding: 'lowDelay', complexity: 2, bitrate: 32_000 } as const

/** One voice, and what is heard of it when its packets come as the network says. */
async function hear(
  frames: number,
  network: (number: number) => { readonly at: number; readonly times: number },
  options: { readonly told?: number; readonly asked?: (frame: number) => boolean; readonly length?: number } = {},
): Promise<(Int16Array | undefined)[]> {
  const opus = await Opus.open(settings)
  const length = options.length ?? FRAME
  const encoder = await createEncoder({ sampleRate: RATE, channels: 1, bitrate: 32_000, frameSize: length })
  const incoming = new Incoming({ codec: opusCodec(opus), meters: new Meters(() => 0), rate: RATE })
  const arrivals = new Map<number, { sequence: number; payload: Uint8Array; level: number | undefined }[]>()
  for (let number = 0; number * length < frames * FRAME; number++) {
    const samples = sine(440, length, RATE, number * length)
    const { at, times } = network(number)
    const packet = { sequence: (65_000 + number) & 0xffff, payload: encoder.encode(samples), level: options.told }
    for (let time = 0; time < times; time++) arrivals.set(at, [...(arrivals.get(at) ?? []), packet])
  }
  const heard: (Int16Array | undefined)[] = []
  for (let frame = 0; frame < frames; frame++) {
    for (const packet of arrivals.get(frame) ?? []) incoming.put(packet)
    const level = incoming.turn()
    const isAsked = options.asked?.(frame) ?? true
    heard.push(level !== undefined && isAsked ? incoming.say() : undefined)
    // New coders are made between the turns of the event loop.
    await new Promise((resolve) => setImmediate(resolve))
  }
  incoming.close()
  encoder.free()
  return heard
}

function shareOf(frames: readonly (Int16Array | undefined)[]): number {
  return strengthOf(440, Int16Array.from(frames.flatMap((frame) => [...(frame ?? new Int16Array(FRAME))])))
}

test('a voice is heard as it was said, frame by frame', async () => {
  const heard = await hear(100, (number) => ({ at: number, times: 1 }))
  assert.equal(heard.filter((frame) => frame === undefined).length, 1)
  assert.ok(shareOf(heard.slice(10)) > 0.99)
})

test('one packet in ten is lost, one comes twice, some change places: it is the same voice still', async () => {
  const late = [0, 0, 0, 2, 1, 0, 2]
  const heard = await hear(400, (number) => ({
    at: number + (late[number % 10] ?? 0),
    times: [1, 0, 2][number % 10] ?? 1,
  }))
  assert.ok(
    heard.slice(10).every((frame) => frame?.length === FRAME),
    'there is no gap',
  )
  for (let at = 50; at < 400; at += 25) {
    const share = shareOf(heard.slice(at, at + 10))
    assert.ok(share > 0.6, `at frame ${at} the tone is ${(share * 100).toFixed(0)} % of what is heard`)
  }
})

test('packets of 2.5 to 60 ms make the same frames', async () => {
  for (const milliseconds of [2.5, 5, 10, 40, 60]) {
    const each = milliseconds / 20
    const heard = await hear(200, (number) => ({ at: Math.floor((number + 1) * each), times: 1 }), {
      length: FRAME * each,
    })
    const gaps = heard.slice(20).filter((frame) => frame === undefined).length
    assert.ok(gaps <= 2, `${gaps} gaps with packets of ${milliseconds} ms`)
    assert.ok(shareOf(heard.slice(100, 150)) > 0.95, `packets of ${milliseconds} ms`)
  }
})

test('whoever was left out for a while is heard again in the middle of a word, without a crack', async () => {
  const heard = await hear(200, (number) => ({ at: number, times: 1 }), {
    told: -12,
    asked: (frame) => frame < 50 || frame >= 120,
  })
  const again = heard.slice(120)
  assert.ok(again.every((frame) => frame !== undefined))
  assert.ok(shareOf(again) > 0.99, `the tone is ${(shareOf(again) * 100).toFixed(1)} % of what is heard`)
})

test('who claims to be loud and is not, is believed for a second only', async () => {
  const opus = await Opus.open(settings)
  const encoder = await createEncoder({ sampleRate: RATE, channels: 1, frameSize: FRAME })
  const incoming = new Incoming({ codec: opusCodec(opus), meters: new Meters(() => 0), rate: RATE })
  const told: unknown[] = []
  for (let sequence = 0; sequence < 100; sequence++) {
    incoming.put({ sequence, payload: encoder.encode(new Int16Array(FRAME)), level: 0 })
    told.push(incoming.turn())
    incoming.say()
  }
  assert.deepEqual([told[10], told[99]], [0, 'unknown'])
  incoming.close()
  encoder.free()
})

test('garbage is not heard, and does no harm', async () => {
  const opus = await Opus.open(settings)
  const incoming = new Incoming({ codec: opusCodec(opus), meters: new Meters(() => 0), rate: RATE })
  let seed = 7
  for (let sequence = 0; sequence < 2000; sequence++) {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff
    const payload = Uint8Array.from({ length: seed % 97 }, (_, index) => (seed >> (index % 24)) & 255)
    incoming.put({ sequence: sequence & 0xffff, payload })
    incoming.turn()
    incoming.say()
  }
  incoming.close()
})
