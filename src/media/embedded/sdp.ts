/** What an offer says of sound, and what becomes of the answer that the WebRTC library writes. */

/** The longest description that is read, in characters. */
const LONGEST = 65_536
/** The most media descriptions that an offer may have. */
const MOST_SECTIONS = 64

const LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'

/** What an offer says of the sound that is sent and heard. */
export interface AudioOffer {
  readonly mid: string
  readonly opus: number
  /** Payload types of keys (RFC 4733), with the clock of each. */
  readonly keys: readonly { readonly payloadType: number; readonly clock: number }[]
  /** The header extension that carries the level (RFC 6464). */
  readonly levelId: number | undefined
}

/** An offer as it is handed to the library. */
export interface Offer {
  readonly sdp: string
  readonly audio: AudioOffer
  /** Names the connection: another one means that ICE was restarted. */
  readonly iceUser: string
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
  const iceUser = attribute(section, 'ice-ufrag') ?? attribute(sections[0] ?? [], 'ice-ufrag')
  if (iceUser === undefined) return { problem: 'The offer has no a=ice-ufrag.' }
  // Where the other side is shows when it comes: nothing is sent to an address because somebody wrote it here.
  const sdp = lines.filter((line) => !/^a=(candidate:|end-of-candidates)/.test(line))
  return {
    sdp: `${sdp.join('\r\n')}\r\n`,
    iceUser,
    audio: {
      mid,
      opus: opus.payloadType,
      keys: payloadTypes(section, /^telephone-event\/\d+$/i),
      levelId: extension(section, LEVEL),
    },
  }
}

/** The session's own lines first, then those of each medium. */
function sectionsOf(lines: readonly string[]): string[][] {
  const sections: string[][] = [[]]
  for (const line of lines) {
    if (line.startsWith('m=')) sections.push([])
    sections.at(-1)?.push(line)
  }
  return sections
}

function attribute(section: readonly string[], name: string): string | undefined {
  return section.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3)
}

function payloadTypes(section: readonly string[], codec: RegExp): { payloadType: number; clock: number }[] {
  return section.flatMap((line) => {
    const [, number, name = ''] = /^a=rtpmap:(\d{1,3}) (\S+)$/.exec(line) ?? []
    const payloadType = Number(number)
    if (!codec.test(name) || payloadType > 127) return []
    return [{ payloadType, clock: Number(name.split('/')[1]) }]
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

/**
 * Makes the library's answer ours: nothing but sound goes, and the server is also where it is announced to be.
 * @param announced the address at which others reach this machine, if it does not know it itself
 */
export function shapeAnswer(sdp: string, announced: string | undefined): string {
  const sections = sectionsOf(sdp.split(/\r?\n/).filter((line) => line !== ''))
  const shaped = sections.flatMap((section) => {
    const isAudio = section[0]?.startsWith('m=audio') ?? false
    const isVideo = section[0]?.startsWith('m=video') ?? false
    const lines = isVideo
      ? section.map((line) => line.replace(/^a=(sendrecv|sendonly|recvonly)$/, 'a=inactive'))
      : section
    return isAudio && announced !== undefined ? announce(lines, announced) : lines
  })
  return `${shaped.join('\r\n')}\r\n`
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
