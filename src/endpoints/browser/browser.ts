/**
 * People at browser pages. Whoever has a page open is rung on all of their pages together; the first to answer has the
 * call. Rings live on the product's clock, in the core; sound and pages that are lost and come back on the wall clock.
 */
import type { Conversation } from '../../calls/conversation.ts'
import type { Address, Identity } from '../../calls/identity.ts'
import { failureReason } from '../../calls/reasons.ts'
import type { EndReason } from '../../calls/reasons.ts'
import type { Watching } from '../../calls/seeing.ts'
import type { LegEnd, LegState, SoundEngine } from '../../media/engine.ts'
import type { Clock, Ids } from '../../runtime.ts'
import type { Endpoint, LegEffect, Report } from '../endpoint.ts'
import type { Line, LinePhase, LinePlace } from './line.ts'
import { deviceOf, linkOf, readDevice, speakerAt, standingOf, stopConnecting } from './line.ts'
import { LineTable } from './line-table.ts'
import { Lookout } from './lookout.ts'

/** What the endpoint works with. */
export interface BrowserParts {
  /** The product's clock. */
  readonly clock: Clock
  readonly wall: Clock
  readonly ids: Ids
  readonly sound: SoundEngine
  /** How long a leg waits for its page, in milliseconds. */
  readonly reconnectTimeout: number
  /** How long its sound may take to connect, however often the page begins anew, in milliseconds. */
  readonly connectTimeout: number
  /** The conversation as it was last committed, if it is live. */
  readonly conversation: (id: string) => Conversation | undefined
}

/** What the endpoint tells those who keep the pages. */
export interface BrowserEvents {
  readonly onChange: (personId: string) => void
  readonly onSpeaking: (line: Line, speakers: Readonly<Record<string, number>>) => void
}

/** Which pages are there. */
export interface Pages {
  /** Whether somebody has a page open, or has just lost it. */
  has(personId: string): boolean
  hasPage(personId: string, page: string): boolean
}

/** A leg that somebody begins from a page. */
export interface Beginning {
  readonly callId: string
  readonly address: Address
  readonly page: string
  readonly place: LinePlace
  readonly other?: Identity
}

/** Thrown when a leg ends, or is taken by another page, while its sound is being connected. */
export class LineLost extends Error {
  override readonly name = 'LineLost'
}

/** How long an ended leg is shown, in milliseconds of real time. */
const SHOWN = 15_000

type LegEffectOf<Type extends LegEffect['type']> = Extract<LegEffect, { type: Type }>

/** The endpoint of people at browser pages. */
export class BrowserEndpoint implements Endpoint {
  readonly #parts: BrowserParts
  /** Ended ones, too, for a little while. */
  readonly #lines = new LineTable()
  readonly #lookout: Lookout
  #pages: Pages = { has: () => false, hasPage: () => false }
  #events: BrowserEvents = { onChange: () => undefined, onSpeaking: () => undefined }

