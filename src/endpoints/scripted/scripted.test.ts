import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Address } from '../../calls/identity.ts'
import { Audibility } from '../../media/audibility.ts'
import { Rooms } from '../../media/rooms.ts'
import { virtualClock } from '../../runtime.ts'
import type { LegEffect, Report } from '../endpoint.ts'
import { parseScript } from './script.ts'
import { ScriptedEndpoint } from './scripted.ts'

const SECOND = 1000
const START = Date.UTC(2026, 0, 1)
const ADA: Address = { kind: 'user', id: 'ada', tenantId: 't' }
const DESK: Address = { kind: 'phone', id: '+4930123456', tenantId: 't' }

/** A scripted endpoint whose reports are lines such as `2 LegConnected ada`, with the seconds since the start. */
class Bench {
  readonly clock = virtualClock(START)
  readonly endpoint: ScriptedEndpoint
  readonly rooms: Rooms
  readonly lines: string[] = []
  script: unknown = { answer: {} }

  constructor() {
    this.rooms = new Rooms(this.clock, new Audibility(1000))
    this.endpoint = new ScriptedEndpoint({ clock: this.clock, rooms: this.rooms, soundOf: () => undefined }, () => {
      const parsed = parseScript(this.script)
      assert.ok(parsed.ok)
      return parsed.script
    })
  }

  perform(effect: LegEffect, conversationId = 'here'): void {
    const report: Report = (one) => {
      const who = 'callId' in one ? one.callId : one.participantId
      const detail =
        one.type === 'LegConnected'
          ? ` ${one.endpointType}${one.lobby ? ' lobby' : ''}`
          : one.type === 'LegFailed'
            ? ` ${one.reason.name}`
            : one.type === 'TonePressed'
              ? ` ${one.tone}`
              : ''
      const place = conversationId === 'here' ? '' : ` ${conversationId}`
      this.lines.push(`${(this.clock.now() - START) / SECOND} ${one.type} ${who}${detail}${place}`)
    }
    this.endpoint.perform(conversationId, effect, report)
  }

  ring(address = ADA, since = START): void {
    this.perform({ type: 'Ring', participantId: 'ada', address, caller: { kind: 'application', id: 'bot' }, since })
  }

  /** Who is speaking, with the seconds from when to when. */
  speech(conversationId = 'here'): string[] {
    const second = (at: number): number => (at - START) / SECOND
    return this.rooms
      .speaking(conversationId)
      .map(({ speaker, from, until }) => `${speaker} ${second(from)}-${second(until)}`)
  }

  advance(seconds: number): Promise<void> {
    return this.clock.advance(seconds * SECOND, () => Promise.resolve())
  }
}

const scripts: readonly (readonly [script: unknown, address: Address, lines: readonly string[]])[] = [
  [{ answer: { after: '2s' } }, ADA, ['0 LegRinging ada', '2 LegConnected ada default']],
  [{ answer: { after: '0s' } }, ADA, ['0 LegConnected ada default']],
  [
    { answer: { after: '2s', leaveAfter: '5s' } },
    ADA,
    ['0 LegRinging ada', '2 LegConnected ada default', '7 LegLeft ada'],
  ],
  [{ voicemail: { leaveAfter: '5s' } }, ADA, ['0 LegRinging ada', '1 LegConnected ada voicemail', '6 LegLeft ada']],
  [{ answer: { lobby: true, leaveAfter: '5s' } }, ADA, ['0 LegRinging ada', '1 LegConnected ada default lobby']],
  [
    { answer: { lobby: { admitAfter: '3s' }, leaveAfter: '5s' } },
    ADA,
    ['0 LegRinging ada', '1 LegConnected ada default lobby', '4 Admit ada'],
  ],
  [{ busy: {} }, ADA, ['0 LegFailed ada callee-busy']],
  [{ busy: { after: '3s' } }, DESK, ['3 LegFailed ada pstn-busy']],
  [{ decline: { after: '1s' } }, ADA, ['0 LegRinging ada', '1 LegFailed ada callee-declined']],
  [{ decline: {} }, DESK, ['0 LegFailed ada pstn-declined']],
  [{ offline: {} }, ADA, ['0 LegFailed ada callee-offline']],
  [{ unreachable: {} }, ADA, ['0 LegFailed ada callee-unreachable']],
  [{ fail: { reason: 'number-blocked', after: '1s' } }, DESK, ['1 LegFailed ada number-blocked']],
  [{ ignore: {} }, ADA, ['0 LegRinging ada']],
]

