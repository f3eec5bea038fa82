/** What every sound engine must do with plain RTP, shown with telephones that really speak and listen. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { RtpPeer } from '../../test/support/rtp-peer.ts'
import { room } from '../../test/support/sound-engine.ts'
import type { LegState, RtpCodec, RtpTerms, SoundEngine } from './engine.ts'
import { MediaError } from './engine.ts'
import type { OpenEngine } from './engine.suite.ts'
import { hears, join, pass, until } from './engine.suite.ts'

const CONVERSATION = 'conversation'

/** Connects a telephone with a tone as its voice. The leg is named after the speaker. */
async function phone(
  t: TestContext,
  engine: SoundEngine,
  speaker: string,
  codec: RtpCodec,
  frequency?: number,
  terms: Partial<RtpTerms> = {},
): Promise<RtpPeer> {
  const peer = await RtpPeer.make(codec, frequency)
  t.after(() => peer.close())
  peer.call(await engine.connectRtp(`leg-${speaker}`, { ...peer.terms, ...terms }))
  engine.enter(`leg-${speaker}`, { conversationId: CONVERSATION, speaker })
  return peer
}

/** What becomes of legs, as it is told. */
function statesOf(engine: SoundEngine): (legId: string) => readonly LegState[] {
  const states = new Map<string, LegState[]>()
  engine.on({ onLeg: (legId, state) => states.set(legId, [...(states.get(legId) ?? []), state]) })
  return (legId) => states.get(legId) ?? []
}

