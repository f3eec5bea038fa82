/**
 * What carries the sound and the pictures of people and applications: the seam between calls and whatever mixes and
 * forwards. An engine knows legs, rooms and voices, but no users, calls or operations. Who hears and sees whom is said to
 * it; it says back what was heard.
 *
 * Samples are 16-bit, one channel, 16 kHz; frames of 20 ms have 320 of them. Moments are milliseconds since the epoch on
 * the real clock, for sound cannot be wound forward.
 */
import type { Hearing } from '../calls/hearing.ts'
import type { Tone } from '../calls/media.ts'

/** A place in a room: a conversation, and who one is there. */
export interface Place {
  readonly conversationId: string
  /** A person's participant id, or the id of an application's call. */
  readonly speaker: string
}

/** Why an engine did not take a leg. */
export type MediaRefusal = 'badOffer' | 'noCapacity' | 'engineDown'

/** Thrown when a leg cannot be connected; the message is a sentence for whoever asked. */
export class MediaError extends Error {
  override readonly name = 'MediaError'
  readonly code: MediaRefusal

  constructor(code: MediaRefusal, message: string) {
    super(message)
    this.code = code
  }
}

/** Why a leg closed by itself. `left`: the other side ended it. `engineLost`: the engine broke down, and it with it. */
export type LegEnd = 'left' | 'neverConnected' | 'timedOut' | 'flooding' | 'engineLost'

/**
 * How a leg is.
 *
 *     connecting ──► connected ◄──► interrupted     nothing arrives for a while: it may come back
 *          └──────────────┴──────────────┴──► closed     for good, and why
 */
export type LegState =
  { readonly name: 'connecting' | 'connected' | 'interrupted' } | { readonly name: 'closed'; readonly why: LegEnd }

/** Somebody in a room who can be heard. */
export interface SpeakerLevel {
  readonly speaker: string
  /** Decibels below full scale, as a negative number. */
  readonly level: number
}

/** A stretch of time in which a voice was mixed into what others hear. */
export interface HeardSpan {
  readonly conversationId: string
  readonly speaker: string
  readonly listeners: readonly string[]
  readonly from: number
  readonly until: number
  /** How loud it reached them at its loudest, in decibels below full scale (a negative number). */
  readonly level: number
}

/** What an engine tells. */
export interface SoundEvents {
  onLeg?(legId: string, state: LegState): void
  /** Somebody pressed a key (RFC 4733). */
  onTone?(legId: string, tone: Tone): void
  /** Who speaks, whenever that changes, and a few times a second while anybody does. */
  onSpeaking?(conversationId: string, speakers: readonly SpeakerLevel[]): void
  /** Who was mixed to whom; spans of a second at most, as they end. */
  onHeard?(spans: readonly HeardSpan[]): void
}

/** What is heard in a room, as it comes. A spurt begins, has frames of 20 ms, and ends. */
export type Voice =
  | { readonly type: 'began' | 'ended'; readonly speaker: string; readonly at: number }
  | { readonly type: 'frame'; readonly speaker: string; readonly at: number; readonly samples: Int16Array }

/** A sound that is being played. */
export interface Playing {
  /** Ends it, if it has not ended. */
  stop(): void
}

/** How samples are played. */
export interface PlayOptions {
  /** Where in them to begin, in milliseconds. */
  readonly from?: number
  /** Again and again, until it is stopped. */
  readonly loop?: boolean
  /** The one listener who hears it; everybody who hears the speaker without this. */
  readonly only?: string
}

/** What comes out of a leg of raw sound. */
export interface PcmFrame {
  /** Whose voice it is; absent in a mix. */
  readonly speaker?: string
  readonly at: number
  readonly samples: Int16Array
}

/** How a leg of raw sound is connected. */
export interface PcmOptions {
  /** One mix, or the voices apart. */
  readonly hears: 'mix' | 'voices'
  /** Called every 20 ms with what is heard: nothing while nobody is. */
  readonly onFrames: (frames: readonly PcmFrame[]) => void
}

/** A leg of raw sound, for whoever does their own media. */
export interface PcmLeg {
  /** Says something: any number of samples, which are heard one after the other. @returns false if too many wait: these are lost */
  say(samples: Int16Array): boolean
}

/** What is spoken over plain RTP. */
export type RtpCodec = 'PCMU' | 'PCMA' | 'opus'

/** A format of sound; each side names the payload type under which it takes it. */
export interface RtpFormat {
  readonly codec: RtpCodec
  /** The payload type under which the other side sends it. */
  readonly comesAs: number
  /** The payload type under which it is sent to the other side. */
  readonly goesAs: number
}

/** Where RTP is taken: an IP address and a UDP port. */
export interface RtpAddress {
  readonly address: string
  readonly port: number
}

/** Where a leg of plain RTP is taken; the address is undefined if it is every one of the machine. */
export interface RtpPlace {
  readonly address: string | undefined
  readonly port: number
  readonly rtcpPort: number
}

