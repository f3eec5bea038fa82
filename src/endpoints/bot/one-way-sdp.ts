/**
 * Offers of WHIP (RFC 9725) and WHEP, which are about one voice that goes one way. The engine is offered that alone; whatever
 * else stands in an offer, such as video, is refused in the answer.
 */

/** `whip`: the application speaks. `whep`: it hears. */
export type Way = 'whip' | 'whep'

/** An offer, read. */
export interface OneWayOffer {
  /** The voice alone, going its one way. */
  readonly sdp: string
  readonly iceUser: string
  /** Every medium in its order, as it was offered. */
  readonly media: readonly Medium[]
  /** Which of them is the voice. */
  readonly voice: number
  /** Names of the media that share a connection; the first one's counts. */
  readonly bundle: readonly string[]
}

/** One medium of a description, with its first line. */
type Medium = readonly string[]

/** Why an offer is not answered: what it says cannot be read, or cannot be done. */
export interface Unanswered {
  readonly status: 400 | 422
  readonly problem: string
}

/** The direction in which the voice goes, as whoever offers says it, and what else they may say. */
const DIRECTIONS: Readonly<Record<Way, { readonly own: string; readonly refused: readonly string[] }>> = {
  whip: { own: 'sendonly', refused: ['recvonly', 'inactive'] },
  whep: { own: 'recvonly', refused: ['sendonly', 'inactive'] },
}

const DIRECTION = /^a=(sendrecv|sendonly|recvonly|inactive)$/
/** What a connection is made with. */
const TRANSPORT = ['ice-ufrag', 'ice-pwd', 'fingerprint', 'setup'] as const
/** The most media that an offer may have. */
const MOST_MEDIA = 64

/** Reads an offer. */
export function readOneWayOffer(text: string, way: Way): OneWayOffer | Unanswered {
  const lines = text.split(/\r?\n/).filter((line) => line !== '')
  if (lines[0] !== 'v=0') return malformed('The body is no session description: it does not begin with v=0.')
  const stray = lines.find((line) => !/^[a-z]=/.test(line))
  if (stray !== undefined)
    return malformed(`The body has a line that no session description has: ${stray.slice(0, 60)}`)
  const [session = [], ...media] = sectionsOf(lines)
  if (media.length > MOST_MEDIA) return malformed(`The offer has more than ${MOST_MEDIA} m= lines.`)
  const voices = media.filter((one) => one[0]?.startsWith('m=audio '))
  const [voice] = voices
  if (voices.length > 1) return undoable('The offer has more than one m=audio line, and a call has one voice.')
  if (!voice || isRefused(voice)) return undoable('The offer has no m=audio line, and a call has sound alone.')
  const direction = directionOf(voice) ?? directionOf(session) ?? 'sendrecv'
  const { own, refused } = DIRECTIONS[way]
  if (refused.includes(direction)) return undoable(`The audio of the offer is ${direction}, and must be ${own} here.`)
  if (!voice.some((line) => /^a=rtpmap:\d+ opus\/48000/i.test(line)))
    return undoable('The offer has no Opus, the one codec that is spoken here.')
  const bundle = bundleOf(session).filter((mid) => media.some((one) => valueOf(one, 'mid') === mid))
  const voiced = voiceAlone(voice, own, session, media)
  const iceUser = valueOf(voiced, 'ice-ufrag') ?? valueOf(session, 'ice-ufrag')
  if (iceUser === undefined) return malformed('The offer has no a=ice-ufrag.')
  const head = session.filter((line) => !line.startsWith('a=group:') && !DIRECTION.test(line))
  const group = valueOf(voiced, 'mid')
  const sdp = [...head, ...(group === undefined ? [] : [`a=group:BUNDLE ${group}`]), ...voiced]
  return { sdp: written(sdp), iceUser, media, voice: media.indexOf(voice), bundle }
}

function malformed(problem: string): Unanswered {
  return { status: 400, problem }
}

function undoable(problem: string): Unanswered {
  return { status: 422, problem }
}

/** The voice with everything that a connection of its own needs, whoever else was to share it. */
function voiceAlone(voice: Medium, direction: string, session: Medium, media: readonly Medium[]): readonly string[] {
  const [first = '', ...lines] = voice
  const own = lines.filter((line) => !DIRECTION.test(line) && line !== 'a=bundle-only')
  const borrowed = TRANSPORT.flatMap((name) => {
    if (valueOf(voice, name) !== undefined || valueOf(session, name) !== undefined) return []
    const value = media.map((one) => valueOf(one, name)).find((one) => one !== undefined)
    return value === undefined ? [] : [`a=${name}:${value}`]
  })
  return [first.replace(/^m=audio 0 /, 'm=audio 9 '), ...own, ...borrowed, `a=${direction}`]
}

