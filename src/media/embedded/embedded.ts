/**
 * The engine that comes with the server: a process of its own, so that call control never waits for sound, nor sound for
 * call control. It is started with the first leg. If it breaks down its legs are lost, which is told, and the next leg
 * starts it anew; what was arranged and played is said to it again.
 */
import type { Hearing } from '../../calls/hearing.ts'
import type { Tone } from '../../calls/media.ts'
import type { Clock } from '../../runtime.ts'
import type {
  EngineHealth,
  HeardSpan,
  PcmLeg,
  PcmOptions,
  Place,
  Playing,
  PlayOptions,
  RtpPlace,
  RtpTerms,
  SoundEngine,
  SoundEvents,
  Views,
  Voice,
} from '../engine.ts'
import { MediaError } from '../engine.ts'
import { FRAME } from '../mixer/frames.ts'
import type { CapacityLimits } from './capacity.ts'
import { capacityLeft, shareOfLeg } from './capacity.ts'
import { PCM_QUEUE } from './leg.ts'
import { Performances } from './performances.ts'
import { StudioProcess } from './process.ts'
import type { FromStudio, StudioHealth, StudioSettings, ToStudio } from './protocol.ts'
import { readTerms } from './rtp-terms.ts'

/** What the engine is made with. */
export interface EmbeddedEngineParts {
  /** Real time, whatever calls live on. */
  readonly clock: Clock
  readonly settings: StudioSettings
  readonly capacity: CapacityLimits
  readonly onFault: (fault: unknown) => void
}

/** How long a leg may take to be answered; milliseconds. */
const ANSWER = 10_000
/** Breakdowns within this time, in milliseconds, after which it is not started again until it is over. */
const BREAKDOWN_WINDOW = 60_000
const MOST_BREAKDOWNS = 5
/** Samples of an application's own leg that may be ahead of time. */
const PCM_AHEAD = PCM_QUEUE - 16_000
const PCM_PER_MILLISECOND = 16
/** What was heard is told this long after it at most, in milliseconds, by clocks that agree. */
const APART = 2000

const IDLE: StudioHealth = {
  rooms: 0,
  legs: 0,
  load: 0,
  cores: 0,
  cost: { decode: 0, encode: 0, mix: 0, packet: 0, picture: 0 },
  pictures: { sent: 0, seen: 0, packets: 0 },
  ticks: 0,
  lateTicks: 0,
  worstLate: 0,
}

interface Question {
  readonly resolve: (answer: string | RtpPlace) => void
  readonly reject: (error: MediaError) => void
  readonly cancel: () => void
}

/** A leg as the server knows it. */
interface Member {
  readonly pcm: PcmOptions | undefined
  /** What it said before it was there; absent from then on. */
  early?: ToStudio[]
}

/** The embedded engine. */
export class EmbeddedEngine implements SoundEngine {
  readonly #parts: EmbeddedEngineParts
  readonly #observers: SoundEvents[] = []
  readonly #legs = new Map<string, Member>()
  readonly #questions = new Map<number, Question>()
  readonly #performances: Performances
  #process: StudioProcess | undefined
  #starting: Promise<StudioProcess> | undefined
  #request = 0
  #health = IDLE
  #restarts = 0
  #refused = 0
  #breakdowns: number[] = []
  #closed = false

  constructor(parts: EmbeddedEngineParts) {
    this.#parts = parts
    this.#performances = new Performances(parts.clock, (message) => this.#process?.send(message))
  }

