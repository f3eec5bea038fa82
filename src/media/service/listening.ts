/** How long a recording listens, and what it has heard. */
import type { RecordTask } from '../../calls/media.ts'
import type { ReasonName } from '../../calls/reasons.ts'
import type { Stretch } from '../gains.ts'
import { heardParts } from '../gains.ts'
import type { Listener } from '../rooms.ts'
import type { Span } from '../sound.ts'
import { AUDIBLE } from '../sound.ts'
import type { Utterance } from '../utterance.ts'
import { loudIn } from '../utterance.ts'
import { PER_MILLISECOND } from '../wav.ts'

/** The limits of a recording, in milliseconds. */
export type Limits = Pick<RecordTask, 'initialSilenceTimeout' | 'maxSilenceTimeout' | 'maxDuration'>

/** When a recording ends if nothing further is said, and why. */
export interface Ending {
  readonly at: number
  readonly reason: Extract<ReasonName, 'record-initial-silence' | 'record-max-silence' | 'record-max-time'>
}

/** Who listened, and what came to them. */
type Heard = Pick<Listener, 'name' | 'said' | 'hearings'>

/** When listening that began at `from` ends, as far as is known of what people say. */
export function endingOf(listener: Heard, from: number, limits: Limits): Ending {
  const full: Ending = { at: from + limits.maxDuration, reason: 'record-max-time' }
  let silence: Ending = { at: from + limits.initialSilenceTimeout, reason: 'record-initial-silence' }
  for (const span of spoken(listener, from, full.at)) {
    if (span.from >= silence.at) break
    silence = {
      at: Math.max(silence.reason === 'record-max-silence' ? silence.at : 0, span.until + limits.maxSilenceTimeout),
      reason: 'record-max-silence',
    }
  }
  return silence.at < full.at ? silence : full
}

/** When somebody could be heard, in order. */
function spoken(listener: Heard, from: number, until: number): Span[] {
  return partsOf(listener, from, until)
    .flatMap((part) => {
      const loudest = Math.max(part.gain, part.gainAtEnd)
      return loudIn(part.item, part).filter(({ power }) => power * loudest ** 2 > AUDIBLE)
    })
    .sort((one, other) => one.from - other.from)
}

/** Everything that was heard from one moment to another, mixed. */
export function mixed(listener: Heard, from: number, until: number): Int16Array {
  const mix = new Int32Array(Math.max(until - from, 0) * PER_MILLISECOND)
  const sample = (at: number): number => Math.round((at - from) * PER_MILLISECOND)
  for (const part of partsOf(listener, from, until)) {
    const { begun, sound } = part.item
    const target = mix.subarray(0, sample(part.until))
    const source = Math.round((part.from - begun) * PER_MILLISECOND)
    sound.mix(target, sample(part.from), source, part.gain, part.gainAtEnd)
  }
  return Int16Array.from(mix, (one) => Math.max(-32_768, Math.min(32_767, one)))
}

function partsOf({ name, said, hearings }: Heard, from: number, until: number): Stretch<Utterance>[] {
  const talk = (speakers: readonly string[]): Span[] =>
    said.filter(({ speaker }) => speakers.includes(speaker)).flatMap((one) => loudIn(one, { from, until }))
  return heardParts(name, said, hearings, talk).flatMap((part) => clip(part, from, until))
}

function clip(part: Stretch<Utterance>, from: number, until: number): Stretch<Utterance>[] {
  const [begins, ends] = [Math.max(part.from, from), Math.min(part.until, until)]
  if (ends <= begins) return []
  const { gain, gainAtEnd } = part
  if (gain === gainAtEnd) return [{ ...part, from: begins, until: ends }]
  const gainOn = (at: number): number => gain + ((gainAtEnd - gain) * (at - part.from)) / (part.until - part.from)
  return [{ ...part, from: begins, until: ends, gain: gainOn(begins), gainAtEnd: gainOn(ends) }]
}
