/** Pictures at the embedded engine: what the answer says of them, and what comes of too many. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PicturePeer } from '../../../test/support/picture-peer.ts'
import { openEngine, testSettings } from '../../../test/support/sound-engine.ts'
import type { LegState } from '../engine.ts'
import { until } from '../engine.suite.ts'
import { shapeAnswer } from './answer.ts'
import { readOffer } from './sdp.ts'
import type { Offer } from './sdp.ts'
import { writeRtp } from './rtp.ts'

const VIDEO = [
  'c=IN IP4 0.0.0.0',
  'a=rtcp-mux',
  'a=rtpmap:98 H264/90000',
  'a=rtpmap:96 VP8/90000',
  'a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid',
]
const SOUND = [
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=mid:0',
  'a=ice-ufrag:user',
  'a=ice-pwd:password',
  'a=rtpmap:111 opus/48000/2',
]

function offerOf(...video: readonly (readonly string[])[]): string {
  const all = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0 1 2 3 4', ...SOUND, ...video.flat()]
  return `${all.join('\r\n')}\r\n`
}

function read(text: string): Offer {
  const offer = readOffer(text)
  assert.ok(!('problem' in offer), JSON.stringify(offer))
  return offer
}

/** The library's answer to the sound. */
const LIBRARY = [
  'v=0',
  'a=group:BUNDLE 0',
  'a=group:LS 0',
  'm=audio 5 UDP/TLS/RTP/SAVPF 111',
  'a=mid:0',
  'a=setup:active',
  'a=ice-ufrag:own',
  'a=ice-pwd:secret',
].join('\r\n')

test('an offer says where pictures can go', () => {
  const { sdp, media } = read(
    offerOf(
      [
        'm=video 9 UDP/TLS/RTP/SAVPF 98 96',
        'a=mid:1',
        'a=sendrecv',
        ...VIDEO,
        'a=ssrc:11 cname:x',
        'a=ssrc:12 cname:x',
        'a=ssrc-group:FID 11 12',
      ],
      ['m=video 0 UDP/TLS/RTP/SAVPF 98 96', 'a=bundle-only', 'a=mid:2', 'a=recvonly', ...VIDEO],
      ['m=video 0 UDP/TLS/RTP/SAVPF 98 96', 'a=mid:3', ...VIDEO],
      ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:4'],
      ['m=video 9 UDP/TLS/RTP/SAVPF 98 96', 'a=mid:5', ...VIDEO],
      ['m=video 9 UDP/TLS/RTP/SAVPF 98', 'a=mid:1', 'a=rtpmap:98 H264/90000'],
    ),
  )
  assert.ok(!sdp.includes('video') && sdp.includes('a=group:BUNDLE 0\r\n'), 'the library sees the sound alone')
  assert.deepEqual(
    media.map(({ use }) => use),
    ['sound', 'picture', 'picture', 'refused', 'refused', 'refused', 'idle'],
    'a line that is refused, no pictures, another connection, no codec',
  )
  assert.deepEqual(media[1]?.picture, { mid: '1', payloadType: 96, ssrcs: [11], midId: 3, sends: true, takes: true })
  assert.deepEqual(media[2]?.picture, { mid: '2', payloadType: 96, ssrcs: [], midId: 3, sends: false, takes: true })
})

test('the answer has every line of the offer, in its order', () => {
  const offer = read(
    offerOf(
      ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:4'],
      ['m=video 9 UDP/TLS/RTP/SAVPF 98 96', 'a=mid:1', ...VIDEO],
      ['m=video 9 UDP/TLS/RTP/SAVPF 98 96', 'a=mid:2', ...VIDEO],
    ),
  )
  const picture = { payloadType: 96, takes: true, bitrate: 1000, ssrc: 7, midId: 3, together: true }
  const answer = shapeAnswer(LIBRARY, offer, { announced: undefined, pictures: [picture, undefined] }).split('\r\n')
  assert.deepEqual(
    answer.filter((line) => /^m=|^a=(group|mid|sendrecv|inactive|msid|ssrc|ice-ufrag|extmap)|^b=/.test(line)),
    [
      'a=group:BUNDLE 0 1 2',
      'm=audio 5 UDP/TLS/RTP/SAVPF 111',
      'a=mid:0',
      'a=ice-ufrag:own',
      'm=application 0 UDP/DTLS/SCTP webrtc-datachannel',
      'a=mid:4',
      'a=inactive',
      'm=video 9 UDP/TLS/RTP/SAVPF 96',
      'b=TIAS:1000',
      'a=mid:1',
      'a=ice-ufrag:own',
      'a=sendrecv',
      'a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid',
      'a=msid:rollcall picture-1',
      'a=ssrc:7 cname:rollcall',
      'm=video 9 UDP/TLS/RTP/SAVPF 98',
      'a=mid:2',
      'a=ice-ufrag:own',
      'a=inactive',
    ],
  )
})

