/** Forwarding: numbers that go on, what is missing, what senders are told, and slots in which somebody else is shown. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RtpPacket } from '../embedded/rtp.ts'
import { readRtp } from '../embedded/rtp.ts'
import { Allowance } from './allowance.ts'
import { Pictures } from './pictures.ts'
import { Reception } from './reception.ts'
import type { Feedback } from './rtcp.ts'
import { readRtcp, writeBitrate } from './rtcp.ts'
import { goOn, nearest } from './sequence.ts'
import { Slot } from './slot.ts'
import { Source, bitrateFor } from './source.ts'
import { Timing } from './timing.ts'
import { readVp8 } from './vp8.ts'

test('numbers go on, and never back', () => {
  assert.deepEqual(goOn(5, 65_530), { number: 65_541, anew: false })
  assert.deepEqual(goOn(65_530, 65_541), { number: 65_530, anew: false })
  const anew = goOn(10_000, 70_000)
  assert.deepEqual([anew.anew, anew.number > 70_000, anew.number & 0xffff], [true, true, 10_000])
})

test('what is missing is asked for a few times, and then given up', () => {
  const reception = new Reception()
  const take = (sequence: number, now: number): number | undefined =>
    reception.take({ sequence, timestamp: now * 90 }, now)?.number
  assert.equal(take(65_534, 0), 65_534)
  assert.equal(take(2, 10), 65_538)
  assert.deepEqual(reception.due(10), [], 'it may be on its way')
  assert.deepEqual(reception.due(20), [65_535, 0, 1])
  assert.deepEqual(reception.due(30), [])
  assert.equal(take(0, 40), 65_536)
  assert.equal(take(0, 41), undefined, 'twice')
  let asked = 0
  for (let now = 50; now < 2000; now += 20) asked += reception.due(now).length
  assert.equal(asked, 10, 'five more times each')
  assert.equal(take(1, 2000), undefined, 'too late')
  const block = reception.report(9, 2000)
  assert.deepEqual([block?.lost, block?.highest, block?.fraction], [2, 65_538, 102])
  assert.equal(reception.report(9, 2100)?.fraction, 0, 'nothing since')
})

test('too much missing, and a sender who begins anew, are seen', () => {
  const reception = new Reception()
  reception.take({ sequence: 0, timestamp: 0 }, 0)
  assert.deepEqual(reception.take({ sequence: 2000, timestamp: 0 }, 0), { number: 2000, anew: false })
  assert.equal(reception.isBroken, true)
  assert.deepEqual(reception.due(1000), [])
  assert.equal(reception.take({ sequence: 50_000, timestamp: 0 }, 0)?.anew, true)
})

test('a sender may send what gets through to all, within bounds', () => {
  const bounds = { least: 100, most: 1000 }
  assert.equal(bitrateFor([], bounds), 1000)
  assert.equal(bitrateFor([{ bitrate: undefined }, { bitrate: 400 }, { bitrate: 700 }], bounds), 400)
  assert.equal(bitrateFor([{ bitrate: 5 }], bounds), 100)
  assert.equal(bitrateFor([{ bitrate: 5000 }], bounds), 1000)
})

test('an allowance is for one second', () => {
  const allowance = new Allowance({ packets: 2, bits: 1000 })
  assert.deepEqual(
    [1, 1, 1].map((bytesOf) => allowance.take(bytesOf, 100)),
    ['taken', 'taken', 'leftOut'],
  )
  assert.equal(allowance.take(100, 1000), 'taken')
  assert.equal(allowance.take(100, 1999), 'leftOut')
  assert.equal(allowance.take(2000, 1999), 'flood')
})

/** A sender of pictures, packet by packet: each begins a picture. */
class Sender {
  readonly told: Feedback[] = []
  readonly timing = new Timing()
  readonly source: Source
  readonly #ssrc: number
  sequence: number
  #picture: number

  constructor(ssrc: number) {
    this.#ssrc = ssrc
    this.sequence = ssrc
    this.#picture = ssrc
    this.source = new Source({ least: 100, most: 1000 }, 1, this.timing, (data) => this.told.push(...readRtcp(data)))
  }