  constructor(parts: BrowserParts) {
    this.#parts = parts
    this.#lookout = new Lookout(parts)
    parts.sound.on({
      onLeg: (soundId, state) => this.#heard(soundId, state),
      onTone: (soundId, tone) => this.#press(this.#lines.bySound(soundId), tone),
      onSpeaking: (conversationId, speakers) => {
        const levels = Object.fromEntries(speakers.map(({ speaker, level }) => [speaker, loudness(level)]))
        for (const line of this.#lines.in(conversationId)) this.#events.onSpeaking(line, levels)
      },
    })
  }

  /** Says who keeps the pages. */
  attend(pages: Pages, events: BrowserEvents): void {
    this.#pages = pages
    this.#events = events
  }

  /** Whether an effect is about a leg at a page, or that is to be rung at one. */
  takes(conversationId: string, effect: LegEffect): boolean {
    const { participantId, address } = effect
    if (readDevice(address) || this.#lines.at({ conversationId, participantId })) return true
    if (effect.type === 'MoveLeg') return this.#lines.at(effect.from) !== undefined
    return effect.type === 'Ring' && address.kind === 'user' && this.#pages.has(address.id)
  }

  perform(conversationId: string, effect: LegEffect, report: Report): void {
    const place = { conversationId, participantId: effect.participantId }
    switch (effect.type) {
      case 'Ring':
        return this.#ring(place, effect, report)
      case 'DropLeg':
        return this.#end(this.#lines.at(place), effect.reason)
      case 'ConnectLeg':
        return this.#connect(this.#found(place, effect, report, 'connecting'))
      case 'MoveLeg':
        return this.#move(place, effect, report)
      case 'WatchLeg': {
        const line = this.#found(place, effect, report, effect.state === 'calling' ? 'calling' : 'up')
        return this.#turn(line, effect.state === 'calling' ? 'calling' : 'up', effect.since)
      }
    }
  }

  /** Somebody has left, or was put out by other means than an effect. */
  left(place: LinePlace): void {
    this.#end(this.#lines.at(place), { name: 'left' })
  }

  /** A conversation was committed: whoever is at a page sees it as it is now. */
  follow({ id }: Conversation): void {
    for (const line of this.#lines.in(id)) {
      this.#lookout.look(line)
      this.#changed(line)
    }
  }

  /** Forgets every leg, without reports. */
  stop(): void {
    const lines = this.#lines.all()
    for (const line of lines) {
      line.cancelWait?.()
      this.#dropSound(line)
    }
    this.#lines.clear()
    for (const line of lines) this.#changed(line)
  }

  /** Somebody's legs, the newest first; those that have just ended, too. */
  linesOf(personId: string): readonly Line[] {
    return [...this.#lines.of(personId)].toReversed()
  }

  /** Somebody's leg by the name that pages have for it. */
  line(personId: string, callId: string): Line | undefined {
    return this.linesOf(personId).find((line) => line.callId === callId && line.phase !== 'ended')
  }

  // What pages do

  /** A page answers a ring: it has the call from this moment on. @throws MediaError: it rings on */
  async answer(line: Line, page: string, offer: string): Promise<string> {
    line.page = page
    this.#turn(line, 'connecting')
    try {
      const answer = await this.#bringSound(line, offer)
      const { participantId } = line.place
      line.report?.({ type: 'LegAnswered', participantId, ...linkOf(line), device: deviceOf(line) })
      this.#connect(line)
      return answer
    } catch (error) {
      // Nobody brings the sound any more, and it is not over.
      if (isPhase(line, 'connecting') && line.soundId === undefined) this.#ringOn(line)
      throw error
    }
  }

  #ringOn(line: Line): void {
    delete line.page
    this.#stopWaiting(line)
    line.sound = 'none'
    this.#turn(line, 'ringing')
  }

  /** A page begins a leg of its own accord. Its conversation hears of it by other ways. @throws MediaError */
  async begin(beginning: Beginning, offer: string): Promise<{ readonly line: Line; readonly answer: string }> {
    const line: Line = {
      ...beginning,
      direction: 'outgoing',
      phase: 'connecting',
      since: this.#parts.clock.now(),
      sound: 'connecting',
    }
    this.#add(line)
    try {
      return { line, answer: await this.#bringSound(line, offer) }
    } catch (error) {
      this.#forget(line)
      throw error
    }
  }

  /** Does something as soon as a leg's sound is connected. */
  whenUp(line: Line, arrive: () => void): void {
    line.arrive = arrive
    if (line.sound === 'connected') this.#arrive(line)
  }

  /** A leg that was begun at a page is in its conversation, or on the way. */
  begun(line: Line, phase: 'calling' | 'up', report: Report): void {
    line.report = report
    if (line.phase === 'connecting') this.#turn(line, phase)
    // They hung up before they were in.
    else if (line.phase === 'ended') report({ type: 'LegLeft', participantId: line.place.participantId })
  }

  /** A page has a new connection for a leg that was lost, or that another page had. @throws MediaError */
  async rejoin(line: Line, page: string, offer: string): Promise<string> {
    // Another page has other slots, and begins with its own patience.
    if (line.page !== page) {
      delete line.watching
      stopConnecting(line)
    }
    line.page = page
    const answer = await this.#bringSound(line, offer)
    if (line.phase === 'up') this.#up(line)
    else if (line.phase === 'connecting' && !line.arrive) {
      const told = { ...linkOf(line), device: deviceOf(line) }
      line.report?.({ type: 'LegAnswered', participantId: line.place.participantId, ...told })
      this.#connect(line)
    }
    return answer
  }

  /** The connection of a leg offers anew. @throws MediaError */
  async renegotiate(line: Line, offer: string): Promise<string> {
    return this.#parts.sound.renegotiate(line.soundId ?? '', offer)
  }

  /** A page says no. */
  decline(line: Line): void {
    const reason = failureReason('declined', 'user')
    line.report?.({ type: 'LegFailed', participantId: line.place.participantId, ...linkOf(line), reason })
    this.#end(line, reason)
  }

  /** A page hangs up. */
  hangUp(line: Line): void {
    line.report?.({ type: 'LegLeft', participantId: line.place.participantId, ...linkOf(line) })
    this.#end(line, { name: 'left' })
  }

  /** A page presses a key. */
  press(line: Line, tone: Parameters<SoundEngine['sendTone']>[1]): void {
    this.#press(line, tone)
  }

  /** A page says whom it wants to see. */
  watch(line: Line, watching: Watching): void {
    this.#lookout.watch(line, watching)
  }

  /** What a page has begun comes to nothing. */
  fail(line: Line, reason: EndReason): void {
    this.#end(line, reason)
  }

  /** A page has come or gone. */
  pageChanged(personId: string, page: string): void {
    for (const line of this.#lines.of(personId)) if (line.page === page) this.#checkPage(line)
  }

  // What the core asks for

  #ring(place: LinePlace, { address, caller, since, link }: LegEffectOf<'Ring'>, report: Report): void {
    const known = this.#lines.at(place)
    const before = readDevice(address)
    // Better nobody rings than that everybody stutters.
    if (!known && !before && !this.#parts.sound.admits()) {
      const reason = { name: 'no-sound-capacity' } as const
      const { participantId } = place
      return report({ type: 'LegFailed', participantId, ...(link !== undefined && { link }), reason })
    }
    const line: Line = known ?? {
      callId: before?.callId ?? place.participantId,
      direction: 'incoming',
      other: caller,
      address,
      place,
      report,
      phase: 'ringing',
      since,
      sound: 'none',
      ...(link !== undefined && { link }),
    }
    if (!known) this.#add(line)
    report({ type: 'LegRinging', participantId: place.participantId, ...linkOf(line), device: deviceOf(line) })
    // It was answered before a restart.
    if (known || before?.page === undefined) return
    line.page = before.page
    line.sound = 'wanted'
    this.#turn(line, 'connecting')
    this.#checkPage(line)
  }

  /** The leg in a place; after a restart, one that is known by what the core remembers of it. */
  #found(
    place: LinePlace,
    { address }: { readonly address: Address },
    report: Report,
    phase: Exclude<LinePhase, 'ended'>,
  ): Line {
    const known = this.#lines.at(place)
    if (known) {
      known.report = report
      return known
    }
    const { callId = place.participantId, page } = readDevice(address) ?? {}
    const since = this.#parts.clock.now()
    const line: Line = { callId, direction: 'incoming', address, place, report, phase, since, sound: 'wanted' }
    if (page !== undefined) line.page = page
    this.#add(line)
    this.#checkPage(line)
    return line
  }

  /** The leg is to be up: it is as soon as its sound is. */
  #connect(line: Line): void {
    this.#turn(line, 'connecting')
    this.whenUp(line, () => this.#up(line))
  }

  #up(line: Line): void {
    const { participantId } = line.place
    const told = { participantId, ...linkOf(line), device: deviceOf(line) }
    this.#turn(line, 'up')
    line.report?.({ type: 'LegConnected', ...told, endpointType: 'default', lobby: false })
  }

  /** Into another conversation, as they are: nothing rings, and whoever was muted or away stays it. */
  #move(place: LinePlace, effect: LegEffectOf<'MoveLeg'>, report: Report): void {
    const before = this.#lines.at(effect.from)
    const { participantId } = place
    const conversation = before && this.#parts.conversation(before.place.conversationId)
    const acts = before ? standingOf(conversation, before.place, participantId) : []
    const line = before ?? this.#found(place, effect, report, 'up')
    if (before) {
      this.#lines.move(line, place)
      line.report = report
    }
    this.#turn(line, 'up')
    report({ type: 'LegConnected', participantId, endpointType: 'default', lobby: false, device: deviceOf(line) })
    for (const act of acts) report(act)
    if (line.soundId === undefined) return
    this.#parts.sound.enter(line.soundId, speakerAt(place))
    this.#lookout.begin(line)
  }

