/** Everything that happens in the engine's process: its legs, its rooms, and 50 times a second a frame of each. */
import type { Cancel, Clock } from '../../runtime.ts'
import { metronome } from '../../runtime.ts'
import type { HeardSpan, Place } from '../engine.ts'
import { Galleries } from '../forward/galleries.ts'
import { FRAME } from '../mixer/frames.ts'
import type { BrowserLegParts } from './browser-leg.ts'
import { BrowserLeg } from './browser-leg.ts'
import type { Leg } from './leg.ts'
import { PcmMember } from './leg.ts'
import type { Meters } from './meters.ts'
import type { Opus } from './opus.ts'
import { Outbox } from './outbox.ts'
import { OfferError } from './peer.ts'
import type { PlayOrder } from './player.ts'
import { Player } from './player.ts'
import type { FromStudio, StudioHealth, StudioSettings, ToStudio } from './protocol.ts'
import { Room } from './room.ts'
import { RtpLeg } from './rtp-leg.ts'
import { NoPortError } from './rtp-socket.ts'

/** What a studio is made with. */
export interface StudioParts {
  readonly settings: StudioSettings
  readonly opus: Opus
  readonly clock: Clock
  readonly meters: Meters
  readonly random: () => number
  /** Milliseconds of processor time that have been used: by the thread that mixes, and by all. */
  readonly used: () => Used
  readonly tell: (message: FromStudio) => void
}

/** Processor time, in milliseconds. */
export interface Used {
  readonly thread: number
  readonly all: number
}

/** How much a second counts in what is told of the load. */
const WEIGHT = 0.4

/** A tick later than this is late; milliseconds. */
const LATE = FRAME / 2
/** Ticks in a second. */
const SECOND = 1000 / FRAME
/** Ticks after which it is told who heard whom. */
const TELL = 10

/** The engine's process. */
export class Studio {
  readonly #parts: StudioParts
  readonly #legs = new Map<string, Leg>()
  readonly #rooms = new Map<string, Room>()
  readonly #galleries = new Galleries()
  readonly #sounds = new Map<number, Int16Array>()
  readonly #outbox: Outbox
  readonly #stopTicking: Cancel
  /** When tick 0 was. */
  readonly #begun: number
  #tick = 0
  #heard: HeardSpan[] = []
  #counts = { ticks: 0, lateTicks: 0, worstLate: 0 }
  #measured: { readonly at: number; readonly used: Used; readonly passed: number }
  #load = { thread: 0, all: 0 }

  constructor(parts: StudioParts) {
    this.#parts = parts
    this.#outbox = new Outbox(parts.meters)
    this.#begun = parts.clock.now()
    this.#measured = { at: this.#begun, used: parts.used(), passed: 0 }
    this.#stopTicking = metronome(FRAME, (tick, late) => this.#onTick(tick, late))
  }

  /** Does what the server says. */
  take(message: ToStudio): void {
    switch (message.type) {
      case 'open':
        return
      case 'connect':
        return void this.#answer(message.request, message.offer, this.#browserLeg(message.legId))
      case 'renegotiate':
        return void this.#answer(message.request, message.offer, this.#legs.get(message.legId))
      case 'connectRtp':
        return void this.#openRtp(message.request, message.legId)
      case 'agree': {
        const leg = this.#legs.get(message.legId)
        if (leg instanceof RtpLeg) leg.agree(message.terms)
        return
      }
      case 'connectPcm':
        return this.#connectPcm(message.legId, message.hears)
      case 'say':
        return this.#say(message.legId, message.samples)
      case 'enter':
        return this.#enter(message.legId, message.place)
      case 'leave':
        return this.#leave(this.#legs.get(message.legId))
      case 'disconnect':
        return this.#disconnect(message.legId)
      case 'watch':
        if (!this.#legs.has(message.legId)) return
        return this.#galleries.watch(message.legId, message.views, this.#parts.clock.now())
      case 'arrange':
        this.#room(message.conversationId).arrange(message.hearing)
        return this.#closeIfEmpty(message.conversationId)
      case 'play':
        return this.#play(message.order, message.soundId)
      case 'stop':
        this.#rooms.get(message.conversationId)?.stop(message.playId)
        return this.#closeIfEmpty(message.conversationId)
      case 'sound':
        return this.#keep(message)
      case 'forget':
        this.#sounds.delete(message.soundId)
        return
      case 'listen':
        this.#room(message.conversationId).listened = message.on
        return this.#closeIfEmpty(message.conversationId)
      case 'tone':
        return this.#legs.get(message.legId)?.press?.(message.tone, message.duration)
      case 'close':
        return this.close()
    }
  }

  #browserLeg(legId: string): BrowserLeg {
    const leg = new BrowserLeg(legId, this.#partsOf(legId))
    this.#disconnect(legId)
    this.#legs.set(legId, leg)
    return leg
  }

  /** What a leg over the network is made with. */
  #partsOf(legId: string): BrowserLegParts {
    const { settings, tell } = this.#parts
    return {
      ...this.#parts,
      outbox: this.#outbox,
      rate: settings.opus.rate,
      time: () => this.#at(this.#tick),
      peer: settings.peer,
      pictures: settings.pictures,
      limits: settings.legLimits,
      onState: (name) => tell({ type: 'leg', legId, state: { name } }),
      onTone: (tone) => tell({ type: 'tone', legId, tone }),
      onEnd: (why) => {
        this.#disconnect(legId)
        tell({ type: 'leg', legId, state: { name: 'closed', why } })
      },
    }
  }