  async connect(legId: string, offer: string): Promise<string> {
    return this.#open(legId, (process) =>
      this.#ask<string>(process, { type: 'connect', request: ++this.#request, legId, offer }),
    )
  }

  async connectRtp(legId: string, terms?: RtpTerms): Promise<RtpPlace> {
    const agreed = terms && this.#read(terms)
    return this.#open(legId, async (process) => {
      const place = await this.#ask<RtpPlace>(process, { type: 'connectRtp', request: ++this.#request, legId })
      if (agreed) process.send({ type: 'agree', legId, terms: agreed })
      return place
    })
  }

  /** A leg is there from now on, unless it does not come about, or is disconnected before the process has started. */
  async #open<T>(legId: string, connect: (process: StudioProcess) => Promise<T>): Promise<T> {
    this.#admit(legId)
    const member: Member = { pcm: undefined }
    this.#legs.set(legId, member)
    try {
      const process = await this.#start()
      if (this.#legs.get(legId) !== member)
        throw new MediaError('engineDown', 'The connection was ended before it was there.')
      return await connect(process)
    } catch (error) {
      if (this.#legs.get(legId) === member) this.disconnect(legId)
      throw error
    }
  }

  agree(legId: string, terms: RtpTerms): void {
    const agreed = this.#read(terms)
    if (this.#legs.has(legId)) this.#process?.send({ type: 'agree', legId, terms: agreed })
  }

  #read(terms: RtpTerms): RtpTerms {
    const read = readTerms(terms, this.#parts.settings.peer.address)
    if ('problem' in read) throw new MediaError('badOffer', read.problem)
    return read
  }

  async renegotiate(legId: string, offer: string): Promise<string> {
    if (!this.#legs.has(legId) || !this.#process)
      throw new MediaError('engineDown', 'This connection is not there any more.')
    return this.#ask<string>(this.#process, { type: 'renegotiate', request: ++this.#request, legId, offer })
  }

  #admit(legId: string): void {
    if (this.#legs.has(legId)) return
    if (this.#closed) throw new MediaError('engineDown', 'The media engine is closed.')
    if (!this.admits()) {
      this.#mayStart()
      throw new MediaError(
        'noCapacity',
        `There are ${this.#legs.size} connections with sound, and no more can be mixed without harm.`,
      )
    }
  }

  #mayStart(): void {
    if (this.#downFor() > 0)
      throw new MediaError('engineDown', 'The media engine broke down too often in the last minute.')
  }

  #start(): Promise<StudioProcess> {
    if (this.#closed) return Promise.reject(new MediaError('engineDown', 'The media engine is closed.'))
    if (this.#process) return Promise.resolve(this.#process)
    this.#starting ??= this.#launch().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  async #launch(): Promise<StudioProcess> {
    const { clock, settings } = this.#parts
    this.#mayStart()
    const process = new StudioProcess(settings, clock, {
      onMessage: (message) => this.#hear(message),
      onLost: (reason) => this.#lost(reason),
    })
    try {
      await process.opened
    } catch (error) {
      throw new MediaError('engineDown', `${error instanceof Error ? error.message : String(error)}.`)
    }
    this.#process = process
    if (this.#closed) await this.#end(process)
    this.#performances.begin()
    return process
  }

  #ask<T extends string | RtpPlace>(
    process: StudioProcess,
    question: ToStudio & { readonly request: number },
  ): Promise<T> {
    const { clock } = this.#parts
    return new Promise((resolve, reject) => {
      const cancel = clock.schedule(clock.now() + ANSWER, () => {
        this.#questions.delete(question.request)
        reject(new MediaError('engineDown', 'The media engine did not answer in time.'))
      })
      this.#questions.set(question.request, { resolve: (answer) => resolve(answer as T), reject, cancel })
      process.send(question)
    })
  }

  connectPcm(legId: string, options: PcmOptions): PcmLeg {
    this.#admit(legId)
    const { clock } = this.#parts
    this.#legs.set(legId, { pcm: options, early: [] })
    void this.#startPcm(legId, options)
    let saidUntil = 0
    return {
      say: (samples) => {
        const member = this.#legs.get(legId)
        const now = clock.now()
        const ahead = Math.max(0, saidUntil - now) * PCM_PER_MILLISECOND
        if (!member || ahead + samples.length > PCM_AHEAD) return false
        const message = { type: 'say', legId, samples } as const
        // What is said before the process has started waits for it.
        if (member.early) member.early.push(message)
        else if (!this.#process?.send(message)) return false
        saidUntil = Math.max(now, saidUntil) + samples.length / PCM_PER_MILLISECOND
        return true
      },
    }
  }

  async #startPcm(legId: string, { hears }: PcmOptions): Promise<void> {
    try {
      const process = await this.#start()
      const member = this.#legs.get(legId)
      if (!member) return
      process.send({ type: 'connectPcm', legId, hears })
      this.#performances.reseat(legId)
      for (const message of member.early ?? []) process.send(message)
      delete member.early
      this.#tell('onLeg', legId, { name: 'connected' })
    } catch (error) {
      this.#parts.onFault(error)
      this.#lose(legId)
    }
  }

  enter(legId: string, place: Place): void {
    if (this.#legs.has(legId)) this.#performances.enter(legId, place)
  }

  leave(legId: string): void {
    this.#performances.leave(legId)
  }

  disconnect(legId: string): void {
    if (!this.#legs.delete(legId)) return
    this.#performances.leave(legId)
    this.#process?.send({ type: 'disconnect', legId })
  }

  watch(legId: string, views: Views): void {
    if (this.#legs.has(legId)) this.#process?.send({ type: 'watch', legId, views })
  }

  arrange(conversationId: string, hearing: Hearing | undefined): void {
    this.#performances.arrange(conversationId, hearing)
  }

  play(place: Place, samples: Int16Array, options: PlayOptions = {}): Playing {
    return this.#performances.play(place, samples, options)
  }

  listen(conversationId: string, on: (voice: Voice) => void): () => void {
    return this.#performances.listen(conversationId, on)
  }

  sendTone(legId: string, tone: Tone, duration: number): void {
    this.#process?.send({ type: 'tone', legId, tone, duration: Math.max(FRAME, Math.min(duration, 10_000)) })
  }

  on(events: SoundEvents): void {
    this.#observers.push(events)
  }

  #tell<K extends keyof SoundEvents>(event: K, ...told: Parameters<NonNullable<SoundEvents[K]>>): void {
    for (const observer of this.#observers) {
      const hear = observer[event] as ((...told: unknown[]) => void) | undefined
      hear?.apply(observer, told)
    }
  }

  #hear(message: FromStudio): void {
    switch (message.type) {
      case 'open':
      case 'closed':
        return
      case 'answered':
        return this.#settle(message.request, (question) => question.resolve(message.answer))
      case 'refused':
        return this.#settle(message.request, (question) =>
          question.reject(new MediaError(message.code, message.message)),
        )
      case 'leg':
        if (message.state.name === 'closed') this.#forget(message.legId)
        return this.#tell('onLeg', message.legId, message.state)
      case 'tone':
        return this.#tell('onTone', message.legId, message.tone)
      case 'speaking':
        return this.#tell('onSpeaking', message.conversationId, message.speakers)
      case 'heard':
        return this.#tell('onHeard', this.#placed(message))
      case 'voices':
        return this.#performances.hear(message)
      case 'frames':
        return this.#legs.get(message.legId)?.pcm?.onFrames(message.frames)
      case 'health':
        this.#health = message.health
    }
  }

  /** The process counts the time by itself: where its clock and this one have come apart, this one's is told. */
  #placed({ at, spans }: Extract<FromStudio, { type: 'heard' }>): readonly HeardSpan[] {
    const ahead = this.#parts.clock.now() - at
    if (Math.abs(ahead) < APART) return spans
    return spans.map((span) => ({ ...span, from: span.from + ahead, until: span.until + ahead }))
  }

  #settle(request: number, settle: (question: Question) => void): void {
    const question = this.#questions.get(request)
    if (!question) return
    this.#questions.delete(request)
    question.cancel()
    settle(question)
  }

  #forget(legId: string): void {
    this.#legs.delete(legId)
    this.#performances.leave(legId)
  }

  /** The process ended by itself: what was connected is lost. */
  #lost(reason: string): void {
    this.#process = undefined
    this.#health = IDLE
    this.#restarts++
    this.#breakdowns.push(this.#parts.clock.now())
    this.#parts.onFault(new Error(`the media engine broke down: ${reason}`))
    for (const request of this.#questions.keys()) {
      this.#settle(request, ({ reject }) => reject(new MediaError('engineDown', 'The media engine broke down.')))
    }
    for (const legId of this.#legs.keys()) this.#lose(legId)
    this.#performances.interrupt()
  }

  #lose(legId: string): void {
    if (!this.#legs.has(legId)) return
    this.#forget(legId)
    this.#tell('onLeg', legId, { name: 'closed', why: 'engineLost' })
  }

  /** How long it is not started again, in milliseconds: too many breakdowns lie within one window. */
  #downFor(): number {
    const now = this.#parts.clock.now()
    this.#breakdowns = this.#breakdowns.filter((at) => now - at < BREAKDOWN_WINDOW)
    const counts = this.#breakdowns.at(-MOST_BREAKDOWNS)
    return counts === undefined ? 0 : counts + BREAKDOWN_WINDOW - now
  }

  admits(): boolean {
    if (this.#capacityLeft() > 0) return true
    this.#refused++
    return false
  }

  #capacityLeft(): number {
    if (this.#downFor() > 0) return 0
    return capacityLeft(this.#health, this.#legs.size, this.#parts.capacity)
  }

  health(): EngineHealth {
    const downFor = this.#downFor()
    return {
      running: this.#process !== undefined,
      restarts: this.#restarts,
      ...this.#health,
      legs: this.#legs.size,
      dropped: this.#process?.dropped ?? 0,
      costOfLeg: shareOfLeg(this.#health),
      capacityLeft: this.#capacityLeft(),
      limits: this.#parts.capacity,
      refused: this.#refused,
      ...(downFor > 0 && { downFor }),
    }
  }

  /** The process of the engine, if it runs: what a test ends to see it break down. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#starting?.catch(() => undefined)
    this.#performances.close()
    const process = this.#process
    this.#process = undefined
    if (process) await this.#end(process)
  }

  async #end(process: StudioProcess): Promise<void> {
    for (const request of this.#questions.keys()) {
      this.#settle(request, ({ reject }) => reject(new MediaError('engineDown', 'The media engine is closed.')))
    }
    this.#legs.clear()
    await process.close()
  }
}