  // Sound

  /** Connects a page's offer, in place of the connection that the leg had. @throws MediaError */
  async #bringSound(line: Line, offer: string): Promise<string> {
    this.#dropSound(line)
    const { ids, wall, connectTimeout } = this.#parts
    const soundId = ids.guid()
    this.#lines.nameSound(line, soundId)
    line.sound = 'connecting'
    line.cancelConnect ??= wall.schedule(wall.now() + connectTimeout, () => this.#lost(line, 'neverConnected'))
    this.#checkPage(line)
    try {
      const answer = await this.#parts.sound.connect(soundId, offer)
      if (line.soundId !== soundId) throw new LineLost()
      this.#parts.sound.enter(soundId, speakerAt(line.place))
      this.#lookout.begin(line)
      return answer
    } catch (error) {
      if (line.soundId === soundId) this.#want(line)
      throw error
    }
  }

  /** Without sound, a leg waits for its page to bring another one. */
  #want(line: Line): void {
    this.#dropSound(line)
    stopConnecting(line)
    line.sound = 'wanted'
    this.#checkPage(line)
  }

  #dropSound(line: Line): void {
    if (line.soundId !== undefined) this.#parts.sound.disconnect(line.soundId)
    this.#lines.forgetSound(line)
  }

  #heard(soundId: string, state: LegState): void {
    const line = this.#lines.bySound(soundId)
    if (!line) return
    if (state.name !== 'closed') {
      line.sound = state.name
      if (state.name !== 'connecting') stopConnecting(line)
      this.#checkPage(line)
      if (state.name === 'connected') this.#arrive(line)
    } else this.#lost(line, state.why)
  }

  #lost(line: Line, why: LegEnd): void {
    if (line.phase === 'connecting' && why !== 'engineLost') this.#giveUp(line, 'media-failed')
    else this.#want(line)
  }

  #arrive(line: Line): void {
    const { arrive } = line
    delete line.arrive
    arrive?.()
  }

  #press(line: Line | undefined, tone: Parameters<SoundEngine['sendTone']>[1]): void {
    if (line?.phase === 'up') line.report?.({ type: 'TonePressed', participantId: line.place.participantId, tone })
  }

  // Pages that are lost

  /** A leg without its page, or without sound, waits for a while. */
  #checkPage(line: Line): void {
    this.#changed(line)
    const { phase, page, address, sound } = line
    if (phase === 'ringing' || phase === 'ended') return
    const isThere = page !== undefined && this.#pages.hasPage(address.id, page)
    if (isThere && sound !== 'wanted') {
      // Whoever tries again and again does not wait the longer for it.
      if (sound !== 'connecting') this.#stopWaiting(line)
      return
    }
    if (line.cancelWait) return
    const { wall, clock, reconnectTimeout } = this.#parts
    line.rejoinBy = clock.now() + reconnectTimeout
    line.cancelWait = wall.schedule(wall.now() + reconnectTimeout, () => {
      delete line.cancelWait
      const isBack = line.page !== undefined && this.#pages.hasPage(line.address.id, line.page)
      if (isBack) this.#giveUp(line, 'media-lost')
      else this.hangUp(line)
    })
  }

  #stopWaiting(line: Line): void {
    stopConnecting(line)
    line.cancelWait?.()
    delete line.cancelWait
    delete line.rejoinBy
  }

  /** The sound of a leg does not come, or not any more. */
  #giveUp(line: Line, name: 'media-failed' | 'media-lost'): void {
    const { participantId } = line.place
    line.report?.({ type: 'LegFailed', participantId, ...linkOf(line), reason: { name } })
    this.#end(line, { name })
  }

  // The table of legs

  #turn(line: Line, phase: LinePhase, since = this.#parts.clock.now()): void {
    if (line.phase !== phase) {
      line.phase = phase
      line.since = since
    }
    this.#changed(line)
  }

  #end(line: Line | undefined, reason: EndReason): void {
    if (!line || line.phase === 'ended') return
    this.#stopWaiting(line)
    this.#dropSound(line)
    line.end = reason
    line.sound = 'none'
    delete line.arrive
    this.#lines.leave(line)
    this.#turn(line, 'ended')
    this.#parts.wall.schedule(this.#parts.wall.now() + SHOWN, () => this.#forget(line))
  }

  #add(line: Line): void {
    this.#lines.add(line)
    this.#changed(line)
  }

  #forget(line: Line): void {
    this.#stopWaiting(line)
    this.#dropSound(line)
    this.#lines.remove(line)
    this.#changed(line)
  }

  #changed(line: Line): void {
    this.#events.onChange(line.address.id)
  }
}

/** A leg can have come to its end while something was waited for. */
function isPhase(line: Line, phase: LinePhase): boolean {
  return line.phase === phase
}

/** Decibels below full scale as a share: 60 dB down is silence. */
function loudness(level: number): number {
  return Math.max(0, Math.min(1, 1 + level / 60))
}
