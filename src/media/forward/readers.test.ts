/** What is read of packets, whatever comes, and what is written. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isRtcp, readText } from '../embedded/rtp.ts'
import type { Feedback } from './rtcp.ts'
import {
  readRtcp,
  writeBitrate,
  writeKeyFrameRequest,
  writeLost,
  writeName,
  writeReport,
  writeSenderReport,
} from './rtcp.ts'
import { readVp8, shiftVp8 } from './vp8.ts'

const bytes = (most: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength: most }).map((data) => Buffer.from(data))
const word = fc.nat(0xffff_ffff)

/** What looks like RTCP at first. */
const rtcpLike = fc
  .tuple(fc.constantFrom(200, 201, 202, 205, 206), fc.nat(31), fc.nat(6), bytes(80))
  .map(([type, format, length, rest]) => Buffer.concat([Buffer.of(0x80 | format, type, 0, length), rest]))

test('whatever comes as RTCP is read, or left out', () => {
  const data = fc.oneof(
    bytes(100),
    rtcpLike,
    fc.array(rtcpLike, { maxLength: 5 }).map((all) => Buffer.concat(all)),
  )
  fc.assert(
    fc.property(data, (datagram) => {
      for (const feedback of readRtcp(datagram)) {
        if (feedback.type === 'lost') assert.ok(feedback.sequences.every((one) => one >= 0 && one <= 0xffff))
        if (feedback.type === 'bitrate') assert.ok(feedback.bitrate >= 0)
      }
    }),
    { numRuns: 5000 },
  )
})

test('no datagram says more than so much', () => {
  const lost = writeLost(
    1,
    2,
    Array.from({ length: 300 }, (_, index) => index * 17),
  )
  assert.equal(readRtcp(lost).length, 1)
  const all = writeLost(
    1,
    2,
    Array.from({ length: 600 }, (_, index) => index * 17),
  )
  assert.deepEqual(readRtcp(all), [], 'who lost so much is better helped by a key frame')
  const many = Buffer.concat(Array.from({ length: 60 }, () => writeKeyFrameRequest(1, 2)))
  assert.equal(readRtcp(many).length, 32)
})

test('what is written is read back', () => {
  fc.assert(
    fc.property(word, word, fc.uniqueArray(fc.nat(0xffff), { minLength: 1, maxLength: 40 }), (own, media, numbers) => {
      const sequences = numbers.toSorted((a, b) => a - b)
      assert.deepEqual(readRtcp(writeLost(own, media, sequences)), [{ type: 'lost', ssrc: media, sequences }])
      assert.deepEqual(readRtcp(writeKeyFrameRequest(own, media)), [{ type: 'keyFrame', ssrc: media }])
    }),
  )
  fc.assert(
    fc.property(word, fc.nat(2 ** 40), word, (own, bitrate, media) => {
      const [read] = readRtcp(writeBitrate(own, bitrate, [media])) as [Extract<Feedback, { type: 'bitrate' }>]
      assert.ok(read.bitrate <= bitrate && read.bitrate >= bitrate * 0.999 - 1, `${bitrate} became ${read.bitrate}`)
    }),
  )
  fc.assert(
    fc.property(word, fc.nat(2 ** 41), word, fc.string({ maxLength: 300 }), (ssrc, at, timestamp, name) => {
      const sent = writeSenderReport({ ssrc, at, timestamp, packets: 1, bytes: 2 })
      const described = writeName([ssrc, 5], name)
      assert.equal(described.length, described.readUInt16BE(2) * 4 + 4)
      const [read, ...more] = readRtcp(Buffer.concat([sent, described, sent])) as Extract<Feedback, { type: 'sent' }>[]
      assert.equal(more.length, 1)
      assert.deepEqual([read?.ssrc, read?.moment, read?.instant?.timestamp], [ssrc, sent.readUInt32BE(10), timestamp])
      // After 2036 the seconds begin anew.
      const wrapped = (read!.instant!.at - at) % (2 ** 32 * 1000)
      assert.ok(Math.abs(wrapped) < 0.01, `${at} became ${read!.instant!.at}`)
    }),
  )
  const report = writeReport(7, [{ ssrc: 1, fraction: 2, lost: -3, highest: 4, jitter: 5, moment: 6, delay: 8 }])
  assert.ok(isRtcp(report))
  assert.deepEqual([report.length, report[1], report.readUInt16BE(2), report.readIntBE(13, 3)], [32, 201, 7, -3])
})

test('whatever comes as VP8 is read, or is none, and its counts are shifted in place', () => {
  fc.assert(
    fc.property(bytes(12), fc.integer(), fc.integer(), (payload, picture, base) => {
      const read = readVp8(payload)
      if (!read) return
      const copy = Uint8Array.from(payload)
      shiftVp8(copy, read, { picture, base })
      assert.equal(copy.length, payload.length)
      const again = readVp8(copy)
      assert.deepEqual(again?.beginsKeyFrame, read.beginsKeyFrame)
      const mask = read.picture?.wide ? 0x7fff : 0x7f
      if (read.picture) assert.equal(again?.picture?.value, (read.picture.value + picture) & mask)
      if (read.base) assert.equal(again?.base?.value, (read.base.value + base) & 255)
    }),
    { numRuns: 5000 },
  )
  const descriptors: [string, boolean][] = [
    ['10 00', true],
    ['10 01', false],
    ['00 00', false],
    ['11 00', false],
    ['90 80 81 02 00', true],
    ['b0 e0 05 06 20 00', true],
    ['b0 e0 05 06 20 01', false],
  ]
  for (const [hex, expected] of descriptors) {
    assert.equal(readVp8(Buffer.from(hex.replaceAll(' ', ''), 'hex'))?.beginsKeyFrame, expected, hex)
  }
  assert.equal(readVp8(Buffer.of(0x10)), undefined)
})

test('the name of its media is read from a packet', () => {
  const packet = Buffer.from('9060000100000001000000050bede00010031310000', 'hex')
  assert.equal(readText(packet, 3), undefined)
  const named = Buffer.concat([Buffer.from('906000010000000100000005bede000131326100', 'hex'), Buffer.alloc(4)])
  assert.equal(readText(named, 3), '2a')
  assert.equal(readText(named, 4), undefined)
  fc.assert(fc.property(bytes(40), fc.integer({ min: 1, max: 14 }), (data, id) => void readText(data, id)))
})
