/** What an offer says of sound and pictures. The library is handed the sound alone: all that comes goes through its one track. */
import type { PictureLine } from '../forward/pictures.ts'

/** The longest description that is read, in characters. */
const LONGEST = 131_072
/** The most media descriptions that an offer may have. */
const MOST_SECTIONS = 64

const LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'
/** The header extension that names the media description to which a packet belongs (RFC 9143). */
export const MID = 'urn:ietf:params:rtp-hdrext:sdes:mid'

/** What all streams of this side are named after (CNAME), and the stream of pictures and sound that belong together. */
export const NAME = 'rollcall'

/** Which way sound goes, seen from whoever says it. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** What an offer says of the sound that is sent and heard. */
export interface AudioOffer {
  readonly mid: string
  readonly direction: Direction
  readonly opus: number
  /** Payload types of keys (RFC 4733), with the clock of each. */
  readonly keys: readonly { readonly payloadType: number; readonly clock: number }[]
  /** The header extension that carries the level (RFC 6464). */
  readonly levelId: number | undefined
}

/** An offer, read. */
export interface Offer {
  /** What of it is handed to the library: the sound. */
  readonly sdp: string
  readonly audio: AudioOffer
  /** Its media descriptions, in their order. */
  readonly media: readonly MediaOffer[]
  /** Names the connection: another one means that ICE was restarted. */
  readonly iceUser: string
  /** Firefox, as it names itself: it tries no address of loopback, and its first connection's keys are those of every later one. */
  readonly fromFirefox: boolean
}

/** One media description. */
export interface MediaOffer {
  readonly mid: string | undefined
  /** What may become of it. `idle`: nothing is sent in it, but it shares the connection of the sound. */
  readonly use: 'sound' | 'picture' | 'idle' | 'refused'
  readonly picture: PictureLine | undefined
  /** Its first line, and its first codec, as a number and a name. */
  readonly line: string
  readonly codec: string
}

/** What is wrong with an offer: a sentence. */
export interface BadOffer {
  readonly problem: string
}

/** Reads an offer. */
export function readOffer(text: string): Offer | BadOffer {
  if (text.length > LONGEST) return { problem: `The offer has more than ${LONGEST} characters.` }
  const lines = text.split(/\r?\n/).filter((line) => line !== '')
  if (lines[0] !== 'v=0') return { problem: 'The offer is no session description: it does not begin with v=0.' }
  const sections = sectionsOf(lines)
  if (sections.length > MOST_SECTIONS + 1) return { problem: `The offer has more than ${MOST_SECTIONS} m= lines.` }
  const section = sections.find(([first = '']) => /^m=audio [1-9]/.test(first))
  if (!section) return { problem: 'The offer has no audio.' }
  const mid = attribute(section, 'mid')
  if (mid === undefined || !/^[\w+-]{1,32}$/.test(mid))
    return { problem: 'The audio of the offer has no usable a=mid.' }
  const opus = payloadTypes(section, /^opus\/48000(\/2)?$/i)[0]
  if (!opus) return { problem: 'The offer has no Opus, the one codec that is spoken here.' }
  const [session = []] = sections
  const iceUser = attribute(section, 'ice-ufrag') ?? attribute(session, 'ice-ufrag')
  if (iceUser === undefined) return { problem: 'The offer has no a=ice-ufrag.' }
  const keys = payloadTypes(section, /^telephone-event\/\d+$/i)
  const direction = directionOf(section) ?? directionOf(session) ?? 'sendrecv'
  const bundle = bundleOf(session, mid)
  const taken = new Set([opus, ...keys].map(({ payloadType }) => payloadType))
  // Where the other side is shows when it comes: nothing is sent to an address because somebody wrote it here.
  const sdp = [...session.filter((line) => !line.startsWith('a=group:')), `a=group:BUNDLE ${mid}`, ...section].filter(
    (line) => !/^a=(candidate:|end-of-candidates)/.test(line),
  )
  return {
    sdp: `${sdp.join('\r\n')}\r\n`,
    iceUser,
    fromFirefox: session.some((line) => line.startsWith('o=mozilla')),
    audio: { mid, direction, opus: opus.payloadType, keys, levelId: extension(section, LEVEL) },
    media: sections.slice(1).map((one) => mediaOf(one, one === section, bundle, taken)),
  }
}

