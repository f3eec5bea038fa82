/** The network between a page and the server is another one all of a sudden: the page finds a way, and the call goes on. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { create } from '../scenarios/steps.ts'
import { openPage } from '../support/page.ts'
import { SoundPeer } from '../support/sound-peer.ts'
import { strengthOf } from '../support/speaking-peer.ts'
import { startWorld, user } from '../support/world.ts'
import { Network } from './network.ts'
import { openBrowser, signIn, until } from './phones.ts'
import { expectHears, noChromium } from './support.ts'

const ADA = 500
const BEN = 730
/** How long it may take, in milliseconds: it is as slow as the machine. */
const PATIENCE = 180_000

test('a page goes on in another network', { skip: noChromium, timeout: PATIENCE }, async (t) => {
  const world = await startWorld(t, { clock: 'real', mediaLoadLimit: 100, mediaConnectTimeout: 60_000 })
  const browser = await openBrowser(ADA)
  t.after(browser.close)
  const network = new Network()
  t.after(() => network.close())
  const context = await browser.person()
  await network.join(context)
  const ada = await signIn(context, world.url, 'ada')
  const peer = await SoundPeer.make(BEN)
  t.after(() => peer.close())
  const ben = await openPage(t, world, 'ben')

  const call = await create(world, [user('ada'), user('ben')])
  await ada.getByRole('button', { name: 'Answer' }).click()
  const { callId } = await ben.phase('ringing')
  const { answer = '' } = await ben.do({ type: 'answer', callId, offer: await peer.offer() })
  await peer.accept(answer)
  await expectHears(ada, { loud: [BEN], quiet: [ADA] })
  const benHears = (): boolean => strengthOf(ADA, peer.samples(Math.max(peer.heard.length - 25, 0))) > 0.3
  await until(benHears, 'ben hears ada')
  assert.ok(network.packets > 50, 'the sound goes through the network')
  await until(async () => (await world.bots.alpha.take()).length === 0, 'all is told')

  network.change()
  await ada.getByText('Reconnecting …').first().waitFor()
  await ada.getByText('Reconnecting …').first().waitFor({ state: 'hidden' })
  await expectHears(ada, { loud: [BEN], quiet: [ADA] })
  const before = peer.heard.length
  await until(() => peer.heard.length > before + 25 && benHears(), 'ben hears ada again')
  assert.ok(network.packets > 50, 'the sound goes through the other network')
  assert.deepEqual(await world.bots.alpha.take(), [], 'the application hears of nothing')
  await world.client('alpha').delete(`/communications/calls/${call.id}`)
  await until(async () => (await world.bots.alpha.take()).some(({ changeType }) => changeType === 'deleted'), 'the end')
})