/** A medium with port 0 is refused by whoever offers it, unless its connection is another one's (RFC 9143). */
function isRefused(medium: Medium): boolean {
  return /^m=\S+ 0 /.test(medium[0] ?? '') && !medium.includes('a=bundle-only')
}

/** Puts the engine's answer to the voice where it was offered, among refusals of everything else. */
export function completeAnswer({ media, voice, bundle }: OneWayOffer, answer: string): string {
  const [session = [], voiced = []] = sectionsOf(answer.split(/\r?\n/).filter((line) => line !== ''))
  const voiceName = valueOf(voiced, 'mid') ?? ''
  const [tagged] = bundle
  // Whoever is named first has the connection of all: browsers give that up for good if it is refused.
  const keeps = (medium: Medium): boolean =>
    tagged !== voiceName && tagged !== undefined && tagged === valueOf(medium, 'mid')
  const sections = media.map((medium, index) => {
    if (index === voice) return voiced
    return keeps(medium) ? idle(medium, voiced) : refusal(medium)
  })
  const names = bundle.filter((mid) => mid === voiceName || (mid === tagged && tagged !== voiceName))
  const head = session.filter((line) => !line.startsWith('a=group:'))
  const group = names.length === 0 ? [] : [`a=group:BUNDLE ${names.join(' ')}`]
  return written([...head, ...group, ...sections.flat()])
}

/** A medium by which nothing goes (RFC 9429, section 5.3.1: rejected). */
function refusal(medium: Medium): readonly string[] {
  const [, kind = '', proto = '', format = ''] = FIRST.exec(medium[0] ?? '') ?? []
  const name = valueOf(medium, 'mid')
  return [
    `m=${kind} 0 ${proto} ${format}`,
    'c=IN IP4 0.0.0.0',
    ...(name === undefined ? [] : [`a=mid:${name}`]),
    'a=inactive',
  ]
}

/** A medium by which nothing goes although its connection is used. */
function idle(medium: Medium, voiced: Medium): readonly string[] {
  const [, kind = '', proto = '', format = ''] = FIRST.exec(medium[0] ?? '') ?? []
  const described = new RegExp(`^a=(mid:|rtpmap:${format} |sctp-port:)`)
  const connection = /^a=(ice-|fingerprint:|setup:|rtcp-mux|candidate:|end-of-candidates)/
  return [
    `m=${kind} 9 ${proto} ${format}`,
    'c=IN IP4 0.0.0.0',
    ...medium.filter((line) => described.test(line)),
    ...voiced.filter((line) => connection.test(line)),
    'a=inactive',
  ]
}

/** The first line of a medium: its kind, port, protocol, and the first of its formats. */
const FIRST = /^m=([a-z]+) \d+(?:\/\d+)? ([\w/]+) ([\w-]+)/

/** What a fragment of trickled candidates says (RFC 8840). */
export interface Fragment {
  /** Of which connection they are; another one means that ICE is to be restarted. */
  readonly iceUser: string | undefined
}

/** Reads a fragment; undefined if it is none. */
export function readFragment(text: string): Fragment | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line !== '')
  const isFragment = lines.length > 0 && lines.every((line) => /^[amc]=./.test(line))
  const isAboutIce = lines.some((line) => /^a=(ice-ufrag:|candidate:|end-of-candidates)/.test(line))
  return isFragment && isAboutIce ? { iceUser: valueOf(lines, 'ice-ufrag') } : undefined
}

/** The session's own lines first, then those of each medium. */
function sectionsOf(lines: readonly string[]): readonly Medium[] {
  const sections: string[][] = [[]]
  for (const line of lines) {
    if (line.startsWith('m=')) sections.push([])
    sections.at(-1)?.push(line)
  }
  return sections
}

function valueOf(lines: Medium, name: string): string | undefined {
  return lines.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3)
}

function directionOf(lines: Medium): string | undefined {
  return lines.find((line) => DIRECTION.test(line))?.slice(2)
}

function bundleOf(session: Medium): readonly string[] {
  const group = session.find((line) => line.startsWith('a=group:BUNDLE '))
  return group === undefined ? [] : group.split(' ').slice(1)
}

function written(lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n`
}
