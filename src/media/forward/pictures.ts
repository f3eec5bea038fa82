/** The pictures of one leg: the camera and the screen that it shows, and the slots in which it sees those of others. */
import { readRtp, readText } from '../embedded/rtp.ts'
import type { SenderInfo } from './rtcp.ts'
import { readRtcp } from './rtcp.ts'
import { Slot } from './slot.ts'
import type { BitrateBounds } from './source.ts'
import { Source } from './source.ts'
import { Timing } from './timing.ts'

/** A picture of somebody. */
export type PictureKind = 'camera' | 'screen'

/** How pictures are carried. */
export interface PictureSettings {
  /** Cameras that one leg sees at once. */
  readonly slots: number
  readonly bounds: Readonly<Record<PictureKind, BitrateBounds>>
  /** Packets that are taken from one leg in a second. */
  readonly packets: number
}

/** One of an offer's media descriptions for pictures. */
export interface PictureLine {
  readonly mid: string
  /** Of VP8. */
  readonly payloadType: number
  /** Whose packets it sends. */
  readonly ssrcs: readonly number[]
  /** The header extension that names it. */
  readonly midId: number | undefined
  /** Whether it sends pictures, and takes some. */
  readonly sends: boolean
  readonly takes: boolean
}

/** What becomes of a line. */
export interface PictureAnswer {
  /** Of VP8. */
  readonly payloadType: number
  /** Whether its pictures are taken, and how many bits of them a second. */
  readonly takes: boolean
  readonly bitrate: number
  /** The stream that it is sent; undefined if there is none. */
  readonly ssrc: number | undefined
  /** The header extension that names the line, if packets are to have it. */
  readonly midId: number | undefined
  /** Whether the browser is to let it come together with the sound: it does that with one picture alone. */
  readonly together: boolean
}

/** What the pictures of a leg are made with. */
export interface PictureParts {
  readonly settings: PictureSettings
  /** Random numbers of 32 bits. */
  readonly random: () => number
  readonly send: (data: Buffer) => void
}

/** How many times as much as it takes just now is left to a picture, so that it can grow. */
const ROOM = 1.25
/** Streams whose name came with their packets, at most. */
const MOST_LEARNT = 16

/**
 * The pictures of a leg. The first line carries its camera and the first slot, the second its screen and the screen that
 * it sees, each further one another slot.
 */
export class Pictures {
  readonly sources: Readonly<Record<PictureKind, Source>>
  readonly cameras: readonly Slot[]
  readonly screen: Slot
  /** When what the leg sends was taken, and is heard. */
  readonly timing = new Timing()
  #lines: readonly (PictureLine | undefined)[] = []
  readonly #kinds = new Map<number, PictureKind>()
  #learnt = 0
  /** Bits a second that get through to it, all slots together, as it says. */
  #bitrate: number | undefined
  readonly #settings: PictureSettings

  constructor({ settings, random, send }: PictureParts) {
    const own = random()
    const slot = (): Slot => {
      const made: Slot = new Slot({
        ssrc: random(),
        sequence: random() & 0xffff,
        timestamp: random(),
        send,
        bitrate: () => this.#share(made),
      })
      return made
    }
    this.#settings = settings
    this.sources = {
      camera: new Source(settings.bounds.camera, own, this.timing, send),
      screen: new Source(settings.bounds.screen, own, this.timing, send),
    }
    this.cameras = Array.from({ length: settings.slots }, slot)
    this.screen = slot()
  }

