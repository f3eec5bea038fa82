/**
 * Where on the product's clock live sound lies. On the real clock, where it happens. A virtual one stands until it is wound, while
 * people speak on: what somebody says takes its time from where the clock stands, one thing after the other, and pauses take none.
 */
import type { Clock } from '../runtime.ts'

/** How far what somebody says may lie ahead of the clock, in milliseconds: of a real one by jitter and drift alone. */
const AHEAD = { real: 1000, virtual: 600_000 } as const

/** One conversation's live sound in time. */
export class LiveTime {
  readonly #kind: Clock['kind']
  readonly #ends = new Map<string, number>()

  constructor({ kind }: Pick<Clock, 'kind'>) {
    this.#kind = kind
  }

  /** Where something lies that somebody begins to say when the clock shows `now`; undefined if they are too far ahead of it. */
  begin(speaker: string, now: number): number | undefined {
    const end = this.#ends.get(speaker)
    if (end === undefined || end <= now) return now
    if (end - now <= AHEAD[this.#kind]) return end
    return this.#kind === 'real' ? now : undefined
  }

  /** What somebody said lies until then. */
  ended(speaker: string, at: number): void {
    this.#ends.set(speaker, at)
  }

  /** Whether a virtual clock was wound past what somebody is saying: they go on where it stands now. */
  isPassed(end: number, now: number): boolean {
    return this.#kind === 'virtual' && now > end
  }

  forget(): void {
    this.#ends.clear()
  }
}
