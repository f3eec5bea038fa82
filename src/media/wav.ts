/** WAV files of the one kind that calls are made of: a channel of 16-bit linear PCM at 16 kHz. */

/** Samples in a second. */
export const SAMPLE_RATE = 16_000
/** Samples in a millisecond. */
export const PER_MILLISECOND = SAMPLE_RATE / 1000

/** The samples of a file, or what is wrong with it: a clause. */
export type ReadWav =
  { readonly ok: true; readonly samples: Int16Array } | { readonly ok: false; readonly problem: string }

const PCM = 1
const EXTENSIBLE = 0xfffe
/** Where the sub-format of an extensible format begins; its first two bytes are the format's number. */
const SUB_FORMAT = 24

/** Reads a file of that kind, and refuses any other: nothing is resampled or mixed down. */
export function readWav(file: Buffer): ReadWav {
  if (file.length < 12 || tag(file, 0) !== 'RIFF' || tag(file, 8) !== 'WAVE') return wrong('it is not a WAV file')
  let format: Buffer | undefined
  for (let at = 12; at + 8 <= file.length;) {
    const size = file.readUInt32LE(at + 4)
    const body = file.subarray(at + 8, at + 8 + size)
    if (tag(file, at) === 'fmt ') format = body
    if (tag(file, at) === 'data') {
      const problem = format ? formatProblem(format) : 'its format does not stand before its sound'
      if (problem !== undefined) return wrong(problem)
      return body.length < 2 ? wrong('there is no sound in it') : { ok: true, samples: samplesOf(body) }
    }
    at += 8 + size + (size % 2)
  }
  return wrong('there is no sound in it')
}

/** What is wrong with a format; undefined if it is the right one. */
function formatProblem(format: Buffer): string | undefined {
  if (format.length < 16) return 'its format is incomplete'
  const written = format.readUInt16LE(0)
  const code = written === EXTENSIBLE && format.length >= SUB_FORMAT + 2 ? format.readUInt16LE(SUB_FORMAT) : written
  const channels = format.readUInt16LE(2)
  const rate = format.readUInt32LE(4)
  const bits = format.readUInt16LE(14)
  const found = [
    ...(code === PCM ? [] : [`it is not linear PCM (format ${code})`]),
    ...(channels === 1 ? [] : [`it has ${channels} channels`]),
    ...(bits === 16 ? [] : [`it has ${bits} bits a sample`]),
    ...(rate === SAMPLE_RATE ? [] : [`it has ${rate} samples a second`]),
  ]
  return found.length === 0 ? undefined : `${found.join(', ')}; it must be mono, 16-bit PCM, 16 kHz`
}

function samplesOf(body: Buffer): Int16Array {
  const samples = new Int16Array(Math.floor(body.length / 2))
  for (let index = 0; index < samples.length; index++) samples[index] = body.readInt16LE(index * 2)
  return samples
}

/** Writes samples as a WAV file. */
export function writeWav(samples: Int16Array): Buffer {
  const file = Buffer.alloc(HEADER + samples.length * 2)
  wavHeader(samples.length * 2).copy(file)
  for (let index = 0; index < samples.length; index++) file.writeInt16LE(samples[index] ?? 0, HEADER + index * 2)
  return file
}

const HEADER = 44

/** What stands before so many bytes of samples. */
export function wavHeader(bytes: number): Buffer {
  const file = Buffer.alloc(HEADER)
  file.write('RIFF', 0, 'latin1')
  file.writeUInt32LE(HEADER + bytes - 8, 4)
  file.write('WAVEfmt ', 8, 'latin1')
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(PCM, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(SAMPLE_RATE, 24)
  file.writeUInt32LE(SAMPLE_RATE * 2, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36, 'latin1')
  file.writeUInt32LE(bytes, 40)
  return file
}

function tag(file: Buffer, at: number): string {
  return file.toString('latin1', at, at + 4)
}

function wrong(problem: string): ReadWav {
  return { ok: false, problem }
}
