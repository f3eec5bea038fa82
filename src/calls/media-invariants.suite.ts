/** What must hold of the media of calls after every decision. */
import assert from 'node:assert/strict'
import { isIn } from './call.ts'
import type { Command } from './commands.ts'
import type { Conversation } from './conversation.ts'
import type { Decision } from './draft.ts'
import type { Effect } from './effects.ts'
import type { MediaEffect } from './media.ts'
import type { MediaOperation, Operation } from './operation.ts'
import { isFinished, isHoldMusic, isMedia } from './operation.ts'

interface Step {
  readonly before: Conversation | undefined
  readonly command: Command
  readonly decision: Decision
}

/** Per call one task runs, the first of those that have not ended; whoever is on hold is there; tones have no gap. */
export function checkMedia({ before, command, decision }: Step, tones: Map<string, number>): void {
  const { conversation, notifications, effects } = decision
  for (const call of conversation.calls) {
    const { id, state, hold } = call
    const open = conversation.operations.filter((one) => one.callId === id && !isFinished(one))
    const queue = open.filter(isMedia)
    if (!isIn(call)) {
      assert.equal(queue.length + open.filter(isHoldMusic).length, 0, `media of the call ${id}, which is ${state.name}`)
      assert.equal(hold, undefined, `the call ${id} is ${state.name} and holds somebody`)
    }
    queue.forEach(({ id: operationId, progress }, index) => {
      assert.equal(progress.name, index === 0 ? 'running' : 'queued', `${operationId}, ${index} in the queue`)
    })
    for (const participantId of [...open.filter(isHoldMusic), ...(hold ? [hold] : [])].map(
      (one) => one.participantId,
    )) {
      const isThere = conversation.participants.some((one) => one.id === participantId)
      assert.ok(isThere, `the call ${id} holds ${participantId}, who is not there`)
    }
  }
  for (const { callId, subject } of notifications) {
    if (subject.type !== 'tone') continue
    assert.equal(subject.sequenceId, (tones.get(callId) ?? 0) + 1, `call ${callId}: the number of a tone`)
    tones.set(callId, subject.sequenceId)
  }
  for (const operation of conversation.operations) {
    if (isMedia(operation)) checkTask(operation, before?.operations, command, effects)
  }
}

/** A task is started once it runs, and stopped unless it has reported its own end. */
function checkTask(
  operation: MediaOperation,
  before: readonly Operation[] | undefined,
  command: Command,
  effects: readonly Effect[],
): void {
  const { id, progress } = operation
  const earlier = before?.find((one) => one.id === id)
  const ran = earlier !== undefined && isMedia(earlier) && earlier.progress.name === 'running'
  const has = (type: MediaEffect['type']): boolean =>
    effects.some((effect) => effect.type === type && 'operationId' in effect && effect.operationId === id)
  const isRunning = progress.name === 'running' && !isFinished(operation)
  if (isRunning && (!ran || command.type === 'Resumed')) assert.ok(has('StartMedia'), `${id} runs, and nobody does it`)
  const reported = command.type === 'MediaEnded' && command.operationId === id
  if (ran && !isFinished(earlier) && isFinished(operation)) {
    assert.equal(has('StopMedia'), !reported, `${id} has ended; reported: ${reported}`)
  }
}

export function isMediaEffect(effect: Effect): effect is MediaEffect {
  return /^(StartMedia|StopMedia|StartHoldMusic|StopHoldMusic|PrefetchMedia)$/.test(effect.type)
}

/** Whether an effect fits what has changed. */
export function isAptMedia(effect: MediaEffect, before: Conversation | undefined, after: Conversation): boolean {
  const operation = after.operations.find((one) => 'operationId' in effect && one.id === effect.operationId)
  const call = after.calls.find(({ id }) => id === effect.callId)
  switch (effect.type) {
    case 'StartMedia':
      return operation !== undefined && isMedia(operation) && !isFinished(operation)
    case 'StopMedia':
      return operation !== undefined && isMedia(operation) && isFinished(operation)
    case 'StartHoldMusic':
      return call?.hold?.participantId === effect.participantId
    case 'StopHoldMusic':
      // Whoever was being brought back may be on hold anew: a restart says the one again, and then the other.
      if (operation?.type === 'stopHoldMusic' && !isFinished(operation)) return true
      return before !== undefined && call?.hold?.participantId !== effect.participantId
    case 'PrefetchMedia':
      return call !== undefined && call.state.name !== 'terminated'
  }
}
