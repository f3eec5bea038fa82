import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Concealer } from './conceal.ts'
import { SILENCE, levelOf } from './frames.ts'
import { decodeLaw, encodeLaw, levelOfLaw, silentLaw } from './g711.ts'
import type { Law } from './g711.ts'
import { Downsampler, Upsampler } from './resample.ts'

const laws: readonly Law[] = ['PCMU', 'PCMA']
const tone = (length: number, frequency = 440, peak = 8000): Int16Array =>
  Int16Array.from({ length }, (_, at) => Math.round(peak * Math.sin((2 * Math.PI * frequency * at) / 8000)))

test('the codes of G.711 stand for the samples of its tables', () => {
  const codes = Uint8Array.of(0x00, 0x0f, 0x70, 0x7f, 0x80, 0x8f, 0xf0, 0xff)
  assert.deepEqual([...decodeLaw('PCMU', codes)], [-32_124, -16_764, -120, 0, 32_124, 16_764, 120, 0])
  const turned = Uint8Array.of(0x2a, 0x55, 0x54, 0xaa, 0xd5, 0xd4)
  assert.deepEqual([...decodeLaw('PCMA', turned)], [-32_256, -8, -24, 32_256, 8, 24])
})

test('each sample becomes the code nearest to it, and each code itself again', () => {
  for (const law of laws) {
    const codes = Uint8Array.from({ length: 256 }, (_, code) => code)
    const again = encodeLaw(law, decodeLaw(law, codes))
    // There are two zeros on one of the scales.
    const same = (code: number): boolean => again[code] === code || (law === 'PCMU' && code === 0x7f)
    assert.ok([...codes].every(same))
    const samples = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768)
    const known = [...new Set(decodeLaw(law, codes))].toSorted((a, b) => a - b)
    const decoded = decodeLaw(law, encodeLaw(law, samples))
    for (let index = 0; index < samples.length; index += 7) {
      const error = Math.abs(decoded[index]! - samples[index]!)
      const best = Math.min(...known.map((one) => Math.abs(one - samples[index]!)))
      assert.ok(error <= best + 4, `${samples[index]} became ${decoded[index]}`)
    }
  }
})

test('a voice passes G.711 well, at any level, and how loud it is shows without decoding', () => {
  for (const law of laws) {
    for (const peak of [30_000, 3000, 300]) {
      const said = tone(8000, 440, peak)
      const codes = encodeLaw(law, said)
      const heard = decodeLaw(law, codes)
      const noise = heard.map((sample, index) => sample - said[index]!)
      const ratio = levelOf(said) - levelOf(noise)
      assert.ok(ratio > (peak > 1000 ? 34 : 25), `${law} at ${peak}: ${ratio.toFixed(1)} dB`)
      assert.ok(Math.abs(levelOfLaw(law, codes) - levelOf(heard)) < 0.5)
    }
  }
  assert.equal(levelOfLaw('PCMU', silentLaw.PCMU), SILENCE)
  assert.ok(levelOfLaw('PCMA', silentLaw.PCMA) < -70)
})

test('a lost frame is made up from the voice before it, and fades away if nothing comes', () => {
  const voice = tone(8000)
  const concealer = new Concealer()
  concealer.hear(voice.slice(0, 800))
  const made = concealer.make(160)
  const ratio = levelOf(made) - levelOf(voice.slice(800, 960))
  assert.ok(Math.abs(ratio) < 2, `${ratio.toFixed(1)} dB louder than it was`)
  const next = concealer.hear(voice.slice(960, 1120))
  const line = [...voice.slice(760, 800), ...made, ...next]
  const steps = line.slice(1).map((sample, index) => Math.abs(sample - line[index]!))
  assert.ok(Math.max(...steps) < 8000 * 0.8, `a step of ${Math.max(...steps)}`)
  assert.deepEqual(next.slice(40), voice.slice(1000, 1120), 'what came is heard as it was said')
  const frames = Array.from({ length: 5 }, () => levelOf(concealer.make(160)))
  assert.ok(frames[1]! < frames[0]! && frames[2]! < frames[1]! && frames[4] === SILENCE, String(frames))
  assert.deepEqual(new Concealer().make(160), new Int16Array(160))
})

test('between telephones and rooms of any rate a voice keeps its shape, and nothing is folded into it', () => {
  for (const factor of [2, 6] as const) {
    const [up, down] = [new Upsampler(factor), new Downsampler(factor)]
    const said = tone(8000, 1000)
    const made: number[] = []
    for (let at = 0; at < said.length; at += 160) made.push(...down.push(up.push(said.subarray(at, at + 160))))
    assert.equal(made.length, said.length)
    assert.ok(Math.abs(levelOf(Int16Array.from(made.slice(100))) - levelOf(said)) < 0.2)
    const whole = new Upsampler(factor).push(said)
    const pieces = new Upsampler(factor)
    const ends = [1, 8, 100, 263, said.length]
    const joined = ends.flatMap((end, index) => [...pieces.push(said.subarray(ends[index - 1] ?? 0, end))])
    assert.deepEqual(Int16Array.from(joined), whole, 'pieces of any length join')
    const rate = 8000 * factor
    const high = Int16Array.from({ length: rate }, (_, at) =>
      Math.round(8000 * Math.sin((2 * Math.PI * 5500 * at) / rate)),
    )
    const folded = levelOf(new Downsampler(factor).push(high).slice(100))
    assert.ok(folded < -60, `${folded.toFixed(1)} dB of a tone that a telephone does not have`)
  }
})