/** What both sides of a leg of plain RTP agreed on, by whatever descriptions. */
export interface RtpTerms {
  /** Where the other side takes RTP; absent if its packets are to tell. */
  readonly remote?: RtpAddress
  /** Where it takes RTCP: at the next port, unless said. `same`: along with RTP (RFC 5761). */
  readonly rtcp?: RtpAddress | 'same'
  /**
   * Whether the other side may be elsewhere than it says, behind address translation: then it is where its first packets
   * come from. Without `remote` it always is.
   */
  readonly latch?: boolean
  /** The first is sent; all are understood. */
  readonly formats: readonly RtpFormat[]
  /** How keys are told (RFC 4733), with their clock in Hz; absent if they are not. */
  readonly keys?: { readonly comesAs: number; readonly goesAs: number; readonly clock: number }
  /** From this side: `sendonly` and `inactive` take nothing, as on hold. `sendrecv`, unless said. */
  readonly direction?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'
}

/** Whom a leg sees: speakers of its room, by slot. Whoever shows nothing, or is not there, is seen as soon as they do. */
export interface Views {
  /** Cameras; undefined leaves a slot empty. */
  readonly cameras: readonly (string | undefined)[]
  readonly screen: string | undefined
}

/** What an engine's work costs, in microseconds. Measured as it runs; zero before there was any. */
export interface EngineCost {
  /** Of one frame of Opus; G.711 takes next to nothing. */
  readonly decode: number
  readonly encode: number
  /** Of one room in one tick, without the codec. */
  readonly mix: number
  /** Of one packet of sound, received or sent, with its encryption. */
  readonly packet: number
  /** Of one packet of a picture, likewise. */
  readonly picture: number
}

/** How an engine is. */
export interface EngineHealth {
  readonly running: boolean
  /** How often it broke down. */
  readonly restarts: number
  readonly rooms: number
  readonly legs: number
  /** Share of a processor core that mixing uses, 0 to 1, lately: when there is no more, sound would stutter. */
  readonly load: number
  /** Processor cores that all of it uses, encryption and network included. */
  readonly cores: number
  readonly cost: EngineCost
  readonly ticks: number
  /** Ticks that came later than half a frame. */
  readonly lateTicks: number
  /** The latest tick of the last seconds, in milliseconds. */
  readonly worstLate: number
  /** Pictures: cameras and screens that come, places in which they are seen, and their packets in a second, both ways. */
  readonly pictures: { readonly sent: number; readonly seen: number; readonly packets: number }
  /** Messages to the engine that were dropped because it did not keep up. */
  readonly dropped: number
  /** What one more leg is counted with, as a share of a processor core; zero before anything was measured. */
  readonly costOfLeg: number
  /** How many more legs it takes: by their number, and by what they cost if everybody talks and is seen as much as now; none while it is down. */
  readonly capacityLeft: number
  /** What bounds that: so many legs, and such a share of a processor core, 0 to 1, for mixing. */
  readonly limits: { readonly legs: number; readonly load: number }
  /** How often somebody was turned away because no more legs are taken. */
  readonly refused: number
  /** For how many milliseconds it is not started again, because it broke down too often; absent if it may be. */
  readonly downFor?: number
}

/** Carries the sound and the pictures of calls. Unknown legs and rooms are no mistake: what is said of them has no effect. */
export interface SoundEngine {
  /**
   * Answers a browser's offer; both descriptions are complete, no candidates follow. The leg is in no room yet.
   * @param legId minted by whoever connects @throws MediaError
   */
  connect(legId: string, offer: string): Promise<string>
  /** The same leg offers anew: tracks were added, or the network changed. @throws MediaError */
  renegotiate(legId: string, offer: string): Promise<string>
  /**
   * Takes ports for a leg of plain RTP. It waits for its terms, if they are not known yet, for as long as it takes; with
   * them it is connected once it is known where the other side is. @throws MediaError
   */
  connectRtp(legId: string, terms?: RtpTerms): Promise<RtpPlace>
  /** What both sides of a leg of plain RTP agreed on now: other formats, another address, on hold or not. @throws MediaError */
  agree(legId: string, terms: RtpTerms): void
  /** A leg of raw sound; connected at once. @throws MediaError */
  connectPcm(legId: string, options: PcmOptions): PcmLeg
  /** Puts a leg into a room, out of the one it was in: without a gap. */
  enter(legId: string, place: Place): void
  /** Takes a leg out of its room; it stays connected. */
  leave(legId: string): void
  disconnect(legId: string): void
  /** Whom a leg sees, until it is said anew, or it leaves its room. Pictures are forwarded as they come. */
  watch(legId: string, views: Views): void
  /** Who hears whom in a room, until it is said anew; undefined forgets the room. */
  arrange(conversationId: string, hearing: Hearing | undefined): void
  /** Plays samples in a room as somebody's voice. The samples are not to be changed any more. */
  play(place: Place, samples: Int16Array, options?: PlayOptions): Playing
  /** Hears the voices of a room until the returned function is called; as spoken, whoever may hear them. */
  listen(conversationId: string, on: (voice: Voice) => void): () => void
  /** Presses a key towards a leg (RFC 4733). @param duration in milliseconds */
  sendTone(legId: string, tone: Tone, duration: number): void
  on(events: SoundEvents): void
  /** Whether one more leg is taken. Whoever asks turns somebody away if it is not, and that is counted. */
  admits(): boolean
  health(): EngineHealth
  /** Disconnects every leg. */
  close(): Promise<void>
}
