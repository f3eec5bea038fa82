/**
 * People for a benchmark of sound: many WebRTC peers in one process, which send speech that was encoded beforehand and
 * count what comes back. Any server that answers an offer can be measured with them.
 */
import nodeDataChannel from 'node-datachannel'
import type { PeerConnection, Track } from 'node-datachannel'
import { Application, Signal, createDecoder, createEncoder } from 'libopus-wasm'
import type { OpusDecoderHandle } from 'libopus-wasm'
import { isRtcp, readRtp, writeRtp } from '../src/media/embedded/rtp.ts'
import { levelLine } from '../src/media/embedded/sdp.ts'
import { levelOf } from '../src/media/mixer/frames.ts'
import { metronome } from '../src/runtime.ts'
import { speech } from './kit/speech.ts'

/** What the process is asked. */
export type PeersQuestion =
  | { readonly type: 'offer'; readonly count: number; readonly address: string }
  | { readonly type: 'accept'; readonly answers: readonly string[] }
  /** The first of so many each talk from now on; the others are silent and send nothing. */
  | { readonly type: 'talk'; readonly each: number }
  | { readonly type: 'count' }
  | { readonly type: 'counted' }
  /** How long a sound takes from the first peer to the second, so many times over. */
  | { readonly type: 'delays'; readonly times: number }
  | { readonly type: 'leave' }

/** What came back to all peers since `count`. */
export interface Counted {
  /** Frames of 20 ms for each listener and second. */
  readonly rate: number
  /** The longest time in which one of them heard nothing, in milliseconds. */
  readonly worstGap: number
  readonly packets: number
  /** Frames that should have come and did not, if everybody was to hear something all the time. */
  readonly missing: number
}

const OPUS = 111
const LEVEL = 1
const RATE = 48_000
const FRAME = 960

interface Peer {
  readonly connection: PeerConnection
  readonly track: Track
  readonly ssrc: number
  sequence: number
  timestamp: number
  last: number
  gap: number
  packets: number
}

let peers: Peer[] = []
let talking = Infinity
let counting = performance.now()
let probe: { readonly decoder: OpusDecoderHandle; onFrame: (samples: Int16Array) => void } | undefined
let tone: readonly Spoken[] = []
let toneUntil = 0
/** When the first packet of the tone was sent; 0 before. */
let toneBegun = 0

/** A packet's sound, and how loud it is. */
interface Spoken {
  readonly payload: Uint8Array
  readonly value: number
}

const spoken = await encoded(speech(20, RATE))

async function encoded(samples: Int16Array): Promise<readonly Spoken[]> {
  const encoder = await createEncoder({
    sampleRate: RATE,
    channels: 1,
    application: Application.Voip,
    signal: Signal.Voice,
    bitrate: 32_000,
    complexity: 9,
  })
  const packets: Spoken[] = []
  for (let at = 0; at + FRAME <= samples.length; at += FRAME) {
    const frame = samples.slice(at, at + FRAME)
    packets.push({ payload: encoder.encode(frame), value: levelOf(frame) })
  }
  encoder.free()
  return packets
}

metronome(20, (tick) => {
  for (const [index, peer] of peers.entries()) {
    peer.timestamp = (peer.timestamp + FRAME) >>> 0
    const said = saidBy(index, tick)
    if (!said || !peer.track.isOpen()) continue
    if (probe && toneBegun === 0) toneBegun = performance.now()
    send(peer, said)
  }
})

function saidBy(index: number, tick: number): Spoken | undefined {
  if (probe) return index === 0 && performance.now() < toneUntil ? tone[tick % tone.length] : undefined
  return index % talking === 0 ? spoken[(tick + index * 137) % spoken.length] : undefined
}

function send(peer: Peer, { payload, value }: Spoken): void {
  peer.sequence = (peer.sequence + 1) & 0xffff
  const { sequence, timestamp, ssrc } = peer
  const content = { payloadType: OPUS, marker: false, sequence, timestamp, ssrc, payload }
  peer.track.sendMessageBinary(writeRtp({ ...content, level: { id: LEVEL, value } }))
}

