/** Why things came about as they did, in sentences: one for each failing event, refusal, notification and attempt. */
import type { Command } from '../calls/commands.ts'
import type { Event } from '../calls/events.ts'
import type { Identity } from '../calls/identity.ts'
import type { EndReason, ReasonName } from '../calls/reasons.ts'
import { endReasons, reasonText } from '../calls/reasons.ts'
import { errorCode } from '../codes/codes.ts'
import { deliveryFault } from '../codes/delivery-faults.ts'
import type { Config } from '../config.ts'
import type { JournalEntry } from '../http/journal.ts'
import { backOff } from '../notifications/back-off.ts'
import { isoTime } from '../runtime.ts'
import type { Attempt, Delivery, TimelineEntry } from '../store/store.ts'
import type { History } from './history.ts'

/** The deadlines that end something, by the reason that they give. */
const DEADLINES: Partial<Record<ReasonName, keyof Config>> = {
  'callee-no-answer': 'ringTimeout',
  'pstn-no-answer': 'ringTimeout',
  'callee-setup-timeout': 'setupTimeout',
  'lobby-timeout': 'lobbyTimeout',
  'answer-timeout': 'answerTimeout',
  'callback-unreachable': 'answerTimeout',
  'recorder-no-answer': 'recordingAnswerTimeout',
  'recorder-bad-answer': 'recordingAnswerTimeout',
  'keepalive-timeout': 'keepAliveTimeout',
  'call-ended': 'maxCallDuration',
}

/** What a ring time-out of the invite's own ends in. */
const RINGING: ReadonlySet<ReasonName> = new Set(['callee-no-answer', 'pstn-no-answer', 'answer-timeout'])

/** Somebody's name, as people know it. */
export function nameOf({ displayName, id }: Identity): string {
  return displayName ?? id
}

/** A reason as a clause with its codes. */
export function reasonClause(reason: EndReason): string {
  const { code, subcode } = endReasons[reason.name]
  return `${reasonText(reason)} (${code}/${subcode})`
}

/** What became of somebody or something, for an event that tells of an end; undefined for any other. */
export function outcomeOf(event: Event): { readonly what: string; readonly reason: EndReason } | undefined {
  switch (event.type) {
    case 'InviteeFailed':
      return { what: `${nameOf(event.identity)} did not join`, reason: event.reason }
    case 'RecorderFailed':
      return { what: `${nameOf(event.identity)} got, or kept, no recorder of ${event.policy}`, reason: event.reason }
    case 'FallbackSkipped':
      return { what: `${nameOf(event.identity)} was not rung as a fallback`, reason: event.reason }
    case 'ParticipantLeft':
      return { what: `${nameOf(event.identity)} is out of the call`, reason: event.reason }
    case 'CallStateChanged':
      return event.reason && { what: 'the call ended', reason: event.reason }
    case 'MoveRefused':
      return { what: 'nobody was let go to the call that invited', reason: event.reason }
    case 'OperationEnded': {
      const [reason] = event.reasons
      return event.status === 'failed' && reason ? { what: 'the operation failed', reason } : undefined
    }
    default:
      return undefined
  }
}

/** Why an event came about, in one sentence, if it tells of an end or a failure. */
export function whyEvent(event: Event, entry: TimelineEntry, history: Pick<History, 'request'>): string | undefined {
  if (event.type === 'IncomingUndelivered') return `The incoming call was not delivered: ${event.detail}.`
  const outcome = outcomeOf(event)
  if (!outcome) return undefined
  const because = `because ${reasonClause(outcome.reason)}; ${deciderOf(entry, outcome.reason, history)}.`
  // A name stays as it is written.
  return `${'identity' in event ? outcome.what : capital(outcome.what)}, ${because}`
}

/** What decided: a request, a deadline, somebody's script, a webhook, another conversation. A clause. */
export function deciderOf(entry: TimelineEntry, { name }: EndReason, history: Pick<History, 'request'>): string {
  const { command, requestId, by } = entry
  if (requestId !== undefined) return `decided by a request: ${requestClause(entry, history)}`
  if (command === 'Wake') {
    const own = entry.events.find((event) => event.type === 'InviteeFailed' && event.reason.name === name)
    if (own?.type === 'InviteeFailed' && own.ringTimeout !== undefined && RINGING.has(name)) {
      return `a deadline had come: rollcall.ringTimeout of the invite, ${own.ringTimeout / 1000} s`
    }
    const isRedirect = entry.events.some((event) => event.type === 'CallStateChanged' && event.from === 'redirecting')
    if (isRedirect && RINGING.has(name)) return 'a deadline had come: timeout of the redirect'
    const option = DEADLINES[name]
    return option === undefined ? 'a deadline had come' : `a deadline had come: option ${option}`
  }
  if (command === 'IncomingUndelivered') return 'decided by what the webhook answered, or that it did not'
  if (command.startsWith('Move')) {
    return 'decided between the two conversations of the move (replacesCallId, or a transfer out of a group)'
  }
  if (command === 'JoiningAnswered') return "decided by what the recorder's webhook answered, or that it did not"
  if (name === 'redirected') return 'whoever it was redirected to took the call'
  if (by?.type === 'endpoint') return `the script of ${concerned(entry)} says so`
  if (by?.type === 'conversation') return 'decided by the directory and the rules of calls, before anybody was rung'
  return `decided while ${command} was carried out`
}

/** Whom a report of an endpoint was about. */
function concerned({ events }: TimelineEntry): string {
  const about = events.find((event) => 'identity' in event)
  return about && 'identity' in about ? nameOf(about.identity) : 'whoever was rung or connected'
}

