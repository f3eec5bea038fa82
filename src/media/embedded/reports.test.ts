import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Latch } from './latch.ts'
import { Reports } from './reports.ts'
import { readRtp, writeRtp } from './rtp.ts'

const packet = (sequence: number, timestamp = sequence * 160, ssrc = 7): NonNullable<ReturnType<typeof readRtp>> =>
  readRtp(
    writeRtp({ payloadType: 0, marker: false, sequence, timestamp, ssrc, payload: Buffer.alloc(160) }),
    undefined,
  )!

const START = 65_530
/** Whoever has sent nothing. */
const QUIET = { ssrc: 42, at: 0, timestamp: 0, packets: 0, bytes: 0 }

test('a report tells what came, what was lost, and how unevenly it came', () => {
  const reports = new Reports('rollcall')
  for (let number = 0; number < 100; number++) {
    if (number % 10 !== 3) reports.receive(packet(START + number), 8000, number * 20 + (number % 2) * 8)
  }
  const report = reports.write(QUIET, 2000)
  assert.equal(report[1], 201, 'whoever sends nothing sends a receiver report')
  assert.equal(report.readUInt16BE(2), 7)
  assert.deepEqual([report.readUInt32BE(4), report.readUInt32BE(8)], [42, 7])
  assert.equal(report[12], Math.floor((10 * 256) / 100))
  assert.equal(report.readUIntBE(13, 3), 10)
  assert.equal(report.readUInt32BE(16), START + 99, 'the highest number, and how often they began anew')
  const jitter = report.readUInt32BE(20)
  assert.ok(jitter > 45 && jitter < 70, `8 ms are 64 units, ${jitter} were told`)
  assert.deepEqual([report.readUInt32BE(24), report.readUInt32BE(28)], [0, 0], 'no report came')
  for (let number = 100; number < 150; number++) reports.receive(packet(START + number), 8000, number * 20)
  const later = reports.write(QUIET, 3000)
  assert.equal(later[12], 0, 'nothing was lost since')
  assert.equal(later.readUIntBE(13, 3), 10)
})

test('whoever sends says how much, and since when; goodbye is said last', () => {
  const reports = new Reports('rollcall')
  reports.receive(packet(1), 8000, 1000)
  const theirs = Buffer.alloc(28)
  theirs.set([0x80, 200, 0, 6, 0, 0, 0, 7])
  theirs.writeUInt32BE(0x1234_5678, 10)
  assert.ok(reports.read(theirs, 1500))
  const report = reports.write({ ssrc: 42, at: 1_700_000_000_500, timestamp: 320, packets: 2, bytes: 320 }, 2000, true)
  assert.equal(report[1], 200)
  assert.equal(report.readUInt32BE(8), (1_700_000_000 + 2_208_988_800) >>> 0)
  assert.equal(report.readUInt32BE(12), 2 ** 31)
  assert.deepEqual(
    [16, 20, 24].map((at) => report.readUInt32BE(at)),
    [320, 2, 320],
  )
  assert.deepEqual([report.readUInt32BE(44), report.readUInt32BE(48)], [0x1234_5678, 32_768])
  const parts: number[] = []
  for (let at = 0; at < report.length; at += report.readUInt16BE(at + 2) * 4 + 4) parts.push(report[at + 1]!)
  assert.deepEqual(parts, [200, 202, 203])
})

test('whatever comes as RTCP is read, or is none', () => {
  const reports = new Reports('rollcall')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 192, max: 223 }), (bytes, type) => {
      const data = Buffer.from(bytes)
      if (data.length > 1) data.set([0x80, type])
      reports.read(data, 0)
      reports.receive(packet(bytes[0] ?? 0, bytes[1] ?? 0, bytes[2] ?? 0), 8000, bytes.length)
      assert.equal(reports.write(QUIET, 4).length % 4, 0)
    }),
  )
})

test('a latch catches on the second of two packets in order, from one place, and no more until it is opened', () => {
  const latch = new Latch()
  latch.open(true)
  assert.equal(latch.take(packet(10), '192.0.2.1', 1), false)
  assert.equal(latch.take(packet(11), '192.0.2.2', 1), false, 'from elsewhere')
  assert.equal(latch.take(packet(12), '192.0.2.2', 2), false, 'from another port')
  assert.equal(latch.take(packet(14), '192.0.2.2', 2), false, 'out of order')
  assert.equal(latch.take(packet(15, 0, 8), '192.0.2.2', 2), false, 'of another source')
  assert.equal(latch.take(packet(16, 0, 8), '192.0.2.2', 2), true)
  latch.open(true)
  assert.equal(latch.take(packet(17, 0, 8), '192.0.2.2', 2), false)
})
