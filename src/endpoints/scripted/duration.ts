/** Durations in scripts. */
import { z } from 'zod'
import { parseDuration } from '../../runtime.ts'

/** A moment further away than this is taken for a slip of the pen. */
const LONGEST_MS = 30 * 86_400_000

const DURATION_HELP = 'must be a duration such as "250ms", "2s", "5m" or "PT2S", of 30 days at most'

/** A duration in words, read as milliseconds. */
export const duration = z.string({ error: DURATION_HELP }).transform((text, context): number => {
  const milliseconds = parseDuration(text)
  if (milliseconds !== undefined && milliseconds <= LONGEST_MS) return milliseconds
  context.addIssue(DURATION_HELP)
  return z.NEVER
})