  /** The slot of an offer's line; undefined if it has none. */
  #slotAt(line: number): Slot | undefined {
    if (line === 1) return this.screen
    return this.cameras[line === 0 ? 0 : line - 1]
  }

  /** The leg has offered. @returns what becomes of each line */
  negotiate(lines: readonly (PictureLine | undefined)[]): readonly (PictureAnswer | undefined)[] {
    this.#lines = lines
    this.#kinds.clear()
    this.#learnt = 0
    for (const slot of [...this.cameras, this.screen]) slot.payloadType = undefined
    for (const [index, line] of lines.entries()) {
      const slot = this.#slotAt(index)
      if (line?.takes && slot) slot.payloadType = line.payloadType
    }
    for (const [index, kind] of KINDS.entries())
      for (const ssrc of lines[index]?.ssrcs ?? []) this.#kinds.set(ssrc, kind)
    return lines.map((line, index) => line && this.#answer(line, index))
  }

  #answer({ payloadType, sends, takes, midId }: PictureLine, index: number): PictureAnswer {
    const kind = KINDS[index]
    return {
      payloadType,
      takes: sends && kind !== undefined,
      bitrate: kind === undefined ? 0 : this.#settings.bounds[kind].most,
      ssrc: takes ? this.#slotAt(index)?.ssrc : undefined,
      midId: kind && midId,
      together: index === 0,
    }
  }

  /** Whether a packet is a picture's. @param payloadType what it says that it is */
  carries(payloadType: number): boolean {
    return this.#lines.some((line) => line?.payloadType === payloadType)
  }

  /** A packet of a picture has come. */
  take(data: Buffer, now: number): void {
    const packet = readRtp(data, undefined)
    if (!packet) return
    const kind = this.#kinds.get(packet.ssrc) ?? this.#learn(packet.ssrc, data)
    if (kind && this.#lines[KINDS.indexOf(kind)]?.payloadType === packet.payloadType) {
      this.sources[kind].take(packet, now)
    }
  }

  /** Whose packet it is, by the name that it carries. */
  #learn(ssrc: number, data: Buffer): PictureKind | undefined {
    const kind = KINDS.find((_, index) => {
      const { mid, midId } = this.#lines[index] ?? {}
      return midId !== undefined && readText(data, midId) === mid
    })
    if (kind && this.#learnt++ < MOST_LEARNT) this.#kinds.set(ssrc, kind)
    return kind
  }

  /** RTCP has come. */
  heed(data: Buffer, now: number): void {
    for (const feedback of readRtcp(data)) {
      if (feedback.type === 'bitrate') this.#bitrate = feedback.bitrate
      else if (feedback.type === 'sent') {
        const { ssrc, moment, instant } = feedback
        for (const kind of KINDS) this.sources[kind].reported(ssrc, moment, instant, now)
        if (instant) this.timing.reported(ssrc, instant)
      } else {
        const slot = this.#slots.find(({ ssrc }) => ssrc === feedback.ssrc)
        if (feedback.type === 'lost') slot?.resend(feedback.sequences, now)
        else slot?.wantKeyFrame(now)
      }
    }
  }

  get #slots(): readonly Slot[] {
    return [this.screen, ...this.cameras]
  }

  /**
   * The share of a slot in what gets through: as much as its picture may have of what all pictures may have that are seen,
   * and what the others leave of theirs. A still screen takes next to nothing, and browsers raise what they say gets
   * through only as more of it is used.
   */
  #share(own: Slot): number | undefined {
    const bitrate = this.#bitrate
    if (bitrate === undefined) return undefined
    const shown = this.#slots.filter(({ source }) => source)
    const all = shown.reduce((sum, slot) => sum + this.#mostOf(slot), 0)
    const fair = (slot: Slot): number => (bitrate * this.#mostOf(slot)) / Math.max(1, all)
    const others = shown.filter((slot) => slot !== own)
    const used = others.reduce((sum, slot) => sum + Math.min(fair(slot), (slot.source?.rate ?? 0) * ROOM), 0)
    return Math.max(fair(own), bitrate - used)
  }

  #mostOf(slot: Slot): number {
    return this.#settings.bounds[slot === this.screen ? 'screen' : 'camera'].most
  }

  /** What is to be told of the streams of its slots, as far as it is known when what they show was taken. */
  senders(at: number): readonly SenderInfo[] {
    return this.#slots.flatMap((slot) => slot.info(at) ?? [])
  }

  /** Slots in which somebody is seen. */
  get seen(): number {
    return this.#slots.filter(({ source, waits }) => source && !waits).length
  }

  /** Pictures that it sends. */
  sent(now: number): number {
    return KINDS.filter((kind) => this.sources[kind].isSending(now)).length
  }

  tick(now: number): void {
    for (const kind of KINDS) this.sources[kind].tick(now)
  }

  /** Sees nobody any more. */
  close(now: number): void {
    for (const slot of this.#slots) slot.show(undefined, now)
  }
}

/** In the order of their lines. */
const KINDS = ['camera', 'screen'] as const
