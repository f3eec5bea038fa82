/** Prompts out of nothing: WAV files as Graph's calling API wants them, one channel of 16-bit samples at 16 kHz. */

const RATE = 16_000

/** A note to play: its frequency in hertz, and how long it sounds in seconds. */
export type Note = readonly [frequency: number, seconds: number]

/** Notes one after the other. */
export function melody(...notes: readonly Note[]): Buffer {
  const samples = notes.flatMap(([frequency, seconds]) =>
    Array.from({ length: Math.round(seconds * RATE) }, (_, index) =>
      Math.round(8000 * Math.sin((2 * Math.PI * frequency * index) / RATE)),
    ),
  )
  const data = Buffer.alloc(samples.length * 2)
  for (const [index, sample] of samples.entries()) data.writeInt16LE(sample, index * 2)
  return wav(data)
}

/** The header of a WAV file, and its samples. */
function wav(data: Buffer): Buffer {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + data.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20) // PCM
  header.writeUInt16LE(1, 22) // one channel
  header.writeUInt32LE(RATE, 24)
  header.writeUInt32LE(RATE * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(data.length, 40)
  return Buffer.concat([header, data])
}
