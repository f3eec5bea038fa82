import assert from 'node:assert/strict'
import { test } from 'node:test'
import { capacityLeft, shareOfLeg } from './capacity.ts'
import { Meters } from './meters.ts'

const cost = { decode: 60, encode: 100, mix: 20, packet: 10, picture: 20 }
const none = { sent: 0, seen: 0, packets: 0 }
const health = {
  rooms: 1,
  legs: 10,
  load: 0.2,
  cores: 0.3,
  cost,
  pictures: none,
  ticks: 100,
  lateTicks: 0,
  worstLate: 1,
}

test('a leg costs what its frames and packets take of 20 ms', () => {
  assert.equal(shareOfLeg(health), 0.01)
  assert.equal(shareOfLeg({ ...health, pictures: { ...none, packets: 5000 } }), 0.02, 'and its share of the pictures')
})

test('legs are taken up to their number, and as long as there is time to mix them', () => {
  assert.equal(capacityLeft(health, 10, { legs: 15, load: 0.8 }), 5)
  assert.equal(capacityLeft(health, 10, { legs: 1000, load: 0.8 }), 60)
  assert.equal(capacityLeft(health, 30, { legs: 1000, load: 0.8 }), 40, 'who came since counts in full')
  assert.equal(capacityLeft({ ...health, load: 0.9 }, 10, { legs: 1000, load: 0.8 }), 0)
  const unknown = { ...health, cost: { decode: 0, encode: 0, mix: 0, packet: 0, picture: 0 } }
  assert.equal(capacityLeft(unknown, 10, { legs: 12, load: 0.8 }), 2)
})

test('what is measured first, and what the machine does elsewhere, hardly counts', () => {
  let now = 0
  const meters = new Meters(() => now)
  const take = (microseconds: number): void => {
    const begun = now
    now += microseconds / 1000
    meters.encode(begun)
  }
  for (let count = 0; count < 100; count++) take(5000)
  assert.equal(meters.cost.encode, 0)
  for (let count = 0; count < 500; count++) take(count % 50 === 49 ? 20_000 : 100)
  assert.ok(meters.cost.encode > 99 && meters.cost.encode < 125, String(meters.cost.encode))
})
