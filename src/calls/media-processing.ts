/**
 * What an application has its call play, record and press: one at a time, in the order of the requests (contract:
 * behaviour, operation state machine).
 *
 *     playPrompt, recordResponse, sendDtmfTones ──► queued ──► running ──the engine reports──► completed, failed
 *                                                     │           ├──stop tone─────────────► completed (a recording)
 *                                                     │           └──the call ends─────────► completed (a recording)
 *                                                     └──cancelled, barged in, the call ends► failed
 *
 * Tones are told as completed however they end; the reason says how.
 */
import type { Call } from './call.ts'
import type { CancelMediaProcessing, PlayPrompt, RecordResponse, SendDtmfTones } from './commands.ts'
import { liveCalls } from './conversation.ts'
import type { Draft } from './draft.ts'
import { refuse } from './draft.ts'
import { endHold, endHoldOperation, releaseDeparted, resumeHold } from './hold-music.ts'
import type { MediaEffect, MediaEnded, MediaOutcome } from './media.ts'
import type { MediaOperation } from './operation.ts'
import { isFinished, isHoldMusic, isMedia } from './operation.ts'
import { completeAtOnce, endOperation } from './outcome.ts'
import type { EndReason } from './reasons.ts'

const CANCELLED: EndReason = { name: 'media-cancelled' }
const DISPLACED: EndReason = {
  name: 'media-cancelled',
  detail: 'the operation was cancelled: a recording that may barge in pushed it aside',
}
const CALL_ENDED: EndReason = { name: 'media-cancelled', detail: 'the operation was cancelled: the call ended' }

const OPERATIONS = { PlayPrompt: 'playPrompt', RecordResponse: 'record', SendDtmfTones: 'sendDtmfTones' } as const

/** `playPrompt`, `recordResponse` and `sendDtmfTones`: queues the task; it starts at once if nothing is before it. */
export function processMedia(draft: Draft, command: PlayPrompt | RecordResponse | SendDtmfTones): void {
  const call = mediaCall(draft, command)
  const { operationId: id, clientContext, task } = command
  if (task.type === 'record' && task.bargeInAllowed) displace(draft, call)
  const limit = draft.rules.mediaQueueLimit
  if (queueOf(draft, call.id).length >= limit) refuse({ name: 'tooManyMediaOperations', limit })
  draft.addOperation({
    id,
    callId: call.id,
    type: OPERATIONS[command.type],
    ...(clientContext !== undefined && { clientContext }),
    createdAt: draft.now,
    state: { name: 'running' },
    task,
    progress: { name: 'queued' },
  })
}

/** The established call with service-hosted media that an application addresses. */
export function mediaCall(draft: Draft, command: { readonly callId: string; readonly appId: string }): Call {
  const call = draft.ownCall(command)
  const { state, mediaConfig } = call
  if (state.name !== 'established') return refuse({ name: 'callNotEstablished', state: state.name })
  if (mediaConfig.type !== 'serviceHosted') return refuse({ name: 'wrongMediaMode', mode: mediaConfig.type })
  return call
}

/** The operations of a call that wait for its media or have it, in order. */
function queueOf(draft: Draft, callId: string): readonly MediaOperation[] {
  return draft.conversation.operations.filter(
    (one): one is MediaOperation => one.callId === callId && isMedia(one) && !isFinished(one),
  )
}

/** Barge-in: prompts and recordings give way, those that wait too. Tones do not (contract: record response). */
function displace(draft: Draft, call: Call): void {
  for (const operation of queueOf(draft, call.id)) {
    if (operation.type !== 'sendDtmfTones') interrupt(draft, operation, DISPLACED)
  }
}

/** `cancelMediaProcessing`: ends what runs and what waits; the subscription to tones stays. */
export function cancelMediaProcessing(draft: Draft, command: CancelMediaProcessing): void {
  const { operationId: id, clientContext } = command
  const { id: callId } = mediaCall(draft, command)
  completeAtOnce(draft, {
    id,
    callId,
    type: 'cancelMediaProcessing',
    ...(clientContext !== undefined && { clientContext }),
  })
  for (const operation of queueOf(draft, callId)) interrupt(draft, operation, CANCELLED)
}

/** Ends an operation that has not come to its own end, and stops its task if it runs. */
function interrupt(draft: Draft, operation: MediaOperation, reason: EndReason): void {
  stopTask(draft, operation, 'cancelled')
  finish(draft, operation, { name: 'failed', reason })
}