  /** The next packet. */
  next(now: number, isKey = false): RtpPacket {
    this.sequence = (this.sequence + 1) & 0xffff
    this.#picture = (this.#picture + 1) & 0x7fff
    const payload = Buffer.of(
      0x90,
      0x80,
      128 | (this.#picture >> 8),
      this.#picture & 255,
      isKey ? 0 : 1,
      this.#ssrc & 255,
    )
    const { sequence } = this
    const timestamp = (this.#ssrc + now * 90) >>> 0
    return { payloadType: 96, marker: true, sequence, timestamp, ssrc: this.#ssrc, payload, level: undefined }
  }

  send(now: number, isKey = false): void {
    this.source.take(this.next(now, isKey), now)
  }

  asked(type: Feedback['type']): number {
    return this.told.filter((one) => one.type === type).length
  }
}

interface Got {
  readonly sequence: number
  readonly timestamp: number
  readonly picture: number | undefined
  readonly from: number | undefined
}

function slotWith(bitrate?: number): { readonly slot: Slot; readonly got: Got[] } {
  const got: Got[] = []
  const slot = new Slot({
    ssrc: 77,
    sequence: 0xfffe,
    timestamp: 0xffff_ff00,
    bitrate: () => bitrate,
    send: (data) => {
      const packet = readRtp(Buffer.from(data), undefined)!
      const { sequence, timestamp, payload } = packet
      assert.equal(packet.ssrc, 77)
      assert.equal(packet.payloadType, 100)
      got.push({ sequence, timestamp, picture: readVp8(payload)?.picture?.value, from: payload[5] })
    },
  })
  slot.payloadType = 100
  return { slot, got }
}

test('a slot begins with a key frame, and goes on without a seam when another is shown', () => {
  const [anna, ben] = [new Sender(60_000), new Sender(5)]
  const { slot, got } = slotWith()
  anna.send(900)
  slot.show(anna.source, 1000)
  assert.equal(anna.asked('keyFrame'), 1)
  anna.send(1000)
  assert.equal(got.length, 0)
  for (const now of [1040, 1080, 1120]) anna.send(now, now === 1040)
  ben.send(1121)
  slot.show(ben.source, 1130)
  anna.send(1160)
  ben.send(1160)
  ben.send(1180, true)
  ben.send(1220)
  assert.deepEqual(
    got.map(({ from }) => from),
    [96, 96, 96, 5, 5],
  )
  for (const [index, { sequence, timestamp, picture }] of got.entries()) {
    assert.equal(sequence, (0xffff + index) & 0xffff)
    const before = got[index - 1]
    if (!before) continue
    assert.equal(picture, before.picture! + 1)
    const step = (timestamp - before.timestamp) >>> 0
    assert.equal(step, index === 3 ? 60 * 90 : 40 * 90, 'time goes on as it passed')
  }
})

test('what a viewer did not get it gets again, but not of somebody who is not shown any more', () => {
  const [anna, ben] = [new Sender(65_533), new Sender(5)]
  const { slot, got } = slotWith()
  slot.show(anna.source, 0)
  for (let now = 0; now < 400; now += 40) anna.send(now, now === 0)
  const [first, second, third] = got.map(({ sequence }) => sequence)
  const before = got.length
  slot.resend([first! - 1, second!, third!], 400)
  slot.resend([second!], 405)
  assert.deepEqual(got.slice(before), [got[1], got[2]], 'once within a moment, and nothing that was never sent')
  slot.resend([second!], 450)
  assert.equal(got.length, before + 3)
  slot.show(ben.source, 500)
  ben.send(500, true)
  slot.resend([second!], 550)
  assert.equal(got.at(-1)?.from, 5)
  assert.equal(got.length, before + 4)
})

test('a picture goes by the clock of the mix: it belongs to what was said when it was taken', () => {
  const [anna, ben] = [new Sender(60_000), new Sender(5)]
  const { slot, got } = slotWith()
  const knows = ({ timing, source }: Sender, ssrc: number, ahead: number, delay: number): void => {
    timing.speaks(1)
    timing.reported(1, { at: 9_000_000 + ahead, timestamp: 48_000 })
    timing.reported(2, { at: 0, timestamp: 0 })
    source.reported(ssrc, 0, { at: 9_000_000 + ahead, timestamp: (ssrc + 90 * 1000) >>> 0 }, 0)
    assert.equal(slot.info(0), undefined, 'not before something was heard')
    // What was captured half a second later is heard so much after that, on another clock.
    timing.said(48_000 + 24_000, 1500 + delay)
  }
  slot.show(anna.source, 0)
  anna.send(1000, true)
  knows(anna, 60_000, 0, 60)
  anna.send(1040)
  const told = slot.info(2060)!
  assert.deepEqual([told.ssrc, told.at, told.packets], [77, 2060, 2])
  const [first, second] = got
  assert.equal((told.timestamp - first!.timestamp) | 0, 90_000, 'what is heard a second later was taken a second later')
  assert.equal(anna.source.heardAt((60_000 + 90 * 1040) >>> 0), 1100)
  // Another comes whose voice is behind by more, and whose first picture takes long to come.
  slot.show(ben.source, 1500)
  ben.send(1400)
  knows(ben, 5, -70, 250)
  ben.source.take(ben.next(1400, true), 1900)
  const third = got[2]!
  assert.equal((third.timestamp - second!.timestamp) >>> 0, (1400 + 250 - 1100) * 90, 'it goes on by the clock')
  assert.equal((slot.info(2500)!.timestamp - told.timestamp) | 0, 440 * 90, 'which is the same as before')
})

test('no reports make others hear or see anything much later than it comes', () => {
  const anna = new Sender(60_000)
  const { slot } = slotWith()
  slot.show(anna.source, 0)
  anna.send(1000, true)
  anna.timing.speaks(1)
  const says = (later: number): boolean => {
    anna.timing.reported(1, { at: 0, timestamp: 0 })
    anna.timing.said(0, 0)
    anna.source.reported(60_000, 0, { at: 1000 + later, timestamp: 60_000 + 90 * 1000 }, 1000)
    return slot.info(2000) !== undefined
  }
  assert.deepEqual([-5000, -310, -290, 0, 990, 1010, 9000].map(says), [false, false, true, true, true, false, false])
})

test('packets that come late fill their gap for every viewer', () => {
  const anna = new Sender(1)
  const { slot, got } = slotWith()
  slot.show(anna.source, 0)
  anna.send(0, true)
  const late = anna.next(40)
  anna.send(80)
  anna.source.tick(100)
  assert.deepEqual(
    anna.told.filter(({ type }) => type === 'lost'),
    [{ type: 'lost', ssrc: 1, sequences: [late.sequence] }],
  )
  anna.source.take(late, 120)
  assert.deepEqual(
    got.map(({ sequence }) => (sequence - got[0]!.sequence) & 0xffff),
    [0, 2, 1],
  )
})

test('key frames are asked for no more than twice a second, and again while nobody sees anything', () => {
  const anna = new Sender(1)
  const { slot } = slotWith()
  anna.send(0)
  slot.show(anna.source, 0)
  for (let count = 0; count < 50; count++) slot.wantKeyFrame(10)
  assert.equal(anna.asked('keyFrame'), 1)
  for (let now = 20; now <= 500; now += 20) {
    anna.send(now)
    anna.source.tick(now)
  }
  assert.equal(anna.asked('keyFrame'), 2, 'who wanted one meanwhile has it in the end')
  for (let now = 520; now <= 3500; now += 20) {
    anna.send(now)
    anna.source.tick(now)
  }
  assert.equal(anna.asked('keyFrame'), 5, 'once a second while none comes')
})

test('a sender who begins anew is seen again from the next key frame on', () => {
  const anna = new Sender(100)
  const { slot, got } = slotWith()
  slot.show(anna.source, 0)
  anna.send(0, true)
  anna.sequence = 40_000
  anna.send(1000)
  anna.send(1040)
  assert.equal(got.length, 1)
  anna.send(1080, true)
  anna.send(1120)
  assert.deepEqual(
    got.map(({ sequence }) => sequence),
    [0xffff, 0, 1],
  )
})

test('a sender is told what its viewers can take: at once if it is less', () => {
  const anna = new Sender(1)
  let bitrate: number | undefined = undefined
  const viewer = {
    waits: false,
    take: () => undefined,
    interrupt: () => undefined,
    get bitrate() {
      return bitrate
    },
  }
  anna.source.viewers.add(viewer)
  const rates = (): unknown[] => anna.told.flatMap((one) => (one.type === 'bitrate' ? [one.bitrate] : []))
  for (let now = 0; now < 3000; now += 20) {
    anna.send(now)
    if (now === 1500) bitrate = 500
    if (now === 2500) bitrate = 800
    anna.source.tick(now)
  }
  assert.deepEqual(rates(), [1000, 1000, 500, 500])
  assert.ok(anna.source.isSending(3500) && !anna.source.isSending(4000))
})

test('whom nobody watches sends the least, and at once as much as may be when somebody does', () => {
  const anna = new Sender(1)
  const rates: [number, number][] = []
  const { slot } = slotWith()
  for (let now = 0; now < 9000; now += 20) {
    anna.send(now)
    if (now === 7500) slot.show(anna.source, now)
    anna.told.length = 0
    anna.source.tick(now)
    for (const one of anna.told) if (one.type === 'bitrate') rates.push([now, one.bitrate])
  }
  const least = rates.filter(([, bitrate]) => bitrate === 100).map(([now]) => now)
  assert.deepEqual([least[0], least.at(-1)], [5020, 7000])
  assert.ok(rates.some(([now, bitrate]) => now === 7500 && bitrate === 1000))
})

test('lines are told apart by their streams, or by the name that packets carry', () => {
  const pictures = new Pictures({
    settings: {
      slots: 2,
      bounds: { camera: { least: 1, most: 1000 }, screen: { least: 1, most: 3000 } },
      packets: 100,
    },
    random: () => 9,
    send: () => undefined,
  })
  const line = { payloadType: 96, midId: 3, sends: true, takes: true }
  const answers = pictures.negotiate([
    { ...line, mid: '1', ssrcs: [11] },
    { ...line, mid: '2', ssrcs: [] },
    { ...line, mid: '3', ssrcs: [13] },
    { ...line, mid: '4', ssrcs: [14] },
    undefined,
  ])
  assert.deepEqual(
    answers.map((one) => one && [one.takes, one.ssrc, one.bitrate]),
    [[true, 9, 1000], [true, 9, 3000], [false, 9, 0], [false, undefined, 0], undefined],
  )
  const sent = (): number[] => [pictures.sources.camera, pictures.sources.screen].map((one) => Number(one.isSending(0)))
  const packet = (ssrc: number, name?: string): Buffer => {
    const head = Buffer.from(name === undefined ? '8060000100000001' : '9060000100000001', 'hex')
    const id = Buffer.alloc(4)
    id.writeUInt32BE(ssrc)
    const extension = name === undefined ? [] : [Buffer.from('bede000130', 'hex'), Buffer.from(name), Buffer.alloc(2)]
    return Buffer.concat([head, id, ...extension, Buffer.of(0x10, 0)])
  }
  assert.ok(pictures.carries(96) && !pictures.carries(97))
  for (const one of [packet(13), packet(55), packet(55, '3')]) pictures.take(one, 0)
  assert.deepEqual(sent(), [0, 0])
  pictures.take(packet(11), 0)
  assert.deepEqual(sent(), [1, 0])
  pictures.take(packet(55, '2'), 0)
  assert.deepEqual(sent(), [1, 1])
})

test('whatever comes, in whatever order, a slot is one stream that goes on', () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ type: fc.constant('send' as const), key: fc.boolean(), way: fc.nat(9) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('show' as const), whom: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('miss' as const), back: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('anew' as const), sequence: fc.nat(0xffff) }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const senders = [new Sender(65_500), new Sender(5)]
      const { slot, got } = slotWith()
      const late: (() => void)[] = []
      let [now, highest] = [0, 0xfffe]
      const all = new Map<number, Got>()
      const check = (): void => {
        for (const one of got.splice(0)) {
          const number = nearest(one.sequence, highest)
          const known = all.get(number)
          assert.deepEqual(known ?? one, one, 'one number, one packet')
          all.set(number, one)
          highest = Math.max(highest, number)
        }
      }
      for (const one of steps) {
        now += 40
        if (one.type === 'show') slot.show(senders[one.whom]?.source, now)
        else if (one.type === 'miss') slot.resend([(highest - one.back) & 0xffff], now)
        else if (one.type === 'anew') senders[0]!.sequence = one.sequence
        else {
          const at = now
          for (const sender of senders) {
            const packet = sender.next(at, one.key)
            // Some are lost, and some come later than others.
            if (one.way === 1) late.push(() => sender.source.take(packet, at))
            else if (one.way > 0) sender.source.take(packet, at)
          }
          if (one.way === 2) for (const come of late.splice(0)) come()
        }
        check()
      }
      const inOrder = [...all].toSorted(([a], [b]) => a - b)
      for (const [index, [, { timestamp }]] of inOrder.slice(1).entries()) {
        assert.ok(((timestamp - inOrder[index]![1].timestamp) | 0) >= 0, 'time does not go back')
      }
      if (inOrder[0]) assert.equal(inOrder[0][0], 0xffff, 'it begins where it begins')
    }),
    { numRuns: 500 },
  )
})

