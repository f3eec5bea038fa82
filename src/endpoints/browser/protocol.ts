/**
 * What a browser page and the server say to each other: JSON texts over one WebSocket, `/phone/socket`.
 *
 *     page: hello ──► server: welcome, state          and from then on: state whenever something changed
 *     page: a request with a number ──► server: done or refused, with that number; then state, if something changed
 *     both: beat, at least every `welcome.heartbeat` milliseconds
 *
 * `state` is always the whole of it, so that a page that comes back needs nothing but the next one. The page offers
 * (SDP, complete: no candidates follow), the server answers, in `done`. Moments are milliseconds since the epoch on
 * the product's clock, which may be virtual: show them as differences to `state.now`.
 *
 * Pictures are forwarded, if `welcome.video` says so. Everything is in the first offer, so that nothing has to be offered
 * anew when somebody shows something. Its `m=` lines, in this order, those of video with VP8:
 *
 *     audio    sendrecv   as without pictures; an offer may end here
 *     video    sendrecv   out: one's own camera    in: slot 0 of those whose cameras one watches
 *     video    sendrecv   out: one's own screen    in: the screen of whoever presents
 *     video    recvonly   in: slot 1, and so on; `welcome.video.slots` in all, or fewer
 *
 * What a page sends is seen by nobody until `camera` or `share` says that it is shown; until then the sender best has no
 * track (`replaceTrack`). A page sees nobody until it says whom (`watch`).
 */
import { z } from 'zod'
import { tones } from '../../calls/media.ts'

/** The name under which a page asks for this protocol (`Sec-WebSocket-Protocol`). */
export const SUBPROTOCOL = 'rollcall-phone-1'

/** How people sign in: OpenID Connect, authorization code with PKCE, as a public client. */
export interface SignIn {
  /** Its configuration is at `<issuer>/.well-known/openid-configuration`. */
  readonly issuer: string
  readonly clientId: string
  readonly scope: string
  /** Which token `hello` is to carry: access tokens of outside issuers are not made for this server. */
  readonly token: 'access' | 'id'
  /** Whether it is the server's own sign-in: a page with people to choose from, each time anew. */
  readonly oneClick: boolean
}

/** The answer of `GET /phone/config`. */
export interface PhoneConfig {
  /** Absent if only guests come in. */
  readonly signIn?: SignIn
  /** What the sign-in is told to come back to; the page has to be there. */
  readonly redirectUri: string
  /** Of the WebSocket, from the server's root: `/phone/socket`. */
  readonly socket: string
}

const id = z.string().min(1).max(64)
const callId = id
const participantId = id
const request = z.number().int().nonnegative()
const text = z.string().trim().min(1).max(256)
/** Slots that an offer may have at most. */
const MOST_SLOTS = 49
/** A complete session description; the socket's own limit bounds it. */
const offer = z.string().min(1)

/** Who the page is for: somebody signed in, or a guest who has no account. */
export const helloSchema = z.object({
  type: z.literal('hello'),
  /** The page's own id, drawn by it and kept over a reload (`sessionStorage`): its calls are found again by it. */
  device: z.string().regex(/^[\w-]{8,64}$/),
  /** An access token. A guest sends none. */
  token: z.string().max(16_384).optional(),
  /** What a guest wants to be called. */
  displayName: text.optional(),
  /** What an earlier `welcome` gave a guest: who they are. */
  resume: z.string().max(2048).optional(),
})

/** Takes an incoming call. `done` has the answer to the offer. */
const answer = z.object({ type: z.literal('answer'), request, callId, offer })
/** Says no to an incoming call, on all of the person's pages. */
const decline = z.object({ type: z.literal('decline'), request, callId })
/** Leaves a call, or gives up one that is not there yet. */
const hangUp = z.object({ type: z.literal('hangUp'), request, callId })
/** The same connection offers anew: tracks added, ICE restarted. `done` has the answer. */
const offerAgain = z.object({ type: z.literal('offer'), request, callId, offer })
/**
 * A new connection for a call that this page lost (a reload, another network, a restart of the server), or that
 * another page of the same person has: the call is here from now on. `done` has the answer.
 */
