import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Hearing } from '../../calls/hearing.ts'
import { gainOf } from '../../calls/hearing.ts'
import type { HearingSince } from '../gains.ts'
import { soundOf } from '../sound.ts'
import type { Utterance } from '../utterance.ts'
import { PER_MILLISECOND } from '../wav.ts'
import { endingOf, mixed } from './listening.ts'

const SPEAKERS = ['ann', 'bob', 'cyd'] as const
/** Milliseconds in which everything happens. */
const SPAN = 60

const moment = fc.nat(SPAN)
const gain = fc.constantFrom(0, 0.25, 0.5, 1)

/** Somebody makes a sound of one level, of which a part is made here. */
const utterance = fc
  .record({
    speaker: fc.constantFrom(...SPEAKERS),
    level: fc.integer({ min: -9000, max: 9000 }),
    begun: moment,
    length: moment,
    skip: moment,
    cut: moment,
  })
  .map(({ speaker, level, begun, length, skip, cut }): Utterance => {
    const sound = soundOf(new Int16Array(length * PER_MILLISECOND).fill(level))
    const from = Math.min(begun + skip, begun + length)
    return { speaker, sound, begun, from, until: Math.max(from, begun + length - cut) }
  })

/** Who hears whom, from so many milliseconds after the change before. */
const hearings = fc
  .array(fc.record({ after: moment, gains: fc.tuple(gain, gain, gain), hears: fc.boolean() }), { maxLength: 4 })
  .map((changes) => {
    let since = 0
    return changes.map(({ after, gains, hears }): HearingSince => {
      since += after
      const apart = { bot: Object.fromEntries(SPEAKERS.map((name, index) => [name, gains[index] ?? 0])) }
      const hearing: Hearing = { room: {}, apart, ducking: {}, listeners: hears ? ['bot'] : [] }
      return { since, hearing }
    })
  })

/** The sample in the middle of a millisecond, made one by one. */
function sampleAt(said: readonly Utterance[], changes: readonly HearingSince[], at: number): number {
  const current = changes.findLast(({ since }) => since <= at)
  let sum = 0
  for (const { speaker, sound, from, until } of said) {
    if (at < from || at >= until || !current) continue
    sum += Math.round((sound.samples[0] ?? 0) * gainOf(current.hearing, speaker, 'bot'))
  }
  return Math.max(-32_768, Math.min(32_767, sum))
}

test('a mix is, at every moment, what each said times how loud they were to the listener then', () => {
  fc.assert(
    fc.property(fc.array(utterance, { maxLength: 5 }), hearings, moment, moment, (said, changes, one, other) => {
      const [from, until] = [Math.min(one, other), Math.max(one, other)]
      const mix = mixed({ name: 'bot', said, hearings: changes }, from, until)
      assert.equal(mix.length, (until - from) * PER_MILLISECOND)
      for (let at = from; at < until; at++) {
        const middle = (at - from) * PER_MILLISECOND + PER_MILLISECOND / 2
        assert.equal(mix[middle], sampleAt(said, changes, at), `at ${at} ms`)
      }
    }),
    { numRuns: 500 },
  )
})

test('a recording does not end for silence while it can hear somebody, and never later than it may', () => {
  const limits = { initialSilenceTimeout: 10, maxSilenceTimeout: 15, maxDuration: 50 }
  fc.assert(
    fc.property(fc.array(utterance, { maxLength: 5 }), hearings, (said, changes) => {
      const { at, reason } = endingOf({ name: 'bot', said, hearings: changes }, 0, limits)
      assert.ok(at <= limits.maxDuration && at >= Math.min(limits.initialSilenceTimeout, limits.maxSilenceTimeout))
      const heard = Array.from({ length: at }, (_, when) => when).filter((when) =>
        said.some((one) => sampleAt([one], changes, when) ** 2 > 165 ** 2),
      )
      if (reason === 'record-initial-silence') assert.deepEqual(heard, [])
      if (reason === 'record-max-silence') assert.ok((heard.at(-1) ?? -1) < at - limits.maxSilenceTimeout)
    }),
    { numRuns: 500 },
  )
})
