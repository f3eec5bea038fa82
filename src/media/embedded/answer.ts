/** The answer to an offer: what the WebRTC library writes of the sound, with what is to be said of everything else. */
import type { PictureAnswer } from '../forward/pictures.ts'
import type { Direction, MediaOffer, Offer } from './sdp.ts'
import { DIRECTION, MID, NAME, sectionsOf } from './sdp.ts'

/** What of an answer the library does not know. */
export interface AnswerParts {
  /** The address at which others reach this machine, if it does not know it itself. */
  readonly announced: string | undefined
  /** What becomes of each description of video, in their order; undefined if nothing does. */
  readonly pictures: readonly (PictureAnswer | undefined)[]
}

/** Makes the library's answer one to the whole offer. @param sdp the library's, to the sound alone */
export function shapeAnswer(sdp: string, { media, audio }: Offer, { announced, pictures }: AnswerParts): string {
  const [session = [], whole = []] = sectionsOf(sdp.split(/\r?\n/).filter((line) => line !== ''))
  const sound = turned(whole, audio.direction)
  let number = 0
  const answers = media.map((one) => {
    if (one.use === 'sound') return announced === undefined ? sound : announce(sound, announced)
    if (one.use === 'refused') return refusalOf(one)
    const picture = pictures[number++]
    return picture ? describe(one, picture, sound) : idle(one, sound)
  })
  const together = media.flatMap(({ use, mid }) => (use === 'refused' ? [] : [mid]))
  const head = session.filter((line) => !line.startsWith('a=group:'))
  return `${[...head, `a=group:BUNDLE ${together.join(' ')}`, ...answers.flat()].join('\r\n')}\r\n`
}

/** What is answered to a direction that is offered. */
const REVERSED: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
}

/** Lets sound go only where the offer has it go; whoever sends nothing names no source. */
function turned(sound: readonly string[], offered: Direction): readonly string[] {
  const sends = offered === 'sendrecv' || offered === 'recvonly'
  const lines = sound.filter((line) => sends || !/^a=(ssrc|ssrc-group|msid):/.test(line))
  return lines.map((line) => (DIRECTION.test(line) ? `a=${REVERSED[offered]}` : line))
}

function describe(one: MediaOffer, picture: PictureAnswer, sound: readonly string[]): readonly string[] {
  const { payloadType, takes, bitrate, ssrc, midId, together } = picture
  const sends = ssrc !== undefined
  const direction = takes ? (sends ? 'sendrecv' : 'recvonly') : sends ? 'sendonly' : 'inactive'
  return [
    ...headOf(one, `${payloadType}`, sound, takes ? [`b=TIAS:${bitrate}`] : []),
    `a=${direction}`,
    ...(midId === undefined ? [] : [`a=extmap:${midId} ${MID}`]),
    'a=rtcp-rsize',
    `a=rtpmap:${payloadType} VP8/90000`,
    ...['goog-remb', 'ccm fir', 'nack', 'nack pli'].map((feedback) => `a=rtcp-fb:${payloadType} ${feedback}`),
    ...(sends
      ? [`a=msid:${together ? NAME : `${NAME}-${one.mid}`} picture-${one.mid}`, `a=ssrc:${ssrc} cname:${NAME}`]
      : []),
  ]
}

/** Nothing is sent in it, so that one of its codecs is as good as another. */
function idle(one: MediaOffer, sound: readonly string[]): readonly string[] {
  const [payloadType = '', name = ''] = one.codec.split(' ')
  return [...headOf(one, payloadType, sound), 'a=inactive', `a=rtpmap:${payloadType} ${name}`]
}

/** What shares the connection of the sound has its keys, and its role. */
function headOf(
  { mid }: MediaOffer,
  payloadType: string,
  sound: readonly string[],
  bandwidth: readonly string[] = [],
): readonly string[] {
  const shared = sound.filter((line) => /^a=(ice-ufrag|ice-pwd|fingerprint|setup|ice-options):/.test(line))
  return [
    `m=video 9 UDP/TLS/RTP/SAVPF ${payloadType}`,
    'c=IN IP4 0.0.0.0',
    ...bandwidth,
    `a=mid:${mid}`,
    ...shared,
    'a=rtcp-mux',
  ]
}

/** A port of 0 refuses. */
function refusalOf({ mid, line }: MediaOffer): readonly string[] {
  const [kind = 'm=video', , ...rest] = line.split(' ')
  return [
    [kind, 0, ...rest].join(' '),
    'c=IN IP4 0.0.0.0',
    ...(mid === undefined ? [] : [`a=mid:${mid}`]),
    'a=inactive',
  ]
}

/** A candidate: foundation, component, transport, priority, address, port, the rest. */
const CANDIDATE = /^a=candidate:(\S+) (\d+) (\S+) (\d+) (\S+) (\d+) (.*)$/

function announce(lines: readonly string[], announced: string): string[] {
  const ports = new Set<string>()
  return lines.flatMap((line) => {
    const [, , component, transport, priority, , port = '', rest] = CANDIDATE.exec(line) ?? []
    if (component === undefined || ports.has(port)) return [line]
    ports.add(port)
    return [`a=candidate:900 ${component} ${transport} ${priority} ${announced} ${port} ${rest}`, line]
  })
}
