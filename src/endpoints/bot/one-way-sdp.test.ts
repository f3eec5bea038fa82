import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { OneWayOffer } from './one-way-sdp.ts'
import { completeAnswer, readFragment, readOneWayOffer } from './one-way-sdp.ts'

const HEAD = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0']
const ICE = ['a=ice-ufrag:user', 'a=ice-pwd:password', 'a=fingerprint:sha-256 AA:BB', 'a=setup:actpass']
const AUDIO = ['m=audio 9 UDP/TLS/RTP/SAVPF 96 0', 'c=IN IP4 0.0.0.0', 'a=mid:voice', 'a=rtcp-mux', 'a=sendonly']
const OPUS = ['a=rtpmap:96 opus/48000/2', 'a=fmtp:96 sprop-stereo=1;stereo=1']
const VIDEO = [
  'm=video 9 UDP/TLS/RTP/SAVPF 97 98',
  'c=IN IP4 0.0.0.0',
  'a=mid:picture',
  'a=sendonly',
  'a=rtpmap:97 H264/90000',
]
const DATA = ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', 'a=mid:data', 'a=sctp-port:5000']

/** What the engine answers to a voice alone. */
const ANSWER = text([
  ...HEAD,
  'a=group:BUNDLE voice',
  'm=audio 40000 UDP/TLS/RTP/SAVPF 96',
  'c=IN IP4 127.0.0.1',
  'a=mid:voice',
  'a=recvonly',
  'a=rtcp-mux',
  'a=rtpmap:96 opus/48000/2',
  'a=setup:active',
  'a=ice-ufrag:other',
  'a=ice-pwd:word',
  'a=candidate:1 1 UDP 1 127.0.0.1 40000 typ host',
])

function text(lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n`
}

function read(lines: readonly string[], way: 'whip' | 'whep' = 'whip'): OneWayOffer {
  const offer = readOneWayOffer(text(lines), way)
  assert.ok(!('problem' in offer), JSON.stringify(offer))
  return offer
}

/** What stands in the answer: the group, then each medium's first line with its direction. */
function outline(offer: OneWayOffer): readonly string[] {
  return completeAnswer(offer, ANSWER)
    .split('\r\n')
    .filter((line) => /^(m=|a=group|a=(sendrecv|sendonly|recvonly|inactive)$)/.test(line))
}

describe('offers of WHIP and WHEP', () => {
  it('the engine is offered the voice alone, going one way', () => {
    const { sdp, iceUser } = read([
      ...HEAD,
      'a=group:BUNDLE voice picture data',
      'a=group:LS voice picture',
      ...AUDIO.map((line) => line.replace('sendonly', 'sendrecv')),
      ...ICE,
      ...OPUS,
      ...VIDEO,
      ...DATA,
    ])
    assert.equal(iceUser, 'user')
    assert.ok(sdp.includes('a=group:BUNDLE voice\r\n') && sdp.includes('a=sendonly\r\n'))
    assert.ok(!/group:LS|video|picture|application|sendrecv/.test(sdp))
  })

  it('what else is offered is refused in its place', () => {
    const offer = read([
      ...HEAD,
      'a=group:BUNDLE voice picture data',
      ...AUDIO,
      ...ICE,
      ...OPUS,
      ...VIDEO,
      ...ICE,
      ...DATA,
    ])
    assert.deepEqual(outline(offer), [
      'a=group:BUNDLE voice',
      'm=audio 40000 UDP/TLS/RTP/SAVPF 96',
      'a=recvonly',
      'm=video 0 UDP/TLS/RTP/SAVPF 97',
      'a=inactive',
      'm=application 0 UDP/DTLS/SCTP webrtc-datachannel',
      'a=inactive',
    ])
  })

  it('a medium whose connection the voice shares is kept, and idle', () => {
    const shared = AUDIO.map((line) => line.replace('m=audio 9', 'm=audio 0'))
    const offer = read([...HEAD, 'a=group:BUNDLE picture voice', ...VIDEO, ...ICE, ...shared, 'a=bundle-only', ...OPUS])
    assert.ok(offer.sdp.includes('m=audio 9 ') && !offer.sdp.includes('bundle-only'))
    assert.ok(offer.sdp.includes('a=ice-ufrag:user') && offer.sdp.includes('a=fingerprint:sha-256 AA:BB'))
    assert.deepEqual(outline(offer), [
      'a=group:BUNDLE picture voice',
      'm=video 9 UDP/TLS/RTP/SAVPF 97',
      'a=inactive',
      'm=audio 40000 UDP/TLS/RTP/SAVPF 96',
      'a=recvonly',
    ])
    const [, video = ''] = completeAnswer(offer, ANSWER).split('m=')
    for (const line of [
      'a=mid:picture',
      'a=rtpmap:97 H264/90000',
      'a=ice-ufrag:other',
      'a=candidate:1 1 UDP 1 127.0.0.1',
    ]) {
      assert.ok(video.includes(line), line)
    }
  })

  it('without a group nothing is shared', () => {
    assert.deepEqual(outline(read([...HEAD, ...VIDEO, ...ICE, ...AUDIO, ...ICE, ...OPUS])), [
      'm=video 0 UDP/TLS/RTP/SAVPF 97',
      'a=inactive',
      'm=audio 40000 UDP/TLS/RTP/SAVPF 96',
      'a=recvonly',
    ])
  })

  it('whatever comes is read or refused, and an answer has what the offer had', () => {
    const lines = [
      ...HEAD,
      ...ICE,
      ...AUDIO,
      ...OPUS,
      ...VIDEO,
      ...DATA,
      'a=group:BUNDLE picture voice',
      'a=recvonly',
      'm=audio',
      'm=',
      '',
    ]
    const any = fc.array(fc.oneof(fc.constantFrom(...lines), fc.string()), { maxLength: 40 })
    fc.assert(
      fc.property(any, fc.boolean(), (some, isWhole) => {
        const body = isWhole ? [...HEAD, ...AUDIO, ...ICE, ...OPUS, ...some] : ['v=0', ...some]
        const offer = readOneWayOffer(text(body), 'whip')
        readFragment(text(some))
        if ('problem' in offer) return
        const count = (sdp: string): number => sdp.split('\r\n').filter((line) => line.startsWith('m=')).length
        assert.equal(count(completeAnswer(offer, ANSWER)), offer.media.length)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('fragments of candidates', () => {
  it('name their connection, or have candidates alone', () => {
    assert.deepEqual(readFragment('a=ice-ufrag:user\r\na=ice-pwd:word\r\n'), { iceUser: 'user' })
    assert.deepEqual(readFragment('m=audio 9 RTP/AVP 0\na=mid:0\na=candidate:1 1 udp 1 192.0.2.1 1 typ host\n'), {
      iceUser: undefined,
    })
    for (const other of ['', 'a=mid:0', '{}', 'v=0\r\na=ice-ufrag:user']) assert.equal(readFragment(other), undefined)
  })
})
