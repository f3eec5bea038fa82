/**
 * Somebody at a real Firefox and somebody at a real Chromium, called by a bot: what each hears and sees. What Firefox does
 * otherwise is what is tried here; everything else is tried in Chromium.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { create } from '../scenarios/steps.ts'
import { startWorld, user } from '../support/world.ts'
import { openBrowser, openFirefox, signIn } from './phones.ts'
import { cameraOf, expectMoves, expectSees, filming, gone, OWN, screenOf } from './sight.ts'
import { answer, endAll, press, whatIsOn } from './steps.ts'
import { expectHears, noFirefox } from './support.ts'

/** What each microphone hears, in Hz. */
const ADA = 500
const BEN = 730
/** How long the parts may take together, in milliseconds: they are as slow as the machine. */
const PATIENCE = 300_000

/** Firefox has no screen here: a canvas stands in for the one that the person would choose. */
const SCREEN = `navigator.mediaDevices.getDisplayMedia = async () => {
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d')
  let turn = 0
  setInterval(() => {
    context.fillStyle = 'hsl(' + (turn += 20) + ' 80% 50%)'
    context.fillRect(0, 0, canvas.width, canvas.height)
  }, 100)
  return canvas.captureStream(10)
}`

test('Firefox and Chromium in one call', { skip: noFirefox, timeout: PATIENCE }, async (t) => {
  const browsers = await Promise.all([openFirefox(ADA), openBrowser(BEN, 'green')])
  t.after(() => Promise.all(browsers.map(({ close }) => close())))
  const world = await startWorld(t, { clock: 'real', mediaLoadLimit: 100, mediaConnectTimeout: 60_000 })
  const [atFirefox, atChromium] = await Promise.all([browsers[0].person(), browsers[1].person()])
  t.after(async () => {
    const pages = t.passed ? [] : [...atFirefox.pages(), ...atChromium.pages()]
    for (const page of pages) console.log(`seen: ${await whatIsOn(page)}`)
  })
  const [ada, ben] = await Promise.all([signIn(atFirefox, world.url, 'ada'), signIn(atChromium, world.url, 'ben')])
  const { id } = await create(world, [user('ada'), user('ben')])
  const hearEachOther = (): Promise<unknown> =>
    Promise.all([expectHears(ada, { loud: [BEN], quiet: [ADA] }), expectHears(ben, { loud: [ADA], quiet: [BEN] })])

  await t.test('it rings, and they hear each other and not themselves', async () => {
    await ada.getByRole('button', { name: 'Answer' }).waitFor()
    assert.match(await ada.title(), /^☎ Alpha/)
    await Promise.all([answer(ada), answer(ben)])
    await hearEachOther()
  })

  await t.test('who mutes is not heard', async () => {
    await press(ada, 'Mute')
    await ben.getByText('Muted').waitFor()
    await expectHears(ben, { loud: [], quiet: [ADA] })
    await press(ada, 'Unmute')
  })

  await t.test('who puts the call on hold neither hears nor is heard', async () => {
    await press(ada, 'Hold')
    await ben.getByText('On hold').waitFor()
    await Promise.all([expectHears(ada, { loud: [], quiet: [BEN] }), expectHears(ben, { loud: [], quiet: [ADA] })])
    await press(ada, 'Resume')
    await hearEachOther()
  })

  await t.test('they see each other', async () => {
    await Promise.all([press(ada, 'Camera'), press(ben, 'Camera')])
    await Promise.all([
      expectMoves(ben, cameraOf('ada')),
      expectMoves(ada, OWN),
      expectSees(ada, cameraOf('ben'), 'green'),
    ])
  })

  await t.test('a page that is reloaded hears and shows what it did', async () => {
    await ada.reload()
    await ada.getByRole('button', { name: 'Mute', exact: true }).waitFor()
    await Promise.all([hearEachOther(), expectMoves(ben, cameraOf('ada')), expectSees(ada, cameraOf('ben'), 'green')])
  })

  await t.test('a screen is seen from either side', async () => {
    await press(ben, 'Present')
    await expectMoves(ada, screenOf('ben'))
    await ada.evaluate(SCREEN)
    await press(ada, 'Present')
    await expectMoves(ben, screenOf('ada'))
    await press(ada, 'Stop presenting')
    await gone(ben, screenOf('ada'))
  })

  await t.test('when it is over, nothing films', async () => {
    await press(ada, 'Leave')
    await ada.getByText('You have left.').waitFor()
    assert.equal(await filming(ada), 0)
  })
  await endAll(world, [id])
})