  async #openRtp(request: number, legId: string): Promise<void> {
    const { tell } = this.#parts
    const leg = new RtpLeg(legId, this.#partsOf(legId))
    this.#disconnect(legId)
    this.#legs.set(legId, leg)
    try {
      tell({ type: 'answered', request, answer: await leg.open() })
    } catch (error) {
      if (this.#legs.get(legId) === leg) this.#disconnect(legId)
      const message = error instanceof NoPortError ? error.message : String(error)
      tell({ type: 'refused', request, code: 'noCapacity', message })
    }
  }

  async #answer(request: number, offer: string, leg: Leg | undefined): Promise<void> {
    const { tell } = this.#parts
    if (!(leg instanceof BrowserLeg)) {
      tell({ type: 'refused', request, code: 'engineDown', message: 'This connection is not there any more.' })
      return
    }
    try {
      tell({ type: 'answered', request, answer: await leg.answer(offer) })
    } catch (error) {
      if (!leg.connected) this.#disconnect(leg.id)
      const message = error instanceof OfferError ? error.message : String(error)
      tell({ type: 'refused', request, code: 'badOffer', message })
    }
  }

  #connectPcm(legId: string, hears: 'mix' | 'voices'): void {
    const { settings, tell } = this.#parts
    this.#disconnect(legId)
    const leg = new PcmMember(legId, hears, settings.opus.rate, (frames) => {
      const at = this.#at(this.#tick)
      tell({ type: 'frames', legId, frames: frames.map((frame) => ({ ...frame, at })) })
    })
    this.#legs.set(legId, leg)
  }

  #say(legId: string, samples: Int16Array): void {
    const leg = this.#legs.get(legId)
    if (leg instanceof PcmMember) leg.add(samples)
  }

  #enter(legId: string, place: Place): void {
    const leg = this.#legs.get(legId)
    if (!leg) return
    if (leg.place?.conversationId !== place.conversationId) this.#leave(leg)
    leg.place = place
    this.#room(place.conversationId).enter(leg)
    if (leg instanceof BrowserLeg && leg.pictures)
      this.#galleries.enter(leg.id, leg.pictures, place, this.#parts.clock.now())
  }

  #leave(leg: Leg | undefined): void {
    if (!leg) return
    this.#galleries.leave(leg.id, this.#parts.clock.now())
    if (!leg.place) return
    const { conversationId } = leg.place
    leg.place = undefined
    this.#rooms.get(conversationId)?.leave(leg)
    this.#closeIfEmpty(conversationId)
  }

  #disconnect(legId: string): void {
    const leg = this.#legs.get(legId)
    if (!leg) return
    this.#leave(leg)
    this.#legs.delete(legId)
    leg.close()
  }

  #keep({ soundId, length, at, samples }: Extract<ToStudio, { type: 'sound' }>): void {
    let sound = this.#sounds.get(soundId)
    if (!sound) this.#sounds.set(soundId, (sound = new Int16Array(length)))
    sound.set(samples.subarray(0, Math.max(0, sound.length - at)), at)
  }

  #play(order: PlayOrder, soundId: number): void {
    const sound = this.#sounds.get(soundId)
    if (sound) this.#room(order.place.conversationId).play(new Player(order, sound, this.#parts.settings.opus.rate))
  }

  #room(conversationId: string): Room {
    const known = this.#rooms.get(conversationId)
    if (known) return known
    const { settings, tell } = this.#parts
    const room = new Room({ ...this.#parts, rate: settings.opus.rate }, settings.loudest, {
      onSpeaking: (speakers) => tell({ type: 'speaking', conversationId, speakers }),
      onHeard: (spans) => this.#noteHeard(conversationId, spans),
      onVoices: (voices) => tell({ type: 'voices', conversationId, at: this.#at(this.#tick), ...voices }),
    })
    this.#rooms.set(conversationId, room)
    return room
  }

  #noteHeard(conversationId: string, spans: readonly Omit<HeardSpan, 'conversationId'>[]): void {
    for (const span of spans) {
      this.#heard.push({ ...span, conversationId, from: this.#at(span.from), until: this.#at(span.until) })
    }
  }

  /** Who was heard is told together, a few times a second: each telling costs more than what is in it. */
  #tellHeard(): void {
    if (this.#heard.length > 0) this.#parts.tell({ type: 'heard', at: this.#at(this.#tick), spans: this.#heard })
    this.#heard = []
  }

  #closeIfEmpty(conversationId: string): void {
    const room = this.#rooms.get(conversationId)
    if (!room?.isEmpty) return
    this.#rooms.delete(conversationId)
    this.#noteHeard(conversationId, room.close(this.#tick))
  }

  /** When a tick was, in milliseconds since the epoch. */
  #at(tick: number): number {
    return this.#begun + tick * FRAME
  }

  #onTick(tick: number, late: number): void {
    this.#tick = tick
    const counts = this.#counts
    counts.ticks++
    if (late > LATE) counts.lateTicks++
    counts.worstLate = Math.max(counts.worstLate, late)
    for (const leg of this.#legs.values()) if (!leg.place) idle(leg)
    for (const room of this.#rooms.values()) room.listen(tick)
    for (const room of this.#rooms.values()) room.speak(tick)
    this.#outbox.send()
    this.#galleries.tick(this.#parts.clock.now())
    if (tick % TELL === 0) this.#tellHeard()
    if (tick % SECOND === 0) this.#everySecond()
  }

  #everySecond(): void {
    for (const leg of this.#legs.values()) leg.check?.()
    for (const conversationId of this.#rooms.keys()) this.#closeIfEmpty(conversationId)
    this.#parts.tell({ type: 'health', health: this.#health() })
    this.#counts = { ...this.#counts, worstLate: 0 }
  }

  #health(): StudioHealth {
    const { clock, used, meters } = this.#parts
    const [at, spent, before] = [clock.now(), used(), this.#measured]
    const passed = Math.max(1, at - before.at)
    const share = (what: keyof Used): number => {
      const now = (spent[what] - before.used[what]) / passed
      return this.#load[what] + (now - this.#load[what]) * WEIGHT
    }
    this.#load = { thread: share('thread'), all: share('all') }
    const packets = Math.round(((meters.passed - before.passed) * 1000) / passed)
    this.#measured = { at, used: spent, passed: meters.passed }
    const { thread: load, all: cores } = this.#load
    const [rooms, legs, pictures] = [this.#rooms.size, this.#legs.size, { ...this.#galleries.count(at), packets }]
    return { rooms, legs, load, cores, cost: meters.cost, pictures, ...this.#counts }
  }

  /** Ends everything. */
  close(): void {
    this.#stopTicking()
    for (const legId of this.#legs.keys()) this.#disconnect(legId)
    for (const room of this.#rooms.values()) room.close(this.#tick)
    this.#rooms.clear()
  }
}

/** A leg outside of rooms hears nothing, and what it says is thrown away. */
function idle(leg: Leg): void {
  leg.turn()
  leg.hear(undefined)
}
