/**
 * Graph's service-hosted media: prompts, recordings, tones and hold music for applications that leave sound to the service.
 * The core says by effects what shall be done; it is done in time, on the product's clock, in the conversation's room.
 * Prompts take their real length, and recordings hold what is said there.
 */
import type { MediaEffect, MediaEnded, MediaOutcome, Tone } from '../../calls/media.ts'
import { holdMusicFor, isHoldMusic } from '../../calls/hearing.ts'
import { holdMusic } from '../hold-music.ts'
import { endless } from '../sound.ts'
import type { Running, TaskParts } from './task.ts'
import { startTask } from './task.ts'
import type { MediaView } from './view.ts'

type EffectOf<Type extends MediaEffect['type']> = Extract<MediaEffect, { type: Type }>

type Reporter = (report: MediaEnded) => void

/** The newest tones that are remembered for whoever looks, over all conversations. */
const TONES = 1000

interface SentTone {
  readonly conversationId: string
  readonly at: number
  readonly callId: string
  readonly tone: Tone
}

/** The media of applications. It holds what is under way, and nothing for what ended. */
export class ServiceMedia {
  readonly #parts: TaskParts
  readonly #tasks = new Map<string, Running>()
  readonly #tones: SentTone[] = []
  /** Who is on hold, and the operation that it began with. */
  readonly #held = new Map<string, string>()

  constructor(parts: TaskParts) {
    this.#parts = parts
  }

  /**
   * Starts what the effect asks for and returns at once. The end of a task is reported once, unless `StopMedia` came
   * before it; an effect that names an operation of hold music is reported once, too. What comes again while it is under
   * way changes nothing.
   */
  perform(conversationId: string, effect: MediaEffect, report: Reporter): void {
    switch (effect.type) {
      case 'StartMedia':
        return this.#start(conversationId, effect, report)
      case 'StopMedia':
        return this.#tasks.get(effect.operationId)?.stop(effect.cause)
      case 'StartHoldMusic':
        return void this.#hold(conversationId, effect, report)
      case 'StopHoldMusic':
        return this.#release(conversationId, effect, report)
      case 'PrefetchMedia':
        for (const media of effect.media) void this.#parts.prompts.prefetch(media)
    }
  }

  /** What is under way in a conversation. */
  view(conversationId: string): MediaView {
    return {
      tasks: [...this.#tasks.values()]
        .filter((task) => task.conversationId === conversationId)
        .map(({ view }) => view()),
      speaking: this.#parts.rooms
        .speaking(conversationId)
        .filter(({ speaker }) => !isHoldMusic(speaker))
        .map(({ speaker, from, until }) => ({ speaker, since: from, until })),
      tones: this.#tones
        .filter((sent) => sent.conversationId === conversationId)
        .map(({ at, callId, tone }) => ({ at, callId, tone })),
    }
  }

  /** Forgets everything that is under way, without reports. */
  stop(): void {
    for (const task of this.#tasks.values()) task.stop('cancelled')
    this.#tones.length = 0
    this.#held.clear()
    this.#parts.rooms.clear()
  }

  #start(conversationId: string, effect: EffectOf<'StartMedia'>, report: Reporter): void {
    const { callId, operationId } = effect
    if (this.#tasks.has(operationId)) return
    const task = startTask(conversationId, effect, this.#parts, {
      ended: (outcome) => {
        this.#tasks.delete(operationId)
        if (outcome) report({ type: 'MediaEnded', callId, operationId, outcome })
      },
      sent: (tone) => {
        this.#sent({ conversationId, callId, tone, at: this.#parts.clock.now() })
        this.#parts.press(conversationId, callId, tone)
      },
    })
    this.#tasks.set(operationId, task)
  }

  #sent(tone: SentTone): void {
    this.#tones.push(tone)
    if (this.#tones.length > TONES) this.#tones.shift()
  }

  /** Somebody on hold hears music once it is known; without a prompt it is the product's own. */
  async #hold(conversationId: string, effect: EffectOf<'StartHoldMusic'>, report: Reporter): Promise<void> {
    const { callId, operationId, participantId, prompt } = effect
    const { rooms, prompts } = this.#parts
    const speaker = holdMusicFor(participantId)
    const key = `${conversationId}/${participantId}`
    this.#held.set(key, operationId)
    const music = prompt && (await prompts.get(prompt))
    let outcome: MediaOutcome = { name: 'completed' }
    if (music?.ok === false) outcome = { name: 'failed', reason: music.reason }
    else if (this.#held.get(key) === operationId) {
      rooms.hush(conversationId, speaker)
      rooms.speak(conversationId, speaker, endless(music?.sound ?? holdMusic()))
    }
    report({ type: 'MediaEnded', callId, operationId, outcome })
  }

  #release(conversationId: string, effect: EffectOf<'StopHoldMusic'>, report: Reporter): void {
    const { callId, operationId, participantId } = effect
    this.#held.delete(`${conversationId}/${participantId}`)
    this.#parts.rooms.hush(conversationId, holdMusicFor(participantId))
    if (operationId !== undefined) report({ type: 'MediaEnded', callId, operationId, outcome: { name: 'completed' } })
  }
}
