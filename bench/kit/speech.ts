/**
 * Something that codecs take for speech: syllables of a voice whose pitch moves, through the resonances of vowels, with
 * hisses and pauses between them. Tones will not do: Opus encodes them in another way, at another cost.
 */

/** Resonances of some vowels, in Hz. */
const VOWELS = [
  [730, 1090, 2440],
  [270, 2290, 3010],
  [300, 870, 2240],
  [530, 1840, 2480],
  [570, 840, 2410],
] as const

/** The same speech each time. @param seconds how long @param rate samples a second */
export function speech(seconds: number, rate: number): Int16Array {
  const samples = new Int16Array(seconds * rate)
  let seed = 1
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff
    return seed / 0x4000_0000 - 1
  }
  for (let at = 0; at < samples.length;) {
    const length = Math.round(rate * (0.12 + 0.06 * (1 + random())))
    const kind = random()
    if (kind > 0.7) hiss(samples, at, length / 2, random)
    else if (kind > -0.75) vowel(samples, at, length, rate, random)
    at += length
  }
  return samples
}

function vowel(samples: Int16Array, from: number, length: number, rate: number, random: () => number): void {
  const formants = VOWELS[Math.floor(((random() + 1) / 2) * VOWELS.length) % VOWELS.length] ?? VOWELS[0]
  const filters = formants.map((frequency) => resonator(frequency, 90, rate))
  const pitch = 120 + 30 * random()
  let phase = 0
  for (let index = 0; index < length && from + index < samples.length; index++) {
    const share = index / length
    phase += (pitch * (1.1 - 0.2 * share)) / rate
    const pulse = phase >= 1 ? 1 : 0
    phase -= pulse
    const source = pulse + 0.01 * random()
    const voice = filters.reduce((sum, filter) => sum + filter(source), 0)
    samples[from + index] = bounded(9000 * voice * Math.sin(Math.PI * share))
  }
}

function hiss(samples: Int16Array, from: number, length: number, random: () => number): void {
  let last = 0
  for (let index = 0; index < length && from + index < samples.length; index++) {
    const noise = random()
    samples[from + index] = bounded(1200 * (noise - last) * Math.sin((Math.PI * index) / length))
    last = noise
  }
}

/** A filter of second order that rings at a frequency. */
function resonator(frequency: number, width: number, rate: number): (input: number) => number {
  const radius = Math.exp((-Math.PI * width) / rate)
  const turn = 2 * radius * Math.cos((2 * Math.PI * frequency) / rate)
  let [last, before] = [0, 0]
  return (input) => {
    const output = input + turn * last - radius * radius * before
    before = last
    last = output
    return output * (1 - radius) * 8
  }
}

function bounded(value: number): number {
  return Math.max(-32_000, Math.min(32_000, Math.round(value)))
}