for (const [script, address, lines] of scripts) {
  test(`${JSON.stringify(script)}, a ${address.kind}`, async () => {
    const bench = new Bench()
    bench.script = script
    bench.ring(address)
    assert.deepEqual(bench.lines, [], 'nothing is reported before perform has returned')
    await bench.advance(3600)
    assert.deepEqual(bench.lines, lines)
  })
}

test('ringing that began before a restart goes on from there', async () => {
  const bench = new Bench()
  bench.script = { answer: { after: '10s' } }
  bench.ring(ADA, START - 8 * SECOND)
  await bench.advance(60)
  assert.deepEqual(bench.lines, ['0 LegRinging ada', '2 LegConnected ada default'])
})

test('a leg that is dropped says nothing more', async () => {
  const bench = new Bench()
  bench.script = { answer: { after: '2s', leaveAfter: '5s' } }
  bench.ring()
  await bench.advance(1)
  bench.perform({ type: 'DropLeg', participantId: 'ada', address: ADA, reason: { name: 'caller-cancelled' } })
  bench.perform({ type: 'DropLeg', participantId: 'nobody', address: ADA, reason: { name: 'caller-cancelled' } })
  await bench.advance(60)
  assert.deepEqual(bench.lines, ['0 LegRinging ada'])
})

test('rung twice, it answers once', async () => {
  const bench = new Bench()
  bench.ring()
  bench.ring()
  await bench.advance(60)
  assert.deepEqual(bench.lines, ['0 LegRinging ada', '1 LegConnected ada default'])
})

test('a caller whose call was answered is connected, and leaves as the script says', async () => {
  const bench = new Bench()
  bench.script = { answer: { lobby: true, leaveAfter: '5s' } }
  bench.perform({ type: 'ConnectLeg', participantId: 'ada', address: ADA })
  await bench.advance(60)
  assert.deepEqual(bench.lines, ['0 LegConnected ada default', '5 LegLeft ada'])
})

test('somebody who moves keeps the moment of leaving, and leaves the new conversation alone', async () => {
  const bench = new Bench()
  bench.script = { answer: { after: '0s', leaveAfter: '10s' } }
  bench.ring()
  await bench.advance(4)
  const from = { conversationId: 'here', participantId: 'ada' }
  bench.perform({ type: 'MoveLeg', participantId: 'ada2', address: ADA, from }, 'there')
  await bench.advance(60)
  assert.deepEqual(bench.lines, [
    '0 LegConnected ada default',
    '4 LegConnected ada2 default there',
    '10 LegLeft ada2 there',
  ])
})

test('after a restart: who is connected still leaves, who waits is still admitted, both in their time', async () => {
  const bench = new Bench()
  bench.script = { answer: { lobby: { admitAfter: '3s' }, leaveAfter: '10s' } }
  const watch = (participantId: string, state: 'connected' | 'lobby' | 'calling', since: number): void =>
    bench.perform({ type: 'WatchLeg', participantId, address: ADA, state, since: START + since * SECOND })
  watch('ada', 'connected', -4)
  watch('ben', 'lobby', -1)
  watch('cleo', 'connected', -60)
  watch('dov', 'calling', -1)
  await bench.advance(60)
  assert.deepEqual(bench.lines.sort(), ['0 LegLeft cleo', '2 Admit ben', '6 LegLeft ada'])
})

test('somebody let in from the lobby by others goes on with their script', async () => {
  const bench = new Bench()
  bench.script = { answer: { lobby: true, leaveAfter: '5s' } }
  bench.ring()
  await bench.advance(4)
  const watch = { type: 'WatchLeg', participantId: 'ada', address: ADA, state: 'connected' } as const
  bench.perform({ ...watch, since: bench.clock.now() })
  await bench.advance(60)
  assert.deepEqual(bench.lines, ['0 LegRinging ada', '1 LegConnected ada default lobby', '9 LegLeft ada'])
})

const steps = [{ wait: '2s' }, { say: '3s' }, { press: '1#' }, { say: '1m' }]

