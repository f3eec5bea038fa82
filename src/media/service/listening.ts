/** How long a recording listens, and what it has heard. */
import type { RecordTask } from '../../calls/media.ts'
import type { ReasonName } from '../../calls/reasons.ts'
import type { Utterance } from '../rooms.ts'
import type { Span } from '../sound.ts'
import { PER_MILLISECOND } from '../wav.ts'

/** The limits of a recording, in milliseconds. */
export type Limits = Pick<RecordTask, 'initialSilenceTimeout' | 'maxSilenceTimeout' | 'maxDuration'>

/** When a recording ends if nothing further is said, and why. */
export interface Ending {
  readonly at: number
  readonly reason: Extract<ReasonName, 'record-initial-silence' | 'record-max-silence' | 'record-max-time'>
}

/** When listening that began at `from` ends, as far as is known of what people say. */
export function endingOf(heard: readonly Utterance[], from: number, limits: Limits): Ending {
  const full: Ending = { at: from + limits.maxDuration, reason: 'record-max-time' }
  let silence: Ending = { at: from + limits.initialSilenceTimeout, reason: 'record-initial-silence' }
  for (const span of spoken(heard, from)) {
    if (span.from >= silence.at) break
    silence = {
      at: Math.max(silence.reason === 'record-max-silence' ? silence.at : 0, span.until + limits.maxSilenceTimeout),
      reason: 'record-max-silence',
    }
  }
  return silence.at < full.at ? silence : full
}

/** When somebody could be heard after `from`, in order. */
function spoken(heard: readonly Utterance[], from: number): Span[] {
  return heard
    .flatMap(({ sound, begun, from: entered, until }) =>
      sound.loud.map((span) => ({
        from: Math.max(begun + span.from, entered, from),
        until: Math.min(begun + span.until, until),
      })),
    )
    .filter((span) => span.until > span.from)
    .sort((a, b) => a.from - b.from)
}

/** Everything that was heard from one moment to another, mixed. */
export function mixed(heard: readonly Utterance[], from: number, until: number): Int16Array {
  const mix = new Int32Array(Math.max(until - from, 0) * PER_MILLISECOND)
  for (const utterance of heard) {
    const begins = Math.max(utterance.from, from)
    const ends = Math.min(utterance.until, until)
    if (ends <= begins) continue
    const target = mix.subarray(0, (ends - from) * PER_MILLISECOND)
    utterance.sound.mix(target, (begins - from) * PER_MILLISECOND, (begins - utterance.begun) * PER_MILLISECOND)
  }
  return Int16Array.from(mix, (sample) => Math.max(-32_768, Math.min(32_767, sample)))
}
