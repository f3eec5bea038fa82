/** Pictures between pages in real Chromium: forwarded by the embedded engine as they come, decoded by who sees them. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import type { SoundEngine } from '../../src/media/engine.ts'
import { openEngine } from '../support/sound-engine.ts'
import { noChromium, startBrowser } from './support.ts'

/** A page that offers as the phone does: sound, camera, screen, and one more slot; nothing is shown yet. */
async function openPage(page: Page, url: string, width: number): Promise<void> {
  await page.goto(url)
  await page.evaluate(`(async () => {
    const sound = await navigator.mediaDevices.getUserMedia({ audio: true })
    const canvas = Object.assign(document.createElement('canvas'), { width: ${width}, height: 240 })
    const pencil = canvas.getContext('2d')
    setInterval(() => {
      pencil.fillStyle = 'hsl(' + (performance.now() / 10) + ' 80% 50%)'
      pencil.fillRect(Math.random() * ${width}, Math.random() * 240, 60, 60)
    }, 40)
    const [picture] = canvas.captureStream(25).getVideoTracks()
    window.peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
    peer.addTransceiver(sound.getAudioTracks()[0], { direction: 'sendrecv' })
    const video = (direction) => {
      const made = peer.addTransceiver('video', { direction })
      const element = document.body.appendChild(document.createElement('video'))
      Object.assign(element, { muted: true, autoplay: true, srcObject: new MediaStream([made.receiver.track]) })
      return { made, element }
    }
    window.slots = [video('sendrecv'), video('sendrecv'), video('recvonly')]
    window.show = (slot, on) => slots[slot].made.sender.replaceTrack(on ? picture : null)
  })()`)
}

async function connect(engine: SoundEngine, page: Page, speaker: string): Promise<void> {
  const offer = await page.evaluate<string>(`(async () => {
    await peer.setLocalDescription(await peer.createOffer())
    if (peer.iceGatheringState !== 'complete') await new Promise((resolve) => {
      peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve()
    })
    return peer.localDescription.sdp
  })()`)
  const answer = await engine.connect(`leg-${speaker}`, offer)
  await page.evaluate(`peer.setRemoteDescription({ type: 'answer', sdp: ${JSON.stringify(answer)} })`)
  engine.enter(`leg-${speaker}`, { conversationId: 'c', speaker })
}

interface Seen {
  readonly frames: number
  readonly width: number
  readonly keyFrames: number
}

/** What a page has decoded in one of its slots, and what its element shows. */
function seen(page: Page, slot: number): Promise<Seen> {
  return page.evaluate<Seen>(`(async () => {
    const { made, element } = slots[${slot}]
    const [inbound] = [...(await made.receiver.getStats()).values()].filter(({ type }) => type === 'inbound-rtp')
    const { framesDecoded: frames = 0, keyFramesDecoded: keyFrames = 0 } = inbound ?? {}
    return { frames, keyFrames, width: element.videoWidth }
  })()`)
}

/** Waits until so many more frames were decoded in a slot, which are as wide as that. */
async function sees(page: Page, slot: number, width: number, more = 20): Promise<Seen> {
  const { frames } = await seen(page, slot)
  let now: Seen | undefined
  for (let count = 0; count < 200; count++) {
    now = await seen(page, slot)
    if (now.frames >= frames + more && now.width === width) return now
    await page.waitForTimeout(100)
  }
  return assert.fail(`it is not seen in slot ${slot}: ${JSON.stringify(now)}`)
}

async function blankPage(t: TestContext): Promise<string> {
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<body>'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

test('cameras and screens are seen by whom they are for', { skip: noChromium }, async (t) => {
  const engine = openEngine(t)
  const url = await blankPage(t)
  const browser = await startBrowser(t)
  const [anna, ben, cleo] = await Promise.all([browser.newPage(), browser.newPage(), browser.newPage()])
  await Promise.all([openPage(anna, url, 640), openPage(ben, url, 320), openPage(cleo, url, 320)])
  await Promise.all([connect(engine, anna, 'anna'), connect(engine, ben, 'ben'), connect(engine, cleo, 'cleo')])
  await Promise.all([anna.evaluate('show(0, true)'), ben.evaluate('show(0, true)'), anna.evaluate('show(1, true)')])
  engine.watch('leg-cleo', { cameras: ['anna'], screen: 'anna' })
  await Promise.all([sees(cleo, 0, 640), sees(cleo, 1, 640)])
  assert.equal((await seen(cleo, 2)).frames, 0, 'a slot in which nobody is seen')
  engine.watch('leg-cleo', { cameras: ['ben', 'anna'], screen: undefined })
  await Promise.all([sees(cleo, 0, 320), sees(cleo, 2, 640)])
  engine.watch('leg-cleo', { cameras: ['anna', 'ben'], screen: undefined })
  const [first] = await Promise.all([sees(cleo, 0, 640), sees(cleo, 2, 320)])
  assert.ok(first.keyFrames >= 3 && first.keyFrames < 10, `${first.keyFrames} key frames for three pictures`)
  assert.equal((await seen(ben, 0)).frames, 0, 'who watches nobody sees nobody')
})
