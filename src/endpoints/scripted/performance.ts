/** Scripted people while they are in a call: they go through the steps of their scripts, on the product's clock. */
import type { Tone } from '../../calls/media.ts'
import type { Rooms } from '../../media/rooms.ts'
import type { Sound } from '../../media/sound.ts'
import { speechLike } from '../../media/sound.ts'
import type { Cancel, Clock } from '../../runtime.ts'
import type { Saying, Step } from './steps.ts'
import { KEY_PACE } from './steps.ts'

/** A person's place: the conversation, and their id in it. */
export interface Place {
  readonly conversationId: string
  readonly participantId: string
}

/** What performances work with. */
export interface Stage {
  readonly clock: Clock
  readonly rooms: Rooms
  /** The sound of a WAV file of the directory; undefined if it cannot be read (any more). */
  readonly soundOf: (file: string) => Sound | undefined
}

/** An act that was due longer ago than this, in milliseconds, was done before a restart. */
const LATE = 1000

/** What somebody does in their call that the call is told of. */
export interface Acts {
  readonly press: (tone: Tone) => void
  readonly transcribe: (on: boolean) => void
}

/** Somebody who goes through their steps. */
interface Actor {
  readonly place: Place
  readonly acts: Acts
  /** What was to be done before then is not done any more. */
  readonly actsFrom: number
}

/** What somebody is going to do. */
interface Plan {
  readonly steps: readonly Step[]
  /** When the first of them is due. */
  readonly at: number
}

/** Somebody in the middle of their script. */
interface Performance extends Plan {
  readonly cancel: Cancel
}

/** Everybody who has steps left. */
export class Performances {
  readonly #stage: Stage
  readonly #running = new Map<string, Performance>()

  constructor(stage: Stage) {
    this.#stage = stage
  }

  /**
   * Begins with the first step, as of `since`. What was due before now, because it is a restart, is taken as done: words
   * are heard again by a recording that goes on, keys are not pressed again.
   */
  begin(place: Place, steps: readonly Step[], since: number, acts: Acts): void {
    this.#forget(place)
    this.#run({ place, acts, actsFrom: this.#stage.clock.now() - LATE }, { steps, at: since })
  }

  /** Somebody is somewhere else now: they go on where they were. */
  move(from: Place, to: Place, acts: Acts): void {
    const performance = this.#forget(from)
    this.#stage.rooms.move(
      { conversationId: from.conversationId, speaker: from.participantId },
      { conversationId: to.conversationId, speaker: to.participantId },
    )
    if (performance) this.#run({ place: to, acts, actsFrom: performance.at }, performance)
  }

  /** Somebody says something, beside their script. @returns how long, in milliseconds; undefined if there is no such file */
  say({ conversationId, participantId }: Place, saying: Saying, at = this.#stage.clock.now()): number | undefined {
    const sound = saying.type === 'babble' ? speechLike(saying.ms) : this.#stage.soundOf(saying.file)
    if (sound) this.#stage.rooms.speak(conversationId, participantId, sound, at)
    return sound?.duration
  }

  /** Somebody has left. */
  end(place: Place): void {
    this.#forget(place)
    this.#stage.rooms.hush(place.conversationId, place.participantId)
  }

  /** Nobody does anything any more. */
  stop(): void {
    for (const { cancel } of this.#running.values()) cancel()
    this.#running.clear()
  }

  #run(actor: Actor, { steps: [step, ...further], at }: Plan): void {
    if (!step) return
    const { clock } = this.#stage
    // A step in the past is over at once, without a turn of the clock, so that a restart catches up before it goes on.
    if (at <= clock.now()) return this.#run(actor, this.#do(actor, step, further, at))
    const key = keyOf(actor.place)
    const cancel = clock.schedule(at, () => {
      this.#running.delete(key)
      this.#run(actor, this.#do(actor, step, further, at))
    })
    this.#running.set(key, { steps: [step, ...further], at, cancel })
  }

  /** Does a step, and says what comes next. */
  #do({ place, acts, actsFrom }: Actor, step: Step, further: readonly Step[], at: number): Plan {
    switch (step.type) {
      case 'wait':
        return { steps: further, at: at + step.ms }
      case 'babble':
      case 'say':
        return { steps: further, at: at + (this.say(place, step, at) ?? 0) }
      case 'press': {
        const [tone, ...tones] = step.tones
        if (tone && at >= actsFrom) acts.press(tone)
        const rest: Step[] = tones.length > 0 ? [{ type: 'press', tones }] : []
        return { steps: [...rest, ...further], at: at + KEY_PACE }
      }
      case 'transcribe':
        if (at >= actsFrom) acts.transcribe(step.on)
        return { steps: further, at }
    }
  }

  #forget(place: Place): Performance | undefined {
    const key = keyOf(place)
    const performance = this.#running.get(key)
    performance?.cancel()
    this.#running.delete(key)
    return performance
  }
}

function keyOf({ conversationId, participantId }: Place): string {
  return `${conversationId}/${participantId}`
}
