/** One task of service-hosted media, from its beginning to its end. */
import type {
  MediaEffect,
  MediaOutcome,
  PlayTask,
  RecordingKey,
  RecordTask,
  SendTonesTask,
  Tone,
  MediaInfo,
} from '../../calls/media.ts'
import type { Cancel, Clock } from '../../runtime.ts'
import type { Prompt } from '../prompts.ts'
import type { Listener, Rooms } from '../rooms.ts'
import type { Sound } from '../sound.ts'
import { beep } from '../sound.ts'
import type { Utterance } from '../utterance.ts'
import { heardUntil } from '../utterance.ts'
import { writeWav } from '../wav.ts'
import { endingOf, mixed } from './listening.ts'
import type { MediaView } from './view.ts'

/** What tasks work with. */
export interface TaskParts {
  readonly clock: Clock
  readonly rooms: Rooms
  readonly prompts: {
    get(media: MediaInfo): Promise<Prompt>
    prefetch(media: MediaInfo): Promise<Prompt>
  }
  /** Sends a key of an application's to the live people who hear it. */
  readonly press: (conversationId: string, callId: string, tone: Tone) => void
  /** Keeps the sound of a recording, a WAV file. */
  readonly keep: (callId: string, recording: RecordingKey, wav: Buffer) => Promise<void>
  /** Hears of faults that are nobody's mistake. */
  readonly onFault: (fault: unknown) => void
}

/** A task that is under way. */
export interface Running {
  readonly conversationId: string
  readonly view: () => MediaView['tasks'][number]
  stop(cause: Cause): void
}

/** What becomes of a task. */
interface Hooks {
  /** Once, at its end; without an outcome if it was stopped, which nobody wants to hear of. */
  readonly ended: (outcome?: MediaOutcome) => void
  readonly sent: (tone: Tone) => void
}

/** How long a tone sounds, in milliseconds; `delayBetweenTones` comes between two of them. */
export const TONE = 100

type Start = Extract<MediaEffect, { type: 'StartMedia' }>
type Cause = Extract<MediaEffect, { type: 'StopMedia' }>['cause']

/** A sound that is played so many times. */
interface Item {
  readonly sound: Sound
  readonly times: number
}

/** Starts a task; what was due before now, because it began before a restart, is made up at once. */
export function startTask(conversationId: string, start: Start, parts: TaskParts, hooks: Hooks): Running {
  const task = new Task(conversationId, start, parts, hooks)
  task.begin()
  return task
}

class Task implements Running {
  readonly conversationId: string
  readonly #start: Start
  readonly #parts: TaskParts
  readonly #hooks: Hooks
  /** How long it had been under way when this engine heard of it, in milliseconds. */
  readonly #headStart: number
  #phase: ReturnType<Running['view']>['phase'] = 'preparing'
  #cancelStep: Cancel | undefined
  #utterance: Utterance | undefined
  #listener: Listener | undefined
  #listensFrom: number | undefined
  /** `ending`: what was recorded is being kept. */
  #state: 'running' | 'ending' | 'over' = 'running'

  constructor(conversationId: string, start: Start, parts: TaskParts, hooks: Hooks) {
    this.conversationId = conversationId
    this.#start = start
    this.#parts = parts
    this.#hooks = hooks
    this.#headStart = Math.max(parts.clock.now() - start.since, 0)
  }

