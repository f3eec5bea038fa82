/** Figures of several rounds, and the facts of the machine that they were taken on. */
import { cpus, totalmem } from 'node:os'

/** The smallest, the middle and the largest of some figures. */
export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** @throws RangeError without figures */
export function spread(figures: readonly number[]): Spread {
  const sorted = figures.toSorted((a, b) => a - b)
  const [min] = sorted
  const max = sorted.at(-1)
  if (min === undefined || max === undefined) throw new RangeError('there are no figures')
  return { min, median: percentile(sorted, 0.5), max }
}

/** The figure below which `share` (0 to 1) of the sorted figures lie. */
export function percentile(sorted: readonly number[], share: number): number {
  const figure = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  if (figure === undefined) throw new RangeError('there are no figures')
  return figure
}

/** Two figures of each round, as the spread of their ratios: what the machine did to both is not in it. */
export function ratio(ours: readonly number[], peers: readonly number[]): Spread {
  return spread(ours.map((one, round) => one / (peers[round] ?? Number.NaN)))
}

/** A figure for people: three digits that matter. */
export function digits(figure: number): string {
  if (Math.abs(figure) >= 100) return Math.round(figure).toLocaleString('en')
  return String(Number(figure.toPrecision(3)))
}

export function inWords({ min, median, max }: Spread): string {
  return `${digits(median)} (${digits(min)} to ${digits(max)})`
}

/** What figures depend on beside the program. */
export function machine(): Record<string, unknown> {
  const [first, ...others] = cpus()
  return {
    cpu: first?.model.trim(),
    cores: others.length + 1,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${process.platform} ${process.arch}`,
    node: process.version,
    at: new Date().toISOString(),
  }
}