test('where pictures are not carried, sound is', async (t) => {
  const engine = openEngine(t, { settings: { pictures: undefined } })
  const peer = new PicturePeer('a')
  t.after(() => peer.close())
  const answer = await engine.connect('leg', await peer.offer())
  assert.equal(answer.match(/^a=inactive$/gm)?.length, 4)
  await peer.accept(answer)
  engine.enter('leg', { conversationId: 'c', speaker: 'a' })
  engine.watch('leg', { cameras: ['b'], screen: 'b' })
  assert.deepEqual(engine.health().pictures, { sent: 0, seen: 0, packets: 0 })
})

test('more pictures than may be are left out, and a flood of them ends the leg alone', async (t) => {
  const engine = openEngine(t, { settings: { pictures: { ...testSettings.pictures!, packets: 100 } } })
  const ends: [string, LegState][] = []
  engine.on({ onLeg: (legId, state) => state.name === 'closed' && ends.push([legId, state]) })
  const [anna, ben] = [new PicturePeer('a'), new PicturePeer('b')]
  for (const [name, peer] of Object.entries({ anna, ben })) {
    t.after(() => peer.close())
    await peer.accept(await engine.connect(name, await peer.offer()))
    engine.enter(name, { conversationId: 'c', speaker: name })
  }
  engine.watch('anna', { cameras: ['ben'], screen: undefined })
  ben.show(0, true)
  await until(() => anna.got[0]!.length > 30, 'she sees him')
  const garbage = Buffer.alloc(100, 7)
  for (let sequence = 0; sequence < 300; sequence++) {
    ben.sendRaw(writeRtp({ payloadType: 96, marker: true, sequence, timestamp: 5, ssrc: 99, payload: garbage }))
  }
  const from = anna.got[0]!.length
  await until(() => anna.got[0]!.length > from + 30, 'she sees him again')
  assert.deepEqual(ends, [])
  for (let sequence = 0; sequence < 5000 && ends.length === 0; sequence++) {
    ben.sendRaw(writeRtp({ payloadType: 96, marker: true, sequence, timestamp: 5, ssrc: 99, payload: garbage }))
    if (sequence % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await until(() => ends.length === 1, 'it is thrown out')
  assert.deepEqual(ends, [['ben', { name: 'closed', why: 'flooding' }]])
})

test('garbage in pictures and in what is told of them does no harm to others', async (t) => {
  const engine = openEngine(t)
  const [anna, vandal, cleo] = [new PicturePeer('a'), new PicturePeer('v'), new PicturePeer('c')]
  for (const [name, peer] of Object.entries({ anna, vandal, cleo })) {
    t.after(() => peer.close())
    await peer.accept(await engine.connect(name, await peer.offer()))
    engine.enter(name, { conversationId: 'c', speaker: name })
  }
  for (const name of ['vandal', 'cleo']) engine.watch(name, { cameras: ['anna', 'vandal'], screen: 'vandal' })
  for (const peer of [anna, vandal]) peer.show(0, true)
  await until(() => cleo.got[0]!.length > 30 && vandal.got[0]!.length > 30, 'both see her')
  const own = vandal.got[0]![0]!.ssrc
  const random = fc.sample(fc.uint8Array({ minLength: 0, maxLength: 60 }), { numRuns: 600, seed: 1 })
  for (const [index, bytes] of random.entries()) {
    const rest = Buffer.from(bytes)
    const stream = Buffer.alloc(8)
    stream.writeUInt32BE(index % 2 === 0 ? own : index, 4)
    const control = Buffer.of(
      0x80 | (index % 32),
      200 + (index % 8),
      0,
      Math.min(20, Math.floor((rest.length + 8) / 4)),
    )
    vandal.sendRaw(Buffer.concat([control, stream, rest]))
    vandal.sendRaw(
      writeRtp({ payloadType: 96, marker: true, sequence: index * 77, timestamp: index, ssrc: 9, payload: rest }),
    )
    vandal.sendPicture(rest)
    if (index % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const from = cleo.got[0]!.length
  await until(() => cleo.got[0]!.length > from + 60, 'she is seen')
  const seen = cleo.got[0]!.slice(from)
  assert.ok(seen.every((packet) => packet.from === 'a'))
  assert.deepEqual([engine.health().restarts, engine.health().legs], [0, 3])
})