// Browsers tell of little more than what they get just now, and a still picture is little: that is no want of room.
test('all who are watched are sent, however little the viewer says gets through', () => {
  const bounds = { camera: { least: 100, most: 1000 }, screen: { least: 200, most: 2000 } }
  const sent = new Set<number>()
  let ssrc = 0
  const send = (data: Buffer): void => void sent.add(data.readUInt32BE(8))
  const viewer = new Pictures({ settings: { slots: 3, bounds, packets: 100 }, random: () => ++ssrc, send })
  const line = { payloadType: 96, midId: undefined, ssrcs: [], sends: false, takes: true }
  viewer.negotiate(['1', '2', '3', '4'].map((mid) => ({ ...line, mid })))
  const senders = [10, 20, 30, 40].map((one) => new Sender(one))
  const slots = [viewer.screen, ...viewer.cameras]
  for (const [index, slot] of slots.entries()) slot.show(senders[index]?.source, 0)
  viewer.heed(writeBitrate(1, 30, [1]), 0)
  for (const sender of senders) sender.send(1000, true)
  assert.deepEqual(sent, new Set(slots.map((slot) => slot.ssrc)))
})

test('what a picture does not use of its share is for the others, until it does', () => {
  const bounds = { camera: { least: 100, most: 1_000_000 }, screen: { least: 200, most: 3_000_000 } }
  let ssrc = 0
  const viewer = new Pictures({
    settings: { slots: 1, bounds, packets: 100 },
    random: () => ++ssrc,
    send: () => undefined,
  })
  const line = { payloadType: 96, midId: undefined, ssrcs: [], sends: false, takes: true }
  viewer.negotiate(['1', '2'].map((mid) => ({ ...line, mid })))
  const [camera, screen] = [new Sender(10), new Sender(20)]
  const [slot] = viewer.cameras
  slot?.show(camera.source, 0)
  viewer.screen.show(screen.source, 0)
  viewer.heed(writeBitrate(1, 400_000, [1]), 0)
  const tick = (now: number): void => {
    camera.source.tick(now)
    screen.source.tick(now)
  }
  tick(0)
  tick(1000)
  assert.deepEqual([slot?.bitrate, viewer.screen.bitrate], [400_000, 400_000], 'both are still')
  for (let now = 1000; now < 2000; now++) screen.send(now)
  tick(2000)
  assert.ok((slot?.bitrate ?? 0) < 400_000 && (slot?.bitrate ?? 0) >= 100_000, String(slot?.bitrate))
  assert.equal(viewer.screen.bitrate, 400_000)
  for (let now = 2000; now < 4000; now++) for (let packet = 0; packet < 50; packet++) screen.send(now)
  tick(4000)
  assert.equal(slot?.bitrate, 100_000, 'no less than its own share')
})
