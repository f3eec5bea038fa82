import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { openEngine, room, testSettings } from '../../../test/support/sound-engine.ts'
import { SoundPeer } from '../../../test/support/sound-peer.ts'
import { defaultConfig } from '../../config.ts'
import { hears } from '../engine.suite.ts'
import type { PeerSettings } from './peer.ts'
import { studioSettings } from './settings.ts'

/** The candidates of two answers, and whether their peers hear each other. */
async function candidates(t: TestContext, settings: Partial<PeerSettings>): Promise<readonly string[]> {
  const engine = openEngine(t, { settings: { peer: { ...testSettings.peer, ...settings } } })
  const told: string[] = []
  const peers: SoundPeer[] = []
  for (const [name, frequency] of [
    ['anna', 440],
    ['ben', 880],
  ] as const) {
    const peer = await SoundPeer.make(frequency)
    t.after(() => peer.close())
    const answer = await engine.connect(name, await peer.offer())
    told.push(
      ...[...answer.matchAll(/^a=candidate:\S+ 1 UDP \d+ (\S+) (\d+)/gm)].map(([, host, port]) => `${host} ${port}`),
    )
    await peer.accept(answer)
    engine.enter(name, { conversationId: 'c', speaker: name })
    peers.push(peer)
  }
  engine.arrange('c', room('anna', 'ben'))
  const [anna, ben] = peers
  assert.ok(anna && ben)
  await Promise.all([hears(anna, [880], [440]), hears(ben, [440], [880])])
  return told
}

/** A port that is free, with as many after it as are asked for, as far as anybody can know. */
const FIRST = 41_000 + (process.pid % 2000) * 10

test('sound stays within the ports that are let in', async (t) => {
  const told = await candidates(t, { ports: { first: FIRST, last: FIRST + 4 } })
  assert.equal(told.length, 2)
  for (const one of told) {
    const [host, port] = one.split(' ')
    assert.equal(host, '127.0.0.1')
    assert.ok(Number(port) >= FIRST && Number(port) <= FIRST + 4, one)
  }
})

test('all share one port, if there is only one', async (t) => {
  const port = FIRST + 5
  assert.deepEqual(await candidates(t, { ports: { first: port, last: port } }), [
    `127.0.0.1 ${port}`,
    `127.0.0.1 ${port}`,
  ])
})

test('an address that is announced comes first, with the port of the real one', async (t) => {
  const told = await candidates(t, { announced: '192.0.2.7' })
  assert.equal(told.length, 4)
  const ports = told.map((one) => one.split(' ')[1])
  assert.deepEqual(told.slice(0, 2), [`192.0.2.7 ${ports[0]}`, `127.0.0.1 ${ports[0]}`])
})

test('where sound is taken follows where the server listens, unless it is said', () => {
  const addressOf = (host: string, mediaAddress?: string): string | undefined =>
    studioSettings(defaultConfig({ host, mediaAddress })).peer.address
  assert.equal(addressOf('127.0.0.1'), '127.0.0.1')
  assert.equal(addressOf('localhost'), '127.0.0.1')
  assert.equal(addressOf('0.0.0.0'), undefined)
  assert.equal(addressOf('::'), undefined)
  assert.equal(addressOf('rollcall.example'), undefined)
  assert.equal(addressOf('0.0.0.0', '10.0.0.1'), '10.0.0.1')
})