function makePeer(number: number, bindAddress: string): Peer {
  const ssrc = 1000 + number
  const connection = new nodeDataChannel.PeerConnection('peer', {
    iceServers: [],
    bindAddress,
    disableAutoNegotiation: true,
  })
  const audio = new nodeDataChannel.Audio('0', 'SendRecv')
  audio.addOpusCodec(OPUS, 'minptime=10;useinbandfec=1')
  audio.parseSdpLine(levelLine(LEVEL))
  audio.addSSRC(ssrc, 'bench', 'bench', 'bench')
  const track = connection.addTrack(audio)
  const peer: Peer = {
    connection,
    track,
    ssrc,
    sequence: number,
    timestamp: number * 7919,
    last: 0,
    gap: 0,
    packets: 0,
  }
  track.onMessage((data) => {
    if (isRtcp(data)) return
    const now = performance.now()
    if (peer.last > 0) peer.gap = Math.max(peer.gap, now - peer.last)
    peer.last = now
    peer.packets++
    if (!probe || peer !== peers[1]) return
    const packet = readRtp(data, undefined)
    if (packet) probe.onFrame(probe.decoder.decode(Uint8Array.from(packet.payload)))
  })
  return peer
}

function offer({ connection }: Peer): Promise<string> {
  return new Promise((resolve) => {
    connection.onGatheringStateChange((state) => {
      if (state === 'complete') resolve(connection.localDescription()?.sdp ?? '')
    })
    connection.setLocalDescription('offer')
  })
}

async function accept(answers: readonly string[]): Promise<void> {
  const open = peers.slice(-answers.length).map(
    ({ connection, track }, index) =>
      new Promise<void>((resolve) => {
        track.onOpen(() => resolve())
        connection.setRemoteDescription(answers[index] ?? '', 'answer')
      }),
  )
  await Promise.all(open)
}

/** What came back so far. A peer that heard nothing at all has a gap since counting began. */
function counted(): Counted {
  const now = performance.now()
  const packets = peers.reduce((sum, peer) => sum + peer.packets, 0)
  const gaps = peers.map((peer) => Math.max(peer.gap, now - Math.max(peer.last, counting)))
  const seconds = (now - counting) / 1000
  // A listener may be on either side of both ends of the time.
  const due = Math.floor(seconds * 50) - 1
  const missing = peers.reduce((sum, peer) => sum + Math.max(0, due - peer.packets), 0)
  return { packets, rate: packets / peers.length / seconds, worstGap: Math.max(...gaps), missing }
}

function count(): void {
  counting = performance.now()
  for (const peer of peers) Object.assign(peer, { last: 0, gap: 0, packets: 0 })
}

/** Sends a tone now and then, and takes the time until it is loud on the other side. */
async function delays(times: number): Promise<readonly number[]> {
  const sine = Int16Array.from({ length: RATE }, (_, at) => 12_000 * Math.sin((2 * Math.PI * 1000 * at) / RATE))
  tone = await encoded(sine)
  const taken: number[] = []
  let isHeard = true
  probe = {
    decoder: await createDecoder({ sampleRate: RATE, channels: 1 }),
    onFrame: (samples) => {
      const loud = samples.findIndex((sample) => Math.abs(sample) > 500)
      if (loud < 0 || toneBegun === 0 || isHeard) return
      taken.push(performance.now() - toneBegun + (loud / RATE) * 1000)
      isHeard = true
    },
  }
  for (let time = 0; time < times; time++) {
    await new Promise((resolve) => setTimeout(resolve, 1000 + (time % 20)))
    toneBegun = 0
    isHeard = false
    toneUntil = performance.now() + 300
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  probe.decoder.free()
  probe = undefined
  return taken
}

function leave(): void {
  for (const { connection } of peers) connection.close()
  peers = []
  talking = Infinity
}

async function answerTo(question: PeersQuestion): Promise<unknown> {
  switch (question.type) {
    case 'offer': {
      const made = Array.from({ length: question.count }, (_, index) =>
        makePeer(peers.length + index, question.address),
      )
      peers.push(...made)
      return Promise.all(made.map(offer))
    }
    case 'accept':
      return accept(question.answers)
    case 'talk':
      talking = question.each
      return undefined
    case 'count':
      return count()
    case 'counted':
      return counted()
    case 'delays':
      return delays(question.times)
    case 'leave':
      return leave()
  }
}

process.on('message', (question: PeersQuestion) => {
  void answerTo(question).then((answer) => process.send?.(answer ?? null))
})
process.on('disconnect', () => process.exit())
process.send?.({ ready: '' })
