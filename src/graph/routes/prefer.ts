/** What a client would rather have (RFC 7240): the preferences of this server's own that an invite can be sent with. */
import type { FastifyRequest } from 'fastify'

/** Ours: the outcome of each invitee with the operation; an answer without doing anything. */
export type Preference = 'rollcall.outcomes' | 'rollcall.dry-run'

const KNOWN: readonly Preference[] = ['rollcall.outcomes', 'rollcall.dry-run']

/** Of a request that has none of ours. */
export const NO_PREFERENCES: ReadonlySet<Preference> = new Set()

/** The preferences in a request that this server knows; others are none of its business. */
export function readPreferences({ headers }: Pick<FastifyRequest, 'headers'>): ReadonlySet<Preference> {
  const given = [headers['prefer'] ?? []].flat().join(',').toLowerCase().split(',')
  const names = given.map((one) =>
    one
      .replace(/;.*$/, '')
      .replace(/=\s*""\s*$/, '')
      .trim(),
  )
  return new Set(KNOWN.filter((name) => names.includes(name)))
}