  readonly view = (): ReturnType<Running['view']> => {
    const { callId, operationId, task, since } = this.#start
    return { callId, operationId, type: task.type, phase: this.#phase, since }
  }

  begin(): void {
    const { callId, task, since } = this.#start
    if (task.type === 'sendTones') return this.#send(task, 0, since)
    if (task.type === 'record') {
      // From here on, so that nothing is missed which people say again after a restart.
      this.#listener = this.#parts.rooms.listen(this.conversationId, callId, () => this.#armEnding())
    }
    void this.#prepare(task).catch((fault: unknown) => {
      this.#parts.onFault(fault)
      this.#finish({ name: 'failed', reason: { name: 'prompt-failed' } })
    })
    return undefined
  }

  stop(cause: Cause): void {
    const { task } = this.#start
    if (cause === 'cancelled' || task.type !== 'record') this.#finish()
    else if (this.#state === 'running') this.#endRecording(task)
  }

  /** Fetches the prompts, all before the first is played: a bad one is known at once. */
  async #prepare(task: PlayTask | RecordTask): Promise<void> {
    const { prompts, clock } = this.#parts
    const fetched = await Promise.all(task.prompts.map((media) => prompts.get(media)))
    if (this.#state !== 'running') return
    const items: Item[] = []
    for (const [index, prompt] of fetched.entries()) {
      if (!prompt.ok) return this.#finish({ name: 'failed', reason: prompt.reason })
      items.push({ sound: prompt.sound, times: task.prompts[index]?.loops ?? 1 })
    }
    this.#phase = 'playing'
    const begun = clock.now() - this.#headStart
    if (task.type === 'play') return this.#playRounds(task, items, begun)
    if (task.playBeep) items.push({ sound: beep, times: 1 })
    this.#play(items, begun, (at) => this.#listen(at))
  }

  /** Plays all prompts once or for ever; rounds that are long over are not played again. */
  #playRounds({ loop }: PlayTask, items: readonly Item[], begun: number): void {
    if (!loop) return this.#play(items, begun, () => this.#finish({ name: 'completed' }))
    const length = items.reduce((sum, { sound, times }) => sum + sound.duration * times, 0)
    const round = (at: number): void => this.#play(items, at, round)
    round(begun + passed(this.#parts.clock.now() - begun, length, Infinity) * length)
    return undefined
  }

  /** Plays one thing after the other, beginning at `at`, and goes on with `then` at the end of the last. */
  #play([item, ...further]: readonly Item[], at: number, then: (end: number) => void): void {
    if (!item) return then(at)
    const { sound, times } = item
    const { clock, rooms } = this.#parts
    const over = passed(clock.now() - at, sound.duration, times)
    const from = at + over * sound.duration
    if (over >= times) return this.#play(further, from, then)
    this.#utterance = rooms.speak(this.conversationId, this.#start.callId, sound, from)
    const end = from + sound.duration
    this.#later(end, () => this.#play([{ sound, times: times - over - 1 }, ...further], end, then))
    return undefined
  }

  #listen(from: number): void {
    this.#phase = 'listening'
    this.#listensFrom = from
    this.#armEnding()
  }

  /** Sets the moment at which the recording ends if nothing further is said. */
  #armEnding(): void {
    const { task } = this.#start
    const [listener, from] = [this.#listener, this.#listensFrom]
    if (!listener || from === undefined || task.type !== 'record' || this.#state !== 'running') return
    const { at, reason } = endingOf(listener, from, task)
    this.#later(at, () => {
      if (reason === 'record-initial-silence') this.#finish({ name: 'failed', reason: { name: reason } })
      else this.#endRecording(task, { at, outcome: { name: 'completed', reason: { name: reason } } })
    })
  }

  /** Keeps what was heard; what is said after `at` is not in it. */
  #endRecording(task: RecordTask, end: { at: number; outcome?: MediaOutcome } = { at: this.#heardUntil(task) }): void {
    this.#state = 'ending'
    const from = this.#listensFrom ?? end.at
    const wav = writeWav(this.#listener ? mixed(this.#listener, from, end.at) : new Int16Array())
    this.#release()
    this.#parts.keep(this.#start.callId, task.recording, wav).then(
      () => this.#finish(end.outcome),
      (fault: unknown) => {
        this.#parts.onFault(fault)
        const reason = { name: 'media-receive-timeout', detail: 'the recording could not be stored' } as const
        this.#finish(end.outcome && { name: 'failed', reason })
      },
    )
  }

  /** The end of a recording that ends now: with all that was said, as long as it may be. */
  #heardUntil({ maxDuration }: RecordTask): number {
    const now = this.#parts.clock.now()
    const [from = now, said = []] = [this.#listensFrom, this.#listener?.said]
    return Math.min(heardUntil(said, now), Math.max(now, from + maxDuration))
  }

  /** Sends the tones from number `index` on; those whose moment is long past were sent before a restart. */
  #send(task: SendTonesTask, index: number, at: number): void {
    this.#phase = 'sending'
    const tone = task.tones[index]
    if (!tone) return this.#finish({ name: 'completed' })
    if (at + TONE > this.#parts.clock.now()) this.#hooks.sent(tone)
    const last = index === task.tones.length - 1
    const next = at + TONE + (last ? 0 : task.delayBetweenTones)
    this.#later(next, () => this.#send(task, index + 1, next))
    return undefined
  }

  #later(at: number, step: () => void): void {
    this.#cancelStep?.()
    this.#cancelStep = this.#parts.clock.schedule(at, step)
  }

  #release(): void {
    this.#cancelStep?.()
    if (this.#utterance) this.#parts.rooms.hush(this.conversationId, this.#utterance)
    this.#listener?.stop()
  }

  #finish(outcome?: MediaOutcome): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#release()
    this.#hooks.ended(outcome)
  }
}

/** How many times something of a length has been played in a while, of so many times. */
function passed(time: number, length: number, times: number): number {
  return Math.min(Math.floor(Math.max(time, 0) / length), times)
}