/** The names of the media descriptions that share one connection with the sound. */
function bundleOf(session: readonly string[], audio: string): ReadonlySet<string> {
  const groups = session.flatMap((line) => (line.startsWith('a=group:BUNDLE ') ? [line.slice(15).split(' ')] : []))
  return new Set(groups.find((mids) => mids.includes(audio)) ?? [audio])
}

function mediaOf(
  section: readonly string[],
  isSound: boolean,
  bundle: ReadonlySet<string>,
  taken: ReadonlySet<number>,
): MediaOffer {
  const [line = ''] = section
  const mid = attribute(section, 'mid')
  const [codec] = payloadTypes(section, /./)
  const isOpen = /^m=\w+ [1-9]/.test(line) || section.includes('a=bundle-only')
  const isVideo = isOpen && line.startsWith('m=video ') && mid !== undefined && bundle.has(mid) && codec !== undefined
  const picture = isVideo ? pictureOf(section, mid, taken) : undefined
  const use = isSound ? 'sound' : picture ? 'picture' : isVideo ? 'idle' : 'refused'
  return { mid, use, picture, line, codec: codec ? `${codec.payloadType} ${codec.name}` : '' }
}

/** Where a picture can go, if the offer has VP8 under a number that is not the sound's. */
function pictureOf(section: readonly string[], mid: string, taken: ReadonlySet<number>): PictureLine | undefined {
  const vp8 = payloadTypes(section, /^VP8\/90000$/i).find(({ payloadType }) => !taken.has(payloadType))
  if (!vp8) return undefined
  const direction = directionOf(section)
  return {
    mid,
    payloadType: vp8.payloadType,
    ssrcs: ssrcsOf(section),
    midId: extension(section, MID),
    sends: direction !== 'recvonly' && direction !== 'inactive',
    takes: direction !== 'sendonly' && direction !== 'inactive',
  }
}

/** The streams of a sender, without those that repeat others (RFC 4588). */
function ssrcsOf(section: readonly string[]): readonly number[] {
  const named = section.flatMap((line) => /^a=ssrc:(\d{1,10}) /.exec(line)?.[1] ?? [])
  const repeats = section.flatMap((line) => /^a=ssrc-group:FID \d+ (\d{1,10})$/.exec(line)?.[1] ?? [])
  return [...new Set(named)].filter((ssrc) => !repeats.includes(ssrc)).map(Number)
}

/** The session's own lines first, then those of each medium. */
export function sectionsOf(lines: readonly string[]): string[][] {
  const sections: string[][] = [[]]
  for (const line of lines) {
    if (line.startsWith('m=')) sections.push([])
    sections.at(-1)?.push(line)
  }
  return sections
}

/** The line that says which way a medium goes. */
export const DIRECTION = /^a=(sendrecv|sendonly|recvonly|inactive)$/

function directionOf(section: readonly string[]): Direction | undefined {
  const line = section.find((each) => DIRECTION.test(each))
  return line === undefined ? undefined : (line.slice(2) as Direction)
}

function attribute(section: readonly string[], name: string): string | undefined {
  return section.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3)
}

interface Codec {
  readonly payloadType: number
  readonly name: string
  readonly clock: number
}

function payloadTypes(section: readonly string[], codec: RegExp): readonly Codec[] {
  return section.flatMap((line) => {
    const [, number, name = ''] = /^a=rtpmap:(\d{1,3}) (\S+)$/.exec(line) ?? []
    const payloadType = Number(number)
    if (!codec.test(name) || payloadType > 127) return []
    return [{ payloadType, name, clock: Number(name.split('/')[1]) }]
  })
}

function extension(section: readonly string[], uri: string): number | undefined {
  for (const line of section) {
    const [, id, name] = /^a=extmap:(\d{1,2})(?:\/\w+)? (\S+)/.exec(line) ?? []
    if (name === uri && Number(id) > 0 && Number(id) < 15) return Number(id)
  }
  return undefined
}

/** The format parameters of our Opus: one channel, nothing sent while nobody speaks, losses can be mended. */
export const OPUS_FORMAT = 'minptime=10;useinbandfec=1;usedtx=1;stereo=0;sprop-stereo=0'

/** The extension line of the level, as the answer must have it. */
export function levelLine(id: number): string {
  return `a=extmap:${id} ${LEVEL}`
}
