/** An engine that carries no sound: for tests of what pages and calls say to each other, where sound is not the point. */
import type {
  EngineHealth,
  LegState,
  PcmLeg,
  Place,
  Playing,
  RtpPlace,
  SoundEngine,
  SoundEvents,
  Views,
} from '../../src/media/engine.ts'
import { MediaError } from '../../src/media/engine.ts'

/** One leg, as it was asked for. */
export interface SilentLeg {
  readonly id: string
  offer: string
  place: Place | undefined
  /** Whom it was told that the leg sees, since it came into its room. */
  views?: Views
}

/** The engine. Legs connect at once, unless a test wants to see to it. */
export class SilentEngine implements SoundEngine {
  readonly #events: SoundEvents[] = []
  readonly legs = new Map<string, SilentLeg>()
  /** Whether legs connect by themselves. */
  connects = true
  /** What offers wait for before they are answered. */
  waitsFor: Promise<void> | undefined
  /** How many more legs it says that it takes. */
  capacityLeft = 100
  /** How often it turned somebody away for that. */
  refused = 0
  /** What it says of its health beside that. */
  says: Partial<EngineHealth> = {}
  /** Which rooms each leg was put into, in order. */
  readonly moves: string[] = []

  async connect(legId: string, offer: string): Promise<string> {
    if (!offer.startsWith('v=0')) throw new MediaError('badOffer', 'The offer cannot be read.')
    this.legs.set(legId, { id: legId, offer, place: undefined })
    await this.waitsFor
    if (!this.legs.has(legId)) throw new MediaError('engineDown', 'The media engine broke down.')
    if (this.connects) setImmediate(() => this.tell(legId, { name: 'connected' }))
    return `v=0 answers ${offer}`
  }

  renegotiate(legId: string, offer: string): Promise<string> {
    const leg = this.legs.get(legId)
    if (!leg) return Promise.reject(new MediaError('engineDown', 'This connection is not there any more.'))
    leg.offer = offer
    return Promise.resolve(`v=0 answers ${offer}`)
  }

  /** Says how a leg is; the only one, if none is named. */
  tell(legId: string | undefined, state: LegState): void {
    const id = legId ?? [...this.legs.keys()].at(-1) ?? ''
    if (!this.legs.has(id)) return
    if (state.name === 'closed') this.legs.delete(id)
    for (const events of this.#events) events.onLeg?.(id, state)
  }

  speak(conversationId: string, speaker: string, level: number): void {
    for (const events of this.#events) events.onSpeaking?.(conversationId, [{ speaker, level }])
  }

  press(tone: Parameters<NonNullable<SoundEvents['onTone']>>[1]): void {
    const [id] = this.legs.keys()
    for (const events of this.#events) events.onTone?.(id ?? '', tone)
  }

  enter(legId: string, place: Place): void {
    const leg = this.legs.get(legId)
    if (leg?.place?.conversationId !== place.conversationId) delete leg?.views
    if (leg) leg.place = place
    this.moves.push(`${place.conversationId}/${place.speaker}`)
  }

  leave(legId: string): void {
    const leg = this.legs.get(legId)
    if (leg) leg.place = undefined
  }

  disconnect(legId: string): void {
    this.legs.delete(legId)
  }

  connectRtp(): Promise<RtpPlace> {
    return Promise.resolve({ address: '127.0.0.1', port: 9, rtcpPort: 10 })
  }

  agree(): void {}

  watch(legId: string, views: Views): void {
    const leg = this.legs.get(legId)
    if (leg) leg.views = views
  }

  connectPcm(): PcmLeg {
    return { say: () => true }
  }

  arrange(): void {}
  play(): Playing {
    return { stop: () => undefined }
  }
  listen(): () => void {
    return () => undefined
  }
  sendTone(): void {}

  on(events: SoundEvents): void {
    this.#events.push(events)
  }

  admits(): boolean {
    if (this.capacityLeft > 0) return true
    this.refused++
    return false
  }

  health(): EngineHealth {
    return {
      running: true,
      restarts: 0,
      rooms: 0,
      legs: this.legs.size,
      load: 0,
      cores: 2,
      cost: { decode: 0, encode: 0, mix: 0, packet: 0, picture: 0 },
      pictures: { sent: 0, seen: 0, packets: 0 },
      ticks: 0,
      lateTicks: 0,
      worstLate: 0,
      dropped: 0,
      costOfLeg: 0.004,
      capacityLeft: this.capacityLeft,
      limits: { legs: 200, load: 0.8 },
      refused: this.refused,
      ...this.says,
    }
  }

  close(): Promise<void> {
    this.legs.clear()
    return Promise.resolve()
  }
}