/** What happens by itself, without a request, by the command that it becomes. */
const OCCASIONS: { readonly [Type in Command['type']]?: string } = {
  LegRinging: 'somebody is being rung',
  LegAnswered: 'somebody picked up',
  LegConnected: "somebody's media came up",
  LegFailed: 'somebody could not be reached, or said no',
  LegLeft: 'somebody hung up',
  TonePressed: 'somebody pressed a key',
  CallConnected: "the application's media came up",
  CallMediaChanged: "the application's own media came, or was lost",
  CallMediaFailed: "the application's own media did not come",
  Admit: 'a script lets its person in from the lobby',
  MediaEnded: 'a prompt, recording or tone ended',
  ServiceReady: 'something that was asked of the service is ready',
  IncomingUndelivered: 'an incoming call was not delivered',
  IncomingDelivered: 'an incoming call was delivered',
  JoiningAnswered: 'a recorder answered whether it records one more person',
  Wake: 'a deadline had come',
  Resumed: 'the server started again',
}

/** What brought a decision about that nobody requested, as a clause. */
export function occasionOf(command: string): string {
  const known = OCCASIONS[command as Command['type']]
  return known ?? (command.startsWith('Move') ? 'two conversations pass somebody on' : command)
}

/** The request that an entry came from, as a clause; of a forgotten one, what the store knows. */
export function requestClause(
  { command, requestId, by }: TimelineEntry,
  { request }: Pick<History, 'request'>,
): string {
  const asked = request(requestId)
  const who = by?.type === 'application' ? ` by application ${by.appId}` : ''
  if (asked) return `${asked.method} ${asked.url}${who}`
  const forgotten = requestId === undefined ? '' : ` (request ${requestId}, which the journal has forgotten)`
  return `${command}${who}${forgotten}`
}

/** Why a request was refused, in one sentence; undefined if it was not. */
export function whyRequest({ status, code, explanation }: JournalEntry): string | undefined {
  if (status < 400) return undefined
  const row = code === undefined ? undefined : errorCode(code)
  const what = `Refused with ${status}${code === undefined ? '' : `/${code}`}`
  const means = row ? `${what}, because ${row.text}.` : `${what}.`
  return explanation === undefined ? means : `${means} ${explanation}`
}

/** Why one attempt did not bring its notification there, and what can be done; undefined if it did. */
export function whyAttempt({ error, status, url }: Attempt): string | undefined {
  if (error === undefined) return undefined
  return `${sentence(`${error}, at ${url}`)} ${attemptRemedy(status, error)}.`
}

function attemptRemedy(status: number | undefined, error: string): string {
  const [, fault = ''] = /\(([A-Z_]+)\)$/.exec(error) ?? []
  const known = deliveryFault(fault)
  if (known) return known.todo
  if (status === 410) return '410 says that the webhook wants no more: answer 2xx to get notifications'
  if (status === 401 || status === 403)
    return 'Make the bot accept the tokens of this server (docs/reference/tokens.md)'
  if (status === 404 || status === 405) return 'Correct the path in callbackUri or notificationUrl'
  if (status !== undefined) return 'Only 2xx counts as delivered: see the log of the bot'
  return 'Let the bot answer at once, and do what takes long afterwards'
}

/** How far a notification is, and why, in one sentence. */
export function whyDelivery(
  delivery: Delivery,
  history: Pick<History, 'deliveries' | 'attempts'>,
  config: Pick<Config, 'deliveryRetryLimit' | 'deliveryGiveUp'>,
): string {
  const own = (history.attempts.get(delivery.id) ?? []).filter(({ replay }) => !replay)
  const last = own.at(-1)
  const name = `Notification ${delivery.notification.number} (${aboutOf(delivery)})`
  const settled = delivery.settledAt === undefined ? '' : ` at ${isoTime(delivery.settledAt)}`
  if (delivery.state === 'delivered') return `${name} was delivered${settled}${laterAttempts(own)}.`
  if (delivery.state === 'dead') {
    const rule = last?.status === 410 ? '410 means that it wants no more' : 'it was tried for as long as deliveryGiveUp'
    return `${name} was given up${settled} after ${attemptCount(delivery.attempts)}: ${last?.error ?? '?'}; ${rule}.`
  }
  if (last?.error !== undefined) {
    const next = isoTime(last.at + backOff(last.number, config.deliveryRetryLimit))
    return `${name} is owed: ${attemptCount(delivery.attempts)} failed, the last because ${last.error}; the next is due at ${next}.`
  }
  return `${name} is owed, and ${whatItAwaits(delivery, history)}.`
}

/** What a delivery is about, such as `updated call established`. */
export function aboutOf({ notification: { changeType, subject } }: Delivery): string {
  return `${changeType} ${subject.type === 'call' ? `call ${subject.phase}` : subject.type}`
}

function attemptCount(count: number): string {
  return count === 1 ? '1 attempt' : `${count} attempts`
}

function laterAttempts(attempts: readonly Attempt[]): string {
  const failed = attempts.findLast(({ error }) => error !== undefined)
  if (!failed) return ''
  return `, at attempt ${attempts.at(-1)?.number ?? '?'}, because attempt ${failed.number} failed: ${failed.error ?? '?'}`
}

function whatItAwaits({ notification }: Delivery, { deliveries }: Pick<History, 'deliveries'>): string {
  const earlier = deliveries.find(
    ({ state, notification: other }) =>
      state === 'pending' && other.callId === notification.callId && other.number < notification.number,
  )
  if (earlier) {
    return `waits for notification ${earlier.notification.number} of the same call, which must leave first`
  }
  const { after } = notification
  if (after) return `waits for the first attempt at notification ${after.number} of call ${after.callId}`
  return 'is about to be sent'
}

/** A clause as a sentence. */
export function sentence(clause: string): string {
  return `${capital(clause)}${/[.!?]$/.test(clause) ? '' : '.'}`
}

function capital(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`
}