const rejoin = z.object({ type: z.literal('rejoin'), request, callId, offer })
/** Mutes or unmutes oneself; whoever was muted by others may unmute. */
const mute = z.object({ type: z.literal('mute'), request, callId, muted: z.boolean() })
/** Puts the call on hold, or takes it up again: meanwhile one neither hears nor is heard. */
const hold = z.object({ type: z.literal('hold'), request, callId, held: z.boolean() })
/** Presses a key, for pages that cannot send it as sound (RFC 4733). */
const tone = z.object({ type: z.literal('tone'), request, callId, tone: z.enum(tones) })
/** Calls a person or an application: an object id, a user principal name or a phone number. `done` has callId and answer. */
const call = z.object({ type: z.literal('call'), request, target: text.max(320), offer })
/** Joins a meeting: its link, its id, or the digits that people type in. `done` has callId and answer. */
const join = z.object({
  type: z.literal('join'),
  request,
  meeting: z.string().trim().min(1).max(2048),
  passcode: z.string().max(64).optional(),
  offer,
})
/** Lets one who waits in the lobby in, or everybody. */
const admit = z.object({ type: z.literal('admit'), request, callId, participantId: participantId.optional() })
/** Turns one who waits in the lobby away. */
const turnAway = z.object({ type: z.literal('turnAway'), request, callId, participantId })
/** Begins or ends to present the screen. Whoever begins takes over from whoever did. */
const share = z.object({ type: z.literal('share'), request, callId, sharing: z.boolean() })
/** Shows one's camera to the others, or hides it. */
const camera = z.object({ type: z.literal('camera'), request, callId, on: z.boolean() })
/**
 * Whom the page wants to see, until it says so anew: for each slot a participant's camera or nobody's (slots that are not
 * named show nobody), and whether it wants the screen that is presented. Participants who show nothing, or are not there,
 * are no mistake: they are seen as soon as they can be. It belongs to the connection: say it again after a `rejoin`.
 */
const watch = z.object({
  type: z.literal('watch'),
  request,
  callId,
  cameras: z.array(participantId.nullable()).max(MOST_SLOTS),
  screen: z.boolean(),
})
/** Looks for people and applications to call, by the beginning of a word of their name or address; `done` has them. */
const find = z.object({ type: z.literal('find'), request, text: z.string().trim().max(256) })

/** Everything that carries a request number. */
export const requestSchema = z.discriminatedUnion('type', [
  answer,
  decline,
  hangUp,
  offerAgain,
  rejoin,
  mute,
  hold,
  tone,
  call,
  join,
  admit,
  turnAway,
  share,
  camera,
  watch,
  find,
])

/** A sign of life; the page sends one at least every `welcome.heartbeat` milliseconds. */
const beat = z.object({ type: z.literal('beat') })
/** The page is being closed for good: nobody waits for it to come back, and its calls end. Not to be sent on a reload. */
const goodbye = z.object({ type: z.literal('goodbye') })

/** What a page may send after its `hello`. */
export const pageMessageSchema = z.discriminatedUnion('type', [...requestSchema.options, beat, goodbye])

export type Hello = z.input<typeof helloSchema>
export type PageRequest = z.input<typeof requestSchema>
/** Everything that a page may send. */
export type PageMessage = Hello | z.input<typeof pageMessageSchema>

/** Somebody, as pages show them. */
export interface PartyView {
  readonly kind: 'user' | 'application' | 'phone' | 'guest' | 'unknown'
  /** Object id, app id, number or name, by kind; what `call` takes, if they can be called. */
  readonly id: string
  readonly displayName: string
}

/** Somebody on the roster. */
export interface RosterEntry extends PartyView {
  readonly participantId: string
  /** This is the person whose page it is. */
  readonly me: boolean
  readonly inLobby: boolean
  readonly muted: boolean
  /** Muted by somebody else. */
  readonly mutedByOthers: boolean
  /** They have put the call on hold. */
  readonly onHold: boolean
  readonly role?: 'organizer' | 'presenter' | 'attendee'
  readonly sharing: boolean
  /** They show their camera. */
  readonly camera: boolean
}

/**
 * How far a call is.
 *
 *     ringing ──answer──► connecting ──media──► connected | lobby | held         incoming
 *     calling ──they answer──► connecting ──► connected                         outgoing
 *
 * `lobby`: waits to be let in. `held`: the connection is up, and somebody who has to record comes first.
 */
export type CallPhase = 'ringing' | 'calling' | 'connecting' | 'connected' | 'lobby' | 'held' | 'ended'

/** Why a call is over, or did not come about. */
export interface CallEnd {
  /** A word for pages to translate. */
  readonly cause:
    | 'hungUp'
    | 'declined'
    | 'answeredElsewhere'
    | 'missed'
    | 'busy'
    | 'notAdmitted'
    | 'removed'
    | 'over'
    | 'mediaFailed'
    | 'movedElsewhere'
    | 'lost'
    | 'unreachable'
  /** The codes under which applications hear of it, and one plain sentence. */
  readonly code: number
  readonly subcode: number
  readonly explanation: string
}

