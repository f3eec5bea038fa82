/** A bot that is a page in a real Chromium, of another site: it speaks by WHIP and hears by WHEP, written by hand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { create } from '../scenarios/steps.ts'
import { openPage } from '../support/page.ts'
import { SoundPeer } from '../support/sound-peer.ts'
import { strengthOf } from '../support/speaking-peer.ts'
import { startWorld, user } from '../support/world.ts'
import { blankPage } from './bare.ts'
import { until } from './phones.ts'
import { MICROPHONE, expectHears, noChromium, startBrowser } from './support.ts'

const SECRET = 'a-secret-for-this-call-alone'
const BOT = 620
const ADA = 880

/** What a page tells of a request that connected media. */
interface Connected {
  readonly status: number
  readonly location: string
  readonly etag: string
  readonly directions: readonly string[]
  readonly trickled: number
}

/** What both do: offer at once, take the answer, and send candidates afterwards. */
const CONNECT = `async (peer, url) => {
  const authorization = 'Bearer ${SECRET}'
  const candidates = []
  peer.onicecandidate = ({ candidate }) => candidate?.candidate && candidates.push('a=' + candidate.candidate)
  await peer.setLocalDescription()
  const offer = peer.localDescription.sdp
  const headers = { authorization, 'content-type': 'application/sdp' }
  const reply = await fetch(url, { method: 'POST', headers, body: offer })
  const answer = await reply.text()
  if (reply.status !== 201) return { status: reply.status, location: answer, etag: '', directions: [], trickled: 0 }
  await peer.setRemoteDescription({ type: 'answer', sdp: answer })
  if (peer.iceGatheringState !== 'complete') await new Promise((resolve) => {
    peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve()
  })
  const [location, etag] = ['location', 'etag'].map((name) => reply.headers.get(name))
  const fragment = [...offer.match(/a=ice-(ufrag|pwd):.*/g).slice(0, 2), 'm=audio 9 UDP/TLS/RTP/SAVPF 0', 'a=mid:0', ...candidates, '']
  const patch = await fetch(new URL(location, url), {
    method: 'PATCH',
    headers: { authorization, 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': etag },
    body: fragment.join('\\r\\n'),
  })
  const directions = peer.getTransceivers().map(({ currentDirection }) => currentDirection ?? 'stopped')
  return { status: reply.status, location, etag, directions, trickled: patch.status }
}`

/** The page speaks, as one that has a camera, too, which it offers first. */
function speak(page: Page, url: string): Promise<Connected> {
  return page.evaluate<Connected>(`(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ ...${MICROPHONE}, video: true })
    window.mouth = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
    for (const track of [...stream.getVideoTracks(), ...stream.getAudioTracks()]) mouth.addTrack(track, stream)
    return (${CONNECT})(mouth, ${JSON.stringify(url)})
  })()`)
}

function listen(page: Page, url: string): Promise<Connected> {
  return page.evaluate<Connected>(`(async () => {
    window.ear = new RTCPeerConnection()
    ear.ontrack = ({ track }) => {
      const audio = document.body.appendChild(document.createElement('audio'))
      audio.srcObject = new MediaStream([track])
      audio.play()
    }
    for (const kind of ['audio', 'video']) ear.addTransceiver(kind, { direction: 'recvonly' })
    return (${CONNECT})(ear, ${JSON.stringify(url)})
  })()`)
}

test(
  'a page speaks by WHIP and hears by WHEP, and is not confused by what is refused',
  { skip: noChromium },
  async (t) => {
    const world = await startWorld(t, { clock: 'real' })
    const ada = await SoundPeer.make(ADA)
    t.after(() => ada.close())
    const phone = await openPage(t, world, 'ada')
    const blob = JSON.stringify({ rollcall: 'webrtc', secret: SECRET })
    const mediaConfig = { '@odata.type': '#microsoft.graph.appHostedMediaConfig', blob }
    const call = await create(world, [user('ada')], { more: { mediaConfig } })
    const { callId } = await phone.phase('ringing')
    const done = await phone.do({ type: 'answer', callId, offer: await ada.offer() })
    await ada.accept(done.answer ?? '')
    await phone.phase('connected')

    const page = await (await startBrowser(t, { microphone: BOT })).newPage()
    await page.goto(await blankPage(t))
    const mouth = await speak(page, `${world.url}/media/calls/${call.id}/whip`)
    assert.deepEqual(
      [mouth.status, mouth.trickled, mouth.directions],
      [201, 204, ['inactive', 'sendonly']],
      mouth.location,
    )
    await until(() => strengthOf(BOT, ada.samples(ada.heard.length - 50)) > 0.5, 'ada hears the bot')

    const ear = await listen(page, `${world.url}/media/calls/${call.id}/whep`)
    assert.deepEqual([ear.status, ear.trickled], [201, 204], ear.location)
    assert.equal(ear.directions[0], 'recvonly')
    await expectHears(page, { loud: [ADA], quiet: [BOT] })

    const status = await page.evaluate<number>(`fetch(${JSON.stringify(world.url + mouth.location)}, {
    method: 'DELETE', headers: { authorization: 'Bearer ${SECRET}' } }).then(({ status }) => status)`)
    assert.equal(status, 200)
    // Of silence a packet comes now and then.
    await until(() => strengthOf(BOT, ada.samples(ada.heard.length - 3)) < 0.05, 'the bot is silent')
    await world.client('alpha').delete(`/v1.0/communications/calls/${call.id}`)
    await world.bots.alpha.take()
  },
)