function stopTask(
  draft: Draft,
  { callId, id: operationId, progress }: MediaOperation,
  cause: Extract<MediaEffect, { type: 'StopMedia' }>['cause'],
): void {
  if (progress.name === 'running') draft.effect({ type: 'StopMedia', callId, operationId, cause })
}

/** Ends an operation as its task ended. */
function finish(draft: Draft, operation: MediaOperation, outcome: MediaOutcome): void {
  const { now: at } = draft
  if (outcome.name === 'failed' && operation.type !== 'sendDtmfTones') {
    endOperation(draft, operation, { name: 'failed', at, reasons: [outcome.reason] })
  } else {
    endOperation(draft, operation, { name: 'completed', at, reason: outcome.reason ?? { name: 'media-completed' } })
  }
}

/** The media engine reports how something ended. What has ended already stays as it is. */
export function mediaEnded(draft: Draft, { operationId, outcome }: MediaEnded): void {
  const operation = draft.findOperation(operationId)
  if (!operation || isFinished(operation)) return
  if (isHoldMusic(operation)) endHoldOperation(draft, operation, outcome)
  else if (isMedia(operation) && operation.progress.name === 'running') finish(draft, operation, outcome)
}

/** A key was pressed: ends the recordings that name it among their stop tones. */
export function stopRecordings(draft: Draft, call: Call, tone: RecordResponse['task']['stopTones'][number]): void {
  for (const operation of queueOf(draft, call.id)) {
    const { task, progress } = operation
    if (task.type !== 'record' || progress.name !== 'running' || !task.stopTones.includes(tone)) continue
    stopTask(draft, operation, 'stopTone')
    finish(draft, operation, { name: 'completed', reason: { name: 'stop-tone' } })
  }
}

/**
 * A call ends, for whatever reason: each of its media operations ends before it. What was recorded so far is kept, and
 * its address is told.
 */
export function endMedia(draft: Draft, call: Call): void {
  for (const operation of queueOf(draft, call.id)) {
    if (operation.type === 'record' && operation.progress.name === 'running') {
      stopTask(draft, operation, 'callEnded')
      finish(draft, operation, { name: 'completed', reason: { name: 'record-call-ended' } })
    } else interrupt(draft, operation, CALL_ENDED)
  }
  endHold(draft, call.id, CALL_ENDED)
}

/** Media operations that nobody reported on in time end. */
export function expireMedia(draft: Draft): void {
  for (const operation of draft.conversation.operations) {
    if (isFinished(operation)) continue
    if (isHoldMusic(operation) && operation.until <= draft.now) {
      endHoldOperation(draft, operation, { name: 'failed', reason: { name: 'prompt-failed' } })
    } else if (isMedia(operation) && operation.progress.name === 'running') {
      const { until } = operation.progress
      const name = operation.type === 'playPrompt' ? 'prompt-failed' : 'media-receive-timeout'
      if (until !== undefined && until <= draft.now) interrupt(draft, operation, { name })
    }
  }
}

/** After every decision: whoever is on hold is still there, and a call whose media is free goes on to what waits. */
export function keepMediaGoing(draft: Draft): void {
  for (const call of liveCalls(draft.conversation)) {
    releaseDeparted(draft, call)
    const [next] = queueOf(draft, call.id)
    if (next?.progress.name === 'queued') start(draft, next)
  }
}

function start(draft: Draft, operation: MediaOperation): void {
  const { id: operationId, callId, task } = operation
  const { now: since, rules } = draft
  const isEndless = task.type === 'play' && task.loop
  const progress = { name: 'running', since, ...(!isEndless && { until: since + rules.mediaTimeout }) } as const
  draft.updateOperation({ ...operation, progress })
  draft.event({ type: 'MediaStarted', callId, operationId })
  draft.effect({ type: 'StartMedia', callId, operationId, task, since })
}

/** After a restart: tasks, hold music and prefetching are asked for again. */
export function resumeMedia(draft: Draft): void {
  for (const call of liveCalls(draft.conversation)) {
    prefetchMedia(draft, call)
    resumeHold(draft, call)
    for (const { id: operationId, callId, task, progress } of queueOf(draft, call.id)) {
      if (progress.name !== 'running') continue
      draft.effect({ type: 'StartMedia', callId, operationId, task, since: progress.since })
    }
  }
}

/** `preFetchMedia`: prompts that the application is going to use in this call. */
export function prefetchMedia(draft: Draft, { id: callId, mediaConfig }: Pick<Call, 'id' | 'mediaConfig'>): void {
  const media = mediaConfig.type === 'serviceHosted' ? (mediaConfig.preFetchMedia ?? []) : []
  if (media.length > 0) draft.effect({ type: 'PrefetchMedia', callId, media })
}