test('steps: one after the other, from being connected on', async () => {
  const bench = new Bench()
  bench.script = { answer: { steps } }
  bench.ring()
  await bench.advance(2.5)
  assert.deepEqual(bench.speech(), [])
  await bench.advance(1)
  assert.deepEqual(bench.speech(), ['ada 3-6'])
  await bench.advance(10)
  assert.deepEqual(bench.speech(), ['ada 6.4-66.4'])
  assert.deepEqual(bench.lines, [
    '0 LegRinging ada',
    '1 LegConnected ada default',
    '6 TonePressed ada tone1',
    '6.2 TonePressed ada pound',
  ])
})

test('who leaves in the middle of a step falls silent and presses nothing more', async () => {
  const bench = new Bench()
  bench.script = { answer: { after: '0s', leaveAfter: '4s', steps } }
  bench.ring()
  await bench.advance(3)
  assert.deepEqual(bench.speech(), ['ada 2-5'])
  await bench.advance(60)
  assert.deepEqual([bench.speech(), bench.lines.slice(1)], [[], ['4 LegLeft ada']])
})

test('who moves takes the steps that are left along, and what they are saying', async () => {
  const bench = new Bench()
  bench.script = { answer: { after: '0s', steps } }
  bench.ring()
  await bench.advance(3)
  const from = { conversationId: 'here', participantId: 'ada' }
  bench.perform({ type: 'MoveLeg', participantId: 'ada2', address: ADA, from }, 'there')
  assert.deepEqual([bench.speech(), bench.speech('there')], [[], ['ada2 3-5']])
  await bench.advance(3)
  assert.deepEqual([bench.speech(), bench.speech('there')], [[], ['ada2 5.4-65.4']])
  assert.deepEqual(bench.lines.slice(2), ['5 TonePressed ada2 tone1 there', '5.2 TonePressed ada2 pound there'])
})

test('whoever is held is not heard, and begins with their script when they are in; their patience has an end', async () => {
  const bench = new Bench()
  bench.script = { answer: { after: '0s', leaveAfter: '20s', steps: [{ say: '2s' }, { press: '1' }] } }
  bench.ring()
  await bench.advance(0)
  const watch = { type: 'WatchLeg', participantId: 'ada', address: ADA } as const
  bench.perform({ ...watch, state: 'held', since: START })
  assert.deepEqual(bench.speech(), [])
  await bench.advance(5)
  assert.deepEqual(bench.lines, ['0 LegConnected ada default'])
  bench.perform({ ...watch, state: 'connected', since: bench.clock.now() })
  assert.deepEqual(bench.speech(), ['ada 5-7'])
  await bench.advance(60)
  assert.deepEqual(bench.lines.slice(1), ['7 TonePressed ada tone1', '25 LegLeft ada'])

  bench.perform({ ...watch, participantId: 'ben', state: 'held', since: bench.clock.now() })
  await bench.advance(60)
  assert.deepEqual(bench.lines.slice(3), ['85 LegLeft ben'])
})

test('a leg that is moved back goes on where it was; one that is not there stays away', async () => {
  const bench = new Bench()
  bench.script = { answer: { after: '0s', leaveAfter: '10s' } }
  bench.ring()
  await bench.advance(4)
  const here = { conversationId: 'here', participantId: 'ada' }
  const there = { conversationId: 'there', participantId: 'ada2' }
  const back = { type: 'MoveLeg', participantId: 'ada', address: ADA, from: there } as const
  bench.perform({ ...back, participantId: 'ada2', from: here }, 'there')
  bench.perform(back)
  bench.perform(back)
  await bench.advance(60)
  assert.equal(bench.lines.at(-1), '10 LegLeft ada')
})

test('after a restart: steps go on where they would be, and keys of before are not pressed again', async () => {
  const bench = new Bench()
  bench.script = { answer: { steps: [{ press: '1' }, { wait: '5s' }, { say: '10s' }, { press: '2' }] } }
  bench.perform({ type: 'WatchLeg', participantId: 'ada', address: ADA, state: 'connected', since: START - 8 * SECOND })
  assert.deepEqual(bench.speech(), ['ada -2.8-7.2'])
  await bench.advance(60)
  assert.deepEqual(bench.lines, ['7.2 TonePressed ada tone2'])
})

test('stopped: no step of any script comes any more', async () => {
  const bench = new Bench()
  bench.ring()
  bench.endpoint.stop()
  await bench.advance(60)
  assert.deepEqual(bench.lines, [])
})
