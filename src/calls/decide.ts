/**
 * The one place where a conversation changes: what a command does to it, as a value. Pure and synchronous; it never waits,
 * never asks the time, and never throws for a caller's mistake.
 */
import { answer, incomingDelivery, keepAlive, reject } from './answer.ts'
import type { Command } from './commands.ts'
import type { Conversation } from './conversation.ts'
import { conversationOf, createCall, joinMeeting, meetingOf, personCalls } from './create.ts'
import type { Decision, Rules } from './draft.ts'
import { Draft, Refusal } from './draft.ts'
import type { CallError } from './errors.ts'
import { invite } from './invite.ts'
import { admit, callConnected, legAnswered, legConnected, legFailed, legLeft, personJoins } from './join.ts'
import { hangUp, removeParticipant } from './leave.ts'
import { moveAsked, moveCancelled, moveDone, moveGranted, moveQueried, moveRefused } from './move.ts'
import { resumed, wake } from './time.ts'

/** What comes of a command: a decision, or the reason why it is refused. */
export type Result =
  { readonly ok: true; readonly decision: Decision } | { readonly ok: false; readonly error: CallError }

/**
 * Decides one command.
 *
 * @param before the conversation as committed, or undefined if there is none by that id
 * @param now milliseconds since the epoch
 */
export function decide(before: Conversation | undefined, command: Command, now: number, rules: Rules): Result {
  const start = begin(before, command, now, rules)
  if (!start) return { ok: false, error: { name: 'callNotFound' } }
  const draft = new Draft(start, now, rules)
  try {
    apply(draft, command)
  } catch (refusal) {
    if (refusal instanceof Refusal) return { ok: false, error: refusal.error }
    throw refusal
  }
  return { ok: true, decision: draft.finish() }
}

function begin(
  before: Conversation | undefined,
  command: Command,
  now: number,
  rules: Rules,
): Conversation | undefined {
  switch (command.type) {
    case 'CreateCall':
    case 'PersonCalls':
      return conversationOf(command, now, rules)
    case 'JoinMeeting':
      return meetingOf(command, before, now, rules)
    default:
      return before
  }
}

function apply(draft: Draft, command: Command): void {
  switch (command.type) {
    case 'CreateCall':
      return createCall(draft, command)
    case 'JoinMeeting':
      return joinMeeting(draft, command)
    case 'PersonCalls':
      return personCalls(draft, command)
    case 'PersonJoins':
      return personJoins(draft, command)
    case 'Answer':
      return answer(draft, command)
    case 'Reject':
      return reject(draft, command)
    case 'KeepAlive':
      return keepAlive(draft, command)
    case 'HangUp':
      return hangUp(draft, command)
    case 'Invite':
      return invite(draft, command)
    case 'RemoveParticipant':
      return removeParticipant(draft, command)
    case 'Admit':
      return admit(draft, command)
    case 'LegAnswered':
      return legAnswered(draft, command)
    case 'LegConnected':
      return legConnected(draft, command)
    case 'LegFailed':
      return legFailed(draft, command)
    case 'LegLeft':
      return legLeft(draft, command)
    case 'CallConnected':
      return callConnected(draft, command)
    case 'MoveAsked':
      return moveAsked(draft, command)
    case 'MoveGranted':
      return moveGranted(draft, command)
    case 'MoveRefused':
      return moveRefused(draft, command)
    case 'MoveDone':
      return moveDone(draft, command)
    case 'MoveCancelled':
      return moveCancelled(draft, command)
    case 'MoveQueried':
      return moveQueried(draft, command)
    case 'IncomingUndelivered':
    case 'IncomingDelivered':
      return incomingDelivery(draft, command)
    case 'Wake':
      return wake(draft)
    case 'Resumed':
      return resumed(draft)
  }
}
