/** Why a call or a conversation is as it is, and where each of its notifications stands. */
import type { Call } from '../calls/call.ts'
import type { Conversation } from '../calls/conversation.ts'
import { awaitsRecorder } from '../calls/conversation.ts'
import type { ReasonName } from '../calls/reasons.ts'
import { isoTime } from '../runtime.ts'
import type { Delivery } from '../store/store.ts'
import type { Cause, Explanation, Standing } from './explanation.ts'
import { MOST_LINKS, askedCause, attemptCauses, deciderCause, endCauses, eventCause, meaning } from './explanation.ts'
import { progress } from './explain-party.ts'
import type { Happening, History } from './history.ts'
import { happenings } from './history.ts'
import type { ControlParts } from './parts.ts'
import { aboutOf, nameOf, reasonClause, whyDelivery } from './why.ts'

type Step = Happening<'CallStateChanged'>

/** Explains a call; undefined if the conversation never had it. */
export function explainCall(
  id: string,
  history: History,
  { config }: Pick<ControlParts, 'config'>,
): Explanation | undefined {
  const created = happenings(history, 'CallCreated').find(({ event }) => event.callId === id)
  const call = history.conversation?.calls.find((one) => one.id === id)
  if (!created && !call) return undefined
  const steps = happenings(history, 'CallStateChanged').filter(({ event }) => event.callId === id)
  const owed = history.deliveries.filter(({ notification }) => notification.callId === id)
  return {
    id,
    kind: 'call',
    sentence: callSentence(call, steps, history.conversation, created),
    causes: [
      ...(created ? [askedCause(created.entry, history), eventCause(created.entry, created.event)] : []),
      ...steps.flatMap((step) => stepCauses(step, history)),
    ],
    notifications: standings(owed, history, config),
  }
}

function stepCauses({ entry, event }: Step, history: History): readonly Cause[] {
  const { reason } = event
  if (!reason)
    return event.to === 'established' ? [...failedTransfer({ entry, event }, history)] : [eventCause(entry, event)]
  return [
    ...leadingTo(reason.name, event.callId, entry.order, history),
    ...endCauses({ entry, event }, reason, history),
  ]
}

/** A call that is established, perhaps again: then whoever did not come to take it over is told of, and why. */
function failedTransfer({ entry, event }: Step, history: History): readonly Cause[] {
  if (!event.from?.startsWith('transfer')) return [eventCause(entry, event)]
  const failure = entry.events.find((one) => one.type === 'InviteeFailed')
  const shown = history.conversation?.calls.find((one) => one.id === event.callId)?.state
  const last = shown?.name === 'established' && shown.since === entry.at ? shown.transferFailure : undefined
  return [
    ...(failure ? [eventCause(entry, failure), deciderCause(entry, failure.reason, history)] : []),
    eventCause(entry, event),
    ...(last ? [meaning(last.reason)] : []),
  ]
}

/** What a call waited for in vain before its end: the last keepAlive, or the attempts at announcing it. */
function leadingTo(name: ReasonName, callId: string, end: number, history: History): readonly Cause[] {
  if (name === 'keepalive-timeout') {
    const last = happenings(history, 'KeptAlive').findLast(({ event }) => event.callId === callId)
    if (!last) return [{ what: 'it was never kept alive' }]
    return [{ what: `kept alive for the last time, until ${isoTime(last.event.until)}`, when: isoTime(last.entry.at) }]
  }
  if (name !== 'callback-unreachable') return []
  const first = history.deliveries.find(({ notification }) => notification.callId === callId)
  return attemptCauses((history.attempts.get(first?.id ?? '') ?? []).filter(({ order }) => order < end))
}

