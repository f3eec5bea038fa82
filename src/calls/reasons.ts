/**
 * Why a leg, an invitation or a call ended: one table for the whole product. A reason's name is what scripts, the
 * timeline and the documentation say; its code and subcode are what a bot reads in `resultInfo`.
 */
import { callReasons } from './call-reasons.ts'
import { legReasons } from './leg-reasons.ts'
import { mediaReasons } from './media-reasons.ts'
import type { ReasonRow } from './reason-row.ts'
import { recorderReasons } from './recorder-reasons.ts'

/**
 * Every reason, by name. A new one is a row in `leg-reasons.ts`, `call-reasons.ts`, `recorder-reasons.ts` or `media-reasons.ts`:
 * its type asks for all that the pages, the answers and `rollcall explain` say of it.
 */
export const endReasons = { ...legReasons, ...callReasons, ...recorderReasons, ...mediaReasons } as const

/** Those for which a leg or a call can end: what a script may say. */
export const partyReasons = { ...legReasons, ...callReasons } as const

/** The name of a reason. */
export type ReasonName = keyof typeof endReasons

/** Why something ended: a row of the table, with the particulars of this case. */
export interface EndReason {
  readonly name: ReasonName
  /** A sentence about this case; without it the table's clause is used. */
  readonly detail?: string
}

/** Graph's `resultInfo`. */
export interface ResultInfo {
  readonly code: number
  readonly subcode: number
  readonly message: string
}

/** What went wrong at a person's or phone's end, in words that hold for both. */
export type LegFailure = 'busy' | 'declined' | 'noAnswer' | 'offline' | 'unreachable'

const FAILURES: Record<LegFailure, Record<'user' | 'phone', ReasonName>> = {
  busy: { user: 'callee-busy', phone: 'pstn-busy' },
  declined: { user: 'callee-declined', phone: 'pstn-declined' },
  noAnswer: { user: 'callee-no-answer', phone: 'pstn-no-answer' },
  offline: { user: 'callee-offline', phone: 'callee-offline' },
  unreachable: { user: 'callee-unreachable', phone: 'callee-unreachable' },
}

/** The published reason for a failure at a user's or a phone's end. */
export function failureReason(failure: LegFailure, kind: 'user' | 'phone'): EndReason {
  return { name: FAILURES[failure][kind] }
}

/** What happened, as a clause: the particulars if there are any, else the table's text. */
export function reasonText(reason: EndReason): string {
  return reason.detail ?? endReasons[reason.name].text
}

/** The tail that every message of the real service carries; PSTN provisioning has a code of its own (contract: invite, rule 7). */
function diagCode(name: ReasonName): string {
  if (name === 'pstn-not-provisioned') return 'DiagCode: 412#10073.@'
  const { code, subcode } = endReasons[name]
  return `DiagCode: ${code}#${subcode}.@`
}

/** The `resultInfo` of something that ended for `reason`. */
export function resultInfo(reason: EndReason): ResultInfo {
  const { code, subcode, message }: ReasonRow = endReasons[reason.name]
  if (message !== undefined && reason.detail === undefined) return { code, subcode, message }
  const text = reasonText(reason)
  return { code, subcode, message: `${text[0]?.toUpperCase()}${text.slice(1)}. ${diagCode(reason.name)}` }
}
