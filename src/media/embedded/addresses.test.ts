import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { openEngine, room, testSettings } from '../../../test/support/sound-engine.ts'
import { SoundPeer } from '../../../test/support/sound-peer.ts'
import { defaultConfig } from '../../config.ts'
import { hears } from '../engine.suite.ts'
import type { PeerSettings } from './peer.ts'
import { studioSettings } from './settings.ts'

/** The candidates of two answers, and whether their peers hear each other. @param anna how the offer of the first begins */
async function candidates(t: TestContext, settings: Partial<PeerSettings>, anna = 'o='): Promise<readonly string[]> {
  const engine = openEngine(t, { settings: { peer: { ...testSettings.peer, ...settings } } })
  const told: string[] = []
  const peers: SoundPeer[] = []
  for (const [name, frequency] of [
    ['anna', 440],
    ['ben', 880],
  ] as const) {
    const peer = await SoundPeer.make(frequency)
    t.after(() => peer.close())
    const offer = await peer.offer()
    const answer = await engine.connect(name, name === 'anna' ? offer.replace('o=', anna) : offer)
    told.push(
      ...[...answer.matchAll(/^a=candidate:\S+ 1 UDP \d+ (\S+) (\d+)/gm)].map(([, host, port]) => `${host} ${port}`),
    )
    await peer.accept(answer)
    engine.enter(name, { conversationId: 'c', speaker: name })
    peers.push(peer)
  }
  engine.arrange('c', room('anna', 'ben'))
  const [first, second] = peers
  assert.ok(first && second)
  await Promise.all([hears(first, [880], [440]), hears(second, [440], [880])])
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

test('loopback is left for browsers that try no address of it, unless it was chosen', () => {
  const leaves = (host: string, mediaAddress?: string): boolean =>
    studioSettings(defaultConfig({ host, mediaAddress })).peer.leavesLoopback
  assert.deepEqual(
    ['localhost', '127.0.0.1', '::1'].map((host) => leaves(host)),
    [true, true, true],
  )
  assert.deepEqual(
    ['0.0.0.0', '10.0.0.1', 'rollcall.example'].map((host) => leaves(host)),
    [false, false, false],
  )
  assert.equal(leaves('127.0.0.1', '127.0.0.1'), false)
})

const others = Object.values(networkInterfaces()).flatMap((all) => all?.filter(({ internal }) => !internal) ?? [])
const alone = others.length === 0 && 'this machine has no address but those of loopback'

test('Firefox is answered where it looks, and everybody else at loopback', { skip: alone }, async (t) => {
  const hosts = (await candidates(t, {}, 'o=mozilla...')).map((one) => one.split(' ')[0])
  assert.ok(hosts.length > 1)
  assert.equal(hosts.pop(), '127.0.0.1')
  assert.deepEqual(
    hosts.filter((host) => others.every(({ address }) => address !== host)),
    [],
  )
})

test('who chose loopback stays there', async (t) => {
  const told = await candidates(t, { leavesLoopback: false }, 'o=mozilla...')
  assert.deepEqual(
    told.map((one) => one.split(' ')[0]),
    ['127.0.0.1', '127.0.0.1'],
  )
})
