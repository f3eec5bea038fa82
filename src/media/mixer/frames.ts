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

/** How loud samples are: their mean power in decibels below full scale, from -127 to 0. */
export function levelOf(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return decibels(sum / (samples.length * 32_768 ** 2))
}

/** @param power 1 is full scale */
export function decibels(power: number): number {
  return power > 0 ? Math.max(SILENCE, Math.min(0, 10 * Math.log10(power))) : SILENCE
}

/** Adds a frame to a sum, louder or softer. */
export function add(sum: Float32Array, frame: Int16Array, gain: number): void {
  const length = Math.min(sum.length, frame.length)
  for (let index = 0; index < length; index++) sum[index]! += frame[index]! * gain
}

/** The highest value that a sample may have without being bent. */
const KNEE = 24_576
const ROOM = 32_767 - KNEE

/** Writes a sum as samples. What is too loud is bent towards full scale: it never wraps around and never cuts hard. */
export function settle(sum: Float32Array, into: Int16Array): void {
  for (let index = 0; index < into.length; index++) {
    const value = sum[index]!
    const size = Math.abs(value)
    if (size <= KNEE) into[index] = Math.round(value)
    else {
      const bent = KNEE + ROOM * (1 - 1 / (1 + (size - KNEE) / ROOM))
      into[index] = Math.trunc(value < 0 ? -bent : bent)
    }
  }
}
