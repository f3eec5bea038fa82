/** Why a participant, an invitee or an operation is as it is. */
import { awaitsRecorder } from '../calls/conversation.ts'
import type { Identity } from '../calls/identity.ts'
import type { Invitation } from '../calls/invitation.ts'
import type { Operation } from '../calls/operation.ts'
import { isInvite, isMedia } from '../calls/operation.ts'
import { isoTime } from '../runtime.ts'
import type { Cause, Explanation } from './explanation.ts'
import { askedCause, deciderCause, distinct, endCauses, eventCause, meaning } from './explanation.ts'
import type { Happening, History } from './history.ts'
import { happenings } from './history.ts'
import { nameOf, outcomeOf, reasonClause } from './why.ts'

type OwnEvent = Happening & { readonly event: { readonly participantId: string } }

/** Explains somebody who is, was or was to be in a conversation; undefined if they never were. */
export function explainParticipant(id: string, history: History): Explanation | undefined {
  const own = history.entries.flatMap((entry) =>
    entry.events.flatMap((event): OwnEvent[] =>
      'participantId' in event && event.participantId === id ? [{ entry, event }] : [],
    ),
  )
  const caller = history.conversation?.participants.find((one) => one.id === id)
  const [first] = own
  if (!first) return caller ? explainCaller(id, caller, history) : undefined
  return {
    id,
    kind: 'participant',
    sentence: partySentence(id, own, history),
    causes: [askedCause(first.entry, history), ...own.flatMap((one) => partyCauses(one, history))],
  }
}

/** Somebody who calls an application, and waits for its answer. */
function explainCaller(
  id: string,
  { identity, state }: { readonly identity: Identity; readonly state: { readonly since: number } },
  history: History,
): Explanation {
  const [first] = history.entries
  return {
    id,
    kind: 'participant',
    sentence: `${nameOf(identity)} calls since ${isoTime(state.since)}, and waits for the application to answer.`,
    causes: first ? [askedCause(first, history), ...first.events.map((event) => eventCause(first, event))] : [],
  }
}

function partyCauses(one: OwnEvent, history: History): readonly Cause[] {
  const outcome = outcomeOf(one.event)
  return outcome ? endCauses(one, outcome.reason, history) : [eventCause(one.entry, one.event)]
}

function partySentence(id: string, own: readonly OwnEvent[], { conversation }: History): string {
  const last = own.at(-1)
  // Of a chain of fallbacks the first one was invited, and the newest one is or was reached.
  const names = own.flatMap(({ event }) => ('identity' in event ? [nameOf(event.identity)] : []))
  const [invited = id] = names
  const who = names.at(-1) ?? id
  const place = who === invited ? '' : ` in the place of ${invited}`
  const at = isoTime(last?.entry.at ?? 0)
  const outcome = last && outcomeOf(last.event)
  if (outcome) return `At ${at} ${outcome.what}, because ${reasonClause(outcome.reason)}.`
  const invitation = conversation?.invitations.find((one) => one.id === id)
  const isRecorded = conversation !== undefined && awaitsRecorder(conversation, id)
  if (invitation) return `${who} has not joined${place} yet: ${progress(invitation, isRecorded)}.`
  const state = conversation?.participants.find((one) => one.id === id)?.state
  if (state?.name === 'lobby') {
    return `${who} waits in the lobby${place} since ${isoTime(state.since)}, until ${isoTime(state.until)}.`
  }
  if (state?.name === 'held') return `${who} waits for a recorder since ${isoTime(state.since)}.`
  if (state) return `${who} is in the call${place} since ${isoTime(state.since)}.`
  return `${who}: what is remembered ends at ${at}.`
}

/** How far an invitation is, as a clause. */
export function progress({ state }: Invitation, isRecorded: boolean): string {
  const until = 'until' in state ? `, until ${isoTime(state.until)}` : ''
  const since = `since ${isoTime(state.since)}${until}`
  switch (state.name) {
    case 'ringing':
      return `it rings ${since}`
    case 'connecting':
      return `it was answered, and media is being connected ${since}`
    case 'lobby':
      return `it waits in the lobby ${since}`
    case 'held':
      return `it is there ${since}, and waits for ${isRecorded ? 'the application that has to record it' : 'the others of an invite for all or nobody'}`
    case 'moving':
      return `the call ${state.from.callId} is asked to let it go ${since}`
    case 'granted':
      return `it is on its way out of the call ${state.from.callId} ${since}`
    case 'waiting':
      return state.connected === true
        ? `its own call ${state.callId} is up, and waits for the others of an invite for all or nobody`
        : `its own call ${state.callId} waits for an answer ${since}`
  }
}

/** Explains a long-running operation; undefined if the conversation never had it. */
export function explainOperation(id: string, history: History): Explanation | undefined {
  const started = happenings(history, 'OperationStarted').find(({ event }) => event.operationId === id)
  const operation = history.conversation?.operations.find((one) => one.id === id)
  if (!started && !operation) return undefined
  const ended = happenings(history, 'OperationEnded').find(({ event }) => event.operationId === id)
  const invitees = inviteesOf(id, history, started)
  return {
    id,
    kind: 'operation',
    sentence: operationSentence(operation, started, ended, invitees),
    causes: [
      ...(started ? [askedCause(started.entry, history), eventCause(started.entry, started.event)] : []),
      // They were asked for by the same request.
      ...distinct(invitees.flatMap((one) => one.causes.slice(1))),
      ...(ended ? [eventCause(ended.entry, ended.event)] : []),
      ...(ended && invitees.length === 0 ? mediaCauses(ended, history) : []),
    ],
  }
}

/** Why media came to an end: who asked for it, if anybody did, and what the code means. */
function mediaCauses({ entry, event }: Happening<'OperationEnded'>, history: History): readonly Cause[] {
  return event.reasons.flatMap((reason) =>
    entry.requestId === undefined ? [meaning(reason)] : [deciderCause(entry, reason, history), meaning(reason)],
  )
}

/** Everybody whom an operation invites: as the conversation remembers it, else as the timeline tells of its beginning. */
function inviteesOf(
  id: string,
  history: History,
  started: Happening<'OperationStarted'> | undefined,
): readonly Explanation[] {
  const operation = history.conversation?.operations.find((one) => one.id === id)
  const named = operation && isInvite(operation) ? operation.invitees.map(({ participantId }) => participantId) : []
  const rung = (started?.entry.events ?? []).flatMap((event) =>
    event.type === 'InviteeRung' || event.type === 'MoveAsked' ? [event.participantId] : [],
  )
  const ids = named.length > 0 ? named : rung
  return ids.flatMap((participantId) => explainParticipant(participantId, history) ?? [])
}

function operationSentence(
  operation: Operation | undefined,
  started: Happening<'OperationStarted'> | undefined,
  ended: Happening<'OperationEnded'> | undefined,
  invitees: readonly Explanation[],
): string {
  const parts = invitees.map((one) => one.sentence).join(' ')
  const { type = 'operation' } = operation ?? {}
  if (!ended && operation && isMedia(operation) && operation.progress.name === 'queued') {
    return `The operation (${type}) waits for its turn since ${isoTime(operation.createdAt)}.`
  }
  if (!ended) return `The operation (${type}) is running since ${isoTime(started?.entry.at ?? 0)}. ${parts}`.trim()
  const at = isoTime(ended.entry.at)
  if (ended.event.status === 'completed') return `The operation (${type}) was completed at ${at}.`
  return `The operation (${type}) failed at ${at}: ${ended.event.reasons.map(reasonClause).join('; ')}.`
}
