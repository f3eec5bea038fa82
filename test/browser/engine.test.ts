/** The embedded engine and real browsers: pages hear each other, and not themselves. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import type { SoundEngine } from '../../src/media/engine.ts'
import { openEngine, room } from '../support/sound-engine.ts'
import { accept, blankPage, offerOf } from './bare.ts'
import { MICROPHONE, expectHears, launchBrowser, launchFirefox, noChromium, noFirefox } from './support.ts'

/** A page with a microphone, and what it hears on an audio element. */
async function openPage(t: TestContext, url: string, microphone: number, isFirefox = false): Promise<Page> {
  const { browser, close } = await (isFirefox ? launchFirefox(microphone) : launchBrowser({ microphone }))
  t.after(close)
  const page = await browser.newPage()
  await page.goto(url)
  await page.evaluate(`(async () => {
    const stream = await navigator.mediaDevices.getUserMedia(${MICROPHONE})
    window.peer = new RTCPeerConnection()
    peer.ontrack = ({ track }) => {
      const audio = document.body.appendChild(document.createElement('audio'))
      audio.srcObject = new MediaStream([track])
      audio.play()
    }
    for (const track of stream.getTracks()) window.sender = peer.addTrack(track, stream)
  })()`)
  return page
}

async function connect(engine: SoundEngine, page: Page, legId: string): Promise<void> {
  await accept(page, await engine.connect(legId, await offerOf(page)))
}

for (const [anybody, skip] of [
  ['Chromium', noChromium],
  ['Firefox', noFirefox],
] as const) {
  const title = `${anybody} and Chromium hear each other and not themselves, keys come through, and a new network is taken`
  test(title, { skip }, async (t) => {
    const tones: string[] = []
    const engine = openEngine(t)
    engine.on({ onTone: (legId, tone) => tones.push(`${legId} ${tone}`) })
    const url = await blankPage(t)
    const [anna, ben] = await Promise.all([openPage(t, url, 440, anybody === 'Firefox'), openPage(t, url, 880)])
    await Promise.all([connect(engine, anna, 'leg-a'), connect(engine, ben, 'leg-b')])
    engine.enter('leg-a', { conversationId: 'c', speaker: 'anna' })
    engine.enter('leg-b', { conversationId: 'c', speaker: 'ben' })
    engine.arrange('c', room('anna', 'ben'))
    await Promise.all([
      expectHears(anna, { loud: [880], quiet: [440] }),
      expectHears(ben, { loud: [440], quiet: [880] }),
    ])
    await anna.evaluate(`sender.dtmf.insertDTMF('7')`)
    for (let count = 0; count < 100 && tones.length === 0; count++) await anna.waitForTimeout(50)
    assert.deepEqual(tones, ['leg-a tone7'])
    engine.arrange('c', { ...room('anna', 'ben'), room: { ben: 1 } })
    await expectHears(ben, { loud: [], quiet: [440, 880] })
    engine.arrange('c', room('anna', 'ben'))
    const restarted = engine.renegotiate('leg-a', await offerOf(anna, '{ iceRestart: true }'))
    // Firefox begins anew instead.
    if (anybody === 'Firefox') return assert.rejects(restarted, /begin anew/)
    await accept(anna, await restarted)
    await Promise.all([
      expectHears(anna, { loud: [880], quiet: [440] }),
      expectHears(ben, { loud: [440], quiet: [880] }),
    ])
  })
}
