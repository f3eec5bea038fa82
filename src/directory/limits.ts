/** The limits that are published for Graph and its calling API. Each application may have its own in the directory. */

/** Every limit, with the number that is published. */
export const publishedLimits = {
  /** Requests to the whole of Graph, of one application. */
  requestsPerSecond: 2000,
  /** Calls that an application creates or joins in a calendar month (UTC). */
  callsPerMonth: 10_000,
  /** Live calls of one application. */
  concurrentCalls: 100,
  /** Meetings that are created for one user in a calendar month (UTC). */
  meetingsPerUserPerMonth: 2000,
  /** Requests for call records, of one application. */
  callRecordRequestsPer20Seconds: 1500,
  /** Requests for call records, of all applications of a tenant together. */
  tenantCallRecordRequestsPer20Seconds: 10_000,
} as const

/** The name of a limit, as in `limits` of an application. */
export type LimitName = keyof typeof publishedLimits

export const limitNames = Object.keys(publishedLimits) as readonly LimitName[]

/** Limits of one application. */
export type Limits = { readonly [Name in LimitName]?: number }

/**
 * The limits that an application is held to.
 * @param own what the directory says of it
 * @param published whether the published ones hold where the directory says nothing
 */
export function limitsOf(own: Limits | undefined, published: boolean): Limits {
  return published ? { ...publishedLimits, ...own } : (own ?? {})
}
