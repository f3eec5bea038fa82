import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readWav, writeWav } from './wav.ts'

const SAMPLES = Int16Array.from([0, 1, -1, 32_767, -32_768])

/** A file with another format than the right one. */
function formatted({ code = 1, channels = 1, rate = 16_000, bits = 16 } = {}): Buffer {
  const file = writeWav(SAMPLES)
  file.writeUInt16LE(code, 20)
  file.writeUInt16LE(channels, 22)
  file.writeUInt32LE(rate, 24)
  file.writeUInt16LE(bits, 34)
  return file
}

/** A file with a further chunk of an odd size, which is padded, before its sound. */
function withChunk(): Buffer {
  const file = writeWav(SAMPLES)
  const chunk = Buffer.from('LIST\u0003\0\0\0abc\0', 'latin1')
  return Buffer.concat([file.subarray(0, 36), chunk, file.subarray(36)])
}

function extensible(): Buffer {
  const format = Buffer.alloc(40)
  writeWav(SAMPLES).copy(format, 0, 20, 36)
  format.writeUInt16LE(0xfffe, 0)
  format.writeUInt16LE(1, 24)
  const head = Buffer.from('RIFF\0\0\0\0WAVEfmt \u0028\0\0\0', 'latin1')
  return Buffer.concat([head, format, writeWav(SAMPLES).subarray(36)])
}

const readable: [string, Buffer][] = [
  ['what was written', writeWav(SAMPLES)],
  ['other chunks before the sound', withChunk()],
  ['the extensible form of the format', extensible()],
  ['bytes after the sound', Buffer.concat([writeWav(SAMPLES), Buffer.from('LISTxx')])],
]

for (const [name, file] of readable) {
  test(`reads ${name}`, () => assert.deepEqual(readWav(file), { ok: true, samples: SAMPLES }))
}

test('reads as much as there is of a file that was cut', () => {
  assert.deepEqual(readWav(writeWav(SAMPLES).subarray(0, 47)), { ok: true, samples: SAMPLES.slice(0, 1) })
})

const refused: [string, Buffer, RegExp][] = [
  ['no bytes', Buffer.alloc(0), /^it is not a WAV file$/],
  ['an MP3', Buffer.from('ID3\u0003\0\0\0\0\0\0\0\0\0\0\0\0'), /^it is not a WAV file$/],
  ['a head alone', writeWav(SAMPLES).subarray(0, 12), /^there is no sound in it$/],
  ['no samples', writeWav(new Int16Array()), /^there is no sound in it$/],
  ['two channels', formatted({ channels: 2 }), /^it has 2 channels; it must be mono, 16-bit PCM, 16 kHz$/],
  ['the rate of telephones', formatted({ rate: 8000 }), /^it has 8000 samples a second; /],
  ['8 bits and 44.1 kHz', formatted({ bits: 8, rate: 44_100 }), /^it has 8 bits a sample, it has 44100 samples/],
  ['A-law', formatted({ code: 6 }), /^it is not linear PCM \(format 6\); /],
  [
    'a format that is too short',
    Buffer.from('RIFF\0\0\0\0WAVEfmt \u0002\0\0\0\u0001\0data\u0002\0\0\0ab'),
    /incomplete/,
  ],
  ['no format', Buffer.from('RIFF\0\0\0\0WAVEdata\u0002\0\0\0ab'), /^its format does not stand before its sound$/],
]

for (const [name, file, problem] of refused) {
  test(`refuses ${name}`, () => {
    const read = readWav(file)
    assert.ok(!read.ok)
    assert.match(read.problem, problem)
  })
}
