/** The form of an explanation, and the links that chains of causes are made of. */
import type { Event } from '../calls/events.ts'
import type { EndReason } from '../calls/reasons.ts'
import { endReasons, reasonText } from '../calls/reasons.ts'
import { errorCode } from '../codes/codes.ts'
import type { Code } from '../codes/codes.ts'
import type { JournalEntry } from '../http/journal.ts'
import { isoTime } from '../runtime.ts'
import type { Attempt, TimelineEntry } from '../store/store.ts'
import { describeEvent } from './describe-event.ts'
import type { History } from './history.ts'
import { deciderOf, occasionOf, requestClause, sentence, whyAttempt } from './why.ts'

/** One link of a chain: what was asked, what happened, which rule or answer decided, what a code means. */
export interface Cause {
  readonly what: string
  readonly when?: string
  /** The rule that decided, in words. */
  readonly rule?: string
  readonly code?: number | string
  readonly subcode?: number | string
  /** What the code means. */
  readonly means?: string
  readonly doNext?: string
  /** Where more of it is: a page, or a path of this server. */
  readonly see?: string
}

/** What a notification that is owed, or was, has come to. */
export interface Standing {
  readonly id: string
  readonly callId: string
  readonly number: number
  readonly about: string
  readonly callbackUri: string
  readonly state: string
  readonly why: string
}

/** Why something is as it is: one sentence, and the chain of causes from what was asked to what decided. */
export interface Explanation {
  readonly id: string
  readonly kind: 'request' | 'call' | 'participant' | 'operation' | 'notification' | 'conversation' | 'code'
  readonly sentence: string
  readonly causes: readonly Cause[]
  /** The notifications of a call or conversation, those that did not arrive first. */
  readonly notifications?: readonly Standing[]
}

/** The most links of one chain, and notifications beside it. */
export const MOST_LINKS = 100

const PAGE = 'docs/reference/codes.md'

/** A chain without links that it has already: what one decision did is told once. */
export function distinct(causes: readonly Cause[]): readonly Cause[] {
  return [...new Map(causes.map((cause) => [JSON.stringify(cause), cause])).values()]
}

/** A chain within its bound: its beginning and its end, with a word on what is left out. */
export function bounded(causes: readonly Cause[]): readonly Cause[] {
  if (causes.length <= MOST_LINKS) return causes
  const half = MOST_LINKS / 2
  const left = causes.length - 2 * half
  return [...causes.slice(0, half), { what: `${left} more, see the timeline` }, ...causes.slice(-half)]
}

/** What was asked: the request that an entry of the timeline came from, or else what brought it about. */
export function askedCause(entry: TimelineEntry, history: Pick<History, 'request'>): Cause {
  const { requestId, command } = entry
  const what =
    requestId === undefined ? `came about: ${occasionOf(command)}` : `asked: ${requestClause(entry, history)}`
  const known = history.request(requestId) !== undefined && requestId !== undefined
  return { what, when: isoTime(entry.at), ...(known && { see: `/control/explain/${requestId}` }) }
}

/** An event as a link. */
export function eventCause(entry: TimelineEntry, event: Event): Cause {
  return { what: describeEvent(event), when: isoTime(entry.at) }
}

/** How something came to its end: what else ended by the same decision before it, what decided, and what the code means. */
export function endCauses(
  { entry, event }: { readonly entry: TimelineEntry; readonly event: Event },
  reason: EndReason,
  history: Pick<History, 'request'>,
): readonly Cause[] {
  const before = entry.events.slice(0, entry.events.indexOf(event)).filter((one) => 'reason' in one)
  return [
    ...before.map((one) => eventCause(entry, one)),
    eventCause(entry, event),
    deciderCause(entry, reason, history),
    meaning(reason),
  ]
}

/** What decided. */
export function deciderCause(entry: TimelineEntry, reason: EndReason, history: Pick<History, 'request'>): Cause {
  return { what: sentence(deciderOf(entry, reason, history)), when: isoTime(entry.at), rule: ruleOf(reason) }
}

function ruleOf({ name }: EndReason): string {
  return `${name}: ${endReasons[name].when}.`
}

/** What a reason's code means, and what to do. */
export function meaning(reason: EndReason): Cause {
  const { code, subcode, todo } = endReasons[reason.name]
  const what = `resultInfo says ${code}/${subcode}, which is ${reason.name}`
  return { what, code, subcode, means: sentence(reasonText(reason)), doNext: `${todo}.`, see: PAGE }
}

/** A refused request's code. */
export function refusalCause({ status, code, explanation }: JournalEntry): Cause {
  const row = code === undefined ? undefined : errorCode(code)
  return {
    what: `answered: ${status}${code === undefined ? '' : `, error.code ${code}`}`,
    ...(explanation !== undefined && { rule: explanation }),
    code: status,
    ...(code !== undefined && { subcode: code }),
    ...(row && codeMeaning(row)),
  }
}

/** What a row of the table of codes has to say. */
export function codeMeaning({ text, todo }: Pick<Code, 'text' | 'todo'>): Pick<Cause, 'means' | 'doNext' | 'see'> {
  return { means: sentence(text), ...(todo !== undefined && { doNext: `${todo}.` }), see: PAGE }
}

/** Attempts at a notification as links. What goes wrong in the same way as before is not explained again. */
export function attemptCauses(attempts: readonly Attempt[]): readonly Cause[] {
  return attempts.map((attempt, index) => attemptCause(attempt, attempts[index - 1]?.error === attempt.error))
}

function attemptCause(attempt: Attempt, again: boolean): Cause {
  const { number, at, replay, status, error } = attempt
  const name = replay ? 'Sent again by hand' : `Attempt ${number}`
  const why = again ? undefined : whyAttempt(attempt)
  return {
    what: `${name}: ${error ?? `the webhook answered ${status ?? '?'}`}`,
    when: isoTime(at),
    ...(status !== undefined && { code: status }),
    ...(why !== undefined && { means: why }),
  }
}
