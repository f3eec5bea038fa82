import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { JitterBuffer } from './jitter.ts'
import type { Next } from './jitter.ts'

/** When a packet comes: at which frame, or never. */
type Arrival = (number: number) => number | undefined

/** What is heard, frame by frame: the number of a packet, or what stands for it. */
function run(frames: number, arrival: Arrival, packets = frames): { heard: (number | string)[]; buffer: JitterBuffer } {
  const buffer = new JitterBuffer()
  const arrivals = new Map<number, number[]>()
  for (let number = 0; number < packets; number++) {
    const at = arrival(number)
    if (at !== undefined) arrivals.set(Math.floor(at), [...(arrivals.get(Math.floor(at)) ?? []), number])
  }
  const heard: (number | string)[] = []
  for (let frame = 0; frame < frames; frame++) {
    for (const number of arrivals.get(frame) ?? []) buffer.put(packet(number))
    heard.push(told(buffer.take()))
    if (!buffer.behind) continue
    buffer.take()
    buffer.caughtUp()
  }
  return { heard, buffer }
}

function packet(number: number): { sequence: number; payload: Uint8Array } {
  const payload = new Uint8Array(8)
  new DataView(payload.buffer).setUint32(0, number)
  return { sequence: (number + 65_500) & 0xffff, payload }
}

function told(next: Next): number | string {
  return next.type === 'packet' ? new DataView(next.payload.buffer).getUint32(0) : next.type
}

function numbers(heard: readonly (number | string)[]): number[] {
  return heard.filter((one) => typeof one === 'number')
}

test('what comes in time is heard in order, two frames later, over the end of the numbers', () => {
  const { heard } = run(200, (number) => number)
  assert.deepEqual(heard, ['nothing', ...Array.from({ length: 199 }, (_, index) => index)])
})

test('a packet that never comes is made up for, once, with the next one at hand', () => {
  const buffer = new JitterBuffer()
  const heard: Next[] = []
  for (let number = 0; number < 10; number++) {
    if (number !== 5) buffer.put(packet(number))
    heard.push(buffer.take())
  }
  assert.deepEqual(heard.map(told), ['nothing', 0, 1, 2, 3, 4, 'lost', 6, 7, 8])
  assert.deepEqual(heard[6], { type: 'lost', after: packet(6).payload })
})

test('packets that change places are put right', () => {
  const { heard } = run(100, (number) => (number % 5 === 2 ? number + 1 : number))
  assert.deepEqual(
    numbers(heard).slice(0, 50),
    Array.from({ length: 50 }, (_, index) => index),
  )
})

test('when packets come late it waits longer, and less again when they no longer do', () => {
  const late: Arrival = (number) => (number < 300 && number % 7 === 3 ? number + 4 : number)
  const { heard, buffer } = run(1500, late)
  const soon = heard.slice(150, 300)
  assert.ok(!soon.includes('lost'), 'after a while nothing is lost any more')
  assert.equal(buffer.target, 2)
  assert.ok(1500 - numbers(heard).at(-1)! <= 3, 'in the end it is as quick as at first')
})

test('a burst after a gap makes it late for a while, and then no more', () => {
  const { heard, buffer } = run(2000, (number) => (number >= 100 && number < 115 ? 115 : number))
  const last = numbers(heard).at(-1) ?? 0
  assert.ok(2000 - last <= 3, `at the end it is ${2000 - last} frames behind`)
  assert.ok(buffer.depth <= 3)
})

test('a sender whose clock runs too fast or too slow stays in step', () => {
  for (const pace of [0.999, 1.001, 0.99, 1.01]) {
    const { heard, buffer } = run(10_000, (number) => number * pace, 10_200)
    const last = numbers(heard).at(-1) ?? 0
    const due = Math.floor(9999 / pace)
    assert.ok(due - last <= 5, `at a pace of ${pace} it is ${due - last} packets behind`)
    assert.ok(buffer.depth <= 5)
    assert.ok(numbers(heard).length > 9700, `${numbers(heard).length} of 10,000 frames were packets`)
  }
})

test('a pause of the speaker is silence at once, and the next word comes no later than the first', () => {
  const buffer = new JitterBuffer()
  const heard: (number | string)[] = []
  for (let frame = 0; frame < 60; frame++) {
    if (frame < 10) buffer.put(packet(frame))
    if (frame === 10) buffer.put({ ...packet(10), pause: true })
    if (frame >= 40) buffer.put(packet(frame - 29))
    heard.push(told(buffer.take()))
  }
  assert.equal(heard.indexOf('nothing', 2), 11)
  assert.equal(heard.indexOf(11), 41)
  assert.ok(!heard.includes('lost') && !heard.includes('late'))
})

test('keys take numbers and no time', () => {
  const buffer = new JitterBuffer()
  const heard: (number | string)[] = []
  for (let frame = 0; frame < 30; frame++) {
    buffer.put(packet(2 * frame))
    buffer.put({ sequence: packet(2 * frame + 1).sequence, payload: undefined })
    heard.push(told(buffer.take()))
  }
  assert.deepEqual(
    heard,
    Array.from({ length: 30 }, (_, index) => 2 * index),
  )
})

test('however packets come, each is heard once at most, in order, and memory is bounded', () => {
  const arrivals = fc.array(
    fc.record({ delay: fc.integer({ min: 0, max: 80 }), lost: fc.boolean(), twice: fc.boolean() }),
    {
      maxLength: 400,
    },
  )
  fc.assert(
    fc.property(arrivals, (packets) => {
      const buffer = new JitterBuffer()
      const due = packets.flatMap(({ delay, lost, twice }, number) =>
        lost ? [] : [{ at: number + delay, number }, ...(twice ? [{ at: number + delay + 1, number }] : [])],
      )
      const heard: (number | string)[] = []
      for (let frame = 0; frame < packets.length + 200; frame++) {
        for (const { at, number } of due) if (at === frame) buffer.put(packet(number))
        heard.push(told(buffer.take()))
        assert.ok(buffer.depth <= 50)
      }
      const order = numbers(heard)
      for (const [index, number] of order.entries()) assert.ok(index === 0 || number > order[index - 1]!)
      assert.equal(buffer.depth, 0, 'nothing stays behind')
    }),
    { numRuns: 300 },
  )
})