/** Runs the suite. */
export function rtpSuite(name: string, open: OpenEngine): void {
  test(`${name}: telephones and browsers hear each other, whatever they speak`, async (t) => {
    const engine = open(t)
    const [anna, ben, cleo, dora] = await Promise.all([
      phone(t, engine, 'anna', 'PCMU', 440),
      phone(t, engine, 'ben', 'PCMA', 700),
      phone(t, engine, 'cleo', 'opus', 1000),
      join(t, engine, 'dora', 1320),
    ])
    engine.arrange(CONVERSATION, room('anna', 'ben', 'cleo'))
    await hears(anna, [700, 1000], [440])
    engine.arrange(CONVERSATION, room('anna', 'ben', 'dora'))
    await Promise.all([hears(ben, [440, 1320], [700]), hears(dora, [440, 700], [1320])])
    engine.arrange(CONVERSATION, room('ben', 'cleo', 'dora'))
    await Promise.all([hears(cleo, [700, 1320], [1000]), hears(dora, [700, 1000], [1320])])
    const types = new Set([anna, ben, cleo].flatMap(({ packets }) => packets.map(({ type }) => type)))
    assert.deepEqual(types, new Set([0, 8, 96]), 'each under the number that it takes')
  })

  test(`${name}: a telephone is sent a frame every 20 ms from when it is in a room, and reports with it`, async (t) => {
    const engine = open(t)
    const anna = await phone(t, engine, 'anna', 'PCMU', 440)
    await until(() => anna.packets.length >= 100, 'two seconds of packets, although nobody speaks')
    assert.ok(anna.heard.every((frame) => frame.every((sample) => sample === 0)))
    for (const [index, { sequence, timestamp }] of anna.packets.slice(1).entries()) {
      const before = anna.packets[index]!
      assert.equal(sequence, (before.sequence + 1) & 0xffff)
      assert.equal(timestamp, (before.timestamp + 160) >>> 0)
    }
    await until(() => anna.reports.length >= 1, 'a report', 12_000)
    const [report] = anna.reports
    assert.ok(report && report[1] === 200, 'a sender report')
    assert.equal(report.readUInt32BE(4), anna.packets[0]?.ssrc)
    assert.equal(report.readUInt32BE(28), anna.ssrc, 'of whom it tells')
    assert.equal(report[32], 0, 'nothing was lost')
    assert.ok(report.readUInt32BE(20) > 100 && report.readUInt32BE(24) === report.readUInt32BE(20) * 160)
    assert.deepEqual([engine.health().cost.encode, engine.health().cost.decode], [0, 0], 'nothing of it is Opus')
    engine.disconnect('leg-anna')
    await until(() => anna.reports.at(-1)?.includes(Buffer.of(0x81, 203)) === true, 'it says goodbye')
  })

  test(`${name}: where a telephone is shows by its packets, if it may be elsewhere; strangers are not heard`, async (t) => {
    const engine = open(t)
    const elsewhere = { address: '127.0.0.1', port: 9 }
    const states = statesOf(engine)
    const anna = await phone(t, engine, 'anna', 'PCMU', 440, { remote: elsewhere, latch: true })
    const cleo = await RtpPeer.make('PCMA', 1320)
    t.after(() => cleo.close())
    const { remote: _, ...terms } = cleo.terms
    const place = await engine.connectRtp('leg-cleo', terms)
    engine.enter('leg-cleo', { conversationId: CONVERSATION, speaker: 'cleo' })
    await pass(300)
    assert.deepEqual(states('leg-cleo'), [], 'nobody knows where it is')
    cleo.call(place)
    const ben = await phone(t, engine, 'ben', 'PCMA', 700, { remote: elsewhere })
    engine.arrange(CONVERSATION, room('anna', 'ben', 'cleo'))
    await Promise.all([hears(anna, [1320], [440, 700]), hears(cleo, [440], [700, 1320])])
    assert.equal(ben.packets.length, 0, 'whoever is said to be elsewhere is neither heard nor sent anything')
    assert.deepEqual(states('leg-cleo'), [{ name: 'connected' }])
  })

  test(`${name}: a telephone on hold is neither heard nor given up, and goes on elsewhere`, async (t) => {
    const engine = open(t, { patience: 1000 })
    const states = statesOf(engine)
    const [anna, ben] = await Promise.all([phone(t, engine, 'anna', 'PCMU', 440), phone(t, engine, 'ben', 'PCMA', 700)])
    engine.arrange(CONVERSATION, room('anna', 'ben'))
    await hears(ben, [440], [700])
    engine.agree('leg-anna', { ...anna.terms, direction: 'sendonly' })
    await Promise.all([hears(ben, [], [440, 700]), hears(anna, [700], [440])])
    engine.agree('leg-anna', { ...anna.terms, direction: 'inactive' })
    anna.hush()
    // What is on its way still comes.
    let sent = -1
    for (let tries = 0; sent !== anna.packets.length && tries < 20; tries++) {
      sent = anna.packets.length
      await pass(500)
    }
    await pass(2500)
    assert.equal(anna.packets.length, sent, 'nothing is sent')
    assert.deepEqual(states('leg-anna'), [{ name: 'connected' }], 'and nothing is missed')
    const other = await RtpPeer.make('opus', 1000)
    t.after(() => other.close())
    engine.agree('leg-anna', other.terms)
    other.call(anna.place!)
    await Promise.all([hears(ben, [1000], [440, 700]), hears(other, [700], [1000])])
    assert.equal(anna.packets.length, sent)
  })

  test(`${name}: whose network changes is found again; who falls silent is interrupted, and given up`, async (t) => {
    const engine = open(t, { patience: 1500 })
    const states = statesOf(engine)
    const anna = await phone(t, engine, 'anna', 'PCMU', 440, { latch: true })
    const ben = await phone(t, engine, 'ben', 'PCMU', 700)
    engine.arrange(CONVERSATION, room('anna', 'ben'))
    await hears(ben, [440])
    await anna.move()
    await until(() => states('leg-anna').length === 3, 'it is found again')
    await Promise.all([hears(ben, [440], [700]), hears(anna, [700], [440])])
    anna.hush()
    await until(() => states('leg-anna').at(-1)?.name === 'closed', 'it is given up')
    assert.deepEqual(
      states('leg-anna').map((state) => (state.name === 'closed' ? state.why : state.name)),
      ['connected', 'interrupted', 'connected', 'interrupted', 'timedOut'],
    )
    assert.equal(engine.health().legs, 1)
  })

  test(`${name}: keys come and go`, async (t) => {
    const engine = open(t)
    const pressed: string[] = []
    engine.on({ onTone: (legId, tone) => void pressed.push(`${legId} ${tone}`) })
    const anna = await phone(t, engine, 'anna', 'PCMU', 440)
    await until(() => anna.packets.length > 5, 'it is connected')
    for (const tone of ['tone5', 'pound', 'pound'] as const) {
      anna.press(tone)
      await pass(400)
    }
    assert.deepEqual(pressed, ['leg-anna tone5', 'leg-anna pound', 'leg-anna pound'])
    engine.sendTone('leg-anna', 'star', 200)
    await until(() => anna.packets.filter(({ type }) => type === 102).length >= 10, 'packets of the key')
    const keys = anna.packets.filter(({ type }) => type === 102)
    assert.equal(new Set(keys.map(({ timestamp }) => timestamp)).size, 1, 'one press has one timestamp')
  })

  test(`${name}: telephones are heard through a bad network`, async (t) => {
    const engine = open(t)
    const [anna, ben] = await Promise.all([phone(t, engine, 'anna', 'PCMU', 440), phone(t, engine, 'ben', 'PCMU')])
    engine.arrange(CONVERSATION, room('anna', 'ben'))
    // Of ten packets one is lost, one comes twice, and three change places.
    anna.network = (number) => ({ times: [1, 0, 2][number % 10] ?? 1, delay: [0, 0, 0, 2, 1, 0, 2][number % 10] ?? 0 })
    await pass(1000)
    for (let tries = 0; tries < 8; tries++) {
      const from = ben.heard.length
      await pass(1000)
      const samples = ben.samples(from)
      const loud = samples.filter((sample) => Math.abs(sample) > 500).length
      if (loud > samples.length * 0.9) return
    }
    assert.fail('there are holes in what is heard')
  })

  test(`${name}: what cannot be agreed on is refused`, async (t) => {
    const engine = open(t)
    const peer = await RtpPeer.make('PCMU')
    t.after(() => peer.close())
    const { terms } = peer
    const place = await engine.connectRtp('leg', terms)
    assert.equal(place.port % 2, 0)
    assert.equal(place.rtcpPort, place.port + 1)
    const bad: Partial<RtpTerms>[] = [
      { formats: [] },
      { formats: [{ codec: 'PCMU', comesAs: 0, goesAs: 128 }] },
      { remote: { address: 'phone.example', port: 5004 } },
      { remote: { address: '0.0.0.0', port: 5004 } },
      { remote: { address: '::1', port: 5004 } },
      { remote: { address: '127.0.0.1', port: 0 } },
      { keys: { comesAs: 101, goesAs: 101, clock: 44_100 } },
    ]
    for (const one of bad) {
      assert.throws(() => engine.agree('leg', { ...terms, ...one }), { code: 'badOffer' }, JSON.stringify(one))
      await assert.rejects(engine.connectRtp('another', { ...terms, ...one }), MediaError)
    }
    assert.equal(engine.health().legs, 1)
    engine.disconnect('leg')
    assert.equal(engine.health().legs, 0)
  })
}
