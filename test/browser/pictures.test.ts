/** Pictures between pages in real Chromium: forwarded by the embedded engine as they come, decoded by who sees them. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import type { SoundEngine } from '../../src/media/engine.ts'
import { openEngine, room } from '../support/sound-engine.ts'
import { accept, blankPage, offerOf } from './bare.ts'
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

async function connect(engine: SoundEngine, page: Page, speaker: string, network?: Network): Promise<void> {
  const answer = await engine.connect(`leg-${speaker}`, await offerOf(page))
  await accept(page, network ? await network(answer) : answer)
  engine.enter(`leg-${speaker}`, { conversationId: 'c', speaker })
}

/** Takes an answer's place on the way: what goes to its address goes through here. */
type Network = (answer: string) => Promise<string>

/** A network that loses some packets of pictures, both ways: each n-th. */
function lossy(t: TestContext, each: number): Network {
  return async (answer) => {
    const port = Number(/^a=candidate:\S+ 1 UDP \d+ 127\.0\.0\.1 (\d+)/m.exec(answer)?.[1])
    const [near, far] = [createSocket('udp4'), createSocket('udp4')]
    t.after(() => [near, far].forEach((one) => one.close()))
    let page = 0
    let count = 0
    const isLost = (data: Buffer): boolean =>
      (data[0]! & 0xc0) === 0x80 && (data[1]! & 127) === 96 && ++count % each === 0
    near.on('message', (data, from) => {
      page = from.port
      if (!isLost(data)) far.send(data, port, '127.0.0.1')
    })
    far.on('message', (data) => {
      if (!isLost(data)) near.send(data, page, '127.0.0.1')
    })
    await new Promise<void>((resolve) => near.bind(0, '127.0.0.1', resolve))
    return answer.replaceAll(` ${port} typ host`, ` ${near.address().port} typ host`)
  }
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

/** What a page counts in its first slot. */
function counts(page: Page, side: 'sender' | 'receiver', type: string, ...names: string[]): Promise<number[]> {
  return page.evaluate<number[]>(`(async () => {
    const all = [...(await slots[0].made.${side}.getStats()).values()].find(({ type }) => type === '${type}')
    return ${JSON.stringify(names)}.map((name) => all?.[name] ?? 0)
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
  // Another network: whoever sends, and whoever sees, offers anew.
  for (const [page, legId] of [
    [anna, 'leg-anna'],
    [cleo, 'leg-cleo'],
  ] as const) {
    await accept(page, await engine.renegotiate(legId, await offerOf(page, '{ iceRestart: true }')))
  }
  await Promise.all([sees(cleo, 0, 640), sees(cleo, 2, 320)])
})

/** By how many milliseconds the sound that a page plays is behind the picture of its first slot; undefined before it can tell. */
function behind(page: Page): Promise<number | undefined> {
  return page.evaluate<number | undefined>(`(async () => {
    const all = [...(await peer.getStats()).values()].filter(({ type }) => type === 'inbound-rtp')
    const [sound, picture] = ['audio', 'video'].map((kind) => {
      const found = all.find((one) => one.kind === kind && one.estimatedPlayoutTimestamp)
      return found?.estimatedPlayoutTimestamp
    })
    return sound && picture ? picture - sound : undefined
  })()`)
}

test('a voice and the picture of whoever speaks come together', { skip: noChromium }, async (t) => {
  const engine = openEngine(t)
  const url = await blankPage(t)
  const browser = await startBrowser(t, { microphone: 440 })
  const [anna, ben] = await Promise.all([browser.newPage(), browser.newPage()])
  await Promise.all([openPage(anna, url, 320), openPage(ben, url, 320)])
  await Promise.all([connect(engine, anna, 'anna'), connect(engine, ben, 'ben')])
  engine.arrange('c', room('anna', 'ben'))
  await anna.evaluate('show(0, true)')
  await ben.evaluate(`document.body.appendChild(Object.assign(document.createElement('audio'), {
    autoplay: true, srcObject: new MediaStream([peer.getReceivers()[0].track]),
  })) && 0`)
  engine.watch('leg-ben', { cameras: ['anna'], screen: undefined })
  const seenSoFar: (number | undefined)[] = []
  const isTogether = (late: number | undefined): boolean => late !== undefined && Math.abs(late) < 80
  while (!seenSoFar.slice(-3).every(isTogether) || seenSoFar.length < 3) {
    assert.ok(seenSoFar.length < 150, `they come apart by ${seenSoFar.join(', ')} ms`)
    await ben.waitForTimeout(200)
    seenSoFar.push(await behind(ben))
  }
})

test('pictures come through a network that loses one packet in twenty', { skip: noChromium }, async (t) => {
  const engine = openEngine(t)
  const url = await blankPage(t)
  const browser = await startBrowser(t)
  const [anna, ben] = await Promise.all([browser.newPage(), browser.newPage()])
  await Promise.all([openPage(anna, url, 640), openPage(ben, url, 640)])
  await Promise.all([connect(engine, anna, 'anna', lossy(t, 20)), connect(engine, ben, 'ben', lossy(t, 20))])
  await anna.evaluate('show(0, true)')
  engine.watch('leg-ben', { cameras: ['anna'], screen: undefined })
  await sees(ben, 0, 640, 150)
  const [again] = await counts(anna, 'sender', 'outbound-rtp', 'retransmittedPacketsSent')
  const [missed, lost] = await counts(ben, 'receiver', 'inbound-rtp', 'nackCount', 'packetsLost')
  assert.ok(again! > 0, 'what the server did not get it asked for, and got it')
  assert.ok(missed! > 0 && lost! < missed! / 2, `of ${missed} packets that ben missed ${lost} did not come`)
})
