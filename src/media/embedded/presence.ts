/** Whether the other side of a leg is there, as far as what comes and its connection tell. */
import type { Clock } from '../../runtime.ts'
import type { LegEnd } from '../engine.ts'

/** How much is borne of one leg. Times in milliseconds. */
export interface LegLimits {
  /** Packets in one second, those of pictures aside. What is above is not looked at; ten times as many end the leg. */
  readonly packets: number
  /** How long it may take to connect. */
  readonly connect: number
  /** How long nothing may arrive before it counts as interrupted. */
  readonly silence: number
  /** How long it may be interrupted. */
  readonly interruption: number
}

/** Who is told, and when. */
export interface PresenceParts {
  readonly clock: Clock
  readonly limits: LegLimits
  onState(state: 'connected' | 'interrupted'): void
  /** It is over; the leg has closed itself. */
  onEnd(why: LegEnd): void
}

/** The presence of one leg. Each change is told once, and nothing after its end. */
export class Presence {
  readonly #parts: PresenceParts
  readonly #close: () => void
  #connected = false
  #wasConnected = false
  #isOver = false
  /** When something last came; undefined as long as nothing needs to. */
  #last: number | undefined
  /** Since when its connection is known to be lost. */
  #lostAt: number | undefined

  /** @param close closes the leg, which has to call `leave` */
  constructor(parts: PresenceParts, close: () => void) {
    this.#parts = parts
    this.#close = close
  }

  get connected(): boolean {
    return this.#connected
  }

  /** Whether it ever was there. */
  get wasConnected(): boolean {
    return this.#wasConnected
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** It can be reached, or something can reach it, though nothing may have come yet. */
  reached(): void {
    if (this.#last !== undefined) this.#last = this.#parts.clock.now()
    this.#lostAt = undefined
    this.#set(true)
  }

  /** Something of its own has come. */
  arrived(): void {
    this.#last = this.#parts.clock.now()
    this.#lostAt = undefined
    this.#set(true)
  }

  /** Its connection is interrupted. */
  lost(): void {
    this.#lostAt ??= this.#parts.clock.now()
    this.#set(false)
  }

  /** Whether it has to send changes: what came before does not count. */
  forget(): void {
    this.#last = undefined
  }

  #set(connected: boolean): void {
    if (this.#isOver || connected === this.#connected) return
    this.#connected = connected
    this.#wasConnected ||= connected
    this.#parts.onState(connected ? 'connected' : 'interrupted')
  }

  /**
   * Looks, now and then, whether it is still there, and ends the leg if it is not for too long.
   * @param expects whether it sends all the time once it has begun @returns whether nothing has come for too long
   */
  check(expects: boolean): boolean {
    if (this.#isOver) return false
    const { clock, limits } = this.#parts
    const now = clock.now()
    const quiet = expects && this.#last !== undefined ? now - this.#last : 0
    const isLost = this.#lostAt !== undefined && now - this.#lostAt > limits.interruption
    if (isLost || quiet > limits.silence + limits.interruption) {
      this.end('timedOut')
      return false
    }
    if (quiet <= limits.silence) return false
    this.#set(false)
    return true
  }

  /** Ends the leg, unless it is over. */
  end(why: LegEnd): void {
    if (this.#isOver) return
    this.#close()
    this.#parts.onEnd(why)
  }

  /** The leg is being closed. @returns whether it was open until now */
  leave(): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    this.#connected = false
    return true
  }
}