function callSentence(
  call: Call | undefined,
  steps: readonly Step[],
  conversation: Conversation | undefined,
  created: Happening<'CallCreated'> | undefined,
): string {
  const last = steps.at(-1)
  const at = last ?? created
  const since = isoTime(at?.entry.at ?? call?.createdAt ?? 0)
  if (last?.event.reason) return `The call ended at ${since}, because ${reasonClause(last.event.reason)}.`
  const state = call?.state
  switch (state?.name) {
    case 'incoming': {
      const trouble = state.undelivered === undefined ? '' : `; its notification is not delivered: ${state.undelivered}`
      return `The call waits since ${since} for the application to answer it, until ${isoTime(state.answerBy)}${trouble}.`
    }
    case 'establishing': {
      const rung = conversation ? beingRung(conversation, call?.id) : []
      if (rung.length > 0) return `The call is establishing since ${since}: ${rung.join(', ')}.`
      return `The call is establishing since ${since}: the application's media is being connected.`
    }
    case 'established': {
      const { transferFailure, keepAliveBy } = state
      const waits = conversation?.participants.find((one) => one.id === call?.participantId)?.state
      const lobby = waits?.name === 'lobby' ? `, and waits in the lobby until ${isoTime(waits.until)}` : ''
      const failure = transferFailure ? `; ${reasonClause(transferFailure.reason)}` : ''
      return `The call is established since ${since}${lobby}${failure}; it ends at ${isoTime(keepAliveBy)} unless it is kept alive.`
    }
    case 'redirecting':
    case 'transferring':
    case 'transferAccepted': {
      if ('out' in state && state.out) {
        const { transferee, target, conversationId } = state.out
        const who = `${nameOf(transferee.identity)} is to meet ${nameOf(target.identity)}`
        return `The call is ${state.name} since ${since}: ${who} in the conversation ${conversationId}.`
      }
      const rung = conversation ? beingRung(conversation, call?.id) : []
      const doing = rung.length > 0 ? rung.join(', ') : 'its sides are being connected'
      return `The call is ${state.name} since ${since}: ${doing}.`
    }
    case 'terminated':
      return `The call ended at ${isoTime(state.at)}, because ${reasonClause(state.reason)}.`
    case undefined:
      return `The call is ${last?.event.to ?? 'new'} since ${since}.`
  }
}

function beingRung(conversation: Conversation, callId: string | undefined): readonly string[] {
  return conversation.invitations
    .filter(({ purpose }) => 'callId' in purpose && purpose.callId === callId)
    .map((invitation) => {
      const { id, identity, state } = invitation
      if (state.name === 'held') return `${nameOf(identity)}: ${progress(invitation, awaitsRecorder(conversation, id))}`
      const until = 'until' in state && state.until !== undefined ? `, until ${isoTime(state.until)}` : ''
      return `${nameOf(identity)} is ${state.name}${until}`
    })
}

/** Explains a conversation as a whole: each of its calls, and all notifications that are owed. */
export function explainConversation(history: History, parts: Pick<ControlParts, 'config'>): Explanation {
  const { id, conversation } = history
  const calls = happenings(history, 'CallCreated').map(({ event }) => explainCall(event.callId, history, parts))
  const ended = happenings(history, 'ConversationEnded').at(-1)
  const mode = conversation?.mode ?? 'forgotten'
  const endedAt = conversation?.endedAt ?? (conversation ? undefined : ended?.entry.at)
  return {
    id,
    kind: 'conversation',
    sentence:
      endedAt === undefined
        ? `The conversation (${mode}) is live, since ${isoTime(conversation?.createdAt ?? 0)}.`
        : `The conversation (${mode}) ended at ${isoTime(endedAt)}, when its last call was over.`,
    causes: calls.flatMap((call) =>
      call ? [{ what: `call ${call.id}: ${call.sentence}`, see: `/control/explain/${call.id}` }, ...call.causes] : [],
    ),
    notifications: standings(history.deliveries, history, parts.config),
  }
}

const URGENCY = { dead: 0, pending: 1, delivered: 2 } as const

/** Where notifications stand: first those that did not arrive, the newest of those that did. */
function standings(
  deliveries: readonly Delivery[],
  history: History,
  config: ControlParts['config'],
): readonly Standing[] {
  const failed = deliveries.filter(({ state }) => state !== 'delivered')
  const rest = Math.max(MOST_LINKS - failed.length, 0)
  const delivered = deliveries.filter(({ state }) => state === 'delivered')
  return [...failed.slice(0, MOST_LINKS), ...(rest > 0 ? delivered.slice(-rest) : [])]
    .toSorted((a, b) => URGENCY[a.state] - URGENCY[b.state] || a.order - b.order)
    .map((delivery) => ({
      id: delivery.id,
      callId: delivery.notification.callId,
      number: delivery.notification.number,
      about: aboutOf(delivery),
      callbackUri: delivery.notification.callbackUri,
      state: delivery.state,
      why: whyDelivery(delivery, history, config),
    }))
}
