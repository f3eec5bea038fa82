/**
 * Why a leg, an invitation or a call ended: one table for the whole product. A reason's name is what scripts, the
 * timeline and the documentation say; its code and subcode are what a bot reads in `resultInfo`.
 */

/** One row of the table. */
export interface ReasonRow {
  /** `resultInfo.code`, an HTTP-like or SIP-like number. */
  readonly code: number
  /** `resultInfo.subcode`. */
  readonly subcode: number
  /** A clause that completes "the call ended because ..." or "... did not join because ...". */
  readonly text: string
}

/** Every reason, by name. */
export const endReasons = {
  'callee-busy': { code: 486, subcode: 8539, text: 'the user is busy' },
  'callee-busy-everywhere': { code: 600, subcode: 8540, text: 'the user is busy on every device' },
  'pstn-busy': { code: 486, subcode: 560486, text: 'the number is busy' },
  'callee-no-answer': { code: 487, subcode: 10004, text: 'the user did not answer in time' },
  'pstn-no-answer': { code: 480, subcode: 560480, text: 'the phone was not picked up in time' },
  'pstn-timeout': { code: 408, subcode: 560408, text: 'the telephone network did not answer in time' },
  'callee-declined': { code: 603, subcode: 8538, text: 'the user declined' },
  'callee-declined-everywhere': { code: 487, subcode: 10024, text: 'the user declined on every device' },
  'pstn-declined': { code: 603, subcode: 560603, text: 'the carrier or the called party rejected the call' },
  'callee-offline': { code: 480, subcode: 10037, text: 'no device of theirs is signed in' },
  'callee-unreachable': { code: 480, subcode: 10076, text: 'their device cannot be reached' },
  'callee-not-routable': { code: 480, subcode: 10134, text: 'there is no route to the callee' },
  'private-calling-disabled': { code: 480, subcode: 10199, text: 'a policy bars the user from private calls' },
  'number-blocked': { code: 403, subcode: 560403, text: 'the number is blocked' },
  'caller-id-refused': { code: 403, subcode: 510403, text: 'the trunk refused the caller id' },
  'invalid-number': { code: 484, subcode: 560484, text: 'the number is incomplete' },
  'number-not-found': { code: 404, subcode: 560404, text: 'the number is not assigned' },
  'pstn-not-provisioned': {
    code: 412,
    subcode: 9999,
    text: 'the application has no application instance with a phone number',
  },
  'trunk-not-configured': { code: 403, subcode: 511532, text: 'no trunk is configured for the number' },
  'trunk-down': { code: 503, subcode: 560503, text: 'the trunk is down' },
  'trunk-error': { code: 500, subcode: 560500, text: 'the trunk failed' },
  'accepted-elsewhere': { code: 487, subcode: 10003, text: 'another device took the call' },
  'caller-cancelled': { code: 487, subcode: 8542, text: 'the caller gave up before it was answered' },
  'callee-setup-timeout': { code: 408, subcode: 10057, text: 'it was answered, but the connection never came up' },
  'no-acknowledgement': { code: 408, subcode: 1106, text: 'the acceptance was not acknowledged' },
  'media-failed': { code: 410, subcode: 301004, text: 'media could not be connected' },
  'media-lost': { code: 410, subcode: 301005, text: 'the media connection was lost' },
  'bot-media-unreachable': { code: 500, subcode: 1005, text: "the application's media could not be reached" },
  'lobby-timeout': { code: 200, subcode: 5855, text: 'nobody admitted them from the lobby in time' },
  'replace-not-found': { code: 404, subcode: 10202, text: 'the call to be replaced was not found' },
  'replace-wrong-participant': { code: 400, subcode: 8523, text: 'the invitee is not on the call to be replaced' },
  'replace-not-established': { code: 400, subcode: 8501, text: 'the call to be replaced is not established' },
  'already-moving': { code: 409, subcode: 8519, text: 'another invitation is already moving them out of that call' },
  'keepalive-timeout': { code: 408, subcode: 8537, text: 'no keepAlive arrived in time' },
  'answer-timeout': { code: 408, subcode: 8587, text: 'the application did not answer the incoming call in time' },
  'callback-unreachable': {
    code: 503,
    subcode: 8610,
    text: 'the incoming call could not be delivered to the application',
  },
  'rejected-by-bot': { code: 603, subcode: 8538, text: 'the application rejected the call' },
  'busy-bot': { code: 486, subcode: 8539, text: 'the application rejected the call as busy' },
  'forbidden-by-bot': { code: 403, subcode: 8538, text: 'the application rejected the call as forbidden' },
  'ended-by-bot': { code: 200, subcode: 7000, text: 'the application ended the call' },
  'ended-by-peer': { code: 200, subcode: 4521, text: 'the other side of the peer-to-peer call ended it' },
  'ended-by-pstn-callee': { code: 200, subcode: 560000, text: 'the called phone hung up' },
  'ended-by-pstn-caller': { code: 200, subcode: 540000, text: 'the calling phone hung up' },
  'last-participant': { code: 200, subcode: 5010, text: 'nobody else was left in the call' },
  'nobody-joined': { code: 200, subcode: 5013, text: 'nobody joined the call' },
  kicked: { code: 200, subcode: 5300, text: 'another participant removed them' },
  'call-ended': { code: 200, subcode: 5003, text: 'the call reached its longest allowed duration' },
  moved: { code: 200, subcode: 7000, text: 'an invitation moved its participant into another call' },
  left: { code: 200, subcode: 4097, text: 'they left' },
} as const satisfies Record<string, ReasonRow>

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
  const { code, subcode } = endReasons[reason.name]
  const text = reasonText(reason)
  return { code, subcode, message: `${text[0]?.toUpperCase()}${text.slice(1)}. ${diagCode(reason.name)}` }
}
