/** What a benchmark is: rounds of figures, and which of them are set beside which. */

/** The figures of one round, by name. */
export type Figures = Readonly<Record<string, number>>

/** How much of it is to be done. */
export interface Size {
  /** 1 for a full round; less for a look. */
  readonly scale: number
  /** For a round that may take longer than one command: where it is kept, and when (by `performance.now()`) to stop. */
  readonly keep?: { readonly folder: string; readonly until: number }
}

/** Thrown when a round has to go on in another command; the message says how far it is. */
export class Unfinished extends Error {}

export interface Bench {
  readonly name: string
  /** What the figures count. */
  readonly what: string
  /** One round: Rollcall and its peers, one after the other. */
  readonly round: (size: Size) => Promise<Figures>
  /** Which figures make a ratio, and what it should be at least (`aim`) or at most (`most`). */
  readonly compare: readonly {
    readonly what: string
    readonly ours: string
    readonly peer: string
    readonly aim?: number
    readonly most?: number
  }[]
}
