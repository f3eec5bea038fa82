import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Gains, Hearing } from '../../calls/hearing.ts'
import { silence } from '../../calls/hearing.ts'
import { Floor, HANGOVER } from './floor.ts'
import { levelOf, settled } from './frames.ts'
import { Seating, gainIn, mixInto } from './mixes.ts'
import { Downsampler, Upsampler } from './resample.ts'

const NAMES = ['anna', 'ben', 'cleo', 'dora', 'emil']
const name = fc.constantFrom(...NAMES)
const gains: fc.Arbitrary<Gains> = fc.dictionary(name, fc.constantFrom(0, 0.25, 1, 2))
const hearing: fc.Arbitrary<Hearing> = fc.record({
  room: gains,
  apart: fc.dictionary(name, gains),
  ducking: fc.constant({}),
  listeners: fc.uniqueArray(name),
})
const frame = fc
  .array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 8, maxLength: 8 })
  .map((samples) => Int16Array.from(samples))

/** What a listener should hear, worked out for each alone. */
function plain(heard: Hearing, listener: string, frames: readonly (readonly [string, Int16Array])[]): number[] {
  const sum = new Float64Array(8)
  const own = heard.apart[listener] ?? heard.room
  for (const [speaker, samples] of frames) {
    if (speaker === listener) continue
    samples.forEach((sample, index) => (sum[index]! += sample * (own[speaker] ?? 0)))
  }
  return [...Int16Array.from(sum, settled)]
}

test('everybody hears what they should, and never themselves, however few mixes are made', () => {
  fc.assert(
    fc.property(hearing, fc.dictionary(name, frame), (heard, said) => {
      const frames = Object.entries(said)
      const floor = new Set(Object.keys(said))
      const seating = new Seating(heard)
      const made = new Map<string, string>()
      for (const listener of NAMES) {
        const mix = seating.mixFor(listener, floor)
        assert.equal(mix !== undefined, heard.listeners.includes(listener))
        if (!mix) continue
        assert.equal(gainIn(mix, listener) > 0 && floor.has(listener), false)
        const samples = new Int16Array(8)
        const mixed = mixInto(samples, mix, frames)
        assert.deepEqual([...samples], plain(heard, listener, frames))
        assert.ok(mixed || samples.every((sample) => sample === 0))
        assert.equal(made.get(mix.key) ?? samples.join(), samples.join(), 'one key is one mix')
        made.set(mix.key, samples.join())
      }
    }),
    { numRuns: 1000 },
  )
})

test('everybody who is silent shares one mix, and so does whoever is apart and hears the same', () => {
  const room = { anna: 1, ben: 1, cleo: 1 }
  const seating = new Seating({
    ...silence,
    room,
    listeners: NAMES,
    apart: { dora: { ben: 1, anna: 0.5 }, emil: { anna: 0.5, ben: 1, emil: 1 } },
  })
  const floor = new Set(['anna'])
  const [anna, ben, cleo, dora, emil] = NAMES.map((one) => seating.mixFor(one, floor)?.key)
  assert.equal(ben, cleo)
  assert.equal(dora, emil)
  assert.equal(new Set([anna, ben, dora]).size, 3)
})

test('sums never wrap around: what is too loud is bent, and louder stays louder', () => {
  fc.assert(
    fc.property(
      fc.float({ min: -400_000, max: 400_000, noNaN: true }),
      fc.float({ min: 0, max: 1000, noNaN: true }),
      (value, more) => {
        const [one, louder] = [settled(value), settled(value + more)]
        assert.ok(louder >= one && louder <= 32_767 && one >= -32_768)
        assert.ok(Math.sign(one) === Math.sign(value) || Math.abs(value) < 1)
        if (Math.abs(value) < 24_000) assert.ok(Math.abs(one - value) <= 0.5)
      },
    ),
  )
})

test('others are lowered while somebody talks who lowers them, smoothly down and up', () => {
  const ducking = { by: ['ben'], lowered: { ben: 1, cleo: 0.1 }, rampActive: 100, rampInactive: 200 }
  const heard = { ...silence, listeners: ['anna'], apart: { anna: { ben: 1, cleo: 1 } }, ducking: { anna: ducking } }
  let seating = new Seating(heard)
  const loud = (talking: string[]): [number, number] => {
    seating.duck(new Set(talking))
    const mix = seating.mixFor('anna', new Set())!
    return [gainIn(mix, 'ben'), Math.round(gainIn(mix, 'cleo') * 100) / 100]
  }
  assert.deepEqual(loud(['cleo']), [1, 1])
  assert.deepEqual(
    [loud(['ben']), loud(['ben'])],
    [
      [1, 0.82],
      [1, 0.64],
    ],
  )
  seating = new Seating(heard, seating)
  assert.deepEqual(
    [loud(['ben']), loud(['ben']), loud(['ben']), loud(['ben'])].map(([, cleo]) => cleo),
    [0.46, 0.28, 0.1, 0.1],
  )
  assert.deepEqual(
    [loud([]), loud([])].map(([, cleo]) => cleo),
    [0.19, 0.28],
  )
})

test('the loudest few have the floor, keep it for a while, and lose it to whoever is clearly louder', () => {
  const floor = new Floor(2)
  const say = (tick: number, levels: Record<string, number>): string[] =>
    [...floor.decide(tick, new Map(Object.entries(levels)))].toSorted((a, b) => a.localeCompare(b))
  assert.deepEqual(say(1, { anna: -20, ben: -90 }), ['anna'])
  assert.deepEqual(say(2, { anna: -20, ben: -30, cleo: -33 }), ['anna', 'ben'])
  assert.deepEqual(say(3, { anna: -20, ben: -30, cleo: -27 }), ['anna', 'ben'], 'a little louder is not enough')
  assert.deepEqual(say(4, { anna: -20, ben: -30, cleo: -15 }), ['anna', 'cleo'])
  assert.deepEqual(say(5, {}), ['anna', 'cleo'], 'a breath is no end')
  assert.deepEqual(say(4 + HANGOVER, {}), ['anna', 'cleo'])
  assert.deepEqual(say(5 + HANGOVER, {}), [])
})

test('up and down again a voice keeps its shape, whatever the pieces', () => {
  const tone = Int16Array.from({ length: 16_000 }, (_, index) =>
    Math.round(9000 * Math.sin((2 * Math.PI * 1000 * index) / 16_000)),
  )
  const [up, down] = [new Upsampler(3), new Downsampler(3)]
  const made: number[] = []
  for (let at = 0; at < tone.length; at += 320) made.push(...down.push(up.push(tone.subarray(at, at + 320))))
  assert.equal(made.length, tone.length)
  const heard = Int16Array.from(made.slice(100))
  assert.ok(Math.abs(levelOf(heard) - levelOf(tone)) < 0.1)
  const steps = heard.slice(1).map((sample, index) => Math.abs(sample - heard[index]!))
  assert.ok(Math.max(...steps) < 9000 * 0.4, 'pieces join without a click')
})
