/** Frames of sound: 20 ms of one channel, 16 bits a sample, at the rate of a room. */

/** How long a frame is, in milliseconds. */
export const FRAME = 20

/** Samples a second: what rooms may be mixed at. */
export type Rate = 16_000 | 48_000

/** Samples of one frame. */
export function frameSize(rate: Rate): number {
  return (rate * FRAME) / 1000
}

/** The level of digital silence, in decibels. */
export const SILENCE = -127

/**
 * How loud samples are: their mean power in decibels below full scale, from -127 to 0.
 * @param step looks at every so many of them alone
 */
export function levelOf(samples: Int16Array, step = 1): number {
  let [sum, count] = [0, 0]
  for (let index = 0; index < samples.length; index += step) {
    const sample = samples[index]!
    sum += sample * sample
    count++
  }
  return decibels(sum / (count * 32_768 ** 2))
}

/** @param power 1 is full scale */
export function decibels(power: number): number {
  return power > 0 ? Math.max(SILENCE, Math.min(0, 10 * Math.log10(power))) : SILENCE
}

/** The highest value that a sample may have without being bent. */
const KNEE = 24_576
const ROOM = 32_767 - KNEE

/** A sum as a sample. What is too loud is bent towards full scale: it never wraps around and never cuts hard. */
export function settled(value: number): number {
  if (value <= KNEE && value >= -KNEE) return Math.round(value)
  const bent = KNEE + ROOM * (1 - 1 / (1 + (Math.abs(value) - KNEE) / ROOM))
  return Math.trunc(value < 0 ? -bent : bent)
}

/** Sums of more frames than two. */
let sums = new Float64Array(0)

/** Writes the sum of frames, each louder or softer. @param into as long as each of them */
export function addUp(into: Int16Array, frames: readonly Int16Array[], gains: readonly number[]): void {
  const { length } = into
  const [first, second] = frames
  const [gain = 0, other = 0] = gains
  // Most rooms are small: one or two voices need no sum beside them.
  if (!first) into.fill(0)
  else if (!second) for (let index = 0; index < length; index++) into[index] = settled(first[index]! * gain)
  else if (frames.length === 2) {
    for (let index = 0; index < length; index++) into[index] = settled(first[index]! * gain + second[index]! * other)
  } else {
    if (sums.length !== length) sums = new Float64Array(length)
    sums.fill(0)
    for (let number = 0; number < frames.length; number++) {
      const [frame, strength] = [frames[number]!, gains[number]!]
      for (let index = 0; index < length; index++) sums[index]! += frame[index]! * strength
    }
    for (let index = 0; index < length; index++) into[index] = settled(sums[index]!)
  }
}
