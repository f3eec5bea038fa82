import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { speech } from '../../../bench/kit/speech.ts'
import { defaultConfig } from '../../config.ts'
import { frameSize } from '../mixer/frames.ts'
import type { OpusSettings } from './opus.ts'
import { Opus } from './opus.ts'
import { studioSettings } from './settings.ts'

/** How far speech stands above what the codec adds to it, in decibels: the mean over frames that are not silent. */
async function clarity(settings: OpusSettings): Promise<number> {
  const opus = await Opus.open(settings)
  const [encoder, decoder] = [opus.encoder(), opus.decoder()]
  assert.ok(encoder && decoder)
  const size = frameSize(settings.rate)
  const said = speech(10, settings.rate)
  const heard = new Int16Array(said.length)
  for (let at = 0; at < said.length; at += size)
    heard.set(decoder.decode(encoder.encode(said.slice(at, at + size))), at)
  const delay = encoder.getLookahead()
  encoder.free()
  decoder.free()
  const ratios: number[] = []
  for (let at = size; at + size + delay < said.length; at += size) {
    let [signal, noise] = [0, 1]
    for (let index = at; index < at + size; index++) {
      signal += said[index]! ** 2
      noise += (said[index]! - heard[index + delay]!) ** 2
    }
    if (signal > size * 10_000) ratios.push(10 * Math.log10(signal / noise))
  }
  assert.ok(ratios.length > 100)
  return ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length
}

test('as it comes, Opus keeps speech clear, and more work would not keep it much clearer', async () => {
  const { opus } = studioSettings(defaultConfig())
  const clear = await clarity(opus)
  assert.ok(clear > 10, `${clear.toFixed(1)} dB`)
  const worked = await clarity({ ...opus, complexity: 5 })
  assert.ok(worked - clear < 3, `${clear.toFixed(1)} dB, and ${worked.toFixed(1)} dB with more work`)
  const narrow = await clarity({ ...opus, rate: 16_000 })
  assert.ok(narrow > 10, `${narrow.toFixed(1)} dB at 16 kHz`)
})

test('coders that cannot be made for a while are missing, and made later', async () => {
  const { opus: sound } = studioSettings(defaultConfig())
  const settings: { -readonly [K in keyof OpusSettings]: OpusSettings[K] } = { ...sound }
  const opus = await Opus.open(settings)
  settings.bitrate = -5
  while (opus.encoder()) await setImmediate()
  settings.bitrate = sound.bitrate
  let encoder = opus.encoder()
  for (const begun = performance.now(); !encoder; encoder = opus.encoder()) {
    assert.ok(performance.now() - begun < 10_000)
    await setImmediate()
  }
})