/** One call, as one page sees it. */
export interface CallView {
  /** Stays the same for as long as the call does, also when an application takes it over into another group. */
  readonly callId: string
  readonly phase: CallPhase
  /** The sound is at this page (or is to come there). A call that is up elsewhere can be taken by `rejoin`. */
  readonly here: boolean
  /**
   * The connection of this page's sound. `wanted`: there is none, and the page has to `rejoin` (after a reload, or a
   * restart of the server) until `rejoinBy`, or the call is lost. `interrupted`: it may come back by itself or by `offer`.
   */
  readonly media: 'none' | 'wanted' | 'connecting' | 'connected' | 'interrupted'
  readonly rejoinBy?: number
  readonly direction: 'incoming' | 'outgoing'
  readonly kind: 'peerToPeer' | 'group' | 'meeting'
  /** When it came into its phase. */
  readonly since: number
  /** Who calls, or is called; in a meeting nobody. */
  readonly other?: PartyView
  readonly subject?: string
  /** The participant that the person is; absent while it rings. */
  readonly participantId?: string
  /**
   * Everybody who is in or waits in the lobby, also in a call of two. While it rings: who is in already. Nobody is
   * shown before one is in, and after.
   */
  readonly roster: readonly RosterEntry[]
  readonly muted: boolean
  readonly mutedByOthers: boolean
  /** One has put it on hold oneself. */
  readonly onHold: boolean
  /** An application plays hold music to this person. */
  readonly heldByOthers: boolean
  readonly role?: 'organizer' | 'presenter' | 'attendee'
  /** Whether the person may let others in from the lobby. */
  readonly mayAdmit: boolean
  /** Whether the person may present now, and show their camera. */
  readonly mayShare: boolean
  readonly mayShowCamera: boolean
  /** Whether somebody says that the call is recorded. */
  readonly recording: boolean
  /** Whether somebody says that the call is transcribed. */
  readonly transcribing: boolean
  /** Who presents. */
  readonly presenterId?: string
  /** Of an ended call, which is shown for a while. */
  readonly end?: CallEnd
}

/** The page is known. */
export interface Welcome {
  readonly type: 'welcome'
  readonly person: PartyView
  /** A guest shows it again after a reload. */
  readonly resume?: string
  /** A beat is due at least this often, in milliseconds; after three times that in silence the page counts as gone. */
  readonly heartbeat: number
  /** How long a call waits for its page to come back, in milliseconds. */
  readonly reconnectTimeout: number
  /** The longest message that the server takes, in bytes. */
  readonly messageLimit: number
  /** Absent if the server carries no pictures: offer sound alone. */
  readonly video?: VideoTerms
}

/** How pictures are carried. */
export interface VideoTerms {
  /** Cameras that a page can see at once. */
  readonly slots: number
  /** Bits a second that a page may send of each, at most; it is asked for less when others cannot take as much. */
  readonly cameraBitrate: number
  readonly screenBitrate: number
}

/** All of this person's calls, the newest first. */
export interface StateMessage {
  readonly type: 'state'
  /** The product's clock. */
  readonly now: number
  readonly calls: readonly CallView[]
}

/** A request was carried out. */
export interface Done {
  readonly type: 'done'
  readonly request: number
  /** Of a request that begins a call. */
  readonly callId?: string
  /** The session description that answers the request's offer. */
  readonly answer?: string
  /** Of `find`. */
  readonly found?: readonly (PartyView & { readonly address?: string })[]
}

/** A request was not carried out. */
export interface Refused {
  readonly type: 'refused'
  readonly request: number
  /** A word, such as `callNotFound`. */
  readonly code: string
  /** One plain sentence for people. */
  readonly explanation: string
}

/**
 * The server will close the connection: `signIn` (the token is not, or no longer, good: sign in again), `replaced` (another
 * connection of the same page came), `tooMany` (too many pages of this person), `flood`, `badMessage`, `restart`.
 */
export interface Farewell {
  readonly type: 'farewell'
  readonly code: 'signIn' | 'replaced' | 'tooMany' | 'flood' | 'badMessage' | 'silent' | 'slow' | 'restart'
  readonly explanation: string
}

/** How loud those are who speak, several times a second while somebody does; nothing that was said before counts any more. */
export interface Levels {
  readonly type: 'levels'
  readonly callId: string
  /** By participant id, from 0 to 1; whoever is not named is silent. */
  readonly speakers: Readonly<Record<string, number>>
}

/** Everything that the server may send. */
export type ServerMessage = Welcome | StateMessage | Done | Refused | Farewell | Levels | z.infer<typeof beat>
